"""Arrays as pictures: of any kind of number, with channels first, last or none, brought to a size and to 256 levels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from diffviz.domain.errors import DataUnsuitable
from diffviz.domain.levels import levels
from diffviz.domain.text import mark, tr
from diffviz.engine.datasets.part import DecodedPictures, Target, check_memory, check_side
from diffviz.imaging.crop import largest_crop, pixels_of
from diffviz.imaging.values import LevelScale, extent, scale_of

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
