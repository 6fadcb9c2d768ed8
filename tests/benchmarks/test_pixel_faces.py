"""The reader of pixel faces: all held-out pictures, without an error, at 2,000 a second or more."""

from __future__ import annotations

import time

import numpy as np
import pytest

from diffviz import paths
from diffviz.theory.pixel_face_design import bundled_design
from diffviz.theory.pixel_face_reader import read

LEAST = 2000

pytestmark = pytest.mark.bench


def test_ten_thousand_pictures_are_read() -> None:
    with np.load(paths.resources() / "samples" / "pixel-faces" / "test.npz", allow_pickle=False) as file:
        pictures, table = file["images"], file["attributes"]
    read(bundled_design(), pictures[:500])
    began = time.perf_counter()
    reading = read(bundled_design(), pictures)
    rate = len(pictures) / (time.perf_counter() - began)
    np.testing.assert_array_equal(reading.table, table)
    assert reading.valid.all()
    assert rate >= LEAST
