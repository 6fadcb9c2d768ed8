"""What a PDF says, read as a viewer does: its page, and its words by the tables that its fonts carry."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def page_size(document: bytes) -> tuple[float, float]:
    """Width and height of the page in points."""
    [found] = re.findall(rb"/MediaBox \[ 0 0 (\S+) (\S+) \]", document)
    return float(found[0]), float(found[1])


def words_of(document: bytes) -> list[str]:
    """The text of every block of text, in the order in which they are drawn."""
    objects = {int(number): body for number, body in OBJECT.findall(document)}
    fonts = {
        name: _unicode(_stream(objects[int(to)]))
        for body in objects.values()
        for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", body)
        for to in re.findall(rb"/ToUnicode (\d+) 0 R", objects[int(number)])
    }
    [content] = [stream for stream in map(_stream, objects.values()) if b"BT\n" in stream]
    return ["".join(_said(block, fonts)) for block in re.findall(rb"BT\n(.*?)\nET", content, re.DOTALL)]


def _stream(body: bytes) -> bytes:
    head, _, rest = body.partition(b"stream\n")
    data = rest.rpartition(b"\nendstream")[0]
    return zlib.decompress(data) if b"/FlateDecode" in head else data


def _unicode(cmap: bytes) -> dict[int, str]:
    found = {}
    for start, _end, values in re.findall(rb"<(\w+)> <(\w+)> \[([^\]]*)\]", cmap):
        for i, value in enumerate(re.findall(rb"<(\w+)>", values)):
            found[int(start, 16) + i] = bytes.fromhex(value.decode()).decode("utf-16-be")
    return found


def _said(block: bytes, fonts: dict[bytes, dict[int, str]]) -> Iterator[str]:
    font: dict[int, str] = {}
    for name, text in re.findall(rb"/(F\d+) \S+ Tf|\(((?:\\.|[^\\)])*)\)", block, re.DOTALL):
        if name:
            font = fonts[name]
        else:
            yield "".join(font[code] for code in _bytes(text))


def _bytes(literal: bytes) -> bytes:
    return re.sub(rb"\\(.)", lambda match: ESCAPES.get(match[1], match[1]), literal, flags=re.DOTALL)
