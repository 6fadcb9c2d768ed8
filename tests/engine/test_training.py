"""Training continues exactly, follows its plan, and learns."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from diffviz.domain.cards import read_card
from diffviz.domain.errors import NotAChoice
from diffviz.domain.evaluation import EvaluateRequest
from diffviz.domain.frames import Checkpoint, TrainingFrame
from diffviz.domain.sampling import PROCESSES, Cosine, Flow, VarianceExploding
from diffviz.domain.settings import with_value
from diffviz.domain.training import TrainClassifier, TrainDiffusion
from diffviz.engine.datasets import TrainingSet
from diffviz.engine.diffusion_training import DiffusionTask
from diffviz.engine.evaluation import draw
from diffviz.engine.training import WARM_UP_IMAGES, TrainingLoop, batch_indices, learning_rate, model_of, step_seed
from diffviz.engine.training_state import read_metadata, tensors
from diffviz.engine.training_tasks import ClassifierTask
from diffviz.engine.zoo import load_net, save_model
from diffviz.theory.schedules import NoiseSchedule

BATCH = 8


def toys(count: int = 20, classes: int = 3) -> TrainingSet:
    """Each class is one flat grey level."""
    labels = np.arange(count) % max(1, classes)
    images = np.broadcast_to((60 + 60 * labels)[:, None, None, None], (count, 1, 8, 8)).astype(np.uint8)
    return TrainingSet("Toys", images, labels.astype(np.int64), tuple(f"c{i}" for i in range(classes)), "here", "MIT")


def request(steps: int = 6, **settings: object) -> TrainDiffusion:
    made = TrainDiffusion(images=steps * BATCH, batch=BATCH, width=16, depth=1, learning_rate=1e-3)
    return dataclasses.replace(made, **settings)  # type: ignore[arg-type]


def run(training: TrainingLoop) -> list[TrainingFrame | Checkpoint]:
    return list(training.frames())


def stopped_after(training: TrainingLoop, steps: int) -> bytes:
    for _ in range(steps):
        training.step()
    return training.state.checkpoint().data


@pytest.mark.parametrize("classes", [0, 3])
def test_resuming_continues_bit_for_bit(classes: int) -> None:
    data, whole = toys(classes=classes), request(6)
    straight, first = TrainingLoop(DiffusionTask(whole, data)), TrainingLoop(DiffusionTask(whole, data))
    run(straight)
    resumed = TrainingLoop(DiffusionTask(whole, data), stopped_after(first, 3))
    run(resumed)
    assert resumed.state.seen == straight.state.seen == 6 * BATCH
    for a, b in zip(tensors(straight.state.net), tensors(resumed.state.net), strict=True):
        assert torch.equal(a, b)
    for a, b in zip(tensors(straight.state.ema), tensors(resumed.state.ema), strict=True):
        assert torch.equal(a, b)


def test_a_finished_training_can_be_prolonged() -> None:
    data = toys()
    short = TrainingLoop(DiffusionTask(request(2), data))
    *_, last = run(short)
    assert isinstance(last, Checkpoint)
    longer = TrainingLoop(DiffusionTask(request(4), data), last.data)
    run(longer)
    assert (longer.state.seen, longer.state.steps) == (4 * BATCH, 4)


def test_a_checkpoint_says_what_was_asked_and_how_far_it_came() -> None:
    training = TrainingLoop(DiffusionTask(request(2), toys()))
    metadata = read_metadata(stopped_after(training, 1))
    assert metadata.request == request(2)
    assert metadata.counters.seen == BATCH


@pytest.mark.parametrize("data", [b"", b"12345678 not a checkpoint", b"\x02\0\0\0\0\0\0\0{}"])
def test_what_is_not_a_checkpoint_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a training checkpoint"):
        read_metadata(data)


def test_the_last_items_are_a_frame_and_a_checkpoint() -> None:
    *_, frame, checkpoint = run(TrainingLoop(DiffusionTask(request(2), toys())))
    assert isinstance(frame, TrainingFrame)
    assert isinstance(checkpoint, Checkpoint)
    assert frame.position == checkpoint.position == 2 * BATCH == frame.target


def test_minutes_become_a_number_of_images() -> None:
    training = TrainingLoop(DiffusionTask(request(0, minutes=0.0), toys()))
    run(training)
    assert training.state.target > 0
    assert training.state.seen >= training.state.target


def test_learning_rate_rises_stays_and_falls_to_zero() -> None:
    target = 100 * WARM_UP_IMAGES
    rates = [learning_rate(1.0, seen, target, 0.5) for seen in range(0, target + 1, WARM_UP_IMAGES // 2)]
    assert rates[0] < 0.01
    assert set(rates[2:100]) == {1.0}
    assert rates[150] == pytest.approx(0.5)
    assert rates[-1] == 0.0


def test_every_epoch_holds_every_image_once() -> None:
    seen = np.concatenate([batch_indices(1, start, 7, 21) for start in range(0, 42, 7)])
    assert sorted(seen[:21]) == sorted(seen[21:]) == list(range(21))
    assert not np.array_equal(seen[:21], seen[21:])
    across = batch_indices(1, 18, 6, 21)
    np.testing.assert_array_equal(across, seen[18:24])


def test_steps_share_no_random_numbers() -> None:
    assert len({step_seed(seed, seen) for seed in range(10) for seen in range(0, 1280, 128)}) == 100


def test_moving_average_of_the_weights() -> None:
    training = TrainingLoop(DiffusionTask(request(3), toys()))
    [before] = [p.clone() for p in tensors(training.state.ema)[:1]]
    for step in range(1, 4):
        training.step()
        decay = min(0.999, (1 + step) / (10 + step))
        before = decay * before + (1 - decay) * tensors(training.state.net)[0]
        torch.testing.assert_close(tensors(training.state.ema)[0], before, rtol=1e-5, atol=1e-6)


class Recorder(torch.nn.Module):
    """A network that answers 0 and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = torch.nn.Parameter(torch.zeros(1))

    def forward(self, x: torch.Tensor, t: torch.Tensor, y: torch.Tensor | None) -> torch.Tensor:
        self.x, self.t, self.y = x, t, y
        return torch.zeros_like(x)


def test_dropped_labels_become_the_null_label() -> None:
    task = DiffusionTask(request(label_dropout=0.25, batch=512), toys(600))
    net = Recorder()
    task.loss(net, 0, torch.Generator().manual_seed(0))
    assert net.y is not None
    kept = net.y != 3
    assert 0.18 < 1 - kept.float().mean().item() < 0.32
    at = torch.from_numpy(batch_indices(task.request.seed, 0, 512, 600))
    torch.testing.assert_close(net.y[kept], torch.from_numpy(task.data.labels)[at][kept])


def test_timesteps_cover_the_range_evenly() -> None:
    task = DiffusionTask(request(batch=500, schedule=Cosine(timesteps=50)), toys(600))
    net = Recorder()
    task.loss(net, 0, torch.Generator().manual_seed(0))
    counts = torch.bincount(net.t.long(), minlength=51)
    assert counts[0] == 0
    assert counts[1:].tolist() == [10] * 50


@pytest.mark.parametrize("prediction", ["eps", "v", "x0"])
def test_loss_of_a_network_that_answers_zero(prediction: str) -> None:
    """The loss is then the mean square of the target: 1 for ε, x_0² for x_0, and for v their mix by ᾱ."""
    task = DiffusionTask(request(prediction=prediction, batch=512), toys(600, classes=1))
    x0 = (60 / 127.5 - 1) ** 2
    alpha_bar = NoiseSchedule.from_settings(Cosine()).alpha_bar[1:].mean()
    expected = {"eps": 1.0, "x0": x0, "v": alpha_bar + (1 - alpha_bar) * x0}[prediction]
    loss = task.loss(Recorder(), 0, torch.Generator().manual_seed(0)).item()
    assert loss == pytest.approx(expected, rel=0.05)


def test_the_velocity_of_flow_is_asked_for_at_times_between_0_and_1() -> None:
    task = DiffusionTask(request(schedule=Flow(), prediction="u", batch=500), toys(600, classes=1))
    net = Recorder()
    loss = task.loss(net, 0, torch.Generator().manual_seed(0)).item()
    assert loss == pytest.approx(1 + (60 / 127.5 - 1) ** 2, rel=0.05), "the mean square of ε − x_0"
    assert net.t.min() > 0
    assert net.t.max() <= 1
    assert torch.histc(net.t, 10, 0, 1).tolist() == [50] * 10


def test_deviations_are_drawn_and_weighted_as_in_edm() -> None:
    """Karras et al. 2022, table 1: ln σ ~ N(−1.2, 1.2²); with the weights, D = c_skip x costs 1 at every σ."""
    task = DiffusionTask(request(schedule=VarianceExploding(), prediction="x0", batch=2000), toys(600, classes=1))
    net = Recorder()
    task.loss(net, 0, torch.Generator().manual_seed(0))
    logs = net.t.log()
    assert logs.mean().item() == pytest.approx(-1.2, abs=0.01)
    assert logs.std().item() == pytest.approx(1.2, abs=0.02)
    draws = torch.Generator().manual_seed(1)
    x0, sigma = 0.5 * torch.randn(2000, 1, 8, 8, generator=draws), torch.rand(2000, 1, 1, 1, generator=draws) * 9 + 0.1
    x = x0 + sigma * torch.randn(x0.shape, generator=draws)
    fresh = task.net()  # its last layer is 0
    for at in (sigma.flatten() < 2, sigma.flatten() > 5):
        with torch.no_grad():
            cost = task.times.weighted(fresh(x[at], sigma[at].flatten()), x0[at], sigma[at]).item()
        assert cost == pytest.approx(1, rel=0.05)


def test_a_preconditioned_network_says_x_0_and_nothing_else() -> None:
    with pytest.raises(NotAChoice):
        DiffusionTask(request(schedule=VarianceExploding(), prediction="v"), toys())


@pytest.mark.parametrize("process", ["flow", "ve"])
def test_a_network_of_a_process_without_beta_is_trained_saved_loaded_and_sampled(process: str, tmp_path: Path) -> None:
    made = with_value(request(150, images=150 * 16, batch=16, learning_rate=5e-3), ("schedule",), process)
    training = TrainingLoop(DiffusionTask(made, toys(60, classes=0)))
    run(training)
    save_model(tmp_path / "mine", *model_of(training, "Mine"))
    card = read_card(tmp_path / "mine")
    assert type(card.schedule) is PROCESSES[process]
    assert card.prediction == {"flow": "u", "ve": "x0"}[process]
    out = np.empty((8, *card.shape), np.float32)
    for _ in draw(load_net(card), card, EvaluateRequest(samples=8, steps=10), out):
        pass
    assert out.mean() == pytest.approx(60 / 127.5 - 1, abs=0.1), "all its pictures are of this grey"


def test_diffusion_learns_flat_images() -> None:
    training = TrainingLoop(DiffusionTask(request(60, learning_rate=3e-3, batch=16, images=60 * 16), toys(60)))
    losses = [training.step() for _ in range(60)]
    assert np.mean(losses[-10:]) < 0.5 * np.mean(losses[:5])


def test_classifier_learns_grey_levels() -> None:
    asked = TrainClassifier(images=40 * 16, batch=16, width=8, learning_rate=5e-3)
    training = TrainingLoop(ClassifierTask(asked, toys(60)))
    losses = [training.step() for _ in range(40)]
    assert np.mean(losses[-5:]) < 0.5 * losses[0]


def test_a_card_describes_the_model() -> None:
    training = TrainingLoop(DiffusionTask(request(1), toys()))
    run(training)
    card, weights = model_of(training, "Toy model")
    assert json.loads(json.dumps(card))["shape"] == [1, 8, 8]
    assert card["parameters"] == sum(w.numel() for w in weights.values())
    assert card["classes"] == ["c0", "c1", "c2"]
    assert card["training"]["images_seen"] == BATCH
    assert card["schedule"] == {"name": "cosine", "timesteps": 1000, "s": 0.008}
