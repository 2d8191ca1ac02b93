"""The mixed model for repeated measures of a trial."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from socmeasures.demo.trial import WAVES, simulated_trial
from socmeasures.designs.repeated import mmrm
from socmeasures.designs.study import Study
from socmeasures.designs.trial import ancova
from socmeasures.errors import (
    ChoiceError,
    ClusterAllocationError,
    CollinearError,
    ConstantOutcomeError,
    ConvergenceError,
    OneArmError,
    OutcomeNotFoundError,
    PerfectFitError,
    SmallArmError,
    UnseenPairError,
    WaveNotFoundError,
)


def study_of(data, **more):
    choices = {"arm": "arm", "control": "usual care", "allocation": "individual", **more}
    return Study(
        data, person="id", wave="wave", waves=WAVES, better={"loneliness": "lower"}, **choices
    )


@pytest.fixture
def data():
    return simulated_trial()


@pytest.fixture
def complete():
    return simulated_trial(40, drop_out=0)


def at(result, wave):
    return result.to_frame().set_index("wave").loc[wave]


def test_a_row_for_every_later_time_point(data):
    result = mmrm(study_of(data), "loneliness")
    assert result.to_frame()["wave"].tolist() == ["3m", "6m", "12m"]
    assert set(result.to_frame()["contrast"]) == {"befriending - usual care"}
    assert "mean" not in result.to_frame()
    assert len(result.means) == 6


def test_complete_data_give_the_pooled_t_test(complete):
    result = mmrm(study_of(complete), "loneliness", baseline=None)
    for wave in WAVES:
        here = complete[complete["wave"] == wave]
        groups = [here.loc[here["arm"] == a, "loneliness"] for a in ("befriending", "usual care")]
        test = stats.ttest_ind(*groups)
        row = at(result, wave)
        assert row["statistic"] == pytest.approx(test.statistic, rel=1e-6)
        assert row["df"] == pytest.approx(38, rel=1e-6)
        assert row["p_value"] == pytest.approx(test.pvalue, rel=1e-5)


def test_complete_data_with_a_baseline_give_the_ancova(complete):
    study = study_of(complete)
    result = mmrm(study, "loneliness")
    for wave in WAVES[1:]:
        one = at(ancova(study, "loneliness", wave=wave), wave)
        both = at(result, wave)
        for name in ("estimate", "se", "df", "p_value", "effect_size", "effect_size_ci_low"):
            assert both[name] == pytest.approx(one[name], rel=1e-6), name
        assert both["df"] == pytest.approx(37, rel=1e-6)


def test_relabelling_the_arms_flips_the_signs(data):
    mine = mmrm(study_of(data), "loneliness").to_frame()
    other = mmrm(study_of(data, control="befriending"), "loneliness").to_frame()
    np.testing.assert_allclose(mine["estimate"], -other["estimate"], rtol=1e-8)
    np.testing.assert_allclose(mine["ci_low"], -other["ci_high"], rtol=1e-8)
    np.testing.assert_allclose(mine["df"], other["df"], rtol=1e-6)


def test_the_order_of_rows_and_a_shift_of_the_score_change_nothing(data):
    mine = mmrm(study_of(data), "loneliness").to_frame()
    shuffled = data.sample(frac=1, random_state=1).assign(loneliness=lambda d: d["loneliness"] + 50)
    other = mmrm(study_of(shuffled), "loneliness").to_frame()
    for name in ("estimate", "se", "df"):
        np.testing.assert_allclose(mine[name], other[name], rtol=1e-6)


def test_everybody_is_counted_once_a_time_point(data):
    study = study_of(data)
    counts = mmrm(study, "loneliness").n
    assert (counts.groupby("wave")["n"].sum() == len(study.people)).all()
    seen = data[data["wave"] == "12m"]["id"].nunique()
    inside = counts[(counts["wave"] == "12m") & (counts["group"] == "analysed")]
    assert inside["n"].sum() == seen
    assert any("no score after baseline" in r for r in counts["reason"])


def test_a_missing_baseline_is_imputed_counted_and_named_or_dropped(data):
    data.loc[data["id"].isin([3, 4]) & (data["wave"] == "baseline"), "loneliness"] = np.nan
    imputed = mmrm(study_of(data), "loneliness")
    dropped = mmrm(study_of(data), "loneliness", missing_baseline="drop")
    assert imputed.to_frame()["n"][0] == dropped.to_frame()["n"][0] + 2
    assert any("2 missing baselines replaced by the mean" in n for n in imputed.notes)
    assert "no baseline (baseline)" in set(dropped.n["reason"])


def test_averages_and_slopes_are_named_rows(data):
    result = mmrm(
        study_of(data),
        "loneliness",
        averages={"over follow-up": ["3m", "6m", "12m"]},
        slopes={"per month": {"3m": 3, "6m": 6, "12m": 12}},
    )
    rows = result.to_frame().set_index("wave")
    each = rows.loc[["3m", "6m", "12m"], "estimate"]
    assert rows.loc["over follow-up", "estimate"] == pytest.approx(each.mean())
    assert rows.loc["per month", "estimate"] == pytest.approx(np.polyfit([3, 6, 12], each, 1)[0])


def test_an_average_over_an_unknown_time_point_is_refused(data):
    with pytest.raises(WaveNotFoundError, match="'9m' is none of these"):
        mmrm(study_of(data), "loneliness", averages={"late": ["9m"]})
    with pytest.raises(WaveNotFoundError, match="two time points at different times"):
        mmrm(study_of(data), "loneliness", slopes={"slope": {"3m": 3}})


def test_a_declared_family_is_adjusted_by_holm(data):
    plain = mmrm(study_of(data), "loneliness").to_frame()["p_value"]
    table = mmrm(study_of(data), "loneliness", family="primary").to_frame()
    assert table["p_value_adjusted"].min() == pytest.approx(3 * plain.min())
    one = mmrm(study_of(data), "loneliness", family="primary", family_waves=["12m"])
    assert one.to_frame()["family"].tolist() == ["exploratory", "exploratory", "primary"]
    assert "p_value_adjusted" not in mmrm(study_of(data), "loneliness").to_frame()


def test_a_baseline_column_is_a_covariate_and_every_time_point_an_outcome(data):
    first = data[data["wave"] == "baseline"].set_index("id")["loneliness"]
    later = data[data["wave"] != "baseline"].assign(start=lambda d: d["id"].map(first))
    study = Study(
        later, person="id", wave="wave", waves=WAVES[1:], arm="arm", control="usual care",
        allocation="individual",
    )  # fmt: skip
    by_column = mmrm(study, "loneliness", baseline="start").to_frame()
    by_wave = mmrm(study_of(data), "loneliness", missing_baseline="drop").to_frame()
    np.testing.assert_allclose(by_column["estimate"], by_wave["estimate"], rtol=1e-5)
    assert set(by_column["effect_size_type"]) == {"d_outcome_sd"}


def test_a_constrained_baseline_makes_the_arms_equal_there(data):
    result = mmrm(study_of(data), "loneliness", baseline="constrained")
    means = result.means.set_index(["wave", "arm"])["mean"]
    assert means["baseline", "befriending"] == pytest.approx(means["baseline", "usual care"])
    assert result.to_frame()["wave"].tolist() == ["3m", "6m", "12m"]
    assert any("constrained longitudinal analysis" in n for n in result.notes)
    assert "arms equal at baseline" in result.methods


def test_methods_print_the_formula_the_df_and_the_information(data):
    text = mmrm(study_of(data), "loneliness", covariates="age").methods
    assert "outcome ~ arm + wave + arm × wave + baseline (baseline)" in text
    assert "+ age" in text
    assert "first-order form" in text
    assert "observed information" in text
    assert (
        "expected information" in mmrm(study_of(data), "loneliness", information="expected").methods
    )


def test_joint_tests_and_covariances_stand_in_tables(data):
    tables = mmrm(study_of(data), "loneliness").tables
    assert tables["joint tests"]["df1"].tolist() == [3, 2, 1]
    assert np.allclose(np.diag(tables["correlation"][["3m", "6m", "12m"]]), 1)
    assert (tables["residuals"]["sd"].between(0.5, 1.5)).all()
    assert tables["fit"].set_index("term").loc["covariance parameters", "value"] == 6


def test_three_arms_have_a_row_each(data):
    three = simulated_trial(120, arms=("groups", "visits", "usual care"))
    result = mmrm(study_of(three), "loneliness")
    assert len(result.to_frame()) == 6
    assert "any difference at 3m" in set(result.tables["joint tests"]["term"])


def test_a_covariance_an_arm(data):
    result = mmrm(study_of(data), "loneliness", covariance_by_arm=True)
    assert result.tables["covariance"]["arm"].tolist() == ["befriending"] * 3 + ["usual care"] * 3
    assert "of its own in each arm" in result.methods


def test_sandwich_errors_need_other_degrees_of_freedom(data):
    with pytest.raises(ChoiceError, match="kenward-roger with errors=CR2"):
        mmrm(study_of(data), "loneliness", errors="CR2")
    robust = mmrm(study_of(data), "loneliness", errors="CR2", df="satterthwaite").to_frame()
    assert robust["method"].str.contains("CR2 errors").all()


def _thin(seed):
    """Twenty people of whom two in five miss each later time point."""
    few = simulated_trial(20, drop_out=0, seed=seed)
    lost = np.random.default_rng(seed).random(len(few)) < 0.4
    return study_of(few[~lost | (few["wave"] == "baseline")])


def test_a_fallback_is_announced_and_an_empty_one_refuses():
    found = 0
    for seed in range(12):
        try:
            mmrm(_thin(seed), "loneliness", fallback=())
            continue
        except ConvergenceError:
            pass
        result = mmrm(_thin(seed), "loneliness", fallback=("csh", "cs"))
        assert any("could not be fitted" in n and "next in the order" in n for n in result.notes)
        assert "MMRM, us" not in result.to_frame()["method"][0]
        found += 1
    assert found


def test_time_points_nobody_has_together_are_refused(data):
    never = data[~((data["wave"] == "6m") & (data["id"] % 4 < 2))]
    never = never[~((never["wave"] == "12m") & (never["id"] % 4 >= 2))]
    with pytest.raises(UnseenPairError, match="6m with 12m"):
        mmrm(study_of(never), "loneliness")
    assert len(mmrm(study_of(never), "loneliness", covariance="ar1h").to_frame()) == 3


def test_designs_and_data_without_an_estimate_are_refused(data):
    by_site = data.assign(arm=np.where(data["site"] == "Harbour", "new", "usual care"))
    with pytest.raises(ClusterAllocationError, match="cluster_trial"):
        mmrm(study_of(by_site, cluster="site", allocation="cluster"), "loneliness")
    with pytest.raises(OneArmError):
        mmrm(study_of(data, arm=None, control=None), "loneliness")
    with pytest.raises(OutcomeNotFoundError):
        mmrm(study_of(data), "lonelines")
    with pytest.raises(WaveNotFoundError, match=r"no time point .* and no column"):
        mmrm(study_of(data), "loneliness", baseline="start")
    with pytest.raises(CollinearError, match="twice"):
        mmrm(
            study_of(data.assign(twice=data["age"] * 2)), "loneliness", covariates=["age", "twice"]
        )
    flat = data.copy()
    flat.loc[flat["wave"] == "6m", "loneliness"] = 9.0
    with pytest.raises(ConstantOutcomeError, match="6m"):
        mmrm(study_of(flat), "loneliness")
    alone = data[~((data["wave"] == "12m") & (data["arm"] == "befriending"))]
    with pytest.raises(SmallArmError, match="12m"):
        mmrm(study_of(alone), "loneliness")
    with pytest.raises(ChoiceError, match="covariance"):
        mmrm(study_of(data), "loneliness", covariance="un")
    with pytest.raises(WaveNotFoundError, match="no time point after"):
        mmrm(study_of(data), "loneliness", baseline="12m")


def test_a_covariate_measured_after_allocation_is_noted(data):
    late = data.assign(mood=np.where(data["wave"] == "6m", data["loneliness"], np.nan))
    notes = mmrm(study_of(late), "loneliness", covariates="mood").notes
    assert any("recorded only after baseline" in n for n in notes)


@pytest.mark.needs("shared")
def test_the_trial_model_agrees_with_r_mmrm(data_csv, oracle, close):
    data = data_csv("mmrm/fev_data.csv")
    study = Study(
        data, person="USUBJID", wave="AVISIT", waves=["VIS1", "VIS2", "VIS3", "VIS4"],
        arm="ARMCD", control="PBO", allocation="individual",
    )  # fmt: skip
    result = mmrm(study, "FEV1", baseline="FEV1_BL", covariates=["RACE", "SEX"])
    entry = oracle("mmrm")["fev_us_baseline_kr_linear"]
    ours = {"t": "statistic", "p": "p_value", "low": "ci_low", "high": "ci_high"}
    for wave, wants in entry["expected"]["differences"].items():
        for key, want in wants.items():
            close(at(result, wave)[ours.get(key, key)], entry, key, want)


def small_trial(rng, n, effect, drop_out):
    """Baseline and three outcomes; drop-out depends on the last score seen."""
    lag = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    y = rng.multivariate_normal(np.zeros(4), np.where(lag, 0.7 * 0.9**lag, 1.0), n)
    arm = np.arange(n) % 2
    y[:, 1:] += effect * arm[:, None]
    gone = np.zeros(n, dtype=bool)
    for wave in (1, 2, 3):
        gone |= rng.random(n) < drop_out / 3 * np.exp(0.4 * y[:, wave - 1])
        y[gone, wave] = np.nan
    long = pd.DataFrame(y, columns=list(WAVES)).assign(id=range(n), arm=arm)
    long = long.melt(["id", "arm"], var_name="wave", value_name="y").dropna()
    return long.assign(arm=np.where(long["arm"] == 1, "new", "usual care"))


def error_rates(sims, n, seed, effect=0.0):
    rng = np.random.default_rng(seed)
    rejected = covered = refused = 0
    for _ in range(sims):
        try:
            row = at(mmrm(study_of(small_trial(rng, n, effect, 0.25)), "y"), "12m")
        except (ConvergenceError, SmallArmError, UnseenPairError):
            refused += 1
            continue
        rejected += row["p_value"] < 0.05
        covered += row["ci_low"] <= effect <= row["ci_high"]
    done = sims - refused
    return rejected / done, covered / done, refused


def test_error_and_coverage_are_near_nominal():
    rejected, covered, refused = error_rates(60, 46, 8)
    assert rejected <= 0.15
    assert covered >= 0.85
    assert refused == 0


@pytest.mark.slow
@pytest.mark.parametrize("n", [20, 46, 200])
def test_error_and_coverage_are_within_the_claimed_limits(n):
    rejected, covered, refused = error_rates(2000, n, [8, n])
    print(n, rejected, covered, refused)
    assert 0.03 <= rejected <= 0.065
    assert 0.935 <= covered <= 0.970


@pytest.mark.parametrize("factor", [1e8, 1e-8])
def test_very_large_and_very_small_scores_give_the_same_standardised_difference(data, factor):
    mine = mmrm(study_of(data), "loneliness").to_frame()
    scaled = data.assign(loneliness=data["loneliness"] * factor)
    other = mmrm(study_of(scaled), "loneliness").to_frame()
    np.testing.assert_allclose(mine["effect_size"], other["effect_size"], rtol=1e-6)
    np.testing.assert_allclose(mine["df"], other["df"], rtol=1e-5)


def test_a_covariate_cannot_explain_the_outcome_away(data):
    first = data[data["wave"] == "baseline"].set_index("id")["loneliness"]
    same = data.assign(loneliness=data["id"].map(first))
    with pytest.raises(PerfectFitError, match="completely"):
        mmrm(study_of(same), "loneliness")
