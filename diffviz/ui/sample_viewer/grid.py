"""The board with hands on it: zoom, pan, hover, choosing a sample, by pointer and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu, QToolTip, QWidget

from diffviz.domain.glossary import meaning
from diffviz.domain.panes import ORIGINAL, Role
from diffviz.domain.text import tr
from diffviz.ui.sample_viewer import arrangement, captions, layout
from diffviz.ui.sample_viewer.board import TERMS, Board
from diffviz.ui.widgets import math_label, theme
from diffviz.ui.widgets.words import Word

WHEEL_NOTCH = 120
ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
UP_AND_DOWN = ARROWS[2:]
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
TAB_REASONS = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


class SampleGrid(Board):
    """A board that answers to pointer and keyboard.

    Arrow keys belong to the timeline until the keyboard itself comes here (by Tab, or with a sample that a key lets
    fill the stage); a click takes those up and down alone, and only while a sample fills the stage. Where one pane is
    `filled`, Esc goes back from that too. `at_hand` is the role of the pane that the pointer was over last.

    Signals: `fill_asked(role)` by a double click on a pane, after which `focus` is the sample that it is about;
    `back_asked`; `menu_opened(menu, role)`, for more to be put into it.
    """

    fill_asked = Signal(object)
    back_asked = Signal()
    menu_opened = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.filled = False
        self.at_hand: Role | None = None
        self._pressed: QPointF | None = None
        self._dragged = False
        self._focus_before: int | None = None
        self._viewport_before = layout.Viewport()
        self._wheel = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragged = event.position(), False
            self._focus_before, self._viewport_before = self.focus, self.viewport
            self._note(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan while dragging, else read the pixel under the pointer."""
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            self._hover(event.position())
            return
        moved = event.position() - self._pressed
        if self._dragged or moved.manhattanLength() >= QApplication.startDragDistance():
            self._dragged = True
            self._pan(moved)
            self._pressed = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on a sample lets it fill the stage; another one goes back."""
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        self._pressed = None
        hit = self._hit(event.position())
        if not self._dragged and (hit or self.focus is not None):
            self.set_focus_sample(hit.sample if self.focus is None and hit else None)
        self._hover(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Undo the zoom; where there was none, the pane fills the stage, with the sample that was clicked."""
        if event.button() != Qt.MouseButton.LeftButton or self.picture is None:
            return
        if not self._viewport_before.fits:
            self.set_focus_sample(self._focus_before)
            self.reset_zoom()
        elif self.filled:
            self.back_asked.emit()
        elif self.at_hand is not None:
            self.set_focus_sample(self.focus if self._focus_before is None else self._focus_before)
            self.fill_asked.emit(self.at_hand)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom all panes about the pointer."""
        self._wheel += event.angleDelta().y()
        notches = int(self._wheel / WHEEL_NOTCH)
        self._wheel -= notches * WHEEL_NOTCH
        if self._scene and notches:
            x, y = self._device(event.position())
            pane = self._scene.pane_at(x, y)
            if pane is not None:
                body = self._scene.bodies[pane]
                self.set_viewport(self.viewport.zoomed(self._scene.grid, notches, x - body.x, y - body.y))
            self._hover(event.position())
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer any more."""
        self._point(None)
        self._set_hit(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is; after a click the arrow keys stay with the timeline."""
        self._ringed = event.reason() in TAB_REASONS
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show no longer where the keyboard was."""
        self._ringed = False
        self.update()

    def event(self, event: QEvent) -> bool:
        """Take the keys that are the stage's before shortcuts do; answer for tooltips."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._wants(event):
            event.accept()
            return True
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_tooltip(event)
            return True
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._lay_out()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move between samples, Enter lets one fill the stage, Esc goes back."""
        if not self._wants(event) or self.picture is None:
            super().keyPressEvent(event)
            return
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.back_asked.emit()
        elif key in ENTER:
            self.set_focus_sample(self._current if self.focus is None else None)
        elif key in ARROWS:
            self._move(key)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Copy what is under the pointer, and what `menu_opened` brings."""
        if self._scene is None:
            return
        pane, hit = self._note(QPointF(event.pos())), self._hit(QPointF(event.pos()))
        menu = QMenu(self)
        if pane is not None and pane in self._scene.full:
            copy_pane = menu.addAction(theme.icon("copy"), tr("Copy image"))
            copy_pane.triggered.connect(lambda: QApplication.clipboard().setImage(self.pane_image(pane)))
        if hit:
            copy_sample = menu.addAction(tr("Copy this sample, pixel for pixel"))
            copy_sample.triggered.connect(
                lambda: QApplication.clipboard().setImage(self.sample_image(hit.pane, hit.sample))
            )
        self.menu_opened.emit(menu, self.at_hand)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def take_keyboard(self) -> None:
        """From now on arrow keys are for samples."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._ringed = True

    @property
    def current(self) -> int:
        """The sample under the pointer, else the one that the keyboard is at."""
        return self.hit.sample if self.hit else self._current

    def tooltip_at(self, point: QPoint) -> str:
        """All about the sample, what the words under it mean, or the heading, at `point`."""
        position = QPointF(point)
        hit, original = self._hit(position), self._original_at(position)
        if original:
            return original
        return self._words_of(hit.sample) if hit else self._meaning_at(position) or self._heading_at(position)

    def explained_words(self) -> Iterator[Word]:
        """Headings, and what stands under the sample at hand; explained."""
        picture = self.picture
        if picture is None:
            return
        for pane, shown in enumerate(picture.panes):
            yield Word(math_label.plain(shown.symbol), "", tr(shown.caption))
            under = captions.words_under(picture, pane, (min(self.current, picture.count - 1),), self.labels)
            yield from (Word(each.wordings[0], "", each.meaning) for each in under if each.meaning)
        if picture.has_originals:
            yield Word(math_label.plain(ORIGINAL.symbol), "", meaning("diffusion", "original"))

    def _wants(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            return self.filled or self.focus is not None
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        if key in UP_AND_DOWN and self.focus is not None:
            return True
        return self._ringed and (key in ARROWS or key in ENTER)

    def _move(self, key: Qt.Key) -> None:
        assert self.picture
        assert self._scene
        across, down = {ARROWS[0]: (-1, 0), ARROWS[1]: (1, 0), ARROWS[2]: (0, -1), ARROWS[3]: (0, 1)}[key]
        rows = self.picture.rows
        if rows is not None and len(rows.rows) > 1:
            to = rows.beside(self._current, across, down)
        else:
            to = self._current + across + down * (self._scene.grid.columns if self.focus is None else 1)
        if not 0 <= to < self.picture.count:
            return
        self._current = to
        if self.focus is not None:
            self.set_focus_sample(to)
        self.update()

    def zoom(self, steps: int) -> None:
        """`steps` sizes larger or smaller about the middle of the panes."""
        if self._scene:
            body = self._scene.bodies[0]
            self.set_viewport(self.viewport.zoomed(self._scene.grid, steps, body.width / 2, body.height / 2))

    def _pan(self, moved: QPointF) -> None:
        if self._scene:
            dx, dy = self._device(moved)
            self.set_viewport(self.viewport.panned(self._scene.grid, dx, dy))

    def _point(self, position: QPointF | None) -> None:
        """Point at the term of the pane under `position`."""
        if self.picture is None:
            return
        pane = None if position is None else self._note(position)
        if self._highlight is not None:
            self._highlight.point("" if pane is None else TERMS[self.picture.panes[pane].role])

    def _note(self, position: QPointF) -> int | None:
        """The pane at `position`, which is at hand from now on."""
        pane = self._pane_at(position)
        if pane is not None and self.picture is not None:
            self.at_hand = self.picture.panes[pane].role
        return pane

    def _pane_at(self, position: QPointF) -> int | None:
        """The pane whose heading or pictures are at `position`."""
        if self._scene is None:
            return None
        at = self._device(position)
        head = self._scene.header_at(*at)
        return self._scene.pane_at(*at) if head is None else head

    def _hover(self, position: QPointF) -> None:
        self._point(position)
        self._set_hit(self._hit(position))
        self.setCursor(Qt.CursorShape.PointingHandCursor if self.hit else Qt.CursorShape.ArrowCursor)

    def _set_hit(self, hit: arrangement.Hit | None) -> None:
        if hit != self.hit:
            self.hit = hit
            self.hovered.emit()
            self.update()

    def _hit(self, position: QPointF) -> arrangement.Hit | None:
        return self._scene.hit(*self._device(position), self.viewport) if self._scene else None

    def _show_tooltip(self, event: QHelpEvent) -> None:
        text = self.tooltip_at(event.pos())
        QToolTip.showText(event.globalPos(), math_label.rich(text) if text else "", self)

    def _words_of(self, sample: int) -> str:
        assert self.picture
        name = self.picture.name_of(sample)
        parts = [name[:1].upper() + name[1:]]
        if len(self.labels) == self.picture.count:
            parts.append(self.labels[sample].sentence())
        if self.picture.loss is not None:
            parts.append(captions.loss_wordings(float(self.picture.loss[sample]))[0])
        return " · ".join(part for part in parts if part)

    def _original_at(self, position: QPointF) -> str:
        found = self._scene.original_at(*self._device(position), self.viewport) if self._scene else None
        if found is None or self.picture is None or not self.picture.shows_originals(found[0]):
            return ""
        assert self.picture.rows
        return f"{self.picture.rows.original_name(found[1])}. {meaning('diffusion', 'original')}"

    def _meaning_at(self, position: QPointF) -> str:
        found = self._scene.caption_at(*self._device(position), self.viewport) if self._scene else None
        if found is None or self.picture is None:
            return ""
        pane, sample = found
        return next((each.meaning for each in captions.words_under(self.picture, pane, (sample,), self.labels)), "")

    def _heading_at(self, position: QPointF) -> str:
        pane = self._scene.header_at(*self._device(position)) if self._scene else None
        if pane is None or self.picture is None or self._scene is None:
            return ""
        shown = self.picture.panes[pane]
        fill = "" if pane not in self._scene.full else tr("double click or F: it fills the stage")
        return " · ".join(part for part in (f"{math_label.plain(shown.symbol)} {tr(shown.caption)}", fill) if part)
