"""What the VAE lab asks the engine between runs: codes, the selected picture, what lies behind the points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from diffviz.domain import latent
from diffviz.domain.arrays import U8
from diffviz.domain.cards import Card
from diffviz.domain.sentences import sentence
from diffviz.session.session import Session
from diffviz.ui.labs.vae import anchors, map_painting, point
from diffviz.ui.labs.vae.latent_map import cells, mosaic, points_in_sight, shade, tile_points
from diffviz.ui.labs.vae.stage import BLUR, DISTANCE, FAULTS, MACHINE, MANIFOLD, PLAIN, VaeStage

VIEWS = "vae/"


class QueryScope:
    """Questions about the models of `cards`. Nothing is asked while they are not `active`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.cards: tuple[Card, ...] = ()
        self.active = False

    def ask(self, what: str, query: latent.LatentQuery) -> None:
        """Ask `query`; of those about the same `what` the newest wins."""
        if self.active:
            self._session.ask(f"{VIEWS}{what}", query)

    def key(self, number: int, *more: object) -> latent.Key:
        """What an answer about model `number` must still be about to be shown."""
        return (number, self.cards[number].id, *more)

    def numbers(self, model: str) -> list[int]:
        """Where `model` is shown."""
        return [number for number, card in enumerate(self.cards) if card.id == model]

    def number_of(self, key: latent.Key) -> int | None:
        """Number of the model that an answer with this `key` is about, None where it is not shown there any more."""
        number = int(str(key[0]))
        return number if number in self.numbers(str(key[1])) else None


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


class MapBackground(QObject):
    """Asks for what lies behind the points in sight, and shows it on the maps of `stage`."""

    def __init__(self, questions: QueryScope, stage: VaeStage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._questions, self._stage = questions, stage
        self._chosen = PLAIN

    @Slot(str)
    def choose(self, backdrop: str) -> None:
        """Show "plain", "manifold" or "distance" behind the points."""
        self._chosen = backdrop
        self._stage.backdrops.set_current(backdrop)
        self.clear()
        self.ask()

    @Slot()
    def toggle_manifold(self) -> None:
        """Show the manifold, or the points alone."""
        self.choose(PLAIN if self._chosen == MANIFOLD else MANIFOLD)

    @Slot(bool)
    def show_distance(self, on: bool) -> None:
        """Show the distance, or the points alone."""
        self.choose(DISTANCE if on else PLAIN)

    def clear(self) -> None:
        """Show nothing until it has come."""
        for view in self._stage.maps:
            view.set_backdrop(None)

    @Slot()
    def ask(self) -> None:
        """Ask for what lies behind the points in sight."""
        for number, card in enumerate(self._questions.cards):
            view, key = self._stage.maps[number], self._questions.key(number)
            if self._chosen == MANIFOLD:
                self._questions.ask(f"manifold/{number}", latent.Decode(card.id, key, z=tile_points(view)))
            elif self._chosen == DISTANCE:
                self._questions.ask(
                    f"shade/{number}", latent.DistanceShade(card.id, key, z=points_in_sight(view, *cells(view)))
                )

    def take(self, number: int, answer: latent.Decoded | latent.Shaded) -> None:
        """Show what came for map `number`, if it is what was chosen."""
        view = self._stage.maps[number]
        match answer:
            case latent.Decoded() if self._chosen == MANIFOLD:
                view.set_backdrop(mosaic(view, answer.images))
            case latent.Shaded() if self._chosen == DISTANCE:
                view.set_backdrop(map_painting.Backdrop(shade(answer.distances, answer.held_out), view.scale.bounds))
            case _:
                pass


class ExplanationQueries(QObject):
    """Asks about the `selected` picture what `stage` shows of it, and puts the answers there and into `summary`."""

    def __init__(
        self,
        session: Session,
        questions: QueryScope,
        codes: anchors.LatentCodes,
        stage: VaeStage,
        summary: point.SelectedPictureView,
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

    def take(self, number: int, answer: latent.Explained | latent.PosteriorGrid) -> None:
        """Show what model `number` answered, if it is about the selected picture still."""
        if answer.key[2] != self.selected:
            return
        row = self._stage.machine.rows[number]
        match answer:
            case latent.Explained():
                row.show_answer(answer)
                self._summary.show_answer(number, answer)
            case latent.PosteriorGrid():
                row.show_posterior(answer)

    def take_blur(self, answer: latent.Blurred) -> None:
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
            self._questions.ask(f"explain/{number}", latent.Explain(card.id, key, image=pixels, seed=self._seed))

    def _ask_posterior(self) -> None:
        pixels = self._pixels
        if pixels is None or self._stage.page != MACHINE:
            return
        for number, card in enumerate(self._questions.cards):
            if card.family == "vae" and card.latent == 2:
                key = self._questions.key(number, self.selected)
                self._questions.ask(f"posterior/{number}", latent.Posterior(card.id, key, image=pixels))

    def _ask_blur(self) -> None:
        pixels = self._pixels
        wanted = (self.selected, tuple(card.id for card in self._rivals))
        if pixels is None or not self._questions.active or self._stage.page != BLUR or wanted == self._blurred:
            return
        self._blurred = wanted
        for card in self._rivals:
            self._questions.ask(f"blur/{card.id}", latent.Blur(card.id, (card.id,), image=pixels))


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
