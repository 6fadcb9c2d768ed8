"""`diffviz export gan` and `diffviz train gan`: a training as a film, as figures, and as a model that carries it."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from diffviz.cli import main
from diffviz.domain.cards import TRACE, Card, read_card
from diffviz.domain.errors import ModelDamaged
from diffviz.domain.gan import GanFrame, GanRequest, Pictures
from diffviz.domain.messages import RunInputs
from diffviz.domain.requests import Step
from diffviz.domain.store import Budget
from diffviz.engine.engine import LocalEngine
from diffviz.engine.families import gan
from diffviz.engine.families.gan_trainer import Trainer
from diffviz.engine.nets.generators import Gan
from diffviz.engine.zoo import load_net
from diffviz.export import archive
from diffviz.families import plan_of
from diffviz.session.run import Status
from diffviz.session.saving import open_recorded, recordings
from diffviz.session.session import Session
from tests.session.toys import FakeLink
from tests.toys import save_classifier

SMALL = ("--batch", "16", "--capacity", "8")


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    made = Session(FakeLink(), plan_of, {}, Budget(1 << 26))
    yield made
    made.close()


def export(*options: str | Path) -> int:
    return main.main(["export", "gan", *map(str, options), "--quiet"])


def train(*options: str | Path) -> int:
    return main.main(["train", "gan", *map(str, options), "--quiet"])


def test_a_film_of_points_over_d(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "ring.gif"
    assert export(out, "--steps", "60", "--every", "20", *SMALL, "--caption") == 0
    with Image.open(out) as film:
        assert getattr(film, "n_frames", 1) == 4
        first = np.asarray(film.convert("RGB"))
        film.seek(3)
        last = np.asarray(film.convert("RGB"))
    assert not np.array_equal(first, last)
    blue = (last[..., 2] > 180) & (last[..., 0] < 120)  # the real points
    assert blue.sum() > 500


def test_plots_stand_below_a_film(home: Path, tmp_path: Path) -> None:
    heights = []
    for plots in ((), ("--plots", "accuracy,losses")):
        out = tmp_path / f"{len(plots)}.gif"
        assert export(out, "--steps", "20", "--every", "10", *SMALL, *plots) == 0
        with Image.open(out) as film:
            heights.append(film.height)
    assert heights[1] > heights[0] + 200
    assert export(tmp_path / "no.gif", "--steps", "10", *SMALL, "--plots", "beta") != 0


def test_a_film_can_be_computed_again(home: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "a.png", tmp_path / "b.png"
    assert export(one, "--steps", "40", "--every", "20", *SMALL, "--data", "moons", "--loss", "hinge") == 0
    assert main.main(["export", "again", str(one), str(other), "--quiet"]) == 0
    with Image.open(one) as a, Image.open(other) as b:
        assert np.array_equal(np.asarray(a), np.asarray(b))


def test_figures_of_every_evaluation(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "ring.csv"
    assert export(out, "--steps", "40", "--every", "10", *SMALL, "--no-metadata") == 0
    rows = list(csv.DictReader(io.StringIO(out.read_text())))
    assert [float(row["step"]) for row in rows] == [0, 10, 20, 30, 40]
    for row in rows:
        assert float(row["best"]) == pytest.approx(0.5 * (1 + float(row["tv"])))
        assert float(row["accuracy"]) == pytest.approx(
            0.5 * (float(row["accuracy_real"]) + float(row["accuracy_fake"]))
        )
    assert rows[0]["loss_d"] == ""
    assert float(rows[1]["loss_d"]) > 0


def test_arrays_of_every_evaluation(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "ring.npz"
    assert export(out, "--steps", "20", "--every", "10", *SMALL, "--point=-1,0.5", "--point=2,1") == 0
    with np.load(out, allow_pickle=False) as file:
        assert file["step"].tolist() == [0, 10, 20]
        assert file["surface"].shape == (3, 48, 48)
        assert file["per_mode"].shape == (3, 2)
        assert file["real"].shape == (3, 256, 2)


def test_images_real_and_generated(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "digits.png"
    assert export(out, "--data", "digits", "--steps", "2", "--every", "1", *SMALL, "--panes", "real,fake") == 0
    with Image.open(out) as picture:
        assert picture.mode == "L"
        assert picture.width > 2 * picture.height


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--data", "nowhere"), "nowhere"),
        (("--point", "1"), "two numbers"),
        (("--point", "1,2", "--data", "ring"), "excludes"),
        (("--point", "9,2"), "points"),
        (("--panes", "fake"), "panes"),
        (("--g-rate", "7"), "g-rate"),
        (("--modes", "8", "--data", "moons"), "modes"),
        (("--every", "0"), "every"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], said: str
) -> None:
    out = tmp_path / "a.png"
    assert export(out, "--steps", "2", *SMALL, *options) in (main.FAILED, main.USAGE)
    error = capsys.readouterr().err
    assert said in error
    assert len(error.strip().splitlines()) == 1
    assert not out.exists()


@pytest.fixture
def model(home: Path, tmp_path: Path) -> Path:
    out = tmp_path / "toy-gan"
    assert train("--out", out, "--steps", "60", "--every", "20", "--name", "Toy", *SMALL) == 0
    return out


def test_a_trained_model_carries_its_training(model: Path, session: Session) -> None:
    card = read_card(model)
    assert (card.name, card.family) == ("Toy", "gan")
    assert isinstance(load_net(card), Gan)
    assert recordings({card.id: card}) == (card,)
    run = open_recorded(card, session, "gan/recorded")
    assert run.status is Status.FINISHED
    assert [frame.position for frame in run.store] == [0, 20, 40, 60]
    request = run.request
    assert isinstance(request, GanRequest)
    whole = [f for f in LocalEngine({}, "cpu").frames(request, RunInputs()) if isinstance(f, GanFrame)]
    assert np.array_equal(run.store[-1].arrays()["surface"], whole[-1].arrays()["surface"])


def test_a_recorded_training_can_be_continued(model: Path, session: Session) -> None:
    run = open_recorded(read_card(model), session, "gan/recorded")
    request = run.request
    assert isinstance(request, GanRequest)
    child = dataclasses.replace(request, start=Step(request, 60.0), steps=80)
    keyframe = run.keyframes.before(60.0)
    assert keyframe is not None
    assert keyframe.position == 60
    engine = LocalEngine({}, "cpu")
    continued = [f for f in engine.frames(child, RunInputs({}, None, keyframe)) if isinstance(f, GanFrame)]
    longer = dataclasses.replace(request, steps=80)
    whole = [f for f in engine.frames(longer, RunInputs()) if isinstance(f, GanFrame)]
    assert np.array_equal(continued[-1].fake, whole[-1].fake)


def test_a_training_is_resumed_where_it_ended(model: Path, tmp_path: Path) -> None:
    assert train("--out", model, "--resume", "--steps", "100") == 0
    at_once = tmp_path / "at-once"
    assert train("--out", at_once, "--steps", "100", "--every", "20", *SMALL) == 0
    assert (model / "weights.safetensors").read_bytes() == (at_once / "weights.safetensors").read_bytes()
    frames = [[f.position for f in archive.read(p / TRACE).runs[0].frames] for p in (model, at_once)]
    assert frames[0] == frames[1] == [0, 20, 40, 60, 80, 100]


@pytest.mark.parametrize(("at", "kept"), [(70.5, 40), (13, 0)])
def test_ctrl_c_ends_a_training_within_a_step_and_it_is_resumed_bit_for_bit(
    home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    at: float,
    kept: int,
) -> None:
    """A keyframe comes every 40 steps; the signal comes in the update at `at`, which is the last one."""
    half, updates = Trainer.half, []

    def interrupted(self: Trainer) -> None:
        updates.append(self.position)
        if self.position == at:
            os.kill(os.getpid(), signal.SIGINT)
        half(self)

    monkeypatch.setattr(gan, "KEYFRAME_STEPS", 40)
    settings = ("--steps", "100", "--every", "20", *SMALL)
    one, at_once = tmp_path / "one", tmp_path / "at-once"
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "half", interrupted)
        assert train("--out", one, *settings) == main.INTERRUPTED
    assert updates[-1] == at
    [said] = capsys.readouterr().err.strip().splitlines()
    assert f"step {kept}:" in said
    assert said.endswith("--resume --steps 100.")
    assert archive.read(one / TRACE).runs[0].frames[-1].position == kept
    assert train("--out", one, "--resume", "--steps", "100") == 0
    assert train("--out", at_once, *settings) == 0
    assert (one / "weights.safetensors").read_bytes() == (at_once / "weights.safetensors").read_bytes()
    for a, b in zip(*(archive.read(path / TRACE).runs[0].frames for path in (one, at_once)), strict=True):
        assert a.position == b.position
        assert all(np.array_equal(x, b.arrays()[name], equal_nan=True) for name, x in a.arrays().items())


def test_a_model_is_not_overwritten(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train("--out", model, "--steps", "5") == main.USAGE
    assert train("--out", model, "--resume") == main.USAGE
    assert train("--out", model, "--resume", "--steps", "80", "--batch", "8") == main.USAGE
    assert train("--out", model / "none", "--resume") == main.FAILED


def test_images_of_a_model_are_measured(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from diffviz import paths
    from diffviz.domain import samples

    folder = samples.folder_of("digits")
    save_classifier(paths.user_models(), classes=10, side=28)
    out = tmp_path / "digits-gan"
    assert train("--out", out, "--data", "digits", "--steps", "2", "--every", "1", *SMALL) == 0
    arguments = ["evaluate", str(out), "--data", str(folder), "--samples", "20", "--judged", "10", "--write"]
    assert main.main([*arguments, "--classifier", "toy-classifier", "--quiet", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["frechet"]["samples"] > found["frechet"]["floor"]
    assert sum(found["classes"].values()) == pytest.approx(1)
    assert read_card(out).quality["covered"] == found["covered"]


def damaged(model: Path, card: Card, session: Session) -> None:
    with pytest.raises(ModelDamaged):
        open_recorded(card, session, "gan/recorded")
    assert session.runs == []


def test_a_damaged_training_is_refused(model: Path, session: Session) -> None:
    card, path = read_card(model), model / TRACE
    whole = path.read_bytes()
    for data in (b"", whole[: len(whole) // 2], whole[:-40], b"PK\x03\x04" + bytes(100)):
        path.write_bytes(data)
        damaged(model, card, session)
    path.unlink()
    damaged(model, card, session)
    assert recordings({card.id: card}) == ()


def test_a_training_that_is_not_one_is_refused(model: Path, session: Session) -> None:
    card, path = read_card(model), model / TRACE
    saved = archive.read(path)
    run = saved.runs[0]
    frames = tuple(run.frames)
    images = dataclasses.replace(run.record, request=GanRequest(data=Pictures("digits")))
    for wrong in (
        (),
        (run, run),
        (dataclasses.replace(run, frames=()),),
        (dataclasses.replace(run, frames=frames[::-1]),),
        (dataclasses.replace(run, record=dataclasses.replace(images), frames=frames[2:]),),
    ):
        spare = model / "spare"
        archive.write(
            dataclasses.replace(
                saved, runs=tuple(dataclasses.replace(r, frames=tuple(r.frames)) for r in wrong), shown=None
            ),
            spare,
        )
        shutil.move(spare, path)
        damaged(model, card, session)
        archive.write(dataclasses.replace(saved, runs=(dataclasses.replace(run, frames=frames),)), path)


def test_a_damaged_card_or_weights_file_is_refused(model: Path) -> None:
    weights, about = model / "weights.safetensors", model / "card.json"
    data, card = weights.read_bytes(), json.loads(about.read_text())
    weights.write_bytes(data[:-10])
    with pytest.raises(ModelDamaged):
        load_net(read_card(model))
    weights.write_bytes(data)
    about.write_text(json.dumps({**card, "shape": [1, 1]}))
    with pytest.raises(ModelDamaged):
        read_card(model)


@pytest.mark.parametrize("kind", ["folder", "npz"])
def test_the_data_that_others_take_are_taken_without_a_test_part_too(
    kind: str, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (20, 8, 8), np.uint8)
    data = tmp_path / ("own" if kind == "folder" else "own.npz")
    if kind == "folder":
        data.mkdir()
        for n, picture in enumerate(pictures):
            Image.fromarray(picture).save(data / f"{n}.png")
    else:
        np.savez(data, images=pictures)
    out = tmp_path / "model"
    assert main.main(["train", "gan", "--data", str(data), "--out", str(out), "--steps", "2", *SMALL]) == 0
    assert "No test part: 2 of its 20 images are held out of training." in capsys.readouterr().err
    assert (out / TRACE).is_file()


def test_what_is_no_data_is_said_as_by_the_others(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    said = []
    for family in ("gan", "vae"):
        assert (
            main.main(["train", family, "--data", str(tmp_path / "empty"), "--out", str(tmp_path / "m"), "--quiet"])
            == 1
        )
        said.append(capsys.readouterr().err)
    assert said[0] == said[1]
