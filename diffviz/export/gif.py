"""GIF (CompuServe 1990, version 89a), written frame by frame, each with colours of its own where they differ."""

from __future__ import annotations

import struct
from pathlib import Path

from PIL import Image

from diffviz.domain.export import ExportSettings
from diffviz.domain.export_frames import delays as rounded
from diffviz.export.atomic import replacing
from diffviz.export.colours import Colours, Indexed
from diffviz.export.page import Pictures
from diffviz.export.panes import Pixels
from diffviz.export.progress import Progress
from diffviz.export.tags import gif_comment, text_of

LIMIT = 65535
HUNDREDTHS = 100
SHORTEST = 2


def write(pictures: Pictures, path: Path, settings: ExportSettings, progress: Progress) -> None:
    """Write `pictures` to `path` as an animation."""
    total = len(pictures)
    with replacing(path) as file:
        progress(0, total)
        colours, first = Colours(pictures.page), None
        for i, (frame, delay) in enumerate(zip(pictures.frames, delays(total, settings), strict=True)):
            indexed = colours.of(frame)
            if first is None:
                first = indexed.table
                file.write(_header(pictures.page.size, first, settings.loop))
                file.write(gif_comment(text_of(pictures.about, settings)))
            file.write(_control(delay) + _image(indexed, first))
            progress(i + 1, total)
        file.write(b";")


def delays(count: int, settings: ExportSettings) -> list[int]:
    """How long each of `count` frames is shown, in 1/100 s, the holds included."""
    return [min(time, LIMIT) for time in rounded(count, settings, 1 / HUNDREDTHS, SHORTEST)]


def _header(size: tuple[int, int], table: Pixels, loop: bool) -> bytes:
    """Signature, logical screen with a palette of 256 colours (flags 0xF7), and the request to repeat for ever."""
    screen = b"GIF89a" + struct.pack("<HHBBB", *size, 0xF7, 0, 0) + table.tobytes()
    forever = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
    return screen + forever if loop else screen


def _control(delay: int) -> bytes:
    """Graphic control extension: leave the picture in place, show it for `delay` hundredths of a second."""
    return struct.pack("<BBBBHBB", 0x21, 0xF9, 4, 1 << 2, delay, 0, 0)


def _image(indexed: Indexed, known: Pixels) -> bytes:
    """Image descriptor, its own palette (flags 0x87) unless it is `known`, and the indices in 8 bits to begin with."""
    height, width = indexed.indices.shape
    own = b"" if (indexed.table == known).all() else indexed.table.tobytes()
    descriptor = struct.pack("<BHHHHB", 0x2C, 0, 0, width, height, 0x87 if own else 0)
    return descriptor + own + b"\x08" + Image.fromarray(indexed.indices).tobytes("gif", "L") + b"\0"
