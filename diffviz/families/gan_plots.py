"""The plots of a GAN's training over its steps: D's accuracy, the losses, divergence and coverage, G's gradient."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diffviz.domain import gan_verdicts
from diffviz.domain.arrays import F64
from diffviz.domain.frames import Frame
from diffviz.domain.gan import GanFrame
from diffviz.domain.glossary import meaning
from diffviz.domain.plots import Band, ColumnReader, FigureColumns, Plot, PlotData, Rows, Series
from diffviz.domain.text import tr
from diffviz.families.family import Numbers, Remarks
from diffviz.theory import gan_verdict
from diffviz.theory.gan_verdict import PastReader

SCALARS = ("accuracy_real", "accuracy_fake", "accuracy", "low", "high", "gradient", "tv", "js", "best", "quality")
"""Fields of `GanFrame` that are read as they are."""


@dataclass(frozen=True, slots=True, eq=False)
class GanFigures(FigureColumns):
    """`SCALARS` by name, and `covered`, the share of the modes that have samples; `largest` and `settled` are those of
    the past up to each evaluation (`diffviz.theory.gan_verdict.Past`).

    `loss_d` and `loss_g` (K,) stand at the training steps `steps` (K,), ascending.
    """

    steps: F64
    loss_d: F64
    loss_g: F64


class GanReader:
    """Reads the evaluations of a training, oldest first, each once. A `FigureReader`."""

    def __init__(self) -> None:
        self._columns = ColumnReader((*SCALARS, "covered", "largest", "settled"), self._values)
        self._losses = Rows(3)
        self._past = PastReader()
        self._seen: GanFigures | None = None

    def take(self, frame: Frame, begin: float = -math.inf, end: float = math.inf) -> None:
        """Read the next `frame`: its evaluation, and the losses of the steps that led to it.

        Those of the last steps of a stretch that ends at `end` are in the frame that comes after it.
        """
        assert isinstance(frame, GanFrame), "a training has no others"
        self._columns.take(frame, begin, end)
        last = float(self._losses.values[-1, 0]) if len(self._losses) else -math.inf
        losses = step_losses(frame)
        self._losses.extend(losses[(losses[:, 0] > max(last, begin)) & (losses[:, 0] <= end)])
        self._seen = None

    @property
    def figures(self) -> GanFigures:
        """What has been read: the same object until more is."""
        if self._seen is None:
            seen, losses = self._columns.figures, self._losses.values
            self._seen = GanFigures(seen.positions, seen.columns, losses[:, 0], losses[:, 1], losses[:, 2])
        return self._seen

    def _values(self, frame: Frame) -> list[float]:
        assert isinstance(frame, GanFrame)
        past = self._past.take(frame)
        share = frame.covered_modes / max(1, len(frame.per_mode))
        return [*(float(getattr(frame, name)) for name in SCALARS), share, past.largest, past.settled]


def step_losses(frame: GanFrame) -> F64:
    """Rows (K, 3) of training step, L_D and L_G at every step since the frame before; none between two whole steps."""
    whole = frame.position == int(frame.position)  # between two steps the losses are those of the step before
    steps = frame.position - np.arange(len(frame.loss_d), dtype=np.float64)[::-1]
    rows = np.stack([steps, frame.loss_d, frame.loss_g], axis=1)
    return rows[(steps > 0) & whole]


def numbers(frames: Sequence[Frame]) -> Numbers:
    """Every number of an evaluation, and the losses of the last step before it; of `covered` the number of modes."""
    fields = [f.name for f in dataclasses.fields(frames[0]) if isinstance(getattr(frames[0], f.name), float | int)]
    names = [name for name in fields if name != "position"]

    def of(frame: Frame) -> dict[str, float]:
        assert isinstance(frame, GanFrame)
        last = {"loss_d": float(frame.loss_d[-1]), "loss_g": float(frame.loss_g[-1])}
        return {name: float(getattr(frame, name)) for name in names} | {"covered": frame.covered_modes} | last

    return of


def remarks(frames: Sequence[GanFrame]) -> Remarks:
    """The verdict on a training up to each of its evaluations `frames`, oldest first."""
    reader = PastReader()
    pasts, numbers = [reader.take(frame) for frame in frames], {frame.position: i for i, frame in enumerate(frames)}

    def of(frame: GanFrame) -> tuple[str, str]:
        last = numbers[frame.position] + 1
        recent = frames[max(0, last - gan_verdict.LOOK_BACK) : last]
        found = gan_verdict.verdict(recent, pasts[last - 1])
        return gan_verdicts.label(found), gan_verdicts.explanation(found)

    return of


def plots(data: PlotData) -> tuple[Plot, ...]:
    """The plots of a training."""
    figures = GanReader().figures if data.figures is None else data.figures
    return _accuracy(figures), _losses(figures), _shares(figures), _gradient(figures)


def _accuracy(figures: GanFigures) -> Plot:
    at = figures.positions
    series = (
        _series(figures, "accuracy_real", "x", meaning("gan", "real"), "alpha_bar"),
        _series(figures, "accuracy_fake", "G(z)", meaning("gan", "fake"), "generated"),
        _series(figures, "accuracy", tr("both"), meaning("gan", "overall"), "text"),
        _series(figures, "best", "D*", meaning("gan", "best"), "loss", "dashed"),
    )
    band = Band("text", at, figures["low"], figures["high"], "95 %")
    return Plot("accuracy", tr("accuracy"), series, (0.0, 1.0), levels=(0.5,), bands=(band,), dots=False)


def _losses(figures: GanFigures) -> Plot:
    steps = figures.steps
    series = (
        Series("loss_d", "L_D", meaning("gan", "loss_d"), "loss", steps, figures.loss_d),
        Series("loss_g", "L_G", meaning("gan", "loss_g"), "generated", steps, figures.loss_g),
    )
    return Plot("losses", tr("losses"), series, dots=False)


def _shares(figures: GanFigures) -> Plot:
    series = (
        _series(figures, "js", "JS", meaning("gan", "js"), "loss"),
        _series(figures, "tv", "TV", meaning("gan", "tv"), "loss", "dotted"),
        _series(figures, "covered", tr("modes"), meaning("gan", "modes"), "generated"),
        _series(figures, "quality", "≤ 3σ", meaning("gan", "quality"), "generated", "dashed"),
    )
    return Plot("shares", tr("shares"), series, (0.0, 1.0), dots=False)


def _gradient(figures: GanFigures) -> Plot:
    series = _series(figures, "gradient", "‖∂L_G‖", meaning("gan", "gradient"), "generated")
    return Plot("gradient", tr("gradient"), (series,), log=True, dots=False)


def _series(figures: GanFigures, key: str, label: str, title: str, hue: str, style: str = "solid") -> Series:
    return Series(key, label, title, hue, figures.positions, figures[key], style)
