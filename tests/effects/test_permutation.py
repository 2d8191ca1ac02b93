"""Permutation tests of clusters: counted by hand, interval checked by brute force, refusals."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from socmeasures.effects.permutation import allocation_test
from socmeasures.errors import (
    DesignClashError,
    FewAllocationsError,
    FewClustersError,
    FewPairsError,
    PairError,
    PairLengthError,
    SchemesError,
    ScoresError,
    TreatedError,
)

HALF = [1, 1, 1, 1, 0, 0, 0, 0]
VALUES = [9.0, 8.0, 4.0, 9.5, 5.0, 6.0, 4.5, 7.0]


def brute_p(y, arm, shift, table):
    """p of the hypothesis that the treatment adds `shift` to each treated cluster."""
    y, arm = np.asarray(y) - shift * np.asarray(arm), np.asarray(arm, dtype=bool)
    size = [abs(y[t].mean() - y[~t].mean()) for t in np.asarray(table, dtype=bool)]
    return np.mean(np.array(size) >= abs(y[arm].mean() - y[~arm].mean()) - 1e-9)


def every(n, treated):
    return [t for t in product((0, 1), repeat=n) if sum(t) == treated]


def test_complete_separation_of_four_and_four_is_two_in_seventy():
    found = allocation_test([9, 8, 7, 9, 5, 6, 4, 5], HALF)
    assert (found.n_allocations, found.n_as_extreme, found.exact) == (70, 2, True)
    assert found.p_value == found.smallest_p == pytest.approx(2 / 70)
    assert found.notes == ()
    assert "all 70 allocations; smallest possible p 0.0286" in found.method


def test_the_interval_holds_just_the_shifts_that_are_not_rejected():
    found = allocation_test(VALUES, HALF, confidence=0.9)
    table = every(8, 4)
    assert brute_p(VALUES, HALF, 0, table) == pytest.approx(found.p_value)
    for end, out in ((found.ci_low, -1), (found.ci_high, 1)):
        assert brute_p(VALUES, HALF, end - out * 1e-6, table) > 0.1
        assert brute_p(VALUES, HALF, end + out * 1e-6, table) <= 0.1
    assert found.ci_low < found.estimate < found.ci_high


def test_three_against_three_is_refused_with_its_smallest_p():
    with pytest.raises(FewAllocationsError, match=r"only 20 possible .* smallest p value is 0\.1,"):
        allocation_test([1, 2, 3, 4, 5, 6], [1, 1, 1, 0, 0, 0])
    found = allocation_test([4, 5, 6, 1, 2, 3], [1, 1, 1, 0, 0, 0], few=True)
    assert found.p_value == pytest.approx(0.1)
    assert (found.ci_low, found.ci_high) == (-np.inf, np.inf)
    assert "No data could give a p value below 0.1" in found.notes[0]


def test_unequal_numbers_are_told_in_words():
    found = allocation_test([*VALUES, 5.5], [*HALF, 0])
    assert found.smallest_p == pytest.approx(1 / 126)  # no mirror image
    assert "The arms have 4 and 5 clusters: with unequal numbers" in found.notes[0]


def test_pairs_are_flips_of_signs():
    pairs = [1, 2, 3, 4, 1, 2, 3, 4]
    found = allocation_test(VALUES, HALF, pairs=pairs)
    gaps = np.subtract(VALUES[:4], VALUES[4:])
    means = [np.mean(np.array(flip) * gaps) for flip in product((1, -1), repeat=4)]
    assert (found.n_allocations, found.smallest_p) == (16, 0.125)
    assert found.estimate == pytest.approx(gaps.mean())
    assert found.p_value == np.mean(np.abs(means) >= abs(gaps.mean()) - 1e-9)
    assert "within pairs" in found.method


def test_strata_are_allocated_and_compared_within():
    arm, strata = [1, 0, 0, 1, 1, 1, 0, 0, 0, 1], list("aaabbbbbba")
    y = [3.0, 1, 2, 13, 12, 14, 11, 12, 10, 4]
    found = allocation_test(y, arm, strata=strata)
    assert found.n_allocations == 6 * 20
    # strata weigh n₁n₀/n: 1 and 1.5
    assert found.estimate == pytest.approx((1 * 2.0 + 1.5 * 2.0) / 2.5)
    higher = [v + 100 * (s == "b") for v, s in zip(y, strata, strict=True)]
    shifted = allocation_test(higher, arm, strata=strata)
    assert shifted.p_value == found.p_value
    assert shifted.ci_low == pytest.approx(found.ci_low)


def test_schemes_are_the_only_allocations_that_count():
    schemes = [t for t in every(8, 4) if t[0] == 1]
    found = allocation_test(VALUES, HALF, schemes=schemes)
    assert (found.n_allocations, found.smallest_p) == (35, 1 / 35)
    assert found.p_value == pytest.approx(brute_p(VALUES, HALF, 0, schemes))
    drawn = allocation_test(VALUES, HALF, schemes=schemes, most=10, draws=4_000)
    assert drawn.p_value == pytest.approx(found.p_value, abs=0.03)


def test_many_allocations_are_drawn_with_the_seed_and_come_near_the_exact_answer():
    rng = np.random.default_rng(3)
    y, arm = rng.normal(size=12), np.arange(12) % 2
    exact = allocation_test(y, arm)
    drawn = allocation_test(y, arm, most=100, draws=20_000, seed=4)
    assert (exact.exact, drawn.exact, drawn.n_allocations) == (True, False, 924)
    assert drawn.p_value == pytest.approx(exact.p_value, abs=0.015)
    assert drawn.p_value == (drawn.n_as_extreme + 1) / 20_001
    assert drawn.smallest_p == 1 / 20_001
    assert drawn.ci_low == pytest.approx(exact.ci_low, abs=0.1)
    again = allocation_test(y, arm, most=100, draws=20_000, seed=4)
    assert again.p_value == drawn.p_value
    assert "20,000 drawn (seed 4) of 924" in drawn.method


def test_a_handful_of_draws_bounds_nothing():
    found = allocation_test(VALUES, HALF, most=10, draws=10)
    assert (found.ci_low, found.ci_high) == (-np.inf, np.inf)
    assert found.smallest_p == 1 / 11


def test_drawing_within_strata_keeps_their_numbers():
    strata = np.repeat(["a", "b"], 4)
    arm = np.array([1, 0, 1, 0, 1, 1, 0, 0])
    exact = allocation_test(VALUES, arm, strata=strata)
    drawn = allocation_test(VALUES, arm, strata=strata, most=5, draws=5_000)
    assert drawn.p_value == pytest.approx(exact.p_value, abs=0.03)


def test_order_scale_and_arms_change_only_what_they_should():
    found = allocation_test(VALUES, HALF)
    order = [3, 7, 1, 0, 5, 2, 6, 4]
    moved = allocation_test([VALUES[i] for i in order], [HALF[i] for i in order])
    assert (moved.p_value, moved.ci_low) == (found.p_value, pytest.approx(found.ci_low))
    higher = allocation_test([v + 50 for v in VALUES], HALF)
    assert higher.ci_high == pytest.approx(found.ci_high)
    swapped = allocation_test(VALUES, [1 - a for a in HALF])
    assert swapped.estimate == -found.estimate
    assert swapped.ci_low == pytest.approx(-found.ci_high)


@pytest.mark.parametrize(
    ("schemes", "why"),
    [
        ([[1, 0]], "it is 1 x 2, and there are 8 clusters"),
        ([[2] * 8], "something other than 0 and 1"),
        ([[1] * 8], "a row puts all clusters into one arm"),
        ([[0, 0, 0, 0, 1, 1, 1, 1]], "the allocation that was drawn is not among its rows"),
    ],
)
def test_schemes_that_do_not_fit_are_refused(schemes, why):
    with pytest.raises(SchemesError, match=why):
        allocation_test(VALUES, HALF, schemes=schemes)


def test_names_of_arms_are_refused():
    with pytest.raises(TreatedError, match=r"treated holds 'usual', 'new'\. Expected True"):
        allocation_test(VALUES, ["usual"] * 4 + ["new"] * 4)


def test_other_faults_are_refused():
    with pytest.raises(ScoresError, match="a cluster has no value"):
        allocation_test([*VALUES[:7], np.nan], HALF)
    with pytest.raises(PairLengthError):
        allocation_test(VALUES[:7], HALF)
    with pytest.raises(FewClustersError):
        allocation_test(VALUES, [1] * 8)
    with pytest.raises(FewPairsError):
        allocation_test(VALUES, HALF, strata=HALF)
    with pytest.raises(PairError, match=r"'a' \(4 treated, 0 control\)"):
        allocation_test(VALUES, HALF, pairs=list("aaaabbbb"))
    with pytest.raises(DesignClashError, match="strata and pairs"):
        allocation_test(VALUES, HALF, strata=HALF, pairs=HALF)
