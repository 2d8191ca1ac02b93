"""Retest: small cases worked by hand, edges, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socmeasures.effects.retest import icc, measurement_error, retest_correlation
from socmeasures.errors import (
    AnswersError,
    ChoiceError,
    NoSpreadError,
    PairLengthError,
    TooFewError,
)

FIRST, SECOND = np.array([3.0, 5, 4, 8, 7, 6]), np.array([4.0, 5, 3, 9, 6, 6])


def both(first=FIRST, second=SECOND):
    return np.column_stack([first, second])


def test_consistency_is_worked_by_hand():
    # differences 1 0 -1 1 -1 0 have variance .8, so the error mean square is .4;
    # person means 3.5 5 3.5 8.5 6.5 6 have variance 3.7, so the people's mean square is 7.4
    found = icc(both(), kind="consistency")
    assert found.estimate == pytest.approx((7.4 - 0.4) / (7.4 + 0.4))


def test_a_shift_of_everybody_lowers_agreement_and_not_consistency():
    shifted = both(second=SECOND + 3)
    assert icc(shifted, kind="consistency").estimate == pytest.approx(
        icc(both(), kind="consistency").estimate
    )
    assert icc(shifted).estimate < icc(both()).estimate - 0.2


def test_perfect_agreement_is_one_without_an_interval_and_says_so():
    found = icc(both(second=FIRST))
    assert (found.estimate, found.ci_low, found.ci_high) == (1.0, 1.0, 1.0)
    assert "agree exactly" in found.notes[0]


def test_perfect_agreement_but_for_a_shift_is_less_than_one_in_agreement():
    found = icc(both(second=FIRST + 1))
    assert 0 < found.ci_low < found.estimate < found.ci_high <= 1
    assert icc(both(second=FIRST + 1), kind="consistency").estimate == 1.0


def test_a_person_with_a_gap_is_left_out_and_counted():
    gap = np.vstack([both(), [5, np.nan]])
    found = icc(gap)
    assert found.n == 6
    assert found.estimate == icc(both()).estimate
    assert found.notes == ("1 person without a score was left out.",)


@given(seed=st.integers(0, 10_000), kind=st.sampled_from(["agreement", "consistency", "one-way"]))
@settings(max_examples=40, deadline=None)
def test_the_interval_holds_the_estimate_and_no_unit_or_order_of_times_changes_it(seed, kind):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(12, 1)) + rng.normal(size=(12, 3))
    one, other = icc(table, kind=kind), icc(7 + 3 * table[:, ::-1], kind=kind)
    assert one.ci_low <= one.estimate <= one.ci_high
    assert other.estimate == pytest.approx(one.estimate)
    assert other.ci_low == pytest.approx(one.ci_low)
    assert other.ci_high == pytest.approx(one.ci_high)


def test_the_retest_correlation_has_fishers_interval():
    found = retest_correlation(FIRST, SECOND)
    r = np.corrcoef(FIRST, SECOND)[0, 1]
    assert found.estimate == pytest.approx(r)
    assert np.arctanh(found.ci_high) - np.arctanh(r) == pytest.approx(1.959963984540054 / 3**0.5)


def test_a_perfect_retest_correlation_needs_no_infinite_number():
    found = retest_correlation([1, 2, 3, 4], [2, 4, 6, 8])
    assert found.estimate == pytest.approx(1.0)
    assert found.ci_high == pytest.approx(1.0)


def test_measurement_error_is_worked_by_hand():
    found = measurement_error(FIRST, SECOND)
    assert found.sem == pytest.approx(0.4**0.5)
    assert found.smallest_detectable_change == pytest.approx(1.96 * 0.8**0.5)
    assert found.limits_of_agreement == pytest.approx((-1.96 * 0.8**0.5, 1.96 * 0.8**0.5))


def test_a_shift_of_everybody_counts_in_the_error_of_agreement_alone():
    found = measurement_error(FIRST, SECOND + 3)
    assert found.sem == pytest.approx(0.4**0.5)
    # variance of the times 3²/2 - .4/6, and .4 of the rest
    assert found.sem_agreement == pytest.approx((4.5 - 0.4 / 6 + 0.4) ** 0.5)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: icc([[1], [2]]), AnswersError, "there is one column"),
        (lambda: icc([[1, 2]]), TooFewError, "at least 2 people"),
        (lambda: icc([[2, 2], [2, 2]]), NoSpreadError, "SD of all scores is 0"),
        (lambda: icc([[1, 2], [3, 4]], kind="absolute"), ChoiceError, "kind='absolute'"),
        (lambda: icc([[1, 2], [3, 4]], unit="mean"), ChoiceError, "unit='mean'"),
        (lambda: retest_correlation([1, 2, 3], [1, 2, 4]), TooFewError, "at least 4 pairs"),
        (lambda: retest_correlation([1, 1, 1, 1], [1, 2, 3, 4]), NoSpreadError, "first scores"),
        (lambda: retest_correlation([1, 2], [1, 2, 3]), PairLengthError, "cannot be the same"),
        (lambda: measurement_error([1], [2]), TooFewError, "at least 2 pairs"),
    ],
)
def test_what_cannot_be_computed_is_refused_with_the_reason(call, error, words):
    with pytest.raises(error, match=words):
        call()
