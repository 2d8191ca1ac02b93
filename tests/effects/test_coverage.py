"""How often the default intervals hold the truth: the table of docs/methods.md.

The noncentral-t limits are a smooth function of t at a given df, so they are computed by the
library on a grid of t and interpolated for the simulated data sets.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from socmeasures.effects.noncentral import noncentrality_limits
from socmeasures.effects.paired import KINDS, paired_d

SIZES, CORRELATIONS, EFFECTS = (12, 30, 100), (0.3, 0.7, 0.9), (0.0, 0.5, 1.0)


def normal_pairs(rng, sims, n, r, effect):
    earlier = rng.normal(size=(sims, n))
    later = effect + r * earlier + np.sqrt(1 - r**2) * rng.normal(size=(sims, n))
    return later, earlier


def skewed_five_point_pairs(rng, sims, n, r, effect):
    """Answers 0 to 4, most of them low: a cut normal, 45 % at the floor before."""
    later, earlier = normal_pairs(rng, sims, n, r, effect)
    cuts = [0.1, 0.8, 1.3, 1.9]
    return np.digitize(later, cuts).astype(float), np.digitize(earlier, cuts).astype(float)


def coverage(later, earlier, truth):
    """Share of data sets whose default 95 % interval holds the truth, by kind."""
    n = later.shape[1]
    change = later - earlier
    sd = change.std(axis=1, ddof=1)
    usable = (sd > 0) & (earlier.std(axis=1) > 0)
    t = change.mean(axis=1)[usable] / (sd[usable] / np.sqrt(n))
    low, high = _limits(n - 1)
    unit = {
        "z": sd,
        "av": np.sqrt((later.var(axis=1, ddof=1) + earlier.var(axis=1, ddof=1)) / 2),
        "baseline": earlier.std(axis=1, ddof=1),
    }
    held = {}
    for kind, value in unit.items():
        scale = sd[usable] / (np.sqrt(n) * value[usable])
        held[kind] = float(
            np.mean((low(t) * scale <= truth[kind]) & (truth[kind] <= high(t) * scale))
        )
    return held


@cache
def _limits(df):
    grid = np.concatenate([np.linspace(-30, -8, 45), np.arange(-7.8, 30.2, 0.2), [45, 70, 120]])
    limits = np.array([noncentrality_limits(t, df) for t in grid])
    return CubicSpline(grid, limits[:, 0]), CubicSpline(grid, limits[:, 1])


def normal_truth(r, effect):
    return {"z": effect / np.sqrt(2 * (1 - r)), "av": effect, "baseline": effect}


def test_interpolated_limits_are_those_of_the_library():
    later, earlier = normal_pairs(np.random.default_rng(5), 20, 12, 0.7, 0.5)
    low, high = _limits(11)
    for after, before in zip(later, earlier, strict=True):
        d = paired_d(after, before)
        t = d.estimate * np.sqrt(12)
        assert low(t) / np.sqrt(12) == pytest.approx(d.ci_low, abs=1e-5)
        assert high(t) / np.sqrt(12) == pytest.approx(d.ci_high, abs=1e-5)


@pytest.mark.parametrize("n", SIZES)
def test_default_intervals_hold_the_truth_about_as_often_as_they_say(n):
    for r in CORRELATIONS:
        rng = np.random.default_rng([1, n, int(10 * r)])
        found = coverage(*normal_pairs(rng, 500, n, r, 0.5), normal_truth(r, 0.5))
        assert all(0.92 <= share <= 0.98 for share in found.values()), (n, r, found)


def test_the_whole_function_holds_the_truth_about_as_often_as_it_says():
    later, earlier = normal_pairs(np.random.default_rng(7), 300, 20, 0.7, 0.5)
    truth = {**normal_truth(0.7, 0.5), "rm": 0.5}
    for kind in KINDS:
        inside = [
            (d := paired_d(after, before, kind=kind)).ci_low <= truth[kind] <= d.ci_high
            for after, before in zip(later, earlier, strict=True)
        ]
        assert 0.91 <= np.mean(inside) <= 0.985, kind


@pytest.mark.slow
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("r", CORRELATIONS)
@pytest.mark.parametrize("effect", EFFECTS)
def test_coverage_is_within_the_claimed_limits(n, r, effect):
    rng = np.random.default_rng([2026, n, int(10 * r), int(10 * effect)])
    found = coverage(*normal_pairs(rng, 10_000, n, r, effect), normal_truth(r, effect))
    print(n, r, effect, {k: round(v, 3) for k, v in found.items()})
    assert all(0.935 <= share <= 0.970 for share in found.values()), found


@pytest.mark.slow
@pytest.mark.parametrize("n", SIZES)
def test_coverage_for_a_skewed_five_point_answer(n):
    rng = np.random.default_rng([2026, n, 5])
    later, earlier = skewed_five_point_pairs(rng, 200_000, 100, 0.7, 0.5)
    mean = (later - earlier).mean()
    truth = {
        "z": mean / (later - earlier).std(),
        "av": mean / np.sqrt((later.var() + earlier.var()) / 2),
        "baseline": mean / earlier.std(),
    }
    found = coverage(*skewed_five_point_pairs(rng, 10_000, n, 0.7, 0.5), truth)
    print("skewed", n, {k: round(v, 3) for k, v in found.items()})
    assert all(0.90 <= share <= 0.98 for share in found.values()), found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "r", "effect"), [(12, 0.3, 0.5), (12, 0.7, 1), (12, 0.9, 1), (100, 0.9, 1)]
)
def test_coverage_of_d_rm(n, r, effect):
    rng = np.random.default_rng([2026, n, int(10 * r), 3])
    later, earlier = normal_pairs(rng, 2_000, n, r, effect)
    inside = 0
    for after, before in zip(later, earlier, strict=True):
        d = paired_d(after, before, kind="rm")
        inside += d.ci_low <= effect <= d.ci_high
    print("rm", n, r, effect, inside / 2_000)
    assert 0.93 <= inside / 2_000 <= 0.97
