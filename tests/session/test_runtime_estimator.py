"""What a training will take is said from what one like it has taken."""

from __future__ import annotations

import dataclasses

import pytest

from diffviz.domain.gan import GanRequest, Moons, Pictures
from diffviz.domain.store import FrameStore
from diffviz.families import plan_of
from diffviz.session.run import Run, RuntimeEstimator
from tests.ui.labs.gan.toys import toy_frame

SEEN = GanRequest(steps=400, every=20)


@pytest.fixture
def costs() -> RuntimeEstimator:
    """It has seen all of a training that took four seconds."""
    store = FrameStore()
    for position in plan_of(SEEN, {}).positions:
        store.append(toy_frame(SEEN, position))
    run = Run(1, "gan/training", SEEN, plan_of(SEEN, {}), store)
    run.seconds = 4.0
    made = RuntimeEstimator()
    made.observe(run)
    return made


@pytest.mark.parametrize(
    ("changed", "seconds"), [({}, 4.0), ({"steps": 800}, 8.0), ({"data": Moons()}, 4.0), ({"d_steps": 3}, 8.0)]
)
def test_trainings_of_like_networks_cost_alike(
    costs: RuntimeEstimator, changed: dict[str, object], seconds: float
) -> None:
    request = dataclasses.replace(SEEN, **changed)  # type: ignore[arg-type]
    assert costs.estimate(request, plan_of(request, {})) == pytest.approx(seconds, rel=0.08)


@pytest.mark.parametrize("changed", [{"capacity": 128}, {"data": Pictures()}])
def test_of_other_networks_nothing_is_known(costs: RuntimeEstimator, changed: dict[str, object]) -> None:
    request = dataclasses.replace(SEEN, **changed)  # type: ignore[arg-type]
    assert costs.estimate(request, plan_of(request, {})) is None
