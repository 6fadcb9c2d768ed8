"""The part of a form that scrolls."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

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
        QTimer.singleShot(0, self._on_laid_out)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the room that a longer page asks for."""
        if watched is self._content and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    @Slot(int, int)
    def _on_range_changed(self, _low: int, high: int) -> None:
        self.setViewportMargins(0, 0, 0 if high else BAR, 0)

    @Slot()
    def _on_laid_out(self) -> None:
        if self._awaited is not None and self._awaited.isVisible():
            self.ensureWidgetVisible(self._awaited, 0, 12)
        self._awaited = None


def lay_form(
    form: QWidget, page: Sequence[QWidget], *below: QWidget, above: Sequence[QWidget] = (), spacing: int = 8
) -> FormScroll:
    """Lay out `form`: `page`, which scrolls and is returned, between what stays in sight `above` and `below` it."""
    content, column = QWidget(), QVBoxLayout(form)
    inner = QVBoxLayout(content)
    inner.setContentsMargins(0, 0, 0, 0)
    inner.setSpacing(spacing)
    for widget in page:
        inner.addWidget(widget)
    inner.addStretch(1)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(10)
    scroll = FormScroll(content)
    for widget in (*above, scroll, *below):
        column.addWidget(widget)
    column.addStretch(1)
    return scroll


def beside_bar(*widgets: QWidget) -> QWidget:
    """`widgets` below each other, as wide as the page beside its scroll bar."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, BAR, 0)
    column.setSpacing(10)
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
    for widget in widgets:
        column.addWidget(widget)
    return made
