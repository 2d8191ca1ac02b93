from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.designs.study import Study
from socmeasures.designs.trial import ancova
from socmeasures.errors import (
    ChoiceError,
    ClusterAllocationError,
    CollinearError,
    ConstantOutcomeError,
    ControlNotNamedError,
    ModelSizeError,
    OneArmError,
    OutcomeNotFoundError,
    PerfectFitError,
    SmallArmError,
    TooFewError,
    WaveNotFoundError,
)


@pytest.fixture
def wide():
    rng = np.random.default_rng(6)
    n = 40
    arm = np.array(["befriending", "usual care"])[np.arange(n) % 2]
    before = rng.normal(6, 2, n).round()
    after = 0.6 * before - 1.5 * (arm == "befriending") + rng.normal(2, 1, n)
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "arm": arm,
            "site": np.array(["n", "s", "e", "w"])[np.arange(n) // 10],
            "age": rng.integers(60, 90, n),
            "y__pre": before,
            "y__post": after,
        }
    )


def _study(wide, **more):
    options = {"arm": "arm", "control": "usual care", "allocation": "individual"} | more
    return Study.from_wide(wide, person="id", waves=["pre", "post"], **options)


def _row(study, **options):
    return ancova(study, "y", **{"wave": "post", **options}).to_frame().iloc[0]


def test_treated_minus_control_with_the_tidy_columns(wide):
    table = ancova(_study(wide), "y", wave="post").to_frame()
    assert table.columns.tolist() == [
        "outcome", "wave", "contrast", "term", "estimate", "se", "df", "statistic", "p_value",
        "ci_low", "ci_high", "n", "n_excluded", "method", "effect_size", "effect_size_type",
        "effect_size_ci_low", "effect_size_ci_high",
    ]  # fmt: skip
    assert table.loc[0, "contrast"] == "befriending - usual care"
    assert table.loc[0, "ci_high"] < 0
    assert table.loc[0, "df"] == 37


def test_swapping_the_control_flips_the_sign(wide):
    there, back = _row(_study(wide)), _row(_study(wide, control="befriending"))
    assert back.estimate == pytest.approx(-there.estimate)
    assert back.effect_size_ci_low == pytest.approx(-there.effect_size_ci_high)
    assert back.p_value == pytest.approx(there.p_value)


def test_row_order_changes_nothing(wide):
    first = _row(_study(wide))
    assert _row(_study(wide.sample(frac=1, random_state=1))).equals(first)


def test_without_a_baseline_it_is_the_t_test(wide):
    from scipy import stats

    row = _row(_study(wide), baseline=None)
    arms = [g["y__post"] for _, g in wide.groupby("arm")]
    test = stats.ttest_ind(*arms)
    assert row.statistic == pytest.approx(test.statistic)
    assert row.p_value == pytest.approx(test.pvalue)
    assert row.effect_size_type == "d_outcome_sd"
    assert row.effect_size == pytest.approx(
        (arms[0].mean() - arms[1].mean()) / np.sqrt((arms[0].var() + arms[1].var()) / 2)
    )


def test_the_standardiser_is_the_pooled_sd_of_everybody_at_baseline(wide):
    wide.loc[0, "y__post"] = np.nan
    row = _row(_study(wide))
    within = wide.groupby("arm")["y__pre"].var()
    assert row.effect_size == pytest.approx(row.estimate / np.sqrt(within.mean()))
    corrected = _row(_study(wide), correct=True)
    assert corrected.effect_size_type == "g_baseline_sd"
    assert abs(corrected.effect_size) < abs(row.effect_size)


def test_people_without_the_outcome_are_counted_by_arm_and_reason(wide):
    wide["y_status__post"] = "scored"
    wide.loc[[0, 2, 1], "y__post"] = np.nan
    wide.loc[[0, 2], "y_status__post"] = "not_answered"
    wide.loc[1, "y_status__post"] = "too_few_items"
    result = ancova(_study(wide), "y", wave="post")
    counts = result.n.set_index(["arm", "reason"])["n"].to_dict()
    assert counts == {
        ("befriending", ""): 18,
        ("befriending", "questionnaire not answered"): 2,
        ("usual care", ""): 19,
        ("usual care", "too few items answered"): 1,
    }
    assert result.to_frame().loc[0, "n_excluded"] == 3
    assert "37 people, 3 not analysed" in result.summary


def test_a_missing_baseline_is_the_mean_of_all_and_is_said(wide):
    wide.loc[[3, 4], "y__pre"] = np.nan
    filled = wide.assign(y__pre=wide["y__pre"].fillna(wide["y__pre"].mean()))
    result = ancova(_study(wide), "y", wave="post")
    assert result.to_frame().loc[0, "estimate"] == pytest.approx(_row(_study(filled)).estimate)
    assert any("2 missing baselines replaced" in note for note in result.notes)
    assert "White & Thompson 2005" in result.methods
    dropped = ancova(_study(wide), "y", wave="post", missing_baseline="drop")
    assert dropped.to_frame().loc[0, "n"] == 38
    assert "no baseline: no score recorded" in set(dropped.n["reason"])


def test_covariates_strata_and_sites_enter_the_model(wide):
    result = ancova(_study(wide, cluster="site"), "y", wave="post", covariates=["age"])
    terms = result.tables["coefficients"]["term"].tolist()
    assert terms == [
        "intercept", "baseline", "arm: befriending", "age", "site: n", "site: s", "site: w",
    ]  # fmt: skip
    assert any("fixed stratum" in note for note in result.notes)
    by_strata = ancova(_study(wide, strata="site"), "y", wave="post", covariates=["age"])
    assert by_strata.to_frame().loc[0, "estimate"] == result.to_frame().loc[0, "estimate"]


def test_people_without_a_covariate_are_counted(wide):
    wide["age"] = wide["age"].astype(float)
    wide.loc[5, "age"] = np.nan
    result = ancova(_study(wide), "y", wave="post", covariates=["age"])
    assert "covariate 'age' not recorded" in set(result.n["reason"])
    assert result.n["n"].sum() == 40


def test_a_covariate_recorded_after_the_baseline_is_warned_of(wide):
    wide = wide.assign(visits__post=np.arange(40.0))
    notes = ancova(_study(wide), "y", wave="post", covariates=["visits"]).notes
    assert any("recorded only after pre" in note for note in notes)


def test_three_arms_give_a_row_each_and_a_note(wide):
    wide["arm"] = np.array(["a", "b", "care"])[np.arange(40) % 3]
    result = ancova(_study(wide, control="care"), "y", wave="post")
    assert result.to_frame()["contrast"].tolist() == ["a - care", "b - care"]
    assert result.arms == ("a", "b", "care")
    assert any("2 arms are compared with one control" in note for note in result.notes)
    means = result.tables["adjusted means"].set_index("arm")["mean"]
    assert means["a"] - means["care"] == pytest.approx(result.to_frame().loc[0, "estimate"])


def test_the_arm_by_baseline_check_never_chooses_the_model(wide):
    wide["y__post"] = (
        np.where(wide["arm"] == "befriending", 1.0, 0.2) * wide["y__pre"] + wide["y__post"]
    )
    result = ancova(_study(wide), "y", wave="post")
    assert result.tables["arm by baseline"].loc[0, "p_value"] < 0.01
    assert result.to_frame().loc[0, "df"] == 37
    assert any("was not chosen by it" in note for note in result.notes)


def test_the_change_score_analysis_stands_beside_it_on_request(wide):
    assert "change-score analysis" not in ancova(_study(wide), "y", wave="post").tables
    result = ancova(_study(wide), "y", wave="post", change_score=True)
    change = (wide["y__post"] - wide["y__pre"]).groupby(wide["arm"]).mean()
    assert result.tables["change-score analysis"].loc[0, "estimate"] == pytest.approx(
        change["befriending"] - change["usual care"]
    )
    assert any("answers another question" in note for note in result.notes)


def test_an_undeclared_allocation_is_noted(wide):
    notes = ancova(_study(wide, allocation=None), "y", wave="post").notes
    assert any("Unless it was at random" in note for note in notes)


def test_a_study_allocated_by_cluster_is_refused_by_name(wide):
    study = _study(wide, arm="arm", cluster="site", allocation="cluster")
    with pytest.raises(ClusterAllocationError, match=r"by cluster \('site'\).*cluster_trial"):
        ancova(study, "y", wave="post")


def test_designs_without_a_comparison_are_refused(wide):
    with pytest.raises(OneArmError, match=r"has none.*pre_post"):
        ancova(_study(wide, arm=None, control=None), "y", wave="post")
    with pytest.raises(OneArmError, match="has only new"):
        ancova(_study(wide.assign(arm="new"), control=None), "y", wave="post")
    with pytest.raises(ControlNotNamedError, match="Arms: befriending, usual care"):
        ancova(_study(wide, control=None), "y", wave="post")


def test_time_points_outcomes_and_choices_are_checked(wide):
    study = _study(wide)
    with pytest.raises(WaveNotFoundError, match="no time point '6m'"):
        ancova(study, "y", wave="6m")
    with pytest.raises(WaveNotFoundError, match="the baseline must come earlier"):
        ancova(study, "y", wave="pre")
    with pytest.raises(OutcomeNotFoundError, match="no outcome 'z'"):
        ancova(study, "z", wave="post")
    with pytest.raises(OutcomeNotFoundError, match=r"no covariate 'agee'.*Close: 'age'"):
        ancova(study, "y", wave="post", covariates=["agee"])
    with pytest.raises(ChoiceError, match="se='HC7'"):
        ancova(study, "y", wave="post", se="HC7")
    with pytest.raises(ChoiceError, match="missing_baseline='mean'"):
        ancova(study, "y", wave="post", missing_baseline="mean")


def test_data_that_cannot_carry_an_estimate_are_refused(wide):
    with pytest.raises(ConstantOutcomeError, match=r"same 'y' at post \(3\)"):
        ancova(_study(wide.assign(y__post=3.0)), "y", wave="post")
    with pytest.raises(PerfectFitError, match="'y' at post completely"):
        ancova(_study(wide.assign(y__post=wide["y__pre"] * 2)), "y", wave="post")
    alone = wide.copy()
    alone.loc[(alone["arm"] == "befriending") & (alone["id"] > 0), "y__post"] = np.nan
    with pytest.raises(SmallArmError, match="befriending 1, usual care 20"):
        ancova(_study(alone), "y", wave="post")
    with pytest.raises(TooFewError, match="adjusted for the baseline at pre"):
        ancova(_study(wide.assign(y__pre=np.nan)), "y", wave="post")
    with pytest.raises(CollinearError, match="twice"):
        ancova(_study(wide.assign(twice=wide["age"] * 2)), "y", wave="post",
               covariates=["age", "twice"])  # fmt: skip
    with pytest.raises(ModelSizeError, match="more than 4 people; 4"):
        ancova(_study(wide.head(4)), "y", wave="post", covariates=["age"])


def _trial(rng, n, effect, r):
    before = rng.normal(size=n)
    arm = np.arange(n) % 2
    after = r * before + effect * arm + np.sqrt(1 - r**2) * rng.normal(size=n)
    return pd.DataFrame(
        {"id": range(n), "arm": np.where(arm, "new", "usual"), "y__pre": before, "y__post": after}
    )


def _coverage(sims, n, seed):
    rng = np.random.default_rng(seed)
    raw = standardised = 0
    for _ in range(sims):
        row = _row(_study(_trial(rng, n, 0.5, 0.6), control="usual"))
        raw += row.ci_low <= 0.5 <= row.ci_high
        standardised += row.effect_size_ci_low <= 0.5 <= row.effect_size_ci_high
    return raw / sims, standardised / sims


def test_intervals_hold_the_truth():
    assert all(0.88 <= share <= 1 for share in _coverage(60, 40, 1))


@pytest.mark.slow
@pytest.mark.parametrize("n", [24, 60, 200])
def test_coverage_is_within_the_claimed_limits(n):
    found = _coverage(2000, n, [2026, n])
    print(n, found)
    assert all(0.935 <= share <= 0.970 for share in found)


def test_a_declared_family_of_arms_is_adjusted(wide):
    three = wide.assign(arm=np.resize(["groups", "visits", "usual care"], len(wide)))
    study = _study(three)
    plain = ancova(study, "y", wave="post").to_frame()
    holm = ancova(study, "y", wave="post", family="primary").to_frame()
    assert holm["p_value_adjusted"].min() == pytest.approx(min(1, 2 * plain["p_value"].min()))
    assert holm["ci_low"].tolist() == plain["ci_low"].tolist()
    dunnett = ancova(study, "y", wave="post", family="primary", adjustment="dunnett")
    assert (dunnett.to_frame()["ci_low"] < plain["ci_low"]).all()
    assert set(dunnett.to_frame()["adjustment"]) == {"dunnett"}
    assert any("hold together" in note for note in dunnett.notes)
    one = ancova(_study(wide), "y", wave="post", family="primary")
    assert one.to_frame()["adjustment"].tolist() == ["none"]
