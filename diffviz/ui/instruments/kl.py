"""KL, seen: two Gaussians to drag, the divergences both ways, and the integrand whose area they are."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from diffviz.domain.text import tr
from diffviz.theory.divergences import Divergences, divergences, js_integrand, kl_integrand, log_density
from diffviz.ui.instruments.instrument import Instrument, Services, note, say, small
from diffviz.ui.plots.chart import Chart, ChartLine, Handle
from diffviz.ui.widgets.controls import Segments
from diffviz.ui.widgets.format import figure
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
