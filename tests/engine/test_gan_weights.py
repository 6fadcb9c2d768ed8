"""Weights of past training steps: counted in bytes against the session's budget, the least recently used out first."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch

from diffviz.domain.frames import Checkpoint
from diffviz.domain.gan import AskD, GanFrame, GanRequest, Judged, Replaying
from diffviz.domain.messages import RunInputs
from diffviz.domain.store import Budget
from diffviz.engine.engine import LocalEngine
from diffviz.engine.families.gan import MOST, WeightCache

SHORT = GanRequest(steps=60, every=10, batch=32, capacity=16)
ONE = {"w": torch.arange(250.0), "steps": torch.tensor(3)}
BYTES = 1008


def key(at: float) -> tuple[GanRequest, float]:
    return SHORT, at


def test_the_least_recently_used_state_makes_way() -> None:
    budget = Budget(MOST * 3 * BYTES)
    cache = WeightCache(budget)
    for at in (0.0, 1.0, 2.0):
        cache.put(key(at), ONE)
    assert cache.get(key(0.0)) is not None
    cache.put(key(3.0), ONE)
    assert [at for at in (0.0, 1.0, 2.0, 3.0) if key(at) in cache] == [0.0, 2.0, 3.0]
    assert cache.nbytes == budget.used == 3 * BYTES


def test_a_state_is_a_copy_and_counts_once() -> None:
    budget, state = Budget(MOST * 3 * BYTES), {"w": torch.zeros(252)}
    cache = WeightCache(budget)
    cache.put(key(0.0), state)
    state["w"].fill_(1)
    kept = cache.get(key(0.0))
    assert kept is not None
    assert not kept["w"].any()
    cache.put(key(0.0), state)
    assert budget.used == BYTES
    assert cache.get(key(0.5)) is None


def test_weights_make_way_for_frames_and_for_a_smaller_budget() -> None:
    budget = Budget(MOST * 3 * BYTES)
    cache = WeightCache(budget)
    for at in range(3):
        cache.put(key(at), ONE)
    assert budget.take(budget.limit - budget.used)
    cache.put(key(3.0), ONE)
    assert len(cache) == 3
    assert key(0.0) not in cache
    budget.limit = MOST * BYTES
    cache.put(key(4.0), ONE)
    assert len(cache) == 0, "there is no room while frames take more than the budget"


def test_what_is_larger_than_the_share_is_not_kept_and_costs_the_others_nothing() -> None:
    budget = Budget(MOST * 2 * BYTES)
    cache = WeightCache(budget)
    cache.put(key(0.0), ONE)
    cache.put(key(1.0), {"w": torch.zeros(10_000)})
    assert key(0.0) in cache
    assert budget.used == BYTES


def test_what_is_forgotten_is_given_back_and_a_closed_cache_keeps_nothing() -> None:
    budget, other = Budget(MOST * 9 * BYTES), dataclasses.replace(SHORT, seed=7)
    cache = WeightCache(budget)
    for request in (SHORT, other):
        for at in range(3):
            cache.put((request, at), ONE)
    cache.forget(SHORT)
    assert budget.used == 3 * BYTES
    cache.close()
    cache.put(key(1.0), ONE)
    assert budget.used == len(cache) == 0


def trained(budget: Budget) -> tuple[LocalEngine, list[GanFrame], Checkpoint]:
    engine = LocalEngine({}, "cpu", budget)
    items = list(engine.frames(SHORT, RunInputs()))
    keyframe = next(item for item in items if isinstance(item, Checkpoint))
    return engine, [item for item in items if isinstance(item, GanFrame)], keyframe


def judged(engine: LocalEngine, frame: GanFrame, keyframe: Checkpoint) -> tuple[Judged, int]:
    """What D said at `frame`, and how often one was told to wait: a state that is kept is there at once."""
    query, waits = AskD(SHORT, frame.position, frame.fake, keyframe), 0
    while isinstance(answer := engine.answer(query), Replaying):
        waits += 1
    assert isinstance(answer, Judged)
    return answer, waits


def test_a_training_stays_within_its_share_and_what_went_is_computed_again_to_the_same() -> None:
    roomy, everything = Budget(), []
    engine, frames, keyframe = trained(roomy)
    everything = [judged(engine, frame, keyframe)[0] for frame in frames]
    each = roomy.used // len(frames)
    assert each * len(frames) == roomy.used > 0
    budget = Budget(MOST * 2 * each)
    engine, again, keyframe = trained(budget)
    assert budget.used == 2 * each
    gans = engine.bench.gans
    kept = [frame.position for frame in again if (SHORT, frame.position) in gans.weights]
    assert kept == [50.0, 60.0]
    for before, frame in zip(everything, again, strict=True):
        assert np.array_equal(judged(engine, frame, keyframe)[0].d, before.d)
    assert budget.used == 2 * each


def test_another_device_gives_the_memory_back() -> None:
    budget = Budget()
    engine, frames, _ = trained(budget)
    assert budget.used > 0
    engine.use_device("cpu")
    assert budget.used == 0
    assert isinstance(engine.answer(AskD(SHORT, 0.0, frames[0].fake)), Judged), "from fresh networks"


def test_weights_go_with_the_networks_they_are_of() -> None:
    budget = Budget()
    engine = LocalEngine({}, "cpu", budget)
    used = []
    for seed in (1, 2, 3, 4):
        for _ in engine.frames(dataclasses.replace(SHORT, seed=seed, steps=10), RunInputs()):
            pass
        used.append(budget.used)
    assert used[1] == used[2] == used[3] == 2 * used[0]
