"""Requests and settings of every class come back as they were written."""

from __future__ import annotations

import json
from typing import Any

from tests.legacy.program import FOLDER, made_of, value


def written() -> Any:
    return json.loads((FOLDER / "requests.json").read_text(encoding="utf-8"))


def agrees(made: object, raw: Any, classes: dict[str, set[type]]) -> None:
    """Assert that `made` has every value of the JSON value `raw`; what it is made of goes into `classes`."""
    if isinstance(raw, dict):
        classes.setdefault(raw["type"], set()).add(type(made))
        for name in raw.keys() - {"type"}:
            agrees(value(made, name), raw[name], classes)
    elif isinstance(raw, list):
        assert isinstance(made, tuple)
        assert len(made) == len(raw)
        for one, other in zip(made, raw, strict=True):
            agrees(one, other, classes)
    else:
        assert (type(made), made) == (type(raw), raw)


def test_every_class_comes_back_with_its_values() -> None:
    classes: dict[str, set[type]] = {}
    for raw in written():
        agrees(made_of(raw), raw, classes)
    assert len(classes) == 37
    assert all(len(found) == 1 for found in classes.values()), "one name stands for one class"
    assert len(set.union(*classes.values())) == len(classes), "two names never stand for the same class"


def test_equal_settings_are_equal_and_others_are_not() -> None:
    made = [made_of(raw) for raw in written()]
    assert made == [made_of(raw) for raw in written()]
    assert len({repr(one) for one in made}) == len(made)
