"""Internal consistency: small tables worked by hand, and what never changes it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from socmeasures.effects.one_factor import one_factor
from socmeasures.effects.reliability import (
    alpha,
    cronbach_alpha,
    internal_consistency,
    item_rest,
    opposed_group,
    running_against,
    spearman_brown,
)
from socmeasures.errors import AnswersError, ConfidenceError, NoSpreadError, TooFewError

SIX = np.array([[1, 2, 2], [2, 2, 3], [3, 3, 3], [1, 1, 2], [3, 2, 3], [2, 3, 1]], float)


def made_up(seed, n=60, k=5, noise=1.0):
    """Answers 1 to 5 to `k` items of one thing."""
    rng = np.random.default_rng(seed)
    one = rng.normal(size=n)
    return np.clip(np.round(3 + one[:, None] + noise * rng.normal(size=(n, k))), 1, 5)


seeds = st.integers(0, 10_000)


# ------------------------------------------------------------------------- alpha


def test_alpha_is_worked_by_hand():
    found = cronbach_alpha([[1, 2, 2], [2, 2, 3], [3, 3, 3], [1, 1, 2], [3, 2, 3]])
    # item variances 1, .5, .3; sums 5 7 9 4 8 with variance 4.3
    assert found.estimate == pytest.approx(1.5 * (1 - 1.8 / 4.3))
    assert (found.n, found.name) == (5, "alpha")


def test_identical_items_have_alpha_one_and_an_interval_without_width():
    found = cronbach_alpha([[1, 1], [2, 2], [4, 4]])
    assert (found.estimate, found.ci_low, found.ci_high) == (1.0, 1.0, 1.0)


def test_a_row_with_a_gap_is_left_out_and_counted():
    with_gap = np.vstack([SIX, [np.nan, 3, 3]])
    found = internal_consistency(with_gap)
    assert (found.n, found.n_left_out) == (6, 1)
    assert found.alpha.estimate == cronbach_alpha(SIX).estimate
    assert found.alpha.notes == ("1 person without a score was left out.",)


def test_the_standard_error_of_measurement_is_sd_times_root_of_one_less_alpha():
    found = internal_consistency(SIX)
    assert found.sem == pytest.approx(found.sd * np.sqrt(1 - found.alpha.estimate))


def test_negative_alpha_has_no_standard_error_of_measurement():
    found = internal_consistency([[1, 5, 3], [2, 4, 3], [3, 3, 4], [4, 2, 4], [5, 1, 3]])
    assert found.alpha.estimate < 0
    assert np.isnan(found.sem)


def test_the_item_rest_correlation_leaves_the_item_itself_out():
    found = item_rest(SIX)
    assert found[0] == pytest.approx(np.corrcoef(SIX[:, 0], SIX[:, 1] + SIX[:, 2])[0, 1])


def test_alpha_if_dropped_is_alpha_of_the_others():
    found = internal_consistency(SIX)
    assert found.alpha_if_dropped[1] == pytest.approx(cronbach_alpha(SIX[:, [0, 2]]).estimate)


def test_two_items_have_no_alpha_if_dropped_and_no_omega_but_spearman_brown():
    pair = SIX[:, :2]
    found = internal_consistency(pair)
    r = np.corrcoef(pair, rowvar=False)[0, 1]
    assert np.isnan(found.alpha_if_dropped).all()
    assert found.factor is None
    assert np.isnan(found.omega)
    assert found.standardised_alpha == pytest.approx(2 * r / (1 + r))


def test_an_item_that_never_varies_leaves_its_own_statistics_empty():
    flat = np.column_stack([SIX, np.full(6, 2.0)])
    found = internal_consistency(flat)
    assert np.isnan(found.item_rest_r[3])
    assert np.isnan(found.standardised_alpha)
    assert found.factor is None
    assert found.alpha.estimate == pytest.approx(4 / 3 * 2 / 3 * cronbach_alpha(SIX).estimate)


@pytest.mark.parametrize(
    ("answers", "error", "words"),
    [
        ([1, 2, 3], AnswersError, "it has 1 dimensions instead of two"),
        ([[1], [2]], AnswersError, "one item alone has no internal consistency"),
        ([["a", 1], ["b", 2]], AnswersError, "it holds something that is not a number"),
        ([[1, np.inf], [2, 2]], AnswersError, "it holds an infinite value"),
        ([[1, 2], [np.nan, 2]], TooFewError, "needs at least 2 complete rows"),
        ([[1, 2], [2, 1]], NoSpreadError, "the SD of the sum score is 0"),
    ],
)
def test_what_has_no_alpha_is_refused_with_the_reason(answers, error, words):
    with pytest.raises(error, match=words):
        internal_consistency(answers)


def test_a_confidence_in_percent_is_refused():
    with pytest.raises(ConfidenceError, match="confidence=95"):
        cronbach_alpha(SIX, confidence=95)


@given(seed=seeds)
@settings(max_examples=25, deadline=None)
def test_the_order_of_items_and_people_changes_nothing(seed):
    answers = made_up(seed)
    rng = np.random.default_rng(seed)
    items, people = rng.permutation(5), rng.permutation(60)
    one = internal_consistency(answers)
    other = internal_consistency(answers[people][:, items])
    assert other.alpha.estimate == pytest.approx(one.alpha.estimate)
    assert other.omega == pytest.approx(one.omega, abs=1e-7)
    assert other.item_rest_r == pytest.approx(one.item_rest_r[items])
    assert other.alpha_if_dropped == pytest.approx(one.alpha_if_dropped[items])


@given(seed=seeds, constant=st.floats(-50, 50))
@settings(max_examples=25, deadline=None)
def test_adding_a_constant_to_an_item_moves_the_mean_alone(seed, constant):
    answers = made_up(seed)
    one = internal_consistency(answers)
    other = internal_consistency(answers + np.array([constant, 0, 0, 0, 0]))
    assert other.alpha.estimate == pytest.approx(one.alpha.estimate)
    assert other.omega == pytest.approx(one.omega, abs=1e-7)
    assert other.mean == pytest.approx(one.mean + constant)
    assert other.sem == pytest.approx(one.sem)


@given(seed=seeds, item=st.integers(0, 4))
@settings(max_examples=25, deadline=None)
def test_reversing_an_item_twice_changes_nothing_and_once_turns_its_correlation(seed, item):
    answers = made_up(seed)
    once = answers.copy()
    once[:, item] = 6 - once[:, item]
    twice = once.copy()
    twice[:, item] = 6 - twice[:, item]
    assert cronbach_alpha(twice).estimate == cronbach_alpha(answers).estimate
    assert item_rest(once)[item] == pytest.approx(-item_rest(answers)[item])


@given(seed=seeds, unit=st.floats(0.01, 100))
@settings(max_examples=25, deadline=None)
def test_reliability_has_no_unit_and_error_has_that_of_the_points(seed, unit):
    answers = made_up(seed)
    one, other = internal_consistency(answers), internal_consistency(unit * answers)
    assert other.alpha.estimate == pytest.approx(one.alpha.estimate)
    assert other.omega == pytest.approx(one.omega, abs=1e-7)
    assert other.sem == pytest.approx(unit * one.sem)


@given(seed=seeds)
@settings(max_examples=25, deadline=None)
def test_turning_an_item_round_raises_alpha_exactly_when_it_runs_against_the_others(seed):
    answers = made_up(seed, n=30, k=3, noise=4.0)
    assume(abs(item_rest(answers)[0]) > 1e-9)
    turned = answers.copy()
    turned[:, 0] = 6 - turned[:, 0]
    rises = cronbach_alpha(turned).estimate > cronbach_alpha(answers).estimate
    assert rises == (item_rest(answers)[0] < 0)


# ------------------------------------------------------------------------- one factor


def test_a_factor_that_fits_exactly_is_found():
    loadings, errors = np.array([0.9, 1.2, 0.5, 2.0]), np.array([1.0, 0.4, 2.0, 1.5])
    found = one_factor(np.outer(loadings, loadings) + np.diag(errors), 500)
    shrink = np.sqrt(499 / 500)
    assert found.loadings == pytest.approx(loadings * shrink)
    assert found.error_variances == pytest.approx(errors * shrink**2)
    assert found.omega == pytest.approx(4.6**2 / (4.6**2 + 4.9))
    assert found.chi_square == pytest.approx(0, abs=1e-6)
    assert (found.df, found.converged, found.improper) == (2, True, ())


def test_equally_good_items_have_omega_equal_to_alpha():
    equal = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    assert one_factor(equal, 100).omega == pytest.approx(4 / 3 * (1 - 4 / 8 / 1.25), abs=1e-9)


def test_a_negative_error_variance_is_named_and_not_hidden():
    # r12 r13 / r23 = 1.14 > 1: the first item would need more common than total variance
    heywood = np.array([[1, 0.8, 0.8], [0.8, 1, 0.56], [0.8, 0.56, 1]])
    found = one_factor(heywood, 100)
    assert found.improper == (0,)
    assert found.loadings[0] == pytest.approx(np.sqrt(0.8 * 0.8 / 0.56 * 0.99))


def test_items_without_a_common_factor_have_no_omega():
    # the product of the correlations is negative: no loadings can give it
    found = one_factor([[1, 0.5, 0.5], [0.5, 1, -0.4], [0.5, -0.4, 1]], 100)
    assert not found.converged
    assert np.isnan(found.omega)


@pytest.mark.parametrize(
    ("covariance", "n", "error", "words"),
    [
        (np.eye(2), 50, AnswersError, "three items or more"),
        (np.eye(4), 4, TooFewError, "at least 5 people"),
        (np.ones((3, 3)), 50, AnswersError, "follows from the other items"),
    ],
)
def test_what_has_no_factor_is_refused_with_the_reason(covariance, n, error, words):
    with pytest.raises(error, match=words):
        one_factor(covariance, n)


# ------------------------------------------------------------------------- keying


def test_an_item_keyed_the_wrong_way_is_named_with_both_alphas():
    answers = made_up(1)
    answers[:, 2] = 6 - answers[:, 2]
    found = running_against(answers)
    assert found.places == (2,)
    assert found.alpha == pytest.approx(cronbach_alpha(answers).estimate)
    assert found.alpha_turned == pytest.approx(cronbach_alpha(made_up(1)).estimate)


def test_a_right_key_a_small_sample_or_an_item_named_before_gives_no_warning():
    answers = made_up(1)
    assert running_against(answers) is None
    answers[:, 2] = 6 - answers[:, 2]
    assert running_against(answers[:19]) is None
    assert running_against(answers, skip=[2]) is None


@pytest.mark.parametrize(("factor", "want"), [(1, 0.6), (2, 0.75), (0.5, 3 / 7)])
def test_a_longer_measure_is_more_reliable_by_spearman_and_brown(factor, want):
    assert spearman_brown(0.6, factor) == pytest.approx(want)


# ------------------------------------------------------------------------- coverage


def coverage(seed, n, k, alpha, data_sets):
    """Share of Feldt's intervals that hold alpha; parallel normal items, in one sweep."""
    rng = np.random.default_rng(seed)
    r = alpha / (k - (k - 1) * alpha)
    common = rng.normal(size=(data_sets, n, 1))
    answers = np.sqrt(r) * common + np.sqrt(1 - r) * rng.normal(size=(data_sets, n, k))
    held = 0
    for one in answers:
        found = cronbach_alpha(one)
        held += found.ci_low <= alpha <= found.ci_high
    return held / data_sets


def test_feldts_interval_holds_the_true_alpha_about_as_often_as_it_says():
    assert coverage(3, n=25, k=4, alpha=0.8, data_sets=500) == pytest.approx(0.95, abs=0.03)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "k", "alpha"), [(12, 3, 0.6), (30, 3, 0.8), (100, 11, 0.85)])
def test_feldts_interval_holds_the_true_alpha_in_95_of_100_samples(n, k, alpha):
    # exact for parallel normal items; Monte-Carlo error .0022
    assert coverage(11, n, k, alpha, 10_000) == pytest.approx(0.95, abs=0.007)


def test_a_group_keyed_the_wrong_way_is_found_where_no_single_item_can_be():
    rng = np.random.default_rng(5)
    trait = rng.normal(size=200)
    right = np.column_stack([trait + rng.normal(size=200) for _ in range(8)])
    wrong = right * np.array([1, 1, 1, 1, -1, -1, -1, 1])

    assert opposed_group(right) is None
    assert opposed_group(wrong).places == (4, 5, 6)
    assert opposed_group(wrong).alpha_turned == pytest.approx(alpha(right))
