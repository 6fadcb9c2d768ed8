"""A quiet text of several lines that changes with every step of the cursor and never moves what stands around it."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QTextDocument
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.ui.widgets import theme
from diffviz.ui.widgets.math_label import plain, rich

PIXELS = 12


class Note(QWidget):
    """Text in one colour, with true subscripts; as high as its longest text so far has needed in this width."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._document = QTextDocument(self)
        self._document.setDocumentMargin(0)
        self._document.setDefaultFont(theme.font(PIXELS))
        self._document.setDefaultStyleSheet(f"span {{ color: {theme.color('quiet').name()}; }}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._least = 0
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # what lies behind is not painted each time
        self.say(text)

    def text(self) -> str:
        """What it says, in plain characters."""
        return plain(self._text)

    def say(self, text: str) -> None:
        """Say `text`, in the notation of symbols."""
        if text == self._text:
            return
        self._text = text
        self._document.setHtml(rich(text))
        self.setAccessibleName(plain(text))
        self._make_room()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew; another width needs another height."""
        if event.size().width() != event.oldSize().width():
            self._least = 0
            self._make_room()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text from the top."""
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), theme.color("panel"))
            self._document.drawContents(painter, QRectF(self.rect()))

    def sizeHint(self) -> QSize:
        """As high as needed."""
        return QSize(200, self._least)

    def _make_room(self) -> None:
        self._document.setTextWidth(max(1, self.width()))
        needed = math.ceil(self._document.size().height()) if self._text else 0
        if needed > self._least:
            self._least = needed
            self.setFixedHeight(needed)
