"""Training, holding, stepping and ending: what stays in sight below the settings of a training, and how far it is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from diffviz.domain import errors, requests
from diffviz.domain.gan import GanRequest, unstarted
from diffviz.domain.pace import done_text, pace_text
from diffviz.domain.text import tr, trn
from diffviz.session.run import Run, Status
from diffviz.session.session import Session
from diffviz.ui.forms import run_panel
from diffviz.ui.forms.run_panel import ComputePanel, progress_text, waiting_text
from diffviz.ui.widgets import qss, theme
from diffviz.ui.widgets.controls import IconButton
from diffviz.ui.widgets.format import duration


def run_text(run: Run, session: Session) -> str:
    """How far `run` is, of whatever kind it is."""
    return training_text(run, session) if run.plan.between else progress_text(run, session)


def training_text(run: Run, session: Session) -> str:
    """How far `run` is, or what it waits for."""
    if run.status is Status.QUEUED:
        return waiting_text(run, session)
    if not len(run.store) and run.status in (Status.SENT, Status.RUNNING):
        return progress_text(run, session)
    if "/recorded/" in run.slot:
        return tr("recorded: {steps}").format(steps=_done_steps(run))
    steps = _steps(run)
    match run.status:
        case Status.RUNNING | Status.SENT:
            return _running(run, steps)
        case Status.PAUSED:
            return tr("paused at {steps}").format(steps=steps)
        case Status.CANCELLED:
            return tr("cancelled at {steps}").format(steps=steps)
        case Status.FAILED:
            return tr("failed at {steps}").format(steps=steps)
        case _:
            return done_text(_done_steps(run), run.seconds, duration)


def told_text(run: Run, session: Session) -> str:
    """How far `run` is, and of one that has ended here where it is and how it is kept."""
    text = training_text(run, session)
    if run.status is not Status.FINISHED or "/recorded/" in run.slot:
        return text
    kept = tr("In the list of runs; Ctrl+S keeps it in a file.") if run.changed else tr("Saved with the session.")
    return f"{text}\n{kept}"


def _begin(run: Run) -> float:
    return run.request.start.at if isinstance(run.request.start, requests.Step) else 0.0


def _reached(run: Run) -> float:
    return run.store[-1].position if len(run.store) else _begin(run)


def _steps(run: Run) -> str:
    return tr("{n} / {all} steps").format(n=f"{_reached(run):,g}", all=f"{run.plan.positions[-1]:,.0f}")


def _running(run: Run, steps: str) -> str:
    left = run.plan.positions[-1] - run.newest
    return f"{steps} · {pace_text(tr('{rate} steps/s'), run.pace.known, left, duration)}"


def _done_steps(run: Run) -> str:
    steps = round(_reached(run))
    return trn("{n} step", "{n} steps", steps).format(n=f"{steps:,}")


STEP_HEIGHT = 30

SecondsFor = Callable[[GanRequest], float | None]


class TrainPanel(ComputePanel):
    """Reads the session when told to `refresh`.

    Signals: `toggle_asked` (train, pause or go on), `step_asked("D" or "G")`, `continue_asked` (from the cursor).
    """

    toggle_asked = Signal()
    step_asked = Signal(str)
    continue_asked = Signal()
    refusals = (errors.DiffvizError, ValueError)

    def __init__(self, session: Session, seconds_for: SecondsFor, parent: QWidget | None = None) -> None:
        self.train = QPushButton()
        super().__init__(session, self.train, IconButton("circle-stop", tr("Cancel"), run_panel.START_HEIGHT), parent)
        self._seconds_for = seconds_for
        self._trouble: Exception | None = None
        self.steps = {"D": QPushButton(tr("Step D")), "G": QPushButton(tr("Step G"))}
        self.on = QPushButton(tr("Continue from here"))
        self._arrange()
        self._connect()

    def refresh(self, request: GanRequest, *, fresh: bool) -> None:
        """Show the shown run, and what `request` would cost; `fresh` where it needs networks of its own."""
        run = self._session.a
        self._show_train(run)
        self._show_progress(run)
        self._show_changed(run, request, fresh=fresh)
        self._show_cost(request, lambda: self._seconds_for(request))
        self._show_problem(run)

    def set_trouble(self, error: Exception | None) -> None:
        """Say what went wrong before there was a run; None for nothing."""
        self._trouble = error
        self._show_problem(self._session.a)

    def _arrange(self) -> None:
        self.cost.setToolTip(tr("Network evaluations, time once it has been measured, and memory for the frames"))
        self.steps["D"].setToolTip(tr("Update D once, then hold (1)"))
        self.steps["G"].setToolTip(tr("Update G once, then hold (2)"))
        self.cancel.setToolTip(tr("End the training within one step and keep its frames (Esc)"))
        self.on.setToolTip(tr("Train on from the step at the cursor, with these settings: a branch (C)"))
        self.train.setFixedHeight(run_panel.START_HEIGHT)
        start, row = QHBoxLayout(), QHBoxLayout()
        start.setSpacing(6)
        start.addWidget(self.train, 1)
        start.addWidget(self.cancel)
        row.setSpacing(6)
        for button in (*self.steps.values(), self.on):
            qss.set_own(button, "padding: 4px;")
            button.setFixedHeight(STEP_HEIGHT)
            row.addWidget(button, button.sizeHint().width())
        self._stack(self.cost, start, row, self.bar, self._told(), self.problem)

    def usual_height(self) -> int:
        """That of a run, and the row of steps."""
        return super().usual_height() + run_panel.GAP + STEP_HEIGHT

    def _connect(self) -> None:
        self.train.clicked.connect(self.toggle_asked)
        self.on.clicked.connect(self.continue_asked)
        for part, button in self.steps.items():
            button.clicked.connect(lambda _on=False, part=part: self.step_asked.emit(part))

    def _show_train(self, run: Run | None) -> None:
        busy = run is not None and not run.status.final
        paused = run is not None and run.status is Status.PAUSED
        if paused:
            text, icon, tip = tr("Go on"), "play", tr("Go on training (T)")
        elif busy:
            text, icon, tip = tr("Pause"), "pause", tr("Hold between two steps (T)")
        else:
            text, icon, tip = tr("Train"), "play", tr("Train with these settings from the start (T)")
        if self.train.text() != text:
            self.train.setText(text)
            self.train.setIcon(theme.icon(icon, "on_primary"))
            self.train.setToolTip(tip)
        self.cancel.setEnabled(busy)
        self._escape.setEnabled(busy)
        self.on.setEnabled(run is not None and len(run.store) > 0)

    def _show_progress(self, run: Run | None) -> None:
        loading = run is not None and run.status is Status.RUNNING and not len(run.store)
        self._show_run(run, told_text, loading=loading)

    def _show_changed(self, run: Run | None, request: GanRequest, *, fresh: bool) -> None:
        kin = run is not None and type(run.request) is type(request)
        changed = kin and run is not None and unstarted(run.request) != request
        held = run is not None and (run.status.final or run.status is Status.PAUSED)
        self.notice.setVisible(changed and (fresh or held))
        self.progress.setVisible(run is not None and self.notice.isHidden())
        if fresh:
            self.changed.setText(tr("Settings changed: they need fresh networks. Train begins anew."))
        else:
            self.changed.setText(tr("Settings changed: continue from here with them, or train anew."))
        self.on.setEnabled(self.on.isEnabled() and not (changed and fresh))

    def _show_problem(self, run: Run | None) -> None:
        if self._trouble is not None:
            self.problem.show_error(self._trouble)
        else:
            super()._show_problem(run)
