"""One kind of run: what differs between kinds, as one row of the table `FAMILIES`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diffviz.domain.cards import Card
from diffviz.domain.frames import Frame
from diffviz.domain.panes import ORIGINAL_KEY, ExportPane, Pane
from diffviz.domain.plan import Plan
from diffviz.domain.plots import FigureReader, Plot, PlotData
from diffviz.domain.requests import Request
from diffviz.domain.schedules import ProcessSettings
from diffviz.domain.settings import Setting
from diffviz.domain.text import tr

Cards = Mapping[str, Card]
Shape = tuple[int, ...]
Shapes = Mapping[str, Shape]
"""Shapes of a frame's fields by name; numbers have the shape ()."""
SEED = ("seed",)
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


def always(frame: Any, request: Any, cards: Cards) -> bool:
    """Whether a frame of the right class can be one of a run, where its class and its size say so."""
    return True


def said(request: Request, *parts: str) -> str:
    """`parts` that are not empty and the seed, as the name of a run."""
    return " · ".join(part for part in (*parts, tr("seed {n}").format(n=request.seed)) if part)


def described(request: Request, cards: Cards) -> str:
    """What sets a run apart whose family has no words for it."""
    return said(request, type(request).__name__.removesuffix("Request"))


def moment(at: float) -> str:
    """A frame as what another run starts from."""
    return f"{at:g}"


def file_name(request: Request, card: Card | None) -> str:
    """A name for files that show a run."""
    return f"run-seed{request.seed}"


def no_command(request: Any, cards: Cards) -> Sequence[str] | None:
    """The command for a run that only its record says all of."""
    return None


def nothing_told(request: Any, count: int) -> tuple[int | None, ...]:
    """The classes of samples of which a model is told nothing."""
    return ()


def sample_names(request: Any, cards: Cards) -> tuple[str, ...]:
    """The names of samples that have none."""
    return ()


def one_model(request: Any) -> str:
    """The model of a request that names one, or nothing."""
    return getattr(request, "model", None) or ""


def samples_asked(request: Any) -> int:
    """How many images a request asks for at once."""
    return int(getattr(request, "samples", 1))


def there(first: Frame, panes: tuple[ExportPane, ...]) -> tuple[ExportPane, ...]:
    """Those of `panes` that the run whose first frame is `first` has: of its arrays, and where it starts at 0."""
    known = {*first.arrays(), *((ORIGINAL_KEY,) if first.position == 0 else ())}
    return tuple(pane for pane in panes if pane.key in known)


def no_pictures(frame: Any, step_noise: bool) -> tuple[Pane, ...]:
    """The panes of frames that are not shown as pictures."""
    return ()


def as_asked(request: Any, card: Card | None) -> Any:
    """A request that fits every model."""
    return request


def every_setting(setting: Setting, request: Any, card: Card | None) -> bool:
    """Whether a setting has an effect: all have."""
    return True


def as_declared(setting: Setting, card: Card | None) -> float | None:
    """The most that a setting can be for a model, where that sets no limit."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Family:
    """One kind of run. `name` is its key; `request` and `frame` are its classes. `lab` names the lab that its runs are
    watched in; empty, that is one made from this row, called `title` (English, translated when shown).

    How it is computed: `plan(request, cards, parent)` gives the plan of a request whose settings were checked one by
    one; `parent` is the plan of the run that it continues. `schedule(request, cards)` describes the noising process in
    force, None where there is none. `networks(request)` names the networks that it computes with, alike for those that
    cost alike, and `samples(request)` counts what is computed at once. With `instant` it takes no time worth keeping.

    A `long` one takes minutes or hours: it is computed in a process of its own, and none of the others waits for it.

    What goes on from it: with `sampled` its frames are the steps of `request.sampler`, from each of which a run can go
    on with other noise; with `denoisable` they are noisy pictures, which a reverse run can start at. `moment(at)` says
    where such a run starts.

    In files: `frame_tag` names the class of its frames: it is part of the format and stays when that gets another
    name; empty, they are not kept. `alike(shapes)` says whether arrays of given shapes, as a stranger's file has them,
    can be the fields of one frame, `fits(frame, request, cards)` whether a frame can be one of a run.

    In words: `describe(request, cards)` is what sets it apart, `file_name(request, card)` a name for files that show
    it, `command(request, cards)` its words for `diffviz export`, without the file's name, None where these do not say
    all; `told(request, count)` are the classes that a model of `count` classes is told of its samples, None for p(x),
    and `sample_names(request, cards)` the names of these; `classes` what a model can be told beside a class.

    As pictures: `panes` are those that files can show, `panes_there(first, panes)` those of a run with that first
    frame; `pictures(frame, step_noise)` are those of the window.

    In forms: `fit(request, card)` brings a request within what the model of a card can do, `matters(setting, request,
    card)` says whether a setting has an effect, `most(setting, card)` what it can be at most.

    `plots(data)` declares the plots of a run over its axis, in the language in force and with what is known of it;
    `reader()` reads the figures that they are made of from its frames, None where they need none. `numbers(frames)`
    gives what a table says of each of these frames beside the curves.
    """

    name: str
    request: type[Request]
    frame: type[Frame]
    title: str = ""
    lab: str = ""

    plan: Callable[[Any, Cards, Plan | None], Plan]
    schedule: Callable[[Any, Cards], ProcessSettings | None] = no_schedule
    networks: Callable[[Any], str] = one_model
    samples: Callable[[Any], int] = samples_asked
    long: bool = False
    instant: Callable[[Any], bool] = lambda request: False

    sampled: bool = False
    denoisable: bool = False
    moment: Callable[[float], str] = moment

    frame_tag: str = ""
    alike: Callable[[Shapes], bool] = never
    fits: Callable[[Any, Any, Cards], bool] = always

    describe: Callable[[Any, Cards], str] = described
    file_name: Callable[[Any, Card | None], str] = file_name
    command: Callable[[Any, Cards], Sequence[str] | None] = no_command
    told: Callable[[Any, int], tuple[int | None, ...]] = nothing_told
    sample_names: Callable[[Any, Cards], tuple[str, ...]] = sample_names
    classes: tuple[str, ...] = ()

    panes: tuple[ExportPane, ...] = ()
    panes_there: Callable[[Any, tuple[ExportPane, ...]], tuple[ExportPane, ...]] = there
    pictures: Callable[[Any, bool], tuple[Pane, ...]] = no_pictures

    fit: Callable[[Any, Card | None], Any] = as_asked
    matters: Callable[[Setting, Any, Card | None], bool] = every_setting
    most: Callable[[Setting, Card | None], float | None] = as_declared
    plots: Callable[[PlotData], tuple[Plot, ...]] = no_plots
    reader: Callable[[], FigureReader] | None = None
    numbers: Callable[[Sequence[Frame]], Numbers] = pixel_numbers
