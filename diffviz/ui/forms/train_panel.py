"""Training, holding, stepping and ending: what stays in sight below the settings of a training."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from diffviz.domain.errors import DiffvizError
from diffviz.domain.gan import GanRequest, unstarted
from diffviz.domain.text import tr
from diffviz.session.run import Run, Status
from diffviz.session.session import Session
from diffviz.ui.forms.compute_panel import ComputePanel
from diffviz.ui.forms.training_progress import training_text
from diffviz.ui.widgets import theme

SecondsFor = Callable[[GanRequest], float | None]


class TrainPanel(ComputePanel):
    """Reads the session when told to `refresh`.

    Signals: `toggle_asked` (train, pause or go on), `step_asked("D" or "G")`, `continue_asked` (from the cursor).
    """

    toggle_asked = Signal()
    step_asked = Signal(str)
    continue_asked = Signal()
    refusals = (DiffvizError, ValueError)

    def __init__(self, session: Session, seconds_for: SecondsFor, parent: QWidget | None = None) -> None:
        self.train = QPushButton()
        super().__init__(session, self.train, QPushButton(tr("Cancel")), parent)
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
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        above: tuple[QWidget, ...] = (self.cost, self.train, self.bar, self.progress)
        for widget in above:
            column.addWidget(widget)
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in (*self.steps.values(), self.cancel):
            button.setStyleSheet("padding: 5px 4px;")
            row.addWidget(button, 1)
        column.addLayout(row)
        for widget in (self.on, self.notice, self.problem):
            column.addWidget(widget)

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
        self._show_run(run, training_text, loading=loading)

    def _show_changed(self, run: Run | None, request: GanRequest, *, fresh: bool) -> None:
        changed = run is not None and isinstance(run.request, GanRequest) and unstarted(run.request) != request
        self.notice.setVisible(changed)
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
