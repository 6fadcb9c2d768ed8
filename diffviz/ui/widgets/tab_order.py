"""Tab goes through widgets as they stand on the screen, also where some came in between later."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QWidget


def follow_layout(root: QWidget) -> None:
    """Let Tab go through everything in `root` in the order of its layouts."""
    for one, next_ in pairwise(stops(root)):
        QWidget.setTabOrder(one, next_)


def stops(root: QWidget) -> Iterator[QWidget]:
    """Widgets in `root` that Tab stops at, in the order of its layouts; those hidden at the moment too."""
    if root.focusPolicy() & Qt.FocusPolicy.TabFocus and root.focusProxy() is None:
        yield root
        return
    layout = root.layout()
    for child in _in(layout) if layout else _children(root):
        yield from stops(child)


def _in(layout: QLayout) -> Iterator[QWidget]:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        widget, inner = (item.widget(), item.layout()) if item else (None, None)
        if widget is not None:
            yield widget
        elif inner is not None:
            yield from _in(inner)


def _children(widget: QWidget) -> list[QWidget]:
    return [child for child in widget.children() if isinstance(child, QWidget) and not child.isWindow()]
