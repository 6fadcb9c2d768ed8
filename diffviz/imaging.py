"""Picture files as arrays of 256 levels, with numpy and Pillow alone: what training, commands and the window read.

Values of pictures as 256 levels, by one rule wherever they come from.

8 bits are taken as they are. Other values say by their range what they mean, over all pictures of a set together:

| found | black … white |
| --- | --- |
| floating-point numbers from 0 to 1 | 0 … 1 |
| floating-point numbers from −1 to 1 | −1 … 1, which is said |
| other numbers from 0 up | 0 … 2ⁿ − 1, the first n of `DEPTHS` that holds them; said where it is not the file's own |
| what remains | the smallest … the largest, which is said |

The part of a picture that is taken, and its pixels at another size.

Picture files, decoded with a limit, turned as the camera says, and with their values as 256 levels.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from diffviz.domain.arrays import U8, levels
from diffviz.domain.errors import ImageTooLarge, ImageUnreadable
from diffviz.domain.serialization import BROKEN, opened
from diffviz.domain.text import tr

DEPTHS = (1, 8, 10, 12, 14, 16, 24, 32)
ROUNDING = 1e-3
CHUNK = 1 << 22


@dataclass(frozen=True, slots=True)
class ValueRange:
    """Range of the finite values of some pictures.

    `whole` says that they are integers, `unknown` that some are not finite; `room` is how many bits they are stored in
    and `bits` how many their file says that they have, 0 where that is not known. `low` is greater than `high` where no
    value is finite.
    """

    low: float
    high: float
    whole: bool
    unknown: bool = False
    room: int = 0
    bits: int = 0

    def with_(self, other: ValueRange) -> ValueRange:
        """The range of both."""
        return ValueRange(
            min(self.low, other.low),
            max(self.high, other.high),
            self.whole and other.whole,
            self.unknown or other.unknown,
            self.room if self.room == other.room else 0,
            self.bits if self.bits == other.bits else 0,
        )


@dataclass(frozen=True, slots=True)
class LevelScale:
    """Which values are black and white. `notes` are sentences on what had to be guessed."""

    black: float
    white: float
    notes: tuple[str, ...] = ()

    def levels(self, values: NDArray[np.generic]) -> U8:
        """`values` as levels from 0 to 255, rounded; what is no number is mid-grey."""
        return levels(values, self.black, max(self.white, np.nextafter(self.black, np.inf)))


def extent(values: NDArray[np.generic], bits: int = 0) -> ValueRange:
    """The range of `values`, numbers of any kind. Reads an array on a disk part by part."""
    flat = values.reshape(-1)
    parts = (_extent(np.asarray(flat[i : i + CHUNK]), bits) for i in range(0, max(1, len(flat)), CHUNK))
    return joined(parts)


def joined(extents: Iterable[ValueRange]) -> ValueRange:
    """The range of them all, at least one."""
    return reduce(ValueRange.with_, extents)


def _extent(values: NDArray[np.generic], bits: int) -> ValueRange:
    if values.dtype.kind in "bui":
        room = {"b": 1, "u": 8 * values.dtype.itemsize}.get(values.dtype.kind, 0)
        return ValueRange(int(values.min()), int(values.max()), True, False, room, bits)
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (np.inf, -np.inf)
    return ValueRange(low, high, False, finite.size < values.size, 0, bits)


def scale_of(found: ValueRange) -> LevelScale:
    """How values in the range `found` become levels."""
    scale = _scale(found)
    if not found.unknown:
        return scale
    return LevelScale(scale.black, scale.white, (*scale.notes, tr("Values that are no numbers are mid-grey.")))


def _scale(found: ValueRange) -> LevelScale:
    low, high = found.low, found.high
    if low > high:
        return LevelScale(0, 1)
    if not found.whole and low >= -ROUNDING and high <= 1 + ROUNDING:
        return LevelScale(0, 1)
    if not found.whole and low >= -1 - ROUNDING and high <= 1 + ROUNDING:
        text = tr("The values reach from {low:.3g} to {high:.3g}: −1 is black, 1 is white.")
        return LevelScale(-1, 1, (text.format(low=low, high=high),))
    if low >= 0 and high < 2 ** DEPTHS[-1]:
        return _of_depth(found)
    text = tr("The values reach from {low:.6g} to {high:.6g}: the smallest is black, the largest is white.")
    return LevelScale(low, high, (text.format(low=low, high=high),))


def _of_depth(found: ValueRange) -> LevelScale:
    if found.bits and found.high < 2**found.bits:
        return LevelScale(0, 2**found.bits - 1)
    bits = next(n for n in DEPTHS if found.high < 2**n)
    if bits == found.room:
        return LevelScale(0, 2**bits - 1)
    text = tr("The values reach from {low:.6g} to {high:.6g} and are taken as of {bits} bits: {white} is white.")
    white = 2**bits - 1
    return LevelScale(0, white, (text.format(low=found.low, high=found.high, bits=bits, white=white),))


LIMIT_MEGAPIXELS = 64.0
MEGA = 1e6
# Formats that Pillow decodes itself; others start programs (EPS) or read whole documents (PDF). JPEG reads MPO as well.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "ICO", "AVIF")
SUFFIXES = frozenset(
    {".png", ".apng", ".jpg", ".jpeg", ".jfif", ".mpo", ".gif", ".bmp", ".dib", ".webp", ".tif", ".tiff"}
    | {".ppm", ".pgm", ".pbm", ".pnm", ".ico", ".avif"}
)
# Pictures too, though nothing here decodes them: they are refused by name and not passed over.
UNREAD_SUFFIXES = frozenset(
    {".heic", ".heif", ".jxl", ".jp2", ".j2k", ".psd", ".xcf", ".tga", ".exr", ".hdr", ".svg", ".eps", ".dcm"}
    | {".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2"}
)
WIDE = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N", "F"})
COLOURED = frozenset({"RGB", "CMYK", "YCbCr", "LAB", "HSV"})
MAX_SAMPLE_VALUE = 281  # a tag of TIFF
BRIGHT = 128


def read_picture(path: Path) -> Image.Image:
    """The first picture in the file `path`, turned by its EXIF, in the mode that it has.

    Its size is checked before it is decoded. Raises `ImageTooLarge` above `LIMIT_MEGAPIXELS` and `ImageUnreadable`.
    """
    with _explained(path), opened(path) as raw, Image.open(raw, formats=FORMATS) as file:
        _check_size(path, file.width * file.height / MEGA)
        file.load()
        turned = ImageOps.exif_transpose(file)
        turned.info["bits"] = _declared_bits(file)
        turned.apply_transparency()  # of a palette: one that it does not fit is found here
        return turned


def is_picture(path: Path) -> bool:
    """Whether `path` holds or is meant to hold a picture: by its ending, or else by what it holds."""
    if named_as_picture(path):
        return True
    try:
        with _explained(path), opened(path) as raw, Image.open(raw, formats=FORMATS):
            return True
    except (ImageUnreadable, ImageTooLarge):
        return False


def named_as_picture(path: Path) -> bool:
    """Whether `path` ends as the names of pictures do, also of such as are not read here."""
    return path.suffix.lower() in SUFFIXES | UNREAD_SUFFIXES


def open_picture(path: Path) -> Image.Image:
    """The first picture in the file `path`, mode RGB or RGBA. Raises as `read_picture` does."""
    return open_pictures([path])[0][0]


def open_pictures(paths: Sequence[Path]) -> tuple[list[Image.Image], tuple[str, ...]]:
    """The first pictures in the files `paths`, mode RGB or RGBA, their values by one scale, and what was guessed of it.

    Raises as `read_picture` does.
    """
    read = [read_picture(path) for path in paths]
    scale = common_scale([found for found in map(extent_of, read) if found])
    pictures = (eight_bits(picture, scale) for picture in read)
    return [p if p.mode == "RGBA" else p.convert("RGB") for p in pictures], scale.notes


def extent_of(picture: Image.Image) -> ValueRange | None:
    """The range of the values of `picture`; None where it has 8 bits."""
    return extent(np.asarray(picture), picture.info.get("bits", 0)) if picture.mode in WIDE else None


def common_scale(extents: Sequence[ValueRange]) -> LevelScale:
    """How values become levels, for all pictures of these `extents` alike."""
    return scale_of(joined(extents)) if extents else LevelScale(0, 255)


def eight_bits(picture: Image.Image, scale: LevelScale) -> Image.Image:
    """`picture` in 8 bits: mode L, RGB or RGBA."""
    if picture.mode in WIDE:
        return Image.fromarray(scale.levels(np.asarray(picture)))
    if picture.has_transparency_data or picture.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        return picture.convert("RGBA")
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")


def is_grey(picture: Image.Image) -> bool:
    """Whether all channels of `picture`, mode L or RGB, are the same."""
    if picture.mode == "L":
        return True
    pixels = np.asarray(picture)
    return bool((pixels[..., :1] == pixels[..., 1:]).all())


def over(picture: Image.Image, ground: int) -> Image.Image:
    """`picture` over the grey level `ground`, mode RGB."""
    if picture.mode != "RGBA":
        return picture.convert("RGB")
    base = Image.new("RGBA", picture.size, (ground, ground, ground, 255))
    return Image.alpha_composite(base, picture).convert("RGB")


def bright_ground(picture: Image.Image) -> bool:
    """Whether the picture's edge is bright, where it is not transparent: it is then inverted for a dark ground."""
    small = np.asarray(picture.convert("RGBA").resize((32, 32), Image.Resampling.BOX))
    edge = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
    opaque = edge[edge[:, 3] > BRIGHT]
    return len(opaque) > len(edge) // 2 and float(opaque[:, :3].mean()) > BRIGHT


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """What decoding `path` raises, as errors of ours."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of bombs, whose size is checked, and of broken tags of no use here
            yield
    except Image.DecompressionBombError as error:
        raise ImageTooLarge(path, _megapixels(str(error)), LIMIT_MEGAPIXELS) from error
    except UnidentifiedImageError as error:
        raise ImageUnreadable(path) from error
    except OSError as error:
        raise ImageUnreadable(path, error.strerror or str(error)) from error
    except BROKEN as error:
        raise ImageUnreadable(path, str(error) or type(error).__name__) from error


def _declared_bits(file: Image.Image) -> int:
    """How many bits `file` says that its values have, 0 where it does not say."""
    if file.format == "PPM" and file.mode == "I":
        return 16  # Pillow scales what is wider than 8 bits to 16
    most = getattr(file, "tag_v2", {}).get(MAX_SAMPLE_VALUE, 0)
    value = most[0] if isinstance(most, tuple) and most else most
    return value.bit_length() if isinstance(value, int) and value > 0 and value & (value + 1) == 0 else 0


def _check_size(path: Path, megapixels: float) -> None:
    if megapixels > LIMIT_MEGAPIXELS:
        raise ImageTooLarge(path, megapixels, LIMIT_MEGAPIXELS)


def _megapixels(message: str) -> float:
    """Size that Pillow names in its refusal; it gives it nowhere else."""
    found = re.search(r"(\d+) pixels", message)
    return int(found.group(1)) / MEGA if found else LIMIT_MEGAPIXELS


@dataclass(frozen=True, slots=True)
class Crop:
    """A rectangle of a picture in its pixels; left and top may lie between two pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """(left, top, right, bottom)."""
        return self.left, self.top, self.left + self.width, self.top + self.height


def largest_crop(size: tuple[int, int], aspect: float) -> Crop:
    """The largest centred crop of a picture of `size` (width, height) with width / height = `aspect`."""
    width, height = size
    wide = min(float(width), height * aspect)
    high = wide / aspect
    return Crop((width - wide) / 2, (height - high) / 2, wide, high)


def confined(crop: Crop, size: tuple[int, int], aspect: float, smallest: float = 1.0) -> Crop:
    """`crop` with `aspect`, made to fit into a picture of `size` (width, height) and moved inside it."""
    most = largest_crop(size, aspect).width
    wide = min(max(crop.width, min(smallest, most)), most)
    high = wide / aspect
    left = min(max(crop.left, 0.0), size[0] - wide)
    top = min(max(crop.top, 0.0), size[1] - high)
    return Crop(left, top, wide, high)


def pixels_of(picture: Image.Image, crop: Crop, shape: tuple[int, ...], *, invert: bool = False, ground: int = 0) -> U8:
    """The part `crop` of `picture` as uint8 pixels of `shape`, (H, W) grey or (H, W, 3) colour.

    What is transparent shows the grey level `ground` (before inverting). Pixels are averaged where the picture shrinks.
    """
    size = (shape[1], shape[0])
    flat = over(picture, ground).convert("L" if len(shape) == 2 else "RGB")
    shrinks = crop.width >= size[0] and crop.height >= size[1]
    sampling = Image.Resampling.BOX if shrinks else Image.Resampling.LANCZOS
    resized = np.asarray(flat.resize(size, sampling, box=_inside(crop, flat.size)), np.uint8)
    return 255 - resized if invert else resized.copy()


def _inside(crop: Crop, size: tuple[int, int]) -> tuple[float, float, float, float]:
    left, top, right, bottom = crop.box
    return max(0.0, left), max(0.0, top), min(float(size[0]), right), min(float(size[1]), bottom)
