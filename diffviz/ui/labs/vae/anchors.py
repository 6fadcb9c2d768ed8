"""Where the anchors of a path are, and what becomes of them when one is dragged."""

from __future__ import annotations

import numpy as np

from diffviz.domain.arrays import F32, F64
from diffviz.domain.cards import Card
from diffviz.domain.latent import Anchor, PathRequest
from diffviz.domain.samples import Dataset
from diffviz.session.session import Session
from diffviz.theory.latent import Plane
from diffviz.ui.labs.vae.anchor_bar import names_of
from diffviz.ui.labs.vae.latent_codes import LatentCodes

REACH = 3.0
"""How far a walk along one dimension goes: the prior's ±3 σ, or three deviations of an AE's codes."""


class Anchors:
    """Anchors under the models of `cards`, as far as their codes have come."""

    def __init__(self, session: Session, codes: LatentCodes) -> None:
        self._session, self._codes = session, codes
        self.cards: tuple[Card, ...] = ()

    @property
    def data(self) -> Dataset | None:
        """The sample pictures whose codes are on the maps."""
        return self._codes.data

    def code(self, number: int, anchor: Anchor) -> F64 | None:
        """The latent point (D,) of `anchor` under model `number`.

        None where it has not come, or where the run that `anchor` is of walked no such model.
        """
        if anchor.codes:
            known = number < len(anchor.codes) and len(anchor.codes[number]) == self.cards[number].latent
            return np.asarray(anchor.codes[number], np.float64) if known else None
        found = self._codes.of(self.cards[number].id, anchor.image)
        return None if found is None else np.asarray(found[0], np.float64)

    def places(self, number: int, request: PathRequest, plane: Plane) -> dict[str, F64]:
        """Places on `plane` of the anchors that are known under model `number`, by name."""
        names = names_of(len(request.anchors))
        codes = {name: self.code(number, anchor) for name, anchor in zip(names, request.anchors, strict=True)}
        return {name: plane.seen(code[None])[0] for name, code in codes.items() if code is not None}

    def moved(self, number: int, anchor: Anchor, plane: Plane, to: tuple[float, float]) -> Anchor | None:
        """`anchor` dragged to a place on the map of model `number`; what the plane does not show of it stays.

        Under the other models it goes to the picture whose code is nearest to it here. None while codes are missing.
        """
        before = self.code(number, anchor)
        z = plane.origin if before is None else before
        z = z + (np.asarray(to) - plane.seen(z[None])[0]) @ plane.axes
        nearest = self._codes.nearest(self.cards[number].id, z)
        codes = [z if n == number else self._beside(n, nearest, anchor) for n in range(len(self.cards))]
        if any(code is None for code in codes):
            return None
        image = anchor.image
        if nearest is not None and self._codes.data is not None:
            image = self._session.add_image(self._codes.data.images[nearest])
        return Anchor(image, tuple(_plain(code) for code in codes if code is not None))

    def along(self, image: str, dimension: int) -> tuple[Anchor, Anchor] | None:
        """The ends of a walk along one dimension through the code of picture `image`, under each model that has it."""
        starts = [self._codes.of(card.id, image) for card in self.cards]
        if any(start is None for start in starts):
            return None
        low, high = (
            tuple(
                self._shifted(card, start[0], dimension, side)
                for card, start in zip(self.cards, starts, strict=True)
                if start is not None
            )
            for side in (-1, 1)
        )
        return Anchor(image, low), Anchor(image, high)

    def picture(self, number: int) -> str:
        """Name of a sample picture to begin with, for every `number` one of another class; "" where there is none."""
        if self.data is None:
            return ""
        numbers = self.data.one_of_each(10)
        return self._session.add_image(self.data.images[numbers[number % len(numbers)]])

    def beginning(self) -> tuple[Anchor, ...]:
        """What a path goes between at first: two sample pictures, or two latent points where there are none."""
        pictures = tuple(Anchor(self.picture(n)) for n in (7, 1))
        return pictures if all(anchor.image for anchor in pictures) else self._ends()

    def _ends(self) -> tuple[Anchor, Anchor]:
        low, high = (tuple((side,) * card.latent for card in self.cards) for side in (-1.0, 1.0))
        return Anchor(codes=low), Anchor(codes=high)

    def _beside(self, number: int, nearest: int | None, anchor: Anchor) -> F64 | None:
        codes = self._codes.samples(self.cards[number].id)
        if nearest is None or codes is None:
            return self.code(number, anchor)
        return np.asarray(codes.mu[nearest], np.float64)

    def _shifted(self, card: Card, z: F32, dimension: int, side: int) -> tuple[float, ...]:
        moved = z.astype(np.float64)
        if dimension < card.latent:
            mean, deviation = self._spread(card, dimension)
            moved[dimension] = mean + side * REACH * deviation
        return _plain(moved)

    def _spread(self, card: Card, dimension: int) -> tuple[float, float]:
        """Mean and deviation along one dimension: the prior's, or those of an AE's codes."""
        codes = self._codes.samples(card.id)
        if card.family == "vae" or codes is None:
            return 0.0, 1.0
        values = codes.mu[:, dimension]
        return float(values.mean()), float(values.std())


def _plain(z: F64) -> tuple[float, ...]:
    return tuple(float(value) for value in z)
