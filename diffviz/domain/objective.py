"""The objective of a diffusion model, term by term: the bound on −log p(x_0) as a run whose axis is t."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated

from diffviz.domain import errors, frames, requests, samples, sampling
from diffviz.domain.arrays import F32
from diffviz.domain.settings import Bounds, Help, Label, OneOf, Option, Variants, When
from diffviz.domain.text import mark as _

OWN = "own"
MOST_ROWS = 256
"""How many noisy pictures a network is handed at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveRequest(requests.DenoiserRequest):
    """L_T, L_{t−1} for t = 2 … T and L_0 of `model` on the pictures of `start`, an `Image` (Ho et al. 2020, eq. 5).

    The frame at t holds the term that belongs to the step from t to t − 1: L_0 at t = 1. They come in the order of
    growing t. The expectation over x_t is estimated from `draws` draws of the noise a picture and t. With every t the
    sum of all terms bounds −log p(x_0), or −log p(x_0 | y) where a class is given; with `every` above 1 it bounds
    nothing. The model is the DDPM chain over all T with variance `variance`, guidance 1.

    `label` is a class index, `NO_CLASS` for p(x), or `OWN`: each picture's own class, which `labels` then has, one for
    each picture; elsewhere `labels` is empty.
    """

    start: requests.Start = field(default_factory=lambda: requests.Image(()))
    model: str = ""
    process: Annotated[
        sampling.OfNetwork | sampling.Schedule,
        Label(_("Schedule")),
        Variants(sampling.NETWORK_OR_SCHEDULES, sampling.NETWORK_OR_LABELS),
        Option("schedule"),
        When(requests.asks_ideal, requests.OF_NETWORK),
        Help(_("How much noise each step adds: the bound is that of a chain with β.")),
    ] = field(default_factory=sampling.OfNetwork)
    label: Annotated[
        str | int,
        Label(_("Class")),
        Option("class"),
        Help(_("With a class, or each picture's own, the bound is on −log p(x_0 | y), with none on −log p(x_0).")),
    ] = requests.NO_CLASS
    labels: tuple[int, ...] = ()
    variance: Annotated[
        str,
        Label(_("Variance")),
        OneOf(sampling.VARIANCES),
        Help(_("σ_t² of the reverse step; β̃_t is 0 at t = 1, where β̃_2 is taken (Nichol & Dhariwal 2021).")),
    ] = "posterior"
    clip: Annotated[
        bool, Label(_("Clip x̂0")), Help(_("Keep the estimate of the clean image in the data range [−1, 1]."))
    ] = True
    draws: Annotated[
        int, Label(_("Draws")), Bounds(2, 256), Help(_("Draws of the noise for each picture and each t."))
    ] = 4
    every: Annotated[
        int, Label(_("Every t")), Option("every-t"), Bounds(1, 1000), Help(_("1 takes every t; more leaves terms out."))
    ] = 1


@dataclass(frozen=True, slots=True, eq=False)
class ObjectiveFrame(frames.Frame):
    """The term of the step from t to t − 1, for N pictures, read-only float32 (N,) in bits per dimension.

    `term` is L_{t−1}, or L_0 at t = 1, the mean over the draws, and `term_error` its standard error. `simple` is the
    mean of (ε − ε̂)² over draws and dimensions (eq. 14) and `simple_error` its standard error. For t ≥ 2,
    term = weight · simple + constant: `weight` is eq. 12's factor brought to bits/dim, `constant` is that of two
    variances that differ (0 with β̃). At t = 1 both are nan. `std` is σ_t of the reverse step. `prior` is L_T.
    `total` is L_T plus all terms up to this t and `total_error` its standard error (the draws of different t are
    independent): at the last t of a run over every t, the bound. Both are nan where t are left out. Errors are of
    `draws` draws: few, of a skewed quantity; `diffviz.families.objective` makes intervals of them that hold.
    """

    alpha: float
    sigma: float
    std: float
    weight: float
    constant: float
    draws: float
    term: F32
    term_error: F32
    simple: F32
    simple_error: F32
    prior: F32
    total: F32
    total_error: F32


UNBOUNDED: Mapping[str, str] = MappingProxyType(
    {
        "sampler": _("This sampler is not the DDPM chain: a deterministic step gives p(x_{t−1} | x_t) no density."),
        "eta": _("DDIM with η below 1 is not the DDPM chain; with η = 0 p(x_{t−1} | x_t) has no density at all."),
        "guidance": _("Guidance other than 1 mixes two predictions: the chain is no longer the model's p(x | y)."),
        "steps": _("The run visits a part of the timesteps only: the bound is that of the chain over all T."),
        "process": _("The process of the run has no β: the bound is that of a chain with β."),
        "start": _("The run does not start at x_T: the bound is that of the whole chain."),
    }
)


def unbounded(request: requests.ReverseRequest, timesteps: int) -> tuple[str, ...]:
    """Why the bound on −log p(x_0) is not one of what `request` samples: keys of `UNBOUNDED`, none where it is.

    `timesteps` is the model's T.
    """
    sampler = request.sampler
    found = {
        "process": request.without_beta,
        "sampler": not sampler.chain,
        "eta": sampler.chain and sampler.noise < 1.0,
        "guidance": request.guidance != 1.0 and request.label != requests.NO_CLASS,
        "steps": request.steps < timesteps,
        "start": len(requests.ancestry(request)) > 1,
    }
    return tuple(key for key, holds in found.items() if holds)


def told(request: ObjectiveRequest, pictures: int, classes: int) -> tuple[int | None, ...]:
    """The class that a model of `classes` classes is told of each of `pictures` pictures, None for p(x).

    Raises `ClassesUnknown` where each picture's own is asked for and not given, ValueError for one that does not exist.
    """
    if request.label != OWN or classes == 0:
        return requests.labels_of(request.label, pictures, classes)
    if len(request.labels) != pictures:
        raise errors.ClassesUnknown(pictures - len(request.labels))
    return tuple(requests.labels_of(label, 1, classes)[0] for label in request.labels)


def with_own_classes(request: ObjectiveRequest, dataset: str) -> ObjectiveRequest:
    """`request` with the class of each of its pictures in sample data set `dataset`, where it asks for that.

    Pictures that are not of the data set have none: `told` then raises.
    """
    names = request.start.sha256 if isinstance(request.start, requests.Image) else ()
    found = samples.labels_of(dataset, names) if request.label == OWN else ()
    return dataclasses.replace(request, labels=tuple(label for label in found if label is not None))
