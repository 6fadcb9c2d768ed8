"""What a classifier sees in samples: bars of p(y | x) under each picture and along t, with their key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QImage, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from diffviz.domain.arrays import F32
from diffviz.domain.axis_scale import AxisScale
from diffviz.domain.text import tr
from diffviz.ui.widgets import painting, pixmaps, theme
from diffviz.ui.widgets.format import percent, timestep
from diffviz.ui.widgets.glyphs import colour, shape

ROW, GLYPH, GAP = 18, 14, 12
MOST = 20
"""More classes than these have no key: the pointer names them."""


class ClassKey(painting.PaintedWidget):
    """A legend of classes, in the colours and with the glyphs that they have on a map."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.names: tuple[str, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # what lies behind is not painted each time
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Classes"))
        self.hide()

    def show_classes(self, classes: tuple[str, ...]) -> None:
        """Name `classes`, unless there are too many."""
        names = tuple(tr(name) for name in classes) if len(classes) <= MOST else ()
        if names != self.names:
            self.names = names
            self.setAccessibleDescription(", ".join(names))
            self._make_room()
            self.update()
        self.setVisible(bool(names))

    def places(self) -> list[QPointF]:
        """Where each name begins, its glyph before it: the left end and the middle of its row."""
        metrics = QFontMetricsF(theme.font(11))
        found, x, y = [], 0.0, ROW / 2
        for name in self.names:
            width = GLYPH + metrics.horizontalAdvance(name)
            if x and x + width > self.width():
                x, y = 0.0, y + ROW
            found.append(QPointF(x + GLYPH, y))
            x += width + GAP
        return found

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many rows as another width asks for."""
        if event.size().width() != event.oldSize().width():
            self._make_room()

    def marks(self) -> Iterator[painting.PaintMark]:
        """Glyphs and names."""
        font, hue = theme.font(11), theme.color("text")
        yield painting.Rect(QRectF(self.rect()), theme.color("panel"))
        for index, (name, at) in enumerate(zip(self.names, self.places(), strict=True)):
            yield painting.Outline(shape(index, at - QPointF(GLYPH - 4, 0), 4), colour(index))
            yield painting.Text(at + QPointF(0, 4), name, font, hue)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(280, self.minimumHeight())

    def _make_room(self) -> None:
        rows = {at.y() for at in self.places()}
        self.setFixedHeight(ROW * max(1, len(rows)))


MOST, PER_ROW, PICTURE, GAP = 16, 8, 28, 8
ROW = PICTURE + 46 + GAP
STRIP = 92
LIKELIEST = 3


class Bars(painting.PaintedWidget):
    """A picture and the bars of p(y | x) under it for each sample. Signals: `chosen(sample)`."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shares: F32 | None = None
        self.classes: tuple[str, ...] = ()
        self.sample = 0
        self._images: F32 | None = None
        self._pictures: list[QImage] = []
        self._asked: tuple[int | None, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # what lies behind is not painted each time
        self.setFixedHeight(ROW)
        self.setAccessibleName(tr("p(y | x) of each sample"))

    def show_bars(
        self,
        images: F32,
        shares: F32 | None,
        classes: tuple[str, ...],
        asked: tuple[int | None, ...],
    ) -> None:
        """Show `images` (N, C, H, W) with `shares` (N, classes); `asked` is the class of each or None."""
        if images is not self._images:
            self._images, self._pictures = images, [pixmaps.to_image(image) for image in images[:MOST]]
        self.shares, self.classes, self._asked = shares, classes, asked
        height = ROW * -(-len(self._pictures) // PER_ROW)
        if self.height() != height:
            self.setFixedHeight(height)
        if shares is not None:
            best = [tr(classes[int(i)]) for i in shares[:MOST].argmax(1)]
            self.setAccessibleDescription(", ".join(best))
        self.update()

    def cell(self, sample: int) -> QRectF:
        """Where a sample stands."""
        width = self.width() / PER_ROW
        row, column = divmod(sample, PER_ROW)
        return QRectF(column * width, row * ROW, width - 4, ROW - GAP)

    def event(self, event: QEvent) -> bool:
        """Say which class a bar stands for."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip(event.x(), event.y()), self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a sample for the strip below."""
        at = self._at(event.position().x(), event.position().y())
        if at is not None:
            self.chosen.emit(at)

    def marks(self) -> Iterator[painting.PaintMark]:
        """All samples."""
        yield painting.Rect(QRectF(self.rect()), theme.color("panel"))
        hues = [colour(index) for index in range(len(self.classes))]
        for sample, picture in enumerate(self._pictures):
            cell = self.cell(sample)
            square = QRectF(cell.left(), cell.top(), PICTURE, PICTURE)
            seen: list[painting.PaintMark] = [painting.Raster(square, picture), *self._bars(cell, sample, hues)]
            if sample == self.sample:
                seen.append(painting.Rect(square.adjusted(-1, -1, 0, 0), edge=theme.color("cursor")))
            yield painting.Group(seen, smooth=False)

    def _bars(self, cell: QRectF, sample: int, hues: Sequence[QColor]) -> Iterator[painting.Rect]:
        if self.shares is None or sample >= len(self.shares):
            return
        shares = self.shares[sample].tolist()
        floor, height = cell.bottom(), cell.height() - PICTURE - 4
        width = cell.width() / max(1, len(shares))
        yield painting.Rect(QRectF(cell.left(), floor, cell.width(), 1), theme.blend("panel", "quiet", 0.5))
        asked = self._asked[sample] if sample < len(self._asked) else None
        for index, share in enumerate(shares):
            bar = QRectF(cell.left() + index * width, floor - height * share, max(1.0, width - 1), height * share)
            yield painting.Rect(bar, hues[index])
            if index == asked:
                yield painting.Rect(QRectF(bar.left(), floor + 2, bar.width(), 2), theme.color("text"))

    def _at(self, x: float, y: float) -> int | None:
        return next((i for i in range(len(self._pictures)) if self.cell(i).contains(x, y)), None)

    def tip(self, x: float, y: float) -> str:
        """The class of the bar that stands, or would stand, at (x, y); on a picture, what it is most likely."""
        sample = self._at(x, y)
        if sample is None or self.shares is None or sample >= len(self.shares):
            return ""
        cell, shares = self.cell(sample), self.shares[sample]
        if y <= cell.top() + PICTURE:
            return "\n".join(_said(self.classes, shares, int(i)) for i in np.argsort(shares)[::-1][:LIKELIEST])
        return _said(self.classes, shares, min(int((x - cell.left()) / cell.width() * len(shares)), len(shares) - 1))

    def sizeHint(self) -> QSize:
        """Two rows."""
        return QSize(420, self.height())


class ClassShareChart(painting.PaintedWidget):
    """p(y | x̂0) of one sample along t, stacked: what is seen in it from x_T to x_0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.known: dict[float, F32] = {}
        self.classes: tuple[str, ...] = ()
        self.scale, self.marker = AxisScale(0.0, 1.0), 0.0
        self._shares: list[F32] = []
        self._layer = painting.Layer()
        self.setFixedHeight(STRIP)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("p(y | x) of the chosen sample along t"))

    def show_known(self, known: dict[float, F32], classes: tuple[str, ...], scale: AxisScale, cursor: float) -> None:
        """Show `known` by time, over the axis of `scale`: shares of `classes`."""
        shares = list(known.values())
        same = len(shares) == len(self._shares) and all(a is b for a, b in zip(shares, self._shares, strict=True))
        if not same or (classes, scale) != (self.classes, self.scale):
            self._shares, self._layer = shares, painting.Layer()
        self.known, self.classes = known, classes
        self.scale, self.marker = scale, cursor
        self.update()

    def marks(self) -> Iterator[painting.PaintMark]:
        """A column for each timestep that has been asked about, kept while the cursor moves over them."""
        yield painting.Kept(self._layer, self.size(), theme.palette().name, self._stacked)
        cursor = QRectF(self._px(self.marker), 0, 1, self.height())
        yield painting.Group([painting.Rect(cursor, theme.color("cursor"))], smooth=False)

    def _stacked(self) -> list[painting.PaintMark]:
        marks = [painting.Rect(QRectF(self.rect()), theme.color("field"))]
        hues = [colour(index) for index in range(len(self.classes))]
        for t, left, right in self._columns():
            top = 0.0
            for hue, share in zip(hues, self.known[t].tolist(), strict=False):
                height = share * self.height()
                marks.append(painting.Rect(QRectF(left, top, right - left + 0.5, height + 0.5), hue))
                top += height
        return [painting.Group(marks, smooth=False)]

    def event(self, event: QEvent) -> bool:
        """Say which class a colour stands for."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip(event.x(), event.y()), self)
            return True
        return super().event(event)

    def tip(self, x: float, y: float) -> str:
        """The timestep and the class whose share lies at (x, y)."""
        t = next((t for t, left, right in self._columns() if left <= x < right), None)
        if t is None or not self.classes:
            return ""
        shares = self.known[t]
        index = min(int(np.searchsorted(np.cumsum(shares), y / self.height(), side="right")), len(shares) - 1)
        return f"t = {timestep(t)}\n{_said(self.classes, shares, index)}"

    def _columns(self) -> list[tuple[float, float, float]]:
        """Each timestep that is known, with the pixels that its column reaches from and to."""
        ts = sorted(self.known)
        edges = [self._px(t) for t in (self.scale.low, *((a + b) / 2 for a, b in pairwise(ts)), self.scale.high)]
        return list(zip(ts, edges, edges[1:], strict=False))

    def _px(self, t: float) -> float:
        return self.scale.share(t) * self.width()


def _said(classes: tuple[str, ...], shares: F32, index: int) -> str:
    return f"{tr(classes[index])}: {percent(float(shares[index]))}"
