"""One pane, or one sample, that fills the stage: by double click, key, button or menu, and back."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QWidget

from diffviz.domain.panes import Role
from diffviz.domain.text import tr
from diffviz.session.looks import Look, number, numbers, word
from diffviz.ui.sample_viewer.layout import SCALES, Viewport
from diffviz.ui.sample_viewer.link import RunPair
from diffviz.ui.sample_viewer.panes import PaneButton
from diffviz.ui.widgets import theme


class Filling(QObject):
    """Which pane fills the stage, `alone`: its role, or None. A sample that does is the `focus` of the boards.

    `F` lets the pane under the pointer do so, `Shift+F` the sample, after which arrow keys go to the one beside; either
    of them, and Esc, go back from both. Signals: `changed`.
    """

    changed = Signal()

    def __init__(self, pair: RunPair, button: PaneButton, parent: QWidget) -> None:
        super().__init__(parent)
        self.alone: Role | None = None
        self._pair, self._button = pair, button
        for keys, act in (("F", self.toggle), ("Shift+F", self._on_sample_key)):
            QShortcut(QKeySequence(keys), parent).activated.connect(act)
        for canvas in (pair.canvas, pair.beside):
            canvas.fill_asked.connect(self.fill)
            canvas.back_asked.connect(self.back)
            canvas.menu_opened.connect(self._on_menu_opened)

    @property
    def hidden(self) -> frozenset[str]:
        """The keys of panes that are left out: those that were chosen to be, or all others than the one alone."""
        if self.alone is None:
            return self._button.choice.hidden
        return frozenset(role.value for role in Role if role is not self.alone)

    def look(self) -> Look:
        """The sample and the pane that fill the stage, and the zoom; see `take_look`."""
        canvas, at = self._pair.canvas, self._pair.canvas.viewport
        return {"sample": canvas.focus, "pane": self.alone.value if self.alone else "", "zoom": [at.scale, at.x, at.y]}

    def take_look(self, look: Look) -> None:
        """Show of the picture that is there what `look` says."""
        canvas, picture = self._pair.canvas, self._pair.canvas.picture
        if picture is None:
            return
        pane = word(look, "pane", [each.role.value for each in picture.all_panes])
        self.fill(Role(pane) if pane else None)
        sample, zoom = number(look, "sample", 0, picture.count - 1), numbers(look, "zoom", 3)
        canvas.set_focus_sample(None if sample is None else int(sample))
        if zoom is not None and canvas.scene is not None and 0 < zoom[0] <= SCALES[-1]:
            canvas.set_viewport(Viewport(*zoom).within(canvas.scene.grid))

    def at_hand(self) -> str:
        """The key of the pane that the pointer was over last, else of the first; empty where there is none."""
        canvas = self._pair.canvas
        roles = [pane.role for pane in canvas.picture.panes] if canvas.picture else []
        at = canvas.at_hand if canvas.at_hand in roles else next(iter(roles), None)
        return at.value if at else ""

    @Slot(object)
    def fill(self, role: Role | None) -> None:
        """Let the pane of `role` fill the stage; None shows all that are not hidden."""
        if role is not self.alone:
            self.alone = role
            for canvas in (self._pair.canvas, self._pair.beside):
                canvas.filled = role is not None
            if role is not None and not self._pair.canvas.hasFocus():
                self._pair.canvas.setFocus(Qt.FocusReason.OtherFocusReason)  # for Esc, not for arrows
            self.changed.emit()

    def hold(self, roles: Collection[Role]) -> None:
        """Only panes of `roles` can fill the stage: a run of another kind has others."""
        if self.alone not in roles:
            self.fill(None)

    @Slot()
    def toggle(self) -> None:
        """Let the pane at hand fill the stage, or show all again."""
        if self.alone is not None or self._pair.canvas.focus is not None:
            self.back()
        elif self.at_hand():
            self.fill(Role(self.at_hand()))

    @Slot()
    def back(self) -> None:
        """Show all panes and all samples again."""
        self._pair.canvas.set_focus_sample(None)
        self.fill(None)

    @Slot()
    def _on_sample_key(self) -> None:
        canvas = self._pair.canvas
        if canvas.focus is not None:
            self.back()
        elif canvas.picture is not None:
            canvas.set_focus_sample(canvas.current)
            canvas.take_keyboard()

    @Slot(object, object)
    def _on_menu_opened(self, menu: QMenu, role: Role | None) -> None:
        if self.alone is None and role is not None:
            menu.addAction(theme.icon("maximize"), tr("Let this pane fill the stage"), lambda: self.fill(role))
            hide = menu.addAction(theme.icon("eye-off"), tr("Hide this pane"))
            hide.triggered.connect(lambda: self._button.set_shown(role.value, False))
        else:
            menu.addAction(theme.icon("minimize"), tr("Show all again"), self.back)
        menu.addSeparator()
        self._button.add_actions(menu)
