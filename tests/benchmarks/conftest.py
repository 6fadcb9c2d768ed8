"""The table that every benchmark adds its rows to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest


@dataclass
class Table:
    """Rows of what was measured, the figure, and what it should be."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, what: str, figure: str, aim: str = "") -> None:
        """Add a row."""
        self.rows.append((what, figure, aim))

    def __str__(self) -> str:
        width = max((len(what) for what, _, _ in self.rows), default=0)
        return "\n".join(f"{what:{width}}  {figure:>22}  {aim}" for what, figure, aim in self.rows)


@pytest.fixture(scope="session")
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    """The table of this run; printed at its end."""
    table = Table()
    yield table
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.write_line(f"\n\n{table}")


def median_seconds(*calls: Callable[[], object], repeats: int = 15, warm: int = 2) -> list[float]:
    """Median seconds of each call, taken in turns so that a busy moment hits all alike."""
    for call in calls:
        for _ in range(warm):
            call()
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(repeats):
        for call, taken in zip(calls, times, strict=True):
            start = time.perf_counter()
            call()
            taken.append(time.perf_counter() - start)
    return [sorted(taken)[len(taken) // 2] for taken in times]


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of `values` lie."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
