"""The whole program from start to end: it ends cleanly whatever its worker is doing."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

# Closes the window `sys.argv[1]` milliseconds after it is shown; with `hang` the worker never comes back from loading.
CODE = """
import sys, time
from PySide6.QtCore import QTimer
from diffviz import app
from diffviz.session import engines
after, hang = int(sys.argv[1]), sys.argv[2] == "hang"
if hang:
    engines.QUIT_MILLISECONDS = 300
    app.make_engine = lambda *_: time.sleep(60)
show = app.App.show
def shown(self):
    show(self)
    QTimer.singleShot(after, self.window.close)
app.App.show = shown
sys.exit(app.run(device="cpu"))
"""


@pytest.mark.parametrize(("after", "worker"), [(0, "works"), (800, "works"), (500, "hang")])
def test_closing_the_window_ends_the_program(tmp_path: Path, after: int, worker: str) -> None:
    home = tmp_path / "home"
    env = {**os.environ, "DIFFVIZ_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(after), worker], capture_output=True, text=True, timeout=150, env=env
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in home.rglob("*") if path.is_file()) == ["diffviz.ini", "diffviz.log"]


LATER = (
    "torch",
    "matplotlib",
    "pyqtgraph",
    "importlib.metadata",
    "diffviz.export.formats",
    "diffviz.export.films",
    "diffviz.ui.export_dialog.dialog",
    "diffviz.ui.labs.vae",
    "diffviz.ui.labs.gan",
    "diffviz.ui.plots.stack",
)
"""What the first paint does not wait for."""
FIRST_PAINT = """
import sys
from PySide6.QtWidgets import QApplication
from diffviz.app import App
app = App(QApplication([]), "cpu")
app.show()
app.window.repaint()
print(sorted(sys.modules))
app.persistence.guard.discard()
app.close()
"""


def test_the_first_paint_waits_for_nothing_that_it_does_not_show(tmp_path: Path) -> None:
    env = {**os.environ, "DIFFVIZ_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", FIRST_PAINT], check=True, capture_output=True, text=True, env=env, timeout=100
    )
    there = ast.literal_eval(done.stdout)
    assert "diffviz.ui.labs.diffusion.lab" in there
    assert not [name for name in LATER if name in there]
