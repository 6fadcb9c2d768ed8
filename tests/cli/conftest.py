"""What tests of the command line share: a model, and commands in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from diffviz import paths
from diffviz.cli import main
from tests.toys import save_diffusion


@pytest.fixture
def toy(home: Path) -> str:
    """A model with three classes, 1 × 12 × 12."""
    save_diffusion(paths.user_models(), "toy")
    return "toy"


def run(*argv: object) -> int:
    """Exit code of `diffviz` with `argv`."""
    try:
        return main.main([*map(str, argv)])
    except SystemExit as end:
        return int(str(end.code))


def run_export(*argv: object) -> int:
    """Exit code of `diffviz export` with `argv`."""
    return run("export", *argv)
