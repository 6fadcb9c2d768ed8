"""The JSON codec of every file: bounded before it is decoded, strict, and with one error for whatever is wrong.

What is read may be a stranger's. Size, depth, the number of parts and the length of integers are limited *before*
decoding; numbers beyond a double are refused; NaN and ±Infinity, which are no JSON but which version 0.1.0 could write,
are read as null, and so refused wherever a number is needed. Of equal keys the last one counts.

Regular files, opened to be read without ever waiting: a pipe, a device or a socket of the same name is refused.
"""

from __future__ import annotations

import codecs
import errno
import logging
import os
import re
import stat
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec

from diffviz.domain.errors import DiffvizError, FileTooNew, NotAChoice, OutOfRange
from diffviz.domain.sentences import sentence
from diffviz.domain.text import mark, tr

AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


def opened(path: Path) -> BufferedReader:
    """The regular file `path`, or the one that it links to, for reading.

    Raises OSError, with a reason in words where `path` is something else or a name that no file can have.
    """
    try:
        _check(path.stat())  # first: opening alone makes some devices act
        return open(path, "rb", opener=_at_once)
    except ValueError as error:  # a zero byte
        raise OSError(errno.EINVAL, mark("no file can have such a name")) from error


def _at_once(path: str, flags: int) -> int:
    handle = os.open(path, flags | AT_ONCE)
    try:
        _check(os.fstat(handle))  # again: it may be another by now
    except OSError:
        os.close(handle)
        raise
    return handle


def _check(found: os.stat_result) -> None:
    """Raise OSError for what is no regular file."""
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, mark("it is not an ordinary file"))


logger = logging.getLogger(__name__)
LARGEST = 64 << 20
DEEPEST = 160
MOST_PARTS = 1 << 21
MARKS = (b"[", b"{", b",", b'"', b"NaN", b"Infinity")
LONGEST_TEXT = 4096
BROKEN = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    SyntaxError,
    EOFError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
    tokenize.TokenError,  # numpy's, of a header of .npy
)
"""What decoders of damaged files raise, `OSError` aside; a RecursionError is a RuntimeError."""

STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
NOT_FINITE = re.compile(rb'("(?:[^"\\]++|\\.)*+"?)|-?Infinity|NaN', re.DOTALL)
BRACKETS = re.compile(rb"[\[{]+|[\]}]+")
LONG_NUMBER = re.compile(rb"\d{20}")
LONG_INTEGER = re.compile(rb"(?<![.\d])\d{20,}(?![.\deE])")
NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
NOT_ASCII = re.compile("[^\x00-\x7f]")

T = TypeVar("T")
Line = Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT, pattern=r"^[^\x00-\x1f\x7f-\x9f]*\Z")]
"""Text that can be shown: one line without control characters."""
Text = Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*\Z")]
"""Text of several lines."""
Lines = Annotated[tuple[Line, ...], msgspec.Meta(max_length=1 << 14)]
Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
Size = Annotated[int, msgspec.Meta(ge=0, le=1 << 16)]
Option = bool | Size | float | Line | Annotated[tuple[Size, ...], msgspec.Meta(max_length=64)] | None
"""A setting of a network's architecture."""


class Wire(msgspec.Struct):
    """Base of the plain structures that files hold. Keys that a structure does not have are passed over."""


class TooNew(ValueError):
    """A format `found` that is newer than the newest one `known`."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(sentence(FileTooNew(None, found, known)))
        self.found, self.known = found, known


def decode(data: bytes | str, largest: int = LARGEST) -> Any:
    """The JSON value in `data`, UTF-8 with or without a mark before it. Raises ValueError, and nothing else."""
    raw = data.encode() if isinstance(data, str) else data
    if len(raw) > largest:
        raise ValueError(tr("it is larger than {size} MB").format(size=largest >> 20))
    raw = _checked(raw.removeprefix(codecs.BOM_UTF8))
    try:
        return msgspec.json.decode(raw)
    except msgspec.ValidationError as error:  # nothing else is invalid where any value is
        raise ValueError(mark("a number in it is too large")) from error
    except ValueError as error:
        raise ValueError(tr("it is not JSON: {error}").format(error=error)) from error
    except (RecursionError, MemoryError) as error:
        raise ValueError(mark("it is nested too deeply")) from error


def encode(value: Any) -> str:
    """`value`, of JSON values and structures, as compact JSON in ASCII; what is not finite is written as null."""
    text = msgspec.json.encode(_as_text(builtins(value))).decode()
    return NOT_ASCII.sub(_escaped, text)


def formatted(value: Any) -> str:
    """`value` as JSON for a person to read and change."""
    return msgspec.json.format(msgspec.json.encode(_as_text(builtins(value))), indent=2).decode() + "\n"


def pack(value: Any) -> bytes:
    """`value`, of JSON values, bytes and memory, in the binary form that two processes of this program speak."""
    return msgspec.msgpack.encode(value)


def unpack(data: bytes | bytearray) -> Any:
    """The inverse of `pack`. Raises ValueError."""
    try:
        return msgspec.msgpack.decode(data)
    except (RecursionError, MemoryError) as error:
        raise ValueError("it is nested too deeply") from error


def builtins(value: Any) -> Any:
    """`value` with every structure as an object of JSON."""
    return msgspec.to_builtins(value, enc_hook=_bare)


def convert(value: Any, kind: type[T]) -> T:
    """`value` of `decode` as a structure of `kind`. Raises ValueError with the place that is wrong."""
    try:
        return msgspec.convert(value, kind)
    except (ValueError, RecursionError, MemoryError) as error:
        raise ValueError(_what(str(error))) from error


def check_version(raw: Any, key: str, known: int) -> None:
    """Raise `TooNew` where `key` of the object `raw` is a format newer than `known`; without the key it is the first.

    Raises ValueError for what is no format.
    """
    found = raw.get(key, 1) if isinstance(raw, dict) else 1
    if type(found) is not int or found < 1:
        raise ValueError(tr("{found} is not the number of a format").format(found=repr(found)[:40]))
    if found > known:
        raise TooNew(found, known)


def read_bytes(path: Path, largest: int = LARGEST) -> bytes:
    """What is in the regular file `path`. Raises OSError, or ValueError where it is too large."""
    with opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        data = file.read(min(size, largest) + 1)  # what is asked for is taken from memory before it is there
    if len(data) > largest:
        raise ValueError(tr("it is larger than {size} MB").format(size=largest >> 20))
    return data


@contextmanager
def reading(path: Path, error: Callable[[Path, str], DiffvizError]) -> Iterator[None]:
    """Whatever goes wrong inside with the file `path` becomes `error(path, reason)`, or `FileTooNew`."""
    try:
        yield
    except TooNew as new:
        raise FileTooNew(path, new.found, new.known) from new
    except (OutOfRange, NotAChoice) as setting:
        raise error(path, sentence(setting)) from setting
    except OSError as system:
        raise error(path, system.strerror or str(system)) from system
    except BROKEN as broken:
        raise error(path, _reason(broken)) from broken


def check_line(text: str) -> str:
    """`text`, a name from a file system. Raises ValueError where it cannot be shown or kept as text."""
    if NO_TEXT.search(text):
        raise ValueError(mark("its name has characters that cannot be shown"))
    return text


def _bare(value: Any) -> Any:
    """A text or a number of a library's own kind as one of Python's."""
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)
    raise TypeError(f"{type(value).__name__} has no place in a file")


def _checked(raw: bytes) -> bytes:
    """`raw` without NaN and ±Infinity. Raises ValueError for what would be too much to decode."""
    arrays, objects, _, _, nans, infinities = counts = [raw.count(mark_) for mark_ in MARKS]
    if max(counts) > MOST_PARTS:
        raise ValueError(mark("it has too many parts"))
    if nans or infinities:
        raw = NOT_FINITE.sub(lambda found: found[1] or b"null", raw)
    if arrays + objects <= DEEPEST and not LONG_NUMBER.search(raw):
        return raw
    bare = STRINGS.sub(b'""', raw)
    if LONG_INTEGER.search(bare):
        raise ValueError(mark("a number in it is too large"))
    _check_depth(bare)
    return raw


def _check_depth(bare: bytes) -> None:
    """Raise ValueError for JSON, its strings emptied, that is nested too deeply."""
    depth = 0
    for found in BRACKETS.finditer(bare):
        length = found.end() - found.start()
        depth += length if bare[found.start()] in b"[{" else -length
        if depth > DEEPEST:
            raise ValueError(mark("it is nested too deeply"))


def _what(error: str) -> str:
    """A message of msgspec in our words, which name the place as a person finds it in the file."""
    text, _, place = error.partition(" - at `$")
    place = place.rstrip("`").lstrip(".")
    if missing := re.fullmatch(r"Object missing required field `(.*)`", text):
        return tr("it does not say “{what}”").format(what=".".join(filter(None, (place, missing[1]))))
    return tr("“{what}” is not what it should be: {error}").format(what=place or "…", error=text.replace("`", ""))


def _reason(error: BaseException) -> str:
    match error:
        case MemoryError():
            return mark("it needs more memory than there is")
        case RecursionError():
            return mark("it is nested too deeply")
        case EOFError():
            return mark("it is cut short")
        case KeyError(args=(str(what),)) if " " not in what:  # zipfile says a sentence
            return tr("it does not say “{what}”").format(what=what)
        case ValueError() if str(error):
            return str(error)
        case _:  # what a library says of its own
            logger.warning("A file is damaged", exc_info=error)
            return mark("it is damaged")


def _as_text(value: Any) -> Any:
    """`value` with every string such as UTF-8 can hold: names of files may have halves of characters in them."""
    match value:
        case str():
            return value if value.isascii() else value.encode("utf-8", "replace").decode()
        case dict():
            return {_as_text(key): _as_text(item) for key, item in value.items()}
        case list() | tuple():
            return [_as_text(item) for item in value]
        case _:
            return value


def _escaped(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))
