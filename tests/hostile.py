"""What a stranger's file can hold: whole documents, and values in the place of any value of a good one."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

VALUES: Mapping[str, str] = MappingProxyType(
    {
        "beyond a double": "1e400",
        "far beyond a double": "-1e999",
        "NaN": "NaN",
        "infinity": "Infinity",
        "minus infinity": "-Infinity",
        "of 401 digits": "1" + "0" * 400,
        "of 5,000 digits": "9" * 5000,
        "beyond 64 bits": "18446744073709551616",
        "huge": "9007199254740993",
        "negative": "-7",
        "nearly nothing": "5e-324",
        "broken": "1.5",
        "zero": "0",
        "null": "null",
        "true": "true",
        "text": '"many"',
        "empty text": '""',
        "a long text": '"' + "x" * 10_000 + '"',
        "NUL": '"a\\u0000b"',
        "an escape of a terminal": '"\\u001b[2J"',
        "half a character": '"\\ud800"',
        "beyond the first plane": '"\\ud83d\\ude00"',
        "a path out": '"../../../etc/passwd"',
        "an empty array": "[]",
        "an array of anything": '[1, "a", null, {}, []]',
        "numbers beyond a double": "[1e400, 28, 28]",
        "negative numbers": "[-1, -28, -28]",
        "huge numbers": "[3, 9007199254740991, 9007199254740991]",
        "nested arrays": "[" * 300 + "]" * 300,
        "open arrays": "[" * 100_000,
        "open objects": '{"a":' * 20_000,
        "twenty thousand names": "[" + ",".join(['"a"'] * 20_000) + "]",
        "an empty object": "{}",
        "an object of anything": '{"type": "Popen", "name": [], "": null}',
        "a type that is none": '{"type": ["Noise"]}',
        "a request inside itself": '{"type": "Step", "of": {"type": "Noise"}, "at": 1e308}',
        "equal keys": '{"a": 1, "a": 2}',
    }
)
"""JSON, or nearly, to stand where a value was."""

DOCUMENTS: Mapping[str, bytes] = MappingProxyType(
    {
        "nothing": b"",
        "white space": b" \n\t",
        "null": b"null",
        "a number": b"7",
        "a text": b'"text"',
        "an array": b"[]",
        "an object": b"{}",
        "open arrays": b"[" * 100_000,
        "open objects": b'{"a":' * 100_000,
        "closed arrays": b"[" * 100_000 + b"]" * 100_000,
        "brackets in a text": b'{"a": "' + b"[" * 100_000 + b'"}',
        "a text without end": b'{"a": "' + b"\\" * 99_999,
        "NUL": b"\0" * 1000,
        "not UTF-8": b'{"name": "\xff\xfe"}',
        "cut within a character": '{"name": "é'.encode()[:-1],
        "half a character": b'{"name": "\xed\xa0\x80"}',
        "UTF-16": '{"name": "a"}'.encode("utf-16"),
        "UTF-32": '{"name": "a"}'.encode("utf-32"),
        "a mark alone": codecs.BOM_UTF8,
        "two values": b"{} {}",
        "a comment": b'{"a": 1} // text',
        "a comma too many": b'{"a": 1,}',
        "Python": b"{'a': 1}",
        "two million parts": b"[" + b"0," * (1 << 21) + b"0]",
    }
)


def damaged(good: Any) -> Iterator[tuple[str, bytes]]:
    """Every document of the table, then `good` with each of its values, and each key's, in turn replaced by each value.

    Each comes with what is wrong with it.
    """
    yield from DOCUMENTS.items()
    mark = "\N{BLACK SQUARE}"
    for place, broken in _replaced(good, mark):
        text = json.dumps(broken)
        for name, value in VALUES.items():
            yield f"{place} is {name}", text.replace(json.dumps(mark), value).encode()
        yield f"{place} is missing", json.dumps(broken).replace(json.dumps(mark), "null").encode()


def _replaced(value: Any, by: str, place: str = "") -> Iterator[tuple[str, Any]]:
    """`value` once for every value in it, which is then replaced by `by`; of an array, the first alone."""
    yield place or "all of it", by
    if isinstance(value, dict):
        for key, item in value.items():
            for where, changed in _replaced(item, by, f"{place}.{key}"):
                yield where, {**value, key: changed}
    elif isinstance(value, list) and value:
        for where, changed in _replaced(value[0], by, f"{place}[0]"):
            yield where, [changed, *value[1:]]
