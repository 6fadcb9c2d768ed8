"""Arrays as people save them: read where their meaning is plain, else refused with what was found."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from diffviz.domain.errors import DataUnsuitable
from diffviz.engine.datasets import load, part

IMAGES = (np.arange(20 * 256) % 256).astype(np.uint8).reshape(20, 16, 16)
LABELS = np.arange(20) % 10
DIGITS = tuple(map(str, range(10)))


def saved(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (LABELS, DIGITS),
        (LABELS[:, None], DIGITS),
        (LABELS[None], DIGITS),
        (np.eye(10)[LABELS], DIGITS),
        (np.eye(10, dtype=bool)[LABELS], DIGITS),
        (LABELS.astype(float), DIGITS),
        (LABELS % 2 == 0, ("0", "1")),
        (np.where(LABELS % 2, 1, -1), ("-1", "1")),
        (LABELS * 5000 + 7, tuple(str(n * 5000 + 7) for n in range(10))),
        (np.array([f"no {n + 1}" for n in LABELS]), tuple(f"no {n + 1}" for n in range(10))),
        (np.array([b"yes", b"no"])[LABELS % 2], ("no", "yes")),
    ],
)
def test_labels_are_understood(tmp_path: Path, labels: Any, classes: tuple[str, ...]) -> None:
    data = load(saved(tmp_path / "a.npz", images=IMAGES, labels=labels))
    assert data.classes == classes
    if len(classes) == 10:
        np.testing.assert_array_equal(data.labels, LABELS)


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        (3, "one value"),
        (LABELS[:7], r"\(7,\)"),
        (LABELS - 1, "-1"),
        (LABELS / 4, "0.25"),
        (np.full(20, np.nan), "neither"),
        (np.ones((20, 3)), "one-hot"),
        (np.arange(20) * 5000 + 7, "label of its own"),
        (np.array([{"a": 1}] * 20, object), "pickled"),
        (np.array(["x" * 300] * 20), "300 characters"),
    ],
)
def test_labels_that_cannot_be_understood_are_refused(tmp_path: Path, labels: Any, why: str) -> None:
    with pytest.raises(DataUnsuitable, match=why):
        load(saved(tmp_path / "a.npz", images=IMAGES, labels=labels))


def test_more_classes_than_can_be_learnt(tmp_path: Path) -> None:
    images = np.zeros((3000, 5, 5), np.uint8)
    with pytest.raises(DataUnsuitable, match="1,500 classes"):
        load(saved(tmp_path / "a.npz", images=images, labels=np.arange(3000) // 2))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (IMAGES / 255, IMAGES[:, None]),
        ((IMAGES / 127.5 - 1).astype(np.float32), IMAGES[:, None]),
        (IMAGES.astype(float), IMAGES[:, None]),
        (IMAGES.astype(np.int64), IMAGES[:, None]),
        (IMAGES.astype(np.uint16) * 257, IMAGES[:, None]),
        (IMAGES > 127, (IMAGES[:, None] > 127) * 255),
        ((IMAGES > 127).astype(np.uint8), (IMAGES[:, None] > 127) * 255),
        (IMAGES[..., None], IMAGES[:, None]),
        (IMAGES[:, None], IMAGES[:, None]),
        (np.stack([IMAGES, IMAGES // 2, IMAGES], -1), np.stack([IMAGES, IMAGES // 2, IMAGES], 1)),
        (np.stack([IMAGES, IMAGES // 2, IMAGES], 1), np.stack([IMAGES, IMAGES // 2, IMAGES], 1)),
    ],
)
def test_pictures_of_any_layout_and_any_kind_of_number(tmp_path: Path, values: Any, expected: Any) -> None:
    data = load(saved(tmp_path / "a.npz", images=values, labels=LABELS))
    np.testing.assert_array_equal(data.images, expected)


def test_a_fourth_channel_is_opacity_over_black(tmp_path: Path) -> None:
    white, half = np.full((20, 8, 8, 3), 255, np.uint8), np.full((20, 8, 8, 1), 128, np.uint8)
    data = load(saved(tmp_path / "a.npz", images=np.concatenate([white, half], -1)))
    assert data.shape == (3, 8, 8)
    assert (data.images == 128).all()
    assert "opacity" in data.notes[0]


@pytest.mark.parametrize("shape", [(16, 16, 3), (16, 16), (20, 16, 16, 2), (20, 784), (0, 16, 16), (2, 2, 2, 2, 2)])
def test_arrays_that_are_no_pictures_are_refused_with_their_shape(tmp_path: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(DataUnsuitable) as caught:
        load(saved(tmp_path / "a.npz", images=np.zeros(shape, np.uint8)))
    assert str(shape) in caught.value.reason


@pytest.mark.parametrize(
    "keys",
    [
        "images labels",
        "x_train y_train",
        "X y",
        "train_images train_labels",
        "arr_0 arr_1",
        "trainX trainy",
        "some other",
    ],
)
def test_names_of_arrays(tmp_path: Path, keys: str) -> None:
    data = load(saved(tmp_path / "a.npz", **dict(zip(keys.split(), (IMAGES, LABELS), strict=True))))
    np.testing.assert_array_equal(data.labels, LABELS)
    assert bool(data.notes) == (keys == "some other")


def test_both_parts_in_one_file(tmp_path: Path) -> None:
    parts = {"x_train": IMAGES, "y_train": LABELS, "x_test": IMAGES[:3], "y_test": LABELS[:3], "x_val": IMAGES[:2]}
    path = saved(tmp_path / "a.npz", **parts)
    assert (len(load(path)), len(load(path, "test"))) == (20, 3)
    assert load(path).passed_over == ("Not used: x_val.",)


def test_images_alone_have_no_classes_and_what_is_not_used_is_said(tmp_path: Path) -> None:
    data = load(saved(tmp_path / "a.npz", images=IMAGES, weights=np.ones(5)))
    assert data.classes == ()
    assert data.passed_over == ("Not used: weights.",)


def test_several_candidates_are_listed(tmp_path: Path) -> None:
    with pytest.raises(DataUnsuitable, match=r"“left” uint8 \(20, 16, 16\), “right”"):
        load(saved(tmp_path / "a.npz", left=IMAGES, right=IMAGES))


def test_names_of_classes_beside_the_labels(tmp_path: Path) -> None:
    names = [f"thing {i}" for i in range(10)]
    assert load(saved(tmp_path / "a.npz", images=IMAGES, labels=LABELS, classes=names)).classes == tuple(names)


def test_npy_files_alone_and_in_a_folder(tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", IMAGES)
    assert load(tmp_path / "images.npy").classes == ()
    np.save(tmp_path / "labels.npy", LABELS)
    assert load(tmp_path).classes == DIGITS
    assert load(tmp_path).name == tmp_path.name


@pytest.mark.parametrize("colour", [False, True])
def test_a_size_is_kept_to_as_for_files(tmp_path: Path, colour: bool) -> None:
    images = np.stack([IMAGES] * 3, -1) if colour else IMAGES
    data = load(saved(tmp_path / "a.npz", images=images), size=8)
    (tmp_path / "files").mkdir()
    for i, picture in enumerate(images):
        Image.fromarray(picture).save(tmp_path / f"files/{i:02}.png")
    np.testing.assert_array_equal(data.images, load(tmp_path / "files", size=8).images)


def test_what_does_not_fit_into_memory_is_refused_before_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "a.npz", images=IMAGES)
    monkeypatch.setattr(part, "available_bytes", lambda: 1000)
    with pytest.raises(DataUnsuitable, match="GB"):
        load(path)


def claiming(shape: tuple[int, ...], size: int) -> bytes:
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return head.getvalue() + bytes(size)


def test_a_header_that_promises_more_than_there_is(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("images.npy", claiming((1 << 30, 1 << 10, 1 << 10), 100))
    (tmp_path / "a.npy").write_bytes(claiming((1 << 30, 1 << 10, 1 << 10), 100))
    for name in ("a.npz", "a.npy"):
        with pytest.raises(DataUnsuitable, match="cut short"):
            load(tmp_path / name)


@pytest.mark.parametrize("name", ["a.npz", "a.npy"])
@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"\x93NUMPY\x09\x09", b"\x93NUMPY\x01\x00\x10\x00" + b"(" * 16]
)
def test_damaged_arrays(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataUnsuitable):
        load(tmp_path / name)
