"""Which models belong beside each other in the VAE lab."""

from __future__ import annotations

from collections.abc import Mapping

from diffviz.domain.cards import Card
from diffviz.domain.latent import FAMILIES
from diffviz.ui.labs.material import material


def companions(card: Card, cards: Mapping[str, Card]) -> list[Card]:
    """Models of the same pictures that can be walked beside `card`, those with as many dimensions first."""
    fits = [c for c in cards.values() if c.family in FAMILIES and material(c) == material(card) and c.id != card.id]
    return sorted(fits, key=lambda c: (c.latent != card.latent, c.name))


def companion(card: Card, cards: Mapping[str, Card]) -> tuple[Card, ...]:
    """The model beside `card` before a person chooses, if any: of the other family, with as many dimensions."""
    fits = [c for c in companions(card, cards) if c.latent == card.latent]
    others = [c for c in fits if c.family != card.family and c.beta == 1]
    return tuple(others[:1] or fits[:1])


def rivals(card: Card, cards: Mapping[str, Card]) -> list[Card]:
    """Models of the same pictures with as many dimensions, whatever their likelihood: the rows of the blur page."""
    fits = [card, *(c for c in companions(card, cards) if c.latent == card.latent)]
    return sorted(fits, key=lambda c: (c.family == "ae", c.beta != 1, c.name))
