"""The program started a second time: its file goes to the window that is open, or it opens a window of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

# The program, whose window prints what it is given and closes after it; without anything it closes at "end" on stdin.
CODE = """
import sys, threading
from PySide6.QtCore import QTimer
from diffviz import app
def taken(self, files):
    take(self, files)
    print(*files, flush=True)
    self.window.close()
def shown(self):
    show(self)
    print(self.persistence.autosave.path, flush=True)
    if "leave" in sys.argv:
        QTimer.singleShot(0, self.window.close)
show, app.App.show = app.App.show, shown
take, app.App.take = app.App.take, taken
app.make_engine = lambda cards, device, budget: None
from diffviz.cli.main import main
sys.exit(main(sys.argv[1:sys.argv.index("--")]))
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    runtime = tmp_path / "run"
    runtime.mkdir()
    return {
        **os.environ,
        "DIFFVIZ_HOME": str(tmp_path / "home"),
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_RUNTIME_DIR": str(runtime),
        "LANG": "C.UTF-8",
    }


@contextmanager
def opened(environment: dict[str, str], *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A program whose window is open, and the recovery file of that window."""
    command = [sys.executable, "-c", CODE, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as first:
        assert first.stdout is not None
        try:
            yield first, first.stdout.readline().strip()
        finally:
            if first.poll() is None:
                first.kill()


def second(environment: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", CODE, *options]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)


def test_a_second_start_hands_its_file_over(environment: dict[str, str], tmp_path: Path) -> None:
    with opened(environment, "--") as (first, _):
        done = second(environment, "README.md", "--", "leave")
        said, _ = first.communicate(timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("README.md is opened in the window that is there")
    assert said.strip() == str(Path.cwd() / "README.md")
    assert first.returncode == 0
    assert list((tmp_path / "run").rglob("window-*")) == []


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX's")
def test_two_windows_have_two_recovery_files_and_a_killed_one_is_not_waited_for(environment: dict[str, str]) -> None:
    with opened(environment, "--") as (first, recovery):
        other = second(environment, "--new-window", "--", "leave")
        assert other.returncode == 0
        assert other.stdout.strip() not in ("", recovery)
        first.send_signal(signal.SIGKILL)
        first.wait()
        after = second(environment, "--", "leave")
    assert after.returncode == 0
    assert after.stdout.strip().endswith(".diffviz"), "it has opened a window of its own"
