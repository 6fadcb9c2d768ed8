"""Reader of pixel faces: by search, which parts and colours a picture shows, and how many of its pixels are wrong.

Hair lies over everything. Given skin and background, the rest falls into three zones that share no pixel: eyes with
glasses, mouth, clothing. So all combinations are searched without being listed: a zone's best candidate is found
beneath every shape of hair that reaches into it, and the zones' wrong pixels add up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.arrays import F32, F64, U8
from diffviz.theory.pixel_face_design import HIDDEN, NONE, SIDE, Design

TOLERANCE = 8
CHUNK = 64
PIXELS = SIDE * SIDE

Flags = NDArray[np.bool_]
Levels = NDArray[np.int16]
Wrong = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What `read` found in N pictures.

    `table` (N, attributes) are the values of the face with the fewest wrong pixels; `HIDDEN` where several values of an
    attribute do equally well. `wrong` (N,) counts the pixels that are further than the tolerance from that face in any
    channel.
    """

    table: U8
    wrong: Wrong

    @property
    def valid(self) -> Flags:
        """Pictures that are faces of the design, to the tolerance."""
        return np.asarray(self.wrong == 0)


@dataclass(frozen=True, slots=True, eq=False)
class Zone:
    """Pixels that some attributes alone decide, hair aside.

    `pixels` (P,) are numbers of pixels; candidate k shows colour `shown[k, p]` of `colours` (C, 3) at pixel p, and has
    the values `values[k]` of the attributes in `columns`. `hair[style]` is the row of `masks` (M, P), 1 where hair of
    that style lies over the zone.
    """

    columns: tuple[int, ...]
    pixels: NDArray[np.intp]
    colours: Levels
    shown: NDArray[np.intp]
    values: U8
    hair: NDArray[np.intp]
    masks: F32


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What is known once skin and background are: the zones, and the fixed rest as a zone of one candidate."""

    zones: tuple[Zone, ...]
    rest: Zone


def read(design: Design, pictures: U8, tolerance: float = TOLERANCE) -> Reading:
    """The faces in `pictures`, uint8 (N, 16, 16, 3).

    Skin and background are those of the pixels that nothing covers; all else is searched completely. So below half the
    palettes' least distance (39 levels) `valid` is exact; of other pictures `wrong` is an upper bound.
    """
    flat = pictures.reshape(len(pictures), PIXELS, 3).astype(np.int16)
    table = np.zeros((len(pictures), len(design.names)), np.uint8)
    wrong = np.zeros(len(pictures), np.int64)
    grounds = _grounds_of(design, flat, tolerance)
    for ground in np.unique(grounds, axis=0):
        rows = np.flatnonzero((grounds == ground).all(1))
        for start in range(0, len(rows), CHUNK):
            some = rows[start : start + CHUNK]
            wrong[some] = _read_some(design, (int(ground[0]), int(ground[1])), flat[some], tolerance, table, some)
    return Reading(table, wrong)


def _read_some(
    design: Design, ground: tuple[int, int], flat: Levels, tolerance: float, table: U8, rows: NDArray[np.intp]
) -> Wrong:
    """Fills `rows` of `table` from the pictures `flat`, all on one ground; their wrong pixels."""
    known, hair = _ground(design, *ground), _hair_masks(design)
    of_hair = _far(flat, design.palettes["hair colour"].astype(np.int16), tolerance)  # (n, pixels, colours)
    total = np.einsum("npc,sp->ncs", of_hair, hair, optimize=True)
    total += _beneath(known.rest, _misses(known.rest, flat, tolerance))[:, None, 0, known.rest.hair]
    misses = [_misses(zone, flat, tolerance) for zone in known.zones]
    counts = [
        _beneath(zone, missed) for zone, missed in zip(known.zones, misses, strict=True)
    ]  # (n, candidates, masks)
    for zone, count in zip(known.zones, counts, strict=True):
        total += count.min(1)[:, None, zone.hair]
    best = total.reshape(len(flat), -1).min(1)
    fits = total == best[:, None, None]
    table[rows, design.column("background")], table[rows, design.column("skin")] = ground
    table[rows, design.column("hair colour")] = _one(fits.any(2))
    table[rows, design.column("hair")] = _one(fits.any(1))
    style = fits.any(1).argmax(1)
    for zone, count in zip(known.zones, counts, strict=True):
        under = np.take_along_axis(count, zone.hair[style][:, None, None], 2)[..., 0]  # (n, candidates)
        _fill(zone, under == under.min(1, keepdims=True), table, rows)
    return np.asarray(best, np.int64)


def _fill(zone: Zone, fits: Flags, table: U8, rows: NDArray[np.intp]) -> None:
    """The attributes of `zone` where the candidates `fits` (n, candidates) do best."""
    for i, column in enumerate(zone.columns):
        values = zone.values[:, i]
        levels = np.unique(values)
        table[rows, column] = levels[0]
        any_fits = np.stack([(fits & (values == level)).any(1) for level in levels], 1)
        table[rows, column] = np.where(any_fits.sum(1) == 1, levels[any_fits.argmax(1)], HIDDEN)


def _one(fits: Flags) -> U8:
    """The one column that is true in each row, `HIDDEN` where there are several."""
    return np.where(fits.sum(1) == 1, fits.argmax(1), HIDDEN).astype(np.uint8)


def _far(pixels: Levels, colours: Levels, tolerance: float) -> F32:
    """1 where `pixels` (n, P, 3) are further than `tolerance` from `colours` (C, 3) in a channel: (n, P, C)."""
    far = abs(pixels[:, :, None, 0] - colours[:, 0]) > tolerance
    for channel in (1, 2):
        far |= abs(pixels[:, :, None, channel] - colours[:, channel]) > tolerance
    return far.astype(np.float32)


def _misses(zone: Zone, flat: Levels, tolerance: float) -> F32:
    """Wrong pixels of every candidate: (n, candidates, P)."""
    far = _far(flat[:, zone.pixels], zone.colours, tolerance)
    return far[:, np.arange(len(zone.pixels)), zone.shown]


def _beneath(zone: Zone, misses: F32) -> F32:
    """How many of them every shape of hair leaves to see: (n, candidates, masks)."""
    return misses @ (1 - zone.masks).T


def _grounds_of(design: Design, flat: Levels, tolerance: float) -> NDArray[np.intp]:
    """Background and skin of each picture, (N, 2): those that most of the pixels that nothing covers are near to."""
    found = []
    for name, pixels, colours in _uncovered(design):
        far = abs(flat[:, pixels, None] - colours[None]).max(-1).astype(np.float32)  # (N, P, values)
        score = (far > tolerance).sum(1) + far.mean(1) / 256
        assert name in ("background", "skin")
        found.append(score.argmin(1))
    return np.stack(found, 1)


@lru_cache(maxsize=4)
def _uncovered(design: Design) -> tuple[tuple[str, NDArray[np.intp], Levels], ...]:
    """For background and skin: the pixels that no part covers, and (P, values, 3) what they are in each colour."""
    covered = np.any([layer.touched for (part, _), layer in design.layers.items() if part != "skin"], axis=0)
    skin = design.layers["skin", ""]
    free = {"background": ~covered & ~skin.touched, "skin": ~covered & (skin.keep == 0)}
    found = []
    for name, mask in free.items():
        pixels = np.flatnonzero(mask)
        colours = design.palettes[name][None]
        own = np.ones(len(pixels)) if name == "background" else skin.own.reshape(-1)[pixels]
        add = np.zeros(len(pixels)) if name == "background" else skin.add.reshape(-1)[pixels]
        found.append((name, pixels, np.rint(own[:, None, None] * colours + add[:, None, None]).astype(np.int16)))
    return tuple(found)


@lru_cache(maxsize=4)
def _hair_masks(design: Design) -> F32:
    """Pixels that the hair of each style covers, (styles, 256)."""
    return np.stack([design.layers["hair", v].touched.reshape(-1) for v in design.attributes["hair"]]).astype(
        np.float32
    )


@lru_cache(maxsize=64)
def _ground(design: Design, background: int, skin: int) -> Ground:
    canvas = np.broadcast_to(design.palettes["background"][background], (SIDE, SIDE, 3))
    canvas = design.layers["skin", ""].over(canvas, design.palettes["skin"][skin])
    groups = (("eyes", "glasses"), ("mouth",), ("clothing",))
    zones = tuple(_zone(design, canvas, parts) for parts in groups)
    rest = np.setdiff1d(np.arange(PIXELS), np.concatenate([zone.pixels for zone in zones]))
    return Ground(zones, _made(design, (), rest, canvas.reshape(1, PIXELS, 3)[:, rest], np.zeros((1, 0), np.uint8)))


def _zone(design: Design, canvas: F64, parts: tuple[str, ...]) -> Zone:
    """The zone of `parts` on `canvas`: every combination of their values and colours is a candidate."""
    touched = [layer.touched for (part, _), layer in design.layers.items() if part in parts]
    pixels = np.flatnonzero(np.any(touched, axis=0))
    columns = tuple(i for i, name in enumerate(design.names) if name.removesuffix(" colour") in parts)
    pictures, values = [], []
    for chosen in product(*(_choices(design, part) for part in parts)):
        picture = canvas
        for part, (value, colour) in zip(parts, chosen, strict=True):
            picture = _over(design, picture, part, value, colour)
        pictures.append(picture.reshape(PIXELS, 3)[pixels])
        of = {
            f"{part}{suffix}": number
            for part, pair in zip(parts, chosen, strict=True)
            for suffix, number in zip(("", " colour"), pair, strict=True)
        }
        values.append([of[design.names[column]] for column in columns])
    return _made(design, columns, pixels, np.array(pictures), np.array(values, np.uint8))


def _choices(design: Design, part: str) -> Iterator[tuple[int, int]]:
    """Value and colour of `part`, in every combination; what is not there has no colour."""
    colours = len(design.palettes[f"{part} colour"]) if part != "eyes" else 1
    for number, value in enumerate(design.attributes[part]):
        yield from ((number, HIDDEN),) if value == NONE else ((number, colour) for colour in range(colours))


def _over(design: Design, under: F64, part: str, value: int, colour: int) -> F64:
    name = design.attributes[part][value]
    if name == NONE:
        return under
    shade = design.eye_colour if part == "eyes" else design.palettes[f"{part} colour"][colour]
    return design.layers[part, name].over(under, shade)


def _made(design: Design, columns: tuple[int, ...], pixels: NDArray[np.intp], pictures: F64, values: U8) -> Zone:
    """A zone of the candidates `pictures` (candidates, P, 3)."""
    rounded = np.rint(pictures).astype(np.int16)
    colours, shown = np.unique(rounded.reshape(-1, 3), axis=0, return_inverse=True)
    masks, hair = np.unique(_hair_masks(design)[:, pixels], axis=0, return_inverse=True)
    return Zone(columns, pixels, colours, shown.reshape(rounded.shape[:2]), values, hair.reshape(-1), masks)
