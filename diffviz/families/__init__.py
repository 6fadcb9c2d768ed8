"""The kinds of runs: one module each, and the table of them."""

from __future__ import annotations

from collections.abc import Sequence

from diffviz.domain.errors import ContinuesTooMany
from diffviz.domain.frames import Frame
from diffviz.domain.gan import GanRequest
from diffviz.domain.latent import PathRequest
from diffviz.domain.objective import ObjectiveRequest
from diffviz.domain.plan import Plan
from diffviz.domain.planar import PlanarRequest
from diffviz.domain.requests import DEEPEST, ForwardRequest, Request, ReverseRequest, ancestry
from diffviz.domain.settings import check
from diffviz.families import forward, gan, objective, path, planar, reverse
from diffviz.families.family import Cards, Family, Numbers, pixel_numbers
from diffviz.theory import processes
from diffviz.theory.processes import Process
from diffviz.theory.schedules import NoiseSchedule

FAMILIES: dict[type[Request], Family] = {
    ReverseRequest: reverse.FAMILY,
    ForwardRequest: forward.FAMILY,
    PathRequest: path.FAMILY,
    GanRequest: gan.FAMILY,
    ObjectiveRequest: objective.FAMILY,
    PlanarRequest: planar.FAMILY,
}


def family_of(request: Request | type[Request]) -> Family:
    """The family of `request`, or of a class of requests. Raises TypeError where it has none."""
    kind = request if isinstance(request, type) else type(request)
    if kind not in FAMILIES:
        raise TypeError(f"{kind.__name__} is of no family")
    return FAMILIES[kind]


def family_of_frame(kind: type[Frame]) -> Family | None:
    """The family whose runs have frames of class `kind`, None where there is none."""
    return next((family for family in FAMILIES.values() if family.frame is kind), None)


def numbers_of(frames: Sequence[Frame]) -> Numbers:
    """What a table says of each of `frames`, at least one of one run, beside the curves."""
    family = family_of_frame(type(frames[0]))
    return (family.numbers if family else pixel_numbers)(frames)


def plan_of(request: Request, cards: Cards) -> Plan:
    """The plan of `request`, made after those of the runs that it continues.

    Raises `ModelNotFound`, `OutOfRange`, `NotAChoice`, `NoSuchStep`, `ContinuesTooMany`, or what else the request of a
    family can have wrong with it.
    """
    check(request)  # those before were checked when they were asked for or read, and there may be many
    line = ancestry(request)
    if len(line) > DEEPEST:
        raise ContinuesTooMany(DEEPEST)
    plan: Plan | None = None
    for each in reversed(line):
        plan = family_of(each).plan(each, cards, plan)
    assert plan is not None, "there is one request at least"
    return plan


def process_of(request: Request, cards: Cards) -> Process | None:
    """The noising process that `request` runs on, its own or its model's; None where it has none.

    Raises `ModelNotFound`.
    """
    settings = family_of(request).schedule(request, cards)
    return processes.process_of(settings) if settings else None


def schedule_of(request: Request, cards: Cards) -> NoiseSchedule | None:
    """The noise schedule of `process_of`; None for a process without β too."""
    return processes.schedule_in(process_of(request, cards))
