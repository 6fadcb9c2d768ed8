"""Starting, holding and ending a run: its cost, how far it is, and what went wrong, below a form.

Words on how far a run is, and what one will cost.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QHBoxLayout,
    QLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from diffviz.domain.errors import DiffvizError
from diffviz.domain.requests import Plan, Request
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr, trn
from diffviz.families import family_of
from diffviz.session.engines import apart
from diffviz.session.run import Run, Status
from diffviz.session.session import Session
from diffviz.ui.widgets import layout, theme
from diffviz.ui.widgets.controls import IconButton, beside_icon, label
from diffviz.ui.widgets.format import duration, quantity, size
from diffviz.ui.widgets.notice import Problem


def share_of(run: Run) -> float:
    """How much of `run` is done, 0 to 1: of its frames, or of all steps of a training.

    A training that goes on from step 50 of 1,500 begins with those 50: its steps are counted so everywhere.
    """
    if not run.plan.between:
        return run.progress
    return run.store[-1].position / run.plan.positions[-1] if len(run.store) else 0.0


def percent_text(run: Run, step: int = 1) -> str:
    """How much of `run` there is where that is a part of it, else nothing; 100 % is not a part.

    In whole percent, or in `step`s of more than one, the first of which has to be there.
    """
    share = share_of(run)
    steps = math.floor(100 * share / step + 1e-9)
    return f"{step * steps}%" if 0 < share < 1 and (steps or step == 1) else ""


def cost_text(plan: Plan, seconds: float | None) -> str:
    """What a run with `plan` will cost: network evaluations, seconds where they are known, bytes."""
    if not plan.evaluations:
        return tr("{n} frames · no network · {size}").format(n=f"{len(plan.positions):,}", size=size(plan.nbytes))
    time = tr("time unknown") if seconds is None else tr("about {t}").format(t=duration(seconds))
    return tr("{n} evaluations · {time} · {size}").format(n=f"{plan.evaluations:,}", time=time, size=size(plan.nbytes))


def progress_text(run: Run, session: Session) -> str:
    """How far `run` is, or what it waits for."""
    match run.status:
        case Status.SENT | Status.RUNNING if not len(run.store):
            done, total = run.loaded
            if total:
                return tr("loading the model: {done} of {size}").format(done=size(done), size=size(total))
            loading = session.device is None and run.plan.evaluations
            return tr("loading torch…") if loading else tr("starting…")
        case Status.QUEUED:
            return waiting_text(run, session)
        case Status.RUNNING | Status.SENT:
            return _running(run)
        case Status.PAUSED:
            return tr("paused at {steps}").format(steps=steps_text(run))
        case Status.CANCELLED:
            return tr("cancelled at {steps}").format(steps=steps_text(run))
        case Status.FAILED:
            return tr("failed at {steps}").format(steps=steps_text(run))
        case Status.FINISHED:
            steps = _steps(run)
            if not run.seconds:  # it comes from a file, which does not say how long it took
                return trn("{n} step", "{n} steps", steps).format(n=f"{steps:,}")
            text = trn("{n} step in {t}", "{n} steps in {t}", steps)
            return text.format(n=f"{steps:,}", t=duration(run.seconds))


def steps_text(run: Run) -> str:
    """Steps done out of those planned."""
    return tr("{n} / {all} steps").format(n=f"{max(0, len(run.store) - 1):,}", all=f"{_steps(run):,}")


def waiting_text(run: Run, session: Session) -> str:
    """Which run of `session` the queued `run` waits for."""
    other = waited_for(run, session.runs)
    return tr("waiting for {run}").format(run=session.names.of(other)) if other else tr("waiting…")


def together(run: Run, other: Run) -> bool:
    """Whether one of them waits for the other: the same engine computes both."""
    return apart(run.request) == apart(other.request)


def waited_for(run: Run, runs: list[Run]) -> Run | None:
    """Which of `runs` has to end before the queued `run` begins; None where that is not known."""
    others = [other for other in runs if other is not run and not other.status.final and together(run, other)]
    return min(others, key=lambda other: other.status is not Status.RUNNING, default=None)


def _running(run: Run) -> str:
    left = run.seconds_left
    done, steps = max(0, len(run.store) - 1), _steps(run)
    parts = [f"{done:,} / {steps:,}", tr("{rate} steps/s").format(rate=quantity(run.rate))]
    if left is not None:
        parts.append(tr("{t} left").format(t=duration(left)))
    return " · ".join(parts)


def _steps(run: Run) -> int:
    return max(1, len(run.plan.positions) - 1)


PARTS = 1000
START_HEIGHT, BAR_HEIGHT, TOLD_HEIGHT = 34, 8, 30
"""Of the row of buttons, of the bar, and of the two lines below it."""
GAP = 6


class ComputePanel(QWidget):
    """The part of a form that stays in sight. Subclasses arrange its widgets beside their own, and fill them.

    Ctrl+Return presses the button `start` where it can be pressed. `refusals` are the errors of a request that cannot
    be planned. Signals: `cancel_asked`, `settings_asked` (those of the shown run, back into the form).
    """

    cancel_asked = Signal()
    settings_asked = Signal()
    refusals: tuple[type[Exception], ...] = (DiffvizError,)

    def __init__(self, session: Session, start: QPushButton, cancel: QAbstractButton, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._session, self._start = session, start
        self._planned: tuple[object, ...] = ()
        self.cancel = cancel
        self.cost = label("", "small", wrap=True)
        self.bar = QProgressBar()
        self.progress = label("", "small", wrap=True)
        self.changed = label("", "quiet", wrap=True)
        self.back = IconButton("undo-2", tr("Back to the run's settings"), 26, 14)
        self.notice = self._make_notice()
        self.problem = Problem()
        start.setProperty("role", "primary")
        self.bar.setRange(0, PARTS)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress"))
        self.cancel.clicked.connect(self.cancel_asked)
        self.back.clicked.connect(self.settings_asked)
        self.problem.cpu_asked.connect(lambda: self._session.use_device("cpu"))
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        self._escape.activated.connect(self.cancel_asked)
        for keys in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            shortcut = QShortcut(QKeySequence(Qt.Modifier.CTRL | keys), self)
            shortcut.activated.connect(start.click)

    def usual_height(self) -> int:
        """Its height with one line on what a run costs, and nothing wrong."""
        self.cost.ensurePolished()
        return self.cost.fontMetrics().height() + START_HEIGHT + BAR_HEIGHT + TOLD_HEIGHT + 3 * GAP

    def _told(self) -> QWidget:
        """How far the run is, or that it has other settings, in room for either: the list below stays where it is."""
        told = QWidget()
        cell = QGridLayout(told)
        cell.setContentsMargins(0, 0, 0, 0)
        for widget in (self.progress, self.notice):
            cell.addWidget(widget, 0, 0, Qt.AlignmentFlag.AlignTop)
        told.setFixedHeight(TOLD_HEIGHT)
        layout.keep_room(self.bar)
        return told

    def _stack(self, *parts: QWidget | QLayout) -> None:
        """Have `parts` below each other."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        for part in parts:
            if isinstance(part, QWidget):
                column.addWidget(part)
            else:
                column.addLayout(part)

    def _make_notice(self) -> QWidget:
        notice = QWidget()
        row = QHBoxLayout(notice)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.changed, 1)
        row.addWidget(self.back)
        return notice

    def _show_run(self, run: Run | None, text: Callable[[Run, Session], str], *, loading: bool) -> None:
        """Show how far `run` is; a bar without an end while it is `loading`."""
        self.bar.setVisible(run is not None)
        self.progress.setVisible(run is not None)
        if run is not None:
            done, total = run.loaded if loading else (0, 0)
            share = done / total if total else share_of(run)
            self._set_bar(round(PARTS * share), 0 if loading and not total else PARTS)
            self.progress.setText(text(run, self._session))

    def _set_bar(self, value: int, most: int) -> None:
        """Qt repaints the window within `setValue`, in the middle of a change that views do not know yet: not here."""
        if (self.bar.value(), self.bar.maximum()) != (value, most):
            self.bar.setUpdatesEnabled(False)
            self.bar.setRange(0, most)
            self.bar.setValue(value)
            self.bar.setUpdatesEnabled(True)

    def _show_cost(self, request: Request, seconds: Callable[[], float | None]) -> None:
        """Plans are made again only where something changed: runs that end change what time is expected."""
        ended = sum(run.status.final for run in self._session.runs)
        now = (request, ended, tuple(self._session.offered))
        if now == self._planned:
            return
        self._planned = now
        try:
            text, role = cost_text(self._session.plan(request), seconds()), "small"
        except self.refusals as error:
            text, role = sentence(error) if isinstance(error, DiffvizError) else str(error), "error"
        self._start.setEnabled(role == "small")
        self._start.setAccessibleDescription("" if role == "small" else text)
        self.cost.setText(text)
        if self.cost.property("role") != role:
            self.cost.setProperty("role", role)
            self.cost.style().polish(self.cost)

    def _show_problem(self, run: Run | None) -> None:
        if run is not None and run.error is not None:
            self.problem.show_error(run.error, run.details)
        else:
            self.problem.show_error(self._session.device_error)


SHORT_SECONDS = 0.3

SecondsFor = Callable[[Request], float | None]


class RunPanel(ComputePanel):
    """The part of a form that stays in sight. It reads the session when told to `refresh`. Signals: `run_asked`."""

    run_asked = Signal()

    def __init__(self, session: Session, seconds_for: SecondsFor, parent: QWidget | None = None) -> None:
        self.run = QPushButton(beside_icon(tr("Run")))
        super().__init__(session, self.run, QPushButton(tr("Cancel   Esc")), parent)
        self._seconds_for = seconds_for
        self.pause = IconButton("pause", tr("Hold the run between two steps"), START_HEIGHT)
        self.run.clicked.connect(self.run_asked)
        self.pause.clicked.connect(self._on_pause)
        self._arrange()

    def refresh(self, request: Request) -> None:
        """Show the shown run, and what `request` would cost."""
        run = self._session.a
        self._show_buttons(run)
        self._show_progress(run)
        self._show_changed(run, request)
        self._show_cost(request, lambda: self._seconds_for(request))
        self._show_problem(run)

    def _arrange(self) -> None:
        self.run.setFixedHeight(START_HEIGHT)
        self.cancel.setFixedHeight(START_HEIGHT)
        self.run.setIcon(theme.icon("play", "on_primary"))
        self.run.setToolTip(tr("Compute these settings (Ctrl+Return)"))
        self.cancel.setToolTip(tr("End the run within one step and keep its frames (Esc)"))
        self.cost.setToolTip(
            tr("Network evaluations, time on this device once it has been measured, and memory for the frames")
        )
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.run, 1)
        row.addWidget(self.cancel, 1)
        row.addWidget(self.pause)
        # what comes and goes stands below, so that Run stays under the pointer
        self._stack(self.cost, row, self.bar, self._told(), self.problem)

    def _show_buttons(self, run: Run | None) -> None:
        busy = run is not None and not run.status.final
        slow = run is not None and (run.plan.evaluations > 0 or run.seconds > SHORT_SECONDS)
        self._escape.setEnabled(busy)
        _swap(self.run, self.cancel, second=busy and slow)
        self.pause.setVisible(busy and slow)
        if run is not None and run.status is Status.PAUSED:
            self.pause.set_face("play", tr("Go on with the run"))
        else:
            self.pause.set_face("pause", tr("Hold the run between two steps"))

    def _show_progress(self, run: Run | None) -> None:
        loading = run is not None and run.status is Status.RUNNING and not len(run.store) and run.plan.evaluations > 0
        self._show_run(run, progress_text, loading=loading)

    def _show_changed(self, run: Run | None, request: Request) -> None:
        shown = run.request if run is not None else None
        both = shown is not None and family_of(shown).denoisable and family_of(request).denoisable
        other = both and type(shown) is not type(request)
        if other:
            self.changed.setText(tr("The other direction is on the stage: press Run"))
        else:
            self.changed.setText(tr("Settings changed since this run"))
        changed = other or (type(shown) is type(request) and shown != request)
        self.notice.setVisible(changed and run is not None and run.status.final)
        self.progress.setVisible(run is not None and self.notice.isHidden())

    @Slot()
    def _on_pause(self) -> None:
        run = self._session.a
        if run is None:
            return
        if run.status is Status.PAUSED:
            self._session.resume(run)
        else:
            self._session.pause(run)


def _swap(first: QWidget, other: QWidget, *, second: bool) -> None:
    """Show one of two widgets in the same place; the focus goes with it."""
    focused = first.hasFocus() or other.hasFocus()
    first.setVisible(not second)
    other.setVisible(second)
    if focused:
        (other if second else first).setFocus()
