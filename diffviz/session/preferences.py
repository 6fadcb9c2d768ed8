"""Preferences: what a person chose once and finds again at the next start."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QSettings, Signal

from diffviz.domain.export import FORMATS
from diffviz.domain.text import LANGUAGES

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
        "gan_data": "",
        "export_folder": "",
        "export_format": "gif",
        "export_metadata": True,
        "picture_folder": "",
        "recent": "",
        "ask_unsaved": True,
        "instruments": "equations,step,visits",
    }
)
LIMITS: Mapping[str, tuple[int, int]] = MappingProxyType({"budget_mb": (64, 65536)})


CHOICES: Mapping[str, Collection[str]] = MappingProxyType(
    {
        "language": ("", *LANGUAGES),
        "theme": ("", "dark", "light"),
        "device": ("auto", "cuda", "mps", "cpu"),
        "export_format": tuple(FORMATS),
    }
)
TRUE, FALSE = ("true", "1"), ("false", "0")
SET_ASIDE = "set-aside"


class Preferences(QObject):
    """Values by name, kept in the INI file `path`.

    What does not parse there is set aside when the file is opened (under another name, nothing is thrown away) and
    named in `set_aside`: names of settings, or the whole file; its default holds. Signals: `changed(name)`.
    """

    changed = Signal(str)

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        with suppress(OSError):  # then `writable` says so
            path.parent.mkdir(parents=True, exist_ok=True)
        self.set_aside: tuple[str, ...] = ()
        self._settings = QSettings(str(path), QSettings.Format.IniFormat)
        if self._settings.status() == QSettings.Status.FormatError:
            self._put_file_aside(path)
        self._put_values_aside()

    @property
    def writable(self) -> bool:
        """Whether what is set is found again at the next start."""
        return self._settings.isWritable()

    def __getitem__(self, name: str) -> Any:
        """Value of `name`, a key of `DEFAULTS`, of the type of its default."""
        value = self._settings.value(name)
        found = _parsed(value, name) if value is not None else None
        return DEFAULTS[name] if found is None else found

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

    def _put_file_aside(self, path: Path) -> None:
        aside = path.with_name(f"{path.name}.{SET_ASIDE}")
        with suppress(OSError):
            path.replace(aside)
        self._settings = QSettings(str(path), QSettings.Format.IniFormat)
        self.set_aside = (str(aside),)

    def _put_values_aside(self) -> None:
        for name in DEFAULTS:
            value = self._settings.value(name)
            if value is not None and _parsed(value, name) is None:
                self._settings.setValue(f"{SET_ASIDE}/{name}", value)
                self._settings.remove(name)
                self.set_aside = (*self.set_aside, name)


def _parsed(value: object, name: str) -> Any:
    """`value` of setting `name` in the type of its default and within its limits; None where it is not one."""
    default, text = DEFAULTS[name], str(value)
    if isinstance(default, bool):
        return {**dict.fromkeys(TRUE, True), **dict.fromkeys(FALSE, False)}.get(text.lower())
    if isinstance(default, int):
        low, high = LIMITS[name]
        return min(max(int(text), low), high) if text.lstrip("-").isdecimal() and len(text) < 20 else None
    return text if text in CHOICES.get(name, (text,)) else None
