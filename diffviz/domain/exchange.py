"""Two names exchanged in one step, where the system can."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

HERE = -100  # AT_FDCWD: paths are as they are
EXCHANGE = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS


def exchanged(one: Path, other: Path) -> bool:
    """Let `one` and `other` name what the other named, at once; False where that cannot be: nothing has changed then.

    File systems that know no such step and libraries without the call are as good as a refusal.
    """
    names = os.fsencode(one), os.fsencode(other)
    if sys.platform == "linux":
        return _called("renameat2", HERE, names[0], HERE, names[1], EXCHANGE)
    return sys.platform == "darwin" and _called("renamex_np", *names, EXCHANGE)


def _called(name: str, *arguments: int | bytes) -> bool:
    call = getattr(ctypes.CDLL(None), name, None)
    return call is not None and call(*arguments) == 0
