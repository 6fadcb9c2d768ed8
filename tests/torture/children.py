"""Work in a forked child, which may be killed, and which ends without what this process would do at its end."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

Report = Callable[[str], None]


def in_child(work: Callable[[Report], None], seconds: float | None = None) -> list[str]:
    """Do `work` in a child; the words that it reported. It is killed after `seconds`, where they are given."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        _child(work, write)
    os.close(write)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(read, encoding="utf-8") as pipe:
        words = pipe.read().splitlines()
    os.waitpid(child, 0)
    return words


def _child(work: Callable[[Report], None], write: int) -> None:
    try:
        work(lambda word: _say(write, word))
    except BaseException as error:
        _say(write, f"{type(error).__name__}: {error}")
        os._exit(1)
    os._exit(0)


def _say(write: int, word: str) -> None:
    os.write(write, (" ".join(word.split()) + "\n").encode("utf-8", "replace"))
