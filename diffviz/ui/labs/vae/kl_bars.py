"""KL(q(z|x) ‖ p(z)) of every latent dimension as bars; a click on one walks along that dimension.

The true posterior p(z | x) in two dimensions, with the ellipse of q(z | x) over it.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from diffviz.domain.arrays import F32
from diffviz.domain.latent import Explained, PosteriorGrid
from diffviz.domain.text import tr
from diffviz.ui.widgets import pixmaps, theme
from diffviz.ui.widgets.format import figure

DEAD = 0.01
"""Nats below which a dimension says nothing about the image: q(z|x) is the prior there."""
KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Space)
BASE, TOP = 18.0, 16.0
WIDEST = 46.0


class KlBars(QWidget):
    """Signals: `dimension_chosen(index)`."""

    dimension_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.values: F32 = np.zeros(0, np.float32)
        self.current = 0
        self.setMinimumHeight(92)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("KL divergence of each latent dimension"))

    def show_values(self, values: F32) -> None:
        """Show `values` (D,) in nats."""
        self.values = values
        self.current = min(self.current, max(0, len(values) - 1))
        self.setAccessibleDescription(", ".join(f"{i + 1}: {figure(float(v))}" for i, v in enumerate(values)))
        self.update()

    def dead(self) -> tuple[int, ...]:
        """Dimensions that say nothing about this image."""
        return tuple(int(i) for i in np.flatnonzero(self.values < DEAD))

    def bar(self, index: int) -> QRectF:
        """The column of dimension `index`."""
        width = min(WIDEST, self.width() / max(1, len(self.values)))
        return QRectF(index * width, 0, width, self.height())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self._at(event.x())
            QToolTip.showText(event.globalPos(), "" if index is None else self._tip(index), self)
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in KEYS:
            event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._at(event.position().x())
        if index is not None and event.button() == Qt.MouseButton.LeftButton:
            self.current = index
            self.dimension_chosen.emit(index)
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is not None and len(self.values):
            self.current = min(max(self.current + step, 0), len(self.values) - 1)
            self.update()
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return) and len(self.values):
            self.dimension_chosen.emit(self.current)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            floor = self.height() - BASE
            painter.fillRect(
                QRectF(0, floor, self.bar(len(self.values)).left(), 1), theme.blend("panel", "quiet", 0.55)
            )
            if not len(self.values):
                return
            highest = max(float(self.values.max()), 1.0)
            for index, value in enumerate(self.values):
                self._paint_bar(painter, index, float(value), floor, (floor - TOP) / highest)

    def _paint_bar(self, painter: QPainter, index: int, value: float, floor: float, per_nat: float) -> None:
        column = self.bar(index)
        gap = min(4.0, column.width() * 0.15)
        height = value * per_nat
        box = QRectF(column.left() + gap, floor - height, column.width() - 2 * gap, height)
        painter.fillRect(box, theme.color("loss", 0.9))
        painter.setFont(theme.font(10))
        dead = value < DEAD
        painter.setPen(theme.color("error" if dead else "quiet"))
        middle = Qt.AlignmentFlag.AlignCenter
        name = QRectF(column.left(), floor + 2, column.width(), BASE - 2)
        painter.drawText(name, middle, f"{index + 1}")
        if dead:
            painter.setPen(QPen(theme.color("error"), 1.4))
            x, y = column.center().x(), floor - 6
            painter.drawLine(QPointF(x - 3, y - 3), QPointF(x + 3, y + 3))
            painter.drawLine(QPointF(x - 3, y + 3), QPointF(x + 3, y - 3))
        elif column.width() > 24:
            painter.setPen(theme.color("text"))
            painter.drawText(QRectF(column.left(), box.top() - 15, column.width(), 14), middle, f"{value:.1f}")
        if self.hasFocus() and index == self.current:
            painter.setPen(QPen(theme.color("cursor"), 1.5))
            painter.drawRoundedRect(column.adjusted(1, 1, -1, -1), 3, 3)

    def _tip(self, index: int) -> str:
        text = tr("dimension {n}: {value} nats").format(n=index + 1, value=figure(float(self.values[index])))
        if self.values[index] < DEAD:
            text += "\n" + tr("It says nothing about this image: q(z|x) is the prior there.")
        return text + "\n" + tr("Click walks along it, from −3 to 3.")

    def _at(self, x: float) -> int | None:
        index = int(x // max(1e-9, self.bar(0).width()))
        return index if 0 <= index < len(self.values) else None

    def sizeHint(self) -> QSize:
        return QSize(200, 92)


SIGMAS = 16
"""Width of the grid in standard deviations of q."""
STRONGEST = 0.9


class PosteriorPlot(QWidget):
    """A square of 16 σ to a side around μ: the posterior's density, and q's 1-σ and 2-σ ellipses."""

    def __init__(self, side: int = 132, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side = side
        self.grid: PosteriorGrid | None = None
        self._eps: F32 | None = None
        self._image = QImage()
        self._theme = ""
        self.setFixedSize(side, side)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("True posterior p(z|x) under the ellipse of q(z|x)"))
        self.setToolTip(tr("Shaded: p(z|x), computed on a grid. Green: 1-σ and 2-σ ellipses of q(z|x). Dot: z."))

    def show_q(self, found: Explained) -> None:
        """Show q(z|x), and z where its ε (2,) puts it."""
        self._eps = found.eps
        self.update()

    def show_grid(self, grid: PosteriorGrid | None) -> None:
        """Show the posterior; None while it is being computed."""
        if grid is not self.grid or self._theme != theme.palette().name:
            self.grid, self._theme = grid, theme.palette().name
            self._image = QImage() if grid is None else _shaded(grid.density)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            area = QRectF(0.5, 0.5, self._side - 1, self._side - 1)
            painter.fillRect(area, theme.color("field"))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.grid is not None:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawImage(area, self._image)
            else:
                self._paint_waiting(painter, area)
            if self._eps is not None:
                self._paint_q(painter, self._eps)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(theme.color("edge"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area)

    def _paint_q(self, painter: QPainter, eps: F32) -> None:
        """In units of σ around μ both ellipses are circles, and z lies at ε."""
        unit, middle = self._side / SIGMAS, self._side / 2
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for times, style in ((1, Qt.PenStyle.SolidLine), (2, Qt.PenStyle.DashLine)):
            painter.setPen(QPen(theme.color("data"), 1.4, style))
            painter.drawEllipse(QPointF(middle, middle), times * unit, times * unit)
        painter.setPen(QPen(theme.color("ground"), 1.5))
        painter.setBrush(theme.color("noise"))
        painter.drawEllipse(QPointF(middle + float(eps[0]) * unit, middle - float(eps[1]) * unit), 4, 4)

    def _paint_waiting(self, painter: QPainter, area: QRectF) -> None:
        painter.setFont(theme.font(11))
        painter.setPen(theme.color("quiet"))
        below = area.adjusted(4, 0, -4, -6)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, tr("computing p(z|x)…"))

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)


def _shaded(density: F32) -> QImage:
    """Density from nothing to its peak as opacity of the colour of bounds, row 0 at the bottom."""
    share = np.clip(density / max(float(density.max()), 1e-30), 0, 1)[::-1]
    return pixmaps.qimage(pixmaps.tinted(share, "loss", STRONGEST))
