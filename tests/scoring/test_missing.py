"""The rule for missing answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import socmeasures as soc
from socmeasures.errors import MissingRuleError
from socmeasures.scoring.missing import STATUSES, apply, rule_for
from tests.made_up import calm

NA = None
ROWS = pd.DataFrame(
    [[2, 3, 2, 2], [2, 3, 2, NA], [2, NA, NA, 2], [NA, NA, NA, 4], [NA, NA, NA, NA]],
    columns=[f"calm_{n}" for n in range(1, 5)],
)


def scored(**options: Any) -> pd.DataFrame:
    return soc.score(ROWS, calm(), **options)


def test_a_prorated_score_is_the_mean_of_the_answers_times_the_items() -> None:
    out = scored()

    assert out["calm4_total"].tolist()[:2] == [8.0, 8.0]
    assert out["calm4_total"].isna().tolist() == [False, False, True, True, True]
    assert out["calm4_total_status"].tolist() == [
        "scored", "prorated", "too_few_items", "too_few_items", "not_answered",
    ]  # fmt: skip
    assert out["calm4_total_n"].tolist() == [4, 3, 2, 1, 0]


def test_who_answered_nothing_has_no_score_under_any_rule() -> None:
    for rule in (
        "complete",
        {"method": "prorate", "allow": 4},
        {"method": "count_answered", "allow": 9},
    ):
        out = scored(missing=rule)

        assert np.isnan(out["calm4_total"].iloc[4])
        assert out["calm4_total_status"].iloc[4] == "not_answered"


def test_complete_in_place_of_the_scale_s_rule_is_recorded_as_overridden() -> None:
    out = scored(missing="complete")

    assert out["calm4_total"].notna().tolist() == [True, False, False, False, False]
    rule = soc.scoring_record(out).uses[0].missing["total"]  # type: ignore[union-attr]
    assert rule == {
        "method": "complete", "allow": 0, "source": "the caller's choice", "overridden": True,
    }  # fmt: skip


def test_the_scale_s_own_rule_given_by_hand_is_no_override() -> None:
    rule = soc.scoring_record(scored(missing={"method": "prorate", "allow": 1})).uses[0].missing  # type: ignore[union-attr]

    assert rule["total"]["overridden"] is False
    assert rule["total"]["source"] == "made up"


@pytest.mark.parametrize("allow", [2, 3])
def test_more_missing_answers_may_be_allowed(allow: int) -> None:
    out = scored(missing={"calm4": {"method": "prorate", "allow": allow}})

    assert out["calm4_total"].notna().sum() == 2 + allow - 1
    assert out["calm4_total"].iloc[2] == 8.0


def test_a_rule_may_be_given_for_one_score_of_a_scale() -> None:
    data = pd.DataFrame({f"mspss_{n}": [4.0] for n in range(1, 13)})
    data["mspss_3"] = np.nan

    out = soc.score(data, "mspss", missing={"mspss": {"family": {"method": "prorate", "allow": 1}}})

    assert out["mspss_family"].tolist() == [4.0]
    assert np.isnan(out["mspss_total"].iloc[0])


def test_count_answered_adds_up_what_is_there_and_says_partial() -> None:
    out = scored(missing={"method": "count_answered", "allow": 1})

    assert out["calm4_total"].iloc[1] == 6.0
    assert out["calm4_total_status"].iloc[1] == "partial"


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("prorate", "needs the number of answers"),
        ("median", "there is no method 'median'"),
        ({"method": "median"}, "there is no method 'median'"),
        ({"method": "prorate", "allow": -1}, "allow is a whole number"),
        ({"method": "prorate", "allow": 1.5}, "allow is a whole number"),
        ({"method": "prorate", "allow": True}, "allow is a whole number"),
        ({"method": "complete", "allow": 2}, "'complete' allows no missing answer"),
        ({"method": "prorate", "alow": 2}, "there is no field 'alow'"),
        ({"calm5": "complete"}, "no scale 'calm5' is being scored. Close: 'calm4'"),
        ({"calm4": {"sum": "complete"}}, "'calm4' has no score 'sum'"),
        (3, "a rule is a text or a mapping"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(rule: Any, why: str) -> None:
    with pytest.raises(MissingRuleError, match=why):
        scored(missing=rule)


def test_a_prorated_sum_that_is_a_whole_number_is_exactly_that_number() -> None:
    """A hair below it would fall into the band below: 21 / 9 * 12 is not quite 28."""
    scale = soc.load_scale("mspss")
    score = scale.score("total_sum")
    rule = rule_for(scale, score, {"method": "prorate", "allow": 11})
    sums, answered = (a.ravel() for a in np.meshgrid(np.arange(12.0, 85.0), np.arange(1, 12)))

    values, _ = apply(scale, score, rule, sums, answered.astype(np.int16), None)

    whole = (sums * 12) % answered == 0
    assert values[whole].tolist() == ((sums * 12) // answered)[whole].tolist()


def test_the_statuses_are_the_six_of_the_design() -> None:
    assert STATUSES == (
        "scored", "prorated", "partial", "too_few_items", "not_answered", "invalid",
    )  # fmt: skip
    assert list(scored()["calm4_total_status"].cat.categories) == list(STATUSES)


@pytest.mark.parametrize("rule", ["complete", {"method": "prorate", "allow": 2}])
def test_an_illegal_answer_set_aside_counts_as_not_given(rule: Any) -> None:
    data = ROWS.copy()
    data.loc[0, "calm_1"] = 9
    data.loc[4, "calm_1"] = 9

    out = scored_of(data, rule)

    enough = rule != "complete"
    assert out["calm4_total"].notna().iloc[0] == enough
    assert out["calm4_total_status"].tolist()[0] == ("prorated" if enough else "invalid")
    assert out["calm4_total_status"].tolist()[4] == "invalid"
    assert out["calm4_total_n"].tolist()[0] == 3


def scored_of(data: pd.DataFrame, rule: Any) -> pd.DataFrame:
    return soc.score(data, calm(), invalid="missing", missing=rule)


def test_scores_that_cannot_be_prorated_keep_their_own_rule_and_say_so() -> None:
    answers = pd.DataFrame({f"phq9_{n}": [1.0] for n in range(1, 10)}).assign(phq9_3=float("nan"))

    scored = soc.score(answers, "phq9", missing={"method": "prorate", "allow": 1})
    use = soc.scoring_record(scored).uses[0]

    assert scored["phq9_total"].tolist() == [9.0]
    assert scored["phq9_algorithm"].isna().all()
    assert use.missing["total"]["overridden"]
    assert not use.missing["algorithm"]["overridden"]
    assert "phq9_algorithm: not prorated as asked: its items have different ranges" in use.notes


def test_items_of_different_ranges_are_not_prorated() -> None:
    answers = pd.DataFrame({"osss3_1": [None], "osss3_2": [5.0], "osss3_3": [5.0]})

    with pytest.raises(soc.SocmeasuresError, match="osss3_total have different ranges"):
        soc.score(answers, "osss3", coding="canonical", missing={"method": "prorate", "allow": 1})
