"""The selected picture in short: itself, what each model makes of it, and the figures of its bound."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from diffviz.domain.latent import Explained
from diffviz.domain.text import tr
from diffviz.ui.forms.controls import heading
from diffviz.ui.views.figures import NOTHING, figure, signed
from diffviz.ui.views.path_point import MODELS, Columns
from diffviz.ui.views.picture_box import PictureBox

SIDE = 92


class SelectedPictureView(QWidget):
    """x, and for each model x′, −ELBO, KL and error."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = PictureBox(SIDE, tr("The picture x"), "data")
        self.means = [PictureBox(SIDE, tr("Reconstruction x′"), "data") for _ in range(MODELS)]
        self.columns = Columns(_rows())
        pictures = QHBoxLayout()
        pictures.setSpacing(6)
        for box in (self.picture, *self.means):
            pictures.addWidget(box)
        pictures.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 0)
        column.setSpacing(8)
        column.addWidget(heading(tr("Selected picture: x, x′")))
        column.addLayout(pictures)
        column.addLayout(self.columns.grid)

    def set_titles(self, titles: Sequence[str]) -> None:
        """Show one column for each of `titles`."""
        self.columns.set_titles(titles)
        for model, box in enumerate(self.means):
            box.setVisible(model < len(titles))

    def show_picture(self, pixels: NDArray[np.uint8] | None) -> None:
        """Show the picture itself."""
        self.picture.show_pixels(pixels)

    def show_answer(self, model: int, found: Explained) -> None:
        """Show what a model makes of it."""
        self.means[model].show_values(found.mean)
        texts = {
            "elbo": NOTHING if found.elbo is None else signed(found.elbo, 1).strip(),
            "kl": NOTHING if found.elbo is None else figure(float(found.kl.sum())),
            "error": figure(found.error),
        }
        for name, text in texts.items():
            self.columns.values[name][model].setText(text)


def _rows() -> dict[str, tuple[str, str]]:
    return {
        "elbo": (tr("ELBO, nats"), tr("Lower bound of log p(x), by draws of z; an AE has none.")),
        "kl": (tr("Σ KL, nats"), tr("KL(q(z|x) ‖ p(z)) over all latent dimensions; an AE has no q(z|x).")),
        "error": (tr("squared error"), tr("Mean squared error of x′ at this z, in the data range −1 … 1.")),
    }
