"""Two independent groups against R 4.2.2 (base), effectsize 0.8.3 and metafor 3.8-1.

Outside truth: oracles/independent.json; tolerances are the entries' own.
"""

from __future__ import annotations

import numpy as np
import pytest

from socmeasures.effects.mean_difference import cohens_d, difference_in_means, glass_delta, hedges_g
from socmeasures.effects.noncentral import small_sample_factor
from socmeasures.effects.ordinal import cliffs_delta, probability_of_superiority, rank_biserial

pytestmark = pytest.mark.needs("shared")


def _groups(name, data_csv):
    if name.startswith("mtcars"):
        data = data_csv("r_datasets/mtcars.csv")
        y = data[name.split("_")[1]]
        return y[data.am == 0], y[data.am == 1]
    if name.startswith("btheb"):
        data = data_csv("hsaur/BtheB_hsaur3.csv")
        y = data["bdi.pre" if name == "btheb_baseline" else "bdi.2m"]
        return y[data.treatment == "BtheB"], y[data.treatment == "TAU"]
    data = data_csv("socsupport/socsupport.csv")
    return data.BDI[data.gender == "female"], data.BDI[data.gender == "male"]


CASES = (
    "mtcars_mpg_am",
    "mtcars_wt_am",
    "btheb_baseline",
    "btheb_2m_unadjusted",
    "socsupport_bdi_gender",
)


@pytest.mark.parametrize("name", CASES)
def test_mean_differences_agree_with_r(name, oracle, close, data_csv):
    entry = oracle("independent")[name]
    treated, control = _groups(name, data_csv)
    for equal, stem in ((True, "student"), (False, "welch")):
        test = difference_in_means(treated, control, equal_variances=equal)
        close(test.estimate, entry, "diff")
        close(test.estimate / test.se, entry, f"{stem}_t")
        close(test.df, entry, f"{stem}_df")
        close(test.p_value, entry, f"{stem}_p")
        close(test.ci_low, entry, f"{stem}_low")
        close(test.ci_high, entry, f"{stem}_high")
    assert test.n == entry["expected"]["n1"] + entry["expected"]["n0"]


@pytest.mark.parametrize("name", CASES)
def test_standardised_differences_agree_with_r(name, oracle, close, data_csv):
    entry = oracle("independent")[name]
    treated, control = _groups(name, data_csv)
    d, g = cohens_d(treated, control), hedges_g(treated, control)
    close(d.estimate, entry, "d_pooled")
    close(d.ci_low, entry, "d_nct_low")
    close(d.ci_high, entry, "d_nct_high")
    close(small_sample_factor(d.df), entry, "J")
    close(g.estimate, entry, "g")
    close(g.ci_low, entry, "g_low")
    close(g.ci_high, entry, "g_high")
    close(cohens_d(treated, control, equal_variances=False).estimate, entry, "d_average_sd")
    close(glass_delta(treated, control).estimate, entry, "glass_delta_sd0")


@pytest.mark.parametrize("name", CASES)
def test_rank_statistics_agree_with_r(name, oracle, close, data_csv):
    entry = oracle("independent")[name]
    treated, control = _groups(name, data_csv)
    superiority = probability_of_superiority(treated, control)
    delta = rank_biserial(treated, control)
    want = entry["expected"]
    close(superiority.estimate, entry, "prob_superiority")
    close((superiority.estimate - 0.5) / superiority.se, entry, "brunner_munzel_t")
    close(superiority.df, entry, "brunner_munzel_df")
    close(superiority.p_value, entry, "brunner_munzel_p")
    close(superiority.estimate * want["n1"] * want["n0"], entry, "U")
    close(delta.estimate, entry, "rank_biserial")
    close(delta.p_value, entry, "mw_p_corrected")
    assert cliffs_delta(treated, control).estimate == delta.estimate


@pytest.mark.parametrize("name", ["mtcars_mpg", "mtcars_wt"])
def test_other_intervals_agree_with_effectsize(name, oracle, close, data_csv):
    entry = oracle("independent")[f"{name}_effectsize"]
    treated, control = _groups(name, data_csv)
    d = cohens_d(treated, control, equal_variances=False)
    close(d.estimate, entry, "d_unpooled")
    close(d.ci_low, entry, "d_unpooled_low")
    close(d.ci_high, entry, "d_unpooled_high")
    glass = glass_delta(treated, control)
    close(glass.estimate, entry, "glass")
    close(glass.ci_low, entry, "glass_low")
    close(glass.ci_high, entry, "glass_high")
    ranks = rank_biserial(treated, control, ci_method="normal")
    close(ranks.estimate, entry, "rank_biserial")
    close(ranks.ci_low, entry, "rb_low")
    close(ranks.ci_high, entry, "rb_high")


def test_summary_statistics_agree_with_metafor(oracle, close):
    entry = oracle("independent")["escalc_summary"]
    want = entry["data"]["inline"]
    first = want["m1"] + want["sd1"] * _unit(want["n1"])
    second = want["m2"] + want["sd2"] * _unit(want["n2"])
    g = hedges_g(first, second)
    close(g.estimate, entry, "SMD_yi")
    close(g.se**2, entry, "SMD_vi")
    delta = glass_delta(first, second, correct=True)
    close(delta.estimate, entry, "SMD1_yi")
    close(delta.se**2, entry, "SMD1_vi")
    close(difference_in_means(first, second).se ** 2, entry, "MD_vi")


def _unit(n):
    x = np.arange(n, dtype=float)
    return (x - x.mean()) / x.std(ddof=1)
