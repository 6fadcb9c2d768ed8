"""The campaign, shortened: each reader sees a few damaged files, a few writers are killed or find no room."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.torture.campaigns import PARTS, WHOLE, Order, run_part
from tests.torture.readers import READERS
from tests.torture.reading import damage_reader
from tests.torture.samples import Sample
from tests.torture.state import Tally, table, tally
from tests.torture.worker import Worker

FEW, TRIES = 20, 5
LEFT_OUT = frozenset({"weights", "architecture", "checkpoint", "picture", "data-npz", "data-idx", "data-folder"})
"""The workers of the first three load torch first."""


@pytest.mark.parametrize("name", [name for name in READERS if name not in LEFT_OUT])
def test_damaged_files_are_opened_or_refused_in_words(tmp_path: Path, name: str) -> None:
    mine = Tally(name, "files", tmp_path, FEW)
    damage_reader(name, mine, seed=7, shrink=False)
    assert mine.done == FEW
    assert mine.faults == []


@pytest.mark.parametrize("name", [name for name in READERS if name not in LEFT_OUT])
def test_what_is_damaged_was_good(name: str) -> None:
    with Worker(name) as worker:
        for sample in READERS[name].samples():
            if sample.target in sample.files:
                verdict = worker.open(sample.files, sample.target)
                assert verdict.kind == "opened", verdict


@pytest.mark.parametrize("name", ["kill-save", "disk-save", "disk-export-png"])
def test_writers_are_killed_and_find_no_room(tmp_path: Path, name: str) -> None:
    mine = run_part(name, Order(3, -(-WHOLE * TRIES // PARTS[name].whole), 0, tmp_path))
    assert mine.faults == []
    assert mine.done >= TRIES


class TestHarness:
    """What the campaign would notice: a test of it that cannot fail would be none."""

    def test_a_part_goes_on_where_it_was_left(self, tmp_path: Path) -> None:
        mine = tally(tmp_path, "x", "files", 10)
        mine.count("opened", 4)
        mine.fault("something", file=b"bytes")
        again = tally(tmp_path, "x", "files", 10)
        assert (again.done, again.verdicts, again.faults) == (4, {"opened": 4}, ["something"])
        assert (tmp_path / "faults" / "x-01" / "file").read_bytes() == b"bytes"
        assert "something" in table([again])

    def test_samples_are_whole(self) -> None:
        assert all(isinstance(sample, Sample) for sample in READERS["card"].samples())
