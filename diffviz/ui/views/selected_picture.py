"""The selected picture in short: itself, what each model makes of it, and the figures of its bound."""

from __future__ import annotations

from diffviz.domain.arrays import U8
from diffviz.domain.latent import Explained
from diffviz.domain.text import tr
from diffviz.ui.labs.vae.model_figures import ModelFigures
from diffviz.ui.views.figures import NOTHING, figure, signed
from diffviz.ui.widgets.picture_box import PictureBox

SELECTED_SIDE = 92
ABOVE = 10


class SelectedPictureView(ModelFigures):
    """x, and for each model x′, −ELBO, KL and error."""

    def __init__(self) -> None:
        super().__init__(
            tr("Selected picture"), SELECTED_SIDE, tr("Reconstruction x′"), _bound_rows(), tr("The picture x")
        )
        self.setContentsMargins(0, ABOVE, 0, 0)

    @property
    def picture(self) -> PictureBox:
        """Where the picture itself is."""
        assert self._first is not None
        return self._first

    def show_picture(self, pixels: U8 | None) -> None:
        """Show the picture itself."""
        self.picture.show_pixels(pixels)

    def show_answer(self, model: int, found: Explained) -> None:
        """Show what a model makes of it."""
        self.pictures[model].show_values(found.mean)
        texts = {
            "elbo": NOTHING if found.elbo is None else signed(found.elbo, 1).strip(),
            "kl": NOTHING if found.elbo is None else figure(float(found.kl.sum())),
            "error": figure(found.error),
        }
        self.show_texts(model, texts)


def _bound_rows() -> dict[str, tuple[str, str]]:
    return {
        "elbo": (tr("ELBO, nats"), tr("Lower bound of log p(x), by draws of z; an AE has none.")),
        "kl": (tr("Σ KL, nats"), tr("KL(q(z|x) ‖ p(z)) over all latent dimensions; an AE has no q(z|x).")),
        "error": (tr("squared error"), tr("Mean squared error of x′ at this z, in the data range −1 … 1.")),
    }
