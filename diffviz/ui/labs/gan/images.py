"""Images with what D says of each under it, as many as there is room for; real and generated ones side by side.

Generated images above the training pictures nearest to them, in the classifier's features: are they memorised?
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from diffviz.domain import errors, samples
from diffviz.domain.arrays import F32
from diffviz.domain.gan import Drawn, GanFrame, GanRequest, Neighbours, Pictures
from diffviz.domain.gan_verdicts import Leaning
from diffviz.domain.text import tr
from diffviz.theory.gan_distributions import mixture_of
from diffviz.ui.gallery.picture_source import training_pictures
from diffviz.ui.widgets import painting, pixmaps, theme
from diffviz.ui.widgets.controls import captioned, heading, label
from diffviz.ui.widgets.format import figure, signed

GAP, CAPTION, BAR = 6, 15, 3
ENOUGH = 12
KEYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class JudgedImages(QWidget):
    """`images` (N, C, H, W) of −1 … 1, and `judged` (N,), D of each. Signals: `hovered(index)`, −1 for none."""

    hovered = Signal(int)

    def __init__(self, name: str, hue: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hue = hue
        self.images: F32 = np.empty((0, 1, 28, 28), np.float32)
        self.judged: F32 = np.empty(0, np.float32)
        self.leaning = Leaning()
        self.current = -1
        self._layer, self._edition = painting.Layer(), 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(150, 130)
        self.setAccessibleName(name)

    def show_images(self, images: F32, judged: F32, leaning: Leaning) -> None:
        """Show these images, and what D says of them."""
        self.images, self.judged, self.leaning = images, judged, leaning
        self._edition += 1
        self._describe()
        self.update()

    def layout_of(self) -> tuple[int, int, int]:
        """How many columns, by what whole number images are enlarged, and how many are shown: `ENOUGH` will do."""
        count = len(self.images)
        for scale in range(8, 0, -1):
            columns, rows = self._room(scale)
            if columns * rows >= min(count, ENOUGH):
                return columns, scale, min(count, columns * rows)
        columns, rows = self._room(1)
        return max(1, columns), 1, min(count, max(1, columns) * max(1, rows))

    def box(self, index: int) -> QRectF:
        """Where image `index` is."""
        columns, scale, shown = self.layout_of()
        width, height = self._size(scale)
        rows = -(-shown // columns)
        left = (self.width() - columns * (width + GAP) + GAP) / 2
        top = (self.height() - rows * (height + CAPTION + GAP) + GAP) / 2
        row, column = divmod(index, columns)
        return QRectF(round(left) + column * (width + GAP), round(top) + row * (height + CAPTION + GAP), width, height)

    def index_at(self, at: QPointF) -> int:
        """The image under a pixel, −1 for none."""
        shown = self.layout_of()[2]
        grown = (self.box(i).adjusted(0, 0, 0, CAPTION) for i in range(shown))
        return next((i for i, box in enumerate(grown) if box.contains(at)), -1)

    def sizeHint(self) -> QSize:
        return QSize(330, 300)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            key = (self._edition, theme.palette().name)
            self._layer.paint(painter, self.size(), key, self._paint_all)
            if 0 <= self.current < self.layout_of()[2]:
                painter.setPen(QPen(theme.color("cursor"), 2))
                painter.drawRect(self.box(self.current).adjusted(-2, -2, 2, CAPTION))
            elif self.hasFocus():
                painter.setPen(QPen(theme.color("cursor"), 1))
                painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._choose(self.index_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._choose(-1)

    def focusOutEvent(self, event: object) -> None:
        self._choose(-1)

    def event(self, event: QEvent) -> bool:
        """Arrow keys are not the timeline's while the images have the keyboard."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in KEYS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = KEYS.get(Qt.Key(event.key()))
        if step is None or not len(self.images):
            super().keyPressEvent(event)
        else:
            self._choose(min(max(self.current + step, 0), self.layout_of()[2] - 1))

    def _choose(self, index: int) -> None:
        if index != self.current:
            self.current = index
            self.hovered.emit(index)
            self.update()

    def _size(self, scale: int) -> tuple[int, int]:
        return self.images.shape[3] * scale, self.images.shape[2] * scale

    def _room(self, scale: int) -> tuple[int, int]:
        width, height = self._size(scale)
        return (self.width() - 4 + GAP) // (width + GAP), (self.height() - 4 + GAP) // (height + CAPTION + GAP)

    def _describe(self) -> None:
        finite = self.judged[np.isfinite(self.judged)]
        mean = signed(float(finite.mean())).strip() if len(finite) else "–"
        self.setAccessibleDescription(
            tr("{n} images; D says {mean} of them on average").format(n=len(self.images), mean=mean)
        )

    def _paint_all(self, painter: QPainter) -> None:
        painter.setFont(theme.font(10))
        for index in range(self.layout_of()[2]):
            box = self.box(index)
            painter.drawImage(box, pixmaps.to_image(self.images[index]))
            if index < len(self.judged):
                self._paint_answer(painter, box, float(self.judged[index]))

    def _paint_answer(self, painter: QPainter, box: QRectF, answer: float) -> None:
        """A bar from the threshold towards "real" or "generated", and the number where there is room."""
        if not np.isfinite(answer):
            return
        share = float(self.leaning.of(answer))
        hue = theme.color("alpha_bar" if share >= 0 else "generated")
        line = QRectF(box.left(), box.bottom() + 1, box.width(), BAR)
        painter.fillRect(line, theme.color("edge"))
        middle = line.center().x()
        painter.fillRect(QRectF(middle, line.top(), share * line.width() / 2, BAR), hue)
        painter.setPen(hue if abs(share) > 0.1 else theme.color("quiet"))
        text = f"{answer:.2f}".replace("-", "−")
        room = QRectF(box.left() - GAP / 2, line.bottom(), box.width() + GAP, CAPTION - BAR)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)


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
