"""The picker in the bar and the shown lab, kept to the same model, or to what else the lab is about."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSignalBlocker, Slot

from diffviz.domain.requests import Request
from diffviz.session.preferences import Preferences
from diffviz.session.session import Session
from diffviz.ui.labs.lab import Lab
from diffviz.ui.labs.registry import LABS, LabRegistry
from diffviz.ui.model_picker import ModelPicker
from diffviz.ui.window.lab_stack import LabStack


class ModelChoice(QObject):
    """What is chosen in `picker` goes to the lab that `stack` shows, and is kept in the preferences."""

    def __init__(
        self,
        picker: ModelPicker,
        shelf: LabRegistry,
        stack: LabStack,
        session: Session,
        preferences: Preferences,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._picker, self._shelf, self._stack = picker, shelf, stack
        self._session, self._preferences = session, preferences
        picker.currentIndexChanged.connect(self._on_chosen)
        for lab in shelf.there():
            self._attend(lab)
        shelf.made.connect(self._attend)

    def offer(self) -> None:
        """Offer the models of the shown lab, or what else it can be about; the one it uses is chosen."""
        lab = self._stack.shown
        choices = lab.choices()
        with QSignalBlocker(self._picker):
            if choices is None:
                self._picker.set_cards(self._shelf.cards_of(lab.name))
                self._picker.set_data(self._shelf.preferred(lab))
            else:
                self._picker.set_choices(choices)
                self._picker.set_data(lab.chosen())
        self._picker.show_details(self._session.cards.get(self._picker.currentData() or ""))

    def choose_for(self, request: Request) -> None:
        """Choose the model of `request`, where the shown lab is about models and has it."""
        if self._stack.shown.choices() is None:
            at = self._picker.findData(getattr(request, "model", None) or self._picker.currentData())
            if at >= 0:
                self._picker.setCurrentIndex(at)

    @Slot(str)
    def choose(self, name: str) -> None:
        """Choose the model called `name`, or the first where it is not offered."""
        self._picker.setCurrentIndex(max(0, self._picker.findData(name)))

    @Slot(object)
    def _attend(self, lab: Lab) -> None:
        lab.choice_changed.connect(self._on_choice_changed)

    @Slot()
    def _on_choice_changed(self) -> None:
        """A lab is about something else now."""
        lab = self._stack.shown
        if self.sender() is lab and self._picker.currentData() != lab.chosen():
            with QSignalBlocker(self._picker):
                self._picker.set_data(lab.chosen())

    @Slot()
    def _on_chosen(self) -> None:
        lab, key = self._stack.shown, self._picker.currentData()
        if lab.choices() is not None:
            self._preferences[LABS[lab.name].preference] = key
            lab.choose(key)
            return
        card = self._session.cards.get(key or "")
        self._picker.show_details(card)
        if card:
            self._preferences[LABS[lab.name].preference] = card.id
        lab.set_model(card)
