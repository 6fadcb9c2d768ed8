"""The pages that a lab's stage has: what is watched, and what explains it, in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QShowEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QSplitter, QStackedWidget, QWidget

from diffviz.domain.text import tr
from diffviz.ui.widgets import controls, keyboard, qss


@dataclass(frozen=True, slots=True, eq=False)
class LabPage:
    """One page: its name and tip, what it shows, and how that takes the row of tabs to the beginning of its first line.

    `sizes` are the heights of the page and of the timeline below it, at first; without, it takes those of the others.
    """

    title: str
    tip: str
    widget: QWidget
    lead: Callable[[QWidget], None]
    sizes: tuple[int, int] | None = None


class Pages(QStackedWidget):
    """`pages` in one place, the first at first; those with `sizes` keep their own share of the height.

    Signals: `changed`.
    `action`, called `text` and with the shortcut `key`, goes to the next page.
    """

    changed = Signal()

    def __init__(self, pages: Mapping[str, LabPage], text: str, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages = dict(pages)
        self._sizes = {name: list(page.sizes) for name, page in pages.items() if page.sizes}
        self._kept: list[int] | None = None
        self.tabs = tuple(self._tabs() for _ in pages)
        for page, tabs in zip(pages.values(), self.tabs, strict=True):
            page.lead(tabs)
            self.addWidget(page.widget)
        self.action = QAction(text, self)
        self.action.setShortcut(QKeySequence(key))
        self.action.triggered.connect(self.toggle)
        self._mark()

    @property
    def names(self) -> tuple[str, ...]:
        """Keys of all pages."""
        return tuple(self._pages)

    @property
    def page(self) -> str:
        """Key of the page that is shown."""
        return list(self._pages)[self.currentIndex()]

    def open(self, page: str) -> None:
        """Show `page`."""
        splitter = _splitter_of(self)
        if page == self.page:
            return
        if splitter is not None and self.page in self._sizes:
            self._sizes[self.page] = splitter.sizes()
        focused = QApplication.focusWidget()
        left = self.tabs[self.currentIndex()]
        self.setCurrentWidget(self._pages[page].widget)
        if focused is not None and left.isAncestorOf(focused):  # its row of tabs is another one
            self.tabs[self.currentIndex()].button(page).setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif focused is not None and not focused.isVisible():
            keyboard.give_back(self)
        if splitter is not None and page in self._sizes:
            splitter.setSizes(self._sizes[page])
        self._mark()
        self.changed.emit()

    def state(self) -> tuple[str, dict[str, list[int]]]:
        """The page that is shown, and the heights that each gives to what stands below; see `restore`."""
        splitter = _splitter_of(self)
        if splitter is not None and self.page in self._sizes:
            self._sizes[self.page] = splitter.sizes()
        return self.page, dict(self._sizes)

    def restore(self, state: tuple[str, dict[str, list[int]]]) -> None:
        """Go on from `state` of other pages of the same kind."""
        page, sizes = state
        self.open(page)
        self._sizes = {**self._sizes, **sizes}
        self._kept = self._sizes.get(page)

    def showEvent(self, event: QShowEvent) -> None:
        """Give each its height: not before there is all of it to be shared."""
        super().showEvent(event)
        splitter, kept, self._kept = _splitter_of(self), self._kept, None
        if splitter is not None and kept is not None:
            splitter.setSizes(kept)

    def settle(self) -> None:
        """Give the heights that the first page has, so that they can be kept: another window begins with it."""
        splitter, first = _splitter_of(self), next(iter(self._pages))
        if splitter is not None and self.page != first and self.page in self._sizes and first in self._sizes:
            splitter.setSizes(self._sizes[first])

    @Slot()
    def toggle(self) -> None:
        """Show the next page."""
        self.open(list(self._pages)[(self.currentIndex() + 1) % self.count()])

    def _tabs(self) -> controls.Segments:
        titles = {name: page.title for name, page in self._pages.items()}
        tabs = controls.Segments(titles, tr("Page"), {name: page.tip for name, page in self._pages.items()})
        for key in titles:
            button = tabs.button(key)
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            qss.set_own(button, qss.SMALL)
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
