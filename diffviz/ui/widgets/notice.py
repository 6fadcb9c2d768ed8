"""What is said in place: notices, what went wrong, and what is to come.

A notice that lies over the window: one sentence, what can be done about it, and a way to put it away.

What went wrong, said in place: one sentence, a way out where there is one, and the details behind a disclosure.

A place where something is to come: what is missing, a sentence on what to do, on the stage below quiet frames.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFontDatabase,
    QFontMetricsF,
    QHideEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from diffviz.domain import errors, panes
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr
from diffviz.ui.widgets import controls, layout, math_label, painting, qss, theme

logger = logging.getLogger(__name__)
Action = tuple[str, Callable[[], None]]
OPENING = "opening"
"""The kind of what is said of files and folders that were to be opened."""
NOTICE_WIDTH, EDGE, LOWER_EDGE = 760, 14, 6
GLANCE_MILLISECONDS, LETTER_MILLISECONDS = 4000, 50
"""How long a message that only informs stays: to be noticed, and to be read."""


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """`text`, and buttons by their names; `closed` is called where it is put away without any of them.

    One of a `kind` is over when something of that kind succeeds; see `Notice.done`.
    """

    text: str
    actions: Sequence[Action] = ()
    error: bool = False
    closed: Callable[[], None] | None = None
    kind: str = ""

    @property
    def passing(self) -> bool:
        """Whether it only informs: it goes by itself."""
        return not (self.error or self.actions or self.closed)


class Notice(QWidget):
    """Shows one message at a time; those with buttons wait for their turn, one without them gives way to the next.

    It lies at the lower edge of the widget that it is in, over what stands there, and moves nothing; screen readers
    say it. A passing one goes when there has been time to read it, unless the pointer or the focus is on it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        panel = QFrame()
        panel.setProperty("role", "drawer")
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(panel)
        for watched in filter(None, (self, parent)):
            watched.installEventFilter(self)
        self._waiting: deque[Message] = deque()
        self._shown: Message | None = None
        self.buttons: list[QPushButton] = []
        self.passing = QTimer(self)
        self.passing.setSingleShot(True)
        self.passing.timeout.connect(self._on_read)
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.close_button = controls.IconButton("x", tr("Put this notice away"), 26, 14)
        self.close_button.framed = False
        self.close_button.clicked.connect(self.put_away)
        self._row = QHBoxLayout(panel)
        self._row.setContentsMargins(14, 6, 8, 6)
        self._row.setSpacing(8)
        self._row.addWidget(self.text, 1)
        self._row.addWidget(self.close_button)
        self.hide()

    def say(self, message: Message) -> None:
        """Show `message`, at once or after those that ask something."""
        if message.error:
            logger.warning("said: %s", message.text)
        if self._shown is not None and self._shown.actions:
            self._waiting.append(message)
        else:
            self._show(message)

    @Slot()
    def put_away(self) -> None:
        """Close what is shown, and show what waits."""
        message, self._shown = self._shown, None
        if message is not None and message.closed is not None:
            message.closed()
        self._next()

    def withdraw(self, message: Message) -> None:
        """Say `message` no longer, shown or not: what it says is over."""
        if message is self._shown:
            self._shown = None
            self._next()
        elif message in self._waiting:
            self._waiting.remove(message)

    def done(self, kind: str) -> None:
        """Something of `kind` has succeeded: say no longer what went wrong with the last."""
        for message in [*self._waiting, *filter(None, [self._shown])]:
            if message.error and message.kind == kind:
                self.withdraw(message)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the lower edge, with room for all of the text."""
        changed = QEvent.Type.LayoutRequest if watched is self else QEvent.Type.Resize
        if event.type() == changed and self.isVisible():
            self._place()
        return False

    def _place(self) -> None:
        """As wide as there is room, up to a line that reads well, and as high as its text is then."""
        over = self.parentWidget()
        if over is None:
            return
        width = min(over.width() - 2 * EDGE, NOTICE_WIDTH)
        height = self.heightForWidth(width) if self.hasHeightForWidth() else self.sizeHint().height()
        self.setGeometry(over.width() - width - EDGE, over.height() - height - LOWER_EDGE, width, height)
        layout.lie_over(self)

    def showEvent(self, event: QShowEvent) -> None:
        """Count the time from when it is seen."""
        super().showEvent(event)
        self._count()

    def hideEvent(self, event: QHideEvent) -> None:
        """Count no longer."""
        super().hideEvent(event)
        self.passing.stop()

    def _count(self) -> None:
        """Begin to count the time to read what is shown, where it is seen and passing."""
        self.passing.stop()
        if self.isVisible() and self._shown is not None and self._shown.passing:
            self.passing.start(GLANCE_MILLISECONDS + LETTER_MILLISECONDS * len(self._shown.text))

    @Slot()
    def _on_read(self) -> None:
        focus = self.window().focusWidget()
        if self.underMouse() or (focus is not None and self.isAncestorOf(focus)):
            self._count()
        else:
            self.put_away()

    def _show(self, message: Message) -> None:
        self._shown = message
        self.text.setText(message.text)
        qss.set_role(self.text, "error" if message.error else "")
        self.setAccessibleName(message.text)
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        self.buttons = [self._button(*action) for action in message.actions]
        for i, button in enumerate(self.buttons):
            self._row.insertWidget(1 + i, button)
        self._place()  # where the pointer is not taken for being on it
        self.show()
        self._place()
        announce(self, message.text, urgent=not message.passing)
        self._count()

    def _button(self, name: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(name)

        def clicked() -> None:
            self._shown = None
            self._next()
            act()

        button.clicked.connect(clicked)
        return button

    def _next(self) -> None:
        if self._waiting:
            self._show(self._waiting.popleft())
        elif self._shown is None:
            self.hide()


def announce(widget: QWidget, text: str, *, urgent: bool) -> None:
    """Have screen readers say `text`, at once where it is `urgent`."""
    event = QAccessibleAnnouncementEvent(widget, text)
    politeness = QAccessible.AnnouncementPoliteness
    event.setPoliteness(politeness.Assertive if urgent else politeness.Polite)
    QAccessible.updateAccessibility(event)


DETAILS_HEIGHT = 150


class Problem(QWidget):
    """An error's sentence with its details. Signals: `cpu_asked` (after a device was lost)."""

    cpu_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[BaseException | None, str] = (None, "")
        self.text = controls.label("", "error", wrap=True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.cpu = QPushButton(tr("Use the CPU"))
        self.cpu.setToolTip(tr("Compute on the CPU from the next run on"))
        self.cpu.clicked.connect(self.cpu_asked)
        self.more = QPushButton(tr("Details"))
        self.more.setProperty("role", "flat")
        qss.set_own(self.more, "padding: 4px 8px 4px 4px;")
        self.more.setCheckable(True)
        self.more.setToolTip(tr("Show where it went wrong"))
        self.more.toggled.connect(self._on_toggled)
        self.details = _details()
        self._arrange()
        self.show_error(None)

    def show_error(self, error: BaseException | None, details: str = "") -> None:
        """Say what `error` is; None hides everything."""
        self.setVisible(error is not None)
        if (error, details) == self._shown:
            return
        self._shown = (error, details)
        self.text.setText(sentence(error) if error else "")
        self.details.setPlainText(details)
        self.cpu.setVisible(isinstance(error, errors.DeviceLost))
        self.more.setChecked(False)
        self.more.setVisible(bool(details))
        self._on_toggled(False)

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.text)
        row = QHBoxLayout()
        row.addWidget(self.cpu)
        row.addWidget(self.more)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.details)

    @Slot(bool)
    def _on_toggled(self, shown: bool) -> None:
        self.details.setVisible(shown)
        self.more.setIcon(theme.icon("chevron-down" if shown else "chevron-right", "quiet"))


def _details() -> QPlainTextEdit:
    box = QPlainTextEdit()
    box.setReadOnly(True)
    box.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    fixed.setPixelSize(11)
    box.setFont(fixed)
    box.setFixedHeight(DETAILS_HEIGHT)
    box.setAccessibleName(tr("Details"))
    return box


SIDE, GAP = 58.0, 18.0
HEAD, WIDEST = 28.0, 420.0
FLAGS = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)


def words(area: QRectF, title: str, sentence: str) -> Iterator[painting.PaintMark]:
    """`title` with `sentence` below it in the middle of `area`."""
    height = HEAD + _height_of(sentence, area)
    return _words(area, area.center().y() - height / 2, title, sentence)


def frames_to_come(area: QRectF, title: str, sentence: str) -> Iterator[painting.PaintMark]:
    """The frames of panes to come, `title` and `sentence` below them, in the middle of `area`."""
    below = _height_of(sentence, area)
    frames = area.height() >= SIDE + 60 + below
    height = (SIDE + 22 if frames else 0) + HEAD + below
    top = area.center().y() - height / 2
    if frames:
        yield from _frames(area.center().x(), top)
        top += SIDE + 22
    yield from _words(area, top, title, sentence)


def _words(area: QRectF, top: float, title: str, sentence: str) -> Iterator[painting.PaintMark]:
    width = _width_in(area)
    head = QRectF(area.center().x() - width / 2, top, width, 24)
    rest = QRectF(head.left(), top + HEAD, width, area.bottom() - top - HEAD)
    yield painting.Words(head, title, theme.font(15, 600), theme.color("text"), FLAGS)
    yield painting.Words(rest, sentence, theme.font(13), theme.color("quiet"), FLAGS)


def _width_in(area: QRectF) -> float:
    return min(WIDEST, area.width() - 24)


def _height_of(sentence: str, area: QRectF) -> float:
    room = QRectF(0, 0, _width_in(area), 400)
    return QFontMetricsF(theme.font(13)).boundingRect(room, FLAGS, sentence).height() if sentence else 0.0


def _frames(middle: float, top: float) -> Iterator[painting.PaintMark]:
    left = middle - (len(panes.REVERSE) * (SIDE + GAP) - GAP) / 2
    for pane in panes.REVERSE:
        yield painting.Rect(QRectF(left, top, SIDE, SIDE), theme.color("field"), theme.color("edge"), 6)
        symbol = math_label.Typeset(pane.symbol, theme.font(20, 600))
        at = QPointF(left + SIDE / 2 - symbol.width / 2, top + SIDE / 2 + 6)
        yield symbol.at(at.x(), at.y(), theme.blend("field", pane.colour, 0.55))
        left += SIDE + GAP
