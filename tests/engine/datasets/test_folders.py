"""Folders as people have them: each picture is read, or it is said that it is not."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from diffviz.domain.errors import DataUnsuitable
from diffviz.engine.datasets import TrainingSet, headline, load, summary

RAMP = (np.arange(256) % 256).astype(np.uint8).reshape(16, 16)


def fill(folder: Path, n: int = 3, suffix: str = "png") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(n):
        Image.fromarray(np.roll(RAMP, i)).save(folder / f"{i:03}.{suffix}")
    return folder


def counts(data: TrainingSet) -> dict[str, int]:
    found: dict[str, int] = summary(data)["classes"]
    return found


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    for name in ("cat", "dog", ".cache", "__MACOSX"):
        fill(tmp_path / name)
    (tmp_path / "cat/._000.png").write_bytes(b"\0\5\x16\7" + bytes(120))
    for name in ("Thumbs.db", "desktop.ini", ".DS_Store"):
        (tmp_path / "dog" / name).write_bytes(b"nothing")
    data = load(tmp_path)
    assert counts(data) == {"cat": 3, "dog": 3}
    assert data.notes == ()
    assert data.passed_over == ("6 hidden files are passed over.",)


def test_pictures_deeper_than_a_class_folder_are_read_as_of_that_class(tmp_path: Path) -> None:
    fill(tmp_path / "cat/sub/more", 4)
    fill(tmp_path / "dog", 2)
    data = load(tmp_path)
    assert counts(data) == {"cat": 4, "dog": 2}
    assert data.notes[0].startswith("4 of 6 pictures lie deeper")


def test_pictures_beside_class_folders_are_left_out_with_a_word_or_refused(tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        fill(tmp_path / name)
    fill(tmp_path, 2)
    data = load(tmp_path)
    assert counts(data) == {"cat": 3, "dog": 3}
    assert data.notes[0].startswith("2 of 8 pictures lie beside")
    fill(tmp_path, 7)
    with pytest.raises(DataUnsuitable, match="7 of 13"):
        load(tmp_path)


def test_one_folder_beside_pictures_is_no_class(tmp_path: Path) -> None:
    fill(tmp_path)
    fill(tmp_path / "old", 2)
    data = load(tmp_path)
    assert (len(data), data.classes) == (3, ())
    assert data.notes[0].startswith("2 of 5 pictures lie in the folder old")


def test_endings_say_nothing_about_what_can_be_read(tmp_path: Path) -> None:
    fill(tmp_path, 2)
    fill(tmp_path / "other", 3, "pgm")
    for i, path in enumerate(sorted((tmp_path / "other").iterdir())):
        path.rename(tmp_path / f"{i}.{('pgm', 'weird', '')[i]}")
    (tmp_path / "other").rmdir()
    (tmp_path / "labels.csv").write_text("name,label\n")
    data = load(tmp_path)
    assert len(data) == 5
    assert data.passed_over == ("1 file is no picture and is passed over: labels.csv.",)


def test_a_picture_that_is_not_read_here_is_named(tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    with pytest.raises(DataUnsuitable) as caught:
        load(tmp_path)
    assert caught.value.path.name == "IMG_1.HEIC"


@pytest.mark.parametrize(("train", "test"), [("train", "test"), ("Training", "VAL"), ("TRAIN", "validation")])
def test_parts_have_their_names_in_any_case_and_their_synonyms(tmp_path: Path, train: str, test: str) -> None:
    for part, n in ((train, 3), (test, 2)):
        for name in ("b", "a"):
            fill(tmp_path / part / name, n)
    assert counts(load(tmp_path)) == {"a": 3, "b": 3}
    assert counts(load(tmp_path, "test")) == {"a": 2, "b": 2}


def test_of_two_parts_to_test_with_the_other_one_is_said_not_to_be_used(tmp_path: Path) -> None:
    for part, n in (("train", 3), ("val", 2), ("test", 1)):
        fill(tmp_path / part, n)
    data = load(tmp_path, "test")
    assert len(data) == 1
    assert data.passed_over == ("Not used: val.",)


def test_train_among_others_is_a_class(tmp_path: Path) -> None:
    for name in ("bus", "car", "train", "test"):
        fill(tmp_path / name)
    assert load(tmp_path).classes == ("bus", "car", "test", "train")
    with pytest.raises(DataUnsuitable):
        load(tmp_path, "test")


def test_a_folder_around_it_all_changes_nothing(tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        fill(tmp_path / "archive/data" / name)
    assert load(tmp_path).classes == ("cat", "dog")


def test_classes_are_in_the_order_in_which_people_count(tmp_path: Path) -> None:
    for name in range(11):
        fill(tmp_path / str(name), 1)
    data = load(tmp_path)
    assert data.classes == tuple(map(str, range(11)))
    assert data.labels.tolist() == list(range(11))


def test_a_part_numbers_its_classes_as_the_training_part_does(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        fill(tmp_path / "train" / name)
    fill(tmp_path / "test/c")
    data = load(tmp_path, "test")
    assert (data.classes, set(data.labels.tolist())) == (("a", "b", "c"), {2})
    fill(tmp_path / "test/unheard-of")
    with pytest.raises(DataUnsuitable, match="unheard-of"):
        load(tmp_path, "test")


def test_grey_stays_grey_with_a_palette_and_with_opacity(tmp_path: Path) -> None:
    fill(tmp_path)
    Image.fromarray(RAMP).convert("P").save(tmp_path / "palette.png")
    Image.fromarray(RAMP).convert("LA").save(tmp_path / "opacity.png")
    Image.fromarray(RAMP).convert("RGBA").save(tmp_path / "four.png")
    data = load(tmp_path)
    assert data.shape == (1, 16, 16)
    np.testing.assert_array_equal(data.images[-3:, 0], [RAMP] * 3)
    coloured = Image.fromarray(np.stack([RAMP, RAMP.T, RAMP], -1)).quantize(16)
    coloured.save(tmp_path / "coloured.png")
    assert load(tmp_path).shape == (3, 16, 16)


def test_grey_saved_in_colour_is_said(tmp_path: Path) -> None:
    Image.fromarray(RAMP).convert("RGB").save(tmp_path / "a.png")
    data = load(tmp_path)
    assert data.shape == (3, 16, 16)
    assert "Every picture is grey" in data.notes[0]


def test_twelve_bits_have_one_scale_for_all_pictures(tmp_path: Path) -> None:
    for name, top in (("a", 4095), ("b", 600)):
        Image.fromarray(np.full((8, 8), top, np.uint16)).save(tmp_path / f"{name}.tif")
    data = load(tmp_path)
    assert [int(image.max()) for image in data.images] == [255, 37]
    assert "12 bits" in data.notes[0]


def test_pictures_of_other_sizes_are_fitted_with_a_word(tmp_path: Path) -> None:
    fill(tmp_path)
    Image.new("L", (32, 20)).save(tmp_path / "z.png")
    data = load(tmp_path)
    assert data.shape == (1, 16, 16)
    assert data.notes[0].startswith("1 of 4 pictures is not 16 × 16")
    assert load(tmp_path, size=8).notes == ()


def test_a_models_shape_is_taken(tmp_path: Path) -> None:
    fill(tmp_path)
    assert load(tmp_path, shape=(3, 8, 4)).shape == (3, 8, 4)
    Image.new("RGB", (16, 16), (9, 0, 0)).save(tmp_path / "z.png")
    with pytest.raises(DataUnsuitable, match="colour"):
        load(tmp_path, shape=(1, 16, 16))


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
def test_a_link_in_a_circle_is_walked_through_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        fill(tmp_path / name)
    (tmp_path / "a/loop").symlink_to(tmp_path)
    assert counts(load(tmp_path)) == {"a": 3, "b": 3}


def test_a_name_that_no_card_keeps_is_refused(tmp_path: Path) -> None:
    for name in ("a", "b\x07"):
        fill(tmp_path / name)
    with pytest.raises(DataUnsuitable):
        load(tmp_path)


@pytest.mark.parametrize(("name", "why"), [("one.png", "one picture"), ("a.zip", "unpack"), ("a.txt", "neither")])
def test_a_file_that_is_no_data_is_told_apart(tmp_path: Path, name: str, why: str) -> None:
    path = tmp_path / name
    if name == "one.png":
        Image.fromarray(RAMP).save(path)
    else:
        path.write_text("nothing of the kind")
    with pytest.raises(DataUnsuitable) as caught:
        load(path)
    assert why in caught.value.reason


def test_the_headline_shows_few_of_many_classes(tmp_path: Path) -> None:
    for i in range(15):
        fill(tmp_path / f"class {i}", 1 + i % 2)
    assert headline(load(tmp_path)).endswith("class 11: 2 and 3 more, from 1 to 2 pictures each)")
