"""The objective and the plane from the command line."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from diffviz.cli.main import main
from diffviz.domain import samples
from diffviz.domain.planar import ARROWS, CELLS, PlanarRequest
from diffviz.domain.provenance import Record, encoded
from diffviz.domain.requests import Step
from diffviz.domain.sampling import Ddpm, Flow
from diffviz.export.reading import read_record


def test_particles_are_written_as_arrays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "ring.npz"
    options = ["--model", "toy-ring", "--sampler", "dpmpp_2m", "--steps", "12", "--particles", "30"]
    assert main(["export", "planar", str(out), *options, "--quiet", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["frames"] == 13
    with np.load(out) as arrays:
        assert arrays["x"].shape == arrays["learnt_x"].shape == (13, 30, 2)
        assert arrays["score"].shape == (13, ARROWS, ARROWS, 2)
        assert arrays["density"].shape == (13, CELLS, CELLS)
        first = arrays["x"]
    again = tmp_path / "again.npz"
    assert main(["export", "again", str(out), str(again), "--quiet"]) == 0
    with np.load(again) as arrays:
        np.testing.assert_array_equal(arrays["x"], first)


def test_the_density_can_be_chosen(tmp_path: Path) -> None:
    out = tmp_path / "moons.csv"
    options = ["--data", "moons", "--std", "0.3", "--schedule", "linear", "--steps", "4", "--particles", "5"]
    assert main(["export", "planar", str(out), *options, "--quiet"]) == 0
    request = read_record(out).request
    assert getattr(request, "data").std == 0.3  # noqa: B009


@pytest.mark.parametrize("process", [["flow"], ["ve", "--sigma-max", "20"]], ids=["flow", "ve"])
def test_a_process_without_beta_is_computed_and_written_with_its_own_curves(process: list[str], tmp_path: Path) -> None:
    table, film = tmp_path / "p.csv", tmp_path / "p.gif"
    options = ["--schedule", *process, "--spacing", "karras", "--steps", "8", "--particles", "20", "--sampler", "ddpm"]
    assert main(["export", "planar", str(table), *options, "--quiet"]) == 0
    with table.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    assert {"alpha", "sigma", "snr"} <= set(rows[0])
    assert not {"beta", "alpha_bar"} & set(rows[0])
    measured = [row for row in rows if row["mean_x"]]
    assert len(measured) == 9
    for row in measured:
        t = float(row["t"])
        assert float(row["sigma"]) == pytest.approx(t)
        assert float(row["alpha"]) == pytest.approx(1 - t if process == ["flow"] else 1)
    assert main(["export", "planar", str(film), *options, "--plots", "alpha_sigma,snr", "--caption", "--quiet"]) == 0
    with Image.open(film) as image:
        assert getattr(image, "n_frames", 1) == 9
    assert read_record(film).request == read_record(table).request
    assert main(["export", "planar", str(film), *options, "--plots", "beta", "--quiet"]) == 2


def test_pictures_are_noised_by_flow_and_come_back(tmp_path: Path) -> None:
    out, back = tmp_path / "f.npz", tmp_path / "r.npz"
    chosen = ["--dataset", "digits", "--index", "3", "--schedule", "flow", "--steps", "6", "--quiet"]
    assert main(["export", "forward", str(out), *chosen]) == 0
    with np.load(out) as arrays:
        np.testing.assert_array_equal(arrays["x_t"][-1], arrays["noise"][-1])
        np.testing.assert_allclose(arrays["alpha"] + arrays["sigma"], 1)
        assert not [name for name in arrays.files if "alpha_bar" in name or name == "beta"]
    options = ["--model", "ideal-digits", "--schedule", "flow", "--set-size", "20", "--steps", "20", "--samples", "2"]
    assert main(["export", "reverse", str(back), *options, "--quiet"]) == 0
    request = read_record(back).request
    assert getattr(request, "process") == Flow()  # noqa: B009


def test_a_film_of_particles_by_both_scores(tmp_path: Path) -> None:
    out, again = tmp_path / "ring.gif", tmp_path / "again.gif"
    options = ["--model", "toy-ring", "--steps", "4", "--particles", "40", "--panes", "x,learnt_x", "--caption"]
    assert main(["export", "planar", str(out), *options, "--plots", "alpha_bar", "--quiet"]) == 0
    with Image.open(out) as image:
        assert getattr(image, "n_frames", 1) == 5
        assert image.width > 2 * 384
    assert main(["export", "again", str(out), str(again), "--panes", "learnt_x", "--quiet"]) == 0
    assert read_record(again).request == read_record(out).request


def test_a_branch_is_computed_again_from_its_record(tmp_path: Path) -> None:
    parent = PlanarRequest(steps=8, particles=5)
    request = dataclasses.replace(parent, start=Step(parent, 500.0, 1), sampler=Ddpm(), seed=3, particles=30)
    out = tmp_path / "branch.npz"
    assert main(["export", "again", encoded(Record(request)), str(out), "--quiet"]) == 0
    with np.load(out) as arrays:
        assert arrays["position" if "position" in arrays else "t"].tolist() == [500.0, 375.0, 250.0, 125.0, 0.0]
        assert (arrays["x"][0] == arrays["x"][0][0]).all()


def test_pictures_of_a_bound_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "objective", str(tmp_path / "a.gif"), "--quiet"]) == 2
    assert ".npz" in capsys.readouterr().err
    assert not (tmp_path / "a.gif").exists()


def test_a_bound_is_written_as_curves(tmp_path: Path) -> None:
    out = tmp_path / "bound.csv"
    options = ["--model", "fashion-ddpm", "--dataset", "fashion", "--index", "3", "--draws", "2", "--every-t", "400"]
    assert main(["export", "objective", str(out), *options, "--class", "2", "--variance", "beta", "--quiet"]) == 0
    lines = [line for line in out.read_text().splitlines() if not line.startswith("#")]
    rows = {float(row["t"]): row for row in csv.DictReader(lines)}
    assert float(rows[401.0]["term"]) > 0
    assert rows[400.0]["term"] == ""
    assert rows[401.0]["total"] == ""  # a part of the timesteps bounds nothing
    assert read_record(out).request.start.shape == (28, 28)  # type: ignore[union-attr]


def test_a_bound_is_plotted(tmp_path: Path) -> None:
    options = ["--model", "digits-ddpm", "--index", "3", "--draws", "2", "--every-t", "400", "--quiet"]
    out, other, vectors = tmp_path / "bound.png", tmp_path / "schedule.png", tmp_path / "bound.svg"
    assert main(["export", "objective", str(out), *options]) == 0
    assert main(["export", "objective", str(other), *options, "--plots", "beta,snr,terms,simple"]) == 0
    with Image.open(out) as one, Image.open(other) as four:
        assert one.width == four.width
        assert one.height < four.height / 2, "a part of the timesteps has terms and no total"
    assert main(["export", "again", str(out), str(vectors), "--quiet"]) == 0
    assert "fill-opacity: 0.22" in vectors.read_text(), "the interval"


def test_a_bound_is_on_each_picture_s_own_class(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "own.csv"
    options = ["--dataset", "fashion", "--index", "0", "5", "--every-t", "500", "--draws", "2", "--quiet"]
    assert main(["export", "objective", str(out), *options, "--class", "own"]) == 0
    request = read_record(out).request
    labels = samples.load("Fashion-MNIST").labels
    assert getattr(request, "labels") == (labels[0], labels[5])  # noqa: B009
    mine = tmp_path / "mine.png"
    Image.new("L", (28, 28), 90).save(mine)
    refused = ["--image", str(mine), "--class", "own", "--every-t", "500", "--quiet"]
    assert main(["export", "objective", str(out), *refused]) == 1
    assert "class of 1 of the pictures is not known" in capsys.readouterr().err


@pytest.mark.parametrize(
    "asked",
    [
        ["reverse", "--model", "ideal-digits", "--schedule", "ve", "--at", "300"],
        ["planar", "--schedule", "flow", "--at", "2"],
        ["planar", "--schedule", "ve", "--at=-1"],
        ["planar", "--schedule", "ve", "--format", "gif", "--to", "300"],
        ["planar", "--schedule", "cosine", "--format", "gif", "--from", "1001"],
        ["gan", "--format", "plot", "--from", "1e9"],
        ["gan", "--at", "1e9"],
    ],
)
def test_a_position_that_the_run_has_not_is_a_usage_error(
    asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ending = {"gif": "gif"}.get(asked[asked.index("--format") + 1] if "--format" in asked else "", "png")
    out = tmp_path / f"out.{ending}"
    assert main(["export", asked[0], str(out), *asked[1:], "--quiet"]) == 2
    assert "the ends of the run's axis" in capsys.readouterr().err
    assert not out.exists()


def test_reverse_and_plane_visit_an_exploding_process_as_the_window_does(tmp_path: Path) -> None:
    out = tmp_path / "ve.npz"
    for what in (["reverse", "--model", "ideal-digits", "--set-size", "20", "--samples", "1"], ["planar"]):
        assert main(["export", what[0], str(out), *what[1:], "--schedule", "ve", "--steps", "3", "--quiet"]) == 0
        assert getattr(read_record(out).request, "spacing") == "karras"  # noqa: B009
