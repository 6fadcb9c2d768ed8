"""Marks on the axis: places where something happened to a run, such as another one branching off."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from diffviz.ui import theme
from diffviz.ui.timeline.painting import crisp

NOTCH = 5.0
PLATE, INSET = 15.0, 5.0


@dataclass(frozen=True, slots=True)
class Mark:
    """`text` at `position` of the axis."""

    position: float
    text: str


def paint_notch(painter: QPainter, px: float, middle: float) -> None:
    """A diamond on a groove around `middle`."""
    centre = QPointF(crisp(px), middle)
    corners = (QPointF(0, -NOTCH), QPointF(NOTCH, 0), QPointF(0, NOTCH), QPointF(-NOTCH, 0))
    painter.setPen(QPen(theme.color("panel"), 1.5))
    painter.setBrush(theme.color("text"))
    painter.drawPolygon(QPolygonF([centre + corner for corner in corners]))


def paint_line(painter: QPainter, px: float, top: float, depth: float) -> None:
    """A dashed line from `top` down."""
    painter.setPen(QPen(theme.color("quiet", 0.8), 1, Qt.PenStyle.DashLine))
    painter.drawLine(QPointF(crisp(px), top), QPointF(crisp(px), top + depth))


def paint_text(painter: QPainter, text: str, px: float, top: float, ends: tuple[float, float]) -> QRectF:
    """`text` on a plate beside a line at `px`, within the pixels `ends`; where the plate is."""
    font = theme.font(11, 500)
    width = QFontMetricsF(font).horizontalAdvance(text) + 2 * INSET
    left = px + 3 if px + 3 + width <= ends[1] else max(ends[0], px - 3 - width)
    plate = QRectF(left, top, width, PLATE)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.blend("panel", "text", 0.1))
    painter.drawRoundedRect(plate, 3, 3)
    painter.setFont(font)
    painter.setPen(theme.color("text"))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
    return plate
