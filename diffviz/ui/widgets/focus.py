"""Where the keyboard is: the order of Tab, which is that of reading, and the ring around what has the focus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QPen, QRegion
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QLayout, QScrollArea, QWidget
from shiboken6 import isValid

from diffviz.ui.widgets import painting, theme


def stops(root: QWidget, focused: QWidget | None = None) -> Iterator[QWidget]:
    """Widgets in `root` that Tab stops at now, in the order of reading, and the `focused` one wherever it is.

    What a layout holds comes in its order, then the rest by rows, from the left. It is found anew each time, as pages,
    drawers and forms change.
    """
    return (widget for widget in in_order(root) if widget is focused or _is_stop(widget))


def in_order(root: QWidget) -> Iterator[QWidget]:
    """`root` and all visible widgets in it, in the order of reading."""
    yield root
    layout = root.layout()
    held = [child for child in (_in(layout) if layout else ()) if child.isVisible()]
    for child in dict.fromkeys((*held, *_free(root, held))):
        yield from in_order(child)


def _is_stop(widget: QWidget) -> bool:
    """Of a group of buttons Qt leaves Tab only one, and gives it the arrow keys, which are the timeline's here."""
    if not widget.isEnabled() or widget.focusProxy() is not None:
        return False
    if isinstance(widget, QAbstractButton) and widget.isCheckable():
        return bool(widget.group() or widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)


def _in(layout: QLayout) -> Iterator[QWidget]:
    """The widgets that `layout` and those within it hold, in their order.

    Its items are asked for nothing: PySide keeps the wrapper of one after Qt has deleted it, and gives it out as
    whatever is made at the same address later.
    """
    owner = layout.parentWidget()
    within = [*(owner.children() if owner else ()), *layout.children()]
    places = {part: layout.indexOf(part) for part in within if isinstance(part, QWidget | QLayout)}
    for part in sorted((part for part, place in places.items() if place >= 0), key=lambda part: places[part]):
        if isinstance(part, QWidget):
            yield part
        else:
            yield from _in(part)


ROW = 12
"""Widgets whose tops are no farther apart than this stand in one row."""


def _free(widget: QWidget, held: Sequence[QWidget]) -> list[QWidget]:
    """Visible children that are not `held` by a layout, by rows."""
    known = {*held}
    free = [c for c in widget.children() if isinstance(c, QWidget) and c.isVisible() and not c.isWindow()]
    return sorted((c for c in free if c not in known), key=lambda c: (c.y() // ROW, c.x()))


def reveal(widget: QWidget) -> None:
    """Scroll every area that `widget` is in, so that it is in sight."""
    inner, parent = widget, widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea) and inner is parent.viewport():
            parent.ensureWidgetVisible(widget, AROUND + 4, AROUND + 4)
        inner, parent = parent, parent.parentWidget()


def _is_scrolled(part: QObject) -> bool:
    """Whether `part` moves as a person scrolls: it is what an area holds."""
    viewport = part.parent()
    return viewport is not None and isinstance(viewport.parent(), QScrollArea)


def seen(widget: QWidget) -> QRect:
    """The part of `widget` that its window shows, scrolled away or not, in pixels of the window."""
    window = widget.window()
    area = QRect(widget.mapTo(window, QPoint()), widget.size())
    parent = widget.parentWidget()
    while parent is not None and not parent.isWindow():
        if isinstance(parent.parentWidget(), QAbstractScrollArea):  # a viewport
            area &= QRect(parent.mapTo(window, QPoint()), parent.size())
        parent = parent.parentWidget()
    return area


AROUND, WIDE, RADIUS = 3, 2, 7
MOVES = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide)


class FocusRing(painting.PaintedWidget):
    """A ring around a widget of `window`, over everything, and where that is, wherever it moves; `thin` for a region.

    Two lines of which one is always clear of what lies below. The mouse goes through it.
    """

    def __init__(self, window: QWidget, *, thin: bool = False) -> None:
        super().__init__(window)
        self.around: QWidget | None = None
        self._thin = thin
        self._watched: list[QWidget] = []
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(0)  # when all has its place
        self._again.timeout.connect(self._reveal)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def follow(self, widget: QWidget | None) -> None:
        """Stand around `widget` from now on, or nowhere."""
        if widget is self.around:
            self.place()
            return
        for one in filter(isValid, self._watched):
            one.removeEventFilter(self)
        self.around, self._watched = widget, []
        while widget is not None and not widget.isWindow():
            self._watched.append(widget)
            widget.installEventFilter(self)
            widget = widget.parentWidget()
        self.place()

    def place(self) -> None:
        """Stand where the widget is now; nowhere while nothing of it is in sight."""
        if self.around is not None and not isValid(self.around):
            self.around, self._watched = None, []  # it is gone without having lost the keyboard first
        found = seen(self.around) if self.around is not None and self.around.isVisible() else QRect()
        self.setVisible(not found.isEmpty())
        if found.isEmpty():
            return
        around = 0 if self._thin else AROUND
        area = found.adjusted(-around, -around, around, around) & self.window().rect()
        self.setGeometry(area)
        inside = self.rect().adjusted(*([around or WIDE] * 2), *([-(around or WIDE)] * 2))
        self.setMask(QRegion(self.rect()) - QRegion(inside))
        self.raise_()
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go with what it stands around, and with what that stands in.

        What a layout moves out of sight, as something above it has grown, is scrolled into it again; what a person
        scrolls away is not.
        """
        if event.type() in MOVES:
            shown = self.isVisible()
            self.place()
            if shown and event.type() == QEvent.Type.Move and not self._thin and not _is_scrolled(watched):
                self._again.start()
        return False

    @Slot()
    def _reveal(self) -> None:
        if self.around is not None and isValid(self.around) and self.around.isVisible():
            reveal(self.around)
            self.place()

    def marks(self) -> Iterator[painting.PaintMark]:
        """The ring in the colour of the focus, with a line of the ground within."""
        edge = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if not self._thin:
            yield painting.Rect(edge.adjusted(1, 1, -1, -1), None, QPen(theme.color("ground"), WIDE), RADIUS - 1)
        pen = QPen(theme.color("cursor", 0.6 if self._thin else 1.0), 1 if self._thin else WIDE)
        yield painting.Rect(edge, None, pen, RADIUS)


def ring_of(window: QWidget, name: str = "focus") -> FocusRing:
    """The ring of `window` that is called `name`, made when it is first asked for."""
    found = window.findChild(FocusRing, name, Qt.FindChildOption.FindDirectChildrenOnly)
    if not isinstance(found, FocusRing):
        found = FocusRing(window, thin=name != "focus")
        found.setObjectName(name)
    return found
