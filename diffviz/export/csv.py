"""CSV of every curve: those of the plots, and what can be said of a frame in one number."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from diffviz.domain.atomic import replacing
from diffviz.domain.export_settings import ExportSettings, Progress
from diffviz.domain.frames import Frame
from diffviz.domain.plots import Series
from diffviz.export.metadata import KEYWORD, text_of
from diffviz.export.run_info import RunInfo
from diffviz.families import numbers_of

COMMENT = f"# {KEYWORD}: "


def write(frames: Sequence[Frame], path: Path, settings: ExportSettings, progress: Progress, about: RunInfo) -> None:
    """Write one line for every t of the curves and of `frames`, ascending; what is not known at a t is left empty.

    `mean_x` and `std_x` are those of all pixels of x_t; `loss` is the mean over the samples. Of a GAN, t is the
    training step, `loss_d` and `loss_g` are those of the last step before it, `covered` counts modes or classes. Of an
    objective, every column is the mean over the pictures, with that mean's standard error and the ends of its 95 %
    interval; of particles beside a network's, `error` is that of its score.
    """
    curves = curves_of(frames, about)
    by_t = {frame.position: frame for frame in frames}
    ts = sorted({*by_t, *(t for s in curves for t in s.xs.tolist() if settings.low <= t <= settings.high)})
    numbers, measured = numbers_of(frames), measures(frames)
    text = text_of(about, settings)
    with replacing(path) as file:
        progress(0, len(ts))
        if text:
            file.write((COMMENT + text + "\n").encode("ascii"))
        file.write(_line([frames[0].axis, *(s.key for s in curves), *measured]))
        for i, t in enumerate(ts):
            found = numbers(by_t[t]) if t in by_t else {}
            own = (_number(found.get(name, math.nan)) for name in measured)
            file.write(_line([_number(t), *(_number(_at(s, t)) for s in curves), *own]))
            progress(i + 1, len(ts))


def curves_of(frames: Sequence[Frame], about: RunInfo) -> list[Series]:
    """The curves of a run that its `frames` do not measure themselves."""
    own = measures(frames)
    return [series for plot in about.plots for series in plot.series if series.key not in own]


def measures(frames: Sequence[Frame]) -> tuple[str, ...]:
    """Names of what is measured on every one of `frames`."""
    return tuple(numbers_of(frames)(frames[0]))


def _at(series: Series, t: float) -> float:
    """Height of `series` at `t`, nan between its points and outside."""
    i = int(np.searchsorted(series.xs, t))
    return float(series.ys[i]) if i < len(series.xs) and series.xs[i] == t else math.nan


def _number(value: float) -> str:
    return repr(value) if math.isfinite(value) else ""


def _line(cells: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()
