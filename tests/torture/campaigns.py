"""The parts of the campaign, and how one is run in a process of its own."""

from __future__ import annotations

import faulthandler
import importlib
import multiprocessing
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType, TracebackType

from tests.torture.readers import READERS
from tests.torture.state import Tally, tally
from tests.torture.writers import ALL_WRITERS, WRITERS

WHOLE = 10_000
"""How many cases a reader has in a whole run; the other parts do the same share of theirs."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part: `whole` is what a whole run does of its `unit`, `work` ("module:function", and an argument) does it."""

    unit: str
    whole: int
    work: str


PARTS: Mapping[str, Part] = MappingProxyType(
    {
        **{f"read-{name}": Part("files", WHOLE, f"tests.torture.reading:damage_reader {name}") for name in READERS},
        **{f"kill-{name}": Part("moments", 200, f"tests.torture.kills:kill_writer {name}") for name in WRITERS},
        **{f"disk-{name}": Part("failures", 500, f"tests.torture.disk_full:fill_disk {name}") for name in ALL_WRITERS},
        "window": Part("openings", 200, "tests.torture.window:open_and_close"),
        "cancel": Part("cycles", 10_000, "tests.torture.window:start_and_cancel"),
        "engine": Part("moments", 400, "tests.torture.window:kill_engine"),
        "soak": Part("minutes", 120, "tests.torture.soak:soak"),
    }
)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done: `count` cases for each reader, `minutes` of soak, by `seed`, kept in `folder`."""

    seed: int
    count: int
    minutes: int
    folder: Path

    def tally(self, name: str) -> Tally:
        """How far part `name` is."""
        part = PARTS[name]
        goal = self.minutes if name == "soak" else max(1, part.whole * self.count // WHOLE)
        return tally(self.folder, name, part.unit, goal)


def run_part(name: str, order: Order) -> Tally:
    """Go on with part `name` in a process of its own until its goal is reached; the end of that process is a fault."""
    before = order.tally(name)
    if before.finished:
        return before
    process = multiprocessing.get_context("spawn").Process(target=_work, args=(name, order))
    process.start()
    process.join()
    after = order.tally(name)
    if process.exitcode:
        after.fault(f"the process of this part ended with code {process.exitcode} at {after.done}")
    return after


def _work(name: str, order: Order) -> None:
    with tempfile.TemporaryDirectory(prefix="diffviz-torture-") as home:
        os.environ["DIFFVIZ_HOME"] = home
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        sys.dont_write_bytecode = True  # it would be a write like any other
        mine = order.tally(name)
        order.folder.mkdir(parents=True, exist_ok=True)
        stacks = (order.folder / f"{name}.crash").open("a", encoding="utf-8")
        faulthandler.enable(stacks)
        sys.excepthook = partial(_unhandled, mine)
        try:
            _function(PARTS[name].work)(mine, order.seed)
        except Exception as error:
            mine.fault(f"{type(error).__name__}: {error}", traceback=traceback.format_exc().encode())
            raise
        finally:
            mine.save()
            stacks.close()
            if not Path(stacks.name).stat().st_size:
                Path(stacks.name).unlink()


def _unhandled(mine: Tally, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A traceback that nobody caught, in a slot of Qt: the program would print it and go on."""
    text = "".join(traceback.format_exception(kind, error, trace))
    where = traceback.extract_tb(trace)[-1] if trace else None
    place = f" in {Path(where.filename).name}, {where.name}" if where else ""
    mine.fault(f"unhandled {kind.__name__}: {str(error)[:200]}{place}", traceback=text.encode())


def _function(work: str) -> Callable[[Tally, int], None]:
    name, _, argument = work.partition(" ")
    module, function = name.split(":")
    found: Callable[..., None] = getattr(importlib.import_module(module), function)
    return partial(found, argument) if argument else found
