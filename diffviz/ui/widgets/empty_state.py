"""A place where something is to come: what is missing, a sentence on what to do, on the stage below quiet frames."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from diffviz.domain.panes import REVERSE
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.math_label import Typeset

SIDE, GAP = 58.0, 18.0
HEAD, WIDEST = 28.0, 420.0
FLAGS = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap


def paint_words(painter: QPainter, area: QRectF, title: str, sentence: str) -> None:
    """Paint `title` with `sentence` below it in the middle of `area`."""
    height = HEAD + _height_of(sentence, area)
    _paint_words(painter, area, area.center().y() - height / 2, title, sentence)


def paint_empty(painter: QPainter, area: QRectF, title: str, sentence: str) -> None:
    """Paint the frames of panes to come, `title` and `sentence` below them, in the middle of `area`."""
    below = _height_of(sentence, area)
    frames = area.height() >= SIDE + 60 + below
    height = (SIDE + 22 if frames else 0) + HEAD + below
    top = area.center().y() - height / 2
    if frames:
        _paint_frames(painter, area.center().x(), top)
        top += SIDE + 22
    _paint_words(painter, area, top, title, sentence)


def _paint_words(painter: QPainter, area: QRectF, top: float, title: str, sentence: str) -> None:
    width = _width_in(area)
    left = area.center().x() - width / 2
    painter.setFont(theme.font(15, 600))
    painter.setPen(theme.color("text"))
    painter.drawText(QRectF(left, top, width, 24), int(FLAGS), title)
    painter.setFont(theme.font(13))
    painter.setPen(theme.color("quiet"))
    painter.drawText(QRectF(left, top + HEAD, width, area.bottom() - top - HEAD), int(FLAGS), sentence)


def _width_in(area: QRectF) -> float:
    return min(WIDEST, area.width() - 24)


def _height_of(sentence: str, area: QRectF) -> float:
    room = QRectF(0, 0, _width_in(area), 400)
    return QFontMetricsF(theme.font(13)).boundingRect(room, int(FLAGS), sentence).height() if sentence else 0.0


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
