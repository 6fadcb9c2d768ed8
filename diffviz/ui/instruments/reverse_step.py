"""Why is the reverse step hard, and why Gaussian? In one dimension, for a mixture that can be edited.

The two fixed variances of the reverse step along t, and when each is the right one.
"""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton

from diffviz.domain.text import tr, trn
from diffviz.session import looks
from diffviz.theory import posterior, schedules
from diffviz.theory.gaussians import Mixture, log_density
from diffviz.ui.instruments.instrument import Instrument, Services, SliderRow, note, say
from diffviz.ui.plots.chart import Chart, ChartLine, Handle
from diffviz.ui.widgets.format import figure, timestep
from diffviz.ui.widgets.view import Shown

REACH, POINTS = 3.0, 181
MOST_PARTS, FEWEST_PARTS = 5, 1
LOWEST, STD_STEP, X_STEP = 0.05, 100, 100
MOST_STRIDE = 1000
START = ((-1.5, 1.0), (0.4, 0.6), (1.6, 0.8))


class ReverseLine(Instrument):
    """q(x_s | x_t) exactly, the Gaussian fitted to it, and q(x_s | x_t, x_0) for each mean of the data as x_0.

    The data's Gaussians are dragged: sideways their mean, upwards their weight. t is the cursor's; the step goes from
    t to s = t − k, x_t is where a person points.
    """

    needs_beta, about_beta = True, False

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        self.gaussians: list[tuple[float, float]] = list(START)
        self.data = Chart(tr("The data: a mixture of Gaussians"), "x_0", height=112)
        self.step = Chart(tr("The reverse step from x_t"), "x_s", height=138)
        self.spread = SliderRow(
            "s", 5, 100, 15, lambda v: f"{v / STD_STEP:.2f}", tr("Spread of each Gaussian of the data")
        )
        self.at = SliderRow(
            "x_t", -300, 300, 40, lambda v: f"{v / X_STEP:.2f}", tr("The x_t that the step starts from")
        )
        self.stride = SliderRow("t − s", 1, MOST_STRIDE, 100, str, tr("Size of the step, in timesteps"))
        self.note = note()
        self._schedule: schedules.NoiseSchedule | None = None
        self._t = 0
        self._wanted = self.stride.value
        self._arrange()
        for row in (self.spread, self.at, self.stride):
            row.moved.connect(self._refresh)
        self.stride.moved.connect(self._on_stride)
        self.data.handle_moved.connect(self._on_moved)
        self.step.pointed.connect(self._on_pointed)

    @property
    def mixture(self) -> Mixture:
        """The data."""
        means, weights = zip(*self.gaussians, strict=True)
        return Mixture.of(np.array(means)[:, None], self.spread.value / STD_STEP, weights)

    def draw(self, shown: Shown) -> None:
        """Take t from the cursor."""
        schedule = shown.schedule
        if schedule is None:
            return
        t = int(min(max(round(shown.cursor), 1), schedule.timesteps))
        if schedule is not self._schedule or t != self._t:
            self._schedule, self._t = schedule, t
            with QSignalBlocker(self.stride):
                self.stride.set_range(1, t)
                self.stride.slider.setValue(min(self._wanted, t))
            if not self.data.lines:
                self._show_data(np.linspace(-REACH, REACH, POINTS), self.mixture)
            self._show_step(np.linspace(-REACH, REACH, POINTS), self.mixture, schedule)

    def parts(self) -> dict[str, looks.Looking]:
        """Its plots and sliders, but for the step's size, which the cursor may hold below what is wanted."""
        return {"data": self.data, "step": self.step, "spread": self.spread, "at": self.at}

    def look(self) -> looks.Look:
        """The data's Gaussians and the wanted size of the step with these."""
        mixture = [value for part in self.gaussians for value in part]
        return {**super().look(), "mixture": mixture, "stride": self._wanted}

    def take_look(self, look: looks.Look) -> None:
        """Have the same data and step."""
        for count in range(FEWEST_PARTS, MOST_PARTS + 1):
            values = looks.numbers(look, "mixture", 2 * count)
            if values is not None:
                self.gaussians = [_held(*part) for part in zip(values[::2], values[1::2], strict=True)]
        stride = looks.number(look, "stride", 1, MOST_STRIDE)
        if stride is not None:
            self.stride.slider.setValue(int(stride))
            self._wanted = int(stride)
        super().take_look(look)
        self._refresh()

    def _arrange(self) -> None:
        self.more, self.fewer = QPushButton(tr("Add")), QPushButton(tr("Remove"))
        self.more.setToolTip(tr("Add a Gaussian to the data"))
        self.fewer.setToolTip(tr("Remove the last Gaussian of the data"))
        self.more.clicked.connect(self._on_more)
        self.fewer.clicked.connect(self._on_fewer)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.spread, 1)
        for button in (self.more, self.fewer):
            button.setProperty("role", "compact")
            row.addWidget(button)
        self.column.addWidget(self.data)
        self.column.addLayout(row)
        for widget in (self.step, self.at, self.stride, self.note):
            self.column.addWidget(widget)

    @Slot(int, float, float)
    def _on_moved(self, index: int, x: float, y: float) -> None:
        highest = max(weight for _, weight in self.gaussians) or 1.0
        self.gaussians[index] = (x, max(LOWEST, min(1.0, y / self.data.y_limits[1] * max(1.0, highest))))
        self._refresh()

    @Slot(int)
    def _on_stride(self, value: int) -> None:
        """Keep what a person wants, also while the cursor is too near to x_0 for it."""
        self._wanted = value

    @Slot()
    def _on_more(self) -> None:
        if len(self.gaussians) < MOST_PARTS:
            self.gaussians.append((0.0, 0.5))
            self._refresh()

    @Slot()
    def _on_fewer(self) -> None:
        if len(self.gaussians) > FEWEST_PARTS:
            self.gaussians.pop()
            self._refresh()

    @Slot(float)
    def _on_pointed(self, x: float) -> None:
        self.at.slider.setValue(round(x * X_STEP))

    @Slot()
    def _refresh(self) -> None:
        self.more.setEnabled(len(self.gaussians) < MOST_PARTS)
        self.fewer.setEnabled(len(self.gaussians) > FEWEST_PARTS)
        xs, data = np.linspace(-REACH, REACH, POINTS), self.mixture
        self._show_data(xs, data)
        if self._schedule is not None and self._t >= 1:
            self._show_step(xs, data, self._schedule)

    def _show_data(self, xs: np.ndarray[tuple[int], np.dtype[np.float64]], data: Mixture) -> None:
        density = data.density(xs[:, None])
        top = float(density.max()) * 1.15
        self.data.show_lines((ChartLine(xs, density, "data", "q(x_0)", fill=0.2),), (-REACH, REACH), (0.0, top))
        highest = max(weight for _, weight in self.gaussians)
        handles = [
            Handle(x, weight / max(1.0, highest) * top, "data", f"{i + 1}")
            for i, (x, weight) in enumerate(self.gaussians)
        ]
        self.data.show_handles(handles)

    def _show_step(
        self, xs: np.ndarray[tuple[int], np.dtype[np.float64]], data: Mixture, schedule: schedules.NoiseSchedule
    ) -> None:
        t, size, x = self._t, min(self.stride.value, self._t), self.at.value / X_STEP
        pair = schedule.pair(t, t - size)
        found = posterior.reverse_step(data, x, pair)
        lines = [ChartLine(xs, found.exact.density(xs[:, None]), "noisy", "q(x_s | x_t)", fill=0.15)]
        if size < t:
            for number, (x0, _) in enumerate(self.gaussians):
                mean, std = posterior.given_x0(x0, x, pair)
                ys = np.exp(log_density(xs, mean, std)) / len(self.gaussians)
                lines.append(ChartLine(xs, ys, "data", "" if number else "q(x_s | x_t, x_0)", "dotted"))
        fit = np.exp(log_density(xs, found.mean, found.std))
        lines.append(ChartLine(xs, fit, "loss", tr("Gaussian fit"), "dashed"))
        top = max(float(lines[0].ys.max()), float(fit.max())) * 1.15
        self.step.show_lines(lines, (-REACH, REACH), (0.0, top))
        self.step.show_cursor(x)
        modes = trn("{n} mode", "{n} modes", found.modes).format(n=found.modes)
        text = tr(
            "From t = {t} to s = {s}: {modes}, KL(exact ‖ Gaussian) {nats} nats. Small steps are nearly Gaussian, "
            "large ones are not."
        )
        nats = figure(found.divergence) if math.isfinite(found.divergence) else "∞"
        say(self.note, text.format(t=timestep(t), s=timestep(t - size), modes=modes, nats=nats))


def _held(x: float, weight: float) -> tuple[float, float]:
    """A Gaussian of the data as far as it can be dragged."""
    return min(max(x, -REACH), REACH), min(max(weight, LOWEST), 1.0)


STEP = 100
MOST = 200


class VariancesInstrument(Instrument):
    """β_t, β̃_t and the best σ² for data of a chosen spread, over t."""

    needs_beta = True

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        self.chart = Chart(tr("Variances of the reverse step against t"), "t", height=126)
        self.share = Chart(tr("The same as shares of β_t, small t enlarged"), "t", height=110)
        tip = tr("Standard deviation of data x_0 ~ N(m, s²): 0 is one known x_0, 1 is N(0, I)")
        self.spread = SliderRow("s", 0, MOST, 50, lambda value: f"{value / STEP:.2f}", tip)
        self.note = note()
        self._schedule: schedules.NoiseSchedule | None = None
        for widget in (self.chart, self.share, self.spread, self.note):
            self.column.addWidget(widget)
        self.spread.moved.connect(self._refresh)

    def parts(self) -> dict[str, looks.Looking]:
        """Its plots and its slider."""
        return {"chart": self.chart, "share": self.share, "spread": self.spread}

    def draw(self, shown: Shown) -> None:
        """Show the schedule's variances, and the cursor."""
        if shown.schedule is not None and shown.schedule is not self._schedule:
            self._schedule = shown.schedule
            self._refresh()
        self.chart.show_cursor(shown.cursor)
        self.share.show_cursor(max(1.0, shown.cursor))

    def _refresh(self) -> None:
        schedule = self._schedule
        if schedule is None:
            return
        t = np.arange(2, schedule.timesteps + 1)
        tilde = posterior.posterior_variance(schedule.pairs(t, t - 1))
        std = self.spread.value / STEP
        best = np.array([posterior.optimal_variance(std, schedule.pair(s, s - 1)) for s in t.tolist()])
        xs = t.astype(np.float64)
        lines = (
            ChartLine(xs, schedule.beta[t], "beta", "β_t"),
            ChartLine(xs, tilde, "text", "β̃_t", "dashed"),
            ChartLine(xs, best, "data", "σ²*", "dotted"),
        )
        self.chart.show_lines(lines, (0.0, float(schedule.timesteps)), log=True)
        shares = (
            ChartLine(xs, tilde / schedule.beta[t], "text", "β̃_t / β_t", "dashed"),
            ChartLine(xs, best / schedule.beta[t], "data", "σ²* / β_t", "dotted"),
        )
        self.share.show_lines(shares, (1.0, float(schedule.timesteps)), (0.0, 1.08), log_x=True)
        say(
            self.note,
            tr(
                "β̃_t is right for one known x_0 (s = 0), β_t for x_0 ~ N(0, I) (s = 1); σ²* is the best for s = {s}. "
                "They differ at small t only (Ho et al. 2020, section 3.2)."
            ).format(s=figure(std)),
        )
