"""The point of the path at the cursor: what each model decodes there, and its figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from diffviz.domain.frames import PathFrame
from diffviz.domain.text import tr
from diffviz.ui.forms.controls import heading, label
from diffviz.ui.views.figures import NOTHING, figure, signed
from diffviz.ui.views.picture_box import PictureBox
from diffviz.ui.views.view import Shown, View

SIDE = 142
MODELS = 2
MOST_COORDINATES = 2


class Columns:
    """A table of figures: names on the left, one column of figures for each of two models."""

    def __init__(self, rows: dict[str, tuple[str, str]]) -> None:
        self.grid = QGridLayout()
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(12)
        self.grid.setVerticalSpacing(5)
        self.grid.setColumnStretch(0, 1)
        self.titles = [_value("quiet") for _ in range(MODELS)]
        self.values: dict[str, list[QLabel]] = {}
        for model, title in enumerate(self.titles):
            self.grid.addWidget(title, 0, model + 1)
        for row, (name, (text, tip)) in enumerate(rows.items(), 1):
            self._add(row, name, text, tip)

    def set_titles(self, titles: Sequence[str]) -> None:
        """Show one column for each of `titles`."""
        for model, title in enumerate(self.titles):
            there = model < len(titles)
            title.setText(titles[model] if there else "")
            for values in self.values.values():
                values[model].setVisible(there)

    def _add(self, row: int, name: str, text: str, tip: str) -> None:
        caption = label(text, "quiet", wrap=True)
        caption.setToolTip(tip)
        self.grid.addWidget(caption, row, 0)
        self.values[name] = [_value("") for _ in range(MODELS)]
        for model, value in enumerate(self.values[name]):
            value.setToolTip(tip)
            value.setAccessibleName(text)
            self.grid.addWidget(value, row, model + 1)


class PathPointView(View):
    """Pictures and figures of each model: z, ‖z‖, sharpness, distance to real images, and the cycle's error."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pictures = [PictureBox(SIDE, tr("Decoded image"), "data") for _ in range(MODELS)]
        self.columns = Columns(_rows())
        self._key: tuple[int, float] | None = None
        pictures = QHBoxLayout()
        pictures.setSpacing(6)
        for picture in self.pictures:
            pictures.addWidget(picture)
        pictures.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(heading(tr("At the cursor")))
        column.addLayout(pictures)
        column.addLayout(self.columns.grid)

    def set_titles(self, titles: Sequence[str]) -> None:
        """Show one column for each of `titles`."""
        self._key = None
        self.columns.set_titles(titles)
        for model, picture in enumerate(self.pictures):
            picture.setVisible(model < len(titles))

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
        for name, text in texts.items():
            self.columns.values[name][model].setText(text)


def _rows() -> dict[str, tuple[str, str]]:
    return {
        "z": ("z", tr("The latent point; its first coordinates where it has more than two.")),
        "norm": ("‖z‖", tr("Distance from the origin: N(0, I) in D dimensions has a norm of about √D for large D.")),
        "sharpness": (tr("sharpness"), tr("Root mean square of the discrete Laplacian; speckle has much of it too.")),
        "nearest": (
            tr("to the nearest real image"),
            tr("In the classifier's features, over the sample pictures: a distance in pixels would reward blur."),
        ),
        "cycle": ("‖E(D(z)) − z‖", tr("How far the decoded image's own code is from the point it was decoded from.")),
    }


def _value(role: str) -> QLabel:
    made = label(NOTHING if not role else "", role)
    made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return made
