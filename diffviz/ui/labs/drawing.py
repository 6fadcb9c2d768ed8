"""Drawing on the stage of a lab: when its views are drawn, and what stands there before there is a frame.

When views are drawn: at most once per display frame, and less often while a run is only being watched.

What stands on a stage while its run has no frame: the run before it, then which run it waits for.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from diffviz.domain.text import tr
from diffviz.session.run import Run, Status
from diffviz.session.session import Session
from diffviz.ui.forms import run_panel
from diffviz.ui.widgets.controls import label

CURSOR_MILLISECONDS = 16
WATCH_MILLISECONDS = 33
WATCH_SHARE = 0.06


class RedrawScheduler(QObject):
    """Calls `draw` after the session changed: at once for a moved cursor, at most 30 times a second for new frames.

    A cursor that is moved waits for the display frame of the move before, never for that of a frame that came.
    Watching takes at most `share` of the time, paint included, so that it hardly slows the run down: on a slow
    screen it is drawn less often.
    """

    def __init__(
        self, session: Session, draw: Callable[[], None], parent: QObject | None = None, share: float = WATCH_SHARE
    ) -> None:
        super().__init__(parent)
        self._share = share
        self._session = session
        self._draw = draw
        self._cost = 0
        self._since, self._since_move = QElapsedTimer(), QElapsedTimer()
        self._since.start()
        self._since_move.start()
        self._moved = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.now)
        self._painted = QTimer(self)  # paint events come before it
        self._painted.setSingleShot(True)
        self._painted.timeout.connect(self._on_painted)
        session.cursor_changed.connect(self._on_cursor_changed)
        session.frames_arrived.connect(self._on_frames_arrived)
        session.shown_changed.connect(self.soon)
        session.pinned_changed.connect(self.soon)
        session.runs_changed.connect(self.soon)
        session.places.changed.connect(self.soon)

    @Slot()
    def soon(self) -> None:
        """Draw in the next display frame."""
        self._within(CURSOR_MILLISECONDS - self._since.elapsed())

    @Slot()
    def now(self) -> None:
        """Draw now."""
        self._timer.stop()
        self._since.restart()
        if self._moved:
            self._since_move.restart()
            self._moved = False
        self._draw()
        self._painted.start(0)

    def stop(self) -> None:
        """Draw no more."""
        self._timer.stop()
        self._painted.stop()

    @property
    def watch_gap(self) -> int:
        """Milliseconds between two draws of a run that is being watched."""
        return max(WATCH_MILLISECONDS, round(self._cost / self._share))

    @Slot()
    def _on_painted(self) -> None:
        self._cost = self._since.elapsed()

    @Slot()
    def _on_cursor_changed(self) -> None:
        if self._session.following:
            self._within(self.watch_gap - self._since.elapsed())
        else:
            self._moved = True
            self._within(CURSOR_MILLISECONDS - self._since_move.elapsed())

    @Slot()
    def _on_frames_arrived(self) -> None:
        self._within(self.watch_gap - self._since.elapsed())

    def _within(self, wait: int) -> None:
        if not self._timer.isActive() or self._timer.remainingTime() > wait:
            self._timer.start(max(0, wait))


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
        return run.status is Status.QUEUED or any(run_panel.together(run, other) for other in running)

    @Slot()
    def _show_state(self) -> None:
        if self._run is None or not self._patience.over:
            self.hide()
            return
        other = run_panel.waited_for(self._run, self._session.runs)
        text = tr("This run starts as soon as the one before it is done.")
        if other is not None:
            text = tr("{run} is computed first. This one begins by itself when that has ended, is paused or cancelled.")
            text = text.format(run=self._session.names.of(other))
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
