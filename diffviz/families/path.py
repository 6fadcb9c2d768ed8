"""Paths through the latent spaces of one or two models."""

from __future__ import annotations

import math

from diffviz.domain import latent
from diffviz.domain.cards import Card, card_of
from diffviz.domain.errors import CardMismatch, ModelNotFound, OutOfRange
from diffviz.domain.frames import PathFrame
from diffviz.domain.latent import PathRequest
from diffviz.domain.plan import Plan
from diffviz.domain.text import mark, tr
from diffviz.families.family import Cards, Family, Shape, Shapes
from diffviz.theory.latent import shares

FLOAT = 4


def plan(request: PathRequest, cards: Cards, parent: Plan | None) -> Plan:
    """The plan of `request`. Raises `CardMismatch` too, where its models or its points do not go together."""
    models = [_model(name, cards) for name in request.models]
    if not 2 <= len(request.anchors) <= latent.MAX_ANCHORS:
        raise OutOfRange("anchors", len(request.anchors), 2, latent.MAX_ANCHORS)
    dims = [card.latent for card in models]
    for anchor in request.anchors:
        if anchor.codes and [len(code) for code in anchor.codes] != dims:
            text = tr("a latent point needs {dims} coordinates").format(dims=" + ".join(map(str, dims)))
            raise CardMismatch(models[0].folder, text)
    if any(card.shape != models[0].shape for card in models):
        raise CardMismatch(models[-1].folder, mark("models that are compared make images of one size"))
    positions = shares(request.frames)
    frame = len(models) * (math.prod(models[0].shape) + max(dims) + 4) * FLOAT
    return Plan(0.0, 1.0, positions, len(models) * request.frames, frame)


def _model(name: str, cards: Cards) -> Card:
    card = card_of(name, cards)
    if card.family not in latent.FAMILIES:
        raise ModelNotFound(name, tuple(sorted(c.id for c in cards.values() if c.family in latent.FAMILIES)))
    return card


def alike(shapes: Shapes) -> bool:
    """All fields are like the pictures x, or one number for each, or numbers; z has a point for each."""
    picture: Shape = shapes.get("x", ())
    points: Shape = (*picture[:1], *shapes.get("z", ())[1:2])
    fits = all(s in ((), picture, picture[:1]) or (name == "z" and s == points) for name, s in shapes.items())
    return "x" in shapes and fits


FAMILY = Family(
    name="path",
    request=PathRequest,
    frame=PathFrame,
    plan=plan,
    frame_tag="PathFrame",
    alike=alike,
)
