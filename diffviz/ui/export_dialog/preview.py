"""How an export will look, before it is written: its picture or what is in it, its size and its length."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from diffviz.domain.arrays import U8
from diffviz.domain.errors import DiffvizError
from diffviz.domain.export_settings import ANIMATED, MOVING, PICTURED, ExportSettings, chosen, seconds
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr
from diffviz.export.plot import plot_scale
from diffviz.export.preview import contents_of, picture_of
from diffviz.export.run_info import RunInfo
from diffviz.families.panes import export_panes_of
from diffviz.session.file_task import snapshot
from diffviz.session.run import Run
from diffviz.ui.widgets.pixmaps import qimage
from diffviz.ui.widgets.qss import set_role

ROOM = QSize(440, 330)
MOST_LINES = 12


class ExportPreview(QWidget):
    """What would be written of `run`, which may still be growing; an animation is shown at `cursor`."""

    def __init__(self, run: Run, cursor: float, about: RunInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run, self._cursor, self._about = run, cursor, about
        self.picture = QLabel()
        self.picture.setFixedSize(ROOM)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setAccessibleName(tr("Preview"))
        self.picture.setProperty("role", "picture")
        self.summary = QLabel()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.picture)
        column.addWidget(self.summary)
        column.addStretch(1)

    def describe(self, settings: ExportSettings) -> bool:
        """Show what `settings` ask for, or what is wrong with them; whether there is something to write."""
        if not settings.panes and settings.format in PICTURED:
            return self._cannot(self._without_panes())
        at = settings.at if settings.format == "png" and settings.at is not None else self._cursor
        frames = snapshot(self._run.store)
        try:
            picture = picture_of(frames, self._run.store.nearest(at), settings, self._about)
        except DiffvizError as error:
            return self._cannot(sentence(error))
        if picture is None:
            self._list(contents_of(frames, settings, self._about))
        else:
            self._show(picture)
        count = len(chosen(self._run.store.positions(), settings))
        self._say(" · ".join(self._figures(picture, count, settings)), "quiet")
        return count > 0

    def _figures(self, picture: U8 | None, count: int, settings: ExportSettings) -> list[str]:
        """Size, number of frames and length, as far as they apply."""
        parts = []
        if picture is not None and settings.format != "svg":
            parts.append(_size(picture, settings))
        if settings.format in MOVING or settings.format == "npz":
            parts.append(tr("{n} frames").format(n=f"{count:,}"))
        if settings.format in ANIMATED and count:
            parts.append(tr("{seconds:.1f} s").format(seconds=seconds(count, settings)))
        if not self._run.status.final:
            parts.append(tr("still being computed"))
        return parts

    def _without_panes(self) -> str:
        if export_panes_of((self._run.store[0],)):
            return tr("Choose at least one pane.")
        return tr("This run has no pictures: choose plots, arrays or curves.")

    def _cannot(self, text: str) -> bool:
        self._say(text, "error")
        return False

    def _say(self, text: str, role: str) -> None:
        self.summary.setText(text)
        set_role(self.summary, role)

    def _show(self, picture: U8) -> None:
        pixmap = QPixmap.fromImage(qimage(picture))
        room = min(ROOM.width() / pixmap.width(), ROOM.height() / pixmap.height())
        if room >= 1:
            pixmap = pixmap.scaled(pixmap.size() * int(room))
        else:
            keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            pixmap = pixmap.scaled(ROOM, keep, smooth)
        self.picture.setPixmap(pixmap)

    def _list(self, contents: Sequence[tuple[str, str]]) -> None:
        """Names and sizes in place of a picture."""
        cell = "<td style='padding: 3px 10px'{}>{}</td>"
        rows = (cell.format("", name) + cell.format(" align='right'", size) for name, size in contents[:MOST_LINES])
        self.picture.setText(f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>")


def _size(picture: U8, settings: ExportSettings) -> str:
    height, width = picture.shape[:2]
    if settings.format == "plot":
        scale = plot_scale(settings)
        height, width = height * scale, width * scale
    return tr("{width} × {height} pixels").format(width=f"{width:,}", height=f"{height:,}")
