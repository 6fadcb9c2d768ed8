"""Frame stores: nothing changes on the way in and out, memory is bounded, files vanish."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from diffviz.domain.arrays import F32
from diffviz.domain.frames import Frame
from diffviz.domain.store import CHUNK_BYTES, Budget, FrameStore


@dataclass(frozen=True, slots=True, eq=False)
class Toy(Frame):
    """A frame with two arrays of different shapes, a number and what this run lacks."""

    x: F32
    y: F32
    number: float = 0.0
    missing: F32 | None = None


def toy(i: int, size: int = 8) -> Toy:
    return Toy(float(i), np.full((2, size), i, np.float32), np.full(3, -i, np.float32), i / 2)


def filled(count: int, size: int = 8, budget: Budget | None = None) -> FrameStore:
    store = FrameStore(budget)
    fill(store, range(count), size)
    return store


def fill(store: FrameStore, numbers: Iterable[int], size: int) -> None:
    for i in numbers:
        store.append(toy(i, size))


def test_frames_come_back_as_they_went_in() -> None:
    store = filled(100, size=30_000)
    assert len(store._chunks) > 1
    for i, frame in enumerate(store):
        assert isinstance(frame, Toy)
        assert (frame.position, frame.number, frame.missing) == (i, i / 2, None)
        assert (frame.x == i).all()
        assert (frame.y == -i).all()


def test_arrays_are_read_only_copies() -> None:
    store, frame = FrameStore(), toy(1)
    store.append(frame)
    frame.x[:] = 9
    back = store[0].arrays()["x"]
    assert (back == 1).all()
    with pytest.raises(ValueError, match="read-only"):
        back[0] = 1


def test_nearest_in_any_order_of_computation() -> None:
    store = FrameStore()
    for position in (1000, 500, 750, 0):
        store.append(toy(position))
    assert [store.nearest(p).position for p in (-5, 249, 251, 620, 640, 9999)] == [0, 0, 500, 500, 750, 1000]
    assert list(store.positions()) == [0, 500, 750, 1000]
    assert store[-1].position == 0


def test_empty_store_has_no_nearest() -> None:
    with pytest.raises(IndexError):
        FrameStore().nearest(1)
    with pytest.raises(IndexError):
        FrameStore()[0]


def test_frames_of_another_shape_are_refused() -> None:
    store = filled(1)
    with pytest.raises(ValueError, match="does not match"):
        store.append(toy(1, size=9))


def test_memory_is_little_more_than_the_frames() -> None:
    store = filled(1000, size=16 * 28 * 28 // 2)
    frames = 1000 * toy(0, 16 * 28 * 28 // 2).nbytes
    assert frames <= store.nbytes <= 1.2 * frames


def test_past_the_budget_frames_go_to_files_that_vanish(tmp_path: Path) -> None:
    budget = Budget(2 * CHUNK_BYTES, tmp_path / "spill")
    store = filled(400, size=10_000, budget=budget)
    assert budget.used <= budget.limit
    assert store.spilled > 0
    assert all((frame.arrays()["x"] == i).all() for i, frame in enumerate(store))
    store.clear()
    gc.collect()
    assert budget.used == 0
    assert len(store) == 0
    assert list((tmp_path / "spill").iterdir()) == []


def test_two_stores_share_one_budget(tmp_path: Path) -> None:
    budget = Budget(3 * CHUNK_BYTES, tmp_path)
    stores = [filled(100, size=10_000, budget=budget) for _ in range(3)]
    assert budget.used <= budget.limit
    assert sum(store.spilled for store in stores) > 0


def test_many_blocks_take_few_file_descriptors(tmp_path: Path) -> None:
    before = open_files()
    store = filled(400, size=100_000, budget=Budget(0, tmp_path))
    assert store.spilled > 20 * CHUNK_BYTES
    assert open_files() - before <= 4
    store.clear()
    gc.collect()
    assert open_files() == before


def test_a_full_disk_is_an_error_and_no_crash(tmp_path: Path) -> None:
    """Memory over a sparse file that cannot grow would end the process when it is written."""
    store = filled(30, size=100_000, budget=Budget(CHUNK_BYTES, tmp_path))
    assert store.spilled > 0
    with largest_file(8 * CHUNK_BYTES), pytest.raises(OSError, match=re.escape(str(tmp_path))):
        fill(store, range(30, 400), 100_000)
    kept = len(store)
    assert 30 < kept < 400
    assert all((frame.arrays()["x"] == i).all() for i, frame in enumerate(store))
    fill(store, range(kept, kept + 100), 100_000)
    assert (store[-1].arrays()["x"] == kept + 99).all()


@contextmanager
def largest_file(nbytes: int) -> Iterator[None]:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (nbytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        filled(1, budget=Budget(0, tmp_path / "file" / "frames"))


def open_files() -> int:
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        pytest.skip("open files are counted on Linux")
    return len(list(folder.iterdir()))


def test_what_is_taken_anyway_counts_for_both_processes() -> None:
    counts = np.zeros(3, np.int64)
    here, there = Budget(100), Budget()
    here.share(counts, leads=True)
    there.share(counts, leads=False)
    assert there.take(60)
    assert here.take_anyway(40)
    assert not here.take_anyway(10)
    assert (here.used, there.used, counts.tolist()) == (50, 60, [50, 60, 100])
    assert not there.take(1)
    there.give_back(20)
    assert there.take(10)
