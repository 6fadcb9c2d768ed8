"""All export formats, and the one way in."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from diffviz.domain.errors import NotAScale, NothingToExport
from diffviz.domain.export import ExportSettings, chosen
from diffviz.domain.frames import Frame
from diffviz.domain.settings import check
from diffviz.export import gif, png, sequence
from diffviz.export.panes import Canvas, Pictures, canvas_of
from diffviz.export.progress import Progress, unwatched

MOST_PIXELS = 1 << 27


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: its writer, its suffix (empty: a folder), and the longest side it can have in pixels."""

    write: Callable[[Pictures, Path, ExportSettings, Progress], None]
    suffix: str
    limit: int


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "gif": Format(gif.write, ".gif", gif.LIMIT),
        "png": Format(png.write, ".png", (1 << 31) - 1),
        "sequence": Format(sequence.write, "", (1 << 31) - 1),
    }
)


def export(frames: Sequence[Frame], path: Path, settings: ExportSettings, progress: Progress = unwatched) -> None:
    """Write what `settings` ask for of `frames`, a run in its order of computation, to `path`.

    `path` comes into being whole or not at all, and what was there stays until then. Raises `NothingToExport`,
    `NotAScale`, `NotAChoice` (a pane that the run does not have), `OutOfRange`, `ExportFailed`, and what `progress`
    raises.
    """
    check(settings)
    wanted = [frames[i] for i in chosen([frame.position for frame in frames], settings)]
    if not wanted:
        raise NothingToExport
    canvas = checked_canvas(frames, settings)
    FORMATS[settings.format].write(Pictures(wanted, canvas), path, settings, progress)


def checked_canvas(frames: Sequence[Frame], settings: ExportSettings) -> Canvas:
    """The canvas of the run `frames`, at least one, for `settings`. Raises `NotAChoice`, `NotAScale`."""
    canvas = canvas_of(frames, settings)
    width, height = canvas.size
    longest = max(width, height)
    limit = min(FORMATS[settings.format].limit, math.isqrt(MOST_PIXELS * longest // min(width, height)))
    if longest > limit:
        raise NotAScale(longest, limit)
    return canvas
