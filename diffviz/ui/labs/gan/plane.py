"""A map of the plane that real and generated points lie on, and two of them beside each other."""

from __future__ import annotations

import dataclasses

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from diffviz.domain.arrays import F32
from diffviz.domain.gan import EXTENT, GRID, Drawn, GanFrame, GanRequest, Pictures
from diffviz.domain.gan_verdicts import Leaning
from diffviz.domain.text import tr
from diffviz.theory import gan_distance, gan_distributions
from diffviz.ui.labs.gan.plane_painting import PlaneScene, contours_of, paint_plane
from diffviz.ui.labs.vae.map_painting import paint_axes
from diffviz.ui.plots.plane import ARROWS, BaseMap, PlaneScale, area_of
from diffviz.ui.widgets import controls, painting, theme

NUDGE = 12.0
AXES = ("x_1", "x_2")
CORNERS = ((-EXTENT, -EXTENT), (EXTENT, EXTENT))


class PlaneMap(BaseMap):
    """Paints `scene`; whoever changes the scene calls `renew`.

    The pointer is the mouse's, or, while the map has the keyboard, one that arrow keys move. Signals: `hovered(x, y)`,
    a place on the plane, and `left`; `looked(scale)` after zoom or pan by a person.
    """

    hovered = Signal(float, float)
    left = Signal()
    looked = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene = PlaneScene()
        self._axes = painting.Layer()
        self.setMinimumSize(150, 130)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(name)
        self.setAccessibleDescription(
            tr("Arrow keys move a pointer that asks D; plus and minus zoom, 0 shows all. Real and generated points.")
        )

    def extent(self) -> tuple[tuple[float, float], ...]:
        """All of ±EXTENT."""
        return CORNERS

    def press_arrow(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        """Move the pointer."""
        across, up = ARROWS[key]
        self._point((self.pointer or area_of(self.scale).center()) + QPointF(across, -up) * NUDGE)
        return True

    def show_all(self) -> None:
        """Bring all of ±EXTENT into sight."""
        super().show_all()
        self.looked.emit(self.scale)

    def follow(self, other: PlaneScale) -> None:
        """Look at the same part of the plane as another map of the same size."""
        self._chosen = True
        self.scale = PlaneScale(self.width(), self.height(), other.x, other.y, other.per_unit)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(330, 310)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            key = (self._edition, self.scale, theme.palette().name)
            self._layer.paint(painter, self.size(), key, lambda p: paint_plane(p, self.scene, self.scale))
            self._axes.paint(painter, self.size(), key[1:], lambda p: paint_axes(p, AXES, self.scale))
            if self.pointer is not None:
                self._paint_pointer(painter, self.pointer)
            self._paint_focus(painter)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._pressed is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._pan(at)
        self._point(at)

    def leaveEvent(self, event: QEvent) -> None:
        self._point(None)

    def focusOutEvent(self, event: object) -> None:
        self._point(None)

    def _look(self, scale: PlaneScale) -> None:
        super()._look(scale)
        self.looked.emit(scale)

    def _point(self, at: QPointF | None) -> None:
        inside = at is not None and area_of(self.scale).contains(at)
        self.pointer = at if inside else None
        if at is not None and inside:
            self.hovered.emit(*self.scale.to_plane(at.x(), at.y()))
        else:
            self.left.emit()
        self.update()

    def _paint_pointer(self, painter: QPainter, at: QPointF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for hue, width in (("ground", 3.5), ("cursor", 1.5)):
            painter.setPen(QPen(theme.color(hue), width))
            painter.drawEllipse(at, 6, 6)


LEARNT, BEST, BOTH = "learnt", "best", "both"


class PlanePair(QWidget):
    """Two maps of the plane that are looked at together. Signals: `hovered(x, y)`, a place on it, and `left`."""

    hovered = Signal(float, float)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._best: F32 | None = None
        self.maps = [PlaneMap(tr("D as learnt")), PlaneMap(tr("Best possible D"))]
        self.captions = [controls.label("", "small"), controls.label("", "small")]
        self._panels = [
            controls.captioned(caption, view) for caption, view in zip(self.captions, self.maps, strict=True)
        ]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        for panel in self._panels:
            row.addWidget(panel, 1)
        for one, other in (self.maps, self.maps[::-1]):
            one.looked.connect(other.follow)
            one.hovered.connect(self.hovered)
            one.left.connect(self.left)

    def show_surfaces(self, key: str) -> None:
        """Show D as learnt, the best possible one, or both."""
        for panel, shown in zip(self._panels, (key in (LEARNT, BOTH), key in (BEST, BOTH)), strict=True):
            panel.setVisible(shown)

    def show_frame(self, scene: PlaneScene, request: GanRequest, frame: GanFrame) -> None:
        """Show `scene`, made of `frame`, over both surfaces."""
        self._best = _best_surface(request, frame)
        learnt, best = self.maps
        learnt.scene = scene
        best.scene = dataclasses.replace(scene, surface=self._best, leaning=Leaning())
        bounded = scene.leaning.bounded
        self.captions[0].setText(tr("D, as learnt") if bounded else tr("D, as learnt: a score, not a probability"))
        self.captions[1].setText(tr("D*, the best possible: accuracy {best}").format(best=f"{100 * frame.best:.0f} %"))
        for view in self.maps:
            view.renew()

    def show_data(self, request: GanRequest, real: F32, *, contours: bool) -> None:
        """Show the data alone, and where they are dense: there is neither a G nor a D."""
        assert not isinstance(request.data, Pictures)
        self._best = None
        lines = contours_of(request.data)
        learnt, best = self.maps
        learnt.scene = PlaneScene(real=real, contours=lines if contours else ())
        best.scene = PlaneScene(real=real[:0], contours=lines)
        self.captions[0].setText(tr("the data, before there is a G or a D"))
        self.captions[1].setText(tr("where 39 % and 86 % of it lie"))
        for view in self.maps:
            view.renew()

    def best_at(self, x: float, y: float) -> float:
        """What the best possible D says at a place, nan where it is not known."""
        return value_at(self._best, x, y) if self._best is not None else float("nan")

    @Slot()
    def show_all(self) -> None:
        """Bring all of the plane into sight."""
        for view in self.maps:
            view.show_all()


def _best_surface(request: GanRequest, frame: GanFrame) -> F32 | None:
    assert not isinstance(request.data, Pictures)
    if frame.density is None or (isinstance(request.data, Drawn) and not request.data.points):
        return None
    return gan_distance.best_surface(gan_distributions.mixture_of(request.data), frame.density).astype(np.float32)


def value_at(surface: F32, x: float, y: float) -> float:
    """The value of a surface (GRID, GRID) over ±EXTENT at a place, nan outside."""
    if max(abs(x), abs(y)) > EXTENT:
        return float("nan")
    column, row = (round((value + EXTENT) / (2 * EXTENT) * (GRID - 1)) for value in (x, y))
    return float(surface[row, column])
