"""All export formats, and the one way in.

What an export will look like, before it is written.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from diffviz.domain.arrays import U8
from diffviz.domain.errors import FormatUnavailable, NotAScale, NothingToExport
from diffviz.domain.export_settings import DRAWN, FIGURES, ExportSettings, Progress, unwatched
from diffviz.domain.frame_times import chosen
from diffviz.domain.frames import Frame
from diffviz.domain.settings import check
from diffviz.export import films, lossless, plots
from diffviz.export.colours import Colours
from diffviz.export.frame_layout import FrameLayout, FramePictureSource, page_of
from diffviz.export.plots import NAMES, arrays_of, curves_of, measures
from diffviz.export.run_info import NOTHING, RunInfo, with_figures

MOST_PIXELS = 1 << 27

PictureWriter = Callable[[FramePictureSource, Path, ExportSettings, Progress], None]
FrameWriter = Callable[[Sequence[Frame], Path, ExportSettings, Progress, RunInfo], None]


def _always() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: its suffix (empty: a folder), and its writer, of pictures or of the frames themselves.

    `limit` is the longest side a picture can have in pixels; `missing()` says what it lacks here, empty for nothing.
    """

    suffix: str
    pictures: PictureWriter | None = None
    frames: FrameWriter | None = None
    limit: int = lossless.PNG_LIMIT
    missing: Callable[[], str] = _always


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "gif": Format(".gif", films.write_gif, limit=films.GIF_LIMIT),
        "apng": Format(".apng", lossless.write_apng),
        "webp": Format(".webp", lossless.write_webp, limit=lossless.WEBP_LIMIT),
        "mp4": Format(".mp4", films.write_mp4, limit=films.MP4_LIMIT, missing=films.missing),
        "png": Format(".png", lossless.write_png),
        "sequence": Format("", lossless.write_sequence),
        "sheet": Format(".png", frames=lossless.write),
        "plot": Format(".png", frames=plots.write_png),
        "svg": Format(".svg", frames=plots.write_svg),
        "pdf": Format(".pdf", frames=plots.write_pdf),
        "npz": Format(".npz", frames=plots.write_npz),
        "csv": Format(".csv", frames=plots.write_csv),
    }
)


def export(
    frames: Sequence[Frame],
    path: Path,
    settings: ExportSettings,
    progress: Progress = unwatched,
    about: RunInfo = NOTHING,
) -> None:
    """Write what `settings` ask for of `frames`, a run in its order of computation, to `path`.

    `path` comes into being whole or not at all, and what was there stays until then. Raises `NothingToExport`,
    `NotAScale`, `NotAChoice` (a pane or plot that the run does not have), `OutOfRange`, `FormatUnavailable`,
    `ExportFailed`, and what `progress` raises.
    """
    check(settings)
    kind = FORMATS[settings.format]
    if lacks := kind.missing():
        raise FormatUnavailable(settings.format, lacks)
    wanted = [frames[i] for i in chosen([frame.position for frame in frames], settings)]
    if not wanted:
        raise NothingToExport
    about = with_figures(about, frames)
    if kind.pictures:
        kind.pictures(
            FramePictureSource(wanted, checked_page(frames, settings, about), about), path, settings, progress
        )
    elif kind.frames:
        kind.frames(wanted, path, settings, progress, about)


def checked_page(frames: Sequence[Frame], settings: ExportSettings, about: RunInfo = NOTHING) -> FrameLayout:
    """The page of the run `frames`, at least one, for `settings`. Raises `NotAChoice`, `NotAScale`."""
    page = page_of(frames, settings, about)
    width, height = page.size
    longest = max(width, height)
    limit = min(FORMATS[settings.format].limit, math.isqrt(MOST_PIXELS * longest // min(width, height)))
    if longest > limit:
        raise NotAScale(longest, limit)
    return page


ROWS = 8


def picture_of(frames: Sequence[Frame], at: Frame, settings: ExportSettings, about: RunInfo = NOTHING) -> U8 | None:
    """The picture for `settings` with the frame `at` on it, None for a file that is none; uint8 (height, width[, 3]).

    It is what will be written, pixel by pixel: of a GIF in its colours, as its first frame. Raises what the export
    would.
    """
    about = with_figures(about, frames)
    if settings.format in DRAWN:
        page = checked_page(frames, settings, about)
        return indexed(page, at) if settings.format == "gif" else page.draw(at)
    if settings.format == "sheet":
        wanted = [frames[i] for i in chosen([f.position for f in frames], settings)]
        if not wanted:
            raise NothingToExport
        return lossless.sheet_of(wanted, settings, about)
    return plots.preview(frames, settings, about) if settings.format in FIGURES else None


def indexed(page: FrameLayout, at: Frame) -> U8:
    """The picture of `at` in the colours of a GIF that begins with it."""
    found = Colours(page, [at]).of(at)
    return found.table[found.indices]


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
