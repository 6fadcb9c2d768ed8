"""The lock is of what is installed: these tests ran with the versions that it names, local parts aside."""

from __future__ import annotations

import runpy
from importlib.metadata import version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parent.parent


def locked() -> list[Requirement]:
    """The lines of the lock."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if not line.startswith("#")]


def needed() -> set[str]:
    """Canonical names of what diffviz needs here, to run and to be tested."""
    tool = runpy.run_path(str(ROOT / "packaging" / "lock.py"))
    return {name for name, _found in tool["needed"]("diffviz", frozenset({"dev"}))}


def test_what_is_installed_is_what_the_lock_names() -> None:
    here = needed()
    differing = [
        f"{line} is locked, {version(line.name)} installed"
        for line in locked()
        if line.name in here and Version(version(line.name)).public not in line.specifier
    ]
    assert not differing


def test_everything_needed_is_locked() -> None:
    assert needed() <= {line.name for line in locked()}


def test_the_lock_names_versions_that_an_index_has() -> None:
    for line in locked():
        (only,) = line.specifier
        assert only.operator == "=="
        assert Version(only.version).local is None
