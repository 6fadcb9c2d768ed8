"""GIF (CompuServe 1990, version 89a), written frame by frame: of each what changes, with colours of its own."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from diffviz.domain.arrays import U8
from diffviz.domain.atomic import replacing
from diffviz.domain.export_settings import ExportSettings, Progress, delays
from diffviz.export.colours import Colours, Indexed
from diffviz.export.frame_layout import FramePictureSource
from diffviz.export.metadata import gif_comment, text_of

LIMIT = 65535


def write(pictures: FramePictureSource, path: Path, settings: ExportSettings, progress: Progress) -> None:
    """Write `pictures` to `path` as an animation."""
    total = len(pictures)
    with replacing(path) as file:
        progress(0, total)
        colours, first = Colours(pictures.page, pictures.frames), None
        for i, (frame, delay) in enumerate(zip(pictures.frames, delays(total, settings), strict=True)):
            indexed = colours.of(frame)
            if first is None:
                first = indexed.table
                file.write(_header(pictures.page.size, first, settings.loop))
                file.write(gif_comment(text_of(pictures.about, settings)))
            file.write(_control(min(delay, LIMIT), indexed.clear) + _image(indexed, first))
            progress(i + 1, total)
        file.write(b";")


def _header(size: tuple[int, int], table: U8, loop: bool) -> bytes:
    """Signature, logical screen with a palette of 256 colours (flags 0xF7), and the request to repeat for ever."""
    screen = b"GIF89a" + struct.pack("<HHBBB", *size, 0xF7, 0, 0) + table.tobytes()
    forever = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
    return screen + forever if loop else screen


def _control(delay: int, clear: int | None) -> bytes:
    """Graphic control extension: leave the picture in place, show it for `delay` hundredths of a second.

    Pixels of the colour `clear` are not drawn.
    """
    flags = 1 << 2 | (clear is not None)
    return struct.pack("<BBBBHBB", 0x21, 0xF9, 4, flags, delay, clear or 0, 0)


def _image(indexed: Indexed, known: U8) -> bytes:
    """The part of the picture that changes: its place, its palette (flags 0x87) unless it is `known`, its indices."""
    top, bottom, left, right = _bounds(~indexed.kept)
    indices = np.ascontiguousarray(indexed.indices[top:bottom, left:right])
    own = b"" if (indexed.table == known).all() else indexed.table.tobytes()
    descriptor = struct.pack("<BHHHHB", 0x2C, left, top, right - left, bottom - top, 0x87 if own else 0)
    return descriptor + own + b"\x08" + Image.fromarray(indices).tobytes("gif", "L") + b"\0"


def _bounds(changed: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """First and last row and column, the last ones excluded, of what is `changed`; one pixel where nothing is."""
    rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
    if not len(rows):
        return 0, 1, 0, 1
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
