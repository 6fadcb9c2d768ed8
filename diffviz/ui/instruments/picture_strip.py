"""Small pictures in one line: as many as there is room for, and how many more there are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.arrays import U8
from diffviz.domain.text import tr
from diffviz.ui.thumbnails import thumbnail
from diffviz.ui.widgets import theme

SIDE, GAP, MORE = 28, 3, 34


class PictureStrip(QWidget):
    """Shows pictures uint8 (H, W) or (H, W, 3); without any it takes no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._pixels: Sequence[U8] = ()
        self._pixmaps: list[QPixmap] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(SIDE)
        self.hide()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the pictures shown."""
        return self._names

    def show_pictures(self, names: tuple[str, ...], pixels: Sequence[U8]) -> None:
        """Show `pixels`, called `names`."""
        if names == self._names:
            return
        self._names, self._pixels, self._pixmaps = names, pixels, []
        self.setAccessibleName(tr("{n} pictures").format(n=len(names)))
        self.setToolTip(tr("The pictures that were measured"))
        self.setVisible(bool(names))
        self.update()

    def room(self) -> int:
        """How many pictures are shown in this width."""
        fitting = (self.width() + GAP) // (SIDE + GAP)
        return fitting if fitting >= len(self._names) else max(1, (self.width() - MORE + GAP) // (SIDE + GAP))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the pictures from the left, then how many are left out."""
        shown, ratio = min(self.room(), len(self._names)), self.devicePixelRatioF()
        while len(self._pixmaps) < shown:
            self._pixmaps.append(thumbnail(self._pixels[len(self._pixmaps)], SIDE, ratio))
        with QPainter(self) as painter:
            for number, pixmap in enumerate(self._pixmaps[:shown]):
                at = QRect(QPoint(), pixmap.deviceIndependentSize().toSize())
                at.moveCenter(QRect(number * (SIDE + GAP), 0, SIDE, SIDE).center())
                painter.drawPixmap(at.topLeft(), pixmap)
            if left := len(self._names) - shown:
                painter.setPen(theme.color("quiet"))
                painter.setFont(theme.font(12))
                room = QRect(shown * (SIDE + GAP) + GAP, 0, MORE, SIDE)
                painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, f"+{left}")

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(SIDE, SIDE)
