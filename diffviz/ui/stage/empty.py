"""The stage without a picture: three quiet frames and a sentence on what to do."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from diffviz.domain.panes import REVERSE
from diffviz.ui import theme
from diffviz.ui.stage.symbol import Typeset

SIDE, GAP = 58.0, 18.0
FLAGS = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap


def paint_empty(painter: QPainter, area: QRectF, title: str, sentence: str) -> None:
    """Paint the frames of panes to come, `title` and `sentence` below them, in the middle of `area`."""
    width = min(420.0, area.width() - 24)
    below = QFontMetricsF(theme.font(13)).boundingRect(QRectF(0, 0, width, 400), int(FLAGS), sentence).height()
    frames = area.height() >= SIDE + 60 + below
    height = (SIDE + 22 if frames else 0) + 28 + below
    top = area.center().y() - height / 2
    if frames:
        _paint_frames(painter, area.center().x(), top)
        top += SIDE + 22
    left = area.center().x() - width / 2
    painter.setFont(theme.font(15, 600))
    painter.setPen(theme.color("text"))
    painter.drawText(QRectF(left, top, width, 24), int(FLAGS), title)
    painter.setFont(theme.font(13))
    painter.setPen(theme.color("quiet"))
    painter.drawText(QRectF(left, top + 28, width, below + 4), int(FLAGS), sentence)


def _paint_frames(painter: QPainter, middle: float, top: float) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    left = middle - (len(REVERSE) * (SIDE + GAP) - GAP) / 2
    for pane in REVERSE:
        painter.setBrush(theme.color("field"))
        painter.setPen(QPen(theme.color("edge"), 1))
        painter.drawRoundedRect(QRectF(left, top, SIDE, SIDE), 6, 6)
        symbol = Typeset(pane.symbol, theme.font(20, 600))
        at = QPointF(left + SIDE / 2 - symbol.width / 2, top + SIDE / 2 + 6)
        symbol.paint(painter, at.x(), at.y(), theme.blend("field", pane.colour, 0.55))
        left += SIDE + GAP
    painter.restore()
