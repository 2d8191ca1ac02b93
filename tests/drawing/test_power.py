"""The power curve marks what is planned, names its lines, and can be told in words."""

from __future__ import annotations

import matplotlib
import pandas as pd
import pytest

from socmeasures.drawing.power import power_curve
from socmeasures.drawing.style import alt_text


@pytest.fixture
def curve():
    return pd.DataFrame(
        {
            "line": ["ICC 0.05"] * 4 + ["ICC 0.1"] * 4,
            "size": [2, 6, 10, 12.5] * 2,
            "value": [0.2, 0.6, 0.85, 0.99, 0.15, 0.45, 0.7, 0.985],
        }
    )


def draw(curve, **more):
    settings = {"size": 10, "reached": 0.85, "size_label": "clusters in each arm", **more}
    return power_curve(curve, **settings)


def test_the_planned_size_is_marked_and_its_power_written(curve):
    axes = draw(curve).axes[0]

    assert any(list(line.get_xdata()) == [10] for line in axes.lines)
    assert "10: 85 %" in [text.get_text() for text in axes.texts]


def test_what_was_asked_for_is_a_level_line(curve):
    def levels(figure):
        return [line for line in figure.axes[0].lines if list(line.get_ydata()) == [80, 80]]

    assert len(levels(draw(curve, wanted=0.8))) == 1
    assert levels(draw(curve)) == []


def test_names_of_lines_that_end_together_do_not_stand_on_each_other(curve):
    axes = draw(curve).axes[0]
    heights = [t.xy[1] for t in axes.texts if t.get_text().startswith("ICC")]

    assert len(heights) == 2
    assert abs(heights[0] - heights[1]) >= 5
    assert max(heights) <= 100


def test_lines_differ_in_dashes_as_well_as_in_colour(curve):
    drawn = [line for line in draw(curve).axes[0].lines if len(line.get_xdata()) == 4]

    assert len({line.get_linestyle() for line in drawn}) == 2


def test_a_single_line_needs_no_name(curve):
    axes = draw(curve.query("line == 'ICC 0.05'")).axes[0]

    assert [t.get_text() for t in axes.texts] == ["10: 85 %"]


def test_the_picture_can_be_told_in_words(curve):
    told = alt_text(draw(curve, wanted=0.8, title="Two arms"))

    assert told.startswith("Two arms. power (%) against clusters in each arm. Planned: 85 at 10.")
    assert "80 was asked for" in told
    assert "ICC 0.1: 15 at 2" in told
    assert "at 12.5" in told


def test_a_half_width_is_no_percentage():
    curve = pd.DataFrame({"line": "planned", "size": [10, 20, 40], "value": [2.0, 1.4, 1.0]})
    figure = draw(
        curve, size=40, reached=1.0, percent=False, value_label="half-width", size_label="people"
    )

    assert figure.axes[0].get_ylabel() == "half-width"
    assert not any("%" in t.get_text() for t in figure.axes[0].texts)


def test_drawing_leaves_the_settings_of_matplotlib_alone(curve):
    before = dict(matplotlib.rcParams)
    draw(curve)

    assert dict(matplotlib.rcParams) == before
