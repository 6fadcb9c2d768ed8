"""The soak: mixed work for two hours in one window, in slices of any length, with flat memory."""

from __future__ import annotations

import random
import time
import warnings
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

from diffviz.app import App
from diffviz.domain.errors import DiffvizError
from diffviz.domain.export_settings import ExportSettings
from diffviz.export.formats import FORMATS, export
from diffviz.session.run import Run, Status
from tests.torture import program
from tests.torture.state import Tally

MINUTE = 60.0
SETTLED = 10
"""Minutes after which memory is taken to be as it stays: caches and arenas have filled."""
MOST_GROWTH = 40.0
"""MB by which the mean of the last quarter of a slice may lie above that of the quarter after `SETTLED`."""
MOST_RUNS = 6
FORMATS_USED = ("gif", "png", "apng", "webp", "npz", "csv", "svg")
REST_MILLISECONDS = 600


def soak(tally: Tally, seed: int) -> None:
    """One slice, up to the goal: a random thing a person does, then the next; a sample every minute.

    A sample is (minute, MB in use, threads, handles, widgets); −1 in its place begins a slice.
    """
    rng = random.Random(f"{seed} {tally.done}")
    warnings.filterwarnings("ignore", "libpyside: Failed to disconnect")  # the window's end is ours to see
    app = program.opened()
    tally.samples.append([-1])
    began = len(tally.samples)
    kinds: Counter[str] | None = None
    with TemporaryDirectory() as folder:
        deeds = Deeds(app, rng, Path(folder))
        while not tally.finished:
            deeds.minute()
            deeds.tidy()
            tally.samples.append(_sample(tally.done + 1))
            kinds = kinds or (program.widgets() if tally.done > SETTLED else None)
            if kinds:
                tally.notes["widgets"] = ", ".join(f"{n} {name}" for name, n in (program.widgets() - kinds).items())
            tally.count("minutes")
            tally.notes["deeds"] = ", ".join(f"{n} {name}" for name, n in sorted(deeds.done.items()))
            tally.save()
        deeds.end()
    program.close(app)
    _judge(tally, tally.samples[began:])


def _sample(minute: int) -> list[float]:
    program.settle()
    program.trim()
    numbers = (program.threads(), program.handles(), program.widgets().total())
    return [minute, round(program.rss(), 1), *numbers]


def _judge(tally: Tally, slice_: list[list[float]]) -> None:
    """Compare the last quarter of a slice with the quarter after it had settled."""
    settled = slice_[SETTLED:]
    quarter = len(settled) // 4
    if quarter < 2:
        return
    first, last = settled[:quarter], settled[-quarter:]
    tally.notes["MB an hour in the later half"] = f"{60 * program.slope(settled[-2 * quarter :]):+.1f}"
    for column, name, most in ((1, "MB", MOST_GROWTH), (2, "threads", 0.5), (3, "handles", 0.5), (4, "widgets", 50)):
        before, after = (fmean(row[column] for row in rows) for rows in (first, last))
        tally.notes[name] = f"{before:.1f} → {after:.1f}"
        if after - before > most:
            tally.fault(f"{name} grew from {before:.1f} to {after:.1f} in {len(settled)} minutes")


class Deeds:
    """What a person does, at random, with `app`; files go to `folder`. `done` counts by name."""

    def __init__(self, app: App, rng: random.Random, folder: Path) -> None:
        self._app, self._rng, self._folder = app, rng, folder
        self._numbers = count()
        self.done: dict[str, int] = {}
        self._all: tuple[Callable[[], None], ...] = (
            *(self._run,) * 4,
            *(self._scrub,) * 3,
            self._cancel,
            self._play,
            self._lab,
            self._export,
            self._save,
            self._open,
            self._autosave,
            self._theme,
            self._pin,
            self._resize,
        )

    def minute(self) -> None:
        """Do one thing after another for a minute."""
        end = time.monotonic() + MINUTE
        while time.monotonic() < end:
            deed = self._rng.choice(self._all)
            deed()
            name = deed.__name__.strip("_")
            self.done[name] = self.done.get(name, 0) + 1
            program.live(REST_MILLISECONDS)

    def tidy(self) -> None:
        """Come to rest: what is still computed is awaited, and but a few runs are kept."""
        session = self._app.session
        self._app.player.pause()
        self._quiet()
        program.until(lambda: all(run.status.final for run in session.runs))
        session.pin(None)
        for run in list(session.runs)[:-1]:
            session.remove(run)
        self._app.undo.clear()

    def end(self) -> None:
        """Wait until nothing is written any more."""
        self._quiet()

    def _run(self) -> None:
        slot, request = self._rng.choice(program.requests(self._rng))
        if len(self._app.session.runs) > MOST_RUNS:
            self.tidy()
        self._app.session.start(request, slot, show=self._rng.random() < 0.5)

    def _cancel(self) -> None:
        running = [run for run in self._app.session.runs if not run.status.final]
        if running:
            self._app.session.cancel(self._rng.choice(running))

    def _scrub(self) -> None:
        run = self._app.session.a
        for _ in range(20 if run else 0):
            assert run is not None
            self._app.session.seek(self._rng.uniform(run.plan.low, run.plan.high))
            program.live(10)

    def _play(self) -> None:
        self._app.player.toggle()
        program.live(300)
        self._app.player.pause()

    def _lab(self) -> None:
        self._app.window.open_lab(self._rng.choice(("diffusion", "vae", "gan")))

    def _export(self) -> None:
        run = self._whole()
        format_ = self._rng.choice(FORMATS_USED)
        path = self._folder / f"out{FORMATS[format_].suffix}"
        try:
            if run is not None:
                export(tuple(run.store), path, ExportSettings(format=format_, scale=2))
        except DiffvizError:
            pass  # not every run can be had in every format

    def _save(self) -> None:
        self._quiet()
        self._app.window.documents.save_to(self._folder / f"session-{next(self._numbers) % 3}.diffviz")

    def _open(self) -> None:
        self._quiet()
        found = sorted(self._folder.glob("*.diffviz"))
        if found and len(self._app.session.runs) <= MOST_RUNS:
            self._app.window.documents.open_all([self._rng.choice(found)])

    def _autosave(self) -> None:
        self._app.persistence.autosave.save()

    def _theme(self) -> None:
        self._quiet()
        name, values = self._rng.choice((("theme", ("dark", "light")), ("language", ("en", "ko"))))
        self._app.preferences[name] = self._rng.choice(values)

    def _pin(self) -> None:
        self._app.session.pin(self._whole())

    def _resize(self) -> None:
        self._app.window.resize(self._rng.randint(900, 1600), self._rng.randint(620, 1000))

    def _whole(self) -> Run | None:
        whole = [run for run in self._app.session.runs if run.status is Status.FINISHED and len(run.store)]
        return self._rng.choice(whole) if whole else None

    def _quiet(self) -> None:
        """Wait until no file is read or written."""
        kept = self._app.persistence
        program.until(lambda: kept.files.current is None and kept.autosave.job is None)
