"""Planes: one scale for both directions, a lasso, what can be dragged or clicked, and neighbours that are linked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from diffviz.domain.arrays import F64
from diffviz.domain.text import tr
from diffviz.ui.plots import canvas, menu, plane_layers, view_box
from diffviz.ui.plots.plane_marks import PlaneMark, PlaneScale, paint_lasso
from diffviz.ui.widgets import theme

LEFT, BOTTOM, TOP, RIGHT = 34, 24, 6, 6
CLICK = 4.0
CLOSEST, FARTHEST = 1e5, 0.5
"""Pixels to a unit, at most and at least."""
ARROWS: Mapping[Qt.Key, tuple[int, int]] = MappingProxyType(
    {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
)
"""Arrow keys with their way to the right and upwards."""


class PlaneGroup(Protocol):
    """What a plane knows of those that it is linked with."""

    on: bool
    possible: bool

    def switch(self, on: bool) -> None:
        """Link them, or let each be looked at by itself."""

    def extent(self, view: PlaneView) -> F64:
        """Points (N, 2) that `view` shows when it shows all."""


class PlaneView(canvas.PlotCanvas):
    """A part of a plane. Subclasses say what all is (`extent`), what lies still (`compose`) and what moves (`moving`).

    Beside what every plot does: a drag with Shift, or any while `lassoing`, draws a lasso; Ctrl + A takes what is in
    sight, Escape nothing. Whoever changes what lies still calls `recompose`, whoever changes what moves `update`.

    Signals: `lassoed(corners)`, places (K, 2) on the plane, or None.
    """

    lassoed = Signal(object)
    ROOM = 0.07
    """How much of the extent is left free around it."""
    KEYS: Collection[Qt.Key] = tuple(ARROWS)
    """Arrow keys that are for the plane, also without Ctrl."""

    def __init__(self, name: str, *, framed: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.link: PlaneGroup | None = None
        self.lassoing = False
        self.box = view_box.PlotBox(locked=True)
        self.add_item(self.box)
        self._axes = [plane_layers.PlaneAxis(side, self.box) for side in ("bottom", "left")] if framed else []
        for axis in self._axes:
            self.add_item(axis)
        self._stale, self._grid = True, False
        self._from: QPointF | None = None
        self._taken = self._moved = False
        self._lasso: list[tuple[float, float]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)

    # What subclasses say.

    def extent(self) -> ArrayLike:
        """Points (N, 2) that are all in sight when all is shown."""
        raise NotImplementedError

    def compose(self) -> None:
        """Put what lies still into the layers."""

    def moving(self) -> Iterable[PlaneMark]:
        """What is painted over it."""
        return ()

    def press_arrow(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        """Do what an arrow key is for; whether it was for anything."""
        return False

    def take(self, at: QPointF) -> bool:
        """Take what lies at a pixel; whether there was anything to take."""
        return False

    def move_taken(self, at: QPointF) -> None:
        """Move what was taken to a pixel within the axes."""

    def let_go(self) -> None:
        """Let go of what was taken."""

    def click(self, at: QPointF) -> None:
        """Do what a click on a pixel is for."""

    def point(self, at: QPointF | None) -> None:
        """The pointer is at a pixel within the axes, or nowhere."""
        self.pointer = at
        self.update()

    def has_choice(self) -> bool:
        """Whether something is chosen, which Escape lets go."""
        return False

    # What is seen.

    @property
    def drawing(self) -> bool:
        """Whether a lasso is being drawn."""
        return bool(self._lasso)

    @property
    def area(self) -> QRectF:
        """The part of the widget within the axes."""
        left, top, right, bottom = (LEFT, TOP, RIGHT, BOTTOM) if self._axes else (1, 1, 1, 1)
        return QRectF(left, top, max(1, self.width() - left - right), max(1, self.height() - top - bottom))

    @property
    def scale(self) -> PlaneScale:
        """What is seen, and where."""
        (x0, x1), (y0, y1) = self.box.seen
        area = self.area
        return PlaneScale((area.left(), area.top(), area.width(), area.height()), (x0, x1, y0, y1))

    def boxes(self) -> Sequence[view_box.PlotBox]:
        """The one box."""
        return (self.box,)

    def name_axes(self, across: str, up: str) -> None:
        """Name the axes, in the notation of symbols."""
        for axis, name in zip(self._axes, (across, up), strict=False):
            axis.set_name(name)

    def recompose(self) -> None:
        """Put what lies still into the layers anew, and paint it."""
        self._stale = True
        self.renew()

    def lay_out(self) -> None:
        """Give plane and axes their places, all being in sight where nobody chose a part."""
        area = self.area
        self.box.setGeometry(area)
        below = QRectF(area.left(), area.bottom(), area.width(), BOTTOM)
        beside = QRectF(area.left() - LEFT, area.top(), LEFT, area.height())
        for axis, place in zip(self._axes, (below, beside), strict=False):
            axis.setGeometry(place)
        self.fit()

    def fit(self) -> None:
        """Make the extent all there is to see."""
        points: F64 = np.asarray(self.link.extent(self) if self.link else self.extent(), np.float64)
        low, high = points.min(0), points.max(0)
        out = np.maximum(high - low, 1e-3) * self.ROOM
        (x0, y0), (x1, y1) = (low - out).tolist(), (high + out).tolist()
        self.box.set_whole((x0, x1), (y0, y1))

    def view_all(self) -> None:
        """Bring all of the extent into sight."""
        self.fit()
        super().view_all()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Enlarge by `factor` at a pixel, within reason."""
        per_unit = self.scale.per_unit
        super().zoom(min(max(per_unit * factor, FARTHEST), CLOSEST) / per_unit, at)

    def follow(self, other: PlaneView) -> None:
        """Look at the same part of the plane as `other`, at the same scale."""
        if other.is_whole():
            self.fit()
            self.box.view_all()
        else:
            x0, x1, y0, y1 = other.scale.bounds
            x, y, unit = (x0 + x1) / 2, (y0 + y1) / 2, other.scale.per_unit
            across, up = self.area.width() / unit / 2, self.area.height() / unit / 2
            self.box.look((x - across, x + across), (y - up, y + up))
        self.renew()

    def restyle(self) -> None:
        """Take the colours of the theme in force."""
        self._stale = True
        for axis in self._axes:
            axis.restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say that another part is seen."""
        super().resizeEvent(event)
        self.view_changed.emit()

    # How it is painted.

    def draw_scene(self, painter: QPainter) -> None:
        """Ground, layers, frame, and names of axes."""
        painter.fillRect(self.area, theme.blend("panel", "ground", 0.55))
        if self._stale:
            self._stale = False
            self.compose()
        super().draw_scene(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(QPen(theme.color("edge"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self.area)

    def paint_over(self, painter: QPainter) -> None:
        """Paint what moves, and who has the keyboard."""
        scale = self.scale
        painter.save()
        painter.setClipRect(self.area)
        for mark in self.moving():
            mark.paint(painter, scale)
        paint_lasso(painter, self._lasso)
        painter.restore()
        if self.hasFocus():
            painter.setPen(QPen(theme.color("cursor"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.area)

    # Pointer and keys.

    def press(self, event: QMouseEvent) -> bool:
        """Begin a lasso, take what is there, or wait for a click or a drag."""
        at = event.position()
        if not self.area.contains(at):
            return False
        self._from, self._moved, self._taken = at, False, False
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or self.lassoing:
            self._lasso = [(at.x(), at.y())]
        else:
            self._taken = self.take(at)
        self.update()
        return True

    def drag(self, event: QMouseEvent) -> None:
        """Go on with what the press began."""
        at = event.position()
        held = self._held_within(at)
        if self._lasso:
            self._lasso.append((held.x(), held.y()))
        elif self._taken:
            self.move_taken(held)
        else:
            self._drag_plane(at)
        self.point(at if self.area.contains(at) else None)

    def release(self, event: QMouseEvent) -> None:
        """End it; a press that went nowhere is a click."""
        if self._lasso:
            self._end_lasso()
        elif self._taken:
            self.let_go()
        elif not self._moved:
            self.click(event.position())
        self._from, self._taken = None, False
        self.update()

    def hover(self, event: QMouseEvent) -> None:
        """Follow the pointer within the axes."""
        self.point(event.position() if self.area.contains(event.position()) else None)

    def leaveEvent(self, event: Any) -> None:
        """Point at nothing."""
        self.point(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show who has the keyboard."""
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show who has the keyboard."""
        self.update()

    def takes(self, event: QKeyEvent) -> bool:
        """Whether a key is for the plane."""
        key, control = Qt.Key(event.key()), bool(event.modifiers() & canvas.CTRL)
        chosen = key == Qt.Key.Key_Escape and self.has_choice()
        return key in self.KEYS or chosen or (key == Qt.Key.Key_A and control) or super().takes(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move what arrow keys move, else the plane; take what is in sight, or nothing."""
        key, control = Qt.Key(event.key()), bool(event.modifiers() & canvas.CTRL)
        if key in ARROWS and (control or key in self.KEYS):
            if control or not self.press_arrow(key, event.modifiers()):
                self.pan(-ARROWS[key][0] * canvas.STEP, ARROWS[key][1] * canvas.STEP)
        elif key == Qt.Key.Key_A and control:
            self.take_in_sight()
        elif key == Qt.Key.Key_Escape and self.has_choice():
            self.lassoed.emit(None)
        else:
            super().keyPressEvent(event)

    def take_in_sight(self) -> None:
        """Choose all that is in sight, as if a lasso had been drawn around it."""
        x0, x1, y0, y1 = self.scale.bounds
        self.lassoed.emit(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]))

    # Menu.

    def switches(self) -> Sequence[menu.PlotSwitch]:
        """Grid, lasso, and whether the neighbours look at the same part."""
        made = [menu.PlotSwitch(tr("Lasso"), self.lassoing, self.set_lassoing)]
        if self._axes:
            made.append(menu.PlotSwitch(tr("Grid"), self._grid, self.show_grid))
        if self.link is not None and self.link.possible:
            made.append(menu.PlotSwitch(tr("Linked with the map beside it"), self.link.on, self.link.switch))
        return made

    def context_menu(self) -> QMenu:
        """What can be done with it: also with what is chosen."""
        made = super().context_menu()
        made.addSeparator()
        made.addAction(tr("Choose what is in sight") + "\tCtrl+A", self.take_in_sight)
        nothing = made.addAction(tr("Choose nothing") + "\tEsc", lambda: self.lassoed.emit(None))
        nothing.setEnabled(self.has_choice())
        return made

    def show_grid(self, on: bool) -> None:
        """Let lines go through the plane at its figures."""
        self._grid = on
        for axis in self._axes:
            axis.set_lines_across(on)
        self.renew()

    def set_lassoing(self, on: bool) -> None:
        """Let any drag draw a lasso, until one has been drawn."""
        self.lassoing = on
        self.setCursor(Qt.CursorShape.PointingHandCursor if on else Qt.CursorShape.CrossCursor)

    def _drag_plane(self, at: QPointF) -> None:
        """Let the plane follow the pointer once it has left where it was pressed."""
        assert self._from is not None
        step = at - self._from
        if self._moved or step.manhattanLength() >= CLICK:
            self._moved, self._from = True, at
            self.pan(step.x(), step.y())

    def _held_within(self, at: QPointF) -> QPointF:
        area = self.area
        return QPointF(min(max(at.x(), area.left()), area.right()), min(max(at.y(), area.top()), area.bottom()))

    def _end_lasso(self) -> None:
        drawn, self._lasso = self._lasso, []
        self.set_lassoing(False)
        self.lassoed.emit(self.scale.to_data(drawn) if len(drawn) > 2 else None)
