"""What a timeline measures, and the one mapping between positions and pixels that all its parts share.

What filmstrip, slider and plots have in common: one axis map, a cursor, and a pointer that seeks.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from diffviz.domain.arrays import F64
from diffviz.domain.axis_scale import AxisScale, Scale
from diffviz.domain.plots import round_step, ticks
from diffviz.domain.text import mark
from diffviz.ui.timeline.run_progress import RunProgress
from diffviz.ui.widgets.format import timestep

__all__ = ["Axis", "AxisMap", "every", "round_step", "ticks"]


EDGE = 1e-9
NOTCH, CLOSER = 120, 1.25
"""What the wheel turns in one notch, and how much closer that comes."""
SHORTEST = 0.002
AHEAD = 0.1
"""Where in what is seen a cursor stands that has left it: so that it does not leave it at once again."""
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
    """Positions of `scale` on pixels `left_px` … `right_px`; `mirrored` puts its high end on the left.

    What is seen of it are the shares `begin` … `end` of its length: all of it, or the part that is zoomed to.
    """

    scale: Scale
    left_px: float
    right_px: float
    mirrored: bool = False
    begin: float = 0.0
    end: float = 1.0

    @staticmethod
    def across(width: int, scale: Scale, mirrored: bool, begin: float = 0.0, end: float = 1.0) -> AxisMap:
        """The map of a timeline that is `width` pixels wide."""
        return AxisMap(scale, LEFT_MARGIN, max(LEFT_MARGIN + 1, width - RIGHT_MARGIN), mirrored, begin, end)

    @property
    def low(self) -> float:
        """The smallest position."""
        return self.scale.low

    @property
    def high(self) -> float:
        """The largest position."""
        return self.scale.high

    @property
    def seen(self) -> tuple[float, float] | None:
        """The smallest and the largest position that is seen; None where that is all of it."""
        return (self.scale.position(self.begin), self.scale.position(self.end)) if self.zoomed else None

    @property
    def zoomed(self) -> bool:
        """Whether only a part of it is seen."""
        return self.end - self.begin < 1

    def shows(self, position: float) -> bool:
        """Whether `position` is within what is seen."""
        return self.begin - EDGE <= self.scale.share(position) <= self.end + EDGE

    def to_px(self, position: float) -> float:
        """Where `position` lies, in pixels from the left edge."""
        return self._px(self.scale.share(position))

    def to_pxs(self, positions: F64) -> F64:
        """Where each of `positions` lies."""
        share = (self.scale.shares(positions) - self.begin) / (self.end - self.begin)
        return self.left_px + (1 - share if self.mirrored else share) * (self.right_px - self.left_px)

    def to_position(self, px: float) -> float:
        """The position at `px`, held within what is seen of the axis."""
        return self.scale.position(self.to_share(px))

    def to_share(self, px: float) -> float:
        """The share of the length that lies at `px`, held within what is seen."""
        share = min(max((px - self.left_px) / (self.right_px - self.left_px), 0.0), 1.0)
        return self.begin + (1 - share if self.mirrored else share) * (self.end - self.begin)

    def closer(self, factor: float, px: float) -> tuple[float, float]:
        """What is seen `factor` times as large, where what lies at `px` stays there."""
        length = min(max((self.end - self.begin) / factor, SHORTEST), 1.0)
        at = self.to_share(px)
        return within(at - (at - self.begin) / (self.end - self.begin) * length, length)

    def along(self, px: float) -> tuple[float, float]:
        """What is seen once all has moved `px` pixels to the right."""
        by = px / (self.right_px - self.left_px) * (self.end - self.begin)
        return within(self.begin - by * self.sign, self.end - self.begin)

    def following(self, position: float) -> tuple[float, float]:
        """What is seen where `position` is to be: the same as long as that is, else as little farther as can be."""
        share, length = self.scale.share(position), self.end - self.begin
        if self.shows(position):
            return self.begin, self.end
        return within(share - length * (AHEAD if share < self.begin else 1 - AHEAD), length)

    def _px(self, share: float) -> float:
        spot = (share - self.begin) / (self.end - self.begin)
        return self.left_px + (1 - spot if self.mirrored else spot) * (self.right_px - self.left_px)

    @property
    def sign(self) -> int:
        """+1 where positions grow to the right, else -1."""
        return -1 if self.mirrored else 1


def within(begin: float, length: float) -> tuple[float, float]:
    """A part of `length`, 0 … 1, that begins at `begin` or as near to that as can be."""
    begin = min(max(begin, 0.0), 1.0 - length)
    return begin, begin + length


def every(spacing: float, room: float) -> int:
    """Which n-th of marks that are `spacing` pixels apart can be shown `room` pixels apart: 1, 2, 5, 10, 20 …"""
    if spacing <= 0:
        return 1
    return max(1, round(round_step(room / spacing, 1)))


class AxisWidget(QWidget):
    """A widget over the axis; `at` is where the cursor stands.

    Signals: `sought(position)`, where a person pointed; `zoomed(begin, end)`, the shares of the axis to be seen.
    """

    sought = Signal(float)
    zoomed = Signal(float, float)
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
            before, self.at = self.strip(self.at), cursor
            self.update(before.united(self.strip(cursor)))  # a clip of two rectangles is dearer than a larger one

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

    def wheelEvent(self, event: QWheelEvent) -> None:
        """With Ctrl, closer or farther at the pointer."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoomed.emit(*self.map.closer(CLOSER ** (event.angleDelta().y() / NOTCH), event.position().x()))
            event.accept()
        else:
            event.ignore()
