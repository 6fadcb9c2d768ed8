"""`diffviz [FILE]`: the window, with a file opened in it where one is named."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from diffviz import display, paths
from diffviz.display import FAILED
from diffviz.domain.text import tr

DONE = 0


def run(args: argparse.Namespace) -> int:
    """Open the window; its exit code."""
    if missing := display.missing_display():
        return _without_window(missing)
    if sys.platform == "win32":
        import torch  # noqa: F401  (on Windows torch has to be loaded before Qt: WinError 1114 otherwise)

    if _handed_over(args):
        return DONE
    try:
        from diffviz import app
    except ImportError as error:
        if missing := display.library_missing(error):
            return _without_window(missing)
        raise
    return app.run(device=args.device, file=getattr(args, "file", None))


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
    parser.add_argument(
        "file", metavar="FILE", type=Path, help=tr("a session, an exported file, a sequence's folder or a picture")
    )
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
    return bool(Path(text).suffix) or "/" in text or "\\" in text or Path(text).exists()
