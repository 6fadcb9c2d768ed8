"""The reverse process: a trained network that denoises, from noise or from a frame of another run."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from itertools import pairwise

from diffviz.domain import panes, sampling
from diffviz.domain.cards import Card
from diffviz.domain.errors import OutOfRange
from diffviz.domain.frames import ReverseFrame
from diffviz.domain.requests import (
    DIRECTIONS,
    EACH,
    NO_CLASS,
    PARTS,
    Image,
    Noise,
    Plan,
    Request,
    ReverseRequest,
    Step,
    ancestry,
    asks_ideal,
)
from diffviz.domain.sample_rows import SampleRows, grouped
from diffviz.domain.settings import Setting, followed
from diffviz.domain.text import tr
from diffviz.families import diffusion, family
from diffviz.families.family import Cards, Family, NamePart
from diffviz.theory.processes import process_of

ARRAYS = 3
STEPS, EVERY = ("steps",), ("every",)
LARGE_BYTES = 128 << 20


def plan(request: ReverseRequest, cards: Cards, parent: Plan | None) -> Plan:
    """The plan of `request`."""
    card = diffusion.model_of(request, cards)
    schedule = diffusion.trained_on(card)
    diffusion.check_class(request.label, card)
    if card.always_told and request.guidance != 1.0:
        raise OutOfRange("guidance", request.guidance, 1.0, 1.0)
    path = diffusion.visits_of(request, schedule, parent, DIRECTIONS)
    diffusion.check_signal(card, path[0], clip=request.clip)
    positions, high = thinned(path, request.every), process_of(schedule).T
    passes = 2 if guided(request, card) else 1
    size = math.prod(card.shape) * request.samples * diffusion.FLOAT
    count = passes * diffusion.evaluations_of(request, path, schedule)
    return Plan(0.0, high, positions, count, ARRAYS * size, schedule=schedule, visited=path)


def fits(frame: ReverseFrame, request: ReverseRequest, cards: Cards) -> bool:
    """Whether `frame` has the pictures that `request` asks of its model, at a time of its process."""
    card = diffusion.model_of(request, cards)
    return frame.x.shape == (request.samples, *card.shape) and diffusion.on_process(frame, diffusion.trained_on(card))


def thinned(path: Sequence[float], every: int) -> tuple[float, ...]:
    """Every n-th of `path`, and its last."""
    return tuple(t for i, t in enumerate(path) if i % every == 0 or i == len(path) - 1)


def guided(request: ReverseRequest, card: Card) -> bool:
    """Whether every step takes a second evaluation, without the class."""
    return card.conditional and request.label != "none" and request.guidance != 1.0


def name_parts(request: ReverseRequest, cards: Cards) -> tuple[NamePart, ...]:
    """Where it goes on from, the model, the sampler, the set of an ideal denoiser, the class and the guidance."""
    return (
        *family.start_parts(request),
        family.model_part(request.model, cards),
        family.sampler_part(request),
        *_exact(request),
        *_told(request, cards),
        family.seed_part(request),
    )


def _exact(request: ReverseRequest) -> tuple[NamePart, ...]:
    """What sets an ideal denoiser apart from the one that is offered first."""
    if not asks_ideal(request):
        return ()
    base, process = ReverseRequest(), request.process
    schedule = "" if isinstance(process, sampling.OfNetwork) else sampling.PROCESS_LABELS[sampling.process_key(process)]
    few = tr("{n} images").format(n=f"{request.images:,}")
    return (
        NamePart("part", tr(PARTS[request.part]) if request.part != base.part else ""),
        NamePart("images", few if request.images != base.images else ""),
        NamePart("process", tr(schedule)),
    )


def _told(request: ReverseRequest, cards: Cards) -> tuple[NamePart, ...]:
    """The class and the guidance, which an unconditional model does not know."""
    card, label = cards.get(request.model), request.label
    if card is None or not card.conditional:
        return NamePart("label", ""), NamePart("guidance", "")
    none = label == NO_CLASS
    named = "" if label == EACH else tr("no class") if none else family.class_words(label, card.classes)
    guidance = tr("guidance {s}").format(s=f"{request.guidance:g}")
    return NamePart("label", named), NamePart("guidance", guidance if request.guidance != 1.0 and not none else "")


def command(request: ReverseRequest, cards: Cards) -> Sequence[str] | None:
    """All of it is said where it starts at pure noise."""
    if not isinstance(request.start, Noise):
        return None
    return "reverse", "--model", request.model, *family.options(request, cards.get(request.model))


def told(request: ReverseRequest, count: int) -> tuple[int | None, ...]:
    """The class of each sample."""
    return family.told(request.label, request.samples, count)


def sample_names(request: ReverseRequest, cards: Cards) -> tuple[str, ...]:
    """The class that each sample is drawn of; empty for p(x)."""
    card = cards.get(request.model)
    labels = told(request, len(card.classes)) if card else ()
    return tuple("" if label is None or card is None else tr(card.classes[label]) for label in labels)


def rows_of(request: ReverseRequest) -> SampleRows | None:
    """Which samples restore the same picture, or branch off the same sample of the run where all began."""
    line = ancestry(request)
    sources = list(range(request.samples))
    for each, parent in pairwise(line):
        start, count = each.start, max(1, _count(parent))
        alone = start.sample if isinstance(start, Step) else None
        sources = [(i if alone is None else alone) % count for i in sources]
    root = line[-1].start
    return grouped(sources, root.sha256 if isinstance(root, Image) else ())


def _count(request: Request) -> int:
    """How many samples a run of either direction has."""
    return len(request.start.sha256) if isinstance(request.start, Image) else family.samples_asked(request)


def fit(request: ReverseRequest, card: Card | None) -> ReverseRequest:
    """No more steps than the model has timesteps, no class that it does not know."""
    steps = min(request.steps, card.timesteps) if card and card.timesteps else request.steps
    label = request.label if family.known(request.label, card) else EACH
    new = card is not None and card.id != request.model
    explodes = card is not None and isinstance(card.schedule, sampling.VarianceExploding)
    if new and explodes and request.spacing == "trailing":
        request = dataclasses.replace(request, spacing="karras")  # or nearly all of the visits were of noise
    guidance = 1.0 if card and card.always_told else request.guidance
    fitted = dataclasses.replace(request, model=card.id if card else "", steps=steps, label=label, guidance=guidance)
    return followed(request, fitted)


def matters(setting: Setting, request: ReverseRequest, card: Card | None) -> bool:
    """Leaving frames out is offered where all of them are much."""
    every_bytes = (math.prod(card.shape) if card else 0) * request.samples * request.steps * ARRAYS * diffusion.FLOAT
    return setting.path != EVERY or request.every != setting.default or every_bytes > LARGE_BYTES


def most(setting: Setting, card: Card | None) -> float | None:
    """Each of the model's timesteps is visited at most once."""
    return (card.timesteps if card else None) or None if setting.path == STEPS else None


FAMILY = Family(
    name="reverse",
    request=ReverseRequest,
    frame=ReverseFrame,
    lab="diffusion",
    plan=plan,
    schedule=diffusion.schedule_of_model,
    sampled=True,
    denoisable=True,
    moment=lambda at: tr("reverse run at t = {t}").format(t=f"{at:g}"),
    frame_tag="ReverseFrame",
    alike=diffusion.pictures_alike,
    fits=fits,
    parts=name_parts,
    file_name=lambda request, card: f"{request.model}-{family.sampler_key(request)}",
    command=command,
    told=told,
    sample_names=sample_names,
    classes=(EACH,),
    rows=rows_of,
    panes=tuple(map(panes.exported, panes.REVERSE)),
    pictures=lambda frame, step_noise: panes.REVERSE,
    fit=fit,
    matters=matters,
    most=most,
    plots=diffusion.plots,
)
