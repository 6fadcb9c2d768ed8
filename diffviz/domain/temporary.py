"""Temporary files beside the file that they will take the place of, and those that a killed program has left."""

from __future__ import annotations

import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path

PATTERN = ".diffviz-*.part"
STALE_SECONDS = 3600.0


def beside(folder: Path) -> Path:
    """A new name in `folder`, so that the move over the target is one step; short, so that long names stay possible.

    What a program that was killed there has left is removed first. Nothing is raised.
    """
    sweep(folder)
    return folder / f".diffviz-{secrets.token_hex(6)}.part"


def sweep(folder: Path, now: float | None = None) -> None:
    """Remove temporary files and folders of ours from `folder` that nobody has written to for an hour."""
    before = (time.time() if now is None else now) - STALE_SECONDS
    with suppress(OSError):
        for path in folder.glob(PATTERN):
            if path.lstat().st_mtime < before:
                _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
