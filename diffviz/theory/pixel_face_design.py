"""Design of the data set pixel-faces: its attributes, its palettes, and the layers that its faces are composed of.

Compositor of pixel faces: draws a face from its attributes, without the renderer that the data were made with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffviz import paths
from diffviz.domain.arrays import F64, U8
from diffviz.domain.errors import DataUnsuitable
from diffviz.domain.serialization import decode, opened, read_bytes, reading

SIDE = 16
HIDDEN = 255
"""Value of an attribute that nothing of the picture shows."""
NONE = "none"
PARTS = ("clothing", "eyes", "glasses", "mouth", "hair")
"""Parts as they are drawn one over the other, the skin below them."""
FOLDER = "pixel-faces"


@dataclass(frozen=True, slots=True, eq=False)
class FaceLayer:
    """One part by itself: over pixels `under` in colour c it makes keep · under + own · c + add.

    `keep`, `own` (16, 16) lie in [0, 1], `add` (16, 16) in [0, 255].
    """

    keep: F64
    own: F64
    add: F64

    def over(self, under: F64, colour: F64) -> F64:
        """`under` (…, 16, 16, 3) with this part in `colour`, (3,) or (…, 1, 1, 3), on top."""
        return self.keep[..., None] * under + self.own[..., None] * colour + self.add[..., None]

    @property
    def touched(self) -> NDArray[np.bool_]:
        """Pixels that it changes, (16, 16)."""
        return self.keep < 1


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Attributes in the order of the tables, with the names of their values; colours and layers by name.

    `withheld` are the pairs of values that no training picture has, as {attribute: value}.
    """

    attributes: Mapping[str, tuple[str, ...]]
    palettes: Mapping[str, F64]
    eye_colour: F64
    layers: Mapping[tuple[str, str], FaceLayer]
    withheld: tuple[Mapping[str, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the attributes."""
        return tuple(self.attributes)

    def column(self, attribute: str) -> int:
        """Column of `attribute` in a table. Raises ValueError where there is none."""
        return self.names.index(attribute)

    def index(self, attribute: str, value: str) -> int:
        """Number of `value` among those of `attribute`. Raises KeyError or ValueError."""
        return self.attributes[attribute].index(value)


def read_design(folder: Path) -> Design:
    """The design in `folder`: design.json and layers.npz, as `packaging/make_faces` writes them.

    Raises `DataUnsuitable`.
    """
    with reading(folder, DataUnsuitable):
        raw = decode(read_bytes(folder / "design.json"))
        with opened(folder / "layers.npz") as kept, np.load(kept, allow_pickle=False) as file:
            black, white, ground = np.moveaxis(file["layers"].astype(np.float64), 1, 0)
        layers = {
            (part, value): FaceLayer((ground[i] - black[i]) / 255, (white[i] - black[i]) / 255, black[i])
            for i, (part, value) in enumerate(raw["layers"])
        }
        palettes = {name: np.array([_rgb(c) for c in of.values()]) for name, of in raw["palettes"].items()}
        attributes = {name: tuple(values) for name, values in raw["attributes"].items()}
        return Design(attributes, palettes, np.array(_rgb(raw["eye colour"])), layers, tuple(raw["withheld"]))


@lru_cache(maxsize=1)
def bundled_design() -> Design:
    """The design that ships with the program."""
    return read_design(paths.resources() / "samples" / FOLDER)


def _rgb(text: Any) -> list[float]:
    return [float(level) for level in bytes.fromhex(text)]


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
