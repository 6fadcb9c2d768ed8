"""The arrays of a frame, each shown as what it is: pictures, points in a plane, or numbers in a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QSizePolicy

from diffviz.domain import frames, plots
from diffviz.domain.arrays import F32, F64
from diffviz.domain.panes import Range
from diffviz.domain.text import tr
from diffviz.families.family import Family
from diffviz.session.run import Run
from diffviz.ui.plots.chart import Chart, ChartLine
from diffviz.ui.plots.lines import thinned
from diffviz.ui.sample_viewer.pictures import PicturesView
from diffviz.ui.widgets import painting, pixmaps, theme

PICTURES, POINTS, NUMBERS = "pictures", "points", "numbers"
HUES = ("noisy", "data", "noise", "alpha_bar", "generated", "loss")
MOST_PICTURES, MOST_POINTS, COLUMNS = 64, 5000, 1000
"""Of more nobody would see more; numbers keep the lowest and the highest of each of so many columns."""


@dataclass(frozen=True, slots=True)
class FrameField:
    """The array `key` of the frames of a run, shown as `kind`; `label` is in the notation of symbols.

    `hue` names a colour of the palette. Pictures show values from −`limit` to `limit`; None takes the range they have.
    """

    key: str
    kind: str
    label: str
    hue: str
    limit: float | None = None


def kind_of(array: NDArray[Any]) -> str:
    """What an array is shown as; empty for what cannot be shown."""
    if array.size == 0 or array.ndim not in (1, 2, 3, 4):
        return ""
    if array.ndim == 1:
        return NUMBERS
    return POINTS if array.ndim == 2 and array.shape[1] == 2 else PICTURES


def fields_of(frame: frames.Frame, family: Family) -> tuple[FrameField, ...]:
    """What is shown of frames like `frame`: what the family has panes of first, under their names."""
    panes = {pane.key: pane for pane in family.panes}
    arrays = {name: kind_of(array) for name, array in frame.arrays().items()}
    found: list[FrameField] = []
    for key in sorted(filter(arrays.__getitem__, arrays), key=lambda name: name not in panes):
        pane, hue = panes.get(key), HUES[len(found) % len(HUES)]
        label = tr(pane.label) if pane else key.replace("_", " ")
        found.append(FrameField(key, arrays[key], label, pane.hue if pane else hue, pane.limit if pane else None))
    return tuple(found)


def pictures_of(array: NDArray[Any]) -> F32:
    """`array` as pictures (N, C, H, W), the first `MOST_PICTURES`: of (N, H, W) grey ones, of (H, W) one."""
    if array.ndim == 2:
        array = array[None]
    if array.ndim == 3:
        array = array[None] if array.shape[0] in (1, 3) else array[:, None]
    return np.ascontiguousarray(array[:MOST_PICTURES], np.float32)


def count_of(array: NDArray[Any]) -> int:
    """How many pictures `array` holds."""
    return len(array) if array.ndim == 4 or (array.ndim == 3 and array.shape[0] not in (1, 3)) else 1


def shown_of(shown: int, count: int) -> str:
    """What is said where only the first of many are shown."""
    if shown == count:
        return ""
    return " · " + tr("the first {n} of {count}").format(n=f"{shown:,}", count=f"{count:,}")


class PicturesBody(PicturesView):
    """Pictures in a grid, as large as there is room for."""

    def __init__(self, field: FrameField) -> None:
        super().__init__()
        self._field = field
        self.said = ""

    def show_array(self, array: NDArray[Any]) -> None:
        """Show the pictures of `array`."""
        pictures = pictures_of(array)
        limit = self._field.limit
        range_: Range = (-limit, limit) if limit is not None else pixmaps.measured_range(pictures)
        height, width = pictures.shape[2:]
        self.show_pictures(pixmaps.Atlas(pictures, range_), len(pictures), (height, width))
        said = f"{range_[0]:.3g} … {range_[1]:.3g}".replace("-", "−")
        self.said = said + shown_of(len(pictures), count_of(array))


class PointsBody(painting.PaintedWidget):
    """Points in a plane around 0, whose reach grows with what has been seen of the run."""

    EDGE = 8

    def __init__(self, field: FrameField) -> None:
        super().__init__()
        self._field = field
        self._points: F64 = np.empty((0, 2))
        self.reach = 0.0
        self.said = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_array(self, array: NDArray[Any]) -> None:
        """Show the points of `array` that are finite."""
        finite = array[np.isfinite(array).all(1)]
        self._points = np.asarray(finite[:MOST_POINTS], np.float64)
        self.reach = max(self.reach, reach_of(self._points))
        self.said = f"± {self.reach:g}" + shown_of(len(self._points), len(finite))
        self.update()

    def marks(self) -> list[painting.PaintMark]:
        """A square with axes through 0, and the points."""
        side = max(10.0, min(self.width(), self.height()) - 2.0 * self.EDGE)
        box = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        return points_on(box, self._points, self.reach, self._field.hue, 4.0)


def reach_of(points: NDArray[Any]) -> float:
    """How far from 0 a square has to reach so that all `points` lie within: 1, 2 or 5 times a power of ten."""
    finite = points[np.isfinite(points)]
    most = float(np.abs(finite).max()) if finite.size else 0.0
    return plots.round_step(most * 1.02, 1) if most else 1.0


def points_on(box: QRectF, points: NDArray[Any], reach: float, hue: str, size: float) -> list[painting.PaintMark]:
    """`points` (N, 2) within ±`reach` as dots of `size` pixels, on a square with axes through 0."""
    edge, middle = theme.color("edge"), box.center()
    return [
        painting.Rect(box, theme.color("ground"), edge),
        painting.Line((QPointF(box.left(), middle.y()), QPointF(box.right(), middle.y())), edge),
        painting.Line((QPointF(middle.x(), box.top()), QPointF(middle.x(), box.bottom())), edge),
        painting.Dots(pixmaps.placed(points, reach, box), theme.color(hue, 0.85), size),
    ]


class NumbersBody(Chart):
    """Numbers over their index; the axis takes in what has been seen of the run."""

    def __init__(self, field: FrameField) -> None:
        super().__init__(field.label, height=80)
        self._field = field
        self._limits: Range | None = None
        self.said = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_array(self, array: NDArray[Any]) -> None:
        """Show the numbers of `array`."""
        ys = np.where(np.isfinite(array), array, np.nan).astype(np.float64)
        low, high = pixmaps.measured_range(ys.astype(np.float32))
        before = self._limits or (low, high)
        self._limits = min(low, before[0]), max(high, before[1])
        xs, heights = thinned(np.arange(float(len(ys))), ys, (0.0, float(len(ys))), COLUMNS)
        line = ChartLine(xs, heights, self._field.hue, dots=len(ys) == 1)
        self.said = tr("{n} numbers").format(n=f"{len(ys):,}")
        self.show_lines([line], (0.0, max(1.0, len(ys) - 1.0)), self._limits)


Body = PicturesBody | PointsBody | NumbersBody


def body_of(field: FrameField) -> Body:
    """What shows `field`."""
    match field.kind:
        case "pictures":
            return PicturesBody(field)
        case "points":
            return PointsBody(field)
        case _:
            return NumbersBody(field)


class FieldThumbnails:
    """The first pictures, or points, of frames as small pictures, made once and kept."""

    SIDE, KEPT = 56, 512

    def __init__(self, family: Family) -> None:
        self._family = family
        self._field: FrameField | None = None
        self._owner: tuple[object, ...] = ()
        self._images: dict[int, QImage] = {}
        self._reach = 1.0

    def field_of(self, run: Run) -> FrameField | None:
        """What the thumbnails of `run` show; None while it has no frame, and where its frames are numbers alone."""
        fields = fields_of(run.store[0], self._family) if len(run.store) else ()
        return next((field for field in fields if field.kind != NUMBERS), None)

    def shape(self, run: Run) -> tuple[int, int] | None:
        """Width and height of the pictures of `run`, or None while it has none."""
        field = self.field_of(run)
        if field is None or field.kind == POINTS:
            return None if field is None else (self.SIDE, self.SIDE)
        height, width = pictures_of(run.store[0].arrays()[field.key]).shape[2:]
        return width, height

    def image(self, run: Run, index: int, sample: int, size: tuple[int, int]) -> QImage | None:
        """Frame `index` of `run` in `size` (width, height) pixels."""
        owner = (run.id, sample, size, theme.palette().name)
        if owner != self._owner or len(self._images) > self.KEPT:
            self._owner, self._images, self._field = owner, {}, self.field_of(run)
            self._reach = max(1e-9, *(self._reach_at(run, i) for i in (0, -1)))
        if self._field is None:
            return None
        if index not in self._images:
            self._images[index] = self._made(run.store[index].arrays()[self._field.key], sample, size)
        return self._images[index]

    def _reach_at(self, run: Run, index: int) -> float:
        field = self._field
        return reach_of(run.store[index].arrays()[field.key]) if field and field.kind == POINTS else 0.0

    def _made(self, array: NDArray[Any], sample: int, size: tuple[int, int]) -> QImage:
        assert self._field is not None
        if self._field.kind == POINTS:
            finite = array[np.isfinite(array).all(1)][:MOST_POINTS]
            box, dot = QRectF(0, 0, *size), max(1.5, size[0] / 28)
            marks = points_on(box, finite, self._reach, self._field.hue, dot)
            return painting.image_of(size, theme.color("ground"), marks)
        pictures = pictures_of(array)
        picture = pictures[min(sample, len(pictures) - 1)]
        limit = self._field.limit
        low, high = (-limit, limit) if limit is not None else pixmaps.measured_range(picture)
        made = pixmaps.to_image((2 * (picture - low) / (high - low) - 1)[: 3 if len(picture) == 3 else 1])
        return pixmaps.scaled(made, size)
