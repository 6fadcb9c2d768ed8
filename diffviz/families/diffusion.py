"""What the families of diffusion have in common: models, schedules, starts, classes, costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from diffviz.domain.cards import Card, card_of
from diffviz.domain.errors import NoSuchStep, NotAChoice, OtherSchedule, OutOfRange, SignalLost
from diffviz.domain.ideal import suited
from diffviz.domain.plan import Plan
from diffviz.domain.planar import PlanarRequest
from diffviz.domain.requests import DenoiserRequest, Image, Noise, Request, ReverseRequest, Step, labels_of
from diffviz.domain.schedules import ProcessSettings
from diffviz.families.family import Cards, Shape, Shapes
from diffviz.theory import spacing
from diffviz.theory.processes import process_of

FLOAT = 4
LEAST_ALPHA = 1e-30
"""α that x̂0 = (x − σ ε̂)/α still is a float32 with, whatever ε̂ is."""
Sampled = ReverseRequest | PlanarRequest


def model_of(request: DenoiserRequest, cards: Cards) -> Card:
    """Card of the diffusion model of `request`, as the request asks for it.

    Raises `ModelNotFound`, for a model of another family too.
    """
    known = {name: card for name, card in cards.items() if card.family == "diffusion"}
    return suited(card_of(getattr(request, "model", None) or "", known), request)


def schedule_of_model(request: DenoiserRequest, cards: Cards) -> ProcessSettings:
    """The settings of the process of the model of `request`."""
    return trained_on(model_of(request, cards))


def trained_on(card: Card) -> ProcessSettings:
    """The settings of the process of diffusion model `card`."""
    assert card.schedule is not None, "a diffusion model's card has a noise schedule"
    return card.schedule


def visits_of(
    request: Sampled, schedule: ProcessSettings, parent: Plan | None, origins: tuple[type[Request], ...]
) -> tuple[float, ...]:
    """The times that `request` visits on the process of `schedule`, from its start down to 0; see `start_of`."""
    process = process_of(schedule)
    if process.whole and request.steps > process.T:
        raise OutOfRange("steps", request.steps, 1, int(process.T))
    return process.visits(request.steps, request.spacing, start_of(request, schedule, parent, origins))


def start_of(
    request: Sampled, schedule: ProcessSettings, parent: Plan | None, origins: tuple[type[Request], ...]
) -> float | None:
    """The time that a run starts at, None for pure noise; `parent` is the plan of the run that it continues, whose
    request is of one of `origins`.

    Raises `NoSuchStep`, and `OtherSchedule` where the run that it continues has noise of another process.
    """
    match request.start:
        case Noise():
            return None
        case Step(of=before, at=at):
            if parent is None or not isinstance(before, origins):
                raise NoSuchStep(at)
            if parent.schedule != schedule:
                raise OtherSchedule
            return parent.nearest(at)
        case Image():
            raise NoSuchStep(0)
        case _:
            assert_never(request.start)


def evaluations_of(request: Sampled, path: Sequence[float], schedule: ProcessSettings) -> int:
    """Evaluations of the denoiser along `path`."""
    if request.sampler.evaluations == 1:
        return len(path) - 1
    process = process_of(schedule)
    return spacing.evaluations([process.at(t) for t in path])


def check_class(label: str | int, card: Card) -> None:
    """Raise `NotAChoice` for a class that the model of `card` does not have: records are a stranger's."""
    try:
        labels_of(label, 1, len(card.classes))
    except ValueError as error:
        raise NotAChoice("label", str(label), (f"0 … {len(card.classes) - 1}",)) from error


def check_signal(card: Card, t: float, *, clip: bool) -> None:
    """Raise `SignalLost` where a run that begins at `t`, or a term there, needs an x̂0 that no float can hold."""
    alpha, _ = process_of(trained_on(card)).at(t)
    if card.prediction == "eps" and not clip and alpha < LEAST_ALPHA:
        raise SignalLost(float(t), alpha, LEAST_ALPHA)


def pictures_alike(shapes: Shapes) -> bool:
    """Whether all fields of a frame are like its pictures x, or one number for each, or numbers."""
    picture: Shape = shapes.get("x", ())
    return "x" in shapes and all(shape in ((), picture, picture[:1]) for shape in shapes.values())
