"""A small plot for instruments: curves kept as a picture, with a cursor, points and handles over them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.ui.plots.chart_painting import (
    ChartLine,
    ChartScale,
    Handle,
    Limits,
    fitting,
    logarithmic,
    paint_axes,
    paint_cursor,
    paint_handle,
    paint_legend,
    paint_lines,
)
from diffviz.ui.widgets import notice, painting, theme
from diffviz.ui.widgets.math_label import Typeset, plain

LEFT, RIGHT, TOP, BOTTOM = 40, 16, 20, 22
BARE_TOP = 6
GRASP = 14.0
KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Space)


class Chart(QWidget):
    """Lines over an axis named `x_name`. With `log`, log₁₀ of heights is drawn and the axis says so.

    While there are no lines and `promise` says what is to come, that stands in the place of the axes.

    Signals: `handle_moved(index, x, y)`, in the plot's own units; `pointed(x)`, where no handle was taken.
    """

    handle_moved = Signal(int, float, float)
    pointed = Signal(float)

    def __init__(
        self, name: str, x_name: str = "", y_name: str = "", *, height: int = 150, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.lines: tuple[ChartLine, ...] = ()
        self.handles: tuple[Handle, ...] = ()
        self.marker: float | None = None
        self.promise = ("", "")
        self.log = False
        self.x_limits: Limits = (0.0, 1.0)
        self.y_limits: Limits = (0.0, 1.0)
        self.current = 0
        self._x_name, self._y_name = Typeset(x_name, theme.font(12, 500)), Typeset(y_name, theme.font(12, 500))
        self._held: int | None = None
        self._version = 0
        self._layer = painting.Layer()
        self.setAccessibleName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # what lies behind is not painted each time
        self.setMinimumHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lines(
        self, lines: Sequence[ChartLine], x_limits: Limits, y_limits: Limits | None = None, *, log: bool = False
    ) -> None:
        """Draw `lines`; without `y_limits` the axis fits them."""
        self.log = log
        self.lines = tuple(logarithmic(line) if log else line for line in lines)
        self.x_limits = x_limits
        self.y_limits = y_limits or fitting(self.lines, x_limits)
        self._version += 1
        self._describe()
        self.update()

    def promise_with(self, title: str, sentence: str = "") -> None:
        """Say `title` and `sentence` until there are lines."""
        if (title, sentence) != self.promise:
            self.promise = (title, sentence)
            self._version += 1
            self._describe()
            self.update()

    @property
    def awaited(self) -> bool:
        """Whether it shows what is to come in the place of axes."""
        return not self.lines and bool(self.promise[0])

    def show_handles(self, handles: Sequence[Handle]) -> None:
        """Show points that can be dragged; Tab goes to the plot, arrow keys move the current one, Space the next."""
        self.handles = tuple(handles)
        self.current = min(self.current, max(0, len(handles) - 1))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if handles else Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(bool(handles))
        self.update()

    def show_cursor(self, x: float | None) -> None:
        """Draw the cursor at `x`, with a ring on every curve."""
        if x != self.marker:
            self.marker = x
            self.update()

    def area(self) -> QRectF:
        """Where curves are drawn."""
        top = TOP if any(line.label for line in self.lines) else BARE_TOP
        return QRectF(LEFT, top, max(1, self.width() - LEFT - RIGHT), max(1, self.height() - top - BOTTOM))

    @property
    def scale(self) -> ChartScale:
        """Where points lie."""
        return ChartScale(self.area(), self.x_limits, self.y_limits)

    def to_px(self, x: float, y: float) -> QPointF:
        """Where the point (x, y) lies; y is a height as it is drawn."""
        return self.scale.to_px(x, y)

    def to_data(self, at: QPointF) -> tuple[float, float]:
        """The point at `at`, held within the axes."""
        return self.scale.to_data(at)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the nearest handle, or point."""
        self._held = self._near(event.position())
        if self._held is not None:
            self.current = self._held
            self.update()
        else:
            self.pointed.emit(self.to_data(event.position())[0])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the handle, or point."""
        if not event.buttons() & Qt.MouseButton.LeftButton:
            near = self._near(event.position()) is not None
            self.setCursor(Qt.CursorShape.SizeAllCursor if near else Qt.CursorShape.ArrowCursor)
        elif self._held is not None:
            self.handle_moved.emit(self._held, *self.to_data(event.position()))
        else:
            self.pointed.emit(self.to_data(event.position())[0])

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the handle go."""
        self._held = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys move the current handle by a hundredth of an axis, Space takes the next one."""
        key = Qt.Key(event.key())
        by = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
        if not self.handles or (key not in by and key != Qt.Key.Key_Space):
            super().keyPressEvent(event)
            return
        if key == Qt.Key.Key_Space:
            self.current = (self.current + 1) % len(self.handles)
            self.update()
            return
        handle, (right, up) = self.handles[self.current], by[key]
        x = handle.x + right * (self.x_limits[1] - self.x_limits[0]) / 100
        y = handle.y + up * (self.y_limits[1] - self.y_limits[0]) / 100
        self.handle_moved.emit(self.current, *self.to_data(self.to_px(x, y)))

    def event(self, event: QEvent) -> bool:
        """Keep the keys that move a handle from the timeline."""
        asked = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self.handles
        if asked and isinstance(event, QKeyEvent) and event.key() in KEYS:
            event.accept()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the kept picture, and what moves over it."""
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), theme.color("panel"))
            key = (self._version, theme.palette().name)
            self._layer.paint(painter, self.size(), key, self._paint_layer)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.marker is not None and not self.awaited and self.x_limits[0] <= self.marker <= self.x_limits[1]:
                paint_cursor(painter, self.scale, self.lines, self.marker)
            for index, handle in enumerate(self.handles):
                paint_handle(painter, self.scale, handle, self.hasFocus() and index == self.current)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(280, self.minimumHeight())

    def _near(self, at: QPointF) -> int | None:
        distances = [(self.to_px(h.x, h.y) - at).manhattanLength() for h in self.handles]
        index = min(range(len(distances)), key=distances.__getitem__, default=None)
        return index if index is not None and distances[index] <= GRASP else None

    def _paint_layer(self, painter: QPainter) -> None:
        if self.awaited:
            notice.paint_words(painter, QRectF(self.rect()), *self.promise)
            return
        scale = self.scale
        paint_axes(painter, scale, self._x_name, Typeset("log₁₀", theme.font(10)) if self.log else self._y_name)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_lines(painter, scale, self.lines)
        paint_legend(painter, self.lines, LEFT, self.width())

    def _describe(self) -> None:
        said = self.promise if self.awaited else [plain(line.label) for line in self.lines if line.label]
        self.setAccessibleDescription(", ".join(text for text in said if text))


__all__ = ["Chart", "ChartLine", "Handle"]
