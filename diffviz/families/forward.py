"""The forward process: pictures that are noised."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from diffviz.domain.errors import NoSuchStep
from diffviz.domain.frames import ForwardFrame, Frame
from diffviz.domain.plan import Plan
from diffviz.domain.requests import ForwardRequest, Image
from diffviz.domain.schedules import ProcessSettings
from diffviz.families import diffusion, diffusion_plots
from diffviz.families.family import Cards, Family, Numbers, pixel_numbers
from diffviz.theory.processes import process_of


def schedule_of(request: ForwardRequest, cards: Cards) -> ProcessSettings:
    """What pictures are noised by: the request's own process, or its model's."""
    return request.schedule if request.model is None else diffusion.schedule_of_model(request, cards)


def plan(request: ForwardRequest, cards: Cards, parent: Plan | None) -> Plan:
    """The plan of `request`."""
    schedule = schedule_of(request, cards)
    process = process_of(schedule)
    positions = process.kept(request.steps)
    if not isinstance(request.start, Image):
        raise NoSuchStep(0)
    if request.model is not None:
        diffusion.check_class(request.label, cards[request.model])
    size = math.prod(request.start.shape) * len(request.start.sha256) * diffusion.FLOAT
    arrays = 2 + (request.path == "chain") + 2 * (request.model is not None)
    evaluations = len(positions) if request.model is not None else 0
    return Plan(0.0, process.T, positions, evaluations, arrays * size, schedule=schedule)


def numbers(frames: Sequence[Frame]) -> Numbers:
    """Those of x, and the mean loss of a network that looks on."""
    pixels = pixel_numbers(frames)

    def of(frame: Frame) -> dict[str, float]:
        loss = frame.arrays().get("loss")
        return {**pixels(frame), **({} if loss is None else {"loss": float(loss.mean(dtype=np.float64))})}

    return of


FAMILY = Family(
    name="forward",
    request=ForwardRequest,
    frame=ForwardFrame,
    plan=plan,
    schedule=schedule_of,
    frame_tag="ForwardFrame",
    alike=diffusion.pictures_alike,
    plots=diffusion_plots.plots,
    numbers=numbers,
)
