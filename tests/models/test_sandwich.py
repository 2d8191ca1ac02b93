"""Cluster-robust covariances: the short way against the long one, joint tests, large clusters."""

from __future__ import annotations

import numpy as np
import pytest

from socmeasures.errors import ChoiceError, ClusterLabelError, TooFewSitesError
from socmeasures.models.hotelling import hotelling_test
from socmeasures.models.ols import least_squares
from socmeasures.models.sandwich import CLUSTERED, cluster_covariance

NAMES = ["intercept", "arm", "base"]


def trial(seed=1, k=9):
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(k), rng.integers(2, 9, k))
    X = np.column_stack([np.ones(len(cluster)), cluster % 2, rng.normal(size=len(cluster))])
    y = rng.normal(size=k)[cluster] + X[:, 2] + rng.normal(size=len(cluster))
    return X, least_squares(y, X, NAMES).residuals, cluster


def covariance_by_definition(X, residuals, cluster, power):
    """(I − H_jj) to a power around each cluster's residuals, and the working covariance of all."""
    n = len(X)
    bread = np.linalg.inv(X.T @ X)
    left = np.eye(n) - X @ bread @ X.T
    meat, reach = 0.0, []
    for c in np.unique(cluster):
        i = np.flatnonzero(cluster == c)
        values, vectors = np.linalg.eigh(left[np.ix_(i, i)])
        score = X[i].T @ (vectors * values**power) @ vectors.T
        meat = meat + np.outer(score @ residuals[i], score @ residuals[i])
        reach.append(left[:, i] @ score.T @ bread)
    return bread @ meat @ bread, np.array(reach)


@pytest.mark.parametrize(("kind", "power"), [("CR2", -0.5), ("CR3", -1.0)])
def test_small_matrices_give_what_the_definition_gives(kind, power):
    X, residuals, cluster = trial()
    found = cluster_covariance(X, residuals, cluster, kind=kind)
    cov, reach = covariance_by_definition(X, residuals, cluster, power)
    np.testing.assert_allclose(found.cov, cov, rtol=1e-10)
    for place in range(3):
        pulls = reach[:, :, place] @ reach[:, :, place].T
        df = np.trace(pulls) ** 2 / np.sum(pulls**2)
        assert found.satterthwaite_df(np.eye(3)[place]) == pytest.approx(df)


@pytest.mark.parametrize("kind", CLUSTERED)
def test_weights_of_one_change_nothing(kind):
    X, residuals, cluster = trial()
    plain = cluster_covariance(X, residuals, cluster, kind=kind)
    ones = np.ones(len(X))
    blocks = [np.eye(n) for n in np.bincount(cluster)]
    for given in ({"weights": ones}, {"weights": ones, "working": "inverse-weights"},
                  {"working": blocks}):  # fmt: skip
        other = cluster_covariance(X, residuals, cluster, kind=kind, **given)
        np.testing.assert_allclose(other.cov, plain.cov, rtol=1e-9)
        for row in np.eye(3):
            assert other.satterthwaite_df(row) == pytest.approx(plain.satterthwaite_df(row))


def test_one_contrast_has_the_same_degrees_of_freedom_both_ways():
    X, residuals, cluster = trial()
    robust = cluster_covariance(X, residuals, cluster)
    assert robust.hotelling_df([[0, 1, 0]]) == pytest.approx(
        robust.satterthwaite_df(np.array([0, 1, 0]))
    )


def test_a_joint_test_does_not_depend_on_how_its_rows_are_written():
    X, residuals, cluster = trial()
    robust, coef = cluster_covariance(X, residuals, cluster), np.array([1.0, 2.0, 3.0])
    one = hotelling_test(coef, robust, [[0, 1, 0], [0, 0, 1]])
    other = hotelling_test(coef, robust, [[0, 1, 1], [0, 2, -1]])
    assert (one.statistic, one.df2) == pytest.approx((other.statistic, other.df2))
    assert one.df1 == 2


def test_a_joint_test_without_degrees_of_freedom_has_no_p_value():
    X, residuals, cluster = trial(k=3)
    robust = cluster_covariance(X, residuals, cluster)
    found = hotelling_test(np.ones(3), robust, np.eye(3))
    assert np.isnan(found.p_value)


def test_names_and_order_change_nothing():
    X, residuals, cluster = trial()
    order = np.random.default_rng(3).permutation(len(X))
    names = np.array([f"site {c}" for c in cluster])
    found = cluster_covariance(X, residuals, cluster)
    moved = cluster_covariance(X[order], residuals[order], names[order])
    np.testing.assert_allclose(moved.cov, found.cov, rtol=1e-10)


def test_large_clusters_and_many_of_them_need_no_large_matrices():
    rng = np.random.default_rng(1)
    for k, m in ((4, 25_000), (5_000, 4)):
        cluster = np.repeat(np.arange(k), m)
        X = np.column_stack([np.ones(k * m), cluster % 2])
        y = rng.normal(size=k)[cluster] + rng.normal(size=k * m)
        robust = cluster_covariance(X, least_squares(y, X, NAMES[:2]).residuals, cluster)
        # equal clusters: the t test of cluster means
        assert robust.satterthwaite_df(np.array([0.0, 1.0])) == pytest.approx(k - 2)


def test_a_cluster_alone_in_its_arm_adds_no_variance_of_its_own():
    y = np.array([1.0, 2, 3, 5, 4, 7])
    cluster, arm = np.repeat([1, 2, 3], 2), np.repeat([0.0, 0.0, 1.0], 2)
    X = np.column_stack([np.ones(6), arm])
    robust = cluster_covariance(X, least_squares(y, X, NAMES[:2]).residuals, cluster)
    assert np.isfinite(robust.cov).all()


def test_faults_are_refused():
    X, residuals, cluster = trial()
    with pytest.raises(ChoiceError, match="CR2"):
        cluster_covariance(X, residuals, cluster, kind="CR9")
    with pytest.raises(TooFewSitesError):
        cluster_covariance(X, residuals, np.zeros(len(X)))
    with pytest.raises(ClusterLabelError, match="row 1"):
        cluster_covariance(X, residuals, [None, *cluster[1:]])
