"""The two fixed variances of the reverse step along t, and when each is the right one."""

from __future__ import annotations

import math

import numpy as np

from diffviz.domain.text import tr
from diffviz.theory import posterior, reverse_step
from diffviz.theory.schedules import NoiseSchedule
from diffviz.ui.instruments.controls import SliderRow
from diffviz.ui.instruments.instrument import Instrument, Services, note, say
from diffviz.ui.plots.chart import Chart, ChartLine
from diffviz.ui.widgets.format import figure
from diffviz.ui.widgets.view import Shown

STEP = 100
MOST = 200


class VariancesInstrument(Instrument):
    """β_t, β̃_t and the best σ² for data of a chosen spread, over t."""

    needs_beta = True

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        self.chart = Chart(tr("Variances of the reverse step against t"), "t", height=126)
        self.share = Chart(tr("The same as shares of β_t, small t enlarged"), "log₁₀ t", height=110)
        tip = tr("Standard deviation of data x_0 ~ N(m, s²): 0 is one known x_0, 1 is N(0, I)")
        self.spread = SliderRow("s", 0, MOST, 50, lambda value: f"{value / STEP:.2f}", tip)
        self.note = note()
        self._schedule: NoiseSchedule | None = None
        for widget in (self.chart, self.share, self.spread, self.note):
            self.column.addWidget(widget)
        self.spread.moved.connect(self._refresh)

    def draw(self, shown: Shown) -> None:
        """Show the schedule's variances, and the cursor."""
        if shown.schedule is not None and shown.schedule is not self._schedule:
            self._schedule = shown.schedule
            self._refresh()
        self.chart.show_cursor(shown.cursor)
        self.share.show_cursor(math.log10(max(1.0, shown.cursor)))

    def _refresh(self) -> None:
        schedule = self._schedule
        if schedule is None:
            return
        t = np.arange(2, schedule.timesteps + 1)
        tilde = posterior.variance(schedule.pairs(t, t - 1))
        std = self.spread.value / STEP
        best = np.array([reverse_step.optimal_variance(std, schedule.pair(s, s - 1)) for s in t.tolist()])
        xs = t.astype(np.float64)
        lines = (
            ChartLine(xs, schedule.beta[t], "beta", "β_t"),
            ChartLine(xs, tilde, "text", "β̃_t", "dashed"),
            ChartLine(xs, best, "data", "σ²*", "dotted"),
        )
        self.chart.show_lines(lines, (0.0, float(schedule.timesteps)), log=True)
        small = np.log10(xs)
        shares = (
            ChartLine(small, tilde / schedule.beta[t], "text", "β̃_t / β_t", "dashed"),
            ChartLine(small, best / schedule.beta[t], "data", "σ²* / β_t", "dotted"),
        )
        self.share.show_lines(shares, (0.0, math.log10(schedule.timesteps)), (0.0, 1.08))
        say(
            self.note,
            tr(
                "β̃_t is right for one known x_0 (s = 0), β_t for x_0 ~ N(0, I) (s = 1); σ²* is the best for s = {s}. "
                "They differ at small t only (Ho et al. 2020, section 3.2)."
            ).format(s=figure(std)),
        )
