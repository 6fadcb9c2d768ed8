"""Small things that all parts of the timeline paint alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

Paint = Callable[[QPainter], None]


def scale_of(painter: QPainter) -> float:
    """Device pixels per pixel of what `painter` paints on."""
    return painter.deviceTransform().m11() or 1.0


def crisp(px: float) -> float:
    """The centre of the pixel column that `px` falls into, where a thin line is sharp; `px` itself where it is none."""
    return math.floor(px) + 0.5 if math.isfinite(px) else px


def hatch(painter: QPainter, area: QRectF, color: QColor, gap: float = 6.0, radius: float = 0.0) -> None:
    """Fill `area` with diagonal lines `gap` pixels apart."""
    painter.save()
    clip = QPainterPath()
    clip.addRoundedRect(area, radius, radius)
    painter.setClipPath(clip, Qt.ClipOperation.IntersectClip)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 1.0))
    x = math.floor((area.left() - area.height()) / gap) * gap
    while x < area.right():
        painter.drawLine(QPointF(x, area.bottom()), QPointF(x + area.height(), area.top()))
        x += gap
    painter.restore()


class Layer:
    """What changes seldom, painted once and kept until its key changes."""

    def __init__(self) -> None:
        self._pixmap = QPixmap()
        self._key: Hashable = None

    def paint(self, painter: QPainter, size: QSize, key: Hashable, paint: Paint) -> None:
        """Paint the layer; `paint` is called only where `key`, the size or the resolution is another."""
        scale = scale_of(painter)
        whole = (key, size.width(), size.height(), scale)
        if whole != self._key:
            self._pixmap = self._made(size, scale, paint)
            self._key = whole
        painter.drawPixmap(0, 0, self._pixmap)

    def _made(self, size: QSize, scale: float, paint: Paint) -> QPixmap:
        pixmap = QPixmap(math.ceil(size.width() * scale), math.ceil(size.height() * scale))
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            paint(painter)
        return pixmap
