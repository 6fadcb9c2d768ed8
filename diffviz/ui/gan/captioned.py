"""Something on the stage of the GAN lab under its caption."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget


def captioned(caption: QLabel, content: QWidget) -> QWidget:
    """`content` under its caption."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    column.addWidget(caption)
    column.addWidget(content, 1)
    return made
