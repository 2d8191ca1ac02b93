"""The language of reports, in its one place."""

from __future__ import annotations

import datetime

import pytest

from socmeasures.reports import words


def test_a_date_is_written_the_british_way():
    assert words.british_date(datetime.date(2026, 3, 12)) == "12/03/2026"


@pytest.mark.parametrize(
    ("p", "text"), [(0.0031, "p = 0.003"), (0.0009999, "p < 0.001"), (0.0, "p < 0.001")]
)
def test_a_p_value_is_never_zero(p, text):
    assert words.p_text(p) == text


def test_small_groups_have_no_percentage():
    assert words.of_all(7, 12) == "7 of 12"
    assert words.of_all(10, 20) == "10 of 20 (50 %)"


@pytest.mark.parametrize(("column", "text"), [("wave", "time point"), ("arm", "group")])
def test_method_words_become_plain_words(column, text):
    assert words.heading(column) == text


def test_a_change_in_one_group_is_never_called_a_difference_or_an_effect():
    assert words.heading("estimate", "pre_post") == "change"
    assert words.heading("effect_size", "pre_post") == "standardised change"
    assert not any("effect" in text for text in words.HEADINGS.values())


def test_a_confidence_interval_is_named_in_plain_words_first():
    assert words.range_words(0.95) == (
        "range we can be fairly sure of (95\u00a0% confidence interval)"
    )


def test_a_contrast_of_known_names_is_put_in_words_and_another_is_left_alone():
    names = ["pre - visit", "post"]
    assert words.comparison("post - pre - visit", names) == "post compared with pre - visit"
    assert words.comparison("a - b", names) == "a - b"


def test_running_text_gets_real_minus_signs_but_hyphens_and_ranges_stay():
    assert words.typeset("from -1.2 to -0.3, 655-672, UCLA-3") == (
        "from −1.2 to −0.3, 655-672, UCLA-3"
    )


def test_the_range_in_a_label_is_left_to_the_facts():
    assert words.measure_name("UCLA-3: total (3 to 9, higher = lonelier)") == "UCLA-3: total"
    assert words.measure_name("Mood (self-rated)") == "Mood (self-rated)"
