"""Tags of rich text that a person sees or hears as they are written."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

TAG = re.compile(r"</?[a-z]+[^<>]*>")


def raw_tags(root: QWidget) -> list[str]:
    """Names, and texts of visible labels and buttons below `root`, that have a tag where none is understood."""
    seen = [widget for widget in root.findChildren(QWidget) if widget.isVisible()]
    labels = [widget for widget in seen if isinstance(widget, QLabel)]
    shown = [label.text() for label in labels if not _understood(label)]
    shown += [widget.text() for widget in seen if isinstance(widget, QAbstractButton)]
    shown += [widget.accessibleName() for widget in seen]
    return [text for text in shown if TAG.search(text)]


def _understood(label: QLabel) -> bool:
    """Whether Qt reads the text of `label` as rich text: it guesses by how it begins."""
    guessed = label.textFormat() is Qt.TextFormat.AutoText and label.text().lstrip().startswith("<")
    return guessed or label.textFormat() is Qt.TextFormat.RichText
