"""The objective term by term: a run whose axis is t, on chosen pictures, with a Monte Carlo interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton

from diffviz.domain.cards import Card
from diffviz.domain.errors import DiffvizError
from diffviz.domain.objective import UNBOUNDED, ObjectiveFrame, ObjectiveRequest, unbounded
from diffviz.domain.requests import NO_CLASS, Image, ReverseRequest
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr
from diffviz.session.run import ASIDE, Run
from diffviz.ui.forms.controls import Segments
from diffviz.ui.forms.progress import progress_text
from diffviz.ui.instruments.chart import Chart, Line
from diffviz.ui.instruments.instrument import Instrument, Services, dropped, note, say, small
from diffviz.ui.instruments.material import data_of
from diffviz.ui.views.figures import figure
from diffviz.ui.views.view import Shown

SLOT = ASIDE + "objective"
TERMS, SIMPLE, TOTAL = "terms", "simple", "total"
PICTURES, DRAWS = 8, 4
Z95 = 1.96
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """Means over the pictures, along t ascending (N,): terms and running total in bits/dim, with standard errors."""

    t: Floats
    term: Floats
    term_error: Floats
    simple: Floats
    simple_error: Floats
    weight: Floats
    total: Floats
    total_error: Floats
    prior: float

    @staticmethod
    def of(run: Run) -> Terms | None:
        """Of the frames that have come; None before the first."""
        frames = sorted((f for f in run.store if isinstance(f, ObjectiveFrame)), key=lambda f: f.position)
        if not frames:
            return None

        def mean(name: str) -> Floats:
            return np.array([float(np.mean(getattr(f, name))) for f in frames])

        def error(name: str) -> Floats:
            return np.array([float(np.sqrt(np.sum(np.square(v := getattr(f, name)))) / len(v)) for f in frames])

        return Terms(
            np.array([f.position for f in frames]),
            mean("term"),
            error("term_error"),
            mean("simple"),
            error("simple_error"),
            np.array([f.weight for f in frames]),
            mean("total"),
            error("total_error"),
            float(np.mean(frames[0].prior)),
        )


class ObjectiveInstrument(Instrument):
    """L_{t−1} against t, the simple loss with the weight that turns one into the other, and the running total."""

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        self.button = QPushButton(tr("Measure"))
        self.which = Segments(
            {TERMS: "Lₜ", SIMPLE: tr("simple"), TOTAL: tr("total")},
            tr("Curve shown"),
            {
                TERMS: tr("The bound's terms in bits a dimension, on a logarithmic axis (Ho et al. 2020, eq. 5)."),
                SIMPLE: tr(
                    "The simple loss, and the weight that turns it into L_{t−1} (Ho et al. 2020, eq. 12 and 14)."
                ),
                TOTAL: tr("The sum of the terms up to t and L_T: the bound at the last t."),
            },
        )
        small(self.which).set_current(TERMS)
        self.bar = QProgressBar()
        self.chart = Chart(tr("Terms of the objective against t"), "t", height=170)
        self.note, self.reason = note(), note()
        self.run: Run | None = None
        self._drawn: tuple[int, int, str] | None = None
        self._card: Card | None = None
        self._arrange()
        say(self.note, tr("Press Measure: every term on {n} sample pictures of the model's data.").format(n=PICTURES))
        self.button.clicked.connect(self.compute)
        self.which.chosen.connect(self._on_chosen)

    def request(self) -> ObjectiveRequest | None:
        """What would be measured: the shown run's model on the first sample pictures; None without any."""
        card = self._card or self.services.card()
        data = data_of(card)
        if card is None or data is None:
            return None
        names = tuple(self.services.session.add_image(data.images[i]) for i in range(min(PICTURES, len(data))))
        return ObjectiveRequest(start=Image(names, data.images.shape[1:]), model=card.id, draws=DRAWS, label=NO_CLASS)

    def draw(self, shown: Shown) -> None:
        """Show how far the measurement is, and whether it bounds anything for the run on the screen."""
        self._card = shown.card
        self.chart.show_cursor(shown.cursor)
        self._show_reason(shown)
        run = self.run
        if run is None:
            return
        self._show_progress(run)
        key = (run.id, len(run.store), self.which.current())
        if key != self._drawn:
            self._drawn = key
            terms = Terms.of(run)
            if terms is not None:
                self._show(run, terms)

    @Slot()
    def compute(self) -> None:
        """Begin, or cancel what runs."""
        session = self.services.session
        if self.run is not None and not self.run.status.final:
            session.cancel(self.run)
            return
        request = self.request()
        if request is None:
            say(self.note, tr("There are no sample pictures of this model's data set."))
            return
        try:
            run = session.start(request, SLOT, show=False)
        except DiffvizError as error:
            say(self.note, sentence(error))
            return
        dropped(session, self.run)
        self.run = run
        session.runs_changed.connect(self._on_runs_changed, Qt.ConnectionType.UniqueConnection)
        self.services.soon()

    def close_instrument(self) -> None:
        """End what runs, and forget it."""
        session = self.services.session
        dropped(session, self.run)
        self.run = None

    def _arrange(self) -> None:
        self.button.setToolTip(
            tr("Measure every term on {n} pictures with {draws} draws of the noise each").format(
                n=PICTURES, draws=DRAWS
            )
        )
        self.button.setStyleSheet("padding: 2px 10px; min-height: 20px; font-size: 12px;")
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress"))
        self.bar.hide()
        row = QHBoxLayout()
        row.addWidget(self.which, 1)
        row.addWidget(self.button)
        self.column.addLayout(row)
        for widget in (self.bar, self.chart, self.note, self.reason):
            self.column.addWidget(widget)

    def _show_progress(self, run: Run) -> None:
        busy = not run.status.final
        self.bar.setVisible(busy)
        self.button.setText(tr("Cancel") if busy else tr("Measure again"))
        if busy:
            self.bar.setUpdatesEnabled(False)
            self.bar.setRange(0, len(run.plan.positions))
            self.bar.setValue(len(run.store))
            self.bar.setUpdatesEnabled(True)
            say(self.note, progress_text(run, self.services.session))
        elif run.error is not None:
            say(self.note, sentence(run.error) if isinstance(run.error, DiffvizError) else str(run.error))

    def _show(self, run: Run, terms: Terms) -> None:
        ends = (0.0, run.plan.high)
        match self.which.current():
            case "simple":
                lines = [
                    Line(terms.t, terms.simple, "noise", tr("simple loss")),
                    Line(terms.t, terms.weight, "loss", tr("weight, bits/dim"), "dashed"),
                ]
                self.chart.show_lines(lines, ends, log=True)
            case "total":
                band = Line(terms.t, terms.total, "loss", tr("L_T + Σ L, bits/dim"), error=Z95 * terms.total_error)
                self.chart.show_lines([band], ends)
            case _:
                low = np.maximum(terms.term - Z95 * terms.term_error, 1e-12)
                lines = [
                    Line(terms.t, terms.term, "loss", tr("L_{t−1}, bits/dim")),
                    Line(terms.t, low, "loss", "", "dotted"),
                    Line(terms.t, terms.term + Z95 * terms.term_error, "loss", tr("95 %"), "dotted"),
                ]
                self.chart.show_lines(lines, ends, log=True)
        if run.status.final and run.error is None:
            say(self.note, self._said(run, terms))

    def _said(self, run: Run, terms: Terms) -> str:
        request = run.request
        assert isinstance(request, ObjectiveRequest)
        total, half = terms.total[-1], Z95 * terms.total_error[-1]
        every = request.every == 1 and len(run.store) == len(run.plan.positions)
        what = "−log p(x_0)" if request.label == NO_CLASS else "−log p(x_0 | y)"
        rest = tr("L_T {prior}, L_0 {first} bits/dim; σ_t² = {variance}, x̂0 {clip}.").format(
            prior=figure(terms.prior),
            first=figure(float(terms.term[0])),
            variance="β̃_t" if request.variance == "posterior" else "β_t",
            clip=tr("clipped") if request.clip else tr("not clipped"),
        )
        if not every or math.isnan(total):
            return tr("Terms of a part of the timesteps: their sum bounds nothing.") + " " + rest
        text = tr("Bound on {what}: {total} ± {half} bits/dim (95 %, {n} pictures).")
        n = len(request.start.sha256) if isinstance(request.start, Image) else 0
        return text.format(what=what, total=f"{total:.3f}", half=figure(float(half)), n=n) + " " + rest

    def _show_reason(self, shown: Shown) -> None:
        request = shown.a.request if shown.a else None
        if not isinstance(request, ReverseRequest) or shown.card is None:
            say(self.reason, "")
            return
        keys = unbounded(request, shown.card.timesteps)
        if keys:
            say(self.reason, tr("Not a bound for the run on the screen: {why}").format(why=tr(UNBOUNDED[keys[0]])))
        else:
            say(self.reason, tr("The run on the screen samples from the chain that this bounds."))

    @Slot()
    def _on_chosen(self) -> None:
        self._drawn = None
        self.services.soon()

    @Slot()
    def _on_runs_changed(self) -> None:
        self.services.soon()
