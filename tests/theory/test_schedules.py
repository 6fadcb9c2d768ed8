from typing import Any

import numpy as np
import pytest
from diffusers import DDPMScheduler
from hypothesis import given, settings
from hypothesis import strategies as st

from diffviz.domain import sampling as names
from diffviz.theory.schedules import BETAS, MAX_BETA, NoiseSchedule
from tests.theory import reference

ALL = [cls() for cls in names.SCHEDULES.values()]
DIFFUSERS: list[tuple[names.Schedule, dict[str, Any]]] = [
    (names.Linear(), {"beta_schedule": "linear"}),
    (names.Cosine(), {"beta_schedule": "squaredcos_cap_v2"}),
    (
        names.ScaledLinear(),
        {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012},
    ),
    (names.Sigmoid(), {"beta_schedule": "sigmoid"}),
    (
        names.Linear(400, 2e-4, 0.05),
        {"beta_schedule": "linear", "num_train_timesteps": 400, "beta_start": 2e-4, "beta_end": 0.05},
    ),
]


def test_every_schedule_of_the_domain_has_its_betas() -> None:
    assert set(BETAS) == set(names.SCHEDULES)


@pytest.mark.parametrize(("ours", "theirs"), DIFFUSERS)
def test_betas_and_alpha_bars_agree_with_diffusers(ours: names.Schedule, theirs: dict[str, Any]) -> None:
    schedule, other = NoiseSchedule.from_settings(ours), reference.scheduler(DDPMScheduler, **theirs)
    np.testing.assert_allclose(schedule.beta[1:], other.betas.numpy(), rtol=1e-9)
    np.testing.assert_allclose(schedule.alpha_bar[1:], other.alphas_cumprod.numpy(), rtol=1e-9)


@pytest.mark.parametrize("ours", ALL)
def test_alpha_bar_agrees_with_diffusers_given_the_same_beta(ours: names.Schedule) -> None:
    schedule = NoiseSchedule.from_settings(ours)
    other = reference.ddpm(schedule).alphas_cumprod.numpy()
    np.testing.assert_allclose(schedule.alpha_bar[1:], other, rtol=1e-12)


@pytest.mark.parametrize("ours", ALL)
def test_arrays_are_indexed_by_t_itself(ours: names.Schedule) -> None:
    schedule = NoiseSchedule.from_settings(ours)
    assert schedule.timesteps == 1000
    assert schedule.alpha_bar[0] == schedule.alpha[0] == 1
    assert schedule.sigma[0] == 0
    assert np.isnan(schedule.beta[0])
    assert np.isnan(schedule.log_beta[0])
    assert schedule.snr[0] == np.inf
    t = 417
    assert schedule.alpha_bar[t] == pytest.approx(np.prod(1 - schedule.beta[1 : t + 1]), rel=1e-12)
    assert schedule.snr[t] == pytest.approx(schedule.alpha[t] ** 2 / schedule.sigma[t] ** 2)
    assert 10 ** schedule.log_beta[t] == pytest.approx(schedule.beta[t])


@given(
    timesteps=st.integers(2, 1500),
    key=st.sampled_from(sorted(names.SCHEDULES)),
)
@settings(deadline=None, max_examples=30)
def test_signal_only_fades_and_power_is_kept(timesteps: int, key: str) -> None:
    schedule = NoiseSchedule.from_settings(names.SCHEDULES[key](timesteps=timesteps))
    assert len(schedule.alpha_bar) == timesteps + 1
    assert np.all(np.diff(schedule.alpha_bar) < 0)
    assert schedule.alpha_bar[-1] > 0
    np.testing.assert_allclose(schedule.alpha**2 + schedule.sigma**2, 1, rtol=1e-12)


def test_cosine_follows_its_curve_until_beta_is_clipped() -> None:
    schedule = NoiseSchedule.from_settings(names.Cosine())
    t = np.arange(1000)
    curve = np.cos((t / 1000 + 0.008) / 1.008 * np.pi / 2) ** 2
    np.testing.assert_allclose(schedule.alpha_bar[:1000], curve / curve[0], rtol=1e-9)
    assert schedule.beta[1000] == MAX_BETA
    assert schedule.alpha_bar[1000] == pytest.approx(2.4e-9, rel=0.02)


def test_linear_adds_up_to_a_variance_of_ten_when_unscaled() -> None:
    assert NoiseSchedule.from_settings(names.Linear()).beta[1:].sum() == pytest.approx(10.05)


@pytest.mark.parametrize("name", ["beta", "alpha_bar", "alpha", "sigma", "snr"])
def test_arrays_are_read_only_float64(name: str) -> None:
    array = getattr(NoiseSchedule.from_settings(names.Linear()), name)
    assert array.dtype == np.float64
    with pytest.raises(ValueError, match="read-only"):
        array[1] = 0.5


@pytest.mark.parametrize("betas", [[], [[0.1]], [0.1, 0.0], [1.0, 0.1], [0.1, 1.1], [np.nan], 0.1])
def test_what_is_no_row_of_variances_is_refused(betas: Any) -> None:
    with pytest.raises(ValueError, match="β"):
        NoiseSchedule.from_betas(betas)


def test_changing_the_betas_afterwards_does_not_change_the_schedule() -> None:
    betas = np.full(3, 0.1)
    schedule = NoiseSchedule.from_betas(betas)
    betas[:] = 0.9
    np.testing.assert_allclose(schedule.beta[1:], 0.1)
