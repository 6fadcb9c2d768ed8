"""What can be done with any plot from its context menu: its switches, a copy, and files of it.

Pictures are drawn anew for a file: PNG at twice the size on the screen, SVG with lines as lines and text as text. A
table (CSV) has the numbers themselves.
"""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAction, QGuiApplication, QImage, QImageWriter, QKeySequence, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget
from shiboken6 import isValid

from diffviz.domain import atomic, errors
from diffviz.domain.arrays import F64
from diffviz.domain.sentences import sentence
from diffviz.domain.text import mark, plain, tr
from diffviz.session import folders
from diffviz.ui.widgets import theme

logger = logging.getLogger(__name__)
SHARP = 2.0
"""Pixels of a saved or copied picture to one of the screen."""
KINDS = {"png": mark("Pictures (*.png)"), "svg": mark("Vector drawings (*.svg)"), "csv": mark("Tables (*.csv)")}
SAVES = {"png": mark("Save as PNG…"), "svg": mark("Save as SVG…"), "csv": mark("Save as CSV…")}


@dataclass(frozen=True, slots=True, eq=False)
class PlotSwitch:
    """What is on or off in a plot: `act(on)` switches it. One that is not `possible` is pale."""

    text: str
    on: bool
    act: Callable[[bool], None]
    possible: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class TableColumn:
    """Numbers (N,) under a heading; nan where there is none. All columns of a table are equally long."""

    name: str
    values: F64


class Plotted(Protocol):
    """What has such a menu."""

    def size(self) -> QSize:
        """Pixels on the screen."""

    def draw(self, painter: QPainter) -> None:
        """Draw all of it, in such pixels."""

    def accessibleName(self) -> str:
        """What it shows, which its files are named by."""

    def is_whole(self) -> bool:
        """Whether all is seen."""

    def view_all(self) -> None:
        """Show all."""

    def switches(self) -> Sequence[PlotSwitch]:
        """Axes, grid, and what else a menu has of its kind."""

    def entries(self) -> Sequence[PlotSwitch]:
        """Its curves, where there are several."""

    def table(self) -> Sequence[TableColumn]:
        """The numbers that it shows; empty where it has none."""


def menu_of(plot: Plotted, parent: QWidget) -> QMenu:
    """The context menu of `plot` in the language in force."""
    menu = QMenu(parent)
    whole = menu.addAction(tr("View all"), plot.view_all)
    whole.setShortcut(QKeySequence("0"))
    whole.setEnabled(not plot.is_whole())
    menu.addSeparator()
    _switch(menu, plot.switches())
    if len(plot.entries()) > 1:
        _switch(menu.addMenu(tr("Curves")), plot.entries())
    menu.addSeparator()
    copied = menu.addAction(tr("Copy as picture"), lambda: copy(plot))
    copied.setShortcut(QKeySequence.StandardKey.Copy)
    for kind, text in SAVES.items():
        action = menu.addAction(tr(text), partial(ask_and_save, plot, kind, parent))
        action.setEnabled(kind != "csv" or bool(plot.table()))
    return menu


def _switch(menu: QMenu, switches: Sequence[PlotSwitch]) -> None:
    for switch in switches:
        action = QAction(switch.text.replace("&", "&&"), menu)
        action.setCheckable(True)
        action.setChecked(switch.on)
        action.setEnabled(switch.possible)
        action.triggered.connect(lambda on, act=switch.act: act(on))
        menu.addAction(action)


def image_of(plot: Plotted, scale: float = SHARP) -> QImage:
    """`plot` as a picture, `scale` pixels to one of the screen."""
    image = QImage(plot.size() * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(theme.color("panel"))
    with QPainter(image) as painter:
        plot.draw(painter)
    return image


def copy(plot: Plotted) -> None:
    """Put a picture of `plot` on the clipboard."""
    QGuiApplication.clipboard().setImage(image_of(plot))


def ask_and_save(plot: Plotted, kind: str, parent: QWidget) -> Path | None:
    """Ask where to and write `plot` as a file of `kind`, a key of `KINDS`; say what goes wrong. None: not written."""
    folder = folders.current.first(folders.EXPORTS, folders.ANY)
    dialog = QFileDialog(parent, tr("Save the plot"), str(folder), tr(KINDS[kind]))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(kind)
    dialog.selectFile(f"{_file_name(plot)}.{kind}")
    accepted = dialog.exec()
    if not isValid(dialog):  # the plot is gone, and what it asked with it
        return None
    found = dialog.selectedFiles()
    dialog.deleteLater()
    if not accepted or not found:
        return None
    try:
        save(plot, Path(found[0]))
    except errors.DiffvizError as error:
        logger.warning("a plot was not saved: %s", error)
        QMessageBox.warning(parent, tr("Save the plot"), sentence(error))
        return None
    folders.current.succeeded(Path(found[0]), folders.EXPORTS)
    return Path(found[0])


def save(plot: Plotted, path: Path) -> None:
    """Write `plot` to `path` as its ending says: SVG, CSV, else PNG. Raises `ExportFailed`."""
    made = {".svg": _svg, ".csv": _csv}.get(path.suffix.lower(), _png)
    atomic.write_whole(path, made(plot))


def _png(plot: Plotted) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"png").write(image_of(plot))
    return bytes(buffer.data().data())


def _svg(plot: Plotted) -> bytes:
    buffer, generator = QBuffer(), QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(plot.size())
    generator.setViewBox(QRect(QPoint(), plot.size()))
    generator.setTitle(plot.accessibleName())
    generator.setResolution(96)
    with QPainter(generator) as painter:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillRect(QRect(QPoint(), plot.size()), theme.color("panel"))
        plot.draw(painter)
    return bytes(buffer.data().data())


def _csv(plot: Plotted) -> bytes:
    text, columns = io.StringIO(), plot.table()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([plain(column.name) for column in columns])
    rows = np.stack([column.values for column in columns], axis=1).tolist() if columns else []
    writer.writerows([["" if value != value else repr(value) for value in row] for row in rows])
    return text.getvalue().encode("utf-8-sig")


def _file_name(plot: Plotted) -> str:
    kept = "".join(c if c.isalnum() or c in " -_" else " " for c in plain(plot.accessibleName()))
    return " ".join(kept.split())[:60] or "plot"
