"""Plots and numbers of a run as files: PNG, SVG and PDF of its curves, CSV of these and of its frames, NPZ.

The plots alone, in millimetres: pixels, or vectors whose words stay words.

CSV of every curve: those of the plots, and what can be said of a frame in one number.

NPZ: every field of the frames as a named array, written frame by frame.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import math
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib import format as npy

from diffviz.domain import atomic, errors, gan
from diffviz.domain.arrays import F64, U8
from diffviz.domain.export_settings import ExportSettings, Progress
from diffviz.domain.frames import ForwardFrame, Frame, PathFrame, ReverseFrame
from diffviz.domain.panes import PALETTES, axis_name
from diffviz.domain.plots import Series
from diffviz.export import comparison, frame_layout, lossless, run_info
from diffviz.export.run_info import KEYWORD, RunInfo, text_of
from diffviz.families import numbers_of

if TYPE_CHECKING:
    from diffviz.export.figure import PlotFigure

POINTS = 72
"""In an inch."""

MILLIMETRES = 25.4
"""In an inch."""
PREVIEWED = 880
"""Pixels of the width of a preview of what has none."""


def write_png(
    frames: Sequence[Frame], path: Path, settings: ExportSettings, progress: Progress, about: RunInfo
) -> None:
    """Write the plots to `path` as pixels. Raises `NotAScale` where they would be too many."""
    pixels = _pixels(figure(frames, settings, about), settings)
    lossless.write_one(pixels, path, text_of(about, settings), progress, settings.dpi)


def _pixels(made: PlotFigure, settings: ExportSettings) -> U8:
    pixels = [math.ceil(side / POINTS * settings.dpi) for side in (settings.width / MILLIMETRES * POINTS, made.height)]
    if math.prod(pixels) > lossless.MOST_PIXELS:
        raise errors.NotAScale(max(pixels), lossless.MOST_PIXELS // min(pixels))
    return made.pixels(settings.dpi)


def write_svg(
    frames: Sequence[Frame], path: Path, settings: ExportSettings, progress: Progress, about: RunInfo
) -> None:
    """Write the plots to `path` as vectors."""
    _write(run_info.svg_with(figure(frames, settings, about).svg(), text_of(about, settings)).encode(), path, progress)


def write_pdf(
    frames: Sequence[Frame], path: Path, settings: ExportSettings, progress: Progress, about: RunInfo
) -> None:
    """Write the plots to `path` as a page of their size."""
    _write(run_info.pdf_with(figure(frames, settings, about).pdf(), text_of(about, settings)), path, progress)


def _write(data: bytes, path: Path, progress: Progress) -> None:
    with atomic.replacing(path) as file:
        progress(0, 1)
        file.write(data)
        progress(1, 1)


def preview(frames: Sequence[Frame], settings: ExportSettings, about: RunInfo) -> U8:
    """The plots as they are written; of vectors, which have no pixels, as they look `PREVIEWED` pixels wide."""
    if settings.format == "plot":
        return _pixels(figure(frames, settings, about), settings)
    return figure(frames, settings, about).pixels(PREVIEWED / settings.width * MILLIMETRES)


def size_of(picture: U8, settings: ExportSettings) -> tuple[float, float]:
    """Width and height in millimetres of the file whose `preview` is `picture`."""
    return settings.width, settings.height or settings.width * len(picture) / picture.shape[1]


def figure(frames: Sequence[Frame], settings: ExportSettings, about: RunInfo) -> PlotFigure:
    """The plots asked for; where none is, those that the run is about, else all.

    Raises `NothingToExport`, and `OutOfRange` for a size in which they have no room.
    """
    from diffviz.export.figure import PlotFigure
    from diffviz.export.figure_legend import Look

    plots = (
        frame_layout.chosen_plots(settings, about) or tuple(plot for plot in about.plots if plot.subject) or about.plots
    )
    if not plots:
        raise errors.NothingToExport
    width, height = (side / MILLIMETRES * POINTS for side in (settings.width, settings.height))
    look = Look(width, PALETTES[settings.ground], settings.letters, height or None, "panel")
    axis = frame_layout.axis_of(frames, settings, about)
    return PlotFigure(plots, look, axis, axis_name(frames[0]), comparison.runs_of(plots, about))


COMMENT = f"# {KEYWORD}: "


def write_csv(
    frames: Sequence[Frame], path: Path, settings: ExportSettings, progress: Progress, about: RunInfo
) -> None:
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
    with atomic.replacing(path) as file:
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


MEMBER = "diffviz.json"
NAMES: Mapping[type[Frame], Mapping[str, str]] = MappingProxyType(
    {
        ReverseFrame: {
            "position": "t",
            "alpha": "sqrt_alpha_bar",
            "sigma": "sqrt_one_minus_alpha_bar",
            "x": "x_t",
            "x0": "x0_hat",
            "eps": "eps_hat",
        },
        ForwardFrame: {
            "position": "t",
            "alpha": "sqrt_alpha_bar",
            "sigma": "sqrt_one_minus_alpha_bar",
            "x": "x_t",
        },
        PathFrame: {"position": "s"},
        gan.GanFrame: {"position": "step"},
    }
)


def write_npz(
    frames: Sequence[Frame], path: Path, settings: ExportSettings, progress: Progress, about: RunInfo
) -> None:
    """Write the fields of `frames` to `path`, numbers as (n,) and pictures as (n, N, C, H, W), and ᾱ.

    Of a process without β, α and σ are called so and there is no ᾱ.
    """
    names, preserving = NAMES.get(type(frames[0]), {}), all(plot.key != "alpha_sigma" for plot in about.plots)
    if not preserving:
        names = {**names, "alpha": "alpha", "sigma": "sigma"}
    with atomic.replacing(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        fields, numbers = arrays_of(frames[0]), columns_of(frames)
        total, done = len(frames) * max(1, len(fields)), 0
        progress(0, total)
        for name, values in numbers.items():
            put(archive, names.get(name, name), [values], values.shape)
        if "alpha" in numbers and preserving:
            put(archive, "alpha_bar", [numbers["alpha"] ** 2], numbers["alpha"].shape)
        for name in fields:
            shape = (len(frames), *frames[0].arrays()[name].shape)
            put(
                archive,
                names.get(name, name),
                (f.arrays()[name] for f in frames),
                shape,
                _counting(progress, done, total),
            )
            done += len(frames)
        if text := text_of(about, settings):
            archive.writestr(zipfile.ZipInfo(MEMBER), text, zipfile.ZIP_DEFLATED)
        if not fields:
            progress(total, total)


def put(
    archive: zipfile.ZipFile,
    name: str,
    parts: Any,
    shape: tuple[int, ...],
    each: Callable[[int], None] = lambda _: None,
) -> None:
    """Add the array `name` of `shape`, whose `parts` follow each other; `each` is told how many are written."""
    with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
        for i, part in enumerate(parts):
            array = np.ascontiguousarray(part)
            if i == 0:
                head = {"descr": npy.dtype_to_descr(array.dtype), "fortran_order": False, "shape": shape}
                npy.write_array_header_2_0(member, head)
            member.write(array.tobytes())
            each(i + 1)


def arrays_of(frame: Frame) -> tuple[str, ...]:
    """Names of the fields of `frame` that are arrays."""
    return tuple(frame.arrays())


def columns_of(frames: Sequence[Frame]) -> dict[str, F64]:
    """The fields of `frames` that are numbers, each as (n,)."""
    names = [f.name for f in dataclasses.fields(frames[0]) if isinstance(getattr(frames[0], f.name), float | int)]
    return {name: np.array([getattr(frame, name) for frame in frames], np.float64) for name in names}


def _counting(progress: Progress, before: int, total: int) -> Callable[[int], None]:
    return lambda done: progress(before + done, total)
