"""Measured quality of a model: how it is asked for, and the figures that a card keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from diffviz.domain.requests import Request
from diffviz.domain.settings import Bounds, Help, Label
from diffviz.domain.text import mark as _


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateRequest(Request):
    """Measuring a diffusion model's samples (DDIM, η = 0), all figures at one guidance scale."""

    guidance: Annotated[
        float, Label(_("Guidance")), Bounds(0.0, 20.0), Help(_("The one guidance scale of all figures; 1 is none."))
    ] = 1.0
    steps: Annotated[int, Label(_("Steps")), Bounds(1, 4000), Help(_("Steps of the DDIM sampler."))] = 50
    samples: Annotated[
        int, Label(_("Samples")), Bounds(4, 100_000), Help(_("How many samples the Fréchet distance is taken of."))
    ] = 5000
    judged: Annotated[
        int,
        Label(_("Judged")),
        Bounds(4, 100_000),
        Help(_("How many of them are given to the classifier, compared with their neighbours and with each other.")),
    ] = 1000


@dataclass(frozen=True, slots=True)
class Share:
    """`value` of `count`, between 0 and 1, with its 95 % interval from `low` to `high` (Wilson)."""

    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Frechet:
    """Fréchet distances to the test set in the classifier's features.

    Of `count` samples; of as many training images (`floor`); of as much noise.
    """

    samples: float
    floor: float
    noise: float
    count: int

    @property
    def ratio(self) -> float:
        """How many times the floor the samples' distance is."""
        return self.samples / self.floor if self.floor > 0 else float("inf")


@dataclass(frozen=True, slots=True)
class Nearest:
    """Median distance to the nearest training image in the classifier's features, of samples and of held-out images.

    Samples that are much nearer than held-out images are have been memorised.
    """

    samples: float
    held_out: float


@dataclass(frozen=True, slots=True)
class Diversity:
    """Mean distance between two images of one class in the classifier's features, of samples and of held-out images."""

    samples: float
    held_out: float


@dataclass(frozen=True, slots=True)
class Quality:
    """What was measured of a diffusion model: how it was sampled, and the figures."""

    sampler: str
    steps: int
    guidance: float
    seed: int
    classifier: str
    recognised: Share
    frechet: Frechet
    nearest: Nearest
    diversity: Diversity


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What was measured of a classifier: the share of held-out images whose class it finds."""

    accuracy: Share
