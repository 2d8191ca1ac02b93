"""Mixed models: the likelihood of all rows, exact cases, invariance, boundaries, refusals."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from socmeasures.errors import (
    ChoiceError,
    CollinearError,
    GroupsError,
    MixedConvergenceError,
    ModelSizeError,
    ScoresError,
    SmallSampleError,
)
from socmeasures.models.grouped_data import arrange_groups
from socmeasures.models.mixed import fit_mixed
from socmeasures.models.mixed_groups import read_groups
from socmeasures.models.ols import least_squares
from socmeasures.models.variance_components import ComponentLikelihood


def trial(rng, clusters=12, size=10, icc=0.1, cv=0.0, effect=0.0):
    """Outcome, arm and cluster of a trial allocated by cluster."""
    sizes = np.full(clusters, size)
    if cv:
        sizes = np.maximum(2, rng.gamma(cv**-2, size * cv**2, clusters).round().astype(int))
    cluster = np.repeat(np.arange(clusters), sizes)
    arm = cluster % 2
    between = rng.normal(size=clusters) * np.sqrt(icc)
    within = rng.normal(size=len(cluster)) * np.sqrt(1 - icc)
    return effect * arm + between[cluster] + within, arm, cluster


def fitted(y, arm, cluster, **options):
    X = np.column_stack([np.ones(len(y)), arm])
    return fit_mixed(y, X, ["one", "arm"], groups={"cluster": cluster}, **options)


# The likelihood -------------------------------------------------------------------------------


def every_row(y, X, labels, theta, reml):
    """−2ℓ and its pieces from the whole covariance matrix."""
    E = [((g[:, None] == g) & (g >= 0)[:, None]) * 1.0 for g in labels.groups]
    if labels.slope is not None:
        t = labels.slope
        E += [E[-1] * (t[:, None] + t), E[-1] * np.outer(t, t)]
    E += [np.diag((labels.residual == k) * 1.0) for k in range(labels.residual.max() + 1)]
    sigma = np.tensordot(theta, np.array(E), 1)
    W = np.linalg.inv(sigma)
    A = X.T @ W @ X
    b = np.linalg.solve(A, X.T @ W @ y)
    r = y - X @ b
    free = len(y) - (X.shape[1] if reml else 0)
    value = np.linalg.slogdet(sigma)[1] + r @ W @ r + free * np.log(2 * np.pi)
    if reml:
        value += np.linalg.slogdet(A)[1]
    WX = W @ X
    first = np.array([WX.T @ e @ WX for e in E])
    second = np.array([[WX.T @ e @ W @ f @ WX for f in E] for e in E])
    traces = np.array([[np.trace(W @ e @ W @ f) for f in E] for e in E])
    return value, b, np.linalg.inv(A), first, second, traces


def structures():
    rng = np.random.default_rng(1)
    n = 60
    wave = np.tile([0, 1, 2], 20)
    person = np.repeat(np.arange(20), 3)
    cluster = person // 5
    some = rng.random(n) < 0.8
    ragged = np.sort(rng.integers(0, 14, n))
    arm = np.arange(n) < 30
    leader = np.where(arm, person // 2, -1)
    day = rng.normal(size=n)
    yield "one", {"c": rng.integers(0, 6, n)}, {}
    yield "balanced", {"s": np.arange(n) // 15, "c": np.arange(n) // 5}, {}
    yield "ragged", {"s": ragged // 4, "c": ragged}, {}
    waves = {"c": cluster, "cw": 3 * cluster + wave, "p": person}
    yield "cluster x wave, complete", waves, {}
    yield "cluster x wave", {k: v[some] for k, v in waves.items()}, {}
    yield "slope", {"c": cluster[some], "p": person[some]}, {"slope": wave[some]}
    yield "slope over days", {"p": person}, {"slope": day}
    yield "three", {"s": cluster // 2, "c": cluster, "p": person // 2}, {}
    part = {"only_where": {"f": arm}, "residual_by": arm}
    yield "groups in one arm", {"f": leader}, part
    yield "people in groups in one arm", {"f": leader, "p": person}, part
    single = {"c": np.arange(n) // 12, "p": np.arange(n) // 2}
    yield "some people's rows", single, {"only_where": {"p": rng.random(n) < 0.6}}
    yield "some people", single, {"only_where": {"p": np.arange(n) // 2 % 6 > 0}}
    half = {"only_where": {"f": arm, "p": wave > 0}, "residual_by": wave, "slope": day}
    yield "all of it", {"f": leader, "p": person}, half


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize(
    ("groups", "options"), [pytest.param(g, o, id=i) for i, g, o in structures()]
)
def test_merged_rows_have_the_likelihood_of_all_rows(groups, options, reml):
    rng = np.random.default_rng(2)
    n = len(next(iter(groups.values())))
    y, X = 7 * rng.normal(size=n) + 3, np.column_stack([np.ones(n), rng.normal(size=(n, 2))])
    chosen = {"slope": None, "only_where": None, "residual_by": None} | options
    labels = read_groups(n, groups, **chosen).labels
    data = arrange_groups(y, X, list("abc"), labels)
    theta = rng.uniform(0.3, 1, labels.size)
    if labels.slope is not None:
        theta[len(groups)] = 0.1
    likelihood = ComponentLikelihood(data, reml)
    point = likelihood.at(theta)
    pieces = likelihood.pieces(point)
    unit = data.scale**2
    value, b, phi, first, second, traces = every_row(y, X, labels, theta * unit, reml)
    back = np.linalg.inv(data.root)
    assert point.value == pytest.approx(value, abs=1e-7)
    np.testing.assert_allclose(data.start + data.root @ point.coordinates, b, rtol=1e-8)
    np.testing.assert_allclose(data.root @ point.phi @ data.root.T, phi, rtol=1e-8)
    np.testing.assert_allclose(pieces.weight_traces / unit**2, traces, rtol=1e-8)
    mine = back.T @ pieces.first[:, :3, :3] @ back / unit
    np.testing.assert_allclose(mine, first, rtol=1e-7, atol=1e-9)
    mine = back.T @ pieces.second[:, :, :3, :3] @ back / unit**2
    np.testing.assert_allclose(mine, second, rtol=1e-7, atol=1e-9)
    slope, curvature = likelihood.slope_and_curvature(point)
    for h in range(labels.size):
        move = 1e-6 * np.eye(labels.size)[h]
        up, down = likelihood.at(theta + move), likelihood.at(theta - move)
        assert slope[h] == pytest.approx((up.value - down.value) / 2e-6, rel=1e-5, abs=1e-5)
        bend = (likelihood.gradient(up) - likelihood.gradient(down)) / 4e-6
        np.testing.assert_allclose(curvature.observed[h], bend, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("seed", [s for s in range(30) if s not in (11, 21)])  # too few groups
def test_merging_holds_for_whatever_groups(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(12, 40))
    site = rng.integers(0, 3, n)
    groups = {"s": site, "c": 4 * site + rng.integers(0, 3, n)}
    groups["p"] = 20 * groups["c"] + rng.integers(0, 3, n)
    groups = {k: groups[k] for k in list(groups)[: rng.integers(1, 4)]}
    last = list(groups)[-1]
    options = {
        "slope": rng.integers(0, 3, n) * 1.0 if rng.random() < 0.5 else None,
        "only_where": {k: groups[k] % 3 > 0 if k == last else rng.random(n) < 0.8 for k in groups},
        "residual_by": rng.integers(0, 2, n) if rng.random() < 0.5 else None,
    }
    labels = read_groups(n, groups, **options).labels
    y, X = rng.normal(size=n), np.column_stack([np.ones(n), rng.normal(size=n)])
    theta = np.where(np.arange(labels.size) == len(groups), 0.1, rng.uniform(0.3, 1, labels.size))
    data = arrange_groups(y, X, list("ab"), labels)
    for reml in (True, False):
        point = ComponentLikelihood(data, reml).at(theta)
        value, b, phi, *_ = every_row(y, X, labels, theta * data.scale**2, reml)
        assert point.value == pytest.approx(value, abs=1e-7)
        np.testing.assert_allclose(data.start + data.root @ point.coordinates, b, rtol=1e-7)
        np.testing.assert_allclose(data.root @ point.phi @ data.root.T, phi, rtol=1e-7)


def test_a_cluster_of_5000_people_needs_no_matrix_of_5000_by_5000():
    rng = np.random.default_rng(3)
    person = np.repeat(np.arange(10_000), rng.integers(1, 4, 10_000))
    cluster = np.where(person < 5000, 0, 1 + person // 1000)
    y = rng.normal(size=10_000)[person] + rng.normal(size=7 + 5)[cluster]
    y = y + rng.normal(size=len(person))
    X = np.column_stack([np.ones(len(y)), rng.normal(size=len(y))])
    tracemalloc.start()
    fit = fit_mixed(y, X, ["one", "x"], groups={"cluster": cluster, "person": person})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6
    assert fit.variances["person"] == pytest.approx(1, abs=0.1)


# Exact cases ----------------------------------------------------------------------------------


def cluster_means_t(y, arm, cluster):
    means = np.array([y[cluster == c].mean() for c in range(cluster.max() + 1)])
    arms = np.array([arm[cluster == c][0] for c in range(cluster.max() + 1)])
    return stats.ttest_ind(means[arms == 1], means[arms == 0])


@pytest.mark.parametrize("seed", range(6))
def test_equal_sizes_and_unbounded_variance_give_the_t_test_of_cluster_means(seed):
    y, arm, cluster = trial(np.random.default_rng(seed), icc=0.0, size=7)
    got = fitted(y, arm, cluster, variance="unbounded").coefficient("arm")
    want = cluster_means_t(y, arm, cluster)
    assert (got.statistic, got.p_value) == pytest.approx((want.statistic, want.pvalue), rel=1e-7)
    assert got.df == pytest.approx(10, rel=1e-7)


@pytest.mark.parametrize("df", ["kenward-roger", "satterthwaite"])
def test_equal_sizes_and_an_interior_variance_give_the_t_test_of_cluster_means(df):
    y, arm, cluster = trial(np.random.default_rng(1), icc=0.3)
    fit = fitted(y, arm, cluster, df=df)
    got, want = fit.coefficient("arm"), cluster_means_t(y, arm, cluster)
    assert fit.boundary == ()
    assert got.statistic == pytest.approx(want.statistic, rel=1e-7)
    assert got.df == pytest.approx(10, rel=1e-6)


def test_complete_pairs_of_people_give_the_paired_t_test():
    rng = np.random.default_rng(4)
    person, wave = np.repeat(np.arange(15), 2), np.tile([0, 1], 15)
    y = 2 * rng.normal(size=15)[person] + rng.normal(size=30)
    X = np.column_stack([np.ones(30), wave])
    got = fit_mixed(y, X, ["one", "later"], groups={"person": person}).coefficient("later")
    want = stats.ttest_rel(y[wave == 1], y[wave == 0])
    assert (got.statistic, got.df) == pytest.approx((want.statistic, 14), rel=1e-7)


def test_a_residual_variance_an_arm_is_welch_s_estimate():
    rng = np.random.default_rng(5)
    arm = np.repeat([0, 1], 30)
    y = rng.normal(size=60) * np.where(arm, 3, 1)
    leader = np.where(arm, np.arange(60) // 6, -1).astype(float)
    fit = fit_mixed(
        y, np.column_stack([np.ones(60), arm]), ["one", "arm"],
        groups={"leader": np.where(arm, leader, np.nan)}, only_where={"leader": arm == 1},
        residual_by=arm, variance="unbounded",
    )  # fmt: skip
    means = [y[leader == k].mean() for k in np.unique(leader[leader >= 0])]
    variance = np.var(means, ddof=1) / 5 + y[arm == 0].var(ddof=1) / 30
    got = fit.coefficient("arm")
    want = np.mean(means) - y[arm == 0].mean()
    assert (got.estimate, got.se) == pytest.approx((want, np.sqrt(variance)), rel=1e-7)
    a, b = np.var(means, ddof=1) / 5, y[arm == 0].var(ddof=1) / 30
    assert got.df == pytest.approx((a + b) ** 2 / (a**2 / 4 + b**2 / 29), rel=1e-6)
    assert fit.variances["residual, 0"] == pytest.approx(y[arm == 0].var(ddof=1), rel=1e-7)
    shared = fit.variances["leader"]
    assert fit.icc["leader"] == pytest.approx(shared / (shared + fit.variances["residual, 1"]))


# Invariance -----------------------------------------------------------------------------------


@pytest.fixture
def case():
    return trial(np.random.default_rng(8), icc=0.2, cv=0.6, effect=0.4)


def numbers(fit, name="arm"):
    got = fit.coefficient(name)
    return np.array([got.estimate, got.se, got.df])


def test_the_order_of_rows_changes_nothing(case):
    order = np.random.default_rng(1).permutation(len(case[0]))
    np.testing.assert_allclose(
        numbers(fitted(*(v[order] for v in case))), numbers(fitted(*case)), rtol=1e-7
    )


def test_labels_of_clusters_change_nothing(case):
    y, arm, cluster = case
    names = np.array([f"centre {(7 * c + 3) % 12}" for c in cluster])
    np.testing.assert_allclose(numbers(fitted(y, arm, names)), numbers(fitted(*case)), rtol=1e-7)


def test_a_constant_added_to_the_outcome_moves_the_intercept_only(case):
    y, arm, cluster = case
    np.testing.assert_allclose(
        numbers(fitted(y + 1000, arm, cluster)), numbers(fitted(*case)), rtol=1e-6
    )


def test_the_unit_of_the_outcome_is_the_unit_of_the_estimate(case):
    y, arm, cluster = case
    mine, other = fitted(*case), fitted(1e6 * y, arm, cluster)
    np.testing.assert_allclose(numbers(other), numbers(mine) * [1e6, 1e6, 1], rtol=1e-6)
    assert other.icc["cluster"] == pytest.approx(mine.icc["cluster"], rel=1e-6)


def test_swapping_the_arms_turns_the_sign(case):
    y, arm, cluster = case
    np.testing.assert_allclose(
        numbers(fitted(y, 1 - arm, cluster)), numbers(fitted(*case)) * [-1, 1, 1], rtol=1e-7
    )


def test_where_the_slope_s_variable_is_0_changes_no_test():
    rng = np.random.default_rng(9)
    person, wave = np.repeat(np.arange(20), 4), np.tile(np.arange(4.0), 20)
    y = rng.normal(size=20)[person] + 0.7 * rng.normal(size=20)[person] * wave
    y = y + rng.normal(size=80)
    X = np.column_stack([np.ones(80), wave])
    fits = [
        fit_mixed(y, X, ["one", "wave"], groups={"person": person}, slope=wave + shift)
        for shift in (0, 2020)
    ]
    np.testing.assert_allclose(numbers(fits[1], "wave"), numbers(fits[0], "wave"), rtol=1e-6)
    assert fits[1].variances["person slope"] == pytest.approx(
        fits[0].variances["person slope"], rel=1e-6
    )
    v = fits[0].variances
    there = v["person"] - 2 * 2020 * v["person covariance"] + 2020**2 * v["person slope"]
    assert fits[1].variances["person"] == pytest.approx(there, rel=1e-6)


# The boundary ---------------------------------------------------------------------------------


def test_300_trials_without_clustering_each_have_an_estimate_and_say_the_boundary():
    rng = np.random.default_rng(10)
    zero = 0
    for _ in range(300):
        y, arm, cluster = trial(rng, icc=0.0, cv=0.5)
        fit = fitted(y, arm, cluster)
        got = fit.coefficient("arm")
        assert got.estimate != 0
        assert np.isfinite([got.estimate, got.se, got.df, got.p_value, fit.log_likelihood]).all()
        assert (fit.boundary == ("cluster",)) == (fit.variances["cluster"] == 0)
        assert (len(fit.notes) > 0) == (len(fit.boundary) > 0)
        if fit.boundary:
            zero += 1
            X = np.column_stack([np.ones(len(y)), arm])
            want = least_squares(y, X, ["one", "arm"]).coefficient("arm")
            assert (got.estimate, got.se) == pytest.approx((want.estimate, want.se), rel=1e-7)
            assert got.df == pytest.approx(10)
    assert 120 < zero < 220


def boundary_case(share=0.9):
    y, arm, cluster = trial(np.random.default_rng(0), icc=0.0, cv=0.4)
    rng = np.random.default_rng(1)
    return y - share * np.array([y[cluster == c].mean() for c in cluster]), arm, cluster, rng


def test_on_the_boundary_only_what_lies_between_clusters_loses_degrees_of_freedom():
    y, arm, cluster, rng = boundary_case()
    x = rng.normal(size=len(y))
    X = np.column_stack([np.ones(len(y)), arm, x, arm * x])
    fit = fit_mixed(y, X, ["one", "arm", "x", "arm:x"], groups={"cluster": cluster})
    assert fit.boundary == ("cluster",)
    assert [fit.coefficient(n).df for n in ("one", "arm")] == pytest.approx([10, 10])
    whole = [fit.coefficient(n).df for n in ("x", "arm:x")]
    assert whole == pytest.approx([len(y) - 4] * 2)
    assert fit.contrast([0, 1, 0, 1]).df == pytest.approx(10)
    assert fit.joint_test([[0, 1, 0, 0], [0, 0, 0, 1]]).df2 == pytest.approx(10)
    assert fit.joint_test([[0, 0, 1, 0], [0, 0, 0, 1]]).df2 == pytest.approx(len(y) - 4)


def test_the_limit_on_the_boundary_does_not_depend_on_how_arms_are_coded():
    y, arm, cluster, _ = boundary_case()
    X = np.column_stack([arm == 0, arm == 1]).astype(float)
    fit = fit_mixed(y, X, ["control", "treated"], groups={"cluster": cluster})
    assert fit.contrast([-1, 1]).df == pytest.approx(10)


def test_the_limit_on_the_boundary_can_be_given():
    y, arm, cluster, _ = boundary_case()
    fit = fitted(y, arm, cluster, df_limit={"cluster": 5})
    assert fit.coefficient("arm").df == pytest.approx(5)
    assert fit.notes[0].endswith("has at most 5 degrees of freedom.")
    ours = fitted(y, arm, cluster).notes[0]
    assert "at most 10 degrees of freedom (12 groups minus the coefficients between them)." in ours


def test_a_negative_variance_is_said():
    y, arm, cluster, _ = boundary_case(0.3)
    fit = fitted(y, arm, cluster, variance="unbounded")
    assert fit.variances["cluster"] < 0
    assert "estimated below 0" in fit.notes[0]
    assert fit.boundary == ()


def test_a_singular_slope_is_found_and_said():
    rng = np.random.default_rng(13)
    person, wave = np.repeat(np.arange(15), 3), np.tile(np.arange(3.0), 15)
    y = rng.normal(size=15)[person] * (1 + 0.5 * wave) + rng.normal(size=45)
    X = np.column_stack([np.ones(45), wave])
    fit = fit_mixed(y, X, ["one", "wave"], groups={"person": person}, slope=wave)
    v = fit.variances
    assert fit.boundary == ("person slope",)
    assert v["person"] * v["person slope"] == pytest.approx(v["person covariance"] ** 2, rel=1e-6)
    assert "singular" in fit.notes[0]
    assert np.isfinite(numbers(fit, "wave")).all()


# Coverage -------------------------------------------------------------------------------------


def rejected(rng, trials, **options):
    p = []
    for _ in range(trials):
        p.append(fitted(*trial(rng, **options)).coefficient("arm").p_value)
    return np.mean(np.array(p) < 0.05)


@pytest.mark.parametrize(("icc", "cv"), [(0.2, 0.7), (0.0, 0.0)])
def test_500_trials_of_12_clusters_are_not_rejected_too_often(icc, cv):
    rate = rejected(np.random.default_rng(13), 500, icc=icc, cv=cv, size=15)
    assert rate < 0.085
    assert rate > (0.005 if icc == 0 else 0.02)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("clusters", "icc", "cv", "low", "high"),
    [
        (6, 0.0, 0.0, 0.0, 0.02),
        (6, 0.05, 0.7, 0.0, 0.03),
        (6, 0.2, 0.0, 0.025, 0.06),
        (12, 0.0, 0.0, 0.01, 0.04),
        (12, 0.05, 0.7, 0.02, 0.055),
        (12, 0.2, 0.7, 0.04, 0.068),
    ],
)
def test_rejections_at_a_nominal_5_per_cent(clusters, icc, cv, low, high):
    rng = np.random.default_rng(14)
    rate = rejected(rng, 4000, clusters=clusters, icc=icc, cv=cv, size=20)
    assert low <= rate <= high


# Refusals -------------------------------------------------------------------------------------


def test_a_missing_value_is_refused(case):
    y, arm, cluster = case
    with pytest.raises(ScoresError, match="missing or infinite"):
        fitted(np.where(np.arange(len(y)) == 3, np.nan, y), arm, cluster)


def test_an_outcome_of_another_length_is_refused(case):
    y, _, cluster = case
    with pytest.raises(ScoresError, match="outcomes and"):
        fit_mixed(y[:-1], np.ones((len(y), 1)), ["one"], groups={"cluster": cluster})


def test_a_column_the_others_determine_is_named(case):
    y, arm, cluster = case
    X = np.column_stack([np.ones(len(y)), arm, 1 - arm])
    with pytest.raises(CollinearError, match="control"):
        fit_mixed(y, X, ["one", "arm", "control"], groups={"cluster": cluster})


def test_as_many_coefficients_as_rows_are_refused():
    with pytest.raises(ModelSizeError):
        fit_mixed([1.0, 2.0], np.eye(2), ["a", "b"], groups={"cluster": [1, 2]})


def test_every_fault_of_the_groups_is_told_at_once():
    y = np.arange(8.0)
    with pytest.raises(GroupsError) as caught:
        fit_mixed(
            y, np.ones((8, 1)), ["one"],
            groups={"site": ["a", None, "a", "b", "b", "b", "b", np.nan], "cluster": [1, 2, 3]},
            only_where={"village": [True] * 8},
        )  # fmt: skip
    text = str(caught.value)
    assert "3 faults" in text
    assert "only_where names 'village', which is no component" in text
    assert "'site' is missing in 2 rows (row 2, 8)" in text
    assert "'cluster' has 3 values, and there are 8 rows" in text
    assert list(caught.value.problems["row"]) == [2, 8]


@pytest.mark.parametrize(
    ("groups", "told"),
    [
        ({"residual group": [1, 1, 2, 2] * 2}, "would be mistaken for the residual variance"),
        ({"cluster": [1] * 8}, "'cluster' has 1 group; a variance between groups needs at least 2"),
        ({"person": range(8)}, "every group of 'person' has one row"),
        (
            {"site": [1, 1, 2, 2] * 2, "cluster": [5, 5, 6, 6] * 2},
            "'site' and 'cluster' put the rows into the same groups",
        ),
        (
            {"site": [1, 1, 1, 1, 2, 2, 2, 2], "cluster": [1, 1, 2, 2, 1, 1, 3, 3]},
            "'cluster' 1 lies in more than one 'site'",
        ),
    ],
)
def test_groups_that_cannot_be_random_effects_are_refused(groups, told):
    y = np.array([3.0, 1, 4, 1, 5, 9, 2, 6])
    with pytest.raises(GroupsError) as caught:
        fit_mixed(y, np.ones((8, 1)), ["one"], groups={k: list(v) for k, v in groups.items()})
    assert told in str(caught.value)


def test_clusters_that_the_columns_already_tell_apart_are_refused():
    y, arm, cluster = trial(np.random.default_rng(1), clusters=2)
    with pytest.raises(GroupsError, match="nothing is left in these data to estimate the variance"):
        fitted(y, arm, cluster)


def test_a_random_slope_over_two_times_is_refused():
    rng = np.random.default_rng(1)
    person, wave = np.repeat(np.arange(20), 2), np.tile([0.0, 1.0], 20)
    X = np.column_stack([np.ones(40), wave])
    with pytest.raises(GroupsError, match="three or more times"):
        fit_mixed(rng.normal(size=40), X, ["a", "b"], groups={"person": person}, slope=wave)


def test_a_slope_over_something_constant_is_refused(case):
    y, arm, cluster = case
    with pytest.raises(GroupsError, match="never varies within a group"):
        fitted(y, arm, cluster, slope=arm)


def test_labels_may_come_as_pandas_gives_them(case):
    y, arm, cluster = case
    frame = pd.DataFrame({"y": y, "arm": arm, "cluster": cluster}).iloc[::-1]
    frame["name"] = pd.Categorical("c" + frame["cluster"].astype(str))
    frame["nullable"] = frame["cluster"].astype("Int64").where(frame["arm"] == 1)
    plain = fitted(frame["y"], frame["arm"], frame["name"])
    np.testing.assert_allclose(numbers(plain), numbers(fitted(*case)), rtol=1e-7)
    there = frame["arm"] == 1
    one_arm = fitted(frame["y"], frame["arm"], frame["nullable"], only_where={"cluster": there})
    assert one_arm.n_groups == {"cluster": 6}
    with pytest.raises(GroupsError, match="'cluster' is missing in"):
        fitted(frame["y"], frame["arm"], frame["nullable"])


@pytest.mark.parametrize(("effect", "noise"), [(0.0, 0.0), (3.0, 0.0), (3.0, 1.0)])
def test_an_outcome_that_leaves_no_residual_is_refused(case, effect, noise):
    _, arm, cluster = case
    y = effect * arm + noise * np.sin(cluster)
    with pytest.raises(MixedConvergenceError, match="nearly"):
        fitted(y, arm, cluster)


def test_an_unbounded_variance_without_an_estimate_is_refused():
    cluster = np.array([0] * 40 + [1] * 3 + [2] * 3 + [3] * 3)
    rng = np.random.default_rng(3)
    y = rng.normal(size=49)
    for c in range(4):
        y[cluster == c] -= y[cluster == c].mean()
    with pytest.raises(MixedConvergenceError, match="Use variance='nonnegative'"):
        fitted(y, cluster % 2, cluster, variance="unbounded")


def test_a_correction_without_a_proper_value_is_refused(case):
    fit = fitted(*case)
    broken = replace(fit, inference=replace(fit.inference, adjusted=-fit.inference.adjusted))
    with pytest.raises(SmallSampleError, match="no proper value in these data"):
        broken.coefficient("arm")
    wild = replace(fit.inference, parameters=1e4 * fit.inference.parameters)
    with pytest.raises(SmallSampleError, match="F test of these contrasts"):
        replace(fit, inference=wild).joint_test(np.eye(2))


@pytest.mark.parametrize(
    "options",
    [
        {"variance": "negative"},
        {"method": "gls"},
        {"df": "residual"},
        {"information": "average"},
        {"method": "ml"},
        {"df_limit": {"site": 4}},
    ],
)
def test_a_choice_that_is_not_on_offer_is_refused(case, options):
    with pytest.raises(ChoiceError):
        fitted(*case, **options)


def test_a_coefficient_that_is_not_there_is_refused(case):
    with pytest.raises(ChoiceError, match="'treatment' is not on offer"):
        fitted(*case).coefficient("treatment")


def test_the_model_is_told_in_words(case):
    words = fitted(*case).method_words
    assert words == (
        "linear mixed model with random intercepts of cluster (12 groups), by REML, variances not "
        "below 0; Kenward–Roger degrees of freedom with the expected information"
    )
