"""Notes under the panes of a page: what is drawn in which colour, and what is to be said of each frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from PIL import Image, ImageDraw

from diffviz.domain.frames import Frame
from diffviz.domain.panes import ExportPane, Palette
from diffviz.domain.text import mark as _
from diffviz.domain.text import tr
from diffviz.export.panes import Colour, Group, Lettering, colour
from diffviz.families.family import Remarks

LETTERS, LINE, GAP, BETWEEN, APART = 15, 22, 8, 6, 18
"""Pixels of letters, of a line, below all, between legend and words, between marks; they grow with the letters."""
RADIUS, PATCH, SMOOTH = 4, 12, 8
PALE = 0.45


@dataclass(frozen=True, slots=True)
class LegendMark:
    """A mark and what it stands for: a dot, or with `patch` a ground, in `hue`, a field of the palette."""

    label: str
    hue: str
    patch: bool = False


_D = (
    LegendMark(_("real data"), "alpha_bar"),
    LegendMark(_("generated, G(z)"), "generated"),
    LegendMark(_("D says real"), "alpha_bar", patch=True),
    LegendMark(_("D says generated"), "generated", patch=True),
)
LEGENDS: Mapping[str, tuple[LegendMark, ...]] = MappingProxyType({"judged": _D, "best": _D})
"""By how a pane is drawn, a key of `diffviz.export.panes.DRAWINGS`."""


RESTORED = LegendMark(_("the picture itself, then its restorations"), "data", patch=True)


def marks_of(panes: Sequence[ExportPane], *, originals: bool = False) -> tuple[LegendMark, ...]:
    """The legend of `panes`, every mark once; with `originals` before the samples of each row these are in it too."""
    drawn = dict.fromkeys(mark for pane in panes for mark in LEGENDS.get(pane.drawing, ()))
    return *drawn, *((RESTORED,) if originals and not all(pane.noise for pane in panes) else ())


class PageNotes:
    """A legend of `marks`, how the runs are held together (`meeting`), and in a column for each `remarks` on its frame.

    `of` turns pixels for letters of the usual size into those of the page.
    """

    def __init__(
        self,
        marks: Sequence[LegendMark],
        remarks: Sequence[tuple[Sequence[Frame], Remarks]],
        palette: Palette,
        of: Callable[[float], int],
        meeting: str = "",
    ) -> None:
        self._marks, self._palette, self._of, self._meeting = tuple(marks), palette, of, meeting
        self._said = [says for _, says in remarks]
        self._frames = [frames for frames, _ in remarks]
        self._columns: tuple[Group, ...] = ()
        self._rows: list[list[LegendMark]] = []
        self._shared: tuple[str, ...] = ()
        self.height = self._top = 0

    def place(self, columns: Sequence[Group]) -> None:
        """Stand in `columns`, one for each run; `height` is then what that takes, for whatever frame."""
        self._columns = tuple(columns)
        left, (last, width) = columns[0][0], columns[-1]
        self._rows = list(self._in_rows(last + width - left))
        self._shared = self._wrapped(self._meeting, last + width - left)
        still, lines = len(self._rows) + len(self._shared), self._lines()
        self._top = self._of(LINE * still + (BETWEEN if still and lines else 0))
        self.height = self._top + lines * self._of(LINE) + (self._of(GAP) if still or lines else 0)

    @property
    def lefts(self) -> list[int]:
        """Where the columns begin; none where there is nothing in them."""
        return [left for left, _ in self._columns] if self._said else []

    def paint_legend(self, draw: ImageDraw.ImageDraw, top: int, under: int) -> None:
        """Paint what is alike for all frames, from `top` on: from `under` on where that has room and no column."""
        left = self._left(under)
        for i, row in enumerate(self._rows):
            x, baseline = float(left), top + self._of(i * LINE + LETTERS)
            for each in row:
                self._paint_mark(draw, each, x, baseline)
                words = self._words(tr(each.label), "Medium")
                words.paint(draw, x + self._of(PATCH + 6), baseline, self._colour("text"))
                x += self._width(each)
        for i, line in enumerate(self._shared, len(self._rows)):
            baseline = top + self._of(i * LINE + LETTERS)
            self._words(line, "Medium").paint(draw, left, baseline, self._colour("quiet"))

    def paint(self, draw: ImageDraw.ImageDraw, top: int, frames: Sequence[Frame]) -> None:
        """Paint what is said of `frames`, one of each run."""
        for (left, width), says, frame in zip(self._columns, self._said, frames, strict=False):
            head, body = says(frame)
            y = top + self._top + self._of(LETTERS)
            self._words(head, "SemiBold").paint(draw, left, y, self._colour("text"))
            for i, line in enumerate(self._wrapped(body, width), 1):
                self._words(line, "Medium").paint(draw, left, y + self._of(i * LINE), self._colour("quiet"))

    def _left(self, under: int) -> int:
        (left, _), (last, width) = self._columns[0], self._columns[-1]
        widths = [sum(map(self._width, row)) for row in self._rows]
        widest = max(widths + [self._words(line, "Medium").width for line in self._shared], default=0.0)
        return left if self._said else max(left, min(under, int(last + width - widest)))

    def _lines(self) -> int:
        """The most lines that are needed for any frame."""
        columns = zip(self._columns, self._said, self._frames, strict=False)
        said = ((says(frame), width) for (_, width), says, frames in columns for frame in frames)
        return max((bool(any(words)) + len(self._wrapped(words[1], width)) for words, width in said), default=0)

    def _wrapped(self, text: str, width: int) -> tuple[str, ...]:
        return wrapped(text, width, self._of(LETTERS))

    def _in_rows(self, width: int) -> Iterator[list[LegendMark]]:
        row: list[LegendMark] = []
        for each in self._marks:
            if row and sum(map(self._width, (*row, each))) > width:
                yield row
                row = []
            row.append(each)
        if row:
            yield row

    def _width(self, each: LegendMark) -> float:
        return self._of(PATCH + 6 + APART) + self._words(tr(each.label), "Medium").width

    def _paint_mark(self, draw: ImageDraw.ImageDraw, each: LegendMark, x: float, baseline: float) -> None:
        middle, of = baseline - self._of(LETTERS * 0.36), self._of
        if each.patch:
            half = of(PATCH) / 2
            box = (x, middle - half, x + 2 * half, middle + half)
            draw.rectangle(box, fill=self._mixed(each.hue), outline=None)
        else:
            radius = of(RADIUS)
            at = round(x + of(PATCH) / 2 - radius), round(middle - radius)
            draw.bitmap(at, _disc(2 * radius), fill=self._colour(each.hue))

    def _mixed(self, hue: str) -> Colour:
        pairs = zip(self._colour("ground"), self._colour(hue), strict=True)
        red, green, blue = (round(a + PALE * (b - a)) for a, b in pairs)
        return red, green, blue

    def _colour(self, hue: str) -> Colour:
        return colour(self._palette, hue)

    def _words(self, text: str, weight: str) -> Lettering:
        return Lettering(text, self._of(LETTERS), weight)


@lru_cache(maxsize=8)
def _disc(side: int) -> Image.Image:
    """How much of each pixel a disc covers that is `side` pixels wide."""
    large = Image.new("L", (SMOOTH * side, SMOOTH * side))
    ImageDraw.Draw(large).ellipse((0, 0, SMOOTH * side - 1, SMOOTH * side - 1), fill=255)
    return large.resize((side, side), Image.Resampling.BOX)


LONGEST_LINE = 1000
"""Letters of which no line shows more."""


def shortened(text: str, fits: Callable[[str], bool]) -> str:
    """`text`, or as much of it before “…” as `fits`; one letter is left."""
    short = text[:LONGEST_LINE]
    if len(text) <= 1 or (short == text and fits(text)):
        return text
    low, high = 1, len(short)
    while low < high:  # the more letters, the wider
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(text[:middle].rstrip() + "…") else (low, middle - 1)
    return text[:low].rstrip() + "…"


def fitting(title: str, width: int, letters: int, weight: str = "SemiBold") -> Lettering:
    """`title`, cut where it is wider than `width` pixels."""
    return Lettering(shortened(title, lambda cut: Lettering(cut, letters, weight).width <= width), letters, weight)


@lru_cache(maxsize=1024)
def wrapped(text: str, width: int, letters: int) -> tuple[str, ...]:
    """`text` in lines of at most `width` pixels, broken between words; a longer word stands alone."""
    lines: list[str] = []
    for word in text.split():
        if lines and Lettering(f"{lines[-1]} {word}", letters).width <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return tuple(lines)
