"""The window opens whatever lies in the folders that it reads beforehand, and says what it could not use."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from diffviz import paths
from diffviz.cli.main import main
from diffviz.ui.window.model_picker import ModelPicker
from tests.hostile import DOCUMENTS
from tests.ui.conftest import Opener

CARD = (
    '{"name": "Toy", "family": "diffusion", "shape": %s, "prediction": "v", "schedule": {"name": "cosine"},'
    ' "architecture": {"net": "unet"}, "version": %s}'
)
CARDS = {
    **DOCUMENTS,
    "a shape beyond a double": (CARD % ("[1e400, 28, 28]", 1)).encode(),
    "a newer version": (CARD % ("[1, 28, 28]", 999)).encode(),
    "a version beyond a double": (CARD % ("[1, 28, 28]", "1e999")).encode(),
}
SETTINGS = """[General]
budget_mb=--5
theme=@Rect(1 2 3 4)
device=quantum
mirrored=perhaps
recent=/nowhere\\0\\n/there
format=9
[layout]
window=@ByteArray(\\x1\\xd9\\xd0\\xcb\\0\\x3\\0\\0\\xff\\xff\\xff\\xff)
diffusion=7
"""


@pytest.fixture
def damaged(home: Path) -> Path:
    """Folders of models and settings, all of which are damaged."""
    for i, data in enumerate(CARDS.values()):
        folder = paths.user_models() / f"damaged-{i}"
        folder.mkdir(parents=True)
        (folder / "card.json").write_bytes(data)
    paths.config_home().mkdir(parents=True)
    (paths.config_home() / "diffviz.ini").write_text(SETTINGS)
    return home


def test_the_window_opens_and_says_what_is_damaged(damaged: Path, qtbot: QtBot, open_app: Opener) -> None:
    app = open_app()
    said = app.window.notice.text.text()
    for name in ("budget_mb", "theme", "device", "mirrored", "recent", "newer diffviz"):
        assert name in said
    picker = app.window.findChild(ModelPicker)
    assert picker is not None
    tips = {
        picker.itemText(i): str(picker.itemData(i, Qt.ItemDataRole.ToolTipRole))
        for i in range(picker.count())
        if "cannot be used" in picker.itemText(i)
    }
    assert {name.partition(" ")[0] for name in tips} == {f"damaged-{i}" for i in range(len(CARDS))}
    assert all("card.json" in tip for tip in tips.values())
    qtbot.waitUntil(lambda: app.session.a is not None and len(app.session.a.store) > 0)
    assert (app.preferences["budget_mb"], app.window.documents.recent) == (512, ())


def test_commands_work_beside_damaged_models(damaged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    out = capsys.readouterr()
    assert "fashion-ddpm" in out.out
    assert out.err.count("card.json") == len(CARDS)
    assert main(["info"]) == 0
