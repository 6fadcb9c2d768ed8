"""Plots laid out as lines and words, for pictures and for SVG alike.

Symbols and words painted with Pillow, as the window sets them: hats, bars, roots, subscripts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import ImageDraw, ImageFont

from diffviz import paths
from diffviz.domain.arrays import F64
from diffviz.domain.axis_scale import AxisScale
from diffviz.domain.plots import Plot, round_step, ticks
from diffviz.domain.text import BAR, HAT, Root, Term, parse

SMALL = 0.72
Colour = tuple[int, int, int]


@lru_cache(maxsize=32)
def font(size: int, weight: str = "Medium") -> ImageFont.FreeTypeFont:
    """The program's font at `size` pixels."""
    path = paths.resources() / "fonts" / f"Pretendard-{weight}.otf"
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


class Lettering:
    """A notation at `size` pixels: its `width`, and how to paint it."""

    def __init__(self, notation: str, size: int, weight: str = "Medium") -> None:
        self._em = size
        self._font, self._small = font(size, weight), font(max(7, round(size * SMALL)), weight)
        self._terms = parse(notation)
        self.width = sum(self._width(term) for term in self._terms)

    def paint(self, draw: ImageDraw.ImageDraw, x: float, baseline: float, colour: Colour) -> None:
        """Paint with the left end of the baseline at (`x`, `baseline`)."""
        for term in self._terms:
            self._paint(draw, term, x, baseline, colour)
            x += self._width(term)

    def _width(self, term: Term | Root) -> float:
        if isinstance(term, Root):
            return self._em * 0.66 + sum(self._width(inner) for inner in term.terms)
        below = self._small.getlength(term.subscript) + self._em * 0.04 if term.subscript else 0.0
        return self._font.getlength(term.text) + below

    def _paint(self, draw: ImageDraw.ImageDraw, term: Term | Root, x: float, baseline: float, colour: Colour) -> None:
        if isinstance(term, Root):
            self._paint_root(draw, term, x, baseline, colour)
            return
        draw.text((x, baseline), term.text, colour, self._font, anchor="ls")
        if term.mark:
            self._paint_mark(draw, term, x, baseline, colour)
        if term.subscript:
            right = x + self._font.getlength(term.text) + self._em * 0.04
            draw.text((right, baseline + self._em * 0.2), term.subscript, colour, self._small, anchor="ls")

    def _paint_mark(self, draw: ImageDraw.ImageDraw, term: Term, x: float, baseline: float, colour: Colour) -> None:
        left, top, right, _ = self._font.getbbox(term.text, anchor="ls")
        em, middle, foot = self._em, x + (left + right) / 2, baseline + top - self._em * 0.1
        half = em * 0.2
        points = [(middle - half, foot), (middle, foot - em * 0.15), (middle + half, foot)]
        if term.mark == BAR:
            points = [points[0], points[2]]
        elif term.mark != HAT:
            points = [points[0], (middle - half / 3, foot - em * 0.1), (middle + half / 3, foot), points[1]]
            points[3] = (middle + half, foot - em * 0.1)
        draw.line(points, colour, max(1, round(em * 0.07)), joint="curve")

    def _paint_root(self, draw: ImageDraw.ImageDraw, term: Root, x: float, baseline: float, colour: Colour) -> None:
        em = self._em
        marked = any(isinstance(inner, Term) and inner.mark for inner in term.terms)
        bar = baseline - em * (0.98 if marked else 0.86)
        points = [(x + em * 0.06, baseline - em * 0.28), (x + em * 0.15, baseline - em * 0.33)]
        points += [(x + em * 0.3, baseline + em * 0.06), (x + em * 0.5, bar), (x + self._width(term), bar)]
        draw.line(points, colour, max(1, round(em * 0.07)), joint="curve")
        x += em * 0.58
        for inner in term.terms:
            self._paint(draw, inner, x, baseline, colour)
            x += self._width(inner)


LEFT, RIGHT, TOP, BETWEEN, BOTTOM = 52, 24, 30, 34, 26
HEIGHT, SMALLEST_WIDTH = 96, 280
SIZE = 12
PADDING = 0.06
APART, ROOM = 18, 1.08


@dataclass(frozen=True, slots=True)
class FigureStroke:
    """A line through `points`; `style` is "solid", "dashed" or "dotted"."""

    points: tuple[tuple[float, float], ...]
    hue: str
    style: str = "solid"
    width: float = 1.5


@dataclass(frozen=True, slots=True)
class Fill:
    """The pale inside of the polygon `points`."""

    points: tuple[tuple[float, float], ...]
    hue: str
    opacity: float = 0.22


@dataclass(frozen=True, slots=True)
class FigureText:
    """A notation with its baseline at `y`; `anchor` says whether it begins, has its middle or ends at `x`."""

    x: float
    y: float
    notation: str
    hue: str
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Area:
    """The rectangle of one plot, and what lies from its left to its right edge."""

    left: float
    top: float
    right: float
    bottom: float
    scale: AxisScale

    @property
    def low(self) -> float:
        """The position at the left edge."""
        return self.scale.low

    @property
    def high(self) -> float:
        """The position at the right edge."""
        return self.scale.high

    def x(self, position: float) -> float:
        """Where `position` is, held within the area."""
        share = self.scale.share(position)
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)


Shape = FigureStroke | Fill | FigureText


@dataclass(frozen=True, slots=True)
class Figure:
    """Plots below each other on one axis; pixels from the top left corner."""

    width: int
    height: int
    shapes: tuple[Shape, ...]
    areas: tuple[Area, ...]


def figure_of(plots: Sequence[Plot], width: int, scale: AxisScale, axis: str = "t") -> Figure:
    """`plots` over the axis of `scale`, which is called `axis`; `width` pixels wide."""
    areas: list[Area] = []
    shapes: list[Shape] = []
    top = float(TOP)
    for plot in plots:
        area = Area(LEFT, top, width - RIGHT, top + HEIGHT, scale)
        shapes += [*_grid(plot, area), *_behind(plot, area), *_curves(plot, area), *_legend(plot, area)]
        areas.append(area)
        top += HEIGHT + BETWEEN
    shapes += _axis(areas[-1], axis)
    return Figure(width, round(top - BETWEEN + BOTTOM), tuple(shapes), tuple(areas))


def _heights(plot: Plot, ys: F64, logs: F64 | None = None) -> F64:
    """`ys`, whose `logs` may be known, as they are drawn; nan where that is not possible."""
    with np.errstate(divide="ignore", invalid="ignore"):
        heights: F64 = (np.log10(ys) if logs is None else logs) if plot.log else ys
    return np.where(np.isfinite(heights), heights, np.nan)


def _limits(plot: Plot, area: Area) -> tuple[float, float]:
    if plot.limits and not plot.log:
        low, high = plot.limits
    else:
        seen = [(s.xs, _heights(plot, s.ys, s.logs)) for s in plot.series]
        seen += [(band.xs, _heights(plot, band.high)) for band in plot.bands]
        seen += [(band.xs, band.low) for band in plot.bands if not plot.log]  # near 0 they would take all the room
        values = np.concatenate([heights[(xs >= area.low) & (xs <= area.high)] for xs, heights in seen])
        values = values[np.isfinite(values)]
        low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    room = (high - low or abs(high) or 1.0) * PADDING
    return low - room, high + room


def _grid(plot: Plot, area: Area) -> list[FigureStroke | FigureText]:
    low, high = _limits(plot, area)
    shapes: list[FigureStroke | FigureText] = []
    for tick in ticks(low, high, round_step(high - low, 4)):
        y = _y(tick, area, low, high)
        shapes.append(FigureStroke(((area.left, y), (area.right, y)), "edge", width=1.0))
        shapes.append(FigureText(area.left - 8, y + SIZE * 0.35, f"{tick:.6g}".replace("-", "−"), "quiet", "end"))
    return shapes


def _behind(plot: Plot, area: Area) -> list[FigureStroke | Fill]:
    """Bands, and dashed lines at the levels."""
    low, high = _limits(plot, area)
    shapes: list[FigureStroke | Fill] = []
    for band in plot.bands:
        known = np.isfinite(band.low) & np.isfinite(band.high) & (band.xs >= area.low) & (band.xs <= area.high)
        bottom, top = (np.nan_to_num(_heights(plot, ys[known]), nan=low) for ys in (band.low, band.high))
        xs, ends = band.xs[known], (np.clip(bottom, low, high), np.clip(top, low, high)[::-1])
        there = zip(np.concatenate([xs, xs[::-1]]), np.concatenate(ends), strict=True)
        shapes.append(Fill(tuple((area.x(float(x)), _y(float(y), area, low, high)) for x, y in there), band.hue))
    for level in plot.levels:
        y = _y(level, area, low, high)
        shapes.append(FigureStroke(((area.left, y), (area.right, y)), "quiet", "dashed", 1.0))
    return [shape for shape in shapes if len(shape.points) > 1]


def _curves(plot: Plot, area: Area) -> list[FigureStroke | FigureText]:
    low, high = _limits(plot, area)
    return [
        FigureStroke(points, series.hue, series.style)
        for series in plot.series
        for points in _runs(series.xs, _heights(plot, series.ys, series.logs), area, low, high)
    ]


def _runs(xs: F64, ys: F64, area: Area, low: float, high: float) -> list[tuple[tuple[float, float], ...]]:
    """The parts of a curve where it is defined, thinned to what a picture can show."""
    inside = np.flatnonzero(np.isfinite(ys) & (xs >= area.low) & (xs <= area.high))
    if not len(inside):
        return []
    parts = np.split(inside, np.flatnonzero(np.diff(inside) > 1) + 1)
    most = max(2, int(area.right - area.left) * 2)
    found = []
    for part in parts:
        kept = part[np.unique(np.linspace(0, len(part) - 1, min(len(part), most)).astype(int))]
        found.append(tuple((area.x(float(xs[i])), _y(float(ys[i]), area, low, high)) for i in kept))
    return found


def _legend(plot: Plot, area: Area) -> list[Shape]:
    """Names of the curves above the plot, each behind a piece of its line, and of the bands as far as there is room."""
    shapes: list[Shape] = []
    x, y = area.left, area.top - 10.0
    if plot.log:
        shapes.append(FigureText(x, y, "log_{10}", "quiet"))
        x += 40
    labels = _fitting([series.label for series in plot.series], area.right + RIGHT - x)
    for series, label in zip(plot.series, labels, strict=True):
        shapes.append(FigureStroke(((x, y - 4), (x + 22, y - 4)), series.hue, series.style))
        shapes.append(FigureText(x + 28, y, label, series.hue))
        x += 28 + _width(label) + APART
    for band in plot.bands:
        ends = x + 28 + _width(band.label)
        if band.label and ends <= area.right + RIGHT:
            shapes.append(Fill(((x, y - 9), (x + 22, y - 9), (x + 22, y), (x, y)), band.hue))
            shapes.append(FigureText(x + 28, y, band.label, band.hue))
            x = ends + APART
    return shapes


def _fitting(labels: Sequence[str], room: float) -> list[str]:
    """`labels` of curves side by side: where they are wider than `room`, those wider than their share are cut."""
    widths = [28 + _width(label) + APART for label in labels]
    share = (room + APART) / max(1, len(labels))
    spare = sum(max(0.0, share - width) for width in widths) / max(1, sum(width > share for width in widths))
    if sum(widths) <= room + APART:
        return list(labels)
    return [_cut(label, share + spare - 28 - APART) for label in labels]


def _cut(label: str, room: float) -> str:
    if _width(label) <= room:
        return label
    while label and _width(label + "…") > room:
        label = label[:-1]
    return label.rstrip() + "…"


def _width(notation: str) -> float:
    """How wide a name is, with some room for fonts that an SVG may be shown in."""
    return ROOM * Lettering(notation, SIZE).width


def _axis(area: Area, name: str) -> list[FigureStroke | FigureText]:
    shapes: list[FigureStroke | FigureText] = [
        FigureStroke(((area.left, area.bottom), (area.right, area.bottom)), "quiet", width=1.0)
    ]
    for tick in area.scale.ticks(max(2, (area.right - area.left) / 70)):
        x = area.x(tick)
        shapes.append(FigureStroke(((x, area.bottom), (x, area.bottom + 4)), "quiet", width=1.0))
        if x < area.right - 14 or math.isclose(tick, area.high):
            shapes.append(FigureText(x, area.bottom + 18, f"{tick:.6g}", "quiet", "middle"))
    shapes.append(FigureText(area.left - 8, area.bottom + 18, name, "quiet", "end"))
    return shapes


def _y(height: float, area: Area, low: float, high: float) -> float:
    return area.bottom - (height - low) / (high - low) * (area.bottom - area.top)
