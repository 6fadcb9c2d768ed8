"""The keyboard in a window: Tab, regions, what Space, Enter and Esc do, and who has the keys after a click."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QSpinBox,
    QToolButton,
    QWidget,
)

from diffviz.domain.text import tr
from diffviz.ui.widgets import focus
from diffviz.ui.widgets.shortcuts import Rows

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
PRESSING = (Qt.Key.Key_Space, *ENTER)
UNDOING = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)
PLAIN = Qt.KeyboardModifier.NoModifier | Qt.KeyboardModifier.KeypadModifier
MENU_AT_ONCE = QToolButton.ToolButtonPopupMode.InstantPopup


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a window that F6 goes to; one that lies `over` others hides what is below it from Tab."""

    widget: QWidget
    over: bool = False


class Keyboard(QObject):
    """Leads the keyboard through `window`, region by region; `home` gives it to what plays and steps.

    Where the focus went by a key, a ring shows it, and a thin one its region. A mouse gives it only to what one types
    into or moves about with keys: after a click on a button Space still plays. `regions` are those of the moment.
    """

    def __init__(self, window: QWidget, regions: Callable[[], Sequence[Region]], home: Callable[[], None]) -> None:
        super().__init__(window)
        self._window, self._regions, self._home = window, regions, home
        self._field: QWidget | None = None
        self._before: float | None = None
        self._left: dict[QWidget, QWidget] = {}
        self._walking = self._by_key = self._giving = False
        self.actions = [
            self._action(tr("Next region of the window"), "F6", lambda: self.jump(on=True)),
            self._action(tr("Region before this one"), "Shift+F6", lambda: self.jump(on=False)),
        ]
        QApplication.instance().focusChanged.connect(self._on_focus_changed)  # type: ignore[union-attr]

    def _action(self, text: str, keys: str, act: Callable[[], None]) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(act)
        return action

    def close(self) -> None:
        """Follow the focus no more."""
        self._leave_field()
        QApplication.instance().focusChanged.disconnect(self._on_focus_changed)  # type: ignore[union-attr]

    def walk(self, *, on: bool) -> bool:
        """Go to the next stop, or (not `on`) to the one before; after the last comes the first.

        Qt asks for it too where what has the keyboard is hidden or cannot be used any more.
        """
        focused = QApplication.focusWidget()
        found = self._stops(focused)
        lost = focused is not None and not (focused.isVisible() and focused.isEnabled())
        if lost and not (self._by_key and focused in found):
            self._home()
            return QApplication.focusWidget() is not focused
        if not found:
            return False
        at = found.index(focused) if focused in found else (-1 if on else 0)
        self._go(found[(at + (1 if on else -1)) % len(found)], on=on)
        return True

    def jump(self, *, on: bool) -> None:
        """Go to the next region, or to the one before: to where one was in it, or to its first stop."""
        regions = [region.widget for region in self._regions() if self._first(region.widget)]
        here = self.region()
        self._remember(here)
        at = regions.index(here) if here in regions else (-1 if on else 0)
        if regions:
            region = regions[(at + (1 if on else -1)) % len(regions)]
            self._go(self._first(region), on=on)

    def region(self) -> QWidget | None:
        """The region that has the focus."""
        focused = QApplication.focusWidget()
        around = (r.widget for r in self._regions() if focused is not None and r.widget.isAncestorOf(focused))
        return next(around, None)

    def leave(self) -> None:
        """What is typed into has done with the keyboard."""
        self._home()

    def press(self) -> bool:
        """Do what the control that has the focus is for; whether it is one that can be pressed."""
        focused = QApplication.focusWidget()
        if isinstance(focused, QToolButton) and focused.menu() and focused.popupMode() == MENU_AT_ONCE:
            focused.showMenu()
        elif isinstance(focused, QAbstractButton):
            focused.click()
        elif isinstance(focused, QComboBox):
            focused.showPopup()
        else:
            return False
        return True

    def claims(self, event: QKeyEvent) -> bool:
        """Whether a key is the control's that has the focus rather than a shortcut's."""
        if event.key() not in PRESSING or event.modifiers() & ~PLAIN:
            return False
        focused = QApplication.focusWidget()
        return isinstance(focused, QAbstractButton | QComboBox | QAbstractItemView)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter and Esc leave the field that is typed into; so does a click on anything that takes no keys."""
        if event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) and watched is self._field:
            return isinstance(event, QKeyEvent) and self._on_key(event)
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            self._on_pressed(watched)
        return False

    def _stops(self, focused: QWidget | None) -> list[QWidget]:
        """Stops from region to region; what lies over others hides them."""
        regions = self._regions()
        over = [region.widget for region in regions if region.over]
        found = [stop for region in regions for stop in focus.stops(region.widget, focused)]
        return [stop for stop in found if stop is focused or not any(_covers(widget, stop) for widget in over)]

    def _first(self, region: QWidget) -> QWidget | None:
        own = [stop for stop in self._stops(None) if region.isAncestorOf(stop)]
        left = self._left.get(region)
        return left if left in own else next(iter(own), None)

    def _remember(self, region: QWidget | None) -> None:
        focused = QApplication.focusWidget()
        if region is not None and focused is not None:
            self._left = {**{r.widget: self._left[r.widget] for r in self._regions() if r.widget in self._left}}
            self._left[region] = focused

    def _go(self, widget: QWidget | None, *, on: bool) -> None:
        if widget is None:
            return
        self._walking = True
        widget.setFocus(Qt.FocusReason.TabFocusReason if on else Qt.FocusReason.BacktabFocusReason)
        self._walking = False

    def _on_key(self, event: QKeyEvent) -> bool:
        """Take Enter and Esc from a field, before shortcuts do; undo and redo are the window's, which knows all."""
        undoing = any(event.matches(keys) for keys in UNDOING)
        if undoing and event.type() == QEvent.Type.ShortcutOverride:
            event.ignore()
            return True
        if event.key() not in (*ENTER, Qt.Key.Key_Escape) or event.modifiers() & ~PLAIN:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        field = self._field
        if event.key() == Qt.Key.Key_Escape and self._before is not None:
            field.setValue(self._before)  # type: ignore[union-attr]
        elif event.key() == Qt.Key.Key_Escape and isinstance(field, QComboBox):
            field.setEditText(field.itemText(field.currentIndex()))
        self.leave()
        return True

    def _on_pressed(self, widget: QWidget) -> None:
        """A press elsewhere than in the field: where it gives the focus to nothing, the field still loses it."""
        field = self._field
        if field is None or widget is field or field.isAncestorOf(widget) or widget.window() is not self._window:
            return
        if not widget.focusPolicy() & Qt.FocusPolicy.ClickFocus or _pressed_only(widget):
            self.leave()

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        self._leave_field()
        if new is None or new.window().windowType() in (Qt.WindowType.Popup, Qt.WindowType.ToolTip):
            return
        window = new.window()
        own = window is self._window
        if own and _pressed_only(new) and QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self._give_back(old)
            return
        by_key = self._by_key = self._walking or window.testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
        if by_key:
            focus.reveal(new)
        focus.ring_of(window).follow(new if by_key else None)
        if own:
            focus.ring_of(window, "region").follow(self.region() if by_key else None)
            self._enter_field(new)

    def _give_back(self, old: QWidget | None) -> None:
        """The keys stay with what had them, unless it was typed into; home may be a button, which gets none."""
        if self._giving:
            return
        self._giving = True
        if old is None or not old.isVisible() or old.window() is not self._window or _typed(old) or _pressed_only(old):
            self._home()
        else:
            old.setFocus(Qt.FocusReason.OtherFocusReason)
        self._giving = False

    def _enter_field(self, widget: QWidget) -> None:
        if not _typed(widget) or _in_list(widget):
            return
        self._field = widget
        self._before = widget.value() if isinstance(widget, QSpinBox | QDoubleSpinBox) else None
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def _leave_field(self) -> None:
        if self._field is not None:
            self._field = self._before = None
            QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]


class KeyedWindow(QMainWindow):
    """A window that its `keyboard` leads through, once there is one."""

    keyboard: Keyboard | None = None

    def focusNextPrevChild(self, on: bool) -> bool:
        """Tab goes through the window in the order of reading."""
        return self.keyboard.walk(on=on) if self.keyboard else super().focusNextPrevChild(on)

    def event(self, event: QEvent) -> bool:
        """Space and Enter press the control that has the keyboard; elsewhere they are shortcuts."""
        claimed = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if claimed and self.keyboard and self.keyboard.claims(event):  # type: ignore[arg-type]
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses what only Space presses by itself."""
        if event.key() not in ENTER or not self.keyboard or not self.keyboard.press():
            super().keyPressEvent(event)


def _typed(widget: QWidget) -> bool:
    """Whether one types into `widget`."""
    if isinstance(widget, QComboBox):
        return widget.isEditable()
    return isinstance(widget, QAbstractSpinBox | QLineEdit) or (
        isinstance(widget, QPlainTextEdit) and not widget.isReadOnly()
    )


def _in_list(widget: QWidget) -> bool:
    """Whether `widget` is where a list edits one of its items: the list ends that by itself."""
    viewport = widget.parentWidget()
    return viewport is not None and isinstance(viewport.parentWidget(), QAbstractItemView)


def _pressed_only(widget: QWidget) -> bool:
    """Whether a click on `widget` is all that it is for."""
    return isinstance(widget, QAbstractButton) or (isinstance(widget, QComboBox) and not widget.isEditable())


def _covers(over: QWidget, widget: QWidget) -> bool:
    """Whether nothing of `widget` is in sight beside `over`."""
    if not over.isVisible() or over.isAncestorOf(widget) or over.window() is not widget.window():
        return False
    area = focus.seen(over)
    return area.contains(focus.seen(widget)) and not focus.seen(widget).isEmpty()


def give_back(widget: QWidget) -> None:
    """What `widget` showed is gone, and the keyboard with it: it goes to what plays and steps in its window."""
    window = widget.window()
    if isinstance(window, KeyedWindow) and window.keyboard:
        window.keyboard.leave()


def window_keys() -> Rows:
    """Keys that lead through the window, with what they do."""
    return [
        (tr("Tab / Shift+Tab"), tr("Go to the next control, to the one before")),
        (tr("Space / Enter"), tr("Press the control that has the keyboard")),
        (tr("Enter / Esc"), tr("Leave a number field; Esc takes the entry back")),
    ]
