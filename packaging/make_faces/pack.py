"""Makes the data set pixel-faces in resources/samples. The same versions of the tools give the same pictures.

    cd packaging/make_faces && npm ci && python pack.py

Each part becomes an .npz file with `images` uint8 (N, 16, 16, 3), `labels` uint8 (N,), the hair colour, `attributes`
uint8 (N, 11), in the order and with the values of design.json, 255 being "hidden", and `seeds`, which are given to
make_faces.mjs. `--training`, `--held-out` and `--withheld` say how many pictures there are of each.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
OUT = HERE.parents[1] / "resources" / "samples" / "pixel-faces"
PARTS = {
    "train": ("training", 60_000, 0),
    "test": ("held_out", 10_000, 10_000_000),
    "withheld": ("withheld", 5_000, 20_000_000),
}
LABEL = "hair colour"
SHADES, SIDE = 3, 16
ABOUT = {
    "name": "Pixel faces",
    "source": "DiceBear, Pixel Art (https://www.figma.com/community/file/1198754108850888330), "
    "in a reduced design with palettes of its own (packaging/make_faces)",
    "licence": "CC0 1.0",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=OUT)
    for option, count, _ in PARTS.values():
        parser.add_argument(f"--{option.replace('_', '-')}", type=int, default=count)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        design = layers(Path(folder) / "layers", args.out)
        counts = {part: getattr(args, option) for part, (option, _, _) in PARTS.items()}
        for part, count in counts.items():
            faces(Path(folder) / part, part, count, list(design["attributes"]), args.out)
    classes = [f"{value} hair" for value in design["attributes"][LABEL]]
    about = {
        **ABOUT,
        "classes": classes,
        "labels": LABEL,
        "counts": counts,
        "shape": [3, SIDE, SIDE],
    }
    write(args.out / "dataset.json", about)


def layers(base: Path, out: Path) -> dict[str, Any]:
    """Write design.json and layers.npz to `out`; the design."""
    node("layers", base)
    raw = json.loads(base.with_suffix(".json").read_text(encoding="utf-8"))
    grey = np.fromfile(base.with_suffix(".grey"), np.uint8).reshape(-1, SHADES, SIDE, SIDE)
    np.savez_compressed(out / "layers.npz", layers=grey)
    kept = ("palettes", "eye colour", "withheld")
    attributes = {each["name"]: each["values"] for each in raw["attributes"]}
    design = {"attributes": attributes, **{name: raw["design"][name] for name in kept}, "layers": raw["layers"]}
    write(out / "design.json", design)
    return design


def faces(base: Path, part: str, count: int, attributes: list[str], out: Path) -> None:
    """Write `count` pictures of `part` to `out`."""
    node("faces", PARTS[part][2], count, "withheld" if part == "withheld" else "usual", base)
    images = read(base, ".rgb", np.uint8).reshape(count, SIDE, SIDE, 3)
    table = read(base, ".attributes", np.uint8).reshape(count, len(attributes))
    labels = np.ascontiguousarray(table[:, attributes.index(LABEL)])
    arrays = {"images": images, "labels": labels, "attributes": table, "seeds": read(base, ".seeds", np.uint32)}
    np.savez_compressed(out / f"{part}.npz", **arrays)


def node(*arguments: object) -> None:
    subprocess.run(["node", HERE / "make_faces.mjs", *map(str, arguments)], check=True)


def read(base: Path, suffix: str, kind: type) -> NDArray[Any]:
    return np.fromfile(base.with_suffix(suffix), kind)


def write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
