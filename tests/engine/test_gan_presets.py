"""The presets of the GAN lab show what they promise: one short seed of each."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from diffviz.domain.gan import GanFrame, GanRequest
from diffviz.domain.messages import RunInputs
from diffviz.domain.settings import check
from diffviz.engine.engine import LocalEngine
from diffviz.families import plan_of
from diffviz.families.gan import PRESETS
from diffviz.theory.gan_verdict import verdict

pytestmark = pytest.mark.timeout(300)


def trained(request: GanRequest) -> list[GanFrame]:
    return [f for f in LocalEngine({}, "cpu").frames(request, RunInputs()) if isinstance(f, GanFrame)]


def shortened(key: str, steps: int, seed: int = 42) -> list[GanFrame]:
    return trained(dataclasses.replace(PRESETS[key].request, steps=steps, seed=seed))


def kinds(frames: list[GanFrame]) -> list[str]:
    return [verdict(frames[: i + 1]).kind for i in range(len(frames))]


def mean_best(frames: list[GanFrame], count: int = 10) -> float:
    return float(np.mean([f.best for f in frames[-count:]]))


@pytest.mark.parametrize("key", sorted(PRESETS))
def test_a_preset_can_be_run(key: str) -> None:
    check(PRESETS[key].request)
    assert plan_of(PRESETS[key].request, {}).positions[-1] == PRESETS[key].request.steps


@pytest.mark.slow
def test_it_reaches_equilibrium() -> None:
    frames = shortened("equilibrium", 2400)
    assert "equilibrium" in kinds(frames)
    assert mean_best(frames) < 0.54
    assert frames[-1].covered == 8


def test_the_discriminator_wins_and_the_gradient_vanishes() -> None:
    frames = shortened("d_wins", 300)
    assert verdict(frames).kind == "d_wins"
    assert frames[-1].accuracy > 0.99
    assert frames[-1].gradient < 1e-3 * max(f.gradient for f in frames)


def test_modes_collapse() -> None:
    frames = shortened("collapse", 700)
    assert verdict(frames).kind == "collapse"
    assert max(f.covered for f in frames[-10:]) <= 3
    assert mean_best(frames) > 0.8


def test_a_perfect_generator_cannot_be_told_apart() -> None:
    frames = shortened("perfect", 300)
    assert all(f.best < 0.53 for f in frames)
    assert np.mean([f.low <= 0.5 <= f.high for f in frames]) > 0.7
    assert np.mean([f.accuracy for f in frames]) == pytest.approx(0.5, abs=0.01)


@pytest.mark.slow
def test_from_equilibrium_r1_damps_the_drift() -> None:
    plain, damped = shortened("from_equilibrium", 1500), shortened("from_equilibrium_r1", 1500)
    assert plain[0].best < 0.53
    assert "equilibrium" in kinds(damped)
    assert mean_best(plain) > mean_best(damped) + 0.01
    assert mean_best(damped) < 0.535
