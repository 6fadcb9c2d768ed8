"""The Diffusion lab over a real worker and engine."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtGui import QUndoStack
from pytestqt.qtbot import QtBot

from diffviz.domain.cards import Card
from diffviz.families import plan_of
from diffviz.session.engines import WorkerClient
from diffviz.session.player import Player
from diffviz.session.preferences import Preferences
from diffviz.session.run import RuntimeEstimator
from diffviz.session.session import Session
from diffviz.ui.labs.diffusion.lab import DiffusionLab
from tests.toys import save_classifier, save_diffusion
from tests.ui.labs.vae.bench import real_engine

SHAPE = (1, 28, 28)
REAL = "Fashion-MNIST"
LONG = 60_000
T = 100


class DiffusionBench:
    """The lab, shown and active, with the models of `cards`; the one called `model` is chosen."""

    def __init__(self, qtbot: QtBot, root: Path, cards: dict[str, Card], model: str = "") -> None:
        self._qtbot = qtbot
        self.session = Session(WorkerClient(partial(real_engine, cards)), plan_of, cards)
        self.undo = QUndoStack()
        self.player = Player(self.session)
        self.preferences = Preferences(root / "p.ini")
        self.lab = DiffusionLab(self.session, self.player, self.undo, self.preferences, RuntimeEstimator())
        qtbot.addWidget(self.lab)
        self.lab.resize(1300, 820)
        if model:
            self.lab.set_model(cards[model])
        self.lab.set_active(True)
        self.lab.show()
        self.lab.start_first()

    def close(self) -> None:
        self.player.pause()
        self.lab.close_lab()
        assert self.session.close()


class ClassifiedBench(DiffusionBench):
    """The lab with a tiny conditional model of T = 100, called "toy", and a classifier of its data."""

    def __init__(self, qtbot: QtBot, root: Path) -> None:
        made = [
            save_diffusion(root, "toy", SHAPE, classes=10, dataset=REAL, timesteps=T),
            save_classifier(root, dataset=REAL, side=28, classes=10),
        ]
        super().__init__(qtbot, root, {card.id: card for card in made}, "toy")
