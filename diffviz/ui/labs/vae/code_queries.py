"""Questions of the VAE lab about its models, and those for codes of pictures."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from diffviz.domain.cards import Card
from diffviz.domain.latent import Encode, Encoded, Key, LatentQuery
from diffviz.session.session import Session
from diffviz.ui.labs.vae.latent_codes import LatentCodes

VIEWS = "vae/"


class QueryScope:
    """Questions about the models of `cards`. Nothing is asked while they are not `active`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.cards: tuple[Card, ...] = ()
        self.active = False

    def ask(self, what: str, query: LatentQuery) -> None:
        """Ask `query`; of those about the same `what` the newest wins."""
        if self.active:
            self._session.ask(f"{VIEWS}{what}", query)

    def key(self, number: int, *more: object) -> Key:
        """What an answer about model `number` must still be about to be shown."""
        return (number, self.cards[number].id, *more)

    def numbers(self, model: str) -> list[int]:
        """Where `model` is shown."""
        return [number for number, card in enumerate(self.cards) if card.id == model]

    def number_of(self, key: Key) -> int | None:
        """Number of the model that an answer with this `key` is about, None where it is not shown there any more."""
        number = int(str(key[0]))
        return number if number in self.numbers(str(key[1])) else None


class CodeQueries(QObject):
    """Fills `codes` with what the engine answers. Signals: `codes_came(number)` of the shown model."""

    codes_came = Signal(int)

    def __init__(
        self, session: Session, questions: QueryScope, codes: LatentCodes, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._questions, self._codes = session, questions, codes

    def ask_samples(self) -> None:
        """Encode the sample pictures under each model that has not done so."""
        for number, card in enumerate(self._questions.cards):
            if self._codes.data is None or self._codes.samples(card.id) is not None:
                self.codes_came.emit(number)
            else:
                self._questions.ask(f"codes/{card.id}", Encode(card.id, (card.id,), images=self._codes.data.images))

    def ask_pictures(self, names: Sequence[str]) -> None:
        """Encode pictures that are not among the samples, under each model."""
        for card in self._questions.cards:
            for name in names:
                self._ask_own(card, name)

    def take(self, answer: Encoded) -> None:
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
            self._questions.ask(f"own/{card.id}/{name}", Encode(card.id, (card.id, name), images=pixels[None]))
