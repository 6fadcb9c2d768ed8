"""Whether a value is what a dataclass declares: for data that comes from files."""

from __future__ import annotations

import dataclasses
import math
import types
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints


def fits(owner: Any) -> bool:
    """Whether every field of the dataclass instance `owner` has a value of its declared type; floats are finite."""
    hints = get_type_hints(type(owner), include_extras=True)
    return all(_is(getattr(owner, field.name), hints[field.name]) for field in dataclasses.fields(owner))


def _is(value: Any, hint: Any) -> bool:
    origin = get_origin(hint)
    if origin is Annotated:
        return _is(value, get_args(hint)[0])
    if origin in (Union, types.UnionType):
        return any(_is(value, each) for each in get_args(hint))
    if origin is tuple:
        return isinstance(value, tuple) and _items(value, get_args(hint))
    if hint is float:
        return type(value) in (int, float) and math.isfinite(value)
    if hint is int:
        return type(value) is int
    return value is None if hint in (None, type(None)) else isinstance(value, hint)


def _items(values: tuple[Any, ...], hints: tuple[Any, ...]) -> bool:
    if len(hints) == 2 and hints[1] is Ellipsis:
        return all(_is(value, hints[0]) for value in values)
    return len(values) == len(hints) and all(map(_is, values, hints))
