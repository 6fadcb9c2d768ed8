"""The true posterior p(z | x) in two dimensions, with the ellipse of q(z | x) over it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.arrays import F32
from diffviz.domain.latent import Explained, PosteriorGrid
from diffviz.domain.text import tr
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.pixmaps import qimage, tinted

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
    return qimage(tinted(share, "loss", STRONGEST))
