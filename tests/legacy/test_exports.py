"""Exported files of every format carry their run, which computes again what they show."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from diffviz import paths
from tests.legacy.program import FOLDER, MODELS, TOLERANCE, command, read_record

EXPORTS = FOLDER / "exports"
SEQUENCE = "sequence/frame_0003.png"
PICTURED = ("run.gif", "run.apng", "run.webp", "run.png", SEQUENCE, "sheet.png")
OF_THE_RUN = (*PICTURED, "run.mp4", "plot.png", "plot.svg", "run.npz", "run.csv")
OTHERS = ("forward", "path", "gan", "objective", "planar")
Again = Callable[[str], dict[str, NDArray[Any]]]


@pytest.fixture
def again(home: Path, tmp_path: Path) -> Again:
    """Computes the run inside a file once more, by the command line; its arrays."""
    shutil.copytree(MODELS, paths.user_models())

    def computed(name: str) -> dict[str, NDArray[Any]]:
        out = tmp_path / "again.npz"
        assert command("export", "again", EXPORTS / name, out, "--quiet", "--device", "cpu") == 0
        return arrays(out)

    return computed


def arrays(path: Path) -> dict[str, NDArray[Any]]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files if not name.endswith("json")}


def same(made: dict[str, NDArray[Any]], stored: dict[str, NDArray[Any]]) -> None:
    assert len(stored) > 4
    for name, array in stored.items():
        np.testing.assert_allclose(made[name], array, TOLERANCE, TOLERANCE, err_msg=name)


def test_all_files_of_one_run_carry_the_same_request() -> None:
    wanted = read_record(EXPORTS / "run.npz")
    assert (wanted.device, wanted.versions["diffviz"]) == ("cpu", "0.1.0")
    for name in OF_THE_RUN:
        record = read_record(EXPORTS / name)
        assert (record.request, record.models) == (wanted.request, wanted.models)


@pytest.mark.parametrize("name", OF_THE_RUN)
def test_the_run_in_a_file_computes_as_it_did(name: str, again: Again) -> None:
    same(again(name), arrays(EXPORTS / "run.npz"))


@pytest.mark.parametrize("name", OTHERS)
def test_runs_of_other_families_compute_as_they_did(name: str, again: Again) -> None:
    same(again(f"{name}.csv"), arrays(EXPORTS / f"{name}.npz"))
    assert read_record(EXPORTS / f"{name}.csv").request == read_record(EXPORTS / f"{name}.npz").request


@pytest.mark.parametrize("name", [*PICTURED, "seeds.png"])
def test_pictures_show_what_their_run_computes(name: str, again: Again) -> None:
    """The samples at t = 0 stand in the last picture of the file, pixel by pixel."""
    samples = np.rint((again(name)["x_t"][-1, :, 0].clip(-1, 1) + 1) * 127.5)
    with Image.open(EXPORTS / name) as file:
        *_, last = (np.asarray(frame.convert("L"), np.int64) for frame in ImageSequence.Iterator(file))
    for sample in samples:
        assert any(stands_in(last, np.kron(sample, np.ones((k, k)))) for k in (1, 2))


def stands_in(picture: NDArray[Any], part: NDArray[Any]) -> bool:
    """Whether `part` stands somewhere in `picture`, to two grey levels."""
    places = np.lib.stride_tricks.sliding_window_view(picture, part.shape)
    return bool((abs(places - part).max(axis=(2, 3)) <= 2).any())
