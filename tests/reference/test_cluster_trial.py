"""Cluster trials through the front door: oracles/cluster.json and lmm.json (R 4.2.2)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.designs.clustered import cluster_trial
from socmeasures.designs.study import Study

pytestmark = pytest.mark.needs("shared")


@pytest.fixture
def study(data_csv):
    wide = data_csv("cluster_sim/cluster_trial.csv")
    wide = wide.rename(columns={"base": "y__pre", "y": "y__post"})
    return Study.from_wide(
        wide.assign(arm=np.where(wide["arm"] == 1, "new", "usual")),
        person="id", waves=["pre", "post"], arm="arm", control="usual",
        cluster="cluster", allocation="cluster",
    )  # fmt: skip


def _agrees(row, entry, close, expected, names=("estimate", "se", "df", "p_value")):
    theirs = {"p_value": "p", "ci_low": "low", "ci_high": "high", "statistic": "t"}
    for name in names:
        key = theirs.get(name, name)
        close(row[name], entry, key, expected[key])


def test_least_squares_with_cr2_and_satterthwaite(study, oracle, close):
    entry = oracle("cluster")["sim_adjusted_CR2"]
    row = cluster_trial(study, "y", engine="cr2").to_frame().iloc[0]
    _agrees(row, entry, close, entry["expected"]["arm"])
    entry = oracle("cluster")["sim_unadjusted_CR2"]
    row = cluster_trial(study, "y", engine="cr2", baseline=None, wave="post").to_frame().iloc[0]
    _agrees(row, entry, close, entry["expected"]["arm"], ("estimate", "se", "df", "ci_low"))


@pytest.mark.parametrize(
    ("df", "information"), [("kenward-roger", "expected"), ("satterthwaite", "observed")]
)
def test_the_mixed_model(study, oracle, close, df, information):
    entry = oracle("lmm")[f"cluster_trial_ri_{df.replace('-', '_')}"]
    result = cluster_trial(study, "y", df=df, information=information)
    row = result.to_frame().iloc[0]
    _agrees(row, entry, close, entry["expected"]["arm"])
    table = result.tables["coefficients"].set_index("term")
    for ours, theirs in (("intercept", "(Intercept)"), ("baseline", "base")):
        _agrees(table.loc[ours], entry, close, entry["expected"][theirs])
    fit = oracle("lmm")["cluster_trial_ri_fit"]
    variances = result.tables["variance components"].set_index("term")["variance"]
    close(variances["cluster"], fit, "var_cluster_Intercept")
    close(variances["residual"], fit, "residual_var")


def test_a_variance_of_zero_gives_least_squares_and_says_so(oracle, close, data_csv):
    wide = data_csv("cluster_sim/zero_variance.csv").reset_index(names="id")
    study = Study.from_wide(
        wide.rename(columns={"y": "y__post"}).assign(arm=lambda d: d["arm"].map({1: "t", 0: "c"})),
        person="id", waves=["post"], arm="arm", control="c", cluster="cluster",
        allocation="cluster",
    )  # fmt: skip
    entry = oracle("lmm")["zero_variance_boundary"]
    result = cluster_trial(study, "y", baseline=None)
    row = result.to_frame().iloc[0]
    close(row["estimate"], entry, "arm_estimate")
    close(row["se"], entry, "arm_se")
    assert row["df"] == 10
    assert "estimated as exactly 0" in result.notes[0]


def test_the_t_test_of_cluster_means_and_of_residuals(study, oracle, close):
    for baseline, name in ((None, "sim_cluster_means_t"), ("first", "sim_two_stage_residual_t")):
        entry = oracle("cluster")[name]
        row = (
            cluster_trial(study, "y", wave="post", baseline=baseline, engine="cluster-means")
            .to_frame()
            .iloc[0]
        )
        close(row["estimate"], entry, "diff")
        _agrees(row, entry, close, entry["expected"], ("se", "statistic", "df", "p_value",
                                                       "ci_low", "ci_high"))  # fmt: skip


def test_the_permutation_test_over_all_allocations(study, oracle, close):
    names = {None: "sim_permutation_means", "first": "sim_permutation_residuals"}
    for baseline, name in names.items():
        entry = oracle("cluster")[name]
        result = cluster_trial(study, "y", wave="post", baseline=baseline, engine="permutation")
        row = result.to_frame().iloc[0]
        close(row["estimate"], entry, "observed")
        close(row["p_value"], entry, "p_two_sided")
        assert "se" not in result.to_frame()
        assert "924" in row["method"]


def test_constrained_schemes_with_a_binary_outcome_and_covariates(oracle, close, data_csv):
    people = data_csv("cvcrand_dickinson/Dickinson_outcome.csv").reset_index(names="id")
    schemes = data_csv("cvcrand_dickinson/dickinson_constrained.csv")
    chosen = schemes.iloc[:, 0] == 1
    table = schemes.iloc[:, 1:].set_axis([str(k) for k in range(1, 17)], axis=1)
    treated = table[chosen].iloc[0]
    arm = people["county"].map(lambda c: "reminder" if treated[str(c)] else "usual")
    study = Study(
        people.assign(arm=arm, wave="end", incomecat=people["incomecat"].map(str)),
        person="id", wave="wave", waves=["end"], arm="arm", control="usual",
        cluster="county", allocation="cluster",
    )  # fmt: skip
    entry = oracle("cluster")["dickinson_constrained_permutation"]
    covariates = ["inciis", "uptodateonimmunizations", "hispanic", "location", "incomecat"]
    result = cluster_trial(
        study, "outcome", engine="permutation", baseline=None, covariates=covariates,
        schemes=table,
    )  # fmt: skip
    row = result.to_frame().iloc[0]
    close(row["estimate"], entry, "statistic")
    close(row["p_value"], entry, "p")


def test_the_intraclass_correlation_within_arms(study, oracle, close):
    entry = oracle("cluster")["sim_icc_anova_within_arm"]
    result = cluster_trial(study, "y", engine="cluster-means")
    row = result.tables["intraclass correlation"].iloc[0]
    close(row["estimate"], entry, "icc")
    close(row["design_effect"], entry, "deff_cv")
    sizes = result.tables["cluster sizes"].set_index("arm").loc["all"]
    close(sizes["mean_size"], entry, "mean_size")
    close(sizes["size_cv"], entry, "cv_size_population")
    assert any("Intraclass correlation within arms 0.080" in note for note in result.notes)


def test_risk_difference_by_least_squares_with_cr2(oracle, close, data_csv):
    people = data_csv("crtgeedr/data_sim_24clusters.csv").reset_index(names="id")
    study = Study(
        people.assign(arm=people["TRT"].map({1: "new", 0: "usual"}), wave="end"),
        person="id", wave="wave", waves=["end"], arm="arm", control="usual",
        cluster="CLUSTER", allocation="cluster",
    )  # fmt: skip
    entry = oracle("cluster")["crtgeedr_linear_CR2"]
    result = cluster_trial(study, "OUTCOME", engine="cr2", baseline=None, covariates="AGE")
    row = result.to_frame().iloc[0]
    assert row["term"] == "risk difference"
    _agrees(row, entry, close, entry["expected"]["TRT"])
    assert isinstance(result.tables["shares"], pd.DataFrame)
