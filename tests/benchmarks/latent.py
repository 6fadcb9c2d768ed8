"""Measures the VAE lab in the window: `hovering`, `path` and `mapping` are measures of `tests.benchmarks.window`."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF

from diffviz.domain.latent import Decoded, Encode, Encoded
from diffviz.session.run import Status
from diffviz.ui.labs.vae.latent_map import LatentMap
from tests.benchmarks.figures import percentile

if TYPE_CHECKING:
    from tests.benchmarks.window import Bench

POINTS = 300
ROUNDS = 7
FRAMES = 64


def latent(bench: Bench) -> dict[str, float]:
    """A decoded point with its paint, a path of 64 frames under two models, and the map of all sample pictures."""
    view = opened(bench)
    hovered = hover(bench, view, 20) and hover(bench, view, POINTS)
    return {
        "point_median": median(hovered),
        "point_worst": percentile(hovered, 0.99),
        "path": path(bench),
        "map": mapped(bench),
    }


def opened(bench: Bench) -> LatentMap:
    """The map of the VAE lab, with its points."""
    bench.app.window.open_lab("vae")
    lab = bench.app.window.vae
    view = lab.stage.maps[0]
    bench.until(lambda: view.scene.points is not None and finished(bench))
    return view


def hover(bench: Bench, view: LatentMap, moves: int) -> list[float]:
    """Milliseconds from the pointer's move to the painted map with the image decoded there."""
    from tests.benchmarks.window import Painted

    answers: list[object] = []
    bench.app.session.answered.connect(lambda _view, answer: answers.append(answer))
    painted, rng, taken = Painted(view), np.random.default_rng(0), []
    left, top, width, height = view.scale.area
    for x, y in rng.uniform([left, top], [left + width, top + height], (moves, 2)):
        bench.live_for(20)
        answers.clear()
        view.pointer = QPointF(x, y)
        start = time.perf_counter()
        view.hovered.emit(*view.scale.to_plane(x, y))
        bench.until(lambda: any(isinstance(answer, Decoded) for answer in answers))
        painted.seen = False
        view.update()
        bench.until(lambda: painted.seen)
        taken.append(1e3 * (time.perf_counter() - start))
    view.removeEventFilter(painted)
    return taken


def path(bench: Bench) -> float:
    """Milliseconds from a changed setting to the last of 64 frames, of two models each."""
    draft, taken = bench.app.window.vae.form.draft, []
    for i in range(ROUNDS):
        draft.set_value(("frames",), FRAMES - 1 - i % 2, "Frames")
        bench.until(lambda: finished(bench))
        start = time.perf_counter()
        draft.set_value(("frames",), FRAMES, "Frames")
        bench.until(lambda: finished(bench))
        taken.append(1e3 * (time.perf_counter() - start))
    return median(taken)


def mapped(bench: Bench) -> float:
    """Milliseconds from the question for the codes of all sample pictures to their answer."""
    lab, session, taken = bench.app.window.vae, bench.app.session, []
    assert lab.codes.data is not None
    images, answers = lab.codes.data.images, list[object]()
    session.answered.connect(lambda _view, answer: answers.append(answer))
    for _ in range(ROUNDS):
        answers.clear()
        start = time.perf_counter()
        session.ask("bench/map", Encode(lab.cards[0].id, images=images))
        bench.until(lambda: any(isinstance(answer, Encoded) for answer in answers))
        taken.append(1e3 * (time.perf_counter() - start))
    return median(taken)


def finished(bench: Bench) -> bool:
    """Whether the path that the form asks for has been computed."""
    run, request = bench.app.session.a, bench.app.window.vae.form.request()
    return run is not None and run.status is Status.FINISHED and run.request == request
