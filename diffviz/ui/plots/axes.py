"""Axes of plots: where values lie along them and which are written, and the items that draw that.

A scale gives values their *coordinates*: what a view box counts in. Even scales leave values as they are, logarithmic
ones take log₁₀, so that decades are equally far apart and the numbers beside them are the values themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from diffviz.domain.arrays import F64
from diffviz.domain.plots import round_step, ticks
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.format import MINUS, scientific
from diffviz.ui.widgets.math_label import Typeset

Range = tuple[float, float]
LABEL_X, LABEL_Y = 56.0, 25.0
"""Pixels that a number beside an axis wants along it."""
MARK, GRID = 3, 0.75
PLAIN_DECADES = range(-3, 5)
POWERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SMALLEST_NAME = 8
OVER = 15.0
APART = 4.0
"""Pixels between a name and the numbers beside it."""


class PlotScale(Protocol):
    """How values lie along an axis."""

    def coordinates(self, values: F64) -> F64:
        """Where `values` lie, nan for those that have no place."""

    def value(self, coordinate: float) -> float:
        """The value at `coordinate`, the inverse of `coordinates`."""

    def marks(self, low: float, high: float, count: float) -> list[tuple[float, str]]:
        """Coordinates between `low` and `high`, `count` of them at most, with the numbers that stand there."""


@dataclass(frozen=True, slots=True)
class EvenScale:
    """Values as they are; `form` writes them where they are not to be written by the space between two."""

    form: Callable[[float], str] | None = None

    def coordinates(self, values: F64) -> F64:
        """`values` themselves."""
        return values

    def value(self, coordinate: float) -> float:
        """`coordinate` itself."""
        return coordinate

    def marks(self, low: float, high: float, count: float) -> list[tuple[float, str]]:
        """Round numbers."""
        values = ticks(low, high, round_step(high - low, max(2.0, count)))
        form = self.form or written_apart(values)
        return [(value, form(value + 0.0)) for value in values]


@dataclass(frozen=True, slots=True)
class LogScale:
    """log₁₀ of values above 0; powers of ten are marked, or round numbers where fewer than two are in sight.

    All of an axis are written alike: as powers, where one of them would be long written out.
    """

    form: Callable[[float], str] | None = None

    def coordinates(self, values: F64) -> F64:
        """log₁₀ of `values`, nan where they have none."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(values > 0, np.log10(values), np.nan)

    def value(self, coordinate: float) -> float:
        """Ten to the power of `coordinate`, 0 and infinity where a float ends."""
        return float(np.power(10.0, np.clip(coordinate, -400.0, 308.0)))

    def marks(self, low: float, high: float, count: float) -> list[tuple[float, str]]:
        """Powers of ten, or what lies between two of them."""
        powers = ticks(low, high, float(max(1, math.ceil((high - low) / max(2.0, count) - 1e-9))))
        if len(powers) > 1 or not -300 < low < high < 300:
            short = all(round(power) in PLAIN_DECADES for power in powers)
            return [(power, power_of_ten(round(power), short=short)) for power in powers]
        bottom, top = self.value(low), self.value(high)
        values = [value for value in ticks(bottom, top, round_step(top - bottom, max(2.0, count))) if value > 0]
        form = written_apart(values)
        return [(math.log10(value), form(value)) for value in values]


def _last_gap(taken: list[QRectF], area: QRectF, width: float) -> float:
    """Where something `width` wide, its margins included, starts in the last gap between what is `taken` in `area`."""
    right = area.right()
    for box in sorted(taken, key=lambda each: each.right(), reverse=True):
        if right - box.right() >= width:
            break
        right = min(right, box.left())
    return right - width + APART


def power_of_ten(exponent: int, *, short: bool = False) -> str:
    """Ten to the power of `exponent`; written out where that is `short` for all that stand together."""
    return f"{10.0**exponent:g}" if short else "10" + str(exponent).translate(POWERS)


def written_apart(values: Sequence[float]) -> Callable[[float], str]:
    """What writes each of `values` with as many decimals as tell them apart; a single one is written as it is."""
    if len(values) == 1:
        places = next((n for n in range(7) if abs(round(values[0], n) - values[0]) < 1e-9), 6)
    else:
        step = abs(values[1] - values[0]) if values else 1.0
        places = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
    if places > 4 or any(abs(value) >= 1e5 for value in values):
        return lambda value: scientific(value) if value else "0"
    return lambda value: f"{value:.{places}f}".replace("-", MINUS)


class PlotAxis(pg.AxisItem):
    """An axis in the window's fonts and colours, below ("bottom") or beside ("left") a view box.

    `name` is in the notation of symbols, written there where `writes_name`. Lines go across the box at every mark, or
    short ones. `pixels` is the size of the numbers, `apart` how many pixels each wants along the axis; they do not go
    beyond its ends unless it `spills`.
    """

    def __init__(self, side: str, box: pg.ViewBox, name: str = "") -> None:
        super().__init__(side, maxTickLength=-MARK)
        self.plot_scale: PlotScale = EvenScale()
        self.name = name
        self.hue = "quiet"
        self.pixels = 10
        self.apart = LABEL_Y if side == "left" else LABEL_X
        self.spills = True
        self.named_inside = side == "bottom"
        self.writes_name = True
        self._labels: dict[float, str] = {}
        self.enableAutoSIPrefix(False)
        self.setZValue(-200)
        self.linkToView(box)
        self.restyle()

    @property
    def upright(self) -> bool:
        """Whether values lie along it from the foot to the top."""
        return bool(self.orientation == "left")

    def restyle(self) -> None:
        """Take the fonts and colours of the theme in force."""
        line, across = theme.blend("panel", "quiet", 0.55), self.grid is not False
        self.setPen(QPen(line, 1))
        self.setTextPen(QPen(theme.color("quiet")))
        self.setTickPen(QPen(theme.color("edge") if across else line, 1))
        offset = 4 if self.upright else 2
        font = theme.font(self.pixels)
        self.setStyle(tickFont=font, tickAlpha=GRID if across else 1.0, tickTextOffset=offset, maxTextLevel=0)
        self.setStyle(hideOverlappingLabels=not self.spills, autoExpandTextSpace=False)

    def set_name(self, name: str, hue: str = "quiet") -> None:
        """Say `name` beside it, in the colour `hue` of the palette."""
        if (name, hue) != (self.name, self.hue):
            self.name, self.hue, self.picture = name, hue, None
            self.update()

    def set_scale(self, scale: PlotScale) -> None:
        """Lay values out by `scale`."""
        self.plot_scale, self.picture = scale, None
        self.update()

    def set_lines_across(self, on: bool) -> None:
        """Whether there is a line across the box at every mark."""
        self.setGrid(255 if on else False)
        self.restyle()

    def boundingRect(self) -> QRectF:
        """A little more than its own place where the numbers at its ends stand across them."""
        found: QRectF = super().boundingRect()
        if not self.spills:
            return found
        return found.adjusted(0, -OVER, 0, OVER) if self.upright else found.adjusted(-OVER, 0, OVER, 0)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """The marks, as one level."""
        low, high = min(minVal, maxVal), max(minVal, maxVal)
        marks = self.plot_scale.marks(low, high, size / self.apart)
        self._labels = dict(marks)
        return [(1.0, list(self._labels))]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """What stands at the marks."""
        return [self._labels[value] for value in values]

    def drawPicture(self, p: QPainter, axisSpec: Any, tickSpecs: Any, textSpecs: Any) -> None:
        """Draw line, marks and numbers, and the name."""
        super().drawPicture(p, axisSpec, tickSpecs, textSpecs)
        p.setClipping(False)
        hue = theme.color(self.hue)
        area = self.mapRectFromParent(self.geometry())
        if self.writes_name:
            numbers = [text[0] for text in textSpecs]
            self._name_upright(p, area, hue) if self.upright else self._name_along(p, area, hue, numbers)

    def _name_along(self, painter: QPainter, area: QRectF, hue: QColor, numbers: list[QRectF]) -> None:
        """In the row of the `numbers`: in the last gap between them that has room, or before the line's left end."""
        name = Typeset(self.name, theme.font(12, 500))
        at = _last_gap(numbers, area, name.width + 2 * APART) if self.named_inside else area.left() - 21 - name.width
        name.at(at, area.top() + 14, hue).paint(painter)

    def _name_upright(self, painter: QPainter, area: QRectF, hue: QColor) -> None:
        """At the left edge, as large as there is room for."""
        name, room = Typeset(self.name, theme.font(12, 500)), max(1.0, area.height() + 8)
        if name.width > room:
            name = Typeset(self.name, theme.font(max(SMALLEST_NAME, int(12 * room / name.width)), 500))
        painter.save()
        painter.translate(QPointF(area.left() + 12, area.center().y() + name.width / 2))
        painter.rotate(-90)
        name.at(0, 0, hue).paint(painter)
        painter.restore()
