from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from socmeasures.effects.signed_rank import kth_walsh_average, wilcoxon
from socmeasures.errors import TooFewError


def _p_by_all_signs(change):
    """Enumerate every way the signs could have fallen."""
    moved = np.array([c for c in change if c != 0], dtype=float)
    ranks = stats.rankdata(np.abs(moved))
    up = ranks[moved > 0].sum()
    sums = [
        sum(r for r, s in zip(ranks, signs, strict=True) if s)
        for signs in itertools.product([0, 1], repeat=len(ranks))
    ]
    lower, upper = np.mean(np.array(sums) <= up), np.mean(np.array(sums) >= up)
    return min(1.0, 2 * min(lower, upper))


@pytest.mark.parametrize(
    "change", [[1, 2, 3, 4, 5, 6], [1, 1, 2, -2, 3, 3, 0], [-1, -1, 1, 1], [2, 2, 2, -1, 0, 0, 5]]
)
def test_exact_p_counts_every_sign_with_ties_as_they_are(change):
    found = wilcoxon(change, np.zeros(len(change)))
    assert found.p_value == pytest.approx(_p_by_all_signs(change))
    assert found.n_zero == change.count(0)


def test_exact_p_agrees_with_scipy_without_ties():
    rng = np.random.default_rng(1)
    change = rng.normal(0.3, 1, 25)
    assert wilcoxon(change, np.zeros(25)).p_value == pytest.approx(
        stats.wilcoxon(change, mode="exact").pvalue
    )


def test_more_than_thirty_changes_use_the_normal_approximation():
    change = np.random.default_rng(2).integers(-4, 7, 60).astype(float)
    found = wilcoxon(change, np.zeros(60))
    assert "normal approximation" in found.method
    assert found.p_value == pytest.approx(
        stats.wilcoxon(change, correction=True, mode="approx", zero_method="wilcox").pvalue
    )


def test_walsh_averages_are_found_without_forming_them():
    x = np.sort(np.random.default_rng(3).integers(0, 9, 17) / 4)
    every = sorted((a + b) / 2 for a, b in itertools.combinations_with_replacement(x, 2))
    assert [kth_walsh_average(x, k + 1) for k in range(len(every))] == every


def test_hodges_lehmann_is_the_median_of_the_walsh_averages_zeros_included():
    found = wilcoxon([0, 0, 0, 4], [0, 0, 0, 0]).hodges_lehmann
    assert found.estimate == 0
    assert np.isnan(found.ci_low)
    assert "too few" in found.notes[0]


def test_hodges_lehmann_interval_inverts_the_exact_test():
    change = np.array([1.1, 2.3, 0.4, 5.2, -0.7, 3.3, 2.2, 1.9])
    found = wilcoxon(change, np.zeros(8)).hodges_lehmann
    averages = sorted((a + b) / 2 for a, b in itertools.combinations_with_replacement(change, 2))
    assert (found.ci_low, found.ci_high) == (averages[3], averages[-4])  # P(V ≤ 3) = 5/256
    just_in = wilcoxon(change, np.full(8, found.ci_low + 1e-6)).p_value
    just_out = wilcoxon(change, np.full(8, found.ci_low - 1e-6)).p_value
    assert just_out < 0.05 <= just_in


def test_hodges_lehmann_interval_holds_the_truth():
    rng = np.random.default_rng(8)
    inside = 0
    for _ in range(400):
        limits = wilcoxon(rng.normal(0.5, 1, 20), np.zeros(20)).hodges_lehmann
        inside += limits.ci_low <= 0.5 <= limits.ci_high
    assert 0.92 <= inside / 400 <= 0.985


def test_nobody_changed_gives_no_test():
    found = wilcoxon([1, 2, 3], [1, 2, 3])
    assert found.p_value is None
    assert found.rank_biserial is None
    assert found.hodges_lehmann.estimate == 0


def test_rounding_in_the_last_digit_is_no_change():
    assert wilcoxon([0.1 + 0.2, 2.0], [0.3, 1.0]).n_zero == 1


def test_no_pair_is_refused():
    with pytest.raises(TooFewError, match="at least 1 pair"):
        wilcoxon([float("nan")], [1.0])
