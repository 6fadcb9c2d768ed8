"""Words under samples: the class asked for, the class recognised, the loss; which stand where, and how many fit.

The line above each pane: its symbol in its colour, what it is, and which values are black and white.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QTextOption

from diffviz.domain.messages import Recognised
from diffviz.domain.panes import Pane, Range, Role, labelled
from diffviz.domain.text import tr
from diffviz.ui.sample_viewer.layout import Scene, Viewport
from diffviz.ui.sample_viewer.picture import Picture
from diffviz.ui.widgets import math_label, theme
from diffviz.ui.widgets.format import MINUS, NOTHING, figure, percent

TICK, CROSS = "✓", "✗"


@dataclass(frozen=True, slots=True)
class Caption:
    """What stands under one sample.

    `asked` and `seen` are class names, None where nothing was asked or recognised; `share` is p(seen | x). `stale`
    says that it was recognised at another timestep than the one shown.
    """

    asked: str | None
    seen: str | None = None
    share: float = 0.0
    stale: bool = False

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
        found = text.format(asked=self.asked, seen=self.seen, share=percent(self.share))
        return f"{found} {was_before()}" if self.stale else found

    def wordings(self) -> tuple[str, ...]:
        """The same in fewer and fewer words, the fullest first; the last fits anywhere."""
        if self.seen is None:
            return tuple(dict.fromkeys((self.sentence(), self.asked or "")))
        mark = f"{self.mark} " if self.mark else ""
        share = percent(self.share)
        return (f"{mark}{self.sentence()}", f"{mark}{self.seen} {share}", f"{mark}{share}", self.mark)


def labels_of(asked: tuple[str | None, ...], seen: Recognised | None, stale: bool = False) -> tuple[Caption, ...]:
    """One label per sample, `asked` already translated; `seen` is left out where it is of another number of samples."""
    if seen is None or len(seen.probabilities) != len(asked):
        return tuple(Caption(name) for name in asked)
    best = np.argmax(seen.probabilities, axis=1)
    return tuple(
        Caption(name, tr(seen.classes[int(at)]), float(row[at]), stale)
        for name, at, row in zip(asked, best, seen.probabilities, strict=True)
    )


def was_before() -> str:
    """Said of what was recognised at another timestep than the one shown."""
    return tr("This was at another timestep than the one shown.")


def loss_meaning() -> str:
    """What the loss under a sample is, in a sentence."""
    return tr(
        "The simple loss of this sample at this t: the mean of (ε − ε̂)² over its pixels (Ho et al. 2020, eq. 14)."
    )


def loss_wordings(loss: float) -> tuple[str, ...]:
    """The simple loss of one sample, in fewer and fewer words."""
    value, short = (NOTHING, NOTHING) if math.isnan(loss) else (figure(loss), f"{loss:.2f}")
    return (tr("simple loss {value}").format(value=value), tr("loss {value}").format(value=value), value, short, "")


TALL_STRIP = 15
OVERHANG = 70


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
        return tuple(
            CaptionLine(loss_wordings(float(picture.loss[sample])), "loss", loss_meaning()) for sample in samples
        )
    if shown is labelled(picture.panes) and len(labels) == picture.count:
        return tuple(_of_label(labels[sample]) for sample in samples)
    return ()


def fitting(words: Sequence[CaptionLine], font: QFont, width: float) -> int:
    """Which wording fits under every sample: 0 is the fullest; the last one is taken where none fits."""
    metrics = QFontMetricsF(font)
    levels = min(len(each.wordings) for each in words)
    for level in range(levels):
        if all(metrics.horizontalAdvance(each.wordings[level]) <= width for each in words):
            return level
    return levels - 1


def paint_strip(
    painter: QPainter,
    scene: Scene,
    pane: int,
    viewport: Viewport,
    words: Sequence[CaptionLine],
    ratio: float,
) -> None:
    """Write `words` under the samples of `pane`; `painter` is in logical pixels, `ratio` device pixels to each."""
    alone = len(scene.samples) == 1
    strip = scene.grid.strip / ratio
    font = _font(strip, alone)
    room = scene.tile(pane, 0, viewport).width / ratio
    room = min(room + OVERHANG, scene.bodies[pane].width / ratio) if alone else room + scene.grid.gap / ratio - 1
    level = fitting(words, font, room)
    body = scene.bodies[pane]
    painter.save()
    painter.setClipRect(QRectF(body.x / ratio, body.y / ratio, body.width / ratio, body.height / ratio))
    for index, each in enumerate(words):
        box = scene.tile(pane, index, viewport)
        left = (box.x + box.width / 2) / ratio - room / 2
        area = QRectF(left, (box.y + box.height) / ratio, room, strip)
        _paint_line(painter, area, each.wordings[level], font, each.colour, body.x / ratio if alone else -math.inf)
    painter.restore()


def paint_absent(painter: QPainter, body: QRectF, edge: float) -> None:
    """Say in the middle of what the pictures would take of `body`, up to x = `edge`, that there is no noise."""
    area = QRectF(body.left(), body.top(), min(edge, body.right()) - body.left(), body.height())
    painter.setFont(theme.font(13, 500))
    painter.setPen(theme.color("quiet"))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, tr("none at t = 0"))


def _paint_line(painter: QPainter, area: QRectF, text: str, font: QFont, colour: str, least: float) -> None:
    """One line, centred but not left of `least`; a tick or a cross at its beginning has a colour of its own."""
    metrics = QFontMetricsF(font)
    text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width() + 1)
    x = max(area.center().x() - metrics.horizontalAdvance(text) / 2, least)
    baseline = area.top() + metrics.ascent() + 1
    mark = text[:1] if text[:1] in (TICK, CROSS) else ""
    painter.setFont(font)
    if mark:
        painter.setPen(theme.color("data" if mark == TICK else "quiet"))
        painter.drawText(QPointF(x, baseline), mark)
        x += metrics.horizontalAdvance(mark)
    painter.setPen(theme.color(colour))
    painter.drawText(QPointF(x, baseline), text[len(mark) :])


def _font(strip: float, alone: bool) -> QFont:
    if alone:
        return theme.font(13, 500)
    return theme.font(11 if strip >= TALL_STRIP else 9, 500)


def _of_label(label: Caption) -> CaptionLine:
    return CaptionLine(label.wordings(), _colour(label), label.meaning())


def _colour(label: Caption) -> str:
    return "quiet" if label.stale or label.agrees is False else "text"


SYMBOL_PIXELS, CAPTION_PIXELS, RANGE_PIXELS = 17, 13, 11
ONE_LINE, LINE = 30, 17
SPACE, MOST_LINES = 7, 3
WIDEST = f"[{MINUS}0.000, 0.000]"


def range_text(value_range: Range) -> str:
    """The values shown as black and white: [−1, 1]."""
    low, high = (f"{value:.3g}".replace("-", MINUS) for value in value_range)
    return f"[{low}, {high}]"


class Headings:
    """Headings of one set of panes, measured once for each width.

    `height` is in logical pixels, the same for all panes: one line where every symbol, caption and range fit beside
    each other, else the captions stand below in as many lines as the longest needs, three at most. An `automatic` range
    changes with time: the widest is reckoned with. `pictures` is how wide the pictures below are, where that is known:
    one line does not reach beyond them.
    """

    def __init__(
        self, panes: Sequence[Pane], width: float, *, automatic: bool = False, pictures: float = math.inf
    ) -> None:
        self._symbols = [math_label.Typeset(pane.symbol, theme.font(SYMBOL_PIXELS, 600)) for pane in panes]
        self._captions = [tr(pane.caption) for pane in panes]
        self._colours = [pane.colour for pane in panes]
        self._font = theme.font(CAPTION_PIXELS)
        metrics = QFontMetricsF(self._font)
        self._beside = max(self._wide(metrics, i, pane, automatic) for i, pane in enumerate(panes)) <= min(
            width, pictures
        )
        lines = 0 if self._beside else max(self._lines(metrics, caption, width) for caption in self._captions)
        self.height = ONE_LINE + lines * LINE

    def _wide(self, metrics: QFontMetricsF, index: int, pane: Pane, automatic: bool) -> float:
        """What everything in one line would take."""
        text = WIDEST if automatic else range_text(pane.value_range)
        values = QFontMetricsF(theme.font(RANGE_PIXELS)).horizontalAdvance(text)
        return self._symbols[index].width + SPACE + metrics.horizontalAdvance(self._captions[index]) + SPACE + values

    @staticmethod
    def _lines(metrics: QFontMetricsF, caption: str, width: float) -> int:
        flags = int(Qt.TextFlag.TextWordWrap)
        height = metrics.boundingRect(QRectF(0, 0, width, 1000), flags, caption).height()
        return min(MOST_LINES, round(height / metrics.height()))

    def paint(self, painter: QPainter, index: int, area: QRectF, value_range: Range, edge: float) -> None:
        """Paint the heading of pane `index` into `area`, in logical pixels; the range ends at `edge` if it fits there.

        `edge` is where the pictures end.
        """
        symbol = self._symbols[index]
        baseline = area.top() + 19
        symbol.paint(painter, area.left(), baseline, theme.color(self._colours[index]))
        after = area.left() + symbol.width + SPACE
        painter.setPen(theme.color("quiet"))
        painter.setFont(self._font)
        if self._beside:
            painter.drawText(QPointF(after, baseline), self._captions[index])
            after += QFontMetricsF(self._font).horizontalAdvance(self._captions[index]) + SPACE
        else:
            below = QRectF(area.left(), area.top() + ONE_LINE - 4, area.width(), self.height - ONE_LINE)
            option = QTextOption(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            painter.drawText(below, self._captions[index], option)
        self._paint_range(painter, after, (edge, area.right()), baseline, range_text(value_range))

    def _paint_range(
        self, painter: QPainter, left: float, ends: tuple[float, float], baseline: float, text: str
    ) -> None:
        """Paint `text` so that it ends at the first of `ends` that leaves room for it."""
        font = theme.font(RANGE_PIXELS)
        width = QFontMetricsF(font).horizontalAdvance(text)
        right = next((end for end in ends if width <= end - left), None)
        if right is not None:
            painter.setFont(font)
            painter.setPen(theme.blend("panel", "quiet", 0.75))
            painter.drawText(QPointF(right - width, baseline), text)
