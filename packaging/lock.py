"""Prints the lock: every version that this environment has of what diffviz and its extras need (`make lock`).

Public versions only: a local part such as torch's "+cpu" is on no index. What other platforms need besides is not in
this environment, so it is not locked.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

HEADER = """\
# Versions that the tests ran with, on {python}: pip constraints, without local parts. Written by "make lock".
"""


def needed(name: str, extras: frozenset[str] | None = None) -> Iterator[tuple[str, Distribution]]:
    """What `name` needs, with `extras` (all of them unless given): canonical names and distributions.

    Some come several times. Raises PackageNotFoundError where one is not installed.
    """
    seen: set[tuple[str, frozenset[str]]] = set()
    every = frozenset(distribution(name).metadata.get_all("Provides-Extra") or ())
    stack = [(name, every if extras is None else extras)]
    while stack:
        owner, chosen = stack.pop()
        for text in distribution(owner).requires or ():
            requirement = Requirement(text)
            key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
            if key in seen or not _applies(requirement, chosen):
                continue
            seen.add(key)
            yield key[0], distribution(requirement.name)
            stack.append((requirement.name, frozenset(requirement.extras)))


def lock() -> dict[str, str]:
    """Public version of everything that diffviz and its extras need, by canonical name."""
    return dict(sorted((name, Version(found.version).public) for name, found in needed("diffviz") if name != "diffviz"))


def _applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    if requirement.marker is None:
        return True
    return any(requirement.marker.evaluate({"extra": extra}) for extra in extras or {""})


if __name__ == "__main__":
    print(HEADER.format(python=f"Python {sys.version_info.major}.{sys.version_info.minor}"), end="")
    for name, version in lock().items():
        print(f"{name}=={version}")
