"""Diffusion in the plane: score field as arrows, density, and particles that move from x_T to x_0."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from diffviz.domain.cards import Card
from diffviz.domain.planar import EXTENT, FAMILY, PLANAR_DATA, PLANAR_LABELS, PlanarFrame, PlanarRequest
from diffviz.domain.text import tr
from diffviz.session.run import ASIDE, Run
from diffviz.theory.planar import grid
from diffviz.ui import theme
from diffviz.ui.forms.controls import Combo, label
from diffviz.ui.instruments.instrument import Instrument, Services, dropped, note, say
from diffviz.ui.views.figures import figure, timestep
from diffviz.ui.views.view import Shown

SLOT = ASIDE + "plane"
SIDE, LONGEST = 268, 0.9
TRAIL = 12


class PlaneView(QWidget):
    """One set of particles over the density and the score field; `learnt` shows those of the network."""

    def __init__(self, name: str, *, learnt: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.learnt = learnt
        self.frame: PlanarFrame | None = None
        self._image = QImage()
        self._arrows: QPolygonF | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # what lies behind is not painted each time
        self.setMinimumSize(160, SIDE)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    def show_frame(self, frame: PlanarFrame | None) -> None:
        """Show `frame`."""
        if frame is not self.frame:
            self.frame = frame
            self._image = QImage() if frame is None else _shade(frame.density)
            self.update()

    def particles(self) -> NDArray[np.float32] | None:
        """The particles shown (N, 2)."""
        if self.frame is None:
            return None
        return self.frame.learnt_x if self.learnt else self.frame.x

    def to_px(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Where points (…, 2) lie."""
        box = self.area()
        unit = (np.asarray(points, np.float64) / EXTENT + 1) / 2
        scaled: NDArray[np.float64] = np.stack(
            [box.left() + unit[..., 0] * box.width(), box.bottom() - unit[..., 1] * box.height()], -1
        )
        return scaled

    def area(self) -> QRectF:
        """The square that the plane is drawn in."""
        side = min(self.width(), self.height()) - 2.0
        return QRectF((self.width() - side) / 2, 1, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint density, arrows and particles."""
        with QPainter(self) as painter:
            box = self.area()
            painter.fillRect(event.rect(), theme.color("panel"))
            painter.fillRect(box, theme.color("field"))
            if self.frame is not None:
                painter.setClipRect(box)
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawImage(box, self._image)
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                self._paint_arrows(painter, self.frame)
                self._paint_particles(painter)
                painter.setClipping(False)
            painter.setPen(QPen(theme.color("edge"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box)

    def _paint_arrows(self, painter: QPainter, frame: PlanarFrame) -> None:
        """Directions of the score; lengths grow with its size, up to the distance between two of them."""
        score = frame.learnt_score if self.learnt else frame.score
        if score is None or not np.isfinite(score).all():
            return
        count = score.shape[0]
        cell = 2 * EXTENT / (count - 1)
        size = np.linalg.norm(score, axis=-1, keepdims=True)
        reach = LONGEST * cell * np.tanh(size * frame.sigma)
        start = grid(count)
        ends = start + np.where(size > 0, score / np.maximum(size, 1e-9), 0.0) * reach
        a, b = self.to_px(start).reshape(-1, 2), self.to_px(ends).reshape(-1, 2)
        painter.setPen(QPen(theme.color("loss", 0.75), 1.0))
        painter.drawLines([QLineF(*row) for row in np.concatenate([a, b], 1).tolist()])
        painter.setPen(QPen(theme.color("loss", 0.9), 2.4))
        painter.drawPoints(QPolygonF([QPointF(x, y) for x, y in b.tolist()]))

    def _paint_particles(self, painter: QPainter) -> None:
        points = self.particles()
        if points is None:
            return
        pen = QPen(theme.color("generated" if self.learnt else "text"), 3.0)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPoints(QPolygonF([QPointF(x, y) for x, y in self.to_px(points).tolist()]))

    def sizeHint(self) -> QSize:
        """Square."""
        return QSize(SIDE, SIDE)


class PlaneInstrument(Instrument):
    """Particles by the exact score beside those by a small network, at the timeline's t.

    It computes a run of its own in slot `SLOT`; where its T is another one, its frame stands at the same share of T.
    """

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        self.exact = PlaneView(tr("Particles by the exact score"), learnt=False)
        self.learnt = PlaneView(tr("Particles by the network's score"), learnt=True)
        self.data = Combo()
        self.again = QPushButton(tr("Run"))
        self.note = note()
        self.run: Run | None = None
        self._asked = False
        self._arrange()
        self._offer()
        self.data.picked.connect(self._on_picked)
        self.again.clicked.connect(self.compute)

    def request(self) -> PlanarRequest:
        """What is computed: a model's own data, or a density of which there is no network."""
        chosen = self.data.currentData()
        if isinstance(chosen, str) and chosen in self.services.session.cards:
            return PlanarRequest(model=chosen)
        return PlanarRequest(data=PLANAR_DATA[chosen or "ring"]())

    def draw(self, shown: Shown) -> None:
        """Show the frame at the cursor's share of the axis; the first draw computes it."""
        if self.run is None and not self._asked:
            self._asked = True
            self.compute()
        if self.run is None:
            return
        share = _share(shown)
        frame = self.run.at(self.run.plan.low + share * (self.run.plan.high - self.run.plan.low))
        if isinstance(frame, PlanarFrame):
            self._show(frame)
        elif self.run.error is not None:
            say(self.note, tr("It could not be computed: {why}").format(why=str(self.run.error)))

    @Slot()
    def compute(self) -> None:
        """Compute the particles' run."""
        session = self.services.session
        dropped(session, self.run)
        self.run = session.start(self.request(), SLOT, show=False)
        session.runs_changed.connect(self._on_runs_changed, Qt.ConnectionType.UniqueConnection)
        self.services.soon()

    def close_instrument(self) -> None:
        """Forget the particles."""
        session = self.services.session
        dropped(session, self.run)
        self.run = None

    def _show(self, frame: PlanarFrame) -> None:
        if frame is self.exact.frame:
            return
        self.exact.show_frame(frame)
        both = frame.learnt_x is not None
        self.learnt.setVisible(both)
        self.learnt.show_frame(frame if both else None)
        parts = [
            tr("t = {t}: arrows are ∇ log q_t(x), points are particles on their way to x_0.").format(
                t=timestep(frame.position)
            )
        ]
        if both and not math.isnan(frame.error):
            parts.append(
                tr("Left the exact score, right the network's: root mean square difference {d}.").format(
                    d=figure(frame.error)
                )
            )
        say(self.note, " ".join(parts))

    def _arrange(self) -> None:
        self.data.setAccessibleName(tr("Data in the plane"))
        self.again.setToolTip(tr("Compute the particles again"))
        self.again.setStyleSheet("padding: 2px 10px; min-height: 20px; font-size: 12px;")
        head, beside = QHBoxLayout(), QHBoxLayout()
        head.addWidget(label(tr("Data"), "quiet"))
        head.addWidget(self.data, 1)
        head.addWidget(self.again)
        beside.addWidget(self.exact)
        beside.addWidget(self.learnt)
        self.learnt.hide()
        self.column.addLayout(head)
        self.column.addLayout(beside)
        self.column.addWidget(self.note)

    def _offer(self) -> None:
        for card in _planar(self.services.session.cards.values()):
            self.data.addItem(card.name, card.id)
        for key, name in PLANAR_LABELS.items():
            if key != "drawn":
                self.data.addItem(tr("{name}, exact score alone").format(name=tr(name)), key)

    @Slot()
    def _on_picked(self) -> None:
        self.compute()

    @Slot()
    def _on_runs_changed(self) -> None:
        self.services.soon()


def _planar(cards: Iterable[Card]) -> list[Card]:
    return sorted((c for c in cards if c.family == FAMILY), key=lambda c: c.id)


def _share(shown: Shown) -> float:
    """How far along its axis the cursor stands, 0 at x_0."""
    if shown.a is None:
        return 1.0
    low, high = shown.a.plan.low, shown.a.plan.high
    return min(max((shown.cursor - low) / (high - low or 1.0), 0.0), 1.0)


def _shade(density: NDArray[np.float32]) -> QImage:
    """The density, denser is brighter, rows from the top."""
    share = np.sqrt(density[::-1] / max(float(density.max()), 1e-12))
    hue = theme.color("data")
    pixels = np.empty((*share.shape, 4), np.uint8)
    pixels[..., 0], pixels[..., 1], pixels[..., 2] = hue.red(), hue.green(), hue.blue()
    pixels[..., 3] = (share * 150).astype(np.uint8)
    height, width = share.shape
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
