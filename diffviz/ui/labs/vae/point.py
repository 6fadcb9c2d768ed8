"""The point of the path at the cursor, and the selected picture: what each model makes of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from diffviz.domain.arrays import U8
from diffviz.domain.frames import PathFrame
from diffviz.domain.latent import Explained
from diffviz.domain.plots import PlotData
from diffviz.domain.text import tr
from diffviz.families import path
from diffviz.ui.labs.vae.model_figures import ModelFigures
from diffviz.ui.widgets.format import NOTHING, figure, signed
from diffviz.ui.widgets.picture_box import PictureBox
from diffviz.ui.widgets.view import Shown

SIDE = 142
MOST_COORDINATES = 2


class PathPointView(ModelFigures):
    """Pictures and figures of each model: z, ‖z‖, sharpness, distance to real images, and the cycle's error."""

    def __init__(self) -> None:
        super().__init__(tr("At the cursor"), SIDE, tr("Decoded image"), _rows())
        self._key: tuple[int, float] | None = None

    def set_titles(self, titles: Sequence[str]) -> None:
        """Show one column for each of `titles`."""
        super().set_titles(titles)
        self._key = None

    def draw(self, shown: Shown) -> None:
        """Show the frame at the cursor; without one, what was shown stays."""
        frame = shown.frame
        if shown.a is None or not isinstance(frame, PathFrame) or self._key == (shown.a.id, frame.position):
            return
        self._key = (shown.a.id, frame.position)
        for model in range(len(frame.x)):
            self.pictures[model].show_values(frame.x[model])
            self._show(model, frame)

    def text(self, name: str, model: int) -> str:
        """What is written in row `name` for a model."""
        return self.columns.values[name][model].text()

    def _show(self, model: int, frame: PathFrame) -> None:
        z = frame.z[model][np.isfinite(frame.z[model])]
        coordinates = ", ".join(signed(float(v), 2).strip() for v in z[:MOST_COORDINATES])
        texts = {
            "z": f"({coordinates}{', …' if len(z) > MOST_COORDINATES else ''})",
            "norm": figure(float(frame.norm[model])),
            "sharpness": figure(float(frame.sharpness[model])),
            "nearest": NOTHING if frame.nearest is None else figure(float(frame.nearest[model])),
            "cycle": figure(float(frame.cycle[model])),
        }
        self.show_texts(model, texts)


def _rows() -> dict[str, tuple[str, str]]:
    z = ("z", tr("The latent point; its first coordinates where it has more than two."))
    more = {
        "nearest": tr(
            "In the classifier's features, over the sample pictures: a distance in pixels would reward blur."
        ),
        "sharpness": tr("Root mean square of the discrete Laplacian; speckle has much of it too."),
        "norm": tr("Distance from the origin: N(0, I) in D dimensions has a norm of about √D for large D."),
        "cycle": tr("How far the decoded image's own code is from the point it was decoded from."),
    }
    return {"z": z, **{plot.key: (plot.label, more[plot.key]) for plot in path.plots(PlotData())}}


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
