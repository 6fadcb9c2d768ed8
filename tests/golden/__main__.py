"""Photographs the screens of the table: `python -m tests.golden --record [NAMES]` keeps them as they are now.

NAMES may have `*` in them; without any, all are recorded. Pictures that are the same as those that are kept are left
alone. `python -m tests.golden --take GROUP FOLDER` only puts those of one group into a folder, with `--slow`
the slow ones too.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path

import numpy as np

from tests.golden import KEPT, pictures
from tests.golden.screens import TABLE, Screen, screens_of


def take(group: str, folder: Path, *, slow: bool) -> None:
    """Photograph the screens of `group` in this process, into `folder`; the tests' own changes of them beside them."""
    import pytest

    from tests.golden.desk import Desk
    from tests.toys import add_walk

    add_walk(pytest.MonkeyPatch())
    desk = Desk()
    for screen in screens_of(group, slow=slow):
        desk.look(screen.size, screen.theme, screen.language)
        desk.photograph(screen.show(desk), folder / f"{screen.name}.png")
        for name, change in screen.changes.items():
            with contextmanager(change)(desk):
                desk.photograph(desk.app.window, folder / f"{screen.name}.{name}.png")
        desk.put_away()
    desk.close()


def taken(group: str, folder: Path, *, slow: bool = True) -> Path:
    """Photograph the screens of `group` in a process of its own; `folder`, with one picture for each."""
    from tests.golden.desk import environment

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "tests.golden", "--take", group, str(folder), *(["--slow"] if slow else [])]
        done = subprocess.run(command, env=environment(Path(home)), check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def record(names: Sequence[str]) -> None:
    """Keep those called `names` as they are now, and say which have changed."""
    wanted = [screen for screen in TABLE if not names or any(fnmatch(screen.name, name) for name in names)]
    for group in dict.fromkeys(screen.group for screen in wanted):
        with tempfile.TemporaryDirectory() as folder:
            taken(group, Path(folder))
            for screen in (screen for screen in wanted if screen.group == group):
                _keep(screen, Path(folder))
    if not names:
        for gone in {path.stem for path in KEPT.glob("*.png")} - {screen.name for screen in TABLE}:
            (KEPT / f"{gone}.png").unlink()


def _keep(screen: Screen, folder: Path) -> None:
    now, path = pictures.rounded(pictures.read(folder / f"{screen.name}.png")), KEPT / f"{screen.name}.png"
    if path.exists() and np.array_equal(pictures.read(path), now):
        return
    pictures.write(now, path)
    print(f"{screen.name}: {path.stat().st_size / 1000:.0f} kB")


def main() -> None:
    """Act on the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden", description=__doc__)
    parser.add_argument("--record", nargs="*", metavar="NAME")
    parser.add_argument("--take", nargs=2, metavar=("GROUP", "FOLDER"))
    parser.add_argument("--slow", action="store_true")
    asked = parser.parse_args()
    if asked.take:
        take(asked.take[0], Path(asked.take[1]), slow=asked.slow)
    elif asked.record is not None:
        record(asked.record)
    else:
        parser.print_help()


if __name__ == "__main__":
    main()
