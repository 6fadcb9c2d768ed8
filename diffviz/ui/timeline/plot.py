"""One plot over the shared axis: painted from a kept layer, with the cursor over it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from diffviz.domain.text import tr
from diffviz.ui import theme
from diffviz.ui.highlight import Highlight
from diffviz.ui.stage.symbol import Typeset, plain
from diffviz.ui.timeline.axis import Axis, every, round_step, ticks
from diffviz.ui.timeline.curves import Band, Curve, Curves, thinned
from diffviz.ui.timeline.marks import Mark, paint_line, paint_text
from diffviz.ui.timeline.painting import Layer, crisp
from diffviz.ui.timeline.part import Part
from diffviz.ui.timeline.specs import PlotSpec
from diffviz.ui.timeline.track import Track
from diffviz.ui.views.view import Shown

TOP, BOTTOM, LABELS = 5, 5, 20
OVERHANG = 6
DOT = 2.0
DOT_ROOM = 7.0
LABEL_ROOM_X, LABEL_ROOM_Y = 64.0, 24.0
FEWEST_LABELS = 3.0
BAND_OPACITY = 0.22
SMALLEST_NAME = 8
Floats = NDArray[np.float64]
NEAR = 8.0
HALO = 120


class Plot(Part):
    """Curves of one `PlotSpec`, dots at the visited steps that have come, and the cursor.

    `off` holds the curves that are not drawn. The pinned run's curves are thin and dashed, its dots are rings where the
    shown run has none.
    """

    REACH = 5

    def __init__(self, spec: PlotSpec, axis: Axis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self.log = spec.always_log or bool(spec.log)
        self.off = {curve for curve in spec.curves if not curve.on}
        self._axis = axis
        self._labelled = self._captioned = False
        self._marks: tuple[Mark, ...] = ()
        self._source: object | None = None
        self._curves: Curves | None = None
        self._source_b: object | None = None
        self._curves_b: Curves | None = None
        self._track_b: Track | None = None
        self._layer = Layer()
        self._highlight: Highlight | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(52)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(tr("Plot of {what}").format(what=plain(spec.name)))

    def set_highlight(self, highlight: Highlight) -> None:
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
        near = [(abs(self.to_y(float(curve.at(position))) - at.y()), curve) for curve in self.drawn if self._curves]
        found = min((pair for pair in near if pair[0] <= NEAR), key=lambda pair: pair[0], default=None)
        return found[1].spec.term if found else ""

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

    def set_log(self, log: bool) -> None:
        """Draw log₁₀ of the curves, or themselves."""
        self.log = log
        self._recompute()

    def show_source(self, shown: Shown) -> None:
        """Take the curves from what is shown, unless they come from the same object as before."""
        source = self.spec.source(shown)
        source_b = self.spec.source_b(shown) if self.spec.source_b else None
        if source is not self._source or source_b is not self._source_b:
            self._source, self._source_b = source, source_b
            self._recompute()

    def show_beside(self, track: Track | None) -> None:
        """Show which steps of the pinned run have come."""
        if track is not self._track_b:
            self._track_b = track
            self.update()

    @property
    def present(self) -> bool:
        """Whether it belongs on the screen: an optional plot only with something to show."""
        return not self.spec.optional or self._source is not None

    def move_cursor(self, cursor: float) -> None:
        """Move the cursor line, and the dots of the frame that is shown."""
        if cursor == self.at:
            return
        for position in (self.at, cursor):
            self.update(self.strip(position))
            if self.track and self.track.count:
                self.update(self.strip(self.track.shown_at(position)))
        self.at = cursor

    @property
    def drawn(self) -> list[Curve]:
        """The curves that are drawn: those that are on, or all where none is."""
        curves = self._curves.curves if self._curves else ()
        return [curve for curve in curves if curve.spec not in self.off] or list(curves)

    def to_y(self, value: float) -> float:
        """Where `value` lies, in pixels from the top."""
        assert self._curves
        share = (value - self._curves.low) / (self._curves.high - self._curves.low)
        return TOP + (1 - share) * self._depth

    @property
    def _depth(self) -> float:
        return max(1.0, self.height() - TOP - (LABELS if self._labelled else BOTTOM))

    def _recompute(self) -> None:
        self._curves = None if self._source is None else Curves.of(self.spec, self._source, self.log)
        other = None if self._source_b is self._source else self._source_b
        self._curves_b = None if other is None else Curves.of(self.spec, other, self.log)
        if self._curves and self._curves_b:
            low, high = min(self._curves.low, self._curves_b.low), max(self._curves.high, self._curves_b.high)
            self._curves = Curves(self._curves.curves, low, high)
        self._layer = Layer()
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
            lines.append(f"{plain(curve.spec.label)} = {value:.4g}" if np.isfinite(height) else "")
        return "\n".join(line for line in lines if line)

    def _nearest(self, position: float) -> float:
        xs = self.drawn[0].xs if self.spec.positions and self.drawn else np.empty(0)
        return float(xs[np.abs(xs - position).argmin()]) if len(xs) else float(round(position))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the layer, and the cursor over it."""
        painter = QPainter(self)
        key = (
            self._dots_of(self.track),
            self._dots_of(self._track_b),
            self.map,
            self._labelled,
            self._captioned,
            self._marks,
            theme.palette().name,
            frozenset(self.off),
        )
        self._layer.paint(painter, self.size(), key, self._paint_layer)
        self._paint_pointed(painter)
        if self.track and self._curves:
            self._paint_cursor(painter, self.track)

    def _paint_pointed(self, painter: QPainter) -> None:
        """A halo along the curve that is pointed at."""
        term = self._highlight.term if self._highlight else ""
        for curve in self.drawn if term and self._curves else ():
            if curve.spec.term == term:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(theme.color(curve.spec.hue, 0.35), 6.0))
                xs = self.map.to_pxs(curve.xs)
                points = [QPointF(float(x), self.to_y(float(y))) for x, y in zip(xs, curve.ys, strict=True)]
                painter.drawPolyline(QPolygonF(points[:: max(1, len(points) // HALO)]))

    def _paint_cursor(self, painter: QPainter, track: Track) -> None:
        painter.fillRect(QRectF(crisp(self.cursor_px) - 0.5, TOP, 1, self._depth), theme.color("cursor"))
        if not track.count:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.color("panel"))
        position = track.shown_at(self.at)
        for curve in self.drawn:
            height = float(curve.at(position))
            if np.isfinite(height):
                painter.setPen(QPen(theme.color(curve.spec.hue), 1.5))
                painter.drawEllipse(QPointF(self.map.to_px(position), self.to_y(height)), 3.25, 3.25)

    def _paint_layer(self, painter: QPainter) -> None:
        self._paint_x_axis(painter)
        if self._curves is None:
            return
        self._paint_y_axis(painter, self._curves)
        for level in self.spec.levels:
            self._paint_level(painter, level)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for band in self._curves.bands:
            self._paint_band(painter, band)
        for curve in self.drawn:
            self._paint_curve(painter, curve)
        for curve in self._drawn_beside:
            self._paint_curve(painter, curve, beside=True)
        for curve in self.drawn if self.spec.dots else ():
            if self.track:
                self._paint_dots(painter, curve, self.track)
            if self._track_b:
                self._paint_dots(painter, self._beside(curve), self._track_b, rings=True)
        self._paint_marks(painter)

    def _paint_marks(self, painter: QPainter) -> None:
        for mark in self._marks:
            px = self.map.to_px(mark.position)
            paint_line(painter, px, TOP, self._depth)
            if self._captioned:
                paint_text(painter, mark.text, px, TOP, (self.map.left_px, self.map.right_px))

    @property
    def _drawn_beside(self) -> list[Curve]:
        shown = {curve.spec for curve in self.drawn}
        return [curve for curve in self._curves_b.curves if curve.spec in shown] if self._curves_b else []

    def _beside(self, curve: Curve) -> Curve:
        """The pinned run's curve where it has one of its own."""
        return next((other for other in self._drawn_beside if other.spec is curve.spec), curve)

    def _paint_curve(self, painter: QPainter, curve: Curve, *, beside: bool = False) -> None:
        pen = QPen(theme.color(curve.spec.hue, 0.75 if beside else 1.0), 1.0, curve.spec.style)
        if beside:
            pen.setDashPattern([6.0, 3.0, 1.0, 3.0])
        elif curve.spec.style == Qt.PenStyle.DotLine:
            pen.setDashPattern([1.5, 2.5])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(self._line(*thinned(self.map.to_pxs(curve.xs), curve.ys)))

    def _line(self, pxs: Floats, heights: Floats) -> QPolygonF:
        assert self._curves
        shares = (heights - self._curves.low) / (self._curves.high - self._curves.low)
        ys = TOP + (1 - shares) * self._depth
        return QPolygonF([QPointF(x, y) for x, y in zip(pxs.tolist(), ys.tolist(), strict=True)])

    def _paint_band(self, painter: QPainter, band: Band) -> None:
        pxs = self.map.to_pxs(band.xs)
        around = self._line(np.concatenate([pxs, pxs[::-1]]), np.concatenate([band.lows, band.highs[::-1]]))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(band.spec.hue, BAND_OPACITY))
        painter.drawPolygon(around)

    def _paint_level(self, painter: QPainter, level: float) -> None:
        pen = QPen(theme.color("quiet"), 1.0, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([4.0, 3.0])
        painter.setPen(pen)
        y = crisp(self.to_y(level))
        painter.drawLine(QPointF(self.map.left_px, y), QPointF(self.map.right_px, y))

    def _paint_dots(self, painter: QPainter, curve: Curve, track: Track, *, rings: bool = False) -> None:
        known = set(self.track.planned) if rings and self.track else set()
        shown = np.asarray([p for p in self._dotted(track) if track.has(p) and p not in known])
        heights = curve.at(shown)
        there = np.isfinite(heights)
        dots = self._line(self.map.to_pxs(shown)[there], heights[there])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if rings:
            painter.setPen(QPen(theme.color(curve.spec.hue, 0.7), 1.0))
            for dot in dots.toList():
                painter.drawEllipse(dot, DOT + 1.5, DOT + 1.5)
        else:
            hue = theme.color(curve.spec.hue)
            painter.setPen(QPen(hue, 2 * DOT, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawPoints(dots)  # all at once: one ellipse each takes ten times as long

    def _dots_of(self, track: Track | None) -> tuple[int, int] | None:
        """Equal for two looks at a run with the same dots: most frames of a long run that come bring none."""
        if track is None:
            return None
        return track.run.id, sum(map(track.has, self._dotted(track))) if self.spec.dots else 0

    def _dotted(self, track: Track) -> list[float]:
        """Planned positions with room for a dot each."""
        planned = track.planned
        length = abs(self.map.to_px(planned[-1]) - self.map.to_px(planned[0]))
        return list(planned[:: every(length / max(1, len(planned) - 1), DOT_ROOM)])

    def _paint_x_axis(self, painter: QPainter) -> None:
        bottom = round(TOP + self._depth)
        left, right = self.map.left_px - OVERHANG, self.map.right_px + OVERHANG
        painter.fillRect(QRectF(left, bottom, right - left, 1), theme.blend("panel", "quiet", 0.55))
        painter.fillRect(QRectF(left, TOP, 1, bottom - TOP), theme.blend("panel", "quiet", 0.55))
        if self._labelled:
            self._paint_x_labels(painter, bottom)

    def _paint_x_labels(self, painter: QPainter, bottom: float) -> None:
        font = theme.font(11)
        painter.setFont(font)
        low, high = self.map.low, self.map.high
        step = round_step(high - low, (self.map.right_px - self.map.left_px) / LABEL_ROOM_X)
        hue, quiet = theme.blend("panel", "quiet", 0.55), theme.color("quiet")
        for position in ticks(low, high, step / 5):
            painter.fillRect(QRectF(crisp(self.map.to_px(position)) - 0.5, bottom - 2, 1, 2), hue)
        painter.setPen(quiet)
        for position in ticks(low, high, step):
            x = self.map.to_px(position)
            painter.fillRect(QRectF(crisp(x) - 0.5, bottom - 4, 1, 4), hue)
            text = self._axis.form(position)
            painter.drawText(QRectF(x - 40, bottom + 3, 80, 16), Qt.AlignmentFlag.AlignCenter, text)
        name = Typeset(self._axis.name, theme.font(12, 500))
        name.paint(painter, self.map.left_px - OVERHANG - 15 - name.width, bottom + 14, quiet)

    def _paint_y_axis(self, painter: QPainter, curves: Curves) -> None:
        painter.setFont(theme.font(11))
        left, right = self.map.left_px - OVERHANG, self.map.right_px + OVERHANG
        heights = curves.ticks(max(FEWEST_LABELS, self._depth / LABEL_ROOM_Y))
        places = _decimals(heights)
        for height in heights:
            y = round(self.to_y(height))
            painter.fillRect(QRectF(left + 1, y, right - left - 1, 1), theme.color("edge", 0.75))
            painter.setPen(theme.color("quiet"))
            box = QRectF(left - 50, y - 8, 45, 16)
            right_middle = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, right_middle, f"{height + 0.0:.{places}f}".replace("-", "−"))
        self._paint_y_name(painter)

    def _paint_y_name(self, painter: QPainter) -> None:
        drawn = self.drawn
        name = self._fitting(f"log₁₀ {drawn[0].spec.label}" if self.log else self.spec.name)
        painter.save()
        painter.translate(13, TOP + (self._depth + name.width) / 2)
        painter.rotate(-90)
        name.paint(painter, 0, 0, theme.color(drawn[0].spec.hue))
        painter.restore()

    def _fitting(self, text: str) -> Typeset:
        """`text` as large as there is room for along the axis."""
        name = Typeset(text, theme.font(12, 500))
        share = min(1.0, (self._depth + TOP) / max(1.0, name.width))
        return name if share == 1 else Typeset(text, theme.font(max(SMALLEST_NAME, int(12 * share)), 500))

    def sizeHint(self) -> QSize:
        """As much as there is room."""
        return QSize(400, 110)


def _decimals(heights: list[float]) -> int:
    """How many decimals tell `heights` apart; a single one is written as it is."""
    if len(heights) == 1:
        return next((places for places in range(7) if abs(round(heights[0], places) - heights[0]) < 1e-9), 6)
    step = abs(heights[1] - heights[0]) if len(heights) > 1 else 1.0
    return max(0, -int(np.floor(np.log10(step) + 1e-9)))
