"""What commands say on stderr: how far they are, and which file they wrote."""

from __future__ import annotations

import math
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType

from diffviz.cli import streams
from diffviz.cli.streams import on_terminal
from diffviz.domain.text import tr
from diffviz.ui.widgets.format import size

TERMINAL_SECONDS, FILE_SECONDS = 0.1, 5.0
HANG_UP = getattr(signal, "SIGHUP", None)
TOLD_TO_END = (signal.SIGTERM,) if HANG_UP is None else (signal.SIGTERM, HANG_UP)
ENDING = (signal.SIGINT, *TOLD_TO_END)


class Counter:
    """Shows how far each stage of the work is; says nothing where `quiet`."""

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet
        self._terminal = on_terminal()
        self._stage = ""
        self._began = self._shown = time.monotonic()
        self._first = 0
        self._width = 0

    def __enter__(self) -> Counter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._width:
            print(file=sys.stderr)

    def show(self, stage: str, done: int, total: int) -> None:
        """Show that `done` of `total` of `stage` are done, not more often than can be read."""
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._began, self._first = stage, now, done
        pause = TERMINAL_SECONDS if self._terminal else FILE_SECONDS
        if self._quiet or (now - self._shown < pause and not (self._terminal and done == total)):
            return
        self._shown = now
        self._print(self._line(done, total, now - self._began))

    def _line(self, done: int, total: int, seconds: float) -> str:
        """How far the stage is; how fast it goes and what is left, once that is known."""
        made = done - self._first
        if made <= 0 or seconds <= 0:
            return tr("{stage}: {done:,} of {total:,}").format(stage=self._stage, done=done, total=total)
        text = tr("{stage}: {done:,} of {total:,} · {rate:.1f} a second · {left} left")
        left = duration(seconds / made * (total - done))
        return text.format(stage=self._stage, done=done, total=total, rate=made / seconds, left=left)

    def _print(self, line: str) -> None:
        if not self._terminal:
            print(line, file=sys.stderr, flush=True)
            return
        print("\r" + line.ljust(self._width), end="", file=sys.stderr, flush=True)
        self._width = len(line)


def duration(seconds: float) -> str:
    """`seconds` as hours, minutes and seconds; there may be more than 24 hours. "∞" where it has no end."""
    if not math.isfinite(seconds):
        return "∞"
    minutes, rest = divmod(round(max(0.0, seconds)), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest:02d}"


@contextmanager
def stop_flag() -> Iterator[list[bool]]:
    """A list that is empty until a signal of `ENDING` came: a step is finished first, so that it can be saved."""
    stopped: list[bool] = []
    with on_signals(lambda: stopped.append(True), ENDING):
        yield stopped


@contextmanager
def on_signals(stop: Callable[[], None], numbers: Iterable[int]) -> Iterator[None]:
    """Within, each of the signals `numbers` calls `stop`, unless it is ignored, as `nohup` has it.

    With the terminal its streams are gone: what is printed after a hang-up goes nowhere.
    """

    def heard(number: int, _frame: FrameType | None) -> None:
        if number == HANG_UP:
            streams.silence()
        stop()

    heeded = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, heard) for number in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


LARGE = 50_000_000


def say_written(path: Path) -> None:
    """Say on stderr that `path` stands, and of a large file what it takes."""
    taken = bytes_of(path)
    text = tr("Written: {path} ({size})") if taken > LARGE else tr("Written: {path}")
    print(text.format(path=path, size=size(taken)), file=sys.stderr)


def bytes_of(path: Path) -> int:
    """What the file `path`, or the files in the folder `path`, take."""
    files = [file for file in path.iterdir() if file.is_file()] if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)
