"""What the models of the VAE lab make of the selected picture, on the pages of its stage and on its maps."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Slot

from diffviz.domain.arrays import U8
from diffviz.domain.cards import Card
from diffviz.domain.latent import Blur, Blurred, Explain, Explained, Posterior, PosteriorGrid
from diffviz.session.session import Session
from diffviz.ui.labs.vae.code_queries import QueryScope
from diffviz.ui.labs.vae.latent_codes import LatentCodes
from diffviz.ui.labs.vae.point import SelectedPictureView
from diffviz.ui.labs.vae.stage import BLUR, MACHINE, VaeStage


class ExplanationQueries(QObject):
    """Asks about the `selected` picture what `stage` shows of it, and puts the answers there and into `summary`."""

    def __init__(
        self,
        session: Session,
        questions: QueryScope,
        codes: LatentCodes,
        stage: VaeStage,
        summary: SelectedPictureView,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._questions, self._codes = session, questions, codes
        self._stage, self._summary = stage, summary
        self._rivals: list[Card] = []
        self._blurred: tuple[object, ...] = ()
        self._seed = 0
        self.selected = ""

    def set_rivals(self, rivals: Sequence[Card]) -> None:
        """Compare the blur of these models."""
        if [card.id for card in rivals] != [card.id for card in self._rivals]:
            self._stage.blur.set_models(rivals)
        self._rivals, self._blurred = list(rivals), ()

    def select(self, name: str) -> None:
        """Look at the picture `name`."""
        self.selected = name
        self._summary.show_picture(self._pixels)
        for row in self._stage.machine.rows:
            row.show_picture(self._pixels)
            row.show_posterior(None)
        self._stage.blur.show_picture(self._pixels)
        self._explain()
        self._ask_posterior()
        self._ask_blur()
        for number in range(len(self._questions.cards)):
            self.mark(number)

    def show_page(self, page: str) -> None:
        """Ask for what a page shows of the picture that has not come yet."""
        if page == BLUR:
            self._ask_blur()
        elif page == MACHINE:
            self._explain()
            self._ask_posterior()

    @Slot()
    def resample(self) -> None:
        """Draw another ε."""
        self._seed += 1
        self._explain()

    @Slot(int)
    def mark(self, number: int) -> None:
        """Mark the picture's q(z|x) on map `number`, where its code has come."""
        view, cards = self._stage.maps[number], self._questions.cards
        found = self._codes.of(cards[number].id, self.selected) if number < len(cards) else None
        if found is None or len(found[0]) != len(view.scene.plane.origin):
            view.scene.ellipse = None
        else:
            mu, sigma = found
            view.scene.ellipse = (view.scene.plane.seen(mu[None])[0], view.scene.plane.ellipse(sigma))
        view.update()

    def take(self, number: int, answer: Explained | PosteriorGrid) -> None:
        """Show what model `number` answered, if it is about the selected picture still."""
        if answer.key[2] != self.selected:
            return
        row = self._stage.machine.rows[number]
        match answer:
            case Explained():
                row.show_answer(answer)
                self._summary.show_answer(number, answer)
            case PosteriorGrid():
                row.show_posterior(answer)

    def take_blur(self, answer: Blurred) -> None:
        """Show how one of the compared models blurs."""
        self._stage.blur.show_answer(str(answer.key[0]), answer)

    @property
    def _pixels(self) -> U8 | None:
        return self._session.images.get(self.selected)

    def _explain(self) -> None:
        pixels = self._pixels
        if pixels is None:
            return
        for number, card in enumerate(self._questions.cards):
            key = self._questions.key(number, self.selected)
            self._questions.ask(f"explain/{number}", Explain(card.id, key, image=pixels, seed=self._seed))

    def _ask_posterior(self) -> None:
        pixels = self._pixels
        if pixels is None or self._stage.page != MACHINE:
            return
        for number, card in enumerate(self._questions.cards):
            if card.family == "vae" and card.latent == 2:
                key = self._questions.key(number, self.selected)
                self._questions.ask(f"posterior/{number}", Posterior(card.id, key, image=pixels))

    def _ask_blur(self) -> None:
        pixels = self._pixels
        wanted = (self.selected, tuple(card.id for card in self._rivals))
        if pixels is None or not self._questions.active or self._stage.page != BLUR or wanted == self._blurred:
            return
        self._blurred = wanted
        for card in self._rivals:
            self._questions.ask(f"blur/{card.id}", Blur(card.id, (card.id,), image=pixels))
