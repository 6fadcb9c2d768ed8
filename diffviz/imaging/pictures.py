"""Picture files, decoded with a limit, turned as the camera says, and with their values as 256 levels."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from diffviz.domain.errors import ImageTooLarge, ImageUnreadable
from diffviz.domain.regular_files import opened
from diffviz.domain.serialization import BROKEN
from diffviz.imaging.values import LevelScale, ValueRange, extent, joined, scale_of

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
    pictures = (levels(picture, scale) for picture in read)
    return [p if p.mode == "RGBA" else p.convert("RGB") for p in pictures], scale.notes


def extent_of(picture: Image.Image) -> ValueRange | None:
    """The range of the values of `picture`; None where it has 8 bits."""
    return extent(np.asarray(picture), picture.info.get("bits", 0)) if picture.mode in WIDE else None


def common_scale(extents: Sequence[ValueRange]) -> LevelScale:
    """How values become levels, for all pictures of these `extents` alike."""
    return scale_of(joined(extents)) if extents else LevelScale(0, 255)


def levels(picture: Image.Image, scale: LevelScale) -> Image.Image:
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
