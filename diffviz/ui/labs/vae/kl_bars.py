"""KL(q(z|x) ‖ p(z)) of every latent dimension as bars; a click on one walks along that dimension.

The true posterior p(z | x) in two dimensions, with the ellipse of q(z | x) over it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.arrays import F32
from diffviz.domain.latent import Explained, PosteriorGrid
from diffviz.domain.text import tr
from diffviz.ui.plots.bars import BarChart
from diffviz.ui.plots.view_box import Margins
from diffviz.ui.widgets import painting, pixmaps, theme
from diffviz.ui.widgets.format import figure

DEAD = 0.01
"""Nats below which a dimension says nothing about the image: q(z|x) is the prior there."""
KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Space)
CROSS, VALUE_ROOM, WIDEST = 3.0, 24.0, 46.0


class KlBars(BarChart):
    """Signals: `dimension_chosen(index)`."""

    dimension_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.current = 0
        name = tr("KL divergence of each latent dimension")
        super().__init__(name, "loss", Margins(26, 16, 1, 18), height=92, parent=parent)
        self.widest = WIDEST

    def show_values(self, values: F32) -> None:
        """Show `values` (D,) in nats."""
        self.current = min(self.current, max(0, len(values) - 1))
        self.show_bars(values)

    def dead(self) -> tuple[int, ...]:
        """Dimensions that say nothing about this image."""
        return tuple(int(i) for i in np.flatnonzero(self.values < DEAD))

    def describe(self) -> None:
        """Tell all values."""
        self.setAccessibleDescription(", ".join(f"{i + 1}: {figure(float(v))}" for i, v in enumerate(self.values)))

    def press(self, event: QMouseEvent) -> bool:
        """Choose a dimension."""
        index = self.index_at(event.position())
        if index is not None:
            self.current = index
            self.dimension_chosen.emit(index)
            self.update()
        return index is not None

    def hover(self, event: QMouseEvent) -> None:
        """A hand over what can be chosen."""
        over = self.index_at(event.position()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def takes(self, event: QKeyEvent) -> bool:
        """Arrow keys and Space are for the dimensions."""
        return event.key() in KEYS or super().takes(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the next dimension, or choose it."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
        elif step is not None and len(self.values):
            self.current = min(max(self.current + step, 0), len(self.values) - 1)
            self.update()
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return) and len(self.values):
            self.dimension_chosen.emit(self.current)
        else:
            super().keyPressEvent(event)

    def tip(self, index: int) -> str:
        """The value of a dimension, and what a click on it does."""
        text = tr("dimension {n}: {value} nats").format(n=index + 1, value=figure(float(self.values[index])))
        if self.values[index] < DEAD:
            text += "\n" + tr("It says nothing about this image: q(z|x) is the prior there.")
        return text + "\n" + tr("Click walks along it, from −3 to 3.")

    def marks_over(self) -> Iterator[painting.PaintMark]:
        """The values above their bars, a cross at those that say nothing, and a frame around the chosen one."""
        (left, right), _ = self.panel.box.seen
        for index in range(max(0, int(left)), min(len(self.values), int(np.ceil(right)))):
            yield from self._value(index, self.bar(index))
        yield from super().marks_over()

    def _value(self, index: int, bar: QRectF) -> Iterator[painting.PaintMark]:
        if self.values[index] < DEAD:
            at, pen = QPointF(bar.center().x(), bar.bottom() - 6), QPen(theme.color("error"), 1.4)
            for rise in (-CROSS, CROSS):
                yield painting.Line((at + QPointF(-CROSS, rise), at + QPointF(CROSS, -rise)), pen)
        elif bar.width() > VALUE_ROOM:
            box = QRectF(bar.left() - 10, bar.top() - 15, bar.width() + 20, 14)
            yield painting.Words(box, f"{self.values[index]:.1f}", theme.font(10), theme.color("text"))
        if self.hasFocus() and index == self.current:
            area, pen = self.panel.box.area, QPen(theme.color("cursor"), 1.5)
            around = QRectF(bar.left() - 2, area.top(), bar.width() + 4, area.height())
            yield painting.Rect(around, edge=pen, radius=3)


SIGMAS = 16
"""Width of the grid in standard deviations of q."""
STRONGEST = 0.9
LOW = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom)


class PosteriorPlot(painting.PaintedWidget):
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

    def marks(self) -> Iterator[painting.PaintMark]:
        """The density, or that it is being computed; the ellipses of q and z; a frame."""
        area = QRectF(0.5, 0.5, self._side - 1, self._side - 1)
        yield painting.Rect(area, theme.color("field"))
        if self.grid is not None:
            yield painting.Raster(area, self._image, smooth=True)
        else:
            below, words = area.adjusted(4, 0, -4, -6), tr("computing p(z|x)…")
            yield painting.Words(below, words, theme.font(11), theme.color("quiet"), LOW)
        if self._eps is not None:
            yield from self._q(self._eps)
        yield painting.Rect(area, edge=theme.color("edge"))

    def _q(self, eps: F32) -> Iterator[painting.PaintMark]:
        """In units of σ around μ both ellipses are circles, and z lies at ε."""
        unit, middle = self._side / SIGMAS, self._side / 2
        for times, style in ((1, Qt.PenStyle.SolidLine), (2, Qt.PenStyle.DashLine)):
            edge = QPen(theme.color("data"), 1.4, style)
            yield painting.Discs([QPointF(middle, middle)], times * unit, edge=edge)
        at = QPointF(middle + float(eps[0]) * unit, middle - float(eps[1]) * unit)
        yield painting.Discs([at], 4, theme.color("noise"), QPen(theme.color("ground"), 1.5))

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)


def _shaded(density: F32) -> QImage:
    """Density from nothing to its peak as opacity of the colour of bounds, row 0 at the bottom."""
    share = np.clip(density / max(float(density.max()), 1e-30), 0, 1)[::-1]
    return pixmaps.qimage(pixmaps.tinted(share, "loss", STRONGEST))
