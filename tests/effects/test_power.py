"""Power from standard errors: limits, identities, and simulated tests."""

from __future__ import annotations

from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from socmeasures.effects.anova_power import f_of_means, power_of_anova, power_of_correlation
from socmeasures.effects.cluster_power import (
    cluster_mean_variance,
    design_effect,
    effective_sample_size,
    partly_nested,
    stepped_wedge_se,
)
from socmeasures.effects.power import (
    bloom_multiplier,
    power_of_difference,
    power_of_equivalence,
    smallest,
    variance_factor,
)
from socmeasures.effects.precision import alpha_limits, mean_half_width
from socmeasures.effects.share_power import power_of_shares, share_se


@given(difference=st.floats(-3, 3), df=st.floats(1, 500))
def test_power_lies_between_the_level_and_one_and_does_not_know_the_sign(difference, df):
    power = power_of_difference(difference, 0.5, df)

    assert 0.05 - 1e-9 <= power <= 1 + 1e-9
    assert power == pytest.approx(power_of_difference(-difference, 0.5, df), abs=1e-12)


def test_power_against_no_difference_is_the_level():
    assert power_of_difference(0, 1, 14) == pytest.approx(0.05, abs=1e-9)
    assert power_of_difference(0, 1, alpha=0.01) == pytest.approx(0.01, abs=1e-12)


def test_a_one_sided_test_looks_to_one_side():
    up = power_of_difference(0.5, 0.2, 40, alternative="greater")

    assert power_of_difference(-0.5, 0.2, 40, alternative="less") == pytest.approx(up)
    assert power_of_difference(-0.5, 0.2, 40, alternative="greater") < 0.001
    assert up > power_of_difference(0.5, 0.2, 40)


def test_power_with_many_degrees_of_freedom_is_that_of_the_normal_distribution():
    assert power_of_difference(2.5, 1, 1e6) == pytest.approx(
        power_of_difference(2.5, 1, inf), abs=1e-5
    )
    assert power_of_equivalence(0, 3, 1, 1e6) == pytest.approx(
        power_of_equivalence(0, 3, 1, inf), abs=1e-5
    )


@pytest.mark.parametrize(("df", "true", "margin"), [(4, 0.0, 1.2), (18, 0.2, 0.9), (58, 0.0, 0.7)])
def test_power_of_equivalence_is_what_simulated_tests_reach(df, true, margin):
    rng = np.random.default_rng(1)
    se = 0.3
    estimates = true + se * rng.standard_normal(200_000)
    errors = se * np.sqrt(rng.chisquare(df, 200_000) / df)
    t = stats.t.ppf(0.95, df)
    shown = ((estimates + margin) / errors > t) & ((estimates - margin) / errors < -t)

    assert power_of_equivalence(true, margin, se, df) == pytest.approx(shown.mean(), abs=0.004)


def test_equivalence_cannot_be_shown_when_the_interval_is_wider_than_the_margin():
    assert power_of_equivalence(0, 0.01, 1, 3) < 1e-3
    assert power_of_equivalence(0, 0.5, 1, inf) == 0
    assert power_of_equivalence(0, 1e-3, 1, 50) == 0


def test_what_cannot_be_reached_is_none():
    assert smallest(lambda x: 0.5, 0.8, least=1) is None
    assert smallest(lambda x: x / 10, 0.8, least=1, most=5) is None
    assert smallest(lambda x: x / 10, 0.8, least=1, most=9) == pytest.approx(8)
    assert smallest(lambda x: x, 0.8, least=1) == 1


def test_blooms_multiplier_comes_near_the_exact_one():
    for df in (10, 30, 100):
        exact = smallest(lambda d, df=df: power_of_difference(d, 1, df), 0.8, least=1e-9)
        assert bloom_multiplier(df) == pytest.approx(exact, rel=0.01)
    assert bloom_multiplier(inf) == pytest.approx(2.8016, abs=1e-4)


def test_one_wave_before_and_after_is_the_textbook():
    assert variance_factor("ancova", r=0.6) == pytest.approx(1 - 0.36)
    assert variance_factor("change", r=0.6) == pytest.approx(2 * 0.4)
    assert variance_factor("post", r=0.6) == 1


@given(r=st.floats(0, 0.95), after=st.integers(1, 6), before=st.integers(1, 6))
def test_adjusting_for_the_baseline_never_loses(r, after, before):
    waves = {"r": r, "followups": after, "baselines": before}
    ancova = variance_factor("ancova", **waves)

    assert ancova <= variance_factor("change", **waves) + 1e-12
    assert ancova <= variance_factor("post", **waves) + 1e-12


def test_the_variance_factors_are_those_of_the_simulated_means():
    rng = np.random.default_rng(2)
    r, before, after = 0.5, 2, 3
    shared = rng.standard_normal((200_000, 1))
    waves = sqrt(r) * shared + sqrt(1 - r) * rng.standard_normal((200_000, before + after))
    x, y = waves[:, :before].mean(axis=1), waves[:, before:].mean(axis=1)
    settings = {"r": r, "baselines": before, "followups": after}

    assert variance_factor("post", **settings) == pytest.approx(y.var(), rel=0.01)
    assert variance_factor("change", **settings) == pytest.approx((y - x).var(), rel=0.01)
    left = y.var() * (1 - np.corrcoef(x, y)[0, 1] ** 2)
    assert variance_factor("ancova", **settings) == pytest.approx(left, rel=0.01)


# ------------------------------------------------------------------ shares


@pytest.mark.parametrize("method", ["pooled", "unpooled", "fleiss", "arcsine"])
def test_power_of_shares_does_not_know_which_arm_is_which(method):
    power = power_of_shares(0.3, 0.5, 80, 60, method=method)

    assert power_of_shares(0.5, 0.3, 60, 80, method=method) == pytest.approx(power, abs=1e-12)


def test_the_continuity_correction_is_taken_back_exactly():
    n, difference = 60.0, 0.25
    corrected = n / 4 * (1 + sqrt(1 + 4 / (n * difference))) ** 2

    fleiss = power_of_shares(0.75, 0.5, corrected, corrected, method="fleiss")

    assert fleiss == pytest.approx(power_of_shares(0.75, 0.5, n, n), abs=1e-12)


def test_the_standard_error_of_shares_is_the_textbook_one():
    assert share_se(0.2, 0.4, 50, 100) == pytest.approx(sqrt(0.16 / 50 + 0.24 / 100))


# ------------------------------------------------------------------ clusters


def test_the_design_effect_of_single_people_is_one():
    assert design_effect(1, 0.3) == 1
    assert design_effect(20, 0.0, 0.7) == 1
    assert effective_sample_size(100, 1, 0.3) == 100


def test_drop_out_inside_the_design_effect():
    assert design_effect(20 * 0.8, 0.05) == pytest.approx(1.75)
    assert design_effect(20, 0.05) / 0.8 == pytest.approx(2.4375)  # what it is not


@given(size=st.floats(1, 100), icc=st.floats(0, 0.9), cv=st.floats(0, 1))
def test_the_variance_of_an_arm_is_the_design_effect_over_its_people(size, icc, cv):
    variance = cluster_mean_variance(2, 7, size, icc, cv=cv)

    assert variance == pytest.approx(4 * design_effect(size, icc, cv) / (7 * size))


def test_groups_of_one_leave_two_ordinary_arms():
    se, df = partly_nested(1, 40, 40, 1, 0.2)

    assert se == pytest.approx(sqrt(2 / 40))
    assert df == pytest.approx(78)


def test_the_stepped_wedge_is_generalised_least_squares():
    first, periods, size, icc = (2, 2, 3, 5), 4, 12, 0.08
    treated = (np.arange(1, periods + 1) >= np.array(first)[:, None]).ravel()
    design = np.column_stack([np.tile(np.eye(periods), (len(first), 1)), treated])
    block = (1 - icc) / size * np.eye(periods) + icc
    covariance = np.kron(np.eye(len(first)), block)
    precision = np.linalg.inv(design.T @ np.linalg.solve(covariance, design))

    assert stepped_wedge_se(1, first, periods, size, icc) == pytest.approx(
        sqrt(precision[-1, -1]), rel=1e-10
    )


# ------------------------------------------------------------------ several arms, correlation


def test_two_arms_are_the_square_of_the_t_test():
    assert power_of_anova(0.25, 40, 2) == pytest.approx(
        power_of_difference(0.5, sqrt(2 / 40), 78), abs=1e-9
    )
    assert f_of_means([0, 0.5], 1) == 0.25


def test_a_correlation_without_its_sign():
    for method in ("t", "fisher"):
        assert power_of_correlation(-0.3, 50, method=method) == power_of_correlation(
            0.3, 50, method=method
        )
    assert power_of_correlation(0.3, 50, tails=1) > power_of_correlation(0.3, 50)


def test_the_power_of_a_correlation_is_what_simulated_tests_reach():
    rng = np.random.default_rng(3)
    x = rng.standard_normal((20_000, 40))
    y = 0.4 * x + sqrt(1 - 0.16) * rng.standard_normal(x.shape)
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    r = (x * y).sum(axis=1) / np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    t = r * sqrt(38) / np.sqrt(1 - r**2)

    found = (np.abs(t) > stats.t.ppf(0.975, 38)).mean()
    assert power_of_correlation(0.4, 40) == pytest.approx(found, abs=0.015)


# ------------------------------------------------------------------ precision


def test_a_half_width_shrinks_with_the_root_of_n():
    wide, narrow = mean_half_width(8, 50, df=inf), mean_half_width(8, 200, df=inf)

    assert wide == pytest.approx(2 * narrow)
    assert mean_half_width(8, 50) > wide


def test_feldts_limits_stand_around_alpha():
    low, high = alpha_limits(0.8, 60, 10)

    assert low < 0.8 < high
    assert 0.8 - low > high - 0.8
