"""What a timeline measures, and the one mapping between positions and pixels that all its parts share.

What filmstrip, slider and plots have in common: one axis map, a cursor, and a pointer that seeks.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from diffviz.domain.arrays import F64
from diffviz.domain.axis_scale import AxisScale
from diffviz.domain.plots import round_step, ticks
from diffviz.domain.text import mark
from diffviz.ui.timeline.run_progress import RunProgress
from diffviz.ui.widgets.format import timestep

__all__ = ["Axis", "AxisMap", "every", "round_step", "ticks"]


LEFT_MARGIN = 56
RIGHT_MARGIN = 30


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis as the timeline shows it.

    `name`, `low_name` and `high_name` are symbols in the notation of `diffviz.ui.widgets.math_label`; `title` is what a
    screen reader calls it, `counted` what is counted along it (both English, translated when shown); `form` writes a
    position.
    """

    name: str
    low_name: str
    high_name: str
    title: str
    form: Callable[[float], str] = "{:.0f}".format
    counted: str = mark("step")


DIFFUSION_TIME = Axis("t", "x_0", "x_T", mark("Diffusion time t"), timestep)


@dataclass(frozen=True, slots=True)
class AxisMap:
    """Positions of `scale` on pixels `left_px` … `right_px`; `mirrored` puts its high end on the left."""

    scale: AxisScale
    left_px: float
    right_px: float
    mirrored: bool = False

    @staticmethod
    def across(width: int, scale: AxisScale, mirrored: bool) -> AxisMap:
        """The map of a timeline that is `width` pixels wide."""
        return AxisMap(scale, LEFT_MARGIN, max(LEFT_MARGIN + 1, width - RIGHT_MARGIN), mirrored)

    @property
    def low(self) -> float:
        """The smallest position."""
        return self.scale.low

    @property
    def high(self) -> float:
        """The largest position."""
        return self.scale.high

    def to_px(self, position: float) -> float:
        """Where `position` lies, in pixels from the left edge."""
        share = self.scale.share(position)
        return self.left_px + (1 - share if self.mirrored else share) * (self.right_px - self.left_px)

    def to_pxs(self, positions: F64) -> F64:
        """Where each of `positions` lies."""
        share = self.scale.shares(positions)
        return self.left_px + (1 - share if self.mirrored else share) * (self.right_px - self.left_px)

    def to_position(self, px: float) -> float:
        """The position at `px`, held within the axis."""
        share = (px - self.left_px) / (self.right_px - self.left_px)
        share = min(max(1 - share if self.mirrored else share, 0.0), 1.0)
        return self.scale.position(share)

    @property
    def sign(self) -> int:
        """+1 where positions grow to the right, else -1."""
        return -1 if self.mirrored else 1


def every(spacing: float, room: float) -> int:
    """Which n-th of marks that are `spacing` pixels apart can be shown `room` pixels apart: 1, 2, 5, 10, 20 …"""
    if spacing <= 0:
        return 1
    return max(1, round(round_step(room / spacing, 1)))


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
