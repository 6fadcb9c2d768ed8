"""p(y | x) beside p(x): what a discriminative model sees while a generative one works."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from diffviz.domain.frames import Frame
from diffviz.domain.palette import class_colour
from diffviz.domain.panes import labelled, panes_of
from diffviz.domain.queries import Recognise, Recognised
from diffviz.domain.requests import NO_CLASS, ReverseRequest, labels_of
from diffviz.domain.text import tr
from diffviz.session.run import Run
from diffviz.ui import theme
from diffviz.ui.instruments.instrument import Instrument, Services, note, say
from diffviz.ui.timeline.thumbnails import to_image
from diffviz.ui.views.figures import percent
from diffviz.ui.views.view import Shown

Shares = NDArray[np.float32]
MOST, PER_ROW, PICTURE, GAP = 16, 8, 28, 8
ROW = PICTURE + 46 + GAP
STRIP = 92
FRAMES = 60


class Bars(QWidget):
    """A picture and the bars of p(y | x) under it for each sample. Signals: `chosen(sample)`."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shares: Shares | None = None
        self.classes: tuple[str, ...] = ()
        self.sample = 0
        self._images: NDArray[np.float32] | None = None
        self._asked: tuple[int | None, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # what lies behind is not painted each time
        self.setFixedHeight(ROW)
        self.setAccessibleName(tr("p(y | x) of each sample"))

    def show_bars(
        self,
        images: NDArray[np.float32],
        shares: Shares | None,
        classes: tuple[str, ...],
        asked: tuple[int | None, ...],
    ) -> None:
        """Show `images` (N, C, H, W) with `shares` (N, classes); `asked` is the class of each or None."""
        self._images, self.shares, self.classes, self._asked = images[:MOST], shares, classes, asked
        height = ROW * -(-len(self._images) // PER_ROW)
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
            QToolTip.showText(event.globalPos(), self._tip(event.x(), event.y()), self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a sample for the strip below."""
        at = self._at(event.position().x(), event.position().y())
        if at is not None:
            self.chosen.emit(at)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint all samples."""
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), theme.color("panel"))
            for sample, image in enumerate(self._images if self._images is not None else ()):
                cell = self.cell(sample)
                painter.drawImage(QRectF(cell.left(), cell.top(), PICTURE, PICTURE), to_image(image))
                if sample == self.sample:
                    painter.setPen(theme.color("cursor"))
                    painter.drawRect(QRectF(cell.left() - 1, cell.top() - 1, PICTURE + 1, PICTURE + 1))
                if self.shares is not None and sample < len(self.shares):
                    self._paint_bars(painter, cell, sample, self.shares[sample])

    def _paint_bars(self, painter: QPainter, cell: QRectF, sample: int, shares: Shares) -> None:
        floor, height = cell.bottom(), cell.height() - PICTURE - 4
        width = cell.width() / max(1, len(shares))
        painter.fillRect(QRectF(cell.left(), floor, cell.width(), 1), theme.blend("panel", "quiet", 0.5))
        asked = self._asked[sample] if sample < len(self._asked) else None
        for index, share in enumerate(shares):
            bar = QRectF(
                cell.left() + index * width, floor - height * float(share), max(1.0, width - 1), height * float(share)
            )
            painter.fillRect(bar, _hue(index))
            if index == asked:
                painter.fillRect(QRectF(bar.left(), floor + 2, bar.width(), 2), theme.color("text"))

    def _at(self, x: float, y: float) -> int | None:
        count = 0 if self._images is None else len(self._images)
        return next((i for i in range(count) if self.cell(i).contains(x, y)), None)

    def _tip(self, x: float, y: float) -> str:
        sample = self._at(x, y)
        if sample is None or self.shares is None:
            return ""
        order = np.argsort(self.shares[sample])[::-1][:3]
        return "\n".join(f"{tr(self.classes[int(i)])}: {percent(float(self.shares[sample][i]))}" for i in order)

    def sizeHint(self) -> QSize:
        """Two rows."""
        return QSize(420, self.height())


class Strip(QWidget):
    """p(y | x̂0) of one sample along t, stacked: what is seen in it from x_T to x_0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.known: dict[float, Shares] = {}
        self.low, self.high, self.marker = 0.0, 1.0, 0.0
        self.setFixedHeight(STRIP)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("p(y | x) of the chosen sample along t"))

    def show_known(self, known: dict[float, Shares], low: float, high: float, cursor: float) -> None:
        """Show `known` by timestep."""
        self.known, self.low, self.high, self.marker = known, low, high, cursor
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a column for each timestep that has been asked about."""
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.color("field"))
            ts = sorted(self.known)
            edges = [self.low, *((a + b) / 2 for a, b in pairwise(ts)), self.high]
            for t, left, right in zip(ts, edges, edges[1:], strict=False):
                self._paint_column(painter, self._px(left), self._px(right), self.known[t])
            painter.fillRect(QRectF(self._px(self.marker), 0, 1, self.height()), theme.color("cursor"))

    def _paint_column(self, painter: QPainter, left: float, right: float, shares: Shares) -> None:
        top = 0.0
        for index, share in enumerate(shares):
            height = float(share) * self.height()
            painter.fillRect(QRectF(left, top, right - left + 0.5, height + 0.5), _hue(index))
            top += height

    def _px(self, t: float) -> float:
        return (t - self.low) / (self.high - self.low or 1.0) * self.width()


class RecognisedInstrument(Instrument):
    """The classifier's bars under each sample at the cursor, and those of one sample along t."""

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        self.bars, self.strip, self.note = Bars(), Strip(), note()
        self._known: dict[float, Shares] = {}
        self._classes: tuple[str, ...] = ()
        self._run: Run | None = None
        self._shown: Shown | None = None
        self._waiting: float | None = None
        self._refused: Run | None = None
        for widget in (self.bars, self.strip, self.note):
            self.column.addWidget(widget)
        self.bars.chosen.connect(self._on_chosen)

    def draw(self, shown: Shown) -> None:
        """Show what is known of the frame at the cursor, and ask for it."""
        run, frame = shown.a, shown.frame
        if run is None or frame is None:
            return
        if run is not self._run:
            self._run, self._known, self._waiting = run, {}, None
        self._shown = shown
        images = _pictures(frame)
        if images is None:
            return
        self.bars.sample = min(self.services.sample(), len(images) - 1) if self._following else self.bars.sample
        self.bars.show_bars(images, self._known.get(frame.position), self._classes, _asked(run, len(self._classes)))
        self._show_strip(shown, run)
        self._ask()
        self._say(run, frame)

    _following = True

    def take(self, what: str, answer: object) -> None:
        """Keep what was seen, show it, and ask about the next timestep."""
        if not isinstance(answer, Recognised) or self._run is None:
            self._refused = self._run
            self._waiting = None
            self.services.soon()
            return
        run_id, position = answer.key
        if run_id != self._run.id:
            return
        self._known[float(str(position))], self._classes = answer.probabilities, answer.classes
        self._waiting = None
        self.services.soon()

    def forget(self) -> None:
        """Another run has other samples."""
        self._following = True

    def _ask(self) -> None:
        """Ask about the frame at the cursor first, then, one after the other, about some along the run."""
        shown, run = self._shown, self._run
        if shown is None or run is None or self._waiting is not None or run is self._refused:
            return
        if self.services.session.device is None:
            return
        card = shown.card or self.services.card()
        frame = shown.frame
        if frame is None or card is None:
            return
        if frame.position in self._known:
            frame = self._next(run)
        images = _pictures(frame) if frame is not None else None
        if frame is None or images is None or images.shape[1:] != card.shape:
            return
        self._waiting = frame.position
        query = Recognise(str(card.dataset.get("name")), images, (run.id, frame.position))
        self.services.session.ask(self.view_name("bars"), query)

    def _next(self, run: Run) -> Frame | None:
        positions = list(run.store.positions())
        some = positions[:: max(1, -(-len(positions) // FRAMES))]
        left = next((p for p in reversed(some) if p not in self._known), None)
        return None if left is None else run.at(left)

    def _show_strip(self, shown: Shown, run: Run) -> None:
        sample = self.bars.sample
        rows = {t: shares[sample] for t, shares in self._known.items() if sample < len(shares)}
        self.strip.show_known(rows, run.plan.low, run.plan.high, shown.cursor)

    def _say(self, run: Run, frame: Frame) -> None:
        if run is self._refused:
            say(self.note, tr("There is no classifier of this model's data set."))
            return
        request = run.request
        none = not isinstance(request, ReverseRequest) or request.label == NO_CLASS
        what = (
            tr("Without a class the generative model samples p(x).")
            if none
            else tr("With a class the generative model samples p(x | y); a line marks the class.")
        )
        shares = self._known.get(frame.position)
        mean = ""
        if shares is not None and self._classes:
            best = int(shares.mean(0).argmax())
            mean = " " + tr("Over all samples {name} is seen most: {share}.").format(
                name=tr(self._classes[best]), share=percent(float(shares.mean(0)[best]))
            )
        say(self.note, what + " " + tr("The bars are a classifier's p(y | x̂0), a discriminative model.") + mean)

    def _on_chosen(self, sample: int) -> None:
        self._following = False
        self.bars.sample = sample
        self.services.soon()


def _pictures(frame: Frame) -> NDArray[np.float32] | None:
    pane = labelled(panes_of(frame))
    return None if pane is None else frame.arrays()[pane.field]


def _asked(run: Run, classes: int) -> tuple[int | None, ...]:
    request = run.request
    if not isinstance(request, ReverseRequest) or not classes:
        return ()
    try:
        return labels_of(request.label, request.samples, classes)
    except ValueError:
        return ()


def _hue(index: int) -> QColor:
    return QColor(class_colour(theme.palette(), index))
