"""Pictures of frames: the samples of the chosen panes in grids, side by side, enlarged by a whole number."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.errors import NotAChoice
from diffviz.domain.export import ORIGINAL, ExportSettings, Pane, panes_of
from diffviz.domain.frames import Floats, Frame
from diffviz.domain.palette import PALETTES

Pixels = NDArray[np.uint8]

COMFORTABLE = 448
GAP_BETWEEN_PANES = 4


def levels(values: Floats, limit: float = 1.0) -> Pixels:
    """Values from −`limit` to `limit` as 0 … 255, rounded and clipped; the inverse of p / 127.5 − 1 for limit 1.

    What is not a number is mid-grey.
    """
    scaled = np.nan_to_num(values / np.float32(limit), nan=0.0, posinf=1.0, neginf=-1.0)
    rounded: Floats = np.rint(np.clip(scaled + 1, 0, 2) * np.float32(127.5))
    return rounded.astype(np.uint8)


def columns(samples: int) -> int:
    """Columns of a grid of `samples`, as square as it goes."""
    return math.ceil(math.sqrt(samples))


def automatic_scale(shape: tuple[int, ...]) -> int:
    """The whole number that brings a pane of samples (N, C, H, W) nearest to a comfortable size without passing it."""
    samples, _, height, width = shape
    across = columns(samples)
    side = max(width * across, height * math.ceil(samples / across))
    return min(64, max(1, COMFORTABLE // side))


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """How frames become pictures. `original` is x_0 (N, C, H, W) for the pane that shows it.

    A picture is uint8 (height, width) for grey samples and (height, width, 3) for colour.
    """

    panes: tuple[Pane, ...]
    shape: tuple[int, ...]
    scale: int
    ground: tuple[int, int, int]
    original: Floats | None = None

    @property
    def grey(self) -> bool:
        """Whether pictures have grey levels only."""
        return self.shape[1] == 1

    @property
    def gap(self) -> int:
        """Pixels between two samples."""
        return max(1, self.scale // 2)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of a picture in pixels."""
        width, height = self._pane_size
        between = GAP_BETWEEN_PANES * self.gap
        return len(self.panes) * (width + between) - between, height

    def draw(self, frame: Frame) -> Pixels:
        """The picture of `frame`."""
        width, height = self.size
        grey = round(0.299 * self.ground[0] + 0.587 * self.ground[1] + 0.114 * self.ground[2])
        picture = np.empty((height, width) if self.grey else (height, width, 3), np.uint8)
        picture[:] = grey if self.grey else self.ground
        step = self._pane_size[0] + GAP_BETWEEN_PANES * self.gap
        for i, pane in enumerate(self.panes):
            self._fill(picture[:, i * step :], self._values(frame, pane), pane.limit)
        return picture

    def with_panes(self, panes: tuple[Pane, ...]) -> Canvas:
        """The same at scale 1 with other panes."""
        return Canvas(panes, self.shape, 1, self.ground, self.original)

    @property
    def _pane_size(self) -> tuple[int, int]:
        samples, _, height, width = self.shape
        across = columns(samples)
        down = math.ceil(samples / across)
        return self._span(across, width), self._span(down, height)

    def _span(self, count: int, side: int) -> int:
        return count * (side * self.scale + self.gap) - self.gap

    def _values(self, frame: Frame, pane: Pane) -> Floats:
        if pane.key == ORIGINAL and self.original is not None:
            return self.original
        values: Floats = frame.arrays()[pane.key]
        return values

    def _fill(self, pane: Pixels, values: Floats, limit: float) -> None:
        samples, _, height, width = self.shape
        across, step = columns(samples), np.array((height, width)) * self.scale + self.gap
        images = levels(values, limit)
        images = images[:, 0] if self.grey else images.transpose(0, 2, 3, 1)
        for i, image in enumerate(images):
            top, left = np.array(divmod(i, across)) * step
            large = image.repeat(self.scale, 0).repeat(self.scale, 1)
            pane[top : top + len(large), left : left + large.shape[1]] = large


class Pictures:
    """The pictures of `frames`, each drawn when it is asked for and kept nowhere."""

    def __init__(self, frames: Sequence[Frame], canvas: Canvas) -> None:
        self.frames = frames
        self.canvas = canvas

    def __len__(self) -> int:
        return len(self.frames)

    def __iter__(self) -> Iterator[Pixels]:
        return map(self.canvas.draw, self.frames)


def canvas_of(frames: Sequence[Frame], settings: ExportSettings) -> Canvas:
    """The canvas for the run `frames`, at least one. Raises `NotAChoice` for a pane that it does not have."""
    known = {pane.key: pane for pane in panes_of(frames)}
    unknown = [key for key in settings.panes if key not in known]
    if unknown or not settings.panes:
        raise NotAChoice("panes", ", ".join(unknown), tuple(known))
    shape = frames[0].arrays()["x"].shape
    original = frames[0].arrays()["x"] if ORIGINAL in known else None
    scale = settings.scale or automatic_scale(shape)
    return Canvas(tuple(known[key] for key in settings.panes), shape, scale, _rgb(settings.ground), original)


def _rgb(ground: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(PALETTES[ground].ground.removeprefix("#"))
    return red, green, blue
