"""Pixel faces: the design of the data set, a compositor that draws any face, a reader, and a judge of made-up ones.

Judge of made-up pixel faces: it counts. How many are faces, of which values, and whether they were seen before.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.arrays import F64, U8
from diffviz.domain.evaluation import FaceCounts, Occurring, Share, Shifted
from diffviz.theory.pixel_face_design import HIDDEN, Design
from diffviz.theory.pixel_face_reader import TOLERANCE, Reading, read
from diffviz.theory.statistics import wilson

NAMED = ("skin", "hair colour", "glasses", "clothing colour")
"""Attributes whose pairs of values are counted."""
TOLERANCES = (2, 4, 6, 8, 12, 16)
"""In grey levels, of the curve of valid pictures; below half the palettes' least distance."""


class FaceJudge:
    """The attributes of the training and of the held-out pictures, which made-up ones are compared with."""

    def __init__(self, design: Design, training: U8, held_out: U8) -> None:
        self.design = design
        self._training, self._held_out = training, held_out
        self._seen = {row.tobytes() for row in training}

    def counts(self, pictures: U8, asked: NDArray[np.int64] | None = None) -> FaceCounts:
        """The figures of made-up `pictures`, uint8 (N, 16, 16, 3); `asked` is the hair colour that each was to have.

        All but the shares of valid pictures and wrong pixels are counted over the valid ones. Held-out pictures are
        counted beside them, as many as there are made-up ones, or all.
        """
        reading = read(self.design, pictures)
        made, held_out = reading.table[reading.valid], self._held_out[: len(pictures)]
        hair = reading.table[:, self.design.column("hair colour")]
        return FaceCounts(
            tolerance=TOLERANCE,
            valid=_share(reading.valid),
            valid_at={f"{level}": self._valid_share(pictures, reading, level) for level in TOLERANCES},
            wrong_pixels={f"{q} %": float(np.percentile(reading.wrong, q)) for q in (50, 75, 90)},
            as_asked=None if asked is None else _share(reading.valid & (hair == asked)),
            values={name: self._values(name, made, held_out) for name in self.design.names},
            missing=self._missing(made, held_out),
            pairs=self._pairs(made, held_out),
            shares={name: self._shifted(name, made, held_out) for name in self.design.names},
            withheld=_share(has_withheld(self.design, made)) if len(made) else None,
            copies=self._copies(made),
            copies_held_out=self._copies(held_out),
        )

    def _valid_share(self, pictures: U8, known: Reading, tolerance: int) -> float:
        reading = known if tolerance == TOLERANCE else read(self.design, pictures, tolerance)
        return float(reading.valid.mean())

    def _values(self, name: str, made: U8, held_out: U8) -> Occurring:
        column = self.design.column(name)
        return Occurring(_kinds(made[:, [column]]), _kinds(held_out[:, [column]]), len(self.design.attributes[name]))

    def _missing(self, made: U8, held_out: U8) -> tuple[str, ...]:
        """Values that held-out pictures have and made-up ones do not, as "attribute: value"."""
        return tuple(
            f"{name}: {value}"
            for i, (name, values) in enumerate(self.design.attributes.items())
            for number, value in enumerate(values)
            if (held_out[:, i] == number).any() and not (made[:, i] == number).any()
        )

    def _pairs(self, made: U8, held_out: U8) -> Occurring:
        """Pairs of values of two of the attributes `NAMED`, over all such pairs of attributes."""
        totals = np.zeros(3, np.int64)
        for one, two in combinations(NAMED, 2):
            columns = [self.design.column(one), self.design.column(two)]
            there = len(self.design.attributes[one]) * len(self.design.attributes[two])
            totals += _kinds(made[:, columns]), _kinds(held_out[:, columns]), there
        return Occurring(*map(int, totals))

    def _shifted(self, name: str, made: U8, held_out: U8) -> Shifted:
        """How far the shares of the values of `name` are from those of the training pictures."""
        column, values = self.design.column(name), len(self.design.attributes[name])
        wanted = _shares(self._training[:, column], values)
        alike = held_out[: len(made)]
        return Shifted(
            _variation(_shares(made[:, column], values), wanted), _variation(_shares(alike[:, column], values), wanted)
        )

    def _copies(self, table: U8) -> int:
        """How many faces a training picture shows, too: equal attributes are equal pixels."""
        return sum(row.tobytes() in self._seen for row in table)


def has_withheld(design: Design, table: U8) -> NDArray[np.bool_]:
    """Which rows of `table` have one of the withheld pairs."""
    found = np.zeros(len(table), np.bool_)
    for pair in design.withheld:
        matches = [table[:, design.column(name)] == design.index(name, value) for name, value in pair.items()]
        found |= np.logical_and.reduce(matches)
    return found


def _share(flags: NDArray[np.bool_]) -> Share:
    """The share of `flags` that are set. Raises ValueError where there are none."""
    low, high = wilson(int(flags.sum()), len(flags))
    return Share(float(flags.mean()), low, high, len(flags))


def _kinds(columns: U8) -> int:
    """How many different rows there are, those with something hidden left out."""
    shown = columns[(columns != HIDDEN).all(1)]
    return len(np.unique(shown, axis=0))


def _shares(column: U8, values: int) -> F64:
    counts = np.bincount(column[column != HIDDEN], minlength=values)[:values]
    return np.asarray(counts / max(1, counts.sum()))


def _variation(one: F64, two: F64) -> float:
    """Total variation distance of two distributions."""
    return float(abs(one - two).sum() / 2)
