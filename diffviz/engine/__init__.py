"""The computing half: networks, samplers, training. The only owner of torch; knows nothing of Qt.

Importing this package does not import torch: the forward process runs before torch is loaded.

How torch runs here: how long its threads wait for each other awake, and what becomes of freed memory.
"""

from __future__ import annotations

import ctypes
import os
import platform
from collections.abc import MutableMapping
from pathlib import Path

SPINS = 2000


def spin_briefly(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let threads that wait for the next layer go to sleep after microseconds; takes effect if torch comes later.

    libgomp, which torch's threads are on Linux, has them turn for milliseconds by default. Where the window takes one
    of two cores, two of them share the other, and each turns for its whole slice of time while the one it waits for
    is not running: one small decoder call in fifty took 20 ms instead of 1, a path of many such calls four times as
    long. Large networks cost the same either way. What the environment already says holds (GNU libgomp manual,
    GOMP_SPINCOUNT; OpenMP specification, OMP_WAIT_POLICY).
    """
    if "OMP_WAIT_POLICY" not in environment:
        environment.setdefault("GOMP_SPINCOUNT", str(SPINS))


M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # malloc.h of glibc
KEPT_BYTES = 1 << 28
MAPPED_BYTES = 1 << 26
ARENAS = 2


def keep_freed() -> bool:
    """Keep up to 256 MB of freed memory in this process for the next evaluation; whether the C library can (glibc).

    By default glibc returns the memory of every larger activation to the system, which clears it again page by page in
    the next layer: 5 to 10 % of the time of a batch. And it gives threads up to eight heaps a core, each of which keeps
    what its threads have freed, so that hours of mixed work take more and more: here all share two. See mallopt(3).
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    wanted = ((M_MMAP_THRESHOLD, MAPPED_BYTES), (M_TRIM_THRESHOLD, KEPT_BYTES), (M_ARENA_MAX, ARENAS))
    return all(mallopt(*each) for each in wanted)


def available_bytes() -> int | None:
    """Memory that can be had now without pushing anything out; None where the system does not say (Linux does)."""
    try:
        said = Path("/proc/meminfo").read_text(encoding="ascii")
        return next(int(line.split()[1]) << 10 for line in said.splitlines() if line.startswith("MemAvailable:"))
    except (OSError, ValueError, IndexError, StopIteration):
        return None


spin_briefly()
