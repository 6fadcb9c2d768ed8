"""One kind of run: what differs between kinds, as one row of the table `FAMILIES`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diffviz.domain.cards import Card
from diffviz.domain.frames import Frame
from diffviz.domain.plan import Plan
from diffviz.domain.plots import FigureReader, Plot, PlotData
from diffviz.domain.requests import Request
from diffviz.domain.schedules import ProcessSettings

Cards = Mapping[str, Card]
Shape = tuple[int, ...]
Shapes = Mapping[str, Shape]
"""Shapes of a frame's fields by name; numbers have the shape ()."""
Numbers = Callable[[Frame], Mapping[str, float]]
"""What tables say of a frame in one number each; the same names for all frames of a run."""


def no_plots(data: PlotData) -> tuple[Plot, ...]:
    """The plots of a run that has none."""
    return ()


def pixel_numbers(frames: Sequence[Frame]) -> Numbers:
    """Mean and deviation of all pixels of x, for frames that have one."""
    return _pixels


def _pixels(frame: Frame) -> dict[str, float]:
    if "x" not in frame.arrays():
        return {}
    x = frame.arrays()["x"].astype(np.float64)
    return {"mean_x": float(x.mean()), "std_x": float(x.std())}


def no_schedule(request: Any, cards: Cards) -> ProcessSettings | None:
    """The process of a run that has none."""
    return None


def never(shapes: Shapes) -> bool:
    """Whether fields of `shapes` can be those of a frame that no file has."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Family:
    """One kind of run.

    `name` is its key. `request` and `frame` are its classes. `plan(request, cards, parent)` gives the plan of a request
    whose settings were checked one by one; `parent` is the plan of the run that it continues. `schedule(request,
    cards)` describes the noising process in force, None where there is none.

    `frame_tag` names the class of its frames in session files: it is part of the format and stays when that gets
    another name; empty, they are not kept. `alike(shapes)` says whether arrays of given shapes, as a stranger's file
    has them, can be the fields of one frame.

    `plots(data)` declares the plots of a run over its axis, in the language in force and with what is known of it;
    `reader()` reads the figures that they are made of from its frames, None where they need none. `numbers(frames)`
    gives what a table says of each of these frames beside the curves.
    """

    name: str
    request: type[Request]
    frame: type[Frame]
    plan: Callable[[Any, Cards, Plan | None], Plan]
    schedule: Callable[[Any, Cards], ProcessSettings | None] = no_schedule
    frame_tag: str = ""
    alike: Callable[[Shapes], bool] = never
    plots: Callable[[PlotData], tuple[Plot, ...]] = no_plots
    reader: Callable[[], FigureReader] | None = None
    numbers: Callable[[Sequence[Frame]], Numbers] = pixel_numbers
