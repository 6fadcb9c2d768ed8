"""IDX files under the names that people have them under."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from diffviz.domain.errors import DataUnsuitable
from diffviz.engine.datasets import load, part
from diffviz.engine.datasets.idx import TYPES, read_idx

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 9, 7), dtype=np.uint8)
LABELS = np.array([0, 1, 2, 0, 1, 2], np.uint8)


def idx(values: Any, code: int = 8) -> bytes:
    array = np.asarray(values, TYPES[code])
    return struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape) + array.tobytes()


def write(folder: Path, images: str, labels: str, code: int = 8) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, values in ((images, IMAGES), (labels, LABELS)):
        raw = idx(values, code if values is IMAGES else 8)
        (folder / name).write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
        ("train-images.idx3-ubyte", "train-labels.idx1-ubyte"),
        ("Train_Images.idx3-ubyte.gz", "train_labels.idx1-ubyte.gz"),
        ("kmnist-train-images-idx3-ubyte.gz", "kmnist-train-labels-idx1-ubyte"),
    ],
)
@pytest.mark.parametrize("below", [".", "raw", "FashionMNIST/raw"])
def test_names_and_places(tmp_path: Path, images: str, labels: str, below: str) -> None:
    write(tmp_path / below, images, labels)
    data = load(tmp_path)
    np.testing.assert_array_equal(data.images[:, 0], IMAGES)
    np.testing.assert_array_equal(data.labels, LABELS)


def test_emnist_is_turned_upright_and_its_letters_keep_their_numbers(tmp_path: Path) -> None:
    tmp_path.joinpath("emnist-letters-train-images-idx3-ubyte").write_bytes(idx(IMAGES))
    tmp_path.joinpath("emnist-letters-train-labels-idx1-ubyte").write_bytes(idx(LABELS + 1))
    data = load(tmp_path)
    np.testing.assert_array_equal(data.images[:, 0], IMAGES.transpose(0, 2, 1))
    assert data.classes == ("1", "2", "3")
    assert "turned" in data.notes[-1]


def test_of_several_data_sets_one_is_named(tmp_path: Path) -> None:
    for name in ("emnist-letters", "emnist-digits"):
        write(tmp_path, f"{name}-train-images-idx3-ubyte", f"{name}-train-labels-idx1-ubyte")
    with pytest.raises(DataUnsuitable, match="emnist-digits, emnist-letters"):
        load(tmp_path)
    assert len(load(tmp_path / "emnist-digits-train-images-idx3-ubyte")) == 6
    write(tmp_path / "a/one/raw", "train-images-idx3-ubyte", "train-labels-idx1-ubyte")
    write(tmp_path / "a/two/raw", "train-images-idx3-ubyte", "train-labels-idx1-ubyte")
    with pytest.raises(DataUnsuitable, match="one, two"):
        load(tmp_path / "a")
    assert load(tmp_path / "a/one").name == "one"


def test_a_file_of_any_name_is_its_images(tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(idx(IMAGES))
    data = load(tmp_path / "mine", size=4)
    assert (data.shape, data.classes) == ((1, 4, 4), ())


@pytest.mark.parametrize("code", [0x0B, 0x0C, 0x0D, 0x0E])
def test_numbers_of_every_kind(tmp_path: Path, code: int) -> None:
    write(tmp_path, "train-images-idx3-ubyte", "train-labels-idx1-ubyte", code)
    np.testing.assert_array_equal(load(tmp_path).images[:, 0], IMAGES)


def test_a_header_that_promises_too_much_allocates_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = struct.pack(">HBB3I", 0, 8, 3, 1 << 31, 1 << 15, 1 << 15) + bytes(100)
    for name, data in (("images", raw), ("images.gz", gzip.compress(raw))):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(DataUnsuitable):
            read_idx(tmp_path / name)
    monkeypatch.setattr(part, "available_bytes", lambda: None)
    with pytest.raises(DataUnsuitable, match="cut short"):
        read_idx(tmp_path / "images")
