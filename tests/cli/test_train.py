"""`diffviz train` and `diffviz evaluate`: a person's own pictures become a model that can be continued and measured."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from diffviz import paths
from diffviz.cli import main, streams
from diffviz.cli.train import _stored, progress_line
from diffviz.domain import atomic
from diffviz.domain.cards import read_card
from diffviz.domain.errors import ExportFailed
from diffviz.domain.frames import Checkpoint, TrainingFrame
from diffviz.domain.sampling import Flow
from diffviz.domain.training import TrainDiffusion
from diffviz.engine import zoo
from diffviz.engine.training import TrainingLoop
from diffviz.engine.training_state import HEADER_BYTES, read_metadata
from diffviz.engine.training_tasks import task_for
from diffviz.engine.zoo import load_net, save_card

SMALL = ["--batch", "8", "--width", "8", "--quiet", "--device", "cpu"]
DIFFUSION = [*SMALL, "--depth", "1", "--levels", "1"]


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Dark and bright pictures, with a test part."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "pictures"
    for split, count in (("train", 12), ("test", 6)):
        for level, name in enumerate(("dark", "bright")):
            (folder / split / name).mkdir(parents=True)
            for i in range(count):
                pixels = rng.integers(0, 60, (12, 12), dtype=np.uint8) + np.uint8(150 * level)
                Image.fromarray(pixels).save(folder / split / name / f"{i}.png")
    return folder


def train(kind: str, folder: Path, *options: str) -> int:
    return main.main(["train", kind, "--out", str(folder), *(DIFFUSION if kind == "diffusion" else SMALL), *options])


def test_own_pictures_become_a_model(pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    assert train("diffusion", out, "--data", str(pictures), "--images", "16", "--name", "Mine") == 0
    card = read_card(out)
    assert (card.name, card.shape, card.classes) == ("Mine", (1, 12, 12), ("bright", "dark"))
    assert card.training["images_seen"] == 16
    assert card.licence == "", "whose the pictures are is not known"
    load_net(card)


def test_a_model_of_flow_is_trained_by_name_of_its_process(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mine"
    assert train("diffusion", out, "--data", str(pictures), "--images", "16", "--process", "flow") == 0
    assert (read_card(out).schedule, read_card(out).prediction) == (Flow(), "u")
    assert train("diffusion", out, "--resume", "--images", "24", "--quiet") == 0
    assert train("diffusion", out, "--resume", "--images", "32", "--process", "ve", "--prediction", "x0") == 2
    assert "--process" in capsys.readouterr().err
    assert train("diffusion", tmp_path / "other", "--data", str(pictures), "--process", "ve", "--prediction", "v") == 2
    assert "x0" in capsys.readouterr().err
    assert train("diffusion", tmp_path / "other", "--data", str(pictures), "--process", "ve", "--schedule", "flow") == 2
    assert "--process" in capsys.readouterr().err


def test_data_of_ours_make_no_licence_and_the_end_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end comes in the second in which a frame is due anyway, and is written to a file, line by line."""
    from diffviz.engine import training

    monkeypatch.setattr(training, "FRAME_SECONDS", 0.0)
    out = tmp_path / "points"
    assert main.main(["train", "planar", "--out", str(out), "--batch", "16", "--images", "100"]) == 0
    said = capsys.readouterr().err.splitlines()
    assert sum(line.startswith("done: 112 images in ") for line in said) == 1, said
    assert f"Written: points ({out})" in said
    assert any(line.startswith("See what it makes: diffviz ") for line in said)
    assert any(line.startswith("See it in the window: diffviz ") for line in said)
    assert not any(" 0 images/s" in line for line in said)
    assert read_card(out).licence == "", "nobody has given one"


def test_a_training_is_prolonged(pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    about = ("--name", "Mine", "--licence", "CC0")
    train("diffusion", out, "--data", str(pictures), "--images", "16", "--learning-rate", "0.001", *about)
    assert train("diffusion", out, "--resume", "--images", "32") == 0
    card = read_card(out)
    assert (card.name, card.licence) == ("Mine", "CC0")
    assert card.training["images_seen"] == 32
    assert card.training["learning_rate"] == 0.001


@pytest.mark.parametrize("place", ["pictures", "pictures/train/dark", "."])
def test_a_model_is_not_written_among_the_data(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    for kind in ("diffusion", "gan"):
        options = ["--quiet"] if kind == "gan" else DIFFUSION
        out = ["--out", str(tmp_path / place), "--data", str(pictures)]
        assert main.main(["train", kind, *out, *options]) == 2
        assert "choose a folder apart from the data" in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.json"))


@pytest.mark.parametrize(
    ("seen", "rate", "target", "line"),
    [
        (64, 0, 0, "64 images · loss 0.5000 · measuring the speed…"),
        (64, 0, 256, "64 / 256 images · loss 0.5000 · measuring the speed…"),
        (128, 0, 64, "done: 128 images in 00:01:23 · loss 0.5000"),
        (100, 1, 108_100, "100 / 108,100 images · loss 0.5000 · 1 images/s · 30:00:00 left"),
        (0, 1e-300, 1e10, "0 / 10,000,000,000 images · loss 0.5000 · measuring the speed…"),
        (40, 0.03, 100, "40 / 100 images · loss 0.5000 · 0.03 images/s · 00:33:20 left"),
        (2048, 120, 2000, "done: 2,048 images in 00:01:23 · loss 0.5000"),
        (1000, 118.6, 2000, "1,000 / 2,000 images · loss 0.5000 · 119 images/s · 00:00:08 left"),
    ],
)
def test_how_far_a_training_is(seen: float, rate: float, target: float, line: str) -> None:
    assert progress_line(TrainingFrame(seen, 0.5, 1e-3, rate, 83.0, target)) == line


def test_the_end_says_where_the_model_is_and_what_shows_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIFFVIZ_HOME", str(tmp_path))
    small = ["--images", "16", "--batch", "8", "--width", "8", "--device", "cpu"]
    assert main.main(["train", "planar", "--out", str(tmp_path / "m5"), *small]) == 0
    lines = capsys.readouterr().err.splitlines()
    command = next(line for line in lines if "diffviz export" in line).partition(": diffviz ")[2]
    assert lines[-1].endswith(str(tmp_path / "m5"))
    made = command.replace("x.gif", str(tmp_path / "x.gif")).split()
    assert main.main([*made, "--steps", "3", "--quiet"]) == 0


def test_a_model_is_not_overwritten(pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "mine"
    train("diffusion", out, "--data", str(pictures), "--images", "8")
    before = (out / "weights.safetensors").read_bytes()
    assert train("diffusion", out, "--data", str(pictures), "--images", "8", "--seed", "1") == 2
    assert "--resume" in capsys.readouterr().err
    assert (out / "weights.safetensors").read_bytes() == before


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_that_ends_it_keeps_a_checkpoint(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    if (number := getattr(signal, name, None)) is None:
        pytest.skip("no such signal here")
    original = TrainingLoop.frames

    def interrupted(self: TrainingLoop) -> Iterator[TrainingFrame | Checkpoint]:
        for item in original(self):
            signal.raise_signal(number)
            yield item

    monkeypatch.setattr(streams, "silence", lambda: None)  # pytest's own streams stay
    monkeypatch.setattr(TrainingLoop, "frames", interrupted)
    monkeypatch.setattr("diffviz.engine.training.FRAME_SECONDS", 0.0)
    out = tmp_path / "mine"
    assert train("diffusion", out, "--data", str(pictures), "--images", "80") == 130
    assert read_metadata((out / "checkpoint.safetensors").read_bytes()).counters.seen == 8
    assert read_card(out).training["images_seen"] == 8


@pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")
def test_a_closed_terminal_keeps_a_checkpoint(pictures: Path, tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    out = tmp_path / "mine"
    command = [sys.executable, "-m", "diffviz", "train", "diffusion", "--out", str(out), "--data", str(pictures)]
    command += ["--batch", "8", "--width", "8", "--depth", "1", "--levels", "1", "--images", "8000000"]
    opened = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
    process = subprocess.Popen(
        [sys.executable, "-c", opened, *command], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    while b"images/s" not in os.read(ours, 4096):
        pass  # it has begun
    os.close(ours)
    assert process.wait(60) == 130
    assert read_metadata((out / "checkpoint.safetensors").read_bytes()).counters.seen > 0
    assert read_card(out).training["images_seen"] > 0


KEPT = {
    "diffusion": ["--images", "8"],
    "vae": ["--images", "8"],
    "classifier": ["--images", "8"],
    "planar": ["--images", "64"],
    "gan": ["--steps", "1", "--capacity", "8"],
}


def command(kind: str, out: Path, pictures: Path) -> list[str]:
    data = [] if kind in ("planar", "gan") else ["--data", str(pictures)]
    return ["train", kind, "--out", str(out), *data, *KEPT[kind], "--quiet"]


@pytest.mark.parametrize("kind", KEPT)
def test_a_training_that_cannot_be_kept_is_refused_before_it_begins(
    kind: str, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    occupied = tmp_path / "file"
    occupied.touch()
    refused = {occupied: "is a file", occupied / "below": "is a file"}
    if sys.platform == "linux":
        refused[Path("/proc/mine")] = "no new files"
    for out, why in refused.items():
        assert main.main(command(kind, out, pictures)) == 1
        said = capsys.readouterr().err
        assert (why in said, said.count("\n")) == (True, 1)
    assert list(tmp_path.glob(".*")) == []
    assert occupied.read_bytes() == b""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
@pytest.mark.parametrize("kind", KEPT)
def test_too_little_room_for_a_checkpoint_is_said_before_the_first_step(
    kind: str, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 14, limits[1]))
    try:
        code = main.main(command(kind, tmp_path / "mine", pictures))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert code == 1
    assert "has no room" in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()
    assert list(tmp_path.glob(".*")) == []


def test_a_checkpoint_takes_what_was_reckoned(pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    train("diffusion", out, "--data", str(pictures), "--images", "8")
    checkpoint, request = _stored(out / "checkpoint.safetensors", TrainDiffusion)
    reckoned = TrainingLoop(task_for(request), checkpoint).state.checkpoint_bytes
    assert len(checkpoint) <= reckoned <= len(checkpoint) + HEADER_BYTES


def test_a_disk_that_is_full_for_a_while_costs_nothing(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written = atomic.write_whole
    tries: list[Path] = []

    def full_at_first(path: Path, data: bytes) -> None:
        tries.append(path)
        if len(tries) == 1:
            raise ExportFailed(path, "full", "No space left on device")
        written(path, data)

    monkeypatch.setattr(zoo, "write_whole", full_at_first)
    monkeypatch.setattr("diffviz.engine.training.CHECKPOINT_SECONDS", 0.0)
    out = tmp_path / "mine"
    assert train("diffusion", out, "--data", str(pictures), "--images", "24") == 0
    assert "disk is full" in capsys.readouterr().err
    assert read_card(out).training["images_seen"] == 24


def test_nothing_left_to_train_is_said_and_how_to_go_on(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mine"
    train("diffusion", out, "--data", str(pictures), "--images", "16")
    before = (out / "checkpoint.safetensors").read_bytes()
    for options in ((), ("--images", "16"), ("--minutes", "0")):
        assert train("diffusion", out, "--resume", *options) == 2
        said = capsys.readouterr().err
        assert "--images" in said
        assert "--minutes" in said
        assert "nan" not in said
    assert (out / "checkpoint.safetensors").read_bytes() == before


def test_what_is_trained_on_is_said_before(pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (pictures / "train/.DS_Store").touch()
    Image.new("L", (9, 9)).save(pictures / "train/loose.png")
    options = ["--data", str(pictures), "--images", "8", "--batch", "8", "--width", "8", "--depth", "1"]
    assert main.main(["train", "diffusion", "--out", str(tmp_path / "a"), *options, "--json"]) == 0
    said = capsys.readouterr()
    headline, left_out, hidden = said.err.splitlines()[:3]
    assert headline == "pictures: 24 pictures of 12 × 12, grey; 2 classes (bright: 12, dark: 12)"
    assert "1 of 25 pictures lies beside" in left_out
    assert "1 hidden file" in hidden
    told = json.loads(said.out)
    assert told["data"]["classes"] == {"bright": 12, "dark": 12}
    assert told["data"]["notes"] == [left_out.strip()]
    assert told["data"]["passed_over"] == [hidden.strip()]
    assert (told["images_seen"], told["path"], told["interrupted"]) == (8, str(tmp_path / "a"), False)
    assert main.main(["train", "diffusion", "--out", str(tmp_path / "b"), *options, "--quiet"]) == 0
    assert capsys.readouterr().err == f"{left_out}\n"


def test_a_training_goes_on_with_its_classes_in_the_order_that_they_had(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "mine"
    for name in ("2", "10"):
        (data / name).mkdir(parents=True)
        Image.new("L", (8, 8), int(name)).save(data / name / "a.png")
    assert train("diffusion", out, "--data", str(data), "--images", "8") == 0
    card = read_card(out)
    assert card.classes == ("2", "10")
    save_card(out, {**card.raw, "classes": ["10", "2"]})  # as older versions sorted them
    assert train("diffusion", out, "--resume", "--images", "16") == 0
    assert read_card(out).classes == ("10", "2")
    assert train("diffusion", tmp_path / "other", "--data", str(data), "--images", "8", "--from", str(out)) == 0
    assert read_card(tmp_path / "other").classes == ("10", "2")


def test_a_model_is_measured_on_data_of_its_classes_in_its_size(
    pictures: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = paths.user_models() / "small"
    train("classifier", model, "--data", str(pictures), "--images", "64", "--size", "8")
    assert main.main(["evaluate", str(model), "--data", str(pictures), "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["accuracy"]["count"] == 12
    assert "12 pictures of 8 × 8, grey" in said.err
    (pictures / "train/dark").rename(pictures / "train/dusk")
    (pictures / "test/dark").rename(pictures / "test/dusk")
    assert main.main(["evaluate", str(model), "--data", str(pictures)]) == 1
    assert "bright, dusk" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["classifier", "gan"])
def test_pictures_too_small_for_a_network_are_refused(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images, labels = np.full((4, 3, 5), 99, np.uint8), np.arange(4) % 2
    np.savez(tmp_path / "a.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    out = tmp_path / "mine"
    assert main.main(["train", kind, "--data", str(tmp_path / "a.npz"), "--out", str(out), *KEPT[kind]]) == 1
    assert "5 × 3" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 2),
        (("--data", "nowhere"), 1),
        (("--resume",), 1),
        (("--data", "nowhere", "--batch", "0"), 2),
    ],
)
def test_what_is_wrong_is_one_line(
    options: tuple[str, ...], code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train("diffusion", tmp_path / "mine", *options) == code
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert not (tmp_path / "mine" / "card.json").exists()


def test_a_checkpoint_of_another_kind(pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "mine"
    train("classifier", out, "--data", str(pictures), "--images", "8")
    assert train("diffusion", out, "--resume") == 1
    assert "another kind" in capsys.readouterr().err


def test_data_with_other_classes_cannot_continue(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mine"
    train("diffusion", out, "--data", str(pictures), "--images", "8")
    assert train("diffusion", out, "--resume", "--data", str(pictures / "train" / "dark"), "--images", "16") == 1
    assert "other classes" in capsys.readouterr().err


def test_quality_is_measured_and_written(pictures: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models = paths.user_models()
    train("diffusion", models / "mine", "--data", str(pictures), "--images", "16")
    train("classifier", models / "mine-classifier", "--data", str(pictures), "--images", "320")
    assert main.main(["evaluate", "mine-classifier", "--data", str(pictures), "--write", "--json"]) == 0
    accuracy = json.loads(capsys.readouterr().out)["accuracy"]
    assert accuracy["count"] == 12
    assert read_card(models / "mine-classifier").quality["accuracy"] == accuracy
    few = ["--samples", "16", "--judged", "16", "--steps", "2", "--sweep", "1", "2", "--write", "--sampler", "ddpm"]
    assert main.main(["evaluate", "mine", "--data", str(pictures), *few]) == 0
    quality = read_card(models / "mine").quality
    assert (quality["sampler"], quality["settings"]) == ("ddpm", {"variance": "posterior"})
    assert set(quality["guidance_chosen_among"]["scales"]) == {"1", "2"}
    assert quality["guidance_chosen_among"]["seed"] != quality["seed"]
    assert quality["frechet"]["ratio"] == quality["frechet"]["samples"] / quality["frechet"]["floor"]
    assert "recognised" in capsys.readouterr().out


def test_autoencoders_are_measured(pictures: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models = paths.user_models()
    data = ("--data", str(pictures))
    train("classifier", models / "mine-classifier", *data, "--images", "64")
    train("vae", models / "mine", *data, "--images", "64", "--likelihood", "logistic", "--latent", "3")
    train("vae", models / "plain", *data, "--images", "64", "--kind", "ae")
    train("vae", models / "crossed", *data, "--images", "64", "--likelihood", "bernoulli")
    few = ["--samples", "12", "--judged", "12", "--write"]
    assert main.main(["evaluate", "mine", "plain", "crossed", *data, *few]) == 0
    mine, plain, crossed = (read_card(models / name).quality for name in ("mine", "plain", "crossed"))
    assert mine["elbo"]["of"] == "masses of 256 grey levels"
    assert crossed["elbo"]["of"] == "cross-entropy"
    assert len(mine["elbo"]["kl"]) == 3
    assert mine["elbo"]["nats"] == pytest.approx(mine["elbo"]["log_p"] - sum(mine["elbo"]["kl"]))
    assert mine["elbo"]["bits_per_dimension"] == pytest.approx(-mine["elbo"]["nats"] / 144 / np.log(2))
    assert "elbo" not in plain
    assert plain["neighbours"]["count"] == 12
    assert plain["distances"]["real"]["low"] <= plain["distances"]["real"]["value"]
    assert "frechet" in capsys.readouterr().out


def test_an_autoencoder_takes_nothing_of_a_sampler(
    pictures: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train("vae", paths.user_models() / "mine", "--data", str(pictures), "--images", "8")
    for option, value in (("--guidance", "2"), ("--sampler", "heun"), ("--eta", "0.5"), ("--steps", "9")):
        assert main.main(["evaluate", "mine", "--data", str(pictures), option, value]) == 2
        assert "no guidance" in capsys.readouterr().err


def test_an_autoencoder_has_no_likelihood_to_choose(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ("--data", str(pictures), "--images", "8")
    assert train("vae", tmp_path / "mine", *data, "--kind", "ae", "--beta", "2") == 2
    assert "--beta" in capsys.readouterr().err


def test_a_vae_is_prolonged(pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    train("vae", out, "--data", str(pictures), "--images", "16", "--likelihood", "laplace", "--beta", "0.5")
    assert train("vae", out, "--resume", "--images", "32") == 0
    card = read_card(out)
    assert (card.training["images_seen"], card.beta, card.raw["likelihood"]) == (32, 0.5, {"name": "laplace"})
    load_net(card)


def test_a_model_without_a_classifier(pictures: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train("diffusion", paths.user_models() / "mine", "--data", str(pictures), "--images", "8")
    assert main.main(["evaluate", "mine", "--data", str(pictures)]) == 2
    assert "train classifier" in capsys.readouterr().err
