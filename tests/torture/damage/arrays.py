"""Damage to arrays: NumPy's .npy, IDX and safetensors, whose headers say how what follows is to be read."""

from __future__ import annotations

import ast
import json
import os
import pickle
import struct
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.torture.damage import documents, octets

NPY = b"\x93NUMPY"
NPY_HEAD = 12
DESCRS = ("'|O'", "'<f4'", "'<f8'", "'<f2'", "'|u1'", "'|b1'", "'<i8'", "'<c16'", "'<U999999999'", "'|V1000000000'")
MORE_DESCRS = (
    "'<M8[ns]'",
    "[('a', '|O')]",
    "[('a', '<f4', (1000000,))]",
    "'|S0'",
    "''",
    "None",
    "1",
    "'>f4'",
    "('<f4',)",
)
SHAPES = ("()", "(0,)", "(-1,)", "(1,)", "(3, 3)", "(99999999999,)", "(4294967296, 4294967296)", "None", "(1.5,)")
MORE_SHAPES = (
    "(2, " + "1, " * 40 + ")",
    "(0, 99999999999)",
    "[4]",
    "'x'",
    "(True,)",
    "(" * 300,
    "(9" + "9" * 400 + ",)",
)
CODE = "__import__('os').system('touch canary')"
DTYPES = ("F64", "F16", "BF16", "I64", "I8", "BOOL", "F8_E4M3", "U64", "X", "")


class Trap:
    """What a pickle would run."""

    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        return os.system, ("touch canary",)


PICKLES = tuple(pickle.dumps(Trap(), protocol) for protocol in (0, 2, 4))


@st.composite
def npy(draw: st.DrawFn, data: bytes) -> bytes:
    """A .npy file with another header, another body, or a pickle in its place."""
    how = draw(st.integers(0, 7))
    if how == 1:
        return draw(st.sampled_from(PICKLES))
    found = _taken_apart(data)
    if how == 0 or found is None:
        return draw(octets.damaged(data))
    fields, body = found
    for _ in range(draw(st.integers(1, 2))):
        fields[draw(st.sampled_from(("descr", "fortran_order", "shape", "shape", "extra")))] = draw(_NPY_VALUES)
    header = "{" + ", ".join(f"'{name}': {value}" for name, value in fields.items()) + ", }\n"
    body = draw(st.sampled_from((body, body, body[:-1], b"", draw(st.sampled_from(PICKLES)), body * 2)))
    return data[:6] + b"\x02\x00" + struct.pack("<I", len(header)) + header.encode("latin-1") + body


_NPY_VALUES = st.sampled_from((*DESCRS, *MORE_DESCRS, *SHAPES, *MORE_SHAPES, "True", "False", CODE))


def _taken_apart(data: bytes) -> tuple[dict[str, str], bytes] | None:
    """The fields of the header of a .npy file as they are written there, and what follows; None where it has none."""
    if not data.startswith(NPY) or len(data) < NPY_HEAD:
        return None
    width = "<H" if data[6] == 1 else "<I"
    start = 8 + struct.calcsize(width)
    (length,) = struct.unpack_from(width, data, 8)
    try:
        fields = ast.literal_eval(data[start : start + length].decode("latin-1").strip())
        return {name: repr(value) for name, value in fields.items()}, data[start + length :]
    except (ValueError, SyntaxError, AttributeError):
        return None


@st.composite
def idx(draw: st.DrawFn, data: bytes) -> bytes:
    """An IDX file with another type, other dimensions, or more or less behind them."""
    if draw(st.integers(0, 3)) == 0:
        return draw(octets.damaged(data))
    dims = data[3]
    shape = list(struct.unpack_from(f">{dims}I", data, 4))
    body = data[4 + 4 * dims :]
    number = st.sampled_from((0, 1, 2, 255, 65536, 1 << 31, (1 << 32) - 1))
    kind = draw(st.sampled_from((0x08, 0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E, 0, 255)))
    for _ in range(draw(st.integers(0, 2))):
        if shape:
            shape[draw(st.integers(0, len(shape) - 1))] = draw(number)
    shape = draw(st.sampled_from((shape, shape, [*shape, 1], shape[:-1], [], [1] * 255)))
    body = draw(st.sampled_from((body, body, body[:-1], b"", body + b"\0", body * 3)))
    return struct.pack(f">HBB{len(shape)}I", 0, kind, len(shape), *shape) + body


@st.composite
def tensors(draw: st.DrawFn, data: bytes) -> bytes:
    """A safetensors file with a damaged header, offsets that lie, other types, or values that are no numbers."""
    how = draw(st.integers(0, 9))
    if how == 0:
        return draw(octets.damaged(data))
    if how == 1:
        return draw(st.sampled_from(PICKLES))
    (length,) = struct.unpack_from("<Q", data)
    header, body = data[8 : 8 + length], data[8 + length :]
    if how in (2, 3):
        return _packed(draw(documents.damaged(header)), body)
    if how == 4:
        wrong = draw(st.sampled_from((0, 1, length - 1, length + 1, 1 << 32, (1 << 63) - 1, (1 << 64) - 1)))
        return struct.pack("<Q", wrong) + header + body
    if how == 5:
        return _packed(header, draw(octets.damaged(body)))
    if how == 6:
        return _packed(header, draw(st.sampled_from((b"\xff", b"\0", b"\x7f", b"\x80"))) * len(body))
    return _packed(json.dumps(_lying(draw, json.loads(header))).encode(), body)


def _lying(draw: st.DrawFn, header: dict[str, Any]) -> dict[str, Any]:
    """The header with one tensor lost, doubled, renamed, or said to be of another type, shape or place."""
    names = [name for name in header if name != "__metadata__"]
    if not names:
        return header
    name = draw(st.sampled_from(names))
    about = header[name]
    match draw(st.sampled_from(("lose", "rename", "type", "shape", "place", "double"))):
        case "lose":
            del header[name]
        case "rename":
            header[draw(st.sampled_from(("", "../canary", name + ".", "module." + name)))] = header.pop(name)
        case "type":
            about["dtype"] = draw(st.sampled_from(DTYPES))
        case "shape":
            about["shape"] = draw(
                st.sampled_from(
                    ([], [0], [-1], about["shape"][::-1], [*about["shape"], 1], [1 << 62, 4], [1 << 32] * 3)
                )
            )
        case "place":
            number = st.sampled_from((0, 1, 4, -4, 1 << 40, about["data_offsets"][1]))
            about["data_offsets"] = [draw(number), draw(number)]
        case _:
            header[name + "2"] = dict(about)
    return header


def _packed(header: bytes, body: bytes) -> bytes:
    return struct.pack("<Q", len(header)) + header + body
