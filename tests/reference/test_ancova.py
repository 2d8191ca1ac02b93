"""Baseline-adjusted differences against R 4.2.2 lm, emmeans 1.8.4.1, sandwich 3.0.2.

Outside truth: oracles/ancova.json; tolerances are the entries' own.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.designs.standardising import Standardiser
from socmeasures.designs.study import Study
from socmeasures.designs.trial import ancova
from socmeasures.effects.multiplicity import simultaneous
from socmeasures.models.ols import least_squares

pytestmark = pytest.mark.needs("shared")

COLUMNS = {
    "estimate": "estimate",
    "se": "se",
    "t": "statistic",
    "p": "p_value",
    "low": "ci_low",
    "high": "ci_high",
}


@pytest.fixture
def anorexia(data_csv):
    data = data_csv("anorexia/anorexia.csv").rename(
        columns={"Prewt": "weight__pre", "Postwt": "weight__post"}
    )
    return Study.from_wide(
        data.assign(id=range(len(data))),
        person="id",
        waves=["pre", "post"],
        arm="Treat",
        control="Cont",
        allocation="individual",
    )


@pytest.fixture
def btheb(data_csv):
    data = data_csv("hsaur/BtheB_hsaur3.csv").rename(
        columns={"bdi.pre": "bdi__pre", "bdi.2m": "bdi__2m"}
    )
    data["length"] = pd.Categorical(data["length"], ["<6m", ">6m"])
    return Study.from_wide(
        data,
        person="id",
        waves=["pre", "2m"],
        arm="treatment",
        control="TAU",
        allocation="individual",
    )


def _check_terms(table, entry, close, names):
    rows = table.set_index("term")
    for r_name, ours in names.items():
        for key, want in entry["expected"][r_name].items():
            close(rows.loc[ours, COLUMNS[key]], entry, key, want)


ANOREXIA = {
    "(Intercept)": "intercept",
    "Prewt": "baseline",
    "TreatCBT": "arm: CBT",
    "TreatFT": "arm: FT",
}
BTHEB = {"(Intercept)": "intercept", "bdi.pre": "baseline", "treatmentBtheB": "arm: BtheB"}


def test_three_arms_agree_with_lm(anorexia, oracle, close):
    result = ancova(anorexia, "weight", wave="post")
    entry = oracle("ancova")["anorexia_coefficients"]
    _check_terms(result.tables["coefficients"], entry, close, ANOREXIA)
    rows = result.to_frame().set_index("contrast")
    for arm in ("CBT", "FT"):
        for key, want in entry["expected"][f"Treat{arm}"].items():
            close(rows.loc[f"{arm} - Cont", COLUMNS[key]], entry, key, want)


@pytest.mark.parametrize("kind", ["HC0", "HC1", "HC2", "HC3", "HC4"])
def test_robust_errors_agree_with_sandwich(kind, anorexia, oracle, close):
    result = ancova(anorexia, "weight", wave="post", se=kind)
    entry = oracle("ancova")[f"anorexia_{kind}"]
    _check_terms(result.tables["coefficients"], entry, close, ANOREXIA)


def _design(data):
    return np.column_stack(
        [np.ones(len(data)), data.Prewt, data.Treat == "CBT", data.Treat == "FT"]
    ).astype(float)


def test_fit_statistics_agree_with_lm(oracle, close, data_csv):
    data = data_csv("anorexia/anorexia.csv")
    fit = least_squares(data.Postwt, _design(data), ["one", "pre", "cbt", "ft"])
    entry = oracle("ancova")["anorexia_fit"]
    close(fit.n, entry, "n")
    close(fit.df, entry, "df_residual")
    close(fit.sigma, entry, "sigma")
    close(fit.r_squared, entry, "r_squared")
    close(fit.log_likelihood, entry, "logLik")
    close(fit.joint_test(np.eye(4)[1:]).statistic, entry, "F")
    arms, joint = oracle("ancova")["anorexia_arm_test"], fit.joint_test(np.eye(4)[2:])
    close(joint.statistic, arms, "F")
    close(joint.df1, arms, "df1")
    close(joint.df2, arms, "df2")
    close(joint.p_value, arms, "p")


def test_adjusted_means_agree_with_emmeans(anorexia, btheb, oracle, close):
    cases = [
        ("anorexia_adjusted_means", anorexia, "weight", "post", (), "proportional"),
        *(
            (f"btheb_2m_adjusted_means_{name}", btheb, "bdi", "2m", ("drug", "length"), weights)
            for name, weights in (("equal_weights", "equal"), ("proportional", "proportional"))
        ),
    ]
    for name, study, outcome, wave, covariates, weights in cases:
        entry = oracle("ancova")[name]
        result = ancova(study, outcome, wave=wave, covariates=covariates, weights=weights)
        means = result.tables["adjusted means"].set_index("arm")
        for arm, want in entry["expected"].items():
            for key, ours in (
                ("mean", "mean"),
                ("se", "se"),
                ("df", "df"),
                ("low", "ci_low"),
                ("high", "ci_high"),
            ):
                close(means.loc[arm, ours], entry, key, want[key])


def test_the_difference_in_baseline_sds_agrees_with_r(anorexia, oracle, close):
    entry = oracle("ancova")["anorexia_adjusted_d_other_sd"]
    rows = ancova(anorexia, "weight", wave="post").to_frame().set_index("contrast")
    close(rows.loc["CBT - Cont", "effect_size"], entry, "CBT_by_sd_baseline_pooled")
    close(rows.loc["FT - Cont", "effect_size"], entry, "FT_by_sd_baseline_pooled")


def test_arm_by_baseline_agrees_with_anova(anorexia, oracle, close):
    entry = oracle("ancova")["anorexia_interaction"]
    row = ancova(anorexia, "weight", wave="post").tables["arm by baseline"].iloc[0]
    close(row.statistic, entry, "F")
    close(row.df1, entry, "df1")
    close(row.df2, entry, "df2")
    close(row.p_value, entry, "p")


def test_change_scores_agree_with_lm(anorexia, oracle, close):
    entry = oracle("ancova")["anorexia_change_score"]
    result = ancova(anorexia, "weight", wave="post", change_score=True)
    rows = result.tables["change-score analysis"].set_index("contrast")
    for arm in ("CBT", "FT"):
        for key, want in entry["expected"][f"Treat{arm}"].items():
            close(rows.loc[f"{arm} - Cont", COLUMNS[key]], entry, key, want)


def test_fully_interacted_model_agrees_with_r(oracle, close, data_csv):
    entry = oracle("ancova")["anorexia_lin_interacted"]
    data = data_csv("anorexia/anorexia.csv")
    X = _design(data)
    centred = X[:, 1] - X[:, 1].mean()
    X = np.column_stack([X[:, 0], centred, X[:, 2], X[:, 3], X[:, 2] * centred, X[:, 3] * centred])
    names = ["one", "pre", "CBT", "FT", "CBT pre", "FT pre"]
    for se, key in (("classical", "se_ols"), ("HC2", "se_HC2"), ("HC3", "se_HC3")):
        fit = least_squares(data.Postwt, X, names, se=se)
        for arm in ("CBT", "FT"):
            want = entry["expected"][arm]
            close(fit.coefficient(arm).estimate, entry, "estimate", want["estimate"])
            close(fit.coefficient(arm).se, entry, key, want[key])


def test_two_arms_agree_with_lm(btheb, oracle, close):
    entries = oracle("ancova")
    plain = ancova(btheb, "bdi", wave="2m")
    _check_terms(plain.tables["coefficients"], entries["btheb_2m"], close, BTHEB)
    robust = ancova(btheb, "bdi", wave="2m", se="HC3")
    _check_terms(robust.tables["coefficients"], entries["btheb_2m_HC3"], close, BTHEB)
    adjusted = ancova(btheb, "bdi", wave="2m", covariates=["drug", "length"])
    names = {**BTHEB, "drugYes": "drug: Yes", "length>6m": "length: >6m"}
    _check_terms(adjusted.tables["coefficients"], entries["btheb_2m_covariates"], close, names)
    assert plain.to_frame().loc[0, "n"] == entries["btheb_2m"]["expected"]["fit"]["n"]


def test_jobs_trial_agrees_with_lm(oracle, close, data_csv):
    data = data_csv("mediation_jobs/jobs.csv")
    wide = data.rename(columns={"depress1": "depress__t1", "depress2": "depress__t2"}).assign(
        id=range(len(data))
    )
    study = Study.from_wide(
        wide, person="id", waves=["t1", "t2"], arm="treat", control=0, allocation="individual"
    )
    entry = oracle("ancova")["jobs_depress2"]
    result = ancova(study, "depress", wave="t2", covariates=["econ_hard", "sex", "age"])
    names = {
        "(Intercept)": "intercept",
        "treat": "arm: 1",
        "depress1": "baseline",
        "econ_hard": "econ_hard",
        "sex": "sex",
        "age": "age",
    }
    _check_terms(result.tables["coefficients"], entry, close, names)


def test_small_trial_with_drop_out_agrees_with_lm(oracle, close, data_csv):
    data = data_csv("mice_longitudinal/fdd.csv").rename(
        columns={"prop1": "prop__1", "prop2": "prop__2"}
    )
    study = Study.from_wide(
        data, person="id", waves=["1", "2"], arm="trt", control="C", allocation="individual"
    )
    entry = oracle("ancova")["fdd_prop2"]
    result = ancova(study, "prop", wave="2", missing_baseline="drop")
    names = {"(Intercept)": "intercept", "prop1": "baseline", "trtE": "arm: E"}
    _check_terms(result.tables["coefficients"], entry, close, names)
    assert result.to_frame().loc[0, "n"] == entry["expected"]["fit"]["n"]


@pytest.fixture
def pigs(data_csv):
    """The emmeans example: log(conc) by source and percent."""
    data = data_csv("emmeans_pigs/pigs.csv")
    columns = {"intercept": np.ones(len(data))}
    columns |= {s: (data.source == s).to_numpy(float) for s in ("soy", "skim")}
    columns |= {str(p): (data.percent == p).to_numpy(float) for p in (12, 15, 18)}
    return least_squares(np.log(data.conc), np.column_stack(list(columns.values())), list(columns))


PAIRS = {
    "fish - soy": [0, -1, 0, 0, 0, 0],
    "fish - skim": [0, 0, -1, 0, 0, 0],
    "soy - skim": [0, 1, -1, 0, 0, 0],
}


def test_all_pairs_by_tukey_agree_with_emmeans(pigs, oracle, close):
    entry = oracle("ancova")["pigs_tukey"]
    pairs = [pigs.contrast(weights) for weights in PAIRS.values()]
    joint = simultaneous(
        [p.estimate for p in pairs], [p.se for p in pairs], pairs[0].df, method="tukey", means=3
    )
    for i, want in enumerate(entry["expected"][name] for name in PAIRS):
        close(pairs[i].estimate, entry, "estimate", want["estimate"])
        close(pairs[i].statistic, entry, "t", want["t"])
        close(joint.p_values[i], entry, "p", want["p"])
        close(joint.ci_low[i], entry, "low", want["low"])
        close(joint.ci_high[i], entry, "high", want["high"])


def test_pairs_in_residual_sds_agree_with_emmeans(pigs, oracle, close):
    entry = oracle("ancova")["pigs_eff_size"]
    for name, weights in PAIRS.items():
        want, pair = entry["expected"][name], pigs.contrast(weights)
        unit = Standardiser(sd=pigs.sigma, df=pigs.df, kind="d_residual_sd")
        found = unit.effect_size(pair, 0.95, correct=False)
        close(found["effect_size"], entry, "d", want["d"])
        close(found["effect_size_ci_low"], entry, "low", want["low"])
        close(found["effect_size_ci_high"], entry, "high", want["high"])


def test_factor_means_agree_with_emmeans(pigs, oracle, close):
    fit = pigs
    entry = oracle("ancova")["pigs_adjusted_means"]
    for source, want in entry["expected"].items():
        mean = fit.contrast([1, source == "soy", source == "skim", 0.25, 0.25, 0.25])
        close(mean.estimate, entry, "mean", want["mean"])
        close(mean.se, entry, "se", want["se"])
        close(mean.ci_low, entry, "low", want["low"])


def test_several_arms_against_one_control_agree_with_emmeans(anorexia, oracle, close):
    entry = oracle("multiplicity")["anorexia_ancova_dunnett_mvt"]
    table = ancova(anorexia, "weight", wave="post", family="primary", adjustment="dunnett")
    rows = table.to_frame().set_index("contrast")
    for contrast, want in entry["expected"].items():
        for key in ("estimate", "se", "df", "t", "low", "high"):
            close(rows.loc[contrast, COLUMNS.get(key, key)], entry, key, want[key])
        close(rows.loc[contrast, "p_value_adjusted"], entry, "p", want["p"])
    plain = ancova(anorexia, "weight", wave="post", family="primary").to_frame()
    assert plain["p_value_adjusted"].tolist() == pytest.approx([0.0339993147, 2 * 0.000189023798])


def test_equivalence_of_the_adjusted_difference_agrees_with_r(btheb, oracle, close):
    from socmeasures.designs.margins import equivalence_of

    entry = oracle("tost")["btheb_ancova"]
    row = equivalence_of(ancova(btheb, "bdi", wave="2m"), low=-8, high=8).to_frame().iloc[0]
    for key, ours in {
        "estimate": "estimate", "se": "se", "df": "df", "t_lower": "t_lower",
        "p_lower": "p_lower", "t_upper": "t_upper", "p_upper": "p_upper", "p_tost": "p_value",
        "ci90_low": "ci_low", "ci90_high": "ci_high",
    }.items():  # fmt: skip
        close(row[ours], entry, key)
    assert row["shown"]


def test_the_difference_in_residual_sds_agrees_with_emmeans(anorexia, oracle, close):
    entry = oracle("ancova")["anorexia_adjusted_d_residual_sd"]
    result = ancova(anorexia, "weight", wave="post", residual_sd=True)
    rows = result.tables["difference in residual SDs"].set_index("contrast")
    for arm in ("CBT", "FT"):
        row, want = rows.loc[f"{arm} - Cont"], entry["expected"][f"Cont - {arm}"]
        close(-row["effect_size"], entry, "d", want["d"])
        close(-row["effect_size_ci_high"], entry, "low", want["low"])
        close(-row["effect_size_ci_low"], entry, "high", want["high"])
    assert any("must not be pooled" in note for note in result.notes)
