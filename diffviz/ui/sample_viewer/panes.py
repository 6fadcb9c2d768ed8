"""Which panes of a stage are shown and how they are laid: what people choose, how it is kept, and the menu for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from diffviz.domain.text import tr
from diffviz.ui.sample_viewer.arrangement import AUTO, COLUMN, ROW
from diffviz.ui.widgets import theme

MOST_KEPT = 32
ORDERS = (AUTO, ROW, COLUMN)


@dataclass(frozen=True, slots=True)
class PaneChoice:
    """The keys of the panes that are `hidden`, and how the others are laid: `AUTO`, `ROW` or `COLUMN`."""

    hidden: frozenset[str] = frozenset()
    how: str = AUTO

    def text(self) -> str:
        """As settings keep it: column:noise,noise estimate."""
        return f"{self.how}:{','.join(sorted(self.hidden))}"

    @staticmethod
    def parse(text: str) -> PaneChoice:
        """The choice that `text` keeps; what it cannot mean is left out."""
        how, _, keys = text.partition(":")
        hidden = [key for key in keys.split(",") if key][:MOST_KEPT]
        return PaneChoice(frozenset(hidden), how if how in ORDERS else AUTO)

    @staticmethod
    def kept(text: str, lab: str) -> PaneChoice:
        """What is kept for `lab` in the lines of `text`, each of which has a lab's name and its choice."""
        lines = (line.partition(" ") for line in text.split("\n"))
        return PaneChoice.parse(next((choice for name, _, choice in lines if name == lab), ""))

    def keep(self, text: str, lab: str) -> str:
        """The lines of `text` with this choice for `lab`."""
        others = [line for line in text.split("\n") if line and line.partition(" ")[0] != lab]
        return "\n".join([*others, f"{lab} {self.text()}"])

    def shows(self, key: str, shown: bool, panes: Mapping[str, str]) -> PaneChoice:
        """The same with pane `key` shown or hidden; of `panes` one is always shown."""
        hidden = self.hidden - {key} if shown else self.hidden | {key}
        return self if set(panes) <= hidden else replace(self, hidden=hidden)


class PaneButton(QPushButton):
    """Opens the menu of panes. It says how many of those there are (`offer`) are shown, where some are hidden.

    `V` lays them otherwise, `H` hides one, `Shift+H` shows all: in the whole window, while the button is in sight.
    Signals: `changed` (a person has chosen; see `choice`), `restored` (what was chosen before is taken over);
    `hide_asked` of the pane at hand.
    """

    changed = Signal()
    restored = Signal()
    hide_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = PaneChoice()
        self._panes: dict[str, str] = {}
        self.setProperty("role", "flat")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self.setToolTip(
            tr(
                "Which panes are shown, and how they are laid: V lays them otherwise, H hides the one under the "
                "pointer, Shift+H shows all. An export has its own choice."
            )
        )
        for keys, act in (("V", self._on_next), ("H", self.hide_asked), ("Shift+H", self.show_all)):
            QShortcut(QKeySequence(keys), self).activated.connect(act)
        self._say()

    @staticmethod
    def shortcuts() -> list[tuple[str, str]]:
        """Keys and what they do."""
        return [
            ("V", tr("Lay panes otherwise: as large as can be, side by side, below each other")),
            ("H", tr("Hide the pane under the pointer")),
            ("Shift+H", tr("Show all panes")),
        ]

    @property
    def hidden(self) -> list[str]:
        """The keys of the panes there are that are hidden."""
        return [key for key in self._panes if key in self.choice.hidden]

    def offer(self, panes: Mapping[str, str]) -> None:
        """There are `panes`: their names by their keys."""
        if list(panes.items()) != list(self._panes.items()):
            self._panes = dict(panes)
            self._say()

    def restore(self, choice: PaneChoice) -> None:
        """Take over what was chosen before."""
        self.choice = choice
        self._say()
        self.restored.emit()

    def set_shown(self, key: str, shown: bool) -> None:
        """Show pane `key`, or hide it, as a person asks."""
        self._choose(self.choice.shows(key, shown, self._panes))

    @Slot()
    def show_all(self) -> None:
        """Show all panes there are."""
        self._choose(replace(self.choice, hidden=self.choice.hidden - set(self._panes)))

    def lay(self, how: str) -> None:
        """Lay the panes as `how` says, as a person asks."""
        self._choose(replace(self.choice, how=how))

    def add_actions(self, menu: QMenu) -> None:
        """Put the choice of panes into `menu`."""
        for key, name in self._panes.items():
            action = _checkable(menu, name, key not in self.choice.hidden)
            action.triggered.connect(lambda on, key=key: self.set_shown(key, on))
        action = menu.addAction(tr("Show all panes"), self.show_all)
        action.setEnabled(bool(self.hidden))
        menu.addSeparator()
        group = QActionGroup(menu)
        for how, text in zip(
            ORDERS, (tr("As large as can be"), tr("Side by side"), tr("Below each other")), strict=True
        ):
            action = _checkable(menu, text, how == self.choice.how)
            action.triggered.connect(lambda _on, how=how: self.lay(how))
            group.addAction(action)

    def _fill(self) -> None:
        self._menu.clear()
        self.add_actions(self._menu)

    def _choose(self, choice: PaneChoice) -> None:
        if choice != self.choice:
            self.choice = choice
            self._say()
            self.changed.emit()

    def _say(self) -> None:
        count, hidden = len(self._panes), len(self.hidden)
        self.setIcon(theme.icon("eye-off" if hidden else "eye", "cursor" if hidden else "quiet"))
        self.setText(f" {count - hidden}/{count}" if hidden else "")
        shown = tr("{n} of {count} panes shown").format(n=count - hidden, count=count)
        self.setAccessibleName(tr("Panes"))
        self.setAccessibleDescription(shown)
        self.setVisible(count > 1)

    @Slot()
    def _on_next(self) -> None:
        self.lay(ORDERS[(ORDERS.index(self.choice.how) + 1) % len(ORDERS)])


def _checkable(menu: QMenu, text: str, on: bool) -> QAction:
    action = menu.addAction(text)
    action.setCheckable(True)
    action.setChecked(on)
    return action
