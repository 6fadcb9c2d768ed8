"""Marks on the axis: places where something happened to a run, such as another one branching off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from diffviz.ui.widgets import theme
from diffviz.ui.widgets.painting import crisp

NOTCH = 5.0
PLATE, INSET, BESIDE = 15.0, 5.0, 5.0
RING = 4.5
"""How far the cursor's rings reach: one may lie on a mark's own line."""


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


def plate_of(text: str, px: float, top: float, ends: tuple[float, float], taken: Sequence[float] = ()) -> QRectF:
    """Where `text` stands beside a line at `px`, within the pixels `ends` and clear of the columns `taken`.

    To the right of the line, else to its left, else beyond what is in the way.
    """
    width = QFontMetricsF(theme.font(11, 500)).horizontalAdvance(text) + 2 * INSET
    right, left = px + BESIDE, px - BESIDE - width
    beyond = [max(taken) + BESIDE, min(taken) - BESIDE - width] if taken else []
    within = [x for x in (right, left, *beyond) if ends[0] <= x and x + width <= ends[1]]
    clear = (x for x in within if all(not x - RING < column < x + width + RING for column in taken))
    return QRectF(next(clear, within[0] if within else max(ends[0], left)), top, width, PLATE)


def paint_leader(painter: QPainter, px: float, plate: QRectF) -> None:
    """What ties a `plate` that does not stand beside its line at `px` to that line: its end, bent over."""
    end = plate.left() if plate.left() > px else plate.right()
    if abs(end - px) > BESIDE + 1:
        painter.setPen(QPen(theme.color("quiet", 0.8), 1, Qt.PenStyle.DashLine))
        y = crisp(plate.top())
        painter.drawLine(QPointF(crisp(px), y), QPointF(end, y))


def paint_text(painter: QPainter, text: str, plate: QRectF) -> None:
    """`text` on its `plate`, which hides what is below it."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.blend("panel", "text", 0.1))
    painter.drawRoundedRect(plate, 3, 3)
    painter.setFont(theme.font(11, 500))
    painter.setPen(theme.color("text"))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
