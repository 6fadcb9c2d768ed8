"""The wheel, installed elsewhere, works from any folder: it carries its resources and its models."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
FILES = [
    "resources/fonts/Pretendard-Regular.otf",
    "resources/icons/play.svg",
    "resources/samples/fashion/test.npz",
    "resources/samples/digits/dataset.json",
]


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run `command`, with nothing of the checkout in its environment."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=150, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, cwd=CHECKOUT)
    assert build.returncode == 0, build.stdout + build.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of a venv with the wheel, which borrows all else from this one.

    A borrowed folder's own .pth files are not read, so an editable diffviz there does not get in the way.
    """
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    binaries = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = [sys.executable, "-m", "pip", "--python", str(binaries / "python"), "install", "--no-deps", "--no-index"]
    install = run(*pip, wheel, cwd=folder)
    assert install.returncode == 0, install.stdout + install.stderr
    site = next(folder.rglob("site-packages"))
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return binaries


def test_the_wheel_lists_its_models_from_another_folder(installed: Path, tmp_path: Path) -> None:
    listed = run(installed / "diffviz", "models", cwd=tmp_path)
    assert (listed.returncode, listed.stderr) == (0, "")
    bundled = {card.parent.name for card in (CHECKOUT / "models").glob("*/card.json")}
    assert "fashion-ddpm" in bundled
    assert bundled <= set(listed.stdout.split())


def test_the_wheel_is_what_is_imported_and_finds_its_data(installed: Path, tmp_path: Path) -> None:
    code = "import diffviz; from diffviz import paths; print(diffviz.__file__); print(paths.data_root())"
    shown = run(installed / "python", "-c", code, cwd=tmp_path)
    module, root = (Path(line) for line in shown.stdout.splitlines())
    assert module.is_relative_to(installed.parent)
    assert [name for name in FILES if not (root / name).is_file()] == []


def test_the_version_is_one(installed: Path, tmp_path: Path) -> None:
    """What the program says it is and what the package manager has recorded."""
    code = "import diffviz, importlib.metadata as m; print(diffviz.__version__ == m.version('diffviz'))"
    assert run(installed / "python", "-c", code, cwd=tmp_path).stdout.strip() == "True"
