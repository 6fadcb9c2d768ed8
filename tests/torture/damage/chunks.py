"""Damage to files of chunks: PNG, WebP (RIFF), MP4 boxes and GIF blocks. Lengths and checksums are made right again."""

from __future__ import annotations

import struct
import zlib

from hypothesis import strategies as st

from tests.torture.damage import octets

Chunks = list[tuple[bytes, bytes]]
PNG = b"\x89PNG\r\n\x1a\n"
KINDS = (
    b"IHDR",
    b"IDAT",
    b"iTXt",
    b"tEXt",
    b"zTXt",
    b"acTL",
    b"fdAT",
    b"eXIf",
    b"XMP ",
    b"VP8X",
    b"ANMF",
    b"uuid",
    b"\0\0\0\0",
)


@st.composite
def _mangled(draw: st.DrawFn, chunks: Chunks) -> Chunks:
    """`chunks` with one or two of them damaged inside, lost, doubled, moved, or of another kind."""
    chunks = list(chunks)
    for _ in range(draw(st.integers(1, 2))):
        if not chunks:
            break
        at = draw(st.integers(0, len(chunks) - 1))
        kind, body = chunks[at]
        match draw(st.sampled_from(("inside", "inside", "inside", "lose", "double", "move", "kind"))):
            case "inside":
                chunks[at] = kind, draw(octets.damaged(body))
            case "lose":
                del chunks[at]
            case "double":
                chunks[at:at] = [chunks[at]] * draw(st.sampled_from((1, 2, 1000)))
            case "move":
                chunks.insert(draw(st.integers(0, len(chunks) - 1)), chunks.pop(at))
            case _:
                chunks[at] = draw(st.sampled_from(KINDS)), body
    return chunks


def png(data: bytes) -> st.SearchStrategy[bytes]:
    """A PNG or APNG file."""
    found: Chunks = []
    at = len(PNG)
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        found.append((kind, data[at + 8 : at + 8 + length]))
        at += 12 + length
    return st.one_of(octets.damaged(data), _mangled(found).map(_png))


def _png(chunks: Chunks) -> bytes:
    return PNG + b"".join(
        struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def riff(data: bytes) -> st.SearchStrategy[bytes]:
    """A WebP file."""
    found: Chunks = []
    at = 12
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        found.append((kind, data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    return st.one_of(octets.damaged(data), _mangled(found).map(_riff))


def _riff(chunks: Chunks) -> bytes:
    inner = b"".join(struct.pack("<4sI", kind, len(body)) + body + b"\0" * (len(body) % 2) for kind, body in chunks)
    return struct.pack("<4sI4s", b"RIFF", 4 + len(inner), b"WEBP") + inner


def boxes(data: bytes) -> st.SearchStrategy[bytes]:
    """An MP4 file."""
    found: Chunks = []
    at = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        found.append((kind, data[at + 8 : at + length]))
        at += max(8, length)
    return st.one_of(octets.damaged(data), _mangled(found).flatmap(_boxes))


@st.composite
def _boxes(draw: st.DrawFn, chunks: Chunks) -> bytes:
    """The boxes put together again, now and then with a length of 64 bits, of 0 (to the end), or too large."""
    parts = []
    for kind, body in chunks:
        match draw(st.integers(0, 19)):
            case 0:
                head = struct.pack(">I4sQ", 1, kind, 16 + len(body))
            case 1:
                head = struct.pack(">I4s", 0, kind)
            case 2:
                head = struct.pack(">I4sQ", 1, kind, (1 << 64) - 1)
            case _:
                head = struct.pack(">I4s", 8 + len(body), kind)
        parts.append(head + body)
    return b"".join(parts)


def gif(data: bytes) -> st.SearchStrategy[bytes]:
    """A GIF file; its blocks have no checksums, so that its bytes are damaged where the blocks are."""
    return st.one_of(octets.damaged(data), _comments(data))


@st.composite
def _comments(draw: st.DrawFn, data: bytes) -> bytes:
    """An extension of another kind, length or content behind the head."""
    flags = data[10]
    at = 13 + (3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0)
    label = draw(st.sampled_from((0xFE, 0xFF, 0xF9, 0x01, 0x00)))
    blocks = b"".join(
        bytes([draw(st.sampled_from((len(block), 1, 255)))]) + block
        for block in draw(st.lists(st.binary(min_size=1, max_size=40), max_size=3))
    )
    return data[:at] + bytes([0x21, label]) + blocks + draw(st.sampled_from((b"\0", b""))) + data[at:]
