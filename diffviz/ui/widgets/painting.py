"""Painting: a widget says what it shows as marks, plain data; one place paints them, and keeps what changes seldom."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple, Protocol

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QIcon,
    QImage,
    QPaintDevice,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QTextDocument,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from diffviz.ui.widgets import kept

Index = QModelIndex | QPersistentModelIndex
Paint = Callable[[QPainter], None]
ORIGIN = QPointF()
CENTRE = Qt.AlignmentFlag.AlignCenter
Edge = QPen | QColor | None
"""How an outline is drawn: a colour stands for a line of one pixel."""


class PaintMark(Protocol):
    """Something to see, at its place in pixels."""

    def paint(self, painter: QPainter) -> None:
        """Paint it."""


class Rect(NamedTuple):
    """A rectangle, its corners rounded by `radius`; outlines lie around its edge."""

    area: QRectF
    fill: QColor | None = None
    edge: Edge = None
    radius: float = 0.0

    def paint(self, painter: QPainter) -> None:
        if self.fill and not self.edge and not self.radius:
            painter.fillRect(self.area, self.fill)
            return
        _dip(painter, self.fill, self.edge)
        painter.drawRoundedRect(self.area, self.radius, self.radius)


class Discs(NamedTuple):
    """Discs of one `radius` around each of `centres`."""

    centres: Iterable[QPointF]
    radius: float
    fill: QColor | None = None
    edge: Edge = None

    def paint(self, painter: QPainter) -> None:
        _dip(painter, self.fill, self.edge)
        for centre in self.centres:
            painter.drawEllipse(centre, self.radius, self.radius)


class Outline(NamedTuple):
    """A path, filled or drawn along."""

    path: QPainterPath
    fill: QColor | None = None
    edge: Edge = None

    def paint(self, painter: QPainter) -> None:
        _dip(painter, self.fill, self.edge)
        painter.drawPath(self.path)


class Line(NamedTuple):
    """Straight from each of `points` to the next."""

    points: tuple[QPointF, ...]
    edge: Edge

    def paint(self, painter: QPainter) -> None:
        _dip(painter, None, self.edge)
        painter.drawPolyline(QPolygonF(self.points))


class Dots(NamedTuple):
    """Round dots of `size` pixels."""

    points: QPolygonF
    color: QColor
    size: float

    def paint(self, painter: QPainter) -> None:
        pen = QPen(self.color, self.size)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPoints(self.points)


class Text(NamedTuple):
    """One line of text that begins at `at`, on its baseline."""

    at: QPointF
    text: str
    font: QFont
    color: QColor

    def paint(self, painter: QPainter) -> None:
        painter.setFont(self.font)
        painter.setPen(self.color)
        painter.drawText(self.at, self.text)


class Words(NamedTuple):
    """Text within `area`, placed and wrapped by `flags`."""

    area: QRectF
    text: str
    font: QFont
    color: QColor
    flags: int = CENTRE

    def paint(self, painter: QPainter) -> None:
        painter.setFont(self.font)
        painter.setPen(self.color)
        painter.drawText(self.area, self.flags, self.text)


class Document(NamedTuple):
    """A document as it is laid out, from the upper left corner."""

    document: QTextDocument

    def paint(self, painter: QPainter) -> None:
        self.document.drawContents(painter)


class Raster(NamedTuple):
    """A `part` of `image`, or all of it, stretched over `area`: interpolated where it is `smooth`.

    Where it is to be `sharp`, it begins at a whole pixel of the screen.
    """

    area: QRectF
    image: QImage
    part: QRectF | None = None
    smooth: bool = False
    sharp: bool = False

    def paint(self, painter: QPainter) -> None:
        area = self.area
        if self.sharp:
            at, scale = painter.deviceTransform().map(area.topLeft()), scale_of(painter)
            area = area.translated((round(at.x()) - at.x()) / scale, (round(at.y()) - at.y()) / scale)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.smooth)
        painter.drawImage(area, self.image, self.part or QRectF(self.image.rect()))


class Pixels(NamedTuple):
    """A picture in the screen's own pixels, its upper left corner `at` a place, paler by `opacity`."""

    at: QPoint
    pixmap: QPixmap
    opacity: float = 1.0

    def paint(self, painter: QPainter) -> None:
        painter.setOpacity(self.opacity)
        painter.drawPixmap(self.at, self.pixmap)
        painter.setOpacity(1.0)


class Drawing(NamedTuple):
    """A vector drawing stretched over `area`."""

    area: QRectF
    drawing: QSvgRenderer

    def paint(self, painter: QPainter) -> None:
        self.drawing.render(painter, self.area)


class Symbol(NamedTuple):
    """An icon in the middle of `area`, as of something that is `usable` or not."""

    area: QRect
    icon: QIcon
    usable: bool = True

    def paint(self, painter: QPainter) -> None:
        mode = QIcon.Mode.Normal if self.usable else QIcon.Mode.Disabled
        self.icon.paint(painter, self.area, CENTRE, mode)


class Group(NamedTuple):
    """`marks` together, around `at`: larger by `scale`, paler by `opacity`, turned by degrees.

    Edges that are not `smooth` lie between whole pixels. What is outside `clip`, seen from `at`, is cut off.
    """

    marks: Iterable[PaintMark]
    scale: float = 1.0
    opacity: float = 1.0
    at: QPointF = ORIGIN
    turn: float = 0.0
    smooth: bool = True
    clip: QRectF | None = None

    def paint(self, painter: QPainter) -> None:
        painter.save()
        painter.translate(self.at)
        painter.rotate(self.turn)
        painter.scale(self.scale, self.scale)
        painter.setOpacity(painter.opacity() * self.opacity)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self.smooth)
        if self.clip is not None:
            painter.setClipRect(self.clip, Qt.ClipOperation.IntersectClip)
        for mark in self.marks:
            mark.paint(painter)
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
            self._pixmap = _made(size, scale, paint)
            self._key = whole
        painter.drawPixmap(0, 0, self._pixmap)


class Kept(NamedTuple):
    """Marks that are painted once, and kept in `layer` until `key` is another."""

    layer: Layer
    size: QSize
    key: Hashable
    marks: Callable[[], Iterable[PaintMark]]

    def paint(self, painter: QPainter) -> None:
        self.layer.paint(painter, self.size, self.key, lambda into: paint(into, self.marks()))


class PaintedWidget(QWidget):
    """Shows its `marks`."""

    def marks(self) -> Iterable[PaintMark]:
        """What it shows, from the back to the front."""
        raise NotImplementedError

    def content(self) -> Hashable:
        """All that the marks depend on but its size, where their picture is worth keeping; None where it is not."""
        return None

    def ground(self) -> QColor | None:
        """What kept marks lie on, where nothing behind them is seen."""
        return None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the marks, or the picture of them that is kept."""
        with QPainter(self) as painter:
            if (content := self.content()) is None:
                paint(painter, self.marks())
                return
            scale, size, ground = scale_of(painter), self.size(), self.ground()
            key = (content, size.width(), size.height(), scale, ground and ground.rgba())
            made = kept.PICTURES.of(key, lambda: _made(size, scale, lambda into: paint(into, self.marks()), ground))
            painter.drawPixmap(0, 0, made)


class PaintedButton(QAbstractButton):
    """A button that shows its `marks`."""

    def marks(self) -> Iterable[PaintMark]:
        """What it shows, from the back to the front."""
        raise NotImplementedError

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the marks."""
        paint_on(self, self.marks())


class PaintedDelegate(QStyledItemDelegate):
    """Shows `marks` for each item of a list."""

    def marks(self, option: QStyleOptionViewItem, index: Index) -> Iterable[PaintMark]:
        """What an item shows, from the back to the front."""
        raise NotImplementedError

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the marks."""
        paint(painter, self.marks(option, index))


def paint(painter: QPainter, marks: Iterable[PaintMark]) -> None:
    """Paint `marks`, smooth at their edges; the painter is left as it was."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for mark in marks:
        mark.paint(painter)
    painter.restore()


def paint_on(device: QPaintDevice, marks: Iterable[PaintMark]) -> None:
    """Paint `marks` on a widget or a picture."""
    with QPainter(device) as painter:
        paint(painter, marks)


def pixmap_of(size: QSize, scale: float, marks: Iterable[PaintMark]) -> QPixmap:
    """`marks` on a transparent ground of `size` pixels, for a screen with `scale` device pixels a pixel."""
    return _made(size, scale, lambda painter: paint(painter, marks))


def image_of(size: tuple[int, int], ground: QColor, marks: Iterable[PaintMark]) -> QImage:
    """`marks` on a `ground` of `size` (width, height) pixels."""
    image = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(ground)
    paint_on(image, marks)
    return image


def _made(size: QSize, scale: float, paint: Paint, ground: QColor | None = None) -> QPixmap:
    pixmap = QPixmap(math.ceil(size.width() * scale), math.ceil(size.height() * scale))
    pixmap.setDevicePixelRatio(scale)
    pixmap.fill(ground or Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        paint(painter)
    return pixmap


def _dip(painter: QPainter, fill: QColor | None, edge: Edge) -> None:
    if isinstance(edge, QColor):
        edge = QPen(edge)
        edge.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(edge or Qt.PenStyle.NoPen)
    painter.setBrush(Qt.BrushStyle.NoBrush if fill is None else fill)


def scale_of(painter: QPainter) -> float:
    """Device pixels per pixel of what `painter` paints on."""
    return painter.deviceTransform().m11() or 1.0


def crisp(px: float) -> float:
    """The centre of the pixel column that `px` falls into, where a thin line is sharp; `px` itself where it is none."""
    return math.floor(px) + 0.5 if math.isfinite(px) else px
