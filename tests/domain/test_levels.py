"""The one conversion of floats to bytes: what every picture of the program and of its files is made by."""

import ast
from pathlib import Path

import numpy as np
import pytest

import diffviz
from diffviz.domain.arrays import MIDDLE, levels, opacities

ALLOWED = {
    "domain/arrays.py",  # the rule itself
    "theory/pixel_face_design.py",  # drawn in levels 0 … 255, never in a model's range
    "export/colours.py",  # means of colours that are bytes already
    "export/films.py",  # what a codec keeps of pictures that are bytes already
}


def test_it_is_the_inverse_of_reading_a_picture() -> None:
    every = np.arange(256, dtype=np.uint8)
    assert np.array_equal(levels(every / np.float32(127.5) - 1), every)
    assert np.array_equal(levels(every.astype(np.float32), 0, 255), every)


def test_what_is_outside_is_clipped_and_infinities_are_the_ends() -> None:
    assert levels([-5.0, 5.0, -np.inf, np.inf, 3e38]).tolist() == [0, 255, 0, 255, 255]


@pytest.mark.parametrize("ends", [(-1.0, 1.0), (0.0, 1.0), (-3.0, 3.0), (-1e-3, 5.0)])
def test_what_is_not_a_number_is_mid_grey_wherever_the_range_lies(ends: tuple[float, float]) -> None:
    values = np.array([[ends[0], np.nan], [ends[1], np.nan]], np.float32)
    assert levels(values, *ends).tolist() == [[0, MIDDLE], [255, MIDDLE]]


def test_a_layer_is_clear_where_nothing_is_known() -> None:
    assert opacities([0.0, 0.5, 1.0, np.nan, 2.0]).tolist() == [0, 128, 255, 0, 255]
    assert opacities([1.0], 0.5).tolist() == [128]


def test_the_values_given_stay_as_they_are() -> None:
    values = np.array([0.5, np.nan], np.float32)
    levels(values)
    assert values[0] == 0.5
    assert np.isnan(values[1])


def test_nobody_else_makes_bytes_of_float_pictures() -> None:
    """A clip or a rounding that goes straight into uint8 is a second conversion, with a rule of its own for nan."""
    root = Path(diffviz.__file__).parent
    found = {path.relative_to(root).as_posix() for path in root.rglob("*.py") if _converts(path.read_text("utf-8"))}
    assert found <= ALLOWED


def _converts(source: str) -> bool:
    """Whether the result of `np.clip`, `np.rint`, `round` or of arithmetic is cast to uint8."""
    casts = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "astype"
        and any(isinstance(arg, ast.Attribute) and arg.attr == "uint8" for arg in node.args)
    ]
    return any(_is_computed(node.func) for node in casts)


def _is_computed(cast: ast.expr) -> bool:
    value = cast.value if isinstance(cast, ast.Attribute) else cast
    if isinstance(value, ast.BinOp):
        return True
    named = value.func if isinstance(value, ast.Call) else None
    return isinstance(named, ast.Attribute) and named.attr in ("clip", "rint", "round")
