"""What panels below a form have in common: cost, progress, the way back to the settings of a run, what went wrong."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from diffviz.domain.errors import DiffvizError
from diffviz.domain.requests import Request
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.ui.forms.controls import IconButton, label
from diffviz.ui.forms.progress import cost_text
from diffviz.ui.forms.share import share_of
from diffviz.ui.widgets.problem import Problem

PARTS = 1000


class ComputePanel(QWidget):
    """The part of a form that stays in sight. Subclasses arrange its widgets beside their own, and fill them.

    Ctrl+Return presses the button `start` where it can be pressed. `refusals` are the errors of a request that cannot
    be planned. Signals: `cancel_asked`, `settings_asked` (those of the shown run, back into the form).
    """

    cancel_asked = Signal()
    settings_asked = Signal()
    refusals: tuple[type[Exception], ...] = (DiffvizError,)

    def __init__(self, session: Session, start: QPushButton, cancel: QPushButton, parent: QWidget | None) -> None:
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
            self._set_bar(round(PARTS * share_of(run)), 0 if loading else PARTS)
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
        now = (request, ended, tuple(self._session.cards))
        if now == self._planned:
            return
        self._planned = now
        try:
            text, role = cost_text(self._session.plan(request), seconds()), "small"
        except self.refusals as error:
            text, role = sentence(error) if isinstance(error, DiffvizError) else str(error), "error"
        self._start.setEnabled(role == "small")
        self.cost.setText(text)
        if self.cost.property("role") != role:
            self.cost.setProperty("role", role)
            self.cost.style().polish(self.cost)

    def _show_problem(self, run: Run | None) -> None:
        if run is not None and run.error is not None:
            self.problem.show_error(run.error, run.details)
        else:
            self.problem.show_error(self._session.device_error)
