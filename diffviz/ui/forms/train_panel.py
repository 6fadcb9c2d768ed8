"""Training, holding, stepping and ending: what stays in sight below the settings of a training."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from diffviz.domain.errors import DiffvizError
from diffviz.domain.gan import GanRequest, unstarted
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr
from diffviz.session.run import Run, Status
from diffviz.session.session import Session
from diffviz.ui import theme
from diffviz.ui.forms.controls import IconButton, label
from diffviz.ui.forms.problem import Problem
from diffviz.ui.forms.progress import cost_text
from diffviz.ui.forms.training_progress import training_text

PARTS = 1000
SecondsFor = Callable[[GanRequest], float | None]


class TrainPanel(QWidget):
    """Reads the session when told to `refresh`.

    Signals: `toggle_asked` (train, pause or go on), `step_asked("D" or "G")`, `cancel_asked`, `continue_asked` (from
    the cursor), `settings_asked` (those of the shown run, back into the form).
    """

    toggle_asked = Signal()
    step_asked = Signal(str)
    cancel_asked = Signal()
    continue_asked = Signal()
    settings_asked = Signal()

    def __init__(self, session: Session, seconds_for: SecondsFor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._seconds_for = session, seconds_for
        self._planned: tuple[object, ...] = ()
        self._trouble: Exception | None = None
        self.cost = label("", "small", wrap=True)
        self.train = QPushButton()
        self.bar = QProgressBar()
        self.progress = label("", "small", wrap=True)
        self.steps = {"D": QPushButton(tr("Step D")), "G": QPushButton(tr("Step G"))}
        self.cancel = QPushButton(tr("Cancel"))
        self.on = QPushButton(tr("Continue from here"))
        self.changed = label("", "quiet", wrap=True)
        self.back = IconButton("undo-2", tr("Back to the run's settings"), 26, 14)
        self.problem = Problem()
        self._arrange()
        self._connect()

    def refresh(self, request: GanRequest, *, fresh: bool) -> None:
        """Show the shown run, and what `request` would cost; `fresh` where it needs networks of its own."""
        run = self._session.a
        self._show_train(run)
        self._show_progress(run)
        self._show_changed(run, request, fresh=fresh)
        self._show_cost(request)
        self._show_problem(run)

    def set_trouble(self, error: Exception | None) -> None:
        """Say what went wrong before there was a run; None for nothing."""
        self._trouble = error
        self._show_problem(self._session.a)

    def _arrange(self) -> None:
        self.train.setProperty("role", "primary")
        self.bar.setRange(0, PARTS)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress"))
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
        for widget in (self.on, self._notice(), self.problem):
            column.addWidget(widget)

    def _notice(self) -> QWidget:
        self.notice = QWidget()
        row = QHBoxLayout(self.notice)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.changed, 1)
        row.addWidget(self.back)
        return self.notice

    def _connect(self) -> None:
        self.train.clicked.connect(self.toggle_asked)
        self.cancel.clicked.connect(self.cancel_asked)
        self.on.clicked.connect(self.continue_asked)
        self.back.clicked.connect(self.settings_asked)
        for part, button in self.steps.items():
            button.clicked.connect(lambda _on=False, part=part: self.step_asked.emit(part))
        self.problem.cpu_asked.connect(lambda: self._session.use_device("cpu"))
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        self._escape.activated.connect(self.cancel_asked)
        for keys in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            shortcut = QShortcut(QKeySequence(Qt.Modifier.CTRL | keys), self)
            shortcut.activated.connect(self._on_keys)

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
        self.bar.setVisible(run is not None)
        self.progress.setVisible(run is not None)
        if run is not None:
            loading = run.status is Status.RUNNING and not len(run.store)
            self._set_bar(round(PARTS * run.progress), 0 if loading else PARTS)
            self.progress.setText(training_text(run, self._session))

    def _set_bar(self, value: int, most: int) -> None:
        """Qt repaints the window within `setValue`, in the middle of a change that views do not know yet: not here."""
        if (self.bar.value(), self.bar.maximum()) != (value, most):
            self.bar.setUpdatesEnabled(False)
            self.bar.setRange(0, most)
            self.bar.setValue(value)
            self.bar.setUpdatesEnabled(True)

    def _show_changed(self, run: Run | None, request: GanRequest, *, fresh: bool) -> None:
        changed = run is not None and isinstance(run.request, GanRequest) and unstarted(run.request) != request
        self.notice.setVisible(changed)
        if fresh:
            self.changed.setText(tr("Settings changed: they need fresh networks. Train begins anew."))
        else:
            self.changed.setText(tr("Settings changed: continue from here with them, or train anew."))
        self.on.setEnabled(self.on.isEnabled() and not (changed and fresh))

    def _show_cost(self, request: GanRequest) -> None:
        ended = sum(run.status.final for run in self._session.runs)
        now = (request, ended)
        if now == self._planned:
            return
        self._planned = now
        try:
            text, role = cost_text(self._session.plan(request), self._seconds_for(request)), "small"
        except (DiffvizError, ValueError) as error:
            text, role = sentence(error) if isinstance(error, DiffvizError) else str(error), "error"
        self.train.setEnabled(role == "small")
        self.cost.setText(text)
        if self.cost.property("role") != role:
            self.cost.setProperty("role", role)
            self.cost.style().polish(self.cost)

    def _show_problem(self, run: Run | None) -> None:
        if self._trouble is not None:
            self.problem.show_error(self._trouble)
        elif run is not None and run.error is not None:
            self.problem.show_error(run.error, run.details)
        else:
            self.problem.show_error(self._session.device_error)

    @Slot()
    def _on_keys(self) -> None:
        if self.train.isEnabled():
            self.toggle_asked.emit()
