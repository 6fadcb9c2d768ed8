"""The slider: how far the run has come, which steps it visits, and a handle to drag."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QToolTip, QWidget

from diffviz.domain.arrays import nearest_index
from diffviz.domain.axis_scale import AxisScale
from diffviz.domain.text import tr
from diffviz.session.run import Status
from diffviz.ui.timeline.axis import Axis, AxisMap, every
from diffviz.ui.timeline.run_progress import Mark, RunProgress, paint_notch
from diffviz.ui.widgets import math_label, theme
from diffviz.ui.widgets.painting import Layer, crisp, hatch

HEIGHT = 27
MIDDLE = 12.0
GROOVE = 4.0
RADIUS = 7.5
REACH = 12
TICK_ROOM = 4.0
NOTCH = 120
KEYS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_PageDown: -10,
    Qt.Key.Key_PageUp: 10,
}


class Slider(QAbstractSlider):
    """A slider over the axis. Its integer value counts planned frames from the low end; screen readers use it.

    `at` is the position of the cursor. Signals: `sought(position)`, `stepped(by)` frames to the right (negative: left),
    `jumped(end)` to the left end (-1) or the right one (+1).
    """

    sought = Signal(float)
    stepped = Signal(int)
    jumped = Signal(int)

    def __init__(self, axis: Axis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._axis = axis
        self.map = AxisMap.across(1, AxisScale(0.0, 1.0), False)
        self.track: RunProgress | None = None
        self.at = 0.0
        self._layer = Layer()
        self._marks: tuple[Mark, ...] = ()
        self._wheel = 0
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName(tr(axis.title))
        self.valueChanged.connect(self._on_value_changed)

    def set_map(self, axis: AxisMap) -> None:
        """Lay everything out anew by `axis`."""
        if axis != self.map:
            self.map = axis
            self.update()

    def set_marks(self, marks: tuple[Mark, ...]) -> None:
        """Show a notch at each of `marks`."""
        if marks != self._marks:
            self._marks = marks
            self.setAccessibleDescription(self.description())
            self.update()

    def show_track(self, track: RunProgress | None, cursor: float) -> None:
        """Show what has come of a run and where the cursor stands; repaints only what changed."""
        if track is not self.track:
            self.track = track
            self.setAccessibleDescription(self.description())
            self.update()
        if cursor != self.at:
            self.update(self._around(self.at))
            self.at = cursor
            self.update(self._around(cursor))
        self._tell_value()

    def handle_centre(self) -> QPointF:
        """Where the handle's centre is."""
        return QPointF(crisp(self.map.to_px(self.at)), MIDDLE)

    def tick_every(self) -> int:
        """Every which planned frame has a tick: 1 where there is room for all."""
        count = len(self.track.planned) if self.track else 0
        if count < 2 or self.track is None:
            return 1
        length = abs(self.map.to_px(self.track.planned[-1]) - self.map.to_px(self.track.planned[0]))
        return every(length / (count - 1), TICK_ROOM)

    def description(self) -> str:
        """How far the run has come and what the ticks stand for."""
        if self.track is None:
            return tr("No run yet")
        count, planned = self.track.count, len(self.track.planned)
        parts = [tr("{n} of {all} frames").format(n=count, all=planned)]
        if self.track.status in (Status.CANCELLED, Status.FAILED) and count < planned:
            parts.append(tr("stopped before the end"))
        n = self.tick_every()
        parts.append(
            tr("a tick at every visited step") if n == 1 else tr("a tick at every {n}th visited step").format(n=n)
        )
        parts += [tr("{mark} at {where}").format(mark=m.text, where=self._axis.form(m.position)) for m in self._marks]
        return " · ".join(parts)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys go from frame to frame as they point; Home and End to the ends on the screen."""
        key = Qt.Key(event.key())
        if key in KEYS:
            self.stepped.emit(KEYS[key])
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.jumped.emit(-1 if key == Qt.Key.Key_Home else 1)
        else:
            event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """One frame a notch."""
        turn = event.angleDelta().y() or -event.angleDelta().x()
        self._wheel += turn
        notches = int(self._wheel / NOTCH)
        self._wheel -= notches * NOTCH
        if notches:
            self.stepped.emit(notches)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to where the pointer is."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._seek(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the handle."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Nothing more to do."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus ring."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the focus ring."""
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Say how far the run has come."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.description(), self)
            return True
        return super().event(event)

    def sliderChange(self, change: QAbstractSlider.SliderChange) -> None:
        """The integer value is not what is painted."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint groove and ticks from their layer, and the handle."""
        painter = QPainter(self)
        key = (self.track.key if self.track else None, self.map, theme.palette().name, self._marks)
        self._layer.paint(painter, self.size(), key, self._paint_groove)
        if self.track:
            self._paint_handle(painter)

    def _paint_handle(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("panel"), 2))
        painter.setBrush(theme.color("cursor"))
        painter.drawEllipse(self.handle_centre(), RADIUS + 1, RADIUS + 1)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("text"), 1.5))
            painter.drawEllipse(self.handle_centre(), RADIUS + 2, RADIUS + 2)

    def _paint_groove(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._bar(painter, self.map.low, self.map.high, theme.color("edge"))
        self._paint_names(painter)
        if self.track is None:
            return
        if self.track.missing:
            self._paint_missing(painter, *self.track.missing)
        if self.track.filled:
            self._bar(painter, *self.track.filled, theme.blend("panel", "cursor", 0.62))
        self._paint_ticks(painter, self.track)
        for mark in self._marks:
            paint_notch(painter, self.map.to_px(mark.position), MIDDLE)

    def _paint_missing(self, painter: QPainter, low: float, high: float) -> None:
        box = self._box(low, high, GROOVE + 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("field"))
        painter.drawRoundedRect(box, 3, 3)
        hatch(painter, box, theme.blend("field", "quiet", 0.5), 5, 3)

    def _paint_ticks(self, painter: QPainter, track: RunProgress) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        shown = track.planned[:: self.tick_every()]
        for position, px in zip(shown, self.map.to_pxs(np.asarray(shown)), strict=True):
            hue = theme.blend("panel", "cursor", 0.75) if track.has(position) else theme.blend("panel", "quiet", 0.45)
            painter.fillRect(QRectF(crisp(float(px)) - 0.5, MIDDLE + 9, 1, 4), hue)

    def _paint_names(self, painter: QPainter) -> None:
        left, right = self._axis.low_name, self._axis.high_name
        if self.map.mirrored:
            left, right = right, left
        font, baseline = theme.font(12, 500), MIDDLE + 4
        name = math_label.Typeset(left, font)
        name.paint(painter, self.map.left_px - RADIUS - 7 - name.width, baseline, theme.color("quiet"))
        math_label.Typeset(right, font).paint(painter, self.map.right_px + RADIUS + 6, baseline, theme.color("quiet"))

    def _bar(self, painter: QPainter, low: float, high: float, color: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(self._box(low, high, GROOVE), GROOVE / 2, GROOVE / 2)

    def _box(self, low: float, high: float, height: float) -> QRectF:
        left, right = sorted((self.map.to_px(low), self.map.to_px(high)))
        return QRectF(left, MIDDLE - height / 2, right - left, height)

    def _around(self, position: float) -> QRect:
        return QRect(int(self.map.to_px(position)) - REACH, 0, 2 * REACH + 1, self.height())

    def _seek(self, px: float) -> None:
        if self.track:
            self.sought.emit(self.map.to_position(px))

    def _tell_value(self) -> None:
        """Keep the integer value in step, for screen readers."""
        if self.track is None:
            return
        planned = self.track.planned
        with QSignalBlocker(self):
            self.setRange(0, len(planned) - 1)
            self.setValue(nearest_index(planned, self.at))

    def _on_value_changed(self, value: int) -> None:
        if self.track:
            self.sought.emit(self.track.planned[value])

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(400, HEIGHT)
