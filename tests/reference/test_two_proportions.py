"""Two proportions against R 4.2.2 and Newcombe's published table (oracles/proportions.json)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.effects.proportions import risk_difference, wilson_interval
from socmeasures.effects.stratified_risks import mantel_haenszel
from socmeasures.effects.two_proportions import (
    number_needed_to_treat,
    odds_ratio,
    risk_difference_score,
    risk_ratio,
)
from socmeasures.models.logistic import fit_logistic

pytestmark = pytest.mark.needs("shared")


@pytest.mark.parametrize("name", ["two_30_50_vs_18_52", "two_56_70_vs_48_80", "two_9_10_vs_3_10"])
def test_differences_and_ratios_agree(name, oracle, close):
    entry = oracle("proportions")[name]
    given = entry["data"]["inline"]
    counts = (given["events1"], given["n1"], given["events0"], given["n0"])
    newcombe, score = risk_difference(*counts), risk_difference_score(*counts)
    rr, odds = risk_ratio(*counts), odds_ratio(*counts)
    for key, got in {
        "rd": newcombe.estimate,
        "rd_newcombe_low": newcombe.ci_low,
        "rd_newcombe_high": newcombe.ci_high,
        "rd_miettinen_nurminen_low": score.ci_low,
        "rd_miettinen_nurminen_high": score.ci_high,
        "rd_se_wald": score.se,
        "nnt": number_needed_to_treat(newcombe).estimate,
        "rr": rr.estimate,
        "log_rr_se": rr.se,
        "rr_low": rr.ci_low,
        "rr_high": rr.ci_high,
        "or": odds.estimate,
        "log_or_se": odds.se,
        "or_low": odds.ci_low,
        "or_high": odds.ci_high,
    }.items():
        close(got, entry, key)


@pytest.mark.parametrize(
    "name",
    ["single_0_of_20", "single_1_of_29", "single_15_of_148", "single_81_of_263", "single_20_of_20"],
)
def test_one_share_agrees(name, oracle, close):
    entry = oracle("proportions")[name]
    share = wilson_interval(entry["data"]["inline"]["x"], entry["data"]["inline"]["n"])
    close(share.ci_low, entry, "wilson_low")
    close(share.ci_high, entry, "wilson_high")


def _month4(data):
    at4 = data[data["month"] == 4].assign(good=lambda d: (d["status"] == "good") * 1)
    return at4.groupby(["centre", "treatment"])["good"].agg(["sum", "count"])


def test_a_real_trial_agrees_unadjusted_and_by_centre(oracle, close, data_csv):
    counts = _month4(data_csv("hsaur/respiratory.csv"))
    by_arm = counts.groupby("treatment").sum()
    four = (*by_arm.loc["treatment"], *by_arm.loc["placebo"])
    entry = oracle("proportions")["respiratory_month4"]
    newcombe, score = risk_difference(*four), risk_difference_score(*four)
    close(newcombe.ci_low, entry, "rd_newcombe_low")
    close(newcombe.ci_high, entry, "rd_newcombe_high")
    close(score.ci_low, entry, "rd_miettinen_nurminen_low")
    close(score.ci_high, entry, "rd_miettinen_nurminen_high")
    new, old = counts.xs("treatment", level=1), counts.xs("placebo", level=1)
    found = mantel_haenszel(new["sum"], new["count"], old["sum"], old["count"])
    entry = oracle("proportions")["respiratory_mantel_haenszel"]
    close(found.odds_ratio.estimate, entry, "mh_or")
    close(found.odds_ratio.ci_low, entry, "mh_or_low")
    close(found.odds_ratio.ci_high, entry, "mh_or_high")
    close(found.chi_squared, entry, "cmh_chi2")
    close(found.p_value, entry, "cmh_p")
    close(found.risk_difference.estimate, entry, "mh_rd")
    close(found.risk_difference.se, entry, "mh_rd_se_independent_binomials")


def test_a_zero_cell_agrees(oracle, close):
    entry = oracle("proportions")["zero_cell"]
    score, rr, odds = (f(5, 30, 0, 28) for f in (risk_difference_score, risk_ratio, odds_ratio))
    close(score.ci_low, entry, "rd_miettinen_nurminen_low")
    close(score.ci_high, entry, "rd_miettinen_nurminen_high")
    close(np.log(rr.estimate), entry, "log_rr_half")
    close(rr.se**2, entry, "log_rr_half_v")
    close(np.log(odds.estimate), entry, "log_or_half")
    close(odds.se**2, entry, "log_or_half_v")
    assert "0.5 was added" in rr.notes[0]


def test_an_nnt_whose_interval_holds_none_runs_through_infinity(oracle, close):
    entry = oracle("proportions")["nnt_not_significant"]
    base = risk_difference(30, 100, 25, 100)
    import dataclasses

    given = dataclasses.replace(base, estimate=0.05, ci_low=-0.02, ci_high=0.12)
    nnt = number_needed_to_treat(given)
    close(nnt.estimate, entry, "nnt")
    close(nnt.benefit_from, entry, "nnt_benefit_from")
    close(nnt.harm_from, entry, "nnt_harm_from")
    assert str(nnt) == "NNTB 20 (NNTB 9 to ∞ to NNTH 50)"


def test_standardised_risks_agree(oracle, close, data_csv):
    data = data_csv("hsaur/respiratory.csv").assign(good=lambda d: (d["status"] == "good") * 1.0)
    before = data[data["month"] == 0].set_index("subject")["good"]
    at4 = data[data["month"] == 4].assign(good0=lambda d: d["subject"].map(before))
    columns = pd.DataFrame(
        {
            "(Intercept)": 1.0,
            "trt": (at4["treatment"] == "treatment") * 1.0,
            "good0": at4["good0"],
            "centre2": (at4["centre"] == 2) * 1.0,
            "age": at4["age"],
            "female": (at4["sex"] == "female") * 1.0,
        }
    )
    fit = fit_logistic(at4["good"], columns, list(columns))
    entry = oracle("proportions")["respiratory_adjusted"]
    for place, name in enumerate(columns):
        close(fit.coef[place], entry, "b", entry["expected"][name]["b"])
        close(np.sqrt(fit.cov[place, place]), entry, "se", entry["expected"][name]["se"])
    designs = [columns.assign(trt=1.0), columns.assign(trt=0.0)]
    risks, cov = fit.standardised(designs, se="delta")
    close(risks[0], entry, "risk_treated")
    close(risks[1], entry, "risk_control")
    close(risks[0] - risks[1], entry, "marginal_rd")
    close(np.sqrt([1, -1] @ cov @ [1, -1]), entry, "marginal_rd_se")
    ratio = np.array([1 / risks[0], -1 / risks[1]])
    close(np.sqrt(ratio @ cov @ ratio), entry, "marginal_log_rr_se")
