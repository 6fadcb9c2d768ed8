"""One plot over the shared axis: painted from a kept layer, with the cursor over it."""

from __future__ import annotations

import dataclasses

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from diffviz.domain.bookmarks import Span
from diffviz.domain.plots import Plot
from diffviz.domain.text import tr
from diffviz.ui.timeline import places, plot_painting
from diffviz.ui.timeline.axis import Axis, AxisWidget
from diffviz.ui.timeline.legend import Curves, DotCounts, PlotCurve, come
from diffviz.ui.timeline.run_progress import Mark, RunProgress, paint_leader, paint_line, paint_text, plate_of
from diffviz.ui.widgets import painting, theme, view
from diffviz.ui.widgets.math_label import plain

BOTTOM, LABELS = 5, 20
LABEL_ROOM_Y = 24.0
FEWEST_LABELS = 3.0
NEAR = 8.0
INSIDE = 2
PALE = 0.45


class TimelinePlot(AxisWidget):
    """Curves of one `Plot`, dots at the visited steps that have come, and the cursor.

    `off` holds the keys of the curves that are not drawn; `models` are those that curves which go together are of. The
    pinned run's curves are thin and dashed, its dots are rings on these where the shown run has none. All dots and
    rings are points of the curves.
    """

    REACH = 7

    def __init__(self, plot: Plot, axis: Axis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = plot
        self.log = plot.log
        self.models: tuple[str, ...] = ()
        self.off = {series.key for series in plot.series if not series.on}
        self._axis = axis
        self._labelled = self._captioned = False
        self._marks: tuple[Mark, ...] = ()
        self._pinned: Plot | None = None
        self._curves = Curves.of(plot, self.log)
        self._curves_b: Curves | None = None
        self._track_b: RunProgress | None = None
        self._counts = DotCounts()
        self._layer = painting.Layer()
        self._highlight: view.Highlight | None = None
        self._chosen: Span | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(52)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(tr("Plot of {what}").format(what=plain(plot.label)))

    def set_highlight(self, highlight: view.Highlight) -> None:
        """Show which curve is pointed at, here or elsewhere."""
        self._highlight = highlight
        highlight.changed.connect(self.update)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the nearest curve, or drag the cursor along."""
        super().mouseMoveEvent(event)
        if self._highlight is not None and not event.buttons():
            self._highlight.point(self._term_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        if self._highlight is not None:
            self._highlight.point("")

    def _term_at(self, at: QPointF) -> str:
        """The term of the curve near `at`."""
        position = self.map.to_position(at.x())
        to_y = self.heights.to_y
        near = [(abs(to_y(float(curve.at(position))) - at.y()), curve) for curve in self.drawn]
        found = min((pair for pair in near if pair[0] <= NEAR), key=lambda pair: pair[0], default=None)
        return found[1].series.term if found else ""

    def set_labelled(self, labelled: bool) -> None:
        """Whether it writes the positions under its axis."""
        if labelled != self._labelled:
            self._labelled = labelled
            self.update()

    def set_captioned(self, captioned: bool) -> None:
        """Whether it writes what its marks stand for."""
        if captioned != self._captioned:
            self._captioned = captioned
            self.update()

    def set_marks(self, marks: tuple[Mark, ...]) -> None:
        """Show a line at each of `marks`."""
        if marks != self._marks:
            self._marks = marks
            self.update()

    def show_range(self, chosen: Span | None) -> None:
        """Make what is outside the range `chosen` paler."""
        if chosen != self._chosen:
            self._chosen = chosen
            self.update()

    def set_log(self, log: bool) -> None:
        """Draw log₁₀ of the curves, or themselves."""
        self.log = log
        self._recompute()

    def show_plot(self, plot: Plot, beside: Plot | None = None) -> None:
        """Draw `plot`, and the curves of the pinned run in it, unless they are the same objects as before.

        `beside` is None where these would be the curves of `plot`, and has none where the pinned run has no such.
        A plot that begins with another axis than the one before it does so.
        """
        if plot is not self.plot or beside is not self._pinned:
            self.log = self.log if plot.log == self.plot.log else plot.log
            self.plot, self._pinned = plot, beside
            self._recompute()

    def show_beside(self, track: RunProgress | None) -> None:
        """Show which steps of the pinned run have come."""
        if track is not self._track_b:
            self._track_b = track
            self.update()

    def move_cursor(self, cursor: float) -> None:
        """Move the cursor line, and the dots of the frame that is shown."""
        if cursor == self.at:
            return
        for position in (self.at, cursor):
            self.update(self.strip(position))
            if self.track and self.track.count:
                self.update(self.strip(self.track.shown_at(position)))
        before = self.captions()
        self.at = cursor
        if before != self.captions():
            self.update()

    def captions(self) -> list[QRectF]:
        """Where the texts of its marks stand: clear of the cursor and of its rings."""
        taken = [self.cursor_px]
        if self.track and self.track.count:
            taken.append(self.map.to_px(self.track.shown_at(self.at)))
        ends = (self.map.left_px, self.map.right_px)
        marks = self._marks if self._captioned else ()
        return [plate_of(mark.text, self.map.to_px(mark.position), plot_painting.TOP, ends, taken) for mark in marks]

    @property
    def drawn(self) -> list[PlotCurve]:
        """The curves that are drawn: those that are on, or all where none is."""
        curves = self._curves.curves
        return [curve for curve in curves if curve.series.key not in self.off] or list(curves)

    @property
    def heights(self) -> plot_painting.Heights:
        """Where the heights of its curves lie."""
        return plot_painting.Heights(self._curves.low, self._curves.high, self._depth)

    @property
    def _depth(self) -> float:
        return max(1.0, self.height() - plot_painting.TOP - (LABELS if self._labelled else BOTTOM))

    @property
    def _fixed(self) -> bool:
        """Whether the ends of its heights are given, whatever its curves are."""
        return self.plot.limits is not None and not self.log

    def _recompute(self) -> None:
        self._curves = Curves.of(self.plot, self.log)
        self._curves_b = None if self._pinned is None else Curves.of(self._pinned, self.log)
        if self._curves_b is not None and not self._fixed and any(len(curve.ys) for curve in self._curves_b.curves):
            low, high = min(self._curves.low, self._curves_b.low), max(self._curves.high, self._curves_b.high)
            self._curves = dataclasses.replace(self._curves, low=low, high=high)
        self._layer = painting.Layer()
        self.update()

    def event(self, event: QEvent) -> bool:
        """Say the values under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.values_at(self.map.to_position(event.x())), self)
            return True
        return super().event(event)

    def values_at(self, position: float) -> str:
        """The values of the drawn curves at the one of their positions that is nearest to `position`."""
        at = self._nearest(position)
        lines = [f"{plain(self._axis.name)} = {self._axis.form(at)}"]
        for curve in self.drawn:
            height = float(curve.at(at))
            value = 10**height if self.log else height
            lines.append(f"{self._name_of(curve)} = {value:.4g}" if np.isfinite(height) else "")
        return "\n".join(line for line in lines if line)

    def _name_of(self, curve: PlotCurve) -> str:
        """What `curve` is called in words: where each is of another model, with that model."""
        series = self.plot.series
        if not self.plot.together or len(self.models) < 2:
            return plain(curve.series.label)
        return f"{plain(series[0].label)}, {self.models[series.index(curve.series)]}"

    def _nearest(self, position: float) -> float:
        xs = self.drawn[0].series.xs
        return float(xs[np.abs(xs - position).argmin()]) if len(xs) else float(round(position))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the layer, and the cursor over it."""
        painter = QPainter(self)
        key = (
            self._dots_of(self.track),
            self._dots_of(self._track_b),
            self.map,
            self._labelled,
            self._marks,
            theme.palette().name,
            frozenset(self.off),
        )
        self._layer.paint(painter, self.size(), key, self._paint_layer)
        self._paint_pointed(painter)
        places.paint_veil(painter, self.map, self._chosen, plot_painting.TOP + self._depth, PALE)
        if self.track and self.map.shows(self.at):
            self._paint_cursor(painter, self.track)
        self._paint_captions(painter)

    def _paint_pointed(self, painter: QPainter) -> None:
        """A halo along the curve that is pointed at."""
        term = self._highlight.term if self._highlight else ""
        for curve in self.drawn if term else ():
            if curve.series.term == term:
                plot_painting.paint_halo(painter, self.map, self.heights, curve)

    def _paint_cursor(self, painter: QPainter, track: RunProgress) -> None:
        painter.fillRect(
            QRectF(painting.crisp(self.cursor_px) - 0.5, plot_painting.TOP, 1, self._depth), theme.color("cursor")
        )
        if not track.count:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.color("panel"))
        position = np.array([track.shown_at(self.at)])
        for curve in self.drawn:
            painter.setPen(QPen(theme.color(curve.series.hue), 1.5))
            for at, height in curve.points(position, self.map).tolist():
                painter.drawEllipse(QPointF(self.map.to_px(at), self.heights.to_y(height)), 3.25, 3.25)

    def _paint_captions(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for mark, plate in zip(self._marks, self.captions(), strict=False):
            paint_leader(painter, self.map.to_px(mark.position), plate)
            paint_text(painter, mark.text, plate)

    def _paint_layer(self, painter: QPainter) -> None:
        self._paint_axes(painter)
        if self.map.zoomed:
            painter.setClipRect(QRectF(self.map.left_px, 0, self.map.right_px - self.map.left_px, self.height()))
        across, heights = self.map, self.heights
        for level in self.plot.levels:
            plot_painting.paint_level(painter, across, heights, level)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for band in self._curves.bands:
            plot_painting.paint_band(painter, across, heights, band)
        for curve in self.drawn:
            plot_painting.paint_curve(painter, across, heights, curve)
        for curve in self.drawn if self.plot.dots else ():
            self._paint_dots(painter, curve)
        self._paint_beside(painter)
        self._paint_marks(painter)

    def _paint_beside(self, painter: QPainter) -> None:
        """The pinned run's curves, as far as they lie within the plot, and its rings."""
        painter.save()
        painter.setClipRect(QRectF(0, plot_painting.TOP - INSIDE, self.width(), self._depth + 2 * INSIDE))
        for curve in self._drawn_beside:
            plot_painting.paint_curve(painter, self.map, self.heights, curve, beside=True)
        known = self.track.planned if self.track else ()
        if self._track_b and self.plot.dots:
            only_b = come(self._track_b, self.map, known)
            for curve in self.drawn if self._pinned is None else self._drawn_beside:
                plot_painting.paint_dots(painter, self.map, self.heights, curve, only_b, rings=True)
        painter.restore()

    def _paint_axes(self, painter: QPainter) -> None:
        plot_painting.paint_x_axis(painter, self.map, self._depth)
        if self._labelled:
            plot_painting.paint_x_labels(painter, self.map, self._axis, self._depth)
        marks = self._curves.ticks(max(FEWEST_LABELS, self._depth / LABEL_ROOM_Y))
        plot_painting.paint_y_axis(painter, self.map, self.heights, marks)
        first = self.drawn[0].series
        of = first.label if len(self.drawn) == 1 or self.plot.together else self.plot.label
        plot_painting.paint_y_name(painter, f"log₁₀ {of}" if self.log else self.plot.label, first.hue, self._depth)

    def _paint_dots(self, painter: QPainter, curve: PlotCurve) -> None:
        """Dots of the shown run."""
        if self.track:
            plot_painting.paint_dots(painter, self.map, self.heights, curve, come(self.track, self.map))

    def _paint_marks(self, painter: QPainter) -> None:
        for mark in self._marks:
            paint_line(painter, self.map.to_px(mark.position), plot_painting.TOP, self._depth)

    @property
    def _drawn_beside(self) -> list[PlotCurve]:
        shown = {curve.series.key for curve in self.drawn}
        return [curve for curve in self._curves_b.curves if curve.series.key in shown] if self._curves_b else []

    def _dots_of(self, track: RunProgress | None) -> tuple[int, int] | None:
        """Equal for two looks at a run with the same dots: most frames of a long run that come bring none."""
        if track is None or not self.plot.dots:
            return None if track is None else (track.run.id, 0)
        return track.run.id, self._counts.of(track, self.map, (self.track, self._track_b))

    def sizeHint(self) -> QSize:
        """As much as there is room."""
        return QSize(400, 110)
