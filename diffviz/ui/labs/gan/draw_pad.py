"""A canvas on which a distribution is drawn: every point becomes a Gaussian."""

from __future__ import annotations

import math
from collections.abc import Iterator

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from diffviz.domain.gan import EXTENT
from diffviz.domain.text import tr
from diffviz.ui.widgets import painting, theme

Points = tuple[tuple[float, float], ...]
MOST, APART = 400, 0.12
SIDE = 200
NUDGE = 0.15
KEYS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
OWN = (*KEYS, Qt.Key.Key_Space, Qt.Key.Key_Backspace)


class DrawCanvas(painting.PaintedWidget):
    """Takes strokes of the mouse, or points that the keyboard sets.

    Signals: `drawn(points)` while drawing, `settled` after each stroke.
    """

    drawn = Signal(object)
    settled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.points: Points = ()
        self.std = 0.15
        self._stroke = False
        self._at = (0.0, 0.0)
        self.setFixedHeight(SIDE)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(tr("Canvas for a distribution"))
        self.setToolTip(tr("Draw with the mouse, or with arrow keys and Space; every point becomes a Gaussian."))

    def show_points(self, points: Points, std: float) -> None:
        """Show what is drawn; nothing is emitted."""
        self.points, self.std = points, std
        self.setAccessibleDescription(tr("{n} of {most} points").format(n=len(points), most=MOST))
        self.update()

    def add(self, x: float, y: float) -> None:
        """Put a point at (x, y), unless the last one is too near or there are too many."""
        x, y = (min(max(value, -EXTENT), EXTENT) for value in (x, y))
        near = self.points and math.dist(self.points[-1], (x, y)) < APART
        if not near and len(self.points) < MOST:
            self.show_points((*self.points, (round(x, 3), round(y, 3))), self.std)
            self.drawn.emit(self.points)

    def area(self) -> QRectF:
        """The square that stands for ±EXTENT."""
        side = min(self.width(), self.height()) - 2
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def sizeHint(self) -> QSize:
        return QSize(SIDE, SIDE)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.area().contains(event.position()):
            self._stroke = True
            self.add(*self._place(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._stroke and self.area().contains(event.position()):
            self.add(*self._place(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._stroke:
            self._stroke = False
            self.settled.emit()

    def event(self, event: QEvent) -> bool:
        """Its keys are not the timeline's while the canvas has the keyboard."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in OWN:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in KEYS:
            self._at = tuple(  # type: ignore[assignment]
                min(max(a + NUDGE * b, -EXTENT), EXTENT) for a, b in zip(self._at, KEYS[key], strict=True)
            )
            self.update()
        elif key == Qt.Key.Key_Space:
            self.add(*self._at)
            self.settled.emit()
        elif key == Qt.Key.Key_Backspace and self.points:
            self.show_points(self.points[:-1], self.std)
            self.drawn.emit(self.points)
            self.settled.emit()
        else:
            super().keyPressEvent(event)

    def marks(self) -> Iterator[painting.PaintMark]:
        """The square, a Gaussian around every point, and a ring at the point that the keyboard is at."""
        area, focus, hue = self.area(), self.hasFocus(), "alpha_bar"
        yield painting.Rect(area, theme.blend("panel", "ground", 0.55), theme.color("cursor" if focus else "edge"), 4)
        at, reach = [self._pixel(*point) for point in self.points], self.std * area.width() / (2 * EXTENT)
        yield painting.Discs(at, max(1.5, reach), theme.color(hue, 0.25))
        yield painting.Discs(at, 1.5, theme.color(hue))
        if not self.points:
            yield painting.Words(area, tr("draw here"), theme.font(), theme.color("quiet"))
        if focus:
            yield painting.Discs([self._pixel(*self._at)], 5, edge=QPen(theme.color("cursor"), 1.5))

    def _pixel(self, x: float, y: float) -> QPointF:
        area = self.area()
        return QPointF(
            area.left() + (x + EXTENT) / (2 * EXTENT) * area.width(),
            area.bottom() - (y + EXTENT) / (2 * EXTENT) * area.height(),
        )

    def _place(self, at: QPointF) -> tuple[float, float]:
        area = self.area()
        return (
            (at.x() - area.left()) / area.width() * 2 * EXTENT - EXTENT,
            (area.bottom() - at.y()) / area.height() * 2 * EXTENT - EXTENT,
        )


class DrawPad(QWidget):
    """The canvas with "take back" and "clear". Signals: `drawn(points)`, `settled`."""

    drawn = Signal(object)
    settled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = DrawCanvas()
        self.undo, self.clear = QPushButton(tr("Take back")), QPushButton(tr("Clear"))
        self.undo.setToolTip(tr("Take the last stroke back"))
        self.clear.setToolTip(tr("Take all points away"))
        self._strokes: list[Points] = []
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.undo, 1)
        row.addWidget(self.clear, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.canvas)
        column.addLayout(row)
        self.canvas.drawn.connect(self.drawn)
        self.canvas.settled.connect(self._on_settled)
        self.undo.clicked.connect(self._on_undo)
        self.clear.clicked.connect(lambda: self._put(()))

    def show_points(self, points: Points, std: float) -> None:
        """Show what is drawn."""
        self.canvas.show_points(points, std)
        self._strokes = [stroke for stroke in self._strokes if len(stroke) < len(points)]
        self.undo.setEnabled(bool(points))
        self.clear.setEnabled(bool(points))

    @Slot()
    def _on_settled(self) -> None:
        self._strokes.append(self.canvas.points)
        self.settled.emit()

    @Slot()
    def _on_undo(self) -> None:
        before = [stroke for stroke in self._strokes if len(stroke) < len(self.canvas.points)]
        self._strokes = before
        self._put(before[-1] if before else ())

    def _put(self, points: Points) -> None:
        self.drawn.emit(points)
        self.settled.emit()
