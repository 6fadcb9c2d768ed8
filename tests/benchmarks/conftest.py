"""The table that every benchmark adds its rows to."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest


@dataclass
class Table:
    """Rows of what was measured, the figure, what it should be, and whether it is."""

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def add(self, what: str, figure: str, aim: str = "", met: bool | None = None) -> None:
        """Add a row; `met` says whether the figure is what it should be."""
        self.rows.append((what, figure, aim, {None: "", True: "yes", False: "NO"}[met]))

    def __str__(self) -> str:
        rows = [("measured", "figure", "promised", "kept"), *self.rows]
        sizes = [max(len(row[column]) for row in rows) for column in range(4)]
        lines = ["  ".join(text.ljust(size) for text, size in zip(row, sizes, strict=True)).rstrip() for row in rows]
        return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


@pytest.fixture(scope="session")
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    """The table of this run; printed at its end."""
    table = Table()
    yield table
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.write_line(f"\n\nOn {_machine()}:\n\n{table}")


def _machine() -> str:
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{platform.machine()}, {os.cpu_count()} cores{load}, Python {platform.python_version()}"
