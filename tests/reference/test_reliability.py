"""Internal consistency and retest against R 4.2.2: psych 2.2.9 and lavaan 0.6.14.

Outside truth: oracles/reliability.json; tolerances are the entries' own. Left out are the entries
of methods the library does not offer: pairwise covariances, Guttman's lambdas, Duhachek's error,
kappa, polychoric alpha, split halves, three-factor omega.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.effects.reliability import internal_consistency, spearman_brown
from socmeasures.effects.retest import icc, measurement_error, retest_correlation
from socmeasures.responses.reading import read
from socmeasures.scoring.reliability import item_statistics

pytestmark = pytest.mark.needs("shared")

UCLA3, DJG = "study01_loneliness_long_items.csv", "study02_loneliness_extended_long_items.csv"
CALM = [
    *("calm", "secure", "at.ease", "rested", "comfortable"),
    *("confident", "relaxed", "content", "joyful", "pleasant"),
]
TENSE = [
    *("tense", "regretful", "upset", "worrying", "anxious"),
    *("nervous", "jittery", "high.strung", "worried", "rattled"),
]


def keyed(data, names, turn):
    """Columns by name; a minus means reversed as `turn` less the answer."""
    columns = [turn - data[n[1:]] if n.startswith("-") else data[n] for n in names.split()]
    return np.column_stack(columns).astype(float)


def bfi(names):
    return lambda shared: keyed(pd.read_csv(shared / "data/psych_bfi/bfi.csv"), names, 7)


def ds14(names):
    return lambda shared: keyed(pd.read_csv(shared / "data/mokken/DS14.csv"), names, 4)


def cope(shared):
    data = pd.read_csv(shared / "data/sav_efc/efc.csv")
    return data[[c for c in data if "cop" in c]].to_numpy(float)


def covid(file, wave):
    def table(shared):
        data = pd.read_csv(shared / "data/covid_gaming" / file)
        mine = data[data.lockdown_period == wave]
        return mine.pivot(index="pid", columns="item", values="score").to_numpy(float)

    return table


def hotel(names):
    return lambda shared: keyed(read(shared / "data/sav_pspp/hotel.sav")[0], names, 6)


ALPHA_ONLY = {
    "bfi_agree_not_reversed": bfi("A1 A2 A3 A4 A5"),
    "efc_cope9": cope,
    "covid2_djg11_before": covid(DJG, "before"),
    "covid2_djg11_during": covid(DJG, "during"),
    "hotel_3_items": hotel("v1 -v3 v4"),
    "hotel_unfit_set": hotel("v2 -v5 v4"),
}
WITH_OMEGA = {
    "bfi_agree": bfi("-A1 A2 A3 A4 A5"),
    "bfi_consc": bfi("C1 C2 C3 -C4 -C5"),
    "bfi_extra": bfi("-E1 -E2 E3 E4 E5"),
    "bfi_neuro": bfi("N1 N2 N3 N4 N5"),
    "bfi_open": bfi("O1 -O2 O3 O4 -O5"),
    "covid1_ucla3_before": covid(UCLA3, "before"),
    "covid1_ucla3_during": covid(UCLA3, "during"),
    "ds14_negative_affectivity": ds14("Na2 Na4 Na5 Na7 Na9 Na12 Na13"),
    "ds14_social_inhibition": ds14("-Si1* -Si3* Si6 Si8 Si10 Si11 Si14"),
}


@pytest.mark.parametrize("name", [*ALPHA_ONLY, *WITH_OMEGA])
def test_alpha_and_item_statistics_equal_psych_on_complete_rows(name, oracle, close, shared):
    entry = oracle("reliability")[f"{name}_alpha"]
    found = internal_consistency((ALPHA_ONLY | WITH_OMEGA)[name](shared))

    assert (found.n, found.k) == (entry["expected"]["n_complete"], entry["expected"]["k"])
    for key, got in {
        "alpha": found.alpha.estimate,
        "feldt_low": found.alpha.ci_low,
        "feldt_high": found.alpha.ci_high,
        "std_alpha": found.standardised_alpha,
        "mean_inter_item_r": found.mean_inter_item_r,
        "scale_mean": found.mean,
        "scale_sd": found.sd,
        "sem": found.sem,
    }.items():
        close(got, entry, key)
    for key, values in {
        "item_rest_r": found.item_rest_r,
        "alpha_if_dropped": found.alpha_if_dropped,
        "item_mean": found.item_means,
        "item_sd": found.item_sds,
    }.items():
        for got, want in zip(values, entry["expected"][key], strict=True):
            close(float(got), entry, key, want)


@pytest.mark.parametrize("name", WITH_OMEGA)
def test_omega_and_loadings_equal_lavaan(name, oracle, close, shared):
    entry = oracle("reliability")[f"{name}_omega"]
    found = internal_consistency(WITH_OMEGA[name](shared)).factor

    close(found.omega, entry, "omega_cfa_ml")
    close(found.chi_square, entry, "chisq")
    for got, want in zip(found.loadings, entry["expected"]["loadings_ml"], strict=True):
        close(float(got), entry, "loadings_ml", want)


@pytest.mark.parametrize("name", WITH_OMEGA)
def test_omega_agrees_with_lavaan_far_closer_than_its_tolerance(name, oracle, shared):
    want = oracle("reliability")[f"{name}_omega"]["expected"]["omega_cfa_ml"]
    assert internal_consistency(WITH_OMEGA[name](shared)).omega == pytest.approx(want, abs=1e-6)


@pytest.mark.parametrize(
    ("case", "scale", "score"),
    [
        ("ucla20_listwise", "ucla20_v3", "total"),
        ("mspss_total_listwise", "mspss", "total"),
        ("mspss_so_listwise", "mspss", "significant_other"),
        ("mspss_fam_listwise", "mspss", "family"),
        ("mspss_fri_listwise", "mspss", "friends"),
    ],
)
def test_item_statistics_of_raw_answers_equal_psych(case, scale, score, oracle, close, shared):
    entry = oracle("reliability")["proscorer_alphas"]
    stem, prefix = ("ucla20", "ucla") if scale == "ucla20_v3" else ("mspss12", "mspss")
    data = pd.read_csv(shared / f"data/proscorer_oracle/{stem}_items.csv")
    names = {int(c.removeprefix(prefix)): c for c in data.columns if c != "id"}
    found = item_statistics(data, scale, items=names, score=score, coding="canonical")

    want = entry["expected"][case]
    assert found.alpha.n == want["n"]
    close(found.alpha.estimate, entry, "alpha", want["alpha"])
    close(found.consistency.standardised_alpha, entry, "std_alpha", want["std_alpha"])
    close(found.consistency.mean_inter_item_r, entry, "avg_r", want["avg_r"])


FORMS = {
    "ICC1": ("one-way", "single"),
    "ICC2": ("agreement", "single"),
    "ICC3": ("consistency", "single"),
    "ICC1k": ("one-way", "average"),
    "ICC2k": ("agreement", "average"),
    "ICC3k": ("consistency", "average"),
}


@pytest.mark.parametrize("form", FORMS)
def test_icc_equals_psych_on_the_judges_of_shrout_and_fleiss(form, oracle, close):
    entry = oracle("reliability")["shrout_fleiss_icc"]
    kind, unit = FORMS[form]
    found = icc(entry["data"]["inline"]["ratings"], kind=kind, unit=unit)

    want = entry["expected"][form]
    close(found.estimate, entry, form, want["icc"])
    close(found.ci_low, entry, form, want["low"])
    close(found.ci_high, entry, form, want["high"])
    close(found.p_value, entry, form, want["p"])


def test_retest_of_state_anxiety_equals_psych(oracle, close, shared):
    entry = oracle("reliability")["sai_rim_retest"]
    data = pd.read_csv(shared / "data/psychtools_stai/sai.csv")
    data = data[(data.study == "RIM") & data.time.isin([1, 3])]
    points = data[TENSE].join(5 - data[CALM])
    total = points.sum(axis=1).where(points.notna().all(axis=1))
    wide = data.assign(total=total).pivot(index="id", columns="time", values="total")
    both = wide.dropna()

    r = retest_correlation(wide[1], wide[3])
    error = measurement_error(wide[1], wide[3])
    assert r.n == error.n == entry["expected"]["n"]
    close(r.estimate, entry, "r")
    close(icc(both, kind="agreement").estimate, entry, "icc_2_1")
    close(icc(wide, kind="consistency").estimate, entry, "icc_3_1")
    close(error.mean_difference, entry, "mean_difference")
    close(error.sd_difference, entry, "sd_difference")
    close(error.sem, entry, "sem_from_differences")
    close(error.limits_of_agreement[0], entry, "loa_low")
    close(error.limits_of_agreement[1], entry, "loa_high")


def test_spearman_brown_equals_its_definition(oracle, close):
    entry = oracle("reliability")["spearman_brown"]
    given = entry["data"]["inline"]
    for factor, want in zip(given["factor"], entry["expected"]["predicted"], strict=True):
        close(spearman_brown(given["reliability"], factor), entry, "predicted", want)


def test_split_half_steps_up_by_spearman_brown(oracle, close):
    entry = oracle("reliability")["bfi_neuro_split_half"]
    stepped_up = spearman_brown(entry["expected"]["r_halves"], 2)
    close(stepped_up, entry, "spearman_brown_equal_length")
