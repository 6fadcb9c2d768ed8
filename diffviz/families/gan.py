"""GANs that are trained live.

Presets of the GAN lab: trainings that show what they promise.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import assert_never

from diffviz.domain import samples
from diffviz.domain.errors import CannotContinue, NoSuchStep, OutOfRange
from diffviz.domain.gan import (
    DATA,
    DATA_LABELS,
    EXTENT,
    GRID,
    MOST_DRAWN,
    SHOWN_IMAGES,
    SHOWN_POINTS,
    Drawn,
    GanFrame,
    GanRequest,
    Pictures,
    Ring,
    planar,
)
from diffviz.domain.panes import ExportPane
from diffviz.domain.requests import Image, Noise, Plan, Request, Step
from diffviz.domain.settings import settings_of, value_at, variant_key
from diffviz.domain.text import mark as _
from diffviz.domain.text import tr, trn
from diffviz.families import family, gan_plots
from diffviz.families.family import EVERYTHING, Cards, Family, NamePart, Shape, Shapes
from diffviz.theory.gan_distributions import modes_of

FLOAT = 4
UNSAID = ("steps", "every")
MOST_STEPS = 1_000_000
CLASSES = 10
FOLDER_SHAPE = (1, 64, 64)


def plan(request: GanRequest, cards: Cards, parent: Plan | None) -> Plan:
    """The plan of `request`.

    Raises `NoSuchStep` or `CannotContinue` for a step to continue at that is none, `OutOfRange` for an end before it or
    a drawing without points, and `DataUnsuitable` where its images are missing.
    """
    _check_data(request)
    first = _beginning(request, parent)
    if request.steps <= first:
        raise OutOfRange("steps", request.steps, math.floor(first) + 1, MOST_STEPS)
    last = float(request.steps)
    turns = range(math.floor(first / request.every) + 1, math.ceil(last / request.every))
    positions = (first, *(float(turn * request.every) for turn in turns), last)
    # of each step: G and D forth and back for every update of D, and once for that of G
    evaluations = 2 * (request.d_steps + 1) * math.ceil(last - first)
    return Plan(0.0, last, positions, evaluations, frame_bytes(request), between=True)


def frame_bytes(request: GanRequest) -> int:
    """Bytes of one frame."""
    if isinstance(request.data, Pictures):
        numbers = 2 * SHOWN_IMAGES * (math.prod(shape_of(request.data)) + 1) + CLASSES
    else:
        numbers = 2 * GRID**2 + SHOWN_POINTS * (3 * 2 + 2) + modes_of(request.data).count
    return FLOAT * (numbers + 2 * request.every)


def shape_of(data: Pictures) -> tuple[int, ...]:
    """(C, H, W) of the images; that of a folder is not known before it is read, and taken to be small."""
    if data.folder:
        return FOLDER_SHAPE
    shape = samples.load(data.dataset).shape
    return (1, *shape) if len(shape) == 2 else (shape[2], *shape[:2])


def _beginning(request: GanRequest, plan: Plan | None) -> float:
    match request.start:
        case Noise():
            return 0.0
        case Step(of=parent, at=at):
            return _continued(request, parent, plan, at)
        case Image():
            raise NoSuchStep(0)
        case _:
            assert_never(request.start)


def _continued(request: GanRequest, parent: object, plan: Plan | None, at: float) -> float:
    if plan is None or not isinstance(parent, GanRequest):
        raise NoSuchStep(at)
    positions = plan.positions
    if not positions[0] <= at <= positions[-1] or 2 * at != int(2 * at):
        raise NoSuchStep(at)
    for name, same in (
        (_("Capacity"), request.capacity == parent.capacity),
        (_("Generator"), request.generator == parent.generator or not planar(request)),
        (_("Data"), _kind(request) == _kind(parent)),
    ):
        if not same:
            raise CannotContinue(name)
    return float(at)


def _kind(request: GanRequest) -> object:
    """What data can be exchanged for each other while a training goes on: points for points, not images."""
    return request.data if isinstance(request.data, Pictures) else "points"


def _check_data(request: GanRequest) -> None:
    data = request.data
    if isinstance(data, Drawn):
        if not 1 <= len(data.points) <= MOST_DRAWN:
            raise OutOfRange("points", len(data.points), 1, MOST_DRAWN)
        for value in (value for point in data.points for value in point):
            if not abs(value) <= EXTENT:
                raise OutOfRange("points", value, -EXTENT, EXTENT)
    if isinstance(data, Pictures):
        shape_of(data)


def alike(shapes: Shapes) -> bool:
    """Points or images: as many real as generated, and D's answer to each."""
    sample = shapes.get("real", ())
    wanted: dict[str, Shape] = dict.fromkeys(("real", "fake", "arrows"), sample)
    wanted |= dict.fromkeys(("d_real", "d_fake"), sample[:1]) | dict.fromkeys(("surface", "density"), (GRID, GRID))
    free = {"loss_d", "loss_g", "per_mode"}
    return len(sample) in (2, 4) and all(
        len(shape) == 1 if name in free else shape == wanted.get(name, ()) for name, shape in shapes.items()
    )


SHARES = ("accuracy_real", "accuracy_fake", "accuracy", "low", "high", "tv", "js", "best", "quality")
SLACK = 0.01


def fits(frame: GanFrame, request: GanRequest, cards: Cards) -> bool:
    """Whether `frame` has points where `request` is about points, or images of the size that it is about."""
    shares = (getattr(frame, name) for name in SHARES)
    if not all(math.isnan(share) or -SLACK <= share <= 1 + SLACK for share in shares) or math.isinf(frame.covered):
        return False
    pictured = (frame.surface, frame.density, frame.arrows)
    if not isinstance(request.data, Pictures):
        return frame.real.ndim == 2 and frame.real.shape[1] == 2 and all(found is not None for found in pictured)
    of_folder = bool(request.data.folder)
    return frame.real.ndim == 4 and (of_folder or frame.real.shape[1:] == shape_of(request.data))


def training_of(request: object) -> GanRequest | None:
    """`request` where it is one to train a GAN."""
    return request if isinstance(request, GanRequest) else None


def needs_fresh_networks(before: object, after: GanRequest) -> bool:
    """Whether a training with the settings `after` cannot go on with the networks of the request `before`."""
    if not isinstance(before, GanRequest):
        return True
    same = before.capacity == after.capacity and (before.generator == after.generator or not planar(after))
    points = planar(before) and planar(after)
    return not same or not (points or before.data == after.data)


def name_parts(request: GanRequest, cards: Cards) -> tuple[NamePart, ...]:
    """The preset or the data, and what differs from it; or what is new since the training that it goes on from."""
    if isinstance(request.start, Step):
        base, called = request.start.of, tr("from step {n}").format(n=f"{request.start.at:,g}")
    else:
        base, called = _likened(request)
    named = called != data_name(request)  # then it would be another one without what is new
    new = (NamePart(key, text, lead=named, detail=True) for key, text in _changed(base, request) if key != "seed")
    steps = trn("{n} step", "{n} steps", request.steps).format(n=f"{request.steps:,}")
    length = steps if request.steps != getattr(base, "steps", request.steps) else ""
    first = NamePart("start", called, lead=True, covers=EVERYTHING)
    return first, *new, NamePart("steps", length, detail=True), family.seed_part(request)


def _likened(request: GanRequest) -> tuple[Request, str]:
    """The settings that `request` is most like, of its data or of a preset, and what they are called."""
    usual = request.data if isinstance(request.data, Pictures) else type(request.data)()
    known = [(GanRequest(data=usual), data_name(request))]
    known += [(preset.request, tr(preset.label)) for preset in PRESETS.values()]
    return min(known, key=lambda one: len(_changed(one[0], dataclasses.replace(request, seed=one[0].seed))))


def data_name(request: GanRequest) -> str:
    """What a GAN is trained on, in a word or two."""
    if isinstance(request.data, Pictures):
        wanted = request.data.dataset.casefold()
        return next((name for name in samples.datasets() if name.casefold() == wanted), request.data.dataset)
    return tr(DATA_LABELS[variant_key(DATA, request.data)])


def changes(before: Request, after: Request) -> tuple[str, ...]:
    """The settings that differ, as a person reads them: "R1 1.00"."""
    return tuple(text for _, text in _changed(before, after))


def _changed(before: Request, after: Request) -> list[tuple[str, str]]:
    """The settings that differ and their words, by their paths."""
    found = []
    for setting in settings_of(after, every=True):
        if setting.path[0] in UNSAID:
            continue
        try:
            old, new = value_at(before, setting.path), value_at(after, setting.path)
        except AttributeError:
            continue
        if old != new:
            found.append((".".join(setting.path), family.setting_words(setting, new)))
    return found


def command(request: GanRequest, cards: Cards) -> Sequence[str] | None:
    """All of it is said for fresh networks and data that have a name."""
    data = request.data
    folder = isinstance(data, Pictures) and data.folder
    if not isinstance(request.start, Noise) or isinstance(data, Drawn) or folder:
        return None
    named = data.dataset if isinstance(data, Pictures) else variant_key(DATA, data)
    given = list(family.options(request, None))
    if "--data" in given:  # is said in words of its own
        at = given.index("--data")
        del given[at : at + 2]
    return "gan", "--data", named, *given


def networks(request: GanRequest) -> str:
    """A name for its networks; trainings with networks alike have the same."""
    return f"gan/{'points' if planar(request) else request.data}/{request.capacity}"


def panes_there(first: GanFrame, every: tuple[ExportPane, ...]) -> tuple[ExportPane, ...]:
    """The plane in two dimensions, else images."""
    return tuple(pane for pane in every if bool(pane.drawing) == (first.surface is not None))


FAMILY = Family(
    name="gan",
    request=GanRequest,
    frame=GanFrame,
    lab="gan",
    plan=plan,
    long=True,
    frame_tag="GanFrame",
    alike=alike,
    fits=fits,
    networks=networks,
    samples=lambda request: request.batch,
    moment=lambda at: tr("step {n}").format(n=f"{at:,g}"),
    parts=name_parts,
    command=command,
    panes=(
        ExportPane("plane", _("D(x), real and generated"), drawing="judged"),
        ExportPane("best", _("D*(x), the best possible"), hue="loss", drawing="best"),
        ExportPane("fake", "G(z)", hue="generated"),
        ExportPane("real", "x", hue="alpha_bar"),
    ),
    panes_there=panes_there,
    plots=gan_plots.plots,
    reader=gan_plots.GanReader,
    numbers=gan_plots.numbers,
    remarks=gan_plots.remarks,
)


@dataclass(frozen=True, slots=True)
class Preset:
    """A training with a `label` and a `sentence` on what it shows (both English, translated when shown)."""

    label: str
    sentence: str
    request: GanRequest


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "equilibrium": Preset(
            _("Reaches equilibrium"),
            _("G learns all eight modes, until the best possible D can only guess."),
            GanRequest(
                data=Ring(std=0.5), r1=0.1, g_rate=3e-4, d_rate=2e-3, beta1=0.0, ema=0.999, steps=4000, every=40
            ),
        ),
        "d_wins": Preset(
            _("Discriminator wins"),
            _("With the saturating loss a D that is sure passes no gradient on: G stops learning."),
            GanRequest(loss="saturating", d_rate=5e-3, g_rate=1e-4, d_steps=5, steps=1000),
        ),
        "collapse": Preset(
            _("Mode collapse"),
            _("G puts its samples on the few modes that fool this D."),
            GanRequest(g_rate=5e-3, d_rate=1e-4, steps=1500),
        ),
        "perfect": Preset(
            _("Perfect generator"),
            _("G draws from the data: on fresh data any D is right half of the time, in expectation."),
            GanRequest(generator="exact", steps=1500),
        ),
        "from_equilibrium": Preset(
            _("Train on from equilibrium"),
            _("G starts perfect: what moves it then is noise alone."),
            GanRequest(generator="residual", g_rate=3e-4, every=50),
        ),
        "from_equilibrium_r1": Preset(
            _("Train on, with R1"),
            _("The same with the penalty R1, which damps the drift."),
            GanRequest(generator="residual", g_rate=3e-4, every=50, r1=10.0),
        ),
    }
)
