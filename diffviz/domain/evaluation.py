"""Measured quality of a model: how it is asked for, and the figures that a card keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from diffviz.domain import sampling
from diffviz.domain.requests import Request
from diffviz.domain.settings import Bounds, Help, Label
from diffviz.domain.text import mark as _


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateRequest(Request):
    """Measuring a diffusion model's samples, all figures with one sampler and at one guidance scale."""

    sampler: sampling.Chosen = field(default_factory=sampling.Ddim)
    guidance: Annotated[
        float, Label(_("Guidance")), Bounds(0.0, 20.0), Help(_("The one guidance scale of all figures; 1 is none."))
    ] = 1.0
    steps: Annotated[
        int, Label(_("Steps")), Bounds(1, 4000), Help(_("Timesteps that the sampler visits, with trailing spacing."))
    ] = 50
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
class NearestDistances:
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
    """What was measured of a diffusion model: how it was sampled, and the figures.

    `sampler` is a key of `diffviz.domain.sampling.SAMPLERS`, `settings` what was chosen of it.
    """

    sampler: str
    settings: Mapping[str, Any]
    steps: int
    guidance: float
    seed: int
    classifier: str
    recognised: Share
    frechet: Frechet
    nearest: NearestDistances
    diversity: Diversity


@dataclass(frozen=True, slots=True)
class GanQuality:
    """What was measured of a GAN's images, drawn without a class.

    `recognised` is the share of samples that the classifier gives one class a probability of at least `sure`, and
    `recognised_held_out` that of held-out images. `classes` is the share of the samples that it takes for each class,
    and `covered` counts those with at least a tenth of what the training images have of them.
    """

    seed: int
    classifier: str
    sure: float
    recognised: Share
    recognised_held_out: Share
    classes: Mapping[str, float]
    covered: int
    frechet: Frechet
    nearest: NearestDistances
    evaluations_per_sample: int = 1


@dataclass(frozen=True, slots=True)
class ClassifierAccuracy:
    """What was measured of a classifier: the share of held-out images whose class it finds."""

    accuracy: Share


@dataclass(frozen=True, slots=True)
class Median:
    """A median with its 95 % interval, over `count` values."""

    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Elbo:
    """Evidence lower bound of held-out images in nats an image, with its standard error and in bits per dimension.

    `log_p` is the mean of log p(x | z), `kl` that of KL(q(z | x) ‖ p(z)) for each latent dimension. `of` says what
    log p is of: "masses of 256 grey levels", which can be compared, or "cross-entropy", which is not a likelihood.
    """

    nats: float
    standard_error: float
    bits_per_dimension: float
    log_p: float
    kl: tuple[float, ...]
    likelihood: str
    of: str


@dataclass(frozen=True, slots=True)
class Sharpness:
    """Sharpness of decoded images relative to that of real ones: means of p(x | z) and samples from it, apart."""

    reconstruction_mean: float
    reconstruction_sample: float
    prior_mean: float
    prior_sample: float


@dataclass(frozen=True, slots=True)
class PriorFrechet:
    """Fréchet distances to the test set in the classifier's features.

    Of means and samples for draws from the prior (for an AE: from a Gaussian fitted to its codes), of
    reconstructions, of as many training images (`floor`) and of as much noise.
    """

    prior_mean: float
    prior_sample: float
    reconstruction: float
    floor: float
    noise: float
    count: int


@dataclass(frozen=True, slots=True)
class Distances:
    """Distance to the nearest training image in the classifier's features: of held-out images, of their
    reconstructions, of points half-way between two of their codes, and of draws from the prior.
    """

    real: Median
    reconstructed: Median
    paths: Median
    prior: Median


@dataclass(frozen=True, slots=True)
class VaeQuality:
    """What was measured of a VAE or an AE on held-out images. `error` is the mean squared error in −1 … 1.

    `neighbours` is the share of held-out codes whose nearest training code is of the same class. An AE has no ELBO.
    """

    seed: int
    classifier: str
    images: int
    error: float
    elbo: Elbo | None
    sharpness: Sharpness
    frechet: PriorFrechet
    neighbours: Share
    distances: Distances


@dataclass(frozen=True, slots=True)
class Occurring:
    """How many values, or pairs of values, occur: in made-up pictures, in as many held-out ones, and of how many."""

    made: int
    held_out: int
    of: int


@dataclass(frozen=True, slots=True)
class Shifted:
    """Total variation distance of the shares of an attribute's values to those of the training pictures.

    Of made-up pictures, and of as many held-out ones: what chance alone makes of it.
    """

    made: float
    held_out: float


@dataclass(frozen=True, slots=True)
class FaceCounts:
    """What was counted in made-up pixel faces.

    `valid` is the share whose every pixel is within `tolerance` grey levels, in every channel, of a face of the design;
    `valid_at` the same at other tolerances. `wrong_pixels` are percentiles of how many pixels of a picture are not.
    `as_asked` is the share that are valid and have the hair colour that was asked for. The rest is of the valid ones:
    `values` and `pairs` that occur, values `missing`, `shares` of values, how many have a pair of values `withheld`
    from training (both generalisation and an error against the training distribution), and how many are `copies` of a
    training picture. Among so many combinations hardly any repeats: 0 copies is no merit.
    """

    tolerance: int
    valid: Share
    valid_at: Mapping[str, float]
    wrong_pixels: Mapping[str, float]
    as_asked: Share | None
    values: Mapping[str, Occurring]
    missing: tuple[str, ...]
    pairs: Occurring
    shares: Mapping[str, Shifted]
    withheld: Share | None
    copies: int
    copies_held_out: int


@dataclass(frozen=True, slots=True)
class FaceQuality:
    """What was measured of a diffusion model of pixel faces: how it was sampled, and what was counted."""

    sampler: str
    settings: Mapping[str, Any]
    steps: int
    guidance: float
    seed: int
    faces: FaceCounts
