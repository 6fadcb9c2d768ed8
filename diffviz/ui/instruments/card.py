"""The frame of one instrument: its title, where it comes from, and a way to put it away."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from diffviz.domain.text import tr
from diffviz.ui.forms.controls import IconButton, label
from diffviz.ui.instruments.instrument import Instrument
from diffviz.ui.widgets.math_label import rich

STYLE = "QFrame#instrument { background: transparent; border: 1px solid %s; border-radius: 8px; }"


class InstrumentFrame(QFrame):
    """`instrument` under its `title`; `source` says in one sentence what it shows and from which paper.

    A `wide` one needs the whole width of the page. Signals: `closed`.
    """

    closed = Signal()

    def __init__(
        self,
        instrument: Instrument,
        title: str,
        source: str,
        edge: str,
        *,
        wide: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.instrument, self.wide = instrument, wide
        self.setObjectName("instrument")
        self.setStyleSheet(STYLE % edge)
        self.title = label(title, "text")
        self.title.setStyleSheet("font-weight: 600; font-size: 12px; border: none;")
        self.title.setToolTip(rich(source))
        self.setToolTip(rich(source))
        self.setAccessibleName(title)
        self.setAccessibleDescription(source)
        self.close_button = IconButton("x", tr("Put “{title}” away").format(title=title), 20, 12)
        self.close_button.framed = False
        self.close_button.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 8)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(instrument)
        column.addStretch(1)

    @property
    def in_sight(self) -> bool:
        """Whether any of it is on the screen."""
        return self.isVisible() and not self.visibleRegion().isEmpty()
