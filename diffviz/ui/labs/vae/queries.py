"""What the VAE lab asks the engine between runs: codes, the selected picture, what lies behind the points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from diffviz.domain import latent
from diffviz.domain.cards import Card
from diffviz.domain.sentences import sentence
from diffviz.session.session import Session
from diffviz.ui.labs.vae import anchors, point
from diffviz.ui.labs.vae.explanation import VIEWS, ExplanationQueries, MapBackground, QueryScope
from diffviz.ui.labs.vae.stage import FAULTS, VaeStage


class CodeQueries(QObject):
    """Fills `codes` with what the engine answers. Signals: `codes_came(number)` of the shown model."""

    codes_came = Signal(int)

    def __init__(
        self, session: Session, questions: QueryScope, codes: anchors.LatentCodes, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._questions, self._codes = session, questions, codes

    def ask_samples(self) -> None:
        """Encode the sample pictures under each model that has not done so."""
        for number, card in enumerate(self._questions.cards):
            if self._codes.data is None or self._codes.samples(card.id) is not None:
                self.codes_came.emit(number)
            else:
                self._questions.ask(
                    f"codes/{card.id}", latent.Encode(card.id, (card.id,), images=self._codes.data.images)
                )

    def ask_pictures(self, names: Sequence[str]) -> None:
        """Encode pictures that are not among the samples, under each model."""
        for card in self._questions.cards:
            for name in names:
                self._ask_own(card, name)

    def take(self, answer: latent.Encoded) -> None:
        """Keep the codes that came."""
        model = str(answer.key[0])
        if len(answer.key) > 1:
            self._codes.put_own(model, str(answer.key[1]), answer)
        elif self._codes.data is not None and len(answer.mu) == len(self._codes.data):
            self._codes.put_samples(model, answer)
        for number in self._questions.numbers(model):
            self.codes_came.emit(number)

    def _ask_own(self, card: Card, name: str) -> None:
        pixels = self._session.images.get(name)
        if pixels is not None and self._codes.number(name) is None and self._codes.of(card.id, name) is None:
            self._questions.ask(f"own/{card.id}/{name}", latent.Encode(card.id, (card.id, name), images=pixels[None]))


class VaeQueries(QObject):
    """Keeps the codes, the selected picture's explanation, the backdrops and the pages of `stage` up to date.

    Nothing is asked while it is not `active`.
    """

    def __init__(
        self,
        session: Session,
        codes: anchors.LatentCodes,
        stage: VaeStage,
        summary: point.SelectedPictureView,
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
            self._questions.ask(f"hover/{number}", latent.Decode(cards[number].id, self._questions.key(number), z=z))

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
                self._questions.ask(f"faults/{number}", latent.Faults(card.id, (card.id,)))

    @Slot(str, object)
    def _on_answered(self, view: str, answer: object) -> None:
        if not view.startswith(VIEWS):
            return
        what = view.split("/")[1]
        match answer:
            case Exception():
                self._on_error(what, view, answer)
            case latent.Encoded():
                self.encoding.take(answer)
            case latent.Blurred():
                self.explaining.take_blur(answer)
            case latent.FaultReport():
                self._show_report(answer)
            case latent.Decoded() | latent.Shaded() | latent.Explained() | latent.PosteriorGrid():
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

    def _show_report(self, report: latent.FaultReport) -> None:
        for number in self._questions.numbers(str(report.key[0])):
            self._stage.faults.show_report(number, report)

    def _show(
        self, what: str, number: int, answer: latent.Decoded | latent.Shaded | latent.Explained | latent.PosteriorGrid
    ) -> None:
        view = self._stage.maps[number]
        match answer:
            case latent.Decoded() if what == "hover":
                view.show_preview(answer.images[0] if view.pointer is not None else None)
            case latent.Decoded() | latent.Shaded():
                self.backdrops.take(number, answer)
            case latent.Explained() | latent.PosteriorGrid():
                self.explaining.take(number, answer)
