"""The objective of a diffusion model, term by term."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from diffviz.domain.cards import Card
from diffviz.domain.errors import ImageWrongSize, NoSuchStep
from diffviz.domain.objective import MOST_ROWS, OWN, ObjectiveFrame, ObjectiveRequest, told, with_own_classes
from diffviz.domain.plan import Plan
from diffviz.domain.plots import Plot, PlotData
from diffviz.domain.requests import NO_CLASS, Image
from diffviz.domain.text import tr
from diffviz.families import diffusion, diffusion_plots, objective_plots, words
from diffviz.families.family import Cards, Family, said
from diffviz.families.objective_plots import ObjectiveReader

ARRAYS = 7


def steps_of(request: ObjectiveRequest, timesteps: int) -> range:
    """The t whose terms are estimated, ascending."""
    return range(1, timesteps + 1, request.every)


def plan(request: ObjectiveRequest, cards: Cards, parent: Plan | None) -> Plan:
    """The plan of `request`. Raises `ImageWrongSize` and `ClassesUnknown` too."""
    card = diffusion.model_of(request, cards)
    if not isinstance(request.start, Image):
        raise NoSuchStep(0)
    if request.start.shape != card.pixels:
        raise ImageWrongSize(request.start.shape, card.pixels)
    pictures = len(request.start.sha256)
    for label in request.labels if request.label == OWN else (request.label,):
        diffusion.check_class(label, card)
    told(request, pictures, len(card.classes))
    steps = steps_of(request, card.timesteps)
    diffusion.check_signal(card, steps[-1], clip=request.clip)
    batches = math.ceil(request.draws / max(1, MOST_ROWS // max(1, pictures)))
    return Plan(
        0.0,
        float(card.timesteps),
        tuple(float(t) for t in steps),
        batches * len(steps),
        ARRAYS * pictures * diffusion.FLOAT,
        schedule=diffusion.trained_on(card),
    )


def command(request: ObjectiveRequest, cards: Cards) -> Sequence[str] | None:
    """All of it is said where its pictures are bundled."""
    found = words.pictures(request)
    if found is None:
        return None
    return "objective", "--model", request.model, *found, *words.options(request, cards.get(request.model))


def samples_of(request: ObjectiveRequest) -> int:
    """How many noisy pictures a network is handed at once."""
    pictures = max(1, len(request.start.sha256)) if isinstance(request.start, Image) else 1
    return pictures * min(request.draws, max(1, MOST_ROWS // pictures))


def fit(request: ObjectiveRequest, card: Card | None) -> ObjectiveRequest:
    """No class that the model does not know; each picture's own, where that is asked for."""
    conditional = card is not None and card.conditional
    label = request.label if conditional and words.known(request.label, card) else NO_CLASS
    dataset = str(card.dataset.get("name")) if card else ""
    return with_own_classes(dataclasses.replace(request, label=label), dataset)


def plots(data: PlotData) -> tuple[Plot, ...]:
    """The plots of the process, and those of the terms."""
    return (*diffusion_plots.plots(data), *objective_plots.plots(data))


FAMILY = Family(
    name="objective",
    request=ObjectiveRequest,
    frame=ObjectiveFrame,
    lab="diffusion",
    plan=plan,
    schedule=diffusion.schedule_of_model,
    samples=samples_of,
    describe=lambda request, cards: said(request, tr("Objective")),
    command=command,
    classes=(OWN,),
    fit=fit,
    plots=plots,
    reader=ObjectiveReader,
    numbers=objective_plots.numbers,
)
