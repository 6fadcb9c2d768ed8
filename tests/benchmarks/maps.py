"""Measures maps and planes: `maps` is a measure of `tests.benchmarks.window`."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QWidget

from diffviz.domain.gan import GRID, Ring
from diffviz.ui.labs.gan.plane import PlaneMap
from diffviz.ui.labs.gan.plane_scene import PlaneScene, contours_of
from diffviz.ui.labs.vae.latent_map import LatentMap
from diffviz.ui.labs.vae.map_scene import MapPoints
from tests.benchmarks.figures import percentile

if TYPE_CHECKING:
    from tests.benchmarks.window import Bench

View = TypeVar("View", bound=QWidget)
SIZE = 560, 520
ROUNDS, POINTS, SHOWN = 200, 2_000, 256


def maps(bench: Bench) -> dict[str, float]:
    """A new frame of a GAN's plane; a map of 2,000 points that is panned, and the pointer that moves over it."""
    return plane(bench) | latent_map(bench)


def plane(bench: Bench) -> dict[str, float]:
    """A surface, 512 points and 256 arrows, all of them new."""
    rng, view = np.random.default_rng(0), shown(bench, PlaneMap("plane"))
    scenes = [_scene(rng) for _ in range(8)]

    def frame(number: int) -> None:
        view.scene = scenes[number % len(scenes)]
        view.recompose()

    return figures("plane", timed(view, frame))


def latent_map(bench: Bench) -> dict[str, float]:
    """2,000 points of ten classes."""
    rng, view = np.random.default_rng(0), shown(bench, LatentMap())
    mu = rng.standard_normal((POINTS, 2)).astype(np.float32)
    view.set_points(MapPoints(mu, np.full_like(mu, 0.1), mu.astype(np.float64), rng.integers(0, 10, POINTS)))
    panned = figures("pan", timed(view, lambda number: view.pan(1 if number % 2 else -1, 1)))
    moved = figures("pointer", timed(view, lambda number: view.point(QPointF(60 + number, 200))))
    return panned | moved


def shown(bench: Bench, view: View) -> View:
    """`view`, painted once."""
    view.resize(*SIZE)
    view.show()
    bench.live_for(200)
    return view


def timed(view: QWidget, change: Callable[[int], None]) -> list[float]:
    """Milliseconds from each change of `view` until it is painted."""
    taken = []
    for number in range(ROUNDS):
        start = time.perf_counter()
        change(number)
        view.repaint()
        taken.append(1e3 * (time.perf_counter() - start))
    return taken


def figures(name: str, taken: list[float]) -> dict[str, float]:
    """Median and 99th percentile."""
    return {f"{name}_median": median(taken), f"{name}_worst": percentile(taken, 0.99)}


def _scene(rng: np.random.Generator) -> PlaneScene:
    fake = rng.standard_normal((SHOWN, 2)).astype(np.float32)
    return PlaneScene(
        surface=rng.uniform(size=(GRID, GRID)).astype(np.float32),
        real=rng.standard_normal((SHOWN, 2)).astype(np.float32),
        fake=fake,
        arrows=0.1 * fake,
        contours=contours_of(Ring()),
    )
