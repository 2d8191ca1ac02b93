"""The effects of change that need no outside file: definitions, edges, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from socmeasures.effects.bootstrap import bootstrap_change, bootstrap_changes
from socmeasures.effects.individual_change import (
    chance_of_counting,
    reliable_change_index,
    smallest_countable_change,
)
from socmeasures.effects.multiplicity import adjust_p_values, simultaneous
from socmeasures.effects.overlap import (
    cohens_u3,
    matched_rank_biserial,
    paired_superiority,
    tango_interval,
)
from socmeasures.effects.paired_proportions import mcnemar_exact, paired_difference
from socmeasures.effects.proportions import risk_difference
from socmeasures.effects.selection import (
    expected_shift,
    expected_shift_at_cutoff,
    truncated_normal,
)
from socmeasures.errors import (
    ChoiceError,
    NoSpreadError,
    ProbabilityError,
    ReliabilityError,
    ScoresError,
    TooFewError,
)


def test_a_change_of_exactly_the_limit_does_not_count():
    found = reliable_change_index([2 * 1.96, 3.0], [0.0, 0.0], sem=2 / np.sqrt(2))
    assert found.index[0] == pytest.approx(1.96)
    assert (found.higher, found.same, found.lower) == (0, 2, 0)
    assert smallest_countable_change(2.0 / np.sqrt(2) / 1.96, step=1) == 3.0


def test_steps_that_are_no_binary_fractions_are_rounded_up_rightly():
    assert smallest_countable_change(0.1, step=1 / 12) == pytest.approx(4 / 12)
    assert smallest_countable_change(0.3, step=0.1) == pytest.approx(0.9)


def test_methods_that_need_a_reliability_say_so():
    with pytest.raises(ReliabilityError, match="needs a reliability"):
        reliable_change_index([1.0, 2], [2.0, 3], sem=1, method="edwards-nunnally")
    with pytest.raises(ChoiceError, match="method='best'"):
        reliable_change_index([1.0], [2.0], sem=1, method="best")
    with pytest.raises(TooFewError, match="pair"):
        reliable_change_index([np.nan], [2.0], sem=1)
    with pytest.raises(NoSpreadError, match="Hageman"):
        reliable_change_index([2.0, 3, 4], [1.0, 2, 3], sem=1, method="hageman-arrindell")


def test_the_chance_of_counting_is_right_in_simulated_people():
    rng = np.random.default_rng(8)
    true = rng.normal(50, 8, 200_000)
    before, after = (true + rng.normal(0, 6, len(true)) for _ in range(2))
    r, sd = 0.64, 10.0
    chosen = before > 60
    higher, lower = chance_of_counting(
        before[chosen], limit=12.0, sem=6.0, population=(50, sd), r=r
    )
    change = (after - before)[chosen]
    assert higher.mean() == pytest.approx(np.mean(change > 12), abs=0.004)
    assert lower.mean() == pytest.approx(np.mean(change < -12), abs=0.006)


@pytest.mark.parametrize("seed", range(5))
def test_the_score_interval_solves_its_own_equation(seed):
    """The limits are where the constrained likelihood's score statistic is 1.96."""
    from scipy.optimize import minimize_scalar

    rng = np.random.default_rng(seed)
    b, c, same = rng.integers(1, 20, 3)
    n = int(b + c + same)
    for delta in tango_interval(int(b), int(c), n, 0.95):

        def loss(q, delta=delta):
            return -(b * np.log(q + delta) + c * np.log(q) + same * np.log(1 - 2 * q - delta))

        q = minimize_scalar(
            loss, bounds=(max(0, -delta) + 1e-9, (1 - delta) / 2 - 1e-9), method="bounded",
            options={"xatol": 1e-12},
        ).x  # fmt: skip
        z = (b - c - n * delta) / np.sqrt(n * (2 * q + delta * (1 - delta)))
        assert abs(z) == pytest.approx(1.96, abs=2e-3)


@pytest.mark.parametrize(("b", "c", "n"), [(0, 0, 5), (5, 0, 5), (0, 5, 5), (0, 0, 1), (3, 0, 9)])
def test_shares_at_their_ends_have_intervals_within_theirs(b, c, n):
    low, high = tango_interval(b, c, n, 0.95)
    assert -1 <= low <= (b - c) / n <= high <= 1
    assert low < high


def test_paired_effects_keep_their_sign_and_count_ties_half():
    later, earlier = [5, 7, 9, 8, 4], [4, 5, 8, 8, 6]
    assert paired_superiority(later, earlier).estimate == 0.7
    assert paired_superiority(earlier, later).estimate == pytest.approx(0.3)
    one, other = matched_rank_biserial(later, earlier), matched_rank_biserial(earlier, later)
    assert one.estimate == -other.estimate
    assert np.isnan(matched_rank_biserial([1, 2], [1, 2]).estimate)


def test_u3_turns_around_with_its_groups():
    one = cohens_u3([3.0, 4, 5, 6], [1.0, 2, 4, 4])
    other = cohens_u3([1.0, 2, 4, 4], [3.0, 4, 5, 6])
    assert one.estimate == pytest.approx(1 - other.estimate)
    assert one.ci_low == pytest.approx(1 - other.ci_high)


def test_shares_of_the_same_people_at_their_ends():
    for counts in ((5, 0, 0, 0), (0, 5, 0, 0), (0, 0, 5, 0), (0, 0, 0, 5), (1, 0, 0, 0)):
        found = paired_difference(*counts)
        assert -1 <= found.ci_low <= found.estimate <= found.ci_high <= 1
    assert mcnemar_exact(0, 0) is None
    with pytest.raises(TooFewError, match="pair"):
        paired_difference(0, 0, 0, 0)
    with pytest.raises(ScoresError, match="-1 is not a number of people"):
        paired_difference(1, -1, 0, 0)


def test_a_risk_difference_turns_around():
    one, other = risk_difference(17, 21, 8, 19), risk_difference(8, 19, 17, 21)
    assert (one.ci_low, one.ci_high) == pytest.approx((-other.ci_high, -other.ci_low))


def test_p_values_outside_0_to_1_are_refused():
    with pytest.raises(ProbabilityError, match="not a p value"):
        adjust_p_values([0.1, 1.2])
    assert adjust_p_values([]).tolist() == []
    with pytest.raises(ChoiceError, match="method='tukey-ish'"):
        simultaneous([1.0], [1.0], 10, method="tukey-ish")


def test_holm_never_rejects_less_than_bonferroni_nor_more_than_hochberg():
    rng = np.random.default_rng(6)
    for _ in range(50):
        p = rng.random(6) ** 3
        holm = adjust_p_values(p)
        assert (holm <= adjust_p_values(p, method="bonferroni") + 1e-12).all()
        assert (adjust_p_values(p, method="hochberg") <= holm + 1e-12).all()
        assert (
            adjust_p_values(p, method="hommel") <= adjust_p_values(p, method="hochberg") + 1e-12
        ).all()


def test_selection_from_below_mirrors_selection_from_above():
    above = expected_shift_at_cutoff(45, mean=40, sd=10, r=0.7)
    below = expected_shift_at_cutoff(35, mean=40, sd=10, r=0.7, selected="at_or_below")
    assert below.expected_change == pytest.approx(-above.expected_change)
    far = expected_shift_at_cutoff(400, mean=40, sd=10, r=0.7)
    assert far.expected_earlier == pytest.approx(400, abs=1)
    assert expected_shift(40, mean=40, r=0.2).expected_change == 0


def test_the_mean_before_selection_is_recovered_and_its_error_is_about_right():
    rng = np.random.default_rng(4)
    found = []
    for _ in range(40):
        scores = rng.normal(40, 10, 3000)
        found.append(truncated_normal(scores[scores >= 35], 35))
    means = np.array([f.mean for f in found])
    assert means.mean() == pytest.approx(40, abs=0.5)
    assert np.mean([f.mean_se for f in found]) == pytest.approx(means.std(), rel=0.4)
    with pytest.raises(TooFewError, match="before selection"):
        truncated_normal([50.0] * 5, 45)


def test_an_outcome_has_the_same_bootstrap_alone_and_among_others():
    rng = np.random.default_rng(1)
    later, earlier = rng.normal(1, 1, (30, 3)), rng.normal(size=(30, 3))
    together = bootstrap_changes(later, earlier, resamples=2000, seed=5)
    alone = bootstrap_change(later[:, 1], earlier[:, 1], statistic="d_av", resamples=2000, seed=5)
    among = next(e for e in together[1] if e.name == "d_av")
    assert (among.ci_low, among.ci_high) == pytest.approx((alone.ci_low, alone.ci_high))
    with pytest.raises(NoSpreadError, match="bootstrap"):
        bootstrap_changes(earlier + 1, earlier)
