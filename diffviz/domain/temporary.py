"""Temporary files beside the file that they will take the place of, and those that a killed program has left."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path

PATTERN = ".diffviz-*.part"
NAME = re.compile(r"\.diffviz-(\d+)-[0-9a-f]+\.part")
STALE_SECONDS = 3600.0


def beside(folder: Path) -> Path:
    """A new name in `folder`, so that the move over the target is one step; short, so that long names stay possible.

    What a program that was killed there has left is removed first. Nothing is raised.
    """
    sweep(folder)
    return folder / f".diffviz-{os.getpid()}-{secrets.token_hex(6)}.part"


def sweep(folder: Path, now: float | None = None) -> None:
    """Remove temporary files and folders of ours from `folder` that nobody has written to for an hour.

    Those of a program that runs here stay: a clock that was set makes everything old at once.
    """
    before = (time.time() if now is None else now) - STALE_SECONDS
    with suppress(OSError):
        for path in folder.glob(PATTERN):
            if path.lstat().st_mtime < before and not _in_use(path.name):
                _remove(path)


def _in_use(name: str) -> bool:
    """Whether the process that made the temporary file `name` runs, as far as can be found out."""
    found = NAME.fullmatch(name)
    return found is not None and _runs(int(found[1]))


def _runs(process: int) -> bool:
    if sys.platform == "win32" or process == os.getpid():  # there a file that is open cannot be removed anyhow
        return process == os.getpid()
    try:
        os.kill(process, 0)  # asks only
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
