"""KL, seen: two Gaussians to drag, the divergences both ways, and the integrand whose area they are.

How much of x_0 is left at t: KL to N(0, I), neighbouring pixels, and a warning where a sampler starts too early.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from diffviz.domain import frames, requests
from diffviz.domain.arrays import F32, F64
from diffviz.domain.text import tr
from diffviz.families import family_of
from diffviz.session import looks
from diffviz.theory import gaussians
from diffviz.theory.gaussians import Divergences, divergences, js_integrand, kl_integrand, log_density
from diffviz.theory.processes import Process
from diffviz.theory.shared_time import course
from diffviz.ui.gallery.picture_source import originals
from diffviz.ui.instruments.instrument import Instrument, Services, note, say, small
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
        self.chart.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
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

    def look(self) -> looks.Look:
        """The two Gaussians, the integrand and the plot."""
        return {"gaussians": [value for pair in self.gaussians for value in pair], **looks.look_of(self._parts)}

    def take_look(self, look: looks.Look) -> None:
        """Show the same."""
        values = looks.numbers(look, "gaussians", 4)
        for index in range(2) if values is not None else ():
            mean, std = (values or ())[2 * index : 2 * index + 2]
            self.set_gaussian(index, min(max(mean, -REACH), REACH), std)
        looks.show_look(self._parts, look)

    @property
    def _parts(self) -> dict[str, looks.Looking]:
        return {"which": self.which, "chart": self.chart}

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

    def parts(self) -> dict[str, looks.Looking]:
        """The panel."""
        return {"panel": self.panel}

    def draw(self, shown: Shown) -> None:
        """Nothing here depends on the run."""


class LeftoverInstrument(Instrument):
    """KL(q(x_t | x_0) ‖ p(x_T)) and the correlation of neighbours along t, and that of the x_t on the screen.

    p(x_T) = N(0, s² I) is what a run starts from: N(0, I) where the variance is preserved.
    """

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        self.kl = Chart(tr("KL of q(x_t | x_0) to N(0, I) against t"), "t", height=118)
        self.neighbours = Chart(tr("Correlation of neighbouring pixels against t"), "t", height=118)
        self.note = note()
        self.warning = note()
        self._source: tuple[int, int] | None = None
        self._key: tuple[int, float] | None = None
        self._curve: tuple[F64, F64] | None = None
        for widget in (self.kl, self.neighbours, self.note, self.warning):
            self.column.addWidget(widget)

    def parts(self) -> dict[str, looks.Looking]:
        """Its plots."""
        return {"kl": self.kl, "neighbours": self.neighbours}

    def draw(self, shown: Shown) -> None:
        """Show both curves, what is measured at the cursor, and what the run leaves in."""
        for chart in (self.kl, self.neighbours):
            chart.show_cursor(shown.cursor)
        run, frame = shown.a, shown.noisy
        if run is None or shown.process is None or frame is None:
            return
        source = (run.id, id(shown.process))
        if source != self._source:
            self._source = source
            self._show_curves(shown, originals(shown, self.services.card()))
            self._warn(shown)
        if self._key != (run.id, frame.position):
            self._key = (run.id, frame.position)
            self._say(frame)

    def forget(self) -> None:
        """Another run has other pictures."""
        self._source = self._key = None

    def _show_curves(self, shown: Shown, x0: F32 | None) -> None:
        process = shown.process
        if x0 is None or process is None or shown.a is None:
            return
        along = course(process, shown.a.plan.positions)
        nats = gaussians.kl_to_prior(x0, along.alpha, along.sigma, process.start_std)
        self._curve, ends = (along.t, nats), (0.0, process.T)
        name = f"KL(q(x_t | x_0) ‖ {_prior(process)})"
        drawn = np.where(nats > 0, nats, np.nan)  # the axis is logarithmic, and flow comes to 0
        self.kl.show_lines((ChartLine(along.t, drawn, "loss", name),), ends, log=True)
        expected = gaussians.neighbour_curve(x0, along.alpha, along.sigma)
        line = ChartLine(along.t, expected, "noisy", tr("correlation of neighbours"))
        self.neighbours.show_lines((line,), ends, (-0.05, 1.0))

    def _say(self, frame: frames.ForwardFrame | frames.ReverseFrame) -> None:
        measured = gaussians.neighbour_correlation(frame.x)
        parts = [
            tr("Neighbouring pixels of the x_t shown correlate with {r}; independent noise has 0.").format(
                r=figure(measured)
            )
        ]
        nats = self._nats_at(frame.position)
        if nats is not None:
            parts.insert(
                0, tr("KL here {nats} nats, a mean over images and more than the marginal's.").format(nats=figure(nats))
            )
        say(self.note, " ".join(parts))

    def _nats_at(self, t: float) -> float | None:
        """The curve at `t`, where it has a point there."""
        if self._curve is None:
            return None
        at = int(np.argmin(np.abs(self._curve[0] - t)))
        return float(self._curve[1][at]) if math.isclose(self._curve[0][at], t) else None

    def _warn(self, shown: Shown) -> None:
        run, process = shown.a, shown.process
        if run is None or process is None:
            return
        first = process.T
        if family_of(run.request).sampled:
            if not isinstance(run.request.start, requests.Noise):
                say(self.warning, "")
                return
            first = run.plan.positions[0]
        say(self.warning, _of_start(process, gaussians.beginning(first, *process.at(first), process.T)))


def _prior(process: Process) -> str:
    return "N(0, I)" if process.start_std == 1 else f"N(0, {process.start_std:g}² I)"


def _of_start(process: Process, found: gaussians.Beginning) -> str:
    """What a run that starts at pure noise leaves in; at σ_max itself no more than was chosen with it."""
    share = "√ᾱ_t" if process.whole else "α_t/√(α_t² + σ_t²)"
    text = tr("At the first visited timestep t = {t}, {share} = {alpha}.").format(
        t=timestep(found.first), share=share, alpha=figure(found.alpha)
    )
    if not found.signal or not (process.whole or found.skipped > 0):
        return text
    left = (
        tr("Signal is left in there, but the run starts from pure noise: the network never saw that (Lin et al. 2024).")
        if process.whole
        else tr("Signal is left in there, but the run starts from pure noise.")
    )
    return f"⚠ {text} {left}"
