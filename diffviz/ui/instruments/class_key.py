"""Which colour stands for which class: glyphs and names in as many rows as they need."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.text import tr
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.glyphs import colour, shape

ROW, GLYPH, GAP = 18, 14, 12
MOST = 20
"""More classes than these have no key: the pointer names them."""


class ClassKey(QWidget):
    """A legend of classes, in the colours and with the glyphs that they have on a map."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.names: tuple[str, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # what lies behind is not painted each time
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Classes"))
        self.hide()

    def show_classes(self, classes: tuple[str, ...]) -> None:
        """Name `classes`, unless there are too many."""
        names = tuple(tr(name) for name in classes) if len(classes) <= MOST else ()
        if names != self.names:
            self.names = names
            self.setAccessibleDescription(", ".join(names))
            self._make_room()
            self.update()
        self.setVisible(bool(names))

    def places(self) -> list[QPointF]:
        """Where each name begins, its glyph before it: the left end and the middle of its row."""
        metrics = QFontMetricsF(theme.font(11))
        found, x, y = [], 0.0, ROW / 2
        for name in self.names:
            width = GLYPH + metrics.horizontalAdvance(name)
            if x and x + width > self.width():
                x, y = 0.0, y + ROW
            found.append(QPointF(x + GLYPH, y))
            x += width + GAP
        return found

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many rows as another width asks for."""
        if event.size().width() != event.oldSize().width():
            self._make_room()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint glyphs and names."""
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), theme.color("panel"))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(theme.font(11))
            for index, (name, at) in enumerate(zip(self.names, self.places(), strict=True)):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour(index))
                painter.drawPath(shape(index, at - QPointF(GLYPH - 4, 0), 4))
                painter.setPen(theme.color("text"))
                painter.drawText(at + QPointF(0, 4), name)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(280, self.minimumHeight())

    def _make_room(self) -> None:
        rows = {at.y() for at in self.places()}
        self.setFixedHeight(ROW * max(1, len(rows)))
