"""Preferences: what a person chose once and finds again at the next start.

The settings file before Qt reads it: only what this program would have written is left in it.

QSettings decodes `@Variant(…)` by QDataStream, and PySide registers a type there that is *unpickled*: a settings file
could run a program. So every line is held against the few forms that are written here: a text, which does not begin as
an encoded value would, or the bytes of a layout.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QSettings, Signal

from diffviz import paths
from diffviz.domain import atomic, bookmarks, errors, export_settings, serialization
from diffviz.domain.text import LANGUAGES
from diffviz.theory.shared_time import LOG_SNR, SHARED_BY
from diffviz.theory.time_axes import TIME, TIME_AXES

LARGEST = 1 << 20
SET_ASIDE = "set-aside"
NOWHERE = Path(os.devnull) / "settings"
ENCODED = r"(?!\s*(?:@(?!@)|\\[x0]))"  # what a text may not begin with: "@@" is an "@"
BARE = r"""(?:[^"\\,;\x00-\x1f]|\\(?:[abfnrtv0"?'\\]|x[0-9a-f]+))*"""
QUOTED = r"""(?:[^"\\\x00-\x1f]|\\(?:[abfnrtv0"?'\\]|x[0-9a-f]+))*"""
LINE = re.compile(
    rf'[\w%.-]+=(?:{ENCODED}{BARE}|"{ENCODED}{QUOTED}"|@ByteArray\({BARE}\)|"@ByteArray\({QUOTED}\)")', re.ASCII
)
SECTION = re.compile(r"\[[\w%.-]+\]", re.ASCII)


def vetted(path: Path) -> tuple[Path, tuple[str, ...]]:
    """A file that Qt may read, `path` where that can be, and what was left out of it: keys, or the whole file.

    Where something was, the file as it was is kept beside it, under another name.
    """
    if path.is_dir():
        return path, ()
    try:
        text = serialization.read_bytes(path, LARGEST).decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return path, ()
    except (OSError, ValueError):
        aside = _moved(path)
        return (path, (str(aside),)) if aside else (NOWHERE, (str(path),))
    lines = [line for line in re.split(r"[\r\n]+", text) if line.strip()]
    kept = [line for line in lines if SECTION.fullmatch(line) or LINE.fullmatch(line)]
    if kept == lines:
        return path, ()
    left = [line for line in lines if not line.startswith((";", "#")) and line not in kept]
    names = tuple(dict.fromkeys(line.partition("=")[0].strip()[:40] for line in left))
    if not _moved(path):
        return NOWHERE, names
    with suppress(errors.DiffvizError), atomic.replacing(path) as file:
        file.write("\n".join((*kept, "")).encode())
    return path, names


def _moved(path: Path) -> Path | None:
    """Where the file `path` is kept now; None where it cannot be moved, and so is not Qt's to read."""
    with suppress(OSError):
        return path.replace(path.with_name(f"{path.name}.{SET_ASIDE}"))
    return None


DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "language": "",
        "theme": "",
        "scale": 100,
        "device": "auto",
        "budget_mb": 512,
        "mirrored": False,
        "shared_by": LOG_SNR,
        "time_axis": TIME,
        "playing": bookmarks.STOP,
        "drawer": False,
        "model": "",
        "vae_model": "",
        "gan_data": "",
        "export_folder": "",
        "export_format": "gif",
        "export_metadata": True,
        "picture_folder": "",
        "last_folder": "",
        "recent": "",
        "opened": "",
        "ask_unsaved": True,
        "instruments": "equations,step,visits",
        "stage_panes": "",
    }
)
LIMITS: Mapping[str, tuple[int, int]] = MappingProxyType({"budget_mb": (64, 65536), "scale": (80, 200)})


CHOICES: Mapping[str, Collection[str]] = MappingProxyType(
    {
        "language": ("", *LANGUAGES),
        "theme": ("", "dark", "light"),
        "device": ("auto", "cuda", "mps", "cpu"),
        "export_format": tuple(export_settings.FORMATS),
        "shared_by": tuple(SHARED_BY),
        "time_axis": tuple(TIME_AXES),
        "playing": bookmarks.ENDINGS,
    }
)
TRUE, FALSE = ("true", "1"), ("false", "0")
NUMBER = re.compile(r"-?[0-9]{1,18}")
LONGEST = 1 << 16
FORMAT = 1


class Preferences(QObject):
    """Values by name, kept in the INI file `path`.

    What does not parse there is set aside when the file is opened (under another name, nothing is thrown away) and
    named in `set_aside`: names of settings, or the whole file; its default holds. `newer` says so where a newer
    program has written the file. Signals: `changed(name)`.
    """

    changed = Signal(str)

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        with suppress(OSError):  # then `writable` says so
            path.parent.mkdir(parents=True, exist_ok=True)
        readable, self.set_aside = vetted(path)
        self._settings = QSettings(str(readable), QSettings.Format.IniFormat)
        self.newer = self._newer(path)
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
        """Keep `value`; what would not be read again leaves the one before in its place."""
        if value != self[name] and _parsed(value, name) is not None:
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
        self._settings.setValue("format", FORMAT)
        self._settings.sync()

    def _newer(self, path: Path) -> errors.FileTooNew | None:
        found = str(self._settings.value("format") or FORMAT)
        if not NUMBER.fullmatch(found) or int(found) <= FORMAT:
            return None
        with suppress(OSError):  # its values may be others than are known here
            shutil.copyfile(path, path.with_name(f"{path.name}.{SET_ASIDE}"))
        return errors.FileTooNew(path, int(found), FORMAT)

    def _put_values_aside(self) -> None:
        for name in DEFAULTS:
            value = self._settings.value(name)
            if value is not None and _parsed(value, name) is None:
                self._settings.setValue(f"{SET_ASIDE}/{name}", value)
                self._settings.remove(name)
                self.set_aside = (*self.set_aside, name)


def keepable(text: str) -> bool:
    """Whether `text`, of one line or several, comes back as it is from a file of settings."""
    return len(text) <= LONGEST and not serialization.NO_TEXT.search(text.replace("\n", ""))


def lines_of(value: object) -> list[str]:
    """The lines of a setting that has several."""
    return [line for line in str(value).split("\n") if line]


def _parsed(value: object, name: str) -> Any:
    """`value` of setting `name` in the type of its default and within its limits; None where it is not one."""
    default, text = DEFAULTS[name], str(value)
    if not isinstance(value, str | bool | int):
        return None
    if isinstance(default, bool):
        return {**dict.fromkeys(TRUE, True), **dict.fromkeys(FALSE, False)}.get(text.lower())
    if isinstance(default, int):
        low, high = LIMITS[name]
        return min(max(int(text), low), high) if NUMBER.fullmatch(text) else None
    if not keepable(text):
        return None
    return text if text in CHOICES.get(name, (text,)) else None


SCALE_FACTOR = "QT_SCALE_FACTOR"


def scaled(percent: int) -> AbstractContextManager[None]:
    """Let an application that is made meanwhile have all its type and spacing at `percent` of their usual size.

    Qt reads the scale once. What stood there before is multiplied, and is what other programs inherit.
    """
    factor = 1.0
    with suppress(ValueError):
        factor = float(os.environ.get(SCALE_FACTOR) or 1)
    return paths.environment(SCALE_FACTOR, f"{factor * percent / 100:g}")
