"""What a request will cost and where its frames will stand, before anything is computed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import assert_never

from diffviz.domain.cards import Card, card_of
from diffviz.domain.engine import Plan
from diffviz.domain.errors import (
    CardMismatch,
    ContinuesTooMany,
    ImageWrongSize,
    ModelNotFound,
    NoSuchStep,
    NotAChoice,
    OtherSchedule,
    OutOfRange,
    SignalLost,
)
from diffviz.domain.gan import GanRequest
from diffviz.domain.ideal import suited
from diffviz.domain.latent import FAMILIES, MAX_ANCHORS, PathRequest
from diffviz.domain.objective import MOST_ROWS, OWN, ObjectiveRequest, told
from diffviz.domain.planar import ARROWS, CELLS, PLANAR_DATA, PlanarData, PlanarRequest
from diffviz.domain.planar import FAMILY as PLANAR
from diffviz.domain.requests import (
    DEEPEST,
    ForwardRequest,
    Image,
    Noise,
    Request,
    ReverseRequest,
    Step,
    ancestry,
    labels_of,
)
from diffviz.domain.samplers import Heun
from diffviz.domain.schedules import Schedule
from diffviz.domain.settings import check
from diffviz.domain.tagged import from_json
from diffviz.domain.text import mark, tr
from diffviz.theory import spacing
from diffviz.theory.gan import plan
from diffviz.theory.latent import shares
from diffviz.theory.schedules import NoiseSchedule
from diffviz.theory.spacing import linspace, visits

FLOAT = 4
OBJECTIVE_ARRAYS = 7
LEAST_ALPHA = 1e-30
"""√ᾱ_t that x̂0 = (x − σ ε̂)/√ᾱ_t still is a float32 with, whatever ε̂ is."""


def plan_of(request: Request, cards: Mapping[str, Card]) -> Plan:
    """The plan of `request`.

    Raises `ModelNotFound`, `OutOfRange`, `NotAChoice`, `NoSuchStep`, `ContinuesTooMany` or `SignalLost`; for an
    objective `ImageWrongSize` and `ClassesUnknown` too.
    """
    check(request)
    if len(ancestry(request)) > DEEPEST:
        raise ContinuesTooMany(DEEPEST)
    match request:
        case ForwardRequest():
            return _forward(request, cards)
        case ReverseRequest():
            return _reverse(request, cards)
        case PathRequest():
            return _path(request, cards)
        case GanRequest():
            return plan.plan(request)
        case ObjectiveRequest():
            return _objective(request, cards)
        case PlanarRequest():
            return _planar(request, cards)
        case _:
            raise TypeError(f"{type(request).__name__} has no plan")


def schedule_of(request: Request, cards: Mapping[str, Card]) -> NoiseSchedule:
    """The noise schedule that `request` runs on: its own, or its model's."""
    return NoiseSchedule.from_settings(schedule_settings(request, cards))


def kept(timesteps: int, steps: int) -> tuple[int, ...]:
    """The timesteps that a forward run keeps: 0 and then `steps` of them up to T, evenly spaced."""
    return (0, *sorted(set(linspace(timesteps, min(steps, timesteps)))))


def start_of(request: ReverseRequest | PlanarRequest, cards: Mapping[str, Card]) -> int | None:
    """The timestep that a run starts at, None for pure noise.

    Raises `NoSuchStep`, and `OtherSchedule` where the run that it continues has noise of another schedule.
    """
    match request.start:
        case Noise():
            return None
        case Step(of=parent, at=at):
            position = plan_of(parent, cards).nearest(at)
            points = isinstance(request, PlanarRequest), isinstance(parent, PlanarRequest)
            timesteps = schedule_settings(request, cards).timesteps
            if position != int(position) or position > timesteps or points[0] != points[1]:
                raise NoSuchStep(at)
            if schedule_settings(parent, cards) != schedule_settings(request, cards):
                raise OtherSchedule
            return int(position)
        case Image():
            raise NoSuchStep(0)
        case _:
            assert_never(request.start)


def visited(request: ReverseRequest, cards: Mapping[str, Card]) -> tuple[int, ...]:
    """The timesteps that a reverse run visits, from its start down to 0."""
    timesteps = diffusion_model(request, cards).timesteps
    if request.steps > timesteps:
        raise OutOfRange("steps", request.steps, 1, timesteps)
    return visits(timesteps, request.steps, request.spacing, start_of(request, cards))


def objective_steps(request: ObjectiveRequest, timesteps: int) -> range:
    """The t whose terms are estimated, ascending."""
    return range(1, timesteps + 1, request.every)


def planar_schedule(request: PlanarRequest, cards: Mapping[str, Card]) -> Schedule:
    """The noise schedule of particles: the request's own, or its model's."""
    if not request.model:
        return request.schedule
    schedule = planar_model(request.model, cards).schedule
    assert schedule is not None, "a diffusion model's card has a noise schedule"
    return schedule


def planar_data(request: PlanarRequest, cards: Mapping[str, Card]) -> PlanarData:
    """The density that particles move to: the request's own, or its model's. Raises `CardMismatch`."""
    if not request.model:
        return request.data
    card = planar_model(request.model, cards)
    try:
        data = from_json(card.dataset.get("points"))
    except ValueError as error:
        raise CardMismatch(card.folder, str(error)) from error
    if type(data) not in PLANAR_DATA.values():
        raise CardMismatch(card.folder, "its card does not say which points it was trained on")
    found: PlanarData = data
    return found


def planar_visited(request: PlanarRequest, cards: Mapping[str, Card]) -> tuple[int, ...]:
    """The timesteps that particles visit, from where they start down to 0."""
    timesteps = planar_schedule(request, cards).timesteps
    if request.steps > timesteps:
        raise OutOfRange("steps", request.steps, 1, timesteps)
    return visits(timesteps, request.steps, request.spacing, start_of(request, cards))


def thinned(path: Sequence[int], every: int) -> tuple[int, ...]:
    """Every n-th of `path`, and its last."""
    return tuple(t for i, t in enumerate(path) if i % every == 0 or i == len(path) - 1)


def _check_class(label: str | int, card: Card) -> None:
    """Raise `NotAChoice` for a class that the model of `card` does not have: records are a stranger's."""
    try:
        labels_of(label, 1, len(card.classes))
    except ValueError as error:
        raise NotAChoice("label", str(label), (f"0 … {len(card.classes) - 1}",)) from error


def _forward(request: ForwardRequest, cards: Mapping[str, Card]) -> Plan:
    timesteps = schedule_settings(request, cards).timesteps
    positions = tuple(float(t) for t in kept(timesteps, request.steps))
    if not isinstance(request.start, Image):
        raise NoSuchStep(0)
    if request.model is not None:
        _check_class(request.label, cards[request.model])
    size = math.prod(request.start.shape) * len(request.start.sha256) * FLOAT
    arrays = 2 + (request.path == "chain") + 2 * (request.model is not None)
    evaluations = len(positions) if request.model is not None else 0
    return Plan(0.0, float(timesteps), positions, evaluations, arrays * size)


def _reverse(request: ReverseRequest, cards: Mapping[str, Card]) -> Plan:
    card = diffusion_model(request, cards)
    _check_class(request.label, card)
    path = visited(request, cards)
    _signal_left(card, path[0], clip=request.clip)
    positions = tuple(float(t) for t in thinned(path, request.every))
    passes = 2 if guided(request, card) else 1
    size = math.prod(card.shape) * request.samples * FLOAT
    count = passes * _evaluations(request, path, cards)
    return Plan(0.0, float(card.timesteps), positions, count, 3 * size)


def _objective(request: ObjectiveRequest, cards: Mapping[str, Card]) -> Plan:
    card = diffusion_model(request, cards)
    if not isinstance(request.start, Image):
        raise NoSuchStep(0)
    if request.start.shape != card.pixels:
        raise ImageWrongSize(request.start.shape, card.pixels)
    pictures = len(request.start.sha256)
    for label in request.labels if request.label == OWN else (request.label,):
        _check_class(label, card)
    told(request, pictures, len(card.classes))
    steps = objective_steps(request, card.timesteps)
    _signal_left(card, steps[-1], clip=request.clip)
    positions = tuple(float(t) for t in steps)
    batches = math.ceil(request.draws / max(1, MOST_ROWS // max(1, pictures)))
    return Plan(0.0, float(card.timesteps), positions, batches * len(positions), OBJECTIVE_ARRAYS * pictures * FLOAT)


def _planar(request: PlanarRequest, cards: Mapping[str, Card]) -> Plan:
    path = planar_visited(request, cards)
    if request.model:
        _signal_left(planar_model(request.model, cards), path[0], clip=False)
    sets = 2 if request.model else 1
    size = sets * 2 * (3 * request.particles + ARROWS**2) + CELLS**2
    timesteps = planar_schedule(request, cards).timesteps
    # the sampler's own, and one a frame for the score on the grid
    evaluations = _evaluations(request, path, cards) + len(path) - 1 if request.model else 0
    return Plan(0.0, float(timesteps), tuple(map(float, path)), evaluations, size * FLOAT)


def _signal_left(card: Card, t: int, *, clip: bool) -> None:
    """Raise `SignalLost` where a run that begins at `t`, or a term there, needs an x̂0 that no float can hold."""
    assert card.schedule is not None, "a diffusion model's card has a noise schedule"
    alpha = float(NoiseSchedule.from_settings(card.schedule).alpha[t])
    if card.prediction == "eps" and not clip and alpha < LEAST_ALPHA:
        raise SignalLost(float(t), alpha, LEAST_ALPHA)


def _evaluations(request: ReverseRequest | PlanarRequest, path: Sequence[int], cards: Mapping[str, Card]) -> int:
    if not isinstance(request.sampler, Heun):
        return len(path) - 1
    alpha_bar = schedule_of(request, cards).alpha_bar
    return spacing.evaluations([float(alpha_bar[t]) for t in path])


def _path(request: PathRequest, cards: Mapping[str, Card]) -> Plan:
    models = [_latent_model(name, cards) for name in request.models]
    if not 2 <= len(request.anchors) <= MAX_ANCHORS:
        raise OutOfRange("anchors", len(request.anchors), 2, MAX_ANCHORS)
    dims = [card.latent for card in models]
    for anchor in request.anchors:
        if anchor.codes and [len(code) for code in anchor.codes] != dims:
            text = tr("a latent point needs {dims} coordinates").format(dims=" + ".join(map(str, dims)))
            raise CardMismatch(models[0].folder, text)
    if any(card.shape != models[0].shape for card in models):
        raise CardMismatch(models[-1].folder, mark("models that are compared make images of one size"))
    positions = shares(request.frames)
    frame = len(models) * (math.prod(models[0].shape) + max(dims) + 4) * FLOAT
    return Plan(0.0, 1.0, positions, len(models) * request.frames, frame)


def planar_model(model: str, cards: Mapping[str, Card]) -> Card:
    """Card of model `model` of points in the plane. Raises `ModelNotFound`, for a model of another family too."""
    return card_of(model, {name: card for name, card in cards.items() if card.family == PLANAR})


def _latent_model(name: str, cards: Mapping[str, Card]) -> Card:
    card = card_of(name, cards)
    if card.family not in FAMILIES:
        raise ModelNotFound(name, tuple(sorted(c.id for c in cards.values() if c.family in FAMILIES)))
    return card


def guided(request: ReverseRequest, card: Card) -> bool:
    """Whether every step takes a second evaluation, without the class."""
    return card.conditional and request.label != "none" and request.guidance != 1.0


def schedule_settings(request: Request, cards: Mapping[str, Card]) -> Schedule:
    """The settings of the noise schedule that `request` runs on."""
    if isinstance(request, ForwardRequest) and request.model is None:
        return request.schedule
    if isinstance(request, PlanarRequest):
        return planar_schedule(request, cards)
    schedule = diffusion_model(request, cards).schedule
    assert schedule is not None, "a diffusion model's card has a noise schedule"
    return schedule


def diffusion_model(request: Request, cards: Mapping[str, Card]) -> Card:
    """Card of the diffusion model of `request`, as the request asks for it.

    Raises `ModelNotFound`, for a model of another family too.
    """
    known = {name: card for name, card in cards.items() if card.family == "diffusion"}
    return suited(card_of(getattr(request, "model", None) or "", known), request)
