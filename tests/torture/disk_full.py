"""A disk that is full at every write: each writer meets a limit at every size, and a failure at each of its calls."""

from __future__ import annotations

import errno
import os
import random
import resource
import signal
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.torture.children import Report, in_child
from tests.torture.kills import LOST, kept
from tests.torture.state import Tally
from tests.torture.writers import ALL_WRITERS, Writer

STEP = 4096
"""Bytes from limit to limit: no buffer is smaller, so that every write meets one."""
CALLS = ("open", "os.rename", "os.mkdir")
WRITTEN, REFUSED, SILENT = "written", "refused", "silent"
KEPT = frozenset({".diffviz", ".lock"})
"""What an autosave leaves on purpose where its program ends without a word."""
MOST = 400


def fill_disk(name: str, tally: Tally, seed: int) -> None:
    """Let writer `name` fail in every way, in an order by `seed`, until the goal is reached or there is no other."""
    writer = ALL_WRITERS[name]
    cases = _cases(writer)
    random.Random(f"{seed} {name}").shuffle(cases)
    tally.limit(len(cases))
    while not tally.finished:
        case = cases[tally.done]
        with tempfile.TemporaryDirectory(prefix="diffviz-full-") as root:
            tally.count(_full(writer, Path(root), case, tally))
    tally.save()


def _cases(writer: Writer) -> list[Case]:
    """Every size and every call at which `writer` can fail."""
    with tempfile.TemporaryDirectory(prefix="diffviz-full-") as root:
        folder = Path(root)
        writer.read(folder)  # loads what it needs, for all children
        calls = int(in_child(partial(_count, writer, folder))[-1])
        largest = max((path.stat().st_size for path in folder.rglob("*") if path.is_file()), default=1)
    sizes = [Case("size", size) for size in range(0, largest, max(STEP, largest // MOST))]
    return [*sizes, *(Case("call", number) for number in range(calls))]


def _count(writer: Writer, folder: Path, report: Report) -> None:
    calls = Calls(None)
    writer.write(folder, 1)
    report(str(calls.seen))


def _full(writer: Writer, folder: Path, case: Case, tally: Tally) -> str:
    """The verdict on one failure of `writer`, which has written version 1 before."""
    in_child(lambda _: writer.write(folder, 1))
    before = set(folder.rglob("*"))
    said = in_child(partial(_try, writer, folder, case))[-1]
    found = in_child(lambda report: report(str(writer.read(folder))))[-1]
    left = [path.name for path in folder.rglob("*") if path not in before and path.suffix not in KEPT]
    wanted: dict[str, tuple[str, ...]] = {WRITTEN: ("2",), REFUSED: ("1",), SILENT: ("1", "2")}
    if found not in (wanted.get(said, ()) if writer.lasting or said not in wanted else ("0",)):
        tally.fault(f"{said}, then “{found}” ({case})", **kept(folder))
    elif left:
        tally.fault(f"{said}, and {', '.join(left)[:100]} is left ({case})")
    else:
        return said
    return LOST


def _try(writer: Writer, folder: Path, case: Case, report: Report) -> None:
    case.arrange()
    try:
        writer.write(folder, 2)
    except writer.refusals:
        report(REFUSED)
    else:
        report(WRITTEN if writer.says else SILENT)


@dataclass(frozen=True, slots=True)
class Case:
    """A failure of `kind`: "size", no file grows beyond `number` bytes; "call", no room from call `number` on."""

    kind: str
    number: int

    def arrange(self) -> None:
        """Let it happen to this process."""
        if self.kind == "call":
            Calls(self.number)
            return
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.number, self.number))


class Calls:
    """Counts the calls by which a file is made, flushed, moved; from number `fails` on they find no space."""

    def __init__(self, fails: int | None) -> None:
        self.seen = 0
        self._fails = fails
        self._fsync = os.fsync
        vars(os)["fsync"] = self._synced
        sys.addaudithook(self._on_audit)

    def _on_audit(self, event: str, args: tuple[Any, ...]) -> None:
        if event in CALLS and (event != "open" or _makes(args)):
            self._call()

    def _synced(self, handle: Any) -> None:
        self._call()
        self._fsync(handle)

    def _call(self) -> None:
        self.seen += 1
        if self._fails is not None and self.seen > self._fails:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _makes(args: tuple[Any, ...]) -> bool:
    """Whether an audited `open` makes a file of ours."""
    return isinstance(args[0], str | Path) and isinstance(args[2], int) and bool(args[2] & os.O_CREAT)
