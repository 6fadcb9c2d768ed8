"""The latent space of a VAE or an AE: the request of a path through it, and the questions that views ask about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated

import numpy as np

from diffviz.domain import evaluation, messages
from diffviz.domain.arrays import F32, U8
from diffviz.domain.requests import Image, Request, Start
from diffviz.domain.settings import Bounds, Help, Label, OneOf
from diffviz.domain.text import mark as _

Key = tuple[object, ...]
Bounds2 = tuple[float, float, float, float]

FAMILIES = ("vae", "ae")
CURVES: Mapping[str, str] = MappingProxyType({"lerp": _("straight (lerp)"), "slerp": _("arc (slerp)")})
MAX_ANCHORS = 4


@dataclass(frozen=True, slots=True)
class Anchor:
    """One end or turn of a path: a picture that each model encodes, or a latent point for each model.

    `image` is the SHA-256 of its pixels, `codes` one point for each model of the request; without them the picture is
    encoded.
    """

    image: str = ""
    codes: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRequest(Request):
    """A path through the latent space of `model`, and through that of `beside` with the same anchors.

    `start` names the anchors' pictures. The path goes through all anchors in order, an equal share of it between each
    two. Nothing is drawn at random: the seed changes nothing.
    """

    start: Start = field(default_factory=lambda: Image(()))
    model: str = ""
    beside: str = ""
    anchors: tuple[Anchor, ...] = ()
    curve: Annotated[
        str,
        Label(_("Curve")),
        OneOf(CURVES),
        Help(_("Slerp keeps ‖z‖, nearly constant for N(0, I) in many dimensions; in two that is not so: lerp there.")),
    ] = "lerp"
    frames: Annotated[
        int, Label(_("Frames")), Bounds(2, 512), Help(_("How many points of the path are decoded, both ends included."))
    ] = 24

    @property
    def models(self) -> tuple[str, ...]:
        """The models whose latent spaces are walked, the shown one first."""
        return (self.model, self.beside) if self.beside else (self.model,)


@dataclass(frozen=True, slots=True, eq=False)
class LatentQuery(messages.Query):
    """A question about one model's latent space. `key` comes back in the answer and names what was asked about."""

    model: str
    key: Key = ()


@dataclass(frozen=True, slots=True, eq=False)
class Encode(LatentQuery):
    """q(z | x) of pictures, uint8 (N, H, W) or (N, H, W, 3)."""

    images: U8 = field(default_factory=lambda: np.zeros((0, 1, 1), np.uint8))


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """Answer to `Encode`: means and standard deviations of q(z | x), float32 (N, D); an AE's deviations are 0."""

    mu: F32
    sigma: F32
    key: Key = ()


@dataclass(frozen=True, slots=True, eq=False)
class Decode(LatentQuery):
    """The decoder's means at latent points, float32 (N, D)."""

    z: F32 = field(default_factory=lambda: np.zeros((0, 1), np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """Answer to `Decode`: float32 (N, C, H, W), nominally in [-1, 1]."""

    images: F32
    key: Key = ()


@dataclass(frozen=True, slots=True, eq=False)
class Explain(LatentQuery):
    """One picture, uint8 (H, W) or (H, W, 3), through the machine with the noise ε of `seed`."""

    image: U8 = field(default_factory=lambda: np.zeros((1, 1), np.uint8))
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """Answer to `Explain`.

    `mu`, `sigma`, `eps`, `z` (D,) with z = μ + σ ε; `mean` and `sample` (C, H, W) are the mean of p(x | z) and a draw
    from it. `log_p` is log p(x | z) in nats at this z, `elbo` the mean of it over `draws` draws minus ΣKL, with its
    standard error; `kl` (D,) in nats. `masses` says whether log p is that of grey levels, so that it can be compared.
    `error` is the mean squared error of `mean` in the data range −1 … 1. An AE has no ε: σ, KL and ε are 0, and `log_p`
    and `elbo` are None.
    """

    mu: F32
    sigma: F32
    eps: F32
    z: F32
    mean: F32
    sample: F32
    error: float
    kl: F32
    log_p: float | None
    elbo: float | None
    elbo_error: float
    draws: int
    masses: bool
    values: int
    key: Key = ()


@dataclass(frozen=True, slots=True, eq=False)
class Posterior(LatentQuery):
    """The true posterior p(z | x) of one picture on a grid over the plane, for a VAE with two latent dimensions."""

    image: U8 = field(default_factory=lambda: np.zeros((1, 1), np.uint8))


@dataclass(frozen=True, slots=True, eq=False)
class PosteriorGrid:
    """Answer to `Posterior`.

    `density` (n, n) is p(z | x) at the centres of cells over `bounds` (x from, x to, y from, y to), row 0 the lowest
    y. `log_p` is log p(x) and `elbo` E_q[log p(x | z)] − KL, both by quadrature, in nats; their difference is
    KL(q(z | x) ‖ p(z | x)).
    """

    density: F32
    bounds: Bounds2
    log_p: float
    elbo: float
    key: Key = ()


@dataclass(frozen=True, slots=True, eq=False)
class DistanceShade(LatentQuery):
    """How far decoded images are from real ones over a plane of latent points, float32 (rows, columns, D)."""

    z: F32 = field(default_factory=lambda: np.zeros((1, 1, 2), np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class Shaded:
    """Answer to `DistanceShade`: distances (rows, columns) in the classifier's features, and that of held-out ones."""

    distances: F32
    held_out: float
    key: Key = ()


@dataclass(frozen=True, slots=True, eq=False)
class Faults(LatentQuery):
    """How far images decoded from `count` draws of the prior and from as many points on paths are from real ones."""

    seed: int = 0
    count: int = 128


@dataclass(frozen=True, slots=True, eq=False)
class FaultGroup:
    """One kind of image: the distances' median, their 90 % quantile, and some images from near to far with theirs."""

    median: evaluation.Median
    far: float
    images: F32
    distances: F32


@dataclass(frozen=True, slots=True, eq=False)
class FaultReport:
    """Answer to `Faults`, distances to the nearest real image in the classifier's features.

    `real` are held-out images themselves, `reconstructed` their reconstructions, `paths` points half-way between the
    codes of two of them, `prior` draws from N(0, I) (for an AE: from a Gaussian fitted to its codes).
    """

    real: FaultGroup
    reconstructed: FaultGroup
    paths: FaultGroup
    prior: FaultGroup
    key: Key = ()

    @property
    def groups(self) -> dict[str, FaultGroup]:
        """The groups by name."""
        return {n: getattr(self, n) for n in ("real", "reconstructed", "paths", "prior")}


@dataclass(frozen=True, slots=True, eq=False)
class Blur(LatentQuery):
    """One picture's reconstruction and `count` draws from the prior, each as the decoder's mean and as a sample."""

    image: U8 = field(default_factory=lambda: np.zeros((1, 1), np.uint8))
    seed: int = 0
    count: int = 3


@dataclass(frozen=True, slots=True, eq=False)
class Blurred:
    """Answer to `Blur`: `mean` and `sample` (C, H, W) of the reconstruction, `prior_means` and `prior_samples` (N, C,
    H, W), and the sharpness of the first two relative to the picture's own.
    """

    mean: F32
    sample: F32
    prior_means: F32
    prior_samples: F32
    sharpness_mean: float
    sharpness_sample: float
    key: Key = ()
