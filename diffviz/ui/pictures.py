"""A person's own pictures: decoded with a limit, turned as the camera says, cropped and brought to a model's size."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from diffviz.domain.errors import ImageTooLarge, ImageUnreadable

LIMIT_MEGAPIXELS = 64.0
MEGA = 1e6
# Formats that Pillow decodes itself; others start programs (EPS) or read whole documents (PDF). JPEG reads MPO as well.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "ICO", "AVIF")
SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".ico", ".avif"}
)
WIDE = frozenset({"I", "I;16", "I;16B", "I;16L", "F"})
BRIGHT = 128


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


def open_picture(path: Path) -> Image.Image:
    """The first picture in the file `path`, mode RGB or RGBA, turned by its EXIF.

    Its size is checked before it is decoded. Raises `ImageTooLarge` above `LIMIT_MEGAPIXELS` and `ImageUnreadable`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as file:
                _check_size(path, file.width * file.height / MEGA)
                file.load()
                return _plain(ImageOps.exif_transpose(file))
    except Image.DecompressionBombError as error:
        raise ImageTooLarge(path, _megapixels(str(error)), LIMIT_MEGAPIXELS) from error
    except UnidentifiedImageError as error:
        raise ImageUnreadable(path) from error
    except OSError as error:
        raise ImageUnreadable(path, error.strerror or str(error)) from error
    except (ValueError, SyntaxError, EOFError, IndexError, MemoryError, OverflowError) as error:
        raise ImageUnreadable(path, str(error) or type(error).__name__) from error


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


def pixels_of(
    picture: Image.Image, crop: Crop, shape: tuple[int, ...], *, invert: bool = False, ground: int = 0
) -> NDArray[np.uint8]:
    """The part `crop` of `picture` as uint8 pixels of `shape`, (H, W) grey or (H, W, 3) colour.

    What is transparent shows the grey level `ground` (before inverting). Pixels are averaged where the picture shrinks.
    """
    size = (shape[1], shape[0])
    flat = over(picture, ground).convert("L" if len(shape) == 2 else "RGB")
    shrinks = crop.width >= size[0] and crop.height >= size[1]
    sampling = Image.Resampling.BOX if shrinks else Image.Resampling.LANCZOS
    resized = np.asarray(flat.resize(size, sampling, box=_inside(crop, flat.size)), np.uint8)
    return 255 - resized if invert else resized.copy()


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


def _check_size(path: Path, megapixels: float) -> None:
    if megapixels > LIMIT_MEGAPIXELS:
        raise ImageTooLarge(path, megapixels, LIMIT_MEGAPIXELS)


def _megapixels(message: str) -> float:
    """Size that Pillow names in its refusal; it gives it nowhere else."""
    found = re.search(r"(\d+) pixels", message)
    return int(found.group(1)) / MEGA if found else LIMIT_MEGAPIXELS


def _plain(picture: Image.Image) -> Image.Image:
    if picture.mode in WIDE:
        return _eight_bits(picture).convert("RGB")
    transparent = picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info
    return picture.convert("RGBA" if transparent else "RGB")


def _eight_bits(picture: Image.Image) -> Image.Image:
    """16-bit or floating-point grey as 8 bits; `convert` alone would clip it."""
    values = np.nan_to_num(np.asarray(picture, np.float64))
    top = float(values.max(initial=0.0))
    full = 1.0 if top <= 1 and picture.mode == "F" else 255.0 if top <= 255 else max(65535.0, top)
    return Image.fromarray(np.clip(values * 255 / full, 0, 255).astype(np.uint8))


def _inside(crop: Crop, size: tuple[int, int]) -> tuple[float, float, float, float]:
    left, top, right, bottom = crop.box
    return max(0.0, left), max(0.0, top), min(float(size[0]), right), min(float(size[1]), bottom)
