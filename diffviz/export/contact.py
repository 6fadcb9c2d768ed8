"""Contact sheets: a grid of pictures with a name at every row and column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from diffviz.domain.arrays import U8
from diffviz.domain.errors import NotAScale
from diffviz.domain.export_settings import ExportSettings, Progress
from diffviz.domain.frames import Frame
from diffviz.domain.palette import PALETTES
from diffviz.domain.panes import stamp
from diffviz.domain.text import tr
from diffviz.export import png
from diffviz.export.lettering import Lettering
from diffviz.export.metadata import text_of
from diffviz.export.panes import PaneCanvas, canvas_of
from diffviz.export.raster import colour
from diffviz.export.run_info import RunInfo

MARGIN, GAP, GROUP = 16, 4, 20
LETTERS, LINE = 14, 26
CELL = 64
MOST_PIXELS = 1 << 27


@dataclass(frozen=True, slots=True, eq=False)
class ContactSheet:
    """Rows of cells, all uint8 of one shape (H, W) or (H, W, 3); `groups` name runs of columns of equal length."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[U8, ...], ...]
    groups: tuple[str, ...] = ()


def write(frames: Sequence[Frame], path: Path, settings: ExportSettings, progress: Progress, about: RunInfo) -> None:
    """Write a sheet of `frames`, a row each, its columns the samples of every pane."""
    png.write_one(sheet_of(frames, settings, about), path, text_of(about, settings), progress)


def sheet_of(frames: Sequence[Frame], settings: ExportSettings, about: RunInfo) -> U8:
    """The sheet of `frames` as pixels. Raises `NotAScale` where it would be larger than a file holds."""
    canvas = canvas_of(frames, settings, about)
    names = about.names if len(about.names) == canvas.shape[0] else ()
    columns = tuple(names or map(str, range(1, canvas.shape[0] + 1))) * len(canvas.panes)
    cells = tuple(tuple(image for pane in canvas.samples(frame) for image in pane) for frame in frames)
    rows = tuple(map(stamp, frames))
    sheet = ContactSheet(rows, columns, cells, tuple(tr(pane.label) for pane in canvas.panes))
    return drawn(sheet, settings.scale or scale_of(canvas), settings.ground)


def scale_of(canvas: PaneCanvas) -> int:
    """The whole number that brings a sample nearest to a comfortable size."""
    return max(1, round(CELL / max(canvas.shape[2:])))


def drawn(sheet: ContactSheet, scale: int, ground: str) -> U8:
    """`sheet` as uint8 (height, width, 3), every pixel of a cell on `scale` × `scale`."""
    palette = PALETTES[ground]
    first = sheet.cells[0][0]
    cell = first.shape[1] * scale, first.shape[0] * scale
    left = MARGIN + max(round(Lettering(row, LETTERS).width) for row in sheet.rows) + 14
    top = MARGIN + LINE * (2 if sheet.groups else 1)
    xs = _lefts(sheet, left, cell[0])
    size = _checked(xs[-1] + cell[0] + MARGIN, top + len(sheet.rows) * (cell[1] + GAP) - GAP + MARGIN)
    image = Image.new("RGB", size, colour(palette, "ground"))
    draw = ImageDraw.Draw(image)
    for i, (name, row) in enumerate(zip(sheet.rows, sheet.cells, strict=True)):
        y = top + i * (cell[1] + GAP)
        Lettering(name, LETTERS).paint(draw, MARGIN, y + cell[1] / 2 + LETTERS * 0.35, colour(palette, "text"))
        for x, pixels in zip(xs, row, strict=True):
            image.paste(Image.fromarray(pixels.repeat(scale, 0).repeat(scale, 1)), (x, y))
    for x, name in zip(xs, _apart(sheet.columns, cell[0]), strict=True):
        words = _fitting(name, cell[0])
        words.paint(draw, x + (cell[0] - words.width) / 2, top - 9, colour(palette, "quiet"))
    for i, name in enumerate(sheet.groups):
        x = xs[i * len(xs) // len(sheet.groups)]
        Lettering(name, LETTERS, "SemiBold").paint(draw, x, MARGIN + LETTERS, colour(palette, "text"))
    return np.asarray(image, np.uint8)


def _checked(width: int, height: int) -> tuple[int, int]:
    if width * height > MOST_PIXELS:
        raise NotAScale(max(width, height), MOST_PIXELS // min(width, height))
    return width, height


def _lefts(sheet: ContactSheet, left: int, width: int) -> list[int]:
    """Where each column begins; groups stand further apart."""
    each = len(sheet.columns) // max(1, len(sheet.groups))
    return [left + i * (width + GAP) + (i // each if sheet.groups else 0) * GROUP for i in range(len(sheet.columns))]


def _apart(names: Sequence[str], width: int) -> list[str]:
    """`names`, without the words that all of them begin with where one is wider than `width`."""
    pairs = zip(min(names, default=""), max(names, default=""), strict=False)
    alike = "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    begin = alike.rfind(" ") + 1
    wide = any(Lettering(name, LETTERS - 4).width > width for name in names)
    return [name[begin:] for name in names] if wide and len(set(names)) > 1 else list(names)


def _fitting(name: str, width: int) -> Lettering:
    """`name`, smaller or shortened where it is wider than its column."""
    for size in (LETTERS, LETTERS - 2, LETTERS - 4):
        words = Lettering(name, size)
        if words.width <= width:
            return words
    while len(name) > 1 and Lettering(name + "…", LETTERS - 4).width > width:
        name = name[:-1]
    return Lettering(name + "…", LETTERS - 4)
