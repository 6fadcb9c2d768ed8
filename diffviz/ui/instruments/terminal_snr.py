"""How much of x_0 is left at t: KL to N(0, I), neighbouring pixels, and a warning where a sampler starts too early."""

from __future__ import annotations

import numpy as np

from diffviz.domain.arrays import F32
from diffviz.domain.frames import ForwardFrame, ReverseFrame
from diffviz.domain.requests import Noise
from diffviz.domain.text import tr
from diffviz.families import family_of
from diffviz.theory import terminal_snr
from diffviz.ui.gallery.sample_pictures import originals
from diffviz.ui.instruments.instrument import Instrument, Services, note, say
from diffviz.ui.instruments.readouts import alpha_bar_at
from diffviz.ui.plots.chart import Chart, ChartLine
from diffviz.ui.widgets.format import figure, timestep
from diffviz.ui.widgets.view import Shown


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
        self._nats = terminal_snr.kl_to_prior(x0, schedule)
        ends = (0.0, float(schedule.timesteps))
        self.kl.show_lines((ChartLine(t, self._nats, "loss", "KL(q(x_t | x_0) ‖ N(0, I))"),), ends, log=True)
        expected = ChartLine(t, terminal_snr.neighbour_curve(x0, schedule), "noisy", tr("correlation of neighbours"))
        self.neighbours.show_lines((expected,), ends, (-0.05, 1.0))

    def _say(self, frame: ForwardFrame | ReverseFrame, shown: Shown) -> None:
        measured = terminal_snr.neighbour_correlation(frame.x)
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
            if not isinstance(start, Noise):
                say(self.warning, "")
                return
            first = run.plan.positions[0]
        found = terminal_snr.beginning(first, alpha_bar_at(schedule, first), schedule.timesteps)
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
