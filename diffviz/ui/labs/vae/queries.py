"""What the VAE lab asks the engine between runs, and where the answers go."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, Slot

from diffviz.domain.cards import Card
from diffviz.domain.latent import (
    Blurred,
    Decode,
    Decoded,
    Encoded,
    Explained,
    FaultReport,
    Faults,
    PosteriorGrid,
    Shaded,
)
from diffviz.domain.sentences import sentence
from diffviz.session.session import Session
from diffviz.ui.labs.vae.background import MapBackground
from diffviz.ui.labs.vae.code_queries import VIEWS, CodeQueries, QueryScope
from diffviz.ui.labs.vae.explanation import ExplanationQueries
from diffviz.ui.labs.vae.latent_codes import LatentCodes
from diffviz.ui.labs.vae.point import SelectedPictureView
from diffviz.ui.labs.vae.stage import FAULTS, VaeStage


class VaeQueries(QObject):
    """Keeps the codes, the selected picture's explanation, the backdrops and the pages of `stage` up to date.

    Nothing is asked while it is not `active`.
    """

    def __init__(
        self,
        session: Session,
        codes: LatentCodes,
        stage: VaeStage,
        summary: SelectedPictureView,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._stage = stage
        self._faulted: set[str] = set()
        self._questions = QueryScope(session)
        self.encoding = CodeQueries(session, self._questions, codes, self)
        self.explaining = ExplanationQueries(session, self._questions, codes, stage, summary, self)
        self.backdrops = MapBackground(self._questions, stage, self)
        self.encoding.codes_came.connect(self.explaining.mark)
        session.answered.connect(self._on_answered)

    @property
    def active(self) -> bool:
        """Whether the lab is shown."""
        return self._questions.active

    @active.setter
    def active(self, active: bool) -> None:
        begins = active and not self.active
        self._questions.active = active
        if begins:
            self._refresh()

    def set_cards(self, cards: tuple[Card, ...], rivals: Sequence[Card]) -> None:
        """Ask about these models from now on."""
        self._questions.cards, self._faulted = cards, set()
        self.explaining.set_rivals(rivals)
        self._stage.machine.set_models(cards)
        self._stage.faults.set_models(cards)
        for view in self._stage.maps:
            view.scene.points = view.scene.at = view.scene.ellipse = None
            view.scene.anchors = {}
        self.backdrops.clear()
        self._refresh()

    def select(self, name: str) -> None:
        """Look at the picture `name`."""
        self.encoding.ask_pictures((name,))
        self.explaining.select(name)

    @Slot(str)
    def show_page(self, page: str) -> None:
        """Ask for what a page shows that has not come yet."""
        if page == FAULTS:
            self._ask_faults()
        else:
            self.explaining.show_page(page)

    def hover(self, number: int, x: float, y: float) -> None:
        """Decode the point under the pointer; the newest wins."""
        cards = self._questions.cards
        if number < len(cards):
            z = self._stage.maps[number].scene.plane.latent([[x, y]]).astype(np.float32)
            self._questions.ask(f"hover/{number}", Decode(cards[number].id, self._questions.key(number), z=z))

    def leave(self, number: int) -> None:
        """Nothing is under the pointer any more."""
        self._stage.maps[number].show_preview(None)

    def _refresh(self) -> None:
        """Ask for everything that the shown models and page need."""
        if not self.active or not self._questions.cards:
            return
        self.encoding.ask_samples()
        if self.explaining.selected:
            self.select(self.explaining.selected)
        self.show_page(self._stage.page)
        self.backdrops.ask()

    def _ask_faults(self) -> None:
        for number, card in enumerate(self._questions.cards):
            if card.id not in self._faulted and self.active:
                self._faulted.add(card.id)
                self._questions.ask(f"faults/{number}", Faults(card.id, (card.id,)))

    @Slot(str, object)
    def _on_answered(self, view: str, answer: object) -> None:
        if not view.startswith(VIEWS):
            return
        what = view.split("/")[1]
        match answer:
            case Exception():
                self._on_error(what, view, answer)
            case Encoded():
                self.encoding.take(answer)
            case Blurred():
                self.explaining.take_blur(answer)
            case FaultReport():
                self._show_report(answer)
            case Decoded() | Shaded() | Explained() | PosteriorGrid():
                number = self._questions.number_of(answer.key)
                if number is not None:
                    self._show(what, number, answer)

    def _on_error(self, what: str, view: str, error: Exception) -> None:
        """Say in place what could not be answered."""
        text = sentence(error)
        if what == "faults":
            self._stage.faults.show_problem(int(view.rsplit("/", 1)[1]), text)
        else:
            self._stage.note.setText(text)

    def _show_report(self, report: FaultReport) -> None:
        for number in self._questions.numbers(str(report.key[0])):
            self._stage.faults.show_report(number, report)

    def _show(self, what: str, number: int, answer: Decoded | Shaded | Explained | PosteriorGrid) -> None:
        view = self._stage.maps[number]
        match answer:
            case Decoded() if what == "hover":
                view.show_preview(answer.images[0] if view.pointer is not None else None)
            case Decoded() | Shaded():
                self.backdrops.take(number, answer)
            case Explained() | PosteriorGrid():
                self.explaining.take(number, answer)
