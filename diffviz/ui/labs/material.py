"""Which pictures the models of the VAE lab are about."""

from __future__ import annotations

from diffviz.domain import samples
from diffviz.domain.cards import Card


def material(card: Card) -> tuple[object, ...]:
    """What decides which pictures fit a model."""
    return str(card.dataset.get("name")), card.shape


def pictures_of(card: Card) -> samples.Dataset | None:
    """The sample pictures of the data that the model was trained on; None where there are none of its shape.

    Raises `DiffvizError` where they cannot be read.
    """
    name = str(card.dataset.get("name"))
    data = samples.load(name) if samples.has(name) else None
    return data if data is not None and data.shape == card.pixels else None
