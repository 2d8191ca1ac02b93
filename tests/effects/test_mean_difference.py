from __future__ import annotations

import numpy as np
import pytest

from socmeasures.effects.mean_difference import cohens_d, difference_in_means, glass_delta, hedges_g
from socmeasures.errors import NoSpreadError, TooFewError

TREATED, CONTROL = [3.0, 4, 5, 6, 7], [1.0, 2, 4, 4, 5]


def test_d_worked_by_hand():
    assert cohens_d(TREATED, CONTROL).estimate == pytest.approx(1.8 / np.sqrt((2.5 + 2.7) / 2))


def test_glass_divides_by_the_second_group():
    assert glass_delta(TREATED, CONTROL).estimate == pytest.approx(1.8 / np.sqrt(2.7))
    assert glass_delta(CONTROL, TREATED).estimate == pytest.approx(-1.8 / np.sqrt(2.5))


@pytest.mark.parametrize("effect", [cohens_d, hedges_g, difference_in_means])
def test_swapping_groups_flips_the_sign(effect):
    there, back = effect(TREATED, CONTROL), effect(CONTROL, TREATED)
    assert back.estimate == pytest.approx(-there.estimate)
    assert (back.ci_low, back.ci_high) == pytest.approx((-there.ci_high, -there.ci_low))


@pytest.mark.parametrize("effect", [cohens_d, hedges_g, glass_delta])
def test_adding_a_constant_changes_nothing(effect):
    moved = effect([x + 100 for x in TREATED], [x + 100 for x in CONTROL])
    assert moved.estimate == pytest.approx(effect(TREATED, CONTROL).estimate)


def test_missing_scores_are_left_out_and_counted():
    found = hedges_g([*TREATED, float("nan")], CONTROL)
    assert found.n == 10
    assert found.notes == ("1 person without a score was left out.",)


def test_no_spread_and_too_few_are_refused():
    with pytest.raises(NoSpreadError, match="the pooled SD is 0"):
        cohens_d([1, 1], [2, 2])
    with pytest.raises(NoSpreadError, match="the SD of the control group is 0"):
        glass_delta([1, 2], [3, 3])
    with pytest.raises(NoSpreadError, match="within both groups"):
        difference_in_means([1, 1], [2, 2])
    with pytest.raises(TooFewError, match="at least 2 people"):
        hedges_g([1], [2, 3])


@pytest.mark.parametrize(("ratio", "equal"), [(1, True), (2, False)])
def test_intervals_hold_the_truth(ratio, equal):
    rng = np.random.default_rng(11)
    truth = 0.5 / np.sqrt((1 + ratio**2) / 2)
    inside = 0
    for _ in range(400):
        found = cohens_d(rng.normal(0.5, ratio, 25), rng.normal(0, 1, 25), equal_variances=equal)
        inside += found.ci_low <= truth <= found.ci_high
    assert 0.92 <= inside / 400 <= 0.985
