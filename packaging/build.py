"""Builds the standalone program: the folder dist/diffviz, and one archive of it with desktop entry, icon and licences.

Run as `python packaging/build.py` from the checkout (`make package`), with PyInstaller and the program's dependencies.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
FOLDER = DIST / "diffviz"
MOST_UNPACKED, MOST_ARCHIVE = 780 << 20, 290 << 20
DEBIAN_LICENCE = Path(f"/usr/share/doc/python{sys.version_info.major}.{sys.version_info.minor}/copyright")
NAMES = ("LICEN[CS]E*", "COPYING*", "NOTICE*", "AUTHORS*")


def main() -> int:
    """Build, add, check, pack; 1 where it is larger than it may be."""
    sys.path.insert(0, str(ROOT))
    from diffviz import __version__

    if cuda := cuda_of_torch():
        raise SystemExit(
            f"The bundle takes a CPU build of torch, this one is for CUDA {cuda}: install the CPU build first."
        )
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN"]
    work = ["--distpath", str(DIST), "--workpath", str(ROOT / "build" / "package")]
    subprocess.run([*command, *work, str(ROOT / "packaging" / "diffviz.spec")], check=True, cwd=ROOT)
    strip(FOLDER / "_internal" / "torch" / "lib")
    add_licences(FOLDER / "licences")
    if sys.platform.startswith("linux"):
        add_desktop_entry(FOLDER / "share")
    packed = pack(f"diffviz-{__version__}-{sys.platform}-{platform.machine()}")
    models = size(FOLDER / "_internal" / "models")
    unpacked, archive = size(FOLDER) - models, packed.stat().st_size
    sizes = [f"{n / 2**20:.0f} MB" for n in (unpacked, models, archive)]
    print(f"unpacked {sizes[0]}, and {sizes[1]} of models; {packed.name} {sizes[2]}")
    return int(unpacked > MOST_UNPACKED or archive > MOST_ARCHIVE)


def strip(libraries: Path) -> None:
    """Take the symbols out of torch's own libraries: 80 MB that only a debugger reads.

    Not those of others: the wheels of numpy and Pillow carry libraries that no longer load once they are stripped.
    """
    if sys.platform.startswith("linux") and shutil.which("strip"):
        for name in ("libtorch_cpu.so", "libtorch_python.so"):
            subprocess.run(["strip", "--strip-unneeded", str(libraries / name)], check=True)


def cuda_of_torch() -> str:
    """The CUDA that torch was built for, empty for a CPU build."""
    import torch

    return torch.version.cuda or ""


def add_licences(target: Path) -> None:
    """Copy the licence texts of all that is inside: Python, every distribution, fonts, icons, data, models."""
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "LICENSE", target / "diffviz.txt")
    shutil.copy(python_licence(), target / "Python.txt")
    for name in inside():
        files = metadata.distribution(name).files or ()
        texts = [file for file in files if any(Path(file.name).match(pattern) for pattern in NAMES)]
        folder = target / name
        for i, file in enumerate(texts):
            folder.mkdir(exist_ok=True)
            shutil.copy(Path(str(file.locate())), folder / f"{i:02}-{Path(file.name).name}.txt")
        if not texts:
            folder.mkdir(exist_ok=True)
            (folder / "licence.txt").write_text(stated(name), encoding="utf-8")
    for pattern in ("fonts/LICENSE*", "icons/*LICENSE*", "samples/*/LICEN*"):
        for file in (ROOT / "resources").glob(pattern):
            shutil.copy(file, target / f"{file.parent.name}-{file.name}")
    (target / "INDEX.txt").write_text("\n".join(inside()) + "\n", encoding="utf-8")


def inside() -> list[str]:
    """Distributions with a module in the bundle: those that diffviz needs, and what these need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: set[str] = set()
    waiting = list(project["dependencies"])
    while waiting:
        need = requirement(waiting.pop())
        if need and need not in found:
            found.add(need)
            waiting += metadata.requires(need) or ()
    return sorted(found, key=str.lower)


def requirement(line: str) -> str:
    """The distribution that the requirement `line` asks for, where it applies here and is installed; else nothing."""
    from packaging.requirements import Requirement

    need = Requirement(line)
    if need.marker is not None and not need.marker.evaluate({"extra": ""}):
        return ""
    try:
        return metadata.metadata(need.name)["Name"]
    except metadata.PackageNotFoundError:
        return ""


def stated(name: str) -> str:
    """What a distribution without a licence text says of its licence."""
    about = metadata.metadata(name)
    licences = [about.get("License-Expression") or about.get("License") or "", *about.get_all("Classifier", [])]
    lines = [line for line in licences if line and ("License" in line or "::" not in line)]
    return "\n".join([f"{name} {about['Version']}", *lines, about.get("Home-page") or "", ""])


def python_licence() -> Path:
    """The licence text of this Python."""
    base = Path(sys.base_prefix)
    places = (Path(os.__file__).parent / "LICENSE.txt", base / "LICENSE.txt", base / "LICENSE", DEBIAN_LICENCE)
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise SystemExit("The licence text of this Python was not found.")
    return found


def add_desktop_entry(share: Path) -> None:
    """Add what a desktop needs to list and draw the program."""
    applications, icons = share / "applications", share / "icons" / "hicolor"
    applications.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "packaging" / "diffviz.desktop", applications)
    for name, folder in (("diffviz.png", "256x256"), ("diffviz.svg", "scalable")):
        target = icons / folder / "apps"
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "resources" / "icons" / name, target)


def pack(name: str) -> Path:
    """The folder as one archive: ZIP on Windows, else tar with xz, on all cores where there is a program for it."""
    if sys.platform == "win32":
        archive = DIST / f"{name}.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
            for path in sorted(FOLDER.rglob("*")):
                file.write(path, Path(name) / path.relative_to(FOLDER))
        return archive
    archive = DIST / f"{name}.tar.xz"
    if shutil.which("xz"):
        with archive.open("wb") as out:
            packer = subprocess.Popen(["xz", "-3", "-T0", "-c"], stdin=subprocess.PIPE, stdout=out)
            assert packer.stdin is not None
            with tarfile.open(fileobj=packer.stdin, mode="w|") as tar:
                tar.add(FOLDER, name)
            packer.stdin.close()
            if packer.wait():
                raise SystemExit("xz failed")
        return archive
    with tarfile.open(archive, "w:xz") as tar:
        tar.add(FOLDER, name)
    return archive


def size(folder: Path) -> int:
    """Bytes of all files in `folder`; a link counts as nothing."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


if __name__ == "__main__":
    sys.exit(main())
