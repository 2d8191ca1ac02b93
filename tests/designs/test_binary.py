"""Yes-or-no outcomes of a trial."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.demo.trial import WAVES, simulated_trial
from socmeasures.designs.binary import compare_risks
from socmeasures.designs.study import Study
from socmeasures.effects.proportions import risk_difference
from socmeasures.errors import ClusterAllocationError, EventError, SeparationError, SmallArmError


def study_of(data, **more):
    choices = {
        "arm": "arm", "control": "usual care", "allocation": "individual",
        "better": {"lonely": "lower", "loneliness": "lower"}, **more,
    }  # fmt: skip
    return Study(data, person="id", wave="wave", waves=WAVES, **choices)


@pytest.fixture
def data():
    return simulated_trial()


def rows_of(result):
    return pd.concat([result.to_frame(), result.tables["ratios"]]).set_index("term")


def test_unadjusted_shares_are_those_in_the_data(data):
    result = compare_risks(study_of(data), "lonely", wave="6m")
    here = data[data["wave"] == "6m"].groupby("arm")["lonely"].agg(["sum", "count"])
    new, usual = here.loc["befriending"], here.loc["usual care"]
    want = risk_difference(new["sum"], new["count"], usual["sum"], usual["count"])
    row = rows_of(result).loc["risk difference"]
    assert (row["estimate"], row["ci_low"], row["ci_high"]) == pytest.approx(
        (want.estimate, want.ci_low, want.ci_high)
    )
    assert row["n"] + row["n_excluded"] == 90


def test_the_nnt_stands_beside_both_shares_and_names_its_time_point(data):
    table = compare_risks(study_of(data), "lonely", wave="12m").tables["number needed to treat"]
    row = table.iloc[0]
    assert row["wave"] == "12m"
    assert row["nnt"] == pytest.approx(1 / abs(row["share_treated"] - row["share_control"]))
    assert row["nnt_text"].startswith("NNT")


def test_without_a_known_direction_there_is_no_nnt(data):
    result = compare_risks(study_of(data, better=None), "lonely", wave="12m")
    assert "number needed to treat" not in result.tables
    assert any("good or bad" in note for note in result.notes)
    told = compare_risks(study_of(data, better=None), "lonely", wave="12m", event="bad")
    assert "number needed to treat" in told.tables


def test_a_cut_off_makes_responders_and_flips_what_is_good(data):
    low = compare_risks(study_of(data), "loneliness", wave="12m", at_most=11.9)
    high = compare_risks(study_of(data), "loneliness", wave="12m", at_least=12)
    assert rows_of(low).loc["risk difference", "estimate"] == pytest.approx(
        -rows_of(high).loc["risk difference", "estimate"]
    )
    assert low.tables["number needed to treat"]["nnt"][0] == pytest.approx(
        high.tables["number needed to treat"]["nnt"][0]
    )
    assert low.tables["number needed to treat"]["is_benefit"][0]


def test_adjusted_shares_come_from_g_computation(data):
    result = compare_risks(
        study_of(data), "lonely", wave="12m", covariates="age", baseline="baseline"
    )
    assert "g-computation" in result.methods
    assert result.tables["shares"]["share"].between(0, 1).all()
    delta = compare_risks(
        study_of(data), "lonely", wave="12m", covariates="age", baseline="baseline", se="delta"
    )
    assert rows_of(delta).loc["risk difference", "se"] != pytest.approx(
        rows_of(result).loc["risk difference", "se"], rel=1e-6
    )


def test_without_covariates_the_sandwich_is_the_share_s_own_variance():
    from socmeasures.models.logistic import fit_logistic

    arm = np.repeat([1.0, 0.0], [30, 20])
    y = np.r_[np.ones(12), np.zeros(18), np.ones(5), np.zeros(15)]
    X = np.column_stack([np.ones(50), arm])
    fit = fit_logistic(y, X, ["one", "arm"])
    risks, cov = fit.standardised([np.c_[np.ones(50), np.ones(50)], np.c_[np.ones(50), 0 * arm]])
    assert risks == pytest.approx([0.4, 0.25])
    wald = 0.4 * 0.6 / 30 + 0.25 * 0.75 / 20
    assert [1, -1] @ cov @ [1, -1] == pytest.approx(wald * 50 / 48, rel=1e-6)


def test_relabelling_the_arms_flips_the_sign(data):
    mine = rows_of(compare_risks(study_of(data), "lonely", wave="12m"))
    other = rows_of(compare_risks(study_of(data, control="befriending"), "lonely", wave="12m"))
    assert mine.loc["risk difference", "estimate"] == pytest.approx(
        -other.loc["risk difference", "estimate"]
    )
    assert mine.loc["risk ratio", "estimate"] == pytest.approx(
        1 / other.loc["risk ratio", "estimate"]
    )


def test_what_has_no_estimate_is_refused(data):
    with pytest.raises(EventError, match="other values than 0 and 1"):
        compare_risks(study_of(data), "loneliness", wave="12m")
    with pytest.raises(EventError, match="one cut-off"):
        compare_risks(study_of(data), "loneliness", wave="12m", at_least=3, at_most=9)
    with pytest.raises(ClusterAllocationError):
        by_site(data)
    perfect = data.assign(lonely=(data["arm"] == "befriending") * 1)
    with pytest.raises(SeparationError, match="has no estimate"):
        compare_risks(study_of(perfect), "lonely", wave="12m", covariates="age")
    alone = data[(data["wave"] != "12m") | (data["arm"] == "usual care")]
    with pytest.raises(SmallArmError):
        compare_risks(study_of(alone), "lonely", wave="12m")


def by_site(data):
    moved = data.assign(arm=np.where(data["site"] == "Harbour", "new", "usual care"))
    study = study_of(moved, cluster="site", allocation="cluster")
    return compare_risks(study, "lonely", wave="12m")


def test_an_event_nobody_has_gives_a_difference_and_no_ratio(data):
    none = data.assign(lonely=0)
    result = compare_risks(study_of(none), "lonely", wave="12m")
    assert result.to_frame()["term"].tolist() == ["risk difference"]
    assert "ratios" not in result.tables
    assert pd.isna(result.tables["number needed to treat"]["nnt"][0]) or np.isinf(
        result.tables["number needed to treat"]["nnt"][0]
    )
