"""The settings of a person are found again."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path

from tests.legacy.program import FOLDER, Preferences, expected


def test_every_setting_and_the_layout_are_found_again(qapp: object, tmp_path: Path) -> None:
    told = expected()["settings"]
    shutil.copy(FOLDER / "diffviz.ini", tmp_path)
    preferences = Preferences(tmp_path / "diffviz.ini")
    assert preferences.set_aside == ()
    assert {name: preferences[name] for name in told["values"]} == told["values"]
    layout = preferences.layout("window")
    assert layout is not None
    assert layout.data() == base64.b64decode(told["layout"])
