"""Figures of quality against answers that are known."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from diffviz.domain.cards import Card
from diffviz.domain.evaluation import Diversity, EvaluateRequest, Frechet, NearestDistances, Quality, Share
from diffviz.domain.requests import ReverseRequest
from diffviz.domain.sampling import SAMPLERS, Cosine, Ddim, Ddpm, DpmPlusPlus, Heun, Sampler
from diffviz.engine.datasets import TrainingSet, to_unit
from diffviz.engine.denoiser import denoiser, visit
from diffviz.engine.evaluation import Judge, Progress, asked, best, draw, evaluate, measure, share, sweep, within_class
from diffviz.engine.families.reverse import frames
from diffviz.engine.nets.unet import Classifier, ClassifierConfig
from diffviz.theory.forward import START, normals
from diffviz.theory.processes import VariancePreserving
from diffviz.theory.schedules import NoiseSchedule, visits

REQUEST = EvaluateRequest(samples=40, judged=40, steps=3)
CARD = Card("toy", "Toy", "diffusion", Path(), (1, 8, 8), ("a", "b"), "x0", Cosine())


def data(count: int, seed: int) -> TrainingSet:
    """Two classes, dark and bright, with noise."""
    labels = np.arange(count) % 2
    noise = np.random.default_rng(seed).integers(0, 60, (count, 1, 8, 8))
    return TrainingSet("toy", (noise + 150 * labels[:, None, None, None]).astype(np.uint8), labels, ("a", "b"))


class Mean(Classifier):
    """A classifier that is right: bright is class 1. Its features are the means of the image's halves."""

    def features(self, x: Tensor) -> Tensor:
        return torch.stack([x[..., :4].mean((1, 2, 3)), x[..., 4:].mean((1, 2, 3))], 1)

    def forward(self, x: Tensor) -> Tensor:
        mean = x.mean((1, 2, 3))
        return torch.stack([-mean, mean], 1)


@pytest.fixture
def judge() -> Judge:
    net = Mean(ClassifierConfig(1, 2, (8,), 2)).eval().requires_grad_(False)
    return Judge("mean", net, data(400, 1), data(200, 2))


class Flat(nn.Module):
    """Predicts x_0 as the flat image of its class; "none" is grey."""

    def forward(self, x: Tensor, t: Tensor, y: Tensor | None) -> Tensor:
        level = torch.zeros(len(x)) if y is None else torch.tensor([-0.7, 0.5, 0.0])[y]
        return level[:, None, None, None].expand_as(x)


def test_held_out_images_are_at_distance_zero_from_themselves(judge: Judge) -> None:
    assert judge.distance(judge.test_features) == pytest.approx(0, abs=1e-9)
    assert judge.frechet(judge.test_features, 0).samples == pytest.approx(0, abs=1e-9)


def test_distance_of_moved_features_is_the_square_of_the_move(judge: Judge) -> None:
    moved = judge.test_features + np.array([3.0, 4.0], np.float32)
    assert judge.distance(moved) == pytest.approx(25, rel=1e-5)


def test_training_images_are_nearer_than_noise(judge: Judge) -> None:
    found = judge.frechet(judge.test_features, 0)
    assert found.floor < 0.01 < found.noise


def test_samples_that_are_training_images_are_seen_as_memorised(judge: Judge) -> None:
    found = judge.nearest(judge.train_features[:50], 0)
    assert found.samples == 0 < found.held_out


def test_collapsed_samples_have_no_diversity(judge: Judge) -> None:
    labels = asked(40, 2)
    collapsed = np.stack([judge.test_features[label] for label in labels])
    assert judge.diversity(collapsed, labels).samples == pytest.approx(0, abs=1e-6)
    alike = judge.diversity(judge.test_features[:40], judge.labels[:40])
    assert alike.samples == pytest.approx(alike.held_out, rel=1e-6)


def test_distance_within_a_class() -> None:
    features = np.array([[0, 0], [3, 4], [100, 100]], np.float32)
    assert within_class(features, np.array([0, 0, 1]), 10) == pytest.approx(5)


def test_recognised_share_has_wilsons_interval(judge: Judge) -> None:
    images, labels = to_unit(data(100, 3).images), asked(100, 2)
    assert judge.recognised(images, labels) == share(100, 100)
    assert judge.recognised(images, 1 - labels).value == 0
    half = share(50, 100)
    assert (half.low, half.high) == pytest.approx((0.4038, 0.5962), abs=1e-4)  # Wilson 1927; a textbook's example


def test_samples_are_drawn_of_each_class_in_turn(judge: Judge) -> None:
    items = list(evaluate(Flat(), CARD, judge, REQUEST))
    progress, quality = items[:-1], items[-1]
    assert isinstance(quality, Quality)
    assert quality.recognised.value == 1
    assert all(isinstance(item, Progress) for item in progress)
    assert progress[-1] == Progress(120, 120)


def test_samples_do_not_depend_on_how_many_are_drawn() -> None:
    few, many = np.empty((3, 1, 8, 8), np.float32), np.empty((105, 1, 8, 8), np.float32)
    for out in (few, many):
        for _ in draw(Flat(), CARD, REQUEST, out):
            pass
    np.testing.assert_array_equal(few, many[:3])


def test_guidance_and_seed_reach_the_sampler(judge: Judge) -> None:
    scales = [0.0, 1.0]
    found = [q for q in sweep(Flat(), CARD, judge, REQUEST, scales) if isinstance(q, Quality)]
    assert [q.guidance for q in found] == scales
    assert found[0].recognised.value == 0.5  # scale 0 is the unlabelled, grey image for both classes
    assert found[1].recognised.value == 1


def test_the_report_is_of_the_request(judge: Judge) -> None:
    request = dataclasses.replace(REQUEST, guidance=2.0, seed=5)
    images = to_unit(data(40, 4).images)
    quality = measure(images, CARD, judge, request)
    assert (quality.guidance, quality.seed, quality.steps, quality.classifier) == (2.0, 5, 3, "mean")
    assert quality.frechet.count == quality.recognised.count == 40


def quality(guidance: float, recognised: float, distance: float) -> Quality:
    return Quality(
        "ddim",
        {"eta": 0.0},
        50,
        guidance,
        0,
        "c",
        Share(recognised, 0, 1, 100),
        Frechet(distance, 1, 9, 100),
        NearestDistances(1, 1),
        Diversity(1, 1),
    )


def test_the_best_scale_is_recognised_and_near() -> None:
    found = [quality(1, 0.90, 2.0), quality(2, 0.96, 3.0), quality(3, 0.99, 5.0)]
    assert best(found).guidance == 2
    assert best([found[0], quality(1.5, 0.93, 4.0)]).guidance == 1.5


@pytest.mark.parametrize("sampler", [Ddpm(), Ddim(eta=1.0), Heun(), DpmPlusPlus()])
def test_figures_say_which_sampler_they_are_of(judge: Judge, sampler: Sampler) -> None:
    request = dataclasses.replace(REQUEST, sampler=sampler)
    quality = list(evaluate(Flat(), CARD, judge, request))[-1]
    assert isinstance(quality, Quality)
    assert (SAMPLERS[quality.sampler], quality.settings) == (type(sampler), dataclasses.asdict(sampler))
    assert quality.recognised.value == 1


def test_samples_are_those_of_a_reverse_run_with_the_same_settings() -> None:
    """The figures are of what the window shows: the same noise at the same steps."""
    request = dataclasses.replace(REQUEST, sampler=Ddpm(), guidance=2.0, seed=5)
    out = np.empty((4, 1, 8, 8), np.float32)
    for _ in draw(Flat(), CARD, request, out):
        pass
    schedule = NoiseSchedule.from_settings(Cosine())
    path = [visit(VariancePreserving(schedule), t) for t in visits(schedule.timesteps, request.steps, "trailing")]
    labels = torch.from_numpy(asked(4, 2))
    run = ReverseRequest(sampler=Ddpm(), samples=4, seed=5, steps=request.steps)
    shown = frames(
        run, denoiser(Flat(), "x0", labels, 2, 2.0), path, normals(5, 4, START, (1, 8, 8)), torch.device("cpu")
    )
    np.testing.assert_array_equal(list(shown)[-1].x, out)
