"""How figures are made of measured times."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence


def median_seconds(*calls: Callable[[], object], repeats: int = 15, warm: int = 2) -> list[float]:
    """Median seconds of each call."""
    return [sorted(taken)[len(taken) // 2] for taken in _taken(calls, repeats, warm)]


def best_seconds(*calls: Callable[[], object], repeats: int = 7, warm: int = 1) -> list[float]:
    """Least seconds of each call: without what other programs take away, as a difference of a few per cent needs."""
    return [min(taken) for taken in _taken(calls, repeats, warm)]


def _taken(calls: Sequence[Callable[[], object]], repeats: int, warm: int) -> list[list[float]]:
    """Seconds of each call, taken in turns so that a busy moment hits all alike."""
    for call in calls:
        for _ in range(warm):
            call()
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(repeats):
        for call, taken in zip(calls, times, strict=True):
            start = time.perf_counter()
            call()
            taken.append(time.perf_counter() - start)
    return times


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of `values` lie."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
