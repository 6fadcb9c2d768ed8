"""Where points of a plane lie in pixels, and what moves over it: lines, rings, ellipses, targets, pictures.

Marks are plain data that paint themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from diffviz.domain.arrays import F64
from diffviz.ui.widgets import theme

TARGET = 9.0
"""Radius of a target in pixels."""


@dataclass(frozen=True, slots=True)
class PlaneScale:
    """`bounds` (x from, x to, y from, y to) of a plane over `area` (left, top, width, height) in pixels."""

    area: tuple[float, float, float, float]
    bounds: tuple[float, float, float, float]

    @property
    def per_unit(self) -> float:
        """Pixels to a unit."""
        return self.area[2] / (self.bounds[1] - self.bounds[0])

    @property
    def box(self) -> QRectF:
        """The part of the widget within the axes."""
        return QRectF(*self.area)

    def to_px(self, points: ArrayLike) -> F64:
        """Pixels (N, 2) of points (N, 2)."""
        left, top, width, height = self.area
        x0, x1, y0, y1 = self.bounds
        shares = (np.asarray(points, np.float64) - [x0, y1]) / [x1 - x0, y0 - y1]
        return np.asarray(shares * [width, height] + [left, top])

    def to_data(self, pixels: ArrayLike) -> F64:
        """Points (N, 2) at pixels (N, 2)."""
        left, top, width, height = self.area
        x0, x1, y0, y1 = self.bounds
        shares = (np.asarray(pixels, np.float64) - [left, top]) / [width, height]
        return np.asarray(shares * [x1 - x0, y0 - y1] + [x0, y1])

    def to_plane(self, px: float, py: float) -> tuple[float, float]:
        """The point at a pixel."""
        x, y = self.to_data([px, py]).tolist()
        return x, y


def inside(corners: ArrayLike, points: ArrayLike) -> NDArray[np.bool_]:
    """Which of `points` (N, 2) lie in the polygon of `corners` (K, 2), by the even-odd rule (Shimrat 1962)."""
    ring, at = np.asarray(corners, np.float64), np.asarray(points, np.float64).reshape(-1, 2)
    if len(ring) < 3 or not len(at):
        return np.zeros(len(at), bool)
    begin, end = ring[:, None, :], np.roll(ring, -1, axis=0)[:, None, :]
    crossed = (begin[..., 1] > at[:, 1]) != (end[..., 1] > at[:, 1])
    rise = np.where(crossed, end[..., 1] - begin[..., 1], 1.0)
    x = begin[..., 0] + (at[:, 1] - begin[..., 1]) * (end[..., 0] - begin[..., 0]) / rise
    found: NDArray[np.bool_] = (crossed & (at[:, 0] < x)).sum(0) % 2 == 1
    return found


class PlaneMark(Protocol):
    """Something that is painted over what lies still."""

    def paint(self, painter: QPainter, scale: PlaneScale) -> None:
        """Paint it on a plane of that scale."""


@dataclass(frozen=True, slots=True, eq=False)
class Trail:
    """A line through points (N, 2)."""

    points: F64
    hue: str = "text"

    def paint(self, painter: QPainter, scale: PlaneScale) -> None:
        """Paint it, the ground on both sides."""
        if len(self.points) < 2:
            return
        px = scale.to_px(self.points)
        line = pg.functions.arrayToQPolygonF(px[:, 0], px[:, 1])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for hue, width in (("ground", 4.0), (self.hue, 1.6)):
            painter.setPen(QPen(theme.color(hue), width))
            painter.drawPolyline(line)


@dataclass(frozen=True, slots=True, eq=False)
class PointRing:
    """A ring of `radius` pixels around a point (2,)."""

    at: ArrayLike
    radius: float
    hue: str = "cursor"
    width: float = 1.5
    ground: float = 3.5

    def paint(self, painter: QPainter, scale: PlaneScale) -> None:
        """Paint it over a wider one of the ground."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for hue, width in (("ground", self.ground), (self.hue, self.width)):
            painter.setPen(QPen(theme.color(hue), width))
            painter.drawEllipse(_pixel(scale, self.at), self.radius, self.radius)


@dataclass(frozen=True, slots=True, eq=False)
class Dot:
    """A disc with the ground around it, at a point (2,)."""

    at: ArrayLike
    radius: float = 6.0
    hue: str = "cursor"

    def paint(self, painter: QPainter, scale: PlaneScale) -> None:
        """Paint it."""
        painter.setPen(QPen(theme.color("ground"), 2))
        painter.setBrush(theme.color(self.hue))
        painter.drawEllipse(_pixel(scale, self.at), self.radius, self.radius)


@dataclass(frozen=True, slots=True, eq=False)
class Ellipse:
    """An ellipse around a point (2,): half its axes in units of the plane, and the turn of the first in radians."""

    at: F64
    large: float
    small: float
    angle: float
    hue: str = "data"

    def paint(self, painter: QPainter, scale: PlaneScale) -> None:
        """Paint it, filled faintly."""
        if self.large <= 0:
            return
        painter.save()
        painter.translate(_pixel(scale, self.at))
        painter.rotate(-np.degrees(self.angle))
        painter.setPen(QPen(theme.color(self.hue), 1.4))
        painter.setBrush(theme.color(self.hue, 0.25))
        painter.drawEllipse(QPointF(0, 0), self.large * scale.per_unit, self.small * scale.per_unit)
        painter.restore()


@dataclass(frozen=True, slots=True, eq=False)
class DragTarget:
    """A disc with a letter that can be dragged; `held` while it is, or while the keyboard moves it."""

    name: str
    at: ArrayLike
    held: bool = False

    def paint(self, painter: QPainter, scale: PlaneScale) -> None:
        """Paint it."""
        centre = _pixel(scale, self.at)
        painter.setPen(QPen(theme.color("cursor" if self.held else "ground"), 2.5))
        painter.setBrush(theme.color("text"))
        painter.drawEllipse(centre, TARGET, TARGET)
        painter.setFont(theme.font(11, 700))
        painter.setPen(theme.color("ground"))
        box = QRectF(centre.x() - 10, centre.y() - 10, 20, 20)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.name)


LARGE, APART, CAPTION = 84, 16, 15


@dataclass(frozen=True, slots=True, eq=False)
class PicturesBeside:
    """Pictures with words below beside a pixel, on the side where there is room."""

    at: QPointF
    pictures: tuple[tuple[QImage, str], ...]

    def boxes(self, scale: PlaneScale) -> list[QRectF]:
        """Where the pictures lie."""
        sizes = [_size(image) for image, _ in self.pictures]
        width = sum(across for across, _ in sizes) + 6 * (len(sizes) - 1)
        height = max((down for _, down in sizes), default=0) + self._foot
        area = scale.box
        right = self.at.x() + APART + 4 + width < area.right() or self.at.x() - area.left() < APART + width
        x = min(self.at.x() + APART, area.right() - width - 2) if right else self.at.x() - APART - width
        y = min(max(self.at.y() - height / 2, area.top() + 2), area.bottom() - height - 2)
        boxes = []
        for across, down in sizes:
            boxes.append(QRectF(round(x), round(y), across, down))
            x += across + 6
        return boxes

    def paint(self, painter: QPainter, scale: PlaneScale) -> None:
        """Paint them."""
        for box, (image, words) in zip(self.boxes(scale), self.pictures, strict=True):
            painter.fillRect(box.adjusted(-2, -2, 2, 2 + self._foot), theme.color("panel"))
            painter.drawImage(box, image)
            painter.setPen(QPen(theme.color("cursor"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(-1.5, -1.5, 0.5, 0.5 + self._foot))
            painter.setFont(theme.font(10))
            painter.setPen(theme.color("text"))
            foot = QRectF(box.left(), box.bottom(), box.width(), self._foot)
            fitting = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(foot.width()))
            painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, fitting)

    @property
    def _foot(self) -> int:
        return CAPTION if any(words for _, words in self.pictures) else 0


def _size(image: QImage) -> tuple[int, int]:
    times = max(1, LARGE // max(image.width(), image.height(), 1))
    width, height = image.width() * times, image.height() * times
    if max(width, height) > LARGE * 2:
        return LARGE, round(LARGE * image.height() / image.width())
    return width, height


def _pixel(scale: PlaneScale, at: ArrayLike) -> QPointF:
    return QPointF(*scale.to_px(at).tolist())


def paint_lasso(painter: QPainter, corners: list[tuple[float, float]]) -> None:
    """A lasso that is being drawn, through pixels (K, 2)."""
    if len(corners) < 2:
        return
    px = np.asarray(corners)
    line = pg.functions.arrayToQPolygonF(px[:, 0], px[:, 1])
    painter.setBrush(theme.color("cursor", 0.12))
    for hue, style in (("ground", Qt.PenStyle.SolidLine), ("cursor", Qt.PenStyle.DashLine)):
        painter.setPen(QPen(theme.color(hue), 1.4, style))
        painter.drawPolygon(line)
        painter.setBrush(Qt.BrushStyle.NoBrush)
