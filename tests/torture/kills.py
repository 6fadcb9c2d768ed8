"""Processes that are killed while they write: what was there before, or what was being written, is there whole."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

from tests.torture.children import Report, in_child
from tests.torture.state import Tally
from tests.torture.writers import WRITERS, Writer

OLD, NEW, LOST = "old one whole", "new one whole", "LOST"
SPREAD = 3.0
"""Moments are drawn from this many times what one writing takes."""


def kill_writer(name: str, tally: Tally, seed: int) -> None:
    """Kill writer `name` at random moments, until the goal is reached.

    A program that it has started, as for MP4, may write a moment longer: its temporary file then stays in the folder.
    """
    writer = WRITERS[name]
    while not tally.finished:
        rng = random.Random(f"{seed} {name} {tally.done}")
        with tempfile.TemporaryDirectory(prefix="diffviz-kill-", ignore_cleanup_errors=True) as root:
            writer.read(Path(root))  # loads what it needs, for all children
            tally.count(_killed(writer, Path(root), rng, tally))
    tally.save()


def _killed(writer: Writer, folder: Path, rng: random.Random, tally: Tally) -> str:
    """The verdict on one kill: version 1 is there, those after it are written until the end."""
    began = time.monotonic()
    in_child(lambda _: writer.write(folder, 1))
    taken = time.monotonic() - began

    def versions(report: Report) -> None:
        version = 2
        while True:
            writer.write(folder, version)
            report(str(version))
            version += 1

    written = in_child(versions, rng.uniform(0, SPREAD * taken))
    last = int(written[-1]) if written else 1
    found = in_child(lambda report: report(str(writer.read(folder))))[-1]
    left = sum(path.name.endswith(".part") for path in folder.rglob("*"))
    tally.notes["temporary files"] = str(left + int(tally.notes.get("temporary files", "0")))
    if found not in (str(last), str(last + 1)):
        tally.fault(f"“{found}” after version {last}", **kept(folder))
        return LOST
    return OLD if found == str(last) else NEW


def kept(folder: Path) -> dict[str, bytes]:
    """The files in `folder`, for whoever wants to see what went wrong."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files[:20]}
