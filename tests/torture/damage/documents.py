"""Damage to JSON: hostile values at any place, keys lost, doubled and exchanged, parts of the document moved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from tests.torture.damage import octets

Place = tuple[Any, Any]

DEEP, LONG = 100_000, 1 << 17
CANARY = "canary"
HOSTILE: tuple[str, ...] = (
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1",
    "0.5",
    "-0.0",
    "1e400",
    "-1e999",
    "1e308",
    "5e-324",
    "NaN",
    "Infinity",
    "-Infinity",
    "255",
    "65536",
    "2147483648",
    "4294967296",
    "9223372036854775808",
    "1" * 400,
    "-" + "9" * 5000,
    '""',
    '"1"',
    '"nan"',
    '"\\ud800"',
    '"\\u0000"',
    '"\\u202e\\n\\t"',
    '"\u0130\u1e9e"',
    f'"../{CANARY}"',
    f'"/tmp/{CANARY}"',
    '"."',
    '"' + "A" * LONG + '"',
    "[]",
    "{}",
    "[[]]",
    "[null]",
    "[[1, 2], [3]]",
    "[1e400, 28, 28]",
    "[-1, 0, 99999999999]",
    "[0, 0, 0]",
    '{"": null}',
    '{"name": {}}',
    '{"type": "Noise"}',
    '{"type": "Request"}',
    '{"type": "__import__"}',
    '{"type": "os.system", "command": "touch ' + CANARY + '"}',
    '{"type": ["Noise"]}',
    '{"py/object": "os.system", "__reduce__": ["os.system", ["touch ' + CANARY + '"]]}',
    "[" + "0," * (LONG // 4) + "0]",
    "[" * 900 + "]" * 900,
    '{"a":' * 900 + "1" + "}" * 900,
    "[" * DEEP,
    '{"a":' * DEEP,
    "[" * DEEP + "]" * DEEP,
    "tru",
    "",
    ",",
)
STAND_IN = "\x00stand-in\x00"


@st.composite
def damaged(draw: st.DrawFn, text: bytes) -> bytes:
    """The JSON document `text`, damaged as a document; now and then its bytes are damaged as well, or instead."""
    how = draw(st.integers(0, 9))
    if how == 0:
        return draw(octets.damaged(text))
    if how == 1:
        return draw(st.sampled_from(HOSTILE)).encode("utf-8", "surrogatepass")
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):  # it has been damaged before
        return draw(octets.damaged(text))
    raw: list[str] = []
    for _ in range(draw(st.integers(1, 2))):
        places = list(_places(tree))
        if places:
            _strike(draw, tree, draw(st.sampled_from(places)), places, raw)
    found = _dumped(tree, raw)
    return draw(octets.damaged(found)) if how == 2 else found


def _strike(draw: st.DrawFn, tree: Any, place: Place, places: list[Place], raw: list[str]) -> None:
    parent, key = place
    match draw(st.sampled_from(("hostile", "hostile", "hostile", "lose", "rename", "move", "number", "repeat"))):
        case "hostile":
            parent[key] = f"{STAND_IN}{len(raw)}"
            raw.append(draw(st.sampled_from(HOSTILE)))
        case "lose":
            del parent[key]
        case "rename" if isinstance(parent, dict):
            parent[draw(st.sampled_from(("", "type", "name", "version", "Ω", *map(str, parent))))] = parent.pop(key)
        case "move":
            other, name = draw(st.sampled_from(places))
            parent[key] = json.loads(json.dumps(other[name]))
        case "number":
            parent[key] = draw(st.one_of(st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=8)))
        case _:
            parent[key] = [parent[key]] * draw(st.sampled_from((2, 3, 100, 300)))


def _places(tree: Any) -> Iterator[Place]:
    items: Any = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in list(items):
        yield tree, key
        yield from _places(value)


def _dumped(tree: Any, raw: list[str]) -> bytes:
    text = json.dumps(tree)
    for number, value in enumerate(raw):
        text = text.replace(json.dumps(f"{STAND_IN}{number}"), value)
    return text.encode("utf-8", "surrogatepass")
