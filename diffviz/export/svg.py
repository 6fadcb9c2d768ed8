"""A figure as SVG: lines stay lines and words stay words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from html import escape
from typing import assert_never

from diffviz.domain.mathtext import Root, Term, parse
from diffviz.domain.palette import Palette
from diffviz.export.figure import SIZE, Figure, FigureStroke, FigureText, Fill, Shape
from diffviz.export.metadata import svg_metadata
from diffviz.export.raster import PATTERNS

FONTS = "Pretendard, Inter, 'Noto Sans', 'Noto Sans CJK KR', 'DejaVu Sans', sans-serif"
SMALL, DROP = SIZE * 0.75, SIZE * 0.2


def svg_of(figure: Figure, palette: Palette, text: str = "") -> str:
    """`figure` as an SVG document with the record `text`."""
    ground = f'<rect width="{figure.width}" height="{figure.height}" fill="{palette.ground}"/>'
    shapes = (_shape(shape, palette) for shape in figure.shapes)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{figure.width}" height="{figure.height}" '
        f'viewBox="0 0 {figure.width} {figure.height}" font-family="{FONTS}" font-size="{SIZE}">'
    )
    return "\n".join(
        ('<?xml version="1.0" encoding="UTF-8"?>', head, svg_metadata(text), ground, *shapes, "</svg>", "")
    )


def _shape(shape: Shape, palette: Palette) -> str:
    match shape:
        case FigureStroke():
            return _line(shape, palette)
        case Fill():
            hue = getattr(palette, shape.hue)
            return f'<polygon points="{_points(shape.points)}" fill="{hue}" fill-opacity="{shape.opacity:g}"/>'
        case FigureText():
            return _words(shape, palette)
        case _:
            assert_never(shape)


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in points)


def _line(line: FigureStroke, palette: Palette) -> str:
    points = _points(line.points)
    dashes = f' stroke-dasharray="{" ".join(map(str, PATTERNS[line.style]))}"' if line.style in PATTERNS else ""
    return (
        f'<polyline points="{points}" fill="none" stroke="{getattr(palette, line.hue)}" '
        f'stroke-width="{line.width:g}"{dashes}/>'
    )


def _words(words: FigureText, palette: Palette) -> str:
    return (
        f'<text x="{words.x:.2f}" y="{words.y:.2f}" fill="{getattr(palette, words.hue)}" '
        f'text-anchor="{words.anchor}">{_spans(words.notation)}</text>'
    )


def _spans(notation: str) -> str:
    """`notation` with its indices lower and smaller, in pixels: not every program knows shares and `baseline-shift`."""
    spans, low = "", False
    for text, below in _pieces(parse(notation)):
        if below:
            spans += f'<tspan dy="{DROP:g}" font-size="{SMALL:g}">{text}</tspan>'
        else:
            spans += f'<tspan dy="{-DROP:g}">{text}</tspan>' if low else text
        low = below
    return spans


def _pieces(terms: Iterable[Term | Root]) -> Iterator[tuple[str, bool]]:
    """Texts, and whether each is an index."""
    for term in terms:
        if isinstance(term, Root):
            several = len(term.terms) > 1
            yield "√(" if several else "√", False
            yield from _pieces(term.terms)
            if several:
                yield ")", False
        else:
            yield escape(unicodedata.normalize("NFC", term.text + term.mark), quote=False), False
            if term.subscript:
                yield escape(term.subscript, quote=False), True
