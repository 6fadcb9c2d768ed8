"""The Markov property, measured: does x before say more of x after than x_t does?"""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout

from diffviz.domain.arrays import F64
from diffviz.domain.text import tr
from diffviz.theory import markov
from diffviz.theory.mixtures import Mixture
from diffviz.theory.schedules import NoiseSchedule
from diffviz.ui.instruments.controls import SliderRow
from diffviz.ui.instruments.instrument import Instrument, Services, note, say, small
from diffviz.ui.plots.scatter import Scatter
from diffviz.ui.widgets.controls import Segments
from diffviz.ui.widgets.view import Shown

CHAIN, DDIM = "chain", "ddim"
CHAINS = 3000
DATA = Mixture.of([[-1.0], [1.0]], 0.2)
REACH = 3.2


class MarkovInstrument(Instrument):
    """x_{t+k} against x_{t−k} of a few thousand trajectories, as they are and given x_t, for the chain and for DDIM."""

    needs_beta = True

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        self.process = Segments(
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
        self.gap = SliderRow("k", 1, 200, 20, str, tr("How many timesteps lie between the three instants"))
        self.note = note()
        self._schedule: NoiseSchedule | None = None
        self._t = 0
        row = QHBoxLayout()
        row.addWidget(self.joint)
        row.addWidget(self.given)
        self.column.addWidget(self.process)
        self.column.addLayout(row)
        self.column.addWidget(self.gap)
        self.column.addWidget(self.note)
        self.process.chosen.connect(self._refresh)
        self.gap.moved.connect(self._refresh)

    def draw(self, shown: Shown) -> None:
        """Take t from the cursor."""
        schedule = shown.schedule
        if schedule is None:
            return
        t = round(shown.cursor)
        if schedule is not self._schedule or t != self._t:
            self._schedule, self._t = schedule, t
            self._refresh()

    def triples(self) -> markov.Triples | None:
        """The trajectories at the three instants; None where t ∓ k leaves 1 … T."""
        schedule, gap = self._schedule, self.gap.value
        if schedule is None:
            return None
        t = min(max(self._t, gap + 1), schedule.timesteps - gap)
        if not gap < t <= schedule.timesteps - gap:
            return None
        rng = np.random.default_rng(0)
        x0 = DATA.sample(CHAINS, rng)[:, 0]
        if self.process.current() == DDIM:
            return markov.ddim_triples(x0, schedule, t, gap, 0.0, rng)
        return markov.chain_triples(x0, schedule, t, gap, rng)

    @Slot()
    def _refresh(self) -> None:
        found = self.triples()
        if found is None or self._schedule is None:
            say(self.note, tr("There is no room for t ∓ k here."))
            return
        k = self.gap.value
        t = min(max(self._t, k + 1), self._schedule.timesteps - k)
        self.joint.name_axes(tr("joint"), f"x_{{{t - k}}}", f"x_{{{t + k}}}")
        self.given.name_axes(tr("given") + f" x_{{{t}}}", f"x_{{{t - k}}}", f"x_{{{t + k}}}")
        self.joint.show_points(found.before, found.after)
        before, after = _standard(_residual(found.before, found.now)), _standard(_residual(found.after, found.now))
        self.given.show_points(before, after)
        plain, partial = markov.correlation(found.before, found.after), markov.partial_correlation(found)
        if math.isnan(partial.value):
            said = tr("Nothing is left of it once x_t is known.")
        elif partial.low <= 0 <= partial.high:
            said = tr("The interval holds 0: given x_t, the past says nothing more.")
        else:
            said = tr("The interval leaves 0 out: not a Markov chain.")
        text = tr("Correlation {plain}; partial, given x_t, {partial} [{low}, {high}] (95 %, {n} trajectories). {said}")
        numbers = [_signed(v) for v in (plain.value, partial.value, partial.low, partial.high)]
        say(
            self.note,
            text.format(
                plain=numbers[0], partial=numbers[1], low=numbers[2], high=numbers[3], n=f"{CHAINS:,}", said=said
            ),
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
