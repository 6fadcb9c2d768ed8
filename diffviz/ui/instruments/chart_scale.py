"""Where the points of a chart lie on the screen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from diffviz.domain.arrays import F64
from diffviz.ui.instruments.chart_lines import ChartLine, Limits

FAR = 1e4


@dataclass(frozen=True, slots=True, eq=False)
class ChartScale:
    """The axes of a chart, between their limits, in the pixels of `box`."""

    box: QRectF
    x_limits: Limits
    y_limits: Limits

    def to_px(self, x: float, y: float) -> QPointF:
        """Where the point (x, y) lies; y is a height as it is drawn."""
        box, (left, right), (low, high) = self.box, self.x_limits, self.y_limits
        share_x, share_y = (x - left) / (right - left), (y - low) / (high - low)
        return QPointF(box.left() + share_x * box.width(), box.bottom() - share_y * box.height())

    def to_data(self, at: QPointF) -> tuple[float, float]:
        """The point at `at`, held within the axes."""
        box, (left, right), (low, high) = self.box, self.x_limits, self.y_limits
        share_x = min(max((at.x() - box.left()) / box.width(), 0.0), 1.0)
        share_y = min(max((box.bottom() - at.y()) / box.height(), 0.0), 1.0)
        return left + share_x * (right - left), low + share_y * (high - low)

    def pieces(self, line: ChartLine) -> list[list[QPointF]]:
        """The points of `line` in pixels, cut where it is not defined."""
        defined = np.isfinite(line.ys)
        cuts = np.flatnonzero(np.diff(defined.astype(np.int8))) + 1
        parts = np.split(np.arange(len(line.ys)), cuts)
        return [self._points(line.xs[part], line.ys[part]) for part in parts if len(part) and defined[part[0]]]

    def _points(self, xs: F64, ys: F64) -> list[QPointF]:
        box, (left, right), (low, high) = self.box, self.x_limits, self.y_limits
        across = box.left() + (xs - left) * (box.width() / (right - left))
        up = np.clip(box.bottom() - (ys - low) * (box.height() / (high - low)), -FAR, FAR)
        return [QPointF(x, y) for x, y in zip(across.tolist(), up.tolist(), strict=True)]
