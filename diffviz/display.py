"""Whether a window can be opened here, and what is missing where it cannot."""

from __future__ import annotations

import ctypes.util
import os
import sys

from diffviz.domain.text import tr

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


def missing_display() -> str:
    """One sentence on what keeps a window from opening and what to do; empty where nothing does."""
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if not sys.platform.startswith("linux") or platform in ("offscreen", "minimal", "vnc", "linuxfb", "eglfs"):
        return ""
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return tr("There is no display to open a window on: start diffviz on a desktop, or use “diffviz export”.")
    packages = missing_packages() if os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY") else []
    if packages:
        text = tr("Qt cannot open a window without these system packages; install them with: apt install {names}")
        return text.format(names=" ".join(packages))
    return ""


def missing_packages() -> list[str]:
    """Debian packages of Qt's platform libraries that are not installed."""
    return [package for name, package in XCB_LIBRARIES.items() if ctypes.util.find_library(name) is None]
