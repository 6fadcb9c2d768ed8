"""Progress of an export."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Told (frames done, frames in all) before the first frame and after each; whatever it raises cancels the export."""


def unwatched(_done: int, _total: int) -> None:
    """Progress that nobody looks at."""
