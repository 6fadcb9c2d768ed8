"""Preferences: what a person chose once and finds again at the next start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QSettings, Signal

DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "language": "",
        "theme": "",
        "device": "auto",
        "budget_mb": 512,
        "mirrored": False,
        "drawer": False,
        "model": "",
        "vae_model": "",
        "export_folder": "",
        "picture_folder": "",
    }
)
LIMITS: Mapping[str, tuple[int, int]] = MappingProxyType({"budget_mb": (64, 65536)})


class Preferences(QObject):
    """Values by name, kept in the INI file `path`. What does not parse there falls back to its default.

    Signals: `changed(name)`.
    """

    changed = Signal(str)

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._settings = QSettings(str(path), QSettings.Format.IniFormat)

    def __getitem__(self, name: str) -> Any:
        """Value of `name`, a key of `DEFAULTS`, of the type of its default."""
        default = DEFAULTS[name]
        return _parsed(self._settings.value(name), default, LIMITS.get(name))

    def __setitem__(self, name: str, value: Any) -> None:
        if value != self[name]:
            self._settings.setValue(name, value)
            self.changed.emit(name)

    def layout(self, name: str) -> QByteArray | None:
        """Saved state of a window or splitter, or None."""
        value = self._settings.value(f"layout/{name}")
        return value if isinstance(value, QByteArray) else None

    def keep_layout(self, name: str, state: QByteArray) -> None:
        """Save the state of a window or splitter."""
        self._settings.setValue(f"layout/{name}", state)

    def save(self) -> None:
        """Write everything to the file now."""
        self._settings.sync()


def _parsed(value: object, default: Any, limits: tuple[int, int] | None) -> Any:
    if value is None:
        return default
    if isinstance(default, bool):
        return str(value).lower() in ("true", "1")
    if isinstance(default, int):
        try:
            number = int(str(value))
        except ValueError:
            return default
        return min(max(number, limits[0]), limits[1]) if limits else number
    return str(value)
