"""Presets of the GAN lab: trainings that show what they promise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from diffviz.domain.gan import GanRequest, Ring
from diffviz.domain.text import mark as _


@dataclass(frozen=True, slots=True)
class Preset:
    """A training with a `label` and a `sentence` on what it shows (both English, translated when shown)."""

    label: str
    sentence: str
    request: GanRequest


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "equilibrium": Preset(
            _("Reaches equilibrium"),
            _("G learns all eight modes, until the best possible D can only guess."),
            GanRequest(
                data=Ring(std=0.5), r1=0.1, g_rate=3e-4, d_rate=2e-3, beta1=0.0, ema=0.999, steps=4000, every=40
            ),
        ),
        "d_wins": Preset(
            _("Discriminator wins"),
            _("With the saturating loss a D that is sure passes no gradient on: G stops learning."),
            GanRequest(loss="saturating", d_rate=5e-3, g_rate=1e-4, d_steps=5, steps=1000),
        ),
        "collapse": Preset(
            _("Mode collapse"),
            _("G puts its samples on the few modes that fool this D."),
            GanRequest(g_rate=5e-3, d_rate=1e-4, steps=1500),
        ),
        "perfect": Preset(
            _("Perfect generator"),
            _("G draws from the data: on fresh data any D is right half of the time, in expectation."),
            GanRequest(generator="exact", steps=1500),
        ),
        "from_equilibrium": Preset(
            _("Train on from equilibrium"),
            _("G starts perfect: what moves it then is noise alone."),
            GanRequest(generator="residual", g_rate=3e-4, every=50),
        ),
        "from_equilibrium_r1": Preset(
            _("Train on, with R1"),
            _("The same with the penalty R1, which damps the drift."),
            GanRequest(generator="residual", g_rate=3e-4, every=50, r1=10.0),
        ),
    }
)
