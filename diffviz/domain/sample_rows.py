"""Samples in rows: what several samples of a run were made of, where they stand, and what each is called.

*Denoise from here* starts sample i at picture i modulo their number, so that more samples change none that were there.
On the screen and in files those of one picture stand beside each other: only the arrangement is another.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from diffviz.domain.arrays import F32, U8, levels
from diffviz.domain.panes import ORIGINAL
from diffviz.domain.text import tr

FAVOUR = 1.25
"""So many times larger samples have to get where rows of several share a line."""


@dataclass(frozen=True)
class SampleRows:
    """`rows` hold the numbers of the samples that go on from the same one, each once; from 0.

    `sources` are the numbers of what they go on from in the run where all began. `originals` are the SHA-256 of these
    pictures, one for each row; none where that run began with noise. `values` float32 (rows, C, H, W) in [−1, 1] are
    these pictures, as soon as they are known: see `with_values`.
    """

    rows: tuple[tuple[int, ...], ...]
    sources: tuple[int, ...]
    originals: tuple[str, ...] = ()
    values: F32 | None = field(default=None, compare=False)

    @property
    def count(self) -> int:
        """How many samples there are."""
        return sum(map(len, self.rows))

    @property
    def width(self) -> int:
        """Cells of the longest row: its samples, before them the original where there are originals."""
        return bool(self.originals) + max(map(len, self.rows))

    @property
    def columns(self) -> tuple[int, ...]:
        """So many columns a grid of whole rows can have, ascending: one row in a line, two, and so on; any for one."""
        across = range(1, len(self.rows) + 1)
        if len(self.rows) == 1:
            return tuple(sorted({math.ceil(self.width / n) for n in range(1, self.width + 1)}))
        return tuple(sorted({self.width * math.ceil(len(self.rows) / n) for n in across}))

    def shared(self, alone: float, shared: float) -> bool:
        """Whether rows share lines, which makes samples `shared` large instead of `alone`, each in its own line.

        Several of one picture are compared in a line of their own, unless not all of their pixels are seen there.
        """
        if self.count == len(self.rows):
            return shared > alone
        return alone < 1 and shared > alone * FAVOUR

    def lines(self, columns: int) -> int:
        """How many lines a grid of so many columns has."""
        if len(self.rows) == 1:
            return math.ceil(self.width / columns)
        return math.ceil(len(self.rows) / (columns // self.width))

    def cells(self, columns: int) -> tuple[int, ...]:
        """The cell of every sample in a grid of so many columns, counted line by line."""
        found = [0] * self.count
        for row, samples in enumerate(self.rows):
            first = self._first(row, columns) + bool(self.originals)
            for place, sample in enumerate(samples):
                found[sample] = first + place
        return tuple(found)

    def original_cells(self, columns: int) -> tuple[int, ...]:
        """The cell of every original; they stand before the samples of their rows."""
        return tuple(self._first(row, columns) for row in range(len(self.originals)))

    def beside(self, sample: int, across: int, down: int) -> int:
        """The sample so many places from `sample` in its row, and so many rows below; `sample` where there is none."""
        row, place = self.place(sample)
        row, place = row + down, place + across
        if not 0 <= row < len(self.rows) or place < 0:
            return sample
        samples = self.rows[row]
        return samples[min(place, len(samples) - 1)] if not across or place < len(samples) else sample

    def place(self, sample: int) -> tuple[int, int]:
        """The row of `sample` and its place in it, from 0."""
        return self._places[sample]

    def name(self, sample: int) -> str:
        """What `sample` is called: picture 3, restoration 2 of 7."""
        row, place = self.place(sample)
        text = tr("sample {n}, branch {k} of {count}")
        if self.originals:
            text = tr("picture {n}, restoration {k} of {count}")
        return text.format(n=self.sources[row] + 1, k=place + 1, count=len(self.rows[row]))

    def original_name(self, row: int) -> str:
        """What the original of `row` is called."""
        return tr("picture {n}, the original").format(n=self.sources[row] + 1)

    def short_names(self) -> tuple[str, ...]:
        """Names of all that stands in the rows, in their order: x_0 of each original, then 3.2 and so on."""
        first = (ORIGINAL.symbol,) * bool(self.originals)
        pairs = zip(self.sources, self.rows, strict=True)
        return tuple(name for n, row in pairs for name in (*first, *(f"{n + 1}.{k + 1}" for k in range(len(row)))))

    def originals_as(self, like: U8) -> U8:
        """Its originals, uint8 (rows, H, W) or (rows, H, W, 3) as the samples `like` them; none that are not known."""
        if self.values is None:
            return like[:0]
        made = levels(self.values).transpose(0, 2, 3, 1)
        return made[..., 0] if like.ndim == 3 else np.broadcast_to(made, (*made.shape[:3], 3))

    def in_order(self, images: U8, blank: int | tuple[int, ...] | None = None) -> U8:
        """The samples `images`, uint8 (N, H, W) or (N, H, W, 3), row by row, each after its original, or a `blank`."""
        before = self.originals_as(images)
        before = before if blank is None else np.full_like(before, blank)
        pairs = enumerate(self.rows)
        return np.concatenate([part for r, row in pairs for part in (before[r : r + 1], images[list(row)])])

    def with_values(self, images: Mapping[str, U8], shape: tuple[int, ...]) -> SampleRows:
        """The same with its originals, from `images` by SHA-256.

        It has none where one is missing, or is not of the `shape` (C, H, W) of the samples.
        """
        found = [_channels(images[name]) for name in self.originals if name in images]
        if not found or len(found) < len(self.originals) or any(each.shape != shape for each in found):
            return replace(self, originals=())
        return replace(self, values=np.stack(found).astype(np.float32) / np.float32(127.5) - np.float32(1))

    def _first(self, row: int, columns: int) -> int:
        """The cell that `row` begins at."""
        line, block = divmod(row, max(1, columns // self.width))
        return line * columns + block * self.width

    @cached_property
    def _places(self) -> dict[int, tuple[int, int]]:
        return {sample: (r, k) for r, samples in enumerate(self.rows) for k, sample in enumerate(samples)}


def grouped(sources: Sequence[int], pictures: Sequence[str]) -> SampleRows | None:
    """The rows of samples that go on from `sources` of `pictures` by SHA-256, or of noise where there are none.

    None where that says nothing: no picture is known, and all go on from another or all from the same.
    """
    known = tuple(sorted(set(sources)))
    if not pictures and len(known) in (1, len(sources)):
        return None
    rows = tuple(tuple(i for i, each in enumerate(sources) if each == source) for source in known)
    return SampleRows(rows, known, tuple(pictures[source] for source in known) if pictures else ())


def grid_of(samples: int, rows: SampleRows | None = None) -> tuple[int, int]:
    """Columns and lines of a grid of `samples`, as square as it goes; with `rows` each of these is in one line."""
    if rows is None:
        across = max(1, math.ceil(math.sqrt(samples)))
        return across, math.ceil(samples / across)
    sides = [(each, rows.lines(each)) for each in rows.columns]
    alone, square = sides[0], min(sides, key=lambda side: (max(side), side))
    return square if len(rows.rows) == 1 or rows.shared(1 / max(alone), 1 / max(square)) else alone


def _channels(pixels: U8) -> U8:
    """Pixels (H, W) or (H, W, 3) as (C, H, W)."""
    return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
