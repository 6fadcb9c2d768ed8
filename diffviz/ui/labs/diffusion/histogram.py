"""The histogram of x_t beside the density of N(0, 1), which it tends to as t grows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from diffviz.domain.arrays import F32, F64
from diffviz.domain.frames import ForwardFrame, ReverseFrame
from diffviz.domain.panes import NOISY, SCALED_SYMBOL
from diffviz.domain.text import plain, tr
from diffviz.families import scaled_values
from diffviz.session.looks import Look
from diffviz.session.run import Run
from diffviz.theory.statistics import density
from diffviz.ui.widgets import figures, theme
from diffviz.ui.widgets.format import MINUS, percent
from diffviz.ui.widgets.kept import Recent
from diffviz.ui.widgets.view import Shown, View

if TYPE_CHECKING:
    from diffviz.ui.plots.density import DensityPlot

# the middle of every bin is a tenth, so that −1 and 1 do not stand on an edge
LOW, HIGH, BINS, TOP = -4.05, 4.05, 81, 0.8
HEIGHT, TALLEST, WORDS, NOTE, LIMIT = 168, 252, 56, 14, 200_000


def channels(images: F32, limit: int = LIMIT) -> tuple[F32, ...]:
    """Values of each channel of (N, C, H, W), flat, `limit` of them together at most.

    Where they are thinned out, the stride shares no factor with the image's width, so that every column is met.
    """
    count = images.shape[1]
    per_channel = images.size // count
    stride = coprime_stride(math.ceil(images.size / limit), images.shape[3])
    if stride == 1:
        return tuple(images[:, channel].ravel() for channel in range(count))
    picked = np.arange(0, per_channel, stride)
    plane = images.shape[2] * images.shape[3]
    sample, pixel = np.divmod(picked, plane)
    row, column = np.divmod(pixel, images.shape[3])
    return tuple(images[sample, channel, row, column] for channel in range(count))


def coprime_stride(stride: int, width: int) -> int:
    """The smallest number from `stride` on without a factor in common with `width`."""
    return 1 if stride <= 1 else next(k for k in range(stride, stride + width + 1) if math.gcd(k, width) == 1)


def moments(images: F32) -> tuple[float, float]:
    """Mean and variance of the values of (N, C, H, W), thinned out alike for equal shapes."""
    values = np.concatenate(channels(images))
    return float(values.mean(dtype=np.float64)), float(values.var(dtype=np.float64))


OUTSIDE_WORTH_SAYING = 0.01
CHANNELS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {"dark": ("#ff6b6b", "#51cf66", "#74a9ff"), "light": ("#c92a2a", "#1f7a33", "#1f5fd0")}
)
STYLES = ("solid", "dashed", "dotted")
KNOWN = 256
"""Of how many frames it is kept what was measured."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What is shown of a frame: densities by channel, that of a pinned run `beside`, and what the axes leave out."""

    densities: tuple[F64, ...] = ()
    beside: F64 | None = None
    left_out: str = ""


NOTHING = Measured()


class HistogramView(View):
    """Pixel values of x_t beside N(0, 1), one curve per channel, on axes that never move.

    `densities` are the densities shown, float64 (BINS,), one per channel, before what is too tall is cut off.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key: tuple[object, ...] | None = None
        self._measured = NOTHING
        self._known = Recent[Measured](KNOWN, lambda _measured: 1)
        self.heading = QLabel()
        self.heading.setProperty("role", "heading")
        self._scaled: bool | None = None
        hues = *CHANNELS[theme.palette().name], "quiet"
        self.note = figures.FigureLine(NOTE, tuple(figures.Style(theme.font(11), hue) for hue in hues))
        self._place = QVBoxLayout()
        self._plot: DensityPlot | None = None
        self._wanted: Look = {}
        room = QWidget()
        room.setMinimumHeight(HEIGHT)
        room.setMaximumHeight(TALLEST)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setMaximumHeight(TALLEST + WORDS)
        room.setLayout(self._place)
        self._place.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(4)
        for words in (self.heading, self.note):
            words.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        for widget in (self.heading, room, self.note):
            column.addWidget(widget)
        self._name(scaled=False)

    @property
    def densities(self) -> tuple[F64, ...]:
        """The densities shown."""
        return self._measured.densities

    @property
    def plot(self) -> DensityPlot:
        """What it draws with, made when it is first asked for: it is not worth keeping a window from being painted."""
        if self._plot is None:
            from diffviz.ui.plots.density import DensityPlot

            self._plot = DensityPlot(np.linspace(LOW, HIGH, BINS + 1), TOP)
            self._place.addWidget(self._plot)
            self._plot.take_look(self._wanted)
        return self._plot

    def look(self) -> Look:
        """What is chosen of its plot, or will be."""
        return self._wanted if self._plot is None else self._plot.look()

    def take_look(self, look: Look) -> None:
        """Choose the same, now or once there is a plot."""
        self._wanted = look
        if self._plot is not None:
            self._plot.take_look(look)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Once there is something to see, see to the plot."""
        if self._plot is None:
            QTimer.singleShot(0, self, lambda: self.plot.show())

    def draw(self, shown: Shown) -> None:
        """Show the histogram of the frame at the cursor; without one, what was shown stays."""
        run, frame = shown.a, shown.frame
        if run is None or not isinstance(frame, ForwardFrame | ReverseFrame):
            return
        other = None if shown.outside_b else shown.frame_b
        beside = other if isinstance(other, ForwardFrame | ReverseFrame) else None
        there = (shown.b.id if shown.b else 0, beside.position if beside else None)
        key = (run.id, frame.position, *there, shown.raw)
        if self._key == key:
            return
        self._key = key
        self._name(scaled=run.spreads and not shown.raw)
        pinned = shown.b if beside else None
        self._measured = self._known.of(key, lambda: _measure(run, frame, pinned, beside, shown.raw))
        self._show()

    def _name(self, *, scaled: bool) -> None:
        """Say of what it is: x_t, or x_t brought to one variance."""
        if scaled == self._scaled:
            return
        self._scaled = scaled
        what = plain(SCALED_SYMBOL if scaled else NOISY.symbol)
        self.heading.setText(tr("PIXELS OF {what} AGAINST N(0, 1)").format(what=what))
        self.setAccessibleName(tr("Histogram of the pixels of {what} against the density of N(0, 1)").format(what=what))

    def clear(self, run: Run | None) -> None:
        """Leave N(0, 1) alone."""
        if self._key is None:
            return
        self._key, self._measured = None, NOTHING
        self.plot.show_traces(())
        self.note.show_texts("", "", "", "")

    def _show(self) -> None:
        from diffviz.ui.plots.density import Trace

        shown, count = self._measured, len(self._measured.densities)
        traces = [Trace(heights, *_look(i, count)) for i, heights in enumerate(shown.densities)]
        if shown.beside is not None:
            traces.append(Trace(shown.beside, "alpha_bar", "dashed", name="B"))
        self.plot.show_traces(tuple(traces))
        colours = (tr("red"), tr("green"), tr("blue")) if count == 3 else ("", "", "")
        self.note.show_texts(*colours, shown.left_out)
        self.setAccessibleDescription(self.note.text())


def _pixels(run: Run, frame: ForwardFrame | ReverseFrame, raw: bool) -> F32:
    """x_t of `frame`, brought to one variance where the process of `run` does not keep it, unless it is shown `raw`."""
    return scaled_values(frame, frame.x) if run.spreads and not raw else frame.x


def _measure(
    run: Run, frame: ForwardFrame | ReverseFrame, b: Run | None, beside: ForwardFrame | ReverseFrame | None, raw: bool
) -> Measured:
    """The densities of `frame`, and of the frame `beside` of a pinned run `b` all channels together."""
    found = [density(channel, BINS, LOW, HIGH) for channel in channels(_pixels(run, frame, raw))]
    densities, edges = tuple(heights for _, heights in found), found[0][0]
    together = np.concatenate(channels(_pixels(b, beside, raw))) if b and beside else None
    other = None if together is None else density(together, BINS, LOW, HIGH)[1]
    parts = ([] if other is None else [tr("B dashed")]) + list(_left_out(densities, edges))
    return Measured(densities, other, " · ".join(parts))


def _left_out(densities: Sequence[F64], edges: F64) -> Iterator[str]:
    """What the fixed axes leave out."""
    heights = np.max(densities, axis=0)
    peak = int(np.argmax(heights))
    inside = min(float(density.sum()) for density in densities) * (edges[1] - edges[0])
    if heights[peak] > TOP:
        value = f"{(edges[peak] + edges[peak + 1]) / 2:.1f}".replace("-", MINUS)
        text = tr("cut off at {top}: density {height:.1f} at {value}")
        yield text.format(top=TOP, height=heights[peak], value=value)
    if 1 - inside > OUTSIDE_WORTH_SAYING:
        yield tr("{share} beyond ±4").format(share=percent(1 - inside))


def _look(channel: int, count: int) -> tuple[str, str, bool, str]:
    """Colour, style, whether it is filled, and name of the curve of `channel`, one of `count`."""
    if count != 3:
        return "noisy", "solid", True, ""
    name = (tr("red"), tr("green"), tr("blue"))[channel]
    return CHANNELS[theme.palette().name][channel], STYLES[channel], False, name
