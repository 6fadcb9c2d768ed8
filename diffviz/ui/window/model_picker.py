"""Choosing the model that runs use, and keeping the picker and the shown lab to the same one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from diffviz.domain import errors, likelihoods
from diffviz.domain.cards import Card, told_apart
from diffviz.domain.ideal import is_ideal, set_size
from diffviz.domain.requests import Request
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr
from diffviz.families.naming import process_words
from diffviz.session.catalogue import Catalogue
from diffviz.session.session import Session
from diffviz.ui.labs.lab import Choice, Lab
from diffviz.ui.labs.registry import LabRegistry
from diffviz.ui.widgets import controls, theme
from diffviz.ui.window.lab_stack import LabStack

PREDICTIONS = {"eps": "ε", "v": "v", "x0": "x₀", "u": "u"}
POPUP_MARGIN = 40
OPEN = "\0open"
"""Data of the entry that opens a model folder: no model has such an id."""


class ModelPicker(controls.Combo):
    """Models by their cards, and those that cannot be used with the reason. Its data are model ids.

    The last entry opens a model folder; it can be chosen in the list that is open, not passed by keys or the wheel.
    Signals: `open_asked`.
    """

    open_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Model"))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(180)
        self._chosen: object = None
        self.currentIndexChanged.connect(self._on_index_changed)
        self.picked.connect(self._on_picked)

    def set_cards(self, cards: Sequence[Card], damaged: Mapping[str, errors.DiffvizError]) -> None:
        """Offer the models of `cards`, and say what is wrong with those that are `damaged`."""
        self.clear()
        known = {card.id: card for card in cards}
        for number, card in enumerate(cards):
            self.addItem(describe(dataclasses.replace(card, name=told_apart(card, known))), card.id)
            self.setItemData(number, details(card), Qt.ItemDataRole.ToolTipRole)
        for name, error in damaged.items():
            self.addItem(tr("{name} · cannot be used").format(name=name), None)
            self.setItemData(self.count() - 1, sentence(error), Qt.ItemDataRole.ToolTipRole)
            self.allow_last(False)
        self._add_opening()

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Offer what a lab can be about."""
        self.clear()
        for number, choice in enumerate(choices):
            self.addItem(choice.text, choice.key)
            self.setItemData(number, choice.tip or None, Qt.ItemDataRole.ToolTipRole)
        self._add_opening()

    def set_data(self, data: object) -> None:
        """Show the item of `data`."""
        super().set_data(data)
        self._chosen = self.currentData()

    def showPopup(self) -> None:
        """Offer to open a folder, and have room for whole names."""
        self.allow_last(True)
        view, room = self.view(), self.window().width() // 2
        view.setMinimumWidth(min(room, view.sizeHintForColumn(0) + POPUP_MARGIN))
        super().showPopup()

    def hidePopup(self) -> None:
        """Offer it no longer: keys and the wheel go from model to model."""
        super().hidePopup()
        self.allow_last(False)

    def _add_opening(self) -> None:
        self.addItem(theme.icon("folder-open"), tr("Open model folder…"), OPEN)
        self.allow_last(False)

    @Slot()
    def _on_index_changed(self) -> None:
        if self.currentData() != OPEN:
            self._chosen = self.currentData()

    @Slot(object)
    def _on_picked(self, data: object) -> None:
        if data == OPEN:
            with QSignalBlocker(self):
                self.set_data(self._chosen)
            self.open_asked.emit()

    def show_details(self, card: Card | None) -> None:
        """Say more of the model chosen."""
        self.setToolTip(details(card) if card else tr("The trained model that runs use"))


def describe(card: Card) -> str:
    """A model in one line."""
    channels, height, width = card.shape
    size = f"{height}×{width}" + (" RGB" if channels == 3 else "")
    if card.latent:
        return _autoencoder(card, size)
    if is_ideal(card):
        return tr("{name} · {size} · exact for up to {n} images").format(
            name=card.name, size=size, n=f"{set_size(card):,}"
        )
    return tr("{name} · {size} · {millions:.1f} M · {prediction}-prediction · {schedule}").format(
        name=card.name,
        size=size,
        millions=card.parameters / 1e6,
        prediction=PREDICTIONS.get(card.prediction, card.prediction),
        schedule=process_words(card.schedule) if card.schedule else "",
    )


def _autoencoder(card: Card, size: str) -> str:
    likelihood = tr(likelihoods.LABELS[likelihoods.key_of(card.likelihood)]) if card.likelihood else tr("squared error")
    text = tr("{name} · {size} · {likelihood}").format(name=card.name, size=size, likelihood=likelihood)
    return text if card.family == "ae" else f"{text} · β = {card.beta:g}"


def details(card: Card) -> str:
    """What a model was trained on, and what may be done with it."""
    if is_ideal(card):
        text = tr(
            "{name}: the exact E[x_0 | x_t] of up to {n} images of {dataset}, on any noise schedule; it gives these "
            "back."
        )
        dataset = card.dataset.get("name", "?")
        told = text.format(name=card.name, n=f"{set_size(card):,}", dataset=dataset)
        return " ".join([told, *_licence(card)])
    if card.foreign:
        told = tr("{name}: a network of diffusers.").format(name=card.name)
        notes = [tr("What is to be known of it: {notes}.").format(notes="; ".join(card.notes))] if card.notes else []
        return " ".join([told, *notes, *_licence(card)])
    seen = card.training.get("images_seen")
    told = tr("{name}: trained on {dataset}, {seen} images seen.").format(
        name=card.name,
        dataset=card.dataset.get("name", "?"),
        seen=f"{seen:,}" if isinstance(seen, int) else "?",
    )
    return " ".join([told, *_licence(card)])


def _licence(card: Card) -> list[str]:
    return [tr("Licence {licence}.").format(licence=card.licence)] if card.licence else []


class ModelChoice(QObject):
    """What is chosen in `picker` goes to the lab that `stack` shows, and is remembered."""

    def __init__(
        self,
        picker: ModelPicker,
        shelf: LabRegistry,
        stack: LabStack,
        session: Session,
        catalogue: Catalogue,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._picker, self._shelf, self._stack, self._catalogue = picker, shelf, stack, catalogue
        self._session = session
        picker.currentIndexChanged.connect(self._on_chosen)
        for lab in shelf.there():
            self._attend(lab)
        shelf.made.connect(self._attend)
        stack.looked.connect(self.offer)

    def offer(self) -> None:
        """Offer the models of the shown lab, or what else it can be about; the one it uses is chosen."""
        lab = self._stack.shown
        choices = lab.choices()
        self._picker.setVisible(choices is None or len(choices) > 1)
        with QSignalBlocker(self._picker):
            if choices is None:
                self._picker.set_cards(self._shelf.cards_of(lab.name), self._catalogue.damaged)
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

    def show(self, card: Card) -> bool:
        """Choose the model of `card` in the shown lab, also where it is chosen; whether it is offered there."""
        at = self._picker.findData(self._stack.shown.key_of(card))
        if at < 0:
            return False
        if at == self._picker.currentIndex():
            self._on_chosen()
        self._picker.setCurrentIndex(at)
        return True

    def refresh(self) -> None:
        """Models came, changed or went: offer those there are; a lab whose own is gone or another one gets one."""
        for lab in self._shelf.there():
            if lab.choices() is None:
                self._follow(lab)
        self.offer()

    def _follow(self, lab: Lab) -> None:
        name = self._shelf.preferred(lab)
        if self._shelf.remembered(lab) and name:
            self._shelf.remember(lab, name)
        lab.follow_cards(self._session.offered.get(name))

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
        if key == OPEN:
            return
        if lab.choices() is not None:
            self._shelf.remember(lab, key)
            lab.choose(key)
            return
        card = self._session.cards.get(key or "")
        self._picker.show_details(card)
        if card:
            self._shelf.remember(lab, card.id)
        lab.set_model(card)
