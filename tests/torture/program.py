"""The whole program without a display, opened and closed as often as one likes, and what it leaves in the process."""

from __future__ import annotations

import ctypes
import gc
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from statistics import linear_regression

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from diffviz.app import App
from diffviz.domain.gan import GanRequest, Ring
from diffviz.domain.latent import Anchor, PathRequest
from diffviz.domain.planar import PlanarRequest
from diffviz.domain.requests import Request, ReverseRequest
from diffviz.domain.sampling import Ddpm, Heun
from diffviz.session import engines
from tests.torture.state import Tally

PATIENCE = 300.0
TURN_MILLISECONDS = 10
PAGE = os.sysconf("SC_PAGE_SIZE")
MEGABYTE = 1e6


engines.QUIT_MILLISECONDS = 60_000  # a step that nothing can interrupt takes long beside other work


def application() -> QApplication:
    """The application object of this process."""
    found = QApplication.instance()
    return found if isinstance(found, QApplication) else QApplication(sys.argv[:1])


def opened() -> App:
    """The program with its window open and its worker ready."""
    app = App(application(), "cpu")
    app.window.closed.disconnect()
    app.window.resize(1440, 900)
    app.show()
    until(lambda: app.session.device is not None)
    return app


def close(app: App) -> None:
    """Close the window for good. Raises TimeoutError where the worker does not end in time."""
    app.persistence.guard.discard()
    if not app.close():
        raise TimeoutError("the worker did not end in time")
    app.window.deleteLater()
    app.deleteLater()


def until(there: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Let the program live until `there` holds. Raises TimeoutError."""
    end = time.monotonic() + patience
    alarm = QTimer()
    alarm.start(TURN_MILLISECONDS)
    while not there():
        if time.monotonic() > end:
            raise TimeoutError("the program did not get there")
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    alarm.stop()


def live(milliseconds: int) -> None:
    """Let the program live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def requests(rng: random.Random) -> tuple[tuple[str, Request], ...]:
    """A slot and a small request for each family that needs no picture."""
    seed = rng.randrange(1 << 30)
    points = tuple(Anchor(codes=((rng.gauss(0, 1), rng.gauss(0, 1)),)) for _ in range(2))
    steps = rng.randint(2, 24)
    return (
        ("diffusion/reverse", ReverseRequest(model="digits-ddpm", samples=2, steps=steps, seed=seed)),
        ("diffusion/beside", ReverseRequest(model="digits-ddpm", samples=1, steps=steps, sampler=Heun(), seed=seed)),
        ("diffusion/reverse", ReverseRequest(model="ideal-digits", samples=2, steps=8, images=50, sampler=Ddpm())),
        ("vae/path", PathRequest(model="digits-vae-2d", anchors=points, frames=8)),
        ("gan/training", GanRequest(data=Ring(), steps=rng.randint(5, 60), every=5, seed=seed)),
        ("instrument/plane", PlanarRequest(steps=steps, particles=50, seed=seed)),
    )


def settle() -> None:
    """Let everything that was asked to be deleted be deleted, and what is unreachable be collected."""
    for _ in range(3):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()


def trim() -> None:
    """Give back what the C library keeps of freed memory: it comes and goes, and is no growth."""
    give_back = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if give_back is not None:
        give_back(0)


def family() -> list[Path]:
    """What the system has of this process and of those that it has started."""
    parents = {path: _parent(path) for path in Path("/proc").iterdir() if path.name.isdecimal()}
    found = [Path(f"/proc/{os.getpid()}")]
    for path in found:
        found += [child for child, parent in parents.items() if parent == path.name]
    return found


def _parent(process: Path) -> str:
    try:
        return (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1]
    except OSError:
        return ""


def rss() -> float:
    """Resident memory of this process and of those that it has started in MB."""
    return sum(_rss(process) for process in family())


def _rss(process: Path) -> float:
    try:
        return int((process / "statm").read_text(encoding="ascii").split()[1]) * PAGE / MEGABYTE
    except OSError:
        return 0.0


def slope(samples: Sequence[Sequence[float]]) -> float:
    """By how many MB a unit memory grew over `samples` of (units, MB, …), which are at least two."""
    units, megabytes = [one[0] for one in samples], [one[1] for one in samples]
    return linear_regression(units, megabytes).slope if len(set(units)) > 1 else 0.0


def handles() -> int:
    """Open file handles of this process, the one that counts them left out."""
    return len(list(Path("/proc/self/fd").iterdir())) - 1


def threads() -> int:
    """Threads of this process, those of libraries included."""
    return len(list(Path("/proc/self/task").iterdir()))


def children() -> list[int]:
    """Processes that this one has started and whose end nobody has asked for."""
    found: list[int] = []
    for each in Path("/proc/self/task").iterdir():
        with suppress(OSError):  # a thread that has ended since
            found += map(int, (each / "children").read_text(encoding="ascii").split())
    return found


def objects() -> Counter[str]:
    """Living QObjects that Python holds, by the name of their class."""
    return Counter(
        type(each).__name__ for each in gc.get_objects() if issubclass(type(each), QObject) and isValid(each)
    )


def widgets() -> Counter[str]:
    """Living widgets by the name of their class. Unlike `objects` it looks at nothing that other threads work with."""
    return Counter(type(each).__name__ for each in QApplication.allWidgets())


class Watch:
    """Looks now and then at what there is, and judges at the end whether it grew."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._seen: list[Counter[str]] = []
        self.look()

    def look(self) -> None:
        """Take note; the tally gets a sample (done, MB, threads, handles, objects)."""
        settle()
        trim()
        there, running, open_now, processes = objects(), threads(), handles(), len(family())
        self._seen.append(Counter({f"{name} objects": n for name, n in there.items()}))
        self._seen[-1].update({"threads": running, "handles": open_now, "processes": processes})
        self._tally.samples.append([self._tally.done, round(rss(), 1), running, open_now, there.total()])

    def judge(self) -> None:
        """Make a fault of what there was more of in the whole last third than ever in the first."""
        self.look()
        third = max(1, len(self._seen) // 3)
        for name in sorted(set().union(*self._seen)):
            before, after = max(c[name] for c in self._seen[:third]), min(c[name] for c in self._seen[-third:])
            if after > before:
                self._tally.fault(f"{after - before} more {name} than at the beginning")
        first, last = self._tally.samples[-len(self._seen)], self._tally.samples[-1]
        later = self._tally.samples[-max(2, len(self._seen) // 2) :]
        self._tally.notes["memory"] = (
            f"{first[1]:.0f} → {last[1]:.0f} MB, {slope(later):+.3f} for each in the later half"
        )
