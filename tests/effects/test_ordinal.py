from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from socmeasures.effects.ordinal import cliffs_delta, probability_of_superiority, rank_biserial
from socmeasures.errors import TooFewError


def test_every_pair_is_counted_ties_by_half():
    found = probability_of_superiority([2, 3], [1, 2])
    assert found.estimate == (1 + 0.5 + 1 + 1) / 4


def test_delta_is_twice_the_share_minus_one():
    share = probability_of_superiority([1, 5, 3, 4], [2, 2, 1, 3])
    delta = cliffs_delta([1, 5, 3, 4], [2, 2, 1, 3])
    assert delta.estimate == pytest.approx(2 * share.estimate - 1)
    assert delta.ci_low == pytest.approx(2 * share.ci_low - 1)


def test_swapping_groups_flips_the_sign():
    first, second = [1, 5, 3, 4], [2, 2, 1, 3]
    there, back = rank_biserial(first, second), rank_biserial(second, first)
    assert back.estimate == pytest.approx(-there.estimate)
    assert back.ci_high == pytest.approx(-there.ci_low)


def test_groups_that_do_not_overlap_still_have_an_interval():
    found = probability_of_superiority([7, 8, 9], [1, 2, 3])
    assert found.estimate == 1
    assert 0 < found.ci_low < 1
    assert found.ci_high == 1
    assert found.p_value is None
    assert "Newcombe" in found.method
    below = probability_of_superiority([1, 2, 3], [7, 8, 9])
    assert below.ci_high == pytest.approx(1 - found.ci_low)


def test_everybody_equal_is_one_half_without_a_test():
    found = cliffs_delta([2, 2, 2], [2, 2])
    assert found.estimate == 0
    assert found.p_value is None
    assert found.ci_low < 0 < found.ci_high


def test_one_person_in_a_group_is_refused():
    with pytest.raises(TooFewError, match="in each group"):
        cliffs_delta([1], [1, 2])


@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_interval_holds_the_truth(shift):
    rng = np.random.default_rng(5)
    truth = stats.norm.cdf(shift / np.sqrt(2))
    inside = 0
    for _ in range(500):
        found = probability_of_superiority(rng.normal(shift, 1, 25), rng.normal(0, 1, 15))
        inside += found.ci_low <= truth <= found.ci_high
    assert 0.93 <= inside / 500 <= 0.99


def _normal(rng, size, shift, sd):
    return rng.normal(shift, sd, size)


def _five_points(rng, size, shift, sd):
    return np.digitize(rng.normal(shift, sd, size), [-1, 0, 1, 2]).astype(float)


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [(10, 10), (12, 25), (30, 30), (60, 20)])
@pytest.mark.parametrize(
    ("draw", "shift", "sd"),
    [(_normal, 0, 1), (_normal, 1, 1), (_normal, 2, 1), (_normal, 0.8, 2), (_five_points, 1.5, 1)],
)
def test_coverage_is_within_the_claimed_limits(sizes, draw, shift, sd):
    rng = np.random.default_rng([2026, *sizes, int(10 * shift)])
    big = probability_of_superiority(draw(rng, 400_000, shift, sd), draw(rng, 400_000, 0, 1))
    inside = 0
    for _ in range(2_000):
        found = probability_of_superiority(
            draw(rng, sizes[0], shift, sd), draw(rng, sizes[1], 0, 1)
        )
        inside += found.ci_low <= big.estimate <= found.ci_high
    print(sizes, draw.__name__, shift, inside / 2_000)
    assert 0.94 <= inside / 2_000 <= 0.995
