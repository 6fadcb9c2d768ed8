"""Where heights lie in a plot."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPolygonF

from diffviz.domain.arrays import F64

TOP = 5


@dataclass(frozen=True, slots=True)
class Heights:
    """Heights from `low` to `high`, over `depth` pixels below `TOP`."""

    low: float
    high: float
    depth: float

    def to_y(self, value: float) -> float:
        """Where `value` lies, in pixels from the top."""
        share = (value - self.low) / (self.high - self.low)
        return TOP + (1 - share) * self.depth

    def line(self, pxs: F64, heights: F64) -> QPolygonF:
        """The points at `pxs` and `heights`."""
        shares = (heights - self.low) / (self.high - self.low)
        ys = TOP + (1 - shares) * self.depth
        return QPolygonF([QPointF(x, y) for x, y in zip(pxs.tolist(), ys.tolist(), strict=True)])
