"""The setting that keeps torch's threads from waiting awake comes before torch and yields to a person's own."""

import os
import subprocess
import sys

import pytest

from diffviz.engine import SPINS, spin_briefly


@pytest.mark.parametrize(
    ("given", "spins"),
    [({}, str(SPINS)), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "active"}, None)],
)
def test_what_the_environment_says_holds(given: dict[str, str], spins: str | None) -> None:
    environment = dict(given)
    spin_briefly(environment)
    assert environment.get("GOMP_SPINCOUNT") == spins


def test_it_is_set_before_torch_is_imported() -> None:
    code = "import diffviz.engine, os, sys; print(os.environ['GOMP_SPINCOUNT'], 'torch' in sys.modules)"
    clean = {name: value for name, value in os.environ.items() if name not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    found = subprocess.run([sys.executable, "-c", code], env=clean, capture_output=True, text=True, check=True)
    assert found.stdout.split() == [str(SPINS), "False"]
