"""Generated images above the training pictures nearest to them, in the classifier's features: are they memorised?"""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from diffviz.domain.gan import Neighbours
from diffviz.domain.text import tr
from diffviz.ui.gallery.sample_pictures import training_pictures
from diffviz.ui.widgets.controls import heading, label
from diffviz.ui.widgets.format import figure
from diffviz.ui.widgets.picture_box import PictureBox

SIDE, SHOWN = 38, 6


class NeighboursView(QWidget):
    """Pairs of a generated image and the training picture nearest to it.

    `trained` is how many pictures the GAN is trained on, 0 where that is not known.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.trained = 0
        self.fake = [PictureBox(SIDE, tr("Generated image"), "generated") for _ in range(SHOWN)]
        self.real = [PictureBox(SIDE, tr("Nearest training picture"), "alpha_bar") for _ in range(SHOWN)]
        self.note = label("", "small", wrap=True)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        for place, pair in enumerate(zip(self.fake, self.real, strict=True)):
            for row, box in enumerate(pair):
                grid.addWidget(box, row, place)
        grid.setColumnStretch(SHOWN, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(heading(tr("Nearest training pictures")))
        column.addLayout(grid)
        column.addWidget(self.note)

    def show_fake(self, images: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> None:
        """Show the generated images; their neighbours come later."""
        for index, box in enumerate(self.fake):
            box.show_values(images[index] if index < len(images) else None)

    def show_asked(self) -> None:
        """Say that they are being looked for."""
        self.note.setText(tr("looking for them…"))

    def show_answer(self, found: Neighbours) -> None:
        """Show the neighbours, and say how far they are."""
        for index, box in enumerate(self.real):
            there = index < len(found.images)
            box.show_values(found.images[index] if there else None)
            if there:
                box.setToolTip(tr("distance {d}").format(d=figure(float(found.distance[index]))))
        middle = figure(float(np.median(found.distance))) if len(found.distance) else "–"
        text = tr("median distance {d} in the classifier's features, to the nearest of {n}")
        among = training_pictures(found.count, self.trained)
        if found.seen < found.count:
            text = tr("median distance {d} in the classifier's features, to the nearest of {n}; looking on…")
            among = training_pictures(found.seen, found.count)
        self.note.setText(text.format(d=middle, n=among))

    def show_problem(self, text: str) -> None:
        """Say why there are none."""
        for box in self.real:
            box.show_values(None)
        self.note.setText(text)
