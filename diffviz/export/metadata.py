"""How a record travels inside a file of each kind. An empty record is no tag at all."""

from __future__ import annotations

import struct
import zlib
from html import escape

from PIL import Image

from diffviz import __version__
from diffviz.domain.export_settings import ExportSettings
from diffviz.domain.provenance import LIMIT, encoded
from diffviz.export.run_info import RunInfo

KEYWORD = "diffviz"
BLOCK = 255
NAMESPACE = "tag:diffviz,2026:run"
UUID = bytes.fromhex("5f1d2c6a0b7e4d0e9a43646966667669")
NAME = "diffviz:run"
OPENING, CLOSING = f"<{NAME}>", f"</{NAME}>"
EXIF, USER_COMMENT, ASCII = 0x8769, 0x9286, b"ASCII\0\0\0"
MOST_EXIF = 60_000
MOST_COMMENT = 16_000
MOST_PACKED = 1_000_000
"""Bytes that a packed text of a PNG may have: Pillow opens no file with a larger one."""


def text_of(about: RunInfo, settings: ExportSettings) -> str:
    """What is to be written into the file, ASCII; empty where nothing is known or wanted, or too long to be read."""
    text = encoded(about.record) if about.record is not None and settings.metadata else ""
    return text if len(text) <= LIMIT else ""


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG file: length, kind, data, checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_chunks(text: str) -> bytes:
    """The program's name, and the record as international text (PNG, section 11.3.3.4).

    A short one is there twice more, where programs look that write a picture anew: as the comment, which goes on into
    GIF and JPEG, and in Exif.
    """
    if not text:
        return b""
    chunks = [(b"tEXt", b"Software\0diffviz " + __version__.encode())]
    if len(text) > MOST_PACKED:
        chunks.append((b"iTXt", KEYWORD.encode() + b"\0\0\0\0\0" + text.encode()))
    else:
        packed = zlib.compress(text.encode(), 9)
        chunks.append((b"iTXt", KEYWORD.encode() + b"\0\x01\0\0\0" + packed))
    if block := exif(text):
        chunks += [(b"zTXt", b"comment\0\0" + packed), (b"eXIf", block)]
    return b"".join(png_chunk(kind, data) for kind, data in chunks)


def exif(text: str) -> bytes:
    """A block of Exif with the record as user comment: programs that drop other texts often keep it.

    It is ended by a zero byte. Empty for a record that is too long for the Exif of a JPEG file.
    """
    if not text or len(text) > MOST_EXIF:
        return b""
    block = Image.Exif()
    block[EXIF] = {USER_COMMENT: ASCII + text.encode("ascii") + b"\0"}
    return block.tobytes().removeprefix(b"Exif\0\0")


def gif_comment(text: str) -> bytes:
    """Comment extension (GIF89a, section 24) in blocks of 255 bytes."""
    if not text:
        return b""
    data = text.encode("ascii")
    blocks = (data[i : i + BLOCK] for i in range(0, len(data), BLOCK))
    return b"\x21\xfe" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def xmp(text: str) -> bytes:
    """An XMP packet with the record as one property."""
    if not text:
        return b""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:diffviz="{NAMESPACE}">{OPENING}{escape(text, quote=False)}{CLOSING}'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode("ascii")


def mp4_box(text: str) -> bytes:
    """A box of a kind of its own (ISO 14496-12, section 11.1), which players pass over."""
    if not text:
        return b""
    data = UUID + zlib.compress(text.encode(), 9)
    return struct.pack(">I4s", 8 + len(data), b"uuid") + data


def mp4_comment(text: str) -> list[str]:
    """Options by which ffmpeg writes the record as the film's comment, which other programs keep; a long one not."""
    return ["-metadata", f"comment={text}"] if text and len(text) <= MOST_COMMENT else []


def svg_metadata(text: str) -> str:
    """The metadata element of an SVG picture."""
    return (
        f'<metadata xmlns:diffviz="{NAMESPACE}">{OPENING}{escape(text, quote=False)}{CLOSING}</metadata>'
        if text
        else ""
    )
