"""No dash in a figure of the labs without a reason, on hover and for screen readers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from diffviz.theory.gan_verdict import Past
from diffviz.ui.labs.diffusion.instant import InstantView
from diffviz.ui.labs.gan.verdict import GanVerdictView
from diffviz.ui.labs.vae.latent_quality import FaultColumn
from diffviz.ui.labs.vae.point import PathPointView, SelectedPictureView
from diffviz.ui.labs.vae.vae_diagram import MachineRow
from diffviz.ui.widgets.figures import FigureLine
from diffviz.ui.widgets.format import NOTHING


def instant() -> QWidget:
    view = InstantView()
    view.clear(None)
    return view


def verdict() -> QWidget:
    view = GanVerdictView(lambda _run, _position: ((), Past()))
    view.clear(None)
    return view


def faults() -> QWidget:
    column = FaultColumn()
    column.show_problem("There is no classifier.")
    return column


@pytest.mark.parametrize("make", [instant, verdict, faults, PathPointView, SelectedPictureView, MachineRow])
def test_every_dash_says_why(qtbot: QtBot, make: Callable[[], QWidget]) -> None:
    view = make()
    qtbot.addWidget(view)
    shown: list[QLabel | FigureLine] = [*view.findChildren(QLabel), *view.findChildren(FigureLine)]
    dashes = [each for each in shown if each.text() == NOTHING]
    assert len(dashes) >= 3 or make is verdict
    for each in dashes:
        assert f"{NOTHING}: " in each.toolTip()
        assert f"{NOTHING}: " in each.whatsThis()
