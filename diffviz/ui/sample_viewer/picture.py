"""What the sample viewer shows, the arrays of one frame as panes, and the pixel under the pointer in each.

Painting of a scene's samples and of the marks over them, all in device pixels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QRegion

from diffviz.domain.arrays import F32
from diffviz.domain.frames import Frame
from diffviz.domain.panes import Pane, Range, Role, absent
from diffviz.domain.text import tr
from diffviz.families import panes_of, scaled_values
from diffviz.session.run import Run
from diffviz.ui.sample_viewer.layout import Box, Hit, Scene, Viewport
from diffviz.ui.widgets import math_label, theme
from diffviz.ui.widgets.format import NOTHING, signed
from diffviz.ui.widgets.pixmaps import Atlas, measured_range

Key = tuple[int, float, bool, bool]


@dataclass(slots=True, eq=False)
class Picture:
    """Panes and their arrays, float32 (N, C, H, W), of run `key[0]` at position `key[1]`.

    `loss` is the simple loss of each sample, where there is one. `absent` are the panes with nothing to show: there is
    no noise at t = 0. Where the process does not preserve the variance x_t `spreads`: it can be shown scaled or raw.
    """

    key: Key
    panes: tuple[Pane, ...]
    arrays: tuple[F32, ...]
    loss: F32 | None = None
    absent: frozenset[int] = frozenset()
    spreads: bool = False
    _atlases: dict[tuple[int, int, Range], Atlas] = field(default_factory=dict)
    _ranges: dict[tuple[int, int | None], Range] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Number of samples."""
        return len(self.arrays[0])

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of a sample in its own pixels."""
        height, width = self.arrays[0].shape[2:]
        return height, width

    def value_range(self, pane: int, automatic: bool, sample: int | None = None) -> Range:
        """The values shown as black and white: the pane's own, or measured over what is shown."""
        if not automatic:
            return self.panes[pane].value_range
        key = (pane, sample)
        if key not in self._ranges:
            array = self.arrays[pane]
            self._ranges[key] = measured_range(array if sample is None else array[sample])
        return self._ranges[key]

    def atlas(self, pane: int, value_range: Range, shrink: int) -> Atlas:
        """The pane's pictures, made once; panes of the image at t = 0 keep theirs for the whole run."""
        key = (pane, shrink, value_range)
        if key not in self._atlases:
            self._atlases[key] = Atlas(self.arrays[pane], value_range, shrink)
        return self._atlases[key]

    def adopt(self, before: Picture | None) -> None:
        """Take over from `before` the pictures of arrays that have not changed."""
        if before is None or before.key[0] != self.key[0]:
            return
        same = {i for i, pane in enumerate(self.panes) if pane.role is Role.ORIGINAL and i < len(before.panes)}
        self._atlases |= {key: atlas for key, atlas in before._atlases.items() if key[0] in same}


def key_of(run: Run, frame: Frame, step_noise: bool, raw: bool = False) -> Key:
    """What tells two pictures apart."""
    return (run.id, frame.position, step_noise, raw)


def picture_of(run: Run, frame: Frame, step_noise: bool, raw: bool = False) -> Picture | None:
    """The picture of `frame`, or None where it has no images; `raw` shows x_t, else it is brought to one variance."""
    spreads = run.spreads
    panes = panes_of(frame, step_noise=step_noise, scaled=spreads and not raw)
    first = run.at(run.plan.low) if any(pane.role is Role.ORIGINAL for pane in panes) else None
    if first is not None and first.position != run.plan.low:
        panes = tuple(pane for pane in panes if pane.role is not Role.ORIGINAL)
    if not panes:
        return None
    arrays = tuple(getattr(first if pane.role is Role.ORIGINAL else frame, pane.field) for pane in panes)
    if spreads and not raw:
        pairs = zip(panes, arrays, strict=True)
        arrays = tuple(scaled_values(frame, array) if pane.role is Role.NOISY else array for pane, array in pairs)
    loss = frame.arrays().get("loss")
    nothing = frozenset(i for i, pane in enumerate(panes) if absent(frame, pane))
    return Picture(key_of(run, frame, step_noise, raw), panes, arrays, loss, nothing, spreads)


def values_at(picture: Picture, hit: Hit) -> list[tuple[float, ...]]:
    """The pixel's value in every pane, one number per channel."""
    return [tuple(float(v) for v in array[hit.sample, :, hit.row, hit.column]) for array in picture.arrays]


def place(hit: Hit) -> str:
    """Which pixel it is, counted from 1."""
    return tr("sample {sample} · row {row}, column {column}").format(
        sample=hit.sample + 1, row=hit.row + 1, column=hit.column + 1
    )


def texts_at(picture: Picture, hit: Hit) -> list[str]:
    """The pixel's value in every pane as it is written; a pane with nothing to show has none."""
    values = enumerate(values_at(picture, hit))
    return [NOTHING if i in picture.absent else " ".join(map(signed, numbers)) for i, numbers in values]


def readout(picture: Picture, hit: Hit) -> str:
    """The pixel in plain text: sample 3 · row 12, column 7 · xₜ −0.231 · x̂₀ −0.950 · ε̂ 0.712."""
    values = zip(picture.panes, texts_at(picture, hit), strict=True)
    return " · ".join((place(hit), *(f"{math_label.plain(pane.symbol)} {text}" for pane, text in values)))


def rich_readout(picture: Picture, hit: Hit) -> str:
    """The same as rich text, every symbol in its colour."""
    quiet = theme.color("quiet").name()
    parts = [f"<span style='color:{quiet}'>{place(hit)}</span>"]
    for pane, text in zip(picture.panes, texts_at(picture, hit), strict=True):
        hue = theme.color(pane.colour).name()
        parts.append(f"<b style='color:{hue}'>{math_label.plain(pane.symbol)}</b> {text}")
    return "&nbsp;&nbsp; ".join(parts)


PIXEL_RING = 4

Target = tuple[int, QRect]


def qrect(box: Box) -> QRect:
    """`box` for Qt."""
    return QRect(box.x, box.y, box.width, box.height)


def paint_samples(painter: QPainter, body: QRect, targets: Sequence[Target], atlas: Atlas, smooth: bool) -> None:
    """Draw the samples of `atlas` at `targets`, clipped to `body`: nearest neighbour, unless they are made smaller.

    `targets` are (sample, where) of those to be drawn.
    """
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    for sample, target in targets:
        page, part = atlas.page(sample), atlas.part(sample)
        if smooth or body.contains(target):
            painter.drawImage(target, page, part)
        elif target.intersects(body):
            _paint_visible(painter, target, body, page, part)


def paint_frames(painter: QPainter, targets: Sequence[QRect]) -> None:
    """A hairline around each sample, so that a white image ends somewhere on a white panel."""
    painter.setPen(QPen(theme.color("edge"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRects([target.adjusted(-1, -1, 0, 0) for target in targets])


def _paint_visible(painter: QPainter, target: QRect, body: QRect, page: QImage, part: QRect) -> None:
    """Draw only the pixels in sight: at 64× a sample of 512² would be larger than the painter's coordinates."""
    across, down = target.width() / part.width(), target.height() / part.height()
    seen = target.intersected(body)
    left, top = int((seen.x() - target.x()) / across), int((seen.y() - target.y()) / down)
    right = min(math.ceil((seen.x() + seen.width() - target.x()) / across), part.width())
    bottom = min(math.ceil((seen.y() + seen.height() - target.y()) / down), part.height())
    source = QRectF(part.x() + left, part.y() + top, right - left, bottom - top)
    where = QRectF(target.x() + left * across, target.y() + top * down, source.width() * across, source.height() * down)
    painter.drawImage(where, page, source)


def paint_hit(painter: QPainter, scene: Scene, viewport: Viewport, hit: Hit) -> None:
    """Mark the pixel under the pointer in all panes."""
    region = QRegion()
    for body in scene.bodies:
        region += qrect(body)
    painter.setClipRegion(region)
    index = scene.samples.index(hit.sample)
    for pane in range(len(scene.bodies)):
        box = scene.tile(pane, index, viewport)
        across, down = box.width / scene.size[1], box.height / scene.size[0]
        mark = QRectF(box.x + hit.column * across, box.y + hit.row * down, across, down)
        grow = 1 if across >= PIXEL_RING else PIXEL_RING - across / 2
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("ground"), 3))
        painter.drawRect(mark.adjusted(-grow, -grow, grow - 1, grow - 1))
        painter.setPen(QPen(theme.color("cursor"), 1))
        painter.drawRect(mark.adjusted(-grow, -grow, grow - 1, grow - 1))


def paint_ring(painter: QPainter, box: Box, width: float) -> None:
    """Mark the sample that the keyboard is at."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color("cursor"), width))
    painter.drawRect(qrect(box).adjusted(-1, -1, 0, 0))
