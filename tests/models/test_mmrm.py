"""The marginal model: exactness, invariance, proof of convergence, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from socmeasures.errors import (
    ChoiceError,
    CollinearError,
    ConvergenceError,
    ModelSizeError,
    ScoresError,
    UnseenPairError,
)
from socmeasures.models.mmrm import fit_mmrm

STRUCTURES = ["us", "toeph", "ar1h", "csh", "toep", "ar1", "cs"]


def trial(rng, n=40, waves=3, rho=0.6, sd=None, missing=0.0):
    """A baseline and later outcomes of two arms, with a column a wave for each."""
    lag = np.abs(np.subtract.outer(range(waves + 1), range(waves + 1)))
    scores = rng.multivariate_normal(np.zeros(waves + 1), rho**lag, n)
    outcome = scores[:, 1:] * (np.ones(waves) if sd is None else np.array(sd))
    seen = rng.random((n, waves)) >= missing
    person, wave = np.nonzero(seen)
    arm = (np.arange(n) % 2)[person]
    columns = []
    for k in range(waves):
        here = (wave == k) * 1.0
        columns += [here, here * arm, here * scores[person, 0]]
    names = [f"{c}{k}" for k in range(waves) for c in ("mean", "arm", "base")]
    return outcome[person, wave], np.column_stack(columns), names, person, wave


def fitted(case, **options):
    y, X, names, person, wave = case
    return fit_mmrm(y, X, names, person=person, wave=wave, **options)


@pytest.fixture
def case():
    return trial(np.random.default_rng(5), missing=0.2)


def test_one_wave_is_least_squares():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=20), rng.normal(size=20)
    X = np.column_stack([np.ones(20), x])
    fit = fit_mmrm(y, X, ["one", "x"], person=np.arange(20), wave=np.zeros(20, int))
    want = stats.linregress(x, y)
    got = fit.coefficient("x")
    assert (got.estimate, got.se, got.p_value) == pytest.approx(
        (want.slope, want.stderr, want.pvalue), rel=1e-7
    )
    assert got.df == pytest.approx(18)


def test_complete_pairs_give_the_paired_t_test():
    rng = np.random.default_rng(2)
    pairs = rng.normal(size=(9, 2)) + rng.normal(size=(9, 1))
    X = np.column_stack([np.ones(18), np.tile([0.0, 1.0], 9)])
    fit = fit_mmrm(
        pairs.ravel(), X, ["one", "later"], person=np.repeat(range(9), 2), wave=[0, 1] * 9
    )
    want = stats.ttest_rel(pairs[:, 1], pairs[:, 0])
    got = fit.coefficient("later")
    assert (got.statistic, got.df) == pytest.approx((want.statistic, 8), rel=1e-6)


def test_complete_data_give_hotelling_s_test_as_kenward_and_roger_do():
    rng = np.random.default_rng(3)
    scores = rng.normal(size=(15, 3)) + 0.3
    X = np.tile(np.eye(3), (15, 1))
    fit = fit_mmrm(
        scores.ravel(), X, list("abc"), person=np.repeat(range(15), 3), wave=[0, 1, 2] * 15
    )
    mean, cov = scores.mean(axis=0), np.cov(scores.T)
    t2 = 15 * mean @ np.linalg.solve(cov, mean)
    test = fit.joint_test(np.eye(3))
    assert test.statistic == pytest.approx(t2 * (15 - 3) / (3 * 14), rel=1e-6)
    assert test.df2 == pytest.approx(12, rel=1e-6)


@pytest.mark.parametrize("covariance", STRUCTURES)
def test_the_slope_is_that_of_the_likelihood_and_flat_at_the_optimum(case, covariance):
    from socmeasures.models.covariances import structure
    from socmeasures.models.marginal_likelihood import Likelihood
    from socmeasures.models.repeated_data import arrange

    y, X, names, person, wave = case
    data = arrange(y, X, names, person, wave, None, by_wave=True)
    likelihood = Likelihood(data, structure(covariance, 3))
    near = np.eye(3) + 0.3 * (np.ones((3, 3)) - np.eye(3)) + np.diag([0.1, 0, 0.3])
    theta = likelihood.structure.start(near)
    slope = likelihood.gradient(theta, likelihood.at(theta))[0]
    curvature = likelihood.hessian(theta, likelihood.at(theta))
    step = 1e-6
    for k in range(len(theta)):
        move = np.eye(len(theta))[k] * step
        up, down = likelihood.at(theta + move), likelihood.at(theta - move)
        assert slope[k] == pytest.approx((up.value - down.value) / (2 * step), rel=1e-5, abs=1e-5)
        by_slope = (
            likelihood.gradient(theta + move, up)[0] - likelihood.gradient(theta - move, down)[0]
        ) / (4 * step)
        assert curvature[k] == pytest.approx(by_slope, rel=1e-4, abs=1e-4)


def test_many_people_stand_for_themselves_or_by_their_cross_products():
    case = trial(np.random.default_rng(9), n=400, missing=0.1)
    whole = fitted(case, errors="CR0", df="satterthwaite")
    rooted = fitted(case, df="satterthwaite")
    assert whole.log_likelihood == pytest.approx(rooted.log_likelihood, abs=1e-8)
    np.testing.assert_allclose(whole.coef, rooted.coef, rtol=1e-9)


@pytest.mark.parametrize("covariance", STRUCTURES)
def test_scaling_the_outcome_scales_the_estimate_and_nothing_else(case, covariance):
    y, X, names, person, wave = case
    mine = fitted(case, covariance=covariance).coefficient("arm2")
    other = fitted((1000 * y + 7, X, names, person, wave), covariance=covariance)
    got = other.coefficient("arm2")
    assert (got.estimate, got.se, got.df) == pytest.approx(
        (1000 * mine.estimate, 1000 * mine.se, mine.df), rel=1e-6
    )


def test_a_group_each_equals_two_separate_fits():
    rng = np.random.default_rng(11)
    y, _, _, person, wave = trial(rng, missing=0.15)
    arm = person % 2
    waves = np.eye(3)[wave]
    X = np.concatenate([waves * (arm == 0)[:, None], waves * (arm == 1)[:, None]], axis=1)
    both = fit_mmrm(y, X, list("abcdef"), person=person, wave=wave, group=arm)
    for group in (0, 1):
        mine = arm == group
        one = fit_mmrm(y[mine], waves[mine], list("abc"), person=person[mine], wave=wave[mine])
        np.testing.assert_allclose(both.sigma[group], one.sigma[0], rtol=1e-6)
        got, want = both.coefficient("abcdef"[3 * group]), one.coefficient("a")
        assert (got.se, got.df) == pytest.approx((want.se, want.df), rel=1e-5)


def test_expected_information_gives_other_degrees_of_freedom(case):
    observed = fitted(case).coefficient("arm2").df
    expected = fitted(case, information="expected").coefficient("arm2").df
    assert observed != pytest.approx(expected, rel=1e-6)


def test_sandwiches_widen_in_order(case):
    se = [
        fitted(case, errors=e, df="satterthwaite").coefficient("arm2").se
        for e in ("CR0", "CR2", "CR3")
    ]
    assert se == sorted(se)


def test_a_redundant_contrast_changes_no_joint_test(case):
    fit = fitted(case)
    rows = np.eye(9)[[1, 4]]
    once, twice = fit.joint_test(rows), fit.joint_test(np.vstack([rows, rows[0] + rows[1]]))
    assert (once.statistic, once.df1, once.df2) == pytest.approx(
        (twice.statistic, twice.df1, twice.df2)
    )


def test_what_cannot_be_fitted_is_refused(case):
    y, X, names, person, wave = case
    with pytest.raises(UnseenPairError, match="Nobody was measured at both"):
        fit_mmrm([1, 2, 3, 4.5], np.ones((4, 1)), ["m"], person=[0, 1, 2, 3], wave=[0, 1, 0, 1])
    with pytest.raises(CollinearError, match="twice"):
        fitted((y, np.column_stack([X, X[:, 1] * 2]), [*names, "twice"], person, wave))
    with pytest.raises(ModelSizeError):
        fit_mmrm([1.0, 2.0], np.eye(2), ["a", "b"], person=[0, 1], wave=[0, 0])
    with pytest.raises(ScoresError):
        fitted((np.where(y > 0, np.nan, y), X, names, person, wave))
    with pytest.raises(ChoiceError, match="covariance='un'"):
        fitted(case, covariance="un")
    with pytest.raises(ChoiceError, match="df='kr'"):
        fitted(case, df="kr")
    same = np.repeat(np.random.default_rng(0).normal(size=12), 2)
    with pytest.raises(ConvergenceError, match="known exactly from the others"):
        fit_mmrm(
            same, np.tile(np.eye(2), (12, 1)), ["a", "b"], person=np.repeat(range(12), 2),
            wave=[0, 1] * 12,
        )  # fmt: skip


HARD = (
    {"n": 20, "waves": 3, "missing": 0.4},
    {"n": 20, "waves": 3, "sd": [1000, 30, 1], "missing": 0.2},
    {"n": 24, "waves": 3, "rho": 0.99, "missing": 0.3},
    {"n": 20, "waves": 4, "rho": 0.99, "sd": [1000, 100, 10, 1], "missing": 0.4},
)


def best_of_starts(sets):
    """How many converged; each of them to the best optimum of several starts."""
    converged = refused = 0
    for number in range(sets):
        rng = np.random.default_rng([8, number])
        case = trial(rng, **HARD[number % 4])
        try:
            fit = fitted(case)
        except (ConvergenceError, UnseenPairError):
            refused += 1
            continue
        converged += 1
        assert np.linalg.eigvalsh(fit.correlation[0])[0] > 1e-9
        assert fit.decrement < 1e-8
        waves = fit.sigma.shape[1]
        for _ in range(4):
            root = rng.normal(size=(8, waves))
            start = (root.T @ root / 8)[np.tril_indices(waves)]
            try:
                other = fitted(case, start=start)
            except ConvergenceError:
                continue
            assert other.log_likelihood <= fit.log_likelihood + 1e-5, number
    return converged, refused


def test_hard_data_converge_to_the_best_optimum_or_are_refused():
    converged, refused = best_of_starts(16)
    assert converged >= 8
    assert converged + refused == 16


@pytest.mark.slow
def test_two_hundred_hard_data_sets_converge_to_the_best_optimum_or_are_refused():
    converged, refused = best_of_starts(200)
    print(converged, refused)
    assert converged + refused == 200
    assert converged >= 120
