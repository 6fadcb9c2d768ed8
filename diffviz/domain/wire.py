"""Messages between two processes of the program: plain data as bytes and back. No pickle: nothing is executed.

A message is a tree of JSON values. What else there is in it stands as an object with one key, the name of its kind,
and what it holds; an instance of a dataclass as its name in `TABLE` and its fields, and only what is in there comes
back. Arrays and long bytes go beside the tree, where a `Buffers` has room for them.
"""

from __future__ import annotations

import builtins
import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from diffviz.domain import (
    cards,
    errors,
    evaluation,
    frames,
    gan,
    ideal,
    latent,
    likelihoods,
    messages,
    objective,
    planar,
    requests,
    sampling,
    serialization,
    solvers,
    training,
)

LONG_BYTES = 1 << 12
"""Bytes and arrays from this size on go beside the tree."""
LONG_TUPLE = 32


@dataclass(frozen=True, slots=True, eq=False)
class Setup:
    """The first message to a process that computes: the models there are, the device, how much it gives way, and the
    language of what it says of files."""

    cards: Mapping[str, cards.Card]
    device: str
    niceness: int = 0
    language: str = "en"


MODULES = (
    cards,
    errors,
    evaluation,
    frames,
    gan,
    ideal,
    latent,
    likelihoods,
    messages,
    objective,
    requests,
    planar,
    sampling,
    solvers,
    training,
)


def table_of(*modules: Any) -> dict[str, type[Any]]:
    """The dataclasses and the errors that `modules` define, by name."""
    found = (each for module in modules for each in vars(module).values() if isinstance(each, type))
    own = {module.__name__ for module in modules}
    return {
        cls.__name__: cls
        for cls in found
        if cls.__module__ in own and (dataclasses.is_dataclass(cls) or issubclass(cls, Exception))
    }


TABLE: Mapping[str, type[Any]] = MappingProxyType({**table_of(*MODULES), "Setup": Setup})
"""What crosses: requests, their settings, commands, events, queries, answers, frames, cards and errors."""


class Buffers(Protocol):
    """Memory beside the messages."""

    def put(self, data: memoryview) -> int | None:
        """Take `data`; where it lies, or None where it has to go with the message."""

    def get(self, place: int, nbytes: int) -> memoryview:
        """What lies at `place`, to be copied before its message counts as taken. Raises ValueError."""


class Inline:
    """Nothing goes beside the messages."""

    def put(self, data: memoryview) -> int | None:
        """None."""
        del data
        return None

    def get(self, place: int, nbytes: int) -> memoryview:
        """Raises ValueError."""
        raise ValueError(f"there is nothing at {place} of {nbytes} bytes")


class Codec:
    """Values as bytes and back, those of `table`'s classes and of `more`'s."""

    def __init__(self, buffers: Buffers | None = None, more: Mapping[str, type[Any]] | None = None) -> None:
        self._buffers = buffers or Inline()
        self._classes = {**TABLE, **(more or {})}
        self._names = {cls: name for name, cls in self._classes.items()}
        self._writers: Sequence[tuple[Any, Callable[[Any], Any]]] = (
            (np.ndarray, self._array),
            (tuple, self._tuple),
            ((bytes, bytearray), lambda value: {"bytes": self._beside(memoryview(value))}),
            (list, lambda value: {"list": [self._tree(item) for item in value]}),
            (Mapping, lambda value: {"map": [[self._tree(k), self._tree(v)] for k, v in value.items()]}),
            (Path, lambda value: {"path": os.fsencode(value)}),
            (Exception, self._error),
            (np.generic, lambda value: self._tree(value.item())),
            (str, lambda value: _text(str(value))),
        )
        self._readers: Mapping[str, Callable[[Any], Any]] = {
            "of": self._made,
            "line": self._line,
            "array": self._read_array,
            "floats": lambda held: tuple(np.frombuffer(self._bytes(held)).tolist()),
            "bytes": lambda held: bytes(self._bytes(held)),
            "list": lambda held: [self._value(item) for item in held],
            "map": lambda held: {self._value(key): self._value(value) for key, value in held},
            "path": lambda held: Path(os.fsdecode(held)),
            "text": lambda held: held.decode("utf-8", "surrogatepass"),
            "raised": self._raised,
        }

    def encode(self, value: Any) -> bytes:
        """`value` as bytes. Raises TypeError for what has no place in a message."""
        return serialization.pack(self._tree(value))

    def decode(self, data: bytes | bytearray) -> Any:
        """The value in `data`; its arrays are read-only. Raises ValueError."""
        try:
            return self._value(serialization.unpack(data))
        except (TypeError, LookupError, AttributeError, RecursionError, OverflowError) as error:
            raise ValueError(f"not a message: {error}") from error

    def _tree(self, value: Any) -> Any:
        kind = type(value)
        if kind in (int, float, bool) or value is None:
            return value
        if kind is str:
            return value if value.isascii() else _text(value)
        if kind in self._names and isinstance(value, requests.Request):
            return {"line": [self._object(each) for each in reversed(requests.ancestry(value))]}
        if kind in self._names:
            return self._object(value)
        for base, write in self._writers:
            if isinstance(value, base):
                return write(value)
        raise TypeError(f"{kind.__name__} has no place in a message")

    def _object(self, value: Any) -> Any:
        """The dataclass or error `value` as its name and fields; a request without what it continues."""
        name = self._names.get(type(value))
        if name is None:
            raise TypeError(f"{type(value).__name__} has no place in a message")
        if not dataclasses.is_dataclass(value):
            return {"raised": [name, [self._tree(item) for item in value.args]]}
        cls: Any = type(value)
        fields = [self._tree(_own(getattr(value, field))) for field in _fields(cls)]
        return {"of": [name, fields]}

    def _array(self, value: Any) -> Any:
        if value.dtype.hasobject:
            raise TypeError("an array of objects has no place in a message")
        flat = np.ascontiguousarray(value).reshape(-1).view(np.uint8)
        return {"array": [value.dtype.str, list(value.shape), self._beside(flat.data)]}

    def _tuple(self, value: tuple[Any, ...]) -> Any:
        if len(value) > LONG_TUPLE and all(type(item) is float for item in value):
            return {"floats": self._beside(np.array(value).data.cast("B"))}
        return [self._tree(item) for item in value]

    def _beside(self, data: memoryview) -> Any:
        """Where `data` lies and how long it is; `data` itself where it is short or there is no room."""
        place = self._buffers.put(data) if data.nbytes >= LONG_BYTES else None
        return data if place is None else [place, data.nbytes]

    def _error(self, error: Exception) -> Any:
        """An error that is not the program's own: one of Python's, or what is known of it in words."""
        name = type(error).__name__
        if isinstance(error, OSError) and error.errno is not None:
            parts = (error.errno, error.strerror, error.filename if isinstance(error.filename, str) else None)
            return {"raised": ["OSError", [self._tree(part) for part in parts]]}
        if getattr(builtins, name, None) is type(error):
            plain = all(type(part) in (int, float, str) for part in error.args)
            return {"raised": [name, [self._tree(part) for part in (error.args if plain else [str(error)])]]}
        return {"raised": ["RuntimeError", [_text(f"{name}: {error}")]]}

    def _value(self, tree: Any) -> Any:
        if isinstance(tree, list):
            return tuple([self._value(item) for item in tree])
        if not isinstance(tree, dict):
            return tree
        ((kind, held),) = tree.items()
        return self._readers[kind](held)

    def _made(self, held: Any) -> Any:
        name, values = held
        cls: Any = self._classes[name]
        return cls(**{field: self._value(value) for field, value in zip(_fields(cls), values, strict=True)})

    def _line(self, held: Any) -> Any:
        """The newest of a line of requests, each with the one before it in its start."""
        newest: Any = None
        for tree in held:
            request = self._value(tree)
            if isinstance(request.start, requests.Step):
                request = dataclasses.replace(request, start=dataclasses.replace(request.start, of=newest))
            newest = request
        return newest

    def _read_array(self, held: Any) -> Any:
        dtype, shape, data = held
        found = np.frombuffer(self._bytes(data), np.uint8).copy().view(np.dtype(dtype)).reshape(shape)
        found.flags.writeable = False
        return found

    def _bytes(self, held: Any) -> bytes | memoryview:
        return held if isinstance(held, bytes) else self._buffers.get(*held)

    def _raised(self, held: Any) -> Exception:
        name, values = held
        cls = self._classes.get(name) or getattr(builtins, name, RuntimeError)
        if not (isinstance(cls, type) and issubclass(cls, Exception)):
            raise ValueError(f"{name} is no error")
        return cls(*[self._value(value) for value in values])


@cache
def _fields(cls: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cls))


def _own(value: Any) -> Any:
    """A request's start without the request that it continues, which stands before it in its line."""
    nobody: Any = None
    return dataclasses.replace(value, of=nobody) if isinstance(value, requests.Step) else value


def _text(value: str) -> Any:
    """Text as it is; as bytes where there are halves of characters in it, as in names of files."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return {"text": value.encode("utf-8", "surrogatepass")}
    return value
