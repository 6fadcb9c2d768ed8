"""What is known of a run beside its frames, for the files that show it."""

from __future__ import annotations

from dataclasses import dataclass

from diffviz.domain.plots import Plot
from diffviz.domain.record import Record


@dataclass(frozen=True, slots=True, eq=False)
class RunInfo:
    """`plots` over the run's axis; `names` of its samples (already translated); `record` to open it again."""

    plots: tuple[Plot, ...] = ()
    names: tuple[str, ...] = ()
    record: Record | None = None


NOTHING = RunInfo()
