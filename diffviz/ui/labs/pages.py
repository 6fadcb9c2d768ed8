"""The pages of the Diffusion lab's stage: the pictures, and the instruments."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QSizePolicy, QSplitter, QStackedWidget, QWidget

from diffviz.domain.text import tr
from diffviz.ui.forms.controls import Segments
from diffviz.ui.instruments.page import InstrumentPage
from diffviz.ui.stage import Stage

STAGE, INSTRUMENTS = "stage", "instruments"
SIZES = {STAGE: [420, 380], INSTRUMENTS: [540, 260]}


class Pages(QStackedWidget):
    """Stage and instruments in one place. Each keeps its own share of the height. Signals: `changed`."""

    changed = Signal()

    def __init__(self, stage: Stage, instruments: InstrumentPage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages: dict[str, QWidget] = {STAGE: stage, INSTRUMENTS: instruments}
        self._sizes = {key: list(sizes) for key, sizes in SIZES.items()}
        self.tabs = (self._tabs(), self._tabs())
        stage.set_leading(self.tabs[0])
        instruments.head.insertWidget(0, self.tabs[1])
        for page in self._pages.values():
            self.addWidget(page)
        self.action = QAction(tr("Stage or instruments"), self)
        self.action.setShortcut(QKeySequence("T"))
        self.action.triggered.connect(self.toggle)
        self._mark()

    @property
    def page(self) -> str:
        """`STAGE` or `INSTRUMENTS`."""
        return next(key for key, page in self._pages.items() if page is self.currentWidget())

    def open(self, page: str) -> None:
        """Show `page`."""
        splitter = _splitter_of(self)
        if page == self.page:
            return
        if splitter is not None:
            self._sizes[self.page] = splitter.sizes()
        self.setCurrentWidget(self._pages[page])
        if splitter is not None:
            splitter.setSizes(self._sizes[page])
        self._mark()
        self.changed.emit()

    @Slot()
    def toggle(self) -> None:
        """Show the other page."""
        self.open(STAGE if self.page == INSTRUMENTS else INSTRUMENTS)

    def _tabs(self) -> Segments:
        tips = {
            STAGE: tr("The pictures of the run (T)"),
            INSTRUMENTS: tr("The theory of the run, with the numbers of this t (T)"),
        }
        tabs = Segments({STAGE: tr("Stage"), INSTRUMENTS: tr("Instruments")}, tr("Page"), tips)
        for key in (STAGE, INSTRUMENTS):
            button = tabs.button(key)
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            button.setStyleSheet("QPushButton { padding: 1px 9px; min-height: 20px; font-size: 12px; }")
        tabs.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        tabs.chosen.connect(self.open)
        return tabs

    def _mark(self) -> None:
        for tabs in self.tabs:
            tabs.set_current(self.page)


def _splitter_of(widget: QWidget) -> QSplitter | None:
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QSplitter):
        parent = parent.parentWidget()
    return parent
