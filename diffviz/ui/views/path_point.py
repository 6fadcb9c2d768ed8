"""The point of the path at the cursor: what each model decodes there, and its figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from diffviz.domain.frames import PathFrame
from diffviz.domain.text import tr
from diffviz.ui.forms.controls import heading, label
from diffviz.ui.views.figures import NOTHING, figure, signed
from diffviz.ui.views.picture_box import PictureBox
from diffviz.ui.views.view import Shown, View

SIDE = 140
MOST_COORDINATES = 2


class PathPointView(View):
    """Two columns, one for each model: picture, z, ‖z‖, sharpness, distance to real images, and the cycle's error."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pictures = [PictureBox(SIDE, tr("Decoded image"), "data") for _ in range(2)]
        self.titles = [label("", "quiet") for _ in range(2)]
        self.values: dict[str, list[QLabel]] = {}
        self._key: tuple[int, float] | None = None
        self._arrange()

    def set_titles(self, titles: Sequence[str]) -> None:
        """Show one column for each of `titles`."""
        for i, title in enumerate(self.titles):
            title.setText(titles[i] if i < len(titles) else "")
            for widget in (title, self.pictures[i], *(values[i] for values in self.values.values())):
                widget.setVisible(i < len(titles))

    def draw(self, shown: Shown) -> None:
        """Show the frame at the cursor; without one, what was shown stays."""
        frame = shown.frame
        if shown.a is None or not isinstance(frame, PathFrame) or self._key == (shown.a.id, frame.position):
            return
        self._key = (shown.a.id, frame.position)
        for i in range(len(frame.x)):
            self.pictures[i].show_values(frame.x[i])
            self._show(i, frame)

    def text(self, name: str, model: int) -> str:
        """What is written in row `name` for a model."""
        return self.values[name][model].text()

    def _show(self, i: int, frame: PathFrame) -> None:
        z = frame.z[i][np.isfinite(frame.z[i])]
        coordinates = ", ".join(signed(float(v), 2).strip() for v in z[:MOST_COORDINATES])
        self.values["z"][i].setText(f"({coordinates}{', …' if len(z) > MOST_COORDINATES else ''})")
        self.values["norm"][i].setText(figure(float(frame.norm[i])))
        self.values["sharpness"][i].setText(figure(float(frame.sharpness[i])))
        self.values["nearest"][i].setText(NOTHING if frame.nearest is None else figure(float(frame.nearest[i])))
        self.values["cycle"][i].setText(figure(float(frame.cycle[i])))

    def _arrange(self) -> None:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        for i in range(2):
            grid.addWidget(self.titles[i], 0, i)
            grid.addWidget(self.pictures[i], 1, i)
        for row, (name, (text, tip)) in enumerate(_rows().items()):
            caption = label(text, "quiet")
            caption.setToolTip(tip)
            grid.addWidget(caption, 2 + 2 * row, 0, 1, 2)
            self.values[name] = [QLabel(NOTHING) for _ in range(2)]
            for i, value in enumerate(self.values[name]):
                value.setToolTip(tip)
                value.setAccessibleName(text)
                grid.addWidget(value, 3 + 2 * row, i)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(heading(tr("At the cursor")))
        column.addLayout(grid)


def _rows() -> dict[str, tuple[str, str]]:
    return {
        "z": ("z", tr("The latent point; its first coordinates where it has more than two.")),
        "norm": ("‖z‖", tr("Distance from the origin: N(0, I) in D dimensions has a norm of about √D for large D.")),
        "sharpness": (tr("sharpness"), tr("Root mean square of the discrete Laplacian; speckle has much of it too.")),
        "nearest": (
            tr("distance to the nearest real image"),
            tr("In the classifier's features, over the sample pictures: a distance in pixels would reward blur."),
        ),
        "cycle": ("‖E(D(z)) − z‖", tr("How far the decoded image's own code is from the point it was decoded from.")),
    }
