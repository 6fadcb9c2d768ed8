"""Animated WebP without loss (RIFF container of RFC 9649), written frame by frame."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from diffviz.domain.arrays import U8
from diffviz.domain.atomic import replacing
from diffviz.domain.export_settings import ExportSettings, Progress, delays
from diffviz.export.frame_layout import FramePictureSource
from diffviz.export.metadata import exif, text_of, xmp

LIMIT = 16383
LONGEST = (1 << 24) - 1
ANIMATION, XMP, EXIF = 1 << 1, 1 << 2, 1 << 3
EFFORT = 1


def write(pictures: FramePictureSource, path: Path, settings: ExportSettings, progress: Progress) -> None:
    """Write `pictures` to `path` as an animation."""
    total, size = len(pictures), pictures.page.size
    packet, block = (make(text_of(pictures.about, settings)) for make in (xmp, exif))
    flags = ANIMATION | (XMP if packet else 0) | (EXIF if block else 0)
    times = delays(total, settings)
    with replacing(path) as file:
        progress(0, total)
        file.write(b"RIFF\0\0\0\0WEBP")
        file.write(_chunk(b"VP8X", struct.pack("<I", flags) + _size(size)))
        file.write(_chunk(b"ANIM", struct.pack("<IH", 0xFF000000, 0 if settings.loop else 1)))
        for i, (picture, time) in enumerate(zip(pictures, times, strict=True)):
            file.write(_frame(picture, size, min(time, LONGEST)))
            progress(i + 1, total)
        for kind, data in ((b"EXIF", block), (b"XMP ", packet)):
            file.write(_chunk(kind, data) if data else b"")
        _close(file)


def _frame(picture: U8, size: tuple[int, int], time: int) -> bytes:
    """One frame at the top left, replacing what was there (flag 2: no blending)."""
    place = b"\0" * 6 + _size(size) + struct.pack("<I", time)[:3] + bytes([1 << 1])
    return _chunk(b"ANMF", place + _bitstream(picture))


def _bitstream(picture: U8) -> bytes:
    """The chunk of the image data of `picture`, compressed without loss."""
    buffer = io.BytesIO()
    Image.fromarray(picture).convert("RGB").save(buffer, "WEBP", lossless=True, quality=0, method=EFFORT)
    data = buffer.getvalue()
    return data[data.index(b"VP8L") :]


def _size(size: tuple[int, int]) -> bytes:
    """Width and height less one, 24 bits each."""
    return b"".join(struct.pack("<I", side - 1)[:3] for side in size)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _close(file: BinaryIO) -> None:
    """Write the length of the whole into the header."""
    end = file.tell()
    file.seek(4)
    file.write(struct.pack("<I", end - 8))
    file.seek(end)
