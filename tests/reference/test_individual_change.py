"""Reliable change against R 4.2.2 and clinicalsignificance 2.1 (its printed counts).

Outside truth: oracles/reliable_change.json and the paired entries of proportions.json.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.designs.individual_change import reliable_change
from socmeasures.designs.published import Norm, Reliability
from socmeasures.designs.study import Study
from socmeasures.effects.individual_change import (
    cut_offs,
    reliable_change_index,
    smallest_countable_change,
    standard_error_of_measurement,
)
from socmeasures.effects.paired_proportions import paired_difference
from socmeasures.effects.proportions import risk_difference, wilson_interval
from socmeasures.errors import SocmeasuresWarning

pytestmark = pytest.mark.needs("shared")

METHODS = {
    "JT": "jacobson-truax",
    "EN": "edwards-nunnally",
    "GLN": "gulliksen-lord-novick",
    "HLL": "hsu-linn-lord",
    "NK": "nunnally-kotsch",
    "HA": "hageman-arrindell",
}
SUITES = {"claus_hamd": 0.8, "jacobson1989_das": 0.88, "btheb_bdi": 0.86, "covid1_ucla3": 0.81}


def _wide(data, person, when, value, first, last):
    table = data.pivot(index=person, columns=when, values=value)
    both = table[[first, last]].dropna()
    return both[first].to_numpy(), both[last].to_numpy()


def _pairs(suite, data_csv):
    if suite == "claus_hamd":
        return _wide(data_csv("clinicalsignificance/claus_2020.csv"), "id", "time", "hamd", 1, 4)
    if suite == "jacobson1989_das":
        return _wide(
            data_csv("clinicalsignificance/jacobson_1989.csv"), "subject", "time", "das",
            "pre", "post",
        )  # fmt: skip
    if suite == "btheb_bdi":
        data = data_csv("hsaur/BtheB_hsaur3.csv").dropna(subset="bdi.2m")
        return data["bdi.pre"].to_numpy(float), data["bdi.2m"].to_numpy(float)
    data = data_csv("covid_gaming/study01_loneliness_long_items.csv")
    items = data.pivot(index=["pid", "lockdown_period"], columns="item", values="score")
    total = items.sum(axis=1).where(items.notna().all(axis=1)).unstack().dropna()
    return total["before"].to_numpy(), total["during"].to_numpy()


@pytest.mark.parametrize("suite", SUITES)
def test_building_blocks_agree_with_r(suite, oracle, close, data_csv):
    entry = oracle("reliable_change")[f"{suite}_pieces"]
    before, after = _pairs(suite, data_csv)
    sem = standard_error_of_measurement(before.std(ddof=1), SUITES[suite])
    assert len(before) == entry["expected"]["n"]
    close(after.mean(), entry, "mean_post")
    close(sem, entry, "sem")
    close(sem * np.sqrt(2), entry, "s_diff")
    close(smallest_countable_change(sem), entry, "reliable_change_points_95")


@pytest.mark.parametrize(
    ("suite", "short"),  # only one data set has a later reliability, which NK needs
    [(s, m) for s in SUITES for m in METHODS if m != "NK" or s == "claus_hamd"],
)
def test_every_index_agrees_with_r(suite, short, oracle, close, data_csv):
    entry = oracle("reliable_change")[f"{suite}_{short}"]
    before, after = _pairs(suite, data_csv)
    r, sd = SUITES[suite], before.std(ddof=1)
    found = reliable_change_index(
        after, before, sem=standard_error_of_measurement(sd, r), reliability=r, sd=sd,
        method=METHODS[short], post_reliability=0.5,
    )  # fmt: skip
    for got, want in zip(found.index, entry["expected"]["rci"], strict=True):
        close(got, entry, "rci", want)
    lower_is_better = suite != "jacobson1989_das"
    improved = found.lower if lower_is_better else found.higher
    assert improved == entry["expected"]["improved"]
    assert found.same == entry["expected"]["unchanged"]
    share = wilson_interval(improved, len(before))
    close(share.estimate, entry, "share_improved")
    close(share.ci_low, entry, "wilson_low")
    close(share.ci_high, entry, "wilson_high")


def _claus(data_csv, column="hamd"):
    data = data_csv("clinicalsignificance/claus_2020.csv")
    return Study(
        data, person="id", wave="time", waves={"start": 1, "end": 4}, arm="treatment",
        control="TAU", allocation="individual", better={column: "lower"},
    )  # fmt: skip


def test_counts_are_those_the_r_package_prints(oracle, data_csv):
    entry = oracle("reliable_change")["claus_hamd_published_counts"]["expected"]
    combined = oracle("reliable_change")["claus_hamd_published_combined"]["expected"]
    reliability = Reliability(0.8, kind="test-retest", source="as the package")
    with pytest.warns(SocmeasuresWarning, match="SD of these"):
        result = reliable_change(
        _claus(data_csv), "hamd", reliability=reliability,
        sd="sample", post_reliability=0.5, cutoff="c",
        functional=Norm(mean=8, sd=8, source="as the package"), sensitivity=True,
    )  # fmt: skip
    table = result.tables["by every method"].set_index(["method", "category"])["n"]
    for short, method in METHODS.items():
        want = entry["NK_post_reliability_.5" if short == "NK" else short]
        for category, word in (
            ("better", "improved"),
            ("no reliable change", "unchanged"),
            ("worse", "deteriorated"),
        ):
            assert table[method, category] == want[word], (method, category)
    steps = result.tables["cut-off"].set_index("category")["n"]
    assert steps["recovered"] == combined["JT"]["recovered"]
    assert steps["better, not past the cut-off"] == combined["JT"]["improved"]
    close_to = oracle("reliable_change")["claus_hamd_JT"]["expected"]["combined_with_cutoff"]
    assert result.constants["cutoff"] == pytest.approx(close_to["cutoff"])


def test_the_worked_example_of_jacobson_and_truax(oracle, close):
    entry = oracle("reliable_change")["jacobson_truax_1991"]
    one = entry["data"]["inline"]
    sem = standard_error_of_measurement(one["sd_clinical"], one["reliability"])
    close(sem, entry, "sem")
    close(reliable_change_index([one["post"]], [one["pre"]], sem=sem).index[0], entry, "rci")
    found = cut_offs(
        clinical=(one["m_clinical"], one["sd_clinical"]),
        functional=(one["m_functional"], one["sd_functional"]), better="higher",
    )  # fmt: skip
    for name in "abc":
        close(getattr(found, name), entry, name)


def test_cut_offs_with_unequal_spreads(oracle, close):
    entry = oracle("reliable_change")["cutoffs_unequal_sd"]
    one = entry["data"]["inline"]
    found = cut_offs(
        clinical=(one["m_clinical"], one["sd_clinical"]),
        functional=(one["m_functional"], one["sd_functional"]), better="lower",
    )  # fmt: skip
    for name in "abc":
        close(getattr(found, name), entry, name)


def test_minimal_important_change_by_arm(oracle, close, data_csv):
    entry = oracle("reliable_change")["claus_bdi_anchor_7"]["expected"]
    by_arm = oracle("reliable_change")["claus_bdi_responders_by_arm"]
    result = reliable_change(
        _claus(data_csv, "bdi"), "bdi", sem=2.0, sem_source="any", minimal_important=7,
        minimal_important_source="as the package", by_arm=True,
    )  # fmt: skip
    table = result.tables["by a minimal important change"]
    counts = table.set_index(["arm", "category"])["n"]
    for word, category in (
        ("improved", "better"),
        ("unchanged", "neither"),
        ("deteriorated", "worse"),
    ):
        assert counts["all", category] == entry[word]
        for arm in ("TAU", "PA"):
            assert counts[arm, category] == entry[arm][word]
    found = risk_difference(int(counts["PA", "better"]), 21, int(counts["TAU", "better"]), 19)
    close(found.estimate, by_arm, "risk_difference")
    close(found.ci_low, by_arm, "newcombe_low")
    close(found.ci_high, by_arm, "newcombe_high")
    close(int(counts["PA", "better"]) / 21, by_arm, "PA")


def test_half_of_the_score_at_the_start(oracle, data_csv):
    want = oracle("reliable_change")["claus_hamd_percent_50"]["expected"]
    result = reliable_change(_claus(data_csv), "hamd", sem=1.5, sem_source="any", percent=50)
    counts = result.tables["by per cent of the score before"].set_index(["arm", "category"])["n"]
    assert counts["all", "better"] == want["improved"]
    assert counts["all", "neither"] == want["unchanged"]
    assert counts["all", "worse"] == want["deteriorated"]


def test_reliable_change_by_arm(oracle, data_csv):
    want = oracle("reliable_change")["btheb_bdi_JT_by_arm"]["expected"]
    data = data_csv("hsaur/BtheB_hsaur3.csv")
    wide = pd.DataFrame(
        {"id": data.index, "arm": data.treatment, "bdi__pre": data["bdi.pre"],
         "bdi__m2": data["bdi.2m"]}
    )  # fmt: skip
    study = Study.from_wide(
        wide, person="id", waves=["pre", "m2"], arm="arm", control="TAU",
        allocation="individual", better={"bdi": "lower"},
    )  # fmt: skip
    both = data.dropna(subset="bdi.2m")
    result = reliable_change(
        study, "bdi", reliability=Reliability(
            0.86, kind="test-retest", sd=both["bdi.pre"].std(), source="any"
        ),
        by_arm=True,
    )  # fmt: skip
    counts = result.to_frame().set_index(["arm", "category"])["n"]
    for arm in ("BtheB", "TAU"):
        assert counts[arm, "better"] == want[arm]["improved"]
        assert counts[arm, "worse"] == want[arm]["deteriorated"]
        assert counts[arm, "no reliable change"] == want[arm]["unchanged"]
    difference = result.tables["difference between arms"].set_index("category").loc["better"]
    assert difference["estimate"] == pytest.approx(15 / 52 - 6 / 45)


@pytest.mark.parametrize("name", ["paired_20_15_5_10", "paired_36_12_2_0"])
def test_paired_shares_agree_with_r(name, oracle, close):
    entry = oracle("proportions")[name]
    one = entry["data"]["inline"]
    _check_shares(
        (one["both"], one["first_only"], one["second_only"], one["neither"]), entry, close
    )


def test_the_share_lonely_before_and_during(oracle, close, data_csv):
    entry = oracle("proportions")["covid1_lonely_before_during"]
    before, after = (v >= 6 for v in _pairs("covid1_ucla3", data_csv))
    counts = (
        int(np.sum(before & after)),
        int(np.sum(~before & after)),
        int(np.sum(before & ~after)),
        int(np.sum(~before & ~after)),
    )
    want = entry["expected"]
    assert counts == (want["both"], want["during_only"], want["before_only"], want["neither"])
    _check_shares(counts, entry, close)


def _check_shares(counts, entry, close):
    for method, name in (
        ("newcombe10", "newcombe_method10"),
        ("newcombe8", "newcombe_method8"),
        ("wald", "wald"),
    ):
        found = paired_difference(*counts, ci_method=method)
        close(found.estimate, entry, "difference")
        close(found.se, entry, "se_wald")
        close(found.ci_low, entry, f"{name}_low")
        close(found.ci_high, entry, f"{name}_high")
        close(found.p_value, entry, "mcnemar_exact_p")


def test_the_model_of_leaving_agrees_with_r(oracle, close, data_csv):
    from socmeasures.designs.attrition import attrition

    entry = oracle("proportions")["btheb_attrition_model"]
    data = data_csv("hsaur/BtheB_hsaur3.csv")
    wide = pd.DataFrame(
        {"id": data.index, "arm": data.treatment, "bdi__pre": data["bdi.pre"],
         "bdi__m8": data["bdi.8m"]}
    )  # fmt: skip
    study = Study.from_wide(
        wide, person="id", waves=["pre", "m8"], arm="arm", control="TAU", allocation="individual"
    )
    result = attrition(study, "bdi")
    model = result.tables["what predicts leaving"].set_index("term")
    for ours, theirs in (
        ("score at the start", "bdi.pre"),
        ("BtheB", "BtheB"),
        ("score at the start × BtheB", "bdi.pre:BtheB"),
    ):
        want = entry["expected"][theirs]
        for name, key in (("estimate", "b"), ("se", "se"), ("statistic", "z"), ("p_value", "p")):
            # R's glm takes its standard errors one iteration before the optimum it prints
            assert model.loc[ours, name] == pytest.approx(want[key], rel=3e-6, abs=1e-7)
        close(model.loc[ours, "estimate"], entry, "b", want["b"])
    first = result.to_frame().iloc[0]
    close(first["mean_stayed"], entry, "baseline_mean_stayed")
    close(first["mean_lost"], entry, "baseline_mean_lost")
    shares = oracle("proportions")["btheb_attrition_8m"]
    lost = result.tables["share lost"].set_index("arm")
    close(lost.loc["BtheB", "share"], shares, "p1")
    found = risk_difference(25, 52, 23, 48)
    close(found.ci_low, shares, "rd_newcombe_low")
    close(found.ci_high, shares, "rd_newcombe_high")
