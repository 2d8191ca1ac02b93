from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from socmeasures.demo.clusters import simulated_cluster_trial
from socmeasures.designs.clustered import cluster_trial
from socmeasures.designs.clustered_engines import ENGINES
from socmeasures.designs.missing_data import missing_sensitivity
from socmeasures.designs.study import Study
from socmeasures.drawing.style import alt_text
from socmeasures.errors import ClusterEngineError

ONE_WAVE = {"wave": "6m"}
ARM = {"arm": "arm", "control": "usual care", "cluster": "agency", "allocation": "cluster"}


@pytest.fixture(scope="module")
def data():
    return simulated_cluster_trial(effect=-1.5, icc=0.08, seed=3)


def _study(data, **more):
    options = {"person": "id", "wave": "wave", "waves": ["start", "6m", "12m"], **ARM}
    return Study(data, **{**options, "better": {"loneliness": "lower"}, **more})


def _two_by_two(sizes, rng, *, icc=0.1, effect=0.0):
    """Clusters of these sizes, the first half treated: id, wave, arm, cluster, y."""
    rows, person = [], 0
    for place, size in enumerate(sizes):
        level = np.sqrt(icc) * rng.normal()
        arm = "new" if place < len(sizes) / 2 else "usual"
        for _ in range(size):
            person += 1
            y = level + np.sqrt(1 - icc) * rng.normal() + effect * (arm == "new")
            rows.append((person, "end", arm, f"c{place}", y))
    return pd.DataFrame(rows, columns=["id", "wave", "arm", "agency", "y"])


def _end(data):
    return Study(data, person="id", wave="wave", waves=["end"], **{**ARM, "control": "usual"})


# ------------------------------------------------------------------ what every engine gives


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_the_tidy_columns_and_says_what_it_did(data, engine):
    result = cluster_trial(_study(data), "loneliness", engine=engine, **ONE_WAVE)
    table = result.to_frame()
    first = ["outcome", "wave", "contrast", "term", "estimate"]
    assert table.columns[:5].tolist() == first
    assert {"p_value", "ci_low", "ci_high", "n", "n_excluded", "n_clusters", "method"} <= set(table)
    row = table.iloc[0]
    assert row["contrast"] == "befriending - usual care"
    assert row["ci_low"] < row["estimate"] < row["ci_high"]
    assert row["effect_size_type"] == "d_baseline_total_sd"
    assert row["n_clusters"] == 14
    assert ("df" in table) == (engine != "permutation")
    assert "Whole clusters were allocated; 14 were analysed" in result.methods
    assert "on average" in result.summary
    assert "Lower is better" in result.summary
    assert any("Intraclass correlation within arms" in note for note in result.notes)
    assert any("too wide to plan" in note for note in result.notes)
    assert ("t test of cluster means" in result.tables) == (engine != "cluster-means")


@pytest.mark.parametrize("engine", ENGINES)
def test_swapping_the_control_flips_the_sign(data, engine):
    there = cluster_trial(_study(data), "loneliness", engine=engine, **ONE_WAVE).to_frame()
    back = cluster_trial(
        _study(data, control="befriending"), "loneliness", engine=engine, **ONE_WAVE
    ).to_frame()
    assert back.loc[0, "estimate"] == pytest.approx(-there.loc[0, "estimate"])
    assert back.loc[0, "ci_low"] == pytest.approx(-there.loc[0, "ci_high"])
    assert back.loc[0, "p_value"] == pytest.approx(there.loc[0, "p_value"])


@pytest.mark.parametrize("engine", ENGINES)
def test_relabelling_clusters_and_shuffling_rows_changes_nothing(data, engine):
    names = {name: f"z{k * 5 % 14}" for k, name in enumerate(data["agency"].unique())}
    moved = data.assign(agency=data["agency"].map(names)).sample(frac=1, random_state=1)
    first = cluster_trial(_study(data), "loneliness", engine=engine, **ONE_WAVE).to_frame()
    again = cluster_trial(_study(moved), "loneliness", engine=engine, **ONE_WAVE).to_frame()
    pd.testing.assert_frame_equal(first, again)


def test_people_and_clusters_are_counted_by_arm_with_reasons(data):
    lost = data["agency"].eq("agency 01") & data["wave"].eq("6m")
    result = cluster_trial(_study(data[~lost]), "loneliness", engine="cr2", **ONE_WAVE)
    arm = data.loc[data["agency"] == "agency 01", "arm"].iloc[0]
    counts = result.n.set_index(["arm", "reason"])
    whole = counts.loc[(arm, "nobody of the whole cluster has a score")]
    assert whole["n_clusters"] == 1
    assert whole["n"] == data.loc[data["agency"] == "agency 01", "id"].nunique()
    assert counts["n_clusters"].sum() == 14
    assert counts["n"].sum() == data["id"].nunique()
    assert any("1 whole cluster with" in note and "agency 01" in note for note in result.notes)
    clusters = result.tables["clusters"].set_index("cluster")
    assert clusters.loc["agency 01", "n"] == 0
    assert result.to_frame().loc[0, "n_clusters"] == 13


def test_the_total_sd_is_between_plus_within_at_baseline(data):
    study = _study(data)
    row = cluster_trial(study, "loneliness", engine="cr2", **ONE_WAVE).to_frame().iloc[0]
    start = data[data["wave"] == "start"]
    means = start.groupby("agency")["loneliness"].transform("mean")
    n, k = len(start), start["agency"].nunique()
    within = ((start["loneliness"] - means) ** 2).sum() / (n - k)
    arm_means = start.groupby("arm")["loneliness"].transform("mean")
    between = ((means - arm_means) ** 2).sum() / (k - 2)
    sizes = start.groupby(["arm", "agency"]).size()
    n0 = (n - (sizes**2).groupby("arm").sum().div(sizes.groupby("arm").sum()).sum()) / (k - 2)
    total = np.sqrt((between - within) / n0 + within)
    assert row["effect_size"] == pytest.approx(row["estimate"] / total)
    corrected = cluster_trial(study, "loneliness", engine="cr2", correct=True, **ONE_WAVE)
    assert corrected.to_frame().loc[0, "effect_size_type"] == "g_baseline_total_sd"
    assert abs(corrected.to_frame().loc[0, "effect_size"]) < abs(row["effect_size"])


# ------------------------------------------------------------------ what must be equal


@pytest.mark.parametrize("variance", ["nonnegative", "unbounded"])
def test_equal_sizes_make_the_mixed_model_the_t_test_of_cluster_means(variance):
    data = _two_by_two([8] * 10, np.random.default_rng(5), icc=0.3, effect=0.5)
    study = _end(data)
    mixed = cluster_trial(study, "y", baseline=None, variance=variance).to_frame().iloc[0]
    means = data.groupby(["arm", "agency"])["y"].mean()
    test = stats.ttest_ind(means["new"], means["usual"])
    assert mixed["df"] == pytest.approx(8)
    assert mixed["statistic"] == pytest.approx(test.statistic, rel=1e-6)
    assert mixed["p_value"] == pytest.approx(test.pvalue, rel=1e-6)
    whole = cluster_trial(study, "y", baseline=None, engine="cluster-means").to_frame().iloc[0]
    for name in ("estimate", "se", "df", "p_value", "ci_low", "ci_high"):
        assert whole[name] == pytest.approx(mixed[name], rel=1e-6)


def test_a_negative_variance_is_kept_where_it_may_be():
    rng = np.random.default_rng(0)
    data = _two_by_two([6] * 8, rng, icc=0.0)
    shift = data.groupby("agency")["y"].transform("mean")
    data["y"] = data["y"] - 0.9 * (shift - data.groupby("arm")["y"].transform("mean"))
    study = _end(data)
    result = cluster_trial(study, "y", baseline=None, variance="unbounded")
    means = data.groupby(["arm", "agency"])["y"].mean()
    test = stats.ttest_ind(means["new"], means["usual"])
    assert result.tables["variance components"]["variance"].iloc[0] < 0
    assert result.to_frame().loc[0, "df"] == pytest.approx(6)
    assert result.to_frame().loc[0, "statistic"] == pytest.approx(test.statistic, rel=1e-5)
    assert any("below 0" in note for note in result.notes)


@pytest.mark.parametrize("engine", ["cluster-means", "permutation"])
def test_doubling_everybody_within_clusters_changes_no_cluster_inference(engine):
    data = _two_by_two([5, 9, 7, 6, 8, 11, 4, 10], np.random.default_rng(8))
    twice = pd.concat([data, data.assign(id=data["id"] + 1000)])
    one = cluster_trial(_end(data), "y", baseline=None, engine=engine).to_frame()
    two = cluster_trial(_end(twice), "y", baseline=None, engine=engine).to_frame()
    same = [c for c in ("estimate", "se", "df", "p_value", "ci_low", "ci_high") if c in one]
    pd.testing.assert_frame_equal(one[same], two[same])
    assert two.loc[0, "n"] == 2 * one.loc[0, "n"]


@pytest.mark.parametrize("trials", [40, pytest.param(300, marks=pytest.mark.slow)])
def test_trials_without_any_correlation_have_an_estimate_each_and_say_the_boundary(trials):
    rng = np.random.default_rng(2026)
    estimates, said, zero = [], 0, 0
    for _ in range(trials):
        data = _two_by_two(rng.integers(3, 9, 6), rng, icc=0.0)
        result = cluster_trial(_end(data), "y", baseline=None)
        row = result.to_frame().iloc[0]
        estimates.append(row["estimate"])
        variance = result.tables["variance components"]["variance"].iloc[0]
        zero += variance == 0
        said += any("estimated as exactly 0" in note for note in result.notes)
        assert np.isfinite([row["se"], row["df"], row["ci_low"], row["ci_high"]]).all()
        assert variance > 0 or row["df"] <= 4
    assert np.isfinite(estimates).all()
    assert (np.array(estimates) != 0).all()
    assert said == zero
    assert 0.35 < zero / trials < 0.8


# ------------------------------------------------------------------ designs


def test_matched_pairs_use_the_paired_t_test(data):
    study = _study(data)
    result = cluster_trial(
        study, "loneliness", engine="cluster-means", baseline=None, pairs="pair", **ONE_WAVE
    )
    row = result.to_frame().iloc[0]
    now = data[data["wave"] == "6m"]
    means = now.groupby(["pair", "arm"])["loneliness"].mean().unstack()
    test = stats.ttest_rel(means["befriending"], means["usual care"])
    assert row["df"] == 6
    assert row["statistic"] == pytest.approx(test.statistic)
    assert "within matched pairs" in result.methods
    assert "pair" in result.tables["clusters"]
    mixed = cluster_trial(study, "loneliness", pairs="pair", **ONE_WAVE)
    assert any(t.startswith("pair: ") for t in mixed.tables["coefficients"]["term"])
    permuted = cluster_trial(study, "loneliness", engine="permutation", pairs="pair", **ONE_WAVE)
    assert "128" in permuted.to_frame().loc[0, "method"]


def test_strata_take_their_degrees_of_freedom(data):
    study = _study(data, strata="region")
    for engine, df in (("cluster-means", 11), ("gee", 11)):
        row = cluster_trial(study, "loneliness", engine=engine, **ONE_WAVE).to_frame().iloc[0]
        assert row["df"] == df
    terms = cluster_trial(study, "loneliness", **ONE_WAVE).tables["coefficients"]["term"]
    assert "region: town" in terms.tolist()


def test_covariates_of_people_and_of_clusters_enter(data):
    data = data.assign(size=data.groupby("agency")["id"].transform("nunique"))
    row = cluster_trial(
        _study(data), "loneliness", engine="cluster-means", covariates=["age", "size"], **ONE_WAVE
    ).to_frame().iloc[0]  # fmt: skip
    assert row["df"] == 11  # one for the covariate of clusters
    result = cluster_trial(_study(data), "loneliness", covariates=["age", "size"], **ONE_WAVE)
    assert {"age", "size"} <= set(result.tables["coefficients"]["term"])
    assert "age" in result.methods


def test_several_arms_are_compared_with_the_control_and_adjusted_when_declared(data):
    third = data["agency"].isin(sorted(data["agency"].unique())[10:])
    three = data.assign(arm=data["arm"].where(~third, "peer group"))
    study = _study(three)
    plain = cluster_trial(study, "loneliness", **ONE_WAVE)
    assert len(plain.to_frame()) == 2
    assert any("2 arms are compared with one control" in note for note in plain.notes)
    holm = cluster_trial(study, "loneliness", family="primary", **ONE_WAVE).to_frame()
    assert holm["adjustment"].tolist() == ["holm", "holm"]
    assert (holm["p_value_adjusted"] >= holm["p_value"]).all()
    dunnett = cluster_trial(
        study, "loneliness", family="primary", adjustment="dunnett", **ONE_WAVE
    ).to_frame()
    assert (dunnett["ci_low"] < plain.to_frame()["ci_low"]).all()
    for engine in ("mixed", "cluster-means", "cr2", "gee"):
        found = cluster_trial(study, "loneliness", engine=engine, **ONE_WAVE)
        assert len(found.to_frame()) == 2
        assert ("joint tests" in found.tables) == (engine != "cluster-means")
    with pytest.raises(ClusterEngineError, match="adjustment='holm'"):
        cluster_trial(
            study, "loneliness", engine="cluster-means", family="primary", adjustment="dunnett",
            **ONE_WAVE,
        )  # fmt: skip
    with pytest.raises(ClusterEngineError, match="has 3"):
        cluster_trial(study, "loneliness", pairs="pair", **ONE_WAVE)


def test_missing_baselines_are_replaced_or_left_out(data):
    gap = (data["wave"] == "start") & data["id"].isin(["p001", "p002"])
    study = _study(data.assign(loneliness=data["loneliness"].where(~gap)))
    result = cluster_trial(study, "loneliness", engine="cr2", **ONE_WAVE)
    assert any("missing baselines replaced" in note for note in result.notes)
    dropped = cluster_trial(study, "loneliness", engine="cr2", missing_baseline="drop", **ONE_WAVE)
    assert dropped.to_frame().loc[0, "n"] < result.to_frame().loc[0, "n"]


# ------------------------------------------------------------------ all time points


def test_all_time_points_have_a_row_each_with_effects_of_cluster_and_cluster_by_time(data):
    result = cluster_trial(_study(data), "loneliness")
    table = result.to_frame()
    assert table["wave"].tolist() == ["6m", "12m"]
    assert result.tables["variance components"]["term"].tolist() == [
        "cluster", "cluster × time point", "person", "residual",
    ]  # fmt: skip
    assert result.tables["variance components"]["share"].sum() == pytest.approx(1)
    assert {"n_observed", "n_clusters"} <= set(table)
    assert "random effects of cluster, cluster × time point, person" in result.methods
    assert set(result.tables["t test of cluster means"]["wave"]) == {"6m", "12m"}
    at_6m = result.n[(result.n["wave"] == "6m") & (result.n["group"] == "analysed")]
    assert at_6m["n_clusters"].sum() == 14
    assert result.plot().axes
    assert len(result.means) == 4
    shifted = missing_sensitivity(result, deltas=[0, 2]).to_frame()
    assert set(shifted["wave"]) == {"12m"}
    assert (shifted.loc[shifted["delta"] == 2, "se"] > table.loc[1, "se"]).all()


def test_with_one_follow_up_no_time_point_need_be_named(data):
    short = _study(data[data["wave"] != "12m"], waves=["start", "6m"])
    named = cluster_trial(short, "loneliness", wave="6m").to_frame()
    pd.testing.assert_frame_equal(cluster_trial(short, "loneliness").to_frame(), named)


def test_all_time_points_are_for_the_mixed_model_and_for_scores(data):
    study = _study(data)
    with pytest.raises(ClusterEngineError, match="wave='12m'"):
        cluster_trial(study, "loneliness", engine="gee")
    with pytest.raises(ClusterEngineError, match="yes-or-no"):
        cluster_trial(study, "lonely")


# ------------------------------------------------------------------ yes or no


@pytest.mark.parametrize("engine", ["gee", "cr2", "cluster-means", "permutation"])
def test_a_yes_or_no_outcome_gives_the_difference_in_shares(data, engine):
    result = cluster_trial(_study(data), "lonely", engine=engine, **ONE_WAVE)
    row = result.to_frame().iloc[0]
    assert row["term"] == "risk difference"
    assert "effect_size" not in result.to_frame()
    assert "in 100 people fewer had it" in result.summary
    assert result.tables["shares"]["arm"].tolist() == ["befriending", "usual care"]
    assert "Fleiss-Cuzick" in result.tables["intraclass correlation"]["method"].iloc[0]
    assert ("ratios" in result.tables) == (engine == "gee")
    assert result.plot().axes


def test_ratios_stand_beside_the_risk_difference_of_gee(data):
    result = cluster_trial(
        _study(data), "loneliness", engine="gee", at_least=12, baseline=None, **ONE_WAVE
    )
    ratios = result.tables["ratios"].set_index("term")
    shares = result.tables["shares"].set_index("arm")["share"]
    independent = cluster_trial(
        _study(data), "loneliness", engine="gee", at_least=12, baseline=None,
        working="independence", **ONE_WAVE,
    )  # fmt: skip
    plain = independent.tables["shares"].set_index("arm")["share"]
    now = data[data["wave"] == "6m"]
    seen = now.assign(event=now["loneliness"] >= 12).groupby("arm")["event"].mean()
    assert plain["befriending"] == pytest.approx(seen["befriending"])
    assert 0 < ratios.loc["odds ratio", "estimate"] < ratios.loc["risk ratio", "estimate"] < 1
    assert shares["befriending"] < shares["usual care"]
    assert "loneliness of 12 or more" in result.title


def test_a_mixed_model_of_a_yes_or_no_outcome_is_refused(data):
    with pytest.raises(ClusterEngineError, match="engine='gee'"):
        cluster_trial(_study(data), "lonely", **ONE_WAVE)


# ------------------------------------------------------------------ what follows


def test_the_picture_says_what_it_shows(data):
    result = cluster_trial(_study(data), "loneliness", pairs="pair", **ONE_WAVE)
    words = alt_text(result.plot())
    assert "7 clusters with means from" in words
    assert "befriending" in words
    assert "interval" in words


def test_missing_outcomes_are_shifted_with_the_spread_between_clusters(data):
    result = cluster_trial(_study(data), "loneliness", engine="cr2", **ONE_WAVE)
    shifted = missing_sensitivity(result, deltas=[0, 3]).to_frame()
    both = shifted[(shifted["scenario"] == "treated arm only") & (shifted["delta"] == 3)].iloc[0]
    clusters = result.tables["clusters"]
    mine = clusters[clusters["arm"] == "befriending"]
    share = 1 - mine["n"].sum() / mine["n_allocated"].sum()
    off = mine["n_allocated"] - mine["n"] - share * mine["n_allocated"]
    variance = 7 / 6 * (off**2).sum() / mine["n_allocated"].sum() ** 2
    row = result.to_frame().iloc[0]
    assert both["estimate"] == pytest.approx(row["estimate"] + 3 * share)
    assert both["se"] == pytest.approx(np.sqrt(row["se"] ** 2 + 9 * variance))
