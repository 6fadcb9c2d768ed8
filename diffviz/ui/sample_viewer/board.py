"""The pictures themselves, painted: panes side by side, zoomed alike, one sample or all."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from diffviz.domain.panes import Range, Role
from diffviz.domain.text import tr
from diffviz.ui.sample_viewer.captions import Caption, CaptionLine, Headings, paint_absent, paint_strip, words_under
from diffviz.ui.sample_viewer.layout import FOCUS_STRIPS, STRIPS, Box, Hit, Scene, Viewport, pane_width, scene
from diffviz.ui.sample_viewer.picture import Picture, Target, paint_frames, paint_hit, paint_ring, paint_samples, qrect
from diffviz.ui.widgets import math_label, notice, pixmaps, theme
from diffviz.ui.widgets.view import EPS, X0, Highlight, X

TERMS: Mapping[Role, str] = MappingProxyType(
    {Role.ORIGINAL: X0, Role.NOISY: X, Role.NOISE: EPS, Role.CLEAN_ESTIMATE: X0, Role.NOISE_ESTIMATE: EPS}
)


class Board(QWidget):
    """Panes of one picture side by side.

    Signals: `hovered` (the pointer is over another pixel, or over other values), `focus_changed(sample)` (an int, or
    None for all samples), `view_changed` (zoom or layout).
    """

    hovered = Signal()
    focus_changed = Signal(object)
    view_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture: Picture | None = None
        self.hit: Hit | None = None
        self.focus: int | None = None
        self.viewport = Viewport()
        self.automatic = False
        self.labels: tuple[Caption, ...] = ()
        self._message = ("", "")
        self._scene: Scene | None = None
        self._headings: Headings | None = None
        self._current = 0
        self._ringed = False
        self._kept_targets: dict[int, list[Target]] = {}
        self._letters: QPixmap | None = None
        self._letters_key: object = None
        self._highlight: Highlight | None = None
        self.setMinimumSize(160, 120)
        self.setAccessibleName(tr("Pictures of the run"))

    def sizeHint(self) -> QSize:
        """Room for three panes."""
        return QSize(760, 320)

    def set_highlight(self, highlight: Highlight) -> None:
        """Show which pane's term is pointed at."""
        self._highlight = highlight
        highlight.changed.connect(self.update)

    def show_picture(self, picture: Picture) -> None:
        """Show `picture`; zoom and the chosen sample stay where its samples are those of the one before."""
        before = self.picture
        picture.adopt(before)
        self.picture = picture
        if before is None or (before.count, before.size) != (picture.count, picture.size):
            self._current = 0
            self.viewport = Viewport()
            self.hit = None
            self.set_focus_sample(None)
        if before is None or before.panes != picture.panes or before.count != picture.count:
            self._lay_out()
            self._describe()
        if self.hit:
            self.hovered.emit()
        self.update()

    def show_message(self, title: str, sentence: str) -> None:
        """Show no picture, but what to do."""
        if self.picture is None and self._message == (title, sentence):
            return
        self.picture, self.hit, self._message = None, None, (title, sentence)
        self.labels = ()
        self.set_focus_sample(None)
        self._lay_out()
        self.setAccessibleDescription(f"{title}. {sentence}")

    def set_labels(self, labels: tuple[Caption, ...]) -> None:
        """Words under the samples; ignored while their number is not that of the samples."""
        if labels != self.labels:
            had = bool(self.labels)
            self.labels = labels
            if had != bool(labels):
                self._lay_out()
            self.update()

    def set_automatic(self, automatic: bool) -> None:
        """Let each pane's own smallest and largest value be black and white, or its fixed range."""
        self.automatic = automatic
        self._lay_out()

    def set_focus_sample(self, sample: int | None) -> None:
        """Let `sample` fill the stage, or all be shown."""
        if sample == self.focus:
            return
        self.focus = sample
        self._current = self._current if sample is None else sample
        self.viewport = Viewport()
        self.hit = None
        self._lay_out()
        self.focus_changed.emit(sample)
        self.hovered.emit()

    def reset_zoom(self) -> None:
        """Fit the samples into their panes again."""
        self.set_viewport(Viewport())

    @property
    def scale(self) -> float:
        """Device pixels that one pixel of a sample takes; 0 without a picture."""
        return self.viewport.shown_scale(self._scene.grid) if self._scene else 0.0

    @property
    def scene(self) -> Scene | None:
        """Where everything is, in device pixels; None without a picture."""
        return self._scene

    def _lay_out(self) -> None:
        self._scene = self._make_scene() if self.picture else None
        self._kept_targets, self._letters = {}, None
        self.view_changed.emit()
        self.update()

    def _make_scene(self) -> Scene:
        """A first scene says how wide the pictures are; headings that reach beyond get two lines if that is free."""
        assert self.picture
        width, height, ratio = self._device_size()
        room = pane_width(width, height, ratio, len(self.picture.panes)) / ratio
        headings = Headings(self.picture.panes, room, automatic=self.automatic)
        found = self._scene_under(headings)
        edge = found.grid.content.width / ratio
        stacked = Headings(self.picture.panes, room, automatic=self.automatic, pictures=edge)
        if stacked.height > headings.height:
            other = self._scene_under(stacked)
            if (other.grid.scale, other.grid.strip) >= (found.grid.scale, found.grid.strip):
                headings, found = stacked, other
        self._headings = headings
        return found

    def _scene_under(self, headings: Headings) -> Scene:
        assert self.picture
        width, height, ratio = self._device_size()
        samples = range(self.picture.count) if self.focus is None else (self.focus,)
        strips = (STRIPS if self.focus is None else FOCUS_STRIPS) if self._has_words else ()
        return scene(width, height, ratio, len(self.picture.panes), headings.height, samples, self.picture.size, strips)

    def _device_size(self) -> tuple[int, int, float]:
        ratio = self.devicePixelRatioF()
        return round(self.width() * ratio), round(self.height() * ratio), ratio

    @property
    def _has_words(self) -> bool:
        return bool(self.labels) or (self.picture is not None and self.picture.loss is not None)

    def _describe(self) -> None:
        assert self.picture
        panes = "; ".join(f"{math_label.plain(pane.symbol)} {tr(pane.caption)}" for pane in self.picture.panes)
        self.setAccessibleDescription(tr("{n} samples. {panes}").format(n=self.picture.count, panes=panes))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint samples, headings, the words under samples and the marks over them."""
        with QPainter(self) as painter:
            if self.picture is None or self._scene is None:
                notice.paint_empty(painter, QRectF(self.rect()), *self._message)
                return
            self._paint_pointed(painter, self.picture, self._scene)
            self._paint_panes(painter, self.picture, self._scene)
            painter.drawPixmap(0, 0, self._lettering(self.picture, self._scene))
            self._paint_marks(painter, self._scene)

    def _paint_pointed(self, painter: QPainter, picture: Picture, scene: Scene) -> None:
        """A tint behind the panes of the term that is pointed at."""
        term = self._highlight.term if self._highlight else ""
        for pane, shown in enumerate(picture.panes if term else ()):
            if TERMS[shown.role] == term:
                head, body = self._logical(scene.headers[pane]), self._logical(scene.bodies[pane])
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color(shown.colour, 0.14))
                painter.drawRoundedRect(head.united(body).adjusted(-4, 0, 4, 0), 5, 5)

    def _paint_panes(self, painter: QPainter, picture: Picture, scene: Scene) -> None:
        ratio = self.devicePixelRatioF()
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        for pane, body in enumerate(scene.bodies):
            if pane in picture.absent:
                continue
            painter.setClipRect(qrect(body))
            self._paint_samples(painter, picture, scene, pane)
            paint_frames(painter, [target for _, target in self._targets(scene, pane)])
        painter.restore()

    def _paint_samples(self, painter: QPainter, picture: Picture, scene: Scene, pane: int) -> None:
        atlas = picture.atlas(pane, self._range(pane), pixmaps.shrinking(self.scale))
        paint_samples(painter, qrect(scene.bodies[pane]), self._targets(scene, pane), atlas, self.scale < 1)

    def _targets(self, scene: Scene, pane: int) -> list[Target]:
        """Where each sample is drawn; kept until zoom or layout change."""
        if pane not in self._kept_targets:
            boxes = (scene.tile(pane, index, self.viewport) for index in range(len(scene.samples)))
            self._kept_targets[pane] = [(s, qrect(box)) for s, box in zip(scene.samples, boxes, strict=True)]
        return self._kept_targets[pane]

    def _lettering(self, picture: Picture, scene: Scene) -> QPixmap:
        """Headings and words, painted anew only when one of them changes: text is the dearest thing to paint."""
        panes = range(len(picture.panes))
        ranges = tuple(self._range(pane) for pane in panes)
        loss = None if picture.loss is None else picture.loss.tobytes()
        key = (ranges, self.labels, loss, picture.panes, scene.samples, picture.absent, self.viewport)
        if self._letters is None or self._letters_key != key:
            self._letters_key = key
            words = tuple(words_under(picture, pane, scene.samples, self.labels) for pane in panes)
            self._letters = self._paint_letters(scene, ranges, words, picture.absent)
        return self._letters

    def _paint_letters(
        self,
        scene: Scene,
        ranges: tuple[Range, ...],
        words: tuple[tuple[CaptionLine, ...], ...],
        absent: frozenset[int],
    ) -> QPixmap:
        assert self._headings
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            for pane, values in enumerate(ranges):
                area = self._logical(scene.headers[pane])
                edge = area.left() + scene.grid.content.width / ratio
                self._headings.paint(painter, pane, area, values, edge)
                if pane in absent:
                    paint_absent(painter, self._logical(scene.bodies[pane]), edge)
                elif scene.grid.strip and words[pane]:
                    paint_strip(painter, scene, pane, self.viewport, words[pane], ratio)
        return pixmap

    def _range(self, pane: int) -> Range:
        assert self.picture
        return self.picture.value_range(pane, self.automatic, self.focus)

    def _logical(self, box: Box) -> QRectF:
        ratio = self.devicePixelRatioF()
        return QRectF(box.x / ratio, box.y / ratio, box.width / ratio, box.height / ratio)

    def _paint_marks(self, painter: QPainter, scene: Scene) -> None:
        ratio = self.devicePixelRatioF()
        painter.scale(1 / ratio, 1 / ratio)
        if self.hit:
            paint_hit(painter, scene, self.viewport, self.hit)
        if self._ringed and self.focus is None:
            for pane in range(len(scene.bodies)):
                paint_ring(painter, scene.tile(pane, self._current, self.viewport), 2 * ratio)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew; zoom does not survive another size."""
        self.viewport = Viewport()
        self._lay_out()

    def pane_image(self, pane: int) -> QImage:
        """Pane `pane` as it is drawn, without its heading and marks."""
        assert self.picture
        assert self._scene
        body, content = self._scene.bodies[pane], self._scene.grid.content
        part = qrect(content) if self.viewport.fits else QRect(0, 0, body.width, body.height)
        image = QImage(part.size(), QImage.Format.Format_RGB32)
        image.fill(theme.color("panel"))
        with QPainter(image) as painter:
            painter.translate(-body.x - part.x(), -body.y - part.y())
            self._paint_samples(painter, self.picture, self._scene, pane)
        return image

    def sample_image(self, pane: int, sample: int) -> QImage:
        """One sample in its own pixels."""
        assert self.picture
        return self.picture.atlas(pane, self._range(pane), 1).image(sample)

    def set_viewport(self, viewport: Viewport) -> None:
        """Zoom and pan to `viewport`."""
        if viewport != self.viewport:
            self.viewport = viewport
            self._kept_targets = {}
            self.view_changed.emit()
            self.update()

    def _device(self, position: QPointF) -> tuple[float, float]:
        ratio = self.devicePixelRatioF()
        return position.x() * ratio, position.y() * ratio
