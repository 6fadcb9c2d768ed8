"""The stage painted: samples, headings, the words under samples, and the marks over them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QPixmap, QRegion, QTextOption

from diffviz.domain.panes import ORIGINAL
from diffviz.domain.text import tr
from diffviz.ui.sample_viewer import captions
from diffviz.ui.sample_viewer.arrangement import Hit, Scene
from diffviz.ui.sample_viewer.layout import Viewport
from diffviz.ui.sample_viewer.sight import Sight, Written, qrect, written
from diffviz.ui.widgets import math_label, pixmaps, theme
from diffviz.ui.widgets.kept import Recent
from diffviz.ui.widgets.pixmaps import Atlas, Target

PIXEL_RING = 4
BASELINE = 19
TINTED = 0.14
WRITTEN = 128
"""Of how many frames the words under samples are kept."""
SHEETS = 32 << 20
"""Bytes of enlarged samples that are kept of the frames that were shown lately."""


class PanePainter:
    """Paints a `Sight`; where samples stand, and all that is around them, are kept until they change."""

    def __init__(self) -> None:
        self._targets: dict[int, list[Target]] = {}
        self._around: QPixmap | None = None
        self._key: object = None
        self._written = Recent[Written](WRITTEN, lambda _words: 1)
        self._sheets = Recent[pixmaps.Sheet](SHEETS, lambda sheet: sheet.image.sizeInBytes())

    def forget(self) -> None:
        """Zoom or layout changed."""
        self._targets, self._around = {}, None
        self._written.clear()
        self._sheets.clear()

    def paint(self, painter: QPainter, sight: Sight, pointed: Sequence[int]) -> None:
        """Paint all of `sight`; the panes `pointed` at are tinted."""
        painter.drawPixmap(0, 0, self._surroundings(sight, tuple(pointed)))
        self._paint_words(painter, sight)
        painter.save()
        painter.scale(1 / sight.ratio, 1 / sight.ratio)
        for pane in sight.scene.full:
            if pane not in sight.picture.absent:
                painter.setClipRect(qrect(sight.scene.bodies[pane]))
                self.paint_samples(painter, sight, pane)
        painter.restore()

    def paint_samples(self, painter: QPainter, sight: Sight, pane: int) -> None:
        """Paint the samples of `pane`; `painter` is in device pixels."""
        shrink, body = pixmaps.shrinking(sight.scale), qrect(sight.scene.bodies[pane])
        atlas, targets = sight.picture.atlas(pane, sight.ranges[pane], shrink), self._targets_of(sight, pane)
        if sight.enlarged:
            sheet = self._sheets.of((atlas, pane), lambda: atlas.sheet(targets))
            painter.setClipRegion(sheet.region, Qt.ClipOperation.IntersectClip)
            painter.drawImage(sheet.at, sheet.image)
            painter.setClipRect(body)
        else:
            paint_samples(painter, body, targets, atlas, sight.smooth)
        if sight.picture.shows_originals(pane) and sight.scene.originals:
            originals = sight.picture.original_atlas(shrink)
            paint_samples(painter, body, original_targets(sight, pane), originals, sight.smooth)

    def pane_image(self, sight: Sight, pane: int) -> QImage:
        """Pane `pane` as it is drawn, without its heading and marks."""
        body, content = sight.scene.bodies[pane], sight.scene.grid.content
        part = qrect(content) if sight.viewport.fits else QRect(0, 0, body.width, body.height)
        image = QImage(part.size(), QImage.Format.Format_RGB32)
        image.fill(theme.color("panel"))
        with QPainter(image) as painter:
            painter.translate(-body.x - part.x(), -body.y - part.y())
            self.paint_samples(painter, sight, pane)
        return image

    def _targets_of(self, sight: Sight, pane: int) -> list[Target]:
        if pane not in self._targets:
            scene = sight.scene
            boxes = (scene.tile(pane, index, sight.viewport) for index in range(len(scene.samples)))
            self._targets[pane] = [(s, qrect(box)) for s, box in zip(scene.samples, boxes, strict=True)]
        return self._targets[pane]

    def _surroundings(self, sight: Sight, pointed: tuple[int, ...]) -> QPixmap:
        """Headings and frames on their ground, painted anew only when one changes.

        Samples are painted over it: they lie on neither words nor frames, at any zoom.
        """
        picture, scene = sight.picture, sight.scene
        key = (sight.ranges, picture.panes, scene.samples, picture.absent, sight.viewport, pointed)
        if self._around is None or self._key != key:
            self._key = key
            with_frames = {p: self._targets_of(sight, p) for p in scene.full if p not in picture.absent}
            self._around = _surroundings(sight, pointed, with_frames)
        return self._around

    def _paint_words(self, painter: QPainter, sight: Sight) -> None:
        """Paint the words under samples, which are set once for each frame: text is the dearest thing to paint."""
        picture = sight.picture
        loss = None if picture.loss is None else picture.loss.tobytes()
        key = (sight.labels, loss, picture.panes, picture.absent, picture.labelled)
        for body, lines in self._written.of(key, lambda: written(sight)):
            painter.setClipRect(body)
            for at, line in lines:
                painter.drawPixmap(at, line)
        painter.setClipping(False)


def original_targets(sight: Sight, pane: int) -> list[Target]:
    """The originals by their rows, and where they stand in `pane`."""
    cells = enumerate(sight.scene.originals)
    return [(row, qrect(sight.scene.cell(pane, cell, sight.viewport))) for row, cell in cells]


def paint_samples(painter: QPainter, body: QRect, targets: Sequence[Target], atlas: Atlas, smooth: bool) -> None:
    """Draw the samples of `atlas` at `targets`, clipped to `body`: nearest neighbour unless `smooth`.

    `targets` are (sample, where) of those to be drawn.
    """
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    draw, page, part, whole = painter.drawImage, atlas.page, atlas.part, body.contains
    for sample, target in targets:
        if smooth or whole(target):
            draw(target, page(sample), part(sample))
        elif target.intersects(body):
            _paint_visible(painter, target, body, page(sample), part(sample))


def paint_frames(painter: QPainter, targets: Sequence[QRect], hue: str = "edge") -> None:
    """A hairline around each sample, so that a white image ends somewhere on a white panel."""
    painter.setPen(QPen(theme.color(hue), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRects([target.adjusted(-1, -1, 0, 0) for target in targets])


def paint_marks(painter: QPainter, sight: Sight, hit: Hit | None, ringed: int | None) -> None:
    """Mark the pixel under the pointer, and the sample that the keyboard is at."""
    painter.scale(1 / sight.ratio, 1 / sight.ratio)
    if hit:
        _paint_hit(painter, sight.scene, sight.viewport, hit)
    for pane in sight.scene.full if ringed is not None else ():
        box = qrect(sight.scene.tile(pane, sight.scene.samples.index(ringed), sight.viewport))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("cursor"), 2 * sight.ratio))
        painter.drawRect(box.adjusted(-1, -1, 0, 0))


def _paint_visible(painter: QPainter, target: QRect, body: QRect, page: QImage, part: QRect) -> None:
    """Draw only the pixels in sight: at 64× a sample of 512² would be larger than the painter's coordinates."""
    across, down = target.width() / part.width(), target.height() / part.height()
    seen = target.intersected(body)
    left, top = int((seen.x() - target.x()) / across), int((seen.y() - target.y()) / down)
    right = min(math.ceil((seen.x() + seen.width() - target.x()) / across), part.width())
    bottom = min(math.ceil((seen.y() + seen.height() - target.y()) / down), part.height())
    source = QRectF(part.x() + left, part.y() + top, right - left, bottom - top)
    where = QRectF(target.x() + left * across, target.y() + top * down, source.width() * across, source.height() * down)
    painter.drawImage(where, page, source)


def _paint_hit(painter: QPainter, scene: Scene, viewport: Viewport, hit: Hit) -> None:
    """Mark the pixel under the pointer in all panes."""
    region = QRegion()
    for pane in scene.full:
        region += qrect(scene.bodies[pane])
    painter.setClipRegion(region)
    index = scene.samples.index(hit.sample)
    for pane in scene.full:
        box = scene.tile(pane, index, viewport)
        across, down = box.width / scene.size[1], box.height / scene.size[0]
        mark = QRectF(box.x + hit.column * across, box.y + hit.row * down, across, down)
        grow = 1 if across >= PIXEL_RING else PIXEL_RING - across / 2
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("ground"), 3))
        painter.drawRect(mark.adjusted(-grow, -grow, grow - 1, grow - 1))
        painter.setPen(QPen(theme.color("cursor"), 1))
        painter.drawRect(mark.adjusted(-grow, -grow, grow - 1, grow - 1))
    painter.setClipping(False)


def _paint_pointed(painter: QPainter, sight: Sight, pane: int) -> None:
    """A tint behind a pane whose term is pointed at."""
    head, body = sight.logical(sight.scene.headers[pane]), sight.logical(sight.scene.bodies[pane])
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(sight.picture.panes[pane].colour, TINTED))
    painter.drawRoundedRect(head.united(body).adjusted(-4, 0, 4, 0), 5, 5)


def _surroundings(sight: Sight, pointed: Sequence[int], framed: Mapping[int, Sequence[Target]]) -> QPixmap:
    over = _empty(sight, Qt.GlobalColor.transparent)  # letters are drawn as under samples: where nothing is behind them
    with QPainter(over) as painter:
        for pane in pointed:
            _paint_pointed(painter, sight, pane)
        painter.save()
        painter.scale(1 / sight.ratio, 1 / sight.ratio)
        for pane, targets in framed.items():
            painter.setClipRect(qrect(sight.scene.bodies[pane]))
            paint_frames(painter, [target for _, target in targets])
            if sight.picture.shows_originals(pane):
                paint_frames(painter, [target for _, target in original_targets(sight, pane)], "data")
        painter.restore()
        for pane in range(len(sight.picture.panes)):
            if pane in sight.scene.full:
                _letter_pane(painter, sight, pane)
            else:
                _letter_spine(painter, sight, pane)
    whole = _empty(sight, theme.color("panel"))
    with QPainter(whole) as painter:
        painter.drawPixmap(0, 0, over)
    return whole


def _empty(sight: Sight, ground: QColor | Qt.GlobalColor) -> QPixmap:
    pixmap = QPixmap(math.ceil(sight.size.width() * sight.ratio), math.ceil(sight.size.height() * sight.ratio))
    pixmap.setDevicePixelRatio(sight.ratio)
    pixmap.fill(ground)
    return pixmap


def _letter_pane(painter: QPainter, sight: Sight, pane: int) -> None:
    edge = sight.logical(sight.scene.headers[pane]).left() + sight.scene.grid.content.width / sight.ratio
    _paint_heading(painter, sight, pane, edge)
    if pane in sight.picture.absent:
        body = sight.logical(sight.scene.bodies[pane])
        body.setRight(min(edge, body.right()))
        painter.setFont(theme.font(13, 500))
        painter.setPen(theme.color("quiet"))
        painter.drawText(body, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, nothing_here())
        return
    if sight.scene.originals and sight.picture.shows_originals(pane) and sight.scene.grid.strip:
        _letter_originals(painter, sight, pane)


def _letter_originals(painter: QPainter, sight: Sight, pane: int) -> None:
    """Say under each original what it is."""
    strip = sight.scene.grid.strip / sight.ratio
    symbol = math_label.Typeset(ORIGINAL.symbol, captions.font_for(strip))
    painter.save()
    painter.setClipRect(sight.logical(sight.scene.bodies[pane]))
    for cell in sight.scene.originals:
        box = sight.logical(sight.scene.cell(pane, cell, sight.viewport))
        left, line = box.center().x() - symbol.width / 2, box.bottom() + strip * (1 - captions.BELOW)
        symbol.at(left, line, theme.color(ORIGINAL.colour)).paint(painter)
    painter.restore()


def _letter_spine(painter: QPainter, sight: Sight, pane: int) -> None:
    """The symbol of a pane that has given its room away, and why it is empty: below it, or beside where it is low."""
    head, body = sight.logical(sight.scene.headers[pane]), sight.logical(sight.scene.bodies[pane])
    symbol = sight.headings.symbols[pane]
    symbol.at(head.left(), head.top() + BASELINE, theme.color(sight.picture.panes[pane].colour)).paint(painter)
    painter.setFont(theme.font(captions.RANGE_PIXELS))
    painter.setPen(theme.color("quiet"))
    low = body.height() < head.height()
    area = head.adjusted(symbol.width + captions.SPACE, 0, 0, 0) if low else body.adjusted(0, 4, 0, 0)
    side = Qt.AlignmentFlag.AlignVCenter if low else Qt.AlignmentFlag.AlignTop
    painter.drawText(area, side | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap, nothing_here())


def nothing_here() -> str:
    """Why a pane is empty."""
    return tr("none at t = 0").replace(" = ", "\u00a0=\u00a0")


def _paint_heading(painter: QPainter, sight: Sight, pane: int, edge: float) -> None:
    """Symbol, caption and range of a pane, all in one line where there is room; the range ends where pictures do."""
    area = sight.logical(sight.scene.headers[pane])
    symbol, caption = sight.headings.symbols[pane], sight.headings.captions[pane]
    baseline, font = area.top() + BASELINE, theme.font(captions.CAPTION_PIXELS)
    symbol.at(area.left(), baseline, theme.color(sight.picture.panes[pane].colour)).paint(painter)
    after = area.left() + symbol.width + captions.SPACE
    painter.setPen(theme.color("quiet"))
    painter.setFont(font)
    if area.height() < captions.ONE_LINE + captions.LINE:
        if sight.headings.named(area.width()):
            painter.drawText(QPointF(after, baseline), caption)
            after += QFontMetricsF(font).horizontalAdvance(caption) + captions.SPACE
    else:
        if area.height() < captions.ONE_LINE + 2 * captions.LINE:
            caption = QFontMetricsF(font).elidedText(caption, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area.adjusted(0, captions.ONE_LINE - 4, 0, 0), caption, QTextOption())
    _paint_range(painter, after, (edge, area.right()), baseline, captions.range_text(sight.ranges[pane]))


def _paint_range(painter: QPainter, left: float, ends: tuple[float, float], baseline: float, text: str) -> None:
    """Paint `text` so that it ends at the first of `ends` that leaves room for it."""
    font = theme.font(captions.RANGE_PIXELS)
    width = QFontMetricsF(font).horizontalAdvance(text)
    right = next((end for end in ends if width <= end - left), None)
    if right is not None:
        painter.setFont(font)
        painter.setPen(theme.blend("panel", "quiet", 0.75))
        painter.drawText(QPointF(right - width, baseline), text)
