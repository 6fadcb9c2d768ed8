"""A picture with a crop of fixed aspect on it, adjusted by mouse or keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from PIL import Image
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from diffviz.domain.text import tr
from diffviz.imaging import Crop, confined, largest_crop
from diffviz.ui.widgets import painting, pixmaps, theme

VIEW = QSize(420, 360)
SMALLEST_VIEW = QSize(240, 200)
GRIP = 12.0
FEW = 100
MARGIN = 8
SHADE = 0.6


class CropView(painting.PaintedWidget):
    """Shows a picture and a crop with width / height = `aspect`. Signals: `crop_changed`."""

    crop_changed = Signal()

    def __init__(self, picture: Image.Image, aspect: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._aspect = aspect
        self._held: tuple[QPointF, Crop, tuple[int, int] | None] | None = None
        self.setMinimumSize(SMALLEST_VIEW)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Crop"))
        self.setAccessibleDescription(tr("Arrow keys move the crop, plus and minus change its size."))
        self.set_picture(picture)

    def set_picture(self, picture: Image.Image) -> None:
        """Show `picture` with the largest crop."""
        self._size = picture.size
        small = picture.copy()
        small.thumbnail((1024, 1024), Image.Resampling.BOX)
        self._image = pixmaps.qimage(np.asarray(small))
        self.set_crop(largest_crop(self._size, self._aspect))

    def set_crop(self, crop: Crop) -> None:
        """Show `crop`, brought inside the picture."""
        self.crop = confined(crop, self._size, self._aspect)
        self.update()
        self.crop_changed.emit()

    def sizeHint(self) -> QSize:
        return VIEW

    def frame(self) -> QRectF:
        """Where the picture is drawn."""
        width, height = self._size
        room = QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        scale = min(room.width() / width, room.height() / height)
        made = QRectF(0, 0, width * scale, height * scale)
        made.moveCenter(room.center())
        return made

    def crop_rect(self) -> QRectF:
        """Where the crop is drawn."""
        frame, scale = self.frame(), self._scale()
        return QRectF(
            frame.left() + self.crop.left * scale,
            frame.top() + self.crop.top * scale,
            self.crop.width * scale,
            self.crop.height * scale,
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        corner = self._corner(at)
        if event.button() == Qt.MouseButton.LeftButton and (corner or self.crop_rect().contains(at)):
            self._held = (at, self.crop, corner)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._held is None:
            self._show_cursor(at)
            return
        began, crop, corner = self._held
        by = (at - began) / self._scale()
        if corner is None:
            self.set_crop(replace(crop, left=crop.left + by.x(), top=crop.top + by.y()))
        else:
            self._resize(crop, corner, by)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = max(1.0, self._size[0] / FEW) * (1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0.2)
        moves = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
        grows = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}
        key = Qt.Key(event.key())
        step = max(1.0, step)
        if key in moves:
            x, y = moves[key]
            self.set_crop(replace(self.crop, left=self.crop.left + x * step, top=self.crop.top + y * step))
        elif key in grows:
            self._grow(2 * step * grows[key])
        else:
            super().keyPressEvent(event)

    def marks(self) -> Iterator[painting.PaintMark]:
        """The picture, darker outside the crop; the crop with its corners; a dotted frame while it has the keyboard."""
        frame, crop, hue = self.frame(), self.crop_rect(), theme.color("cursor")
        outside = QPainterPath()
        outside.addRect(frame)
        outside.addRect(crop)
        yield painting.Raster(frame, self._image, smooth=True)
        yield painting.Outline(outside, theme.color("ground", SHADE))
        yield painting.Rect(crop, edge=QPen(hue, 2))
        yield painting.Discs(_corners(crop).values(), 4, hue, QPen(hue, 2))
        if self.hasFocus():
            edge = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            yield painting.Rect(edge, edge=QPen(hue, 1, Qt.PenStyle.DotLine), radius=4)

    def _scale(self) -> float:
        return self.frame().width() / self._size[0]

    def _corner(self, at: QPointF) -> tuple[int, int] | None:
        """The corner under `at` as (1 right or -1 left, 1 bottom or -1 top)."""
        near = (key for key, c in _corners(self.crop_rect()).items() if (c - at).manhattanLength() <= GRIP)
        return next(near, None)

    def _resize(self, crop: Crop, corner: tuple[int, int], by: QPointF) -> None:
        """Follow the pointer with one corner; the opposite one stays where it is, and inside the picture."""
        right, down = corner
        wanted = crop.width + max(right * by.x(), down * by.y() * self._aspect)
        room_x = self._size[0] - crop.left if right > 0 else crop.left + crop.width
        room_y = self._size[1] - crop.top if down > 0 else crop.top + crop.height
        width = min(max(wanted, 1.0), room_x, room_y * self._aspect)
        left = crop.left if right > 0 else crop.left + crop.width - width
        top = crop.top if down > 0 else crop.top + crop.height - width / self._aspect
        self.set_crop(Crop(left, top, width, width / self._aspect))

    def _grow(self, by: float) -> None:
        crop = self.crop
        wide = max(1.0, crop.width + by)
        gained = wide - crop.width
        self.set_crop(Crop(crop.left - gained / 2, crop.top - gained / self._aspect / 2, wide, wide / self._aspect))

    def _show_cursor(self, at: QPointF) -> None:
        corner = self._corner(at)
        if corner:
            falling = corner[0] == corner[1]
            self.setCursor(Qt.CursorShape.SizeFDiagCursor if falling else Qt.CursorShape.SizeBDiagCursor)
        elif self.crop_rect().contains(at):
            self.setCursor(Qt.CursorShape.SizeAllCursor)
        else:
            self.unsetCursor()


def _corners(rect: QRectF) -> dict[tuple[int, int], QPointF]:
    return {
        (-1, -1): rect.topLeft(),
        (1, -1): rect.topRight(),
        (-1, 1): rect.bottomLeft(),
        (1, 1): rect.bottomRight(),
    }
