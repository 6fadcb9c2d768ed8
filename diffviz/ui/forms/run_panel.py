"""Starting, holding and ending a run, what it will cost, how far it is, and what went wrong with it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from diffviz.domain.requests import DIRECTIONS, Request
from diffviz.domain.text import tr
from diffviz.session.run import Run, Status
from diffviz.session.session import Session
from diffviz.ui.forms.compute_panel import ComputePanel
from diffviz.ui.forms.controls import IconButton, beside_icon
from diffviz.ui.forms.progress import progress_text
from diffviz.ui.widgets import theme

SHORT_SECONDS = 0.3

SecondsFor = Callable[[Request], float | None]


class RunPanel(ComputePanel):
    """The part of a form that stays in sight. It reads the session when told to `refresh`. Signals: `run_asked`."""

    run_asked = Signal()

    def __init__(self, session: Session, seconds_for: SecondsFor, parent: QWidget | None = None) -> None:
        self.run = QPushButton(beside_icon(tr("Run")))
        super().__init__(session, self.run, QPushButton(tr("Cancel   Esc")), parent)
        self._seconds_for = seconds_for
        self.pause = IconButton("pause", tr("Hold the run between two steps"), 34)
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
        self.run.setIcon(theme.icon("play", "on_primary"))
        self.run.setToolTip(tr("Compute these settings (Ctrl+Return)"))
        self.cancel.setToolTip(tr("End the run within one step and keep its frames (Esc)"))
        self.cost.setToolTip(
            tr("Network evaluations, time on this device once it has been measured, and memory for the frames")
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.cost)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.run, 1)
        row.addWidget(self.cancel, 1)
        row.addWidget(self.pause)
        column.addLayout(row)
        # what comes and goes stands below, so that Run stays under the pointer
        for widget in (self.bar, self.progress, self.notice, self.problem):
            column.addWidget(widget)

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
        other = isinstance(shown, DIRECTIONS) and isinstance(request, DIRECTIONS) and type(shown) is not type(request)
        if other:
            self.changed.setText(tr("The other direction is on the stage: press Run"))
        else:
            self.changed.setText(tr("Settings changed since this run"))
        self.notice.setVisible(other or (type(shown) is type(request) and shown != request))

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
