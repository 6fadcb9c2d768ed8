"""What is to be painted of a stage, and the words under its samples as pictures: text is the dearest thing to paint."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QFont, QFontMetricsF, QPixmap

from diffviz.domain.panes import Range
from diffviz.ui.sample_viewer import captions
from diffviz.ui.sample_viewer.arrangement import Scene
from diffviz.ui.sample_viewer.layout import Box, Viewport, smooth
from diffviz.ui.sample_viewer.picture import Picture
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.painting import Text, pixmap_of

Written = Sequence[tuple[QRectF, Sequence[tuple[QPointF, QPixmap]]]]
"""Where words may stand, and rows of them with their places, pane by pane."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What is painted on a widget of `size` with `ratio` device pixels a pixel.

    `ranges` are black and white of each pane; `labels` are the captions of all samples, or there are none.
    """

    picture: Picture
    scene: Scene
    viewport: Viewport
    headings: captions.Headings
    ranges: tuple[Range, ...]
    labels: tuple[captions.Caption, ...]
    size: QSize
    ratio: float

    @property
    def scale(self) -> float:
        """Device pixels that one pixel of a sample takes."""
        return self.viewport.shown_scale(self.scene.grid)

    @property
    def smooth(self) -> bool:
        """Whether samples are interpolated: made smaller, or large ones as they fit; zoomed in, pixels are pixels."""
        return self.scale < 1 or (self.viewport.fits and smooth(self.scene.size))

    @property
    def enlarged(self) -> bool:
        """Whether every pixel of a sample takes the same whole number of device pixels, and all are in sight."""
        return self.viewport.fits and not self.smooth and self.scale.is_integer()

    def logical(self, box: Box) -> QRectF:
        """`box` in pixels of the widget."""
        return QRectF(box.x / self.ratio, box.y / self.ratio, box.width / self.ratio, box.height / self.ratio)


def qrect(box: Box) -> QRect:
    """`box` for Qt."""
    return QRect(box.x, box.y, box.width, box.height)


def written(sight: Sight) -> Written:
    """The words under the samples of each pane, as pictures with their places."""
    return [
        (sight.logical(sight.scene.bodies[pane]), list(_strips(sight, pane, words)))
        for pane in sight.scene.full
        if sight.scene.grid.strip
        and (words := captions.words_under(sight.picture, pane, sight.scene.samples, sight.labels))
    ]


def _strips(sight: Sight, pane: int, words: Sequence[captions.CaptionLine]) -> Iterator[tuple[QPointF, QPixmap]]:
    """`words` under the samples of `pane`, row by row; all in as few words as fit under each."""
    scene, ratio = sight.scene, sight.ratio
    alone, strip, body = len(scene.samples) == 1, scene.grid.strip / ratio, sight.logical(scene.bodies[pane])
    room = scene.tile(pane, 0, sight.viewport).width / ratio
    room = min(room + captions.OVERHANG, body.width()) if alone else room
    level, font = captions.fitting(words, strip, room, alone=alone)
    above = math.ceil(ratio) / ratio
    rows: dict[float, list[Text]] = {}
    for index, each in enumerate(words):
        box = sight.logical(scene.tile(pane, index, sight.viewport))
        if body.top() - 2 * strip <= box.bottom() <= body.bottom():
            area = QRectF(box.center().x() - room / 2 - body.left(), above, room, strip)
            line = _line(area, each.wordings[level], font, each.colour, 0.0 if alone else -math.inf)
            rows.setdefault(box.bottom(), []).extend(line)
    size = QSize(math.ceil(body.width()), math.ceil(QFontMetricsF(font).height() + 2 * above) + 1)
    for top, lines in rows.items():
        yield QPointF(body.left(), top - above), pixmap_of(size, ratio, lines)


def _line(area: QRectF, text: str, font: QFont, colour: str, least: float) -> Iterator[Text]:
    """One line, centred but not left of `least`; a tick or a cross at its beginning has a colour of its own."""
    metrics = QFontMetricsF(font)
    text = captions.shortened(text, metrics, area.width())
    x = max(area.center().x() - metrics.horizontalAdvance(text) / 2, least)
    baseline = area.top() + metrics.ascent() + 1
    mark = text[:1] if text[:1] in (captions.TICK, captions.CROSS) else ""
    if mark:
        yield Text(QPointF(x, baseline), mark, font, theme.color("data" if mark == captions.TICK else "quiet"))
        x += metrics.horizontalAdvance(mark)
    yield Text(QPointF(x, baseline), text[len(mark) :], font, theme.color(colour))
