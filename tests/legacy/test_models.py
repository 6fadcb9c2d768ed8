"""Models of every kind load, their cards say what they said, and their trainings go on as they did."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.legacy.program import FOLDER, MODELS, command, expected, load_net, read_card

IDS = sorted(folder.name for folder in MODELS.iterdir())
TRAINERS = ("diffusion", "vae", "classifier", "planar")
FURTHER = "--images", "32"


@pytest.mark.parametrize("model", IDS)
def test_a_card_says_what_it_said(model: str) -> None:
    raw, card = json.loads((MODELS / model / "card.json").read_text(encoding="utf-8")), read_card(MODELS / model)
    assert (card.id, card.name, card.family, list(card.shape)) == (model, raw["name"], raw["family"], raw["shape"])
    assert (list(card.classes), card.parameters) == (raw["classes"], raw["parameters"])
    assert (card.sha256, card.licence) == (raw["weights"]["sha256"], raw["licence"])
    assert card.prediction == raw.get("prediction", "")
    assert (card.beta, bool(card.likelihood)) == (raw.get("beta", 1.0), "likelihood" in raw)
    for part in ("architecture", "dataset", "training", "quality"):
        assert getattr(card, part) == raw.get(part, {})
    for name, number in raw.get("schedule", {}).items():
        assert name == "name" or getattr(card.schedule, name) == number


def test_there_is_measured_quality_on_a_card() -> None:
    assert read_card(MODELS / "old-diffusion").quality["recognised"]["count"] == 12


@pytest.mark.parametrize("model", IDS)
def test_a_network_loads_its_weights(model: str) -> None:
    stored = load_file(MODELS / model / "weights.safetensors")
    loaded = load_net(read_card(MODELS / model)).state_dict()
    assert sorted(float(np.sum(w)) for w in stored.values()) == pytest.approx(
        sorted(float(w.sum()) for w in loaded.values()), abs=1e-4
    )


@pytest.mark.parametrize("kind", TRAINERS)
def test_a_training_goes_on_as_it_did(kind: str, tmp_path: Path) -> None:
    data = () if kind == "planar" else ("--data", FOLDER / "pictures")
    assert norms_after(kind, tmp_path, "--device", "cpu", *data, *FURTHER) == expected_norms(kind)


def test_the_training_of_a_gan_goes_on_as_it_did(tmp_path: Path) -> None:
    assert norms_after("gan", tmp_path, "--steps", "12") == expected_norms("gan")


def norms_after(kind: str, folder: Path, *options: object) -> list[float]:
    """Norms of a model's tensors, smallest first, after `diffviz train … --resume` on a copy of it."""
    out = folder / kind
    shutil.copytree(MODELS / f"old-{kind}", out)
    before = load_file(out / "weights.safetensors")
    assert command("train", kind, "--out", out, "--resume", "--quiet", *options) == 0
    after = load_file(out / "weights.safetensors")
    assert any(not np.array_equal(before[name], weights) for name, weights in after.items())
    return sorted(float(np.linalg.norm(weights)) for weights in after.values())


def expected_norms(kind: str) -> object:
    return pytest.approx(sorted(expected()["trained further"][kind].values()), rel=2e-3, abs=2e-4)
