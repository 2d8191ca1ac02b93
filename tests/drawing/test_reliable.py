from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.drawing.flow import flows
from socmeasures.drawing.reliable import HATCHES, better_same_worse, jacobson, raincloud
from socmeasures.drawing.style import alt_text


def test_the_jacobson_picture_counts_what_it_draws():
    figure = jacobson([7, 5, 4, np.nan], [4, 5, 8, 3], limit=2.2, unit="UCLA-3", better="lower")
    told = alt_text(figure)
    assert "3 people" in told
    assert "worse 1, within measurement error 1, better 1" in told


def test_a_picture_of_nobody_is_drawn_all_the_same():
    for figure in (
        jacobson([], [], limit=1, unit="y"),
        raincloud([], [], unit="y"),
        raincloud([3, 3], [3, 3], unit="y"),
        better_same_worse(pd.DataFrame({"name": [], "category": [], "n": [], "n_pairs": []})),
        flows(pd.DataFrame({"from": [], "to": [], "n": []})),
    ):
        figure.canvas.draw()


def test_bars_are_told_apart_without_colour():
    assert len(set(HATCHES.values())) == 3
    table = pd.DataFrame(
        {"name": ["y"] * 3, "category": ["higher", "no reliable change", "lower"],
         "n": [3, 5, 2], "n_pairs": [10] * 3}
    )  # fmt: skip
    figure = better_same_worse(table)
    hatches = {patch.get_hatch() or "" for patch in figure.axes[0].patches}
    assert len(hatches) == 3
    assert "higher 3, no reliable change 5, lower 2 of 10" in alt_text(figure)


def test_bands_fill_both_bars():
    table = pd.DataFrame(
        {"from": ["a", "a", "b", "b"], "to": ["a", "b", "a", "b"], "n": [10, 5, 2, 8]}
    )
    figure = flows(table, labels=("start", "end"), order=("b", "a"))
    heights = [patch.get_height() for patch in figure.axes[0].patches]
    assert sum(heights) == pytest.approx(2)
    assert "25 people, start to end: a to a 10, a to b 5, b to a 2, b to b 8" in alt_text(figure)
