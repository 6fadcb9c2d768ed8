"""Provenance: the record inside an exported file, with all that is needed to open its run again."""

from __future__ import annotations

import base64
import binascii
import platform
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np

from diffviz import __version__
from diffviz.domain.arrays import U8
from diffviz.domain.cards import Card
from diffviz.domain.requests import DEEPEST, MAX_SAMPLES, Image, Request, Step, ancestry, digest
from diffviz.domain.serialization import LARGEST, Line, Wire, builtins, check_version, convert, decode, encode
from diffviz.domain.tagged import RequestTable, from_json, is_picture, request_at, requests_in, to_json
from diffviz.domain.text import mark, tr, trn

VERSION = 1
LIMIT = LARGEST
NESTED = 64
"""Longest line of runs that is written as requests within requests, which every version reads."""
TABLED = 2
"""Format of files that have a table of requests."""
LETTERS = "ABCD"
"""Of the runs that a file shows beside each other, from the left."""
MOST_BESIDE = len(LETTERS) - 1
"""Runs that a file can show beside the first one."""


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """A run's request, the pictures it starts from by their SHA-256, and what it was computed with.

    `models` are the SHA-256 of the weights by model id, `device` is the kind that computed ("cpu", "cuda", "mps", or
    empty where no network was used), `versions` those of the program and its libraries. `beside` are the records of the
    runs that the file shows beside this one, `title` is what a person has called it there.
    """

    request: Request
    images: Mapping[str, U8] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    device: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[Record, ...] = ()
    title: str = ""


class PictureWire(Wire):
    """Pixels of a picture: shape, and bytes by zlib and base64."""

    shape: tuple[int, ...]
    data: str


class RecordWire(Wire):
    """A record as files hold it; with `requests`, a table, `request` is the number of a row.

    The pictures of those `beside` are among its own. Versions before 0.5 pass these records over.
    """

    request: Any = None
    requests: list[Any] | None = None
    images: dict[str, PictureWire] | None = None
    models: dict[Line, Line] | None = None
    device: Line = ""
    versions: dict[Line, Line] | None = None
    beside: list[Any] | None = None
    title: Line = ""


def encoded(record: Record) -> str:
    """`record` as ASCII JSON."""
    return encode(as_file(wire_of(record)))


def decoded(text: str | bytes) -> Record:
    """The record in `text`. Raises ValueError for what is not one, is too large or does not check."""
    wire = convert(parsed(text), RecordWire)
    return record_from(wire, requests_in(wire.requests or ()))


def as_file(wire: RecordWire) -> dict[str, Any]:
    """`wire` as JSON values, with the oldest format that can have it."""
    values = builtins(wire)
    for name in ("requests", "beside", "title"):
        if not getattr(wire, name):
            del values[name]
    return {"diffviz": VERSION if wire.requests is None else TABLED, **values}


def parsed(text: str | bytes) -> Mapping[str, Any]:
    """The JSON object in `text`, of this version. Raises ValueError."""
    raw = decode(text, LIMIT)
    if not isinstance(raw, dict) or "diffviz" not in raw:
        raise ValueError(mark("these are not the settings of a run"))
    check_version(raw, "diffviz", TABLED)
    return raw


def wire_of(record: Record, table: RequestTable | None = None) -> RecordWire:
    """`record` as a file holds it; its request is a row of `table`, or of its own where it continues many runs."""
    own = RequestTable() if table is None and len(ancestry(record.request)) > NESTED else None
    rows = table or own
    images = {name: pixels for each in (record, *record.beside) for name, pixels in each.images.items()}
    return RecordWire(
        request=to_json(record.request) if rows is None else rows.number(record.request),
        requests=own.rows if own else None,
        images={name: packed(pixels) for name, pixels in images.items()},
        models=dict(record.models),
        device=record.device,
        versions=dict(record.versions),
        beside=[as_file(wire_of(replace(each, images={}, beside=()))) for each in record.beside] or None,
        title=record.title,
    )


def record_from(
    wire: RecordWire, table: Sequence[Request] = (), images: Mapping[str, PictureWire] | None = None
) -> Record:
    """The inverse of `wire_of`, with the requests of its `table`, and `images` in the place of its own.

    Raises ValueError.
    """
    request = request_at(table, wire.request) if type(wire.request) is int else from_json(wire.request)
    if not isinstance(request, Request):
        raise ValueError(mark("there is no request in it"))
    family = ancestry(request)
    if not all(each.recorded for each in family):
        raise ValueError(mark("there is no request in it"))
    if len(family) > DEEPEST:
        raise ValueError(mark("it continues too many runs"))
    starts = [r.start for r in family if isinstance(r.start, Image)]
    if any(len(start.sha256) > MAX_SAMPLES for start in starts):
        raise ValueError(mark("it starts from too many pictures"))
    wanted = {name for start in starts for name in start.sha256}
    held = wire.images if images is None else images
    pixels = {name: unpacked(name, value) for name, value in (held or {}).items() if name in wanted}
    beside = _beside_from(wire.beside or (), held)
    return Record(request, pixels, wire.models or {}, wire.device, wire.versions or {}, beside, wire.title)


def _beside_from(raw: Sequence[Any], images: Mapping[str, PictureWire] | None) -> tuple[Record, ...]:
    """The records of the runs beside one, whose pictures are among `images`. Raises ValueError."""
    if len(raw) > MOST_BESIDE:
        raise ValueError(mark("there are too many runs in it"))
    wires = [convert(each, RecordWire) for each in raw]
    if any(wire.beside for wire in wires):
        raise ValueError(mark("there are too many runs in it"))
    return tuple(record_from(wire, requests_in(wire.requests or ()), images or {}) for wire in wires)


def images_of(request: Request) -> tuple[str, ...]:
    """SHA-256 of all the pictures that `request` and the runs it continues start from."""
    names = (name for r in ancestry(request) if isinstance(r.start, Image) for name in r.start.sha256)
    return tuple(dict.fromkeys(names))


def packed(pixels: U8) -> PictureWire:
    """`pixels` as a file holds them."""
    data = zlib.compress(np.ascontiguousarray(pixels).tobytes(), 9)
    return PictureWire(shape=pixels.shape, data=base64.b64encode(data).decode("ascii"))


def unpacked(name: str, picture: PictureWire) -> U8:
    """The inverse of `packed`, checked against the SHA-256 `name`. Raises ValueError."""
    shape = picture.shape
    if not is_picture(shape):
        raise ValueError(mark("a picture in it has an impossible size"))
    try:
        data = base64.b64decode(picture.data, validate=True)
    except (ValueError, binascii.Error) as error:
        raise ValueError(mark("a picture in it is damaged")) from error
    pixels = np.frombuffer(inflated(data, int(np.prod(shape))), np.uint8).reshape(shape)
    if digest(pixels) != name:
        raise ValueError(mark("a picture in it is not the one it is said to be"))
    return pixels


def inflated(data: bytes, size: int) -> bytes:
    """Exactly `size` bytes that zlib had packed into `data`. Raises ValueError, and never unpacks more."""
    unpacker = zlib.decompressobj()
    try:
        found = unpacker.decompress(data, size + 1)
    except zlib.error as error:
        raise ValueError(mark("a picture in it is damaged")) from error
    if len(found) != size:
        raise ValueError(mark("a picture in it is damaged"))
    return found


LIBRARIES = ("numpy", "torch", "Pillow")


def record_of(request: Request, images: Mapping[str, U8], cards: Mapping[str, Card], device: str = "") -> Record:
    """The record of the run of `request`, with those of `images` that it starts from."""
    models = checksums(request, cards)
    wanted = {name: images[name] for name in images_of(request) if name in images}
    return Record(request, wanted, models, device if models else "", versions())


def checksums(request: Request, cards: Mapping[str, Card]) -> dict[str, str]:
    """Of the weights of the models of `request`, as far as `cards` know them, by id."""
    return {model: cards[model].sha256 for model in models_of(request) if model in cards}


@lru_cache(maxsize=1)
def versions() -> Mapping[str, str]:
    """Versions of the program, of Python and of the libraries that compute; without importing any."""
    from importlib import metadata  # with all that reads e-mail: nothing that is needed before a run is recorded

    found = {"diffviz": __version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name.lower()] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def located(record: Record, cards: Mapping[str, Card]) -> Record:
    """`record` with the ids that its models have in `cards`, found by the checksums of their weights.

    Where the folder of a model got another name, or another model has its name now, the weights tell which it is.
    """
    if record.beside:
        record = replace(record, beside=tuple(located(each, cards) for each in record.beside))
    ids = {card.sha256: name for name, card in cards.items() if card.sha256}
    same = {name for name, sha256 in record.models.items() if name in cards and cards[name].sha256 == sha256}
    other = {name: ids[sha256] for name, sha256 in record.models.items() if name not in same and sha256 in ids}
    if not other:
        return record
    models = {other.get(name, name): sha256 for name, sha256 in record.models.items()}
    return replace(record, request=_renamed(record.request, other), models=models)


def _renamed(request: Request, ids: Mapping[str, str]) -> Request:
    """`request` and the runs that it continues with other models' ids."""
    made: Request | None = None
    for one in reversed(ancestry(request)):
        named = {name: str(getattr(one, name, None)) for name in ("model", "beside")}
        changes: dict[str, Any] = {name: ids[model] for name, model in named.items() if model in ids}
        if made is not None and isinstance(one.start, Step):
            changes["start"] = replace(one.start, of=made)
        made = replace(one, **changes)
    assert made is not None, "a request is one of its ancestry"
    return made


def missing(record: Record, cards: Mapping[str, Card]) -> tuple[str, ...]:
    """Sentences on what the run of `record` cannot be computed without; none where nothing is missing."""
    models = [
        tr("The run needs the model “{model}”, which is not installed here.").format(model=model)
        for model in models_of(record.request)
        if model not in cards
    ]
    absent = sum(name not in record.images for name in images_of(record.request))
    text = trn("{n} picture that it starts from is missing.", "{n} pictures that it starts from are missing.", absent)
    return (*models, *((text.format(n=absent),) if absent else ()))


def differences(record: Record, cards: Mapping[str, Card]) -> tuple[str, ...]:
    """Sentences on what is not as it was: the run can be computed, but its pictures may differ."""
    return tuple(
        tr("The model “{model}” has other weights than when the file was written: the pictures may differ.").format(
            model=model
        )
        for model in models_of(record.request)
        if model in cards and record.models.get(model) and cards[model].sha256 != record.models[model]
    )


def models_of(request: Request) -> tuple[str, ...]:
    """Ids of the models that `request` and the runs it continues use."""
    names = (name for r in ancestry(request) for name in getattr(r, "models", (getattr(r, "model", None),)))
    return tuple(dict.fromkeys(name for name in names if name))
