"""Roles of the style sheet that widgets change while they are shown."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def set_role(widget: QWidget, role: str) -> None:
    """Give `widget` another role; Qt looks at it again only when it is told to."""
    widget.setProperty("role", role)
    widget.style().polish(widget)
