"""The forward chain seen: its factor √(1 − β_t), and its Markov property.

Why √(1 − β_t)? The chain with and without it: x_0's coefficient and the variance, in theory and measured.

The Markov property, measured: does x before say more of x after than x_t does?
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout

from diffviz.domain.arrays import F64
from diffviz.domain.text import tr
from diffviz.session import looks
from diffviz.theory import forward, gaussians, schedules
from diffviz.theory.processes import Process
from diffviz.ui.gallery.picture_source import originals
from diffviz.ui.instruments.instrument import Instrument, Services, SliderRow, note, say, small
from diffviz.ui.plots.chart import Chart, ChartLine
from diffviz.ui.plots.density import Scatter
from diffviz.ui.widgets import controls, view
from diffviz.ui.widgets.format import figure, timestep

SCALED, UNSCALED = "scaled", "unscaled"
VALUES, EVERY = 4000, 20


class ScalingInstrument(Instrument):
    """A switch between x_t = √(1 − β) x + √β ε and x_t = x + √β ε, run on pixels of the shown pictures."""

    needs_beta = True

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        self.switch = controls.Segments(
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
        self._schedule: schedules.NoiseSchedule | None = None
        for widget in (self.switch, self.chart, self.note):
            self.column.addWidget(widget)
        self.switch.chosen.connect(self._refresh)

    def parts(self) -> dict[str, looks.Looking]:
        """Its switch and its plot."""
        return {"switch": self.switch, "chart": self.chart}

    def draw(self, shown: view.Shown) -> None:
        """Take the run's pictures and schedule where they are others, and show the cursor."""
        self.chart.show_cursor(shown.cursor)
        source = (shown.a.id if shown.a else 0, id(shown.schedule))
        x0 = originals(shown, self.services.card()) if shown.schedule and source != self._source else None
        if shown.schedule is not None and x0 is not None:
            self._source, self._schedule = source, shown.schedule
            flat = x0.reshape(-1)
            self._values = flat[:: max(1, flat.size // VALUES)][:VALUES].astype(np.float64)
            self._refresh()

    def _refresh(self) -> None:
        schedule, values = self._schedule, self._values
        if schedule is None or values is None or not np.ptp(values):
            return
        scaled = self.switch.current() != UNSCALED
        theory = forward.moments(schedule, float(values.var()), scaled=scaled)
        every = max(1, schedule.timesteps * EVERY // 1000)
        measured = forward.simulated(values, schedule, np.random.default_rng(0), scaled=scaled, every=every)
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


CHAIN, DDIM = "chain", "ddim"
CHAINS = 3000
DATA = gaussians.Mixture.of([[-1.0], [1.0]], 0.2)
REACH = 3.2
THOUSAND = 1000


class MarkovInstrument(Instrument):
    """x_{t+k} against x_{t−k} of a few thousand trajectories, as they are and given x_t, for the chain and for DDIM."""

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        self.process = controls.Segments(
            {CHAIN: tr("Markov chain"), DDIM: tr("DDIM, η = 0")},
            tr("Process"),
            {
                CHAIN: tr(
                    "q adds fresh noise at every step: given x_t, the past says nothing more (Ho et al. 2020, eq. 2)."
                ),
                DDIM: tr("The same marginals, but every step knows x_0: not a Markov chain (Song et al. 2021, eq. 7)."),
            },
        )
        small(self.process).set_current(CHAIN)
        self.joint = Scatter(tr("x after against x before"), REACH, "noisy")
        self.given = Scatter(tr("The same, given x at t"), REACH, "alpha_bar")
        self._process: Process | None = None
        self._t = 0.0
        tip = tr("How many timesteps lie between the three instants")
        self.gap = SliderRow("k", 1, 200, 20, str, tip)
        self.note = note()
        row = QHBoxLayout()
        row.addWidget(self.joint)
        row.addWidget(self.given)
        self.column.addWidget(self.process)
        self.column.addLayout(row)
        self.column.addWidget(self.gap)
        self.column.addWidget(self.note)
        self.process.chosen.connect(self._refresh)
        self.gap.moved.connect(self._refresh)

    def parts(self) -> dict[str, looks.Looking]:
        """Its process, its gap and its plots."""
        return {"process": self.process, "gap": self.gap, "joint": self.joint, "given": self.given}

    def draw(self, shown: view.Shown) -> None:
        """Take t from the cursor."""
        process = shown.process
        if process is None:
            return
        t = float(round(shown.cursor)) if process.whole else shown.cursor
        if process is not self._process or t != self._t:
            self._process, self._t = process, t
            self.gap.set_form(partial(_span_words, process))
            self._refresh()

    def triples(self) -> forward.Triples | None:
        """The trajectories at the three instants; None where t ∓ k leaves 0 … T."""
        process, instants = self._process, self._instants()
        if process is None or instants is None:
            return None
        _, t, after = instants
        rng = np.random.default_rng(0)
        x0 = DATA.sample(CHAINS, rng)[:, 0]
        if self.process.current() == DDIM:
            return forward.ddim_triples(x0, process, t, after - t, 0.0, rng)
        return forward.chain_triples(x0, process, t, after - t, rng)

    def _instants(self) -> tuple[float, float, float] | None:
        """t − k, t and t + k, the t of them that is nearest to the cursor; None where there is no room."""
        if self._process is None:
            return None
        k, last = _span(self._process, self.gap.value), self._process.T
        first = k + 1 if self._process.whole else k * (1 + 1 / THOUSAND)
        if first > last - k:
            return None
        t = min(max(self._t, first), last - k)
        return t - k, t, min(t + k, last)

    @Slot()
    def _refresh(self) -> None:
        found, instants, process = self.triples(), self._instants(), self._process
        if found is None or instants is None or process is None:
            say(self.note, tr("There is no room for t ∓ k here."))
            return
        before, now, after = (f"x_{{{timestep(t)}}}" for t in instants)
        self.joint.name_axes(tr("joint"), before, after)
        self.given.name_axes(tr("given") + f" {now}", before, after)
        ends = _alike(found.before, process, instants[0]), _alike(found.after, process, instants[2])
        self.joint.show_points(*ends)
        self.given.show_points(
            _standard(_residual(found.before, found.now)), _standard(_residual(found.after, found.now))
        )
        say(self.note, _markov_words(found) + ("" if process.whole else " " + tr("Both are drawn at one variance.")))


def _span(process: Process, value: int) -> float:
    """`value` as a time: timesteps, or thousandths of T where there are none."""
    return float(value) if process.whole else value * process.T / THOUSAND


def _span_words(process: Process, value: int) -> str:
    return timestep(_span(process, value))


def _alike(x: F64, process: Process, t: float) -> F64:
    """`x` at time `t`, brought to one variance: x/√(α² + σ²)."""
    return x / math.hypot(*process.at(t))


def _markov_words(found: forward.Triples) -> str:
    """Both correlations, and what they say of the past."""
    plain, partial = forward.correlation(found.before, found.after), forward.partial_correlation(found)
    if math.isnan(partial.value):
        said = tr("Nothing is left of it once x_t is known.")
    elif partial.low <= 0 <= partial.high:
        said = tr("The interval holds 0: given x_t, the past says nothing more.")
    else:
        said = tr("The interval leaves 0 out: not a Markov chain.")
    text = tr("Correlation {plain}; partial, given x_t, {partial} [{low}, {high}] (95 %, {n} trajectories). {said}")
    numbers = [_signed(v) for v in (plain.value, partial.value, partial.low, partial.high)]
    return text.format(
        plain=numbers[0], partial=numbers[1], low=numbers[2], high=numbers[3], n=f"{CHAINS:,}", said=said
    )


def _residual(values: F64, given: F64) -> F64:
    apart, centred = given - given.mean(), values - values.mean()
    left: F64 = centred - (apart @ centred) / (apart @ apart) * apart
    return left


def _standard(values: F64) -> F64:
    spread = float(values.std())
    return values / spread if spread > 0 else values


def _signed(value: float) -> str:
    return "—" if math.isnan(value) else f"{value:+.3f}".replace("-", "−")
