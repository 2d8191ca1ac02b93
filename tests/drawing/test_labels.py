"""Labels are cleaned and shortened, numbers are written for people."""

from __future__ import annotations

import pytest

from socmeasures.drawing.labels import decimals_for, number, printable, short


def test_line_breaks_and_control_characters_become_one_line():
    assert printable("usual\n\tcare\x00\x1b[31m") == "usual care[31m"


def test_direction_overrides_and_lone_surrogates_are_dropped():
    assert printable("a\u202eb\ud800c\u2066d") == "abcd"


@pytest.mark.parametrize("text", ["گروه دوستی", "友情", "Größe £ ≥ 3", "👵"])
def test_letters_of_every_script_stay(text):
    assert printable(text) == text


def test_a_no_break_space_stays():
    assert printable("95\u00a0%") == "95\u00a0%"


def test_a_long_label_ends_in_an_ellipsis_and_a_short_one_stays():
    assert short("x" * 50, 10) == "x" * 9 + "…"
    assert short("usual care", 10) == "usual care"


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(-1.5, 1, "−1.5"), (-0.04, 1, "0.0"), (float("nan"), 1, "–"), (float("-inf"), 0, "−∞")],
)
def test_numbers_have_real_minus_signs_and_no_negative_zero(value, decimals, text):
    assert number(value, decimals) == text


def test_a_short_range_is_shown_with_more_digits():
    assert (decimals_for(20, 80), decimals_for(3, 9), decimals_for(0, 0.3)) == (1, 2, 3)
