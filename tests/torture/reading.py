"""Damage to every reader: cases are drawn by hypothesis and opened in a worker; none may end but in one of two ways."""

from __future__ import annotations

from dataclasses import dataclass

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st

from tests.torture.readers import READERS
from tests.torture.samples import Sample
from tests.torture.state import Tally
from tests.torture.worker import TRACEBACK, Verdict, Worker

SLICE = 250
"""Cases that are drawn by one seed; a campaign that was stopped goes on with the next slice."""
MOST_KINDS = 12
"""Tracebacks of a slice that are made small; what comes after is counted as it is."""


def damage_reader(name: str, tally: Tally, seed: int, *, shrink: bool = True) -> None:
    """Open damaged files with reader `name` until the goal is reached.

    A traceback that is new is made as small as hypothesis can (with `shrink`), and kept; the slice is then drawn again.
    """
    samples = list(READERS[name].samples())
    while not tally.finished:
        with Worker(READERS[name]) as worker:
            slice_ = Slice(worker, samples, tally, MOST_KINDS if shrink else 0)
            number = seed * 1_000_003 + tally.done // SLICE
            while not slice_.drawn(number, min(SLICE, tally.goal - tally.done)):
                pass
            slice_.settle()
    tally.save()


@dataclass(frozen=True, slots=True, repr=False)
class Case:
    """A sample with `damaged` in the place of its target. It is too large to be shown."""

    sample: Sample
    damaged: bytes


class Slice:
    """Cases drawn from one seed. `drawn` is called until there is no traceback that is new."""

    def __init__(self, worker: Worker, samples: list[Sample], tally: Tally, most_kinds: int) -> None:
        self._worker, self._samples, self._tally, self._most_kinds = worker, samples, tally, most_kinds
        self._known: set[str] = set()
        self._counts: dict[str, int] = {}
        self._failed: tuple[Sample, bytes, Verdict] | None = None

    def drawn(self, seed: int, count: int) -> bool:
        """Draw and open `count` cases; False where a new traceback ended it early."""
        self._counts, self._failed = {}, None

        @hypothesis.seed(seed)
        @settings(
            max_examples=count,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
            report_multiple_bugs=False,
            verbosity=Verbosity.quiet,
        )
        @hypothesis.given(st.sampled_from(range(len(self._samples))).flatmap(self._damaged))
        def case(drawn: Case) -> None:
            self._open(drawn.sample, drawn.damaged)

        try:
            case()
        except _Found:
            self._keep()
            return False
        return True

    def settle(self) -> None:
        """Count the cases of the last round."""
        for kind, count in self._counts.items():
            self._tally.count(kind, count)

    def _damaged(self, number: int) -> st.SearchStrategy[Case]:
        sample = self._samples[number]
        return sample.damage.map(lambda damaged: Case(sample, damaged))

    def _open(self, sample: Sample, damaged: bytes) -> None:
        verdict = self._worker.open({**sample.files, sample.target: damaged}, sample.target)
        self._counts[verdict.kind] = self._counts.get(verdict.kind, 0) + 1
        line = f"{verdict.kind}: {verdict.where}"
        if verdict.good or line in self._known:
            return
        self._failed = sample, damaged, verdict
        if verdict.kind == TRACEBACK and len(self._known) < self._most_kinds:
            raise _Found(line)
        self._keep()

    def _keep(self) -> None:
        assert self._failed is not None, "there was a fault"
        sample, damaged, verdict = self._failed
        line = f"{verdict.kind}: {verdict.where}"
        self._known.add(line)
        self._tally.fault(line, details=verdict.details.encode(), **{sample.target: damaged})


class _Found(Exception):
    """A traceback that was not seen before."""
