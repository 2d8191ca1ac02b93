"""Adjusted p values, simultaneous intervals and equivalence against R 4.2.2 and emmeans 1.8.4.

Outside truth: oracles/multiplicity.json, oracles/tost.json, and the remaining entries of
paired.json and independent.json.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.effects.equivalence import equivalence, equivalent_change, equivalent_means
from socmeasures.effects.estimate import Estimate
from socmeasures.effects.multiplicity import adjust_p_values, simultaneous
from socmeasures.effects.overlap import cohens_u3
from socmeasures.effects.paired import paired_d
from socmeasures.effects.selection import expected_shift, expected_shift_at_cutoff
from socmeasures.models.ols import least_squares

pytestmark = pytest.mark.needs("shared")

NAMES = {
    "holm": "holm",
    "hochberg": "hochberg",
    "hommel": "hommel",
    "bonferroni": "bonferroni",
    "sidak": "sidak",
    "holm_sidak": "holm-sidak",
    "BH": "benjamini-hochberg",
    "BY": "benjamini-yekutieli",
}


@pytest.mark.parametrize("name", ["ten_p_values", "ties_missing_0_and_1", "single_p"])
def test_adjusted_p_values_agree_with_r(name, oracle, close):
    entry = oracle("multiplicity")[name]
    p = np.atleast_1d(np.array(entry["data"]["inline"]["p"], dtype=float))
    for theirs, wants in entry["expected"].items():
        found = adjust_p_values(p, method=NAMES[theirs])
        for got, want in zip(found, np.atleast_1d(np.array(wants, dtype=float)), strict=True):
            if np.isnan(want):
                assert np.isnan(got)
            else:
                close(got, entry, theirs, want)


def test_a_fixed_sequence_stops_at_the_first_that_fails(oracle, close):
    entry = oracle("multiplicity")["fixed_sequence"]
    p = entry["data"]["inline"]["p_in_order"]
    found = adjust_p_values(p, method="fixed-sequence")
    assert found.tolist() == entry["expected"]["adjusted"]
    assert (found < entry["data"]["inline"]["alpha"]).tolist() == entry["expected"]["reject"]


def _anorexia(data_csv):
    data = data_csv("anorexia/anorexia.csv")
    X = np.column_stack(
        [np.ones(len(data)), data.Prewt, data.Treat == "CBT", data.Treat == "FT"]
    ).astype(float)
    return least_squares(data.Postwt, X, ["1", "Prewt", "CBT", "FT"])


PAIRS = {"Cont - CBT": (0, 0, -1, 0), "Cont - FT": (0, 0, 0, -1), "CBT - FT": (0, 0, 1, -1)}


@pytest.mark.parametrize("method", ["bonferroni", "sidak", "tukey", "scheffe"])
def test_simultaneous_intervals_agree_with_emmeans(method, oracle, close, data_csv):
    entry = oracle("multiplicity")[f"anorexia_ancova_pairs_{method}"]
    fit = _anorexia(data_csv)
    parts = [fit.contrast(w) for w in PAIRS.values()]
    found = simultaneous(
        [c.estimate for c in parts], [c.se for c in parts], fit.df, method=method, means=3
    )
    for place, name in enumerate(PAIRS):
        want = entry["expected"][name]
        close(found.p_values[place], entry, "p", want["p"])
        close(found.ci_low[place], entry, "low", want["low"])
        close(found.ci_high[place], entry, "high", want["high"])


@pytest.mark.parametrize("method", ["none", "holm"])
def test_unadjusted_and_holm_p_values_of_pairs(method, oracle, close, data_csv):
    entry = oracle("multiplicity")[f"anorexia_ancova_pairs_{method}"]
    fit = _anorexia(data_csv)
    p = adjust_p_values([fit.contrast(w).p_value for w in PAIRS.values()], method=method)
    for got, name in zip(p, PAIRS, strict=True):
        close(got, entry, "p", entry["expected"][name]["p"])


def test_dunnett_agrees_with_emmeans(oracle, close, data_csv):
    entry = oracle("multiplicity")["anorexia_ancova_dunnett_mvt"]
    approximate = oracle("multiplicity")["anorexia_ancova_dunnettx"]
    fit = _anorexia(data_csv)
    cbt, ft = fit.coefficient("CBT"), fit.coefficient("FT")
    rho = fit.cov[2, 3] / (cbt.se * ft.se)
    found = simultaneous(
        [cbt.estimate, ft.estimate], [cbt.se, ft.se], fit.df, method="dunnett",
        correlation=[[1, rho], [rho, 1]],
    )  # fmt: skip
    for place, contrast in enumerate(("CBT - Cont", "FT - Cont")):
        want = entry["expected"][contrast]
        close(found.p_values[place], entry, "p", want["p"])
        close(found.ci_low[place], entry, "low", want["low"])
        close(found.ci_high[place], entry, "high", want["high"])
        # emmeans' approximation: its p is near ours, its limits are a little wider
        near = approximate["expected"][contrast]
        close(found.p_values[place], approximate, "p", near["p"])
        assert near["low"] < found.ci_low[place] < near["low"] + 0.02


def test_tukey_of_the_warpbreaks_agrees_with_r(oracle, close, data_csv):
    entry = oracle("multiplicity")["warpbreaks_tukey"]
    data = data_csv("r_datasets/warpbreaks.csv")
    X = np.column_stack(
        [np.ones(len(data)), data.wool == "B", data.tension == "M", data.tension == "H"]
    ).astype(float)
    fit = least_squares(data.breaks, X, ["1", "B", "M", "H"])
    pairs = {"M-L": (0, 0, 1, 0), "H-L": (0, 0, 0, 1), "H-M": (0, 0, -1, 1)}
    parts = [fit.contrast(w) for w in pairs.values()]
    found = simultaneous(
        [c.estimate for c in parts], [c.se for c in parts], fit.df, method="tukey", means=3
    )
    for place, name in enumerate(pairs):
        want = entry["expected"][name]
        close(parts[place].estimate, entry, "diff", want["diff"])
        close(found.ci_low[place], entry, "low", want["low"])
        close(found.ci_high[place], entry, "high", want["high"])
        close(found.p_values[place], entry, "p_adjusted", want["p_adjusted"])


def _check_tost(found, entry, close):
    for name in ("estimate", "se", "df", "t_lower", "p_lower", "t_upper", "p_upper"):
        close(getattr(found, name), entry, name)
    close(found.p_value, entry, "p_tost")
    close(found.ci_low, entry, "ci90_low")
    close(found.ci_high, entry, "ci90_high")
    assert found.equivalent == entry["expected"]["equivalent_5pct"]


def test_equivalence_of_pairs_agrees_with_r(oracle, close, data_csv):
    sleep = data_csv("sleep/sleep.csv").pivot(index="ID", columns="group", values="extra")
    entry = oracle("tost")["sleep_paired"]
    _check_tost(equivalent_change(sleep[2], sleep[1], low=-2, high=2), entry, close)
    data = data_csv("covid_gaming/study02_loneliness_extended_wide_repo_scores.csv")
    before, during = (
        data[f"score_emotional_loneliness_{when}"] + data[f"score_social_loneliness_{when}"]
        for when in ("before", "during")
    )
    entry = oracle("tost")["covid2_djg_equivalent"]
    _check_tost(equivalent_change(during, before, low=-1, high=1), entry, close)


def test_equivalence_of_groups_agrees_with_r(oracle, close, data_csv):
    data = data_csv("hsaur/BtheB_hsaur3.csv")
    treated = data.loc[data.treatment == "BtheB", "bdi.2m"]
    control = data.loc[data.treatment == "TAU", "bdi.2m"]
    for name, equal in (("btheb_welch", False), ("btheb_student", True)):
        found = equivalent_means(treated, control, low=-8, high=8, equal_variances=equal)
        _check_tost(found, oracle("tost")[name], close)
    there = data.dropna(subset="bdi.2m")
    X = np.column_stack([np.ones(len(there)), there["bdi.pre"], there.treatment == "BtheB"]).astype(
        float
    )
    arm = least_squares(there["bdi.2m"], X, ["1", "pre", "arm"]).coefficient("arm")
    adjusted = Estimate(
        estimate=arm.estimate, ci_low=arm.ci_low, ci_high=arm.ci_high, n=len(there), name="arm",
        method="", source="", se=arm.se, df=arm.df,
    )  # fmt: skip
    _check_tost(equivalence(adjusted, low=-8, high=8), oracle("tost")["btheb_ancova"], close)


def test_equivalence_from_summary_numbers(oracle, close):
    entry = oracle("tost")["summary_smd_bounds"]
    one = entry["data"]["inline"]
    groups = [one[f"m{g}"] + one[f"sd{g}"] * _unit(one[f"n{g}"]) for g in (1, 2)]
    unit = np.sqrt((one["sd1"] ** 2 + one["sd2"] ** 2) / 2)
    found = equivalent_means(
        *groups, low=one["low_eqbound_d"] * unit, high=one["high_eqbound_d"] * unit
    )
    close(found.low, entry, "raw_low")
    close(found.high, entry, "raw_high")
    _check_tost(found, entry, close)


def _unit(n):
    x = np.arange(n, dtype=float)
    return (x - x.mean()) / x.std(ddof=1)


def test_regression_to_the_mean_agrees_with_the_formula(oracle, close):
    entry = oracle("paired")["regression_to_the_mean"]
    one = entry["data"]["inline"]
    found = expected_shift_at_cutoff(
        one["enter_if_at_least"], mean=one["mean"], sd=one["sd"], r=one["r"]
    )
    close(found.z, entry, "z")
    close(found.expected_change, entry, "expected_change")
    close(found.expected_earlier, entry, "expected_pre")
    close(found.expected_later, entry, "expected_post")
    general = expected_shift(found.expected_earlier, mean=one["mean"], r=one["r"])
    close(general.expected_change, entry, "expected_change")


@pytest.mark.parametrize(
    "name", ["mtcars_mpg_am", "btheb_baseline", "btheb_2m_unadjusted", "socsupport_bdi_gender"]
)
def test_u3_agrees_with_r(name, oracle, close, data_csv):
    from tests.reference.test_independent import _groups

    entry = oracle("independent")[name]
    close(cohens_u3(*_groups(name, data_csv)).estimate, entry, "cohens_u3")


def test_the_t_interval_of_d_rm_agrees_with_borenstein(oracle, close):
    from scipy import special

    entry = oracle("paired")["toy_drm_borenstein"]
    pair = entry["data"]["inline"]
    d = paired_d(pair["post"], pair["pre"], kind="rm", ci_method="normal")
    half = special.stdtrit(2 * len(pair["pre"]) - 2, 0.975) * d.se
    close(d.estimate - half, entry, "t14_low")
    close(d.estimate + half, entry, "t14_high")


def test_standardised_changes_from_summaries_agree_with_metafor(oracle, close):
    """SMCR divides by the first SD: the sample is built with these moments, to the last digit."""
    from tests.reference.test_paired import _with_moments

    entry = oracle("paired")["escalc_summary"]
    want = entry["data"]["inline"]
    base, other = _with_moments(want["n"], want["r"])
    earlier, later = want["m2"] + want["sd1"] * base, want["m1"] + want["sd2"] * other
    change = paired_d(later, earlier, kind="baseline", correct=True, ci_method="normal")
    close(change.estimate, entry, "SMCR_yi")
    close(change.se**2, entry, "SMCR_vi")
    unequal = paired_d(later, earlier, kind="baseline", correct=True, ci_method="bonett")
    close(unequal.estimate, entry, "SMCRH_yi")
    close(unequal.se**2, entry, "SMCRH_vi")
    assert pd.Series(later).std() == pytest.approx(want["sd2"])
