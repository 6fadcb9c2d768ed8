"""Two Gaussians as data and samples: the divergences that separate them, and what the best possible D makes of it."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from diffviz.domain.text import tr
from diffviz.theory.divergences import Divergences
from diffviz.theory.gan.discriminator import smallest
from diffviz.ui.instruments.kl import JS, KlPanel
from diffviz.ui.widgets.controls import label

LOWEST = 120


class DivergencePage(QWidget):
    """The panel of two Gaussians below a first line, `head`, with JS first: it is what a GAN's loss comes to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head = QHBoxLayout()
        self.head.setSpacing(8)
        title = label(tr("two distributions in one dimension, apart from any run"), "quiet")
        title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.head.addWidget(title, 1)
        self.kl = KlPanel(height=LOWEST, which=JS, remark=said_of_d)
        self.kl.chart.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self.head)
        column.addWidget(self.kl, 1)


def said_of_d(found: Divergences) -> str:
    """What the best possible D's loss is, where p is the data and q what G makes."""
    text = tr(
        "With p the data and q what G makes: the best possible D(x) = p / (p + q) has the minimax loss log 4 − 2 JS = "
        "{loss} nats, and a G that works against it makes JS ({bits} bits) small. Where p = q, D says ½ everywhere and "
        "its loss is log 4 = {most} (Goodfellow et al. 2014, theorem 1)."
    )
    loss, bits = smallest(found.js), found.js / math.log(2)
    return text.format(loss=f"{loss:.3f}", bits=f"{bits:.3f}", most=f"{math.log(4):.3f}")
