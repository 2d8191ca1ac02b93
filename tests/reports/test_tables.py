"""Tables of a report: rounded at the last moment, denominators kept, nothing invented."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from socmeasures.reports import tables


def _cells(text):
    return [re.sub(r"<[^>]+>", "", c) for c in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", text)]


def test_both_ends_of_an_interval_stand_in_one_cell(change):
    cells = _cells(tables.estimates(change, "c"))
    assert "−2.23 to 0.56" in cells
    assert not {"from", "to"} & set(cells)


def test_the_main_table_says_how_many_of_how_many(change):
    assert "6 of 8" in _cells(tables.estimates(change, "c"))


def test_a_contrast_is_put_in_words(change):
    assert "after compared with before" in _cells(tables.estimates(change, "c"))


def test_test_statistics_stand_with_the_methods_only(change):
    shown, paper = tables.estimates(change, "c"), tables.for_the_paper(change, "c")
    assert "degrees of freedom" not in shown
    assert "degrees of freedom" in paper


def test_people_at_each_time_are_counted_of_everybody_in_the_study(change):
    counted = tables.people_at_each_time(change)
    assert counted.to_dict("records") == [
        {"wave": "before", "everybody": "8 of 8"},
        {"wave": "after", "everybody": "6 of 8"},
    ]


def test_people_are_counted_by_group_where_there_are_groups(real_results):
    counted = tables.people_at_each_time(real_results[1])
    assert list(counted.columns) == ["wave", *real_results[1].arms, "everybody"]
    assert counted["everybody"].tolist() == ["60 of 60 (100 %)", "50 of 60 (83 %)"]


def test_the_reasons_for_leaving_people_out_are_shown(change):
    cells = _cells(tables.in_and_out(change, "c"))
    assert cells[-4:] == ["after", "no", "after: questionnaire not answered", "2"]


def test_shares_and_their_intervals_are_percentages(real_results):
    result = tables.by_outcome(real_results[0])[0]
    cells = _cells(tables.further(result, "t", result.tables["higher, same, lower"]))
    assert any(re.fullmatch(r"\d+ % to \d+ %", cell) for cell in cells)
    assert any(re.fullmatch(r"\d+ of 50", cell) for cell in cells)


def test_a_result_on_two_measures_is_taken_apart_without_losing_a_row(real_results):
    whole = real_results[0]
    parts = tables.by_outcome(whole)
    assert [p.outcome.column for p in parts] == ["ucla3_total", "mood"]
    assert sum(len(p.table) for p in parts) == len(whole.table)
    assert sum(len(p.scores) for p in parts) == len(whole.scores)


def test_the_range_of_a_mean_is_its_t_interval():
    values = np.array([3.0, 5, 6, 8, 9])
    row = pd.DataFrame({"n": [5, 1], "mean": [values.mean(), 4.0], "sd": [values.std(ddof=1), 0.0]})
    got = tables.with_ranges(row, 0.95)
    want = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (got["ci_low"][0], got["ci_high"][0]) == pytest.approx((want.low, want.high))
    assert np.isnan(got["ci_low"][1])


def test_columns_without_a_value_are_left_out_and_missing_cells_are_dashes():
    frame = pd.DataFrame({"arm": ["a", "b"], "mean": [1.0, np.nan], "sd": [np.nan, np.nan]})
    text = tables.plain_table(frame, caption="c", decimals=1)
    assert "standard deviation" not in text
    assert "–" in _cells(text)


def test_a_group_named_like_a_phrase_is_not_taken_for_a_number():
    frame = pd.DataFrame({"wave": ["before"], "usual care": ["3 of 4"]})
    assert 'class="number"' not in tables.plain_table(frame, caption="c", decimals=1)


def test_problems_are_counted_without_naming_anybody():
    problems = pd.DataFrame(
        {"person": ["p1", "p2"], "rule": ["out_of_range"] * 2, "severity": ["error"] * 2}
    )
    counts = tables.problem_counts(problems)
    assert counts.to_dict("records") == [
        {"rule": "out of range", "severity": "error", "answers": 2}
    ]
