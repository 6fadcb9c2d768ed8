"""What an export will look like, before it is written."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from diffviz.domain.arrays import U8
from diffviz.domain.errors import NothingToExport
from diffviz.domain.export_settings import DRAWN, ExportSettings, chosen
from diffviz.domain.frames import Frame
from diffviz.domain.palette import PALETTES
from diffviz.export import contact, plot
from diffviz.export.csv import curves_of, measures
from diffviz.export.formats import checked_page
from diffviz.export.npz import NAMES, arrays_of
from diffviz.export.raster import drawn
from diffviz.export.run_info import NOTHING, RunInfo, with_figures

ROWS = 8


def picture_of(frames: Sequence[Frame], at: Frame, settings: ExportSettings, about: RunInfo = NOTHING) -> U8 | None:
    """The picture for `settings` with the frame `at` on it, None for a file that is none; uint8 (height, width[, 3]).

    Raises what the export would.
    """
    about = with_figures(about, frames)
    if settings.format in DRAWN:
        return checked_page(frames, settings, about).draw(at)
    if settings.format == "sheet":
        wanted = [frames[i] for i in chosen([f.position for f in frames], settings)]
        if not wanted:
            raise NothingToExport
        return contact.sheet_of(wanted, settings, about)
    if settings.format in ("plot", "svg"):
        return drawn(plot.figure(frames, settings, about), PALETTES[settings.ground])
    return None


def contents_of(
    frames: Sequence[Frame], settings: ExportSettings, about: RunInfo = NOTHING
) -> tuple[tuple[str, str], ...]:
    """Name and shape of each array, or name and length of each column, of a file of data."""
    count = len(chosen([f.position for f in frames], settings))
    if settings.format == "csv":
        about = with_figures(about, frames)
        curves = ((series.key, f"{np.isfinite(series.ys).sum():,}") for series in curves_of(frames, about))
        return (*curves, *((name, f"{count:,}") for name in measures(frames)))
    names = NAMES.get(type(frames[0]), {})
    shapes = ((name, (count, *frames[0].arrays()[name].shape)) for name in arrays_of(frames[0]))
    return tuple((names.get(name, name), " × ".join(map(str, shape))) for name, shape in shapes)
