"""Requests and settings as JSON and back: {"type": class name, fields…}, versioned, nothing executed.

Only the classes named in `CLASSES` can come back; what is unknown, missing or out of bounds raises ValueError.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from diffviz.domain import gan, latent, likelihoods, objective, planar, requests, samplers, schedules, training
from diffviz.domain.errors import DiffvizError
from diffviz.domain.settings import check
from diffviz.domain.typed import fits

VERSION = 1

CLASSES: Mapping[str, type[Any]] = MappingProxyType(
    {
        cls.__name__: cls
        for cls in (
            requests.Noise,
            requests.Image,
            requests.Step,
            requests.ForwardRequest,
            requests.ReverseRequest,
            latent.Anchor,
            latent.PathRequest,
            gan.GanRequest,
            *gan.DATA.values(),
            objective.ObjectiveRequest,
            planar.PlanarRequest,
            *planar.PLANAR_DATA.values(),
            training.TrainDiffusion,
            training.TrainClassifier,
            training.TrainVae,
            training.TrainPlanar,
            *samplers.SAMPLERS.values(),
            *schedules.PROCESSES.values(),
            *likelihoods.LIKELIHOODS.values(),
        )
    }
)


def to_plain(value: Any) -> Any:
    """`value`, a dataclass of `CLASSES` or a JSON value, as JSON values only."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"type": type(value).__name__, **fields}
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    return value


def from_plain(value: Any) -> Any:
    """The inverse of `to_plain`; lists become tuples. Raises ValueError."""
    if isinstance(value, list):
        return tuple(from_plain(item) for item in value)
    if not isinstance(value, dict):
        return value
    fields = {name: from_plain(item) for name, item in value.items() if name != "type"}
    cls = CLASSES.get(str(value.get("type")))
    if cls is None:
        raise ValueError(f"unknown type {value.get('type')!r}")
    try:
        made = cls(**fields)
        if not fits(made):
            raise ValueError(f"not a {cls.__name__}: a value is of the wrong kind")
        check(made)
    except (TypeError, AttributeError, DiffvizError) as error:
        raise ValueError(f"not a {cls.__name__}: {error}") from error
    return made
