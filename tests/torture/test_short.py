"""The campaign, shortened: each reader sees a few damaged files, a few writers are killed or find no room."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import pytest

from diffviz.domain.errors import ModelDamaged, NotAChoice, OutOfRange
from diffviz.domain.objective import ObjectiveRequest
from diffviz.domain.requests import ForwardRequest, Image, ReverseRequest
from diffviz.families import plan_of
from tests.torture.campaigns import PARTS, WHOLE, Order, run_part
from tests.torture.cards import SHAPE, known
from tests.torture.damage import octets
from tests.torture.damage.arrays import PICKLES
from tests.torture.readers import READERS, Reader
from tests.torture.reading import damage_reader
from tests.torture.samples import Sample
from tests.torture.state import Tally, table, tally
from tests.torture.worker import CRASH, EXECUTED, MEMORY, OPENED, REFUSED, SPEECHLESS, TRACEBACK, Worker

FEW, TRIES = 20, 5
LEFT_OUT = frozenset({"weights", "architecture", "checkpoint"})
"""Their workers load torch first."""


@pytest.mark.parametrize("name", [name for name in READERS if name not in LEFT_OUT])
def test_damaged_files_are_opened_or_refused_in_words(tmp_path: Path, name: str) -> None:
    mine = Tally(name, "files", tmp_path, FEW)
    damage_reader(name, mine, seed=7, shrink=False)
    assert mine.done == FEW
    assert mine.faults == []


@pytest.mark.parametrize("name", ["kill-save", "disk-save", "disk-export-png"])
def test_writers_are_killed_and_find_no_room(tmp_path: Path, name: str) -> None:
    mine = run_part(name, Order(3, -(-WHOLE * TRIES // PARTS[name].whole), 0, tmp_path))
    assert mine.faults == []
    assert mine.done >= TRIES


def test_a_part_goes_on_where_it_was_left(tmp_path: Path) -> None:
    mine = tally(tmp_path, "x", "files", 10)
    mine.count("opened", 4)
    mine.fault("something", file=b"bytes")
    again = tally(tmp_path, "x", "files", 10)
    assert (again.done, again.verdicts, again.faults) == (4, {"opened": 4}, ["something"])
    assert (tmp_path / "faults" / "x-01" / "file").read_bytes() == b"bytes"
    assert "something" in table([again])


def _file() -> Iterable[Sample]:
    yield Sample({"file": b"good"}, "file", octets.damaged(b"good"))


def _open(path: Path) -> None:
    """A reader with every fault there is, each for files of another content."""
    match path.read_bytes():
        case b"traceback":
            raise ZeroDivisionError
        case b"elsewhere":
            (path.parent.parent / "canary").write_bytes(b"")
        case b"program":
            subprocess.run(["true"], check=True)
        case b"pickle":
            pickle.loads(PICKLES[0])
        case b"crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case b"memory":
            bytearray(64 << 20)
        case b"speechless":
            raise OutOfRange("steps", cast(float, "many"), 1, 4000)
        case b"words":
            raise ModelDamaged(path, "it is cut short")


@pytest.mark.parametrize("label", [7, -1, "cat"])
def test_a_class_that_a_model_has_not_is_refused_before_its_run(label: int | str) -> None:
    start = Image(("x",), SHAPE[1:])
    for request in (
        ReverseRequest(model="toy", label=label),
        ForwardRequest(model="toy", label=label, start=start),
        ObjectiveRequest(model="toy", label=label, start=start),
    ):
        with pytest.raises(NotAChoice):
            plan_of(request, known())


def test_every_fault_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the pickle that is one of the faults makes a file where it runs
    seen = {
        b"good": OPENED,
        b"words": REFUSED,
        b"traceback": TRACEBACK,
        b"elsewhere": EXECUTED,
        b"program": EXECUTED,
        b"pickle": EXECUTED,
        b"crash": CRASH,
        b"memory": MEMORY,
        b"speechless": SPEECHLESS,
    }
    with Worker(Reader(_file, _open, memory=32 << 20)) as worker:
        assert {data: worker.open({"file": data}, "file").kind for data in seen} == seen
