"""The fit on functions whose optimum is known."""

import numpy as np
import pytest

from benchmarks.response_surface import Target, bootstrap, curvature_sd, fit_surfaces, hypercube, least

BEST = np.array([0.3, 0.6])


def observables(points):
    """Three quadratic observables that all are 1 at BEST only."""
    a, b = (points - BEST).T
    return np.column_stack([1 + a, 1 + 2 * b + a * b, 1 + a + b + a**2])


@pytest.fixture
def points():
    return hypercube(20, np.zeros(2), np.ones(2), seed=5)


TARGET = Target(np.ones(3), np.full(3, 0.05))


def test_a_hypercube_has_one_point_in_every_slice(points):
    for column in points.T:
        assert sorted((column * 20).astype(int)) == list(range(20))


def test_quadratic_observables_are_fitted_exactly(points):
    surfaces = fit_surfaces(points, observables(points), TARGET)
    elsewhere = np.array([[0.9, 0.1], [0.2, 0.2]])
    np.testing.assert_allclose(surfaces.at(elsewhere), observables(elsewhere), atol=1e-10)
    found, value = least(surfaces, TARGET, np.array([0.9, 0.9]))
    np.testing.assert_allclose(found, BEST, atol=1e-4)
    assert value == pytest.approx(0, abs=1e-6)


def test_observables_left_out_do_not_count(points):
    surfaces = fit_surfaces(points, observables(points), TARGET)
    only_first = np.array([True, False, False])
    found, _ = least(surfaces, TARGET, np.array([0.9, 0.9]), keep=only_first)
    assert found[0] == pytest.approx(0.3, abs=1e-3)


def test_curvature_is_the_standard_error(points):
    """Two observables, each one parameter itself, tolerance 5 %: so the parameters are known to 0.05."""
    target = Target(np.ones(2), np.full(2, 0.05))
    surfaces = fit_surfaces(points, 1 + points - BEST, target)
    np.testing.assert_allclose(curvature_sd(surfaces, target, BEST), 0.05, rtol=0.01)
    blind = fit_surfaces(points, np.ones((20, 2)), target)
    np.testing.assert_allclose(curvature_sd(blind, target, BEST), 1.0)


def test_the_bootstrap_shows_the_seeds_spread(points):
    noise = np.array([-0.04, -0.02, 0.0, 0.02, 0.04])  # the same at every point: common random numbers
    values = observables(points)[:, :, None] + noise * np.array([1.0, 0.0, 0.0])[:, None]
    draws = bootstrap(points, values, TARGET, BEST, 40, np.random.default_rng(2))
    sd = draws.std(axis=0)
    assert 0.002 < sd[0] < 0.03
    still = bootstrap(
        points, np.repeat(observables(points)[:, :, None], 5, axis=2), TARGET, BEST, 5, np.random.default_rng(2)
    )
    np.testing.assert_allclose(still, np.tile(BEST, (5, 1)), atol=1e-3)
