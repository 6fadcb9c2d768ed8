"""The objective of a diffusion model, term by term."""

from __future__ import annotations

import math

from diffviz.domain.errors import ImageWrongSize, NoSuchStep
from diffviz.domain.objective import MOST_ROWS, OWN, ObjectiveFrame, ObjectiveRequest, told
from diffviz.domain.plan import Plan
from diffviz.domain.plots import Plot, PlotData
from diffviz.domain.requests import Image
from diffviz.families import diffusion, diffusion_plots, objective_plots
from diffviz.families.family import Cards, Family
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


def plots(data: PlotData) -> tuple[Plot, ...]:
    """The plots of the process, and those of the terms."""
    return (*diffusion_plots.plots(data), *objective_plots.plots(data))


FAMILY = Family(
    name="objective",
    request=ObjectiveRequest,
    frame=ObjectiveFrame,
    plan=plan,
    schedule=diffusion.schedule_of_model,
    plots=plots,
    reader=ObjectiveReader,
    numbers=objective_plots.numbers,
)
