"""What the sample viewer shows, the arrays of one frame as panes, and the pixel under the pointer in each."""

from __future__ import annotations

from dataclasses import dataclass, field

from diffviz.domain.arrays import F32
from diffviz.domain.frames import Frame
from diffviz.domain.panes import Pane, Range, Role, absent, labelled
from diffviz.domain.text import tr
from diffviz.families import panes_of, scaled_values
from diffviz.session.run import Run
from diffviz.ui.sample_viewer.arrangement import Hit
from diffviz.ui.widgets import math_label, theme
from diffviz.ui.widgets.format import NOTHING, signed
from diffviz.ui.widgets.kept import Recent
from diffviz.ui.widgets.pixmaps import Atlas, measured_range

Key = tuple[int, float, bool, bool, frozenset[str]]
ATLASES = 32 << 20
"""Bytes of pictures that are kept of the frames that were shown lately."""


@dataclass(slots=True, eq=False)
class Picture:
    """Panes and their arrays, float32 (N, C, H, W), of run `key[0]` at position `key[1]`.

    `loss` is the simple loss of each sample, where there is one. `absent` are the panes with nothing to show: there is
    no noise at t = 0. Where the process does not preserve the variance x_t `spreads`: it can be shown scaled or raw.
    `all_panes` are those that could be shown; classes are recognised in that of the role `labelled`.
    """

    key: Key
    panes: tuple[Pane, ...]
    arrays: tuple[F32, ...]
    loss: F32 | None = None
    absent: frozenset[int] = frozenset()
    spreads: bool = False
    all_panes: tuple[Pane, ...] = ()
    labelled: Role | None = None
    _atlases: Recent[Atlas] = field(default_factory=lambda: Recent(ATLASES, lambda atlas: atlas.nbytes))
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
        role = self.panes[pane].role
        of = self.key[0] if role is Role.ORIGINAL else self.key
        key = (of, pane, role, shrink, value_range)
        return self._atlases.of(key, lambda: Atlas(self.arrays[pane], value_range, shrink))

    def adopt(self, before: Picture | None) -> None:
        """Share what was made of the frames of the same run before this one: a cursor comes back to them."""
        if before is not None and before.key[0] == self.key[0]:
            self._atlases = before._atlases


@dataclass(frozen=True, slots=True)
class Manner:
    """How frames are shown: the noise of one step or all so far, x_t raw or scaled, and which panes are left out.

    `hidden` are values of roles.
    """

    step_noise: bool = False
    raw: bool = False
    hidden: frozenset[str] = frozenset()


def key_of(run: Run, frame: Frame, how: Manner) -> Key:
    """What tells two pictures apart."""
    return (run.id, frame.position, how.step_noise, how.raw, how.hidden)


def picture_of(run: Run, frame: Frame, how: Manner) -> Picture | None:
    """The picture of `frame`, or None where it has no images; where all panes are to be left out, none is."""
    spreads = run.spreads
    panes = panes_of(frame, step_noise=how.step_noise, scaled=spreads and not how.raw)
    first = run.at(run.plan.low) if any(pane.role is Role.ORIGINAL for pane in panes) else None
    if first is not None and first.position != run.plan.low:
        panes = tuple(pane for pane in panes if pane.role is not Role.ORIGINAL)
    if not panes:
        return None
    shown = tuple(pane for pane in panes if pane.role.value not in how.hidden) or panes
    arrays = tuple(getattr(first if pane.role is Role.ORIGINAL else frame, pane.field) for pane in shown)
    if spreads and not how.raw:
        pairs = zip(shown, arrays, strict=True)
        arrays = tuple(scaled_values(frame, array) if pane.role is Role.NOISY else array for pane, array in pairs)
    nothing = frozenset(i for i, pane in enumerate(shown) if absent(frame, pane))
    loss, told = frame.arrays().get("loss"), labelled(panes)
    recognised = told.role if told else None
    return Picture(key_of(run, frame, how), shown, arrays, loss, nothing, spreads, panes, recognised)


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
