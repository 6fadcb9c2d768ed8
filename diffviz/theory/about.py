"""What is known of a run beside its frames: its plots, the names of its samples, and the record to open it again."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import lru_cache
from importlib import metadata

from diffviz import __version__
from diffviz.domain.about import About
from diffviz.domain.cards import Card
from diffviz.domain.errors import DiffvizError
from diffviz.domain.messages import Pixels
from diffviz.domain.plots import Plot
from diffviz.domain.record import Record, images_of
from diffviz.domain.requests import Request, ReverseRequest, ancestry, labels_of
from diffviz.domain.text import tr
from diffviz.theory.plans import schedule_of
from diffviz.theory.plots import plots_of

LIBRARIES = ("numpy", "torch", "Pillow")


def about_of(request: Request, images: Mapping[str, Pixels], cards: Mapping[str, Card], device: str = "") -> About:
    """What is known of the run of `request`; `images` are pictures by SHA-256, `device` the kind that computed it."""
    return About(_plots(request, cards), _names(request, cards), record_of(request, images, cards, device))


def record_of(request: Request, images: Mapping[str, Pixels], cards: Mapping[str, Card], device: str = "") -> Record:
    """The record of the run of `request`, with those of `images` that it starts from."""
    used = [model for r in ancestry(request) if (model := getattr(r, "model", None))]
    models = {model: cards[model].sha256 for model in used if model in cards}
    wanted = {name: images[name] for name in images_of(request) if name in images}
    return Record(request, wanted, models, device if models else "", versions())


@lru_cache(maxsize=1)
def versions() -> Mapping[str, str]:
    """Versions of the program, of Python and of the libraries that compute; without importing any."""
    found = {"diffviz": __version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name.lower()] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _plots(request: Request, cards: Mapping[str, Card]) -> tuple[Plot, ...]:
    try:
        return plots_of(schedule_of(request, cards))
    except DiffvizError:
        return ()


def _names(request: Request, cards: Mapping[str, Card]) -> tuple[str, ...]:
    card = cards.get(getattr(request, "model", None) or "")
    if card is None or not isinstance(request, ReverseRequest):
        return ()
    try:
        labels = labels_of(request.label, request.samples, len(card.classes))
    except ValueError:
        return ()
    return tuple("" if label is None else tr(card.classes[label]) for label in labels)
