"""One kind of run: what differs between kinds, as one row of the table `FAMILIES`.

Words that several families say of their runs: classes, samplers, branches, options of the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diffviz.domain import ideal, objective, planar, samples, sampling
from diffviz.domain.cards import Card, told_apart
from diffviz.domain.frames import Frame
from diffviz.domain.panes import ORIGINAL_KEY, ExportPane, Pane
from diffviz.domain.plots import FigureReader, Plot, PlotData
from diffviz.domain.requests import EACH, NO_CLASS, Image, Plan, Request, ReverseRequest, Step, labels_of
from diffviz.domain.sample_rows import SampleRows
from diffviz.domain.settings import Setting, settings_of, value_at, variant_key
from diffviz.domain.text import plain, tr, trn

Cards = Mapping[str, Card]
Shape = tuple[int, ...]
Shapes = Mapping[str, Shape]
"""Shapes of a frame's fields by name; numbers have the shape ()."""
SEED, IMAGES = ("seed",), ("images",)
MODEL = "model"
Remarks = Callable[[Any], tuple[str, str]]
"""What is to be said of a frame of a run: a word or two, and a sentence or two; translated."""
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


def no_remarks(frames: Sequence[Frame]) -> Remarks | None:
    """Nothing is to be said of a frame but where it stands."""
    return None


def no_schedule(request: Any, cards: Cards) -> sampling.ProcessSettings | None:
    """The process of a run that has none."""
    return None


def never(shapes: Shapes) -> bool:
    """Whether fields of `shapes` can be those of a frame that no file has."""
    return False


def always(frame: Any, request: Any, cards: Cards) -> bool:
    """Whether a frame of the right class can be one of a run, where its class and its size say so."""
    return True


@dataclass(frozen=True, slots=True)
class NamePart:
    """What the name of a run says of one thing, `key`: the path of a setting, where it is one.

    `text` is empty where that is as it mostly is. A `lead` is said always, others where a run's neighbours differ in
    them: those with the same leads, where it is a `detail`. Of the settings at the paths `covers` no more is said.
    `pictures` are what the run starts from, by SHA-256.
    """

    key: str
    text: str
    lead: bool = False
    detail: bool = False
    covers: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()


EVERYTHING = ("*",)
"""What a part covers that stands for all settings."""


def seed_part(request: Request) -> NamePart:
    """The seed, where a family draws anything."""
    return NamePart("seed", tr("seed {n}").format(n=request.seed))


def setting_words(setting: Setting, value: object) -> str:
    """A setting with its `value`, as a person reads it: "R1 0.5"."""
    if setting.choices is not None:
        written = tr(setting.choices[str(value)])
    elif isinstance(value, bool):
        written = tr("on") if value else tr("off")
    else:
        written = f"{value:,g}" if isinstance(value, int | float) else str(value)
    return f"{plain(tr(setting.label))} {written}"


def named_parts(request: Request, cards: Cards) -> tuple[NamePart, ...]:
    """The words for a run whose family has none: its kind and its seed."""
    return NamePart("kind", type(request).__name__.removesuffix("Request"), lead=True), seed_part(request)


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


def no_rows(request: Any) -> SampleRows | None:
    """The rows of samples of which none have anything in common."""
    return None


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

    In words: `parts(request, cards)` are those of its name, in their order; what else runs differ in is said by the
    labels of settings (`naming`). `file_name(request, card)` is a name for files that show it,
    `command(request, cards)` its words for `diffviz export`, without the file's name, None where these do not say all;
    `told(request, count)` are the classes that a model of `count` classes is told of its samples, None for p(x),
    and `sample_names(request, cards)` the names of these; `classes` what a model can be told beside a class.
    `rows(request)` says which samples are of one picture, None where there is nothing to say.

    As pictures: `panes` are those that files can show, `panes_there(first, panes)` those of a run with that first
    frame; `pictures(frame, step_noise)` are those of the window.

    In forms: `fit(request, card)` brings a request within what the model of a card can do, `matters(setting, request,
    card)` says whether a setting has an effect, `most(setting, card)` what it can be at most.

    `plots(data)` declares the plots of a run over its axis, in the language in force and with what is known of it;
    `reader()` reads the figures that they are made of from its frames, None where they need none. `numbers(frames)`
    gives what a table says of each of these frames beside the curves, `remarks(frames)` what the caption of a picture
    says of each of a run's frames, in the order of computation, None for nothing.
    """

    name: str
    request: type[Request]
    frame: type[Frame]
    title: str = ""
    lab: str = ""

    plan: Callable[[Any, Cards, Plan | None], Plan]
    schedule: Callable[[Any, Cards], sampling.ProcessSettings | None] = no_schedule
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

    parts: Callable[[Any, Cards], tuple[NamePart, ...]] = named_parts
    file_name: Callable[[Any, Card | None], str] = file_name
    command: Callable[[Any, Cards], Sequence[str] | None] = no_command
    told: Callable[[Any, int], tuple[int | None, ...]] = nothing_told
    sample_names: Callable[[Any, Cards], tuple[str, ...]] = sample_names
    classes: tuple[str, ...] = ()
    rows: Callable[[Any], SampleRows | None] = no_rows

    panes: tuple[ExportPane, ...] = ()
    panes_there: Callable[[Any, tuple[ExportPane, ...]], tuple[ExportPane, ...]] = there
    pictures: Callable[[Any, bool], tuple[Pane, ...]] = no_pictures

    fit: Callable[[Any, Card | None], Any] = as_asked
    matters: Callable[[Setting, Any, Card | None], bool] = every_setting
    most: Callable[[Setting, Card | None], float | None] = as_declared
    plots: Callable[[PlotData], tuple[Plot, ...]] = no_plots
    reader: Callable[[], FigureReader] | None = None
    numbers: Callable[[Sequence[Frame]], Numbers] = pixel_numbers
    remarks: Callable[[Sequence[Any]], Remarks | None] = no_remarks


def class_name(label: str | int, classes: tuple[str, ...]) -> str:
    """Name of what a model is told."""
    if label == EACH:
        return tr("one of each class")
    if label == objective.OWN:
        return tr("each picture's own class")
    if label == NO_CLASS or not isinstance(label, int) or label >= len(classes):
        return tr("none · p(x)")
    return tr(classes[label])


def class_words(label: str | int, classes: tuple[str, ...]) -> str:
    """What a model is told, where nothing else says that it is a class: "Bag", but "class 7"."""
    name = class_name(label, classes)
    return tr("class {name}").format(name=name) if name.isnumeric() else name


def told(label: str | int, samples: int, count: int) -> tuple[int | None, ...]:
    """The class that each of `samples` is told; nothing for one that a model of `count` classes does not have."""
    try:
        return labels_of(label, samples, count)
    except ValueError:
        return ()


def known(label: str | int, card: Card | None) -> bool:
    """Whether the model of `card` can be told `label`."""
    if label == NO_CLASS and card is not None and card.always_told:
        return False
    return not isinstance(label, int) or (card is not None and label < len(card.classes))


def model_name(model: str, cards: Cards) -> str:
    """What model `model` is called."""
    return told_apart(cards[model], cards) if model in cards else model


def model_part(model: str, cards: Cards, *, lead: bool = False) -> NamePart:
    """The model that computes a run."""
    return NamePart(MODEL, model_name(model, cards), lead=lead)


def sampler_part(request: ReverseRequest | planar.PlanarRequest) -> NamePart:
    """How a run samples: said always, as nobody knows a run without it."""
    return NamePart("sampler", sampler_words(request), lead=True, covers=("steps", "sampler.eta"))


def sampler_words(request: ReverseRequest | planar.PlanarRequest) -> str:
    """How `request` samples: sampler, steps, and η where it has one."""
    sampler = request.sampler
    name = tr(sampling.names_for(request)[variant_key(sampling.SAMPLERS, sampler)])
    eta = getattr(sampler, "eta", 0.0)
    return f"{name} {request.steps:,}{f' η {eta:g}' if eta else ''}"


def sampler_key(request: ReverseRequest | planar.PlanarRequest) -> str:
    """How `request` samples, for the name of a file."""
    return f"{variant_key(sampling.SAMPLERS, request.sampler)}-{request.steps}-seed{request.seed}"


def start_parts(request: Request) -> tuple[NamePart, ...]:
    """Where `request` starts: as a branch of a run of its kind, on from one of another, or at pictures."""
    match request.start:
        case Step(of=parent, at=at, sample=sample):
            text = tr("branch at t = {t}") if type(parent) is type(request) else tr("from t = {t}")
            alone = "" if sample is None else tr("sample {n}").format(n=sample + 1)
            return NamePart("start", text.format(t=f"{at:g}"), lead=True), NamePart("start.sample", alone)
        case Image(sha256=names):
            count = trn("{n} picture", "{n} pictures", len(names)).format(n=len(names))
            return (NamePart("start", count, pictures=names),)
        case _:
            return ()


def options(request: Request, card: Card | None) -> Iterator[str]:
    """The settings of `request` as options of the command line."""
    for setting in settings_of(request):
        value = value_at(request, setting.path)
        if setting.path == IMAGES and card is not None:
            value = min(value, ideal.sample_size(ideal.suited(card, request)))
        if setting.name == "class" and value == NO_CLASS and not (card and card.conditional):
            continue
        if setting.name == "guidance" and value == 1.0:
            continue
        if isinstance(value, bool):
            yield f"--{setting.name}" if value else f"--no-{setting.name}"
        else:
            yield from (f"--{setting.name}", f"{value!r}" if isinstance(value, float) else str(value))


def pictures(request: Request) -> tuple[str, ...] | None:
    """The pictures that `request` starts from as options; None where they are not bundled."""
    found = samples.located(request.start.sha256) if isinstance(request.start, Image) else None
    return ("--dataset", found[0], "--index", *map(str, found[1])) if found else None
