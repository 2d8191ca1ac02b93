"""Change in the same people against R 4.2.2 (base), effectsize 0.8.3, metafor 3.8-1 and boot.

Outside truth: oracles/paired.json; tolerances are the entries' own.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.designs.one_group import pre_post
from socmeasures.designs.study import Study
from socmeasures.effects.bootstrap import bootstrap_change
from socmeasures.effects.noncentral import small_sample_factor
from socmeasures.effects.paired import mean_change, paired_d
from socmeasures.effects.signed_rank import wilcoxon

pytestmark = pytest.mark.needs("shared")


def _sleep(data_csv):
    wide = data_csv("sleep/sleep.csv").pivot(index="ID", columns="group", values="extra")
    return wide[1], wide[2]


def _anorexia(arm):
    def pair(data_csv):
        data = data_csv("anorexia/anorexia.csv")
        mine = data[data.Treat == arm]
        return mine.Prewt, mine.Postwt

    return pair


def _btheb(arm):
    def pair(data_csv):
        data = data_csv("hsaur/BtheB_hsaur3.csv")
        mine = data[data.treatment == arm]
        return mine["bdi.pre"], mine["bdi.2m"]

    return pair


def _covid_ucla3(data_csv):
    data = data_csv("covid_gaming/study01_loneliness_long_items.csv")
    items = data.pivot(index=["pid", "lockdown_period"], columns="item", values="score")
    total = items.sum(axis=1).where(items.notna().all(axis=1)).unstack()
    return total["before"], total["during"]


def _covid_djg11(data_csv):
    data = data_csv("covid_gaming/study02_loneliness_extended_wide_repo_scores.csv")

    def total(when):
        emotional = data[f"score_emotional_loneliness_{when}"]
        return emotional + data[f"score_social_loneliness_{when}"]

    return total("before"), total("during")


CASES = {
    "sleep_change": _sleep,
    "anorexia_CBT": _anorexia("CBT"),
    "anorexia_Cont": _anorexia("Cont"),
    "anorexia_FT": _anorexia("FT"),
    "btheb_TAU_2m": _btheb("TAU"),
    "btheb_BtheB_2m": _btheb("BtheB"),
    "covid1_ucla3_change": _covid_ucla3,
    "covid2_djg11_change": _covid_djg11,
}


def _check_change(before, after, entry, close):
    mean = mean_change(after, before)
    close(mean.n, entry, "n")
    close(mean.estimate, entry, "mean_change")
    close(mean.se, entry, "se_change")
    close(mean.ci_low, entry, "change_ci_low")
    close(mean.ci_high, entry, "change_ci_high")
    close(mean.estimate / mean.se, entry, "t")
    close(mean.df, entry, "df")
    close(mean.p_value, entry, "p")
    d, g = paired_d(after, before), paired_d(after, before, correct=True)
    close(d.estimate, entry, "d_z")
    close(d.ci_low, entry, "d_z_nct_low")
    close(d.ci_high, entry, "d_z_nct_high")
    close(g.estimate, entry, "g_z")
    close(g.ci_low, entry, "g_z_nct_low")
    close(g.ci_high, entry, "g_z_nct_high")
    close(small_sample_factor(mean.df), entry, "hedges_J_df_n_minus_1")
    close(paired_d(after, before, ci_method="normal").se, entry, "se_d_z_normal")
    for kind, name, stem in (
        ("av", "d_av", "d_av"),
        ("rm", "d_rm", "d_rm"),
        ("baseline", "d_b_pre_sd", "d_b"),
    ):
        textbook = paired_d(after, before, kind=kind, ci_method="normal")
        close(textbook.estimate, entry, name)
        close(textbook.se, entry, f"se_{stem}")
        close(textbook.ci_low, entry, f"{stem}_normal_low")
        close(textbook.ci_high, entry, f"{stem}_normal_high")
        assert paired_d(after, before, kind=kind).estimate == textbook.estimate


@pytest.mark.parametrize("name", CASES)
def test_standardised_changes_agree_with_r(name, oracle, close, data_csv):
    entry = oracle("paired")[name]
    before, after = CASES[name](data_csv)
    _check_change(before, after, entry, close)


@pytest.mark.parametrize("name", CASES)
def test_pre_post_gives_the_same_change_and_counts(name, oracle, close, data_csv):
    entry = oracle("paired")[name]
    before, after = (np.asarray(x, dtype=float) for x in CASES[name](data_csv))
    wide = pd.DataFrame({"id": range(len(before)), "y__pre": before, "y__post": after})
    result = pre_post(Study.from_wide(wide, person="id", waves=["pre", "post"]), "y")
    row, pairs = result.to_frame().iloc[0], result.tables["pairs"].iloc[0]
    close(row.estimate, entry, "mean_change")
    close(row.statistic, entry, "t")
    close(row.p_value, entry, "p")
    close(row.effect_size, entry, "d_b_pre_sd")
    close(pairs.mean_earlier, entry, "mean_pre")
    close(pairs.sd_earlier, entry, "sd_pre")
    close(pairs.mean_later, entry, "mean_post")
    close(pairs.sd_later, entry, "sd_post")
    close(pairs.sd_change, entry, "sd_change")
    close(pairs.correlation, entry, "r")
    counts = result.tables["higher, same, lower"].set_index("direction")["n"]
    want = entry["expected"]
    assert dict(counts) == {
        "higher": want["n_up"],
        "same": want["n_same"],
        "lower": want["n_down"],
    }


@pytest.mark.parametrize("arm", ["CBT", "Cont", "FT"])
def test_corrected_effects_agree_with_metafor(arm, oracle, close, data_csv):
    entry = oracle("paired")[f"anorexia_{arm}_escalc"]
    before, after = _anorexia(arm)(data_csv)
    baseline = paired_d(after, before, kind="baseline", correct=True, ci_method="normal")
    change = paired_d(after, before, kind="z", correct=True, ci_method="normal")
    close(baseline.estimate, entry, "SMCR_yi")
    close(baseline.se**2, entry, "SMCR_vi")
    close(change.estimate, entry, "SMCC_yi")
    close(change.se**2, entry, "SMCC_vi")


def test_summary_statistics_agree_with_metafor(oracle, close):
    entry = oracle("paired")["escalc_summary"]
    want = entry["data"]["inline"]
    base, other = _with_moments(want["n"], want["r"])
    first, second = want["m1"] + want["sd1"] * base, want["m2"] + want["sd2"] * other
    baseline = paired_d(first, second, kind="baseline", correct=True, ci_method="normal")
    change = paired_d(first, second, correct=True, ci_method="normal")
    close(change.estimate, entry, "SMCC_yi")
    close(change.se**2, entry, "SMCC_vi")
    assert baseline.estimate == pytest.approx((28 - 24) / 6 * small_sample_factor(39))


def _with_moments(n, r):
    """Two columns with mean 0, SD 1 and correlation r, to the last digit."""
    rng = np.random.default_rng(0)
    raw = rng.normal(size=(n, 2))
    q, _ = np.linalg.qr(raw - raw.mean(axis=0))
    unit = q * np.sqrt(n - 1)
    return unit[:, 0], r * unit[:, 0] + np.sqrt(1 - r**2) * unit[:, 1]


def test_wilcoxon_normal_approximation_agrees_with_r(oracle, close, data_csv):
    entry = oracle("paired")["sleep_wilcoxon"]
    before, after = _sleep(data_csv)
    test = wilcoxon(after, before, p_method="normal")
    close(test.statistic, entry, "V")
    close(test.p_value, entry, "p_continuity_corrected")
    close(test.rank_biserial, entry, "matched_rank_biserial")
    assert test.n_zero == entry["expected"]["n_zero"]


def test_d_rm_agrees_with_borenstein(oracle, close):
    entry = oracle("paired")["toy_drm_borenstein"]
    pair = entry["data"]["inline"]
    d = paired_d(pair["post"], pair["pre"], kind="rm", ci_method="normal")
    close(d.estimate, entry, "d_rm")
    close(d.se, entry, "se")
    close(d.ci_low, entry, "normal_low")
    close(d.ci_high, entry, "normal_high")


def test_d_z_agrees_with_spss_and_jasp(oracle, close):
    entry = oracle("paired")["toy_dz_spss_jasp"]
    pair = entry["data"]["inline"]
    d = paired_d(pair["post"], pair["pre"])
    close(d.estimate, entry, "d_z")
    close(d.ci_low, entry, "low")
    close(d.ci_high, entry, "high")
    close(paired_d(pair["post"], pair["pre"], correct=True).estimate, entry, "g_z")


def test_the_correction_is_exact(oracle, close):
    entry = oracle("paired")["hedges_J"]
    for df, want in zip(entry["data"]["inline"]["df"], entry["expected"]["J"], strict=True):
        close(small_sample_factor(df), entry, "J", want)


def test_bootstrap_agrees_with_boot(oracle, close, data_csv):
    entry = oracle("paired")["btheb_bootstrap"]
    before, after = _btheb("BtheB")(data_csv)
    for statistic, stem in (("mean change", "change"), ("d_z", "dz")):
        for method, word in (("percentile", "perc"), ("bca", "bca")):
            found = bootstrap_change(
                after, before, statistic=statistic, ci_method=method, resamples=20_000, seed=1
            )
            close(found.ci_low, entry, f"{stem}_{word}_low")
            close(found.ci_high, entry, f"{stem}_{word}_high")


def test_people_are_paired_by_identifier_not_by_row(oracle, close, data_csv):
    entry = oracle("paired")["pair_by_id_not_by_row"]
    data = data_csv("hsaur/BtheB_hsaur3.csv")
    long = data.melt("id", ["bdi.pre", "bdi.2m"], "wave", "bdi").dropna(subset="bdi")
    for seed in range(3):
        shuffled = long.sample(frac=1, random_state=seed)
        study = Study(shuffled, person="id", wave="wave", waves={"pre": "bdi.pre", "m2": "bdi.2m"})
        result = pre_post(study, "bdi")
        row, pairs = result.to_frame().iloc[0], result.tables["pairs"].iloc[0]
        close(row.n, entry, "n_pairs")
        close(row.estimate, entry, "mean_change")
        close(pairs.sd_change, entry, "sd_change")
        close(pairs.correlation, entry, "r")
