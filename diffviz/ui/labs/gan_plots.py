"""The plots over the training step: D's accuracy, the losses, divergence and coverage, and the gradient G receives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from diffviz.domain.text import mark, tr
from diffviz.ui.labs.gan_history import Figures, History
from diffviz.ui.timeline import Axis, BandSpec, CurveSpec, PlotSpec

Floats = NDArray[np.float64]
Solid, Dashed, Dotted = Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine


def training_step() -> Axis:
    """The axis of a training; between two whole steps D has been updated and G has not."""
    return Axis(tr("step"), "", "", mark("Training step"), written, mark("frame"))


def written(position: float) -> str:
    """A training step as it is written."""
    return f"{position:,.0f}" if position == int(position) else f"{position:,.1f}"


def gan_plots(history: History) -> tuple[PlotSpec, ...]:
    """The plots, with labels in the language in force."""
    return (_accuracy(history), _losses(history), _divergence(history), _gradient(history))


def _accuracy(history: History) -> PlotSpec:
    curves = (
        CurveSpec("x", "alpha_bar", Solid, mark("D's accuracy on real data"), _column("accuracy_real")),
        CurveSpec("G(z)", "generated", Solid, mark("D's accuracy on samples of G"), _column("accuracy_fake")),
        CurveSpec(tr("both"), "text", Solid, mark("D's accuracy on both, with its 95 % interval"), _column("accuracy")),
        CurveSpec("D*", "loss", Dashed, mark("accuracy of the best possible D, ½ (1 + TV)"), _column("best")),
    )
    band = BandSpec("text", _column("low"), _column("high"))
    return PlotSpec(
        tr("accuracy"), curves, history, (0.0, 1.0), positions=_positions, bands=(band,), levels=(0.5,), dots=False
    )


def _losses(history: History) -> PlotSpec:
    curves = (
        CurveSpec("L_D", "loss", Solid, mark("what D minimises, at every step"), lambda figures: figures.loss_d),
        CurveSpec("L_G", "generated", Solid, mark("what G minimises, at every step"), lambda figures: figures.loss_g),
    )
    return PlotSpec(tr("losses"), curves, history, positions=lambda figures: figures.steps, dots=False)


def _divergence(history: History) -> PlotSpec:
    curves = (
        CurveSpec("JS", "loss", Solid, mark("Jensen–Shannon divergence of data and samples, in bits"), _column("js")),
        CurveSpec("TV", "loss", Dotted, mark("total variation of data and samples"), _column("tv")),
        CurveSpec(tr("modes"), "generated", Solid, mark("share of the modes that have samples"), _covered),
        CurveSpec("≤ 3σ", "generated", Dashed, mark("share of samples within 3 σ of a mode"), _column("quality")),
    )
    return PlotSpec(tr("shares"), curves, history, (0.0, 1.0), positions=_positions, dots=False)


def _gradient(history: History) -> PlotSpec:
    curve = CurveSpec(
        "‖∂L_G‖", "generated", Solid, mark("mean norm of the gradient that G receives"), _column("gradient")
    )
    return PlotSpec(tr("gradient"), (curve,), history, always_log=True, positions=_positions, dots=False)


def _positions(figures: Figures) -> Floats:
    return figures.positions


def _column(name: str) -> Callable[[Figures], Floats]:
    return lambda figures: figures.columns[name]


def _covered(figures: Figures) -> Floats:
    return figures.columns["covered"] / figures.modes
