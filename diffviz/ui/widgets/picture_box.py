"""One picture, enlarged by a whole number, whose pixels can be read."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from diffviz.domain.arrays import F32, U8
from diffviz.domain.text import tr
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.format import signed
from diffviz.ui.widgets.pixmaps import fit, to_image

EXCUSED = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap


class PictureBox(QWidget):
    """Shows (C, H, W) of −1 … 1 in a square of `side` pixels; `hue` names the colour of its frame.

    `excuse` is what an empty frame says: why there is no picture.
    """

    def __init__(self, side: int, name: str, hue: str = "edge", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side, self._hue = side, hue
        self._values: F32 | None = None
        self._image = QImage()
        self.excuse = ""
        self.setFixedSize(side, side)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    @property
    def values(self) -> F32 | None:
        """What is shown."""
        return self._values

    def show_values(self, values: F32 | None) -> None:
        """Show `values`; None shows an empty frame."""
        if values is self._values:
            return
        self._values = values
        self._image = QImage() if values is None else to_image(values)
        self.update()

    def excuse_with(self, text: str) -> None:
        """Let an empty frame say `text`."""
        if text != self.excuse:
            self.excuse = text
            self.setAccessibleDescription(text)
            self.update()

    def show_pixels(self, pixels: U8 | None) -> None:
        """Show uint8 pixels (H, W) or (H, W, 3)."""
        if pixels is None:
            self.show_values(None)
            return
        channels = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
        self.show_values(channels.astype(np.float32) / np.float32(127.5) - 1)

    def box(self) -> QRectF:
        """Where the picture lies."""
        if self._image.isNull():
            return QRectF(1, 1, self._side - 2, self._side - 2)
        width, height = fit(self._image.width(), self._image.height(), (self._side - 2, self._side - 2))
        return QRectF((self._side - width) // 2, (self._side - height) // 2, width, height)

    def value_at(self, x: float, y: float) -> str:
        """The value of the pixel at (x, y) of the widget, or nothing."""
        box = self.box()
        if self._values is None or not box.contains(x, y):
            return ""
        _, height, width = self._values.shape
        row, column = int((y - box.top()) / box.height() * height), int((x - box.left()) / box.width() * width)
        row, column = min(row, height - 1), min(column, width - 1)
        values = " ".join(signed(float(v)).strip() for v in self._values[:, row, column])
        return tr("row {row}, column {column}: {value}").format(row=row, column=column, value=values)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.value_at(event.x(), event.y()) or self.toolTip(), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            box = self.box()
            if self._image.isNull():
                self._paint_excuse(painter, box)
            else:
                smaller = box.width() < self._image.width()
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smaller)
                painter.drawImage(box, self._image)
            painter.setPen(QPen(theme.color(self._hue), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(-0.5, -0.5, 0.5, 0.5))

    def _paint_excuse(self, painter: QPainter, box: QRectF) -> None:
        painter.fillRect(box, theme.color("field"))
        painter.setFont(theme.font(11))
        painter.setPen(theme.color("quiet"))
        painter.drawText(box.adjusted(7, 4, -7, -4), EXCUSED, self.excuse)

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)
