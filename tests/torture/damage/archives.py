"""Damage to ZIP archives: members lost, doubled, exchanged, damaged as what they are, or named to land elsewhere."""

from __future__ import annotations

import io
import warnings
import zipfile
from functools import lru_cache

from hypothesis import strategies as st

from tests.torture.damage import arrays, documents, octets

Members = list[tuple[str, bytes]]
NAMES = ("../canary", "../../canary", "/tmp/canary", "..\\canary", "", ".", "a" * 300, "runs/0/x.npy", "diffviz.json")
BOMB_BYTES = 96 << 20


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """The archive `data` with damaged members, wrong headers, or damaged bytes."""
    how = draw(st.integers(0, 9))
    if how == 0:
        return draw(octets.damaged(data))
    members = _members(data)
    for _ in range(draw(st.integers(1, 2))):
        if members:
            _strike(draw, members)
    found = _archive(members, draw(st.sampled_from((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2))))
    return draw(octets.damaged(found)) if how == 1 else _directory(draw, found) if how == 2 else found


def _strike(draw: st.DrawFn, members: Members) -> None:
    at = draw(st.integers(0, len(members) - 1))
    name, content = members[at]
    match draw(st.sampled_from(("inside", "inside", "inside", "inside", "lose", "double", "rename", "swap", "bomb"))):
        case "inside":
            members[at] = name, draw(member(name, content))
        case "lose":
            del members[at]
        case "double":
            members.append((name, draw(member(name, content))))
        case "rename":
            members[at] = draw(st.sampled_from(NAMES)), content
        case "swap":
            other = draw(st.integers(0, len(members) - 1))
            members[at], members[other] = (name, members[other][1]), (members[other][0], content)
        case _:
            members[at] = name, content + draw(st.sampled_from((zeros(), b" " * (1 << 20), b"[" * (1 << 20))))


def member(name: str, content: bytes) -> st.SearchStrategy[bytes]:
    """`content` damaged as what the member's `name` says that it is."""
    if name.endswith(".json"):
        return documents.damaged(content)
    if name.endswith(".npy"):
        return arrays.npy(content)
    return arrays.tensors(content) if name.endswith(".safetensors") else octets.damaged(content)


def _directory(draw: st.DrawFn, data: bytes) -> bytes:
    """Damage to the central directory and the end record, where sizes, methods and flags are."""
    start = data.rfind(b"PK\x01\x02")
    if start < 0:
        return data
    at = draw(st.integers(start, len(data) - 1))
    value = draw(st.sampled_from((b"\0", b"\1", b"\xff", b"\xff\xff\xff\xff", b"\x09\0", b"\x63\0")))
    return data[:at] + value + data[at + len(value) :]


@lru_cache(maxsize=1)
def zeros() -> bytes:
    """Much of nothing, which packs into little."""
    return bytes(BOMB_BYTES)


def _members(data: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def _archive(members: Members, method: int) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as archive:
        warnings.simplefilter("ignore")
        for name, content in members:
            packed = zipfile.ZIP_DEFLATED if len(content) > 1 << 20 else method
            archive.writestr(zipfile.ZipInfo(name), content, packed, 1)
    return buffer.getvalue()
