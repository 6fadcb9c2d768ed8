"""Training data: folders of IDX files or of images (subfolders are classes), and .npz sample files.

Nothing is unpickled. Whatever cannot be trained on raises `DataUnsuitable` with what was found and what is needed.
"""

from __future__ import annotations

import gzip
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from diffviz.domain.errors import DataUnsuitable
from diffviz.domain.samples import ABOUT, read_info
from diffviz.domain.serialization import builtins
from diffviz.domain.text import mark, tr

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"})
# Formats that Pillow decodes itself, whatever a file is named; others start programs (EPS).
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
SIXTEEN_BITS = frozenset({"I", "I;16", "I;16B", "I;16L"})
IDX_UINT8 = 0x08
LARGEST = 512


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Images uint8 (N, C, H, W) with labels int64 (N,) and the names of the classes (empty: no classes)."""

    name: str
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: tuple[str, ...] = ()
    source: str = ""
    licence: str = ""

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of an image."""
        _, channels, height, width = self.images.shape
        return channels, height, width

    def __len__(self) -> int:
        return len(self.images)


def load(path: Path, split: str = "train", size: int = 0) -> Dataset:
    """Read the `split` ("train" or "test") of the data at `path`.

    A folder of images or of .npz files may hold its splits as train and test (or train.npz and test.npz); without them
    all of it is for training. `size` is the height and width that images of a folder are brought to, 0 for that of the
    first.
    """
    if not path.exists():
        raise DataUnsuitable(path, mark("there is no such file or folder"))
    if path.is_file() and split == "train":
        return _from_npz(path)
    if (path / f"{split}.npz").is_file():
        return _from_npz(path / f"{split}.npz")
    prefix = {"train": "train", "test": "t10k"}[split]
    idx = _first(path, f"{prefix}-images-idx3-ubyte")
    if idx:
        return _from_idx(path, idx, prefix)
    if (path / split).is_dir():
        return _from_pictures(path / split, size, path)
    if split == "test":
        raise DataUnsuitable(path, mark("it has no test part: put other images into a folder named test beside train"))
    return _from_pictures(path, size, path)


def to_unit(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """uint8 0 … 255 to float32 −1 … 1."""
    return images.astype(np.float32) / np.float32(127.5) - np.float32(1)


def read_idx(path: Path) -> NDArray[np.uint8]:
    """An IDX file of unsigned bytes, gzipped or not. Raises `DataUnsuitable`."""
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        zeros, kind, dims = struct.unpack_from(">HBB", raw)
        shape = struct.unpack_from(f">{dims}I", raw, 4)
    except (OSError, EOFError, zlib.error, struct.error) as error:
        raise DataUnsuitable(path, tr("it cannot be read ({error})").format(error=error)) from error
    start = 4 + 4 * dims
    if zeros or kind != IDX_UINT8 or len(raw) - start != np.prod(shape, dtype=np.int64):
        raise DataUnsuitable(path, mark("it is not an IDX file of unsigned bytes, or it is cut short"))
    return np.frombuffer(raw, np.uint8, offset=start).reshape(shape)


def _first(folder: Path, name: str) -> Path | None:
    return next((p for p in (folder / name, folder / f"{name}.gz") if p.is_file()), None)


def _from_idx(folder: Path, images: Path, prefix: str) -> Dataset:
    pixels = read_idx(images)
    names = _first(folder, f"{prefix}-labels-idx1-ubyte")
    labels = read_idx(names) if names else np.zeros(len(pixels), np.uint8)
    if pixels.ndim != 3 or labels.shape != pixels.shape[:1] or len(pixels) == 0:
        raise DataUnsuitable(folder, mark("images and labels do not belong together"))
    count = int(labels.max()) + 1 if names else 0
    about = _about(folder)
    classes = about.get("classes") or [str(i) for i in range(count)]
    return _dataset(folder, pixels[:, None], labels, classes if names else (), about)


def _from_npz(path: Path) -> Dataset:
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            pixels, labels = np.asarray(file["images"]), np.asarray(file["labels"])
    except (OSError, ValueError, KeyError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise DataUnsuitable(path, tr("it cannot be read ({error})").format(error=error)) from error
    if pixels.dtype != np.uint8 or pixels.ndim not in (3, 4) or len(pixels) != len(labels) or len(pixels) == 0:
        raise DataUnsuitable(path, mark('it needs "images", uint8 (N, H, W) or (N, H, W, 3), and "labels" (N,)'))
    pixels = pixels[:, None] if pixels.ndim == 3 else pixels.transpose(0, 3, 1, 2)
    about = _about(path.parent)
    classes = about.get("classes") or [str(i) for i in range(int(labels.max()) + 1)]
    return _dataset(path.parent, pixels, labels, classes, about)


def _from_pictures(folder: Path, size: int, root: Path) -> Dataset:
    classes = sorted(p.name for p in folder.iterdir() if p.is_dir() and _pictures(p))
    groups = [_pictures(folder / name) for name in classes] or [_pictures(folder)]
    paths = [path for group in groups for path in group]
    if not paths:
        raise DataUnsuitable(folder, mark("it holds neither IDX files nor pictures"))
    labels = [label for label, group in enumerate(groups) for _ in group]
    target = (size, size) if size else _picture(paths[0]).size
    if max(target) > LARGEST:
        raise DataUnsuitable(
            root, tr("its images are larger than {n} pixels: choose a smaller size with --size").format(n=LARGEST)
        )
    pictures = [ImageOps.fit(_picture(path), target) for path in paths]  # one large one at a time
    mode = "L" if all(p.mode == "L" for p in pictures) else "RGB"
    pixels = np.stack([np.asarray(p.convert(mode)) for p in pictures])
    pixels = pixels[:, None] if pixels.ndim == 3 else pixels.transpose(0, 3, 1, 2)
    return _dataset(root, pixels, np.array(labels), classes, _about(root))


def _pictures(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES)


def _picture(path: Path) -> Image.Image:
    """The picture `path`, turned by its EXIF, L or RGB, what is transparent in black. Raises `DataUnsuitable`."""
    try:
        with Image.open(path, formats=FORMATS) as picture:
            return _plain(ImageOps.exif_transpose(picture))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, SyntaxError, ValueError) as error:
        raise DataUnsuitable(
            path, mark("it is not a readable picture: repair it or take it out of the folder")
        ) from error


def _plain(picture: Image.Image) -> Image.Image:
    if picture.has_transparency_data:
        clear = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", clear.size, "black"), clear).convert("RGB")
    if picture.mode in SIXTEEN_BITS:
        return Image.fromarray((np.clip(np.asarray(picture, np.float32), 0, 65535) / 257).round().astype(np.uint8))
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")


def _about(folder: Path) -> dict[str, object]:
    path = folder / ABOUT
    return builtins(read_info(path)) if path.exists() else {}


def _dataset(
    folder: Path, images: NDArray[np.uint8], labels: NDArray[np.integer], classes: object, about: dict[str, object]
) -> Dataset:
    names = tuple(str(name) for name in classes) if isinstance(classes, Sequence) else ()
    if names and (labels.min() < 0 or labels.max() >= len(names)):
        raise DataUnsuitable(folder, tr("a label lies outside its {n} classes").format(n=len(names)))
    return Dataset(
        name=str(about.get("name") or folder.name),
        images=np.ascontiguousarray(images),
        labels=labels.astype(np.int64),
        classes=names,
        source=str(about.get("source") or ""),
        licence=str(about.get("licence") or ""),
    )
