"""Distributions keep everybody, on the instrument's range, with floor and ceiling marked."""

from __future__ import annotations

import numpy as np
import pytest

from socmeasures.drawing import style
from socmeasures.drawing.distribution import score_distribution


def _bars(panel):
    return [(p.get_x(), p.get_width(), p.get_height()) for p in panel.patches]


def test_each_possible_score_has_a_bar_and_the_shares_add_up():
    figure = score_distribution({"before": [3, 3, 5, 9]}, unit="UCLA-3")
    low_to_high = score_distribution({"before": [3, 3, 5, 9]}, unit="UCLA-3", low=3, high=9)
    assert len(_bars(figure.axes[0])) == 7
    assert sum(b[2] for b in _bars(low_to_high.axes[0])[:7]) == pytest.approx(100)


def test_the_share_at_floor_and_ceiling_is_written_on_their_bars():
    figure = score_distribution({"before": [3, 3, 5, 9]}, unit="UCLA-3", low=3, high=9)
    told = {t.get_text() for t in figure.axes[0].texts}
    assert {"50 % at 3", "25 % at 9"} <= told


def test_with_wide_bins_only_the_lowest_score_itself_counts_as_the_floor():
    figure = score_distribution({"before": [20, 21, 22, 50]}, unit="UCLA-20", low=20, high=80)
    told = {t.get_text() for t in figure.axes[0].texts}
    assert "25 % at 20" in told
    assert "0 % at 80" in told


def test_nothing_is_marked_where_the_range_is_unknown():
    figure = score_distribution({"before": [1.5, 2.5, 3.5]}, unit="mood")
    colours = {p.get_facecolor()[:3] for p in figure.axes[0].patches}
    assert len(colours) == 1
    assert not any("%" in t.get_text() for t in figure.axes[0].texts)


def test_missing_scores_are_left_out_and_n_counts_the_rest():
    figure = score_distribution({"before": [3, np.nan, 9]}, unit="UCLA-3", low=3, high=9)
    assert figure.axes[0].get_title(loc="left") == "before · n = 2"


def test_a_group_without_scores_says_so():
    figure = score_distribution({"before": [3, 9], "after": []}, unit="UCLA-3", low=3, high=9)
    assert "no scores" in [t.get_text() for t in figure.axes[1].texts]
    assert "after: n = 0" in style.alt_text(figure)


def test_all_panels_share_their_axes():
    groups = {"before": [3] * 10, "after": [4, 5, 6, 7]}
    figure = score_distribution(groups, unit="UCLA-3", low=3, high=9, columns=2)
    assert len({panel.get_xlim() for panel in figure.axes}) == 1
    assert len({panel.get_ylim() for panel in figure.axes}) == 1


def test_everybody_on_one_score_can_be_drawn():
    assert score_distribution({"before": [2.5, 2.5]}, unit="mood").axes
    assert score_distribution({}, unit="mood").axes


def test_no_score_lies_outside_the_bars():
    values = np.arange(20, 81)
    figure = score_distribution({"all": values}, unit="UCLA-20", low=20, high=80)
    heights = [b[2] for b in _bars(figure.axes[0])][:-2]
    assert sum(heights) == pytest.approx(100)
    assert figure.axes[0].get_xlim() == (19.5, 80.5)
