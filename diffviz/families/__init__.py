"""The kinds of runs: one module each, and the table of them.

Which panes a run has, in the window and in files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from diffviz.domain import errors, export_settings, latent
from diffviz.domain.arrays import F32
from diffviz.domain.frames import Frame
from diffviz.domain.gan import GanRequest
from diffviz.domain.objective import ObjectiveRequest
from diffviz.domain.panes import NOISY, SCALED_CAPTIONS, SCALED_SYMBOL, ExportPane, Pane, Role
from diffviz.domain.planar import PlanarRequest, scale_of
from diffviz.domain.requests import DEEPEST, ForwardRequest, Plan, Request, ReverseRequest, ancestry
from diffviz.domain.settings import check
from diffviz.families import forward, gan, objective, path, planar, reverse
from diffviz.families.family import Cards, Family, Numbers, Remarks, pixel_numbers
from diffviz.theory import processes, schedules

FAMILIES: dict[type[Request], Family] = {
    ReverseRequest: reverse.FAMILY,
    ForwardRequest: forward.FAMILY,
    latent.PathRequest: path.FAMILY,
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
        raise errors.ContinuesTooMany(DEEPEST)
    plan: Plan | None = None
    for each in reversed(line):
        plan = family_of(each).plan(each, cards, plan)
    assert plan is not None, "there is one request at least"
    return plan


def process_of(request: Request, cards: Cards) -> processes.Process | None:
    """The noising process that `request` runs on, its own or its model's; None where it has none.

    Raises `ModelNotFound`.
    """
    settings = family_of(request).schedule(request, cards)
    return processes.process_of(settings) if settings else None


def schedule_of(request: Request, cards: Cards) -> schedules.NoiseSchedule | None:
    """The noise schedule of `process_of`; None for a process without β too."""
    return processes.schedule_in(process_of(request, cards))


def panes_of(frame: Frame, *, step_noise: bool = False, scaled: bool = False) -> tuple[Pane, ...]:
    """The panes of `frame`'s run, in order; with `step_noise` a chain's ε_t instead of its combined ε̄_t.

    With `scaled` x_t is called what `scaled_values` makes of it. Empty for frames that are not images.
    """
    family = family_of_frame(type(frame))
    panes = family.pictures(frame, step_noise) if family else ()
    return tuple(map(_scaled, panes)) if scaled else panes


def remarks_of(frames: Sequence[Frame]) -> Remarks | None:
    """What is to be said of each frame of the run `frames`, in the order of computation; None where nothing is."""
    family = family_of_frame(type(frames[0])) if frames else None
    return family.remarks(frames) if family else None


def scale_at(frame: Frame) -> float:
    """√(α² + σ²) of `frame`, 1 where that is preserved or there is none."""
    return scale_of(getattr(frame, "alpha", 1.0), getattr(frame, "sigma", 0.0))


def scaled_values(frame: Frame, x: F32) -> F32:
    """`x` of `frame` divided by √(α² + σ²): of about the variance of data and noise at every t."""
    scale = scale_at(frame)
    return x if scale == 1.0 else x / np.float32(scale)


def _scaled(pane: Pane) -> Pane:
    if pane.role is not Role.NOISY:
        return pane
    return replace(pane, symbol=SCALED_SYMBOL, caption=SCALED_CAPTIONS[pane.caption])


def export_panes_of(frames: Sequence[Frame]) -> tuple[ExportPane, ...]:
    """The panes that the run `frames` (in the order of computation) can show; none for an empty run."""
    family = family_of_frame(type(frames[0])) if frames else None
    return family.panes_there(frames[0], family.panes) if family else ()


def shown_panes(
    frames: Sequence[Frame], settings: export_settings.ExportSettings, *, spreads: bool = False
) -> tuple[ExportPane, ...]:
    """The panes that `settings` ask for, of the run `frames`; its first where the usual one is asked for and missing.

    Where the process `spreads`, not preserving the variance, x_t is divided by √(α² + σ²), unless it is wanted raw.
    Raises `NotAChoice` for a pane that it does not have.
    """
    known = {pane.key: pane for pane in export_panes_of(frames)}
    wanted = settings.panes
    if wanted == export_settings.USUAL and known and wanted[0] not in known:
        wanted = tuple(known)[:1]
    unknown = [key for key in wanted if key not in known]
    if unknown or not wanted:
        raise errors.NotAChoice("panes", ", ".join(unknown), tuple(known))
    return tuple(known[key] if settings.raw else _export_scaled(known[key], spreads=spreads) for key in wanted)


def _export_scaled(pane: ExportPane, *, spreads: bool) -> ExportPane:
    """`pane`, where it shows x_t, with that divided by √(α² + σ²), and saying so where that is another than x_t."""
    if pane.drawing:
        return replace(pane, scaled=True)
    return replace(pane, scaled=True, label=SCALED_SYMBOL) if spreads and pane.label == NOISY.symbol else pane
