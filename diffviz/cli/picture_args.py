"""The pictures that `diffviz export forward` starts from: a person's own, or some of the sample data."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL.Image import Image

from diffviz import paths
from diffviz.cli.data import say_notes
from diffviz.cli.settings_args import UsageError
from diffviz.domain.arrays import U8
from diffviz.domain.cards import Card
from diffviz.domain.requests import IDEAL, MAX_SAMPLES
from diffviz.domain.text import tr
from diffviz.imaging.crop import largest_crop, pixels_of
from diffviz.imaging.pictures import is_grey, open_pictures, over

LARGEST = 512
FEW = 8


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
    if len(args.image or args.index or ()) > MAX_SAMPLES:
        raise UsageError(tr("At most {n} pictures fit into one run.").format(n=MAX_SAMPLES))
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
    chosen = args.index or list(range(min(FEW, len(images))))
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
    model = card.id.removeprefix(IDEAL) if card else ""
    trained = next((f for f in folders if model.startswith(f)), next(iter(folders)))
    return folders[name or trained]
