"""Words under samples: the class asked for, the class recognised, the loss; which stand where, and how many fit.

What stands in the line above each pane: its symbol, what it is, and which values are black and white.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF

from diffviz.domain.glossary import meaning
from diffviz.domain.messages import Recognised
from diffviz.domain.panes import Pane, Range, Role
from diffviz.domain.text import tr
from diffviz.ui.sample_viewer.picture import Picture
from diffviz.ui.widgets import math_label, theme
from diffviz.ui.widgets.format import MINUS, NOTHING, figure, percent

TICK, CROSS = "✓", "✗"


@dataclass(frozen=True, slots=True)
class Caption:
    """What stands under one sample.

    `asked` and `seen` are class names, None where nothing was asked or recognised; `share` is p(seen | x).
    """

    asked: str | None
    seen: str | None = None
    share: float = 0.0

    @property
    def agrees(self) -> bool | None:
        """Whether what was asked for is seen; None where there is nothing to compare."""
        return None if self.asked is None or self.seen is None else self.asked == self.seen

    @property
    def mark(self) -> str:
        """A tick, a cross, or nothing where there is nothing to compare."""
        return {True: TICK, False: CROSS, None: ""}[self.agrees]

    def sentence(self) -> str:
        """All of it: asked Bag · seen Bag 98 %."""
        seen = tr("seen {name} {percent}").format(name=self.seen, percent=percent(self.share)) if self.seen else ""
        asked = tr("asked {name}").format(name=self.asked) if self.asked else ""
        return " · ".join(part for part in (asked, seen) if part)

    def meaning(self) -> str:
        """What these words say, in a sentence: the legend of the caption."""
        if self.seen is None:
            text = tr("{asked} is the class that the model was asked for.") if self.asked else ""
            return text.format(asked=self.asked)
        if self.agrees is None:
            text = tr("A classifier sees {seen} in this picture, with p(y | x) = {share}; no class was asked for.")
        elif self.agrees:
            text = tr("✓: the model was asked for {asked}, and a classifier sees it, with p(y | x) = {share}.")
        else:
            text = tr("✗: the model was asked for {asked}, but a classifier sees {seen}, with p(y | x) = {share}.")
        said = text.format(asked=self.asked, seen=self.seen, share=percent(self.share))
        return f"{said} {meaning('diffusion', 'seen')}"

    def wordings(self) -> tuple[str, ...]:
        """The same in fewer and fewer words, the fullest first; the last is the class alone, never left out."""
        if self.seen is None:
            return (self.sentence(), *[self.asked or ""] * 3)
        mark = f"{self.mark} " if self.mark else ""
        return (f"{mark}{self.sentence()}", f"{mark}{self.seen} {percent(self.share)}", f"{mark}{self.seen}", self.seen)


def labels_of(asked: tuple[str | None, ...], seen: Recognised | None) -> tuple[Caption, ...]:
    """One label per sample, `asked` already translated; `seen` is left out where it is of another number of samples."""
    if seen is None or len(seen.probabilities) != len(asked):
        return tuple(Caption(name) for name in asked)
    best = np.argmax(seen.probabilities, axis=1)
    return tuple(
        Caption(name, tr(seen.classes[int(at)]), float(row[at]))
        for name, at, row in zip(asked, best, seen.probabilities, strict=True)
    )


def loss_meaning(loss: float) -> str:
    """What the loss under a sample is, in a sentence, and why there is none."""
    said = meaning("diffusion", "loss")
    return f"{said} {NOTHING}: {no_loss()}" if math.isnan(loss) else said


def no_loss() -> str:
    """Why there is no simple loss."""
    return tr("at t = 0 there is no noise to estimate")


def loss_wordings(loss: float) -> tuple[str, ...]:
    """The simple loss of one sample, in fewer and fewer words."""
    value, short = (NOTHING, NOTHING) if math.isnan(loss) else (figure(loss), f"{loss:.2f}")
    return (tr("simple loss {value}").format(value=value), tr("loss {value}").format(value=value), value, short, "")


OVERHANG = 70
FONTS = ((15.0, 11), (11.5, 9), (0.0, 8))
FEW_LETTERS = 4
BELOW = 0.24
"""How far the line of the symbol under an original is above the end of the strip, as a share of that."""


@dataclass(frozen=True, slots=True)
class CaptionLine:
    """What stands under one sample, in fewer and fewer words, the palette's name of its colour, and what it means."""

    wordings: tuple[str, ...]
    colour: str
    meaning: str = ""


def words_under(
    picture: Picture, pane: int, samples: Sequence[int], labels: Sequence[Caption]
) -> tuple[CaptionLine, ...]:
    """The words under `samples` in `pane`: the loss under ε̂, the classes under the pane that was recognised."""
    shown = picture.panes[pane]
    if pane in picture.absent:
        return ()
    if picture.loss is not None and shown.role is Role.NOISE_ESTIMATE:
        losses = [float(picture.loss[sample]) for sample in samples]
        return tuple(CaptionLine(loss_wordings(loss), "loss", loss_meaning(loss)) for loss in losses)
    if len(labels) != picture.count or pane != _labelled(picture):
        return ()
    if shown.role is not picture.labelled:  # what was recognised is not shown
        return tuple(_of_label(Caption(labels[sample].asked)) for sample in samples)
    return tuple(_of_label(labels[sample]) for sample in samples)


def _labelled(picture: Picture) -> int | None:
    """The pane that classes stand under: where they were recognised, else the first with pictures."""
    there = [i for i in range(len(picture.panes)) if i not in picture.absent]
    return next((i for i in there if picture.panes[i].role is picture.labelled), there[0] if there else None)


def fitting(words: Sequence[CaptionLine], strip: float, width: float, *, alone: bool = False) -> tuple[int, QFont]:
    """Which wording fits under every sample (0 is the fullest), and in which font, that of a strip or a smaller one.

    Where not even the last one fits it is taken in the smallest.
    """
    levels = min(len(each.wordings) for each in words)
    fonts = [theme.font(13, 500)] if alone else [theme.font(size, 500) for least, size in FONTS if strip >= least]
    tries = [(level, fonts[0]) for level in range(levels)] + [(levels - 1, font) for font in fonts[1:]]
    for level, font in tries:
        metrics = QFontMetricsF(font)
        if all(metrics.horizontalAdvance(each.wordings[level]) <= width for each in words):
            return level, font
    return tries[-1]


def font_for(strip: float) -> QFont:
    """The largest font for one line of so few pixels."""
    return theme.font(next(size for least, size in FONTS if strip >= least), 500)


def shortened(text: str, metrics: QFontMetricsF, width: float) -> str:
    """`text` as far as it fits: with an ellipsis, or without one where that would leave next to nothing."""
    if metrics.horizontalAdvance(text) <= width:
        return text
    elided = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
    if len(elided) > FEW_LETTERS:
        return elided
    return next((text[:n] for n in range(len(text), 1, -1) if metrics.horizontalAdvance(text[:n]) <= width), text[:1])


def _of_label(label: Caption) -> CaptionLine:
    return CaptionLine(label.wordings(), _colour(label), label.meaning())


def _colour(label: Caption) -> str:
    return "quiet" if label.agrees is False else "text"


SYMBOL_PIXELS, CAPTION_PIXELS, RANGE_PIXELS = 17, 13, 11
ONE_LINE, LINE, SYMBOLS = 30, 17, 24
"""Heights: of a heading in one line, of each line of its caption more, of its symbol where there is little room."""
SPACE, MOST_LINES = 7, 3
WIDEST = f"[{MINUS}0.000, 0.000]"


def range_text(value_range: Range) -> str:
    """The values shown as black and white: [−1, 1]."""
    low, high = (f"{value:.3g}".replace("-", MINUS) for value in value_range)
    return f"[{low}, {high}]"


class Headings:
    """What stands above panes, measured once; an `automatic` range changes with time: the widest is reckoned with."""

    def __init__(self, panes: Sequence[Pane], *, automatic: bool = False) -> None:
        self.symbols = [math_label.Typeset(pane.symbol, theme.font(SYMBOL_PIXELS, 600)) for pane in panes]
        self.captions = [tr(pane.caption) for pane in panes]
        self._metrics = QFontMetricsF(theme.font(CAPTION_PIXELS))
        values = QFontMetricsF(theme.font(RANGE_PIXELS))
        texts = [WIDEST if automatic else range_text(pane.value_range) for pane in panes]
        pairs = zip(self.symbols, self.captions, strict=True)
        named = [s.width + SPACE + self._metrics.horizontalAdvance(caption) for s, caption in pairs]
        self._named = max(named)
        self._widest = max(
            width + SPACE + values.horizontalAdvance(text) for width, text in zip(named, texts, strict=True)
        )
        self._many: dict[int, int] = {}

    def height(self, width: float, most: int, pictures: float = math.inf) -> int:
        """How high headings of panes of `width` are, in logical pixels, the same for all.

        One line where every symbol, caption and range fit beside each other, else the captions stand below in as many
        lines as the longest needs, `most` at most. `pictures` is how wide the pictures below are, where that is known:
        one line does not reach beyond them.
        """
        if self._widest <= min(width, pictures):
            return ONE_LINE
        at = int(width)
        if at not in self._many:
            self._many[at] = max(self._lines(caption, at) for caption in self.captions)
        return ONE_LINE + min(self._many[at], most) * LINE

    def named(self, width: float) -> bool:
        """Whether panes of `width` have room for every symbol and its caption in one line."""
        return self._named <= width

    def _lines(self, caption: str, width: float) -> int:
        flags = int(Qt.TextFlag.TextWordWrap)
        height = self._metrics.boundingRect(QRectF(0, 0, max(1, width), 1000), flags, caption).height()
        return round(height / self._metrics.height())
