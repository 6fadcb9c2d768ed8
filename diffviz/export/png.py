"""PNG of one picture, and numbered PNGs in a folder: frame_0000.png, frame_0001.png, …"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from diffviz.domain.arrays import U8
from diffviz.domain.atomic import replacing, replacing_folder, write_synced
from diffviz.domain.export_settings import ExportSettings, Progress
from diffviz.export.frame_layout import FramePictureSource
from diffviz.export.metadata import png_chunks, text_of

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


DIGITS = 4
MOST_TEXT = 1 << 16


def write_sequence(pictures: FramePictureSource, path: Path, settings: ExportSettings, progress: Progress) -> None:
    """Write `pictures` into the folder `path`, in their order.

    Every file carries the record; a large one (pictures of one's own) only the first.
    """
    total, text = len(pictures), text_of(pictures.about, settings)
    digits = max(DIGITS, len(str(total - 1)))
    with replacing_folder(path) as folder:
        progress(0, total)
        for i, picture in enumerate(pictures):
            tag = text if i == 0 or len(text) <= MOST_TEXT else ""
            write_synced(folder / f"frame_{i:0{digits}}.png", tagged(encoded(picture), tag))
            progress(i + 1, total)
