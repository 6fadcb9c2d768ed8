"""Damage to bytes as such: flipped bits, cut ends, numbers at their limits, parts doubled, moved, lost."""

from __future__ import annotations

import struct
from collections.abc import Callable

from hypothesis import strategies as st

Draw = st.DrawFn
NUMBERS = (0, 1, 2, 3, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
LONG_NUMBERS = (*NUMBERS, 1 << 32, 1 << 40, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)
LAYOUTS = ("<H", ">H", "<I", ">I", "<Q", ">Q", "B")
HEAD = 512
LONGEST_RUN = 64
MOST_BLOWS = 3
COPIES = 50


@st.composite
def damaged(draw: Draw, data: bytes) -> bytes:
    """`data` after one to three blows."""
    for _ in range(draw(st.integers(1, MOST_BLOWS))):
        data = draw(st.sampled_from(BLOWS))(draw, data)
    return data


def _place(draw: Draw, data: bytes) -> int:
    """An offset, as often as not in the head, where formats keep what matters."""
    head = min(len(data), HEAD)
    return draw(st.one_of(st.integers(0, head), st.integers(0, len(data))))


def _span(draw: Draw, data: bytes) -> tuple[int, int]:
    start = _place(draw, data)
    return start, min(len(data), start + draw(st.integers(1, LONGEST_RUN)))


def _flip(draw: Draw, data: bytes) -> bytes:
    if not data:
        return data
    at = min(_place(draw, data), len(data) - 1)
    return data[:at] + bytes([data[at] ^ (1 << draw(st.integers(0, 7)))]) + data[at + 1 :]


def _number(draw: Draw, data: bytes) -> bytes:
    layout = draw(st.sampled_from(LAYOUTS))
    most = (1 << 8 * struct.calcsize(layout)) - 1
    packed = struct.pack(layout, min(draw(st.sampled_from(LONG_NUMBERS)), most))
    at = _place(draw, data)
    return data[:at] + packed + data[at + len(packed) :]


def _cut(draw: Draw, data: bytes) -> bytes:
    return data[: draw(st.one_of(st.integers(0, len(data)), st.integers(max(0, len(data) - 32), len(data))))]


def _lose(draw: Draw, data: bytes) -> bytes:
    start, end = _span(draw, data)
    return data[:start] + data[end:]


def _repeat(draw: Draw, data: bytes) -> bytes:
    start, end = _span(draw, data)
    return data[:end] + data[start:end] * draw(st.integers(1, COPIES)) + data[end:]


def _insert(draw: Draw, data: bytes) -> bytes:
    at = _place(draw, data)
    return data[:at] + draw(st.binary(max_size=LONGEST_RUN)) + data[at:]


def _overwrite(draw: Draw, data: bytes) -> bytes:
    start, end = _span(draw, data)
    fill = draw(st.sampled_from((b"\0", b"\xff", b"\x80", b"A", b"\n")))
    return data[:start] + fill * (end - start) + data[end:]


def _splice(draw: Draw, data: bytes) -> bytes:
    start, end = _span(draw, data)
    at = _place(draw, data)
    return data[:at] + data[start:end] + data[at + end - start :]


BLOWS: tuple[Callable[[Draw, bytes], bytes], ...] = (
    _flip,
    _number,
    _cut,
    _lose,
    _repeat,
    _insert,
    _overwrite,
    _splice,
)
