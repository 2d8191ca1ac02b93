"""The noncentral t distribution against adaptive integration and scipy."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, special, stats

from socmeasures.effects.noncentral import (
    noncentral_t_cdf,
    noncentrality_limits,
    small_sample_factor,
)


def _by_adaptive_integration(t, df, shift):
    """Integrate over z in pieces around the place where the integrand moves."""
    low = max(-shift, -12.0)
    width = t / np.sqrt(2 * df)
    inner = [t - shift + k * width for k in (-6, -4, -2, -1, 0, 1, 2, 4, 6)]
    edges = [low, *sorted(p for p in inner if low < p < 12), 12.0] if low < 12 else []

    def density(z):
        return stats.norm.pdf(z) * special.chdtrc(df, df * ((z + shift) / t) ** 2)

    pieces = pairwise(edges)
    total = sum(integrate.quad(density, a, b, epsabs=1e-14, limit=200)[0] for a, b in pieces)
    return special.ndtr(-shift) + total


@pytest.mark.parametrize("df", [1, 1.7, 9, 31, 250, 10_000])
@pytest.mark.parametrize("t", [0.1, 3.0, 50.0, 1e4])
def test_distribution_function_agrees_with_adaptive_integration(df, t):
    for shift in (-2.0, 0.5, 0.7 * t, t, 1.2 * t + 1):
        found = noncentral_t_cdf(t, df, shift)
        assert found == pytest.approx(_by_adaptive_integration(t, df, shift), abs=1e-9)


@pytest.mark.parametrize("df", [2, 11, 96])
def test_distribution_function_agrees_with_scipy_where_scipy_is_reliable(df):
    for t, shift in ((-2.0, 1.0), (0.0, 0.5), (1.5, -0.5), (4.0, 3.0)):
        assert noncentral_t_cdf(t, df, shift) == pytest.approx(
            stats.nct.cdf(t, df, shift), abs=1e-9
        )


@pytest.mark.parametrize("t", [0.0, 0.4, -3.0, 12.0, -400.0, 1e4])
@pytest.mark.parametrize("df", [1, 11, 499])
def test_limits_leave_equal_tails(t, df):
    low, high = noncentrality_limits(t, df)
    assert low < high
    assert noncentral_t_cdf(t, df, low) == pytest.approx(0.975, abs=1e-8)
    assert noncentral_t_cdf(t, df, high) == pytest.approx(0.025, abs=1e-8)


def test_limits_turn_round_with_the_sign():
    low, high = noncentrality_limits(2.5, 20)
    assert noncentrality_limits(-2.5, 20) == (-high, -low)


def test_the_correction_does_not_exist_with_one_degree_of_freedom():
    assert np.isnan(small_sample_factor(1))
    assert small_sample_factor(2) == pytest.approx(np.sqrt(1 / np.pi))
    assert 0.99 < small_sample_factor(1000) < 1
