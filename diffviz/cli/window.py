"""`diffviz [FILE]`: the window, with a file opened in it, or what is missing where no window can be opened here."""

from __future__ import annotations

import argparse
import ctypes.util
import gc
import os
import re
import shutil
import sys
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from diffviz import paths
from diffviz.cli.run import UsageError
from diffviz.domain.text import tr

FAILED = 1
# What Qt's xcb platform plug-in loads, and Debian's package for it.
XCB_LIBRARIES = {
    "xcb-cursor": "libxcb-cursor0",
    "xkbcommon-x11": "libxkbcommon-x11-0",
    "xcb-icccm": "libxcb-icccm4",
    "xcb-keysyms": "libxcb-keysyms1",
    "xcb-image": "libxcb-image0",
    "xcb-render-util": "libxcb-render-util0",
    "EGL": "libegl1",
    "GL": "libgl1",
}
NOT_CONNECTED = ("could not connect to display", "Failed to create wl_display", "Failed to initialize screen")
NO_PLUGIN = re.compile(r"Could not find the Qt platform plugin \"([^\"]*)\"")
PLUGINS = re.compile(r"Available platform plugins are: ([\w, -]+)")


def missing_display() -> str:
    """One sentence on what keeps a window from opening, where that is known without Qt; else empty."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return ""
    if os.environ.get("DISPLAY") or _wayland_may_be_there():
        return ""
    if os.environ.get("WAYLAND_DISPLAY"):
        return _unreachable()
    return _no_display()


def why_no_window(messages: Sequence[str]) -> str:
    """One sentence on why Qt gave up opening windows, from what it said until then."""
    said = "\n".join(messages)
    unknown, known = NO_PLUGIN.search(said), PLUGINS.search(said)
    if unknown:
        text = tr("Qt has no platform “{name}” (QT_QPA_PLATFORM): leave it out, or choose one of {known}.")
        return text.format(name=unknown[1], known=known[1].strip() if known else "xcb, wayland, offscreen")
    libraries = missing_libraries()
    if libraries and "xcb" in said and not any(text in said for text in NOT_CONNECTED):
        return without(libraries)
    if any(text in said for text in NOT_CONNECTED):
        return _unreachable()
    first = next((line for line in said.splitlines() if line.strip()), "")
    return tr("Qt cannot open a window here ({reason}): use “diffviz export”.").format(reason=first.strip().rstrip("."))


def leave_without_window(messages: Sequence[str]) -> NoReturn:
    """Say why there is no window and end with 1, from inside a Qt that would abort the process."""
    print(f"diffviz: {why_no_window(messages)}", file=sys.stderr, flush=True)
    os._exit(FAILED)


def missing_libraries() -> list[str]:
    """Libraries of Qt's X11 platform that are not found, by their name in `XCB_LIBRARIES`."""
    return [name for name in XCB_LIBRARIES if ctypes.util.find_library(name) is None]


def without(libraries: Iterable[str]) -> str:
    """What to install where `libraries` are missing: Debian's packages where it has them, else their names."""
    names = list(libraries)
    if shutil.which("apt"):
        text = tr("Qt cannot open a window without these system packages; install them with: apt install {names}")
        return text.format(names=" ".join(XCB_LIBRARIES.get(name, name) for name in names))
    text = tr("Qt cannot open a window without these system libraries; install the packages that have them: {names}")
    return text.format(names=", ".join(name if ".so" in name else f"lib{name}" for name in names))


def library_missing(error: ImportError) -> str:
    """The sentence on a system library that Qt itself could not load; empty where `error` is about something else."""
    found = re.match(r"lib([\w.+-]+?)\.so[\w.]*: cannot open shared object file", str(error))
    return without([found[1]]) if found else ""


def _wayland_may_be_there() -> bool:
    """Whether the socket of `WAYLAND_DISPLAY` lies in a folder that is there; Qt finds out the rest."""
    name, folder = os.environ.get("WAYLAND_DISPLAY"), os.environ.get("XDG_RUNTIME_DIR")
    return bool(name) and (Path(str(name)).is_absolute() or bool(folder and Path(folder).is_dir()))


def _no_display() -> str:
    return tr("There is no display to open a window on: start diffviz on a desktop, or use “diffviz export”.")


def _unreachable() -> str:
    names = [f"{name}={os.environ[name]}" for name in ("WAYLAND_DISPLAY", "DISPLAY") if os.environ.get(name)]
    text = tr("The display ({names}) cannot be reached: start diffviz on a desktop, or use “diffviz export”.")
    return text.format(names=", ".join(names)) if names else _no_display()


DONE = 0


def run(args: argparse.Namespace) -> int:
    """Open the window; its exit code."""
    file = getattr(args, "file", None)
    if file is not None and not paths.exists(file):
        raise UsageError(tr("There is no such file: {path}").format(path=file))
    if missing := missing_display():
        return _without_window(missing)
    if sys.platform == "win32":
        import torch  # noqa: F401  (on Windows torch has to be loaded before Qt: WinError 1114 otherwise)

    try:
        leave_sources_unread()
        if _handed_over(args):
            return DONE
        gc.disable()  # the window collects garbage itself: see `runtime.GcTimer`
        from diffviz import app
    except ImportError as error:
        if missing := library_missing(error):
            return _without_window(missing)
        raise
    return app.run(device=args.device, file=file)


def leave_sources_unread() -> None:
    """Let PySide not read the source of every module that is imported from here on, all of which Python then keeps.

    It looks there for its own name, so that `from __feature__ import` works: nothing here does that. For torch and what
    it imports that is half a million lines, 45 MB and a third of a second. Raises ImportError where Qt cannot be had.
    """
    import PySide6.QtCore  # noqa: F401

    reader = sys.modules.get("shibokensupport.feature")
    if reader is not None:
        vars(reader)["_mod_uses_pyside"] = lambda _module: False


def _handed_over(args: argparse.Namespace) -> bool:
    """Whether a window that is open has taken the file, or come to the front where there is none, and says so.

    Where a device is asked for, that window may compute on another one.
    """
    if args.new_window or args.device:
        return False
    try:
        from diffviz.session.inbox import hand_over
    except ImportError:  # a system library that Qt's network module needs is missing
        return False
    file = getattr(args, "file", None)
    if not hand_over([file] if file else [], paths.windows_home()):
        return False
    if file:
        text = tr("{name} is opened in the window that is there; --new-window opens another one.")
        print(text.format(name=file.name))
    else:
        print(tr("The window that is there comes to the front; --new-window opens another one."))
    return True


def _without_window(why: str) -> int:
    print(f"diffviz: {why}", file=sys.stderr)
    return FAILED


def add_parser(subparsers: Any) -> None:
    """Add `open`, which a file's name alone stands for."""
    parser = subparsers.add_parser("open", help=tr("open the window with a file; `diffviz FILE` is enough"))
    what = tr("a session, an exported file, a model's folder, a sequence's folder or a picture")
    parser.add_argument("file", metavar="FILE", type=Path, help=what)
    add_new_window(parser, default=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def add_new_window(parser: argparse.ArgumentParser, default: Any = False) -> None:
    """Add `--new-window`."""
    what = tr("open a window of its own, though there is one that would take the file")
    parser.add_argument("--new-window", action="store_true", default=default, help=what)


def with_open(argv: Sequence[str], commands: Collection[str]) -> list[str]:
    """`argv` with the command `open` before a file's name that stands where a command would."""
    at = 0
    while at < len(argv) and argv[at].startswith("-"):
        at += 2 if argv[at] == "--device" else 1
    if at < len(argv) and argv[at] not in commands and _names_a_file(argv[at]):
        return [*argv[:at], "open", *argv[at:]]
    return list(argv)


def _names_a_file(text: str) -> bool:
    return bool(Path(text).suffix) or "/" in text or "\\" in text or paths.exists(Path(text))
