"""Why √(1 − β_t)? The chain with and without it: x_0's coefficient and the variance, in theory and measured."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.arrays import F64
from diffviz.domain.text import tr
from diffviz.theory import variance_scaling
from diffviz.theory.schedules import NoiseSchedule
from diffviz.ui.gallery.sample_pictures import originals
from diffviz.ui.instruments.instrument import Instrument, Services, note, say, small
from diffviz.ui.plots.chart import Chart, ChartLine
from diffviz.ui.widgets.controls import Segments
from diffviz.ui.widgets.format import figure
from diffviz.ui.widgets.view import Shown

SCALED, UNSCALED = "scaled", "unscaled"
VALUES, EVERY = 4000, 20


class ScalingInstrument(Instrument):
    """A switch between x_t = √(1 − β) x + √β ε and x_t = x + √β ε, run on pixels of the shown pictures."""

    needs_beta = True

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        self.switch = Segments(
            {SCALED: "√(1−β) x + √β ε", UNSCALED: "x + √β ε"},
            tr("Step of the chain"),
            {
                SCALED: tr("Variance-preserving: the variance tends to 1 and x_0 fades (Ho et al. 2020, eq. 2)."),
                UNSCALED: tr(
                    "Variance-exploding: x_0 keeps its coefficient 1, the variance grows by β (Song et al. 2021)."
                ),
            },
        )
        small(self.switch).set_current(SCALED)
        self.chart = Chart(tr("Variance of x_t and coefficient of x_0 against t"), "t")
        self.note = note()
        self._values: F64 | None = None
        self._source: tuple[int, int] | None = None
        self._schedule: NoiseSchedule | None = None
        for widget in (self.switch, self.chart, self.note):
            self.column.addWidget(widget)
        self.switch.chosen.connect(self._refresh)

    def draw(self, shown: Shown) -> None:
        """Take the run's pictures and schedule where they are others, and show the cursor."""
        self.chart.show_cursor(shown.cursor)
        x0 = originals(shown, self.services.card())
        if shown.schedule is None or x0 is None:
            return
        source = (shown.a.id if shown.a else 0, id(shown.schedule))
        if source != self._source:
            self._source, self._schedule = source, shown.schedule
            flat = x0.reshape(-1)
            self._values = flat[:: max(1, flat.size // VALUES)][:VALUES].astype(np.float64)
            self._refresh()

    def _refresh(self) -> None:
        schedule, values = self._schedule, self._values
        if schedule is None or values is None or not np.ptp(values):
            return
        scaled = self.switch.current() != UNSCALED
        theory = variance_scaling.moments(schedule, float(values.var()), scaled=scaled)
        every = max(1, schedule.timesteps * EVERY // 1000)
        measured = variance_scaling.simulated(values, schedule, np.random.default_rng(0), scaled=scaled, every=every)
        lines = (
            ChartLine(_float(theory.t), theory.variance, "noisy", "Var x_t"),
            ChartLine(_float(theory.t), theory.coefficient, "data", tr("coefficient of x_0"), "dashed"),
            ChartLine(_float(measured.t), measured.variance, "noisy", dots=True),
            ChartLine(_float(measured.t), measured.coefficient, "data", tr("measured"), dots=True),
        )
        highest = max(1.2, float(theory.variance.max()) * 1.06)
        self.chart.show_lines(lines, (0.0, float(schedule.timesteps)), (0.0, highest))
        last = figure(float(theory.variance[-1]))
        text = (
            tr("The variance goes to 1 and x_0's coefficient to 0: at T almost pure N(0, I), whatever the data.")
            if scaled
            else tr(
                "The variance grows to {variance} and x_0 is all there: with these β pure noise is not reached. A "
                "choice, not a must: with larger β variance-exploding processes work unscaled."
            ).format(variance=last)
        )
        say(self.note, text)


def _float(values: NDArray[np.int64]) -> F64:
    return values.astype(np.float64)
