"""What filmstrip, slider and plots have in common: one axis map, a cursor, and a pointer that seeks."""

from __future__ import annotations

import math

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from diffviz.domain.axis_scale import AxisScale
from diffviz.ui.timeline.axis import AxisMap
from diffviz.ui.timeline.run_progress import RunProgress


class AxisWidget(QWidget):
    """A widget over the axis; `at` is where the cursor stands. Signals: `sought(position)`, where a person pointed."""

    sought = Signal(float)
    REACH = 2
    """Pixels to each side of the cursor that its drawing takes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.map = AxisMap.across(1, AxisScale(0.0, 1.0), False)
        self.track: RunProgress | None = None
        self.at = 0.0

    def set_map(self, axis: AxisMap) -> None:
        """Lay everything out anew by `axis`."""
        if axis != self.map:
            self.map = axis
            self.update()

    def show_track(self, track: RunProgress | None, cursor: float) -> None:
        """Show what has come of a run and where the cursor stands; repaints only what changed."""
        if track is not self.track:
            self.track = track
            self.update()
        self.move_cursor(cursor)

    def move_cursor(self, cursor: float) -> None:
        """Move what is drawn at the cursor."""
        if cursor != self.at:
            self.update(self.strip(self.at))
            self.at = cursor
            self.update(self.strip(cursor))

    @property
    def cursor_px(self) -> float:
        """Where the cursor stands, in pixels from the left edge."""
        return self.map.to_px(self.at)

    def strip(self, position: float) -> QRect:
        """The area around `position` that the cursor's drawing takes."""
        left = math.floor(self.map.to_px(position)) - self.REACH
        return QRect(left, 0, 2 * self.REACH + 2, self.height())

    def seek_px(self, px: float) -> None:
        """Ask for the cursor to go to `px`."""
        if self.track:
            self.sought.emit(self.map.to_position(px))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to where the pointer is."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.seek_px(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the cursor along."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.seek_px(event.position().x())
