"""The strip z → G → D ← x, from top to bottom: which network a step updates, and the way the gradient takes there."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.text import tr
from diffviz.ui.widgets import math_label, painting, theme

WIDTH = 150
MIDDLE, BACK = 46.0, 92.0
NODE_HEIGHT, ROUND = 26.0, 6.0
WORDS = 66.0
HEAD = 5.0
NEITHER, D_STEP, G_STEP = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Node:
    """Something on the strip: `text` in the notation of symbols, a network or data."""

    key: str
    text: str
    hue: str
    network: bool
    width: float


NODES = (
    Node("z", "z", "quiet", False, 24.0),
    Node("G", "G", "generated", True, 52.0),
    Node("sample", "G(z)", "generated", False, 44.0),
    Node("D", "D", "text", True, 52.0),
    Node("x", "x", "alpha_bar", False, 24.0),
)


class GradientFlowDiagram(QWidget):
    """`updated` is 0 before any update, 1 after one of D, 2 after one of G; `exact` says that G never learns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.updated = NEITHER
        self.exact = False
        self.setFixedWidth(WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self._tell()

    def show_update(self, updated: int, *, exact: bool = False) -> None:
        """Light the way of the gradient in the last update."""
        if (updated, exact) != (self.updated, self.exact):
            self.updated, self.exact = updated, exact
            self._tell()
            self.update()

    def words(self) -> str:
        """What the last update was, in words."""
        if self.updated == D_STEP:
            return tr("D is updated: the gradient of its loss ends there")
        if self.exact:
            return tr("G draws from the data and is never updated")
        if self.updated == G_STEP:
            return tr("G is updated, through D, which stays as it is")
        return tr("nothing has been updated yet")

    def lit(self) -> tuple[str, ...]:
        """Keys of the nodes that the gradient passes, in its order."""
        if self.updated == D_STEP:
            return ("D",)
        return ("D", "sample", "G") if self.updated == G_STEP and not self.exact else ()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 270)

    def minimumSizeHint(self) -> QSize:
        return QSize(WIDTH, 130)

    def box(self, key: str) -> QRectF:
        """Where a node is."""
        number = next(i for i, node in enumerate(NODES) if node.key == key)
        height = min(NODE_HEIGHT, self._pitch * 0.72)
        middle = 4 + height / 2 + number * self._pitch
        width = NODES[number].width
        return QRectF(MIDDLE - width / 2, middle - height / 2, width, height)

    @property
    def _pitch(self) -> float:
        """How far nodes are apart."""
        return max(14.0, min(46.0, (self.height() - WORDS - NODE_HEIGHT - 8) / (len(NODES) - 1)))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for start, end in (("z", "G"), ("G", "sample"), ("sample", "D"), ("x", "D")):
                self._paint_edge(painter, self.box(start), self.box(end))
            for node in NODES:
                self._paint_node(painter, node)
            self._paint_gradient(painter)
            self._paint_words(painter)

    def _tell(self) -> None:
        self.setAccessibleName(tr("z → G → D ← x: {what}").format(what=self.words()))
        self.setToolTip(
            tr(
                "G turns noise z into a sample; D says how likely it is that a point is real data x. A step of D "
                "changes D alone; a step of G changes G alone, by the gradient that D passes back."
            )
        )

    def _paint_edge(self, painter: QPainter, start: QRectF, end: QRectF) -> None:
        down = 1 if start.top() < end.top() else -1
        tail = QPointF(painting.crisp(MIDDLE), (start.bottom() if down > 0 else start.top()) + 2 * down)
        tip = QPointF(painting.crisp(MIDDLE), (end.top() if down > 0 else end.bottom()) - 2 * down)
        painter.setPen(QPen(theme.color("quiet"), 1.2))
        if (tip.y() - tail.y()) * down > 2:
            painter.drawLine(tail, tip)
        _paint_head(painter, tip, QPointF(0, down))

    def _paint_node(self, painter: QPainter, node: Node) -> None:
        box = self.box(node.key)
        passed, last = node.key in self.lit(), self.lit()[-1:] == (node.key,)
        if node.network:
            painter.setPen(QPen(theme.color("loss" if passed else "quiet"), 2.0 if last else 1.2))
            painter.setBrush(theme.blend("field", "loss", 0.34 if last else 0.0))
            painter.drawRoundedRect(box, ROUND, ROUND)
        text = math_label.Typeset(node.text, theme.font(14, 700 if node.network else 500))
        text.paint(painter, box.center().x() - text.width / 2, box.center().y() + 5, theme.color(node.hue))

    def _paint_gradient(self, painter: QPainter) -> None:
        """The way back: from D's loss, on the right, to the network that is updated."""
        lit = self.lit()
        if not lit:
            return
        start, end = self.box("D"), self.box(lit[-1])
        low = start.center().y() + (0 if start == end else 3)
        painter.setPen(QPen(theme.color("loss"), 1.8, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        path = QPainterPath(QPointF(BACK + 22, low))
        if start != end:
            path.lineTo(BACK, low)
            path.lineTo(BACK, end.center().y())
        path.lineTo(end.right() + 3, end.center().y())
        painter.drawPath(path)
        painter.setPen(QPen(theme.color("loss"), 1.8))
        _paint_head(painter, QPointF(end.right() + 3, end.center().y()), QPointF(-1, 0))
        symbol = math_label.Typeset("∂L_D" if start == end else "∂L_G", theme.font(13, 500))
        symbol.paint(painter, BACK + 26, low + 4, theme.color("loss"))

    def _paint_words(self, painter: QPainter) -> None:
        painter.setFont(theme.font(12, 500))
        painter.setPen(theme.color("loss" if self.lit() else "quiet"))
        top = self.box("x").bottom() + 6
        room = QRectF(0, top, self.width() - 2, self.height() - top)
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap, self.words())


def _paint_head(painter: QPainter, tip: QPointF, towards: QPointF) -> None:
    across = QPointF(-towards.y(), towards.x())
    for side in (-1, 1):
        painter.drawLine(tip, tip - towards * HEAD + across * (side * HEAD * 0.65))
