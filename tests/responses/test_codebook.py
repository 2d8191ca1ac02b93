"""What a codebook says of codes, and how one is made by hand."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest

from socmeasures.errors import VariableNotFoundError
from socmeasures.responses.codebook import Codebook, Variable, reasons_frame

RANGES = Variable(name="q", missing_values=(-1,), missing_ranges=((97.0, np.inf),))
BOOK = Codebook.from_labels(
    {"q1": {1: "Never", 2: "Often", 9: "Refused"}, "sex": {"f": "Female"}},
    labels={"q1": "lonely", "age": "age in years"},
    missing={"q1": [9], "age": [-1, (900, 999)], "sex": ["x"]},
)


@pytest.mark.parametrize(
    ("value", "is_missing"),
    [
        (-1, True),
        (-1.0, True),
        (97, True),
        (1e9, True),
        (96.9, False),
        (np.nan, False),
        ("97", False),
    ],
)
def test_a_code_is_missing_when_it_is_declared_or_in_a_declared_range(value, is_missing):
    assert RANGES.is_missing_code(value) is is_missing


def test_the_mask_of_numbers_is_false_where_nothing_was_answered():
    mask = RANGES.missing_mask(np.array([1.0, np.nan, -1.0, 99.0]))
    assert mask.tolist() == [False, False, True, True]


def test_the_mask_of_nullable_and_text_columns_works_alike():
    numbers = pd.Series([1, None, 99], dtype="Int64")
    texts = pd.Series(["x ", None, "f", ""], dtype="str")
    assert RANGES.missing_mask(numbers).tolist() == [False, False, True]
    assert BOOK["sex"].missing_mask(texts).tolist() == [True, False, False, False]


def test_a_column_without_declarations_misses_nothing():
    assert not Variable(name="q").missing_mask([9, 99]).any()


def test_labels_of_answers_leave_out_missing_codes_and_take_whole_numbers_or_floats():
    assert BOOK.labels("q1") == {1: "Never", 2: "Often"}
    assert BOOK["q1"].value_labels[1.0] == "Never"
    assert BOOK.labels("unknown") == {}


def test_a_codebook_by_hand_knows_kinds_ranges_and_labels():
    assert BOOK["sex"].kind == "string"
    assert BOOK["age"].missing_ranges == ((900.0, 999.0),)
    assert BOOK["age"].missing_text() == "-1, 900 to 999"
    assert BOOK["q1"].label == "lonely"


def test_an_unknown_variable_is_refused_with_near_names():
    with pytest.raises(VariableNotFoundError, match=r"no variable 'agee'\. Close: 'age'"):
        BOOK["agee"]
    assert BOOK.get("agee") is None
    assert "q1" in BOOK


def test_reasons_are_words_where_there_are_words():
    reasons = reasons_frame([(4, "q1", 9.0, "Refused"), (7, "q1", -8.0, ""), (7, "age", -1.0, "")])
    book = Codebook(variables=BOOK.variables, reasons=reasons)
    assert book.missing_reason("q1").to_dict() == {4: "Refused", 7: "-8"}
    with pytest.raises(VariableNotFoundError):
        book.missing_reason("q")


def test_changing_a_variable_gives_a_new_codebook():
    changed = BOOK.with_variable(name="q1", missing_values=(8, 9))
    added = BOOK.with_variable(Variable(name="new", label="n"))
    assert BOOK["q1"].missing_values == (9,)
    assert changed["q1"].missing_values == (8, 9)
    assert changed["q1"].label == "lonely"
    assert list(added.variables)[-1] == "new"


def test_the_frame_of_a_codebook_has_one_row_a_variable():
    frame = BOOK.to_frame().set_index("name")
    assert frame.loc["q1", "value_labels"] == "1 = Never; 2 = Often; 9 = Refused"
    assert frame.loc["age", "missing"] == "-1, 900 to 999"
    assert len(Codebook(variables={}).to_frame()) == 0


def test_open_ranges_are_written_in_words():
    variable = Variable(name="q", missing_ranges=((-np.inf, -1.0),))
    assert variable.missing_text() == "lowest to -1"


def test_a_codebook_can_be_sent_to_another_process_and_tells_its_size():
    again = pickle.loads(pickle.dumps(BOOK))
    assert again["q1"] == BOOK["q1"]
    assert str(again).startswith("codebook: 3 variables, 0 answers missing by a code")
