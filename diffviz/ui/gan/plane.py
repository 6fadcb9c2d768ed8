"""A map of the plane that real and generated points lie on: zoom, pan, and a pointer that asks D."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from diffviz.domain.gan import EXTENT
from diffviz.domain.text import tr
from diffviz.ui.gan.plane_painting import paint_plane
from diffviz.ui.gan.plane_scene import PlaneScene
from diffviz.ui.map.base_map import ARROWS, BaseMap
from diffviz.ui.map.painting import area_of, paint_axes
from diffviz.ui.map.scale import PlaneScale
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.painting import Layer

NUDGE = 12.0
AXES = ("x_1", "x_2")
CORNERS = ((-EXTENT, -EXTENT), (EXTENT, EXTENT))


class PlaneMap(BaseMap):
    """Paints `scene`; whoever changes the scene calls `renew`.

    The pointer is the mouse's, or, while the map has the keyboard, one that arrow keys move. Signals: `hovered(x, y)`,
    a place on the plane, and `left`; `looked(scale)` after zoom or pan by a person.
    """

    hovered = Signal(float, float)
    left = Signal()
    looked = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene = PlaneScene()
        self._axes = Layer()
        self.setMinimumSize(150, 130)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(name)
        self.setAccessibleDescription(
            tr("Arrow keys move a pointer that asks D; plus and minus zoom, 0 shows all. Real and generated points.")
        )

    def extent(self) -> tuple[tuple[float, float], ...]:
        """All of ±EXTENT."""
        return CORNERS

    def press_arrow(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        """Move the pointer."""
        across, up = ARROWS[key]
        self._point((self.pointer or area_of(self.scale).center()) + QPointF(across, -up) * NUDGE)
        return True

    def show_all(self) -> None:
        """Bring all of ±EXTENT into sight."""
        super().show_all()
        self.looked.emit(self.scale)

    def follow(self, other: PlaneScale) -> None:
        """Look at the same part of the plane as another map of the same size."""
        self._chosen = True
        self.scale = PlaneScale(self.width(), self.height(), other.x, other.y, other.per_unit)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(330, 310)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            key = (self._edition, self.scale, theme.palette().name)
            self._layer.paint(painter, self.size(), key, lambda p: paint_plane(p, self.scene, self.scale))
            self._axes.paint(painter, self.size(), key[1:], lambda p: paint_axes(p, AXES, self.scale))
            if self.pointer is not None:
                self._paint_pointer(painter, self.pointer)
            self._paint_focus(painter)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._pressed is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._pan(at)
        self._point(at)

    def leaveEvent(self, event: QEvent) -> None:
        self._point(None)

    def focusOutEvent(self, event: object) -> None:
        self._point(None)

    def _look(self, scale: PlaneScale) -> None:
        super()._look(scale)
        self.looked.emit(scale)

    def _point(self, at: QPointF | None) -> None:
        inside = at is not None and area_of(self.scale).contains(at)
        self.pointer = at if inside else None
        if at is not None and inside:
            self.hovered.emit(*self.scale.to_plane(at.x(), at.y()))
        else:
            self.left.emit()
        self.update()

    def _paint_pointer(self, painter: QPainter, at: QPointF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for hue, width in (("ground", 3.5), ("cursor", 1.5)):
            painter.setPen(QPen(theme.color(hue), width))
            painter.drawEllipse(at, 6, 6)
