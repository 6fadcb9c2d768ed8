"""Launcher: a file or a folder shown in the desktop's own program for it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from diffviz.domain.text import tr


def launch(path: Path) -> str:
    """Open `path` in the program that the desktop has for it; where it has none, a sentence that says where it is."""
    if QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
        return ""
    return tr("No program was found to open it: {path}").format(path=path)
