"""Glyphs: a shape and a colour for each class, so that classes differ without their hue."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainterPath

from diffviz.domain.panes import class_colour
from diffviz.ui.widgets import theme

CORNERS = ((0, 0.0), (4, 45.0), (3, -90.0), (4, 0.0), (3, 90.0), (5, -90.0), (6, 0.0), (3, 0.0), (3, 180.0))
"""Corners and turn in degrees of each polygon; no corners is a disc. After them come a cross and a plus."""
SHAPES = len(CORNERS) + 2
SIDE = 9


def shape(index: int, centre: QPointF, radius: float) -> QPainterPath:
    """The outline of class `index` around `centre`."""
    kind = index % SHAPES
    if kind >= len(CORNERS):
        return _cross(centre, radius, 45.0 if kind == len(CORNERS) else 0.0)
    corners, turn = CORNERS[kind]
    path = QPainterPath()
    if not corners:
        path.addEllipse(centre, radius * 0.85, radius * 0.85)
        return path
    reach = radius * (1.15 if corners == 3 else 1.0)
    for i in range(corners):
        point = _at(centre, reach, turn + 360 * i / corners)
        path.lineTo(point) if i else path.moveTo(point)
    path.closeSubpath()
    return path


def colour(index: int, alpha: float = 1.0) -> QColor:
    """The colour of class `index` in the theme in force."""
    made = QColor(class_colour(theme.palette(), index))
    made.setAlphaF(alpha)
    return made


def _cross(centre: QPointF, radius: float, turn: float) -> QPainterPath:
    arm = radius * 0.36
    path = QPainterPath()
    for i in range(4):
        for reach, side in ((arm, -90.0), (radius, -90.0), (radius, 90.0)):
            place = _at(_at(centre, reach, turn + 90 * i), arm, turn + 90 * i + side)
            path.lineTo(place) if path.elementCount() else path.moveTo(place)
    path.closeSubpath()
    return path


def _at(centre: QPointF, reach: float, degrees: float) -> QPointF:
    """The point at `reach` from `centre` in a direction."""
    angle = math.radians(degrees)
    return QPointF(centre.x() + reach * math.cos(angle), centre.y() + reach * math.sin(angle))
