"""Golden vectors of a definition."""

from __future__ import annotations

from socmeasures.scoring.golden import failures
from tests.made_up import calm


def test_the_examples_of_a_right_definition_hold() -> None:
    assert failures(calm()) == []


def test_a_wrong_example_is_told_with_both_numbers() -> None:
    scale = calm(("expected = { total = 16 }", "expected = { total = 15 }"))

    assert failures(scale) == [
        "[[examples]] number 2: total should be 15, the definition gives 16 for [4, 1, 4, 4]"
    ]


def test_a_wrong_reversal_breaks_the_examples() -> None:
    assert len(failures(calm(("reverse = [2]", "reverse = [3]")))) == 3


def test_an_expected_gap_is_no_number() -> None:
    scale = calm(("expected = { total = 8 }", 'expected = { total = "NA" }'))

    assert "should be NA, the definition gives 8" in failures(scale)[0]


def test_a_number_where_none_results_is_told() -> None:
    scale = calm(('answers = [2, 3, "NA", 2]', 'answers = [2, "NA", "NA", 2]'))

    assert "gives no score" in failures(scale)[0]


def test_an_example_may_use_a_named_coding() -> None:
    scale = calm(("expected = { total = 16 }", 'coding = "always-first"\nexpected = { total = 4 }'))

    assert failures(scale) == []
