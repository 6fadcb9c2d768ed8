"""PNG of one picture."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from diffviz.domain.arrays import U8
from diffviz.domain.atomic import replacing
from diffviz.domain.export import ExportSettings
from diffviz.export.frame_layout import FramePictureSource
from diffviz.export.metadata import png_chunks, text_of
from diffviz.export.progress import Progress

LIMIT = (1 << 31) - 1
HEAD = 33


def write(pictures: FramePictureSource, path: Path, settings: ExportSettings, progress: Progress) -> None:
    """Write the only one of `pictures` to `path`."""
    (picture,) = pictures
    write_one(picture, path, text_of(pictures.about, settings), progress)


def write_one(picture: U8, path: Path, text: str, progress: Progress) -> None:
    """Write `picture` with the record `text` to `path`."""
    with replacing(path) as file:
        progress(0, 1)
        file.write(tagged(encoded(picture), text))
        progress(1, 1)


def encoded(picture: U8) -> bytes:
    """`picture` as the bytes of a PNG file, without loss."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()


def tagged(data: bytes, text: str) -> bytes:
    """The PNG file `data` with the record `text` behind its header."""
    return data[:HEAD] + png_chunks(text) + data[HEAD:]
