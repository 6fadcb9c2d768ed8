"""The latent map of one model: real images as points, draggable anchors, the path, and what lies under the pointer."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from diffviz.domain.arrays import F32, F64, U8, levels
from diffviz.domain.text import tr
from diffviz.ui.gallery import gallery, picture_source
from diffviz.ui.labs.vae.map_painting import ANCHOR, Backdrop, MapPoints, MapScene, paint_moving, paint_still
from diffviz.ui.plots.plane import ARROWS, BaseMap, area_of
from diffviz.ui.widgets import pixmaps, theme

NEAR = 10.0
NUDGE = 4.0
PREVIEW = 84
CLICK = 4.0


class LatentMap(BaseMap):
    """Draws `scene`; whoever changes the scene calls `renew` (all of it) or `update` (what moves).

    Signals, places on the plane: `hovered(x, y)` and `left`; `anchor_moved(name, x, y)` while one is dragged and
    `anchor_settled` after it; `image_chosen(number)`; `image_dropped(sha256, x, y)`; `pictures_dropped(paths, x, y)`.
    """

    hovered = Signal(float, float)
    left = Signal()
    anchor_moved = Signal(str, float, float)
    anchor_settled = Signal()
    image_chosen = Signal(int)
    image_dropped = Signal(str, float, float)
    pictures_dropped = Signal(object, float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene = MapScene()
        self._preview: F32 | None = None
        self._held = ""
        self.setAcceptDrops(True)
        self.setMinimumSize(200, 160)
        self.setAccessibleName(tr("Latent map"))
        self.setAccessibleDescription(
            tr("Tab goes from anchor to anchor, arrow keys move it; plus and minus zoom, 0 shows all.")
        )

    def sizeHint(self) -> QSize:
        return QSize(420, 380)

    @property
    def held(self) -> str:
        """The anchor that is dragged or that the keyboard moves."""
        return self._held

    def set_points(self, points: MapPoints | None) -> None:
        """Show the codes of real images, all of them in sight."""
        self.scene.points = points
        self.show_all()

    def set_backdrop(self, backdrop: Backdrop | None) -> None:
        """Show a picture behind the points."""
        self.scene.backdrop = backdrop
        self.renew()

    def isolate(self, label: int | None) -> None:
        """Let all classes but `label` pale; None shows all."""
        self.scene.isolated = label
        self.renew()

    def show_preview(self, image: F32 | None) -> None:
        """Show a decoded image (C, H, W) beside the pointer."""
        self._preview = image
        self.update()

    def anchor_at(self, at: QPointF) -> str:
        """Name of the anchor under a pixel, or nothing."""
        for name, place in self.scene.anchors.items():
            x, y = self.scale.to_px(np.asarray(place)[None])[0]
            if np.hypot(x - at.x(), y - at.y()) <= ANCHOR + 3:
                return name
        return ""

    def image_at(self, at: QPointF) -> int | None:
        """Number of the real image nearest to a pixel, where one is near; of the isolated class where one is."""
        points = self.scene.points
        if points is None or not len(points.seen):
            return None
        gaps = np.hypot(*(self.scale.to_px(points.seen) - [at.x(), at.y()]).T)
        if self.scene.isolated is not None:
            gaps = np.where(points.labels == self.scene.isolated, gaps, np.inf)
        number = int(gaps.argmin())
        return number if gaps[number] <= NEAR else None

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            key = (self._edition, self.scale, theme.palette().name)
            self._layer.paint(painter, self.size(), key, lambda p: paint_still(p, self.scene, self.scale))
            paint_moving(painter, self.scene, self.scale, self._held)
            if self.pointer is not None and self._preview is not None:
                self._paint_preview(painter, self.pointer, self._preview)
            self._paint_focus(painter)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()
            self._held = self.anchor_at(event.position())
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        self.pointer = at if area_of(self.scale).contains(at) else None
        if event.buttons() & Qt.MouseButton.LeftButton and self._pressed is not None:
            self._drag(at)
        else:
            over = bool(self.anchor_at(at))
            self.setCursor(Qt.CursorShape.OpenHandCursor if over else Qt.CursorShape.CrossCursor)
        if self.pointer is None:
            self.left.emit()
        else:
            self.hovered.emit(*self.scale.to_plane(at.x(), at.y()))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        if self._held:
            self.anchor_settled.emit()
        elif (event.position() - self._pressed).manhattanLength() < CLICK:
            number = self.image_at(event.position())
            if number is not None:
                self.image_chosen.emit(number)
        self._pressed, self._held = None, ""
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.pointer = None
        self.left.emit()
        self.update()

    def event(self, event: QEvent) -> bool:
        """Tab goes from anchor to anchor."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._next_anchor(event.key()):
            return True
        return super().event(event)

    def press_arrow(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        """Move the anchor that is held, four times as far with Shift."""
        if self._held not in self.scene.anchors:
            return False
        self._nudge(*ARROWS[key], 4 if modifiers & Qt.KeyboardModifier.ShiftModifier else 1)
        return True

    def focusOutEvent(self, event: object) -> None:
        self._held = ""
        self.update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(gallery.IMAGE) or picture_source.pictures_in(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        place = self.scale.to_plane(event.position().x(), event.position().y())
        if event.mimeData().hasFormat(gallery.IMAGE):
            self.image_dropped.emit(bytes(event.mimeData().data(gallery.IMAGE).data()).decode(), *place)
        else:
            self.pictures_dropped.emit(picture_source.pictures_in(event.mimeData()), *place)

    def _drag(self, at: QPointF) -> None:
        assert self._pressed is not None
        if self._held:
            area = area_of(self.scale)
            inside = (min(max(at.x(), area.left()), area.right()), min(max(at.y(), area.top()), area.bottom()))
            self.anchor_moved.emit(self._held, *self.scale.to_plane(*inside))
        elif self._chosen or (at - self._pressed).manhattanLength() >= CLICK:
            self._pan(at)

    def _nudge(self, across: int, up: int, times: int) -> None:
        step = NUDGE * times / self.scale.per_unit
        x, y = self.scene.anchors[self._held]
        self.anchor_moved.emit(self._held, float(x + across * step), float(y + up * step))
        self.anchor_settled.emit()

    def _next_anchor(self, key: int) -> bool:
        """Go on to the next anchor with Tab; after the last the focus leaves the map."""
        names = list(self.scene.anchors)
        if key not in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab) or not names:
            return False
        step = 1 if key == Qt.Key.Key_Tab else -1
        at = names.index(self._held) + step if self._held in names else (0 if step > 0 else len(names) - 1)
        if not 0 <= at < len(names):
            self._held = ""
            return False
        self._held = names[at]
        self.update()
        return True

    def extent(self) -> F64:
        """What has to be in sight: the points but for the outermost few, and the prior to 2 σ."""
        parts = [np.zeros((1, 2))]
        if self.scene.prior:
            centre = self.scene.plane.seen(np.zeros((1, len(self.scene.plane.origin))))
            parts.append(centre + 2.2 * np.array([[1, 1], [-1, -1]]))
        if self.scene.points is not None and len(self.scene.points.seen):
            parts.append(np.quantile(self.scene.points.seen, [0.01, 0.99], axis=0))
        elif not self.scene.prior:
            parts.append(np.array([[-3.0, -3.0], [3.0, 3.0]]))  # until the points have come
        return np.concatenate(parts)

    def _paint_preview(self, painter: QPainter, at: QPointF, image: F32) -> None:
        """The decoded image beside the pointer, on the side where there is room."""
        picture = pixmaps.to_image(image)
        times = max(1, PREVIEW // max(picture.width(), picture.height()))
        width, height = picture.width() * times, picture.height() * times
        if max(width, height) > PREVIEW * 2:
            width, height = PREVIEW, round(PREVIEW * picture.height() / picture.width())
        area = area_of(self.scale)
        x = at.x() + 16 if at.x() + 20 + width < area.right() else at.x() - 16 - width
        y = min(max(at.y() - height / 2, area.top() + 2), area.bottom() - height - 2)
        box = QRectF(round(x), round(y), width, height)
        painter.fillRect(box.adjusted(-2, -2, 2, 2), theme.color("panel"))
        painter.drawImage(box, picture)
        painter.setPen(QPen(theme.color("cursor"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(-1.5, -1.5, 0.5, 0.5))


TILE, FEWEST = 44, 2
CELLS = 26
FAR = 3.0
"""At this many times the distance of held-out images the shade is full."""
STRONGEST = 2 / 3


def tiles(view: LatentMap) -> tuple[int, int]:
    """How many tiles of the manifold there is room for, across and down."""
    _, _, width, height = view.scale.area
    return max(FEWEST, int(width // TILE)), max(FEWEST, int(height // TILE))


def cells(view: LatentMap) -> tuple[int, int]:
    """Cells of the shade across and up, as square as can be."""
    _, _, width, height = view.scale.area
    longer = max(width, height)
    return max(2, math.ceil(CELLS * width / longer)), max(2, math.ceil(CELLS * height / longer))


def points_in_sight(view: LatentMap, across: int, up: int) -> F32:
    """Latent points (up, across, D) at the centres of equal cells over what is in sight, row 0 the lowest."""
    x0, x1, y0, y1 = view.scale.bounds
    x = x0 + (x1 - x0) * (np.arange(across) + 0.5) / across
    y = y0 + (y1 - y0) * (np.arange(up) + 0.5) / up
    points = np.stack(np.meshgrid(x, y), -1)
    return view.scene.plane.latent(points).astype(np.float32)


def tile_points(view: LatentMap) -> F32:
    """Latent points (N, D) of the manifold's tiles, rows from the top."""
    across, down = tiles(view)
    z = points_in_sight(view, across, down)[::-1]
    return np.ascontiguousarray(z.reshape(across * down, -1))


def mosaic(view: LatentMap, images: F32) -> Backdrop | None:
    """Images decoded at `tile_points` side by side; None where there is room for another number of them by now."""
    across, down = tiles(view)
    if across * down != len(images):
        return None
    channels, height, width = images.shape[1:]
    rows = levels(images).reshape(down, across, channels, height, width).transpose(0, 3, 1, 4, 2)
    pixels = rows.reshape(down * height, across * width, channels)
    return Backdrop(pixels[..., 0] if channels == 1 else pixels, view.scale.bounds)


def shade(distances: F32, held_out: float) -> U8:
    """Distances, rows from the bottom, as pixels (H, W, 4) from the top: clear at `held_out`, full at `FAR` times."""
    share = np.clip((distances[::-1] / max(held_out, 1e-9) - 1) / (FAR - 1), 0, 1)
    return pixmaps.tinted(share, "generated", STRONGEST)
