"""Real and generated images side by side, with D(x) under each."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from diffviz.domain.arrays import F32
from diffviz.domain.gan import GanFrame
from diffviz.domain.gan_leaning import Leaning
from diffviz.domain.text import tr
from diffviz.ui.forms.controls import label
from diffviz.ui.gan.captioned import captioned
from diffviz.ui.gan.images import JudgedImages
from diffviz.ui.views.figures import signed


class ImagePair(QWidget):
    """The images of a frame. Signals: `said(text)` of the image under the pointer, empty for none."""

    said = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.real = JudgedImages(tr("Real images"), "alpha_bar")
        self.fake = JudgedImages(tr("Generated images"), "generated")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(18)
        for caption, grid in ((tr("real x"), self.real), (tr("generated G(z)"), self.fake)):
            row.addWidget(captioned(label(caption, "small"), grid), 1)
        self.fake.hovered.connect(self._on_fake)
        self.real.hovered.connect(self._on_real)

    def show_frame(self, frame: GanFrame, leaning: Leaning) -> None:
        """Show the images of `frame`, and what D says of them."""
        self.real.show_images(frame.real, frame.d_real, leaning)
        self.fake.show_images(frame.fake, frame.d_fake, leaning)

    def show_data(self, real: F32) -> None:
        """Show the data alone: there is neither a G nor a D."""
        for grid, images in ((self.real, real), (self.fake, real[:0])):
            grid.show_images(images, np.empty(0, np.float32), Leaning())

    @Slot(int)
    def _on_real(self, index: int) -> None:
        self._say(self.real, index, tr("real"))

    @Slot(int)
    def _on_fake(self, index: int) -> None:
        self._say(self.fake, index, tr("generated"))

    def _say(self, grid: JudgedImages, index: int, kind: str) -> None:
        text = ""
        if 0 <= index < len(grid.judged):
            text = tr("{kind} image {n} · D = {d}")
            text = text.format(kind=kind, n=index + 1, d=signed(float(grid.judged[index])).strip())
        self.said.emit(text)
