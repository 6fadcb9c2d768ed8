"""Looks at every place of the program in one process, and writes what is wrong there as JSON lines.

`python -m tests.layout WIDTH HEIGHT LOOKS [--places NAMES] [--pictures FOLDER]`, LOOKS being themes and languages, as
`dark-en,light-ko`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QWidget

if TYPE_CHECKING:
    from tests.golden.desk import Desk

PASSES = 3
FRAME = (4, 40)
"""What a desktop puts around a window."""


def look_around(size: tuple[int, int], looks: Sequence[str], names: Sequence[str], pictures: Path | None) -> None:
    """Go everywhere in every one of `looks`, and print what is wrong."""
    import pytest

    from diffviz.ui.window.main_window import DRAWER_WIDTH
    from tests.golden.desk import Desk
    from tests.layout.audit import faults_of
    from tests.layout.tour import PLACES
    from tests.toys import add_walk

    add_walk(pytest.MonkeyPatch())
    desk = Desk()
    for look in looks:
        theme, language = look.split("-")
        for name in names or PLACES:
            desk.look(size, theme, language)
            desk.app.window._bar.drawer.setChecked(size[0] >= DRAWER_WIDTH)
            widget = PLACES[name](desk)
            settle(desk, widget)
            print(json.dumps([look, name, [str(fault) for fault in faults_of(widget)]]), flush=True)
            if pictures is not None:
                desk.photograph(widget, pictures / f"{name}-{look}-{size[0]}.png")
            desk.put_away()
    desk.close()


def settle(desk: Desk, widget: QWidget) -> None:
    """Wait until all that is in sight has been drawn, and what grew by that has its room."""
    for _ in range(PASSES):
        desk.rest()
        widget.grab()
    desk.rest()
    QApplication.processEvents()


def found(size: tuple[int, int], scale: float, looks: Sequence[str], folder: Path) -> list[tuple[str, str, list[str]]]:
    """What is wrong in a process, on a screen as large as the window: (look, place, faults) of every place."""
    from tests.golden.desk import environment

    folder.mkdir(parents=True, exist_ok=True)
    screen = {"name": "one", "x": 0, "y": 0, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    screen |= {"width": round((size[0] + FRAME[0]) * scale), "height": round((size[1] + FRAME[1]) * scale)}
    config = folder / "screen.json"
    config.write_text(json.dumps({"screens": [screen]}), encoding="utf-8")
    ours = {"QT_SCALE_FACTOR": str(scale), "QT_QPA_PLATFORM": f"offscreen:configfile={config}"}
    command = [sys.executable, "-m", "tests.layout", str(size[0]), str(size[1]), ",".join(looks)]
    done = subprocess.run(command, env=environment(folder) | ours, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


def main() -> None:
    """Act on the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.layout", description=__doc__)
    parser.add_argument("width", type=int)
    parser.add_argument("height", type=int)
    parser.add_argument("looks")
    parser.add_argument("--places", nargs="*", default=[])
    parser.add_argument("--pictures", type=Path)
    asked = parser.parse_args()
    look_around((asked.width, asked.height), asked.looks.split(","), asked.places, asked.pictures)


if __name__ == "__main__":
    main()
