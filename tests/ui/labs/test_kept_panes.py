"""Each lab finds the panes that a person chose again, and no other lab's."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from diffviz.session.run import RuntimeEstimator
from diffviz.ui.labs.registry import AppContext, LabRegistry
from diffviz.ui.sample_viewer.arrangement import COLUMN
from diffviz.ui.sample_viewer.panes import PaneButton
from tests.ui.labs.diffusion.bench import DiffusionBench


def test_each_lab_finds_its_panes_again(qtbot: QtBot, tmp_path: Path) -> None:
    bench = DiffusionBench(qtbot, tmp_path, {})
    tools = AppContext(bench.session, bench.player, bench.undo, bench.preferences, RuntimeEstimator())
    registries = [LabRegistry(tools), LabRegistry(tools)]

    def button(number: int, name: str) -> PaneButton:
        lab = registries[number][name]
        qtbot.addWidget(lab)
        found = lab.panes()
        assert found is not None
        return found

    first = button(0, "diffusion")
    first.offer({"noisy": "x_t", "noise": "ε"})
    first.lay(COLUMN)
    first.set_shown("noise", False)
    again, other = button(1, "diffusion"), button(1, "gan")
    assert again.choice == first.choice
    assert again.choice.how == COLUMN
    assert again.choice.hidden == frozenset({"noise"})
    assert other.choice != first.choice
    for registry in registries:
        for lab in registry.there():
            lab.close_lab()
    bench.close()
