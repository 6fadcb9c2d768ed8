"""Likelihoods: masses of the 256 grey levels sum to one, means and draws are those of the distribution."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from diffviz.domain import likelihoods as names
from diffviz.engine.likelihoods import Likelihood, likelihood

LEVELS = torch.arange(256, dtype=torch.float64) / 127.5 - 1
WITH_MASSES = [made() for made in names.LIKELIHOODS.values() if names.has_masses(made())]
ROUNDING = 1 / 255


def outputs(p: Likelihood, count: int = 7, spread: float = 2.0) -> Tensor:
    generator = torch.Generator().manual_seed(3)
    return spread * torch.randn((count, p.outputs, 1, 1, 1), generator=generator, dtype=torch.float64)


def masses(p: Likelihood, out: Tensor, scale: Tensor) -> Tensor:
    """(N, 256)."""
    assert p.log_mass is not None
    levels = LEVELS.expand(len(out), 1, 1, 256)
    return p.log_mass(out.expand(-1, -1, 1, 1, 256), scale, levels)[:, 0, 0].exp()


@pytest.mark.parametrize("settings", WITH_MASSES, ids=names.key_of)
@pytest.mark.parametrize("log_scale", [-6.0, -2.0, 0.0, 2.0])
@pytest.mark.parametrize("spread", [1e-4, 1.0, 10.0])
def test_masses_of_the_grey_levels_sum_to_one(settings: names.Likelihood, log_scale: float, spread: float) -> None:
    p = likelihood(settings)
    found = masses(p, outputs(p, spread=spread), torch.tensor(log_scale, dtype=torch.float64))
    assert (found >= 0).all()
    torch.testing.assert_close(found.sum(1), torch.ones(7, dtype=torch.float64), rtol=0, atol=1e-9)


@pytest.mark.parametrize("settings", WITH_MASSES, ids=names.key_of)
def test_far_masses_are_finite_in_float32(settings: names.Likelihood) -> None:
    """Ten thousand σ away there is still a logarithm to learn from, not −∞."""
    p = likelihood(settings)
    assert p.log_mass is not None
    out = torch.full((1, p.outputs, 1, 1, 2), 40.0)
    found = p.log_mass(out, torch.tensor(-4.0), torch.tensor([-1.0, 0.2]).reshape(1, 1, 1, 2))
    assert torch.isfinite(found).all()


@pytest.mark.parametrize("settings", [names.OptimalGaussian(), names.Laplace()], ids=names.key_of)
def test_a_narrow_cell_holds_its_density_times_its_width(settings: names.Likelihood) -> None:
    p = likelihood(settings)
    assert p.log_mass is not None
    out, scale = torch.zeros((1, 1, 1, 1, 101), dtype=torch.float64), torch.tensor(0.0, dtype=torch.float64)
    x = (torch.linspace(-0.9, 0.95, 101, dtype=torch.float64)).reshape(1, 1, 1, 101)
    density = p.objective(out, scale, x).exp()
    torch.testing.assert_close(p.log_mass(out, scale, x).exp(), density * 2 / 255, rtol=0.005, atol=0)


@pytest.mark.parametrize("settings", [names.Logistic(1), names.Logistic(4), names.ContinuousBernoulli()], ids=repr)
def test_mean_is_that_of_the_masses(settings: names.Likelihood) -> None:
    p = likelihood(settings)
    out, scale = outputs(p, 50), torch.tensor(0.0, dtype=torch.float64)
    expected = (masses(p, out, scale) * LEVELS).sum(1)
    torch.testing.assert_close(p.mean(out, scale).flatten(), expected, rtol=0, atol=ROUNDING)


@pytest.mark.parametrize("settings", [made() for made in names.LIKELIHOODS.values()], ids=names.key_of)
def test_draws_have_the_mean(settings: names.Likelihood) -> None:
    """Means within five standard errors; a scale small enough that clipping at the ends does not move it."""
    p = likelihood(settings)
    one = 0.3 * outputs(p, 1).float()
    out = one.expand(-1, -1, 1, 100, 100)
    scale = torch.tensor(-3.0)
    settings_mean = p.mean(out, scale)[0, 0, 0, 0]
    drawn = p.sample(out, scale, torch.Generator().manual_seed(0))
    assert drawn.min() >= -1
    assert drawn.max() <= 1
    tolerance = 5 * float(drawn.std()) / 100 + ROUNDING
    assert abs(float(drawn.mean() - settings_mean)) < tolerance


def test_draws_follow_the_seed() -> None:
    p = likelihood(names.Logistic())
    out = outputs(p).float().expand(-1, -1, 1, 5, 5)
    first, again, other = (p.sample(out, torch.zeros(()), torch.Generator().manual_seed(s)) for s in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_the_optimal_sigma_is_the_root_mean_square_error() -> None:
    """Rybkin et al. 2021, eq. 6: the derivative of the log-likelihood by log σ vanishes there."""
    p = likelihood(names.OptimalGaussian())
    x = torch.randn((1, 1, 20, 20), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    out = torch.zeros((1, 1, 1, 20, 20), dtype=torch.float64)
    scale = (x**2).mean().sqrt().log().requires_grad_()
    [slope] = torch.autograd.grad(p.objective(out, scale, x).sum(), scale)
    assert abs(float(slope)) < 1e-9


def test_tables_of_names_and_makers_have_the_same_keys() -> None:
    from diffviz.engine.likelihoods import MAKERS

    assert set(names.LIKELIHOODS) == set(names.LABELS) == set(MAKERS)
