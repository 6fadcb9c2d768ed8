"""Arrays as pictures: of any kind of number, with channels first, last or none, brought to a size and to 256 levels.

Labels as numbers of classes: whichever way they are written, where their meaning is plain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from diffviz.domain.arrays import levels
from diffviz.domain.errors import DataUnsuitable
from diffviz.domain.text import mark, tr
from diffviz.engine.datasets.part import DecodedPictures, Target, Values, check_memory, check_side
from diffviz.imaging import LevelScale, extent, largest_crop, pixels_of, scale_of

CHANNELS = (1, 3, 4)
CHUNK = 1 << 22
EIGHT_BITS = LevelScale(0, 255)


def pictures_of(values: NDArray[np.generic], wanted: Target, path: Path) -> DecodedPictures:
    """The pictures in `values`, (N, H, W), (N, H, W, C) or (N, C, H, W) with 1, 3 or 4 channels, of any number type.

    They are converted part by part, so that an array on a disk stays there. Raises `DataUnsuitable`.
    """
    check_pictures(values.shape, values.dtype, path)
    laid_out = _channels_last(values)
    count, *side, channels = laid_out.shape
    height, width = wanted.size or (side[0], side[1])
    check_side(path, height, width)
    scale, notes = _scale(values)
    colours = 1 if channels == 1 else 3
    if wanted.channels == 1 and colours == 3:
        raise DataUnsuitable(path, mark("it is in colour, and grey pictures are needed"))
    if channels == 4:
        notes.append(tr("Of its four channels the last is taken for opacity, on a black ground."))
    check_memory(path, count * colours * height * width)
    out = np.empty((count, colours, height, width), np.uint8)
    for at, part in _parts(laid_out):
        out[at] = _fitted(_opaque(scale.levels(part) if scale is not EIGHT_BITS else part), (height, width))
    wide = wanted.channels == 3 and colours == 1
    return DecodedPictures(np.repeat(out, 3, axis=1) if wide else out, notes)


def is_pictures(shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> bool:
    """Whether an array of `shape` and `dtype` can be pictures."""
    if dtype.kind not in "buif" or 0 in shape:
        return False
    if len(shape) == 3:
        return shape[2] not in CHANNELS  # one picture in colour
    return len(shape) == 4 and (shape[3] in CHANNELS or shape[1] in CHANNELS)


def check_pictures(shape: tuple[int, ...], dtype: np.dtype[np.generic], path: Path) -> None:
    """Raise `DataUnsuitable` where `is_pictures` does not hold, with what was found."""
    if not is_pictures(shape, dtype):
        text = tr(
            "its pictures are {dtype} {shape}, and (N, H, W), (N, H, W, C) or (N, C, H, W) is needed, C 1, 3 or 4"
        )
        raise DataUnsuitable(path, text.format(dtype=dtype, shape=shown(shape)))


def shown(shape: tuple[int, ...]) -> str:
    """`shape` as Python shows it."""
    return str(tuple(map(int, shape)))


def _channels_last(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """`values` as (N, H, W, C); where both places could be the channels, they are last."""
    if values.ndim == 3:
        return values[..., None]
    return values if values.shape[3] in CHANNELS else values.transpose(0, 2, 3, 1)


def _scale(values: NDArray[np.generic]) -> tuple[LevelScale, list[str]]:
    if values.dtype == np.uint8 and (_reaches(values, 2) or not _reaches(values, 1)):
        return EIGHT_BITS, []
    scale = scale_of(extent(values))
    return scale, list(scale.notes)


def _reaches(values: NDArray[np.generic], level: int) -> bool:
    """Whether any of `values` is at least `level`: pictures of 0 and 1 alone would be black."""
    return any(bool((np.asarray(part) >= level).any()) for _, part in _parts(values))


def _parts(values: NDArray[np.generic]) -> Iterator[tuple[slice, NDArray[np.generic]]]:
    count = max(1, CHUNK * len(values) // values.size)
    for start in range(0, len(values), count):
        at = slice(start, start + count)
        yield at, np.asarray(values[at])


def _opaque(pixels: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Levels (N, H, W, C) over black: without their opacity, where they have one."""
    plain = pixels.astype(np.uint8)
    if plain.shape[3] < 4:
        return plain
    opacity = plain[..., 3:].astype(np.float32) / 255
    return levels(plain[..., :3] * opacity, 0, 255)


def _fitted(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Levels (N, H, W, C) as (N, C, *size), cut and scaled as pictures from files are."""
    if pixels.shape[1:3] == size:
        return pixels.transpose(0, 3, 1, 2)
    height, width = size
    channels = pixels.shape[3]
    shape = (height, width) if channels == 1 else (height, width, channels)
    crop = largest_crop((pixels.shape[2], pixels.shape[1]), width / height)
    plain = pixels[..., 0] if channels == 1 else pixels
    fitted = np.stack([pixels_of(Image.fromarray(picture), crop, shape) for picture in plain])
    return fitted[:, None] if channels == 1 else fitted.transpose(0, 3, 1, 2)


MOST_CLASSES = 1000
FEW = 10


def natural(name: str) -> tuple[object, ...]:
    """Key that puts names in the order in which people count: 0, 1, 2, 10."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return (*(int(part) if i % 2 else part for i, part in enumerate(parts)), name)


def values_of(labels: NDArray[np.generic], count: int, path: Path) -> Values:
    """One number or name for each of `count` pictures, from `labels` (N,), (N, 1) or one-hot (N, K).

    Raises `DataUnsuitable` for what cannot be understood so.
    """
    if labels.ndim == 0:
        raise DataUnsuitable(path, tr("its labels are one value, and {n} are needed: one a picture").format(n=count))
    flat = labels.reshape(-1) if labels.ndim > 1 and labels.size == max(labels.shape) else labels
    if flat.ndim == 2 and len(flat) == count:
        flat = _from_one_hot(flat, path)
    if flat.shape != (count,):
        text = tr("its labels are of shape {shape}, and {n} are needed: one number or name a picture")
        raise DataUnsuitable(path, text.format(shape=tuple(map(int, labels.shape)), n=count))
    return _plain(flat, path)


def classes_of(values: Values, path: Path) -> tuple[str, ...]:
    """Names of the classes that occur in `values`, in natural order; numbers without a gap from 0 on are all there.

    Raises `DataUnsuitable` where they are no classes.
    """
    found = np.unique(values)
    if len(found) > MOST_CLASSES:
        text = tr("it has {n:,} classes, at most {most:,} can be learnt: are the labels something else?")
        raise DataUnsuitable(path, text.format(n=len(found), most=MOST_CLASSES))
    if found.dtype.kind == "i":
        gaps = found[0] != 0 or found[-1] != len(found) - 1
        if gaps and len(found) == len(values) > FEW:
            text = tr("each of its {n} pictures has a label of its own ({first}, {second}, …): these are no classes")
            raise DataUnsuitable(path, text.format(n=len(values), first=found[0], second=found[1]))
        return tuple(str(value) for value in found)
    return tuple(sorted((str(value) for value in found), key=natural))


def numbered(values: Values, classes: Sequence[str], path: Path) -> NDArray[np.int64]:
    """The number of each of `values` among `classes`. Raises `DataUnsuitable` for one that is not among them."""
    found, places = np.unique(values, return_inverse=True)
    known = {name: number for number, name in enumerate(classes)}
    unknown = [str(value) for value in found if str(value) not in known]
    if unknown:
        text = tr("a label, {label}, lies outside its {n} classes")
        raise DataUnsuitable(path, text.format(label=unknown[0], n=len(classes)))
    return np.array([known[str(value)] for value in found], np.int64)[places]


def _from_one_hot(labels: NDArray[np.generic], path: Path) -> NDArray[np.generic]:
    numbers = labels.dtype.kind in "buif"
    if not numbers or not ((labels == 0) | (labels == 1)).all() or not (labels.sum(1) == 1).all():
        text = tr("its labels are of shape {shape} and not one-hot: one number or name a picture is needed")
        raise DataUnsuitable(path, text.format(shape=tuple(map(int, labels.shape))))
    return np.asarray(labels.argmax(1))


def _plain(labels: NDArray[np.generic], path: Path) -> Values:
    kind = labels.dtype.kind
    if kind == "S":
        return np.char.decode(labels.astype(np.bytes_), "utf-8", "replace")
    if kind == "U":
        return labels.astype(np.str_)
    if kind not in "buif" or not np.isfinite(labels.astype(np.float64)).all():
        raise DataUnsuitable(path, mark("its labels are neither whole numbers nor names"))
    broken = labels[labels.astype(np.float64) != np.rint(labels.astype(np.float64))]
    if len(broken) or abs(labels.astype(np.float64)).max(initial=0) >= 2**62:
        text = tr("a label is {label}: whole numbers or names of classes are needed")
        raise DataUnsuitable(path, text.format(label=broken[0] if len(broken) else labels.max()))
    numbers = labels.astype(np.int64)
    if numbers.min(initial=0) < 0 and set(np.unique(numbers).tolist()) != {-1, 1}:
        text = tr("a label is {label}, and classes are numbered from 0 on: take such pictures out, or name the class")
        raise DataUnsuitable(path, text.format(label=numbers.min()))
    return numbers
