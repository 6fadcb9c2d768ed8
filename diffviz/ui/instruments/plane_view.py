"""One picture of the plane: density, score field and particles, of which one can be chosen.

The runs of particles that a session has: which one is shown, and what stands before a branch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QUndoStack
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.arrays import F32, F64
from diffviz.domain.planar import EXTENT, PlanarFrame, PlanarRequest, arrows, shade, spread
from diffviz.domain.text import tr
from diffviz.session.run import PLANE_SLOT, Run, Status
from diffviz.session.session import Session
from diffviz.ui.forms.run_list import RunList
from diffviz.ui.widgets import pixmaps, theme

SIDE = 268
NEAR = 9.0
RING = 5.5
GHOST = 0.34
STEPS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}


class PlaneView(QWidget):
    """One set of particles over the density and the score field; `learnt` shows those of the network.

    Signals: `chosen(number)` of the particle that a person points out, −1 for none.
    """

    chosen = Signal(int)

    def __init__(self, name: str, *, learnt: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.learnt = learnt
        self.frame: PlanarFrame | None = None
        self.before: PlanarFrame | None = None
        self.focus = -1
        self.raw = False
        self._image = QImage()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # what lies behind is not painted each time
        self.setMinimumSize(160, SIDE)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.setAccessibleDescription(tr("A click, or Up and Down, chooses a particle to branch from."))

    def show_frame(self, frame: PlanarFrame | None, before: PlanarFrame | None = None) -> None:
        """Show `frame`, and paler the particles of `before`: of the run that it branches from, at the same t."""
        if frame is not self.frame or before is not self.before:
            self.frame, self.before = frame, before
            self._image = QImage() if frame is None else self._shaded(frame)
            self.update()

    def set_raw(self, raw: bool) -> None:
        """Draw x_t where it is, or brought to one variance."""
        if raw != self.raw:
            self.raw = raw
            self._image = QImage() if self.frame is None else self._shaded(self.frame)
            self.update()

    def set_focus(self, number: int) -> None:
        """Mark particle `number`, none for −1."""
        if number != self.focus:
            self.focus = number
            self.update()

    def particles(self) -> F32 | None:
        """The particles where they are shown (N, 2)."""
        return self._of(self.frame)

    def to_px(self, points: NDArray[np.floating]) -> F64:
        """Where points (…, 2) lie."""
        box = self.area()
        unit = (np.asarray(points, np.float64) / EXTENT + 1) / 2
        scaled: F64 = np.stack(
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
                self._paint_particles(painter, self._of(self.before), GHOST)
                self._paint_particles(painter, self.particles())
                self._paint_focus(painter)
                painter.setClipping(False)
            painter.setPen(QPen(theme.color("cursor" if self.hasFocus() else "edge"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the particle under the pointer, none where there is none."""
        points = self.particles()
        if event.button() != Qt.MouseButton.LeftButton or points is None:
            return
        gaps = np.hypot(*(self.to_px(points) - [event.position().x(), event.position().y()]).T)
        nearest = int(gaps.argmin())
        self.chosen.emit(nearest if gaps[nearest] <= NEAR and nearest != self.focus else -1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down go through the particles, and through none."""
        key, points = Qt.Key(event.key()), self.particles()
        if key not in STEPS or points is None:
            super().keyPressEvent(event)
            return
        self.chosen.emit((self.focus + 1 + STEPS[key]) % (len(points) + 1) - 1)

    def sizeHint(self) -> QSize:
        """Square."""
        return QSize(SIDE, SIDE)

    def _of(self, frame: PlanarFrame | None) -> F32 | None:
        points = None if frame is None else frame.learnt_x if self.learnt else frame.x
        return None if frame is None or points is None else points if self.raw else frame.placed(points)

    def _scale(self, frame: PlanarFrame) -> float:
        """How much larger than brought to one variance everything is drawn."""
        return frame.scale if self.raw else 1.0

    def _shaded(self, frame: PlanarFrame) -> QImage:
        """The density, denser is stronger, rows from the top."""
        return pixmaps.qimage(pixmaps.tinted(shade(spread(frame.density, self._scale(frame))[::-1]), "data"))

    def _paint_arrows(self, painter: QPainter, frame: PlanarFrame) -> None:
        score = frame.learnt_score if self.learnt else frame.score
        if score is None:
            return
        begin, end = (self.to_px(self._scale(frame) * points) for points in arrows(score, frame.sigma))
        painter.setPen(QPen(theme.color("loss", 0.75), 1.0))
        painter.drawLines([QLineF(*row) for row in np.concatenate([begin, end], 1).tolist()])
        painter.setPen(QPen(theme.color("loss", 0.9), 2.4))
        painter.drawPoints(_polygon(end))

    def _paint_particles(self, painter: QPainter, points: F32 | None, opacity: float = 1.0) -> None:
        if points is None:
            return
        pen = QPen(theme.color("generated" if self.learnt else "text", opacity), 3.0)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPoints(_polygon(self.to_px(points)))

    def _paint_focus(self, painter: QPainter) -> None:
        points = self.particles()
        if points is None or not 0 <= self.focus < len(points):
            return
        at = QPointF(*self.to_px(points[self.focus]).tolist())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for hue, width in (("ground", 3.5), ("cursor", 1.5)):
            painter.setPen(QPen(theme.color(hue), width))
            painter.drawEllipse(at, RING, RING)


def _polygon(points: F64) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points.tolist()])


class PlaneRuns(QObject):
    """Runs in slot `PLANE_SLOT` of `session`, of which `shown` is in the panel; they outlive it.

    Signals: `changed` (another one is shown).
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.shown: Run | None = None

    def all(self) -> list[Run]:
        """All runs, in the order they were begun."""
        return [run for run in self._session.runs if run.slot == PLANE_SLOT]

    def refresh(self) -> Run | None:
        """The run in the panel; the newest one where the session has it no longer, None where there is none."""
        runs = self.all()
        if self.shown not in runs:
            self.show(runs[-1] if runs else None)
        return self.shown

    def show(self, run: Run | None) -> None:
        """Put `run` into the panel."""
        if run is not self.shown:
            self.shown = run
            self.changed.emit()

    def start(self, request: PlanarRequest) -> None:
        """Show the run of `request`, computed unless it has been before. Raises what is wrong with it."""
        same = [run for run in self.all() if run.request == request]
        done = [run for run in same if run.status is Status.FINISHED]
        self.show(done[-1] if done else self._session.start(request, PLANE_SLOT, show=False))
        for run in same:
            if run not in done:
                self._session.remove(run)

    def owner(self, t: float) -> Run | None:
        """The run whose frame is shown at `t`: above a branch's start, that which it goes on from."""
        run, runs = self.shown, self.all()
        while run is not None and t > run.plan.positions[0] and run.parent in runs:
            run = run.parent
        return run

    def frame(self, t: float) -> PlanarFrame | None:
        """The frame shown at `t`."""
        return _frame(self.owner(t), t)

    def before(self, t: float) -> PlanarFrame | None:
        """What the run shown at `t` branches from, at that t."""
        run = self.owner(t)
        return _frame(run.parent, t) if run is not None and run.parent in self.all() else None

    def stop(self) -> None:
        """Cancel what has not ended."""
        for run in self.all():
            self._session.cancel(run)


class PlaneRunList(RunList):
    """The list of these runs: a click puts one into the panel, and none onto the stage."""

    pinnable = False

    def __init__(self, runs: PlaneRuns, session: Session, undo: QUndoStack) -> None:
        self._runs = runs
        super().__init__(session, undo, slots=PLANE_SLOT)

    def shown_run(self) -> Run | None:
        """The run in the panel."""
        return self._runs.shown

    def show_run(self, run: Run) -> None:
        """Put `run` into the panel."""
        self._runs.show(run)


def _frame(run: Run | None, t: float) -> PlanarFrame | None:
    frame: Any = run.at(t) if run is not None else None
    found: PlanarFrame | None = frame  # these runs have no others
    return found
