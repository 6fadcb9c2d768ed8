"""Which curve is whose, where the curves of every plot are one for each of several models.

Which of the visited steps have a dot: as many as there is room for.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.arrays import F64
from diffviz.domain.plots import Series
from diffviz.domain.text import tr
from diffviz.ui.plots.legend import HEIGHT, SAMPLE, paint_sample
from diffviz.ui.timeline.axis import AxisMap, every
from diffviz.ui.timeline.run_progress import RunProgress
from diffviz.ui.widgets import theme

ROOM = 7.0
GAP, BETWEEN = 6, 12


def come(track: RunProgress, across: AxisMap, known: Sequence[float] = ()) -> F64:
    """The positions of `track` that have come and are to have a dot, without those that are `known`."""
    left_out = set(known)
    return np.asarray([p for p in _dotted(track, across) if track.has(p) and p not in left_out])


class DotCounts:
    """How many dots the tracks that are shown have, counted once for each look at a run."""

    def __init__(self) -> None:
        self._counts: dict[tuple[RunProgress, AxisMap], int] = {}

    def of(self, track: RunProgress, across: AxisMap, shown: Sequence[RunProgress | None]) -> int:
        """The number of `track`; those of tracks that are no longer `shown` are forgotten."""
        key = (track, across)
        if key not in self._counts:
            self._counts = {known: count for known, count in self._counts.items() if known[0] in shown}
            self._counts[key] = sum(map(track.has, _dotted(track, across)))
        return self._counts[key]


def _dotted(track: RunProgress, across: AxisMap) -> list[float]:
    """Planned positions with room for a dot each."""
    planned = track.planned
    length = abs(across.to_px(planned[-1]) - across.to_px(planned[0]))
    return list(planned[:: every(length / max(1, len(planned) - 1), ROOM)])


class Legend(QWidget):
    """A piece of each curve's line before the name of its model; there while there is more than one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curves: tuple[Series, ...] = ()
        self.names: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Models by line"))
        self.hide()

    def show_curves(self, curves: Sequence[Series]) -> None:
        """Take the lines from `curves`, one for each model."""
        self._curves = tuple(curves)
        self.update()

    def show_names(self, names: Sequence[str]) -> None:
        """Name the models, in the order of the curves."""
        self.names = tuple(names)
        self.setAccessibleDescription(", ".join(names))
        self.setVisible(len(names) > 1)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for all lines and names."""
        widths = map(QFontMetricsF(theme.font(12)).horizontalAdvance, self.names)
        return QSize(round(sum(SAMPLE + GAP + width + BETWEEN for width in widths)), HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint lines and names."""
        font, x = theme.font(12), 0.0
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(font)
            for curve, name in zip(self._curves, self.names, strict=False):
                paint_sample(painter, curve, x)
                painter.setPen(theme.color("text"))
                painter.drawText(round(x + SAMPLE + GAP), round(HEIGHT / 2 + 4.5), name)
                x += SAMPLE + GAP + QFontMetricsF(font).horizontalAdvance(name) + BETWEEN
