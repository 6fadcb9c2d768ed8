"""Where heights lie in a plot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPolygonF

TOP = 5
Floats = NDArray[np.float64]


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

    def line(self, pxs: Floats, heights: Floats) -> QPolygonF:
        """The points at `pxs` and `heights`."""
        shares = (heights - self.low) / (self.high - self.low)
        ys = TOP + (1 - shares) * self.depth
        return QPolygonF([QPointF(x, y) for x, y in zip(pxs.tolist(), ys.tolist(), strict=True)])
