"""Groups in one arm only: one volunteer serves several people, the others are by themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.demo.clusters import simulated_volunteers
from socmeasures.designs.clustered import cluster_trial
from socmeasures.designs.study import Study
from socmeasures.drawing.style import alt_text


def _study(data, **more):
    options = {
        "person": "id", "wave": "wave", "waves": ["start", "6m"], "arm": "arm",
        "control": "usual care", "facilitator": "volunteer", "allocation": "individual",
        "better": {"loneliness": "lower"},
    }  # fmt: skip
    return Study(data, **{**options, **more})


@pytest.fixture(scope="module")
def result():
    return cluster_trial(_study(simulated_volunteers(between=1.5)), "loneliness")


def test_the_model_has_a_facilitator_and_two_residual_variances(result):
    terms = result.tables["variance components"]["term"].tolist()
    assert terms[0] == "facilitator"
    assert set(terms[1:]) == {"residual, befriending", "residual, the others"}
    assert "a residual variance of its own in befriending" in result.methods
    row = result.to_frame().iloc[0]
    assert row["n_clusters"] == 12
    assert row["df"] < 60
    assert row["effect_size_type"] == "d_baseline_sd"


def test_the_interval_is_wider_than_that_of_people_taken_as_independent(result):
    from socmeasures.designs.trial import ancova

    plain = ancova(
        _study(simulated_volunteers(between=1.5), facilitator=None), "loneliness", wave="6m"
    ).to_frame()
    row = result.to_frame().iloc[0]
    assert row["se"] > plain.loc[0, "se"]


def test_the_correlation_is_that_of_the_arm_with_facilitators(result):
    table = result.tables["intraclass correlation"]
    assert table["arm"].unique().tolist() == ["befriending"]
    variances = result.tables["variance components"].set_index("term")["variance"]
    total = variances["facilitator"] + variances["residual, befriending"]
    model = table[table["term"].str.startswith("from the model")]
    assert model["estimate"].iloc[0] == pytest.approx(variances["facilitator"] / total)
    assert any("Intraclass correlation in that arm" in note for note in result.notes)
    assert any("too wide to plan" in note for note in result.notes)


def test_facilitators_have_a_row_each_and_a_place_in_the_picture(result):
    table = result.tables["facilitators"]
    assert len(table) == 12
    assert table["n"].sum() == result.n.loc[result.n["arm"] == "befriending", "n"].sum()
    words = alt_text(result.plot())
    assert "12 clusters with means from" in words
    assert "usual care: no clusters" in words


def test_people_of_that_arm_without_a_facilitator_are_groups_of_one():
    data = simulated_volunteers()
    person = data.loc[data["arm"] == "befriending", "id"].iloc[0]
    data.loc[data["id"] == person, "volunteer"] = None
    result = cluster_trial(_study(data), "loneliness")
    assert any("1 person in befriending had no facilitator" in note for note in result.notes)


def test_relabelling_facilitators_changes_nothing(result):
    data = simulated_volunteers(between=1.5)
    names = {name: f"x{k * 5 % 12}" for k, name in enumerate(data["volunteer"].dropna().unique())}
    again = cluster_trial(_study(data.assign(volunteer=data["volunteer"].map(names))), "loneliness")
    pd.testing.assert_frame_equal(again.to_frame(), result.to_frame())


def test_swapping_the_control_flips_the_sign(result):
    back = cluster_trial(
        _study(simulated_volunteers(between=1.5), control="befriending"), "loneliness"
    ).to_frame()
    assert back.loc[0, "estimate"] == pytest.approx(-result.to_frame().loc[0, "estimate"])
    assert back.loc[0, "df"] == pytest.approx(result.to_frame().loc[0, "df"])


def test_without_a_correlation_every_trial_still_has_an_estimate():
    for seed in range(8):
        result = cluster_trial(_study(simulated_volunteers(between=0.0, seed=seed)), "loneliness")
        row = result.to_frame().iloc[0]
        assert np.isfinite([row["estimate"], row["se"], row["df"], row["p_value"]]).all()
        variance = result.tables["variance components"]["variance"].iloc[0]
        told = any("estimated as exactly 0" in note for note in result.notes)
        assert told == (variance == 0)
