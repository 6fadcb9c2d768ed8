"""The figures of a GAN's training as columns: read from each frame once, also while thousands of them come in."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.gan import GanFrame, GanRequest
from diffviz.domain.gan_curves import covered, step_losses
from diffviz.domain.requests import Step
from diffviz.session.run import Run
from diffviz.ui.views.view import Shown

Floats = NDArray[np.float64]
SCALARS = (
    "accuracy_real",
    "accuracy_fake",
    "accuracy",
    "low",
    "high",
    "gradient",
    "tv",
    "js",
    "best",
    "quality",
    "covered",
)


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """`columns` by the name of a field of `GanFrame`, each (N,), at `positions` (N,), ascending.

    `loss_d` and `loss_g` (K,) stand at the training steps `steps` (K,), ascending. `modes` counts those of the data.
    """

    positions: Floats
    columns: dict[str, Floats]
    steps: Floats
    loss_d: Floats
    loss_g: Floats
    modes: int = 1


@dataclass(slots=True, eq=False)
class Record:
    """What has been read of one run."""

    count: int = 0
    modes: int = 1
    rows: list[tuple[float, ...]] = field(default_factory=list)
    frames: list[GanFrame] = field(default_factory=list)
    losses: list[Floats] = field(default_factory=list)
    last: float = -1.0

    def read(self, run: Run) -> None:
        """Read the frames of `run` that are new."""
        while self.count < len(run.store):
            frame = run.store[self.count]
            self.count += 1
            if isinstance(frame, GanFrame):
                self._take(frame)

    def figures(self, low: float, high: float = np.inf) -> Figures:
        """What was read between the positions `low` and `high`, that one left out."""
        rows = np.array(self.rows, np.float64).reshape(len(self.rows), len(SCALARS) + 1)
        rows = rows[np.argsort(rows[:, 0], kind="stable")]
        rows = rows[(rows[:, 0] >= low) & (rows[:, 0] < high)]
        losses = np.concatenate([np.empty((0, 3)), *self.losses])
        losses = losses[(losses[:, 0] > low) & (losses[:, 0] <= high)]
        columns = {name: rows[:, i + 1] for i, name in enumerate(SCALARS)}
        return Figures(rows[:, 0], columns, losses[:, 0], losses[:, 1], losses[:, 2], self.modes)

    def _take(self, frame: GanFrame) -> None:
        self.frames.append(slim(frame))
        values = {name: float(getattr(frame, name)) for name in SCALARS} | {"covered": covered(frame)}
        self.rows.append((frame.position, *values.values()))
        self.modes = max(1, len(frame.per_mode))
        losses = step_losses(frame)
        if len(losses):
            self.losses.append(losses[losses[:, 0] > self.last])
            self.last = frame.position


class History:
    """The figures of the shown run and of what it continues: the same object while no frame comes."""

    def __init__(self) -> None:
        self._records: dict[int, Record] = {}
        self._key: tuple[tuple[int, int], ...] = ()
        self._figures: Figures | None = None

    def __call__(self, shown: Shown) -> Figures | None:
        if shown.a is None or not isinstance(shown.a.request, GanRequest):
            return self._figures
        runs = lineage(shown.a)
        if not any(len(run.store) for run in runs):
            return None
        key = tuple((run.id, len(run.store)) for run in runs)
        if key != self._key:
            self._key, self._figures = key, self._read(runs)
        return self._figures

    def largest(self, shown: Shown) -> float:
        """The largest gradient that G has received, 0 where there was none."""
        figures = self(shown)
        gradients = figures.columns["gradient"] if figures is not None else np.empty(0)
        return float(np.nanmax(gradients)) if np.isfinite(gradients).any() else 0.0

    def frames(self, run: Run, until: float) -> list[GanFrame]:
        """What evaluations said up to `until`, of `run` and those that it continues, oldest first; see `slim`."""
        runs = lineage(run)
        ends = [*(begin_of(child) for child in runs[1:]), np.inf]
        found: list[GanFrame] = []
        for one, end in zip(runs, ends, strict=True):
            record = self._records.setdefault(one.id, Record())
            record.read(one)
            found += [f for f in record.frames if f.position < end and f.position <= until]
        return found

    def _read(self, runs: Sequence[Run]) -> Figures:
        """Figures of `runs`, each up to where the next one begins."""
        self._records = {run.id: self._records.get(run.id, Record()) for run in runs}
        for run in runs:
            self._records[run.id].read(run)
        begins = [runs[-1].plan.low, *(begin_of(run) for run in runs[1:])]
        ends = [*begins[1:], np.inf]
        parts = [self._records[run.id].figures(b, e) for run, b, e in zip(runs, begins, ends, strict=True)]
        return joined(parts)


def slim(frame: GanFrame) -> GanFrame:
    """`frame` without its samples and surfaces: what a verdict is made from, to be kept for thousands of frames."""
    return dataclasses.replace(
        frame,
        loss_d=NONE,
        loss_g=NONE,
        real=NONE,
        fake=NONE,
        d_real=frame.d_real.copy(),
        d_fake=frame.d_fake.copy(),
        per_mode=frame.per_mode.copy(),
        surface=None,
        density=None,
        arrows=None,
    )


NONE = np.empty(0, np.float32)


def lineage(run: Run) -> list[Run]:
    """`run` and those that it continues, the oldest first."""
    runs = [run]
    while runs[0].parent is not None and runs[0].parent not in runs and isinstance(runs[0].request.start, Step):
        runs.insert(0, runs[0].parent)
    return runs


def begin_of(run: Run) -> float:
    """The training step at which `run` begins."""
    return run.request.start.at if isinstance(run.request.start, Step) else 0.0


def joined(parts: Sequence[Figures]) -> Figures:
    """Figures one after the other."""

    def one(name: str) -> Floats:
        return np.concatenate([getattr(part, name) for part in parts])

    columns = {name: np.concatenate([part.columns[name] for part in parts]) for name in SCALARS}
    return Figures(one("positions"), columns, one("steps"), one("loss_d"), one("loss_g"), parts[-1].modes)
