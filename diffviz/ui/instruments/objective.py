"""The objective term by term: a run whose axis is t, on chosen pictures, with a Monte Carlo interval."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from diffviz.domain import cards, errors
from diffviz.domain.objective import UNBOUNDED, ObjectiveRequest, unbounded
from diffviz.domain.plots import Plot, PlotData, drawable
from diffviz.domain.requests import Image, Request
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr
from diffviz.families import family_of, objective
from diffviz.session import looks
from diffviz.session.run import ASIDE, Run
from diffviz.ui.forms import editors, run_panel
from diffviz.ui.instruments.instrument import CopyButton, Instrument, Services, dropped, note, say, small
from diffviz.ui.instruments.objective_form import ObjectiveForm, setup, verdict
from diffviz.ui.plots.chart import Chart, ChartLine
from diffviz.ui.timeline import RunFigures
from diffviz.ui.widgets import controls, picture_grid, theme, view

SLOT = ASIDE + "objective"
TERMS, SIMPLE, TOTAL = "terms", "simple", "total"


class ObjectiveInstrument(Instrument):
    """L_{t−1} against t, the simple loss with the weight that turns one into the other, and the running total."""

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        session = services.session
        self.draft = services.drafts.get(
            SLOT, ObjectiveRequest(), lambda request: editors.fitted(request, _card_of(request, services))
        )
        self.form = ObjectiveForm(session, self.draft)
        self.settings = QPushButton(theme.icon("sliders-horizontal"), "")
        self.button = QPushButton(tr("Measure"))
        self.export = QPushButton(tr("Export…"))
        self.copy = CopyButton(services)
        self.which = controls.Segments(
            {TERMS: "Lₜ", SIMPLE: tr("simple"), TOTAL: tr("total")},
            tr("Curve shown"),
            {
                TERMS: tr("The bound's terms in bits a dimension, on a logarithmic axis (Ho et al. 2020, eq. 5).")
                + f" {tr(objective.WAYS)}",
                SIMPLE: tr(
                    "The simple loss, and the weight that turns it into L_{t−1} (Ho et al. 2020, eq. 12 and 14)."
                ),
                TOTAL: tr("The sum of the terms up to t and L_T: the bound at the last t."),
            },
        )
        small(self.which).set_current(TERMS)
        self.bar = QProgressBar()
        self.chart = Chart(tr("Terms of the objective against t"), "t", height=170)
        self.strip = picture_grid.PictureStrip()
        self.cost, self.note, self.reason = note(), note(), note()
        self.run: Run | None = None
        self._cursor = 0.0
        self._drawn: tuple[int, int, bool, str] | None = None
        self._priced: tuple[Request, int] | None = None
        self._figures = RunFigures(objective.ObjectiveReader)
        self._arrange()
        self.form.follow(services.card(), None)
        self._follow(next((run for run in reversed(session.runs) if run.slot == SLOT), None))  # another window's
        self.button.clicked.connect(self.compute)
        self.export.clicked.connect(self._on_export)
        self.settings.toggled.connect(self._on_settings_toggled)
        self.which.chosen.connect(self._on_chosen)
        self.draft.changed.connect(self._on_draft_changed)

    def parts(self) -> dict[str, looks.Looking]:
        """The curve that is shown, its plot, and whether the settings are open."""
        return {"which": self.which, "chart": self.chart, "settings": view.SwitchLook(self.settings)}

    def draw(self, shown: view.Shown) -> None:
        """Show how far the measurement is, and whether it bounds anything for the run on the screen."""
        self._cursor = shown.cursor
        self.chart.show_cursor(shown.cursor)
        self.form.follow(shown.card or self.services.card(), shown.a)
        self._show_reason(shown)
        self._show_cost()
        self._promise()
        run = self.run
        if run is None:
            return
        self._show_progress(run)
        key = (run.id, len(run.store), run.status.final, self.which.current())
        if key != self._drawn:
            self._drawn = key
            terms = self._figures.of(run)
            if terms is not None:
                self._show(run, terms)

    @Slot()
    def compute(self) -> None:
        """Begin, or cancel what runs."""
        if self.run is not None and not self.run.status.final:
            self.services.session.cancel(self.run)
            return
        self.draft.settle()
        if not self.draft.seed_locked:
            self.draft.roll()
        self._begin(self.draft.request)

    def compute_request(self, request: Request) -> None:
        """Measure `request`, of an exported file."""
        self.draft.replace(request, tr("Objective"))
        self._begin(request)

    def put_away(self) -> None:
        """End what runs, and forget it."""
        dropped(self.services.session, self.run)
        self._follow(None)

    def _begin(self, request: Request) -> None:
        """Measure `request` in the place of what was measured before."""
        session = self.services.session
        try:
            run = session.start(request, SLOT, show=False)
        except errors.DiffvizError as error:
            say(self.note, sentence(error))
            return
        dropped(session, self.run)
        self._follow(run)
        self.services.soon()

    def _follow(self, run: Run | None) -> None:
        """Show what `run` measures."""
        self.run = run
        self.copy.set_run(run)
        if run is not None:
            signal = self.services.session.runs_changed
            signal.connect(self._on_runs_changed, Qt.ConnectionType.UniqueConnection)

    def _arrange(self) -> None:
        self.button.setToolTip(tr("Measure every term on the pictures chosen"))
        self.export.setToolTip(tr("Write the terms as curves, arrays or plots"))
        for button in (self.button, self.settings, self.export, self.copy):
            button.setProperty("role", "compact")
        self.settings.setCheckable(True)
        self.settings.setToolTip(tr("Choose the pictures, the class, the variance and the draws"))
        self.settings.setAccessibleName(tr("Settings of the measurement"))
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress"))
        self.bar.hide()
        self.form.hide()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.cost, 1)
        for button in (self.settings, self.button):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addWidget(self.which)
        self.column.addLayout(row)
        for widget in (self.form, self.bar, self.chart, self._measured(), self.note, self.reason):
            self.column.addWidget(widget)

    def _measured(self) -> QWidget:
        """What was measured, and what can be done with it; there from the first measurement on."""
        self._about = QWidget()
        row = QHBoxLayout(self._about)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.strip, 1)
        row.addWidget(self.export)
        row.addWidget(self.copy)
        self._about.hide()
        return self._about

    def _show_cost(self) -> None:
        """Say what the next measurement is of and what it costs; plans are made again only where something changed."""
        session = self.services.session
        request: ObjectiveRequest = self.draft.request
        now = (request, sum(run.status.final for run in session.runs))
        if now == self._priced:
            return
        self._priced = now
        try:
            text = run_panel.cost_text(session.plan(request), self.services.seconds(request))
            text, able = f"{setup(request, _card_of(request, self.services))} · {text}", True
            if not _names(request):
                text, able = tr("There are no sample pictures of this model's data set: choose your own."), False
        except errors.DiffvizError as error:
            text, able = sentence(error), False
        self.button.setEnabled(able or self._busy)
        say(self.cost, text)

    def _promise(self) -> None:
        """Say in the empty plot what will be there, and how; without pictures there is nothing to press."""
        if self._busy:
            self.chart.promise_with(tr("Measuring…"))
        else:
            press = tr("Press Measure: every term of the bound, against t.")
            self.chart.promise_with(tr("Nothing measured yet"), press if self.button.isEnabled() else "")

    @property
    def _busy(self) -> bool:
        return self.run is not None and not self.run.status.final

    def _show_progress(self, run: Run) -> None:
        busy = self._busy
        names = _names(run.request)
        images = self.services.session.images
        self.strip.show_pictures(names, [images[name] for name in names if name in images])
        self._about.show()
        self.export.setEnabled(len(run.store) > 0)
        self.bar.setVisible(busy)
        self.button.setText(tr("Cancel") if busy else tr("Measure again"))
        if busy:
            self.bar.setUpdatesEnabled(False)
            self.bar.setRange(0, len(run.plan.positions))
            self.bar.setValue(len(run.store))
            self.bar.setUpdatesEnabled(True)
            say(self.note, run_panel.progress_text(run, self.services.session))
        elif run.error is not None:
            say(self.note, sentence(run.error) if isinstance(run.error, errors.DiffvizError) else str(run.error))

    def _show(self, run: Run, terms: objective.ObjectiveTerms) -> None:
        ends = (0.0, run.plan.high)
        plots = drawable(objective.term_plots(PlotData(figures=terms)))
        plot = next((plot for plot in plots if plot.key == self.which.current()), None)
        self.chart.show_lines(_lines(plot) if plot else [], ends, log=plot is not None and plot.log)
        if run.status.final and run.error is None:
            say(self.note, verdict(run, terms, _card_of(run.request, self.services)))

    def _show_reason(self, shown: view.Shown) -> None:
        request: Any = shown.a.request if shown.a else None
        if request is None or not family_of(request).sampled or shown.card is None:
            say(self.reason, "")
            return
        keys = unbounded(request, shown.card.timesteps)
        if keys:
            say(self.reason, tr("Not a bound for the run on the screen: {why}").format(why=tr(UNBOUNDED[keys[0]])))
        else:
            say(self.reason, tr("The run on the screen samples from the chain that this bounds."))

    @Slot()
    def _on_export(self) -> None:
        if self.run is not None:
            self.services.export(self.run, min(max(self._cursor, self.run.plan.low), self.run.plan.high))

    @Slot(bool)
    def _on_settings_toggled(self, on: bool) -> None:
        self.form.setVisible(on)

    @Slot()
    def _on_draft_changed(self) -> None:
        self.services.soon()

    @Slot()
    def _on_chosen(self) -> None:
        self._drawn = None
        self.services.soon()

    @Slot()
    def _on_runs_changed(self) -> None:
        self.services.soon()


def _lines(plot: Plot) -> list[ChartLine]:
    """The curves of `plot`, and the ends of its bands."""
    curves = [ChartLine(curve.xs, curve.ys, curve.hue, curve.label, curve.style) for curve in plot.series]
    ends = ((band, ys, label) for band in plot.bands for ys, label in ((band.low, ""), (band.high, band.label)))
    return [*curves, *(ChartLine(band.xs, ys, band.hue, label, "dotted") for band, ys, label in ends)]


def _card_of(request: Request, services: Services) -> cards.Card | None:
    return services.session.cards.get(getattr(request, "model", ""))


def _names(request: Request) -> tuple[str, ...]:
    return request.start.sha256 if isinstance(request.start, Image) else ()
