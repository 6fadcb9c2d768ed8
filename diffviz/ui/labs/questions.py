"""Questions of the VAE lab to the engine: which models they are about, and what an answer must still be about."""

from __future__ import annotations

from diffviz.domain.cards import Card
from diffviz.domain.latent import Key, LatentQuery
from diffviz.session.session import Session

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
