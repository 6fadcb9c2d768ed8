"""Names of runs: made from their requests or given by a person, and what tells two of them apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from diffviz.domain import samplers, samples, schedules
from diffviz.domain.cards import Card
from diffviz.domain.gan import DATA, DATA_LABELS, LOSSES, GanRequest, Pictures, planar
from diffviz.domain.latent import PathRequest
from diffviz.domain.mathtext import plain
from diffviz.domain.objective import OWN, ObjectiveRequest
from diffviz.domain.planar import PLANAR_DATA, PLANAR_LABELS, PlanarRequest
from diffviz.domain.requests import (
    EACH,
    NO_CLASS,
    PARTS,
    ForwardRequest,
    Image,
    Noise,
    Request,
    ReverseRequest,
    Start,
    Step,
    asks_ideal,
)
from diffviz.domain.samplers import Ddim
from diffviz.domain.settings import settings_of, value_at, variant_key
from diffviz.domain.text import tr
from diffviz.session.run import Run


def name_of(run: Run, cards: Mapping[str, Card]) -> str:
    """What `run` is called: its name, or what sets its request apart."""
    return run.name or describe(run.request, cards)


def describe(request: Request, cards: Mapping[str, Card]) -> str:
    """What sets `request` apart, in a few words."""
    match request:
        case ReverseRequest():
            told = _told(request.label, request.guidance, request, cards)
            parts = [_branch(request), _sampler(request), *_exact(request), *told]
        case ForwardRequest():
            parts = [tr("Forward"), _noise(request, cards), tr("one ε") if request.path == "fixed" else ""]
        case PathRequest():
            return _path(request, cards)
        case GanRequest():
            return _training(request)
        case ObjectiveRequest():
            parts = [tr("Objective")]
        case PlanarRequest():
            parts = [_branch(request), _plane(request, cards), _sampler(request)]
        case _:
            parts = [type(request).__name__]
    return " · ".join(part for part in (*parts, tr("seed {n}").format(n=request.seed)) if part)


def describe_start(start: Start) -> str:
    """Where a run starts, in a few words."""
    match start:
        case Noise():
            return tr("pure noise")
        case Image():
            return tr("{n} pictures").format(n=len(start.sha256))
        case Step(of=ForwardRequest()):
            return tr("forward run at t = {t}").format(t=f"{start.at:g}")
        case Step(of=PlanarRequest()):
            return tr("particles at t = {t}").format(t=f"{start.at:g}")
        case Step():
            return tr("reverse run at t = {t}").format(t=f"{start.at:g}")
        case _:
            assert_never(start)


def class_name(label: str | int, classes: tuple[str, ...]) -> str:
    """Name of what a model is told."""
    if label == EACH:
        return tr("one of each class")
    if label == OWN:
        return tr("each picture's own class")
    if label == NO_CLASS or not isinstance(label, int) or label >= len(classes):
        return tr("none · p(x)")
    return tr(classes[label])


def _path(request: PathRequest, cards: Mapping[str, Card]) -> str:
    names = [cards[model].name if model in cards else model for model in request.models]
    return " · ".join((tr("Path"), request.curve, *names))


def _training(request: GanRequest) -> str:
    if isinstance(request.start, Step):
        where = tr("from step {n}").format(n=f"{request.start.at:,g}")
        return " · ".join((where, *changes(request.start.of, request)))
    parts = [data_name(request), tr(LOSSES[request.loss]), f"R1 {request.r1:g}" if request.r1 else ""]
    return " · ".join(part for part in (*parts, tr("seed {n}").format(n=request.seed)) if part)


def data_name(request: GanRequest) -> str:
    """What a GAN is trained on, in a word or two."""
    if isinstance(request.data, Pictures):
        wanted = request.data.dataset.casefold()
        return next((name for name in samples.datasets() if name.casefold() == wanted), request.data.dataset)
    return tr(DATA_LABELS[variant_key(DATA, request.data)])


def _plane(request: PlanarRequest, cards: Mapping[str, Card]) -> str:
    if request.model:
        return cards[request.model].name if request.model in cards else request.model
    return tr(PLANAR_LABELS[variant_key(PLANAR_DATA, request.data)])


def _branch(request: ReverseRequest | PlanarRequest) -> str:
    if not isinstance(request.start, Step):
        return ""
    if isinstance(request.start.of, ForwardRequest):
        return tr("from t = {t}").format(t=f"{request.start.at:g}")
    if isinstance(request, PlanarRequest) and request.start.sample is not None:
        return tr("from one particle at t = {t}").format(t=f"{request.start.at:g}")
    return tr("branch at t = {t}").format(t=f"{request.start.at:g}")


def _sampler(request: ReverseRequest | PlanarRequest) -> str:
    sampler = request.sampler
    name = tr(samplers.LABELS[variant_key(samplers.SAMPLERS, sampler)])
    eta = f" η {sampler.eta:g}" if isinstance(sampler, Ddim) and sampler.eta else ""
    return f"{name} {request.steps:,}{eta}"


def _exact(request: ReverseRequest) -> tuple[str, ...]:
    """What sets an ideal denoiser apart from the one that is offered first."""
    if not asks_ideal(request):
        return ()
    base = ReverseRequest()
    few, tested = request.images != base.images, request.part != base.part
    said = [
        tr(PARTS[request.part]) if tested else "",
        tr("{n} images").format(n=f"{request.images:,}") if few else "",
        ""
        if isinstance(request.process, schedules.OfNetwork)
        else tr(schedules.LABELS[schedules.key_of(request.process)]),
    ]
    return tuple(said)


def _told(label: str | int, guidance: float, request: ReverseRequest, cards: Mapping[str, Card]) -> list[str]:
    card = cards.get(request.model)
    if card is None or not card.conditional or label == EACH:
        named = ""
    else:
        named = tr("no class") if label == NO_CLASS else class_name(label, card.classes)
    guided = guidance != 1.0 and label != NO_CLASS and card is not None and card.conditional
    return [named, tr("guidance {s}").format(s=f"{guidance:g}") if guided else ""]


def _noise(request: ForwardRequest, cards: Mapping[str, Card]) -> str:
    if request.model is not None:
        card = cards.get(request.model)
        return card.name if card else request.model
    return tr(schedules.LABELS[schedules.key_of(request.schedule)])


UNSAID = ("steps", "every")


def needs_fresh_networks(before: object, after: GanRequest) -> bool:
    """Whether a training with the settings `after` cannot go on with the networks of the request `before`."""
    if not isinstance(before, GanRequest):
        return True
    same = before.capacity == after.capacity and (before.generator == after.generator or not planar(after))
    points = planar(before) and planar(after)
    return not same or not (points or before.data == after.data)


def changes(before: Request, after: Request) -> tuple[str, ...]:
    """The settings that differ, as a person reads them: "R1 1.00"."""
    said = []
    for setting in settings_of(after, every=True):
        if setting.path[0] in UNSAID:
            continue
        try:
            old, new = value_at(before, setting.path), value_at(after, setting.path)
        except AttributeError:
            continue
        if old != new:
            said.append(f"{plain(tr(setting.label))} {_written(setting.choices, new)}")
    return tuple(said)


def _written(choices: Mapping[str, str] | None, value: object) -> str:
    if choices is not None:
        return tr(choices[str(value)])
    if isinstance(value, bool):
        return tr("on") if value else tr("off")
    return f"{value:g}" if isinstance(value, int | float) else str(value)
