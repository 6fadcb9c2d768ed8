"""Which curve is whose, where the curves of every plot are one for each of several models.

Which of the visited steps have a dot: as many as there is room for. What the axis is called, and spread by.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.arrays import F64
from diffviz.domain.plots import Series
from diffviz.domain.text import tr
from diffviz.theory.time_axes import SYMBOLS, TIME_AXES
from diffviz.ui.plots.legend import HEIGHT, SAMPLE, sample_of
from diffviz.ui.timeline.axis import LEFT_MARGIN, Axis, AxisMap, every
from diffviz.ui.timeline.run_progress import RunProgress
from diffviz.ui.widgets import math_label, painting, theme

ROOM = 7.0
INDENT = LEFT_MARGIN - 6
"""Where plots begin, chips above them included."""
AXIS_NAME_HEIGHT, NAME_ROOM, NAME_END = 20, 4, 9
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


class Legend(painting.PaintedWidget):
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

    def marks(self) -> Iterator[painting.PaintMark]:
        """Lines and names."""
        font, hue, x = theme.font(12), theme.color("text"), 0.0
        for curve, name in zip(self._curves, self.names, strict=False):
            yield sample_of(curve, x)
            yield painting.Text(QPointF(round(x + SAMPLE + GAP), round(HEIGHT / 2 + 4.5)), name, font, hue)
            x += SAMPLE + GAP + QFontMetricsF(font).horizontalAdvance(name) + BETWEEN


class AxisButton(painting.PaintedButton):
    """The name of the axis at its left end; pressed, it asks what the axis is to be spread by, where there is more."""

    def __init__(self, axis: Axis, parent: QWidget) -> None:
        super().__init__(parent)
        self._axis, self._key = axis, "?"
        self.setFixedSize(INDENT - 1, AXIS_NAME_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.show_axis("")

    def show_axis(self, spread_by: str) -> None:
        """Name what the axis is spread by, a key of `SYMBOLS`; empty where there is nothing to choose."""
        if spread_by == self._key:
            return
        self._key = spread_by
        self.setEnabled(bool(spread_by))
        self.setText(tr(SYMBOLS[spread_by]) if spread_by else self._axis.name)
        name = tr("Axis: {what}").format(what=tr(TIME_AXES[spread_by]) if spread_by else tr(self._axis.title))
        self.setAccessibleName(name)
        self.setToolTip(tr("What the axis is spread by: t, log-SNR, σ or the steps (A)") if spread_by else name)
        self.update()

    def marks(self) -> Iterator[painting.PaintMark]:
        """The name, and a ground where it can be pressed."""
        name = math_label.Typeset(self.text(), theme.font(12, 500))
        left = max(0.0, self.width() - NAME_END - name.width - NAME_ROOM)
        box = QRectF(left, 0.5, name.width + 2 * NAME_ROOM, self.height() - 2).adjusted(0.5, 0.5, -0.5, -0.5)
        if self.isEnabled() and (self.underMouse() or self.hasFocus()):
            edge = theme.color("cursor") if self.hasFocus() else None
            yield painting.Rect(box, theme.blend("panel", "quiet", 0.16), edge, 5)
        yield name.at(left + NAME_ROOM, self.height() - 6, theme.color("quiet"))
