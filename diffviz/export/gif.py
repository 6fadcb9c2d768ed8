"""GIF (CompuServe 1990, version 89a): one global palette, written frame by frame."""

from __future__ import annotations

import struct
from itertools import pairwise
from pathlib import Path

from PIL import Image

from diffviz.domain.export import ExportSettings
from diffviz.export.atomic import replacing
from diffviz.export.colours import Colours, colours_of
from diffviz.export.panes import Pictures
from diffviz.export.progress import Progress

LIMIT = 65535
HUNDREDTHS = 100
SHORTEST = 2


def write(pictures: Pictures, path: Path, settings: ExportSettings, progress: Progress) -> None:
    """Write `pictures` to `path` as an animation."""
    total = len(pictures)
    with replacing(path) as file:
        progress(0, total)
        colours = colours_of(pictures)
        file.write(_header(pictures.canvas.size, colours, settings.loop))
        for i, (picture, delay) in enumerate(zip(pictures, delays(total, settings), strict=True)):
            file.write(_control(delay))
            file.write(_image(colours.indexed(picture)))
            progress(i + 1, total)
        file.write(b";")


def delays(count: int, settings: ExportSettings) -> list[int]:
    """How long each of `count` frames is shown, in 1/100 s, the holds included.

    They are rounded so that the whole keeps the frame rate: 30 a second are 3, 4, 3, 3, 4, 3 … hundredths.
    """
    ends = [round(i * HUNDREDTHS / settings.fps) for i in range(count + 1)]
    times = [max(SHORTEST, end - start) for start, end in pairwise(ends)]
    times[0] += round(settings.hold_first * HUNDREDTHS)
    times[-1] += round(settings.hold * HUNDREDTHS)
    return [min(time, LIMIT) for time in times]


def _header(size: tuple[int, int], colours: Colours, loop: bool) -> bytes:
    """Signature, logical screen with a palette of 256 colours (flags 0xF7), and the request to repeat for ever."""
    screen = b"GIF89a" + struct.pack("<HHBBB", *size, 0xF7, 0, 0) + colours.table.tobytes()
    forever = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
    return screen + forever if loop else screen


def _control(delay: int) -> bytes:
    """Graphic control extension: leave the picture in place, show it for `delay` hundredths of a second."""
    return struct.pack("<BBBBHBB", 0x21, 0xF9, 4, 1 << 2, delay, 0, 0)


def _image(indices: Image.Image) -> bytes:
    """Image descriptor without a palette of its own, and the indices compressed with 8 bits to begin with."""
    descriptor = struct.pack("<BHHHHB", 0x2C, 0, 0, *indices.size, 0)
    return descriptor + b"\x08" + indices.tobytes("gif", indices.mode) + b"\0"
