"""Layout: windows that fit their screen, rows that wrap, and forms that scroll.

Fitting: windows and dialogs are never larger than their screen, nor out of its sight.

Widgets in a row that goes on below where there is too little width.

The part of a form that scrolls.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QMargins, QObject, QRect, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QLayout, QLayoutItem, QMainWindow, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

# What a desktop puts around a window, before it says so: it does only once the window is shown.
FRAME = QMargins(2, 36, 2, 4)


def room_on(widget: QWidget) -> QRect:
    """Where the contents of a window may lie on the screen of `widget`, its frame and the desktop's panels aside."""
    return widget.screen().availableGeometry().marginsRemoved(FRAME)


def fitted(wanted: QRect, room: QRect) -> QRect:
    """`wanted`, no larger than `room` and within it."""
    found = QRect(wanted.topLeft(), wanted.size().boundedTo(room.size()))
    found.moveRight(min(found.right(), room.right()))
    found.moveBottom(min(found.bottom(), room.bottom()))
    found.moveLeft(max(found.left(), room.left()))
    found.moveTop(max(found.top(), room.top()))
    return found


def fit(window: QWidget) -> None:
    """Bring `window`, which is not shown yet, back onto its screen; one in sight stays where it is."""
    if window.windowState() & (Qt.WindowState.WindowMaximized | Qt.WindowState.WindowFullScreen):
        return
    found = fitted(window.geometry(), room_on(window))
    if window.testAttribute(Qt.WidgetAttribute.WA_Moved):
        window.setGeometry(found)
    else:  # the desktop finds a place for it
        window.resize(found.size())


OVER = "over"
"""Property of what is meant to lie over its neighbours; anything else that does is a fault."""


def lie_over(widget: QWidget, over: bool = True) -> None:
    """Let `widget` lie over its neighbours, as a drawer does, or beside them again."""
    widget.setProperty(OVER, over)
    if over:
        widget.raise_()


def keep_room(widget: QWidget) -> None:
    """Let the room of `widget` stay its own while it is hidden: nothing around it moves."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)


class ScrollingBelow(QScrollArea):
    """`content` in all the room there is, scrolling where that is less than `smallest`."""

    def __init__(self, content: QWidget, smallest: QSize) -> None:
        super().__init__()
        self.smallest, self._content = smallest, content
        self.setWidget(content)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the room there is; a size that the content would rather have does not matter."""
        super().resizeEvent(event)
        self.lay_out()

    def lay_out(self) -> None:
        """Give the content the room there is, or `smallest`, which may have changed."""
        whole = self.maximumViewportSize()  # without scroll bars
        fits = whole.expandedTo(self.smallest) == whole
        self._content.resize(whole if fits else self.viewport().size().expandedTo(self.smallest))


def column_of(window: QMainWindow, room: QWidget) -> QVBoxLayout:
    """The column that fills `window`, with `room` in it, which grows: what is made in its place gets its style once."""
    body = QWidget()
    window.setCentralWidget(body)
    column = QVBoxLayout(body)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    column.addWidget(room, 1)
    return column


class Fitting(QScrollArea):
    """The main part of a dialog: as large as its content, and scrolling where the screen is too small for that.

    `beside` is the room that the dialog needs for the rest.
    """

    def __init__(self, content: QWidget, beside: QSize) -> None:
        super().__init__()
        self._content, self._beside = content, beside
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        content.installEventFilter(self)

    def sizeHint(self) -> QSize:
        return self._bounded(self._content.sizeHint())

    def minimumSizeHint(self) -> QSize:
        least = self._content.minimumSizeHint()
        return self._bounded(least.expandedTo(QSize(0, self._content.sizeHint().height())))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the room that a longer content asks for."""
        if watched is self._content and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def _bounded(self, wanted: QSize) -> QSize:
        screen = self.screen() or QGuiApplication.primaryScreen()
        room = screen.availableGeometry().marginsRemoved(FRAME).size() - self._beside
        if wanted.height() > room.height():
            wanted.setWidth(wanted.width() + self.verticalScrollBar().sizeHint().width())
        if wanted.width() > room.width():
            wanted.setHeight(wanted.height() + self.horizontalScrollBar().sizeHint().height())
        return wanted.boundedTo(room)


class FlowLayout(QLayout):
    """A layout of rows, `gap` pixels between widgets and `line` between rows."""

    def __init__(self, left: int = 0, gap: int = 3, line: int = 2) -> None:
        super().__init__()
        self._left, self._gap, self._line = left, gap, line
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arranged(QRect(0, 0, width, 0), place=False)

    def setGeometry(self, area: QRect) -> None:
        super().setGeometry(area)
        self._arranged(area, place=True)

    def sizeHint(self) -> QSize:
        sizes = [item.sizeHint() for item in self._items if not item.isEmpty()]
        width = self._left + sum(size.width() + self._gap for size in sizes)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        sizes = [item.minimumSize() for item in self._items if not item.isEmpty()]
        width = max((size.width() for size in sizes), default=0)
        return QSize(self._left + width, max((size.height() for size in sizes), default=0))

    def _arranged(self, area: QRect, *, place: bool) -> int:
        """Place the widgets within `area`; the height that they take."""
        x, y, row = area.left() + self._left, area.top(), 0
        for item in self._items:
            size = item.sizeHint()
            if item.isEmpty():
                continue
            if x + size.width() > area.left() + area.width() and x > area.left() + self._left:
                x, y, row = area.left() + self._left, y + row + self._line, 0
            if place:
                item.setGeometry(QRect(x, y, size.width(), size.height()))
            x, row = x + size.width() + self._gap, max(row, size.height())
        return y + row - area.top()


class Flowing(QWidget):
    """A widget over a `FlowLayout`, never lower than its rows: dialogs do not ask layouts for a height by width."""

    def __init__(self, flow: FlowLayout, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow = flow
        self.setLayout(flow)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for the height that this width needs."""
        super().resizeEvent(event)
        self.setMinimumHeight(self._flow.heightForWidth(self.width()))


BAR = 10
"""Width of the scroll bar. It is always left free, so that nothing moves when the bar comes."""


class FormScroll(QScrollArea):
    """As high as its content where there is room, scrolling where there is not."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._content = content
        self._awaited: QWidget | None = None
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setViewportMargins(0, 0, BAR, 0)
        self.verticalScrollBar().setFixedWidth(BAR)
        self.verticalScrollBar().rangeChanged.connect(self._on_range_changed)
        content.installEventFilter(self)

    def sizeHint(self) -> QSize:
        return self._content.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), 80)

    def reveal(self, widget: QWidget) -> None:
        """Scroll to `widget` as soon as it has its place."""
        self._awaited = widget
        QTimer.singleShot(0, self, self._on_laid_out)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the room that a longer page asks for."""
        if watched is self._content and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    @Slot(int, int)
    def _on_range_changed(self, _low: int, high: int) -> None:
        self.setViewportMargins(0, 0, 0 if high else BAR, 0)
        QTimer.singleShot(0, self, self._on_laid_out)

    @Slot()
    def _on_laid_out(self) -> None:
        if layout := self._content.layout():  # the bar may have come while it was laid out for the width before
            layout.invalidate()
            layout.activate()
        if self._awaited is not None and self._awaited.isVisible():
            self.ensureWidgetVisible(self._awaited, 0, 12)
        self._awaited = None


LIST_ROW, FEWEST, LISTED = 31, 2, 0.155
"""Height of a row of a list of runs, how many it has in the lowest window, and its share of a form's height."""
LONGEST = 540
"""Pixels from which on a page has enough, and the list below it has the rest."""
SPACING = 8


class Sharing(QObject):
    """Shares the height of `form` between the page `scroll` and the list in the foot below it.

    What one of them holds moves nothing of the other: they have their room by the height of the form alone. `usual`
    gives the height of what stands in the foot above its list, most of the time. The list has whole rows.
    """

    def __init__(
        self, form: QWidget, scroll: FormScroll, above: QWidget | None, usual: Callable[[], int], longest: int
    ) -> None:
        super().__init__(form)
        self._scroll, self._above, self._usual, self._longest = scroll, above, usual, longest
        form.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Give the page its room before the form lays itself out."""
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self._share(watched.height())
        return super().eventFilter(watched, event)

    def _share(self, height: int) -> None:
        above = self._above.sizeHint().height() + SPACING if self._above is not None else 0
        both = height - above - self._usual() - 2 * SPACING
        rows = max(FEWEST, int(LISTED * both) // LIST_ROW)
        page = min(self._longest, both - rows * LIST_ROW)
        self._scroll.setMaximumHeight(max(page, self._scroll.minimumSizeHint().height()))


def lay_form(form: QWidget, page: Sequence[QWidget], *below: QWidget, spacing: int = 8) -> FormScroll:
    """Lay out `form`: `page`, which scrolls and is returned, over what stays in sight `below` it."""
    column, scroll = _column(form, page, spacing)
    for widget in (scroll, *below):
        column.addWidget(widget)
    column.addStretch(1)
    return scroll


def lay_runs_form(
    form: QWidget,
    page: Sequence[QWidget],
    panel: QWidget,
    heading: QWidget,
    listed: QWidget,
    usual: Callable[[], int],
    above: QWidget | None = None,
    spacing: int = 8,
    longest: int = LONGEST,
) -> FormScroll:
    """Lay out `form`: what stays in sight `above`, `page`, which scrolls and is returned, `panel`, and a list of runs.

    `usual` gives the height of `panel` most of the time; what it takes beyond that is the list's. The page never takes
    more than `longest`.
    """
    column, scroll = _column(form, page, spacing)
    scroll.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
    for widget in (*((above,) if above is not None else ()), scroll):
        column.addWidget(widget)
    column.setStretchFactor(scroll, 1000)
    foot = QVBoxLayout()  # no widget: Qt gives one with texts that wrap no less height than it would rather have
    foot.setContentsMargins(0, 0, BAR, 0)
    foot.setSpacing(SPACING)
    for widget in (panel, heading, listed):
        foot.addWidget(widget)
    foot.setStretchFactor(listed, 1000)
    foot.addStretch(1)
    column.addLayout(foot, 1)
    Sharing(form, scroll, above, lambda: usual() + SPACING + heading.maximumHeight(), longest)
    return scroll


def _column(form: QWidget, page: Sequence[QWidget], spacing: int) -> tuple[QVBoxLayout, FormScroll]:
    """The column that fills `form`, and `page` as what scrolls, with `spacing` between its widgets."""
    content, column = QWidget(), QVBoxLayout(form)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(SPACING)
    inner = QVBoxLayout(content)
    inner.setContentsMargins(0, 0, 0, 0)
    inner.setSpacing(spacing)
    for widget in page:
        inner.addWidget(widget)
    inner.addStretch(1)
    return column, FormScroll(content)


def beside_bar(*widgets: QWidget) -> QWidget:
    """`widgets` below each other, as wide as the page beside its scroll bar."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, BAR, 0)
    column.setSpacing(SPACING)
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
    for widget in widgets:
        column.addWidget(widget)
    return made
