"""D's answers as colours: the hue of real data where D says real, that of samples where it says generated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.gan import GanFrame, GanRequest
from diffviz.ui import theme
from diffviz.ui.qss import mix

STRENGTH = 0.62
LEVELS = 255
REACHES: Mapping[str, float] = MappingProxyType(
    {"saturating": 0.5, "non_saturating": 0.5, "least_squares": 0.5, "hinge": 1.0}
)
"""How far from the threshold D is sure, by loss; a WGAN critic has no such value."""


@dataclass(frozen=True, slots=True)
class Shade:
    """Answers `centre` ± `reach` on colours; `bounded` where they are probabilities."""

    centre: float = 0.5
    reach: float = 0.5
    bounded: bool = True

    @staticmethod
    def of(request: GanRequest, frame: GanFrame) -> Shade:
        """The shade of what D says in `frame`."""
        bounded = request.loss in ("saturating", "non_saturating")
        reach = REACHES.get(request.loss) or _spread(frame)
        return Shade(0.5 if bounded else frame.threshold, reach, bounded)

    def pixels(self, values: NDArray[np.float32]) -> NDArray[np.uint8]:
        """`values` (H, W), rows from low to high y, as colours (H, W, 3), the highest y on top."""
        share = np.clip((values[::-1] - self.centre) / self.reach, -1, 1)
        colours: NDArray[np.uint8] = table(theme.palette().name)[np.rint((share + 1) / 2 * LEVELS).astype(np.intp)]
        return colours


@lru_cache(maxsize=4)
def table(_theme: str) -> NDArray[np.uint8]:
    """Colours (256, 3) from "surely generated" over the ground to "surely real"."""
    palette = theme.palette()
    ground = mix(palette.panel, palette.ground, 0.55)
    shares = np.linspace(-1, 1, LEVELS + 1)
    hues = (palette.generated if share < 0 else palette.alpha_bar for share in shares)
    mixed = (mix(ground, hue, STRENGTH * abs(share)) for hue, share in zip(hues, shares, strict=True))
    return np.array([[int(text[i : i + 2], 16) for i in (1, 3, 5)] for text in mixed], np.uint8)


def _spread(frame: GanFrame) -> float:
    """Nine in ten of the critic's values lie within this of the threshold."""
    values = np.concatenate([frame.d_real, frame.d_fake])
    gaps = np.abs(values[np.isfinite(values)] - frame.threshold)
    return max(float(np.quantile(gaps, 0.9)) if len(gaps) else 1.0, 1e-6)
