"""What an export will look like, before it is written: the pixels that a reader of the file will see.

What cannot be known before it is written, or would take too long, is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diffviz.domain.arrays import U8
from diffviz.domain.errors import NothingToExport
from diffviz.domain.export_settings import DRAWN, FIGURES, ExportSettings
from diffviz.domain.frame_times import chosen
from diffviz.domain.frames import Frame
from diffviz.domain.text import tr
from diffviz.export import films, lossless, plots
from diffviz.export.colours import Colours
from diffviz.export.formats import checked_page
from diffviz.export.frame_layout import FrameLayout
from diffviz.export.run_info import NOTHING, RunInfo, with_figures

FOLLOWED = 64
"""The frames of a GIF that its colours are followed through up to the one that is shown."""


@dataclass(frozen=True, slots=True, eq=False)
class ExportPicture:
    """What will be seen of a file, uint8 (height, width[, 3]), and a sentence on how that differs, where it does."""

    pixels: U8
    differs: str = ""


def picture_of(
    frames: Sequence[Frame], at: Frame, settings: ExportSettings, about: RunInfo = NOTHING
) -> ExportPicture | None:
    """The picture for `settings`, None for a file that is none: of several frames the one nearest to `at`.

    Raises what the export would.
    """
    about = with_figures(about, frames)
    if settings.format in DRAWN:
        page = checked_page(frames, settings, about)
        return _as_written(page, _wanted(frames, settings) or [at], at, settings)
    if settings.format == "sheet":
        wanted = _wanted(frames, settings)
        if not wanted:
            raise NothingToExport
        return ExportPicture(lossless.sheet_of(wanted, settings, about))
    if settings.format not in FIGURES:
        return None
    vectors = tr("Lines and letters, which have no pixels: this is how they look.")
    return ExportPicture(plots.preview(frames, settings, about), vectors if settings.format != "plot" else "")


def _wanted(frames: Sequence[Frame], settings: ExportSettings) -> list[Frame]:
    return [frames[i] for i in chosen([frame.position for frame in frames], settings)]


def _as_written(page: FrameLayout, film: Sequence[Frame], at: Frame, settings: ExportSettings) -> ExportPicture:
    """The frame of `film` nearest to `at` as the format keeps it."""
    number = min(range(len(film)), key=lambda i: abs(film[i].position - at.position))
    if settings.format == "gif":
        return _indexed(page, film, number)
    picture = page.draw(film[number])
    if settings.format != "mp4":
        return ExportPicture(picture)
    grey = tr("MP4 compresses: a few grey levels differ.")
    coloured = tr("MP4 compresses, with colours at half the resolution: a few levels differ.")
    return ExportPicture(films.filmed(picture), grey if page.grey else coloured)


def _indexed(page: FrameLayout, film: Sequence[Frame], number: int) -> ExportPicture:
    """Frame `number` of `film` in the colours of a GIF, which are those of the frames before it too.

    Greys are the same in all frames.
    """
    first = number if page.canvas.grey else max(0, number - FOLLOWED)
    colours, shown = Colours(page, film[first:]), np.empty(0, np.uint8)
    for frame in film[first : number + 1]:
        found = colours.of(frame)
        drawn = found.table.take(found.indices, 0)
        shown = drawn if found.clear is None else np.where(found.kept[..., None], shown, drawn)
    late = tr("A GIF has 256 colours, chosen anew from frame to frame: this late frame differs a little.")
    return ExportPicture(shown, late if first and not page.canvas.grey else "")


def contents_of(
    frames: Sequence[Frame], settings: ExportSettings, about: RunInfo = NOTHING
) -> tuple[tuple[str, str], ...]:
    """Name and shape of each array, or name and length of each column, of a file of data."""
    count = len(chosen([f.position for f in frames], settings))
    if settings.format == "csv":
        about = with_figures(about, frames)
        curves = ((series.key, f"{np.isfinite(series.ys).sum():,}") for series in plots.curves_of(frames, about))
        return (*curves, *((name, f"{count:,}") for name in plots.measures(frames)))
    names = plots.NAMES.get(type(frames[0]), {})
    shapes = ((name, (count, *frames[0].arrays()[name].shape)) for name in plots.arrays_of(frames[0]))
    return tuple((names.get(name, name), " × ".join(map(str, shape))) for name, shape in shapes)
