"""A figure as pixels, its lines smoothed by drawing them larger and averaging."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image, ImageDraw

from diffviz.domain.arrays import U8
from diffviz.domain.palette import Palette
from diffviz.export.figure import SIZE, Figure, FigureStroke, FigureText, Fill
from diffviz.export.lettering import Colour, Lettering

SMOOTH = 3
PATTERNS = {"dashed": (6.0, 4.0), "dotted": (1.5, 3.0)}
Points = Sequence[tuple[float, float]]


def colour(palette: Palette, hue: str) -> Colour:
    """Red, green and blue of `hue`, a field of `palette`."""
    red, green, blue = bytes.fromhex(str(getattr(palette, hue)).removeprefix("#"))
    return red, green, blue


def drawn(figure: Figure, palette: Palette, scale: int = 1) -> U8:
    """`figure` as uint8 (height, width, 3), `scale` times as large."""
    image = _lines(figure, palette, scale)
    draw = ImageDraw.Draw(image)
    for shape in figure.shapes:
        if isinstance(shape, FigureText):
            words = Lettering(shape.notation, SIZE * scale)
            shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[shape.anchor] * words.width
            words.paint(draw, shape.x * scale - shift, shape.y * scale, colour(palette, shape.hue))
    return np.asarray(image, np.uint8)


def _lines(figure: Figure, palette: Palette, scale: int) -> Image.Image:
    size = figure.width * scale, figure.height * scale
    factor = SMOOTH * scale
    large = Image.new("RGB", (size[0] * SMOOTH, size[1] * SMOOTH), colour(palette, "ground"))
    draw = ImageDraw.Draw(large, "RGBA")
    for shape in figure.shapes:
        if isinstance(shape, Fill):
            inside = (*colour(palette, shape.hue), round(255 * shape.opacity))
            draw.polygon([(x * factor, y * factor) for x, y in shape.points], inside)
        elif isinstance(shape, FigureStroke):
            hue, width = colour(palette, shape.hue), max(1, round(shape.width * factor))
            for piece in _pieces(shape):
                draw.line([(x * factor, y * factor) for x, y in piece], hue, width, joint="curve")
    return large.resize(size, Image.Resampling.BOX)


def _pieces(line: FigureStroke) -> Iterator[Points]:
    """What is drawn of `line`: the whole, or its dashes."""
    if line.style not in PATTERNS:
        yield line.points
        return
    on, off = PATTERNS[line.style]
    xs, ys = np.array(line.points).T
    along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(xs), np.diff(ys)))])
    for i in range(math.ceil(along[-1] / (on + off))):
        ends = np.array([i * (on + off), min(i * (on + off) + on, along[-1])])
        inner = along[(along > ends[0]) & (along < ends[1])]
        at = np.concatenate([ends[:1], inner, ends[1:]])
        yield list(zip(np.interp(at, along, xs).tolist(), np.interp(at, along, ys).tolist(), strict=True))
