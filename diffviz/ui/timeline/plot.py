"""One plot over the timeline's axis: a panel that is spread as slider and filmstrip are, with dots and rings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, Slot

from diffviz.domain.arrays import F64
from diffviz.domain.axis_scale import AxisScale, Scale
from diffviz.domain.plots import Plot
from diffviz.session.looks import Look
from diffviz.ui.plots import plot_looks
from diffviz.ui.plots.axes import Range
from diffviz.ui.plots.lines import BESIDE, DrawnLine, point_at
from diffviz.ui.plots.panel import Panel
from diffviz.ui.plots.view_box import UP, Margins
from diffviz.ui.timeline.axis import LEFT_MARGIN, RIGHT_MARGIN, Axis, AxisMap
from diffviz.ui.timeline.legend import DotCounts, come
from diffviz.ui.timeline.run_progress import RunProgress

OVERHANG = 6
"""Pixels that a plot is wider than the axis at each end: a dot at an end is whole."""
TOP, BOTTOM, LABELS = 5, 5, 20
ROOMY = 56.0 / 64.0
SNAP = 2.0
"""How far from a point of a curve, in pixels, a frame may stand that is marked there."""
NONE: F64 = np.zeros(0)


@dataclass(frozen=True, slots=True)
class TimelineScale:
    """Positions by their share of the axis's length, as `scale` spreads them; `form` writes them."""

    scale: Scale
    form: Callable[[float], str]

    def coordinates(self, values: F64) -> F64:
        """The shares of the length at which `values` lie."""
        return self.scale.shares(np.asarray(values, np.float64))

    def value(self, coordinate: float) -> float:
        """The position at a share of the length, held within the axis."""
        return self.scale.position(min(max(coordinate, 0.0), 1.0))

    def marks(self, low: float, high: float, count: float) -> list[tuple[float, str]]:
        """Round positions, or round values of what spreads the axis; no text twice."""
        seen = None if low <= 0 and high >= 1 else (self.value(low), self.value(high))
        found: dict[str, float] = {}
        for position in self.scale.ticks(count * ROOMY, seen):
            found.setdefault(self.scale.text(position, self.form), self.scale.share(position))
        return [(share, text) for text, share in found.items()]


class TimelinePanel(Panel):
    """Curves of one `Plot` over the axis, dots at the visited steps that have come, and rings at the shown frame.

    Its coordinate across is the share of the axis's length. `models` are those that curves which go together are of.
    Of the pinned run there are rings where the shown run has no dot. All dots and rings are points of the curves. One
    that is not `shown` takes no room.
    """

    def __init__(self, plot: Plot, axis: Axis) -> None:
        super().__init__("", "", Margins(LEFT_MARGIN - OVERHANG, TOP, RIGHT_MARGIN - OVERHANG, BOTTOM))
        self.map = AxisMap.across(1, AxisScale(0.0, 1.0), False)
        self.models: tuple[str, ...] = ()
        self.shown = True
        self.track: RunProgress | None = None
        self.beside: RunProgress | None = None
        self._axis = axis
        self._given: tuple[Plot, Plot | None] = plot, None
        self._counts = DotCounts()
        self._dotted: object = None
        self._ringed: tuple[object, list[tuple[QPointF, str]]] = None, []
        self._off_before = self.off
        self.x_axis.set_name(axis.name)
        self.x_axis.writes_name = False
        self.changed.connect(self._on_changed)
        self.set_even(x=TimelineScale(self.map.scale, axis.form))
        self._draw_given()

    @property
    def given(self) -> Plot:
        """The plot that it shows."""
        return self._given[0]

    def show_plot(self, plot: Plot, beside: Plot | None = None) -> None:
        """Draw `plot`, and the curves of the pinned run in it, unless they are the same objects as before.

        `beside` is None where these would be the curves of `plot`, and has none where the pinned run has no such.
        """
        if plot is not self._given[0] or beside is not self._given[1]:
            self._given = plot, beside
            self._draw_given()

    def show_models(self, names: tuple[str, ...]) -> None:
        """Call curves that go together by the models that they are of."""
        if names != self.models:
            self.models = names
            self._draw_given()

    def look(self) -> Look:
        """Its grid, and the part that is seen upwards: across it is seen as the axis is."""
        return plot_looks.grid_and_part(self, UP)

    def take_look(self, look: Look) -> None:
        """Have that grid, and show that part."""
        plot_looks.show_look(self, {key: look[key] for key in ("grid", UP) if key in look})

    def set_map(self, across: AxisMap) -> None:
        """Lay everything out anew by `across`."""
        before, self.map = self.map, across
        with self.as_one():
            self._take_map(across, before)

    def _take_map(self, across: AxisMap, before: AxisMap) -> None:
        self.box.invertX(across.mirrored)
        if across.scale != before.scale:
            self.x_limits = across.low, across.high
            self.set_even(x=TimelineScale(across.scale, self._axis.form))
        elif across != before:
            self._fit()
        self.show_tracks(self.track, self.beside)

    def show_tracks(self, track: RunProgress | None, beside: RunProgress | None) -> None:
        """Show which steps of the shown run and of the pinned one have come."""
        self.track, self.beside = track, beside
        key = (self._dots_of(track), self._dots_of(beside), self.map, self._given, self.off)
        if key == self._dotted:
            return
        self._dotted, dots = key, self.given.dots
        with self.as_one():
            self._show_come(track, beside, dots=dots)

    def _show_come(self, track: RunProgress | None, beside: RunProgress | None, *, dots: bool) -> None:
        self.show_dots(come(track, self.map) if track and dots else NONE)
        known = track.planned if track else ()
        ringed = beside is not None and dots and (self._given[1] is None or bool(self.drawn_beside))
        self.show_dots(come(beside, self.map, known) if beside and ringed else NONE, beside=True)

    @property
    def drawn_shown(self) -> list[DrawnLine]:
        """The curves of the shown run that are drawn."""
        return [drawn for drawn in self.drawn if drawn.line is not None and drawn.line.style != BESIDE]

    @property
    def drawn_beside(self) -> list[DrawnLine]:
        """The curves of the pinned run that are drawn."""
        return [drawn for drawn in self.drawn if drawn.line is not None and drawn.line.style == BESIDE]

    def rings(self, position: float) -> list[tuple[QPointF, str]]:
        """Where the shown run's curves have a point at `position`, and in which colour."""
        key = position, self.map, self.box.area.getRect(), self.box.seen
        if self._ringed[0] != key:
            self._ringed = key, list(self._points_at(position))
        return self._ringed[1]

    def height_at(self, drawn: DrawnLine, position: float) -> float:
        """Pixels from the top at which `drawn` passes `position`; nan where it is not defined."""
        x = self.map.scale.share(position)
        return self.box.to_px(x, drawn.at(x)).y()

    def nearest(self, position: float) -> float:
        """The position of a point of its first curve that is nearest to `position`: nothing between two is made up."""
        line = next((drawn.line for drawn in self.drawn_shown if drawn.line is not None and len(drawn.line.xs)), None)
        return position if line is None else float(line.xs[np.abs(line.xs - position).argmin()])

    def label_rows(self, lowest: bool) -> None:
        """Write positions below it, where it is the `lowest`."""
        self.margins = replace(self.margins, bottom=LABELS if lowest else BOTTOM)
        self.x_axis.setStyle(showValues=lowest)

    def _points_at(self, position: float) -> list[tuple[QPointF, str]]:
        found, share, slack = [], self.map.scale.share(position), self._slack()
        for drawn in self.drawn_shown:
            assert drawn.line is not None
            at = point_at(drawn, share, slack)
            if at is not None:
                found.append((self.box.to_px(*at), drawn.line.hue))
        return found

    def _draw_given(self) -> None:
        plot, beside = self._given
        with self.as_one():
            super().show_plot(self._named(plot), beside)
            self._name_heights()
            self.show_tracks(self.track, self.beside)

    def _named(self, plot: Plot) -> Plot:
        """`plot` whose curves are called by their models where they go together."""
        if not plot.together or len(self.models) < 2:
            return plot
        first = plot.series[0].label
        pairs = zip(plot.series, self.models, strict=False)
        return replace(plot, series=tuple(replace(series, label=f"{first}, {model}") for series, model in pairs))

    def _name_heights(self) -> None:
        """Say beside the vertical axis what the heights are, in the colour of the first curve."""
        plot = self.given
        drawn = [series for series in plot.series if series.key not in self.off] or list(plot.series)
        alone = bool(plot.series) and (len(drawn) == 1 or plot.together)
        self.y_axis.set_name(drawn[0].label if alone and self.log_y else plot.label, drawn[0].hue if drawn else "quiet")

    def _dots_of(self, track: RunProgress | None) -> tuple[int, int] | None:
        """Equal for two looks at a run with the same dots: most frames of a long run that come bring none."""
        if track is None or not self.given.dots:
            return None if track is None else (track.run.id, 0)
        return track.run.id, self._counts.of(track, self.map, (self.track, self.beside))

    def _fit(self) -> None:
        """Show what the axis shows, across; upwards let the whole be what the curves need there."""
        whole, seen = self._overhung(0.0, 1.0), self._overhung(self.map.begin, self.map.end)
        with self.as_one():
            self.box.set_whole(whole, self._heights(seen, whole))
            self.box.look(x=seen)

    def _overhung(self, begin: float, end: float) -> Range:
        """The shares between which it is seen where the axis shows `begin` … `end`: a little more."""
        more = OVERHANG / (self.map.right_px - self.map.left_px) * (end - begin)
        return begin - more, end + more

    @Slot()
    def _on_changed(self) -> None:
        """Forget where points lay; where other curves are drawn, name them and mark their points."""
        self._ringed = None, []
        if self.off != self._off_before:
            self._off_before = self.off
            self._name_heights()
            self.show_tracks(self.track, self.beside)
