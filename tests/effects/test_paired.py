from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from socmeasures.effects.paired import KINDS, mean_change, paired_d
from socmeasures.errors import (
    ChoiceError,
    ConfidenceError,
    NoSpreadError,
    PairLengthError,
    ScoresError,
    TooFewError,
)

BEFORE = [4.0, 5, 8, 6, 9, 3]
AFTER = [5.0, 7, 9, 8, 9, 5]
scores = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=4, max_size=25)


def test_d_z_is_mean_change_over_sd_of_changes():
    change = np.array([1.0, 2, 3, 6])
    assert paired_d(change, np.zeros(4)).estimate == change.mean() / change.std(ddof=1)


@pytest.mark.parametrize("kind", KINDS)
def test_swapping_the_time_points_flips_the_sign(kind):
    there = paired_d(AFTER, BEFORE, kind=kind)
    if kind != "baseline":  # its unit is that of the earlier scores
        back = paired_d(BEFORE, AFTER, kind=kind)
        assert back.estimate == pytest.approx(-there.estimate)
        assert back.ci_low == pytest.approx(-there.ci_high)
    down = paired_d([-x for x in AFTER], [-x for x in BEFORE], kind=kind)
    assert down.estimate == pytest.approx(-there.estimate)
    assert down.ci_high == pytest.approx(-there.ci_low)


@settings(max_examples=40, deadline=None)
@given(pairs=scores, shift=st.integers(-50, 50), seed=st.integers(0, 100))
def test_shift_and_order_change_nothing(pairs, shift, seed):
    later, earlier = np.array(pairs, dtype=float).T
    assume(np.ptp(later - earlier) > 0 and np.ptp(earlier) > 0 and np.ptp(later) > 0)
    order = np.random.default_rng(seed).permutation(len(later))
    for kind in ("z", "av", "baseline"):
        first = paired_d(later, earlier, kind=kind)
        moved = paired_d(later[order] + shift, earlier[order] + shift, kind=kind)
        assert moved.estimate == pytest.approx(first.estimate, abs=1e-9)
        assert moved.ci_low == pytest.approx(first.ci_low, abs=1e-7)
        assert first.ci_low <= first.estimate <= first.ci_high


@pytest.mark.parametrize("kind", KINDS)
def test_a_multiple_of_the_scores_changes_nothing(kind):
    once = paired_d(AFTER, BEFORE, kind=kind)
    tenfold = paired_d([10 * x for x in AFTER], [10 * x for x in BEFORE], kind=kind)
    assert tenfold.estimate == pytest.approx(once.estimate)
    assert tenfold.ci_high == pytest.approx(once.ci_high)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("correct", [False, True])
def test_the_interval_excludes_zero_exactly_when_the_t_test_does(kind, correct):
    rng = np.random.default_rng(4)
    for effect in (0.0, 0.4, 0.8):
        before = rng.normal(size=20)
        after = before + effect + rng.normal(size=20)
        p = mean_change(after, before).p_value
        d = paired_d(after, before, kind=kind, correct=correct)
        if kind != "rm":  # its limits use other degrees of freedom
            assert (d.ci_low > 0 or d.ci_high < 0) == (p < 0.05)


def test_missing_pairs_are_left_out_and_counted():
    nan = float("nan")
    found = paired_d([*AFTER, nan, 9], [*BEFORE, 5, nan])
    assert found.estimate == paired_d(AFTER, BEFORE).estimate
    assert found.n == 6
    assert found.notes == ("2 pairs without a score were left out.",)


def test_nullable_pandas_columns_are_read():
    later = pd.Series([5, 7, 9, 8, None], dtype="Int64")
    assert mean_change(later, pd.Series([4, 5, 8, 6, 1])).n == 4


def test_the_correction_shrinks_estimate_and_limits_alike():
    d, g = paired_d(AFTER, BEFORE), paired_d(AFTER, BEFORE, correct=True)
    assert g.name == "g_z"
    assert g.ci_low / d.ci_low == pytest.approx(g.estimate / d.estimate)


def test_textbook_intervals_say_how_far_they_fall_short():
    found = paired_d(AFTER, BEFORE, kind="av", ci_method="normal")
    assert "69 %" in found.notes[0]


def test_huge_changes_have_finite_limits():
    rng = np.random.default_rng(0)
    before = rng.normal(size=12)
    found = paired_d(before + 5 + rng.normal(scale=1e-3, size=12), before)
    assert found.ci_low < found.estimate < found.ci_high
    assert found.ci_low > 1000


def test_the_same_change_in_everybody_has_no_interval_and_no_test():
    found = mean_change([2, 3, 4], [1, 2, 3])
    assert found.estimate == 1
    assert np.isnan(found.ci_low)
    assert found.p_value is None
    assert "no interval and no test" in found.notes[0]
    with pytest.raises(NoSpreadError, match="the SD of the changes is 0"):
        paired_d([2, 3, 4], [1, 2, 3])
    with pytest.raises(NoSpreadError, match="the SD of the changes is 0"):
        paired_d([0.3, 0.4, 0.5], [0.1, 0.2, 0.3])  # equal but for rounding


def test_no_spread_at_the_start_has_no_effect_in_baseline_sds():
    with pytest.raises(NoSpreadError, match="the SD of the earlier scores is 0"):
        paired_d([1, 2, 3], [2, 2, 2], kind="baseline")


def test_what_is_not_a_row_of_scores_is_refused():
    with pytest.raises(ScoresError, match="later: it holds something that is not a number"):
        paired_d(["a", "b"], [1, 2])
    with pytest.raises(ScoresError, match="infinite"):
        paired_d([1, float("inf")], [1, 2])
    with pytest.raises(ScoresError, match="2 dimensions"):
        paired_d([[1, 2]], [[1, 2]])
    with pytest.raises(PairLengthError, match="cannot be the same people"):
        paired_d([1, 2, 3], [1, 2])
    with pytest.raises(TooFewError, match="at least 2 pairs with a score; there is 1"):
        paired_d([1], [2])
    with pytest.raises(ChoiceError, match="kind='x'"):
        paired_d(AFTER, BEFORE, kind="x")
    with pytest.raises(ConfidenceError, match=r"write confidence=0\.95"):
        mean_change(AFTER, BEFORE, confidence=95)
