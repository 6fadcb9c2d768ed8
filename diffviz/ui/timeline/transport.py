"""Transport: the buttons and keys that move the cursor."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QAction, QActionGroup, QFontMetrics, QIcon, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QHBoxLayout, QMenu, QPushButton, QWidget

from diffviz.domain.text import tr
from diffviz.session.player import SPEEDS, Player
from diffviz.ui.widgets import theme

ICON_PIXELS = 16


class Transport(QWidget):
    """Start, step back, play or pause, step on, end, speed and loop. Directions are those of the screen.

    `sign` is +1 where positions grow to the right, else -1.
    """

    def __init__(self, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self.sign = 1
        self._icons = {name: theme.icon(name, filled=True) for name in ("play", "pause")}
        self._make_actions()
        self._make_buttons()
        self._arrange()
        player.changed.connect(self._on_changed)
        self._on_changed()

    def step(self, by: int) -> None:
        """Go `by` frames to the right."""
        self._player.step(by * self.sign)

    def jump(self, end: int) -> None:
        """Go to the left end (-1) or the right one (+1) of what has come."""
        self._player.jump(end * self.sign)

    def set_usable(self, usable: bool) -> None:
        """Whether there are frames to move between."""
        for action in (self.start, self.back, self.on, self.end, self.play):
            if action.isEnabled() != usable:
                action.setEnabled(usable)

    def all_actions(self) -> list[QAction]:
        """Every action with a shortcut."""
        return [self.play, self.back, self.on, self.start, self.end, self.slower, self.faster, self.loop]

    def _make_actions(self) -> None:
        self.play = self._action(tr("Play or pause"), "Space", self._on_space, self._icons["play"])
        self.play.setAutoRepeat(False)
        self.back = self._action(tr("One frame to the left"), "Left", lambda: self.step(-1), _filled("step-back"))
        self.on = self._action(tr("One frame to the right"), "Right", lambda: self.step(1), _filled("step-forward"))
        self.start = self._action(tr("To the left end"), "Home", lambda: self.jump(-1), _filled("skip-back"))
        self.end = self._action(tr("To the right end"), "End", lambda: self.jump(1), _filled("skip-forward"))
        self.slower = self._action(tr("Slower"), ",", lambda: self._player.change_speed(-1))
        self.faster = self._action(tr("Faster"), ".", lambda: self._player.change_speed(1))
        self.loop = self._action(tr("Begin again at the end"), "L", None, theme.icon("repeat"))
        self.loop.setCheckable(True)
        self.loop.toggled.connect(self._player.set_loop)

    def _action(self, text: str, keys: str, slot: Callable[[], object] | None, icon: QIcon | None = None) -> QAction:
        action = QAction(icon or QIcon(), text, self)
        action.setShortcut(QKeySequence(keys))
        action.setToolTip(tr("{what} ({keys})").format(what=text, keys=_spoken(keys)))
        if slot:
            action.triggered.connect(slot)
        return action

    def _make_buttons(self) -> None:
        actions = (self.start, self.back, self.play, self.on, self.end)
        self.buttons = {action: _button(action) for action in (*actions, self.loop)}
        for action, button in self.buttons.items():
            button.clicked.connect(self._player.toggle if action is self.play else action.trigger)
        self.speed = QPushButton()
        self.speed.setProperty("role", "flat")
        self.speed.setStyleSheet("padding: 6px 4px;")
        self.speed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.speed.setToolTip(tr("Speed of playing (, and .)"))
        self.speed.setAccessibleName(tr("Speed of playing"))
        self.speed.setFixedWidth(QFontMetrics(theme.font(13, 600)).horizontalAdvance("0.25×") + 14)
        self.speed.setMenu(self._menu())

    def _menu(self) -> QMenu:
        menu = QMenu(self.speed)
        group = QActionGroup(menu)
        for index, speed in enumerate(SPEEDS):
            action = menu.addAction(_times(speed))
            action.setCheckable(True)
            action.setData(index)
            group.addAction(action)
        menu.triggered.connect(self._on_speed_chosen)
        return menu

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        for action in (self.start, self.back, self.play, self.on, self.end):
            row.addWidget(self.buttons[action])
        row.addSpacing(4)
        row.addWidget(self.speed)
        row.addWidget(self.buttons[self.loop])

    @Slot(QAction)
    def _on_speed_chosen(self, action: QAction) -> None:
        self._player.change_speed(int(action.data()) - SPEEDS.index(self._player.speed))

    @Slot()
    def _on_space(self) -> None:
        """Play or pause; a button that the keyboard stands on is pressed instead."""
        focused = QApplication.focusWidget()
        if isinstance(focused, QAbstractButton):
            focused.click()
        else:
            self._player.toggle()

    @Slot()
    def _on_changed(self) -> None:
        player = self._player
        button = self.buttons[self.play]
        self.play.setIcon(self._icons["pause" if player.playing else "play"])
        button.setAccessibleName(tr("Pause") if player.playing else tr("Play"))
        self.speed.setText(_times(player.speed))
        self.loop.setChecked(player.loop)
        for action in self.speed.menu().actions():
            action.setChecked(SPEEDS[int(action.data())] == player.speed)


def _filled(name: str) -> QIcon:
    return theme.icon(name, filled=True)


def _times(speed: float) -> str:
    return f"{speed:g}×"


def _spoken(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def _button(action: QAction) -> QPushButton:
    button = QPushButton()
    button.setProperty("role", "icon")
    button.setIconSize(QSize(ICON_PIXELS, ICON_PIXELS))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAccessibleName(action.text())
    button.setCheckable(action.isCheckable())
    _follow(button, action)
    action.changed.connect(lambda: _follow(button, action))
    return button


def _follow(button: QPushButton, action: QAction) -> None:
    button.setIcon(action.icon())
    button.setToolTip(action.toolTip())
    button.setEnabled(action.isEnabled())
    button.setChecked(action.isChecked())
