"""Records read back from exported files. Such a file is a stranger's: it is walked through, never trusted."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import BinaryIO

from diffviz.domain.errors import NoRunInside
from diffviz.domain.record import LIMIT, Record, decoded
from diffviz.domain.serialization import BROKEN, reading
from diffviz.domain.text import tr
from diffviz.export.npz import MEMBER
from diffviz.export.table import COMMENT
from diffviz.export.tags import CLOSING, KEYWORD, OPENING, UUID

MAGIC = 16
MOST_PARTS = 1 << 20
PNG, GIF, RIFF, ZIP = b"\x89PNG\r\n\x1a\n", b"GIF8", b"RIFF", b"PK\x03\x04"
SUFFIXES = frozenset({".png", ".apng", ".gif", ".webp", ".mp4", ".npz", ".csv", ".svg"})


def read_record(path: Path) -> Record:
    """The record in the exported file `path`.

    Raises `NoRunInside` where there is none, or where what is there does not check, and `FileTooNew`.
    """
    with reading(path, NoRunInside), path.open("rb") as file:
        text = _text(file)
        if text is None:
            raise NoRunInside(path)
        return decoded(text)


def has_record(path: Path) -> bool:
    """Whether `path` carries a record, good or not."""
    try:
        with path.open("rb") as file:
            return _text(file) is not None
    except (OSError, *BROKEN):
        return False


def _text(file: BinaryIO) -> bytes | None:
    magic = file.read(MAGIC)
    file.seek(0)
    reader = _reader(magic)
    return reader(file) if reader else None


def _reader(magic: bytes) -> Callable[[BinaryIO], bytes | None] | None:
    if magic.startswith(RIFF) and magic[8:12] == b"WEBP":
        return _webp
    if magic[4:8] == b"ftyp":
        return _mp4
    kinds = {PNG: _png, GIF: _gif, ZIP: _npz, COMMENT.encode(): _csv, b"<?xml": _svg}
    return next((reader for start, reader in kinds.items() if magic.startswith(start[:MAGIC])), None)


def _png(file: BinaryIO) -> bytes | None:
    """The text of keyword `KEYWORD`; chunks of other kinds are passed over."""
    file.seek(len(PNG))
    for _ in range(MOST_PARTS):
        head = file.read(8)
        if len(head) < 8:
            return None
        length, kind = struct.unpack(">I4s", head)
        if kind == b"iTXt" and length <= LIMIT:
            data = file.read(length)
            if data.startswith(KEYWORD.encode() + b"\0"):
                return _international(data)
            file.seek(4, 1)
        else:
            file.seek(length + 4, 1)
    return None


def _international(data: bytes) -> bytes:
    compressed = data[len(KEYWORD) + 1 : len(KEYWORD) + 2] == b"\1"
    _language, _keyword, text = data[len(KEYWORD) + 3 :].split(b"\0", 2)
    return inflated(text) if compressed else text


def _gif(file: BinaryIO) -> bytes | None:
    """The first comment that is a record; comments stand before the first picture."""
    (flags,) = struct.unpack("10xB2x", file.read(13))
    file.seek(3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0, 1)
    while file.read(1) == b"\x21":
        comment = file.read(1) == b"\xfe"
        data = b"".join(_blocks(file))
        if comment and data.startswith(b'{"diffviz"'):
            return data
    return None


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    total = 0
    while (length := file.read(1)) not in (b"", b"\0"):
        total += length[0]
        if total > LIMIT:
            raise ValueError(tr("it is larger than {size} MB").format(size=LIMIT >> 20))
        yield file.read(length[0])


def _webp(file: BinaryIO) -> bytes | None:
    file.seek(12)
    for _ in range(MOST_PARTS):
        head = file.read(8)
        if len(head) < 8:
            return None
        kind, length = struct.unpack("<4sI", head)
        if kind == b"XMP " and length <= LIMIT:
            return _between(file.read(length))
        file.seek(length + length % 2, 1)
    return None


def _mp4(file: BinaryIO) -> bytes | None:
    """The box of our kind, among those that stand side by side."""
    for _ in range(MOST_PARTS):
        head = file.read(8)
        if len(head) < 8:
            return None
        length, kind = struct.unpack(">I4s", head)
        body = struct.unpack(">Q", file.read(8))[0] - 16 if length == 1 else length - 8
        if body < 0:
            return None
        if kind == b"uuid" and len(UUID) <= body <= LIMIT:
            data = file.read(body)
            if data.startswith(UUID):
                return inflated(data[len(UUID) :])
        else:
            file.seek(body, 1)
    return None


def _npz(file: BinaryIO) -> bytes | None:
    with zipfile.ZipFile(file) as archive:
        if MEMBER not in archive.namelist():
            return None
        with archive.open(MEMBER) as member:
            return member.read(LIMIT + 1)


def _csv(file: BinaryIO) -> bytes | None:
    return file.readline(LIMIT + len(COMMENT) + 1)[len(COMMENT) :].strip()


def _svg(file: BinaryIO) -> bytes | None:
    return _between(file.read(LIMIT))


def _between(data: bytes) -> bytes | None:
    """The record in `data`, an XMP packet or an SVG document."""
    start, end = data.find(OPENING.encode()), data.find(CLOSING.encode())
    if start < 0 or end < start:
        return None
    return unescape(data[start + len(OPENING) : end].decode("ascii", errors="replace")).encode()


def inflated(data: bytes) -> bytes:
    """What zlib had packed into `data`. Raises ValueError past `LIMIT`, without unpacking more."""
    unpacker = zlib.decompressobj()
    found = unpacker.decompress(data, LIMIT + 1)
    if len(found) > LIMIT:
        raise ValueError(tr("it is larger than {size} MB").format(size=LIMIT >> 20))
    return found
