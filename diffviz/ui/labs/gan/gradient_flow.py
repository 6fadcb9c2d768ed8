"""The strip z → G → D ← x, from top to bottom: which network a step updates, and the way the gradient takes there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.text import tr
from diffviz.ui.widgets import math_label, painting, theme

WIDTH = 150
MIDDLE, BACK = 46.0, 92.0
NODE_HEIGHT, ROUND = 26.0, 6.0
WORDS = 66.0
HEAD = 5.0
WRAPPED = int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap)
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


class GradientFlowDiagram(painting.PaintedWidget):
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

    def marks(self) -> Iterator[painting.PaintMark]:
        """The way there, the nodes, the way of the gradient, and what it was in words."""
        for start, end in (("z", "G"), ("G", "sample"), ("sample", "D"), ("x", "D")):
            yield from _edge(self.box(start), self.box(end))
        for node in NODES:
            yield from self._node(node)
        lit, top = self.lit(), self.box("x").bottom() + 6
        if lit:
            yield from self._gradient(self.box("D"), self.box(lit[-1]))
        room, hue = QRectF(0, top, self.width() - 2, self.height() - top), theme.color("loss" if lit else "quiet")
        yield painting.Words(room, self.words(), theme.font(12, 500), hue, WRAPPED)

    def _tell(self) -> None:
        self.setAccessibleName(tr("z → G → D ← x: {what}").format(what=self.words()))
        self.setToolTip(
            tr(
                "G turns noise z into a sample; D says how likely it is that a point is real data x. A step of D "
                "changes D alone; a step of G changes G alone, by the gradient that D passes back."
            )
        )

    def _node(self, node: Node) -> Iterator[painting.PaintMark]:
        box = self.box(node.key)
        passed, last = node.key in self.lit(), self.lit()[-1:] == (node.key,)
        if node.network:
            edge = QPen(theme.color("loss" if passed else "quiet"), 2.0 if last else 1.2)
            yield painting.Rect(box, theme.blend("field", "loss", 0.34 if last else 0.0), edge, ROUND)
        text = math_label.Typeset(node.text, theme.font(14, 700 if node.network else 500))
        yield text.at(box.center().x() - text.width / 2, box.center().y() + 5, theme.color(node.hue))

    def _gradient(self, start: QRectF, end: QRectF) -> Iterator[painting.PaintMark]:
        """The way back: from D's loss, on the right, to the network that is updated."""
        hue, own = theme.color("loss"), start == end
        low, tip = start.center().y() + (0 if own else 3), QPointF(end.right() + 3, end.center().y())
        corners = () if own else (QPointF(BACK, low), QPointF(BACK, tip.y()))
        yield painting.Line((QPointF(BACK + 22, low), *corners, tip), QPen(hue, 1.8, Qt.PenStyle.DashLine))
        yield _head(tip, QPointF(-1, 0), QPen(hue, 1.8))
        yield math_label.Typeset("∂L_D" if own else "∂L_G", theme.font(13, 500)).at(BACK + 26, low + 4, hue)


def _edge(start: QRectF, end: QRectF) -> Iterator[painting.PaintMark]:
    """An arrow from one node to the next, as far as there is room between them."""
    down, middle, pen = 1 if start.top() < end.top() else -1, painting.crisp(MIDDLE), QPen(theme.color("quiet"), 1.2)
    tail = QPointF(middle, (start.bottom() if down > 0 else start.top()) + 2 * down)
    tip = QPointF(middle, (end.top() if down > 0 else end.bottom()) - 2 * down)
    if (tip.y() - tail.y()) * down > 2:
        yield painting.Line((tail, tip), pen)
    yield _head(tip, QPointF(0, down), pen)


def _head(tip: QPointF, towards: QPointF, pen: QPen) -> painting.Line:
    back, across = tip - towards * HEAD, QPointF(-towards.y(), towards.x()) * (HEAD * 0.65)
    return painting.Line((back - across, tip, back + across), pen)
