"""What a person has chosen on the axis, as the parts of the timeline show it: a range, bookmarks, the part seen.

A range is a band with a bracket at each end, which can be dragged; what lies outside is paler in filmstrip and plots.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from diffviz.domain.bookmarks import Bookmark, Bookmarks, Span, span_over
from diffviz.domain.text import tr
from diffviz.ui.timeline.axis import Axis, AxisMap
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.math_label import plain
from diffviz.ui.widgets.painting import crisp

REACH = 6.0
"""Pixels from an end of a range, or from a bookmark, at which the pointer is on it."""
BAND = 13.0
FOOT = 4.0
FLAG = 3.5
OVERVIEW = 3.0
VEIL = 0.62


@dataclass(frozen=True, slots=True)
class Marked:
    """The range that is chosen on the axis, and the bookmarks of the shown run."""

    chosen: Span | None = None
    bookmarks: Bookmarks = ()

    def near(self, px: float, across: AxisMap) -> Bookmark | None:
        """The bookmark at `px`."""
        at = [(abs(across.to_px(mark.position) - px), mark) for mark in self.bookmarks]
        return min((each for each in at if each[0] <= REACH), default=(0.0, None))[1]

    def words(self, axis: Axis) -> list[str]:
        """What there is, for tooltips and screen readers."""
        parts = []
        if self.chosen:
            low, high = axis.form(self.chosen.low), axis.form(self.chosen.high)
            parts.append(tr("range from {low} to {high}").format(low=low, high=high))
        return parts + [tr("bookmark: {what}").format(what=called(mark, axis)) for mark in self.bookmarks]


NOTHING = Marked()


def called(mark: Bookmark, axis: Axis) -> str:
    """What `mark` is called: its name and its place, or its place alone."""
    place = f"{plain(axis.name)} = {axis.form(mark.position)}"
    return tr("{name} ({place})").format(name=mark.name, place=place) if mark.name else place


class RangeDrag:
    """A range being dragged: from where it was begun, or from the end that stays, to the pointer."""

    def __init__(self) -> None:
        self._from: float | None = None

    @property
    def active(self) -> bool:
        """Whether one is being dragged."""
        return self._from is not None

    def begin(self, position: float) -> None:
        """Begin a new range at `position`, or go on with one whose other end is there."""
        self._from = position

    def to(self, positions: Sequence[float], position: float) -> Span | None:
        """The range as far as `position`, between two of the frames at `positions`; None where they are one."""
        return None if self._from is None else span_over(positions, self._from, position)

    def end(self) -> None:
        """It stays as it is."""
        self._from = None


def fixed_end(marked: Marked, across: AxisMap, px: float) -> float | None:
    """The end of the range that stays where the other one is dragged, at `px`; None where there is none to drag."""
    if marked.chosen is None:
        return None
    ends = (marked.chosen.low, marked.chosen.high)
    reach = [abs(across.to_px(end) - px) for end in ends]
    return ends[1 - reach.index(min(reach))] if min(reach) <= REACH else None


def paint_range(painter: QPainter, across: AxisMap, chosen: Span, middle: float) -> None:
    """The band of `chosen` around `middle`, with a bracket at each end."""
    left, right = sorted(map(across.to_px, (chosen.low, chosen.high)))
    painter.fillRect(QRectF(left, middle - BAND / 2, right - left, BAND), theme.color("cursor", 0.22))
    painter.setPen(QPen(theme.color("cursor"), 2))
    top, bottom = middle - BAND / 2 - 1, middle + BAND / 2 + 1
    for px, inwards in ((crisp(left), FOOT), (crisp(right), -FOOT)):
        foot = QPointF(inwards, 0)
        upper, lower = QPointF(px, top), QPointF(px, bottom)
        painter.drawPolyline(QPolygonF([upper + foot, upper, lower, lower + foot]))


def paint_flag(painter: QPainter, px: float) -> None:
    """A bookmark: a ribbon that hangs from the upper edge."""
    x = crisp(px)
    corners = [(-FLAG, -1), (FLAG, -1), (FLAG, 9), (0, 6), (-FLAG, 9)]
    painter.setPen(QPen(theme.color("panel"), 1))
    painter.setBrush(theme.color("beta"))
    painter.drawPolygon(QPolygonF([QPointF(x + dx, y) for dx, y in corners]))


def paint_overview(painter: QPainter, across: AxisMap, top: float) -> None:
    """Which part of the whole axis is seen: a bar below it, where it is not all."""
    if not across.zoomed:
        return
    painter.setPen(Qt.PenStyle.NoPen)
    for bar, hue in ((overview(across, 0, 1), "edge"), (overview(across, across.begin, across.end), "quiet")):
        painter.setBrush(theme.color(hue))
        painter.drawRoundedRect(bar.translated(0, top), OVERVIEW / 2, OVERVIEW / 2)


def overview(across: AxisMap, begin: float, end: float) -> QRectF:
    """Where the shares `begin` … `end` of the whole axis lie on the bar that shows what is seen of it."""
    if across.mirrored:
        begin, end = 1 - end, 1 - begin
    length = across.right_px - across.left_px
    return QRectF(across.left_px + begin * length, 0, max(OVERVIEW, (end - begin) * length), OVERVIEW)


def paint_veil(painter: QPainter, across: AxisMap, chosen: Span | None, height: float, opacity: float = VEIL) -> None:
    """Make paler, over `height` pixels, what is outside the range `chosen`."""
    if chosen is None:
        return
    ends = sorted(map(across.to_px, (chosen.low, chosen.high)))
    left, right = (min(max(end, across.left_px), across.right_px) for end in ends)
    hue = theme.color("panel", opacity)
    painter.fillRect(QRectF(0, 0, left, height), hue)
    painter.fillRect(QRectF(right, 0, 4 * across.right_px, height), hue)


def paint_breaks(painter: QPainter, across: AxisMap, middle: float) -> None:
    """Two strokes across the axis where it stops to be to scale: beyond them an end lies infinitely far."""
    painter.setPen(QPen(theme.color("text"), 1.25))
    for begin, end in across.scale.breaks:
        px = across.to_px(across.scale.position((begin + end) / 2))
        for shift in (-2.0, 2.0):
            painter.drawLine(QPointF(px + shift - 2, middle + 5), QPointF(px + shift + 2, middle - 5))


def hatch(painter: QPainter, area: QRectF, color: QColor, gap: float = 6.0, radius: float = 0.0) -> None:
    """Fill `area` with diagonal lines `gap` pixels apart."""
    painter.save()
    clip = QPainterPath()
    clip.addRoundedRect(area, radius, radius)
    painter.setClipPath(clip, Qt.ClipOperation.IntersectClip)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 1.0))
    x = math.floor((area.left() - area.height()) / gap) * gap
    while x < area.right():
        painter.drawLine(QPointF(x, area.bottom()), QPointF(x + area.height(), area.top()))
        x += gap
    painter.restore()
