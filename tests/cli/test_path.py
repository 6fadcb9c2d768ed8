"""`diffviz export path`: between pictures or points, written as a film, and what is wrong said in one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from diffviz import paths
from diffviz.cli import main
from tests.toys import save_vae

SHAPE = (1, 28, 28)


@pytest.fixture(autouse=True)
def models(home: Path) -> None:
    root = paths.user_models()
    save_vae(root, "fashion-vae-2d", SHAPE, dataset="Fashion-MNIST")
    save_vae(root, "toy-ae", SHAPE, kind="ae", dataset="Fashion-MNIST")
    save_vae(root, "deep", SHAPE, latent=3)


def export(*options: str | Path) -> int:
    return main.main(["export", "path", *map(str, options), "--quiet"])


def frames_of(path: Path) -> list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    with Image.open(path) as film:
        found = []
        for number in range(getattr(film, "n_frames", 1)):
            film.seek(number)
            found.append(np.asarray(film.convert("L")))
        return found


def test_a_path_between_two_sample_pictures(tmp_path: Path) -> None:
    out = tmp_path / "path.gif"
    assert export(out, "--frames", "6", "--scale", "1") == 0
    found = frames_of(out)
    assert found[0].shape == (28, 28)
    assert not np.array_equal(found[0], found[-1])


def test_two_models_side_by_side(tmp_path: Path) -> None:
    out = tmp_path / "path.png"
    assert export(out, "--beside", "toy-ae", "--index", "3", "8", "5", "--scale", "1", "--at", "0.5") == 0
    [picture] = frames_of(out)
    assert picture.shape == (28, 57)


def test_a_path_between_points(tmp_path: Path) -> None:
    folder = tmp_path / "film"
    assert export(folder, "--model", "deep", "--z=-1,0,2", "--z=1,1,-1", "--frames", "4", "--curve", "slerp") == 0
    assert len(list(folder.iterdir())) == 4


def test_pictures_of_ones_own(tmp_path: Path) -> None:
    for name in ("a", "b"):
        pixels = np.random.default_rng(ord(name)).integers(0, 255, (40, 30, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    out = tmp_path / "path.gif"
    assert export(out, "--image", tmp_path / "a.png", "--image", tmp_path / "b.png", "--frames", "3") == 0
    assert out.stat().st_size > 0


def test_the_same_command_writes_the_same_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "one.gif", tmp_path / "other.gif"
    for out in (one, other):
        assert export(out, "--index", "1", "2", "--frames", "3") == 0
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--model", "nothing"), "nothing"),
        (("--beside", "nothing"), "nothing"),
        (("--index", "1"), "2 to 4"),
        (("--index", "1", "2", "3", "4", "5"), "2 to 4"),
        (("--z=1,2",), "2 to 4"),
        (("--z=1,2", "--z=1,2,3"), "2 numbers"),
        (("--z=1,x", "--z=1,2"), "2 numbers"),
        (("--z=1,2", "--z=0,0", "--index", "1"), "excludes"),
        (("--frames", "1"), "frames"),
        (("--curve", "spline"), "spline"),
        (("--panes", "eps"), "eps"),
    ],
)
def test_what_is_wrong_is_one_line(
    options: tuple[str, ...], word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = export(tmp_path / "out.gif", *options)
    except SystemExit as ended:
        code = int(str(ended.code))
    said = capsys.readouterr().err.strip()
    assert code in (1, 2)
    assert word in said
    assert len(said.splitlines()) == 1
    assert not (tmp_path / "out.gif").exists()


def test_a_damaged_model_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights = paths.user_models() / "fashion-vae-2d" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:500])
    assert export(tmp_path / "out.gif") == 1
    assert "damaged" in capsys.readouterr().err
    assert not (tmp_path / "out.gif").exists()
