"""The checks of `diffviz selftest`, on the real window."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEventLoop, QObject, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from diffviz.app import App
from diffviz.domain import gan, requests
from diffviz.domain.sentences import sentence
from diffviz.session.run import Run, Status

SECONDS = 120.0
FEWEST_COLOURS = 24
STEPS, SAMPLES = 4, 4


@dataclass(frozen=True, slots=True)
class Check:
    """One part that was tried: whether it passed, how long it took, and what there is to say."""

    name: str
    passed: bool
    seconds: float
    text: str = ""


Tell = Callable[[Check], None]


def checks(device: str, tell: Tell) -> None:
    """Open the window, compute a short run in every lab and look at what is painted; `tell` of each part."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(["diffviz"])
    began = time.monotonic()
    app = App(application, device)
    app.show()
    try:
        tell(_painted("window", began, app))
        tell(_device(app))
        for name, start in _labs(app):
            tell(_run(name, app, start))
        for name in app.window.labs:
            if name != app.window.shown.name:
                tell(_lab(name, app))
    finally:
        app.window.closed.disconnect()
        app.persistence.guard.discard()
        ended = app.close()
        app.window.deleteLater()
    tell(Check("end", ended, 0.0))


def _labs(app: App) -> list[tuple[str, Callable[[], Run]]]:
    """A short run of each kind that the labs have."""
    form = app.window.lab.form
    runs: list[tuple[str, Callable[[], Run]]] = []
    forward = form.request_for("forward")
    runs.append(("diffusion, forward", partial(app.session.start, forward, "selftest")))
    for card in app.window.labs.cards_of("diffusion"):
        request = requests.ReverseRequest(model=card.id, steps=STEPS, samples=SAMPLES, label="none")
        runs.append((f"diffusion, {card.id}", partial(app.session.start, request, "selftest")))
    training = gan.GanRequest(steps=STEPS, every=1)
    runs.append(("gan, training", partial(app.session.start, training, "selftest")))
    return runs


def _lab(name: str, app: App) -> Check:
    """Another lab, opened, with the run that it begins with; a lab that waits to be told is given a short one."""
    began = time.monotonic()
    app.window.open_lab(name)
    app.window.shown.start_first()
    if name == app.window.gan.name and app.session.a is None:
        app.session.start(gan.GanRequest(steps=STEPS, every=1), f"{name}/training")
    _until(lambda: app.session.a is not None and app.session.a.slot.startswith(name), app)
    run = app.session.a
    return _ended(name, app, run, began) if run else Check(name, False, time.monotonic() - began)


def _device(app: App) -> Check:
    began = time.monotonic()
    _until(lambda: app.session.device is not None or app.session.device_error is not None, app)
    device, error = app.session.device, app.session.device_error
    text = sentence(error) if error else f"{device.kind} · {device.name}" if device else ""
    return Check("device", device is not None and error is None, time.monotonic() - began, text)


def _run(name: str, app: App, start: Callable[[], Run]) -> Check:
    began = time.monotonic()
    return _ended(name, app, start(), began)


def _ended(name: str, app: App, run: Run, began: float) -> Check:
    """Whether `run` came to its end and can be seen."""
    _until(lambda: run.status.final, app)
    frames = len(run.store)
    if run.status is not Status.FINISHED or run.progress < 1:
        return Check(name, False, time.monotonic() - began, sentence(run.error) if run.error else run.status.value)
    drawn = _painted(name, began, app)
    return Check(name, drawn.passed, drawn.seconds, f"{frames} · {drawn.text}")


def _painted(name: str, began: float, app: App) -> Check:
    """Whether the window shows something: it is painted and counted in colours."""
    app.window.shown.draw()
    image = app.window.grab().toImage()
    seconds, colours = time.monotonic() - began, _colours(image)
    return Check(name, colours >= FEWEST_COLOURS, seconds, f"{image.width()} × {image.height()}")


def _colours(image: QImage) -> int:
    across = range(0, image.width(), max(1, image.width() // 200))
    down = range(0, image.height(), max(1, image.height() // 150))
    return len({image.pixel(x, y) for x in across for y in down})


def _until(condition: Callable[[], bool], parent: QObject) -> None:
    """Let events come in until `condition` holds, at most `SECONDS`."""
    end, loop, timer = time.monotonic() + SECONDS, QEventLoop(), QTimer(parent)
    timer.timeout.connect(lambda: loop.quit() if condition() or time.monotonic() > end else None)
    timer.start(5)
    if not condition():
        loop.exec()
    timer.stop()
    timer.deleteLater()
