"""What all maps of a plane have in common: one scale, zoom, pan, and the keys for it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from numpy.typing import ArrayLike
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.ui.map.painting import area_of
from diffviz.ui.map.scale import PlaneScale
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.painting import Layer

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
        self._layer, self._edition = Layer(), 0
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
