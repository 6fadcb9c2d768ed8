"""Likelihoods p(x | z) of decoders by name, with the settings of each. Their mathematics is in the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any

from diffviz.domain.settings import Bounds, Help, Label, variant_key
from diffviz.domain.text import mark as _


@dataclass(frozen=True, slots=True)
class Gaussian:
    """N(mean, σ²) in every pixel with one fixed σ: its logarithm is a squared error."""

    sigma: Annotated[
        float,
        Label("σ"),
        Bounds(1e-3, 10.0, log=True),
        Help(_("Standard deviation of p(x | z), in the data range −1 … 1.")),
    ] = 0.3


@dataclass(frozen=True, slots=True)
class OptimalGaussian:
    """N(mean, σ²) with the one σ that makes the data most likely, learnt (Rybkin et al. 2021)."""


@dataclass(frozen=True, slots=True)
class Laplace:
    """Laplace(median, b) with one learnt b: its logarithm is an absolute error."""


@dataclass(frozen=True, slots=True)
class Bernoulli:
    """Cross-entropy of grey levels taken for probabilities: no distribution of grey levels (Loaiza-Ganem 2019)."""


@dataclass(frozen=True, slots=True)
class ContinuousBernoulli:
    """The density on [0, 1] that the cross-entropy lacks (Loaiza-Ganem & Cunningham 2019)."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """A mixture of logistic distributions, discretised to the 256 grey levels (Salimans et al. 2017, eq. 2)."""

    components: Annotated[
        int, Label(_("Components")), Bounds(1, 16), Help(_("How many logistic distributions each pixel mixes."))
    ] = 3


Likelihood = Gaussian | OptimalGaussian | Laplace | Bernoulli | ContinuousBernoulli | Logistic

LIKELIHOODS: Mapping[str, type[Any]] = MappingProxyType(
    {
        "gaussian": OptimalGaussian,
        "gaussian_fixed": Gaussian,
        "laplace": Laplace,
        "bernoulli": Bernoulli,
        "continuous_bernoulli": ContinuousBernoulli,
        "logistic": Logistic,
    }
)
LABELS: Mapping[str, str] = MappingProxyType(
    {
        "gaussian": _("Gaussian, optimal σ"),
        "gaussian_fixed": _("Gaussian, fixed σ"),
        "laplace": _("Laplace"),
        "bernoulli": _("Bernoulli"),
        "continuous_bernoulli": _("continuous Bernoulli"),
        "logistic": _("mixture of logistics"),
    }
)


def key_of(likelihood: Likelihood) -> str:
    """Key of a likelihood's settings in `LIKELIHOODS`."""
    return variant_key(LIKELIHOODS, likelihood)


def has_masses(likelihood: Likelihood) -> bool:
    """Whether it gives each of the 256 grey levels a probability, so that it can be compared with others."""
    return not isinstance(likelihood, Bernoulli)
