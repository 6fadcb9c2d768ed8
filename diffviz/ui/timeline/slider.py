"""The slider: how far the run has come, which steps it visits, a handle to drag, and what is marked on the axis."""

from __future__ import annotations

import numpy as np
from PySide6 import QtGui
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QToolTip, QWidget

from diffviz.domain.arrays import nearest_index
from diffviz.domain.axis_scale import AxisScale
from diffviz.domain.text import tr
from diffviz.session.run import Status
from diffviz.ui.timeline import places
from diffviz.ui.timeline.axis import CLOSER, NOTCH, Axis, AxisMap, every
from diffviz.ui.timeline.run_progress import Mark, RunProgress, paint_notch
from diffviz.ui.widgets import math_label, theme
from diffviz.ui.widgets.painting import Layer, crisp

HEIGHT = 30
MIDDLE = 12.0
GROOVE = 4.0
RADIUS = 7.5
REACH = 12
TICK_ROOM = 4.0
BAR = 26.0
"""Where the bar begins that shows which part of the axis is seen."""
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

    `at` is the position of the cursor. Shift and a drag choose a range, whose ends are then handles; the wheel with
    Ctrl zooms, and the bar below is dragged along. Signals: `sought(position)`, `stepped(by)` frames to the right
    (negative: left), `jumped(end)` to the left end (-1) or the right one (+1), `range_chosen(span)`, None to remove
    it, `zoomed(begin, end)`, the shares of the axis to be seen.
    """

    sought = Signal(float)
    stepped = Signal(int)
    jumped = Signal(int)
    range_chosen = Signal(object)
    zoomed = Signal(float, float)

    def __init__(self, axis: Axis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._axis = axis
        self.map = AxisMap.across(1, AxisScale(0.0, 1.0), False)
        self.track: RunProgress | None = None
        self.at = 0.0
        self._layer = Layer()
        self._marks: tuple[Mark, ...] = ()
        self._marked = places.NOTHING
        self._range = places.RangeDrag()
        self._bar_px: float | None = None
        self._wheel = 0
        self.setMouseTracking(True)
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

    def show_marked(self, marked: places.Marked) -> None:
        """Show a chosen range and bookmarks."""
        if marked != self._marked:
            self._marked = marked
            self.setAccessibleDescription(self.description())
            self.update()

    def show_track(self, track: RunProgress | None, cursor: float) -> None:
        """Show what has come of a run and where the cursor stands; repaints only what changed."""
        if track is not self.track:
            self.track = track
            self.setAccessibleDescription(self.description())
            self.update()
        if cursor != self.at:
            before, self.at = self._around(self.at), cursor
            self.update(before.united(self._around(cursor)))  # a clip of two rectangles is dearer than a larger one
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
        parts += self._marked.words(self._axis)
        if self.map.seen:
            low, high = map(self._axis.form, self.map.seen)
            parts.append(tr("seen from {low} to {high}").format(low=low, high=high))
        return " · ".join(parts)

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        """Arrow keys go from frame to frame as they point; Home and End to the ends on the screen."""
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape and self._marked.chosen:
            self.range_chosen.emit(None)
        elif key in KEYS:
            self.stepped.emit(KEYS[key])
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.jumped.emit(-1 if key == Qt.Key.Key_Home else 1)
        else:
            event.ignore()

    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:
        """One frame a notch; with Ctrl, closer or farther."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoomed.emit(*self.map.closer(CLOSER ** (event.angleDelta().y() / NOTCH), event.position().x()))
            event.accept()
            return
        turn = event.angleDelta().y() or -event.angleDelta().x()
        self._wheel += turn
        notches = int(self._wheel / NOTCH)
        self._wheel -= notches * NOTCH
        if notches:
            self.stepped.emit(notches)
        event.accept()

    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        """Go to where the pointer is, or begin to drag a range, an end of it, or the part that is seen."""
        if event.button() != Qt.MouseButton.LeftButton or self.track is None:
            return
        px, fixed = event.position().x(), self._fixed_end(event.position())
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._range.begin(self.map.to_position(px))
        elif fixed is not None:
            self._range.begin(fixed)
        elif self._on_bar(event.position()):
            self._bar_px = px
        else:
            self._seek(px)

    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:
        """Drag the handle, or what was taken hold of; show what can be dragged."""
        px = event.position().x()
        if not event.buttons() & Qt.MouseButton.LeftButton:
            there = self._fixed_end(event.position()) is not None or self._on_bar(event.position())
            self.setCursor(Qt.CursorShape.SizeHorCursor if there else Qt.CursorShape.ArrowCursor)
        elif self._range.active and self.track:
            self.range_chosen.emit(self._range.to(self.track.planned, self.map.to_position(px)))
        elif self._bar_px is not None:
            moved, self._bar_px = px - self._bar_px, px
            self.zoomed.emit(*self.map.along(-moved / (self.map.end - self.map.begin)))
        else:
            self._seek(px)

    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:
        """What was dragged stays where it is."""
        self._range.end()
        self._bar_px = None

    def mouseDoubleClickEvent(self, event: QtGui.QMouseEvent) -> None:
        """See all of the axis."""
        if self.map.zoomed:
            self.zoomed.emit(0.0, 1.0)
        else:
            self.mousePressEvent(event)

    def showEvent(self, event: QtGui.QShowEvent) -> None:
        """It paints its ground itself, whatever a style sheet says of sliders."""
        super().showEvent(event)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def focusInEvent(self, event: QtGui.QFocusEvent) -> None:
        """Show the focus ring."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QtGui.QFocusEvent) -> None:
        """Hide the focus ring."""
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Say how far the run has come, or what a bookmark is called; Escape is the range's while there is one."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QtGui.QHelpEvent):
            mark = self._marked.near(event.pos().x(), self.map)
            text = places.called(mark, self._axis) if mark else self.description()
            QToolTip.showText(event.globalPos(), text, self)
            return True
        wanted = isinstance(event, QtGui.QKeyEvent) and event.key() == Qt.Key.Key_Escape and self._marked.chosen
        if event.type() == QEvent.Type.ShortcutOverride and wanted:
            event.accept()
            return True
        return super().event(event)

    def sliderChange(self, change: QAbstractSlider.SliderChange) -> None:
        """The integer value is not what is painted."""

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        """Paint groove and ticks from their layer, and the handle."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.color("panel"))
        key = (self.track.key if self.track else None, self.map, theme.palette().name, self._marks, self._marked)
        self._layer.paint(painter, self.size(), key, self._paint_groove)
        if self.track and self.map.shows(self.at):
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
        self._paint_names(painter)
        places.paint_overview(painter, self.map, BAR)
        left, right = self.map.left_px - RADIUS, self.map.right_px + RADIUS
        painter.setClipRect(QRectF(left, 0, right - left, self.height()))
        self._bar(painter, self.map.low, self.map.high, theme.color("edge"))
        places.paint_breaks(painter, self.map, MIDDLE)
        if self.track is None:
            return
        if self.track.missing:
            self._paint_missing(painter, *self.track.missing)
        if self.track.filled:
            self._bar(painter, *self.track.filled, theme.blend("panel", "cursor", 0.62))
        self._paint_ticks(painter, self.track)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for mark in self._marks:
            paint_notch(painter, self.map.to_px(mark.position), MIDDLE)
        if self._marked.chosen:
            places.paint_range(painter, self.map, self._marked.chosen, MIDDLE)
        for bookmark in self._marked.bookmarks:
            places.paint_flag(painter, self.map.to_px(bookmark.position))

    def _paint_missing(self, painter: QPainter, low: float, high: float) -> None:
        box = self._box(low, high, GROOVE + 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("field"))
        painter.drawRoundedRect(box, 3, 3)
        places.hatch(painter, box, theme.blend("field", "quiet", 0.5), 5, 3)

    def _paint_ticks(self, painter: QPainter, track: RunProgress) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        shown = np.asarray(track.planned[:: self.tick_every()])
        pxs = self.map.to_pxs(shown)
        seen = (pxs >= self.map.left_px - 1) & (pxs <= self.map.right_px + 1)
        there, missing = theme.blend("panel", "cursor", 0.75), theme.blend("panel", "quiet", 0.45)
        for position, px in zip(shown[seen].tolist(), pxs[seen].tolist(), strict=True):
            painter.fillRect(QRectF(crisp(px) - 0.5, MIDDLE + 9, 1, 4), there if track.has(position) else missing)

    def _paint_names(self, painter: QPainter) -> None:
        left = self._axis.low_name if self.map.begin <= 0 else ""
        right = self._axis.high_name if self.map.end >= 1 else ""
        if self.map.mirrored:
            left, right = right, left
        font, baseline = theme.font(12, 500), MIDDLE + 4
        name = math_label.Typeset(left, font)
        name.at(self.map.left_px - RADIUS - 7 - name.width, baseline, theme.color("quiet")).paint(painter)
        end = math_label.Typeset(right, font)
        end.at(self.map.right_px + RADIUS + 6, baseline, theme.color("quiet")).paint(painter)

    def _bar(self, painter: QPainter, low: float, high: float, color: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(self._box(low, high, GROOVE), GROOVE / 2, GROOVE / 2)

    def _box(self, low: float, high: float, height: float) -> QRectF:
        ends = sorted((self.map.to_px(low), self.map.to_px(high)))
        left, right = (min(max(end, self.map.left_px - REACH), self.map.right_px + REACH) for end in ends)
        return QRectF(left, MIDDLE - height / 2, right - left, height)

    def _around(self, position: float) -> QRect:
        return QRect(int(self.map.to_px(position)) - REACH, 0, 2 * REACH + 1, self.height())

    def _fixed_end(self, at: QPointF) -> float | None:
        """The other end of the range where one is at `at` and can be dragged: the cursor's handle lies over it."""
        reach = at - self.handle_centre()
        over = self.map.shows(self.at) and abs(reach.x()) <= RADIUS and abs(reach.y()) <= RADIUS
        return None if over else places.fixed_end(self._marked, self.map, at.x())

    def _on_bar(self, at: QPointF) -> bool:
        seen = places.overview(self.map, self.map.begin, self.map.end)
        return self.map.zoomed and at.y() >= BAR - 1 and seen.left() <= at.x() <= seen.right()

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
