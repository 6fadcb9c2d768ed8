"""What the models of the VAE lab are asked of the selected picture, and what lies behind the points of the maps."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Slot

from diffviz.domain import latent
from diffviz.domain.arrays import U8
from diffviz.domain.cards import Card
from diffviz.session.session import Session
from diffviz.ui.labs.vae import anchors, map_scene, point
from diffviz.ui.labs.vae.stage import BLUR, DISTANCE, MACHINE, MANIFOLD, PLAIN, VaeStage

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
                self._questions.ask(
                    f"manifold/{number}",
                    latent.Decode(card.id, key, z=map_scene.tile_points(view.scene.plane, view.scale)),
                )
            elif self._chosen == DISTANCE:
                z = map_scene.points_in_sight(view.scene.plane, view.scale, *map_scene.cells(view.scale))
                self._questions.ask(f"shade/{number}", latent.DistanceShade(card.id, key, z=z))

    def take(self, number: int, answer: latent.Decoded | latent.Shaded) -> None:
        """Show what came for map `number`, if it is what was chosen."""
        view = self._stage.maps[number]
        match answer:
            case latent.Decoded() if self._chosen == MANIFOLD:
                view.set_backdrop(map_scene.mosaic(view.scale, answer.images))
            case latent.Shaded() if self._chosen == DISTANCE:
                pixels = map_scene.shade(answer.distances, answer.held_out)
                view.set_backdrop(map_scene.Backdrop(pixels, view.scale.bounds))
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
