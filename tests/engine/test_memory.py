"""Freed memory stays with the process, where the C library is glibc: no page is cleared twice."""

import platform
import subprocess
import sys

import pytest

from diffviz import engine

GLIBC = platform.libc_ver()[0] == "glibc"

FAULTS = """
import resource, sys
from diffviz.engine import keep_freed
if sys.argv[1] == "kept":
    assert keep_freed()
def use() -> None:
    blocks = [bytearray(3 << 20) for _ in range(8)]
    for block in blocks:
        block[::4096] = b"1" * len(block[::4096])
use()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
use()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", FAULTS, how], capture_output=True, text=True, check=True, timeout=60)
    return int(done.stdout)


@pytest.mark.skipif(not GLIBC, reason="another C library")
def test_what_was_freed_is_not_cleared_again() -> None:
    given_back, kept = faults("given back"), faults("kept")
    assert given_back > 1000
    assert kept < given_back / 10


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    assert engine.keep_freed() is False
