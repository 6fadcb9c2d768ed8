"""Transport: the buttons and keys that move the cursor.

The readout: which frame is on the screen, in figures that do not move.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Slot
from PySide6.QtGui import QAction, QActionGroup, QColor, QFont, QFontMetrics, QHelpEvent, QIcon, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from diffviz.domain.bookmarks import LOOP, STOP, SWING
from diffviz.domain.text import tr
from diffviz.session.player import SPEEDS, Player
from diffviz.ui.timeline.axis import Axis
from diffviz.ui.timeline.run_progress import RunProgress
from diffviz.ui.widgets import controls, painting, qss, theme
from diffviz.ui.widgets.math_label import Typeset, measures, plain

ICON_PIXELS = 16


class Transport(QWidget):
    """Start, step back, play or pause, step on, end, speed, loop, there and back. Directions are those of the screen.

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

    def set_narrow(self, narrow: bool) -> None:
        """Little width: only what is used all the time has a button; the rest has keys and the menu."""
        self.buttons[self.swing].setVisible(not narrow)

    def all_actions(self) -> list[QAction]:
        """Every action with a shortcut."""
        return [self.play, self.back, self.on, self.start, self.end, self.slower, self.faster, self.loop, self.swing]

    def _make_actions(self) -> None:
        self.play = self._action(tr("Play or pause"), "Space", self._on_space, self._icons["play"])
        self.play.setAutoRepeat(False)
        self.back = self._action(tr("One frame to the left"), "Left", lambda: self.step(-1), _filled("step-back"))
        self.on = self._action(tr("One frame to the right"), "Right", lambda: self.step(1), _filled("step-forward"))
        self.start = self._action(tr("To the left end"), "Home", lambda: self.jump(-1), _filled("skip-back"))
        self.end = self._action(tr("To the right end"), "End", lambda: self.jump(1), _filled("skip-forward"))
        self.slower = self._action(tr("Slower"), ",", lambda: self._player.change_speed(-1))
        self.faster = self._action(tr("Faster"), ".", lambda: self._player.change_speed(1))
        self.loop = self._ending(tr("Begin again at the end"), "L", "repeat", LOOP)
        self.swing = self._ending(tr("Play there and back"), "Shift+L", "move-horizontal", SWING)

    def _ending(self, text: str, keys: str, icon: str, ending: str) -> QAction:
        """What chooses `ending` for the player, or, chosen already, that it stops at the end."""
        action = self._action(text, keys, None, theme.icon(icon))
        action.setCheckable(True)
        action.triggered.connect(lambda on: self._player.set_ending(ending if on else STOP))
        return action

    def _action(self, text: str, keys: str, slot: Callable[[], object] | None, icon: QIcon | None = None) -> QAction:
        action = QAction(icon or QIcon(), text, self)
        action.setShortcut(QKeySequence(keys))
        action.setToolTip(tr("{what} ({keys})").format(what=text, keys=_spoken(keys)))
        if slot:
            action.triggered.connect(slot)
        return action

    def _make_buttons(self) -> None:
        actions = (self.start, self.back, self.play, self.on, self.end)
        self.buttons = {action: _button(action) for action in (*actions, self.loop, self.swing)}
        for action, button in self.buttons.items():
            button.clicked.connect(self._player.toggle if action is self.play else action.trigger)
        self.speed = QPushButton()
        self.speed.setProperty("role", "flat")
        qss.set_own(self.speed, "padding: 6px 4px;")
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
        row.addWidget(self.buttons[self.swing])

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
        self.loop.setChecked(player.ending == LOOP)
        self.swing.setChecked(player.ending == SWING)
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


HEIGHT = 32
BASELINE = 21.0
GAP = 18.0
LARGE = 1000.0


@dataclass(frozen=True, slots=True)
class ReadoutText:
    """What the readout says. An empty `value` stands for a frame that has not come; none is longer than `longest`."""

    value: str = ""
    last: str = ""
    step: str = ""
    steps: str = ""
    longest: str = ""


class Readout(painting.PaintedWidget):
    """`t = 360 / 1000   step 32 / 50` in figures of equal width that end where they always end."""

    def __init__(self, axis: Axis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._axis = axis
        self.words = ReadoutText()
        self._planned: Sequence[float] = ()
        self._widest, self._brief = "", False
        self._step_word = tr(axis.counted)
        self._small, self._large = theme.font(13), theme.font(17, 700)
        self._name = Typeset(axis.name, self._small)
        self._measures = measures(self._small), measures(self._large)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Position"))

    def show_track(self, track: RunProgress | None, cursor: float) -> None:
        """Say which frame of `track` is shown at `cursor`."""
        words = self._words(track, cursor)
        if words == self.words:
            return
        wider = (words.longest, words.steps) != (self.words.longest, self.words.steps)
        self.words = words
        self.setAccessibleDescription(self.text())
        if wider or self.sizeHint().width() > self.width():
            self.setFixedWidth(self.sizeHint().width())
        self.update()

    def set_brief(self, brief: bool) -> None:
        """Leave out the number of the step, which is said on hover then."""
        if brief != self._brief:
            self._brief = brief
            self.setFixedWidth(self.sizeHint().width())
            self.update()

    def event(self, event: QEvent) -> bool:
        """Say all of it on hover where a part is left out."""
        if not isinstance(event, QHelpEvent):
            return super().event(event)
        return controls.whole_on_hover(event, self, self.text(), cut=self._brief) or super().event(event)

    def text(self) -> str:
        """What it says, in one line."""
        w = self.words
        if not w.last:
            return ""
        where = f"{plain(self._axis.name)} = {w.value or '–'} / {w.last}"
        return f"{where} · {self._step_word} {w.step or '–'} / {w.steps}"

    def sizeHint(self) -> QSize:
        """Room for the widest figures of this run."""
        return QSize(round(sum(self._widths()[: 3 if self._brief else None])) + 2 if self.words.last else 0, HEIGHT)

    def ground(self) -> QColor:
        """The panel."""
        return theme.color("panel")

    def content(self) -> Hashable:
        """What it says, of which axis."""
        return Readout, self.words, self._brief, self._axis.name, self._step_word, theme.palette().name

    def marks(self) -> Iterator[painting.PaintMark]:
        """Every part up to its own right edge."""
        if not self.words.last:
            return
        w = self.words
        name, value, last, gap, word, step, steps = self._widths()
        shown = self._ending(name + value, w.value or "–", self._large)
        equals = self._ending(shown.at.x(), " = ", self._small, "quiet")
        after = name + value + last
        yield from (shown, equals, self._ending(after, f" / {w.last}", self._small, "quiet"))
        yield self._name.at(equals.at.x() - self._name.width, BASELINE, theme.color("quiet"))
        if self._brief:
            return
        after += gap + word + step
        count = self._ending(after, w.step or "–", self._small)
        yield from (count, self._ending(count.at.x(), self._step_word + " ", self._small, "quiet"))
        yield self._ending(after + steps, f" / {w.steps}", self._small, "quiet")

    def _ending(self, right: float, text: str, font: QFont, hue: str = "text") -> painting.Text:
        """`text` so that it ends at `right`."""
        known = self._measures[font is self._large]
        at = QPointF(right - known.width(text), BASELINE)
        return painting.Text(at, text, font, theme.color(hue))

    def _widths(self) -> tuple[float, float, float, float, float, float, float]:
        w, (small, large) = self.words, self._measures
        return (
            self._name.width + small.width(" = "),
            max(large.width(w.longest), large.width(w.value)),
            small.width(f" / {w.last}"),
            GAP,
            small.width(self._step_word + " "),
            small.width(w.steps),
            small.width(f" / {w.steps}"),
        )

    def _words(self, track: RunProgress | None, cursor: float) -> ReadoutText:
        if track is None:
            return ReadoutText()
        last, steps, longest = self._axis.form(track.high), f"{len(track.planned) - 1:d}", self._longest(track)
        if not track.count:
            return ReadoutText(last=last, steps=steps, longest=longest)
        position = track.shown_at(cursor)
        return ReadoutText(self._axis.form(position), last, f"{track.step_of(position):d}", steps, longest)

    def _longest(self, track: RunProgress) -> str:
        """The longest text of a position of `track`, that of its end where that is a large number."""
        last = self._axis.form(track.high)
        if track.run.plan.between or track.high >= LARGE:
            return last
        if self._planned is not track.planned:
            self._planned = track.planned
            self._widest = max((last, *map(self._axis.form, track.planned)), key=len)
        return self._widest
