"""Signals of the system: they reach the event loop, ask nothing, and leave what is unsaved for the next start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from diffviz.export import archive
from diffviz.session.recovery import left_behind
from diffviz.session.runtime import SIGNALS, Termination

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its signals are others")


def test_a_signal_reaches_the_event_loop_once_and_the_second_goes_where_it_went_before(qtbot: QtBot) -> None:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    termination = Termination()
    with qtbot.waitSignal(termination.asked) as asked:
        signal.raise_signal(signal.SIGTERM)
    assert asked.args == [signal.SIGTERM]
    assert {number: signal.getsignal(number) for number in SIGNALS} == before
    termination.close()
    assert signal.set_wakeup_fd(-1) == -1


# Computes a run that a person asks for, does `sys.argv[2]`, and gets signal `sys.argv[1]`.
CODE = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from diffviz import app
from diffviz.ui.export_dialog.dialog import ExportDialog
number, what = int(sys.argv[1]), sys.argv[2]
show = app.App.show

def then(self, run):
    if not run.status.final:
        QTimer.singleShot(20, lambda: then(self, run))
        return
    QTimer.singleShot(200, lambda: os.kill(os.getpid(), number))
    if what == "asking":
        self.window.close()
    elif what == "exporting":
        choose = lambda *_: Path(sys.argv[3])
        dialog = ExportDialog(run, 0.0, self.session.cards, self.preferences, self.window, choose)
        QTimer.singleShot(0, dialog.export)
        dialog.exec()

def shown(self):
    show(self)
    then(self, self.session.start(self.session.a.request, "diffusion/forward"))

app.App.show = shown
sys.exit(app.run(device="cpu"))
"""


@pytest.mark.parametrize(
    ("number", "what"), [(signal.SIGTERM, "nothing"), (signal.SIGINT, "asking"), (signal.SIGHUP, "exporting")]
)
def test_the_system_ends_the_program_and_nothing_is_lost(tmp_path: Path, number: int, what: str) -> None:
    home, film = tmp_path / "home", tmp_path / "film.gif"
    env = {**os.environ, "DIFFVIZ_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", CODE, str(int(number)), what, str(film)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, env=env)
    said = [line for line in done.stderr.splitlines() if "propagateSizeHints" not in line]  # of the offscreen platform
    assert (done.returncode, said) == (128 + number, [])
    [left] = left_behind(home / "data" / "recovery")
    runs = archive.read(left).runs
    assert len(runs) == 2
    assert len(runs[-1].frames) == 201
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []
