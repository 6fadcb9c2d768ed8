"""Sample pictures are found by their data set's name, read once, and refused where they are damaged."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from diffviz import paths
from diffviz.domain import samples
from diffviz.domain.errors import DataUnsuitable


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data set folder that is the only one there is."""
    made = tmp_path / "resources" / "samples" / "toys"
    made.mkdir(parents=True)
    monkeypatch.setattr(paths, "resources", lambda: tmp_path / "resources")
    (made / "dataset.json").write_text(json.dumps({"name": "Toys", "classes": ["a", "b"]}))
    return made


def save(folder: Path, images: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], labels: list[int]) -> None:
    np.savez(folder / "test.npz", images=images, labels=np.array(labels))


def test_a_data_set_is_found_by_its_name_or_its_folder(folder: Path) -> None:
    save(folder, np.zeros((3, 4, 5), np.uint8), [0, 1, 0])
    assert samples.datasets() == ("Toys",)
    assert samples.has("toys")
    assert not samples.has("dolls")
    data = samples.load("Toys")
    assert data is samples.load("toys")
    assert data.shape == (4, 5)
    assert data.classes == ("a", "b")
    assert list(data.indices(0)) == [0, 2]
    assert data.dark


def test_pictures_of_every_class_come_first(folder: Path) -> None:
    save(folder, np.full((5, 4, 4, 3), 255, np.uint8), [1, 1, 1, 0, 0])
    data = samples.load("Toys")
    assert data.one_of_each(4) == (3, 0, 4, 1)
    assert data.one_of_each(99) == (3, 0, 4, 1, 2)
    assert data.shape == (4, 4, 3)
    assert not data.dark


def test_pictures_cannot_be_changed(folder: Path) -> None:
    save(folder, np.zeros((1, 4, 4), np.uint8), [0])
    with pytest.raises(ValueError, match="read-only"):
        samples.load("Toys").images[0, 0, 0] = 1


def test_a_data_set_that_does_not_exist_is_named() -> None:
    with pytest.raises(DataUnsuitable, match="nothing"):
        samples.load("nothing")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "cannot be read"),
        (b"no zip at all", "cannot be read"),
        (b"PK\x03\x04 cut short", "cannot be read"),
    ],
)
def test_damaged_files_are_refused(folder: Path, content: bytes, reason: str) -> None:
    (folder / "test.npz").write_bytes(content)
    with pytest.raises(DataUnsuitable) as caught:
        samples.load("Toys")
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("images", "labels", "reason"),
    [
        (np.zeros((2, 4, 4), np.float32), [0, 1], "uint8"),
        (np.zeros((2, 4, 4, 2), np.uint8), [0, 1], "uint8"),
        (np.zeros((2, 4, 4), np.uint8), [0], "as many labels"),
        (np.zeros((0, 4, 4), np.uint8), [], "as many labels"),
        (np.zeros((2, 4, 4), np.uint8), [0, 2], "from 0 to 1"),
        (np.array([object()]), [0], "cannot be read"),
    ],
)
def test_unsuitable_contents_are_refused(folder: Path, images: object, labels: list[int], reason: str) -> None:
    np.savez(folder / "test.npz", images=images, labels=np.array(labels, int))  # type: ignore[arg-type]
    with pytest.raises(DataUnsuitable) as caught:
        samples.load("Toys")
    assert reason in caught.value.reason


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_damaged_description_is_refused(folder: Path, text: str) -> None:
    save(folder, np.zeros((1, 4, 4), np.uint8), [0])
    (folder / "dataset.json").write_text(text)
    assert samples.datasets() == ("toys",)
    with pytest.raises(DataUnsuitable):
        samples.load("toys")


def test_the_samples_that_ship_can_be_read() -> None:
    for name in samples.datasets():
        data = samples.load(name)
        assert len(data) >= 1000
        assert len(data.one_of_each(8)) == 8
