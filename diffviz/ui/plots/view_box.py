"""The part of a plot's plane that is seen: zoomed about a point, moved, and brought back to the whole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF

from diffviz.domain.arrays import F64
from diffviz.ui.plots.axes import Range

BOTH, ACROSS, UP = "xy", "x", "y"
CLOSEST = 1e-9
"""The smallest share of the whole that is shown."""


@dataclass(frozen=True, slots=True)
class Margins:
    """Pixels around the box of a panel: what its axes take."""

    left: int = 40
    top: int = 6
    right: int = 16
    bottom: int = 22


class PlotBox(pg.ViewBox):
    """A view box without menu or mouse of its own: `PlotCanvas` has the gestures, which are the same on every plot.

    All is in coordinates (see `diffviz.ui.plots.axes`). What is `whole` is shown where nobody has chosen a part; a part
    stays what it is while the whole grows. With `locked` a unit is as long in both directions, and nothing holds the
    view within the whole.
    """

    def __init__(self, *, locked: bool = False) -> None:
        super().__init__(enableMenu=False, enableMouse=False, defaultPadding=0.0, lockAspect=1.0 if locked else False)
        self.disableAutoRange()
        self.locked = locked
        self._whole: list[Range] = [(0.0, 1.0), (0.0, 1.0)]
        self._chosen = [False, False]
        self._kept: tuple[Range, Range] | None = None

    @property
    def whole(self) -> tuple[Range, Range]:
        """All there is to see: x and y from and to."""
        return self._whole[0], self._whole[1]

    @property
    def seen(self) -> tuple[Range, Range]:
        """What is seen: x and y from and to."""
        (left, right), (low, high) = self.viewRange()
        return (left, right), (low, high)

    @property
    def part(self) -> tuple[Range, Range]:
        """What somebody wants to see, of which more is seen in a room of another shape."""
        return self._kept or self.seen

    @property
    def chosen(self) -> str:
        """The axes along which somebody has chosen a part."""
        return "".join(axis for axis, chosen in zip(BOTH, self._chosen, strict=True) if chosen)

    @property
    def is_whole(self) -> bool:
        """Whether nobody has chosen a part."""
        return not any(self._chosen)

    def set_whole(self, x: Range | None = None, y: Range | None = None) -> None:
        """Make `x` and `y` all there is to see; it is shown, but for a part that was chosen."""
        for axis, given in enumerate((x, y)):
            if given is not None:
                self._whole[axis] = _apart(given)
        self._show(*self._kept if self._kept else self._part_of_whole())

    def _part_of_whole(self) -> Sequence[Range]:
        return self._whole if self.locked and self.is_whole else self._held(self.seen)

    def view_all(self, axes: str = BOTH) -> None:
        """Show the whole along `axes`."""
        self._kept = None
        for axis, letter in enumerate(BOTH):
            self._chosen[axis] = self._chosen[axis] and letter not in axes
        self.set_whole()

    def look(self, x: Range | None = None, y: Range | None = None) -> None:
        """Show the part `x` and `y`, as far as it lies within the whole."""
        self._kept, before = None, self.chosen
        for axis, given in enumerate((x, y)):
            if given is not None:
                self._chosen[axis] = self.locked or not _alike(given, self._whole[axis])
        if self.chosen != before and not self.locked:  # what is all of one axis may follow which are chosen
            self.sigRangeChanged.emit(self, self.viewRange(), [False, False])
        seen = [part or now for part, now in zip((x, y), self.seen, strict=True)]
        self._show(*self._held(seen))

    def keep(self, x: Range, y: Range) -> None:
        """Show the part `x` and `y` in whatever room there is, and will be, until another one is looked at."""
        self.look(x, y)
        self._kept = x, y

    def zoom(self, factor: float, at: Sequence[float] | None = None, axes: str = BOTH) -> None:
        """Enlarge by `factor` about the point `at`, or about the middle, along `axes`."""
        parts: list[Range | None] = []
        for axis, letter in enumerate(BOTH):
            low, high = self.seen[axis]
            middle = (low + high) / 2 if at is None else at[axis]
            near = middle - (middle - low) / factor, middle + (high - middle) / factor
            whole = self._whole[axis][1] - self._whole[axis][0]
            wanted = self.locked or letter in axes
            parts.append(near if wanted and near[1] - near[0] >= CLOSEST * whole else None)
        self.look(*parts)

    def pan(self, dx: float, dy: float, axes: str = BOTH) -> None:
        """Let the plane follow a pointer that went `dx` and `dy` pixels to the right and down, along `axes`."""
        (left, right), (low, high) = self.seen
        across = dx * (right - left) / max(1.0, self.area.width()) * (1 if self.xInverted() else -1)
        up = dy * (high - low) / max(1.0, self.area.height())
        x = (left + across, right + across) if ACROSS in axes else None
        y = (low + up, high + up) if UP in axes else None
        self.look(x, y)

    @property
    def area(self) -> QRectF:
        """Where it lies on the canvas, in pixels."""
        return QRectF(self.geometry())

    def to_px(self, x: float, y: float) -> QPointF:
        """Where the coordinates (x, y) lie on the canvas."""
        (left, right), (low, high) = self.seen
        area, share = self.area, (x - left) / (right - left)
        across = area.left() + (1 - share if self.xInverted() else share) * area.width()
        return QPointF(across, area.bottom() - (y - low) / (high - low) * area.height())

    def to_pxs(self, xs: F64, ys: F64) -> tuple[F64, F64]:
        """Where the coordinates lie on the canvas, across and down."""
        (left, right), (low, high) = self.seen
        area = self.area
        share = (xs - left) / (right - left)
        across = area.left() + (1 - share if self.xInverted() else share) * area.width()
        return across, area.bottom() - (ys - low) / (high - low) * area.height()

    def to_coordinates(self, at: QPointF) -> Range:
        """The coordinates at a place on the canvas."""
        (left, right), (low, high) = self.seen
        area = self.area
        share = (at.x() - area.left()) / max(1.0, area.width())
        share = 1 - share if self.xInverted() else share
        up = (area.bottom() - at.y()) / max(1.0, area.height())
        return left + share * (right - left), low + up * (high - low)

    def _held(self, parts: Sequence[Range]) -> Sequence[Range]:
        """`parts` along the axes where one was chosen, within the whole; the whole along others."""
        if self.locked:
            return parts
        axes = zip(parts, self._whole, self._chosen, strict=True)
        return [_within(part, whole) if chosen else whole for part, whole, chosen in axes]

    def _show(self, x: Range, y: Range) -> None:
        if self.locked or self.targetRange() != [list(x), list(y)]:
            self.setRange(xRange=x, yRange=y, padding=0.0)


def _apart(ends: Range) -> Range:
    """`ends` as floats that are not the same and finite."""
    low, high = float(ends[0]), float(ends[1])
    if not (math.isfinite(low) and math.isfinite(high)):
        return 0.0, 1.0
    return (low, high) if high - low > abs(low) * 1e-12 else (low, low + (abs(low) or 1.0))


def _within(part: Range, whole: Range) -> Range:
    """`part` moved into `whole`, and no wider."""
    width = min(part[1] - part[0], whole[1] - whole[0])
    low = min(max(part[0], whole[0]), whole[1] - width)
    return low, low + width


def _alike(one: Range, other: Range) -> bool:
    """Whether `one` shows as much as `other`, or more."""
    slack = (other[1] - other[0]) * 1e-9
    return one[0] <= other[0] + slack and one[1] >= other[1] - slack
