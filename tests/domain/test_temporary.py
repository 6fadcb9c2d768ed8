"""Temporary files of a program that was killed go with the next writing there; those of a living one stay."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from diffviz.domain.atomic import STALE_SECONDS, beside, replacing, sweep


def aged(path: Path, seconds: float) -> Path:
    now = path.stat().st_mtime
    os.utime(path, (now - seconds, now - seconds))
    return path


def ended() -> int:
    """The number of a process that is no more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


@pytest.mark.parametrize("made_by", ["", f"{2**70}-", "nobody-"])
@pytest.mark.parametrize(("seconds", "stays"), [(0.0, True), (STALE_SECONDS + 60, False)])
def test_what_a_killed_program_left_goes_after_an_hour(
    tmp_path: Path, seconds: float, stays: bool, made_by: str
) -> None:
    made_by = made_by or f"{ended()}-"
    file, folder = (tmp_path / f".diffviz-{made_by}{name}.part" for name in ("0123456789ab", "0123456789cd"))
    file.write_bytes(b"half")
    folder.mkdir()
    (folder / "frame_0000.png").write_bytes(b"half")
    aged(file, seconds), aged(folder, seconds)
    sweep(tmp_path)
    assert (file.exists(), folder.exists()) == (stays, stays)


def test_what_is_being_written_stays_when_the_clock_jumps(tmp_path: Path) -> None:
    file, folder = beside(tmp_path), beside(tmp_path)
    another = tmp_path / f".diffviz-{os.getppid()}-0123456789ab.part"
    for path in (file, another):
        path.write_bytes(b"half")
    folder.mkdir()
    sweep(tmp_path, time.time() + 2 * STALE_SECONDS)
    assert {*tmp_path.iterdir()} == {file, another, folder}


def test_the_next_writing_sweeps_and_touches_nothing_else(tmp_path: Path) -> None:
    left, own = tmp_path / ".diffviz-0123456789ab.part", tmp_path / "old.part"
    for path in (left, own):
        path.write_bytes(b"")
        aged(path, 2 * STALE_SECONDS)
    with replacing(tmp_path / "out") as file:
        file.write(b"whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.part", "out"]


def test_no_folder_is_no_error(tmp_path: Path) -> None:
    sweep(tmp_path / "none")
