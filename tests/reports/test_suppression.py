"""Small counts: none is shown, and none follows from what is."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socmeasures.errors import SuppressionError
from socmeasures.reports import suppression as hide


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_a_count_of_one_to_four_is_never_shown(n):
    assert hide.count(n) == "<5"
    assert hide.part_of(n, 100) == "<5 of 100"


def test_a_percentage_needs_twenty_people():
    assert hide.part_of(7, 12) == "7 of 12"
    assert hide.part_of(14, 20) == "14 of 20 (70 %)"


def test_nobody_and_everybody_may_be_told():
    assert hide.part_of(0, 30) == "0 of 30 (0 %)"
    assert hide.part_of(30, 30) == "30 of 30 (100 %)"


def test_a_small_rest_is_not_a_subtraction_away():
    assert hide.part_of(57, 60) == "more than 55 of 60"


def test_the_limit_can_be_set():
    assert hide.count(8, below=10) == "<10"
    assert hide.count(3, below=1) == "3"


@pytest.mark.parametrize("limit", [0, -1, 2.5, "five", True])
def test_a_limit_that_is_none_is_refused(limit):
    with pytest.raises(SuppressionError, match="whole number of 1 or more"):
        hide.check_below(limit)


def _readings(told, total):
    """Every table of counts that a reader could think behind the texts."""
    ranges = []
    for text in told:
        if text == "<5":
            ranges.append(range(1, 5))
        elif text == "not shown":
            ranges.append([0, *range(5, total + 1)])
        else:
            ranges.append([int(text)])
    return [row for row in product(*ranges) if sum(row) == total]


@given(st.lists(st.integers(0, 14), min_size=2, max_size=4))
def test_no_small_cell_of_a_line_can_be_worked_out(counts):
    told = hide.cells(counts)
    if all(text == "not shown" for text in told) or "<5" not in told:
        return
    readings = _readings(told, sum(counts))
    assert tuple(counts) in readings
    for place, text in enumerate(told):
        if text == "<5":
            assert len({row[place] for row in readings}) > 1, (counts, told)


@given(st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=2, max_size=5))
def test_no_small_cell_of_a_table_is_shown_or_alone_in_its_line(table):
    told = hide.grid(table)
    for counts, texts in zip(table, told, strict=True):
        for n, text in zip(counts, texts, strict=True):
            assert not (0 < n < 5 and text == str(n))
    for line in [*told, *map(list, zip(*told, strict=True))]:
        assert line.count("<5") + line.count("not shown") != 1


@given(st.lists(st.integers(0, 80), min_size=3, max_size=3))
def test_shown_counts_that_hold_each_other_never_differ_by_a_small_number(counts):
    counts = sorted(counts, reverse=True)
    told = hide.nested(counts)
    shown = [
        int(text.split(" of ")[0]) for text in told if "<" not in text and "more than" not in text
    ]
    for first, second in pairwise(shown):
        assert not 0 < first - second < 5
