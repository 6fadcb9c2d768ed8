"""Sample pictures of a card's data set, for labs and instruments, and which training pictures there are."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from diffviz.domain import samples
from diffviz.domain.arrays import F32
from diffviz.domain.cards import Card
from diffviz.domain.errors import DiffvizError
from diffviz.domain.panes import Role
from diffviz.domain.text import tr
from diffviz.families.panes import panes_of
from diffviz.ui.widgets.view import Shown


def material(card: Card) -> tuple[object, ...]:
    """What decides which pictures fit a model."""
    return str(card.dataset.get("name")), card.shape


def pictures_of(card: Card) -> samples.Dataset | None:
    """The sample pictures of the data that the model was trained on; None where there are none of its shape.

    Raises `DiffvizError` where they cannot be read.
    """
    name = str(card.dataset.get("name"))
    data = samples.load(name) if samples.has(name) else None
    return data if data is not None and data.shape == card.pixels else None


def data_of(card: Card | None) -> samples.Dataset | None:
    """The sample pictures of the data set of `card`'s model, where there are some of its size."""
    name = str(card.dataset.get("name", "")) if card else ""
    if card is None or not samples.has(name):
        return None
    try:
        data = samples.load(name)
    except DiffvizError:
        return None
    return data if data.images.shape[1:3] == card.shape[1:] else None


def pictures(data: samples.Dataset) -> F32:
    """All pictures of `data` as a network sees them: float32 (N, C, H, W) in −1 … 1, made once and read-only."""
    return _pictures(data.name)


@lru_cache(maxsize=2)
def _pictures(name: str) -> F32:
    images = samples.load(name).images
    images = images[..., None] if images.ndim == 3 else images
    made = images.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(127.5) - 1
    made.flags.writeable = False
    return made


def originals(shown: Shown, card: Card | None, most: int = 256) -> F32 | None:
    """x_0: the shown forward run's own pictures, else pictures of the data set; None where there are none."""
    first = shown.a.at(0.0) if shown.a else None
    if first is not None and first.position == 0 and any(pane.role is Role.ORIGINAL for pane in panes_of(first)):
        given: F32 = first.arrays()["x"]
        return given
    data = data_of(shown.card or card)
    return pictures(data)[:most] if data is not None else None


def training_pictures(count: int, trained: int) -> str:
    """`count` pictures of the `trained` ones that a network was trained on; 0 where that is not known."""
    if trained > count:
        return tr("{n} of the {all} training pictures").format(n=f"{count:,}", all=f"{trained:,}")
    if trained == count:
        return tr("all {n} training pictures").format(n=f"{count:,}")
    return tr("{n} training pictures").format(n=f"{count:,}")
