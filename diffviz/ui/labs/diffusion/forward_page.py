"""The form of the forward process: with or without a network looking on, its settings, and the pictures to noise."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from diffviz.domain import ideal
from diffviz.domain.cards import Card
from diffviz.domain.requests import ForwardRequest, Image
from diffviz.domain.text import tr
from diffviz.families import diffusion
from diffviz.session.session import Session
from diffviz.ui.forms.draft import Draft
from diffviz.ui.forms.request_form import RequestForm, field_label
from diffviz.ui.gallery.gallery import Gallery
from diffviz.ui.widgets import controls, math_label


class ForwardPage(QWidget):
    """Shows a draft of a `ForwardRequest` and changes it."""

    def __init__(self, session: Session, draft: Draft, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft = draft
        self._card: Card | None = None
        self.look = QCheckBox(tr("shows ε̂ and x̂₀"))
        self.form = RequestForm(draft)
        self.gallery = Gallery(session)
        self._arrange()
        self.look.clicked.connect(self._on_look_clicked)
        self.gallery.start_chosen.connect(self._on_start_chosen)
        draft.changed.connect(self.refresh)
        self.refresh()

    def set_card(self, card: Card | None) -> None:
        """Offer the model of `card` as the one that looks on."""
        self._card = card
        self._row.setVisible(card is not None)
        self._row.setToolTip(math_label.rich(_about(card)) if card else "")
        self.form.set_card(card)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Read the draft."""
        request = self._draft.request
        assert isinstance(request, ForwardRequest)
        self.look.setChecked(request.model is not None)
        if isinstance(request.start, Image):
            self.gallery.show_start(request.start)

    def _arrange(self) -> None:
        self._row = QWidget()
        self.look.setAccessibleName(tr("The model shows ε̂ and x̂₀"))
        row = QHBoxLayout(self._row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(field_label(controls.label(tr("Model"), "quiet")))
        row.addWidget(self.look, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._row)
        column.addWidget(self.form)
        column.addSpacing(0)  # twice the room between two settings
        column.addWidget(self.gallery)

    @Slot(bool)
    def _on_look_clicked(self, on: bool) -> None:
        request = self._draft.request
        assert isinstance(request, ForwardRequest)
        model = self._card.id if self._card and on else None
        changed = dataclasses.replace(request, model=model)
        if self._card:
            changed = diffusion.carried(changed, request, self._card)
        self._draft.replace(changed, tr("Model"))

    @Slot(object)
    def _on_start_chosen(self, start: Image) -> None:
        self._draft.replace(dataclasses.replace(self._draft.request, start=start), tr("Pictures"))


def _about(card: Card) -> str:
    if ideal.is_ideal(card):
        return tr("The ideal denoiser gives x̂₀, the exact mean of x₀ given xₜ for its pictures and the process chosen.")
    return tr("The network estimates ε̂ and x̂₀ for each xₜ, on its own schedule: that is its training objective.")
