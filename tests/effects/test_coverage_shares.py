"""How often the intervals of shares and of sites hold the truth: tables of docs/methods.md."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from socmeasures.effects.overlap import tango_interval
from socmeasures.effects.paired_proportions import paired_difference
from socmeasures.models.site_mean import site_mean

# both, later only, earlier only, neither
WAYS = ((0.5, 0.2, 0.1, 0.2), (0.3, 0.1, 0.1, 0.5), (0.6, 0.25, 0.05, 0.1), (0.2, 0.3, 0.3, 0.2))


@cache
def _newcombe(a, b, c, d):
    found = paired_difference(a, b, c, d)
    return found.ci_low, found.ci_high


@cache
def _tango(b, c, n):
    return tango_interval(b, c, n, 0.95)


def held(n, ways, sims, seed=2026):
    """Share of data sets whose interval holds the truth: Newcombe, Tango."""
    counts = np.random.default_rng([seed, n]).multinomial(n, ways, size=sims)
    truth = ways[1] - ways[2]
    limits = np.array(
        [(*_newcombe(*map(int, x)), *_tango(int(x[1]), int(x[2]), n)) for x in counts]
    )
    inside = [
        np.mean((limits[:, k] <= truth + 1e-9) & (truth - 1e-9 <= limits[:, k + 1])) for k in (0, 2)
    ]
    return float(inside[0]), float(inside[1])


def rejects(k, m, icc, sims, seed=5):
    """Share of data sets without any change in which the test by site finds one."""
    rng = np.random.default_rng([seed, k, m])
    found = 0
    for _ in range(sims):
        sites = np.repeat(np.arange(k), np.maximum(2, rng.poisson(m, k)))
        change = np.sqrt(icc) * rng.normal(size=k)[sites]
        change = change + np.sqrt(1 - icc) * rng.normal(size=len(sites))
        found += site_mean(change, sites).p_value < 0.05
    return found / sims


def test_a_few_data_sets_do_not_contradict_the_tables():
    assert all(0.9 <= share <= 1 for share in held(30, WAYS[0], 300))
    assert 0.01 <= rejects(6, 10, 0.1, 300) <= 0.1


@pytest.mark.slow
def test_intervals_of_shares_hold_the_truth_as_often_as_claimed():
    found = []
    for n in (12, 30, 100):
        for ways in WAYS:
            found.append(held(n, ways, 10_000))
            print(n, ways, [round(v, 3) for v in found[-1]])
    for place in (0, 1):
        shares = [pair[place] for pair in found]
        assert 0.945 <= np.mean(shares) <= 0.96
        assert min(shares) >= 0.90


@pytest.mark.slow
@pytest.mark.parametrize(("k", "m", "icc"), [(5, 12, 0), (5, 12, 0.1), (8, 12, 0.1), (8, 8, 0.3)])
def test_the_test_by_site_keeps_its_level(k, m, icc):
    share = rejects(k, m, icc, 10_000)
    print(k, m, icc, share)
    assert 0.035 <= share <= 0.062
