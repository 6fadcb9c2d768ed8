"""Frames as small pictures, made once and kept."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from diffviz.domain.arrays import F32
from diffviz.families.panes import scaled_values
from diffviz.session.run import Run
from diffviz.ui.widgets.pixmaps import to_image

KEPT = 512


class FramePictures(Protocol):
    """What a filmstrip shows of the frames of a run."""

    def shape(self, run: Run) -> tuple[int, int] | None:
        """Width and height of the pictures of `run`, or None while it has none."""

    def image(self, run: Run, index: int, sample: int, size: tuple[int, int]) -> QImage | None:
        """Frame `index` of `run` in `size` (width, height) pixels; None where it has no picture."""


class Thumbnails:
    """Pictures of one sample of the field `field` in frames of a run; data range [-1, 1], brought to one variance."""

    def __init__(self, field: str) -> None:
        self._field = field
        self._owner: tuple[int, int, int] | None = None
        self._images: dict[int, QImage] = {}

    def shape(self, run: Run) -> tuple[int, int] | None:
        """Width and height of the pictures of `run`, or None while it has none."""
        array = self._array(run, 0) if len(run.store) else None
        return (array.shape[-1], array.shape[-2]) if array is not None else None

    def image(self, run: Run, index: int, sample: int, size: tuple[int, int]) -> QImage | None:
        """Frame `index` of `run` in `size` (width, height) pixels; None where it has no such field."""
        owner = (run.id, sample, hash(size))
        if owner != self._owner or len(self._images) > KEPT:
            self._images.clear()
            self._owner = owner
        if index not in self._images:
            array = self._array(run, index)
            if array is None:
                return None
            self._images[index] = scaled(to_image(array[min(sample, len(array) - 1)]), size)
        return self._images[index]

    def _array(self, run: Run, index: int) -> F32 | None:
        frame = run.store[index]
        array = getattr(frame, self._field, None)
        if not isinstance(array, np.ndarray) or array.ndim != 4:
            return None
        return scaled_values(frame, array) if run.spreads else array


def scaled(image: QImage, size: tuple[int, int]) -> QImage:
    """`image` in `size` (width, height) pixels: its own pixels seen where it is enlarged, their means where not."""
    smaller = size[0] < image.width()
    way = Qt.TransformationMode.SmoothTransformation if smaller else Qt.TransformationMode.FastTransformation
    return image.scaled(*size, Qt.AspectRatioMode.IgnoreAspectRatio, way)
