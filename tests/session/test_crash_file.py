"""A process that dies of a hard fault leaves a trace, which is told once; one that is killed leaves nothing to tell."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from diffviz.crash_reporting import left_behind

CODE = """
import ctypes, os, signal, sys
from pathlib import Path
from diffviz.crash_reporting import CrashFile
file = CrashFile(Path(sys.argv[1]))
assert file.enabled == (sys.argv[2] != "nowhere")
match sys.argv[2]:
    case "segv": ctypes.string_at(0)
    case "abort": os.abort()
    case "kill": os.kill(os.getpid(), signal.SIGKILL)
    case "wait": print("open", flush=True); sys.stdin.read()
file.close()
"""


def run(folder: Path, how: str) -> int:
    return subprocess.run([sys.executable, "-c", CODE, str(folder), how], capture_output=True, timeout=60).returncode


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
@pytest.mark.parametrize(("how", "said"), [("segv", "Segmentation fault"), ("abort", "Aborted"), ("kill", "")])
def test_a_crash_is_told_once(tmp_path: Path, how: str, said: str) -> None:
    assert run(tmp_path, how) < 0
    told = left_behind(tmp_path)
    assert len(told) == bool(said)
    assert said in "".join(told)
    assert left_behind(tmp_path) == ()
    assert list(tmp_path.glob("*.txt")) == []


def test_a_clean_end_leaves_nothing(tmp_path: Path) -> None:
    assert run(tmp_path, "end") == 0
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert run(tmp_path / "file", "nowhere") == 0
    assert left_behind(tmp_path / "file") == ()


def test_the_file_of_a_program_that_runs_is_left_alone(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CODE, str(tmp_path), "wait"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        [file] = tmp_path.glob("*.txt")
        file.write_text("Fatal Python error")
        assert left_behind(tmp_path) == ()
        assert file.exists()
        other.communicate(b"")
