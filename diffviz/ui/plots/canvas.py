"""A widget for what pyqtgraph draws: the drawing kept as a picture, what moves painted over it, and the gestures.

The scene is rendered when something of it changes (data, zoom, size, theme) and kept; the cursor and whatever else
moves costs no more than its own few lines. pyqtgraph's own views paint the whole scene for every move.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QGraphicsScene, QMenu, QWidget

from diffviz.domain.text import tr
from diffviz.ui.plots import menu
from diffviz.ui.plots.view_box import ACROSS, BOTH, UP, PlotBox
from diffviz.ui.widgets import painting, theme
from diffviz.ui.widgets.controls import IconButton

ZOOM, NOTCH, STEP = 1.2, 120.0, 40.0
"""How much closer a notch of the wheel or a key comes, and how many pixels an arrow key moves the plane."""
LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
CTRL = Qt.KeyboardModifier.ControlModifier
BUTTON = 22
MOVES: Mapping[Qt.Key, tuple[int, int]] = MappingProxyType(
    {Qt.Key.Key_Left: (1, 0), Qt.Key.Key_Right: (-1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
)
ZOOMS: Mapping[Qt.Key, float] = MappingProxyType(
    {Qt.Key.Key_Plus: ZOOM, Qt.Key.Key_Equal: ZOOM, Qt.Key.Key_Minus: 1 / ZOOM}
)


class PlotCanvas(QWidget):
    """View boxes and axes of pyqtgraph, drawn by `draw_scene`, and over them what `paint_over` paints.

    The wheel zooms at the pointer, over an axis along that axis only; dragging with the left or the middle button
    moves the plane; a double click, the key 0 and the button that appears show all; + and − zoom, Ctrl and an arrow
    key move; a right click or the Menu key opens the menu. Where a left press means something of its own, `press` says
    so; Ctrl and the left button move the plane there too. In a page that scrolls, the wheel scrolls until the plot has
    the keyboard. Signals: `view_changed`, after zoom and pan.
    """

    view_changed = Signal()
    WHEEL = BOTH
    """The axes that the wheel zooms within a box."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pointer: QPointF | None = None
        self._view = pg.GraphicsView(self, background=None)
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._view.setViewportUpdateMode(pg.GraphicsView.ViewportUpdateMode.NoViewportUpdate)
        self._view.scene().setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)  # few items, all of them seen
        self._view.hide()
        self._layer, self._edition, self._dressed = painting.Layer(), 0, theme.palette().name
        self._panned: tuple[QPointF, PlotBox, str] | None = None
        self._pressed = False
        self._all: IconButton | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # what lies behind is not painted each time
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # What subclasses say.

    def boxes(self) -> Sequence[PlotBox]:
        """The view boxes, from the top."""
        raise NotImplementedError

    def lay_out(self) -> None:
        """Give boxes and axes their places for the size it has."""
        raise NotImplementedError

    def restyle(self) -> None:
        """Take the colours of the theme in force."""
        raise NotImplementedError

    def paint_over(self, painter: QPainter) -> None:
        """Paint what moves over the kept picture."""
        painting.paint(painter, self.marks_over())

    def marks_over(self) -> Iterable[painting.PaintMark]:
        """What moves over the kept picture."""
        return ()

    def marks_still(self) -> Iterable[painting.PaintMark]:
        """What lies over the scene and is kept with it."""
        return ()

    @property
    def has_scene(self) -> bool:
        """Whether there is a scene to render."""
        return True

    def marks_focus(self) -> Iterable[painting.PaintMark]:
        """That it has the keyboard."""
        return ()

    def press(self, event: QMouseEvent) -> bool:
        """A left press: whether it means something; if so, `drag` and `release` follow."""
        return False

    def drag(self, event: QMouseEvent) -> None:
        """The pointer moves after such a press."""

    def release(self, event: QMouseEvent) -> None:
        """The button is let go after such a press."""

    def hover(self, event: QMouseEvent) -> None:
        """The pointer moves with no button pressed."""

    def switches(self) -> Sequence[menu.PlotSwitch]:
        """What the menu can switch."""
        return ()

    def entries(self) -> Sequence[menu.PlotSwitch]:
        """The curves that the menu can switch."""
        return ()

    def table(self) -> Sequence[menu.TableColumn]:
        """The numbers that are shown."""
        return ()

    # The picture.

    def add_item(self, item: pg.GraphicsObject) -> None:
        """Have `item` in the scene, whose units are the pixels of the widget."""
        self._view.addItem(item)

    def take_item(self, item: pg.GraphicsObject) -> None:
        """Have `item` in the scene no longer."""
        self._view.removeItem(item)

    def renew(self) -> None:
        """Render the scene anew before the next paint."""
        self._edition += 1
        self._show_button()
        self.update()

    def draw_scene(self, painter: QPainter) -> None:
        """Render the scene, and what is kept with it."""
        if self._dressed != theme.palette().name:
            self._dressed = theme.palette().name
            self.restyle()
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        if self.has_scene:
            self._view.render(painter, QRectF(self.rect()), self.rect(), Qt.AspectRatioMode.IgnoreAspectRatio)
        painting.paint(painter, self.marks_still())

    def draw(self, painter: QPainter) -> None:
        """All that is seen, for files."""
        self.draw_scene(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_over(painter)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the kept picture, and what moves over it."""
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), theme.color("panel"))
            key = (self._edition, theme.palette().name)
            self._layer.paint(painter, self.size(), key, self.draw_scene)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.paint_over(painter)
            if self.hasFocus():
                painting.paint(painter, self.marks_focus())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay everything out anew."""
        super().resizeEvent(event)
        self._view.resize(self.size())
        QApplication.sendEvent(self._view, QResizeEvent(self.size(), event.oldSize()))  # hidden ones wait for theirs
        self.lay_out()
        self.renew()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.update()

    # Zoom and pan.

    def is_whole(self) -> bool:
        """Whether all is seen."""
        return all(box.is_whole for box in self.boxes())

    def view_all(self) -> None:
        """Show all again."""
        for box in self.boxes():
            box.view_all()
        self._viewed()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Enlarge by `factor` at the place `at`, or in the middle."""
        box, axes = self.aimed_at(at) if at is not None else (self.boxes()[0] if self.boxes() else None, self.WHEEL)
        if box is not None and axes:
            box.zoom(factor, None if at is None else box.to_coordinates(at), axes)
            self._viewed()

    def pan(self, dx: float, dy: float) -> None:
        """Move the plane by pixels."""
        for box in self.boxes():
            box.pan(dx, dy)
        self._viewed()

    def aimed_at(self, at: QPointF) -> tuple[PlotBox | None, str]:
        """The box that `at` is in or beside, and the axes that the wheel zooms there."""
        for box in self.boxes():
            area = box.area
            if area.contains(at):
                return box, self.WHEEL
            if area.top() <= at.y() <= area.bottom() and at.x() < area.left():
                return box, UP if not box.locked else BOTH
            if area.left() <= at.x() <= area.right() and area.bottom() < at.y() <= self._foot(box):
                return box, ACROSS if not box.locked else BOTH
        return None, ""

    def _foot(self, box: PlotBox) -> float:
        """How far down the axis of `box` reaches: as far as to the next."""
        below = [other.area.top() for other in self.boxes() if other.area.top() > box.area.top()]
        return min(below, default=float(self.height()))

    def _viewed(self) -> None:
        self.renew()
        self.view_changed.emit()

    def _show_button(self) -> None:
        """The button that shows all again stands in the corner while not all is seen."""
        whole = self.is_whole()
        if self._all is None and not whole:
            self._all = IconButton("house", tr("View all (0)"), BUTTON, 13, self)
            self._all.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._all.clicked.connect(self.view_all)
        if self._all is not None:
            self._all.setVisible(not whole)
            area = self.boxes()[0].area if self.boxes() else QRectF(self.rect())
            self._all.move(QPoint(round(area.right()) - BUTTON - 2, round(area.top()) + 2))

    # Pointer and keys.

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer, unless a page around it scrolls and the plot has not been chosen."""
        delta = event.angleDelta().y()
        if not delta or (not event.modifiers() & CTRL and not self.hasFocus() and self._scrolls()):
            event.ignore()
            return
        self.zoom(ZOOM ** (delta / NOTCH), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag: what a subclass has there, or the plane."""
        if event.button() == LEFT and not event.modifiers() & CTRL and self.press(event):
            self._pressed = True
        elif event.button() in (LEFT, MIDDLE):
            box, axes = self.aimed_at(event.position())
            self._panned = (event.position(), box, BOTH if axes == self.WHEEL else axes) if box else None
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on dragging, or follow the pointer."""
        if self._panned is not None:
            before, box, axes = self._panned
            step, self._panned = event.position() - before, (event.position(), box, axes)
            box.pan(step.x(), step.y(), axes)
            self._viewed()
        elif self._pressed:
            self.drag(event)
        elif not event.buttons():
            self._follow(event.position())
            self.hover(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._panned = None
        if self._pressed:
            self._pressed = False
            self.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all."""
        if event.button() == LEFT:
            self.view_all()

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._follow(None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open the menu at the pointer, or in the middle where it was asked for by keyboard."""
        keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        made = self.context_menu()
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        made.popup(self.mapToGlobal(self.rect().center()) if keyboard else event.globalPos())

    def context_menu(self) -> QMenu:
        """What can be done with it."""
        return menu.menu_of(self, self)

    def event(self, event: QEvent) -> bool:
        """Keep the keys that are for the plot from shortcuts of the window while it has the keyboard."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self.takes(event):
            event.accept()
            return True
        return super().event(event)

    def takes(self, event: QKeyEvent) -> bool:
        """Whether a key is for the plot."""
        key, plain = Qt.Key(event.key()), not event.modifiers() & (CTRL | Qt.KeyboardModifier.AltModifier)
        moved = key in MOVES and bool(event.modifiers() & CTRL)
        return (
            moved or (plain and (key in ZOOMS or key == Qt.Key.Key_0)) or event.matches(QKeySequence.StandardKey.Copy)
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom, move, show all, copy."""
        key = Qt.Key(event.key())
        if not self.takes(event):
            super().keyPressEvent(event)
        elif key in ZOOMS:
            self.zoom(ZOOMS[key], self.pointer)
        elif key in MOVES:
            self.pan(MOVES[key][0] * STEP, MOVES[key][1] * STEP)
        elif key == Qt.Key.Key_0:
            self.view_all()
        else:
            menu.copy(self)

    def _follow(self, at: QPointF | None) -> None:
        if at != self.pointer:
            self.pointer = at
            self.update()

    def _scrolls(self) -> bool:
        """Whether a page around it has more than is in sight."""
        around = self.parentWidget()
        while around is not None:
            if isinstance(around, QAbstractScrollArea) and around.verticalScrollBar().maximum() > 0:
                return True
            around = around.parentWidget()
        return False

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(280, self.minimumHeight())
