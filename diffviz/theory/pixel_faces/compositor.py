"""Compositor of pixel faces: draws a face from its attributes, without the renderer that the data were made with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.arrays import F64, U8
from diffviz.theory.pixel_faces.design import HIDDEN, NONE, PARTS, SIDE, Design

CHUNK = 4096


def drawn(design: Design, table: U8) -> U8:
    """Faces, uint8 (N, 16, 16, 3), of the attributes `table`, (N, attributes).

    A hidden value is drawn as the first one. Within two grey levels of what the renderer draws.
    """
    chunks = [_drawn(design, table[i : i + CHUNK]) for i in range(0, len(table), CHUNK)]
    return np.concatenate(chunks) if chunks else np.zeros((0, SIDE, SIDE, 3), np.uint8)


def _drawn(design: Design, table: U8) -> U8:
    values = {name: np.where(table[:, i] == HIDDEN, 0, table[:, i]) for i, name in enumerate(design.names)}
    ground = design.palettes["background"][values["background"]][:, None, None]
    canvas = np.broadcast_to(ground, (len(table), SIDE, SIDE, 3))
    canvas = design.layers["skin", ""].over(canvas, design.palettes["skin"][values["skin"]][:, None, None])
    for part in PARTS:
        canvas = _with(design, part, values, canvas)
    return np.rint(canvas).clip(0, 255).astype(np.uint8)


def _with(design: Design, part: str, values: dict[str, U8], under: F64) -> F64:
    """`under` with `part` of every face on top."""
    out = under.copy()
    for number, value in enumerate(design.attributes[part]):
        rows = np.flatnonzero(values[part] == number)
        if value != NONE and len(rows):
            out[rows] = design.layers[part, value].over(under[rows], colours(design, part, values, rows))
    return out


def colours(design: Design, part: str, values: dict[str, U8], rows: NDArray[np.intp]) -> F64:
    """Colour of `part` in each of `rows`, (rows, 1, 1, 3)."""
    if part == "eyes":
        return np.broadcast_to(design.eye_colour, (len(rows), 1, 1, 3))
    return design.palettes[f"{part} colour"][values[f"{part} colour"][rows]][:, None, None]
