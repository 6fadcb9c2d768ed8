"""The tool that made the faces: its tables follow from their seeds, and its lock names no host."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from diffviz import paths
from diffviz.domain.arrays import U8

TOOL = Path(__file__).parents[1] / "packaging" / "make_faces"
HIDDEN = 255
SOME = slice(0, None, 97)


def drawn(seed: int, name: str) -> float:
    """The fraction that belongs to a seed and a name."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:4], "big") / 2**32


def value(seed: int, name: str, values: list[str], share: float | None) -> int:
    """The value of attribute `name`, which `share` per cent have where that is given."""
    if share is None:
        return int(drawn(seed, name) * len(values))
    worn = drawn(seed, f"{name}, worn") * 100 < share
    return 1 + int(drawn(seed, name) * (len(values) - 1)) if worn else 0


def parts(name: str) -> list[tuple[NDArray[np.uint32], U8]]:
    """Seeds and attributes of some pictures of every part of a data set."""
    found = []
    for part in ("train", "test", "withheld"):
        with np.load(paths.resources() / "samples" / name / f"{part}.npz", allow_pickle=False) as file:
            found.append((file["seeds"][SOME], file["attributes"][SOME]))
    return found


@pytest.mark.parametrize("name", sorted(path.stem for path in (TOOL / "designs").iterdir()))
def test_a_face_has_the_attributes_of_its_seed(name: str) -> None:
    drawing = json.loads((TOOL / "designs" / f"{name}.json").read_text(encoding="utf-8"))
    design = json.loads((paths.resources() / "samples" / name / "design.json").read_text(encoding="utf-8"))
    for seeds, table in parts(name):
        assert len(np.unique(seeds)) == len(seeds) > 4
        for attribute, column in zip(drawing["attributes"], table.T, strict=True):
            of = attribute["name"], design["attributes"][attribute["name"]], attribute.get("per cent")
            wanted = np.array([value(int(seed), *of) for seed in seeds])
            shown = column != HIDDEN
            np.testing.assert_array_equal(column[shown], wanted[shown])
            assert shown.any()


def test_the_lock_names_no_host() -> None:
    lock: dict[str, Any] = json.loads((TOOL / "package-lock.json").read_text(encoding="utf-8"))
    wanted = json.loads((TOOL / "package.json").read_text(encoding="utf-8"))["dependencies"]
    packages = {name.removeprefix("node_modules/"): package for name, package in lock["packages"].items() if name}
    assert {name: packages[name]["version"] for name in wanted} == wanted
    assert all("resolved" not in package and package["integrity"] for package in packages.values())
