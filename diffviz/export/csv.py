"""CSV of every curve: those of the plots, and what can be said of a frame in one number."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from diffviz.domain.atomic import replacing
from diffviz.domain.export_settings import ExportSettings, Progress
from diffviz.domain.frames import ForwardFrame, Frame
from diffviz.domain.gan import GanFrame
from diffviz.domain.gan_curves import covered
from diffviz.domain.objective import ObjectiveFrame
from diffviz.domain.objective_curves import COLUMNS, columns_of
from diffviz.domain.planar import PlanarFrame
from diffviz.domain.plots import Series
from diffviz.export.metadata import KEYWORD, text_of
from diffviz.export.npz import numbers_of
from diffviz.export.run_info import RunInfo

LAST = ("loss_d", "loss_g")
COMMENT = f"# {KEYWORD}: "


def write(frames: Sequence[Frame], path: Path, settings: ExportSettings, progress: Progress, about: RunInfo) -> None:
    """Write one line for every t of the curves and of `frames`, ascending; what is not known at a t is left empty.

    `mean_x` and `std_x` are those of all pixels of x_t; `loss` is the mean over the samples. Of a GAN, t is the
    training step, `loss_d` and `loss_g` are those of the last step before it, `covered` counts modes or classes. Of an
    objective, every column is the mean over the pictures, with that mean's standard error and the ends of its 95 %
    interval; of particles beside a network's, `error` is that of its score.
    """
    curves = curves_of(frames[0], about)
    by_t = {frame.position: frame for frame in frames}
    terms = columns_of(frames)
    ts = sorted({*by_t, *(t for s in curves for t in s.xs.tolist() if settings.low <= t <= settings.high)})
    measured = measures(frames[0])
    text = text_of(about, settings)
    with replacing(path) as file:
        progress(0, len(ts))
        if text:
            file.write((COMMENT + text + "\n").encode("ascii"))
        file.write(_line([frames[0].axis, *(s.key for s in curves), *measured]))
        for i, t in enumerate(ts):
            found = _measured(by_t.get(t), measured, terms)
            file.write(_line([_number(t), *(_number(_at(s, t)) for s in curves), *found]))
            progress(i + 1, len(ts))


def curves_of(frame: Frame, about: RunInfo) -> list[Series]:
    """The curves of a run that its frames, all like `frame`, do not measure themselves."""
    own = measures(frame)
    return [series for plot in about.plots for series in plot.series if series.key not in own]


def measures(frame: Frame) -> tuple[str, ...]:
    """Names of what is measured on every frame of a run like `frame`."""
    if isinstance(frame, GanFrame):
        return (*(name for name in numbers_of([frame]) if name != "position"), *LAST)
    if isinstance(frame, ObjectiveFrame):
        return COLUMNS
    if isinstance(frame, PlanarFrame):
        return ("mean_x", "std_x", *(("error",) if frame.learnt_x is not None else ()))
    pixels = ("mean_x", "std_x") if "x" in frame.arrays() else ()
    return (*pixels, *(("loss",) if isinstance(frame, ForwardFrame) and frame.loss is not None else ()))


def _measured(frame: Frame | None, names: Sequence[str], terms: Mapping[float, Sequence[float]]) -> Iterator[str]:
    if frame is None:
        yield from ("" for _ in names)
        return
    if isinstance(frame, ObjectiveFrame):
        yield from map(_number, terms[frame.position])
        return
    if isinstance(frame, GanFrame):
        known = {name: float(getattr(frame, name)[-1]) for name in LAST} | {"covered": covered(frame)}
        yield from (_number(known[name] if name in known else float(getattr(frame, name))) for name in names)
        return
    for name in names:
        if name == "error":
            yield _number(float(getattr(frame, name)))
            continue
        values = frame.arrays()["x" if name in ("mean_x", "std_x") else name].astype(np.float64)
        yield _number(float(values.std() if name == "std_x" else values.mean()))


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
