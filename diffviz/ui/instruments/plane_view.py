"""One picture of the plane: density, score field and particles, of which one or several can be chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.arrays import F32
from diffviz.domain.planar import EXTENT, PlanarFrame, arrows, shade, spread
from diffviz.domain.text import tr
from diffviz.ui.plots import plane, plane_layers, plane_marks
from diffviz.ui.plots.menu import TableColumn
from diffviz.ui.widgets import pixmaps, theme

SIDE = 268
NEAR = 9.0
RING, POINT = 5.5, 3.0
GHOST, PALE = 0.34, 0.2
STEPS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
CORNERS = ((-EXTENT, -EXTENT), (EXTENT, EXTENT))


class ParticlesView(plane.PlaneView):
    """One set of particles over the density and the score field; `learnt` shows those of the network.

    Signals: `chosen(number)` of the particle that a person points out, −1 for none; `group_chosen(numbers)` (M,) of
    those in a lasso, None for none any more.
    """

    chosen = Signal(int)
    group_chosen = Signal(object)
    ROOM = 0.0
    KEYS = tuple(STEPS)

    def __init__(self, name: str, *, learnt: bool, parent: QWidget | None = None) -> None:
        super().__init__(name, framed=False, parent=parent)
        self.learnt = learnt
        self.frame: PlanarFrame | None = None
        self.before: PlanarFrame | None = None
        self.focus, self.group = -1, np.empty(0, np.intp)
        self.raw = False
        self.density = plane_layers.PictureLayer(smooth=True)
        self.field = plane_layers.ArrowsLayer("loss", dots=True)
        self.points = plane_layers.PointsLayer()
        for layer in (self.density, self.field, self.points):
            self.box.addItem(layer, ignoreBounds=True)
        self.setMinimumSize(160, SIDE)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleDescription(
            tr("A click, or Up and Down, chooses a particle to branch from.")
            + " "
            + tr("Ctrl and A choose what is in sight, Escape nothing.")
        )
        self.lassoed.connect(self._on_lassoed)

    def show_frame(self, frame: PlanarFrame | None, before: PlanarFrame | None = None) -> None:
        """Show `frame`, and paler the particles of `before`: of the run that it branches from, at the same t."""
        if frame is not self.frame or before is not self.before:
            self.frame, self.before = frame, before
            self.recompose()

    def set_raw(self, raw: bool) -> None:
        """Draw x_t where it is, or brought to one variance."""
        if raw != self.raw:
            self.raw = raw
            self.recompose()

    def set_focus(self, number: int) -> None:
        """Mark particle `number`, none for −1."""
        if number != self.focus:
            self.focus = number
            self.update()

    def set_group(self, numbers: NDArray[np.intp]) -> None:
        """Let all particles but those of `numbers` pale, where there are some."""
        self.group = numbers
        self.recompose()

    def particles(self) -> F32 | None:
        """The particles where they are shown (N, 2)."""
        return self._of(self.frame)

    def extent(self) -> tuple[tuple[float, float], ...]:
        """All of ±EXTENT."""
        return CORNERS

    def compose(self) -> None:
        """Put density, arrows and particles into the layers."""
        frame = self.frame
        for layer in (self.density, self.field, self.points):
            layer.setVisible(frame is not None)
        if frame is None:
            return
        values = shade(spread(frame.density, self._scale(frame)))
        self.density.show_pixels(pixmaps.tinted(values[::-1], "data"), plane_layers.around(EXTENT, len(values)))
        score = frame.learnt_score if self.learnt else frame.score
        begin, end = arrows(score, frame.sigma) if score is not None else (np.empty((0, 2)), np.empty((0, 2)))
        self.field.show_arrows(self._scale(frame) * begin, self._scale(frame) * end)
        self._compose_particles()

    def moving(self) -> Iterator[plane_marks.PlaneMark]:
        """A ring around the particle that was pointed out."""
        points = self.particles()
        if points is not None and 0 <= self.focus < len(points):
            yield plane_marks.PointRing(points[self.focus], RING)

    def click(self, at: QPointF) -> None:
        """Choose the particle at a pixel, none where there is none."""
        points = self.particles()
        if points is None:
            return
        gaps = np.hypot(*(self.scale.to_px(points) - [at.x(), at.y()]).T)
        nearest = int(gaps.argmin())
        self.chosen.emit(nearest if gaps[nearest] <= NEAR and nearest != self.focus else -1)

    def press_arrow(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        """Up and Down go through the particles, and through none."""
        points = self.particles()
        if points is not None:
            self.chosen.emit((self.focus + 1 + STEPS[key]) % (len(points) + 1) - 1)
        return True

    def has_choice(self) -> bool:
        """Whether particles were lassoed."""
        return len(self.group) > 0

    def table(self) -> Sequence[TableColumn]:
        """The particles where they are shown; `chosen` says which were lassoed."""
        points = self.particles()
        if points is None:
            return ()
        numbers = np.arange(len(points))
        named = (
            ("particle", numbers),
            ("chosen", np.isin(numbers, self.group)),
            ("x_1", points[:, 0]),
            ("x_2", points[:, 1]),
        )
        return [TableColumn(name, np.asarray(values, np.float64)) for name, values in named]

    def sizeHint(self) -> QSize:
        """Square."""
        return QSize(SIDE, SIDE)

    def _of(self, frame: PlanarFrame | None) -> F32 | None:
        points = None if frame is None else frame.learnt_x if self.learnt else frame.x
        return None if frame is None or points is None else points if self.raw else frame.placed(points)

    def _scale(self, frame: PlanarFrame) -> float:
        """How much larger than brought to one variance everything is drawn."""
        return frame.scale if self.raw else 1.0

    def _compose_particles(self) -> None:
        """Those of the run before below, then those that are not chosen, then the others."""
        shown, before = self.particles(), self._of(self.before)
        points = shown if shown is not None else np.empty((0, 2), np.float32)
        ghosts = before if before is not None else points[:0]
        kinds = np.full(len(points), 2)
        if len(self.group):
            kinds[~np.isin(np.arange(len(points)), self.group)] = 1
        order, name = np.argsort(kinds, kind="stable"), theme.palette().name
        hue = "generated" if self.learnt else "text"
        styles = [plane_layers.disc_style(name, hue, POINT, alpha) for alpha in (GHOST, PALE, 1.0)]
        kinds = np.concatenate([np.zeros(len(ghosts), np.intp), kinds[order]])
        self.points.show_points(np.concatenate([ghosts, points[order]]), kinds, styles)

    def _on_lassoed(self, corners: Any) -> None:
        points = self.particles()
        held = np.flatnonzero(plane_marks.inside(corners, points)) if corners is not None and points is not None else ()
        self.group_chosen.emit(np.asarray(held, np.intp))
