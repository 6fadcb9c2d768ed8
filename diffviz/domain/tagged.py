"""Requests and settings as JSON and back: {"type": tag, fields…}. Nothing is executed.

A tag is part of the format of files: it stays when its class gets another name. Only the classes of `TAGS` can come
back; what is unknown, missing, of another kind or out of bounds raises ValueError.

Table of requests, each once and behind the one that it continues: what a long line of runs is stored as.

A row is a request as JSON, with the number of the row that it continues where else that request itself would stand.
"""

from __future__ import annotations

import dataclasses
import logging
import math
import types
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from diffviz.domain import (
    errors,
    gan,
    latent,
    likelihoods,
    objective,
    planar,
    requests,
    sampling,
    serialization,
    solvers,
    training,
)
from diffviz.domain.requests import Request, Step
from diffviz.domain.sentences import sentence
from diffviz.domain.settings import Variants, check, variant_key
from diffviz.domain.text import mark, tr

LONGEST_TUPLE = 1 << 14
LONGEST_SIDE = 512

logger = logging.getLogger(__name__)
TAGS: Mapping[str, type[Any]] = MappingProxyType(
    {
        "Noise": requests.Noise,
        "Image": requests.Image,
        "Step": requests.Step,
        "ForwardRequest": requests.ForwardRequest,
        "ReverseRequest": requests.ReverseRequest,
        "PathRequest": latent.PathRequest,
        "Anchor": latent.Anchor,
        "GanRequest": gan.GanRequest,
        "ObjectiveRequest": objective.ObjectiveRequest,
        "PlanarRequest": planar.PlanarRequest,
        "TrainDiffusion": training.TrainDiffusion,
        "TrainClassifier": training.TrainClassifier,
        "TrainVae": training.TrainVae,
        "TrainPlanar": training.TrainPlanar,
        "Ring": gan.Ring,
        "Lattice": gan.Lattice,
        "Moons": gan.Moons,
        "SwissRoll": gan.SwissRoll,
        "Drawn": gan.Drawn,
        "Pictures": gan.Pictures,
        "Ddpm": sampling.Ddpm,
        "Ddim": sampling.Ddim,
        "Euler": sampling.Euler,
        "Heun": sampling.Heun,
        "DpmPlusPlus": sampling.DpmPlusPlus,
        "Midpoint": solvers.Midpoint,
        "UniPc": solvers.UniPc,
        "EulerAncestral": solvers.EulerAncestral,
        "DpmPlusPlusSde": solvers.DpmPlusPlusSde,
        "FlowSde": solvers.FlowSde,
        "HeunChurn": solvers.HeunChurn,
        "OfNetwork": sampling.OfNetwork,
        "Linear": sampling.Linear,
        "Cosine": sampling.Cosine,
        "ScaledLinear": sampling.ScaledLinear,
        "Sigmoid": sampling.Sigmoid,
        "Constant": sampling.Constant,
        "Flow": sampling.Flow,
        "VarianceExploding": sampling.VarianceExploding,
        "Gaussian": likelihoods.Gaussian,
        "OptimalGaussian": likelihoods.OptimalGaussian,
        "Laplace": likelihoods.Laplace,
        "Bernoulli": likelihoods.Bernoulli,
        "ContinuousBernoulli": likelihoods.ContinuousBernoulli,
        "Logistic": likelihoods.Logistic,
    }
)
TAG_OF: Mapping[type[Any], str] = MappingProxyType({cls: tag for tag, cls in TAGS.items()})


def to_json(value: Any) -> Any:
    """`value`, an instance of a class of `TAGS` or a JSON value, as JSON values only."""
    if isinstance(value, requests.Request):
        family: Any = None
        for request in reversed(requests.ancestry(value)):
            family = linked(request, family)
        return family
    if type(value) in TAG_OF:
        return {"type": TAG_OF[type(value)], **fields_of(value)}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    return value


def linked(request: requests.Request, of: Any) -> dict[str, Any]:
    """`request` as JSON, with `of` in the place of the request that it continues, if it continues one."""
    start, tag = request.start, TAG_OF[type(request)]
    fields = {field.name: getattr(request, field.name) for field in dataclasses.fields(request)}
    if isinstance(start, requests.Step):
        fields["start"] = {"type": TAG_OF[requests.Step], "of": of, "at": start.at, "sample": start.sample}
    return {"type": tag, **{name: to_json(value) for name, value in fields.items()}}


def fields_of(value: Any) -> dict[str, Any]:
    """The fields of the dataclass instance `value` as JSON values."""
    return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}


def from_json(value: Any) -> Any:
    """The inverse of `to_json`, of a value that `serialization.decode` has bounded; lists become tuples.

    Raises ValueError.
    """
    if isinstance(value, list):
        return tuple(from_json(item) for item in value)
    if not isinstance(value, dict):
        return value
    line = [value]
    while isinstance(continued := _continued(line[-1]), dict):
        line.append(continued)
    found: Any = _from_object(line[-1])
    for each in reversed(line[:-1]):
        found = _from_object({**each, "start": {**each["start"], "of": found}})
    return found


def _continued(value: Mapping[str, Any]) -> Any:
    """What `value` has where a request has the one that it continues."""
    start = value.get("start")
    return start.get("of") if isinstance(start, dict) else None


def _from_object(value: Mapping[str, Any]) -> Any:
    tag = value.get("type")
    cls = TAGS.get(tag) if isinstance(tag, str) else None
    if cls is None:
        raise ValueError(f"unknown type {str(tag)[:80]!r}")
    fields = {name: from_json(item) for name, item in value.items() if name != "type"}
    return made(cls, fields)


def made(cls: type[Any], fields: Mapping[str, Any]) -> Any:
    """An instance of the dataclass `cls` with `fields`, checked. Raises ValueError."""
    try:
        found = cls(**fields)
        if not _fits(found):
            raise ValueError("a value is of the wrong kind or too long")
        check(found)
        return found
    except errors.DiffvizError as error:
        raise ValueError(f"not a {TAG_OF.get(cls, cls.__name__)}: {sentence(error)}") from error
    except (TypeError, AttributeError, ValueError) as error:
        logger.info("An object of a file cannot be read", exc_info=error)
        text = tr("what it says of “{what}” is damaged or of a newer diffviz")
        raise ValueError(text.format(what=TAG_OF.get(cls, cls.__name__))) from error


def described(table: Mapping[str, type[Any]], value: Any) -> dict[str, Any]:
    """Settings `value` of a class of `table` as cards have them: {"name": key, settings…}."""
    return {"name": variant_key(table, value), **fields_of(value)}


def named(table: Mapping[str, type[Any]], raw: Mapping[str, Any]) -> Any:
    """The inverse of `described`. Raises ValueError or `NotAChoice`."""
    settings = dict(raw)
    name = settings.pop("name", None)
    if not isinstance(name, str) or name not in table:
        raise errors.NotAChoice("name", str(name)[:80], tuple(table))
    return made(table[name], settings)


def is_picture(shape: tuple[int, ...]) -> bool:
    """Whether `shape` is (H, W) or (H, W, 3) of a picture that a file may hold."""
    grey, colour = len(shape) == 2, len(shape) == 3 and shape[-1] == 3
    return (grey or colour) and all(type(n) is int and 1 <= n <= LONGEST_SIDE for n in shape)


def _fits(owner: Any) -> bool:
    """Whether every field of the dataclass instance `owner` has a value of its declared type; floats are finite."""
    hints = get_type_hints(type(owner), include_extras=True)
    known = all(_is(getattr(owner, field.name), hints[field.name]) for field in dataclasses.fields(owner))
    return known and (not isinstance(owner, requests.Image) or is_picture(owner.shape))


def _is(value: Any, hint: Any) -> bool:
    origin = get_origin(hint)
    if origin is Annotated:
        kind, *notes = get_args(hint)
        variants = next((note for note in notes if isinstance(note, Variants)), None)
        return type(value) in variants.table.values() if variants else _is(value, kind)
    if origin in (Union, types.UnionType):
        return any(_is(value, each) for each in get_args(hint))
    if origin is tuple:
        return isinstance(value, tuple) and _items(value, get_args(hint))
    if hint is float:
        return type(value) in (int, float) and math.isfinite(value)
    if hint is int:
        return type(value) is int
    if hint is str:
        return isinstance(value, str) and len(value) <= serialization.LONGEST_TEXT
    return value is None if hint in (None, type(None)) else isinstance(value, hint)


def _items(values: tuple[Any, ...], hints: tuple[Any, ...]) -> bool:
    if len(hints) == 2 and hints[1] is Ellipsis:
        return len(values) <= LONGEST_TUPLE and all(_is(value, hints[0]) for value in values)
    return len(values) == len(hints) and all(map(_is, values, hints))


class RequestTable:
    """Rows of requests; `number` adds what is missing."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self._known: dict[str, int] = {}
        self._numbers: dict[int, tuple[int, Request]] = {}

    def number(self, request: Request) -> int:
        """The row of `request`."""
        line: list[Request] = [request]
        while id(line[-1]) not in self._numbers and isinstance(start := line[-1].start, Step):
            line.append(start.of)
        number: int | None = None
        for each in reversed(line):
            number = self._row(each, number)
        assert number is not None
        return number

    def _row(self, request: Request, of: int | None) -> int:
        if id(request) not in self._numbers:
            row = linked(request, of)
            number = self._known.setdefault(serialization.encode(row), len(self.rows))
            if number == len(self.rows):
                self.rows.append(row)
            self._numbers[id(request)] = number, request  # kept, so that nothing else gets its id
        return self._numbers[id(request)][0]


def requests_in(rows: Sequence[Any]) -> tuple[Request, ...]:
    """The requests of `rows`. Raises ValueError where one continues a row that comes later, or is no request."""
    found: list[Request] = []
    for row in rows:
        start = row.get("start") if isinstance(row, dict) else None
        if isinstance(start, dict) and type(start.get("of")) is int:
            row = {**row, "start": {**start, "of": request_at(found, start["of"])}}
        request = from_json(row)
        if not isinstance(request, Request):
            raise ValueError(mark("there is no request in it"))
        found.append(request)
    return tuple(found)


def request_at(found: Sequence[Request], number: int) -> Request:
    """Request `number` of `found`. Raises ValueError where there is none."""
    if not 0 <= number < len(found):
        raise ValueError(mark("a run in it continues one that comes later"))
    return found[number]
