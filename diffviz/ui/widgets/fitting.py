"""Fitting: windows and dialogs are never larger than their screen, nor out of its sight."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMargins, QObject, QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

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
        return self._bounded(self._content.minimumSizeHint())

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
