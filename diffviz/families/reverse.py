"""The reverse process: a trained network that denoises, from noise or from a frame of another run."""

from __future__ import annotations

import math
from collections.abc import Sequence

from diffviz.domain.cards import Card
from diffviz.domain.frames import ReverseFrame
from diffviz.domain.plan import Plan
from diffviz.domain.requests import DIRECTIONS, ReverseRequest
from diffviz.families import diffusion, diffusion_plots
from diffviz.families.family import Cards, Family
from diffviz.theory.processes import process_of


def plan(request: ReverseRequest, cards: Cards, parent: Plan | None) -> Plan:
    """The plan of `request`."""
    card = diffusion.model_of(request, cards)
    schedule = diffusion.trained_on(card)
    diffusion.check_class(request.label, card)
    path = diffusion.visits_of(request, schedule, parent, DIRECTIONS)
    diffusion.check_signal(card, path[0], clip=request.clip)
    positions, high = thinned(path, request.every), process_of(schedule).T
    passes = 2 if guided(request, card) else 1
    size = math.prod(card.shape) * request.samples * diffusion.FLOAT
    count = passes * diffusion.evaluations_of(request, path, schedule)
    return Plan(0.0, high, positions, count, 3 * size, schedule=schedule, visited=path)


def thinned(path: Sequence[float], every: int) -> tuple[float, ...]:
    """Every n-th of `path`, and its last."""
    return tuple(t for i, t in enumerate(path) if i % every == 0 or i == len(path) - 1)


def guided(request: ReverseRequest, card: Card) -> bool:
    """Whether every step takes a second evaluation, without the class."""
    return card.conditional and request.label != "none" and request.guidance != 1.0


FAMILY = Family(
    name="reverse",
    request=ReverseRequest,
    frame=ReverseFrame,
    plan=plan,
    schedule=diffusion.schedule_of_model,
    frame_tag="ReverseFrame",
    alike=diffusion.pictures_alike,
    plots=diffusion_plots.plots,
)
