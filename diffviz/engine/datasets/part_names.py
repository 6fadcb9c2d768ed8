"""The parts of a data set, training and test, by the names that people give them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

TRAIN, TEST = "train", "test"
# Each part with its names, the better one first: where there are two, the other one is not used.
NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        TRAIN: ("train", "training", "trainset", "trn"),
        TEST: ("test", "testing", "testset", "t10k", "val", "valid", "validation", "eval", "evaluation", "dev"),
    }
)
T = TypeVar("T")


def part_of(name: str) -> str:
    """The part, "train" or "test", that `name` stands for in any case; "" where it stands for none."""
    return next((part for part, names in NAMES.items() if name.casefold() in names), "")


def best(named: Iterable[tuple[str, T]]) -> tuple[dict[str, T], list[str]]:
    """Of things with the names of parts, the best named one of each part, and the names of the others."""
    by_name = {name.casefold(): (name, thing) for name, thing in named}
    chosen: dict[str, T] = {}
    left = set(by_name)
    for part, names in NAMES.items():
        name = next((name for name in names if name in by_name), None)
        if name is not None:
            chosen[part] = by_name[name][1]
            left.discard(name)
    return chosen, sorted(by_name[name][0] for name in left)


def are_parts(names: Iterable[str]) -> bool:
    """Whether folders of these names are the parts of a data set, not classes of which one happens to be "train"."""
    parts = [part_of(name) for name in names]
    return bool(parts) and all(parts)


def stem(path: Path) -> str:
    """Name of the file `path` without its endings."""
    return path.name.split(".", 1)[0]
