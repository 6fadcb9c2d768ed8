"""Symbols and words painted with Pillow, as the window sets them: hats, bars, roots, subscripts."""

from __future__ import annotations

from functools import lru_cache

from PIL import ImageDraw, ImageFont

from diffviz import paths
from diffviz.domain.mathtext import BAR, HAT, Root, Term, parse

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
