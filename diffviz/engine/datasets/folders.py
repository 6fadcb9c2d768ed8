"""Folders of pictures: which files are pictures, of which class each is, and what is passed over."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from diffviz.domain.arrays import U8
from diffviz.domain.errors import DataUnsuitable, ImageUnreadable
from diffviz.domain.samples import ABOUT
from diffviz.domain.text import mark, tr, trn
from diffviz.engine.datasets.arrays import natural
from diffviz.engine.datasets.part import DecodedPictures, Target, Values, check_memory, check_side
from diffviz.imaging import (
    COLOURED,
    LevelScale,
    ValueRange,
    common_scale,
    eight_bits,
    extent_of,
    is_grey,
    is_picture,
    largest_crop,
    over,
    pixels_of,
    read_picture,
)

HIDDEN = frozenset({"__macosx", "thumbs.db", "desktop.ini", "@eadir", "$recycle.bin", "system volume information"})
FEW = 3


def hidden(name: str) -> bool:
    """Whether a file or folder called `name` is the system's own and not a person's."""
    return name.startswith(".") or name.casefold() in HIDDEN


@dataclass(slots=True)
class FolderListing:
    """What a folder holds: `loose` pictures, and those in or below each of its folders, by the folder's name."""

    loose: list[Path] = field(default_factory=list)
    below: dict[str, list[Path]] = field(default_factory=dict)
    deeper: int = 0
    others: list[Path] = field(default_factory=list)
    hidden: int = 0


def tree(folder: Path) -> FolderListing:
    """What `folder` holds. Raises OSError for a folder below it that cannot be read."""
    found = FolderListing()
    for place, visible, count in _walk(folder):
        within = place.relative_to(folder).parts
        found.hidden += count
        for path in visible:
            if not is_picture(path):
                found.others += [path] if within or path.name != ABOUT else []
            elif not within:
                found.loose.append(path)
            else:
                found.below.setdefault(within[0], []).append(path)
                found.deeper += len(within) > 1
    return found


def holds_pictures(folder: Path) -> bool:
    """Whether there is a picture in or below `folder`."""
    return any(is_picture(path) for _, visible, _ in _walk(folder) for path in visible)


def unwrapped(folder: Path) -> Path:
    """`folder`, or where it holds nothing but one folder of folders, as archives are unpacked, that one."""
    inside = [path for path in folder.iterdir() if not hidden(path.name)]
    if len(inside) != 1 or not inside[0].is_dir():
        return folder
    within = [path for path in inside[0].iterdir() if not hidden(path.name)]
    only_folders = any(path.is_dir() for path in within) and not any(p.is_file() and is_picture(p) for p in within)
    return unwrapped(inside[0]) if only_folders else folder


def _walk(folder: Path) -> Iterator[tuple[Path, list[Path], int]]:
    """`folder` and every one below it once, with its visible files in order and how many things in it are hidden."""
    seen = {os.path.realpath(folder)}
    for place, names, files in os.walk(folder, onerror=_fail, followlinks=True):
        here = Path(place)
        visible = sorted(name for name in files if not hidden(name))
        inside = sorted(name for name in names if not hidden(name))
        count = len(files) + len(names) - len(visible) - len(inside)
        names[:] = [name for name in inside if not _again(here / name, seen)]
        yield here, [here / name for name in visible if (here / name).is_file()], count


class PictureFolder:
    """Pictures in `path`, each of the class that the folder in it is named after; without such folders of none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._notes: list[str] = []

    def labels(self) -> Values | None:
        """The class of every picture."""
        names = self._sorted[1]
        return np.array(names) if names else None

    def class_names(self) -> Sequence[str]:
        """None: folders say all there is to say."""
        return ()

    def pictures(self, wanted: Target) -> DecodedPictures:
        """The pictures. Raises `DataUnsuitable`, `ImageTooLarge`."""
        reading = _Reading(self._sorted[0], wanted)
        made = DecodedPictures(reading.images())
        made.notes = [*self._notes, *reading.notes]
        made.passed_over = list(self._passed_over())
        return made

    @cached_property
    def _tree(self) -> FolderListing:
        return tree(self.path)

    @cached_property
    def _sorted(self) -> tuple[list[Path], list[str]]:
        """The files to read, and the class of each; no class where there are no folders to tell them apart."""
        found = self._tree
        below = sum(map(len, found.below.values()))
        total = below + len(found.loose)
        if not total:
            raise DataUnsuitable(self.path, mark("it holds neither IDX files nor pictures"))
        if found.loose and len(found.below) < 2:
            if below:
                text = trn(
                    "{n} of {total} pictures lies in the folder {name}, which alone is no class: it is left out.",
                    "{n} of {total} pictures lie in the folder {name}, which alone is no class: they are left out.",
                    below,
                )
                self._notes.append(text.format(n=below, total=total, name=next(iter(found.below))))
            return found.loose, []
        self._check_loose(len(found.loose), total)
        if found.deeper:
            text = trn(
                "{n} of {total} pictures lies deeper than a class folder and is read as of the class above it.",
                "{n} of {total} pictures lie deeper than a class folder and are read as of the class above them.",
                found.deeper,
            )
            self._notes.append(text.format(n=found.deeper, total=total))
        classes = sorted(found.below, key=natural)
        return [p for c in classes for p in found.below[c]], [c for c in classes for _ in found.below[c]]

    def _check_loose(self, loose: int, total: int) -> None:
        if 2 * loose > total:
            text = trn(
                "{n} of {total} pictures lies beside the class folders and has no class: put it into a folder",
                "{n} of {total} pictures lie beside the class folders and have no class: put them into folders",
                loose,
            )
            raise DataUnsuitable(self.path, text.format(n=loose, total=total))
        if loose:
            text = trn(
                "{n} of {total} pictures lies beside the class folders and has no class: it is left out.",
                "{n} of {total} pictures lie beside the class folders and have no class: they are left out.",
                loose,
            )
            self._notes.append(text.format(n=loose, total=total))

    def _passed_over(self) -> Iterator[str]:
        others, count = self._tree.others, len(self._tree.others)
        if others:
            names = ", ".join(path.name for path in others[:FEW]) + (" …" if count > FEW else "")
            text = trn(
                "{n} file is no picture and is passed over: {names}.",
                "{n} files are no pictures and are passed over: {names}.",
                count,
            )
            yield text.format(n=count, names=names)
        if self._tree.hidden:
            text = trn("{n} hidden file is passed over.", "{n} hidden files are passed over.", self._tree.hidden)
            yield text.format(n=self._tree.hidden)


class _Reading:
    """Pictures on their way from files into one array: large ones are held one at a time.

    Those of more than 8 bits are read twice, since one scale is to hold for all of them.
    """

    def __init__(self, files: Sequence[Path], wanted: Target) -> None:
        self._files = files
        self._colour = wanted.channels == 3
        self._wanted = wanted
        first = _read(files[0])
        self._size = wanted.size or (first.height, first.width)
        check_side(files[0].parent, *self._size)
        self._others = 0
        self.notes: list[str] = []

    def images(self) -> U8:
        """All of them, (N, C, H, W)."""
        height, width = self._size
        check_memory(self._files[0].parent, len(self._files) * height * width * (4 if not self._colour else 3))
        out = np.empty((len(self._files), 3 if self._colour else 1, height, width), np.uint8)
        wide: dict[int, ValueRange] = {}
        for i, path in enumerate(self._files):
            picture = _read(path)
            if extent := extent_of(picture):
                wide[i] = extent
            else:
                out = self._put(out, i, picture, LevelScale(0, 255))
        scale = common_scale(list(wide.values()))
        for i in wide:
            out = self._put(out, i, _read(self._files[i]), scale)
        self._say(scale, out)
        return out

    def _put(self, out: U8, i: int, picture: Image.Image, scale: LevelScale) -> U8:
        """Place `picture` into `out`, which becomes colour with the first picture that is."""
        height, width = self._size
        self._others += (picture.height, picture.width) != self._size
        flat = eight_bits(picture, scale)
        flat = over(flat, 0) if flat.mode == "RGBA" else flat
        if out.shape[1] == 1 and (picture.mode in COLOURED or not is_grey(flat)):
            self._check_grey(i)
            out, self._colour = np.repeat(out, 3, axis=1), True
        shape = (height, width) if out.shape[1] == 1 else (height, width, 3)
        pixels = pixels_of(flat, largest_crop(flat.size, width / height), shape)
        out[i] = pixels if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
        return out

    def _check_grey(self, i: int) -> None:
        if self._wanted.channels == 1:
            raise DataUnsuitable(self._files[i], mark("it is in colour, and grey pictures are needed"))

    def _say(self, scale: LevelScale, out: U8) -> None:
        self.notes.extend(scale.notes)
        count = len(self._files)
        if self._colour and not self._wanted.channels and all(map(_all_grey, out)):
            self.notes.append(
                tr("Every picture is grey, but not every file: saved as grey they train a smaller model.")
            )
        if self._others and not self._wanted.size:
            text = trn(
                "{n} of {total} pictures is not {width} × {height} like the first: it is cut and scaled to it.",
                "{n} of {total} pictures are not {width} × {height} like the first: they are cut and scaled to it.",
                self._others,
            )
            height, width = self._size
            self.notes.append(text.format(n=self._others, total=count, width=width, height=height))


def _read(path: Path) -> Image.Image:
    try:
        return read_picture(path)
    except ImageUnreadable as error:
        raise DataUnsuitable(
            path, mark("it is not a readable picture: repair it, save it as PNG, or take it out of the folder")
        ) from error


def _all_grey(image: U8) -> bool:
    return bool((image == image[:1]).all())


def _again(folder: Path, seen: set[str]) -> bool:
    """Whether `folder` was walked through already, as links may have it; it has been from now on."""
    real = os.path.realpath(folder)
    there = real in seen
    seen.add(real)
    return there


def _fail(error: OSError) -> None:
    raise error
