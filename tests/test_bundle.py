"""What the standalone program is made of, as far as it can be seen without building it."""

from __future__ import annotations

import configparser
import importlib.util
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
PACKAGING = ROOT / "packaging"


def load(name: str) -> ModuleType:
    """A script of the folder `packaging`."""
    spec = importlib.util.spec_from_file_location(f"packaging_{name}", PACKAGING / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "name",
    [
        "torch/test/test_api",
        "torch/bin/protoc",
        "torch/include/ATen/ATen.h",
        "torch/lib/libtorchbind_test.so",
        "PySide6/Qt/lib/libQt6Quick.so.6",
        "libQt6Pdf.so.6",
        "PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so",
        "PySide6/Qt/plugins/imageformats/libqpdf.so",
        "PySide6/Qt/translations/qtbase_de.qm",
        "PySide6/Qt/translations/qtdeclarative_ko.qm",
        "matplotlib/mpl-data/fonts/ttf/DejaVuSans.ttf",
        "matplotlib/mpl-data/sample_data/goog.npz",
    ],
)
def test_what_is_never_run_stays_out(name: str) -> None:
    assert not load("contents").needed(name)


@pytest.mark.parametrize(
    "name",
    [
        "torch/bin/torch_shm_manager",
        "torch/lib/libtorch_cpu.so",
        "torch/lib/libtorch_python.so",
        "torch/_C.cpython-311-x86_64-linux-gnu.so",
        "torch/testing/_internal/__init__.py",
        "PySide6/Qt/lib/libQt6Core.so.6",
        "PySide6/Qt/lib/libQt6Svg.so.6",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/imageformats/libqsvg.so",
        "PySide6/Qt/translations/qtbase_ko.qm",
        "matplotlib/mpl-data/matplotlibrc",
        "matplotlib/mpl-data/fonts/ttf/cmex10.ttf",
        "matplotlib/backends/_backend_agg.cpython-311-x86_64-linux-gnu.so",
        "resources/translations/ko/LC_MESSAGES/diffviz.mo",
        "models/fashion-ddpm/weights.safetensors",
    ],
)
def test_what_is_needed_goes_in(name: str) -> None:
    assert load("contents").needed(name)


def test_nothing_that_the_program_needs_is_excluded() -> None:
    needs = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    names = {need.split(">")[0].split("=")[0].lower() for need in needs}
    assert not names & {name.lower() for name in load("contents").EXCLUDED}


EXCLUDING = """
import sys
sys.path.insert(0, sys.argv[1])
import contents
for name in contents.EXCLUDED:
    sys.modules[name] = None  # any import of it fails
from diffviz.cli.main import main
said = ["--steps", "2", "--samples", "1", "--quiet", "--plots", "alpha_bar"]
raise SystemExit(any(main(["export", "reverse", sys.argv[2] + ending, *said]) for ending in ("webp", "svg", "pdf")))
"""


def test_the_program_computes_without_what_is_excluded(tmp_path: Path) -> None:
    """torch, too, gets along without the modules that stay out."""
    command = [sys.executable, "-c", EXCLUDING, str(PACKAGING), str(tmp_path / "o.")]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, timeout=150)
    assert ended.returncode == 0, ended.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"o.webp", "o.svg", "o.pdf"}


def test_the_desktop_entry_is_one() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment, method-assign]
    entry.read(PACKAGING / "diffviz.desktop", encoding="utf-8")
    section = entry["Desktop Entry"]
    assert section["Type"] == "Application"
    assert section["Exec"] == "diffviz %f"
    assert (ROOT / "resources" / "icons" / f"{section['Icon']}.png").is_file()


def test_the_build_knows_the_licences_of_what_is_inside() -> None:
    inside = {name.lower() for name in load("build").inside()}
    assert {"torch", "numpy", "pillow", "pyside6_essentials", "pyqtgraph", "safetensors", "shtab"} <= inside
    assert {"matplotlib", "fonttools", "contourpy", "python-dateutil"} <= inside
    assert not inside & {"pytest", "mypy", "hypothesis", "diffusers", "pyinstaller"}
