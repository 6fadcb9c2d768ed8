"""The line under each sample: which words stand in which pane, and how many of them fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from diffviz.domain.panes import Role, labelled
from diffviz.domain.text import tr
from diffviz.ui.stage.labels import CROSS, TICK, Caption, loss_meaning, loss_wordings
from diffviz.ui.stage.picture import Picture
from diffviz.ui.stage.scene import Scene
from diffviz.ui.stage.viewport import Viewport
from diffviz.ui.widgets import theme

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
