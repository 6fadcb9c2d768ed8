"""`diffviz export path`: a path through latent space between pictures, or between points."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping

from diffviz.cli.picture_args import add_picture_options, pictures_of
from diffviz.cli.settings_args import UsageError, request_from
from diffviz.domain.cards import Card
from diffviz.domain.errors import ModelNotFound
from diffviz.domain.latent import FAMILIES, MAX_ANCHORS, Anchor, PathRequest
from diffviz.domain.messages import RunInputs
from diffviz.domain.requests import Image, digest
from diffviz.domain.text import tr

PREFERRED = "fashion-vae-2d"
FEW = 2
POINT = "X,Y"


def add_path_options(parser: argparse.ArgumentParser) -> None:
    """Options that say where the path leads."""
    add_picture_options(parser)
    parser.add_argument("--beside", metavar="ID", default="", help=tr("a model that walks between the same pictures"))
    parser.add_argument(
        "--z",
        metavar=POINT,
        action="append",
        help=tr("a latent point to go through instead of a picture; can be repeated: --z=-1,0.5 --z=2,1"),
    )


def path_run(args: argparse.Namespace, cards: Mapping[str, Card]) -> tuple[PathRequest, RunInputs]:
    """The path that `args` describe, and its pictures. Raises what is wrong with them."""
    card = _model(args.model or PREFERRED, cards)
    beside = _model(args.beside, cards).id if args.beside else ""
    if args.z:
        anchors, materials, start = _points(args, card), RunInputs(), Image(())
    else:
        anchors, materials, start = _pictures(args, card)
    base = PathRequest(start=start, model=card.id, beside=beside, anchors=anchors)
    own = {"z", "beside", "image", "invert", "size", "dataset", "index", "model", "out", "kind", "quiet", "device"}
    settings = argparse.Namespace(**{name: value for name, value in vars(args).items() if name not in own})
    return request_from(settings, base), materials


def _model(name: str, cards: Mapping[str, Card]) -> Card:
    known = tuple(sorted(card.id for card in cards.values() if card.family in FAMILIES))
    if name not in known:
        raise ModelNotFound(name, known)
    return cards[name]


def _pictures(args: argparse.Namespace, card: Card) -> tuple[tuple[Anchor, ...], RunInputs, Image]:
    pictures = pictures_of(args, card)
    if not (args.image or args.index):
        pictures = pictures[:FEW]
    if not FEW <= len(pictures) <= MAX_ANCHORS:
        raise UsageError(tr("A path leads through 2 to {n} pictures.").format(n=MAX_ANCHORS))
    names = tuple(digest(picture) for picture in pictures)
    start = Image(names, pictures[0].shape)
    return tuple(map(Anchor, names)), RunInputs(dict(zip(names, pictures, strict=True))), start


def _points(args: argparse.Namespace, card: Card) -> tuple[Anchor, ...]:
    if args.image or args.index or args.beside:
        raise UsageError(tr("--z excludes pictures, and a model beside: its latent space is another one."))
    if not FEW <= len(args.z) <= MAX_ANCHORS:
        raise UsageError(tr("A path leads through 2 to {n} points.").format(n=MAX_ANCHORS))
    return tuple(Anchor(codes=(_point(text, card.latent),)) for text in args.z)


def _point(text: str, dims: int) -> tuple[float, ...]:
    try:
        point = tuple(float(part) for part in text.split(","))
    except ValueError:
        point = ()
    if len(point) != dims or not all(map(math.isfinite, point)):
        raise UsageError(tr("--z takes {n} numbers with commas between them, not {text}.").format(n=dims, text=text))
    return point
