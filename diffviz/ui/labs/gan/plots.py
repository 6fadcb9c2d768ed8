"""The plots over the training step: D's accuracy, the losses, divergence and coverage, and the gradient G receives."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter

from diffviz.domain.arrays import F64
from diffviz.domain.gan_curves import GROUPS, LOSSES, Group
from diffviz.domain.text import mark, tr
from diffviz.ui.labs.gan.metrics import MetricFigures, MetricsLog
from diffviz.ui.timeline import Axis, BandSpec, CurveSpec, PlotSpec
from diffviz.ui.timeline.specs import STYLES


def training_step() -> Axis:
    """The axis of a training; between two whole steps D has been updated and G has not."""
    return Axis(tr("step"), "", "", mark("Training step"), written, mark("frame"))


def written(position: float) -> str:
    """A training step as it is written."""
    return f"{position:,.0f}" if position == int(position) else f"{position:,.1f}"


def gan_plots(history: MetricsLog) -> tuple[PlotSpec, ...]:
    """The plots, with labels in the language in force."""
    return tuple(_plot(group, history) for group in GROUPS.values())


def _plot(group: Group, history: MetricsLog) -> PlotSpec:
    curves = tuple(
        CurveSpec(tr(curve.label), curve.hue, STYLES[curve.style], curve.title, _column(curve.column))
        for curve in group.curves
    )
    at = _steps if group.curves[0].column in LOSSES else _positions
    bands = (BandSpec("text", *map(_column, group.band)),) if group.band else ()
    return PlotSpec(
        tr(group.label),
        curves,
        history,
        group.limits,
        always_log=group.log,
        positions=at,
        bands=bands,
        levels=group.levels,
        dots=False,
    )


def _positions(figures: MetricFigures) -> F64:
    return figures.positions


def _steps(figures: MetricFigures) -> F64:
    return figures.steps


def _column(name: str) -> Callable[[MetricFigures], F64]:
    if name in LOSSES:
        return attrgetter(name)
    if name == "covered":
        return _covered
    return lambda figures: figures.columns[name]


def _covered(figures: MetricFigures) -> F64:
    return figures.columns["covered"] / figures.modes
