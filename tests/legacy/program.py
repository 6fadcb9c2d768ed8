"""Every way in which these tests enter the program, in one place.

Where the program renames a module, a class or a field, this file changes and nothing else in the folder: the files and
what is expected of them stay as they were written.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffviz import paths
from diffviz.cli import main
from diffviz.domain.cards import Card, read_card
from diffviz.domain.frames import Checkpoint, Frame
from diffviz.domain.ideal import known_cards
from diffviz.domain.messages import RunInputs
from diffviz.domain.requests import Request
from diffviz.domain.store import Budget
from diffviz.domain.tagged import from_json
from diffviz.engine.engine import LocalEngine
from diffviz.engine.zoo import load_net
from diffviz.export import archive
from diffviz.export.archive import SavedSession
from diffviz.export.reading import read_record
from diffviz.families import plan_of
from diffviz.session.preferences import Preferences
from diffviz.session.recovery import left_behind
from diffviz.session.run import Run
from diffviz.session.saving import load, open_recorded, reopen
from diffviz.session.session import Session
from tests.session.toys import FakeLink

FOLDER = Path(__file__).parent / "v0_1_0"
MODELS = FOLDER / "models"
TOLERANCE = 2e-3
"""Of arrays computed again, relative and absolute: single precision on another processor, by another torch."""

RENAMED: Mapping[str, str] = MappingProxyType({})
"""Fields of requests and frames by their name in 0.1.0, where they are called something else now."""

__all__ = [
    "FOLDER",
    "MODELS",
    "TOLERANCE",
    "Preferences",
    "command",
    "computed",
    "expected",
    "known",
    "left_behind",
    "load_net",
    "made_of",
    "materials",
    "opened_session",
    "opened_trace",
    "read_card",
    "read_record",
    "same_frames",
    "saved_session",
    "stored_arrays",
    "value",
]


def expected() -> Any:
    """What `make.py` wrote down of the files."""
    return json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


def made_of(raw: Any) -> Any:
    """The settings or the request that the JSON value `raw` stands for."""
    return from_json(raw)


def value(owner: object, name: str) -> Any:
    """What a request, a setting or a frame has in the field that 0.1.0 called `name`."""
    return getattr(owner, RENAMED.get(name, name))


def known() -> dict[str, Card]:
    """The models of 0.1.0 in this folder, those that ship, and the ideal denoisers."""
    cards, damaged = known_cards((MODELS, paths.models()))
    assert not damaged
    return cards


def computed(request: Request, given: RunInputs) -> list[Frame]:
    """The frames of `request`, on the CPU."""
    items = LocalEngine(known(), "cpu").frames(request, given)
    return [item for item in items if isinstance(item, Frame)]


def materials(saved: SavedSession, keyframe: Checkpoint | None = None) -> RunInputs:
    """What the requests of `saved` start from; a run that continues another may start at a `keyframe` of that."""
    images = {name: pixels for run in saved.runs for name, pixels in run.record.images.items()}
    return RunInputs(images, None, keyframe)


def saved_session(path: Path) -> SavedSession:
    """The session file `path`, its frames not yet read."""
    return archive.read(path)


@contextmanager
def opened_session(path: Path) -> Iterator[tuple[Session, tuple[str, ...]]]:
    """A session that the file `path` was opened in, as the window does it, and what was missing."""
    session = _session()
    opened = load(archive.read(path), session, lambda *_: None)
    reopen(session, opened)
    yield session, opened.problems
    session.close()


@contextmanager
def opened_trace(model: Path) -> Iterator[Run]:
    """The recorded training of the GAN in folder `model`."""
    session = _session()
    yield open_recorded(read_card(model), session, "gan/recorded")
    session.close()


def stored_arrays(path: Path, run: int) -> dict[str, NDArray[Any]]:
    """The fields of the frames of one run in the session file `path`, by numpy alone: an array over all frames each."""
    with zipfile.ZipFile(path) as file:
        names = [name for name in file.namelist() if name.startswith(f"runs/{run}/") and name.endswith(".npy")]
        found = {}
        for name in names:
            with file.open(name) as member:
                found[Path(name).stem] = np.load(member)
    return found


def same_frames(frames: list[Frame], stored: Mapping[str, NDArray[Any]], tolerance: float) -> None:
    """Assert that `frames` have the fields in `stored`, frame by frame.

    ε̂ follows from x and x̂0 by a division by σ, which enlarges what float32 rounds in them.
    """
    assert stored, "there are no frames to compare with"
    for name, column in stored.items():
        assert len(frames) == len(column)
        for frame, row in zip(frames, column, strict=True):
            loose = tolerance / max(value(frame, "sigma"), 0.1) if name == "eps" else tolerance
            np.testing.assert_allclose(value(frame, name), row, loose, loose, err_msg=name)


def command(*arguments: object) -> int:
    """Exit code of `diffviz` with `arguments`."""
    return main.main([str(argument) for argument in arguments])


def _session() -> Session:
    return Session(FakeLink(), plan_of, known(), Budget(1 << 28))
