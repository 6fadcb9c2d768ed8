"""A family as somebody would add one, random walks of pictures: a row, and how the engine computes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import pytest

from diffviz.domain import tagged
from diffviz.domain.arrays import F32
from diffviz.domain.errors import NoSuchStep
from diffviz.domain.frames import Frame
from diffviz.domain.panes import ExportPane
from diffviz.domain.plots import ColumnReader, Plot, PlotData, Series
from diffviz.domain.requests import Plan, Request, Step
from diffviz.domain.settings import Bounds, Help, Label
from diffviz.engine.families import COMPUTED, Computation
from diffviz.families import FAMILIES
from diffviz.families.family import Cards, Family, NamePart, Shapes, seed_part
from tests.recipes import add_row

SIDE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk(Request):
    """Pictures whose pixels walk at random for `steps` steps; from black, or on from a frame of another walk."""

    steps: Annotated[int, Label("Steps"), Bounds(1, 1000), Help("How far it walks.")] = 8
    samples: Annotated[int, Label("Samples"), Bounds(1, 16), Help("How many pictures walk.")] = 2
    size: Annotated[float, Label("Size"), Bounds(0.0, 1.0), Help("Standard deviation of a step.")] = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class WalkFrame(Frame):
    """After `position` steps: the pictures x (N, 1, 4, 4), and how far they are from where they began."""

    axis: ClassVar[str] = "step"

    x: F32
    far: float


def plan(request: Walk, cards: Cards, parent: Plan | None) -> Plan:
    first = 0.0
    if isinstance(request.start, Step):
        if parent is None or not isinstance(request.start.of, Walk):
            raise NoSuchStep(request.start.at)
        first = parent.nearest(request.start.at)
    positions = tuple(first + i for i in range(request.steps + 1))
    return Plan(0.0, positions[-1], positions, 0, 4 * request.samples * SIDE**2)


def alike(shapes: Shapes) -> bool:
    x = shapes.get("x", ())
    return len(x) == 4 and all(shape == (x if name == "x" else ()) for name, shape in shapes.items())


def reader() -> ColumnReader:
    return ColumnReader(("far",), _values)


def _values(frame: Frame) -> tuple[float]:
    assert isinstance(frame, WalkFrame)
    return (frame.far,)


def plots(data: PlotData) -> tuple[Plot, ...]:
    figures = reader().figures if data.figures is None else data.figures
    far = Series("far", "far", "distance from the beginning", "loss", figures.positions, figures["far"])
    return (Plot("far", "far", (far,)),)


WALK = Family(
    name="walk",
    request=Walk,
    frame=WalkFrame,
    plan=plan,
    frame_tag="WalkFrame",
    alike=alike,
    parts=lambda request, _cards: (NamePart("steps", f"Walk of {request.steps}", lead=True), seed_part(request)),
    panes=(ExportPane("x", "x"),),
    plots=plots,
    reader=reader,
)


def walk(run: Computation) -> Iterator[WalkFrame]:
    """Computed by the engine."""
    request, origin = run.request, run.parents_frame()
    shape = (request.samples, 1, SIDE, SIDE)
    begun = np.zeros(shape, np.float32) if origin is None else origin.arrays()["x"]
    x = begun
    for position in run.planned.positions:
        yield WalkFrame(position, x, float(np.abs(x - begun).mean()))
        noise = np.random.default_rng((request.seed, int(position))).normal(size=shape)
        x = x + np.float32(request.size) * noise.astype(np.float32)


def add_walks(patch: pytest.MonkeyPatch) -> None:
    """Add the family: its row, the engine's, and the tag of its requests in files."""
    add_row(patch, FAMILIES, Walk, WALK)
    add_row(patch, COMPUTED, Walk, walk)
    add_row(patch, tagged.TAGS, "Walk", Walk)
    add_row(patch, tagged.TAG_OF, Walk, "Walk")


def same(ours: Sequence[Frame], theirs: Sequence[Frame]) -> bool:
    """Whether the frames of two walks are equal."""
    pairs = list(zip(ours, theirs, strict=True))
    return all(a.position == b.position and np.array_equal(a.arrays()["x"], b.arrays()["x"]) for a, b in pairs)
