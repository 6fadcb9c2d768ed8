"""A map of the plane that real and generated points lie on, and two of them beside each other."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from diffviz.domain.arrays import F32, F64
from diffviz.domain.gan import EXTENT, GRID, Drawn, GanFrame, GanRequest, Pictures
from diffviz.domain.gan_verdicts import Leaning
from diffviz.domain.text import mark, tr
from diffviz.session import looks
from diffviz.theory import gan_distance, gan_distributions
from diffviz.ui.labs.gan.plane_scene import FAKE, REAL, PlaneScene, colours, contours_of
from diffviz.ui.plots import plane, plane_layers, plane_link, plane_marks
from diffviz.ui.plots.menu import TableColumn
from diffviz.ui.widgets import controls, theme
from diffviz.ui.widgets.format import signed

NUDGE = 12.0
AXES = ("x_1", "x_2")
CORNERS = ((-EXTENT, -EXTENT), (EXTENT, EXTENT))
POINT, SMALL, HALO = 4.4, 3.4, 0.7
LONGEST = 60.0
PALE = 0.22
HUES = {REAL: ("alpha_bar", SMALL), FAKE: ("generated", POINT)}
"""Colour and size of the points of each kind, in the order they are drawn."""


class PlaneMap(plane.PlaneView):
    """Shows `scene`; whoever changes the scene calls `recompose`.

    The pointer is the mouse's, or, while the map has the keyboard, one that arrow keys move. Signals: `hovered(x, y)`,
    a place on the plane, and `left`.
    """

    hovered = Signal(float, float)
    left = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent=parent)
        self.scene = PlaneScene()
        self.name_axes(*AXES)
        self.surface = plane_layers.PictureLayer(smooth=True)
        self.contours = plane_layers.LinesLayer()
        self.points = plane_layers.PointsLayer()
        self.arrows = plane_layers.ArrowsLayer("text")
        for layer in (self.surface, self.contours, self.points, self.arrows):
            self.box.addItem(layer, ignoreBounds=True)
        self.setMinimumSize(150, 130)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleDescription(
            tr("Arrow keys move a pointer that asks D; plus and minus zoom, 0 shows all. Real and generated points.")
        )

    def extent(self) -> tuple[tuple[float, float], ...]:
        """All of ±EXTENT."""
        return CORNERS

    def compose(self) -> None:
        """Put the scene into the layers."""
        scene = self.scene
        pixels = None if scene.surface is None else colours(scene.leaning, scene.surface)
        self.surface.show_pixels(pixels, plane_layers.around(EXTENT, GRID))
        self.contours.show_lines(scene.contours, "alpha_bar", 0.75)
        self._compose_points(scene)
        self._compose_arrows(scene)

    def moving(self) -> Iterator[plane_marks.PlaneMark]:
        """The lasso that was drawn, and the pointer."""
        if self.scene.region is not None:
            yield plane_marks.Trail(np.concatenate([self.scene.region, self.scene.region[:1]]), "cursor")
        if self.pointer is not None:
            yield plane_marks.PointRing(self.scale.to_plane(self.pointer.x(), self.pointer.y()), 6)

    def press_arrow(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        """Move the pointer."""
        across, up = plane.ARROWS[key]
        at = (self.pointer or self.area.center()) + QPointF(across, -up) * NUDGE
        self.point(at if self.area.contains(at) else None)
        return True

    def point(self, at: QPointF | None) -> None:
        """Ask what D says where the pointer is."""
        super().point(at)
        if at is not None:
            self.hovered.emit(*self.scale.to_plane(at.x(), at.y()))
        else:
            self.left.emit()

    def has_choice(self) -> bool:
        """Whether a lasso was drawn."""
        return self.scene.region is not None

    def table(self) -> Sequence[TableColumn]:
        """Real points, then generated ones; `real` says which, `chosen` whether they are in the lasso."""
        parts = [(kind, self.scene.points(kind)) for kind in HUES]
        points = np.concatenate([found for _, found in parts]).astype(np.float64)
        real = np.concatenate([np.full(len(found), kind == REAL) for kind, found in parts])
        columns = (points[:, 0], points[:, 1], real, self.scene.chosen(points.astype(np.float32)))
        names = ("x_1", "x_2", "real", "chosen")
        return [TableColumn(name, np.asarray(column, np.float64)) for name, column in zip(names, columns, strict=True)]

    def sizeHint(self) -> QSize:
        return QSize(330, 310)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The pointer that arrow keys moved goes with the keyboard."""
        super().focusOutEvent(event)
        self.point(None)

    def _compose_points(self, scene: PlaneScene) -> None:
        name, shown = theme.palette().name, [scene.points(kind) for kind in HUES]
        styles = [plane_layers.disc_style(name, hue, size, PALE) for hue, size in HUES.values()]
        styles += [plane_layers.disc_style(name, hue, size, 1.0, HALO) for hue, size in HUES.values()]
        points = np.concatenate(shown)
        kinds = np.repeat(np.arange(len(HUES)), [len(part) for part in shown]) + len(HUES) * scene.chosen(points)
        self.points.show_points(points, kinds, styles)

    def _compose_arrows(self, scene: PlaneScene) -> None:
        tails = scene.points(FAKE)
        there = scene.arrows is not None and len(tails) == len(scene.fake)
        reach = scene.arrows * np.float32(scene.gain) if there and scene.arrows is not None else tails * 0
        self.arrows.show_arrows(tails, tails + reach, LONGEST)


_COUNTED = {REAL: mark("{n} of {all} real chosen"), FAKE: mark("{n} of {all} generated chosen")}
MOST_CORNERS = 1 << 13
LEARNT, BEST, BOTH = "learnt", "best", "both"


class PlanePair(QWidget):
    """Two maps of the plane that are looked at together; a lasso on one is on both.

    Signals: `hovered(x, y)`, a place on the plane, and `left`.
    """

    hovered = Signal(float, float)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._best: F32 | None = None
        self.maps = [PlaneMap(tr("D as learnt")), PlaneMap(tr("Best possible D"))]
        self.captions = [controls.ElidedLabel("", "small"), controls.ElidedLabel("", "small")]
        for caption in self.captions:
            caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # no text moves the maps
        self._panels = [
            controls.captioned(caption, view) for caption, view in zip(self.captions, self.maps, strict=True)
        ]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        for panel in self._panels:
            row.addWidget(panel, 1)
        self.lasso = plane_link.LassoButton()
        self.lasso.connect_to(self.maps)
        self.link = plane_link.PlaneLink(self.maps, parent=self)
        self.region: F64 | None = None
        self.off: frozenset[str] = frozenset()
        self._said: dict[str, F32] = {}
        self._texts = ("", "")
        for view in self.maps:
            view.hovered.connect(self.hovered)
            view.left.connect(self.left)
            view.lassoed.connect(self.choose)

    def show_surfaces(self, key: str) -> None:
        """Show D as learnt, the best possible one, or both."""
        for panel, shown in zip(self._panels, (key in (LEARNT, BOTH), key in (BEST, BOTH)), strict=True):
            panel.setVisible(shown)
        self._say_choice()

    def show_frame(self, scene: PlaneScene, request: GanRequest, frame: GanFrame) -> None:
        """Show `scene`, made of `frame`, over both surfaces."""
        self._best = _best_surface(request, frame)
        self._said = {REAL: frame.d_real, FAKE: frame.d_fake}
        learnt, best = self.maps
        learnt.scene = scene
        best.scene = dataclasses.replace(scene, surface=self._best, leaning=Leaning())
        bounded = scene.leaning.bounded
        self._texts = (
            tr("D, as learnt") if bounded else tr("D, as learnt: a score, not a probability"),
            tr("D*, the best possible: accuracy {best}").format(best=f"{100 * frame.best:.0f} %"),
        )
        self._renew()

    def show_data(self, request: GanRequest, real: F32, *, contours: bool) -> None:
        """Show the data alone, and where they are dense: there is neither a G nor a D."""
        assert not isinstance(request.data, Pictures)
        self._best, self._said = None, {}
        lines = contours_of(request.data)
        learnt, best = self.maps
        learnt.scene = PlaneScene(real=real, contours=lines if contours else ())
        best.scene = PlaneScene(real=real[:0], contours=lines)
        self._texts = (tr("the data, before there is a G or a D"), tr("where 39 % and 86 % of it lie"))
        self._renew()

    @Slot(object)
    def choose(self, corners: F64 | None) -> None:
        """Choose the points within `corners` (K, 2) of the plane, in every frame; None chooses nothing."""
        self.region = corners
        for view in self.maps:
            view.set_lassoing(False)
        self._renew()

    def look(self) -> looks.Look:
        """What is seen of the plane, whether both maps go together, and the lasso: x, y, x, y …"""
        region = [] if self.region is None else self.region.ravel().tolist()
        return {**plane_link.PlanesLook(self.maps, self.link).look(), "region": region}

    def take_look(self, look: looks.Look) -> None:
        """Show the same part, and choose within the same lasso."""
        plane_link.PlanesLook(self.maps, self.link).take_look(look)
        said = look.get("region")
        count = len(said) if isinstance(said, list) else 0
        corners = looks.numbers(look, "region", count) if count in range(6, MOST_CORNERS, 2) else None
        if corners is not None or count == 0:
            self.choose(None if corners is None else np.reshape(corners, (-1, 2)))

    def switch(self, kind: str, on: bool) -> None:
        """Show the points of `kind`, or not."""
        self.off = self.off - {kind} if on else self.off | {kind}
        self._renew()

    def _renew(self) -> None:
        for view in self.maps:
            view.scene.region, view.scene.off = self.region, self.off
            view.recompose()
        self._say_choice()

    def _say_choice(self) -> None:
        """Over the maps, what they show; or how many points are chosen in this frame, and what D says of them."""
        self.lasso.show_choice(self.region is not None)
        shown = [not panel.isHidden() for panel in self._panels]
        if self.region is None:
            texts = self._texts
        else:
            real, fake = (self._counted(kind, text) for kind, text in _COUNTED.items())
            texts = (real, fake) if all(shown) else (f"{real} · {fake}",) * 2
        for caption, text in zip(self.captions, texts, strict=True):
            caption.setText(text)
            caption.setToolTip(text if self.region is not None else "")

    def _counted(self, kind: str, text: str) -> str:
        scene, values = self.maps[0].scene, self._said.get(kind)
        held = scene.chosen(scene.points(kind))
        said = tr(text).format(n=int(held.sum()), all=len(held))
        if values is None or len(values) != len(held) or not held.any():
            return said
        return said + ", " + tr("mean D {d}").format(d=signed(float(values[held].mean()), 3).strip())

    def best_at(self, x: float, y: float) -> float:
        """What the best possible D says at a place, nan where it is not known."""
        return value_at(self._best, x, y) if self._best is not None else float("nan")

    @Slot()
    def view_all(self) -> None:
        """Bring all of the plane into sight."""
        for view in self.maps:
            view.view_all()


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
