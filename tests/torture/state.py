"""Tallies: how far each part of the campaign is and what it found, kept in a folder so that a run can be continued."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

SAVE_SECONDS = 5.0
MOST_FAULTS = 40
KEPT = ("name", "unit", "done", "seconds", "verdicts", "faults", "notes", "samples", "most")


@dataclass
class Tally:
    """One part: `done` of `goal` units, the `verdicts` by name, one line for each kind of fault, and notes.
    `most` is how many units there are, where that is known.

    What is kept for a fault beside its line lies in `folder`.
    """

    name: str
    unit: str
    folder: Path
    goal: int
    done: int = 0
    seconds: float = 0.0
    verdicts: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    samples: list[list[float]] = field(default_factory=list)
    most: int | None = None
    _since: float = field(default_factory=time.monotonic)
    _saved: float = 0.0

    @property
    def finished(self) -> bool:
        """Whether all that was asked for is done."""
        return self.done >= self.goal

    def limit(self, most: int | None) -> None:
        """There are no more than `most` units."""
        self.most = most
        self.goal = self.goal if most is None else min(self.goal, most)

    def count(self, verdict: str, units: int = 1) -> None:
        """Add `units` that ended with `verdict`; what is counted is on the disk a few seconds later."""
        self.verdicts[verdict] = self.verdicts.get(verdict, 0) + units
        self.done += units
        if time.monotonic() - self._saved > SAVE_SECONDS:
            self.save()

    def fault(self, line: str, **kept: bytes) -> None:
        """Remember a fault, once for each `line`, with files that show it."""
        if line in self.faults or len(self.faults) >= MOST_FAULTS:
            return
        self.faults.append(line)
        folder = self.folder / "faults" / f"{self.name}-{len(self.faults):02}"
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in kept.items():
            (folder / re.sub(r"[^\w.-]", "_", name)).write_bytes(data)
        (folder / "fault.txt").write_text(line + "\n", encoding="utf-8")
        self.save()

    def save(self) -> None:
        """Write it to its file, whole or not at all."""
        now = time.monotonic()
        self.seconds += now - self._since
        self._since = self._saved = now
        raw = {name: getattr(self, name) for name in KEPT}
        path = _file(self.folder, self.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".part")
        beside.write_text(json.dumps(raw, indent=1), encoding="utf-8")
        beside.replace(path)


def tally(folder: Path, name: str, unit: str, goal: int) -> Tally:
    """The tally of part `name` as it was left in `folder`, or a new one, with `goal` to reach."""
    found = Tally(name, unit, folder, goal)
    path = _file(folder, name)
    if path.is_file():
        raw = json.loads(path.read_text(encoding="utf-8"))
        found = Tally(**{**raw, "folder": folder, "goal": goal})
        found.limit(found.most)
    return found


def table(tallies: Iterable[Tally]) -> str:
    """What was found, a row for each part, then every fault in a line of its own."""
    rows: list[tuple[str, ...]] = [("part", "done", "of", "unit", "verdicts", "faults", "seconds")]
    rows += [_row(one) for one in tallies]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    notes = [f"{one.name}: {name} {text}" for one in tallies for name, text in one.notes.items()]
    faults = [f"FAULT {one.name}: {fault}" for one in tallies for fault in one.faults]
    return "\n".join([*lines, "", *notes, *faults])


def _row(one: Tally) -> tuple[str, ...]:
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(one.verdicts.items()))
    return one.name, str(one.done), str(one.goal), one.unit, verdicts, str(len(one.faults)), f"{one.seconds:.0f}"


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.json"
