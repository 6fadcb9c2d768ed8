"""Figures of each model in columns: of the path's point at the cursor, and of the selected picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout

from diffviz.domain import frames, latent, plots
from diffviz.domain.arrays import U8
from diffviz.domain.glossary import meaning
from diffviz.domain.text import tr
from diffviz.families import path
from diffviz.ui.widgets import math_label, pixmaps, words
from diffviz.ui.widgets.controls import heading, label
from diffviz.ui.widgets.format import NOTHING, figure, signed
from diffviz.ui.widgets.view import Shown, View

MODELS = 2


class Columns:
    """A table of figures: names on the left, one column of figures for each of two models.

    `rows` are notation (of `mathtext`) and tooltip by name.
    """

    def __init__(self, rows: dict[str, tuple[str, str]]) -> None:
        self.grid = QGridLayout()
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(12)
        self.grid.setVerticalSpacing(5)
        self.grid.setColumnStretch(0, 1)
        self.titles = [_value("quiet") for _ in range(MODELS)]
        self.values: dict[str, list[QLabel]] = {}
        self._names = {name: math_label.plain(text) for name, (text, _) in rows.items()}
        for model, title in enumerate(self.titles):
            self.grid.addWidget(title, 0, model + 1)
        for row, (name, (text, tip)) in enumerate(rows.items(), 1):
            self._add(row, name, text, tip)

    def set_titles(self, titles: Sequence[str]) -> None:
        """Show one column for each of `titles`."""
        for model, title in enumerate(self.titles):
            there = model < len(titles)
            title.setText(titles[model] if there else "")
            for name, values in self.values.items():
                values[model].setVisible(there)
                values[model].setAccessibleName(" · ".join(filter(None, (self._names[name], title.text()))))

    def _add(self, row: int, name: str, text: str, tip: str) -> None:
        caption = label("", "quiet", wrap=True)
        caption.setTextFormat(Qt.TextFormat.RichText)
        caption.setText(math_label.rich(text))
        caption.setToolTip(tip)
        self.grid.addWidget(caption, row, 0)
        self.values[name] = [_value("") for _ in range(MODELS)]
        for model, value in enumerate(self.values[name]):
            words.explain(value, tip, text)
            self.grid.addWidget(value, row, model + 1)


class ModelFigures(View):
    """Pictures in a row, of each model one in squares of `side` pixels called `name`, over the figures of `rows`.

    `rows` are notation and tooltip by name. Where `first` is given, it is called so and stands before the models'
    pictures.
    """

    def __init__(self, title: str, side: int, name: str, rows: dict[str, tuple[str, str]], first: str = "") -> None:
        super().__init__()
        self.pictures = [pixmaps.PictureBox(side, name, "data") for _ in range(MODELS)]
        self.captions = [label("", "quiet") for _ in range(MODELS)]
        self._first = pixmaps.PictureBox(side, first, "data") if first else None
        self.columns = Columns(rows)
        self._arrange(title)

    def _arrange(self, title: str) -> None:
        boxes = QGridLayout()
        boxes.setSpacing(4)
        first = [(self._first, label("x", "quiet"))] if self._first else []
        for place, (box, caption) in enumerate((*first, *zip(self.pictures, self.captions, strict=True))):
            caption.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            boxes.addWidget(box, 0, place)
            boxes.addWidget(caption, 1, place)
        boxes.setColumnStretch(MODELS + 1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(heading(title))
        column.addLayout(boxes)
        column.addLayout(self.columns.grid)

    def draw(self, shown: Shown) -> None:
        """Nothing follows the cursor, unless a subclass says so."""

    def set_titles(self, titles: Sequence[str]) -> None:
        """Show one picture and one column for each of `titles`."""
        self.columns.set_titles(titles)
        for model, (box, caption) in enumerate(zip(self.pictures, self.captions, strict=True)):
            box.setVisible(model < len(titles))
            title = titles[model] if model < len(titles) else ""
            caption.setText(f"x′ · {title}" if title and self._first else title)

    def show_texts(self, model: int, texts: Mapping[str, str], why: str = "") -> None:
        """Write the column of a model, by the names of the rows; of a dash, `why` it is one."""
        for name, text in texts.items():
            words.show_figure(self.columns.values[name][model], text, why)


def _value(role: str) -> QLabel:
    made = label("", role)
    if not role:
        words.show_figure(made, NOTHING, tr("nothing is shown yet"))
    made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return made


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
        if shown.a is None or not isinstance(frame, frames.PathFrame) or self._key == (shown.a.id, frame.position):
            return
        self._key = (shown.a.id, frame.position)
        for model in range(len(frame.x)):
            self.pictures[model].show_values(frame.x[model])
            self._show(model, frame)

    def text(self, name: str, model: int) -> str:
        """What is written in row `name` for a model."""
        return self.columns.values[name][model].text()

    def _show(self, model: int, frame: frames.PathFrame) -> None:
        z = frame.z[model][np.isfinite(frame.z[model])]
        coordinates = ", ".join(signed(float(v), 2).strip() for v in z[:MOST_COORDINATES])
        texts = {
            "z": f"({coordinates}{', …' if len(z) > MOST_COORDINATES else ''})",
            "norm": figure(float(frame.norm[model])),
            "sharpness": figure(float(frame.sharpness[model])),
            "nearest": NOTHING if frame.nearest is None else figure(float(frame.nearest[model])),
            "cycle": figure(float(frame.cycle[model])),
        }
        self.show_texts(model, texts, tr("there is no classifier of this data set to measure the distance with"))


def _rows() -> dict[str, tuple[str, str]]:
    labels = {"z": "z"} | {plot.key: plot.label for plot in path.plots(plots.PlotData())}
    return {name: (label, meaning("vae", name)) for name, label in labels.items()}


SELECTED_SIDE = 92
ABOVE = 10


class SelectedPictureView(ModelFigures):
    """x, and for each model x′, −ELBO, KL and error."""

    def __init__(self) -> None:
        super().__init__(
            tr("Selected picture"), SELECTED_SIDE, tr("Reconstruction x′"), _bound_rows(), tr("The picture x")
        )
        self._pixels: U8 | None = None
        self.setContentsMargins(0, ABOVE, 0, 0)

    @property
    def picture(self) -> pixmaps.PictureBox:
        """Where the picture itself is."""
        assert self._first is not None
        return self._first

    def show_picture(self, pixels: U8 | None) -> None:
        """Show the picture itself; what models made of another one is shown no more."""
        if pixels is not self._pixels:
            self._pixels = pixels
            for model in range(MODELS):
                self.pictures[model].show_values(None)
                self.show_texts(
                    model, dict.fromkeys(_bound_rows(), NOTHING), tr("the model has not seen this picture yet")
                )
        self.picture.show_pixels(pixels)

    def show_answer(self, model: int, found: latent.Explained) -> None:
        """Show what a model makes of it."""
        self.pictures[model].show_values(found.mean)
        texts = {
            "elbo": NOTHING if found.elbo is None else signed(found.elbo, 1).strip(),
            "kl": NOTHING if found.elbo is None else figure(float(found.kl.sum())),
            "error": figure(found.error),
        }
        self.show_texts(model, texts, tr("an AE has no q(z|x) and no p(x|z)"))


def _bound_rows() -> dict[str, tuple[str, str]]:
    labels = {"elbo": tr("ELBO, nats"), "kl": tr("Σ KL, nats"), "error": tr("squared error")}
    return {name: (label, meaning("vae", name)) for name, label in labels.items()}
