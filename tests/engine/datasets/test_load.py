"""Data is read from every kind of place, and what cannot be trained on is refused with a typed error."""

import gzip
import json
import struct
import weakref
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from diffviz.domain.arrays import U8
from diffviz.domain.errors import DataUnsuitable
from diffviz.engine.datasets import folders, load, to_unit
from diffviz.engine.datasets.idx import read_idx
from diffviz.imaging import read_picture

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (6, 9, 7), dtype=np.uint8)
LABELS = np.array([0, 1, 2, 0, 1, 2], np.uint8)


def idx(array: U8) -> bytes:
    head = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.tobytes()


def write_idx(folder: Path, *, packed: bool, prefix: str = "train") -> None:
    for name, array in ((f"{prefix}-images-idx3-ubyte", IMAGES), (f"{prefix}-labels-idx1-ubyte", LABELS)):
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(idx(array)))
        else:
            (folder / name).write_bytes(idx(array))


@pytest.mark.parametrize("packed", [True, False])
def test_idx_files_plain_and_gzipped(tmp_path: Path, *, packed: bool) -> None:
    write_idx(tmp_path, packed=packed)
    data = load(tmp_path)
    np.testing.assert_array_equal(data.images[:, 0], IMAGES)
    np.testing.assert_array_equal(data.labels, LABELS)
    assert data.shape == (1, 9, 7)
    assert data.classes == ("0", "1", "2")


def test_the_test_split_is_the_other_files(tmp_path: Path) -> None:
    write_idx(tmp_path, packed=True, prefix="t10k")
    assert len(load(tmp_path, "test")) == 6


def test_names_come_from_dataset_json(tmp_path: Path) -> None:
    write_idx(tmp_path, packed=False)
    about = {"name": "Toys", "classes": ["a", "b", "c"], "source": "here", "licence": "MIT"}
    (tmp_path / "dataset.json").write_text(json.dumps(about), encoding="utf-8")
    data = load(tmp_path)
    assert (data.name, data.classes, data.source, data.licence) == ("Toys", ("a", "b", "c"), "here", "MIT")


def test_subfolders_are_classes_and_grey_stays_grey(tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        Image.fromarray(IMAGES[0]).save(tmp_path / name / "a.png")
    data = load(tmp_path, size=8)
    assert data.classes == ("cat", "dog")
    assert data.images.shape == (2, 1, 8, 8)


def test_one_colour_picture_makes_all_colour(tmp_path: Path) -> None:
    Image.fromarray(IMAGES[0]).save(tmp_path / "grey.png")
    Image.fromarray(np.repeat(IMAGES[1][..., None], 3, 2)).save(tmp_path / "colour.png")
    data = load(tmp_path, size=4)
    assert data.images.shape == (2, 3, 4, 4)
    assert data.classes == ()


def test_splits_of_pictures_are_subfolders(tmp_path: Path) -> None:
    for split, images in (("train", IMAGES[:2]), ("test", IMAGES[2:3])):
        (tmp_path / split).mkdir()
        for i, image in enumerate(images):
            Image.fromarray(image).save(tmp_path / split / f"{i}.png")
    assert (len(load(tmp_path)), len(load(tmp_path, "test"))) == (2, 1)


def test_no_test_part(tmp_path: Path) -> None:
    Image.fromarray(IMAGES[0]).save(tmp_path / "a.png")
    with pytest.raises(DataUnsuitable):
        load(tmp_path, "test")


def test_pictures_too_large_to_train_on(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((600, 600), np.uint8)).save(tmp_path / "a.png")
    with pytest.raises(DataUnsuitable):
        load(tmp_path)
    assert load(tmp_path, size=16).shape == (1, 16, 16)


def test_large_pictures_are_held_one_at_a_time(tmp_path: Path) -> None:
    for i in range(12):
        Image.fromarray(np.full((1000, 1000), i, np.uint8)).save(tmp_path / f"{i:02}.png")
    opened: list[weakref.ref[Image.Image]] = []
    most = 0
    decode = read_picture

    def watched(path: Path) -> Image.Image:
        nonlocal most
        picture: Image.Image = decode(path)
        opened.append(weakref.ref(picture))
        most = max(most, sum(ref() is not None for ref in opened))
        return picture

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folders, "read_picture", watched)
        data = load(tmp_path, size=8)
    assert most <= 2
    assert [int(image.mean()) for image in data.images] == list(range(12))


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_is_black(tmp_path: Path, mode: str) -> None:
    picture = Image.new(mode, (4, 4), (255, 255, 255, 0) if mode == "RGBA" else (255, 0))
    picture.save(tmp_path / "a.png")
    assert not load(tmp_path).images.any()


def test_sixteen_bits_keep_their_range(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 32768], [65535, 16384]], np.uint16)).save(tmp_path / "a.png")
    np.testing.assert_allclose(load(tmp_path).images[0, 0], [[0, 128], [255, 64]], atol=1)


def test_a_file_is_what_it_holds_and_not_what_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n")
    with pytest.raises(DataUnsuitable, match=r"a\.png"):
        load(tmp_path)


def test_npz_samples(tmp_path: Path) -> None:
    np.savez(tmp_path / "train.npz", images=IMAGES, labels=LABELS)
    data = load(tmp_path)
    np.testing.assert_array_equal(data.images[:, 0], IMAGES)
    assert load(tmp_path / "train.npz").shape == (1, 9, 7)


def test_unit_range() -> None:
    np.testing.assert_array_equal(to_unit(np.array([0, 255], np.uint8)), [-1, 1])


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(DataUnsuitable):
        load(tmp_path / "missing")
    with pytest.raises(DataUnsuitable):
        load(tmp_path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw[:-3],
        lambda raw: raw[:2],
        lambda raw: b"\x00\x00\x0d\x03" + raw[4:],
        lambda raw: b"PK" + raw[2:],
    ],
)
def test_damaged_idx(tmp_path: Path, damage: object) -> None:
    assert callable(damage)
    path = tmp_path / "images"
    path.write_bytes(damage(idx(IMAGES)))
    with pytest.raises(DataUnsuitable):
        read_idx(path)


def test_gzip_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(idx(IMAGES))[:40])
    with pytest.raises(DataUnsuitable):
        read_idx(path)


def test_images_and_labels_that_do_not_belong_together(tmp_path: Path) -> None:
    write_idx(tmp_path, packed=False)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(LABELS[:4]))
    with pytest.raises(DataUnsuitable):
        load(tmp_path)


def test_a_label_outside_the_classes(tmp_path: Path) -> None:
    write_idx(tmp_path, packed=False)
    (tmp_path / "dataset.json").write_text(json.dumps({"classes": ["only"]}), encoding="utf-8")
    with pytest.raises(DataUnsuitable):
        load(tmp_path)


def test_a_damaged_picture_is_named(tmp_path: Path) -> None:
    Image.fromarray(IMAGES[0]).save(tmp_path / "good.png")
    (tmp_path / "bad.png").write_bytes(b"not a picture")
    with pytest.raises(DataUnsuitable) as caught:
        load(tmp_path, size=8)
    assert caught.value.path.name == "bad.png"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut"])
def test_a_damaged_npz(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "train.npz").write_bytes(content)
    with pytest.raises(DataUnsuitable):
        load(tmp_path)


def test_an_npz_of_pickles_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "train.npz", images=np.array([{"a": 1}], object), labels=np.array([0]))
    with pytest.raises(DataUnsuitable):
        load(tmp_path)
