"""What commands read and write: pictures, data to train on, and the folder of a model.

What commands say of the data that they read, before anything is done with it.

The pictures that `diffviz export forward` starts from: a person's own, or some of the sample data.

The folder that a training writes its model into: what may lie in it, what its card says, how it is opened.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL.Image import Image

from diffviz import paths
from diffviz.cli.run import UsageError
from diffviz.domain import errors, requests
from diffviz.domain.arrays import U8
from diffviz.domain.cards import CARD, Card, read_card
from diffviz.domain.text import tr
from diffviz.imaging import is_grey, largest_crop, open_pictures, over, pixels_of

if TYPE_CHECKING:
    from diffviz.engine.datasets import TrainingSet


FEW = 5


def say_data(data: TrainingSet, *, quiet: bool) -> None:
    """Say on stderr what `data` holds; where `quiet` only what was guessed, changed or left out of it."""
    from diffviz.engine.datasets import headline

    if not quiet:
        print(tr("{name}: {what}").format(name=data.name, what=headline(data)), file=sys.stderr)
    say_notes(data.notes if quiet else (*data.notes, *data.passed_over))


def say_notes(notes: Sequence[str]) -> None:
    """Say sentences on what was read, a line each."""
    for note in notes:
        print(f"  {note}", file=sys.stderr)


def data_for(path: Path, split: str, card: Card) -> TrainingSet:
    """The `split` of the data at `path` in the shape, and with the classes in the order, of the model of `card`.

    Raises `DataUnsuitable`, for other classes too.
    """
    from diffviz.engine.datasets import load

    data = load(path, split, shape=card.shape).in_order(card.classes)
    numbers = all(name.isdecimal() for name in data.classes) and len(data.classes) == len(card.classes)
    if card.classes and data.classes != card.classes and not numbers:
        text = tr("its classes ({found}) are not those of {model} ({known})")
        shown = text.format(found=_few(data.classes), model=card.id, known=_few(card.classes))
        raise errors.DataUnsuitable(path, shown)
    return data


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:FEW]) + (" …" if len(names) > FEW else "") or "–"


LARGEST = 512
FEW_PICTURES = 8


def add_picture_options(parser: argparse.ArgumentParser) -> None:
    """Options that choose pictures."""
    parser.add_argument(
        "--image", metavar="FILE", type=Path, action="append", help=tr("a picture of your own; can be repeated")
    )
    parser.add_argument("--invert", action="store_true", help=tr("swap dark and bright in your own pictures"))
    parser.add_argument(
        "--size",
        metavar="N",
        type=int,
        help=tr("cut your own pictures to N × N; without it they keep the first one's shape, or take the model's"),
    )
    parser.add_argument(
        "--dataset", metavar="NAME", help=tr("sample data to take pictures from: fashion, digits or pixel-faces")
    )
    parser.add_argument("--index", metavar="I", type=int, nargs="+", help=tr("which test images of the sample data"))


def pictures_of(args: argparse.Namespace, card: Card | None) -> list[U8]:
    """The pictures chosen by `args`, uint8 (H, W) or (H, W, 3), at least one. Raises what is wrong."""
    if args.image and (args.dataset or args.index):
        raise UsageError(tr("--image and --dataset exclude each other."))
    if not args.image and (args.invert or args.size is not None):
        raise UsageError(tr("--invert and --size go with --image."))
    if len(args.image or args.index or ()) > requests.MAX_SAMPLES:
        raise UsageError(tr("At most {n} pictures fit into one run.").format(n=requests.MAX_SAMPLES))
    return _own(args, card) if args.image else _samples(args, card)


def _own(args: argparse.Namespace, card: Card | None) -> list[U8]:
    if args.size is not None and not 1 <= args.size <= LARGEST:
        raise UsageError(tr("--size lies between 1 and {n}.").format(n=LARGEST))
    if args.size is not None and card:
        raise UsageError(tr("--size does not apply with --model: pictures take the model's size."))
    opened, notes = open_pictures(args.image)
    say_notes(notes)
    shape = card.pixels if card else _shape_of(opened, args.size)
    aspect = shape[1] / shape[0]
    return [pixels_of(image, largest_crop(image.size, aspect), shape, invert=args.invert) for image in opened]


def _shape_of(images: list[Image], size: int | None) -> tuple[int, ...]:
    """The first one's shape, made smaller where it is large; grey where all are."""
    width, height = images[0].size
    shrink = min(1.0, LARGEST / max(width, height))
    shape = (size, size) if size else (max(1, round(height * shrink)), max(1, round(width * shrink)))
    return shape if all(is_grey(over(image, 0)) for image in images) else (*shape, 3)


def _samples(args: argparse.Namespace, card: Card | None) -> list[U8]:
    from diffviz.engine.datasets import load

    folder = _folder(args.dataset, card)
    images = load(folder, "test").images
    chosen = args.index or list(range(min(FEW_PICTURES, len(images))))
    outside = [i for i in chosen if not 0 <= i < len(images)]
    if outside:
        raise UsageError(
            tr("--index {i} is not there: {name} has images 0 … {last}.").format(
                i=outside[0], name=folder.name, last=len(images) - 1
            )
        )
    return [np.ascontiguousarray(image[0] if len(image) == 1 else image.transpose(1, 2, 0)) for image in images[chosen]]


def _folder(name: str | None, card: Card | None) -> Path:
    """Folder of the sample data `name`, or of what the model was trained on, or of the first there is."""
    root = paths.resources() / "samples"
    folders = {f.name: f for f in sorted(root.iterdir(), reverse=True) if f.is_dir()} if root.is_dir() else {}
    if not folders:
        raise UsageError(tr("There is no sample data here; name a picture of your own with --image."))
    if name is not None and name not in folders:
        raise UsageError(tr("--dataset takes one of {names}.").format(names=", ".join(sorted(folders))))
    model = card.id.removeprefix(requests.IDEAL) if card else ""
    trained = next((f for f in folders if model.startswith(f)), next(iter(folders)))
    return folders[name or trained]


SHOWN_BY: Mapping[str, str] = {"diffusion": "reverse x.png", "planar": "planar x.gif"}
"""What `diffviz export` takes to show a model of a kind, where that needs nothing else."""


def add_card_options(parser: argparse.ArgumentParser) -> None:
    """Add what a person says of the model."""
    parser.add_argument("--name", default="", help=tr("name of the model, as menus show it"))
    parser.add_argument("--licence", default="", metavar="TEXT", help=tr("licence of the model, as menus show it"))


def check_apart(data: Path, out: Path) -> None:
    """Raise `UsageError` where the model would lie among the `data`, or these in its folder."""
    if not paths.exists(data):
        return
    one, other = data.resolve(), out.resolve()
    if one == other or one in other.parents or other in one.parents:
        text = tr("The model cannot be written to {out}: choose a folder apart from the data in {data}.")
        raise UsageError(text.format(out=out, data=data))


def name_and_licence(args: argparse.Namespace) -> tuple[str, str]:
    """What is given; else what the model to continue has; else the folder's name, and no licence: none was given."""
    stored = _stored(args.out) if args.resume else None
    if stored is not None:
        return args.name or stored.name, args.licence or stored.licence
    return args.name or args.out.resolve().name, args.licence


def say_trained(out: Path, name: str, family: str) -> None:
    """Say on stderr where the model is, and how it is seen."""
    print(tr("Written: {name} ({path})").format(name=name, path=out), file=sys.stderr)
    if family in SHOWN_BY:
        command = f"diffviz export {SHOWN_BY[family]} --model {shlex.quote(str(out))}"
        print(tr("See what it makes: {command}").format(command=command), file=sys.stderr)
    if out.resolve().parent == paths.user_models().resolve():
        print(tr("The window has it in its list of models."), file=sys.stderr)
    else:
        command = f"diffviz {shlex.quote(str(out))}" if "/" in str(out) else f"diffviz open {shlex.quote(str(out))}"
        print(tr("See it in the window: {command}").format(command=command), file=sys.stderr)


def _stored(out: Path) -> Card | None:
    return read_card(out) if (out / CARD).is_file() else None
