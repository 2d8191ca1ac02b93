"""The t test of cluster means: hand-worked cases, what changes nothing, and refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from socmeasures.effects.cluster_means import cluster_means_difference
from socmeasures.errors import (
    ClusterLabelError,
    DesignClashError,
    FewClustersError,
    FewPairsError,
    IccRangeError,
    MixedClusterError,
    NoSpreadError,
    PairError,
    PairLengthError,
)

FIELDS = ("estimate", "se", "df", "p_value", "ci_low", "ci_high")


def trial(seed=1, k=8):
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(k), rng.integers(3, 9, k))
    arm = cluster % 2
    base = rng.normal(size=len(cluster))
    y = 50 + rng.normal(size=k)[cluster] + 0.5 * base + rng.normal(size=len(cluster)) + arm
    return y, cluster, arm, base


def same(one, other, fields=FIELDS, sign=1):
    for field in fields:
        assert getattr(one, field) == pytest.approx(sign * getattr(other, field), rel=1e-9), field


def test_two_against_two_by_hand():
    # means 4, 6 against 1, 3: difference 3, pooled variance 2, se √(2·(1/2 + 1/2)) = √2
    found = cluster_means_difference([3, 5, 6, 1, 3, 3], list("aabcdd"), [1, 1, 1, 0, 0, 0])
    assert (found.means, found.sizes) == ((4.0, 6.0, 1.0, 3.0), (2, 1, 1, 2))
    assert (found.estimate, found.df) == (3.0, 2.0)
    assert found.se == pytest.approx(np.sqrt(2))
    assert (found.mean_treated, found.mean_control) == (5.0, 2.0)
    assert found.weights == (0.5, 0.5, 0.5, 0.5)
    assert "4 cluster means, 2 degrees of freedom" in found.method


def test_pairs_give_the_paired_t_test():
    y, cluster, arm, _ = trial()
    found = cluster_means_difference(y, cluster, arm, pairs=cluster // 2)
    means = np.array(found.means)
    paired = stats.ttest_rel(means[1::2], means[::2])
    assert found.statistic == pytest.approx(paired.statistic)
    assert found.p_value == pytest.approx(paired.pvalue)
    assert found.df == 3
    assert "within pairs" in found.method


def test_strata_take_a_degree_of_freedom_each():
    y, cluster, arm, _ = trial(k=10)
    strata = np.where(cluster < 4, "north", "south")
    found = cluster_means_difference(y, cluster, arm, strata=strata)
    first = np.unique(cluster, return_index=True)[1]
    X = np.column_stack([np.ones(10), arm[first], strata[first] == "north"]).astype(float)
    means = np.array(found.means)
    coef, rss, *_ = np.linalg.lstsq(X, means, rcond=None)
    assert found.estimate == pytest.approx(coef[1])
    assert found.df == 7
    assert found.se == pytest.approx(np.sqrt(rss[0] / 7 * np.linalg.inv(X.T @ X)[1, 1]))


def test_minimum_variance_weights_are_weighted_least_squares():
    y, cluster, arm, _ = trial()
    found = cluster_means_difference(y, cluster, arm, weights="minimum-variance", icc=0.1)
    sizes, means = np.array(found.sizes), np.array(found.means)
    weight = sizes / (1 + (sizes - 1) * 0.1)
    treated = np.array(found.treated)
    by_arm = [np.average(means[a], weights=weight[a]) for a in (treated, ~treated)]
    assert found.estimate == pytest.approx(by_arm[0] - by_arm[1])
    assert "0.1)" in found.method
    # everybody independent: clusters count by their people
    people = cluster_means_difference(y, cluster, arm, weights="minimum-variance", icc=0.0)
    assert people.estimate == pytest.approx(y[arm == 1].mean() - y[arm == 0].mean())


def test_weights_without_a_given_correlation_use_the_one_within_arms():
    y, cluster, arm, _ = trial()
    assert cluster_means_difference(y, cluster, arm, weights="minimum-variance").estimate


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_what_should_change_nothing_changes_nothing(seed):
    y, cluster, arm, base = trial(seed)
    rng = np.random.default_rng(seed)
    found = cluster_means_difference(y, cluster, arm, covariates=base)

    twice = cluster_means_difference(*(np.repeat(v, 2) for v in (y, cluster, arm)))
    same(twice, cluster_means_difference(y, cluster, arm))

    names = np.array([f"site {n}" for n in rng.permutation(8)])
    order = rng.permutation(len(y))
    moved = cluster_means_difference(
        y[order], names[cluster[order]], arm[order], covariates=base[order]
    )
    same(moved, found)

    higher = cluster_means_difference(y + 100, cluster, arm, covariates=base)
    same(higher, found)


def test_swapping_the_arms_flips_the_sign():
    y, cluster, arm, _ = trial()
    found = cluster_means_difference(y, cluster, arm)
    swapped = cluster_means_difference(y, cluster, 1 - arm)
    assert swapped.estimate == pytest.approx(-found.estimate)
    assert swapped.ci_low == pytest.approx(-found.ci_high)
    assert swapped.p_value == pytest.approx(found.p_value)


def test_a_covariate_of_clusters_costs_a_degree_of_freedom_and_one_of_people_none():
    y, cluster, arm, base = trial()
    size = np.bincount(cluster)[cluster].astype(float)
    assert cluster_means_difference(y, cluster, arm, covariates=base).df == 6
    both = cluster_means_difference(y, cluster, arm, covariates=np.column_stack([base, size]))
    assert both.df == 5
    assert "residuals (without the arm)" in both.method
    assert cluster_means_difference(y, cluster, arm, cluster_level=2).df == 4


def test_people_and_clusters_without_an_outcome_are_counted():
    y, cluster, arm, base = trial()
    y = np.where((cluster == 3) | (np.arange(len(y)) == 0), np.nan, y)
    found = cluster_means_difference(y, cluster, arm)
    assert found.n == int(np.isfinite(y).sum())
    assert 3 not in found.clusters
    assert found.df == 5
    assert "without a score were left out" in found.notes[0]
    assert "1 cluster without any outcome is lost from the analysis: 3" in found.notes[1]
    hole = np.where(np.arange(len(y)) == 1, np.nan, base)
    assert cluster_means_difference(y, cluster, arm, covariates=hole).n == found.n - 1


def test_a_pair_that_lost_a_cluster_says_nothing_about_the_difference():
    y, cluster, arm, _ = trial()
    lost = cluster == 7
    found = cluster_means_difference(
        y[~lost], cluster[~lost], arm[~lost], pairs=cluster[~lost] // 2
    )
    whole = cluster_means_difference(
        y[cluster < 6], cluster[cluster < 6], arm[cluster < 6], pairs=cluster[cluster < 6] // 2
    )
    same(found, whole)


def test_a_cluster_with_both_arms_is_refused_by_name():
    y, cluster, arm, _ = trial()
    arm = arm.copy()
    arm[0] = 1
    with pytest.raises(MixedClusterError, match=r"1 cluster with more than one arm: 0 \(1, 0\)"):
        cluster_means_difference(y, cluster, arm)


def test_one_cluster_an_arm_is_refused():
    with pytest.raises(FewClustersError, match="1 cluster in one arm and 2 in the other"):
        cluster_means_difference([1, 2, 3], ["a", "b", "c"], [1, 0, 0])


def test_somebody_without_a_cluster_is_refused_with_the_row():
    with pytest.raises(ClusterLabelError, match="missing in 1 row: row 2") as caught:
        cluster_means_difference([1, 2, 3], ["a", None, "c"], [1, 0, 0])
    assert caught.value.problems.row.tolist() == [2]


def test_pairs_that_are_none_and_strata_that_leave_nothing_are_refused():
    y, cluster, arm, _ = trial()
    with pytest.raises(PairError, match="2 pairs without one cluster in either arm: 0 "):
        cluster_means_difference(y, cluster, arm, pairs=cluster // 4)
    with pytest.raises(FewPairsError, match="8 clusters in 8 strata leave no degrees"):
        cluster_means_difference(y, cluster, arm, strata=cluster)
    with pytest.raises(FewPairsError, match="8 clusters in 2 strata leave no degrees"):
        cluster_means_difference(y, cluster, arm, strata=arm)
    with pytest.raises(MixedClusterError, match="more than one stratum"):
        cluster_means_difference(y, cluster, arm, strata=np.arange(len(y)))
    with pytest.raises(DesignClashError, match="pairs and strata were given together"):
        cluster_means_difference(y, cluster, arm, strata=arm, pairs=arm)


def test_an_impossible_correlation_equal_means_and_lengths_are_refused():
    y, cluster, arm, _ = trial()
    for icc in (1.0, -0.5, 5.0):
        with pytest.raises(IccRangeError, match="out of range"):
            cluster_means_difference(y, cluster, arm, weights="minimum-variance", icc=icc)
    with pytest.raises(NoSpreadError, match="SD of the cluster means"):
        cluster_means_difference(arm * 2.0, cluster, arm)
    with pytest.raises(PairLengthError):
        cluster_means_difference(y[1:], cluster, arm)
    with pytest.raises(PairLengthError):
        cluster_means_difference(y, cluster, arm[1:])
    with pytest.raises(PairLengthError):
        cluster_means_difference(y, cluster, arm, pairs=arm[1:])
    with pytest.raises(PairLengthError):
        cluster_means_difference(y, cluster, arm, covariates=y[1:])
