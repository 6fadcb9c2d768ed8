"""Images with what D says of each under it, as many as there is room for; real and generated ones side by side.

Generated images above the training pictures nearest to them, in the classifier's features: are they memorised?
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QRectF, QSize, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from diffviz.domain import errors, panes, samples
from diffviz.domain.arrays import F32
from diffviz.domain.gan import Drawn, GanFrame, GanRequest, Neighbours, Pictures
from diffviz.domain.gan_verdicts import Leaning
from diffviz.domain.text import tr
from diffviz.theory.gan_distributions import mixture_of
from diffviz.ui.gallery.picture_source import training_pictures
from diffviz.ui.sample_viewer.pane_area import AreaPane, PaneArea
from diffviz.ui.sample_viewer.pictures import PicturesView
from diffviz.ui.widgets import painting, pixmaps, theme
from diffviz.ui.widgets.controls import captioned, heading, label
from diffviz.ui.widgets.format import figure, signed

CAPTION, BAR = 15, 3
ENOUGH = 12


class JudgedImages(PicturesView):
    """`images` (N, C, H, W) of −1 … 1, and `judged` (N,), D of each, under it; `kind` names one of them."""

    def __init__(self, name: str, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(CAPTION, ENOUGH, parent)
        self._kind = kind
        self.images: F32 = np.empty((0, 1, 28, 28), np.float32)
        self.judged: F32 = np.empty(0, np.float32)
        self.leaning = Leaning()
        self.setMinimumSize(150, 130)
        self.setAccessibleName(name)

    def show_images(self, images: F32, judged: F32, leaning: Leaning) -> None:
        """Show these images, and what D says of them."""
        self.images, self.judged, self.leaning = images, judged, leaning
        atlas = pixmaps.Atlas(images, panes.DATA_RANGE) if len(images) else None
        height, width = images.shape[2:]
        self.show_pictures(atlas, len(images), (height, width))
        self._describe()

    def words_of(self, index: int) -> str:
        """What D says of image `index`."""
        if index >= len(self.judged):
            return super().words_of(index)
        text = tr("{kind} image {n} · D = {d}")
        return text.format(kind=self._kind, n=index + 1, d=signed(float(self.judged[index])).strip())

    def sizeHint(self) -> QSize:
        return QSize(330, 300)

    def marks_under(self, box: QRectF, index: int) -> Iterator[painting.PaintMark]:
        """A bar from the threshold towards "real" or "generated", and the number where there is room."""
        answer = float(self.judged[index]) if index < len(self.judged) else np.nan
        if not np.isfinite(answer):
            return
        share = float(self.leaning.of(answer))
        hue = theme.color("alpha_bar" if share >= 0 else "generated")
        line = QRectF(box.left(), box.bottom() + 1, box.width(), BAR)
        yield painting.Rect(line, theme.color("edge"))
        yield painting.Rect(QRectF(line.center().x(), line.top(), share * line.width() / 2, BAR), hue)
        room = QRectF(box.left() - 2, line.bottom(), box.width() + 4, CAPTION - BAR)
        text, hue = f"{answer:.2f}".replace("-", "−"), hue if abs(share) > 0.1 else theme.color("quiet")
        yield painting.Words(room, text, theme.font(10), hue)

    def _describe(self) -> None:
        finite = self.judged[np.isfinite(self.judged)]
        mean = signed(float(finite.mean())).strip() if len(finite) else "–"
        self.setAccessibleDescription(
            tr("{n} images; D says {mean} of them on average").format(n=len(self.images), mean=mean)
        )


class ImagePair(QWidget):
    """The images of a frame. Signals: `said(text)` of the image under the pointer, empty for none."""

    said = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.real = JudgedImages(tr("Real images"), tr("real"))
        self.fake = JudgedImages(tr("Generated images"), tr("generated"))
        self.area = PaneArea()
        panes = {"real": (tr("real x"), self.real), "fake": (tr("generated G(z)"), self.fake)}
        for _, grid in panes.values():
            grid.pointed.connect(self._on_pointed)
        self.area.set_panes(
            {
                key: AreaPane(name, captioned(label(name, "small"), grid), grid.scale_in)
                for key, (name, grid) in panes.items()
            }
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.area)

    def show_frame(self, frame: GanFrame, leaning: Leaning) -> None:
        """Show the images of `frame`, and what D says of them."""
        self.real.show_images(frame.real, frame.d_real, leaning)
        self.fake.show_images(frame.fake, frame.d_fake, leaning)

    def show_data(self, real: F32) -> None:
        """Show the data alone: there is neither a G nor a D."""
        for grid, images in ((self.real, real), (self.fake, real[:0])):
            grid.show_images(images, np.empty(0, np.float32), Leaning())

    @Slot(int)
    def _on_pointed(self, index: int) -> None:
        grid = self.sender()
        known = isinstance(grid, JudgedImages) and 0 <= index < len(grid.judged)
        self.said.emit(grid.words_of(index) if known and isinstance(grid, JudgedImages) else "")


POINTS, IMAGES = 400, 36


def real_of(request: GanRequest) -> F32:
    """Some of the data: points (N, 2), or images (N, C, H, W) of −1 … 1; none where there are none."""
    data = request.data
    if isinstance(data, Pictures):
        return _images(data)
    if isinstance(data, Drawn) and not data.points:
        return np.empty((0, 2), np.float32)
    return mixture_of(data).sample(POINTS, np.random.default_rng(request.seed)).astype(np.float32)


def _images(data: Pictures) -> F32:
    try:
        known = samples.load(data.dataset)
    except errors.DiffvizError:
        return np.empty((0, 1, 28, 28), np.float32)
    pixels = known.images[list(known.one_of_each(IMAGES))]
    channels = pixels[:, None] if pixels.ndim == 3 else pixels.transpose(0, 3, 1, 2)
    return channels.astype(np.float32) / np.float32(127.5) - 1


SIDE, SHOWN = 38, 6


class NeighboursView(QWidget):
    """Pairs of a generated image and the training picture nearest to it.

    `trained` is how many pictures the GAN is trained on, 0 where that is not known.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.trained = 0
        self.fake = [pixmaps.PictureBox(SIDE, tr("Generated image"), "generated") for _ in range(SHOWN)]
        self.real = [pixmaps.PictureBox(SIDE, tr("Nearest training picture"), "alpha_bar") for _ in range(SHOWN)]
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
        """Show the generated images; their neighbours come later, and those of others go."""
        self.note.setText("")
        for box in self.real:
            box.show_values(None)
            box.setToolTip("")
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
