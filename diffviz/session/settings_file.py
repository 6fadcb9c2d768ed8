"""The settings file before Qt reads it: only what this program would have written is left in it.

QSettings decodes `@Variant(…)` by QDataStream, and PySide registers a type there that is *unpickled*: a settings file
could run a program. So every line is held against the few forms that are written here: a text, which does not begin as
an encoded value would, or the bytes of a layout.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from diffviz.domain.atomic import replacing
from diffviz.domain.errors import DiffvizError
from diffviz.domain.serialization import read_bytes

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
        text = read_bytes(path, LARGEST).decode("utf-8")
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
    with suppress(DiffvizError), replacing(path) as file:
        file.write("\n".join((*kept, "")).encode())
    return path, names


def _moved(path: Path) -> Path | None:
    """Where the file `path` is kept now; None where it cannot be moved, and so is not Qt's to read."""
    with suppress(OSError):
        return path.replace(path.with_name(f"{path.name}.{SET_ASIDE}"))
    return None
