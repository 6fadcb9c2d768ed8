"""Diagnostics: what a report of a fault has to tell, as plain data and as text."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from typing import Any

from PySide6 import __version__ as qt_version
from PySide6.QtGui import QGuiApplication, QScreen

from diffviz import paths
from diffviz.domain.ideal import known_cards
from diffviz.domain.messages import Device
from diffviz.domain.provenance import versions
from diffviz.domain.text import language
from diffviz.export.formats import FORMATS
from diffviz.log import last_errors, without_home

WIDTH = 16
DESKTOP = ("XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP")


def known(device: Device | None, kinds: Sequence[str] = (), errors: Sequence[str] | None = None) -> dict[str, Any]:
    """Versions, device, folders, models, formats and errors, by name.

    `device` is None until it is known, `kinds` are all there are; `errors` are those in the log where none are given.
    """
    cards, damaged = known_cards(paths.model_roots())
    return {
        "versions": {**versions(), "PySide6": qt_version},
        "system": platform.platform(),
        **_desktop(),
        **({"devices": list(kinds)} if kinds else {}),
        "device": {"kind": device.kind, "name": device.name, "threads": device.threads} if device else "",
        "folders": {
            "program": str(paths.data_root()),
            "models": str(paths.user_models()),
            "settings": str(paths.config_home()),
            "cache": str(paths.cache_home()),
            "recovery": str(paths.recovery_home()),
            "log": str(paths.log_file().parent),
        },
        "models": sorted(cards),
        "damaged": sorted(damaged),
        "formats": {name: kind.missing() for name, kind in FORMATS.items()},
        "errors": list(last_errors(paths.log_file()) if errors is None else errors),
    }


def lines(found: dict[str, Any], indent: str = "") -> list[str]:
    """`found`, as a person reads it: a name and its value in each line, what belongs together below its name."""
    told = []
    for name, value in found.items():
        if isinstance(value, dict):
            told += [f"{indent}{name}", *lines(value, indent + "  ")]
        elif name == "errors" and value:
            told += [name, *(f"  {line}".rstrip() for error in value for line in error.splitlines())]
        else:
            text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            told.append(f"{indent}{name:<{WIDTH - len(indent)}}{text or ('✓' if indent else '–')}")
    return told


def report(found: dict[str, Any]) -> str:
    """`found` as a block to paste into an issue: monospaced there, with `~` for the home folder."""
    return without_home("\n".join(["```", *lines(found), "```", ""]))


def _desktop() -> dict[str, Any]:
    """What is known of the desktop from inside a window."""
    if not isinstance(QGuiApplication.instance(), QGuiApplication):
        return {}
    return {
        "desktop": ", ".join(
            [QGuiApplication.platformName(), *(os.environ[name] for name in DESKTOP if os.environ.get(name))]
        ),
        "screens": [_screen(screen) for screen in QGuiApplication.screens()],
        "language": language(),
    }


def _screen(screen: QScreen) -> str:
    size, ratio = screen.size(), screen.devicePixelRatio()
    return f"{size.width()}×{size.height()}" + (f" at {ratio:g}" if ratio != 1 else "")
