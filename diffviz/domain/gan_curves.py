"""What is plotted of a GAN's training over its steps: which figures, in which colours, for the window and for files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from diffviz.domain.arrays import F64
from diffviz.domain.gan import GanFrame
from diffviz.domain.plots import Band, Plot, Series
from diffviz.domain.text import mark as _
from diffviz.domain.text import tr


@dataclass(frozen=True, slots=True)
class MetricCurve:
    """One curve: the figure `column`, its symbol or name, its colour, and what it says (English)."""

    column: str
    label: str
    hue: str
    title: str
    style: str = "solid"


@dataclass(frozen=True, slots=True)
class Group:
    """Curves over one vertical axis, with dashed lines at `levels` and a band between two columns behind them."""

    label: str
    curves: tuple[MetricCurve, ...]
    limits: tuple[float, float] | None = None
    log: bool = False
    levels: tuple[float, ...] = ()
    band: tuple[str, str] | None = None


GROUPS: Mapping[str, Group] = MappingProxyType(
    {
        "accuracy": Group(
            _("accuracy"),
            (
                MetricCurve("accuracy_real", "x", "alpha_bar", _("D's accuracy on real data")),
                MetricCurve("accuracy_fake", "G(z)", "generated", _("D's accuracy on samples of G")),
                MetricCurve("accuracy", _("both"), "text", _("D's accuracy on both, with its 95 % interval")),
                MetricCurve("best", "D*", "loss", _("accuracy of the best possible D, ½ (1 + TV)"), "dashed"),
            ),
            limits=(0.0, 1.0),
            levels=(0.5,),
            band=("low", "high"),
        ),
        "losses": Group(
            _("losses"),
            (
                MetricCurve("loss_d", "L_D", "loss", _("what D minimises, at every step")),
                MetricCurve("loss_g", "L_G", "generated", _("what G minimises, at every step")),
            ),
        ),
        "shares": Group(
            _("shares"),
            (
                MetricCurve("js", "JS", "loss", _("Jensen–Shannon divergence of data and samples, in bits")),
                MetricCurve("tv", "TV", "loss", _("total variation of data and samples"), "dotted"),
                MetricCurve("covered", _("modes"), "generated", _("share of the modes that have samples")),
                MetricCurve("quality", "≤ 3σ", "generated", _("share of samples within 3 σ of a mode"), "dashed"),
            ),
            limits=(0.0, 1.0),
        ),
        "gradient": Group(
            _("gradient"),
            (MetricCurve("gradient", "‖∂L_G‖", "generated", _("mean norm of the gradient that G receives")),),
            log=True,
        ),
    }
)
LOSSES = ("loss_d", "loss_g")


def covered(frame: GanFrame) -> float:
    """How many modes have samples; of images, how many classes."""
    return float((frame.per_mode > 0).sum()) if np.isnan(frame.covered) else frame.covered


def step_losses(frame: GanFrame) -> F64:
    """Rows (K, 3) of training step, L_D and L_G at every step since the frame before; none between two whole steps."""
    whole = frame.position == int(frame.position)  # between two steps the losses are those of the step before
    steps = frame.position - np.arange(len(frame.loss_d), dtype=np.float64)[::-1]
    rows = np.stack([steps, frame.loss_d, frame.loss_g], axis=1)
    return rows[(steps > 0) & whole]


def plots_of(frames: Sequence[GanFrame]) -> tuple[Plot, ...]:
    """The plots of a training whose `frames`, at least one, are in their order; without curves of what is unknown."""
    at = np.array([frame.position for frame in frames])
    rows = np.concatenate([step_losses(frame) for frame in frames])
    steps, first = np.unique(rows[:, 0], return_index=True)

    def series(curve: MetricCurve) -> Series:
        xs, ys = at, column(frames, curve.column)
        if curve.column in LOSSES:
            xs, ys = steps, rows[first, 1 + LOSSES.index(curve.column)]
        return Series(curve.column, tr(curve.label), curve.title, curve.hue, xs, ys, curve.style)

    def plot(key: str, group: Group) -> Plot:
        curves = tuple(s for s in map(series, group.curves) if len(s.xs) and np.isfinite(s.ys).any())
        ends = [column(frames, name) for name in group.band or ()]
        bands = (Band("text", at, ends[0], ends[1], "95 %"),) if ends else ()
        return Plot(key, tr(group.label), curves, group.limits, group.log, group.levels, bands)

    return tuple(made for made in (plot(key, group) for key, group in GROUPS.items()) if made.series)


def column(frames: Sequence[GanFrame], name: str) -> F64:
    """The figure `name` of every frame, (N,); modes as a share of those there are; losses have steps of their own."""
    if name in LOSSES:
        return np.empty(0)
    if name == "covered":
        return np.array([covered(frame) / max(1, len(frame.per_mode)) for frame in frames])
    return np.array([float(getattr(frame, name)) for frame in frames])
