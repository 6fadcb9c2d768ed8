"""Opens files as the program does, as far as it goes before something is computed. Each raises what it refuses by.

What a reader needs is imported when it is first used: the workers of those that need no torch have none.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diffviz.domain.errors import DiffvizError

if TYPE_CHECKING:
    from diffviz.domain.cards import Card
    from diffviz.session.session import Session


def card(path: Path) -> None:
    """A model's folder is found, its card read, and what its runs would cost planned."""
    from diffviz.domain.cards import find_cards, read_card
    from diffviz.domain.ideal import known_cards
    from diffviz.families import plan_of

    roots = (path.parent.parent,)
    find_cards(roots)
    cards, _ = known_cards(roots)
    read = read_card(path.parent)
    for request in _requests(read):
        with suppress(DiffvizError):
            plan_of(request, cards)


def _requests(read: Card) -> tuple[Any, ...]:
    from diffviz.domain.latent import Anchor, PathRequest
    from diffviz.domain.planar import PlanarRequest
    from diffviz.domain.requests import ReverseRequest

    anchor = Anchor(codes=((0.0,) * min(64, read.latent),))
    all_ = {
        "diffusion": ReverseRequest(model=read.id),
        "planar": PlanarRequest(model=read.id),
        "vae": PathRequest(model=read.id, anchors=(anchor, anchor)),
    }
    return tuple(request for family, request in all_.items() if family == read.family)


def record(path: Path) -> None:
    """A run inside an exported file: what it lacks here is said, and it is planned."""
    from diffviz.domain.provenance import differences, encoded, missing
    from diffviz.export.reading import has_record, read_record
    from diffviz.families import plan_of

    has_record(path)
    found = read_record(path)
    lacks = missing(found, cards())
    differences(found, cards())
    if not lacks:
        plan_of(found.request, cards())
    encoded(found)


@lru_cache(maxsize=1)
def cards() -> dict[str, Card]:
    """The models there are."""
    from tests.torture.cards import known

    return known()


def session(path: Path) -> None:
    """A session file is read, its frames with it, and taken into a session."""
    from diffviz.domain.export_settings import unwatched
    from diffviz.export import archive
    from diffviz.session.saving import load, reopen

    mine = _session()
    try:
        opened = load(archive.read(path), mine, unwatched)
        reopen(mine, opened)
    finally:
        mine.close()


def _session() -> Session:
    from diffviz.domain.store import Budget
    from diffviz.families import plan_of
    from diffviz.session.session import Session
    from tests.session.toys import FakeLink

    return Session(FakeLink(), plan_of, cards(), Budget(1 << 26))


def recovery(path: Path) -> None:
    """What an earlier program has left is found, and restored."""
    from diffviz.session.recovery import forget, left_behind

    found = left_behind(path.parent)
    for each in found:
        session(each)
        forget(each)


def settings(path: Path) -> None:
    """Settings are read, and the layout restored."""
    from PySide6.QtWidgets import QSplitter

    from diffviz.session.preferences import DEFAULTS, Preferences
    from tests.torture.program import application

    application()
    found = Preferences(path)
    values = {name: found[name] for name in DEFAULTS}
    if any(type(value) is not type(DEFAULTS[name]) for name, value in values.items()):
        raise TypeError(values)
    for name in ("window", "diffusion"):
        state, splitter = found.layout(name), QSplitter()
        if state is not None:
            splitter.restoreState(state)
            splitter.restoreGeometry(state)
    found["budget_mb"] = 128
    found.save()


def picture(path: Path) -> None:
    """A picture is decoded, cut, and brought to a model's size."""
    from diffviz.imaging import bright_ground, largest_crop, open_picture, pixels_of

    found = open_picture(path)
    bright_ground(found)
    pixels_of(found, largest_crop(found.size, 1.0), (28, 28))


def data_folder(path: Path) -> None:
    """Training data of the folder that `path` lies in, or in a class of."""
    from diffviz.engine.datasets import load

    root = path.parent if path.parent.name == "case" else path.parent.parent
    load(root)


def data_file(path: Path) -> None:
    """Training data in one file."""
    from diffviz.engine.datasets import load

    load(path)


def weights(path: Path) -> None:
    """The network of the model in the folder of `path`."""
    from diffviz.domain.cards import read_card
    from diffviz.engine.zoo import load_net

    load_net(read_card(path.parent))


def checkpoint(path: Path) -> None:
    """A training goes on from a checkpoint."""
    from diffviz.domain.errors import DataUnsuitable
    from diffviz.engine.training import TrainingLoop
    from diffviz.engine.training_state import read_metadata
    from diffviz.engine.training_tasks import task_for

    data = path.read_bytes()
    try:
        request = read_metadata(data).request
        if type(request).__name__ != "TrainPlanar":
            raise DataUnsuitable(path, "it is the checkpoint of another kind of model")
        TrainingLoop(task_for(request), data)
    except (ValueError, RuntimeError) as error:
        raise DataUnsuitable(path, str(error)) from error
