"""Records read back from exported files and folders, wherever other tools have moved them to inside.

Where files of each kind keep texts: PNG and RIFF chunks, GIF extensions, JPEG segments, MP4 boxes, ZIP members, PDF.

Such a file is a stranger's: it is walked through, never trusted. What is read at once, and what is unpacked of one file
in all, is at most `LIMIT` bytes.
"""

from __future__ import annotations

import binascii
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from diffviz.domain.errors import NoRunInside
from diffviz.domain.provenance import LIMIT, Record, decoded
from diffviz.domain.serialization import BROKEN, opened, reading
from diffviz.domain.text import mark
from diffviz.export.plots import COMMENT, MEMBER
from diffviz.export.run_info import CLOSING, NAME, OPENING, UUID

MAGIC = 16
MOST_PARTS = 1 << 20
PNG, GIF, RIFF, ZIP, JPEG = b"\x89PNG\r\n\x1a\n", b"GIF8", b"RIFF", b"PK\x03\x04", b"\xff\xd8\xff"
BOM = b"\xef\xbb\xbf"
PROFILE = b"Raw profile type "
PDF_TAIL = 1 << 12
"""Bytes that follow the metadata which this program writes: tables of an update."""

Texts = Iterator[bytes]


def texts_of(file: BinaryIO) -> Texts:
    """What the texts in `file` say, one after the other, as far as files of its kind have any.

    Raises `serialization.BROKEN`.
    """
    magic = file.read(MAGIC)
    file.seek(0)
    reader = _reader(magic.removeprefix(BOM))
    return reader(file) if reader else iter(())


def _reader(magic: bytes) -> Callable[[BinaryIO], Texts] | None:
    if magic.startswith(RIFF) and magic[8:12] == b"WEBP":
        return _webp
    if magic[4:8] == b"ftyp":
        return _mp4
    return next((reader for start, reader in KINDS.items() if magic.startswith(start)), None)


class Unpacking:
    """Unpacks what zlib has packed, `LIMIT` bytes in all."""

    def __init__(self) -> None:
        self._left = LIMIT

    def __call__(self, data: bytes) -> bytes:
        """`data` unpacked. Raises ValueError past the limit, without unpacking more."""
        found = zlib.decompressobj().decompress(data, self._left + 1)
        if len(found) > self._left:
            raise ValueError(_too_much())
        self._left -= len(found)
        return found


def _png(file: BinaryIO) -> Texts:
    """The texts of tEXt, zTXt, iTXt and eXIf chunks (PNG, section 11.3.3), wherever they stand."""
    file.seek(len(PNG))
    unpacked = Unpacking()
    for _ in range(MOST_PARTS):
        head = file.read(8)
        if len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head)
        read = _CHUNKS.get(kind)
        if read is None or length > LIMIT:
            file.seek(length + 4, 1)
            continue
        yield read(file.read(length), unpacked)
        file.seek(4, 1)


def _latin(data: bytes, _unpacked: Unpacking) -> bytes:
    return _profile(*_split(data))


def _packed(data: bytes, unpacked: Unpacking) -> bytes:
    keyword, rest = _split(data)
    return _profile(keyword, unpacked(rest[1:]))


def _international(data: bytes, unpacked: Unpacking) -> bytes:
    _keyword, rest = _split(data)
    texts = rest[2:].split(b"\0", 2)
    if len(texts) < 3:
        return b""
    return unpacked(texts[2]) if rest[:1] == b"\1" else texts[2]


def _exif(data: bytes, _unpacked: Unpacking) -> bytes:
    return data


_CHUNKS: Mapping[bytes, Callable[[bytes, Unpacking], bytes]] = MappingProxyType(
    {b"tEXt": _latin, b"zTXt": _packed, b"iTXt": _international, b"eXIf": _exif}
)


def _split(data: bytes) -> tuple[bytes, bytes]:
    keyword, _, rest = data.partition(b"\0")
    return keyword, rest


def _profile(keyword: bytes, text: bytes) -> bytes:
    """`text`, or the bytes that ImageMagick writes into one in hexadecimal, behind their kind and their number."""
    if not keyword.startswith(PROFILE):
        return text
    try:
        return binascii.unhexlify(b"".join(text.split()[2:]))
    except binascii.Error:
        return b""


def _gif(file: BinaryIO) -> Texts:
    """Comments and application extensions (GIF89a, sections 24 and 26), which may stand between pictures too."""
    (flags,) = struct.unpack("10xB2x", file.read(13))
    _pass_table(file, flags)
    for _ in range(MOST_PARTS):
        match file.read(1):
            case b"\x21":
                kind = file.read(1)
                # an XMP packet in a GIF is no sequence of blocks: lengths are letters of it
                yield b"".join(_blocks(file, with_lengths=kind == b"\xff"))
            case b"\x2c":
                _pass_table(file, struct.unpack("8xB", file.read(9))[0])
                file.seek(1, 1)
                for _block in _blocks(file):
                    pass
            case _:
                return


def _pass_table(file: BinaryIO, flags: int) -> None:
    file.seek(3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0, 1)


def _blocks(file: BinaryIO, *, with_lengths: bool = False) -> Iterator[bytes]:
    total = 0
    while (length := file.read(1)) not in (b"", b"\0"):
        total += length[0]
        if total > LIMIT:
            raise ValueError(_too_much())
        block = file.read(length[0])
        yield length + block if with_lengths else block


def _webp(file: BinaryIO) -> Texts:
    """XMP and Exif chunks (RFC 9649, section 2.7.1.5)."""
    file.seek(12)
    for _ in range(MOST_PARTS):
        head = file.read(8)
        if len(head) < 8:
            return
        kind, length = struct.unpack("<4sI", head)
        if kind in (b"XMP ", b"EXIF") and length <= LIMIT:
            yield file.read(length)
            file.seek(length % 2, 1)
        else:
            file.seek(length + length % 2, 1)


def _jpeg(file: BinaryIO) -> Texts:
    """Comments, Exif and XMP (APP1), which stand before the picture."""
    file.seek(2)
    for _ in range(MOST_PARTS):
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF or head[1] == 0xDA:
            return
        length = struct.unpack(">2xH", head)[0] - 2
        if length < 0:
            return
        if head[1] in (0xE1, 0xFE):
            yield file.read(length)
        else:
            file.seek(length, 1)


def _mp4(file: BinaryIO) -> Texts:
    """Boxes of kinds of their own, ours among them, and what a film says of itself (moov.udta, moov.meta)."""
    unpacked = Unpacking()
    for kind, size in _boxes(file, None):
        if kind == b"moov":
            for inner, length in _boxes(file, file.tell() + size):
                if inner in (b"udta", b"meta") and length <= LIMIT:
                    yield file.read(length)
        elif kind == b"uuid" and len(UUID) <= size <= LIMIT:
            data = file.read(size)
            yield unpacked(data[len(UUID) :]) if data.startswith(UUID) else data


def _boxes(file: BinaryIO, end: int | None) -> Iterator[tuple[bytes, int]]:
    """Kind and length of each box up to `end` (ISO 14496-12, section 4.2); the file stands at its content."""
    for _ in range(MOST_PARTS):
        head = file.read(8)
        if len(head) < 8 or (end is not None and file.tell() > end):
            return
        length, kind = struct.unpack(">I4s", head)
        size = struct.unpack(">Q", file.read(8))[0] - 16 if length == 1 else length - 8
        if size < 0:
            return
        after = file.tell() + size
        yield kind, size
        file.seek(after)


def _zip(file: BinaryIO) -> Texts:
    """The member of our name, also where NumPy has written it as an array."""
    with zipfile.ZipFile(file) as archive:
        for name in {MEMBER, f"{MEMBER}.npy"} & set(archive.namelist()):
            with archive.open(name) as member:
                data = member.read(LIMIT + 1)
            if len(data) > LIMIT:
                raise ValueError(_too_much())
            yield data


def _csv(file: BinaryIO) -> Texts:
    yield file.readline(LIMIT + len(COMMENT) + 1)


def _svg(file: BinaryIO) -> Texts:
    yield file.read(LIMIT)


def _pdf(file: BinaryIO) -> Texts:
    """The beginning and the end, where metadata may stand as they are (ISO 32000-1, section 14.3.2)."""
    yield file.read(LIMIT)
    end = file.seek(0, io.SEEK_END)
    if end > LIMIT:
        file.seek(max(LIMIT, end - LIMIT - PDF_TAIL))
        yield file.read(LIMIT + PDF_TAIL)


def _too_much() -> str:
    return f"more than {LIMIT >> 20} MB"


KINDS: Mapping[bytes, Callable[[BinaryIO], Texts]] = MappingProxyType(
    {
        PNG: _png,
        GIF: _gif,
        JPEG: _jpeg,
        ZIP: _zip,
        COMMENT.encode(): _csv,
        b"%PDF-": _pdf,
        b"<?xml": _svg,
        b"<svg": _svg,
    }
)
"""Readers by the first bytes of their files; WebP and MP4 are known by later ones."""


SUFFIXES = frozenset({".png", ".apng", ".gif", ".webp", ".jpg", ".jpeg", ".mp4", ".npz", ".csv", ".svg", ".pdf"})
MOST_FILES = 1 << 10
BARE = re.compile(rb'\{"diffviz"[\x20-\x7e]*')


def read_record(path: Path) -> Record:
    """The record in the exported file `path`, or in the first file of the folder `path` that has one.

    Raises `NoRunInside` where there is none, where what is there does not check, or where the files of a folder are of
    different runs, and `FileTooNew`.
    """
    with reading(path, NoRunInside):
        if path.is_dir():
            return _of_folder(path)
        text = _text(path)
        if text is None:
            raise NoRunInside(path)
        return decoded(text)


def has_record(path: Path) -> bool:
    """Whether `path` carries a record, good or not."""
    try:
        if path.is_dir():
            return any(map(has_record, _files(path)))
        return _text(path) is not None
    except (OSError, *BROKEN):
        return False


def record_in(data: bytes) -> bytes | None:
    """The text of the record in `data`: in the markup of XMP and SVG, or as it is up to what JSON does not have."""
    for opening, closing in ((OPENING, CLOSING), (f'{NAME}="', '"'), (f"{NAME}='", "'")):
        start = data.find(opening.encode())
        end = data.find(closing.encode(), start + len(opening))
        if start >= 0 and end >= 0:
            return unescape(data[start + len(opening) : end].decode("ascii", errors="replace")).strip().encode()
    found = BARE.search(data)
    return found[0] if found else None


def _text(path: Path) -> bytes | None:
    with opened(path) as file:
        return next((text for data in texts_of(file) if (text := record_in(data)) is not None), None)


def _of_folder(path: Path) -> Record:
    files = list(_files(path))
    first = next(filter(has_record, files), None)
    if first is None:
        raise NoRunInside(path)
    record = read_record(first)
    last = files[-1]
    if last != first and has_record(last) and read_record(last).request != record.request:
        raise NoRunInside(path, mark("its files are of different runs: choose one of them"))
    return record


def _files(folder: Path) -> Iterator[Path]:
    """The files in `folder` that may carry a record, by name; of very many the first ones."""
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    return iter(found[:MOST_FILES])
