"""D's answers as colours: the hue of real data where D says real, that of samples where it says generated."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from diffviz.domain.arrays import F32, U8
from diffviz.domain.gan_leaning import Leaning
from diffviz.ui.qss import mix
from diffviz.ui.widgets import theme

STRENGTH = 0.62
LEVELS = 255


def colours(leaning: Leaning, answers: F32) -> U8:
    """`answers` (H, W), rows from low to high y, as colours (H, W, 3), the highest y on top."""
    places = np.rint((leaning.of(answers[::-1]) + 1) / 2 * LEVELS).astype(np.intp)
    found: U8 = table(theme.palette().name)[places]
    return found


@lru_cache(maxsize=4)
def table(_theme: str) -> U8:
    """Colours (256, 3) from "surely generated" over the ground to "surely real"."""
    palette = theme.palette()
    ground = mix(palette.panel, palette.ground, 0.55)
    shares = np.linspace(-1, 1, LEVELS + 1)
    hues = (palette.generated if share < 0 else palette.alpha_bar for share in shares)
    mixed = (mix(ground, hue, STRENGTH * abs(share)) for hue, share in zip(hues, shares, strict=True))
    return np.array([[int(text[i : i + 2], 16) for i in (1, 3, 5)] for text in mixed], np.uint8)
