"""A notice at the top of the window: one sentence, what can be done about it, and a way to put it away."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from diffviz.domain.text import tr
from diffviz.ui.widgets.controls import IconButton
from diffviz.ui.widgets.qss import set_role

logger = logging.getLogger(__name__)
Action = tuple[str, Callable[[], None]]
GLANCE_MILLISECONDS, LETTER_MILLISECONDS = 4000, 50
"""How long a message that only informs stays: to be noticed, and to be read."""


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """`text`, and buttons by their names; `closed` is called where it is put away without any of them."""

    text: str
    actions: Sequence[Action] = ()
    error: bool = False
    closed: Callable[[], None] | None = None

    @property
    def passing(self) -> bool:
        """Whether it only informs: it goes by itself."""
        return not (self.error or self.actions or self.closed)


class Notice(QWidget):
    """Shows one message at a time; those with buttons wait for their turn, one without them gives way to the next.

    A passing one goes when there has been time to read it, unless the pointer or the focus is on it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        panel = QFrame()
        panel.setProperty("role", "panel")
        outer = QHBoxLayout(self)
        outer.setContentsMargins(14, 0, 14, 0)
        outer.addWidget(panel)
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
        self.close_button = IconButton("x", tr("Put this notice away"), 26, 14)
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
        set_role(self.text, "error" if message.error else "")
        self.setAccessibleName(message.text)
        for button in self.buttons:
            button.deleteLater()
        self.buttons = [self._button(*action) for action in message.actions]
        for i, button in enumerate(self.buttons):
            self._row.insertWidget(1 + i, button)
        self.show()
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
