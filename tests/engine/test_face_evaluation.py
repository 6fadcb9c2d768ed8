"""Models of pixel faces are measured by counting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from diffviz import paths
from diffviz.cli import main
from diffviz.domain import samples
from diffviz.domain.cards import Card, read_card
from diffviz.domain.errors import DataUnsuitable
from diffviz.domain.evaluation import EvaluateRequest, FaceQuality
from diffviz.domain.ideal import known_cards
from diffviz.engine.datasets import to_unit
from diffviz.engine.denoiser import ideal
from diffviz.engine.evaluation import Progress
from diffviz.engine.generator_evaluation import are_faces, best, evaluate_faces, judge_of, measure_faces
from diffviz.engine.zoo import load_net
from tests.toys import save_diffusion

SHAPE = (3, 16, 16)
FACES = "Pixel faces"


@pytest.fixture
def toy(home: Path) -> Card:
    return save_diffusion(paths.user_models(), "toy", SHAPE, 8, dataset=FACES)


def pictures(count: int) -> Any:
    data = samples.load(FACES)
    return to_unit(data.images[:count].transpose(0, 3, 1, 2)), data.labels[:count]


def quality(net: nn.Module, card: Card, request: EvaluateRequest) -> FaceQuality:
    *_, found = evaluate_faces(net, card, judge_of(None), request)
    assert not isinstance(found, Progress)
    return found


def test_which_models_are_of_faces(toy: Card, home: Path) -> None:
    assert are_faces(toy)
    assert not are_faces(save_diffusion(paths.user_models(), "grey", (1, 16, 16), dataset=FACES))
    assert not are_faces(save_diffusion(paths.user_models(), "other", SHAPE))


def test_the_ideal_denoiser_makes_copies_and_nothing_else() -> None:
    """Its samples are the training pictures themselves: all valid, and every one is a copy."""
    card = known_cards((paths.models(),))[0]["ideal-pixel-faces"]
    found = quality(ideal(card), card, EvaluateRequest(samples=16, steps=20))
    assert found.faces.valid.value == 1.0
    assert (found.faces.copies, found.faces.copies_held_out) == (16, 0)


def test_samples_are_compared_with_what_was_asked_for(toy: Card) -> None:
    images, labels = pictures(16)
    found = measure_faces(images, toy, judge_of(None), EvaluateRequest(samples=16))
    assert found.faces.valid.value == 1.0
    assert found.faces.as_asked is not None
    assert found.faces.as_asked.value == np.mean(labels == np.arange(16) % 8)


class Nothing(nn.Module):
    """A network that always says 0."""

    def forward(self, x: Tensor, t: Tensor, y: Tensor | None = None) -> Tensor:
        return torch.zeros_like(x)


def test_what_is_no_face_is_not_valid(toy: Card) -> None:
    found = quality(Nothing(), toy, EvaluateRequest(samples=8, steps=2))
    assert found.faces.valid.value == 0.0
    assert found.faces.withheld is None
    assert found.faces.wrong_pixels["50 %"] > 100


def test_the_best_scale_makes_most_of_what_was_asked(toy: Card) -> None:
    """Sample i is asked for hair i modulo 8: of pictures in that order all are right, of others an eighth."""
    images, labels = pictures(400)
    first = [np.flatnonzero(labels == label)[0] for label in range(8)]
    judge, request = judge_of(None), EvaluateRequest(samples=8)
    wrong, right = (measure_faces(images[order], toy, judge, request) for order in (first[::-1], first))
    assert best([wrong, right, wrong]) is right


def test_the_command_measures_faces_and_writes_the_card(toy: Card, capsys: pytest.CaptureFixture[str]) -> None:
    few = ["--samples", "8", "--steps", "2", "--sweep", "1", "2", "--write", "--quiet"]
    assert main.main(["evaluate", "toy", *few]) == 0
    found = read_card(toy.folder).quality
    assert found["faces"]["valid"]["count"] == 8
    assert found["guidance"] in (1.0, 2.0)
    assert set(found["guidance_chosen_among"]["scales"]) == {"1", "2"}
    assert "valid_at" in capsys.readouterr().out


def test_a_model_that_is_trained_on_meanwhile_keeps_its_new_card(
    toy: Card, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def measured_while_trained(*given: Any) -> Any:
        yield from evaluate_faces(*given)
        save_diffusion(paths.user_models(), "toy", SHAPE, 4, dataset=FACES)

    monkeypatch.setattr("diffviz.engine.generator_evaluation.evaluate_faces", measured_while_trained)
    assert main.main(["evaluate", "toy", "--samples", "4", "--steps", "2", "--write", "--quiet"]) == 1
    assert "written anew" in capsys.readouterr().err
    card = read_card(toy.folder)
    assert (len(card.classes), card.quality) == (4, {})
    load_net(card)


def test_what_does_not_apply_is_refused(toy: Card, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["evaluate", "toy", "--judged", "8"]) == 2
    assert "--judged" in capsys.readouterr().err
    for name in ("train", "test"):
        np.savez(tmp_path / f"{name}.npz", images=np.zeros((1, 16, 16, 3), np.uint8), labels=np.zeros(1, np.uint8))
    with pytest.raises(DataUnsuitable):
        judge_of(tmp_path)
    np.savez(tmp_path / "train.npz", attributes=np.zeros((1, 3), np.uint8))
    with pytest.raises(DataUnsuitable):
        judge_of(tmp_path)
