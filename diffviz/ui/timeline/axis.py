"""What a timeline measures, and the one mapping between positions and pixels that all its parts share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from diffviz.domain.arrays import F64
from diffviz.domain.axis_scale import AxisScale
from diffviz.domain.plots import round_step, ticks
from diffviz.domain.text import mark
from diffviz.ui.widgets.format import timestep

__all__ = ["Axis", "AxisMap", "every", "round_step", "ticks"]


LEFT_MARGIN = 56
RIGHT_MARGIN = 30


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis as the timeline shows it.

    `name`, `low_name` and `high_name` are symbols in the notation of `diffviz.ui.widgets.math_label`; `title` is what a
    screen reader calls it, `counted` what is counted along it (both English, translated when shown); `form` writes a
    position.
    """

    name: str
    low_name: str
    high_name: str
    title: str
    form: Callable[[float], str] = "{:.0f}".format
    counted: str = mark("step")


DIFFUSION_TIME = Axis("t", "x_0", "x_T", mark("Diffusion time t"), timestep)


@dataclass(frozen=True, slots=True)
class AxisMap:
    """Positions of `scale` on pixels `left_px` … `right_px`; `mirrored` puts its high end on the left."""

    scale: AxisScale
    left_px: float
    right_px: float
    mirrored: bool = False

    @staticmethod
    def across(width: int, scale: AxisScale, mirrored: bool) -> AxisMap:
        """The map of a timeline that is `width` pixels wide."""
        return AxisMap(scale, LEFT_MARGIN, max(LEFT_MARGIN + 1, width - RIGHT_MARGIN), mirrored)

    @property
    def low(self) -> float:
        """The smallest position."""
        return self.scale.low

    @property
    def high(self) -> float:
        """The largest position."""
        return self.scale.high

    def to_px(self, position: float) -> float:
        """Where `position` lies, in pixels from the left edge."""
        share = self.scale.share(position)
        return self.left_px + (1 - share if self.mirrored else share) * (self.right_px - self.left_px)

    def to_pxs(self, positions: F64) -> F64:
        """Where each of `positions` lies."""
        share = self.scale.shares(positions)
        return self.left_px + (1 - share if self.mirrored else share) * (self.right_px - self.left_px)

    def to_position(self, px: float) -> float:
        """The position at `px`, held within the axis."""
        share = (px - self.left_px) / (self.right_px - self.left_px)
        share = min(max(1 - share if self.mirrored else share, 0.0), 1.0)
        return self.scale.position(share)

    @property
    def sign(self) -> int:
        """+1 where positions grow to the right, else -1."""
        return -1 if self.mirrored else 1


def every(spacing: float, room: float) -> int:
    """Which n-th of marks that are `spacing` pixels apart can be shown `room` pixels apart: 1, 2, 5, 10, 20 …"""
    if spacing <= 0:
        return 1
    return max(1, round(round_step(room / spacing, 1)))
