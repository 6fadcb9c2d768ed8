"""Painting of a scene's samples and of the marks over them, all in device pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QRegion

from diffviz.ui.sample_viewer.layout import Box, Hit, Scene, Viewport
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.pixmaps import Atlas

PIXEL_RING = 4

Target = tuple[int, QRect]


def qrect(box: Box) -> QRect:
    """`box` for Qt."""
    return QRect(box.x, box.y, box.width, box.height)


def paint_samples(painter: QPainter, body: QRect, targets: Sequence[Target], atlas: Atlas, smooth: bool) -> None:
    """Draw the samples of `atlas` at `targets`, clipped to `body`: nearest neighbour, unless they are made smaller.

    `targets` are (sample, where) of those to be drawn.
    """
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    for sample, target in targets:
        page, part = atlas.page(sample), atlas.part(sample)
        if smooth or body.contains(target):
            painter.drawImage(target, page, part)
        elif target.intersects(body):
            _paint_visible(painter, target, body, page, part)


def paint_frames(painter: QPainter, targets: Sequence[QRect]) -> None:
    """A hairline around each sample, so that a white image ends somewhere on a white panel."""
    painter.setPen(QPen(theme.color("edge"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRects([target.adjusted(-1, -1, 0, 0) for target in targets])


def _paint_visible(painter: QPainter, target: QRect, body: QRect, page: QImage, part: QRect) -> None:
    """Draw only the pixels in sight: at 64× a sample of 512² would be larger than the painter's coordinates."""
    across, down = target.width() / part.width(), target.height() / part.height()
    seen = target.intersected(body)
    left, top = int((seen.x() - target.x()) / across), int((seen.y() - target.y()) / down)
    right = min(math.ceil((seen.x() + seen.width() - target.x()) / across), part.width())
    bottom = min(math.ceil((seen.y() + seen.height() - target.y()) / down), part.height())
    source = QRectF(part.x() + left, part.y() + top, right - left, bottom - top)
    where = QRectF(target.x() + left * across, target.y() + top * down, source.width() * across, source.height() * down)
    painter.drawImage(where, page, source)


def paint_hit(painter: QPainter, scene: Scene, viewport: Viewport, hit: Hit) -> None:
    """Mark the pixel under the pointer in all panes."""
    region = QRegion()
    for body in scene.bodies:
        region += qrect(body)
    painter.setClipRegion(region)
    index = scene.samples.index(hit.sample)
    for pane in range(len(scene.bodies)):
        box = scene.tile(pane, index, viewport)
        across, down = box.width / scene.size[1], box.height / scene.size[0]
        mark = QRectF(box.x + hit.column * across, box.y + hit.row * down, across, down)
        grow = 1 if across >= PIXEL_RING else PIXEL_RING - across / 2
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("ground"), 3))
        painter.drawRect(mark.adjusted(-grow, -grow, grow - 1, grow - 1))
        painter.setPen(QPen(theme.color("cursor"), 1))
        painter.drawRect(mark.adjusted(-grow, -grow, grow - 1, grow - 1))


def paint_ring(painter: QPainter, box: Box, width: float) -> None:
    """Mark the sample that the keyboard is at."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color("cursor"), width))
    painter.drawRect(qrect(box).adjusted(-1, -1, 0, 0))
