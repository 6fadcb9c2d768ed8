"""The strip z → G → D ← x: which network a step updates, and the way that the gradient takes there."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.text import tr
from diffviz.ui import theme
from diffviz.ui.stage.symbol import Typeset, plain
from diffviz.ui.timeline.painting import crisp

HEIGHT = 58
MIDDLE, BACK = 20.0, 38.0
NODE_HEIGHT, ROUND = 26.0, 6.0
HEAD = 5.0
NEITHER, D_STEP, G_STEP = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Node:
    """Something on the strip: `text` in the notation of symbols, at `share` of the strip's width, a network or data."""

    key: str
    text: str
    share: float
    hue: str
    network: bool


NODES = (
    Node("z", "z", 0.05, "quiet", False),
    Node("G", "G", 0.25, "generated", True),
    Node("sample", "G(z)", 0.45, "generated", False),
    Node("D", "D", 0.65, "text", True),
    Node("x", "x", 0.86, "alpha_bar", False),
)
WIDTHS = {"z": 24.0, "G": 46.0, "sample": 44.0, "D": 46.0, "x": 24.0}


class GradientStrip(QWidget):
    """`updated` is 0 before any update, 1 after one of D, 2 after one of G; `exact` says that G never learns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.updated = NEITHER
        self.exact = False
        self.setFixedHeight(HEIGHT)
        self.setMinimumWidth(250)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_update(NEITHER)
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
        if self.updated == G_STEP and not self.exact:
            return tr("G is updated: its gradient comes through D, which stays as it is")
        if self.exact:
            return tr("G draws from the data and is never updated")
        return tr("nothing has been updated yet")

    def lit(self) -> tuple[str, ...]:
        """Keys of the nodes that the gradient passes, in its order."""
        if self.updated == D_STEP:
            return ("D",)
        return ("D", "sample", "G") if self.updated == G_STEP and not self.exact else ()

    def sizeHint(self) -> QSize:
        return QSize(420, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for left, right in (("z", "G"), ("G", "sample"), ("sample", "D"), ("x", "D")):
                self._paint_edge(painter, left, right)
            for node in NODES:
                self._paint_node(painter, node)
            self._paint_gradient(painter)
            self._paint_words(painter)

    def box(self, key: str) -> QRectF:
        """Where a node is."""
        node = next(node for node in NODES if node.key == key)
        width = WIDTHS[key]
        return QRectF(node.share * self.width() - width / 2, MIDDLE - NODE_HEIGHT / 2, width, NODE_HEIGHT)

    def _tell(self) -> None:
        self.setAccessibleName(tr("z → G → D ← x: {what}").format(what=self.words()))
        self.setToolTip(
            tr(
                "G turns noise z into a sample; D says how likely it is that a point is real data x. A step of D changes "
                "D alone; a step of G changes G alone, by the gradient that D passes back."
            )
        )

    def _paint_edge(self, painter: QPainter, start: str, end: str) -> None:
        forward = self.box(start).left() < self.box(end).left()
        one, other = self.box(start), self.box(end)
        x0, x1 = (one.right() + 4, other.left() - 4) if forward else (one.left() - 4, other.right() + 4)
        painter.setPen(QPen(theme.color("quiet"), 1.2))
        painter.drawLine(QPointF(x0, crisp(MIDDLE)), QPointF(x1, crisp(MIDDLE)))
        _paint_head(painter, QPointF(x1, crisp(MIDDLE)), 1 if forward else -1)

    def _paint_node(self, painter: QPainter, node: Node) -> None:
        box = self.box(node.key)
        last = self.lit()[-1:] == (node.key,)
        passed = node.key in self.lit()
        if node.network:
            painter.setPen(QPen(theme.color("loss" if passed else "edge"), 2.0 if last else 1.2))
            painter.setBrush(theme.blend("field", "loss", 0.32 if last else 0.0))
            painter.drawRoundedRect(box, ROUND, ROUND)
        text = Typeset(node.text, theme.font(14, 700 if node.network else 500))
        text.paint(painter, box.center().x() - text.width / 2, MIDDLE + 5, theme.color(node.hue))

    def _paint_gradient(self, painter: QPainter) -> None:
        """The way back: from D's loss to the network that is updated, below the way there."""
        lit = self.lit()
        if not lit:
            return
        start, end = self.box("D").center().x(), self.box(lit[-1]).center().x()
        painter.setPen(QPen(theme.color("loss"), 1.8, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        path = QPainterPath(QPointF(start + (34 if start == end else 0), BACK))
        path.lineTo(end, BACK)
        path.lineTo(end, MIDDLE + NODE_HEIGHT / 2 + 3)
        painter.drawPath(path)
        painter.setPen(QPen(theme.color("loss"), 1.8))
        tip = QPointF(end, MIDDLE + NODE_HEIGHT / 2 + 2)
        painter.drawLine(tip, tip + QPointF(-HEAD + 1, HEAD))
        painter.drawLine(tip, tip + QPointF(HEAD - 1, HEAD))

    def _paint_words(self, painter: QPainter) -> None:
        font = theme.font(12, 500)
        painter.setFont(font)
        painter.setPen(theme.color("loss" if self.lit() else "quiet"))
        text = QFontMetricsF(font).elidedText(plain(self.words()), Qt.TextElideMode.ElideRight, self.width() - 4)
        painter.drawText(
            QRectF(2, BACK + 2, self.width() - 4, HEIGHT - BACK - 2), Qt.AlignmentFlag.AlignHCenter, text
        )


def _paint_head(painter: QPainter, tip: QPointF, towards: int) -> None:
    for side in (-1, 1):
        painter.drawLine(tip, tip + QPointF(-towards * HEAD, side * HEAD * 0.7))
