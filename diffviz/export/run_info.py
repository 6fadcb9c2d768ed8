"""What is known of a run beside its frames, for files that show it: plots, names of samples, record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from diffviz.domain.arrays import U8
from diffviz.domain.cards import Card
from diffviz.domain.errors import DiffvizError
from diffviz.domain.latent import PathRequest
from diffviz.domain.plots import Plot
from diffviz.domain.provenance import Record, record_of
from diffviz.domain.requests import Request, ReverseRequest, labels_of
from diffviz.domain.text import tr
from diffviz.families import schedule_of
from diffviz.theory.plots import plots_of


@dataclass(frozen=True, slots=True, eq=False)
class RunInfo:
    """`plots` over the run's axis; `names` of its samples (already translated); `record` to open it again."""

    plots: tuple[Plot, ...] = ()
    names: tuple[str, ...] = ()
    record: Record | None = None


NOTHING = RunInfo()


def about_of(request: Request, images: Mapping[str, U8], cards: Mapping[str, Card], device: str = "") -> RunInfo:
    """What is known of the run of `request`; `images` are pictures by SHA-256, `device` the kind that computed it."""
    return RunInfo(_plots(request, cards), _names(request, cards), record_of(request, images, cards, device))


def _plots(request: Request, cards: Mapping[str, Card]) -> tuple[Plot, ...]:
    try:
        schedule = schedule_of(request, cards)
    except DiffvizError:
        return ()
    return plots_of(schedule) if schedule else ()


def _names(request: Request, cards: Mapping[str, Card]) -> tuple[str, ...]:
    if isinstance(request, PathRequest):
        return tuple(cards[model].name if model in cards else model for model in request.models)
    card = cards.get(getattr(request, "model", None) or "")
    if card is None or not isinstance(request, ReverseRequest):
        return ()
    try:
        labels = labels_of(request.label, request.samples, len(card.classes))
    except ValueError:
        return ()
    return tuple("" if label is None else tr(card.classes[label]) for label in labels)
