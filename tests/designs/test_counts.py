"""Rate ratios of counts, before and after and between arms, and mean differences beside them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.designs.counts import compare_counts, pre_post_counts
from socmeasures.designs.study import Study
from socmeasures.errors import (
    ClusterAllocationError,
    CollinearError,
    ModelSizeError,
    NobodyMeasuredTwiceError,
    NotACountError,
    OnePairError,
    ScoresError,
    SmallArmError,
    WaveNotFoundError,
)
from socmeasures.models.bootstrap_ols import bootstrap_coefficient
from socmeasures.models.counts import count_model
from socmeasures.models.ols import least_squares


def wide(n=60, seed=1, effect=1.5):
    rng = np.random.default_rng(seed)
    arm = np.repeat(["new", "usual"], n // 2)
    level = rng.gamma(2, 3, n)
    before = rng.poisson(level)
    after = rng.poisson(level * np.where(arm == "new", effect, 1.0))
    return pd.DataFrame(
        {
            "id": range(n),
            "arm": arm,
            "size__a": before.astype(float),
            "size__b": after.astype(float),
        }
    )


def study_of(data, **more):
    options = {"arm": "arm", "control": "usual", "allocation": "individual", **more}
    return Study.from_wide(data, person="id", waves={"start": "a", "6m": "b"}, **options)


# ------------------------------------------------------------------- the models, against R


@pytest.mark.needs("shared")
def test_network_size_by_poisson_and_negative_binomial_agrees_with_r(oracle, close, data_csv):
    entry = oracle("ordinal_counts")["transnat_network_size"]
    ego = data_csv("egor_transnat/transnat_ego.csv", dtype=str)
    size = data_csv("egor_transnat/transnat_reference_measures.csv").set_index(".egoID")["size"]
    y = size.loc[ego[".egoID"].astype(int)].to_numpy()
    columns = [np.ones(50), ego["sex"] == "female", ego["children"] == "yes"]
    design = np.column_stack(columns).astype(float)
    names = ["(Intercept)", "female", "kids"]

    fit = count_model(y, design, names)
    poisson = count_model(y, design, names, family="poisson")

    for place, name in enumerate(names):
        close(fit.coef[place], entry, "b", entry["expected"][name]["b"])
        model_se = np.sqrt(fit.cov_model[place, place])
        close(model_se, entry, "se", entry["expected"][name]["se"])
        close(poisson.coef[place], entry, "poisson_b", entry["expected"]["poisson_b"][place])
        poisson_se = np.sqrt(poisson.cov_model[place, place])
        close(poisson_se, entry, "poisson_se", entry["expected"]["poisson_se"][place])
    close(1 / fit.alpha, entry, "theta")
    close(fit.log_likelihood, entry, "nb_logLik")
    close(poisson.log_likelihood, entry, "poisson_logLik")
    close(poisson.pearson, entry, "pearson_dispersion")


@pytest.mark.needs("shared")
def test_days_absent_by_negative_binomial_agree_with_r(oracle, close, data_csv):
    entry = oracle("ordinal_counts")["quine_negative_binomial"]
    data = data_csv("mass/quine.csv")
    dummies = pd.get_dummies(data[["Eth", "Sex", "Age", "Lrn"]], drop_first=True, prefix_sep="")
    names = ["(Intercept)", *dummies.columns]

    fit = count_model(data["Days"], np.column_stack([np.ones(len(data)), dummies]), names)

    for place, name in enumerate(names):
        close(fit.coef[place], entry, "b", entry["expected"][name]["b"])
        close(np.sqrt(fit.cov_model[place, place]), entry, "se", entry["expected"][name]["se"])
    close(1 / fit.alpha, entry, "theta")
    close(fit.log_likelihood, entry, "logLik")


def test_robust_errors_are_those_of_statsmodels():
    import statsmodels.api as sm

    data = wide()
    design = np.column_stack([np.ones(60), data["arm"] == "new"]).astype(float)
    theirs = sm.GLM(data["size__b"], design, family=sm.families.Poisson()).fit(cov_type="HC0")

    ours = count_model(data["size__b"], design, ["one", "arm"], family="poisson")

    assert np.sqrt(np.diag(ours.cov) * 58 / 60) == pytest.approx(np.asarray(theirs.bse), rel=1e-8)


def test_what_is_no_count_and_columns_that_say_the_same_are_refused():
    design = np.column_stack([np.ones(4), np.arange(4.0)])
    with pytest.raises(ScoresError, match="no whole numbers"):
        count_model([1, 2, 2.5, 3], design, ["one", "x"])
    with pytest.raises(CollinearError, match="twice"):
        count_model([1, 2, 2, 3], np.column_stack([design, design[:, 1]]), ["one", "x", "twice"])
    with pytest.raises(ModelSizeError):
        count_model([1, 2], np.eye(2), ["a", "b"])


# ------------------------------------------------------------------- before and after


def test_the_ratio_before_and_after_is_the_ratio_of_means():
    data = wide()
    result = pre_post_counts(study_of(data), "size")
    ratio, change = result.to_frame().to_dict("records")

    assert ratio["estimate"] == pytest.approx(data["size__b"].mean() / data["size__a"].mean())
    assert change["estimate"] == pytest.approx((data["size__b"] - data["size__a"]).mean())
    assert ratio["ci_low"] < ratio["estimate"] < ratio["ci_high"]
    assert change["ci_low"] < change["estimate"] < change["ci_high"]
    assert (ratio["df"], ratio["n"]) == (59, 60)
    assert "not an effect" in result.summary
    assert "pooled here" in " ".join(result.notes)


def test_people_without_both_counts_are_counted_out():
    data = wide()
    data.loc[:4, "size__b"] = np.nan
    result = pre_post_counts(study_of(data), "size")

    assert result.to_frame()[["n", "n_excluded"]].values.tolist() == [[55, 5]] * 2
    assert result.n.loc[result.n["group"] == "excluded", "n"].sum() == 5


def test_everybody_at_0_before_gives_a_difference_and_no_ratio():
    data = wide().assign(size__a=0.0)
    result = pre_post_counts(study_of(data), "size")

    assert np.isnan(result.to_frame()["estimate"].iloc[0])
    assert result.to_frame()["estimate"].iloc[1] == pytest.approx(data["size__b"].mean())
    assert any("everybody has 0 at start" in note for note in result.notes)


def test_fractions_pairs_and_time_points_are_checked():
    data = wide()
    with pytest.raises(NotACountError, match="rate ratio needs whole numbers") as refusal:
        pre_post_counts(study_of(data.assign(size__b=0.5)), "size")
    assert len(refusal.value.problems) == 60
    with pytest.raises(NobodyMeasuredTwiceError):
        pre_post_counts(study_of(data.assign(size__b=np.nan)), "size")
    lonely = data.assign(size__b=data["size__b"].where(data["id"] == 0))
    with pytest.raises(OnePairError):
        pre_post_counts(study_of(lonely), "size")
    with pytest.raises(WaveNotFoundError, match="earlier one first"):
        pre_post_counts(study_of(data), "size", waves=["6m", "start"])


# ------------------------------------------------------------------- arms


def test_arms_are_compared_as_a_ratio_and_as_a_difference():
    result = compare_counts(study_of(wide(n=200)), "size", wave="6m", seed=3)
    table = result.to_frame().set_index("term")

    ratio = table.loc["adjusted rate ratio"]
    assert ratio["ci_low"] < 1.5 < ratio["ci_high"]
    assert ratio["contrast"] == "new - usual"
    data = wide(n=200)
    design = np.column_stack([np.ones(200), data["size__a"], data["arm"] == "new"]).astype(float)
    straight = least_squares(data["size__b"], design, ["one", "before", "arm"])
    difference = table.loc["adjusted difference in means"]
    assert difference["estimate"] == pytest.approx(straight.coef[2])
    assert difference["ci_low"] < difference["estimate"] < difference["ci_high"]
    assert "log(count at start + 1)" in result.methods


def test_the_same_seed_gives_the_same_numbers():
    study = study_of(wide())
    tables = [compare_counts(study, "size", wave="6m", seed=5).to_frame() for _ in "ab"]

    pd.testing.assert_frame_equal(*tables)


def test_a_missing_baseline_is_imputed_and_told_or_left_out():
    data = wide()
    data.loc[:2, "size__a"] = np.nan
    imputed = compare_counts(study_of(data), "size", wave="6m")
    dropped = compare_counts(study_of(data), "size", wave="6m", missing_baseline="drop")

    assert (imputed.to_frame()["n"].iloc[0], dropped.to_frame()["n"].iloc[0]) == (60, 57)
    assert any("3 missing baselines" in note for note in imputed.notes)


def test_an_arm_of_zeros_has_a_difference_and_no_ratio():
    data = wide()
    data.loc[data["arm"] == "new", "size__b"] = 0.0
    result = compare_counts(study_of(data), "size", wave="6m", baseline=None)

    assert np.isnan(result.to_frame()["estimate"].iloc[0])
    assert result.to_frame()["estimate"].iloc[1] < 0
    assert any("everybody has 0 at 6m (new)" in note for note in result.notes)


def test_without_overdispersion_the_model_is_poisson_and_says_so():
    data = wide().assign(size__b=lambda d: np.where(d["arm"] == "new", 4.0, 3.0) + d["id"] % 2)
    result = compare_counts(study_of(data), "size", wave="6m", baseline=None)

    assert any("is a Poisson model here" in note for note in result.notes)


def test_clusters_and_small_arms_are_refused():
    data = wide().assign(site=lambda d: d["arm"] + (d["id"] % 3).astype(str))
    clustered = study_of(data, cluster="site", allocation="cluster")
    with pytest.raises(ClusterAllocationError):
        compare_counts(clustered, "size", wave="6m")
    data.loc[1:29, "size__b"] = np.nan
    with pytest.raises(SmallArmError):
        compare_counts(study_of(data), "size", wave="6m")


def test_the_bootstrap_draws_people_within_arms():
    rng = np.random.default_rng(2)
    arm = np.repeat([0.0, 1.0], 40)
    y = rng.normal(size=80) + arm
    found = bootstrap_coefficient(y, np.column_stack([np.ones(80), arm]), 1, strata=arm)
    se = np.sqrt(y[:40].var(ddof=1) / 40 + y[40:].var(ddof=1) / 40)

    assert found.estimate == pytest.approx(y[40:].mean() - y[:40].mean())
    assert found.se == pytest.approx(se, rel=0.05)
