"""The participant flow: counted from the study, and it must add up."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pandas as pd
import pytest

from socmeasures.demo.trial import WAVES, simulated_trial
from socmeasures.designs.flow import Flow, flow
from socmeasures.designs.repeated import mmrm
from socmeasures.designs.study import Study
from socmeasures.designs.trial import ancova
from socmeasures.errors import FlowError, OneArmError


@pytest.fixture
def study():
    return Study(
        simulated_trial(), person="id", wave="wave", waves=WAVES, arm="arm",
        control="usual care", allocation="individual",
    )  # fmt: skip


def count(found, stage, **cells):
    rows = found.to_frame()
    rows = rows[rows["stage"] == stage]
    for column, value in cells.items():
        rows = rows[rows[column] == value]
    return rows["n"].sum(min_count=1)


def test_everybody_allocated_is_measured_or_not_at_every_time_point(study):
    found = flow(study, outcome="loneliness")
    for arm in study.arms:
        for wave in WAVES:
            seen = count(found, "measured", arm=arm, wave=wave)
            gone = count(found, "not measured", arm=arm, wave=wave)
            assert seen + (0 if pd.isna(gone) else gone) == 45


def test_what_nobody_recorded_is_called_so(study):
    found = flow(study)
    assert pd.isna(count(found, "screened"))
    assert "not recorded" in str(found)
    assert any("screened or referred was not recorded" in note for note in found.notes)
    assert "reason not recorded" in set(found.to_frame()["reason"])


def test_numbers_given_are_checked_against_the_study(study):
    assert count(flow(study, screened=120, reasons={"declined": 30}), "screened") == 120
    with pytest.raises(FlowError, match="120 screened is not 90 allocated and 31 not allocated"):
        flow(study, screened=120, reasons={"declined": 31})
    with pytest.raises(FlowError, match="90 allocated is more than 80 screened"):
        flow(study, screened=80)
    with pytest.raises(FlowError, match="befriending at 12m"):
        flow(study, lost={"12m": {"befriending": {"moved away": 45}}})


def test_a_tampered_count_is_refused_wherever_it_stands(study):
    good = flow(study, screened=120, reasons={"declined": 30}, result=mmrm(study, "loneliness"))
    table = good.to_frame()
    counted = table["stage"] != "took part"
    for row in table.index[counted]:
        wrong = table.copy()
        wrong.loc[row, "n"] += 1
        with pytest.raises(FlowError, match="does not add up"):
            Flow(table=wrong, waves=good.waves, arms=good.arms)


def test_the_analysed_come_from_a_result(study):
    by_mmrm = flow(study, result=mmrm(study, "loneliness"))
    by_ancova = flow(study, result=ancova(study, "loneliness", wave="12m"))
    assert count(by_mmrm, "analysed") > count(by_ancova, "analysed")
    for found in (by_mmrm, by_ancova):
        out = count(found, "not analysed")
        assert count(found, "analysed") + (0 if pd.isna(out) else out) == 90


def test_the_drawing_is_svg_with_every_count_and_a_text_alternative(study):
    found = flow(study, screened=120, reasons={"declined <by phone>": 30}, took_part="came")
    root = ElementTree.fromstring(found.to_svg())
    texts = "".join(root.itertext())
    assert root.tag.endswith("svg")
    assert "n = 120" in texts
    assert "declined <by phone> 30" in texts
    assert "Flow of participants" in texts
    assert "took part" in texts


def test_a_study_without_arms_has_no_trial_flow():
    one = Study(simulated_trial(), person="id", wave="wave", waves=WAVES)
    with pytest.raises(OneArmError):
        flow(one)


def test_whole_clusters_are_counted_beside_their_people():
    from socmeasures.demo.clusters import simulated_cluster_trial
    from socmeasures.designs.clustered import cluster_trial

    data = simulated_cluster_trial()
    lost = data["agency"].eq("agency 01") & data["wave"].eq("6m")
    study = Study(
        data[~lost], person="id", wave="wave", waves=["start", "6m", "12m"], arm="arm",
        control="usual care", cluster="agency", allocation="cluster",
    )  # fmt: skip
    one = flow(
        study, outcome="loneliness", result=cluster_trial(study, "loneliness", wave="6m")
    ).to_frame()
    clusters = one.set_index(["stage", "arm", "wave"])["n_clusters"]
    assert clusters["allocated"].tolist() == [7, 7]
    assert sorted(clusters["measured"].loc[:, "6m"]) == [6, 7]
    assert sorted(clusters["analysed"]) == [6, 7]
    assert "in 14 clusters" in flow(study).to_svg()
    every = flow(study, result=cluster_trial(study, "loneliness")).to_frame()
    assert every.loc[every["stage"] == "analysed", "n_clusters"].tolist() == [7, 7]
