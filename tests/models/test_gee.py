"""Estimating equations: covariances by hand and by dense algebra, properties, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import block_diag, fractional_matrix_power

from socmeasures.effects.cluster_means import cluster_means_difference
from socmeasures.errors import (
    ChoiceError,
    ClusterDegreesError,
    ClusterLabelError,
    CollinearError,
    EstimatingEquationsError,
    ModelSizeError,
    OneClusterEachError,
    PairLengthError,
    ScoresError,
    SeparationError,
    WorkingCorrelationError,
)
from socmeasures.models.gee import CORRECTIONS, fit_gee

NAMES = ["intercept", "arm", "base"]


def trial(seed=1, k=8, binary=False):
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(k), rng.integers(4, 12, k))
    X = np.column_stack([np.ones(len(cluster)), cluster % 2, rng.normal(size=len(cluster))])
    y = X @ [0.0, 0.5, 0.7] + 0.8 * rng.normal(size=k)[cluster] + rng.normal(size=len(cluster))
    return (y > 0).astype(float) if binary else y, X, cluster


# An intercept alone, three clusters of two, y = 1 2 | 3 2 | 5 4, mean 17/6. The clusters' scores
# are −8/3, −2/3, 10/3 with squares summing to 168/9; the bread is 1/6 and every leverage
# D'V⁻¹D·bread is 2/6 = 1/3.
PLAIN = 168 / 9 / 36
BY_HAND = {
    "none": PLAIN,
    "kauermann-carroll": PLAIN / (1 - 1 / 3),
    "mancl-derouen": PLAIN / (1 - 1 / 3) ** 2,
    "fay-graubard": PLAIN / (1 - 1 / 3),  # 1/3 is below the bound .75
    # scale 65/6/5 = 13/6; c = 5/5·3/2; design effect c·(168/9/6)/(13/6) = 28/13 > 1; δ = 1/2:
    # c·PLAIN + ½·28/13·13/6/6 = 7/9 + 7/18
    "morel": 7 / 9 + 7 / 18,
    "average": ((np.sqrt(3 / 2) + 3 / 2) / 2) ** 2 * PLAIN,
}


@pytest.mark.parametrize("correction", list(CORRECTIONS))
def test_corrected_variances_by_hand(correction):
    fit = fit_gee([1, 2, 3, 2, 5, 4], np.ones((6, 1)), ["mean"], list("aabbcc"),
                  working="independence", correction=correction)  # fmt: skip
    assert fit.coef[0] == pytest.approx(17 / 6)
    assert fit.scale == pytest.approx(13 / 6)
    assert fit.covariance[0, 0] == pytest.approx(BY_HAND[correction])
    found = fit.coefficient("mean")
    assert (found.df, found.se) == (2, pytest.approx(np.sqrt(BY_HAND[correction])))


def test_the_bound_of_fay_and_graubard_by_hand():
    # sizes 4 and 1, mean 2: leverages .8 (bounded to .75) and .2; scores −4 and 4
    fit = fit_gee([1, 1, 1, 1, 6], np.ones((5, 1)), ["mean"], list("aaaab"),
                  working="independence", correction="fay-graubard")  # fmt: skip
    assert fit.covariance[0, 0] == pytest.approx((16 / 0.25 + 16 / 0.8) / 25)


def test_morel_adds_at_least_the_model_variance():
    # residuals cancel within clusters: no score, the design effect counts as 1, δ = p/(k − p)
    y, cluster = np.tile([1.0, -1.0], 8), np.repeat(np.arange(8), 2)
    fit = fit_gee(y, np.ones((16, 1)), ["mean"], cluster, working="independence",
                  correction="morel")  # fmt: skip
    assert fit.covariance[0, 0] == pytest.approx(1 / 7 * (16 / 15) / 16)


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("working", ["exchangeable", "independence"])
def test_covariances_agree_with_dense_algebra(binary, working):
    y, X, cluster = trial(binary=binary)
    family = "binomial" if binary else "gaussian"
    fit = fit_gee(y, X, NAMES, cluster, family=family, working=working)
    mean = 1 / (1 + np.exp(-X @ fit.coef)) if binary else X @ fit.coef
    variance = mean * (1 - mean) if binary else np.ones(len(y))
    D = X * variance[:, None] if binary else X
    alpha = 0.0 if working == "independence" else fit.alpha
    V = block_diag(*[
        np.sqrt(np.outer(v, v)) * (alpha + (1 - alpha) * np.eye(len(v)))
        for v in (variance[cluster == c] for c in range(8))
    ])  # fmt: skip
    W = np.linalg.inv(V)
    bread = np.linalg.inv(D.T @ W @ D)
    assert np.allclose(D.T @ W @ (y - mean), 0, atol=1e-8)
    meat = {"kauermann-carroll": 0, "mancl-derouen": 0, "fay-graubard": 0}
    for c in range(8):
        i = np.flatnonzero(cluster == c)
        d, w, e = D[i], W[np.ix_(i, i)], (y - mean)[i]
        left = np.eye(len(i)) - d @ bread @ d.T @ w
        own = d.T @ w @ d @ bread
        scores = {
            "kauermann-carroll": d.T @ w @ np.real(fractional_matrix_power(left, -0.5)) @ e,
            "mancl-derouen": d.T @ w @ np.linalg.inv(left) @ e,
            "fay-graubard": (d.T @ w @ e) / np.sqrt(1 - np.minimum(np.diag(own), 0.75)),
        }
        for name, score in scores.items():
            meat[name] = meat[name] + np.outer(score, score)
    for name, middle in meat.items():
        got = fit.corrected(name).covariance
        np.testing.assert_allclose(got, bread @ middle @ bread, rtol=1e-6)


def test_the_working_correlation_is_its_own_moment_estimate():
    y, X, cluster = trial()
    fit = fit_gee(y, X, NAMES, cluster)
    e = y - X @ fit.coef
    scale = e @ e / (len(y) - 3)
    same = (cluster[:, None] == cluster) & ~np.eye(len(y), dtype=bool)
    pairs = same.sum() / 2
    assert fit.alpha == pytest.approx((np.outer(e, e)[same].sum() / 2) / scale / (pairs - 3))


def test_equal_clusters_without_covariates_give_the_t_test_of_cluster_means():
    rng = np.random.default_rng(5)
    cluster = np.repeat(np.arange(6), 5)
    X = np.column_stack([np.ones(30), cluster % 2])
    y = rng.normal(size=6)[cluster] + rng.normal(size=30)
    want = cluster_means_difference(y, cluster, X[:, 1])
    for working in ("exchangeable", "independence"):
        found = fit_gee(y, X, NAMES[:2], cluster, working=working).coefficient("arm")
        assert (found.df, found.p_value) == (4, pytest.approx(want.p_value))


def test_links_give_differences_ratios_and_odds_ratios_of_shares():
    yes = [1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1]
    cluster, arm = np.repeat(np.arange(4), 3), np.repeat([1, 0], 6)
    X = np.column_stack([np.ones(12), arm])
    p, q = 4 / 6, 2 / 6
    want = {
        "identity": p - q,
        "log": np.log(p / q),
        "logit": np.log(p / (1 - p)) - np.log(q / (1 - q)),
    }
    for link, value in want.items():
        fit = fit_gee(yes, X, NAMES[:2], cluster, family="binomial", link=link,
                      working="independence")  # fmt: skip
        assert fit.coef[1] == pytest.approx(value)
        assert f"{link} link" in fit.method_words


def test_degrees_of_freedom_leave_out_what_belongs_to_whole_clusters():
    y, X, cluster = trial()
    assert fit_gee(y, X, NAMES, cluster).df == 6  # intercept and arm; base varies within
    assert fit_gee(y, X, NAMES, cluster, cluster_level=3).df == 5


def test_several_coefficients_at_once():
    y, X, cluster = trial()
    fit = fit_gee(y, X, NAMES, cluster)
    one = fit.joint_test([[0, 1, 0]])
    assert (one.df1, one.df2) == (1, 6)
    assert one.p_value == pytest.approx(fit.coefficient("arm").p_value)
    two = fit.joint_test(np.eye(3)[1:])
    assert (two.df1, two.df2) == (2, 5)


def test_order_names_and_shifts_change_nothing_and_swapped_arms_flip_the_sign():
    y, X, cluster = trial()
    fit = fit_gee(y, X, NAMES, cluster)
    order = np.random.default_rng(2).permutation(len(y))
    moved = fit_gee(y[order] + 9, X[order], NAMES, [f"c{c}" for c in cluster[order]])
    assert moved.alpha == pytest.approx(fit.alpha)
    assert moved.coef - [9, 0, 0] == pytest.approx(fit.coef)
    np.testing.assert_allclose(moved.covariance, fit.covariance, rtol=1e-7)
    swapped = fit_gee(y, X * [1, -1, 1] + [0, 1, 0], NAMES, cluster).coefficient("arm")
    found = fit.coefficient("arm")
    assert (swapped.estimate, swapped.p_value) == pytest.approx((-found.estimate, found.p_value))


def test_a_negative_working_correlation_counts_as_none_and_is_told():
    # clusters 0.9 apart within and hardly between them
    y = np.tile([0.0, 1.0, 0.5, 0.4], 6) + np.repeat([0.01, -0.02, 0.03, 0, 0.01, -0.01], 4)
    X, cluster = np.column_stack([np.ones(24), np.repeat([0, 1], 12)]), np.repeat(range(6), 4)
    fit = fit_gee(y, X, NAMES[:2], cluster)
    assert fit.alpha == 0
    assert "estimated as -0.3" in fit.notes[0]
    plain = fit_gee(y, X, NAMES[:2], cluster, working="independence")
    np.testing.assert_allclose(fit.covariance, plain.covariance)
    assert np.isnan(plain.alpha)
    kept = fit_gee(y, X, NAMES[:2], cluster, negative="keep")
    assert -1 / 3 < kept.alpha < -0.3
    assert kept.notes == ()


def test_a_kept_correlation_outside_its_range_is_refused():
    cluster = np.repeat(np.arange(6), [2, 30, 3, 20, 2, 9])
    X = np.column_stack([np.ones(66), cluster % 2])
    messages = []
    for seed in range(60):
        y = np.random.default_rng(seed).normal(size=66)
        try:
            fit = fit_gee(y, X, NAMES[:2], cluster, negative="keep")
        except WorkingCorrelationError as fault:
            messages.append(str(fault))
        else:
            assert fit.alpha > -1 / 29
    assert messages
    assert "a cluster of 30 people it lies above -0.0345 and below 1" in messages[0]
    assert "working='independence'" in messages[0]


def test_large_clusters_need_no_large_matrices():
    rng = np.random.default_rng(1)
    cluster = np.repeat(np.arange(10), 5_000)
    X = np.column_stack([np.ones(50_000), cluster % 2])
    y = 0.1 * rng.normal(size=10)[cluster] + rng.normal(size=50_000)
    want = cluster_means_difference(y, cluster, X[:, 1])
    assert fit_gee(y, X, NAMES[:2], cluster).coefficient("arm").p_value == pytest.approx(
        want.p_value
    )


def test_separation_and_shares_outside_their_range_are_refused():
    cluster, arm = np.repeat(np.arange(4), 3), np.repeat([1.0, 0.0], 6)
    X = np.column_stack([np.ones(12), arm])
    with pytest.raises(SeparationError, match="separates those with the event"):
        fit_gee(arm, X, NAMES[:2], cluster, family="binomial")
    yes = [1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0, 1]
    for link in ("identity", "log"):
        with pytest.raises(EstimatingEquationsError, match="share of some people is 0 or 1"):
            fit_gee(yes, X, NAMES[:2], cluster, family="binomial", link=link)
    with pytest.raises(EstimatingEquationsError, match="leave the range from 0 to 1"):
        fit_gee(yes, X[:, 1:], NAMES[1:2], cluster, family="binomial", link="identity")


def test_equations_that_do_not_settle_are_refused(monkeypatch):
    y, X, cluster = trial(binary=True)
    monkeypatch.setattr("socmeasures.models.gee_equations.STEPS", 1)
    with pytest.raises(EstimatingEquationsError, match="did not settle in 1 steps"):
        fit_gee(y, X, NAMES, cluster, family="binomial")


def test_other_faults_are_refused():
    y, X, cluster = trial()
    with pytest.raises(ChoiceError, match="correction='hc3'"):
        fit_gee(y, X, NAMES, cluster).corrected("hc3")
    with pytest.raises(ClusterDegreesError, match="2 clusters cannot carry 2 coefficients"):
        fit_gee([1, 2, 3, 5], np.column_stack([np.ones(4), [0, 0, 1, 1]]), NAMES[:2], list("aabb"))
    with pytest.raises(OneClusterEachError):
        fit_gee(y, X, NAMES, np.arange(len(y)))
    with pytest.raises(CollinearError, match="copy"):
        fit_gee(y, np.column_stack([X, X[:, 1]]), [*NAMES, "copy"], cluster)
    with pytest.raises(ModelSizeError):
        fit_gee(y[:3], X[:3], NAMES, [1, 1, 2])
    with pytest.raises(ScoresError, match="0 or 1"):
        fit_gee(y, X, NAMES, cluster, family="binomial")
    with pytest.raises(ScoresError, match="everybody has 1"):
        fit_gee(np.ones(len(y)), X, NAMES, cluster, family="binomial")
    with pytest.raises(ScoresError, match="missing or infinite"):
        fit_gee(np.where(X[:, 1] > 0, y, np.nan), X, NAMES, cluster)
    with pytest.raises(PairLengthError):
        fit_gee(y, X, NAMES, cluster[1:])
    with pytest.raises(ClusterLabelError):
        fit_gee(y, X, NAMES, [None, *cluster[1:]])
    for wrong in ({"family": "poisson"}, {"link": "log"}, {"working": "ar1"},
                  {"correction": "hc3"}, {"negative": "refuse"}):  # fmt: skip
        with pytest.raises(ChoiceError):
            fit_gee(y, X, NAMES, cluster, **wrong)


def test_a_far_off_large_cluster_can_push_the_correlation_to_one_and_is_named():
    rng = np.random.default_rng(1)
    cluster = np.repeat(np.arange(6), [30, 2, 2, 2, 2, 2])
    y = rng.normal(size=40) / 100 + np.where(cluster == 0, 5.0, 0.0)
    X = np.column_stack([np.ones(40), rng.normal(size=40)])
    with pytest.raises(WorkingCorrelationError, match="one large cluster far from the others"):
        fit_gee(y, X, ["intercept", "base"], cluster)
