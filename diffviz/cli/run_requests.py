"""Requests of `diffviz export` besides forward and reverse: paths, trainings of GANs, bounds, particles."""

from __future__ import annotations

import argparse
import dataclasses
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from diffviz import paths
from diffviz.cli.data import add_picture_options, pictures_of
from diffviz.cli.run import UsageError, add_options, request_from
from diffviz.domain import errors, objective, planar, samples
from diffviz.domain.cards import Card
from diffviz.domain.gan import DATA, Drawn, GanRequest, Pictures
from diffviz.domain.latent import FAMILIES, MAX_ANCHORS, Anchor, PathRequest
from diffviz.domain.messages import RunInputs
from diffviz.domain.requests import Image, Request, digest
from diffviz.domain.settings import every_setting
from diffviz.domain.text import mark, tr
from diffviz.families.gan import PRESETS

SETTINGS = frozenset(setting.name.replace("-", "_") for setting in every_setting(GanRequest))


def add_data_option(parser: argparse.ArgumentParser) -> None:
    """Add `--data`: a kind of points, a bundled data set, or a person's own data."""
    parser.add_argument(
        "--data",
        metavar="DATA",
        default=None,
        help=tr(
            "ring, lattice, moons or roll; the name of a bundled data set; or a folder of IDX files or of images, "
            "or an .npz file"
        ),
    )


def add_gan_options(parser: argparse.ArgumentParser) -> None:
    """Options that say which training is exported; the frames that come of it are all written."""
    add_data_option(parser)
    parser.add_argument("--preset", choices=tuple(PRESETS), default=None, help=tr("begin with these settings"))
    parser.add_argument(
        "--point",
        metavar="X,Y",
        action="append",
        help=tr("a Gaussian to learn there; can be repeated: --point=-1,0.5 --point=2,1"),
    )
    add_options(parser, GanRequest, without=("data",))


def gan_run(args: argparse.Namespace, _cards: Mapping[str, Card]) -> tuple[GanRequest, RunInputs]:
    """The training that `args` describe. Raises what is wrong with them."""
    base = PRESETS[args.preset].request if args.preset else GanRequest()
    if args.point and args.data:
        raise UsageError(tr("--point excludes --data."))
    if args.point:
        base = dataclasses.replace(base, data=Drawn(tuple(map(_plane_point, args.point))))
    elif args.data:
        base = dataclasses.replace(base, data=data_named(args.data))
    given = {name: value for name, value in vars(args).items() if name in SETTINGS - {"data"}}
    return request_from(argparse.Namespace(**given), base), RunInputs()


def export_arguments(args: argparse.Namespace, request: Request) -> argparse.Namespace:
    """`args` without the run's own settings: the --every of a training says where frames come; all are written."""
    own = {setting.name.replace("-", "_") for setting in every_setting(type(request))}
    return argparse.Namespace(**{name: value for name, value in vars(args).items() if name not in own})


def data_named(text: str) -> Any:
    """The data that `text` names. Raises `DataUnsuitable`."""
    kinds: Mapping[str, type[Any]] = {key: cls for key, cls in DATA.items() if key not in ("pictures", "drawn")}
    if text in kinds:
        return kinds[text]()
    if samples.has(text):
        return Pictures(text.casefold())
    if not paths.exists(Path(text)):
        raise errors.DataUnsuitable(Path(text), mark("there is no such file or folder, and no such data set"))
    return Pictures("", str(Path(text).resolve()))


def _plane_point(text: str) -> tuple[float, float]:
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        x = y = math.nan
    if not (math.isfinite(x) and math.isfinite(y)):
        raise UsageError(tr("--point takes two numbers with a comma between them, not {text}.").format(text=text))
    return x, y


PREFERRED = "fashion-vae-2d"
FEW = 2
POINT = "X,Y"


def add_path_options(parser: argparse.ArgumentParser) -> None:
    """Options that say where the path leads."""
    add_picture_options(parser)
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
        raise errors.ModelNotFound(name, known)
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


def objective_run(args: argparse.Namespace, card: Card) -> tuple[objective.ObjectiveRequest, RunInputs]:
    """The bound of the model of `card` on the pictures that `args` choose; the class is left to the caller."""
    pictures = pictures_of(args, card)
    images = {digest(picture): picture for picture in pictures}
    start = Image(tuple(digest(picture) for picture in pictures), pictures[0].shape)
    return objective.ObjectiveRequest(start=start, model=card.id), RunInputs(images)


def planar_run(args: argparse.Namespace, cards: Mapping[str, Card]) -> tuple[planar.PlanarRequest, RunInputs]:
    """Particles as `args` say; what is wrong with their model is said by the plan."""
    del cards
    return request_from(args, planar.PlanarRequest(model=args.model or "")), RunInputs()
