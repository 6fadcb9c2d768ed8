"""What the families of diffusion have in common: models, schedules, starts, classes, costs.

The plots of a noising process over t: what families of diffusion have in common.

Branches: runs that go on from a frame of another one.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, TypeGuard, TypeVar, assert_never

import numpy as np

from diffviz.domain import ideal, planar, requests, sampling
from diffviz.domain.arrays import F64
from diffviz.domain.cards import Card, card_of
from diffviz.domain.errors import NoSuchStep, NotAChoice, OtherSchedule, OutOfRange, SignalLost
from diffviz.domain.glossary import meaning
from diffviz.domain.plots import Plot, PlotData, Series
from diffviz.domain.requests import (
    NO_CLASS,
    DenoiserRequest,
    Image,
    Noise,
    Plan,
    Request,
    ReverseRequest,
    Step,
    labels_of,
)
from diffviz.domain.sampling import Ddim, ProcessSettings
from diffviz.domain.settings import followed
from diffviz.families.family import Cards, Shape, Shapes
from diffviz.theory import schedules
from diffviz.theory.processes import Process, VariancePreserving, process_of
from diffviz.theory.shared_time import course

FLOAT = 4
LEAST_ALPHA = 1e-30
"""α that x̂0 = (x − σ ε̂)/α still is a float32 with, whatever ε̂ is."""
SAME, MOST_STD = 1e-4, 1e6
"""How near α and σ of a file are to those computed here, and a deviation that no step adds."""
Sampled = ReverseRequest | planar.PlanarRequest


def model_of(request: DenoiserRequest, cards: Cards) -> Card:
    """Card of the diffusion model of `request`, as the request asks for it.

    Raises `ModelNotFound`, for a model of another family too.
    """
    known = {name: card for name, card in cards.items() if card.family == "diffusion"}
    return ideal.suited(card_of(getattr(request, "model", None) or "", known), request)


def schedule_of_model(request: DenoiserRequest, cards: Cards) -> ProcessSettings:
    """The settings of the process of the model of `request`."""
    return trained_on(model_of(request, cards))


def trained_on(card: Card) -> ProcessSettings:
    """The settings of the process of diffusion model `card`."""
    assert card.schedule is not None, "a diffusion model's card has a noise schedule"
    return card.schedule


D = TypeVar("D", bound=DenoiserRequest)


def carried(request: D, before: DenoiserRequest, card: Card) -> D:
    """`request` on the process of `before`, both for the model of `card`: as it was where that is no ideal denoiser.

    Without a model that looks on, a forward run has a process of its own; it goes over into the model's, and back.
    """
    if not ideal.is_ideal(card) or card.schedule is None:
        return request
    process = before.schedule if _alone(before) else before.process
    name, same = "process", sampling.OfNetwork() if process == card.schedule else process
    if _alone(request):
        name, same = "schedule", card.schedule if isinstance(process, sampling.OfNetwork) else process
    changed: Any = {name: same}
    return followed(request, dataclasses.replace(request, **changed))


def _alone(request: DenoiserRequest) -> TypeGuard[requests.ForwardRequest]:
    return isinstance(request, requests.ForwardRequest) and request.model is None


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
    return schedules.evaluations([process.at(t) for t in path])


def check_class(label: str | int, card: Card) -> None:
    """Raise `NotAChoice` for a class that the model of `card` does not have: records are a stranger's."""
    try:
        labels_of(label, 1, len(card.classes))
        if label == NO_CLASS and card.always_told:
            raise ValueError(label)
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


def on_process(frame: Any, settings: ProcessSettings) -> bool:
    """Whether α, σ and the deviation of `frame` can be those of the process of `settings` at its time."""
    process, t = process_of(settings), frame.position
    numbers = zip((frame.alpha, frame.sigma), process.at(t) if 0 <= t <= process.T else (math.nan,) * 2, strict=True)
    close = all(math.isclose(one, other, rel_tol=SAME, abs_tol=SAME) for one, other in numbers)
    std = getattr(frame, "std", 0.0)
    return close and 0 <= std <= MOST_STD


_NOTHING = schedules.NoiseSchedule(*(np.empty(0),) * 6)


def plots(data: PlotData) -> tuple[Plot, ...]:
    """The plots of the process of `data`, a `Process` or a `NoiseSchedule`.

    Of one that preserves the variance: β_t, ᾱ_t with its two roots, the signal-to-noise ratio, at every timestep; of
    others α and σ, and that ratio. Where none is known yet, those of the first.
    """
    process = data.process
    if isinstance(process, Process) and not isinstance(process, VariancePreserving):
        t = course(process, data.positions).t
        return _alpha_sigma(process, t), _snr(t, np.array([process.log_snr(float(at)) for at in t]))
    schedule = process.schedule if isinstance(process, VariancePreserving) else process or _NOTHING
    t = np.arange(schedule.timesteps + 1, dtype=np.float64)
    return _beta(schedule, t), _alpha_bar(schedule, t), _snr(t, schedule.log_snr, schedule.snr)


def _beta(schedule: schedules.NoiseSchedule, t: F64) -> Plot:
    beta = Series("beta", "β_t", meaning("diffusion", "beta"), "beta", t, schedule.beta, term="beta")
    return Plot("beta", "β_t", (beta,), log=True, switch=True)


def _alpha_bar(schedule: schedules.NoiseSchedule, t: F64) -> Plot:
    left, clean, noise = (meaning("diffusion", word) for word in ("alpha_bar", "alpha", "sigma"))
    series = (
        Series("alpha_bar", "ᾱ_t", left, "alpha_bar", t, schedule.alpha_bar, term="alpha_bar"),
        Series("sqrt_alpha_bar", "√ᾱ_t", clean, "data", t, schedule.alpha, "dashed", term="alpha"),
        Series("sqrt_one_minus_alpha_bar", "√(1−ᾱ_t)", noise, "noise", t, schedule.sigma, "dotted", term="sigma"),
    )
    return Plot("alpha_bar", "ᾱ_t", series, limits=(0.0, 1.0))


def _alpha_sigma(process: Process, t: F64) -> Plot:
    alpha, sigma = np.array([process.at(float(at)) for at in t]).T
    clean, noise = (meaning("diffusion", word) for word in ("plain_alpha", "plain_sigma"))
    series = (
        Series("alpha", "α_t", clean, "data", t, alpha, "dashed", term="alpha"),
        Series("sigma", "σ_t", noise, "noise", t, sigma, "dotted", term="sigma"),
    )
    bounded = max(alpha.max(), sigma.max()) <= 1
    return Plot("alpha_sigma", "α_t, σ_t", series, (0.0, 1.0) if bounded else None, log=not bounded, switch=True)


def _snr(t: F64, log_snr: F64, ratio: F64 | None = None) -> Plot:
    """Over hundreds of powers of ten: there is no other axis than a logarithmic one."""
    logs = _finite(log_snr)
    heights = np.exp(logs) if ratio is None else _finite(ratio)
    series = Series(
        "snr",
        "SNR",
        meaning("diffusion", "plain_snr"),
        "loss",
        t,
        heights,
        logs=logs / np.log(10),
        term="snr",
        on=False,
    )
    return Plot("snr", "SNR", (series,), log=True)


def _finite(values: F64) -> F64:
    return np.where(np.isfinite(values), values, np.nan)


R = TypeVar("R", ReverseRequest, planar.PlanarRequest)


def branch(request: R, at: float, sample: int | None) -> R:
    """The run that goes on from `request` at timestep `at` with other noise, of one sample or of all.

    A sampler that draws no noise would go on as before whatever the seed: it branches as DDIM with η = 1.
    """
    sampler = request.sampler if request.sampler.noise else Ddim(eta=1.0)
    return dataclasses.replace(request, start=Step(request, at, sample), seed=request.seed + 1, sampler=sampler)
