"""Records: all that is needed to open a run again, as one line of ASCII JSON inside the files that show it.

A record that comes from a file is a stranger's: its size is limited, every value is checked, and nothing is executed.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from diffviz.domain import plain
from diffviz.domain.messages import Pixels
from diffviz.domain.requests import MAX_SAMPLES, Image, Request, ancestry, digest

VERSION = 1
LIMIT = 64 << 20
LONGEST_SIDE = 512
DEEPEST = 64


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """A run's request, the pictures it starts from by their SHA-256, and what it was computed with.

    `models` are the SHA-256 of the weights by model id, `device` is the kind that computed ("cpu", "cuda", "mps", or
    empty where no network was used), `versions` those of the program and its libraries.
    """

    request: Request
    images: Mapping[str, Pixels] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    device: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)


def encoded(record: Record) -> str:
    """`record` as ASCII JSON."""
    return json.dumps({"diffviz": VERSION, **as_json(record)}, ensure_ascii=True, separators=(",", ":"))


def decoded(text: str | bytes) -> Record:
    """The record in `text`. Raises ValueError for what is not one, is too large or does not check."""
    return from_json(parsed(text))


def parsed(text: str | bytes) -> Mapping[str, Any]:
    """The JSON object in `text`, of this version. Raises ValueError."""
    if len(text) > LIMIT:
        raise ValueError(f"more than {LIMIT >> 20} MB")
    try:
        raw = json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(raw, dict) or not isinstance(raw.get("diffviz"), int):
        raise ValueError("these are not the settings of a run")
    if raw["diffviz"] > VERSION:
        raise ValueError("it was written by a newer diffviz")
    return raw


def as_json(record: Record) -> dict[str, Any]:
    """`record` as JSON values."""
    return {
        "request": plain.to_plain(record.request),
        "images": {name: packed(pixels) for name, pixels in record.images.items()},
        "models": dict(record.models),
        "device": record.device,
        "versions": dict(record.versions),
    }


def from_json(raw: Mapping[str, Any]) -> Record:
    """The inverse of `as_json`. Raises ValueError."""
    try:
        request = plain.from_plain(raw.get("request"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(request, Request):
        raise ValueError("there is no request in it")
    family = ancestry(request)
    if len(family) > DEEPEST:
        raise ValueError("it continues too many runs")
    starts = [r.start for r in family if isinstance(r.start, Image)]
    if any(len(start.sha256) > MAX_SAMPLES for start in starts):
        raise ValueError("it starts from too many pictures")
    wanted = {name for start in starts for name in start.sha256}
    images = {name: unpacked(name, value) for name, value in _mapping(raw, "images").items() if name in wanted}
    device = raw.get("device")
    return Record(
        request, images, _texts(raw, "models"), device if isinstance(device, str) else "", _texts(raw, "versions")
    )


def images_of(request: Request) -> tuple[str, ...]:
    """SHA-256 of all the pictures that `request` and the runs it continues start from."""
    names = (name for r in ancestry(request) if isinstance(r.start, Image) for name in r.start.sha256)
    return tuple(dict.fromkeys(names))


def packed(pixels: Pixels) -> dict[str, Any]:
    """`pixels` as JSON values: shape, and bytes by zlib and base64."""
    data = zlib.compress(np.ascontiguousarray(pixels).tobytes(), 9)
    return {"shape": list(pixels.shape), "data": base64.b64encode(data).decode("ascii")}


def unpacked(name: str, value: Any) -> Pixels:
    """The inverse of `packed`, checked against the SHA-256 `name`. Raises ValueError."""
    try:
        shape = tuple(value["shape"])
        data = base64.b64decode(value["data"], validate=True)
    except (TypeError, KeyError, binascii.Error) as error:
        raise ValueError("a picture in it is damaged") from error
    grey, colour = len(shape) == 2, len(shape) == 3 and shape[2] == 3
    sides = all(type(n) is int and 1 <= n <= LONGEST_SIDE for n in shape)
    if not sides or not (grey or colour):
        raise ValueError("a picture in it has an impossible size")
    pixels = np.frombuffer(inflated(data, int(np.prod(shape))), np.uint8).reshape(shape)
    if digest(pixels) != name:
        raise ValueError("a picture in it is not the one it is said to be")
    return pixels


def inflated(data: bytes, size: int) -> bytes:
    """Exactly `size` bytes that zlib had packed into `data`. Raises ValueError, and never unpacks more."""
    unpacker = zlib.decompressobj()
    try:
        found = unpacker.decompress(data, size + 1)
    except zlib.error as error:
        raise ValueError("a picture in it is damaged") from error
    if len(found) != size:
        raise ValueError("a picture in it is damaged")
    return found


def _mapping(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = raw.get(name)
    return value if isinstance(value, dict) else {}


def _texts(raw: Mapping[str, Any], name: str) -> dict[str, str]:
    return {key: value[:200] for key, value in list(_mapping(raw, name).items())[:64] if isinstance(value, str)}
