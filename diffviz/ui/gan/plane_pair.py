"""Samples over D(x) as it has been learnt, beside the same samples over the best possible D."""

from __future__ import annotations

import dataclasses

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from diffviz.domain.arrays import F32
from diffviz.domain.gan import EXTENT, GRID, Drawn, GanFrame, GanRequest, Pictures
from diffviz.domain.gan_leaning import Leaning
from diffviz.domain.text import tr
from diffviz.theory.gan.distance import best_surface
from diffviz.theory.gan.distributions import mixture_of
from diffviz.ui.forms.controls import label
from diffviz.ui.gan.captioned import captioned
from diffviz.ui.gan.contours import contours_of
from diffviz.ui.gan.plane import PlaneMap
from diffviz.ui.gan.plane_scene import PlaneScene

LEARNT, BEST, BOTH = "learnt", "best", "both"


class PlanePair(QWidget):
    """Two maps of the plane that are looked at together. Signals: `hovered(x, y)`, a place on it, and `left`."""

    hovered = Signal(float, float)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._best: F32 | None = None
        self.maps = [PlaneMap(tr("D as learnt")), PlaneMap(tr("Best possible D"))]
        self.captions = [label("", "small"), label("", "small")]
        self._panels = [captioned(caption, view) for caption, view in zip(self.captions, self.maps, strict=True)]
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
    return best_surface(mixture_of(request.data), frame.density).astype(np.float32)


def value_at(surface: F32, x: float, y: float) -> float:
    """The value of a surface (GRID, GRID) over ±EXTENT at a place, nan outside."""
    if max(abs(x), abs(y)) > EXTENT:
        return float("nan")
    column, row = (round((value + EXTENT) / (2 * EXTENT) * (GRID - 1)) for value in (x, y))
    return float(surface[row, column])
