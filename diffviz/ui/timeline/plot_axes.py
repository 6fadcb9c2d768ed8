"""Painting the axes of a plot."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from diffviz.ui.timeline.axis import Axis, AxisMap, round_step, ticks
from diffviz.ui.timeline.heights import TOP, Heights
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.math_label import Typeset
from diffviz.ui.widgets.painting import crisp

OVERHANG = 6
LABEL_ROOM_X = 64.0
SMALLEST_NAME = 8
RIGHT_MIDDLE = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def paint_x_axis(painter: QPainter, across: AxisMap, depth: float) -> None:
    """The lines at the bottom and at the left."""
    bottom, hue = round(TOP + depth), theme.blend("panel", "quiet", 0.55)
    left, right = across.left_px - OVERHANG, across.right_px + OVERHANG
    painter.fillRect(QRectF(left, bottom, right - left, 1), hue)
    painter.fillRect(QRectF(left, TOP, 1, bottom - TOP), hue)


def paint_x_labels(painter: QPainter, across: AxisMap, axis: Axis, depth: float) -> None:
    """Round positions below the bottom line, and the name of the axis."""
    bottom = round(TOP + depth)
    painter.setFont(theme.font(11))
    low, high = across.low, across.high
    step = round_step(high - low, (across.right_px - across.left_px) / LABEL_ROOM_X)
    hue, quiet = theme.blend("panel", "quiet", 0.55), theme.color("quiet")
    for position in ticks(low, high, step / 5):
        painter.fillRect(QRectF(crisp(across.to_px(position)) - 0.5, bottom - 2, 1, 2), hue)
    painter.setPen(quiet)
    for position in ticks(low, high, step):
        x = across.to_px(position)
        painter.fillRect(QRectF(crisp(x) - 0.5, bottom - 4, 1, 4), hue)
        text = axis.form(position)
        painter.drawText(QRectF(x - 40, bottom + 3, 80, 16), Qt.AlignmentFlag.AlignCenter, text)
    name = Typeset(axis.name, theme.font(12, 500))
    name.paint(painter, across.left_px - OVERHANG - 15 - name.width, bottom + 14, quiet)


def paint_y_axis(painter: QPainter, across: AxisMap, heights: Heights, marks: list[float]) -> None:
    """A line and a number at each of `marks`."""
    painter.setFont(theme.font(11))
    left, right = across.left_px - OVERHANG, across.right_px + OVERHANG
    places = _decimals(marks)
    for mark in marks:
        y = round(heights.to_y(mark))
        painter.fillRect(QRectF(left + 1, y, right - left - 1, 1), theme.color("edge", 0.75))
        painter.setPen(theme.color("quiet"))
        text = f"{mark + 0.0:.{places}f}".replace("-", "−")
        painter.drawText(QRectF(left - 50, y - 8, 45, 16), RIGHT_MIDDLE, text)


def paint_y_name(painter: QPainter, text: str, hue: str, depth: float) -> None:
    """What the heights are, upright at the left edge."""
    name = _fitting(text, depth + TOP)
    painter.save()
    painter.translate(13, TOP + (depth + name.width) / 2)
    painter.rotate(-90)
    name.paint(painter, 0, 0, theme.color(hue))
    painter.restore()


def _fitting(text: str, room: float) -> Typeset:
    """`text` as large as there is room for along the axis."""
    name = Typeset(text, theme.font(12, 500))
    share = min(1.0, room / max(1.0, name.width))
    return name if share == 1 else Typeset(text, theme.font(max(SMALLEST_NAME, int(12 * share)), 500))


def _decimals(heights: list[float]) -> int:
    """How many decimals tell `heights` apart; a single one is written as it is."""
    if len(heights) == 1:
        return next((places for places in range(7) if abs(round(heights[0], places) - heights[0]) < 1e-9), 6)
    step = abs(heights[1] - heights[0]) if len(heights) > 1 else 1.0
    return max(0, -int(np.floor(np.log10(step) + 1e-9)))
