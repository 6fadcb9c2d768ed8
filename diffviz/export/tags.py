"""How a record travels inside a file of each kind. An empty record is no tag at all."""

from __future__ import annotations

import struct
import zlib
from html import escape

from diffviz import __version__
from diffviz.domain.about import About
from diffviz.domain.export import ExportSettings
from diffviz.domain.record import encoded

KEYWORD = "diffviz"
BLOCK = 255
NAMESPACE = "tag:diffviz,2026:run"
UUID = bytes.fromhex("5f1d2c6a0b7e4d0e9a43646966667669")
OPENING, CLOSING = "<diffviz:run>", "</diffviz:run>"


def text_of(about: About, settings: ExportSettings) -> str:
    """What is to be written into the file, ASCII; empty where nothing is known or wanted."""
    return encoded(about.record) if about.record is not None and settings.metadata else ""


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG file: length, kind, data, checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_chunks(text: str) -> bytes:
    """International text (PNG, section 11.3.3.4), compressed, and the program's name."""
    if not text:
        return b""
    head = KEYWORD.encode() + b"\0" + b"\x01\x00" + b"\0\0"
    software = png_chunk(b"tEXt", b"Software\0diffviz " + __version__.encode())
    return software + png_chunk(b"iTXt", head + zlib.compress(text.encode(), 9))


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


def svg_metadata(text: str) -> str:
    """The metadata element of an SVG picture."""
    return (
        f'<metadata xmlns:diffviz="{NAMESPACE}">{OPENING}{escape(text, quote=False)}{CLOSING}</metadata>'
        if text
        else ""
    )
