import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffviz.domain.arrays import F64
from diffviz.theory import statistics


def rotation(seed: int, size: int) -> F64:
    q: F64 = np.linalg.qr(np.random.default_rng(seed).normal(size=(size, size)))[0]
    return q


@given(
    st.lists(st.tuples(st.floats(0, 9), st.floats(0, 9)), min_size=1, max_size=6),
    st.integers(0, 99),
)
@settings(deadline=None, max_examples=40)
def test_frechet_of_commuting_covariances_has_a_closed_form(variances: list[tuple[float, float]], seed: int) -> None:
    """Equal eigenvectors: |μ_a − μ_b|² + Σ (√λ_a − √λ_b)², singular covariances included."""
    a, b = np.array(variances).T
    q, mean = rotation(seed, len(a)), np.arange(len(a), dtype=np.float64)
    found = statistics.frechet(mean, q * a @ q.T, mean + 0.5, q * b @ q.T)
    assert found == pytest.approx(0.25 * len(a) + np.sum((np.sqrt(a) - np.sqrt(b)) ** 2), rel=1e-6, abs=1e-6)


def test_frechet_agrees_with_the_root_of_the_product_for_any_covariances() -> None:
    rng = np.random.default_rng(31)
    a, b = (statistics.moments(rng.normal(size=(40, 5)) @ rng.normal(size=(5, 5)))[1] for _ in range(2))
    zero = np.zeros(5)
    cross = np.sqrt(np.linalg.eigvals(a @ b).real).sum()  # AB has the eigenvalues of A^½ B A^½
    found = statistics.frechet(zero, a, zero, b)
    assert found == pytest.approx(np.trace(a) + np.trace(b) - 2 * cross, rel=1e-8)
    assert found == pytest.approx(statistics.frechet(zero, b, zero, a), rel=1e-10)


def test_frechet_of_equal_sets_is_zero_even_with_fewer_rows_than_features() -> None:
    features = np.random.default_rng(32).normal(size=(10, 50))
    moments = statistics.moments(features)
    assert statistics.frechet(*moments, *moments) == pytest.approx(0, abs=1e-10)


def test_moments_are_those_of_numpy() -> None:
    features = np.random.default_rng(33).normal(size=(30, 4)).astype(np.float32)
    mean, cov = statistics.moments(features)
    np.testing.assert_allclose(mean, features.mean(0, dtype=np.float64))
    np.testing.assert_allclose(cov, np.cov(features.astype(np.float64), rowvar=False))
    with pytest.raises(ValueError, match="two rows"):
        statistics.moments(features[:1])


@pytest.mark.parametrize("chunk", [1, 7, 512])
def test_nearest_finds_the_smallest_of_all_distances(chunk: int) -> None:
    rng = np.random.default_rng(34)
    a, b = rng.normal(size=(23, 6)), rng.normal(size=(41, 6))
    every = np.linalg.norm(a[:, None] - b[None], axis=2)
    np.testing.assert_allclose(statistics.nearest(a, b, chunk), every.min(1), rtol=1e-12)


def test_a_copy_is_at_distance_zero() -> None:
    b = np.random.default_rng(35).normal(1000, 1, size=(50, 8)).astype(np.float32)
    assert statistics.nearest(b[7:9], b).tolist() == [0, 0]


@pytest.mark.parametrize("share", [0.03, 0.5, 0.95])
def test_wilson_covers_the_share_nineteen_times_of_twenty(share: float) -> None:
    draws = np.random.default_rng(36).binomial(200, share, size=4000)
    intervals = np.array([statistics.wilson(int(k), 200) for k in draws])
    covered = np.mean((intervals[:, 0] <= share) & (share <= intervals[:, 1]))
    assert 0.93 < covered < 0.975


def test_wilson_solves_its_equation_and_stays_in_the_unit_interval() -> None:
    for low_or_high in statistics.wilson(37, 90):
        p = low_or_high  # the ends are where |share − p| is z standard errors at p
        assert abs(37 / 90 - p) == pytest.approx(statistics.Z95 * np.sqrt(p * (1 - p) / 90))
    low, high = statistics.wilson(0, 20)
    assert low == 0
    assert 0.1 < high < 0.2
    assert statistics.wilson(20, 20)[1] == 1


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (3, 2), (-1, 2)])
def test_what_is_no_share_has_no_interval(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match=r"trial|no share"):
        statistics.wilson(successes, trials)


def test_density_is_the_histogram_over_all_values() -> None:
    values = np.random.default_rng(37).normal(size=(100, 30))
    edges, density = statistics.density(values, 24, -2.0, 2.0)
    counts, expected = np.histogram(values, 24, (-2.0, 2.0))
    np.testing.assert_allclose(edges, expected)
    np.testing.assert_allclose(density, counts / (3000 * 4 / 24))
    assert np.sum(density * np.diff(edges)) == pytest.approx(np.mean(np.abs(values) <= 2))


def test_density_of_normal_draws_is_the_normal_density() -> None:
    values = np.random.default_rng(38).normal(size=400_000).astype(np.float32)
    edges, density = statistics.density(values, 40, -4.0, 4.0)
    centres = (edges[1:] + edges[:-1]) / 2
    np.testing.assert_allclose(density, np.exp(-(centres**2) / 2) / np.sqrt(2 * np.pi), atol=0.01)


def test_density_counts_both_ends_and_ignores_what_is_not_a_number() -> None:
    values = np.array([-1.0, 1.0, 1.5, -7.0, np.nan, np.inf, -np.inf, 0.0])
    _, density = statistics.density(values, 2, -1.0, 1.0)
    assert (density * 8).tolist() == [1, 2]
    assert statistics.density(np.array([]), 2, -1.0, 1.0)[1].tolist() == [0, 0]
