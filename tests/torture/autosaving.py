"""An open program's autosave, of a session with one run."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from diffviz.domain.cards import Card
from diffviz.domain.errors import ExportFailed
from diffviz.domain.requests import Request
from diffviz.domain.store import Budget, FrameStore
from diffviz.families import plan_of
from diffviz.session.recovery import Autosave
from diffviz.session.session import Session
from tests.session.toys import FakeLink
from tests.torture import writers
from tests.torture.cards import known


@lru_cache(maxsize=1)
def _program(folder: Path) -> tuple[QCoreApplication, Session, Autosave]:
    application = QCoreApplication.instance() or QCoreApplication([])
    session = Session(FakeLink(), plan_of, _cards(), Budget())
    return application, session, Autosave(session, folder)


def prepare() -> None:
    """Load what does not belong to an autosave."""
    _cards()


@lru_cache(maxsize=1)
def _cards() -> dict[str, Card]:
    return known()


def autosaved(folder: Path, version: int) -> None:
    """Let the program that has `folder` for its recovery files keep `version`. Raises what the autosave ends with."""
    application, session, autosave = _program(folder)
    request: Request = writers.record(version).request
    store = FrameStore(session.budget)
    for frame in writers.frames(version):
        store.append(frame)
    for run in list(session.runs):
        session.remove(run)
    session.adopt(request, "diffusion/reverse", store)
    application.processEvents()
    autosave.flush()
    if isinstance(autosave.error, OSError):
        raise ExportFailed(folder, "other", str(autosave.error)) from autosave.error
    if autosave.error is not None:
        raise autosave.error
