"""Non-inferiority and equivalence of a result."""

from __future__ import annotations

import pandas as pd
import pytest

from socmeasures.demo.trial import WAVES, simulated_trial
from socmeasures.designs.binary import compare_risks
from socmeasures.designs.margins import equivalence_of, non_inferiority
from socmeasures.designs.repeated import mmrm
from socmeasures.designs.study import Study
from socmeasures.designs.trial import ancova
from socmeasures.errors import (
    DirectionUnknownError,
    MarginError,
    MarginSizeError,
    NoStandardErrorError,
)


def study_of(data, **more):
    choices = {"better": {"loneliness": "lower"}, **more}
    return Study(
        data, person="id", wave="wave", waves=WAVES, arm="arm", control="usual care",
        allocation="individual", **choices,
    )  # fmt: skip


@pytest.fixture
def result():
    return mmrm(study_of(simulated_trial()), "loneliness")


def test_equivalence_is_shown_exactly_when_its_interval_lies_within(result):
    for limit in (0.5, 1, 2, 4, 8):
        table = equivalence_of(result, low=-limit, high=limit).to_frame()
        inside = (table["ci_low"] > -limit) & (table["ci_high"] < limit)
        assert table["shown"].tolist() == inside.tolist()


def test_non_inferiority_is_shown_exactly_when_the_95_per_cent_interval_clears_the_margin(result):
    plain = result.to_frame()
    for margin in (0.1, 1, 3):
        table = non_inferiority(result, margin=margin).to_frame()
        assert table["ci_high"].tolist() == pytest.approx(plain["ci_high"].tolist())
        assert table["shown"].tolist() == (plain["ci_high"] < margin).tolist()


def test_the_better_direction_decides_the_side(result):
    up = mmrm(study_of(simulated_trial(), better={"loneliness": "higher"}), "loneliness")
    table = non_inferiority(up, margin=1).to_frame()
    assert table["shown"].tolist() == (up.to_frame()["ci_low"] > -1).tolist()


def test_the_per_protocol_people_stand_beside():
    data = simulated_trial()
    whole = ancova(study_of(data), "loneliness", wave="12m")
    kept = ancova(study_of(data[data["came"] == 1]), "loneliness", wave="12m")
    found = equivalence_of(whole, low=-5, high=5, per_protocol=kept)
    assert found.to_frame()["population"].tolist() == ["as randomised", "per protocol"]
    assert any("both populations" in note for note in found.notes)


def test_margins_may_be_in_a_stated_standard_deviation(result):
    raw = equivalence_of(result, low=-1.5, high=1.5).to_frame()
    by_sd = equivalence_of(result, low=-0.5, high=0.5, sd=3).to_frame()
    assert raw["p_value"].tolist() == by_sd["p_value"].tolist()


def test_margins_that_are_none_are_refused(result):
    with pytest.raises(MarginError):
        equivalence_of(result, low=1, high=2)
    with pytest.raises(MarginSizeError, match="as a number above 0"):
        non_inferiority(result, margin=-1)
    unknown = mmrm(study_of(simulated_trial(), better=None), "loneliness")
    with pytest.raises(DirectionUnknownError):
        non_inferiority(unknown, margin=1)
    tested = non_inferiority(result, margin=1)
    from dataclasses import replace

    with pytest.raises(NoStandardErrorError):
        equivalence_of(replace(tested, table=tested.table.drop(columns="se")), low=-1, high=1)


@pytest.mark.needs("shared")
def test_non_inferiority_of_two_shares_agrees_with_the_formula(oracle, close):
    entry = oracle("tost")["noninferiority_proportions"]
    given = entry["data"]["inline"]
    rows = []
    for arm, n, events in (
        ("new", given["n1"], given["events1"]),
        ("usual care", given["n0"], given["events0"]),
    ):
        rows += [(f"{arm}{k}", "6m", arm, int(k < events)) for k in range(n)]
    data = pd.DataFrame(rows, columns=["id", "wave", "arm", "well"])
    study = Study(
        data, person="id", wave="wave", waves=["6m"], arm="arm", control="usual care",
        allocation="individual", better={"well": "higher"},
    )  # fmt: skip
    found = compare_risks(study, "well", wave="6m")
    row = non_inferiority(found, margin=given["margin"]).to_frame().iloc[0]
    for key, ours in {
        "diff": "estimate", "se": "se", "z": "statistic", "p_one_sided": "p_value",
        "ci95_low": "ci_low",
    }.items():  # fmt: skip
        close(row[ours], entry, key)
    assert row["shown"]
    equal = equivalence_of(found, low=-0.1, high=0.1).to_frame().iloc[0]
    close(equal["ci_low"], entry, "ci90_low")
