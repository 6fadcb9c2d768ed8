"""All export formats, and the one way in."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from diffviz.domain.errors import FormatUnavailable, NotAScale, NothingToExport
from diffviz.domain.export_settings import ExportSettings, Progress, unwatched
from diffviz.domain.frame_times import chosen
from diffviz.domain.frames import Frame
from diffviz.domain.settings import check
from diffviz.export import films, lossless, plots
from diffviz.export.frame_layout import FrameLayout, FramePictureSource, page_of
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
