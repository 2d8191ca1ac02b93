"""What a trial report must state besides its numbers, and its pictures."""

from __future__ import annotations

import pytest

from socmeasures.demo.trial import WAVES, simulated_trial
from socmeasures.designs.flow import flow
from socmeasures.designs.missing_data import missing_sensitivity
from socmeasures.designs.repeated import mmrm
from socmeasures.designs.study import Study
from socmeasures.designs.table_one import table_one
from socmeasures.designs.trial import ancova
from socmeasures.designs.trial_pictures import plot_forest, plot_tipping, plot_trajectories
from socmeasures.designs.trial_reporting import consort_items, estimand, harms
from socmeasures.drawing.style import alt_text
from socmeasures.errors import DirectionUnknownError, NoPictureError


def study_of(**more):
    choices = {"better": {"loneliness": "lower"}, **more}
    return Study(
        simulated_trial(), person="id", wave="wave", waves=WAVES, arm="arm",
        control="usual care", allocation="individual", **choices,
    )  # fmt: skip


@pytest.fixture
def result():
    return mmrm(study_of(), "loneliness")


def test_an_estimand_says_what_nobody_stated(result):
    table = estimand(result, population="people over 60 who feel lonely").set_index("attribute")
    assert table.loc["population", "stated"]
    assert table.loc["events after allocation", "value"] == "not stated"
    assert table.loc["treatments", "value"] == "befriending against usual care"


def test_harms_count_those_who_got_worse_by_arm():
    table = harms(study_of(), "loneliness", worse_by=3)
    data = simulated_trial().pivot_table(index="id", columns="wave", values="loneliness")
    worse = (data["12m"] - data["baseline"]) >= 3
    assert table["count"].sum() == worse.sum()
    assert table.loc[~table["collected"], "what"].tolist() == ["unwanted events: not collected"]


def test_harms_nobody_collected_are_said_to_be_so():
    table = harms(study_of())
    assert not table["collected"].any()
    assert all("not collected" in what for what in table["what"])
    with pytest.raises(DirectionUnknownError):
        harms(study_of(better=None), "loneliness")


def test_consort_topics_are_filled_or_not_stated(result):
    study = study_of()
    items = consort_items(
        [result],
        flow=flow(study),
        baseline=table_one(study, "age"),
        harms=harms(study),
        stated={"randomisation": "blocks of four"},
    ).set_index("topic")
    assert items.loc["randomisation", "text"] == "blocks of four"
    assert items.loc["blinding", "text"] == "not stated"
    assert not items.loc["blinding", "filled"]
    assert "kenward" not in items.loc["statistical methods", "text"]
    assert "Kenward–Roger" in items.loc["statistical methods", "text"]
    assert "not collected" in items.loc["harms", "text"]


def test_pictures_tell_their_numbers_in_words(result):
    assert "befriending at 12m" in alt_text(plot_trajectories(result))
    assert "loneliness at 12m" in alt_text(plot_forest([result]))
    shifted = missing_sensitivity(result, deltas=[-6, 0, 6])
    assert "treated arm only" in alt_text(plot_tipping(shifted))


def test_pictures_of_what_is_not_there_are_refused(result):
    with pytest.raises(NoPictureError, match="tipping values"):
        plot_tipping(result)
    with pytest.raises(NoPictureError, match="adjusted means"):
        plot_trajectories(missing_sensitivity(result, deltas=[0]))
    with pytest.raises(NoPictureError, match="standardised differences"):
        plot_forest([])
    plot_trajectories(ancova(study_of(), "loneliness", wave="6m"))
