"""The plots alone, as PNG or SVG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from diffviz.domain.atomic import replacing
from diffviz.domain.errors import NothingToExport
from diffviz.domain.export_settings import ExportSettings, Progress
from diffviz.domain.frames import Frame
from diffviz.domain.palette import PALETTES
from diffviz.domain.panes import axis_name
from diffviz.export import png
from diffviz.export.figure import Figure, figure_of
from diffviz.export.frame_layout import axis_of, chosen_plots
from diffviz.export.metadata import text_of
from diffviz.export.raster import drawn
from diffviz.export.run_info import RunInfo
from diffviz.export.svg import svg_of

WIDTH = 640
SCALE, LARGEST = 2, 8


def write_png(
    frames: Sequence[Frame], path: Path, settings: ExportSettings, progress: Progress, about: RunInfo
) -> None:
    """Write the plots to `path`; scale 2 is a point of a plot on two pixels."""
    picture = drawn(figure(frames, settings, about), PALETTES[settings.ground], plot_scale(settings))
    png.write_one(picture, path, text_of(about, settings), progress)


def write_svg(
    frames: Sequence[Frame], path: Path, settings: ExportSettings, progress: Progress, about: RunInfo
) -> None:
    """Write the plots to `path` as vectors."""
    text = svg_of(figure(frames, settings, about), PALETTES[settings.ground], text_of(about, settings))
    with replacing(path) as file:
        progress(0, 1)
        file.write(text.encode())
        progress(1, 1)


def plot_scale(settings: ExportSettings) -> int:
    """Pixels of a point of a plot."""
    return min(settings.scale or SCALE, LARGEST)


def figure(frames: Sequence[Frame], settings: ExportSettings, about: RunInfo) -> Figure:
    """The plots asked for; where none is, those that the run is about, else all. Raises `NothingToExport`."""
    plots = chosen_plots(settings, about) or tuple(plot for plot in about.plots if plot.subject) or about.plots
    if not plots:
        raise NothingToExport
    return figure_of(plots, WIDTH, axis_of(frames, settings, about), axis_name(frames[0]))
