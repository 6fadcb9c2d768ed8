"""Pictures of the screen: read, written small, compared, and how two differ.

What another processor makes of the same screen differs by a level here and there, and by nothing that can be seen;
what has moved, gone or got another colour differs by more, in many pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from diffviz.domain.arrays import U8

KEPT_LEVELS = 8
"""Every so many levels one is kept of each colour: two cannot be told apart by eye, and a file is half as large."""
STRONG, MOST_STRONG = 16, 16
"""Levels of 255 by which a pixel differs strongly, and how many such pixels two pictures of the same may have."""
WEAK, MOST_WEAK = 6, 0.0005
"""Levels by which a pixel differs at all, and the share of all pixels that may."""


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """How two pictures differ: why they are not the same, empty where they are, and where, bool (H, W)."""

    why: str
    where: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def read(path: Path) -> U8:
    """The picture in `path`, (H, W, 3)."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def rounded(pixels: U8) -> U8:
    """`pixels` in the levels that are kept."""
    near = (pixels.astype(np.int16) + KEPT_LEVELS // 2) // KEPT_LEVELS * KEPT_LEVELS
    return np.minimum(near, 255).astype(np.uint8)


def write(pixels: U8, path: Path) -> None:
    """Write `pixels`, (H, W, 3), as a small PNG: with a palette where their colours fit into one."""
    picture = Image.fromarray(pixels)
    colours = picture.getcolors(256)
    if colours is not None:
        picture = picture.quantize(len(colours), dither=Image.Dither.NONE)
    picture.save(path, optimize=True)


def compare(now: U8, before: U8) -> Difference:
    """How `now` differs from `before`, both (H, W, 3); the latter may be `rounded`."""
    if now.shape != before.shape:
        (height, width), (high, wide) = now.shape[:2], before.shape[:2]
        why = f"it is {width} × {height} pixels large, and was {wide} × {high}"
        return Difference(why, np.ones(before.shape[:2], bool))
    if np.array_equal(rounded(now), before):
        return Difference("", np.zeros(before.shape[:2], bool))
    levels = np.abs(now.astype(np.int16) - before).max(axis=2)
    strong, weak = int((levels > STRONG).sum()), float((levels > WEAK).mean())
    where = levels > WEAK
    if strong > MOST_STRONG:
        return Difference(f"{strong:,} pixels differ strongly, {_place(levels > STRONG)}", where)
    if weak > MOST_WEAK:
        return Difference(f"{100 * weak:.2f} % of the pixels differ, {_place(where)}", where)
    return Difference("", where)


def marked(now: U8, difference: Difference) -> U8:
    """`now` paled, with what differs in red."""
    shown = now if now.shape[:2] == difference.where.shape else np.zeros((*difference.where.shape, 3), np.uint8)
    pale = (shown // 3 + 60).astype(np.uint8)
    return np.asarray(np.where(difference.where[..., None], np.array([255, 40, 40], np.uint8), pale), np.uint8)


def _place(where: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> str:
    rows, columns = np.flatnonzero(where.any(axis=1)), np.flatnonzero(where.any(axis=0))
    return f"within ({columns[0]}, {rows[0]}) … ({columns[-1]}, {rows[-1]})"
