"""What a widget shows, as numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget

Pixels = NDArray[np.int16]


def grab(widget: QWidget, scale: float = 1.0) -> Pixels:
    """`widget` as (H, W, 3), painted at `scale` device pixels a pixel."""
    size = widget.size() * scale
    image = QImage(size, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    widget.render(image, QPoint())
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return flat[:, : image.width(), 2::-1].astype(np.int16)


def like(pixels: Pixels, color: QColor, tolerance: int = 12) -> NDArray[np.bool_]:
    """Where `pixels` have `color`, (H, W)."""
    wanted = np.array([color.red(), color.green(), color.blue()])
    return np.asarray((np.abs(pixels - wanted) <= tolerance).all(axis=-1))
