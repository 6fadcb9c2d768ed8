"""Cards: what can be read back is what was written, and what cannot be true of a model is refused before it is used."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from diffviz.domain.cards import Card, find_cards, read_card
from diffviz.domain.errors import ModelDamaged
from diffviz.domain.sampling import Cosine
from diffviz.domain.sentences import sentence

GOOD: dict[str, Any] = {
    "version": 1,
    "name": "Toy",
    "family": "diffusion",
    "shape": [3, 48, 64],
    "classes": ["a", "b"],
    "prediction": "v",
    "schedule": {"name": "cosine", "timesteps": 100, "s": 0.01},
    "architecture": {"net": "unet"},
    "weights": {"file": "weights.safetensors", "sha256": "00"},
}


def written(folder: Path, raw: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "card.json").write_text(json.dumps(raw), encoding="utf-8")
    return folder


def changed(path: str, value: Any) -> dict[str, Any]:
    raw = copy.deepcopy(GOOD)
    *groups, name = path.split(".")
    holder = raw
    for group in groups:
        holder = holder[group]
    holder[name] = value
    return raw


def test_a_card_is_read(tmp_path: Path) -> None:
    card = read_card(written(tmp_path / "toy", GOOD))
    assert isinstance(card, Card)
    assert (card.id, card.shape, card.classes, card.conditional) == ("toy", (3, 48, 64), ("a", "b"), True)
    assert card.schedule == Cosine(timesteps=100, s=0.01)
    assert card.timesteps == 100


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("prediction", "noise"),
        ("prediction", None),
        ("schedule", None),
        ("schedule.name", "quadratic"),
        ("schedule.timesteps", 0),
        ("schedule.timesteps", 10**9),
        ("schedule.timesteps", 99.5),
        ("schedule.timesteps", "100"),
        ("schedule.s", float("nan")),
        ("schedule", {"name": "constant", "beta": 2.0}),
        ("schedule", {"name": "linear", "beta_mid": 0.1}),
        ("shape", [2, 48, 64]),
        ("shape", [1, 0, 64]),
        ("shape", [1, -4, 64]),
        ("shape", [1, 10**6, 10**6]),
        ("shape", [48, 64]),
        ("shape", "square"),
        ("classes", "abc"),
        ("weights.file", "../elsewhere.safetensors"),
        ("weights", "weights.safetensors"),
        ("parameters", "many"),
        ("version", "new"),
    ],
)
def test_what_cannot_be_true_is_refused_in_one_sentence(tmp_path: Path, path: str, value: Any) -> None:
    with pytest.raises(ModelDamaged) as found:
        read_card(written(tmp_path / "toy", changed(path, value)))
    assert "\n" not in sentence(found.value)


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "null", '{"name": "only"}'])
def test_what_is_no_card_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "card.json").write_text(text)
    with pytest.raises(ModelDamaged):
        read_card(tmp_path)


def test_a_damaged_model_does_not_hide_the_others(tmp_path: Path) -> None:
    written(tmp_path / "good", GOOD)
    written(tmp_path / "bad", changed("prediction", "noise"))
    cards, damaged = find_cards([tmp_path, tmp_path / "missing"])
    assert (set(cards), set(damaged)) == ({"good"}, {"bad"})


def test_the_first_folder_wins(tmp_path: Path) -> None:
    for root, name in (("own", "Mine"), ("bundled", "Theirs")):
        (tmp_path / root).mkdir()
        written(tmp_path / root / "toy", changed("name", name))
    assert find_cards([tmp_path / "own", tmp_path / "bundled"])[0]["toy"].name == "Mine"
