"""The pictures themselves, in panes zoomed alike: which are shown, one sample or all, and where they are."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from diffviz.domain.panes import Range, Role
from diffviz.domain.text import tr
from diffviz.ui.sample_viewer import arrangement, painting
from diffviz.ui.sample_viewer.captions import MOST_LINES, SYMBOLS, Caption, Headings
from diffviz.ui.sample_viewer.layout import Viewport
from diffviz.ui.sample_viewer.picture import Picture
from diffviz.ui.sample_viewer.sight import Sight
from diffviz.ui.widgets import math_label, notice, theme
from diffviz.ui.widgets.painting import paint
from diffviz.ui.widgets.view import EPS, X0, Highlight, X

TERMS: Mapping[Role, str] = MappingProxyType(
    {Role.ORIGINAL: X0, Role.NOISY: X, Role.NOISE: EPS, Role.CLEAN_ESTIMATE: X0, Role.NOISE_ESTIMATE: EPS}
)
LOW = 260
"""In less height a caption of several lines is cut short: its tooltip has all of it."""


class Board(QWidget):
    """Panes of one picture, laid so that its samples are as large as can be.

    A pane with nothing to show gives its room away when `give_room` is called; it has it back with the first picture
    that needs it. Signals: `hovered` (the pointer is over another pixel, or over other values), `focus_changed(sample)`
    (an int, or None for all samples), `view_changed` (zoom or layout).
    """

    hovered = Signal()
    focus_changed = Signal(object)
    view_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture: Picture | None = None
        self.hit: arrangement.Hit | None = None
        self.focus: int | None = None
        self.viewport = Viewport()
        self.automatic = False
        self.labels: tuple[Caption, ...] = ()
        self._message = ("", "")
        self._scene: arrangement.Scene | None = None
        self._headings: Headings | None = None
        self._spines: frozenset[int] = frozenset()
        self._how = arrangement.AUTO
        self._current = 0
        self._ringed = False
        self._painter = painting.PanePainter()
        self._highlight: Highlight | None = None
        self.setMinimumSize(160, 120)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
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
        spines = self._spines & picture.absent
        if before is None or before.panes != picture.panes:
            self.hit, spines, self._headings = self.hit if self._same_places(before) else None, frozenset(), None
            self._describe()
        laid = (before.panes, before.count, before.rows, before.size) if before else None
        if laid != (picture.panes, picture.count, picture.rows, picture.size) or spines != self._spines:
            self._spines = spines
            self._lay_out()
        if self.hit:
            self.hovered.emit()
        self.update()

    def give_room(self, empty: frozenset[Role]) -> None:
        """Empty panes of the roles `empty` leave their room to the others, where the samples of these grow by it."""
        if self.picture is None or not self.viewport.fits:
            return
        spines = frozenset(i for i in self.picture.absent if self.picture.panes[i].role in empty)
        kept, self._spines = self._spines, spines if len(spines) < len(self.picture.panes) else frozenset()
        given = self._make_scene(self.picture, self._content(self.picture), self.width(), self.height())
        if given.grid.scale <= self.scale_in(self.width(), self.height()):
            self._spines = frozenset()
        if self._spines != kept:
            self._lay_out()

    def lay_panes(self, how: str) -> None:
        """Lay panes as `how` says: `AUTO`, `ROW` or `COLUMN` of `arrangement`."""
        if how != self._how:
            self._how = how
            self._lay_out()

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
        self.automatic, self._headings = automatic, None
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
    def scene(self) -> arrangement.Scene | None:
        """Where everything is, in device pixels; None without a picture."""
        return self._scene

    @property
    def content(self) -> arrangement.Content | None:
        """What it has to show at any t, panes that are empty now included; None without a picture."""
        return dataclasses.replace(self._content(self.picture), spines=frozenset()) if self.picture else None

    def scale_in(self, width: int, height: int) -> float:
        """The scale that samples would have on a board of this size, were no pane empty."""
        content = self.content
        return self._make_scene(self.picture, content, width, height).grid.scale if self.picture and content else 0.0

    def _same_places(self, before: Picture | None) -> bool:
        """Whether as many panes were shown before, so that what is under the pointer still is."""
        return before is not None and self.picture is not None and len(before.panes) == len(self.picture.panes)

    def _lay_out(self) -> None:
        picture, width, height = self.picture, self.width(), self.height()
        self._scene = self._make_scene(picture, self._content(picture), width, height) if picture else None
        self.viewport = self.viewport.within(self._scene.grid) if self._scene else Viewport()
        self._painter.forget()
        self.view_changed.emit()
        self.update()

    def _make_scene(self, picture: Picture, content: arrangement.Content, across: int, down: int) -> arrangement.Scene:
        """A first scene says how wide the pictures are; headings that reach beyond get two lines if that is free.

        Where headings cost small pictures their next size, symbols stand alone: what they mean is said on hover.
        """
        headings = self._headings = self._headings or Headings(picture.panes, automatic=self.automatic)
        ratio = self.devicePixelRatioF()
        width, height = round(across * ratio), round(down * ratio)
        most = 1 if down < LOW else MOST_LINES
        found = arrangement.arranged(width, height, ratio, content, lambda room: headings.height(room, most))
        if arrangement.small(found.grid, content, ratio):
            bare = arrangement.arranged(width, height, ratio, content, lambda _room: SYMBOLS)
            if bare.grid.scale > found.grid.scale and bare.grid.scale >= 1:
                return bare
        edge = found.grid.content.width / ratio
        tall = arrangement.arranged(width, height, ratio, content, lambda room: headings.height(room, most, edge))
        free = (tall.grid.scale, tall.grid.strip) >= (found.grid.scale, found.grid.strip)
        return tall if free and tall.columns == found.columns else found

    def _content(self, picture: Picture) -> arrangement.Content:
        samples = tuple(range(picture.count)) if self.focus is None else (self.focus,)
        strips = arrangement.STRIPS if self.focus is None else arrangement.FOCUS_STRIPS
        words = strips if self.labels or picture.loss is not None or picture.has_originals else ()
        rows = picture.rows if self.focus is None else None
        return arrangement.Content(len(picture.panes), samples, picture.size, words, self._spines, self._how, rows)

    def _describe(self) -> None:
        assert self.picture
        panes = "; ".join(f"{math_label.plain(pane.symbol)} {tr(pane.caption)}" for pane in self.picture.panes)
        said, rows = tr("{n} samples. {panes}").format(n=self.picture.count, panes=panes), self.picture.rows
        if rows is not None and len(rows.rows) > 1:
            said += " " + tr("One row for each of {n} pictures.").format(n=len(rows.rows))
        self.setAccessibleDescription(said)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint samples, headings, the words under samples and the marks over them."""
        with QPainter(self) as painter:
            sight = self._sight()
            if sight is None:
                painter.fillRect(event.rect(), theme.color("panel"))
                paint(painter, notice.frames_to_come(QRectF(self.rect()), *self._message))
                return
            term = self._highlight.term if self._highlight else ""
            pointed = [i for i, pane in enumerate(sight.picture.panes if term else ()) if TERMS[pane.role] == term]
            self._painter.paint(painter, sight, pointed)
            ringed = self._current if self._ringed and self.focus is None else None
            painting.paint_marks(painter, sight, self.hit, ringed)

    def _sight(self) -> Sight | None:
        if self.picture is None or self._scene is None or self._headings is None:
            return None
        ranges = tuple(self._range(self.picture, pane) for pane in range(len(self.picture.panes)))
        ratio, size = self.devicePixelRatioF(), self.size()
        return Sight(self.picture, self._scene, self.viewport, self._headings, ranges, self.labels, size, ratio)

    def _range(self, picture: Picture, pane: int) -> Range:
        return picture.value_range(pane, self.automatic, self.focus)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew; zoom does not survive another size."""
        self.viewport = Viewport()
        self._lay_out()

    def pane_image(self, pane: int) -> QImage:
        """Pane `pane` as it is drawn, without its heading and marks."""
        sight = self._sight()
        assert sight
        return self._painter.pane_image(sight, pane)

    def sample_image(self, pane: int, sample: int) -> QImage:
        """One sample in its own pixels."""
        assert self.picture
        return self.picture.atlas(pane, self._range(self.picture, pane), 1).image(sample)

    def set_viewport(self, viewport: Viewport) -> None:
        """Zoom and pan to `viewport`."""
        if viewport != self.viewport:
            self.viewport = viewport
            self._painter.forget()
            self.view_changed.emit()
            self.update()

    def _device(self, position: QPointF) -> tuple[float, float]:
        ratio = self.devicePixelRatioF()
        return position.x() * ratio, position.y() * ratio
