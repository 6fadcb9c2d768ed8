"""The filmstrip: a row of thumbnails, each the frame nearest its own centre.

Frames as small pictures, made once and kept.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from diffviz.domain.arrays import F32
from diffviz.domain.bookmarks import Span
from diffviz.domain.text import tr
from diffviz.families import scaled_values
from diffviz.session.run import Run
from diffviz.ui.timeline import places
from diffviz.ui.timeline.axis import Axis, AxisWidget
from diffviz.ui.timeline.run_progress import RunProgress
from diffviz.ui.widgets import pixmaps, theme
from diffviz.ui.widgets.painting import Layer, scale_of

KEPT = 512


class FramePictures(Protocol):
    """What a filmstrip shows of the frames of a run."""

    def shape(self, run: Run) -> tuple[int, int] | None:
        """Width and height of the pictures of `run`, or None while it has none."""

    def image(self, run: Run, index: int, sample: int, size: tuple[int, int]) -> QImage | None:
        """Frame `index` of `run` in `size` (width, height) pixels; None where it has no picture."""


class Thumbnails:
    """Pictures of one sample of the field `field` in frames of a run; data range [-1, 1].

    They are brought to one variance, unless they are shown `raw`.
    """

    def __init__(self, field: str) -> None:
        self._field = field
        self.raw = False
        self._owner: tuple[object, ...] | None = None
        self._images: dict[int, QImage] = {}

    def shape(self, run: Run) -> tuple[int, int] | None:
        """Width and height of the pictures of `run`, or None while it has none."""
        array = self._array(run, 0) if len(run.store) else None
        return (array.shape[-1], array.shape[-2]) if array is not None else None

    def image(self, run: Run, index: int, sample: int, size: tuple[int, int]) -> QImage | None:
        """Frame `index` of `run` in `size` (width, height) pixels; None where it has no such field."""
        owner = (run.id, sample, size, self.raw)
        if owner != self._owner or len(self._images) > KEPT:
            self._images.clear()
            self._owner = owner
        if index not in self._images:
            array = self._array(run, index)
            if array is None:
                return None
            self._images[index] = pixmaps.scaled(pixmaps.to_image(array[min(sample, len(array) - 1)]), size)
        return self._images[index]

    def _array(self, run: Run, index: int) -> F32 | None:
        frame = run.store[index]
        array = getattr(frame, self._field, None)
        if not isinstance(array, np.ndarray) or array.ndim != 4:
            return None
        return scaled_values(frame, array) if run.spreads and not self.raw else array


HEIGHT, COMPACT_HEIGHT = 64, 36
WIDEST = 128
GAP = 8
MARK = 3
"""Pixels around a thumbnail that its mark takes."""
BEFORE_ANY = (28, 28)


class Filmstrip(AxisWidget):
    """Thumbnails of one sample; a click goes to the frame that was clicked.

    A thumbnail whose frame has not come is hatched; where a run has no frames at all there is only an outline.
    `title` stands to the left of the strip.
    """

    def __init__(self, axis: Axis, pictures: FramePictures | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._axis = axis
        self._sample = 0
        self._title = ""
        self._shape = BEFORE_ANY
        self._thumbnails = pictures or Thumbnails("x")
        self.shows_raw = False
        self._layer = Layer()
        self._marked: int | None = None
        self._chosen: Span | None = None
        self._spots: tuple[object, list[float], list[int]] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("Filmstrip"))
        self.setAccessibleDescription(tr("Thumbnails of the frames along the timeline; a click goes there."))

    @property
    def sample(self) -> int:
        """Index of the sample that is shown."""
        return self._sample

    @sample.setter
    def sample(self, index: int) -> None:
        if index != self._sample:
            self._sample = index
            self.update()

    def show_raw(self, raw: bool) -> None:
        """Show x_t as it is, or brought to one variance, where the pictures are of x_t."""
        if isinstance(self._thumbnails, Thumbnails) and raw != self._thumbnails.raw:
            self._thumbnails.raw = self.shows_raw = raw
            self.update()

    @property
    def title(self) -> str:
        """What stands to the left of the strip."""
        return self._title

    @title.setter
    def title(self, text: str) -> None:
        if text != self._title:
            self._title = text
            self.setAccessibleName(tr("Filmstrip: {title}").format(title=text) if text else tr("Filmstrip"))
            self.update()

    def show_range(self, chosen: Span | None) -> None:
        """Make what is outside the range `chosen` paler."""
        if chosen != self._chosen:
            self._chosen = chosen
            self.update()

    def set_compact(self, compact: bool) -> None:
        """Lower thumbnails."""
        self.setFixedHeight(COMPACT_HEIGHT if compact else HEIGHT)

    def show_track(self, track: RunProgress | None, cursor: float) -> None:
        """Show what has come of a run."""
        if track is not self.track and track is not None:
            self._shape = self._thumbnails.shape(track.run) or self._shape
        super().show_track(track, cursor)

    def move_cursor(self, cursor: float) -> None:
        """Mark the thumbnail at the cursor; repaints only where that is another one."""
        self.at = cursor
        marked = self.marked()
        if marked != self._marked:
            self.update(self._around(self._marked).united(self._around(marked)))
            self._marked = marked

    def _around(self, index: int | None) -> QRect:
        """The area of thumbnail `index` and its mark; nothing where a strip that had more of them had it."""
        if index is None or index >= len(self._shown()[0]):
            return QRect()
        return self.box(index).toAlignedRect().adjusted(-MARK, -MARK, MARK, MARK)

    def size_of_one(self, scale: float = 1.0) -> tuple[int, int]:
        """Width and height of one thumbnail in device pixels, of which there are `scale` to a pixel."""
        return pixmaps.fit(*self._shape, (WIDEST * scale, (self.height() - 2 * MARK) * scale))

    def centres(self) -> list[float]:
        """Centres of the thumbnails, in pixels from the left edge."""
        width = self.size_of_one()[0]
        left = max(self.map.left_px, width / 2 + MARK)
        right = min(self.map.right_px, self.width() - width / 2 - MARK)
        count = max(1, int((right - left) // (width + GAP)) + 1)
        return [left + (right - left) * i / max(1, count - 1) for i in range(count)]

    def marked(self) -> int | None:
        """Index of the thumbnail nearest to the cursor, where that is seen, among those that show a frame."""
        if not self.map.shows(self.at):
            return None
        (centres, shown), px = self._shown(), self.cursor_px
        return min(shown, key=lambda i: abs(centres[i] - px)) if shown else None

    def _shown(self) -> tuple[list[float], list[int]]:
        """Centres of all thumbnails and the indices of those that show a frame; kept until the run grows."""
        key = (self.track and self.track.key, self.map, self._shape, self.width(), self.height())
        if self._spots is None or self._spots[0] != key:
            centres = self.centres()
            shown = [i for i, centre in enumerate(centres) if self._shows(self.position_at(centre))]
            self._spots = key, centres, shown
        return self._spots[1], self._spots[2]

    def _shows(self, position: float | None) -> bool:
        return position is not None and self.track is not None and self.track.has(position)

    def box(self, index: int) -> QRectF:
        """Where thumbnail `index` lies."""
        width, height = self.size_of_one()
        top = (self.height() - height) // 2
        return QRectF(round(self._shown()[0][index] - width / 2), top, width, height)

    def position_at(self, px: float) -> float | None:
        """Position of the frame that the thumbnail at `px` shows, planned or come; None where there is none."""
        if self.track is None:
            return None
        low, high = sorted(map(self.map.to_px, (self.track.planned[0], self.track.planned[-1])))
        slack = (self.map.right_px - self.map.left_px) / (2 * len(self.centres()))
        held = min(max(px, self.map.left_px), self.map.right_px)
        inside = low - slack <= held <= high + slack
        return self.track.planned_near(self.map.to_position(px)) if inside else None

    def seek_px(self, px: float) -> None:
        """Go to the frame of the thumbnail at `px`."""
        centre = min(self.centres(), key=lambda c: abs(c - px))
        position = self.position_at(centre)
        if position is not None:
            self.sought.emit(position)

    def event(self, event: QEvent) -> bool:
        """Say which frame a thumbnail shows."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            centre = min(self.centres(), key=lambda c: abs(c - event.x()))
            QToolTip.showText(event.globalPos(), self._caption(self.position_at(centre)), self)
            return True
        return super().event(event)

    def _caption(self, position: float | None) -> str:
        if position is None or self.track is None:
            return tr("This run has no frame here")
        text = f"{self._axis.name} = {self._axis.form(self.track.own(position))}"
        return text if self.track.has(position) else tr("{where}: not computed yet").format(where=text)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Run over the thumbnails with the button held."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.seek_px(event.position().x())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the thumbnails from their layer, and the mark."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.color("panel"))
        track = self.track
        come = (track.run.id, track.link, len(track.run.store) > 0, *self._shown()[1]) if track else None
        key = (come, self.map, self._sample, self._shape, self.shows_raw, theme.palette().name)
        self._layer.paint(painter, self.size(), key, self._paint_all)
        places.paint_veil(painter, self.map, self._chosen, self.height())
        if self._title:
            self._paint_title(painter)
        marked = self.marked()
        if marked is not None:
            self._paint_mark(painter, self.box(marked))

    def _paint_title(self, painter: QPainter) -> None:
        room = QRectF(0, 0, self.box(0).left() - 4, self.height())
        painter.setFont(theme.font(11, 600))
        painter.setPen(theme.color("quiet"))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._title)

    def _paint_mark(self, painter: QPainter, box: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("cursor"), 1.5))
        painter.drawRoundedRect(box.adjusted(-1.75, -1.75, 1.75, 1.75), 3, 3)

    def _paint_all(self, painter: QPainter) -> None:
        for index, centre in enumerate(self.centres()):
            self._paint_one(painter, self.box(index), self.position_at(centre))

    def _paint_one(self, painter: QPainter, box: QRectF, position: float | None) -> None:
        track = self.track
        if track is None or position is None:
            painter.setPen(theme.color("edge", 0.6))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
            return
        own = track.own(position)
        # a run that gave its place to another has lost its frames, and may still be painted once
        owner = track.run.owner(own)
        if not track.has(position) or not len(owner.store):
            painter.fillRect(box, theme.color("field"))
            places.hatch(painter, box, theme.blend("field", "quiet", 0.28), 7)
            return
        size = self.size_of_one(scale_of(painter))
        image = self._thumbnails.image(owner, owner.store.index_of(own), self._sample, size)
        if image is not None:
            _draw(painter, box, image)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(400, self.height())


def _draw(painter: QPainter, box: QRectF, image: QImage) -> None:
    """Draw `image`, one of its pixels on one device pixel."""
    scale = scale_of(painter)
    sharp = QImage(image)
    sharp.setDevicePixelRatio(scale)
    size = QPointF(image.width(), image.height()) / scale
    corner = box.center() - size / 2
    painter.drawImage(QPointF(round(corner.x() * scale) / scale, round(corner.y() * scale) / scale), sharp)
