"""No analysis ignores that whole clusters were allocated: each refuses, or allows for them."""

from __future__ import annotations

import inspect
import warnings

import numpy as np
import pandas as pd
import pytest

import socmeasures as soc
from socmeasures.demo.clusters import simulated_cluster_trial, simulated_volunteers
from socmeasures.errors import ClusterAllocationError, SocmeasuresWarning

NORM = soc.Norm(mean=11, sd=3, n=900, source="Survey (year)", country="England", year=2011)
RELIABILITY = soc.Reliability(0.8, kind="test-retest", sd=3.0, source="Author (year)")


@pytest.fixture(scope="module")
def data():
    data = simulated_cluster_trial()
    return data.assign(
        contacts=np.round(data["loneliness"] / 4).astype(int),
        answer=pd.Categorical(
            np.select(
                [data["loneliness"] < 9, data["loneliness"] < 13], ["never", "some"], "often"
            ),
            categories=["never", "some", "often"],
            ordered=True,
        ),
    )


@pytest.fixture(scope="module")
def study(data):
    return soc.Study(
        data, person="id", wave="wave", waves=["start", "6m", "12m"], arm="arm",
        control="usual care", cluster="agency", allocation="cluster",
        better={"loneliness": "lower", "lonely": "lower"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def alone(data):
    """The same people as if there were no clusters."""
    return soc.Study(
        data, person="id", wave="wave", waves=["start", "6m", "12m"],
        better={"loneliness": "lower", "lonely": "lower"},
    )  # fmt: skip


REFUSES = {
    "ancova": lambda s: soc.ancova(s, "loneliness", wave="6m"),
    "mmrm": lambda s: soc.mmrm(s, "loneliness"),
    "compare_risks": lambda s: soc.compare_risks(s, "lonely", wave="6m"),
    "compare_counts": lambda s: soc.compare_counts(s, "contacts", wave="6m"),
    "table_one": lambda s: soc.table_one(s, ["age"], p_values=True),
}
ALLOWS = {  # the analysis, and where its interval stands
    "pre_post": lambda s: soc.pre_post(s, "loneliness", waves=["start", "6m"]).to_frame(),
    "pre_post, yes or no": lambda s: soc.pre_post(s, "lonely", waves=["start", "6m"]).to_frame(),
    "pre_post, ordered": lambda s: soc.pre_post(s, "answer", waves=["start", "6m"]).to_frame(),
    "pre_post, equivalence": lambda s: soc.pre_post(
        s, "loneliness", waves=["start", "6m"], within={"loneliness": (-3, 3)}
    ).tables["equivalence"],
    "pre_post_counts": lambda s: soc.pre_post_counts(
        s, "contacts", waves=["start", "6m"]
    ).to_frame(),
    "reliable_change": lambda s: soc.reliable_change(
        s, "loneliness", reliability=RELIABILITY, waves=["start", "6m"]
    ).to_frame()[lambda t: t["arm"] == "all"],
    "regression_to_the_mean": lambda s: soc.regression_to_the_mean(
        s, "loneliness", waves=["start", "6m"]
    ).to_frame(),
    "compare_with_norm": lambda s: soc.compare_with_norm(s, "loneliness", NORM).to_frame(),
    "attrition": lambda s: soc.attrition(s, "loneliness", waves=["start", "6m"]).tables[
        "share lost"
    ][lambda t: t["arm"] == "all"],
}
ELSEWHERE = {
    "cluster_trial": "the analysis itself",
    "flow": "counts, no interval",
    "harms": "below",
    "population": "a smaller study, refused and allowed for like the whole",
    "by_service": "one service at a time",
    "study_schema": "no numbers",
    "attrition": "above and below",
}


def _analyses():
    found = []
    for name in soc.__all__:
        thing = getattr(soc, name)
        if inspect.isfunction(thing) and next(iter(inspect.signature(thing).parameters), "") == (
            "study"
        ):
            found.append(name)
    return found


def test_every_public_analysis_of_a_study_is_in_these_tables():
    known = {name.partition(",")[0] for name in (*REFUSES, *ALLOWS, *ELSEWHERE)}
    assert set(_analyses()) <= known


@pytest.mark.parametrize("name", REFUSES)
def test_refuses_and_names_cluster_trial(name, study):
    with pytest.raises(ClusterAllocationError, match="cluster_trial") as refusal:
        REFUSES[name](study)
    assert "'agency'" in str(refusal.value)


@pytest.mark.parametrize("name", ALLOWS)
def test_the_interval_allows_for_the_clusters(name, study, alone):
    by_cluster = ALLOWS[name](study)
    ignoring = ALLOWS[name](alone)
    kept = [c for c in ("ci_low", "ci_high") if c in by_cluster]
    assert kept == ["ci_low", "ci_high"]
    here = by_cluster[kept].to_numpy(float)
    there = ignoring[kept].to_numpy(float)[: len(here)]
    assert np.isfinite(here).any()
    assert not np.allclose(here, there, equal_nan=True)


def test_differences_between_arms_of_single_people_are_of_clusters(study):
    result = soc.reliable_change(
        study, "loneliness", reliability=RELIABILITY, waves=["start", "6m"]
    )
    difference = result.tables["difference between arms"]
    assert difference["method"].str.contains("t test of 14 cluster means").all()
    by_arm = result.to_frame()[lambda t: t["arm"] == "befriending"]
    assert by_arm["method"].str.contains("CR2 by site").any()
    assert "by site" in result.tables


def test_harms_have_an_interval_by_cluster_or_none(data, study):
    table = soc.harms(study, "loneliness", wave="6m")
    worse = table[table["collected"]]
    assert worse["ci_low"].notna().all()
    few = data[data["agency"].isin([f"agency {k:02d}" for k in range(1, 9)])]
    small = soc.Study(
        few, person="id", wave="wave", waves=["start", "6m"], arm="arm", control="usual care",
        cluster="agency", allocation="cluster", better={"loneliness": "lower"},
    )  # fmt: skip
    table = soc.harms(small, "loneliness", wave="6m")
    assert table.loc[table["collected"], "ci_low"].isna().all()
    assert table.loc[table["collected"], "share"].notna().all()


def test_what_predicts_leaving_is_judged_by_cluster(study):
    model = soc.attrition(study, "loneliness", waves=["start", "6m"]).tables[
        "what predicts leaving"
    ]
    assert model["method"].str.contains("errors by site").all()


def test_results_of_a_cluster_trial_go_on_to_margins_and_missing_outcomes(study):
    result = soc.cluster_trial(study, "loneliness", wave="6m")
    row = result.to_frame().iloc[0]
    inferior = soc.non_inferiority(result, margin=1).to_frame().iloc[0]
    assert inferior["ci_low"] == pytest.approx(row["ci_low"])
    assert soc.equivalence_of(result, low=-3, high=3).to_frame()["df"].iloc[0] == row["df"]
    assert soc.missing_sensitivity(result, deltas=[0]).to_frame()["se"].min() >= row["se"] - 1e-12
    assert len(soc.plot_forest([result]).axes) == 1
    table = soc.estimand(result).set_index("attribute")
    assert "whole clusters" in table.loc["summary measure", "value"]


def test_a_permutation_test_has_no_standard_error_for_a_margin(study):
    result = soc.cluster_trial(study, "loneliness", wave="6m", engine="permutation")
    with pytest.raises(soc.SocmeasuresError, match="without a standard error"):
        soc.equivalence_of(result, low=-3, high=3)


def test_a_cluster_trial_takes_no_cluster_as_a_fixed_stratum(study):
    terms = soc.cluster_trial(study, "loneliness", wave="6m").tables["coefficients"]["term"]
    assert not any("agency" in term for term in terms)


# ------------------------------------------------------------------ facilitators


@pytest.mark.parametrize(
    "analysis",
    [
        lambda s: soc.ancova(s, "loneliness", wave="6m"),
        lambda s: soc.mmrm(s, "loneliness"),
        lambda s: soc.compare_risks(s, "loneliness", wave="6m", at_least=12),
        lambda s: soc.compare_counts(s, "contacts", wave="6m"),
    ],
)
def test_ignoring_facilitators_cannot_be_missed(analysis):
    data = simulated_volunteers()
    data["contacts"] = np.round(data["loneliness"] / 3)
    study = soc.Study(
        data, person="id", wave="wave", waves=["start", "6m"], arm="arm", control="usual care",
        facilitator="volunteer", allocation="individual", better={"loneliness": "lower"},
    )  # fmt: skip
    with pytest.warns(SocmeasuresWarning, match="cluster_trial"):
        result = analysis(study)
    assert result.notes[0].startswith("THE INTERVALS ARE TOO NARROW if people served by one")
    assert "cluster_trial(study, outcome, wave=...)" in result.summary
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        soc.cluster_trial(study, "loneliness")


def test_two_unlinked_surveys_allow_for_declared_clusters(data):
    before, after = (data[data["wave"] == wave] for wave in ("start", "6m"))
    plain = soc.unlinked_change(before, after, "loneliness")
    by_agency = soc.unlinked_change(before, after, "loneliness", cluster="agency")
    one, other = plain.to_frame().iloc[0], by_agency.to_frame().iloc[0]
    assert one["estimate"] == pytest.approx(other["estimate"])
    assert one["se"] != other["se"]
    assert "CR2 by cluster (14)" in other["method"]
    few = before["agency"].isin(["agency 01", "agency 02", "agency 03"])
    small = soc.unlinked_change(before[few], after, "loneliness", cluster="pair")
    assert any("alike" in n or "too narrow" in n for n in small.notes)
