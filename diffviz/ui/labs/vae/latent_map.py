"""The latent map of one model: real images as points, draggable anchors, the path, and what lies under the pointer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QFocusEvent, QImage, QKeyEvent
from PySide6.QtWidgets import QWidget

from diffviz.domain.arrays import F32, F64
from diffviz.domain.text import tr
from diffviz.ui.gallery import gallery, picture_source
from diffviz.ui.labs.vae.map_scene import RINGS, Backdrop, MapPoints, MapScene
from diffviz.ui.plots import plane, plane_layers, plane_marks
from diffviz.ui.plots.menu import TableColumn
from diffviz.ui.widgets import pixmaps

NEAR = 10.0
NUDGE = 4.0


class LatentMap(plane.PlaneView):
    """Shows `scene`; whoever changes the scene calls `recompose` (all of it) or `update` (what moves).

    Signals, places on the plane: `hovered(x, y)` and `left`; `anchor_moved(name, x, y)` while one is dragged and
    `anchor_settled` after it; `image_chosen(number)`; `images_lassoed(numbers)` (M,), None for none any more;
    `image_dropped(sha256, x, y)`; `pictures_dropped(paths, x, y)`.
    """

    hovered = Signal(float, float)
    left = Signal()
    anchor_moved = Signal(str, float, float)
    anchor_settled = Signal()
    image_chosen = Signal(int)
    images_lassoed = Signal(object)
    image_dropped = Signal(str, float, float)
    pictures_dropped = Signal(object, float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Latent map"), parent=parent)
        self.scene = MapScene()
        self.backdrop, self.glyphs = plane_layers.PictureLayer(), plane_layers.PointsLayer()
        self.prior = plane_layers.RingsLayer()
        for layer in (self.backdrop, self.glyphs, self.prior):
            self.box.addItem(layer, ignoreBounds=True)
        self._preview: F32 | None = None
        self._near: tuple[tuple[float, float, plane_marks.PlaneScale], int | None] | None = None
        self._held = ""
        self.setAcceptDrops(True)
        self.setMinimumSize(180, 90)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.lassoed.connect(self._on_lassoed)
        self._describe()

    def sizeHint(self) -> QSize:
        return QSize(420, 380)

    @property
    def held(self) -> str:
        """The anchor that is dragged or that the keyboard moves."""
        return self._held

    def set_points(self, points: MapPoints | None) -> None:
        """Show the codes of real images, all of them in sight."""
        self.scene.points = points
        self.recompose()
        self._describe()
        self.view_all()

    def set_backdrop(self, backdrop: Backdrop | None) -> None:
        """Show a picture behind the points."""
        self.scene.backdrop = backdrop
        self.recompose()

    def isolate(self, label: int | None) -> None:
        """Let all classes but `label` pale; None shows all."""
        self.scene.isolated = label
        self.recompose()

    def hide_classes(self, off: frozenset[int]) -> None:
        """Show no points of the classes `off`."""
        self.scene.off = off
        self.recompose()

    def choose(self, numbers: NDArray[np.intp] | None) -> None:
        """Let all images but those of `numbers` pale; None chooses none."""
        self.scene.chosen = numbers
        self.recompose()
        self._describe()

    def show_preview(self, image: F32 | None) -> None:
        """Show a decoded image (C, H, W) beside the pointer."""
        self._preview = image
        self.update()

    def anchor_at(self, at: QPointF) -> str:
        """Name of the anchor under a pixel, or nothing."""
        for name, place in self.scene.anchors.items():
            x, y = self.scale.to_px(place)
            if np.hypot(x - at.x(), y - at.y()) <= plane_marks.TARGET + 3:
                return name
        return ""

    def image_at(self, at: QPointF) -> int | None:
        """Number of the real image nearest to a pixel, where one is near; of those that are neither pale nor hidden."""
        key = at.x(), at.y(), self.scale
        if self._near is None or self._near[0] != key:
            self._near = key, self._nearest(at)
        return self._near[1]

    def _nearest(self, at: QPointF) -> int | None:
        points = self.scene.points
        if points is None or not len(points.seen):
            return None
        gaps = np.hypot(*(self.scale.to_px(points.seen) - [at.x(), at.y()]).T)
        gaps = np.where(self.scene.bright() & self.scene.shown(), gaps, np.inf)
        number = int(gaps.argmin())
        return number if gaps[number] <= NEAR else None

    def recompose(self) -> None:
        """Put the scene into the layers anew; other points may be near the pointer."""
        self._near = None
        super().recompose()

    def compose(self) -> None:
        """Put the scene into the layers."""
        scene, points = self.scene, self.scene.points
        self.name_axes(*scene.axes)
        behind = scene.backdrop
        self.backdrop.show_pixels(*((behind.pixels, behind.bounds) if behind else (None,)))
        self.prior.setVisible(scene.prior)
        (x, y) = scene.plane.seen(np.zeros((1, len(scene.plane.origin))))[0].tolist()
        exact = points is None or points.mu.shape[1] == 2
        self.prior.show_rings((x, y), [(r, f"{r} σ · {share}" if exact else f"{r} σ") for r, share in RINGS])
        self.glyphs.setVisible(points is not None)
        if points is not None:
            shown = scene.shown()
            self.glyphs.show_classes(points.seen[shown], points.labels[shown], scene.bright()[shown])

    def moving(self) -> Iterator[plane_marks.PlaneMark]:
        """Path, selection, anchors, cursor, and the pictures at the pointer."""
        scene = self.scene
        yield plane_marks.Trail(scene.path)
        if scene.ellipse is not None:
            yield plane_marks.PointRing(scene.ellipse[0], 11, "data", 1.8, 4.0)
            yield plane_marks.Ellipse(scene.ellipse[0], *scene.ellipse[1])
        for name, place in scene.anchors.items():
            yield plane_marks.DragTarget(name, place, name == self._held)
        if scene.at is not None:
            yield plane_marks.Dot(scene.at)
        if self.pointer is not None and not self.drawing:
            yield from self._beside(self.pointer)

    def _beside(self, at: QPointF) -> Iterator[plane_marks.PlaneMark]:
        """The point under the pointer, its picture, and what is decoded there."""
        points, number = self.scene.points, self.image_at(at)
        if number is not None and points is not None:
            yield plane_marks.PointRing(points.seen[number], 6)
        pictures = self.pictures_at(number)
        if pictures:
            yield plane_marks.PicturesBeside(at, pictures)

    def pictures_at(self, number: int | None) -> tuple[tuple[QImage, str], ...]:
        """The picture of a number, and what is decoded at the pointer; with words where there are both."""
        found: list[tuple[QImage, str]] = []
        points = self.scene.points
        if number is not None and points is not None and points.pictures is not None:
            named = points.classes[points.labels[number]] if points.classes else ""
            found.append((pixmaps.qimage(points.pictures[number]), tr(named) if named else tr("real")))
        if self._preview is not None:
            found.append((pixmaps.to_image(self._preview), tr("decoded") if found else ""))
        return tuple(found)

    def take(self, at: QPointF) -> bool:
        """Take the anchor at a pixel."""
        self._held = self.anchor_at(at)
        return bool(self._held)

    def move_taken(self, at: QPointF) -> None:
        """Move the anchor."""
        self.anchor_moved.emit(self._held, *self.scale.to_plane(at.x(), at.y()))

    def let_go(self) -> None:
        """Leave the anchor where it is."""
        self._held = ""
        self.anchor_settled.emit()

    def click(self, at: QPointF) -> None:
        """Choose the image at a pixel."""
        number = self.image_at(at)
        if number is not None:
            self.image_chosen.emit(number)

    def point(self, at: QPointF | None) -> None:
        """Say where the pointer is."""
        super().point(at)
        if at is None:
            self.left.emit()
            return
        if not self._held and not self.lassoing:
            over = bool(self.anchor_at(at))
            self.setCursor(Qt.CursorShape.OpenHandCursor if over else Qt.CursorShape.CrossCursor)
        self.hovered.emit(*self.scale.to_plane(at.x(), at.y()))

    def has_choice(self) -> bool:
        """Whether images were lassoed."""
        return self.scene.chosen is not None

    def table(self) -> Sequence[TableColumn]:
        """Places, classes and means of the codes of the images that are shown; `chosen` says which were lassoed."""
        points = self.scene.points
        if points is None:
            return ()
        keep = np.flatnonzero(self.scene.shown())
        chosen = np.isin(keep, self.scene.chosen) if self.scene.chosen is not None else np.zeros(len(keep))
        named = [("image", keep), ("class", points.labels[keep]), ("chosen", chosen)]
        named += [(self.scene.axes[i], points.seen[keep, i]) for i in range(2)]
        named += [(f"mu_{i + 1}", points.mu[keep, i]) for i in range(points.mu.shape[1])]
        return [TableColumn(name, np.asarray(values, np.float64)) for name, values in named]

    def event(self, event: QEvent) -> bool:
        """Tab goes from anchor to anchor."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._next_anchor(event.key()):
            return True
        return super().event(event)

    def press_arrow(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        """Move the anchor that is held, four times as far with Shift."""
        if self._held not in self.scene.anchors:
            return False
        self._nudge(*plane.ARROWS[key], 4 if modifiers & Qt.KeyboardModifier.ShiftModifier else 1)
        return True

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The keyboard holds no anchor any more."""
        self._held = ""
        super().focusOutEvent(event)

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

    def _on_lassoed(self, corners: F64 | None) -> None:
        """Say which of the images that can be seen lie in the lasso."""
        points = self.scene.points
        if points is None or corners is None:
            self.images_lassoed.emit(None)
            return
        held = plane_marks.inside(corners, points.seen) & self.scene.shown()
        if self.scene.isolated is not None:
            held &= points.labels == self.scene.isolated
        self.images_lassoed.emit(np.flatnonzero(held) if held.any() else None)

    def _describe(self) -> None:
        """Say what is on it, and how it is used by keyboard."""
        points, chosen = self.scene.points, self.scene.chosen
        said = [tr("{n} images").format(n=f"{len(points.seen):,}")] if points is not None else []
        said += [tr("{n} of them chosen").format(n=f"{len(chosen):,}")] if chosen is not None else []
        keys = tr("Tab goes from anchor to anchor, arrow keys move it; plus and minus zoom, 0 shows all.")
        lasso = tr("Ctrl and A choose what is in sight, Escape nothing.")
        self.setAccessibleDescription(" ".join([", ".join(said) + "." if said else "", keys, lasso]).strip())
