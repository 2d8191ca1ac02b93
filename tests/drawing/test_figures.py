"""Pictures of estimates show every row, its interval, its n, and which way is better."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.drawing import figures
from socmeasures.drawing.style import alt_text


def _texts(figure):
    return [t.get_text() for axes in figure.axes for t in axes.texts]


def test_each_interval_is_drawn_from_end_to_end(one_change):
    axes = figures.intervals(one_change, unit="UCLA-3").axes[0]
    drawn = [list(line.get_xdata()) for line in axes.lines]
    assert [-1.9, -0.5] in drawn
    assert [-1.2] in drawn


def test_zero_is_always_on_the_axis_of_differences(one_change):
    far = one_change.assign(estimate=12.0, ci_low=11.0, ci_high=13.0)
    low, high = figures.intervals(far, unit="UCLA-3").axes[0].get_xlim()
    assert low < 0 < high


def test_the_row_carries_its_numbers_and_its_n(one_change):
    told = _texts(figures.intervals(one_change, unit="UCLA-3"))
    assert "−1.20 (−1.90 to −0.50) · n = 43" in told


def test_the_axis_says_which_way_is_better_only_when_it_is_known(one_change):
    known = _texts(figures.intervals(one_change, unit="UCLA-3", better="lower"))
    unknown = _texts(figures.intervals(one_change, unit="UCLA-3", better=None))
    assert "← lower (better)" in known
    assert not any("better" in text for text in unknown)


def test_rows_of_several_time_points_are_told_apart(one_change):
    two = pd.concat([one_change.assign(wave=w) for w in ("6 months", "12 months")])
    told = _texts(figures.intervals(two, unit="UCLA-3"))
    assert "after - before · 12 months" in told


def test_a_time_point_is_not_said_twice(one_change):
    other = one_change.assign(contrast="later - before", wave="later")
    told = _texts(figures.intervals(pd.concat([one_change.assign(wave="after"), other]), unit="u"))
    assert {"after - before", "later - before"} <= set(told)


def test_a_row_without_an_estimate_is_left_out_and_one_without_an_interval_is_a_dot(one_change):
    more = pd.concat(
        [
            one_change.assign(contrast="gone", estimate=np.nan),
            one_change.assign(contrast="dot", ci_low=np.nan, ci_high=np.nan),
        ]
    )
    told = _texts(figures.intervals(more, unit="UCLA-3"))
    assert "gone" not in told
    assert "−1.20 · n = 43" in told


def test_an_empty_table_gives_an_empty_picture(one_change):
    figure = figures.intervals(one_change.iloc[:0], unit="UCLA-3")
    assert len(figure.axes[0].texts) == 0


def test_the_alternative_text_tells_every_number(one_change):
    text = alt_text(figures.intervals(one_change, unit="UCLA-3", title="Change"))
    assert text == (
        "Change. UCLA-3, in points. after - before: −1.20, from −1.90 to −0.50, n = 43."
    )


@pytest.mark.parametrize("label", [r"$\frac$", "$x$", "<script>", "x" * 300, "دوستی", "a\nb"])
def test_any_label_can_be_drawn(one_change, label):
    figure = figures.intervals(one_change.assign(contrast=label), unit=label, title=label)
    assert figure.axes[0].texts


def test_drawing_leaves_the_table_as_it_was(one_change):
    before = one_change.copy()
    figures.intervals(one_change, unit="UCLA-3")
    pd.testing.assert_frame_equal(one_change, before)


def test_means_stand_on_the_range_of_the_instrument(two_arms_two_waves):
    axes = figures.means_over_time(two_arms_two_waves, unit="UCLA-3", low=3, high=9).axes[0]
    assert axes.get_ylim() == (3, 9)
    assert [t.get_text() for t in axes.get_xticklabels()] == ["before", "after"]


def test_every_line_is_named_at_its_end_and_every_n_is_printed(two_arms_two_waves):
    axes = figures.means_over_time(two_arms_two_waves, unit="UCLA-3", low=3, high=9).axes[0]
    told = [t.get_text() for t in axes.texts]
    assert {"befriending 5.20", "usual care 5.90"} <= set(told)
    assert axes.get_xlabel() == (
        "befriending: n = before 80, after 70\nusual care: n = before 82, after 75"
    )


def test_names_of_lines_that_end_together_are_pushed_apart(two_arms_two_waves):
    together = two_arms_two_waves.assign(mean=5.0)
    axes = figures.means_over_time(together, unit="UCLA-3", low=3, high=9).axes[0]
    heights = sorted(t.xy[1] for t in axes.texts if t.get_text() != "■")
    assert heights[1] - heights[0] > 0.3


def test_adjusted_means_run_over_the_whole_range():
    table = pd.DataFrame(
        {"arm": ["a", "b"], "mean": [5.0, 6.0], "ci_low": [4.5, 5.5], "ci_high": [5.5, 6.5]}
    )
    axes = figures.adjusted_means(table, unit="UCLA-3", low=3, high=9).axes[0]
    assert axes.get_xlim() == (3, 9)
