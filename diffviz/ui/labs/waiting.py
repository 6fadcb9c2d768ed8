"""What stands on a stage while its run has no frame: the run before it, then which run it waits for."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from diffviz.domain.text import tr
from diffviz.session.run import Run, Status
from diffviz.session.session import Session
from diffviz.ui.forms.progress import together, waited_for
from diffviz.ui.forms.run_names import name_of
from diffviz.ui.widgets.controls import label

MILLISECONDS = 300
"""A run that is being computed brings its first frame sooner: its views change once, not twice."""


class FirstFrameTimeout(QObject):
    """`over` says whether the wait has taken longer than `MILLISECONDS`. Signals: `ended`, when it has."""

    ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting = False
        self.over = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(MILLISECONDS)
        self._timer.timeout.connect(self._on_timeout)

    def watch(self, waiting: bool) -> None:
        """Whether a first frame is being waited for, told as often as one likes."""
        if waiting and not self._waiting:
            self._timer.start()
        elif not waiting:
            self._timer.stop()
        self._waiting = waiting
        self.over = self.over and waiting

    def stop(self) -> None:
        """Wait no more."""
        self._timer.stop()

    @Slot()
    def _on_timeout(self) -> None:
        self.over = True
        self.ended.emit()


WIDTH, MARGIN = 340, 12


class QueuedNotice(QFrame):
    """Lies over the middle of `host` while the run that is followed has to wait for another one.

    A short wait is not worth a word: it comes when it has taken longer than a first frame usually takes.
    """

    def __init__(self, session: Session, host: QWidget) -> None:
        super().__init__(host)
        self._session, self._host = session, host
        self._run: Run | None = None
        self._patience = FirstFrameTimeout(self)
        self._patience.ended.connect(self._show_state)
        self.title = label(tr("Waits for another run to end"), "title", wrap=True)
        self.sentence = label("", "quiet", wrap=True)
        self.setProperty("role", "drawer")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 16)
        column.setSpacing(6)
        for words in (self.title, self.sentence):
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(words)
        host.installEventFilter(self)
        self.hide()

    def follow(self, run: Run | None) -> None:
        """Be about `run`, told as often as one likes."""
        self._run = run
        self._patience.watch(run is not None and self._waits(run))
        self._show_state()

    def stop(self) -> None:
        """Wait no more."""
        self._patience.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle."""
        if watched is self._host and event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)

    def _waits(self, run: Run) -> bool:
        """Whether `run` is queued, or will be when the worker comes to it, after the step that another one is at."""
        if len(run.store) or run.status not in (Status.QUEUED, Status.SENT):
            return False
        running = (o for o in self._session.runs if o.slot != run.slot and o.status is Status.RUNNING)
        return run.status is Status.QUEUED or any(together(run, other) for other in running)

    @Slot()
    def _show_state(self) -> None:
        if self._run is None or not self._patience.over:
            self.hide()
            return
        other = waited_for(self._run, self._session.runs)
        text = tr("This run starts as soon as the one before it is done.")
        if other is not None:
            text = tr("{run} is computed first. This one begins by itself when that has ended, is paused or cancelled.")
            text = text.format(run=name_of(other, self._session.cards))
        if self.isHidden() or text != self.sentence.text():
            self.sentence.setText(text)
            self.setAccessibleName(f"{self.title.text()}. {text}")
            self._place()
            self.show()
            self.raise_()

    def _place(self) -> None:
        """In the middle of the host, as high as its words need in the width there is."""
        width = max(1, min(WIDTH, self._host.width() - 2 * MARGIN))
        height = self.heightForWidth(width)
        self.setGeometry((self._host.width() - width) // 2, (self._host.height() - height) // 2, width, height)
