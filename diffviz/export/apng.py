"""Animated PNG (PNG third edition, section 11.3.5), written frame by frame, without loss."""

from __future__ import annotations

import struct
from pathlib import Path

from diffviz.domain.arrays import U8
from diffviz.domain.atomic import replacing
from diffviz.domain.export_settings import ExportSettings, Progress, delays
from diffviz.export.frame_layout import FramePictureSource
from diffviz.export.metadata import png_chunk, png_chunks, text_of
from diffviz.export.png import HEAD, encoded

LIMIT = (1 << 31) - 1
THOUSANDTHS = 1000
LONGEST = 65535
MOST_BEFORE = 1900
"""Bytes of texts before the first picture: where that begins later than at 2 kB, ffmpeg sees no other."""


def write(pictures: FramePictureSource, path: Path, settings: ExportSettings, progress: Progress) -> None:
    """Write `pictures` to `path` as an animation."""
    total, number = len(pictures), 0
    times, texts = delays(total, settings), png_chunks(text_of(pictures.about, settings))
    with replacing(path) as file:
        progress(0, total)
        for i, (picture, time) in enumerate(zip(pictures, times, strict=True)):
            data = encoded(picture)
            if i == 0:
                file.write(data[:HEAD] + png_chunk(b"acTL", struct.pack(">II", total, 0 if settings.loop else 1)))
                file.write(texts if len(texts) <= MOST_BEFORE else b"")
            file.write(_control(number, picture, time))
            file.write(_image(data, number + 1, first=i == 0))
            number += 1 if i == 0 else 2
            progress(i + 1, total)
        file.write(texts if len(texts) > MOST_BEFORE else b"")
        file.write(png_chunk(b"IEND", b""))


def _control(number: int, picture: U8, time: int) -> bytes:
    """Frame control: the whole picture, shown for `time` thousandths of a second, replacing the one before."""
    delay = (time, THOUSANDTHS) if time <= LONGEST else (round(time / 10), THOUSANDTHS // 10)
    size = picture.shape[1], picture.shape[0]
    return png_chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, *size, 0, 0, *delay, 0, 0))


def _image(data: bytes, number: int, *, first: bool) -> bytes:
    """The image data of the PNG file `data`, as that of the first frame or as frame data number `number`."""
    content = b"".join(_contents(data, b"IDAT"))
    return png_chunk(b"IDAT", content) if first else png_chunk(b"fdAT", struct.pack(">I", number) + content)


def _contents(data: bytes, wanted: bytes) -> list[bytes]:
    """Contents of the chunks of kind `wanted` in the PNG file `data`."""
    found, at = [], 8
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == wanted:
            found.append(data[at + 8 : at + 8 + length])
        at += 12 + length
    return found
