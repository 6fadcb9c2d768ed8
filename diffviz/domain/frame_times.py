"""Which frames of a run an export writes, in which order, and how long each is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

from diffviz.domain.export_settings import ANIMATED, MOVING, ExportSettings

HUNDREDTHS, THOUSANDTHS = 1 / 100, 1 / 1000
UNITS: Mapping[str, float] = MappingProxyType({"gif": HUNDREDTHS, "apng": THOUSANDTHS, "webp": THOUSANDTHS})
"""Seconds that the times of a film of each format are whole multiples of; of others it is the time of one frame."""
SHORTEST_GIF = 2


def chosen(positions: Sequence[float], settings: ExportSettings) -> tuple[int, ...]:
    """Indices of the frames at `positions` (in the order of computation) that `settings` ask for, as they are shown."""
    if settings.format == "png":
        return (_nearest(positions, settings.at),) if positions else ()
    within = tuple(i for i, position in enumerate(positions) if settings.low <= position <= settings.high)
    if settings.format == "sheet":
        return _spread(within, settings.rows)
    return _ordered(_thinned(within, settings.every), settings)


def delays(count: int, settings: ExportSettings) -> list[int]:
    """How long each of `count` frames is shown, in whole units of the format, the holds included.

    They are rounded so that the whole keeps the frame rate: 30 a second are 3, 4, 3, 3, 4, 3 … hundredths.
    """
    unit, shortest = unit_of(settings), SHORTEST_GIF if settings.format == "gif" else 1
    ends = [round(i / unit / settings.fps) for i in range(count + 1)]
    times = [max(shortest, end - start) for start, end in pairwise(ends)]
    times[0] += round(settings.hold_first / unit)
    times[-1] += round(settings.hold / unit)
    return times


def seconds(count: int, settings: ExportSettings) -> float:
    """How long a film of `count` frames plays."""
    return sum(delays(count, settings)) * unit_of(settings)


def unit_of(settings: ExportSettings) -> float:
    """What the times of the frames are counted in, in seconds."""
    return UNITS.get(settings.format, 1 / settings.fps)


def _thinned(within: tuple[int, ...], every: int) -> tuple[int, ...]:
    kept = within[::every]
    return (*kept, within[-1]) if within and kept[-1] != within[-1] else kept


def _spread(within: tuple[int, ...], count: int) -> tuple[int, ...]:
    """`count` of `within`, evenly spaced, the ends included."""
    if len(within) <= count or count < 2:
        return within[-1:] if count < 2 else within
    return tuple(within[round(i * (len(within) - 1) / (count - 1))] for i in range(count))


def _ordered(kept: tuple[int, ...], settings: ExportSettings) -> tuple[int, ...]:
    if settings.format in MOVING and settings.order == "reversed":
        kept = kept[::-1]
    if settings.format in ANIMATED and settings.boomerang:
        kept = (*kept, *kept[-2:0:-1])
    return kept


def _nearest(positions: Sequence[float], at: float | None) -> int:
    last = len(positions) - 1
    return last if at is None else min(range(len(positions)), key=lambda i: abs(positions[i] - at))
