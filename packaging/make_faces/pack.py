"""Makes the data sets pixel-faces and faces. The same versions of the tools give the same pictures.

    npm ci
    python pack.py pixel-faces                  what ships, into resources/samples
    python pack.py faces --out FOLDER --whole   every picture, into a folder to train on

Each part becomes an .npz file with `images` uint8 (N, H, W, 3), `labels` uint8 (N,), the hair colour, `attributes`
uint8 (N, attributes), in the order and with the values of design.json, 255 being "hidden", and `seeds`, which are those
of make_faces.mjs. Where not all pictures ship, attributes.npz has the tables of all.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parents[1] / "resources" / "samples"
COUNTS = {"train": 60_000, "test": 10_000, "withheld": 5_000}
SEEDS = {"train": 0, "test": 10_000_000, "withheld": 20_000_000}
LABEL = "hair colour"
SHADES = 3


@dataclass(frozen=True)
class Kind:
    """A data set: what it is called, where it comes from, how many pictures of each part ship, and its side."""

    title: str
    source: str
    licence: str
    ships: dict[str, int]
    side: int
    layered: bool = False


KINDS = {
    "pixel-faces": Kind(
        "Pixel faces",
        "DiceBear, Pixel Art (https://www.figma.com/community/file/1198754108850888330), in a reduced design with "
        "palettes of its own (packaging/make_faces)",
        "CC0 1.0",
        COUNTS,
        side=16,
        layered=True,
    ),
    "faces": Kind(
        "Faces",
        "Lisa Wischofsky, Adventurer (https://www.figma.com/community/file/1184595184137881796), by DiceBear, with "
        "palettes of its own (packaging/make_faces)",
        "CC BY 4.0",
        {"train": 4000, "test": 1000, "withheld": 500},
        side=64,
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=tuple(KINDS))
    parser.add_argument("--out", type=Path, help="a folder; that of the samples which ship if left out")
    parser.add_argument("--whole", action="store_true", help="all pictures and not those that ship")
    args = parser.parse_args()
    kind, out = KINDS[args.name], args.out or SAMPLES / args.name
    ships = COUNTS if args.whole else kind.ships
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        design = made_design(args.name, Path(folder), out, layered=kind.layered)
        tables = {part: faces(args.name, part, ships[part], design, Path(folder), out) for part in COUNTS}
    if ships != COUNTS:
        np.savez_compressed(out / "attributes.npz", **tables)
    classes = [f"{value} hair" for value in design["attributes"][LABEL]]
    about = {"name": kind.title, "source": kind.source, "licence": kind.licence, "classes": classes, "labels": LABEL}
    write(out / "dataset.json", {**about, "counts": ships, "shape": [3, kind.side, kind.side]})


def made_design(name: str, folder: Path, out: Path, *, layered: bool) -> dict[str, Any]:
    """Write design.json, and layers.npz beside it, to `out`; the design."""
    node(name, "design", folder / "design.json")
    design = dict(json.loads((folder / "design.json").read_text(encoding="utf-8")))
    if layered:
        node(name, "layers", folder / "layers")
        design["layers"] = json.loads((folder / "layers.json").read_text(encoding="utf-8"))
        side = KINDS[name].side
        grey = np.fromfile(folder / "layers.grey", np.uint8).reshape(-1, SHADES, side, side)
        np.savez_compressed(out / "layers.npz", layers=grey)
    write(out / "design.json", design)
    return design


def faces(name: str, part: str, ships: int, design: dict[str, Any], folder: Path, out: Path) -> NDArray[np.uint8]:
    """Write the first `ships` pictures of `part` to `out`; the attributes of all."""
    base, count, side = folder / part, COUNTS[part], KINDS[name].side
    node(name, "faces", SEEDS[part], count, "withheld" if part == "withheld" else "usual", base)
    attributes = list(design["attributes"])
    images = np.memmap(base.with_suffix(".rgb"), np.uint8, "r").reshape(count, side, side, 3)[:ships]
    table = np.fromfile(base.with_suffix(".attributes"), np.uint8).reshape(count, len(attributes))
    seeds = np.fromfile(base.with_suffix(".seeds"), np.uint32)[:ships]
    labels = np.ascontiguousarray(table[:ships, attributes.index(LABEL)])
    np.savez_compressed(out / f"{part}.npz", images=images, labels=labels, attributes=table[:ships], seeds=seeds)
    base.with_suffix(".rgb").unlink()
    return table


def node(*arguments: object) -> None:
    subprocess.run(["node", HERE / "make_faces.mjs", *map(str, arguments)], check=True)


def write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
