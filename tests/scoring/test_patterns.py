"""Signs of careless answering are told as data, and nobody is removed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from socmeasures.errors import ColumnsNotFoundError, PlanError
from socmeasures.responses.plan import PlannedScale, ScoringPlan
from socmeasures.scales.definition import parse_definition
from socmeasures.scoring.patterns import longest_runs, response_patterns
from socmeasures.validation.report import validate
from tests.made_up import text

FRIENDS = [f"friendship_scale_{i}" for i in range(1, 7)]  # items 2, 5 and 6 are reversed
CALM = [f"calm_{i}" for i in range(1, 5)]
MSPSS = [f"mspss_{i}" for i in range(1, 13)]  # all items point one way


def friends(*rows, **options):
    return pd.DataFrame(list(rows), columns=FRIENDS, **options)


def test_the_longest_run_is_counted_in_the_order_of_the_form():
    found = response_patterns(friends([1, 1, 1, 2, 2, 0], [0, 1, 0, 1, 0, 1]), "friendship_scale")
    assert found["longest_run"].tolist() == [3, 1]


def test_a_gap_ends_a_run():
    found = response_patterns(friends([1, 1, None, 1, 1, 1]), "friendship_scale")
    assert found["longest_run"].tolist() == [3]


def test_an_item_with_other_options_ends_a_run():
    codes = np.array([[1.0, 1, 1, 1]])
    assert longest_runs(codes, [(0, 1), (0, 1), (0, 1, 2), (0, 1, 2)]).tolist() == [2]


def test_who_answered_nothing_has_no_run_and_no_spread():
    found = response_patterns(
        friends([None] * 6, [1, None, None, None, None, None]), "friendship_scale"
    )
    assert found["answered"].tolist() == [0, 1]
    assert found["longest_run"].tolist() == [0, 1]
    assert found["share_missing"].tolist() == [1.0, pytest.approx(5 / 6)]
    assert found["sd_within"].isna().all()


def test_the_spread_is_of_the_answers_as_they_were_ticked():
    found = response_patterns(
        friends([4, 0, 4, 4, 0, 0], [2, 2, 2, 2, 2, None]), "friendship_scale"
    )
    assert found["sd_within"].tolist() == pytest.approx([np.std([4, 0, 4, 4, 0, 0], ddof=1), 0.0])


def test_the_same_answer_to_items_that_point_both_ways_is_a_straight_line():
    found = response_patterns(friends([4] * 6, [0] * 6, [4, 4, 4, 4, 4, 3]), "friendship_scale")
    assert found["straight_line"].tolist() == [True, True, False]


def test_the_middle_option_throughout_is_no_contradiction():
    assert response_patterns(friends([2] * 6), "friendship_scale")["straight_line"].tolist() == [
        False
    ]


def test_where_all_items_point_one_way_a_straight_line_cannot_be_seen():
    answers = pd.DataFrame([[7] * 12], columns=MSPSS)
    found = response_patterns(answers, "mspss")
    assert found["straight_line"].isna().all()
    assert found["longest_run"].tolist() == [12]


def test_an_illegal_answer_counts_as_none():
    found = response_patterns(friends([9, 9, 9, 9, 1, 2]), "friendship_scale")
    assert (found["answered"].item(), found["longest_run"].item()) == (2, 1)


def test_a_named_coding_changes_nothing_that_is_seen():
    answers = friends([1, 1, 5, 2, 2, 2])
    found = response_patterns(answers, "friendship_scale", coding="position")
    assert found["longest_run"].item() == 3
    assert found["answered"].item() == 6


def test_rows_and_row_labels_stay_as_they_were_and_the_data_too():
    answers = friends([1] * 6, [4] * 6, index=["b", "a"])
    before = answers.copy()
    found = response_patterns(answers, "friendship_scale")
    assert found.index.tolist() == ["b", "a"]
    pd.testing.assert_frame_equal(answers, before)


def test_a_polars_frame_gives_a_polars_frame():
    found = response_patterns(
        pl.DataFrame([[4] * 6], schema=FRIENDS, orient="row"), "friendship_scale"
    )
    assert isinstance(found, pl.DataFrame)
    assert found["straight_line"].to_list() == [True]


def test_validation_names_the_same_rows():
    answers = friends([4] * 6, [4, 0, 4, 4, 0, 0], [0] * 6)
    problems = validate(answers, "friendship_scale").table
    assert problems[problems["rule"] == "straight_line"]["row"].tolist() == [1, 3]


def test_a_missing_column_is_refused_as_in_scoring():
    with pytest.raises(ColumnsNotFoundError, match="friendship_scale_6"):
        response_patterns(friends([1] * 6).drop(columns=FRIENDS[5]), "friendship_scale")


def test_a_plan_with_several_time_points_is_refused_with_the_way_on():
    planned = [
        PlannedScale(scale="ucla3", items={1: "a", 2: "b", 3: "c"}, wave=wave)
        for wave in ("x", "y")
    ]
    with pytest.raises(PlanError, match="2 scales and time points where one is looked at"):
        response_patterns(pd.DataFrame({"a": [1]}), ScoringPlan(scales=tuple(planned)))


def followed_up():
    """The calm scale, where item 3 is asked only of people who say "often" or more to item 1."""
    gate = 'derived = { items = [1, 3], rule = "follow_up", from = 3 }'
    item = f'[[items]]\nnumber = 5\nlabel = "quiet evenings, if any"\noptional = true\n{gate}'
    return parse_definition(text(("[[scores]]\nid", f"{item}\n\n[[scores]]\nid")), "calm5.toml")


def test_a_second_question_that_was_rightly_skipped_is_not_missing():
    answers = pd.DataFrame([[1, 2, None, 4], [4, 2, None, 4]], columns=CALM)
    found = response_patterns(answers, followed_up())
    assert found["n_items"].tolist() == [3, 4]
    assert found["share_missing"].tolist() == [0.0, 0.25]
    assert found["impossible"].tolist() == [0, 0]


def test_an_answer_to_a_second_question_that_does_not_apply_is_impossible():
    answers = pd.DataFrame([[1, 2, 2, 4], [4, 2, 2, 4], [None, 2, 2, 4]], columns=CALM)
    found = response_patterns(answers, followed_up())
    assert found["impossible"].tolist() == [1, 0, 0]
    assert found["longest_run"].tolist() == [1, 2, 2]
