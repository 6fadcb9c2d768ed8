"""Where no window can be opened, the program says why in one sentence and ends with 1: Qt would abort."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from diffviz.cli import window
from diffviz.cli.main import main

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays are Linux's")
NOBODY = ":48213"
FAILED_TO_START = (
    "This application failed to start because no Qt platform plugin could be initialized.\n\n"
    "Available platform plugins are: minimal, offscreen, xcb.\n"
)


def start(**variables: str) -> subprocess.CompletedProcess[str]:
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_RUNTIME_DIR", "XDG_SESSION_TYPE")
    env = {k: v for k, v in os.environ.items() if k not in names}
    env["LANG"] = "C.UTF-8"
    return subprocess.run(
        [sys.executable, "-m", "diffviz"], capture_output=True, text=True, timeout=120, env={**env, **variables}
    )


@linux
@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "There is no display"),
        ({"WAYLAND_DISPLAY": "nobody-here"}, "WAYLAND_DISPLAY=nobody-here"),
        ({"DISPLAY": NOBODY}, ""),
        ({"QT_QPA_PLATFORM": "nothing"}, "“nothing”"),
        ({"QT_QPA_PLATFORM": "wayland;xcb", "DISPLAY": NOBODY}, ""),
        ({"QT_QPA_PLATFORM": "linuxfb"}, ""),
    ],
    ids=["none", "wayland", "x11", "no-such-platform", "list", "no-screen"],
)
def test_no_window_is_one_sentence(variables: dict[str, str], said: str, tmp_path: Path) -> None:
    runtime = {"XDG_RUNTIME_DIR": str(tmp_path)} if "QT_QPA_PLATFORM" in variables else {}
    done = start(**variables, **runtime)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert done.stderr.startswith("diffviz: ")
    assert said in done.stderr


def test_what_qt_said_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":9")
    monkeypatch.setattr("ctypes.util.find_library", lambda name: None if name == "xcb-cursor" else name)
    monkeypatch.setattr("shutil.which", lambda name: name)
    gone = ["could not connect to display :9", FAILED_TO_START]
    assert "(DISPLAY=:9)" in window.why_no_window(gone)
    lacking = ['Could not load the Qt platform plugin "xcb" in "" even though it was found.', FAILED_TO_START]
    assert window.why_no_window(lacking).endswith("apt install libxcb-cursor0")
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert window.why_no_window(lacking).endswith("libxcb-cursor")
    unknown = ['Could not find the Qt platform plugin "x" in ""', FAILED_TO_START]
    assert "choose one of minimal, offscreen, xcb." in window.why_no_window(unknown)
    assert "Could not initialize egl display" in window.why_no_window(["Could not initialize egl display"])


@linux
def test_a_library_that_is_not_found_where_qt_finds_it_is_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("ctypes.util.find_library", lambda _: None)
    assert window.missing_display() == ""


def test_qt_without_a_system_library_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Lacking:
        def find_spec(self, name: str, path: object = None, target: object = None) -> None:
            if name == "diffviz.app":
                raise ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.delitem(sys.modules, "diffviz.app", raising=False)
    monkeypatch.delattr("diffviz.app", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Lacking(), *sys.meta_path])
    assert main([]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "EGL" in said or "libegl1" in said


def test_no_source_is_kept_of_what_the_window_imports() -> None:
    code = (
        "import linecache; from diffviz.cli.window import leave_sources_unread; leave_sources_unread();"
        "import diffviz.session.session; print([name for name in linecache.cache if 'diffviz' in name])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
