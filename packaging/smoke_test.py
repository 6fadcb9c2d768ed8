"""Tries the standalone program where there is no Python, no source tree and nothing in the home folder.

Run as `python packaging/smoke_test.py [FOLDER]` (`make package-test`). On Linux as root the program runs in a root of
its own (chroot in a mount namespace) that holds the system's libraries and the bundle alone; elsewhere its environment
is emptied. Exit code 0 when everything passed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
MOST_SECONDS = 1.5
EXPECTED_LICENCES = ("diffviz.txt", "Python.txt", "torch", "numpy", "pillow", "PySide6_Essentials", "fonts-LICENSE.txt")


class Place:
    """Where the program runs. `home` is an empty folder, as it is called there."""

    def __init__(self, bundle: Path, root: Path) -> None:
        self.root = root
        self.isolated = sys.platform.startswith("linux") and os.geteuid() == 0 and bool(shutil.which("unshare"))
        self.bundle = "/opt/diffviz" if self.isolated else str(bundle)
        self.home = "/home/person" if self.isolated else str(root / "home")
        self._real_bundle = bundle
        for folder in ("home/person", "opt/diffviz", "tmp", "dev", "proc", *(path[1:] for path in LIBRARIES)):
            (root / folder).mkdir(parents=True, exist_ok=True)

    def command(self, *arguments: str) -> list[str]:
        """How to run the program with `arguments`."""
        name = "diffviz-console.exe" if sys.platform == "win32" else "diffviz"
        program = [f"{self.bundle}/{name}", *arguments]
        if not self.isolated:
            return program
        mounts = [f"mount --rbind {path} {self.root}{path}" for path in LIBRARIES if Path(path).is_dir()]
        mounts += [f"mount --bind {self._real_bundle} {self.root}/opt/diffviz", f"mount --rbind /dev {self.root}/dev"]
        mounts += [f"mount -t proc proc {self.root}/proc"]
        script = " && ".join([*mounts, f'exec chroot {self.root} "$@"'])
        return ["unshare", "--mount", "--fork", "--pid", "--kill-child", "sh", "-c", script, "sh", *program]

    def environment(self) -> dict[str, str]:
        """No search path but the system's for what starts the program, no display, an empty home."""
        kept = {"SYSTEMROOT": os.environ["SYSTEMROOT"]} if sys.platform == "win32" else {}
        path = "/usr/sbin:/usr/bin:/sbin:/bin" if self.isolated else "/nowhere"
        return {**kept, "PATH": path, "HOME": self.home, "LANG": "C.UTF-8"}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The program with `arguments`, to its end."""
        return subprocess.run(
            self.command(*arguments), env=self.environment(), capture_output=True, text=True, timeout=600, check=False
        )

    def real(self, path: str) -> Path:
        """Where `path` of the program lies outside."""
        return self.root / path.lstrip("/") if self.isolated else Path(path)


def main(arguments: Sequence[str]) -> int:
    """Try everything; the number of failures, at most 1."""
    bundle = Path(arguments[0]) if arguments else ROOT / "dist" / "diffviz"
    with tempfile.TemporaryDirectory(prefix="diffviz-smoke-", ignore_cleanup_errors=True) as root:
        place = Place(bundle.resolve(), Path(root))
        print("in a root of its own" if place.isolated else "in an emptied environment", flush=True)
        if place.isolated:
            assert place.run("--version").returncode == 0
            no_python(place)
        results = [selftest(place), *exports(place), training(place), window(place), licences(bundle)]
    print(f"{sum(results)} passed, {results.count(False)} failed")
    return int(not all(results))


def no_python(place: Place) -> None:
    """There is no Python and no source tree in the root: what is tried can use neither."""
    assert not list(place.root.glob("usr/bin/*"))
    assert not list(place.root.glob("bin/*"))


def told(passed: bool, what: str, more: str = "") -> bool:
    """Say how it went."""
    print(f"{'ok' if passed else 'FAILED':8}{what}  {more}".rstrip(), flush=True)
    return passed


def selftest(place: Place) -> bool:
    """Every lab computes and draws."""
    done = place.run("selftest", "--json")
    parts = [part["name"] for part in json.loads(done.stdout)] if done.stdout else []
    return told(done.returncode == 0, "selftest", ", ".join(parts) or done.stderr[-400:])


def exports(place: Place) -> list[bool]:
    """A file of every format that can be written there, and one that is opened again."""
    info, cards = (json.loads(place.run(command, "--json").stdout) for command in ("info", "models"))
    model = next(name for name, card in cards.items() if card["family"] == "diffusion")
    results = []
    for name, lacks in info["formats"].items():
        if lacks:
            told(True, f"export {name}", f"not tried: {lacks}")
            continue
        suffix = {"sequence": "", "sheet": ".png", "plot": ".png"}.get(name, f".{name}")
        out = f"{place.home}/{name}{suffix}"
        words = ["--format", name, "--model", model, "--steps", "4", "--samples", "2", "--quiet", "--json"]
        done = place.run("export", "reverse", out, *words)
        passed = done.returncode == 0 and place.real(out).exists()
        results.append(told(passed, f"export {name}", done.stdout.strip() or done.stderr[-400:]))
    again = place.run("export", "again", f"{place.home}/gif.gif", f"{place.home}/again.png", "--quiet")
    results.append(told(again.returncode == 0, "export again", again.stderr[-400:]))
    path = place.run("export", "path", f"{place.home}/path.gif", "--frames", "4", "--quiet")
    results.append(told(path.returncode == 0, "export path", path.stderr[-400:]))
    return results


def training(place: Place) -> bool:
    """A few steps on the sample data inside: training takes parts of torch that sampling does not."""
    data = f"{place.bundle}/_internal/resources/samples/digits"
    small = ["--images", "64", "--batch", "32", "--width", "16", "--levels", "2", "--depth", "1", "--quiet"]
    done = place.run("train", "diffusion", "--data", data, "--out", f"{place.home}/model", *small)
    there = place.real(f"{place.home}/model/weights.safetensors").exists()
    return told(done.returncode == 0 and there, "training", done.stderr[-400:])


def window(place: Place) -> bool:
    """Seconds from the start of the program to the painted window, the second time."""
    best = min(first_paint(place) for _ in range(3))
    return told(best <= MOST_SECONDS, "painted window", f"{best:.2f} s warm, {MOST_SECONDS} s allowed")


def first_paint(place: Place) -> float:
    """Seconds until the self-test says that the window is painted."""
    start = time.monotonic()
    process = subprocess.Popen(
        place.command("selftest"), env=place.environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    seconds = time.monotonic() - start
    process.kill()  # unshare, which starts it, heeds nothing less, and takes the program with it
    process.wait(60)
    process.stdout.close()
    return seconds


def licences(bundle: Path) -> bool:
    """A text for everything that is inside."""
    folder = bundle / "licences"
    names = (folder / "INDEX.txt").read_text(encoding="utf-8").split()
    lacking = [name for name in names if not any((folder / name).iterdir())]
    lacking += [name for name in EXPECTED_LICENCES if not (folder / name).exists()]
    return told(not lacking, "licence texts", ", ".join(lacking) or f"of {len(names)} libraries and of what is inside")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
