"""Planes: one scale for both directions, zoom about a point, pan, and the keys for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.arrays import F64
from diffviz.ui.widgets import painting, theme

LEFT, BOTTOM, TOP, RIGHT = 34, 24, 6, 6
ROOM = 0.07
CLOSEST, FARTHEST = 1e5, 0.5


@dataclass(frozen=True, slots=True)
class PlaneScale:
    """`per_unit` pixels to a unit, the plane's point (`x`, `y`) in the middle of a widget of `width` × `height`."""

    width: int = 1
    height: int = 1
    x: float = 0.0
    y: float = 0.0
    per_unit: float = 50.0

    @property
    def area(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of the part within the axes, in pixels."""
        return LEFT, TOP, max(1.0, self.width - LEFT - RIGHT), max(1.0, self.height - TOP - BOTTOM)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """What is seen: x from, x to, y from, y to."""
        _, _, width, height = self.area
        across, down = width / self.per_unit / 2, height / self.per_unit / 2
        return self.x - across, self.x + across, self.y - down, self.y + down

    def to_px(self, points: ArrayLike) -> F64:
        """Pixels (N, 2) of points (N, 2)."""
        left, top, width, height = self.area
        xy = np.asarray(points, np.float64)
        shift = (xy - [self.x, self.y]) * [self.per_unit, -self.per_unit]
        return np.asarray(shift + np.array([left + width / 2, top + height / 2]))

    def to_plane(self, px: float, py: float) -> tuple[float, float]:
        """The point at a pixel."""
        left, top, width, height = self.area
        return (
            self.x + (px - left - width / 2) / self.per_unit,
            self.y - (py - top - height / 2) / self.per_unit,
        )

    def sized(self, width: int, height: int) -> PlaneScale:
        """The same view in a widget of another size: what was seen stays in sight."""
        _, _, before_width, before_height = self.area
        made = replace(self, width=width, height=height)
        _, _, now_width, now_height = made.area
        if self.width <= 1 or self.height <= 1:
            return made
        grown = min(now_width / before_width, now_height / before_height)
        return replace(made, per_unit=self.per_unit * grown)

    def fitted(self, points: ArrayLike) -> PlaneScale:
        """A view of all `points` (N, 2), at least one, with a little room around them."""
        xy = np.asarray(points, np.float64)
        low, high = xy.min(0), xy.max(0)
        _, _, width, height = self.area
        span = np.maximum(high - low, 1e-3) * (1 + 2 * ROOM)
        middle = (low + high) / 2
        return replace(
            self, x=float(middle[0]), y=float(middle[1]), per_unit=float(min(width / span[0], height / span[1]))
        )

    def zoomed(self, factor: float, px: float, py: float) -> PlaneScale:
        """`factor` times as large, the point at a pixel staying there."""
        x, y = self.to_plane(px, py)
        per_unit = min(max(self.per_unit * factor, FARTHEST), CLOSEST)
        share = 1 - self.per_unit / per_unit
        return replace(self, x=self.x + (x - self.x) * share, y=self.y + (y - self.y) * share, per_unit=per_unit)

    def moved(self, dx: float, dy: float) -> PlaneScale:
        """Panned by pixels."""
        return replace(self, x=self.x - dx / self.per_unit, y=self.y + dy / self.per_unit)


ZOOM, NOTCH = 1.2, 120.0
ARROWS: Mapping[Qt.Key, tuple[int, int]] = MappingProxyType(
    {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
)
"""Arrow keys with their way to the right and upwards."""


class BaseMap(QWidget):
    """A part of a plane, by `scale`. The wheel, plus and minus zoom at the pointer; 0 and a double click show all.

    Subclasses say what all is (`extent`) and what an arrow key does (`press_arrow`); whoever changes what is painted
    calls `renew`. Signals: `view_changed`, after zoom, pan or another size.
    """

    view_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scale = PlaneScale()
        self.pointer: QPointF | None = None
        self._pressed: QPointF | None = None
        self._chosen = False
        self._layer, self._edition = painting.Layer(), 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def extent(self) -> ArrayLike:
        """Points (N, 2) that are all in sight when all is shown."""
        raise NotImplementedError

    def press_arrow(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        """Do what an arrow key is for; whether it was for anything."""
        raise NotImplementedError

    def renew(self) -> None:
        """Paint everything anew."""
        self._edition += 1
        self.update()

    def show_all(self) -> None:
        """Bring all of the extent into sight."""
        self._chosen = False
        self.scale = self.scale.fitted(self.extent())
        self.renew()
        self.view_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.scale = self.scale.sized(self.width(), self.height())
        if not self._chosen or event.oldSize().width() <= 0:
            self.scale = self.scale.fitted(self.extent())
        self.view_changed.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.show_all()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._zoom(ZOOM ** (event.angleDelta().y() / NOTCH), event.position())
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Arrow keys are not the timeline's while the map has the keyboard."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in ARROWS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, at = Qt.Key(event.key()), self.pointer or area_of(self.scale).center()
        if key in ARROWS and self.press_arrow(key, event.modifiers()):
            return
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom(ZOOM, at)
        elif key == Qt.Key.Key_Minus:
            self._zoom(1 / ZOOM, at)
        elif key == Qt.Key.Key_0:
            self.show_all()
        else:
            super().keyPressEvent(event)

    def _zoom(self, factor: float, at: QPointF) -> None:
        self._look(self.scale.zoomed(factor, at.x(), at.y()))

    def _pan(self, at: QPointF) -> None:
        """Let the plane follow the pointer, which is pressed and has come to `at`."""
        assert self._pressed is not None
        step, self._pressed = at - self._pressed, at
        self._look(self.scale.moved(step.x(), step.y()))

    def _look(self, scale: PlaneScale) -> None:
        self.scale, self._chosen = scale, True
        self.update()
        self.view_changed.emit()

    def _paint_focus(self, painter: QPainter) -> None:
        if self.hasFocus():
            painter.setPen(QPen(theme.color("cursor"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area_of(self.scale))


def area_of(scale: PlaneScale) -> QRectF:
    """The part of the widget within the axes."""
    return QRectF(*scale.area)
