"""Temporary files of a program that was killed go with the next writing there; those of a living one stay."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from diffviz.domain.atomic import replacing
from diffviz.domain.temporary import STALE_SECONDS, beside, sweep


def aged(path: Path, seconds: float) -> Path:
    now = path.stat().st_mtime
    os.utime(path, (now - seconds, now - seconds))
    return path


@pytest.mark.parametrize(("seconds", "stays"), [(0.0, True), (STALE_SECONDS + 60, False)])
def test_what_a_killed_program_left_goes_after_an_hour(tmp_path: Path, seconds: float, stays: bool) -> None:
    file, folder = beside(tmp_path), beside(tmp_path)
    file.write_bytes(b"half")
    folder.mkdir()
    (folder / "frame_0000.png").write_bytes(b"half")
    aged(file, seconds), aged(folder, seconds)
    sweep(tmp_path)
    assert (file.exists(), folder.exists()) == (stays, stays)


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
