"""Folders that file dialogs begin in: where something was read or written last, while they are there and answer.

A disk may answer late or never: a network's whose other end is gone, a drive that is asleep. So it is never the
window's thread that asks, and it waits for a moment only.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from diffviz import paths

ANSWER_SECONDS = 0.5
EXPORTS, PICTURES, ANY = "export_folder", "picture_folder", "last_folder"
SYSTEM = tuple(map(Path, ("/proc", "/sys")))
"""What the system tells of itself: nobody's files are there, though it looks as if they might be."""

Test = Callable[[Path], bool]


class Remembers(Protocol):
    """Where folders are kept, under the names above."""

    def __getitem__(self, name: str) -> Any: ...
    def __setitem__(self, name: str, value: Any) -> None: ...


class _Question(threading.Thread):
    """Asks `test` of `path`; `yes` once it holds. The program ends without waiting for it."""

    def __init__(self, path: Path, test: Test) -> None:
        super().__init__(name="diffviz-folder", daemon=True)
        self.path, self._test = path, test
        self.yes = False
        self.began = time.monotonic()

    def run(self) -> None:
        with suppress(OSError, ValueError):
            self.yes = self._test(self.path)

    def await_answer(self, seconds: float) -> bool:
        """Whether it holds, and that is known `seconds` after it was asked."""
        self.join(max(0.0, self.began + seconds - time.monotonic()))
        return self.yes


_open: dict[tuple[Path, Test], _Question] = {}
"""Questions that are not answered yet: none is asked, nor waited for, twice."""


def answering(asked: Iterable[Path], test: Test, seconds: float = ANSWER_SECONDS) -> list[Path]:
    """Those of `asked` for which `test` holds and says so within `seconds` for all of them together."""
    questions = [_ask(path, test) for path in dict.fromkeys(asked)]
    return [question.path for question in questions if question.await_answer(seconds)]


def _ask(path: Path, test: Test) -> _Question:
    for key in [key for key, question in _open.items() if not question.is_alive()]:
        del _open[key]
    if (path, test) not in _open:
        _open[path, test] = _Question(path, test)
        _open[path, test].start()
    return _open[path, test]


def usable(path: Path) -> bool:
    """Whether `path` is a folder that can be looked into and may hold a person's files. It may take for ever."""
    real = path.resolve()
    if not path.is_absolute() or any(real.is_relative_to(folder) for folder in SYSTEM) or not path.is_dir():
        return False
    with os.scandir(path) as entries:
        next(entries, None)
    return True


def there(path: Path) -> bool:
    """Whether there is a file or folder `path`. It may take for ever."""
    return paths.exists(path)


class Folders:
    """Folders as `kept` remembers them, each after something succeeded there."""

    def __init__(self, kept: Remembers) -> None:
        self._kept = kept

    def first(self, *names: str) -> Path:
        """The first of the folders called `names` that is there and answers, else a person's home."""
        remembered = [Path(value) for value in map(self._value, names) if value]
        home = [folder for folder in (paths.home(),) if folder is not None]
        return next(iter(answering([*remembered, *home], usable)), None) or Path.cwd()

    def succeeded(self, path: Path, *names: str) -> None:
        """Something was written to `path` or read from there: remember its folder as `names`, and as the last one."""
        for name in (*names, ANY):
            self._kept[name] = str(path.absolute().parent)

    def _value(self, name: str) -> str:
        try:
            return str(self._kept[name])
        except KeyError:
            return ""


current = Folders({})
"""Those of the program, for parts that know of no preferences."""


def keep_in(kept: Remembers) -> None:
    """From now on the program's folders are kept in `kept`."""
    global current
    current = Folders(kept)
