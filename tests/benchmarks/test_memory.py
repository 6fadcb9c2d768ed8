"""What frames cost in memory, and what becomes of those that do not fit."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from diffviz.domain.frames import ReverseFrame
from diffviz.domain.store import Budget, FrameStore
from tests.benchmarks.conftest import Table
from tests.benchmarks.figures import percentile

pytestmark = pytest.mark.bench

STEPS, READS = 1000, 300
NOISE = np.random.default_rng(0).standard_normal((16, 1, 28, 28), np.float32)
FRAMES_BYTES = (STEPS + 1) * 3 * NOISE.nbytes


def frames() -> Iterator[ReverseFrame]:
    for t in range(STEPS, -1, -1):
        yield ReverseFrame(float(t), 0.5, 0.5, 0.0, NOISE, NOISE, NOISE)


def filled(budget: Budget) -> FrameStore:
    store = FrameStore(budget)
    for frame in frames():
        store.append(frame)
    return store


def resident() -> int:
    """Bytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def test_a_thousand_steps_in_memory(table: Table) -> None:
    gc.collect()
    before = resident() if Path("/proc/self/statm").exists() else None
    store = filled(Budget())
    held = store.nbytes / FRAMES_BYTES
    table.add("1,000 steps of 16: bytes held over the frames' bytes", f"{held:.3f}", "at most 1.2", held <= 1.2)
    if before is not None:
        grown = (resident() - before) / FRAMES_BYTES
        table.add("  memory of the process that they take", f"{grown:.3f}", "at most 1.2", grown <= 1.2)
        assert grown <= 1.2
    assert held <= 1.2
    assert store.spilled == 0


def test_past_the_budget_into_a_file(table: Table, tmp_path: Path) -> None:
    store = filled(Budget(64 << 20, tmp_path))
    reads = []
    for i in range(READS):
        start = time.perf_counter()
        frame = store.nearest((i * 37) % STEPS)
        float(frame.arrays()["x"].sum())
        reads.append(1e3 * (time.perf_counter() - start))
    worst = percentile(reads, 0.99)
    table.add("past the budget: share of the frames in a file", f"{store.spilled / store.nbytes:.2f}")
    table.add("  reading a frame back, 99th percentile", f"{worst:.2f} ms", "below 16 ms", worst < 16)
    assert store.spilled > 0
    assert worst < 16
    store.clear()
    left = list(tmp_path.iterdir())
    table.add("  files left afterwards", str(len(left)), "none", not left)
    assert left == []
