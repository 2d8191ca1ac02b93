"""Faults of answers, a row each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import socmeasures as soc
from socmeasures.errors import PROBLEM_COLUMNS
from socmeasures.frames import column
from socmeasures.responses import checks
from socmeasures.responses.coding import Decision
from socmeasures.responses.decoding import decide

SCALE = soc.load_scale("ucla3")


def decision(data: pd.DataFrame) -> Decision:
    names = {n: f"ucla3_{n}" for n in (1, 2, 3)}
    made = decide(
        SCALE,
        {n: column(data, c) for n, c in names.items()},
        names,
        dict.fromkeys(names),
        "canonical",
    )
    assert isinstance(made, Decision)
    return made


DATA = pd.DataFrame({"ucla3_1": [1, 7.0, 2], "ucla3_2": [1, 1, 1.5], "ucla3_3": [-1, 1, 1]})


def test_each_fault_has_its_row_column_item_and_rule() -> None:
    rows = [np.array([1]), np.array([2]), np.array([0])]

    table = checks.illegal_answers(SCALE, decision(DATA), rows, wave="t1", variables={})

    assert list(table.columns) == list(PROBLEM_COLUMNS)
    assert table["row"].tolist() == [1, 2, 3]
    assert table["item"].tolist() == [3, 1, 2]
    assert table["value"].tolist() == [-1, 7, 1.5]
    assert table["rule"].tolist() == ["out_of_range", "out_of_range", "fractional"]
    assert set(table["wave"]) == {"t1"}
    assert set(table["severity"]) == {"error"}


def test_only_so_many_cells_are_tabled_as_asked() -> None:
    rows = [np.array([1]), np.array([2]), np.array([0])]

    assert (
        len(checks.illegal_answers(SCALE, decision(DATA), rows, wave=None, variables={}, limit=2))
        == 2
    )


def test_persons_and_time_points_are_named_when_given() -> None:
    who, when = np.array(["a", "b", "c"]), np.array(["x", "y", "z"])

    table = checks.illegal_answers(
        SCALE, decision(DATA), [np.array([1]), np.array([], int), np.array([], int)],
        wave=None, variables={}, persons=who, waves=when,
    )  # fmt: skip

    assert table[["person", "wave"]].to_numpy().tolist() == [["b", "y"]]


def test_a_labelled_code_nobody_declared_missing_is_named_so() -> None:
    book = soc.Codebook.from_labels(
        {"ucla3_1": {1: "Hardly ever", 2: "Some of the time", 3: "Often", 7: "Too ill"}}
    )

    table = checks.illegal_answers(
        SCALE, decision(DATA), [np.array([1]), np.array([], int), np.array([], int)],
        wave=None, variables={1: book["ucla3_1"]},
    )  # fmt: skip

    assert table["message"][0].startswith("7 (labelled 'Too ill', not declared as missing)")


def test_no_faults_give_an_empty_table_with_its_columns() -> None:
    empty = [np.array([], int)] * 3

    table = checks.illegal_answers(SCALE, decision(DATA), empty, wave=None, variables={})

    assert list(table.columns) == list(PROBLEM_COLUMNS)
    assert not len(table)


@pytest.mark.parametrize(("scale", "expected"), [("ucla3", "1, 2 or 3"), ("mspss", "1 to 7")])
def test_what_was_expected_is_said_shortly(scale: str, expected: str) -> None:
    data = pd.DataFrame({f"{scale}_{n}": [99] for n in soc.load_scale(scale).numbers})

    report = soc.validate(data, scale, coding="canonical")

    assert report.problems["message"][0] == f"99 is no answer of this item (expected {expected})"
