"""Lines of single people: all of them when few, gathered when many."""

from __future__ import annotations

import numpy as np
import pytest

from socmeasures.drawing.individuals import MANY, paired_lines
from socmeasures.drawing.style import alt_text


def _lines(figure):
    return [tuple(line.get_ydata()) for axes in figure.axes for line in axes.lines]


def test_each_person_is_a_line_in_the_panel_of_their_direction():
    figure = paired_lines([7, 5, 4], [5, 5, 6], unit="UCLA-3", low=3, high=9, better="lower")
    assert _lines(figure) == [(7, 5), (5, 5), (4, 6)]
    headings = [axes.get_title(loc="left") for axes in figure.axes]
    assert headings == ["lower (better): 1 of 3", "same: 1 of 3", "higher (worse): 1 of 3"]


def test_people_are_neither_better_nor_worse_when_nobody_said_which_way_is():
    figure = paired_lines([7, 5], [5, 6], unit="UCLA-3")
    assert not any("better" in axes.get_title(loc="left") for axes in figure.axes)


def test_a_person_without_both_scores_is_left_out():
    figure = paired_lines([7, np.nan, 4], [5, 5, np.nan], unit="UCLA-3", low=3, high=9)
    assert _lines(figure) == [(7, 5)]
    assert "1 people" in alt_text(figure)


def test_many_people_are_gathered_and_still_all_counted():
    before = np.linspace(20, 80, 3 * MANY)
    figure = paired_lines(before, before - 7.5, unit="UCLA-20", low=12.5, high=80)
    assert len(_lines(figure)) <= 20
    assert figure.axes[0].get_title(loc="left") == f"lower: {3 * MANY} of {3 * MANY}"
    assert not {y for line in _lines(figure) for y in line} & set(before)


def test_lists_of_different_length_are_refused():
    with pytest.raises(ValueError, match="2 scores and after has 1"):
        paired_lines([1, 2], [1], unit="UCLA-3")


def test_nobody_measured_twice_gives_empty_panels():
    figure = paired_lines([np.nan], [3], unit="UCLA-3")
    assert _lines(figure) == []
