"""A map of the plane that real and generated points lie on: zoom, pan, and a pointer that asks D."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.gan import EXTENT
from diffviz.domain.text import tr
from diffviz.ui import theme
from diffviz.ui.gan.plane_painting import paint_plane
from diffviz.ui.gan.plane_scene import PlaneScene
from diffviz.ui.map.painting import area_of, paint_axes
from diffviz.ui.map.scale import Scale
from diffviz.ui.timeline.painting import Layer

ZOOM, NOTCH = 1.2, 120.0
NUDGE = 12.0
AXES = ("x_1", "x_2")
KEYS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
CORNERS = ((-EXTENT, -EXTENT), (EXTENT, EXTENT))


class PlaneMap(QWidget):
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
        self.scale = Scale()
        self.pointer: QPointF | None = None
        self._pressed: QPointF | None = None
        self._chosen = False
        self._layer, self._axes, self._edition = Layer(), Layer(), 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(150, 130)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(name)
        self.setAccessibleDescription(
            tr("Arrow keys move a pointer that asks D; plus and minus zoom, 0 shows all. Real and generated points.")
        )

    def renew(self) -> None:
        """Paint everything anew."""
        self._edition += 1
        self.update()

    def show_all(self) -> None:
        """Bring all of ±EXTENT into sight."""
        self._chosen = False
        self.scale = self.scale.fitted(CORNERS)
        self.update()
        self.looked.emit(self.scale)

    def follow(self, other: Scale) -> None:
        """Look at the same part of the plane as another map of the same size."""
        self._chosen = True
        self.scale = Scale(self.width(), self.height(), other.x, other.y, other.per_unit)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(330, 310)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.scale = self.scale.sized(self.width(), self.height())
        if not self._chosen:
            self.scale = self.scale.fitted(CORNERS)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            key = (self._edition, self.scale, theme.palette().name)
            self._layer.paint(painter, self.size(), key, lambda p: paint_plane(p, self.scene, self.scale))
            self._axes.paint(painter, self.size(), key[1:], lambda p: paint_axes(p, AXES, self.scale))
            if self.pointer is not None:
                self._paint_pointer(painter, self.pointer)
            if self.hasFocus():
                painter.setPen(QPen(theme.color("cursor"), 1))
                painter.drawRect(area_of(self.scale))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._pressed is not None and event.buttons() & Qt.MouseButton.LeftButton:
            step, self._pressed = at - self._pressed, at
            self._look(self.scale.moved(step.x(), step.y()))
        self._point(at)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.show_all()

    def leaveEvent(self, event: QEvent) -> None:
        self._point(None)

    def focusOutEvent(self, event: object) -> None:
        self._point(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        at = event.position()
        self._look(self.scale.zoomed(ZOOM ** (event.angleDelta().y() / NOTCH), at.x(), at.y()))
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Arrow keys are not the timeline's while the map has the keyboard."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in KEYS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, middle = Qt.Key(event.key()), area_of(self.scale).center()
        at = self.pointer or middle
        if key in KEYS:
            self._point(at + QPointF(*KEYS[key]) * NUDGE)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._look(self.scale.zoomed(ZOOM, at.x(), at.y()))
        elif key == Qt.Key.Key_Minus:
            self._look(self.scale.zoomed(1 / ZOOM, at.x(), at.y()))
        elif key == Qt.Key.Key_0:
            self.show_all()
        else:
            super().keyPressEvent(event)

    def _look(self, scale: Scale) -> None:
        self.scale, self._chosen = scale, True
        self.update()
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
