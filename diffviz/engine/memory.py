"""The machine's memory: how much there is, and what becomes of what an evaluation of a network gives back."""

from __future__ import annotations

import ctypes
import platform
from pathlib import Path

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h of glibc
KEPT_BYTES = 1 << 28
MAPPED_BYTES = 1 << 26


def keep_freed() -> bool:
    """Keep up to 256 MB of freed memory in this process for the next evaluation; whether the C library can (glibc).

    By default glibc returns the memory of every larger activation to the system, which clears it again page by page in
    the next layer: 5 to 10 % of the time of a batch. See mallopt(3).
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return all([mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES), mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)])


def available_bytes() -> int | None:
    """Memory that can be had now without pushing anything out; None where the system does not say (Linux does)."""
    try:
        said = Path("/proc/meminfo").read_text(encoding="ascii")
        return next(int(line.split()[1]) << 10 for line in said.splitlines() if line.startswith("MemAvailable:"))
    except (OSError, ValueError, IndexError, StopIteration):
        return None
