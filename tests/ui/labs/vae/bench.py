"""The VAE lab over a real worker and engine, with tiny models of real pictures."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtGui import QUndoStack
from pytestqt.qtbot import QtBot

from diffviz.domain.cards import Card
from diffviz.domain.engine import Engine
from diffviz.domain.frames import PathFrame
from diffviz.domain.latent import PathRequest
from diffviz.families import plan_of
from diffviz.session.engines import WorkerClient
from diffviz.session.player import Player
from diffviz.session.run import Run, RuntimeEstimator, Status
from diffviz.session.session import Session
from diffviz.ui.labs.vae.lab import VaeLab
from tests.toys import save_classifier, save_vae

REAL = "Fashion-MNIST"
SHAPE = (1, 28, 28)
LONG = 60_000


def save_models(root: Path) -> dict[str, Card]:
    """A VAE and an AE in two dimensions, a VAE in five, one of another likelihood, and a classifier."""
    made = [
        save_vae(root, "vae", SHAPE, dataset=REAL),
        save_vae(root, "ae", SHAPE, kind="ae", dataset=REAL),
        save_vae(root, "deep", SHAPE, latent=5, dataset=REAL),
        save_vae(root, "deep-ae", SHAPE, latent=5, kind="ae", dataset=REAL),
        save_vae(root, "strange", SHAPE, latent=3, dataset="nobody's"),
        save_vae(root, "mixed", SHAPE, likelihood={"name": "logistic", "components": 2}, dataset=REAL),
        save_classifier(root, dataset=REAL, side=28, classes=10),
    ]
    return {card.id: card for card in made}


class LabBench:
    """A lab that is shown and active."""

    def __init__(self, qtbot: QtBot, cards: dict[str, Card], model: str = "vae") -> None:
        self._qtbot = qtbot
        self.session = Session(WorkerClient(partial(real_engine, cards)), plan_of, cards)
        self.player = Player(self.session)
        self.undo = QUndoStack()
        self.lab = VaeLab(self.session, self.player, self.undo, RuntimeEstimator())
        qtbot.addWidget(self.lab)
        self.lab.resize(1300, 820)
        self.lab.set_model(cards[model])
        self.lab.set_active(True)
        self.lab.show()
        self.lab.start_first()

    @property
    def request(self) -> PathRequest:
        return self.lab.form.request()

    @property
    def run(self) -> Run:
        assert self.session.a is not None
        return self.session.a

    def settled(self) -> PathFrame:
        """Wait until the path of the form has been computed and drawn; its first frame."""
        session = self.session
        self._qtbot.waitUntil(
            lambda: session.a is not None and session.a.status is Status.FINISHED and session.a.request == self.request,
            timeout=LONG,
        )
        self.lab.draw()
        frame = self.run.store[0]
        assert isinstance(frame, PathFrame)
        return frame

    def mapped(self) -> None:
        """Wait until every map has its points and anchors."""
        shown = self.lab.stage.maps[: len(self.lab.cards)]
        self._qtbot.waitUntil(lambda: all(view.scene.points is not None for view in shown), timeout=LONG)
        self.settled()
        self._qtbot.waitUntil(lambda: self._anchored(), timeout=LONG)

    def close(self) -> None:
        self.player.pause()
        self.lab.close_lab()
        assert self.session.close()

    def _anchored(self) -> bool:
        self.lab.draw()
        return all(len(view.scene.anchors) > 1 for view in self.lab.stage.maps[: len(self.lab.cards)])


def real_engine(cards: dict[str, Card]) -> Engine:
    from diffviz.engine.engine import LocalEngine

    return LocalEngine(cards, "cpu")
