"""KL, seen: two Gaussians to drag, the divergences both ways, and the integrand whose area they are.

How much of x_0 is left at t: KL to N(0, I), neighbouring pixels, and a warning where a sampler starts too early.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from diffviz.domain import frames, requests
from diffviz.domain.arrays import F32
from diffviz.domain.text import tr
from diffviz.families import family_of
from diffviz.theory import gaussians
from diffviz.theory.gaussians import Divergences, divergences, js_integrand, kl_integrand, log_density
from diffviz.ui.gallery.picture_source import originals
from diffviz.ui.instruments.instrument import Instrument, Services, note, say, small
from diffviz.ui.instruments.readouts import alpha_bar_at
from diffviz.ui.plots.chart import Chart, ChartLine, Handle
from diffviz.ui.widgets.controls import Segments
from diffviz.ui.widgets.format import figure, timestep
from diffviz.ui.widgets.view import Shown

FORWARD, REVERSE, JS = "forward", "reverse", "js"
REACH, POINTS = 6.0, 241
NARROWEST, WIDEST = 0.25, 3.0
PEAK = 1 / math.sqrt(2 * math.pi)


class KlPanel(QWidget):
    """p and q as (mean, deviation), each dragged by its peak: sideways the mean, upwards narrower.

    It needs no run: any lab can place it, with the integrand `which` at first and what `remark` says of the two.
    Signals: `changed`.
    """

    changed = Signal()

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        height: int = 190,
        which: str = FORWARD,
        remark: Callable[[Divergences], str] | None = None,
    ) -> None:
        super().__init__(parent)
        self.gaussians = [(-1.0, 1.0), (1.2, 0.7)]
        self.chart = Chart(tr("Two Gaussians and the integrand of their divergence"), "x", height=height)
        self.which = Segments(
            {FORWARD: "KL(p ‖ q)", REVERSE: "KL(q ‖ p)", JS: "JS"},
            tr("Integrand shown"),
            {
                FORWARD: tr("Large where p is and q is not: fitting q by it covers all of p."),
                REVERSE: tr("Large where q is and p is not: fitting q by it stays within p."),
                JS: tr(
                    "Symmetric, and at most log 2: what a GAN's best discriminator measures (Goodfellow et al. 2014)."
                ),
            },
        )
        small(self.which).set_current(which)
        self.note, self.remark = note(), note()
        self._remark = remark
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for widget in (self.chart, self.which, self.note, self.remark):
            column.addWidget(widget)
        self.chart.handle_moved.connect(self._on_moved)
        self.which.chosen.connect(self._refresh)
        self._refresh()

    @property
    def values(self) -> Divergences:
        """The divergences of the two, in nats."""
        (mean_p, std_p), (mean_q, std_q) = self.gaussians
        return divergences(mean_p, std_p, mean_q, std_q)

    def set_gaussian(self, index: int, mean: float, std: float) -> None:
        """Let p (0) or q (1) be N(mean, std²)."""
        self.gaussians[index] = (mean, min(max(std, NARROWEST), WIDEST))
        self._refresh()
        self.changed.emit()

    @Slot(int, float, float)
    def _on_moved(self, index: int, x: float, y: float) -> None:
        self.set_gaussian(index, x, PEAK / max(y, PEAK / WIDEST))

    @Slot()
    def _refresh(self) -> None:
        (mean_p, std_p), (mean_q, std_q) = self.gaussians
        xs = np.linspace(-REACH, REACH, POINTS)
        p, q = np.exp(log_density(xs, mean_p, std_p)), np.exp(log_density(xs, mean_q, std_q))
        key = self.which.current() or FORWARD
        ends = (mean_p, std_p, mean_q, std_q) if key != REVERSE else (mean_q, std_q, mean_p, std_p)
        area = js_integrand(xs, *ends) if key == JS else kl_integrand(xs, *ends)
        top = max(PEAK / min(std_p, std_q), float(area.max())) * 1.08
        low = min(0.0, float(area.min())) * 1.1
        lines = (
            ChartLine(xs, area, "loss", self.which.button(key).text(), fill=0.3),
            ChartLine(xs, p, "alpha_bar", "p"),
            ChartLine(xs, q, "generated", "q", "dashed"),
        )
        self.chart.show_lines(lines, (-REACH, REACH), (low, top))
        handles = [
            Handle(mean, PEAK / std, hue, name)
            for (mean, std), hue, name in zip(self.gaussians, ("alpha_bar", "generated"), ("p", "q"), strict=True)
        ]
        self.chart.show_handles(handles)
        found = self.values
        say(
            self.note,
            tr("KL(p ‖ q) {forward} · KL(q ‖ p) {reverse} · JS {js} nats (at most {most}). Drag a peak.").format(
                forward=figure(found.forward), reverse=figure(found.reverse), js=figure(found.js), most="0.693"
            ),
        )
        if self._remark is not None:
            say(self.remark, self._remark(found))


class KlInstrument(Instrument):
    """The panel among the instruments; it shows no run."""

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        self.panel = KlPanel()
        self.column.addWidget(self.panel)

    def draw(self, shown: Shown) -> None:
        """Nothing here depends on the run."""


class LeftoverInstrument(Instrument):
    """KL(q(x_t | x_0) ‖ N(0, I)) and the correlation of neighbours along t, and that of the x_t on the screen."""

    needs_beta = True

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        self.kl = Chart(tr("KL of q(x_t | x_0) to N(0, I) against t"), "t", height=118)
        self.neighbours = Chart(tr("Correlation of neighbouring pixels against t"), "t", height=118)
        self.note = note()
        self.warning = note()
        self._source: tuple[int, int] | None = None
        self._key: tuple[int, float] | None = None
        self._nats: np.ndarray[tuple[int], np.dtype[np.float64]] | None = None
        for widget in (self.kl, self.neighbours, self.note, self.warning):
            self.column.addWidget(widget)

    def draw(self, shown: Shown) -> None:
        """Show both curves, what is measured at the cursor, and what the run leaves in."""
        for chart in (self.kl, self.neighbours):
            chart.show_cursor(shown.cursor)
        run, frame = shown.a, shown.noisy
        if run is None or shown.schedule is None or frame is None:
            return
        source = (run.id, id(shown.schedule))
        if source != self._source:
            self._source = source
            self._show_curves(shown, originals(shown, self.services.card()))
            self._warn(shown)
        if self._key != (run.id, frame.position):
            self._key = (run.id, frame.position)
            self._say(frame, shown)

    def forget(self) -> None:
        """Another run has other pictures."""
        self._source = self._key = None

    def _show_curves(self, shown: Shown, x0: F32 | None) -> None:
        schedule = shown.schedule
        if x0 is None or schedule is None:
            return
        t = np.arange(schedule.timesteps + 1, dtype=np.float64)
        self._nats = gaussians.kl_to_prior(x0, schedule)
        ends = (0.0, float(schedule.timesteps))
        self.kl.show_lines((ChartLine(t, self._nats, "loss", "KL(q(x_t | x_0) ‖ N(0, I))"),), ends, log=True)
        expected = ChartLine(t, gaussians.neighbour_curve(x0, schedule), "noisy", tr("correlation of neighbours"))
        self.neighbours.show_lines((expected,), ends, (-0.05, 1.0))

    def _say(self, frame: frames.ForwardFrame | frames.ReverseFrame, shown: Shown) -> None:
        measured = gaussians.neighbour_correlation(frame.x)
        parts = [
            tr("Neighbouring pixels of the x_t shown correlate with {r}; independent noise has 0.").format(
                r=figure(measured)
            )
        ]
        if self._nats is not None and frame.position == int(frame.position):
            nats = figure(float(self._nats[int(frame.position)]))
            parts.insert(
                0, tr("KL here {nats} nats, a mean over images and more than the marginal's.").format(nats=nats)
            )
        say(self.note, " ".join(parts))

    def _warn(self, shown: Shown) -> None:
        run, schedule = shown.a, shown.schedule
        if run is None or schedule is None:
            return
        start = run.request.start
        first = float(schedule.timesteps)
        if family_of(run.request).sampled:
            if not isinstance(start, requests.Noise):
                say(self.warning, "")
                return
            first = run.plan.positions[0]
        found = gaussians.beginning(first, alpha_bar_at(schedule, first), schedule.timesteps)
        hue = "⚠ " if found.signal else ""
        text = tr("At the first visited timestep t = {t}, √ᾱ_t = {alpha}.").format(
            t=timestep(first), alpha=figure(found.alpha)
        )
        if found.signal:
            text += " " + tr(
                "Signal is left in there, but the run starts from pure noise: the network never saw that "
                "(Lin et al. 2024)."
            )
        say(self.warning, f"{hue}{text}")
