"""People entered more than once."""

from __future__ import annotations

import pandas as pd
import pytest

from socmeasures.errors import ChoiceError
from socmeasures.responses.duplicates import resolve_duplicates

TWICE = pd.DataFrame(
    {"id": ["a", "b", "a", "a"], "x": [None, 5.0, 2.0, 3.0], "y": ["", "t", "u", "v"]},
    index=[10, 20, 30, 40],
)


@pytest.mark.parametrize(
    ("rule", "kept"), [("first", [10, 20]), ("last", [20, 40]), ("most_complete", [20, 30])]
)
def test_one_row_stays_by_the_rule(rule: str, kept: list[int]) -> None:
    out, notes = resolve_duplicates(TWICE, person="id", rule=rule)  # type: ignore[arg-type]

    assert out.index.tolist() == kept
    assert notes == (
        f"2 rows of 1 person entered more than once were left out (rule: {rule.replace('_', ' ')}).",  # noqa: E501
    )


def test_nobody_twice_changes_nothing_and_notes_nothing() -> None:
    out, notes = resolve_duplicates(TWICE.iloc[:2], person="id", rule="first")

    assert len(out) == 2
    assert notes == ()


def test_the_same_person_at_two_time_points_stays() -> None:
    data = TWICE.assign(when=["pre", "pre", "post", "post"])

    out, _ = resolve_duplicates(data, person="id", wave="when", rule="first")

    assert out.index.tolist() == [10, 20, 30]


def test_rows_without_an_identifier_are_left_alone() -> None:
    data = TWICE.assign(id=[None, None, "a", "a"])

    out, _ = resolve_duplicates(data, person="id", rule="first")

    assert out.index.tolist() == [10, 20, 30]


def test_repeated_row_labels_do_no_harm() -> None:
    out, notes = resolve_duplicates(TWICE.set_axis([1, 1, 1, 1]), person="id", rule="last")

    assert out["x"].tolist() == [5.0, 3.0]
    assert "1 person" in notes[0]


def test_the_input_is_not_changed() -> None:
    before = TWICE.copy(deep=True)

    resolve_duplicates(TWICE, person="id", rule="most_complete")

    pd.testing.assert_frame_equal(TWICE, before)


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(ChoiceError, match="'first', 'last', 'most_complete'"):
        resolve_duplicates(TWICE, person="id", rule="best")  # type: ignore[arg-type]
