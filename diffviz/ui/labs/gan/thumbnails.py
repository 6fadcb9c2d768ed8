"""Frames of a GAN as small pictures: points in two dimensions, or the first sixteen generated images."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QPolygonF

from diffviz.domain.arrays import F32
from diffviz.domain.gan import EXTENT, GanFrame
from diffviz.session.run import Run
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.pixmaps import to_image

SIDE, GRID = 56, 4
KEPT, POINTS = 512, 160
REACH = 0.85 * EXTENT


class GanThumbnails:
    """Pictures of the generated samples in frames of a run, made once and kept."""

    def __init__(self) -> None:
        self._owner: tuple[object, ...] = ()
        self._images: dict[tuple[int, int], QImage] = {}

    def shape(self, run: Run) -> tuple[int, int] | None:
        """Width and height of the pictures of `run`, or None while it has none."""
        frame = run.store[0] if len(run.store) else None
        if not isinstance(frame, GanFrame):
            return None
        if frame.fake.ndim == 2:
            return SIDE, SIDE
        return GRID * frame.fake.shape[3], GRID * frame.fake.shape[2]

    def image(self, run: Run, index: int, sample: int, size: tuple[int, int]) -> QImage | None:
        """Frame `index` of `run` in `size` (width, height) pixels."""
        owner = (size, theme.palette().name)
        if owner != self._owner or len(self._images) > KEPT:
            self._owner, self._images = owner, {}
        key = (run.id, index)
        if key not in self._images:
            frame = run.store[index]
            if not isinstance(frame, GanFrame):
                return None
            self._images[key] = points_image(frame, size) if frame.fake.ndim == 2 else grid_image(frame, size)
        return self._images[key]


def points_image(frame: GanFrame, size: tuple[int, int]) -> QImage:
    """Real points under generated ones."""
    image = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(theme.blend("panel", "ground", 0.55))
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for points, hue, alpha in ((frame.real, "alpha_bar", 0.5), (frame.fake, "generated", 0.9)):
            pen = QPen(theme.color(hue, alpha), max(1.5, size[0] / 36))
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawPoints(_placed(points[:POINTS], size))
    return image


def grid_image(frame: GanFrame, size: tuple[int, int]) -> QImage:
    """The first images, four in a row."""
    tiles = frame.fake[: GRID * GRID]
    count, channels, height, width = tiles.shape
    whole = np.full((GRID * GRID, channels, height, width), -1, np.float32)
    whole[:count] = tiles
    rows = whole.reshape(GRID, GRID, channels, height, width).transpose(2, 0, 3, 1, 4)
    image = to_image(rows.reshape(channels, GRID * height, GRID * width))
    smooth = Qt.TransformationMode.SmoothTransformation
    fast = Qt.TransformationMode.FastTransformation
    way = smooth if size[0] < image.width() else fast
    return image.scaled(*size, Qt.AspectRatioMode.IgnoreAspectRatio, way)


def _placed(points: F32, size: tuple[int, int]) -> QPolygonF:
    across = (points[:, 0] / REACH + 1) / 2 * size[0]
    down = (1 - points[:, 1] / REACH) / 2 * size[1]
    return QPolygonF([QPointF(x, y) for x, y in zip(across.tolist(), down.tolist(), strict=True)])
