"""Small pictures from pixels, crisp: enlarged by whole device pixels, averaged where they must shrink."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap

from diffviz.domain.arrays import U8
from diffviz.domain.levels import opacities
from diffviz.ui.widgets import theme


def qimage(pixels: U8) -> QImage:
    """`pixels`, uint8 (H, W), (H, W, 3) or (H, W, 4), as a picture that owns its memory."""
    data = np.ascontiguousarray(pixels)
    kinds = {2: QImage.Format.Format_Grayscale8}
    colour = {3: QImage.Format.Format_RGB888, 4: QImage.Format.Format_RGBA8888}
    kind = kinds.get(data.ndim) or colour[data.shape[-1]]
    return QImage(data.data, data.shape[1], data.shape[0], data.strides[0], kind).copy()


def tinted(shares: NDArray[np.floating], hue: str, most: float = 1.0) -> U8:
    """A layer (H, W, 4) in the palette's `hue`, as opaque as `shares` (H, W) of `most` say."""
    colour = theme.color(hue)
    pixels = np.empty((*shares.shape, 4), np.uint8)
    pixels[..., :3] = colour.red(), colour.green(), colour.blue()
    pixels[..., 3] = opacities(shares, most)
    return pixels


def thumbnail(pixels: U8, side: int, ratio: float) -> QPixmap:
    """`pixels` within `side` × `side` points on a screen with `ratio` device pixels per point."""
    room, longest = int(side * ratio), max(pixels.shape[:2])
    if longest > room:
        small = Pillow.fromarray(pixels)
        small.thumbnail((room, room), Pillow.Resampling.BOX)
        made = QPixmap.fromImage(qimage(np.asarray(small)))
    else:
        whole = qimage(pixels)
        size = whole.size() * (room // longest)
        fast = Qt.TransformationMode.FastTransformation
        made = QPixmap.fromImage(whole.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, fast))
    made.setDevicePixelRatio(ratio)
    return made
