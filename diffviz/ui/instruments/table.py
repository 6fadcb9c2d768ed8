"""All instruments in plain sight: names, what they show and from where. Each is imported when it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from diffviz.domain.objective import ObjectiveRequest
from diffviz.domain.planar import PlanarRequest
from diffviz.domain.requests import Request
from diffviz.domain.text import mark as _
from diffviz.ui.instruments.instrument import Instrument, Services


def equations(key: str, services: Services) -> Instrument:
    """Every quantity with its numbers."""
    from diffviz.ui.instruments.equation_view import EquationsInstrument

    return EquationsInstrument(key, services)


def step(key: str, services: Services) -> Instrument:
    """One step of the sampler."""
    from diffviz.ui.instruments.step_pictures import StepPictures

    return StepPictures(key, services)


def reverse(key: str, services: Services) -> Instrument:
    """Gaussian steps."""
    from diffviz.ui.instruments.reverse_step import ReverseLine

    return ReverseLine(key, services)


def variances(key: str, services: Services) -> Instrument:
    """The variances of the reverse step."""
    from diffviz.ui.instruments.reverse_step import VariancesInstrument

    return VariancesInstrument(key, services)


def kl(key: str, services: Services) -> Instrument:
    """Divergences of Gaussians."""
    from diffviz.ui.instruments.kl import KlInstrument

    return KlInstrument(key, services)


def objective(key: str, services: Services) -> Instrument:
    """The bound term by term."""
    from diffviz.ui.instruments.objective import ObjectiveInstrument

    return ObjectiveInstrument(key, services)


def scaling(key: str, services: Services) -> Instrument:
    """The chain without its factor."""
    from diffviz.ui.instruments.forward_chain import ScalingInstrument

    return ScalingInstrument(key, services)


def markov(key: str, services: Services) -> Instrument:
    """What the past says."""
    from diffviz.ui.instruments.forward_chain import MarkovInstrument

    return MarkovInstrument(key, services)


def leftover(key: str, services: Services) -> Instrument:
    """The signal at T."""
    from diffviz.ui.instruments.kl import LeftoverInstrument

    return LeftoverInstrument(key, services)


def visits(key: str, services: Services) -> Instrument:
    """The spacings of steps."""
    from diffviz.ui.instruments.visited_steps import VisitsInstrument

    return VisitsInstrument(key, services)


def ideal(key: str, services: Services) -> Instrument:
    """The ideal denoiser."""
    from diffviz.ui.instruments.ideal import IdealInstrument

    return IdealInstrument(key, services)


def plane(key: str, services: Services) -> Instrument:
    """Particles in two dimensions."""
    from diffviz.ui.instruments.plane import PlaneInstrument

    return PlaneInstrument(key, services)


def recognised(key: str, services: Services) -> Instrument:
    """A classifier beside the run."""
    from diffviz.ui.instruments.recognised import RecognisedInstrument

    return RecognisedInstrument(key, services)


@dataclass(frozen=True, slots=True)
class Entry:
    """One instrument: `title` and `source` (one sentence) are English, translated when shown.

    A `wide` one has a row of its own.
    """

    title: str
    source: str
    make: Callable[[str, Services], Instrument]
    wide: bool = False


INSTRUMENTS: Mapping[str, Entry] = MappingProxyType(
    {
        "equations": Entry(
            _("Equations"),
            _("Every quantity of the derivation with the numbers of this t (Ho et al. 2020; Song et al. 2021)."),
            equations,
            wide=True,
        ),
        "step": Entry(
            _("One step, as pictures"),
            _("x_{t−1} as a sum of x̂_0, ε̂ and fresh noise, each times its coefficient (Song et al. 2021, eq. 12)."),
            step,
            wide=True,
        ),
        "reverse": Entry(
            _("Why Gaussian steps?"),
            _("A small step reversed is nearly Gaussian, a large one is not (Sohl-Dickstein et al. 2015)."),
            reverse,
        ),
        "variances": Entry(
            _("The two variances"),
            _("The two fixed variances of the reverse step and when each is optimal (Ho et al. 2020, section 3.2)."),
            variances,
        ),
        "kl": Entry(
            _("KL, seen"),
            _("KL both ways and JS of two Gaussians as areas under their integrands (Kullback & Leibler 1951)."),
            kl,
        ),
        "objective": Entry(
            _("Objective"),
            _("The bound on −log p(x_0) term by term, in bits a dimension (Ho et al. 2020, eq. 5)."),
            objective,
        ),
        "scaling": Entry(
            _("Why √(1−β_t)?"),
            _("The chain with its factor and without it: variance and coefficient of x_0 (Ho et al. 2020, eq. 2)."),
            scaling,
        ),
        "markov": Entry(
            _("Markov property"),
            _("Given x_t the chain's past says nothing more of its future; DDIM's does (Song et al. 2021, eq. 7)."),
            markov,
        ),
        "leftover": Entry(
            _("What is left at T?"),
            _("KL to N(0, I) and neighbouring pixels along t; what a sampler's start leaves in (Lin et al. 2024)."),
            leftover,
        ),
        "visits": Entry(
            _("Visited steps"),
            _("Pairs of t and next t that the sampler visits, and those of each spacing (Lin et al. 2024, table 2)."),
            visits,
        ),
        "ideal": Entry(
            _("Ideal denoiser"),
            _("The exact E[x_0 | x_t] of the sample pictures beside the network's x̂_0 (Karras et al. 2022, B.3)."),
            ideal,
            wide=True,
        ),
        "plane": Entry(
            _("In the plane"),
            _("Score, density and particles in two dimensions, exact and learnt (Song & Ermon 2019)."),
            plane,
            wide=True,
        ),
        "recognised": Entry(
            _("p(y | x) beside p(x)"),
            _("A classifier, a discriminative model, watches the generative one at work (Ng & Jordan 2002)."),
            recognised,
            wide=True,
        ),
    }
)

COMPUTED_BY: Mapping[type[Request], str] = MappingProxyType({PlanarRequest: "plane", ObjectiveRequest: "objective"})
"""The instrument that computes requests of a kind that has no form of its own."""
