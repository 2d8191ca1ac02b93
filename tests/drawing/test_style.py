"""The house style leaves nothing behind and can be read by everybody."""

from __future__ import annotations

import sys

import matplotlib
import pytest
from matplotlib.colors import to_rgb

from socmeasures.drawing import figures, style


def _luminance(colour):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(colour):
    return 1.05 / (_luminance(colour) + 0.05)


@pytest.mark.parametrize("colour", [style.INK, style.GREY])
def test_colours_of_text_can_be_read_on_white(colour):
    assert _contrast(colour) >= 4.5


def test_the_callers_settings_come_back_even_after_an_error():
    before = dict(matplotlib.rcParams)
    with pytest.raises(RuntimeError), style.house_style():
        raise RuntimeError
    assert dict(matplotlib.rcParams) == before


def test_the_callers_settings_do_not_reach_our_pictures(one_change):
    with matplotlib.rc_context({"text.usetex": True, "font.size": 40, "axes.facecolor": "black"}):
        figure = figures.intervals(one_change, unit="UCLA-3")
    axes = figure.axes[0]
    assert axes.get_facecolor()[:3] == (1.0, 1.0, 1.0)
    assert not any(text.get_usetex() for text in axes.texts)


def test_pyplot_is_not_used(one_change):
    sys.modules.pop("matplotlib.pyplot", None)
    figures.intervals(one_change, unit="UCLA-3")
    assert "matplotlib.pyplot" not in sys.modules


@pytest.mark.parametrize(("low", "high"), [(3, 9), (20, 80), (0, 11), (-0.93, 0.07), (0, 100)])
def test_ticks_are_few_round_and_inside(low, high):
    from matplotlib.figure import Figure

    axes = Figure().add_subplot()
    style.numbered(axes, low, high)
    ticks = axes.get_xticks()
    assert 2 <= len(ticks) <= 9
    assert low <= ticks[0]
    assert ticks[-1] <= high


@pytest.mark.parametrize(("low", "high"), [(3, 9), (20, 80), (0, 6), (12, 84)])
def test_both_ends_of_an_instruments_range_are_ticks(low, high):
    from matplotlib.figure import Figure

    axes = Figure().add_subplot()
    style.numbered(axes, low, high)
    assert (axes.get_xticks()[0], axes.get_xticks()[-1]) == (low, high)


def test_a_figure_of_somebody_else_has_no_alternative_text():
    from matplotlib.figure import Figure

    assert style.alt_text(Figure()) == ""
