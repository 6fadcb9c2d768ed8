"""GAN training: replay equals continuation bit for bit, objectives meet theory, and what is asked of it is answered."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from diffviz.domain.arrays import F32
from diffviz.domain.errors import CannotContinue, Diverged, Interrupted, NoSuchStep, OutOfRange
from diffviz.domain.frames import Checkpoint
from diffviz.domain.gan import (
    LOSSES,
    AskD,
    Drawn,
    GanFrame,
    GanRequest,
    Judged,
    Lattice,
    Moons,
    Pictures,
    Replaying,
    Ring,
)
from diffviz.domain.messages import RunInputs
from diffviz.domain.requests import Step
from diffviz.engine.engine import LocalEngine
from diffviz.engine.families import gan_trainer
from diffviz.engine.families.gan import MOST_STEPS, Replay
from diffviz.engine.families.gan_data import generator, source_of
from diffviz.engine.families.gan_trainer import Trainer, gradient_penalty, r1
from diffviz.families import plan_of
from diffviz.theory.gan_distance import BEST, EQUILIBRIUM
from diffviz.theory.gaussians import Mixture

CPU = torch.device("cpu")
SHORT = GanRequest(steps=60, every=20, batch=32, capacity=16)
SMALL = GanRequest(data=Pictures("digits"), steps=4, every=2, batch=8, capacity=8)
KINDS = [
    SHORT,
    dataclasses.replace(SHORT, loss="hinge", spectral_norm=True, ema=0.9),
    dataclasses.replace(SHORT, loss="wasserstein", d_steps=3, data=Moons()),
    dataclasses.replace(SHORT, generator="residual", r1=1.0, spectral_norm=True),
    dataclasses.replace(SHORT, generator="exact", loss="least_squares", data=Lattice()),
    dataclasses.replace(SMALL, ema=0.9, r1=0.5),
]


def run(request: GanRequest, checkpoint: Checkpoint | None = None) -> tuple[list[GanFrame], list[Checkpoint]]:
    items = list(LocalEngine({}, "cpu").frames(request, RunInputs({}, None, checkpoint)))
    frames = [item for item in items if isinstance(item, GanFrame)]
    return frames, [item for item in items if isinstance(item, Checkpoint)]


def same(one: GanFrame, other: GanFrame) -> bool:
    values = ((getattr(one, f.name), getattr(other, f.name)) for f in dataclasses.fields(one))
    return all(np.array_equal(a, b, equal_nan=True) if a is not None else b is None for a, b in values)


@pytest.mark.parametrize("request_", KINDS, ids=lambda r: f"{r.loss} {r.generator} {type(r.data).__name__}")
def test_continuing_equals_never_having_stopped(request_: GanRequest) -> None:
    frames, checkpoints = run(request_)
    again, _ = run(request_)
    assert all(map(same, frames, again))
    middle = request_.steps / 2
    for at in (middle, middle + 0.5):
        child = dataclasses.replace(request_, start=Step(request_, at))
        for checkpoint in (None, checkpoints[0]):
            continued, _ = run(child, checkpoint)
            assert continued[0].position == at
            assert same(continued[-1], frames[-1])


def test_a_continued_run_can_be_continued() -> None:
    frames, _ = run(SHORT)
    child = dataclasses.replace(SHORT, start=Step(SHORT, 13.5))
    _, keyframes = run(child)
    for checkpoint in (None, keyframes[0], keyframes[-1]):
        assert same(run(dataclasses.replace(SHORT, start=Step(child, 47.0)), checkpoint)[0][-1], frames[-1])


def test_a_damaged_keyframe_makes_the_way_longer_and_the_result_the_same() -> None:
    frames, checkpoints = run(SHORT)
    child = dataclasses.replace(SHORT, start=Step(SHORT, 50.0))
    whole = checkpoints[0].data
    other = run(dataclasses.replace(SHORT, capacity=8))[1][0].data
    for data in (b"", b"\x00" * 64, whole[: len(whole) // 2], whole[:-4], other):
        assert same(run(child, Checkpoint(0.0, data))[0][-1], frames[-1])


def test_settings_can_change_on_the_way() -> None:
    frames, checkpoints = run(SHORT)
    for changed in (
        dataclasses.replace(SHORT, loss="hinge", spectral_norm=True, ema=0.9),
        dataclasses.replace(SHORT, data=Moons(), g_rate=1e-4, d_steps=2),
    ):
        child = dataclasses.replace(changed, start=Step(SHORT, 40.0))
        branch, _ = run(child, checkpoints[0])
        assert [f.position for f in branch] == [40.0, 60.0]
        back = dataclasses.replace(SHORT, start=Step(child, 40.0))
        assert not same(branch[-1], frames[-1])
        if not changed.spectral_norm:
            assert same(run(back)[0][-1], frames[-1])


def test_what_cannot_go_on_says_so() -> None:
    def planned(**changes: Any) -> None:
        at = changes.pop("at", 40.0)
        plan_of(dataclasses.replace(SHORT, start=Step(SHORT, at), **changes), {})

    for changes in ({"capacity": 32}, {"generator": "exact"}, {"data": Pictures("digits")}):
        with pytest.raises(CannotContinue):
            planned(**changes)
    for at in (-1.0, 60.5, 12.25, math.nan):
        with pytest.raises(NoSuchStep):
            planned(at=at)
    with pytest.raises(OutOfRange):
        planned(at=40.0, steps=40)
    for points in ((), ((0.0, 4.0),), ((0.0, math.nan),), ((0.0, 0.0),) * 401):
        with pytest.raises(OutOfRange):
            plan_of(GanRequest(data=Drawn(points)), {})


def test_frames_come_where_the_plan_says_and_are_as_large() -> None:
    for request in (SHORT, dataclasses.replace(SHORT, steps=50, start=Step(SHORT, 20.0)), SMALL):
        plan = plan_of(request, {})
        frames, checkpoints = run(request)
        assert tuple(f.position for f in frames) == plan.positions
        assert abs(frames[0].nbytes - plan.frame_bytes) <= 64
        assert checkpoints[0].position == plan.positions[0]
        assert checkpoints[-1].position == plan.positions[-1]


def sent(frames: Generator[Any, Any, None], part: str | None) -> GanFrame:
    item = frames.send(part)
    while not isinstance(item, GanFrame):
        item = next(frames)
    return item


def surface(frame: GanFrame) -> F32:
    assert frame.surface is not None
    return frame.surface


def test_d_and_g_are_stepped_apart() -> None:
    engine = LocalEngine({}, "cpu")
    frames = engine.frames(SHORT, RunInputs())
    assert isinstance(frames, Generator)
    first = sent(frames, None)
    parts = [("D", 0.5, 1), ("G", 1, 2), ("D", 1.5, 1), ("D", 2.5, 1), ("step", 3, 2), ("G", 4, 2), (None, 20, 2)]
    stepped = [sent(frames, part) for part, _, _ in parts]
    assert [(f.position, f.updated) for f in stepped] == [(at, updated) for _, at, updated in parts]
    assert np.array_equal(first.fake, stepped[0].fake)
    assert not np.array_equal(surface(first), surface(stepped[0]))
    assert np.array_equal(surface(stepped[0]), surface(stepped[1]))
    assert not np.array_equal(stepped[0].fake, stepped[1].fake)
    assert same(stepped[-1], run(SHORT)[0][1])


def test_a_cancel_reaches_between_two_steps() -> None:
    engine = LocalEngine({}, "cpu")
    frames = engine.frames(dataclasses.replace(SHORT, steps=10_000, every=1000), RunInputs())
    next(frames), next(frames)
    engine.interrupt_when(lambda: True)
    with pytest.raises(Interrupted):
        next(frames)


def test_looking_leaves_the_training_as_it_was() -> None:
    often = run(dataclasses.replace(SHORT, every=3, spectral_norm=True))[0][-1]
    seldom = run(dataclasses.replace(SHORT, every=60, spectral_norm=True))[0][-1]
    assert np.array_equal(often.fake, seldom.fake)
    assert np.array_equal(surface(often), surface(seldom))


def test_random_values_are_of_one_step_and_part_alone() -> None:
    draws = [torch.randn(4, generator=generator(*key)) for key in ((1, 2, 3), (1, 2, 4), (1, 3, 3), (2, 2, 3))]
    assert all(not torch.equal(a, b) for i, a in enumerate(draws) for b in draws[:i])
    assert torch.equal(draws[0], torch.randn(4, generator=generator(1, 2, 3)))


def test_torchs_own_random_numbers_are_left_alone() -> None:
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    run(dataclasses.replace(SHORT, steps=5, spectral_norm=True))
    assert torch.equal(torch.rand(3), expected)


def test_planar_data_are_draws_of_the_mixture() -> None:
    request = GanRequest(data=Ring(modes=3, std=0.3))
    source = source_of(request)
    x = source.batch(200_000, generator(0, 0, 0)).numpy().astype(float)
    p = Mixture.of([[2.0, 0.0], [-1.0, math.sqrt(3)], [-1.0, -math.sqrt(3)]], 0.3)
    assert x.mean(0) == pytest.approx(p.mean, abs=0.01)
    assert np.cov(x.T) == pytest.approx(p.covariance, abs=0.02)


def test_a_perfect_generator_is_at_equilibrium_and_stays() -> None:
    frames, _ = run(dataclasses.replace(SHORT, generator="exact", steps=400, every=100))
    assert all(f.low <= 0.5 <= f.high and f.best < 0.53 for f in frames)
    assert all(np.array_equal(f.fake, frames[0].fake) for f in frames)


def test_a_generator_that_starts_perfect_starts_at_one_half() -> None:
    for spectral_norm in (False, True):
        start = run(dataclasses.replace(SHORT, generator="residual", spectral_norm=spectral_norm))[0][0]
        assert np.all(start.d_real == 0.5)
        assert np.all(start.d_fake == 0.5)
        assert start.gradient == 0
        assert start.best < 0.53
        assert start.accuracy == 0.5


def test_losses_of_every_step_are_kept() -> None:
    frames, _ = run(dataclasses.replace(SHORT, steps=50))
    assert np.isnan(frames[0].loss_d).all()
    assert all(np.isfinite(f.loss_d).all() for f in frames[1:])
    assert np.array_equal(frames[-1].loss_d[:10], frames[-2].loss_d[10:])


def test_a_training_that_diverges_says_where() -> None:
    trainer = Trainer(SHORT, source_of(SHORT), CPU)
    list(trainer.run_to(7))
    with torch.no_grad():
        next(trainer.d.parameters()).fill_(math.inf)
    with pytest.raises(Diverged) as caught:
        trainer.half()
    assert caught.value.position == 7


def test_d_is_asked_what_it_said_at_any_frame() -> None:
    engine = LocalEngine({}, "cpu")
    frames = [f for f in engine.frames(SHORT, RunInputs()) if isinstance(f, GanFrame)]
    for frame in frames:
        answer = engine.answer(AskD(SHORT, frame.position, frame.fake))
        assert isinstance(answer, Judged)
        assert answer.d == pytest.approx(frame.d_fake)


def answered(engine: LocalEngine, query: AskD) -> tuple[Judged, list[float]]:
    """The answer in the end, and how far it was each time before."""
    left = []
    while isinstance(answer := engine.answer(query), Replaying):
        left.append(answer.left)
    assert isinstance(answer, Judged)
    return answer, left


def test_d_of_a_training_that_was_opened_is_found_from_its_keyframes() -> None:
    frames, checkpoints = run(SHORT)
    engine = LocalEngine({}, "cpu")  # has trained nothing itself
    for frame in (frames[-1], frames[1], frames[2]):
        keyframe = max((c for c in checkpoints if c.position <= frame.position), key=lambda c: c.position)
        for checkpoint in (keyframe, None):  # without one, from fresh networks
            found, _ = answered(engine, AskD(SHORT, frame.position, frame.fake, checkpoint))
            assert found.d == pytest.approx(frame.d_fake, abs=1e-6)
    damaged = AskD(SHORT, frames[1].position, frames[1].fake, Checkpoint(0.0, b"short"))
    assert LocalEngine({}, "cpu").answer(damaged) is None


def test_the_way_back_is_gone_in_slices_and_not_too_far() -> None:
    frames, _ = run(SHORT)
    replay, way = Replay(CPU, lambda _began: True), []
    query = AskD(SHORT, 5.0, frames[0].fake)
    while isinstance(found := replay.towards(query), Replaying):
        way.append(found.left)
    assert way == [4.5, 4.0, 3.5, 3.0, 2.5, 2.0, 1.5, 1.0, 0.5], "one half step each"
    assert isinstance(found, Trainer)
    assert found.position == 5.0
    later = replay.towards(AskD(SHORT, 6.0, frames[0].fake))
    assert later == Replaying(0.5), "it goes on from where it is"
    assert replay.towards(AskD(dataclasses.replace(SHORT, steps=5000), MOST_STEPS + 1.0, frames[0].fake)) is None
    continued = dataclasses.replace(SHORT, start=Step(SHORT, 5.0))
    assert replay.towards(AskD(continued, 6.0, frames[0].fake)) is None, "of a branch there has to be a keyframe"


def test_asking_does_not_disturb_the_training() -> None:
    engine = LocalEngine({}, "cpu")
    frames = engine.frames(SHORT, RunInputs())
    last = None
    for item in frames:
        if isinstance(item, GanFrame):
            engine.answer(AskD(SHORT, 0.0, item.fake))
            last = item
    assert last is not None
    assert same(last, run(SHORT)[0][-1])


def test_images_of_the_samples_are_trained_on() -> None:
    frames, _ = run(SMALL)
    assert frames[-1].fake.shape == (36, 1, 28, 28)
    assert np.abs(frames[-1].fake).max() <= 1
    assert frames[-1].surface is None
    assert math.isnan(frames[-1].best)
    assert frames[-1].per_mode.shape == (0,)
    assert not np.array_equal(frames[0].fake, frames[-1].fake)


# The objectives, by theory


class Linear(nn.Module):
    """D(x) = w · x, whose gradient is w everywhere."""

    def __init__(self, w: Sequence[float]) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.tensor(w))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.w[:, None]


def test_penalties_of_a_linear_d() -> None:
    d, x = Linear([3.0, 4.0]), torch.randn(50, 2, generator=torch.Generator().manual_seed(0))
    assert r1(d, x).item() == pytest.approx(25 / 2)
    assert gradient_penalty(d, x, -x, torch.rand(50, 1)).item() == pytest.approx(16, rel=1e-4)
    [gradient] = torch.autograd.grad(r1(d, x), [d.w])
    assert gradient.tolist() == pytest.approx([3.0, 4.0])


P, Q = Mixture.of([[0.0]], 0.5), Mixture.of([[0.7]], 0.6)
LINE = np.linspace(-6, 7, 20001)[:, None]
WIDTH = LINE[1, 0] - LINE[0, 0]


def best_output(loss: str, p: Any, q: Any) -> Any:
    """What the best possible D says before it is made a probability."""
    match loss:
        case "least_squares":
            return p / (p + q)
        case "hinge":
            return np.sign(p - q)
        case _:
            return np.log(p) - np.log(q)


@pytest.mark.parametrize("loss", sorted(BEST))
def test_the_loss_of_the_best_d_is_that_of_theory(loss: str) -> None:
    p, q = P.density(LINE), Q.density(LINE)
    out = torch.from_numpy(best_output(loss, p, q))
    table = gan_trainer.LOSSES[loss]
    found = float((table.real(out, 1.0).numpy() * p + table.fake(out).numpy() * q).sum() * WIDTH)
    assert found == pytest.approx(BEST[loss](p * WIDTH, q * WIDTH), abs=1e-6)
    for other in (out + 0.3, 0.7 * out):
        worse = float((table.real(other, 1.0).numpy() * p + table.fake(other).numpy() * q).sum() * WIDTH)
        assert worse > found


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_losses_at_equilibrium(loss: str) -> None:
    undecided = torch.full((8,), 0.5 if loss == "least_squares" else 0.0)
    table = gan_trainer.LOSSES[loss]
    d = (table.real(undecided, 1.0) + table.fake(undecided)).mean().item()
    assert (d, table.g(undecided).mean().item()) == pytest.approx(EQUILIBRIUM[loss])
    if table.threshold is not None:
        assert table.shown(undecided).tolist() == pytest.approx([table.threshold] * 8)


def test_the_saturating_gradient_vanishes_where_d_is_sure_and_the_other_does_not() -> None:
    sure = torch.full((1,), -10.0, requires_grad=True)
    gradients = {
        name: torch.autograd.grad(gan_trainer.LOSSES[name].g(sure).sum(), sure)[0].abs().item()
        for name in ("saturating", "non_saturating")
    }
    assert gradients["saturating"] < 1e-4
    assert gradients["non_saturating"] > 0.99


def test_smoothing_moves_ds_best_answer_for_real_data() -> None:
    logits = torch.linspace(-6, 6, 2401)
    best = torch.sigmoid(logits[gan_trainer.LOSSES["non_saturating"].real(logits, 0.9).argmin()])
    assert best.item() == pytest.approx(0.9, abs=0.01)


def test_spectral_norm_divides_by_the_largest_singular_value() -> None:
    request = dataclasses.replace(SHORT, spectral_norm=True)
    trainer = Trainer(request, source_of(request), CPU)
    for _ in trainer.run_to(40):
        pass
    trainer.d.eval()
    for layer in trainer.d.modules():
        if isinstance(layer, nn.Linear):
            assert torch.linalg.matrix_norm(layer.weight, 2).item() == pytest.approx(1, abs=0.05)
