"""Intraclass correlations: by hand, negative ones printed, intervals that hold the truth."""

from __future__ import annotations

import numpy as np
import pytest

from socmeasures.effects.intracluster import (
    design_effect,
    intraclass_correlation,
    intraclass_correlation_binary,
)
from socmeasures.errors import (
    ClusterLabelError,
    MixedClusterError,
    NoSpreadError,
    OneClusterEachError,
    PairLengthError,
    ScoresError,
)


def test_the_analysis_of_variance_by_hand():
    # means 1.5, 2.5, 4.5: MSB = 2·4.667/2 = 4.667, MSW = 0.5, so (4.667 − 0.5)/(4.667 + 0.5)
    found = intraclass_correlation([1, 2, 3, 2, 5, 4], list("aabbcc"))
    assert (found.between_ms, found.within_ms) == pytest.approx((14 / 3, 0.5))
    assert (found.n0, found.mean_size, found.cv) == (2, 2, 0)
    assert found.estimate == pytest.approx((14 / 3 - 0.5) / (14 / 3 + 0.5))
    assert found.design_effect == pytest.approx(1 + found.estimate)
    assert (found.n_clusters, found.n, found.smallest, found.largest) == (3, 6, 2, 2)


def test_within_arms_the_difference_between_arms_is_taken_out():
    y = np.array([1.0, 2, 3, 2, 5, 4, 2, 2])
    clusters, arms = list("aabbccdd"), [0] * 4 + [1] * 4
    plain = intraclass_correlation(y, clusters, arms=arms)
    moved = intraclass_correlation(y + 100 * np.array(arms), clusters, arms=arms)
    assert moved.estimate == pytest.approx(plain.estimate)
    assert intraclass_correlation(y + 100 * np.array(arms), clusters).estimate > 0.99
    assert "within arms" in plain.method


def test_people_of_a_cluster_all_the_same_correlate_perfectly():
    found = intraclass_correlation([1, 1, 3, 3, 5, 5], list("aabbcc"))
    assert (found.estimate, found.ci_low, found.ci_high) == (1, 1, 1)


def test_a_negative_correlation_is_printed_and_explained():
    found = intraclass_correlation([1, 9, 9, 1, 2, 8], list("aabbcc"))
    assert found.estimate == pytest.approx(-1)
    assert found.design_effect == pytest.approx(0)
    assert "intraclass correlation is negative" in found.notes[0]


def test_few_clusters_are_called_too_few_to_plan_with():
    found = intraclass_correlation([1, 2, 3, 2, 5, 4, np.nan], list("aabbccc"))
    assert found.n_left_out == 1
    assert "1 person without a score was left out." in found.notes
    assert "From 3 clusters an intraclass correlation is too uncertain" in found.notes[-1]
    many = np.repeat(np.arange(20), 3)
    y = np.random.default_rng(1).normal(size=60) + many
    assert intraclass_correlation(y, many).notes == ()


def test_fleiss_and_cuzick_by_hand():
    # shares 1, 0, 2/3, 2/3 of 3 each: 1 − (2·3·2/9)/((12 − 4)·7/12·5/12) = 1 − 48/70
    yes = [1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 1]
    clusters = ["a"] * 3 + ["b"] * 3 + ["c"] * 3 + ["d"] * 3
    found = intraclass_correlation_binary(yes, clusters)
    assert found.estimate == pytest.approx(1 - 48 / 70)
    assert found.ci_low < found.estimate < found.ci_high
    no = [1 - y for y in yes]
    assert intraclass_correlation_binary(no, clusters).estimate == pytest.approx(found.estimate)


def test_fleiss_and_cuzick_within_arms_uses_each_arms_own_share():
    yes = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1]
    clusters, arms = np.repeat(list("abcd"), 3), [1] * 6 + [0] * 6
    # Σ mp(1 − p) = 0 + 2/3 + 0 + 2/3; expected (6 − 2)·(4/6·2/6 + 1/6·5/6)
    found = intraclass_correlation_binary(yes, clusters, arms=arms)
    assert found.estimate == pytest.approx(1 - (4 / 3) / (4 * (8 / 36 + 5 / 36)))


def test_a_rare_outcome_has_a_warning():
    yes = np.zeros(60)
    yes[[0, 1, 2, 30]] = 1
    found = intraclass_correlation_binary(yes, np.repeat(np.arange(10), 6))
    assert any("Only 7 % have the outcome" in note for note in found.notes)
    other = intraclass_correlation_binary(1 - yes, np.repeat(np.arange(10), 6))
    assert any("Only 7 % lack the outcome" in note for note in other.notes)


def test_people_names_and_order_change_nothing():
    rng = np.random.default_rng(2)
    clusters = np.repeat(np.arange(6), [2, 3, 4, 5, 6, 3])
    y = rng.normal(size=23) + rng.normal(size=6)[clusters]
    order = rng.permutation(23)
    found = intraclass_correlation(y, clusters)
    moved = intraclass_correlation(7 - 3 * y[order], [f"site {c}" for c in clusters[order]])
    for field in ("estimate", "ci_low", "ci_high", "n0", "cv"):
        assert getattr(moved, field) == pytest.approx(getattr(found, field)), field


def test_the_design_effect_of_the_power_page():
    assert design_effect(0.05, 16) == pytest.approx(1.75)
    assert design_effect(0.05, 16, cv=0.5) == pytest.approx(1 + (1.25 * 16 - 1) * 0.05)


def test_the_interval_holds_the_truth_with_equal_clusters():
    rng = np.random.default_rng(3)
    clusters, inside = np.repeat(np.arange(8), 6), 0
    for _ in range(400):
        y = np.sqrt(0.1) * rng.normal(size=8)[clusters] + np.sqrt(0.9) * rng.normal(size=48)
        found = intraclass_correlation(y, clusters)
        inside += found.ci_low <= 0.1 <= found.ci_high
    assert 0.91 <= inside / 400 <= 0.985


def test_faults_are_refused():
    with pytest.raises(OneClusterEachError, match="4 clusters with 4 people measured"):
        intraclass_correlation([1, 2, 3, 4], list("abcd"))
    with pytest.raises(OneClusterEachError):
        intraclass_correlation([np.nan, np.nan], list("ab"))
    with pytest.raises(OneClusterEachError):
        intraclass_correlation([1, 2, 3], list("aaa"))
    with pytest.raises(NoSpreadError):
        intraclass_correlation([0.1] * 6, list("aabbcc"))
    with pytest.raises(NoSpreadError):
        intraclass_correlation_binary([1] * 6, list("aabbcc"))
    with pytest.raises(ScoresError, match="0 or 1"):
        intraclass_correlation_binary([1, 2, 1, 0], list("aabb"))
    with pytest.raises(MixedClusterError, match="more than one arm"):
        intraclass_correlation([1, 2, 3, 4], list("aabb"), arms=[0, 1, 1, 1])
    with pytest.raises(ClusterLabelError, match="cluster is missing"):
        intraclass_correlation([1, 2, 3, 4], ["a", np.nan, "b", "b"])
    with pytest.raises(PairLengthError):
        intraclass_correlation([1, 2, 3], list("aabb"))
