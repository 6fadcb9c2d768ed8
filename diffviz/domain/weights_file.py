"""Files of weights that another program wrote: what a safetensors file says of itself, read without its tensors.

The format is eight bytes with the length of a header, the header (JSON: of each tensor its dtype, its shape and where
it lies), and the tensors one behind the other (github.com/huggingface/safetensors, "Format").
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from diffviz.domain import errors, serialization
from diffviz.domain.text import mark, tr

SAFE = ".safetensors"
PICKLES = frozenset({".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle"})
"""Endings of files that are programs as well: what they unpickle runs."""
POINTER = b"version https://git-lfs"
LONGEST_HEADER = 32 << 20
MOST_DIMENSIONS = 8
BYTES: Mapping[str, int] = MappingProxyType({"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4})
"""Bytes of a number of each dtype that is read."""


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """A tensor of a file: its dtype, a key of `BYTES`, and its shape."""

    dtype: str
    shape: tuple[int, ...]

    @property
    def numbers(self) -> int:
        """How many numbers it has."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """How many bytes it takes in the file."""
        return self.numbers * BYTES[self.dtype]


class TensorWire(serialization.Wire):
    """A tensor as the header has it."""

    dtype: serialization.Line
    shape: tuple[serialization.Count, ...]
    data_offsets: tuple[serialization.Count, serialization.Count]


def read_header(path: Path) -> dict[str, StoredTensor]:
    """The tensors in the file `path` by name. Raises `ModelDamaged`: it is none, cut short, or a pointer to one."""
    with serialization.reading(path, errors.ModelDamaged), serialization.opened(path) as file:
        size, start = os.fstat(file.fileno()).st_size, file.read(len(POINTER))
        if start == POINTER:
            raise ValueError(mark("it only points to the file, which Git LFS keeps: run “git lfs pull” there"))
        length = int.from_bytes(start[:8], "little")
        if len(start) < 8 or length > LONGEST_HEADER:
            raise ValueError(mark("it is not in the safetensors format"))
        if size < 8 + length:
            raise ValueError(_half(size, 8 + length))
        file.seek(8)
        return _tensors(serialization.decode(file.read(length), LONGEST_HEADER), size - 8 - length)


def refused_pickle(path: Path) -> errors.ModelRefused:
    """What is said of the pickle `path`."""
    text = tr(
        "a pickle can run any program when it is read, and is never opened; where it comes from, take or write"
        " a .safetensors (save_pretrained(folder, safe_serialization=True))"
    )
    return errors.ModelRefused(path, text)


def shape_words(shape: tuple[int, ...]) -> str:
    """`shape` for a person to read."""
    return " × ".join(map(str, shape)) or "1"


def name_words(name: str) -> str:
    """`name`, of a stranger's tensor or class, as far as it can be shown."""
    return re.sub(r"[^\w.\-/ ]", "?", name)[:80]


def _tensors(raw: Any, room: int) -> dict[str, StoredTensor]:
    if not isinstance(raw, dict):
        raise ValueError(mark("it is not in the safetensors format"))
    found, end = {}, 0
    for name, about in raw.items():
        if name == "__metadata__":
            continue
        wire = serialization.convert(about, TensorWire)
        found[name] = _checked(name, wire)
        end = max(end, wire.data_offsets[1])
    if end > room:
        raise ValueError(_half(room, end))
    return found


def _checked(name: str, wire: TensorWire) -> StoredTensor:
    if wire.dtype not in BYTES:
        text = tr("the numbers of {name} are of the kind {dtype}, which is not read")
        raise ValueError(text.format(name=name_words(name), dtype=name_words(wire.dtype)))
    tensor = StoredTensor(wire.dtype, wire.shape)
    begin, end = wire.data_offsets
    if len(wire.shape) > MOST_DIMENSIONS or end - begin != tensor.nbytes:
        raise ValueError(tr("{name} does not have the numbers that it says").format(name=name_words(name)))
    return tensor


def _half(there: int, needed: int) -> str:
    text = tr("only {there} of {needed} bytes are there, as of a download that was broken off: load it again")
    return text.format(there=f"{there:,}", needed=f"{needed:,}")
