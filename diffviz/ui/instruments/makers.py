"""How each instrument is made; its module is imported then."""

from __future__ import annotations

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
    from diffviz.ui.instruments.reverse_line import ReverseLine

    return ReverseLine(key, services)


def variances(key: str, services: Services) -> Instrument:
    """The variances of the reverse step."""
    from diffviz.ui.instruments.variances import VariancesInstrument

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
    from diffviz.ui.instruments.scaling import ScalingInstrument

    return ScalingInstrument(key, services)


def markov(key: str, services: Services) -> Instrument:
    """What the past says."""
    from diffviz.ui.instruments.markov import MarkovInstrument

    return MarkovInstrument(key, services)


def leftover(key: str, services: Services) -> Instrument:
    """The signal at T."""
    from diffviz.ui.instruments.terminal_snr import LeftoverInstrument

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
