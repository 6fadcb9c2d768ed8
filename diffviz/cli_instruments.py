"""The runs of `diffviz export objective` and `diffviz export planar`: a bound, and particles in the plane."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from diffviz.cli.picture_args import pictures_of
from diffviz.cli.settings_args import request_from
from diffviz.domain.cards import Card
from diffviz.domain.messages import RunInputs
from diffviz.domain.objective import ObjectiveRequest
from diffviz.domain.planar import PlanarRequest
from diffviz.domain.requests import Image, digest


def objective_run(args: argparse.Namespace, card: Card) -> tuple[ObjectiveRequest, RunInputs]:
    """The bound of the model of `card` on the pictures that `args` choose; the class is left to the caller."""
    pictures = pictures_of(args, card)
    images = {digest(picture): picture for picture in pictures}
    start = Image(tuple(digest(picture) for picture in pictures), pictures[0].shape)
    return ObjectiveRequest(start=start, model=card.id), RunInputs(images)


def planar_run(args: argparse.Namespace, cards: Mapping[str, Card]) -> tuple[PlanarRequest, RunInputs]:
    """Particles as `args` say; what is wrong with their model is said by the plan."""
    del cards
    return request_from(args, PlanarRequest(model=args.model or "")), RunInputs()
