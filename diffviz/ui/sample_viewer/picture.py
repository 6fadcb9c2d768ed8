"""What the sample viewer shows, the arrays of one frame as panes, and the pixel under the pointer in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from diffviz.domain.arrays import F32, U8
from diffviz.domain.frames import Frame
from diffviz.domain.panes import DATA_RANGE, Pane, Range, Role, absent, labelled
from diffviz.domain.sample_rows import SampleRows
from diffviz.domain.text import tr
from diffviz.families import family_of, panes_of, scaled_values
from diffviz.session.run import Run
from diffviz.ui.sample_viewer.arrangement import Hit
from diffviz.ui.widgets import math_label, theme
from diffviz.ui.widgets.format import signed
from diffviz.ui.widgets.kept import Recent
from diffviz.ui.widgets.pixmaps import Atlas, measured_range

Key = tuple[int, float, bool, bool, frozenset[str]]
ORIGINALS = -1
"""What stands for a pane where pictures are kept that are of none."""
ATLASES = 32 << 20
"""Bytes of pictures that are kept of the frames that were shown lately."""


@dataclass(slots=True, eq=False)
class Picture:
    """Panes and their arrays, float32 (N, C, H, W), of run `key[0]` at position `key[1]`.

    `loss` is the simple loss of each sample, where there is one. `absent` are the panes with nothing to show: there is
    no noise at t = 0. Where the process does not preserve the variance x_t `spreads`: it can be shown scaled or raw.
    `all_panes` are those that could be shown; classes are recognised in that of the role `labelled`. `rows` say which
    samples are of one picture, and have these where they are known.
    """

    key: Key
    panes: tuple[Pane, ...]
    arrays: tuple[F32, ...]
    loss: F32 | None = None
    absent: frozenset[int] = frozenset()
    spreads: bool = False
    all_panes: tuple[Pane, ...] = ()
    labelled: Role | None = None
    rows: SampleRows | None = None
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

    def original_atlas(self, shrink: int) -> Atlas:
        """The originals, made once for a run."""
        assert self.rows is not None
        values = self.rows.values
        assert values is not None
        return self._atlases.of((self.key[0], ORIGINALS, shrink), lambda: Atlas(values, DATA_RANGE, shrink))

    def shows_originals(self, pane: int) -> bool:
        """Whether originals stand beside the samples of `pane`: where these are pictures, not noise."""
        return self.has_originals and self.panes[pane].role in (Role.NOISY, Role.CLEAN_ESTIMATE)

    @property
    def has_originals(self) -> bool:
        """Whether what its samples restore is known."""
        return self.rows is not None and self.rows.values is not None

    def name_of(self, sample: int) -> str:
        """What `sample` is called: sample 12, or what it restores."""
        return self.rows.name(sample) if self.rows else tr("sample {n}").format(n=sample + 1)

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


class KnownRows:
    """Which samples of runs are of one picture, and these pictures, found once for each of the last few runs."""

    def __init__(self) -> None:
        self._known: dict[int, SampleRows | None] = {}

    def of(self, run: Run, frame: Frame, images: Mapping[str, U8]) -> SampleRows | None:
        """The rows of `run`, which has `frame`, with their originals where these are among `images`."""
        if run.id not in self._known:
            self._known = dict([*self._known.items()][-1:]) | {run.id: _rows_of(run, frame, images)}
        return self._known[run.id]


def _rows_of(run: Run, frame: Frame, images: Mapping[str, U8]) -> SampleRows | None:
    rows, x = family_of(run.request).rows(run.request), frame.arrays().get("x")
    return None if rows is None or x is None or len(x) != rows.count else rows.with_values(images, x.shape[1:])


def picture_of(run: Run, frame: Frame, how: Manner, rows: SampleRows | None = None) -> Picture | None:
    """The picture of `frame`, or None where it has no images; where all panes are to be left out, none is.

    `rows` are those of the run, with its originals; see `KnownRows`.
    """
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
    return Picture(key_of(run, frame, how), shown, arrays, loss, nothing, spreads, panes, recognised, rows)


def values_at(picture: Picture, hit: Hit) -> list[tuple[float, ...]]:
    """The pixel's value in every pane, one number per channel."""
    return [tuple(float(v) for v in array[hit.sample, :, hit.row, hit.column]) for array in picture.arrays]


def place(picture: Picture, hit: Hit) -> str:
    """Which pixel it is, counted from 1."""
    return tr("{sample} · row {row}, column {column}").format(
        sample=picture.name_of(hit.sample), row=hit.row + 1, column=hit.column + 1
    )


def texts_at(picture: Picture, hit: Hit) -> list[str]:
    """The pixel's value in every pane as it is written; a pane with nothing to show has none."""
    values = enumerate(values_at(picture, hit))
    none = tr("none at t = 0")
    return [none if i in picture.absent else " ".join(map(signed, numbers)) for i, numbers in values]


def readout(picture: Picture, hit: Hit) -> str:
    """The pixel in plain text: sample 3 · row 12, column 7 · xₜ −0.231 · x̂₀ −0.950 · ε̂ 0.712."""
    values = zip(picture.panes, texts_at(picture, hit), strict=True)
    return " · ".join((place(picture, hit), *(f"{math_label.plain(pane.symbol)} {text}" for pane, text in values)))


def rich_readout(picture: Picture, hit: Hit) -> str:
    """The same as rich text, every symbol in its colour."""
    quiet = theme.color("quiet").name()
    parts = [f"<span style='color:{quiet}'>{place(picture, hit)}</span>"]
    for pane, text in zip(picture.panes, texts_at(picture, hit), strict=True):
        hue = theme.color(pane.colour).name()
        parts.append(f"<b style='color:{hue}'>{math_label.plain(pane.symbol)}</b> {text}")
    return "&nbsp;&nbsp; ".join(parts)
