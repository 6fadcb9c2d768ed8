"""`diffviz export --beside`: runs beside each other in one file, without a window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from diffviz.domain.provenance import encoded
from diffviz.domain.requests import ReverseRequest
from diffviz.export.reading import read_record
from tests.cli.conftest import run_export as run

QUICK = ["--steps", "4", "--samples", "2", "--scale", "1", "--quiet"]


def reverse(out: Path, *more: object) -> int:
    return run("reverse", out, "--model", "toy", *QUICK, *more)


def seeds(path: Path) -> list[int]:
    record = read_record(path)
    return [record.request.seed, *(each.request.seed for each in record.beside)]


def width(path: Path) -> int:
    with Image.open(path) as image:
        return image.size[0]


def test_words_say_what_differs(toy: str, tmp_path: Path) -> None:
    assert reverse(tmp_path / "one.png") == 0
    out = tmp_path / "o.png"
    assert reverse(out, "--beside", "--seed 7", "--beside", "--steps 8 --sampler ddpm", "--beside=--seed=9") == 0
    assert seeds(out) == [42, 7, 42, 9]
    other = read_record(out).beside[1].request
    assert isinstance(other, ReverseRequest)
    assert (other.steps, other.samples, other.model) == (8, 2, toy)
    assert width(out) > 4 * width(tmp_path / "one.png")


def test_a_run_of_another_kind_is_said_whole(toy: str, tmp_path: Path) -> None:
    out = tmp_path / "o.gif"
    words = "forward --dataset fashion --index 3 --timesteps 100 --every 50"
    assert run("reverse", out, "--model", toy, *QUICK, "--beside", words.removesuffix(" --every 50")) == 0
    assert type(read_record(out).beside[0].request).__name__ == "ForwardRequest"


@pytest.mark.parametrize("inline", [True, False])
def test_a_file_or_its_settings_stand_beside(toy: str, tmp_path: Path, inline: bool) -> None:
    first = tmp_path / "first.png"
    assert reverse(first, "--seed", "3") == 0
    source = encoded(read_record(first)) if inline else str(first)
    out = tmp_path / "o.webp"
    assert reverse(out, "--beside", source) == 0
    assert seeds(out) == [42, 3]


def test_a_file_of_several_runs_is_computed_again_with_all(toy: str, tmp_path: Path) -> None:
    first, again = tmp_path / "a.png", tmp_path / "b.png"
    assert reverse(first, "--beside", "--seed 7", "--caption") == 0
    assert run("again", first, again, "--quiet", "--scale", "1", "--caption") == 0
    assert first.read_bytes() == again.read_bytes()


def test_titles_are_given_kept_and_come_back(toy: str, tmp_path: Path) -> None:
    first, again = tmp_path / "a.png", tmp_path / "b.png"
    assert reverse(first, "--beside", "--seed 7", "--title", "", "--title", "with other noise") == 0
    record = read_record(first)
    assert (record.title, record.beside[0].title) == ("", "with other noise")
    assert run("again", first, again, "--quiet", "--scale", "1") == 0
    assert first.read_bytes() == again.read_bytes()
    assert run("again", first, again, "--quiet", "--scale", "1", "--title", "mine") == 0
    assert (read_record(again).title, read_record(again).beside[0].title) == ("mine", "with other noise")
    assert first.read_bytes() != again.read_bytes()


def test_where_one_run_of_several_is_taken_that_is_said(
    toy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = tmp_path / "both.png"
    assert reverse(both, "--beside", "--seed 7") == 0
    assert "shows" not in capsys.readouterr().err
    assert run("again", both, tmp_path / "o.npz", "--quiet", "--json") == 0
    written = capsys.readouterr()
    assert f"{both} shows 2 runs" in written.err
    assert '"runs": 1' in written.out
    assert reverse(tmp_path / "o.png", "--beside", both) == 0
    assert f"{both} shows 2 runs" in capsys.readouterr().err
    assert seeds(tmp_path / "o.png") == [42, 42]


@pytest.mark.parametrize(
    ("more", "name", "said"),
    [
        (["--beside", "--seed 1"] * 4, "o.gif", "up to 3"),
        (["--beside", "nowhere.gif"], "o.gif", "nowhere.gif"),
        (["--beside", "gan --steps 10"], "o.gif", "step, t"),
        (["--beside", "--nothing 1"], "o.gif", "nothing"),
        (["--beside", "--seed no"], "o.gif", "seed"),
        (["--beside", "--seed '5"], "o.gif", "quotation"),
        (["--beside", ""], "o.gif", "empty"),
        (["--beside=--help"], "o.gif", "help"),
        (["--beside", "--beside a.gif --seed 3"], "o.gif", "once for each"),
        (["--beside", "--title x --seed 3"], "o.gif", "once for each"),
        (["--title", "x"], "o.gif", "--beside"),
        (["--beside", "--seed 1", *["--title", "x"] * 3], "o.gif", "--beside"),
    ],
)
def test_what_cannot_stand_beside_is_said(
    toy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], name: str, said: str
) -> None:
    assert reverse(tmp_path / name, *more) in (1, 2)
    assert said in capsys.readouterr().err
    assert not (tmp_path / name).exists()


def test_arrays_are_those_of_one_run(toy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("reverse", tmp_path / "o.npz", "--model", toy, "--steps", "4", "--beside", "--seed 1") == 2
    assert "one run" in capsys.readouterr().err
