"""What the commands that compute have in common: a run without a window, its progress, and ending when told to.

Command-line options derived from the settings that requests declare.

What commands say on stderr: how far they are, and which file they wrote.
"""

from __future__ import annotations

import argparse
import math
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, TypeVar

from diffviz import families, paths
from diffviz.cli import streams
from diffviz.domain import errors, frames, messages
from diffviz.domain.cards import Card
from diffviz.domain.engine import Engine
from diffviz.domain.requests import Request
from diffviz.domain.settings import Setting, check, every_setting, settings_of, with_value
from diffviz.domain.store import Budget, FrameStore
from diffviz.domain.text import tr
from diffviz.export.run_info import RunInfo, about_of
from diffviz.ui.widgets.format import size

R = TypeVar("R")
DEPENDING = ("class", "format", "spacing", "prediction")
"""Settings whose default depends on the model, the process, or on the file's name."""


class UsageError(errors.DiffvizError):
    """A command line that cannot be followed; its text says why."""


def add_options(parser: argparse.ArgumentParser, request: type[Any], without: Collection[str] = ()) -> None:
    """One option for every setting of `request` but those named in `without`, over all its variants.

    Those not given are None.
    """
    for setting in (setting for setting in every_setting(request) if setting.name not in without):
        flag = f"--{setting.name}"
        help_ = " ".join((tr(setting.help), *_default(setting))).replace("%", "%%")
        if setting.kind is bool:
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=help_)
        else:
            parser.add_argument(
                flag, type=_type(setting), choices=setting.choices, default=None, metavar=_metavar(setting), help=help_
            )


def request_from(args: argparse.Namespace, base: R, convert: Mapping[str, Callable[[str], Any]] | None = None) -> R:
    """`base` with the options given in `args`.

    Raises `UsageError` for what does not apply and what is out of bounds.
    """
    given = {name: value for name, value in vars(args).items() if value is not None}
    base, used = _applied(base, given, convert or {})
    for setting in every_setting(type(base)):
        key = setting.name.replace("-", "_")
        if key in given and key not in used:
            raise UsageError(_not_applied(setting))
    check(base)
    return base


def _applied(base: R, given: Mapping[str, Any], convert: Mapping[str, Callable[[str], Any]]) -> tuple[R, set[str]]:
    used: set[str] = set()
    while True:
        pending = [s for s in settings_of(base) if s.name.replace("-", "_") in given.keys() - used]
        if not pending:
            return base, used
        key = pending[0].name.replace("-", "_")
        value = convert[key](given[key]) if key in convert else given[key]
        base = with_value(base, pending[0].path, value)
        used.add(key)


def _not_applied(setting: Setting) -> str:
    if setting.why:
        return tr("--{name} does not apply: {why}.").format(name=setting.name, why=tr(setting.why))
    return tr("--{name} does not apply to these settings.").format(name=setting.name)


def _default(setting: Setting) -> tuple[str, ...]:
    """What holds where the option is not given, where that is the same for every model."""
    value = setting.default
    if setting.name in DEPENDING or value in (None, "") or not isinstance(value, str | int | float):
        return ()
    shown = f"{value:g}" if isinstance(value, float) else value
    if isinstance(value, bool):
        shown = f"--{setting.name}" if value else f"--no-{setting.name}"
    return (tr("(default {value})").format(value=shown),)


def _type(setting: Setting) -> Callable[[str], Any]:
    return setting.kind if setting.kind in (int, float) else str


def _metavar(setting: Setting) -> str:
    if setting.choices is not None:
        return "{" + ",".join(setting.choices) + "}"
    return "X" if setting.kind in (int, float) else "TEXT"


TERMINAL_SECONDS, FILE_SECONDS = 0.1, 5.0
HANG_UP = getattr(signal, "SIGHUP", None)
TOLD_TO_END = (signal.SIGTERM,) if HANG_UP is None else (signal.SIGTERM, HANG_UP)
ENDING = (signal.SIGINT, *TOLD_TO_END)


class Counter:
    """Shows how far each stage of the work is; says nothing where `quiet`."""

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet
        self._terminal = streams.on_terminal()
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


DEVICES = ("auto", "cuda", "mps", "cpu")
Cards = Mapping[str, Card]


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Options of every command that computes."""
    # suppressed where it is not given: the same option before the subcommand then holds
    parser.add_argument("--device", choices=DEVICES, default=argparse.SUPPRESS, help=tr("where to compute"))
    parser.add_argument("--quiet", action="store_true", help=tr("no progress"))


def engine_for(args: argparse.Namespace, cards: Cards) -> Engine:
    """The engine, on the device that `args` ask for."""
    from diffviz.engine.engine import LocalEngine

    return LocalEngine(cards, getattr(args, "device", "") or "auto")


def computed(
    engine: Engine, request: Request, materials: messages.RunInputs, cards: Cards, counter: Counter
) -> FrameStore:
    """The frames of `request`."""
    plan = families.plan_of(request, cards)
    store = FrameStore(Budget(spill=paths.cache_home() / "frames"))
    for item in engine.frames(request, materials, plan):
        if isinstance(item, frames.Frame):
            store.append(item)
            counter.show(tr("computing"), len(store), len(plan.positions))
    return store


def about(engine: Engine, request: Request, materials: messages.RunInputs, cards: Cards) -> RunInfo:
    """What a file is to say of the run of `request`."""
    device = engine.warm_up(None).kind if getattr(request, "model", None) else ""
    return about_of(request, materials.images, cards, device)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Being told to end, or losing the terminal, is an interruption like Ctrl-C: half a file is removed on the way."""

    def stop() -> None:
        raise KeyboardInterrupt

    with on_signals(stop, TOLD_TO_END):
        yield
