"""From arrays to pictures: one conversion per array, one buffer that stays alive behind its images.

One picture, enlarged by a whole number, whose pixels can be read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QImage, QPixmap, QPolygonF, QRegion
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from diffviz.domain.arrays import F32, U8, levels, opacities
from diffviz.domain.panes import Range
from diffviz.domain.text import tr
from diffviz.ui.widgets import painting, theme
from diffviz.ui.widgets.format import signed


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


# the painter counts source pixels in 16 bits
PAGE = 16384


def measured_range(images: F32) -> Range:
    """Smallest and largest finite value; a range of one value is widened around it."""
    low, high = float(np.min(images)), float(np.max(images))
    if not math.isfinite(low) or not math.isfinite(high):
        finite = images[np.isfinite(images)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (-1.0, 1.0)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def shrinking(scale: float) -> int:
    """By how much images are averaged down before they are drawn at `scale`: the painter halves well, not more."""
    return max(1, math.floor(1 / scale + 1e-6)) if scale < 1 else 1


def shrunk(images: F32, by: int) -> F32:
    """Means over blocks of `by` × `by` pixels of (N, C, H, W); what is left over at the edges is dropped."""
    if by == 1:
        return images
    height, width = images.shape[2] // by, images.shape[3] // by
    blocks = images[:, :, : height * by, : width * by].reshape(*images.shape[:2], height, by, width, by)
    mean: F32 = blocks.mean((3, 5))
    return mean


def grey_levels(images: F32, value_range: Range) -> U8:
    """(N, C, H, W) as contiguous uint8 (N, H, W) for grey and (N, H, W, 3) for colour; values outside are clipped.

    With neither one nor three channels the first is shown.
    """
    made = levels(images if images.shape[1] == 3 else images[:, :1], *value_range)
    return np.ascontiguousarray(made.transpose(0, 2, 3, 1)) if made.shape[1] == 3 else made[:, 0]


Target = tuple[int, QRect]
"""A sample, and where it is drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """An `image` whose upper left corner is drawn `at` a place, of which only the `region` holds anything."""

    at: QPoint
    image: QImage
    region: QRegion


class Atlas:
    """The pictures of one array (N, C, H, W), below each other on pages that share one buffer, kept here."""

    def __init__(self, images: F32, value_range: Range, shrink: int = 1) -> None:
        self.value_range = value_range
        self._buffer = grey_levels(shrunk(images, shrink), value_range)
        count, self._height, self._width = (int(n) for n in self._buffer.shape[:3])
        self._per_page: int = max(1, min(count, PAGE // self._height))
        self._parts = _below_each_other(self._per_page, self._height, self._width)
        self._pages: list[QImage] = [
            self._page(self._buffer[i : i + self._per_page]) for i in range(0, count, self._per_page)
        ]

    def image(self, sample: int) -> QImage:
        """A copy of one sample's picture."""
        return self.page(sample).copy(self.part(sample))

    def page(self, sample: int) -> QImage:
        """The image that `sample` is a part of."""
        return self._pages[sample // self._per_page]

    def part(self, sample: int) -> QRect:
        """Where on its page `sample` is."""
        return self._parts[sample % self._per_page]

    @property
    def nbytes(self) -> int:
        """How much memory its pictures take."""
        return self._buffer.nbytes

    def sheet(self, targets: Sequence[Target]) -> Sheet:
        """Its pictures at `targets`, all a whole number of times as large, as one; between them it is left open."""
        region, levels = QRegion(), self._buffer
        for _, place in targets:
            region += place
        whole, by = region.boundingRect(), targets[0][1].width() // self._width
        large = levels.repeat(by, axis=1).repeat(by, axis=2)
        made = np.zeros((whole.height(), whole.width(), *levels.shape[3:]), np.uint8)
        for sample, place in targets:
            left, top = place.x() - whole.x(), place.y() - whole.y()
            made[top : top + place.height(), left : left + place.width()] = large[sample]
        return Sheet(whole.topLeft(), qimage(made), region)

    def _page(self, levels: U8) -> QImage:
        colour = levels.ndim == 4
        kind = QImage.Format.Format_RGB888 if colour else QImage.Format.Format_Grayscale8
        stride = self._width * (3 if colour else 1)
        return QImage(levels.data, self._width, len(levels) * self._height, stride, kind)


@lru_cache(maxsize=64)
def _below_each_other(count: int, height: int, width: int) -> tuple[QRect, ...]:
    """The places of `count` pictures on a page."""
    return tuple(QRect(0, number * height, width, height) for number in range(count))


def to_image(data: F32) -> QImage:
    """`data` of shape (C, H, W), range [-1, 1], as an image of its own memory: grey, or colour for C = 3."""
    made = levels(data)
    return qimage(made.transpose(1, 2, 0) if len(made) == 3 else made[0])


def scaled(image: QImage, size: tuple[int, int]) -> QImage:
    """`image` in `size` (width, height) pixels: its own pixels seen where it is enlarged, their means where not."""
    smaller = size[0] < image.width()
    way = Qt.TransformationMode.SmoothTransformation if smaller else Qt.TransformationMode.FastTransformation
    return image.scaled(*size, Qt.AspectRatioMode.IgnoreAspectRatio, way)


def fit(width: int, height: int, room: tuple[float, float]) -> tuple[int, int]:
    """The size of a `width` × `height` picture within `room`: enlarged by a whole number, or made smaller."""
    scale = min(room[0] / width, room[1] / height)
    scale = float(int(scale)) if scale >= 1 else scale
    return max(1, round(width * scale)), max(1, round(height * scale))


def placed(points: NDArray[np.floating], reach: float, area: QRectF) -> QPolygonF:
    """Where `points` (N, 2) within ±`reach` lie on `area`."""
    across = area.left() + (points[:, 0] / reach + 1) / 2 * area.width()
    down = area.top() + (1 - points[:, 1] / reach) / 2 * area.height()
    return QPolygonF([QPointF(x, y) for x, y in zip(across.tolist(), down.tolist(), strict=True)])


EXCUSED = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)


class PictureBox(painting.PaintedWidget):
    """Shows (C, H, W) of −1 … 1 in a square of `side` pixels; `hue` names the colour of its frame.

    `excuse` is what an empty frame says: why there is no picture.
    """

    def __init__(self, side: int, name: str, hue: str = "edge", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side, self._hue = side, hue
        self._values: F32 | None = None
        self._image = QImage()
        self.excuse = ""
        self.setFixedSize(side, side)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    @property
    def values(self) -> F32 | None:
        """What is shown."""
        return self._values

    def show_values(self, values: F32 | None) -> None:
        """Show `values`; None shows an empty frame."""
        if values is self._values:
            return
        self._values = values
        self._image = QImage() if values is None else to_image(values)
        self.update()

    def excuse_with(self, text: str) -> None:
        """Let an empty frame say `text`."""
        if text != self.excuse:
            self.excuse = text
            self.setAccessibleDescription(text)
            self.update()

    def show_pixels(self, pixels: U8 | None) -> None:
        """Show uint8 pixels (H, W) or (H, W, 3)."""
        if pixels is None:
            self.show_values(None)
            return
        channels = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
        self.show_values(channels.astype(np.float32) / np.float32(127.5) - 1)

    def box(self) -> QRectF:
        """Where the picture lies."""
        if self._image.isNull():
            return QRectF(1, 1, self._side - 2, self._side - 2)
        width, height = fit(self._image.width(), self._image.height(), (self._side - 2, self._side - 2))
        return QRectF((self._side - width) // 2, (self._side - height) // 2, width, height)

    def value_at(self, x: float, y: float) -> str:
        """The value of the pixel at (x, y) of the widget, or nothing."""
        box = self.box()
        if self._values is None or not box.contains(x, y):
            return ""
        _, height, width = self._values.shape
        row, column = int((y - box.top()) / box.height() * height), int((x - box.left()) / box.width() * width)
        row, column = min(row, height - 1), min(column, width - 1)
        values = " ".join(signed(float(v)).strip() for v in self._values[:, row, column])
        return tr("row {row}, column {column}: {value}").format(row=row, column=column, value=values)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.value_at(event.x(), event.y()) or self.toolTip(), self)
            return True
        return super().event(event)

    def marks(self) -> Iterator[painting.PaintMark]:
        """The picture or the excuse, in a frame."""
        box = self.box()
        if self._image.isNull():
            yield painting.Rect(box, theme.color("field"))
            room = box.adjusted(7, 4, -7, -4)
            yield painting.Words(room, self.excuse, theme.font(11), theme.color("quiet"), EXCUSED)
        else:
            yield painting.Raster(box, self._image, smooth=box.width() < self._image.width())
        yield painting.Rect(box.adjusted(-0.5, -0.5, 0.5, 0.5), edge=theme.color(self._hue))

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)
