"""Wide to long and back, with identifiers checked and labels moved along."""

from __future__ import annotations

from importlib.resources import files

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socmeasures.errors import ReshapeError
from socmeasures.responses.codebook import Codebook, reasons_frame
from socmeasures.responses.duplicates import resolve_duplicates
from socmeasures.responses.reading import read
from socmeasures.responses.reshape import to_long, to_wide

WIDE = pd.DataFrame(
    {
        "id": ["a", "b"],
        "arm": ["x", "y"],
        "q1__t1": [1.0, 2.0],
        "q1__t2": [3.0, None],
        "note__t2": ["fine", None],
    }
)


def test_each_person_stands_once_a_time_point():
    long = to_long(WIDE, person="id", waves={"before": "t1", "after": "t2"})
    assert long.data["id"].tolist() == ["a", "b", "a", "b"]
    assert long.data["wave"].tolist() == ["before", "before", "after", "after"]
    assert long.data["q1"].tolist()[:3] == [1.0, 2.0, 3.0]
    assert long.data["arm"].tolist() == ["x", "y", "x", "y"]
    assert long.notes == ("note was asked at after only; it is missing at the other time points.",)


@pytest.mark.parametrize("names", [("t1_q1", "t2_q1"), ("q1_t1", "q1_t2"), ("Q1.T1", "Q1.T2")])
def test_a_time_point_stands_first_or_last_in_a_name(names):
    data = pd.DataFrame({"id": [1], names[0]: [5], names[1]: [6]})
    long = to_long(data, person="id", waves=["t1", "t2"]).data
    assert long[next(c for c in long if c.lower() == "q1")].tolist() == [5, 6]


def test_t1_is_not_found_in_t10():
    data = pd.DataFrame({"id": [1], "q_t1": [5], "q_t10": [6]})
    assert to_long(data, person="id", waves=["t1", "t10"]).data["q"].tolist() == [5, 6]


def test_long_and_back_is_the_same_frame():
    long = to_long(WIDE.drop(columns="note__t2"), person="id", waves=["t1", "t2"])
    back = to_wide(long.data, person="id", wave="wave", fixed=["arm"])
    pd.testing.assert_frame_equal(back.data, WIDE.drop(columns="note__t2"))


@given(
    st.lists(
        st.tuples(st.booleans(), st.booleans(), st.integers(1, 4), st.integers(1, 4)),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=50, deadline=None)
def test_wide_and_back_keeps_every_answer(people):
    rows = [
        {"id": i, "wave": w, "q": v}
        for i, (first, second, a, b) in enumerate(people)
        for w, v, there in (("t1", a, first or not second), ("t2", b, second))
        if there
    ]
    long = pd.DataFrame(rows)
    wide = to_wide(long, person="id", wave="wave", waves=sorted(set(long["wave"]))).data
    for row in rows:
        assert wide.loc[wide["id"] == row["id"], f"q__{row['wave']}"].tolist() == [row["q"]]
    n_answers = wide.filter(like="q__").notna().sum().sum()
    assert n_answers == len(rows)


def test_all_faults_are_told_at_once():
    data = pd.DataFrame(
        {"id": ["a", "a", None], "q_t1": [1, 2, 3], "t1_q": [1, 2, 3], "wave": [0, 0, 0]}
    )
    with pytest.raises(ReshapeError) as caught:
        to_long(data, person="id", waves=["t1", "t3"])
    text = str(caught.value)
    for part in (
        "'id' is missing in 1 row: rows 3",
        "1 person is there more than once: rows 1, 2",
        "time point 't3': no column",
        "q_t1 and t1_q are both 'q'",
        "there is a column 'wave' already",
    ):
        assert part in text
    assert set(caught.value.problems["rule"]) == {"identifier", "duplicate_person_wave"}


def test_codes_with_other_words_at_another_time_point_are_refused():
    data = pd.DataFrame({"id": [1], "q_t1": [1], "q_t2": [1]})
    book = Codebook.from_labels({"q_t1": {1: "Never"}, "q_t2": {1: "Always"}})
    with pytest.raises(ReshapeError, match="code 1 means 'Never' at t1 but 'Always' at t2"):
        to_long(data, person="id", waves=["t1", "t2"], codebook=book)


def test_a_fixed_column_may_not_vary_within_a_person():
    long = pd.DataFrame({"id": [1, 1], "wave": [1, 2], "arm": ["x", "y"], "q": [1, 2]})
    with pytest.raises(ReshapeError, match="'arm' differs between time points for 1 person"):
        to_wide(long, person="id", wave="wave", fixed=["arm"])


def test_a_person_twice_at_a_time_point_is_refused():
    long = pd.DataFrame({"id": [1, 1], "wave": [1, 1], "q": [1, 2]})
    with pytest.raises(ReshapeError, match="1 person is there more than once at one time point"):
        to_wide(long, person="id", wave="wave")


def test_reasons_for_missing_move_with_their_answers():
    book = Codebook.from_labels(
        {"q__t1": {1: "Yes"}, "q__t2": {9: "Refused"}}, missing={"q__t2": [9]}
    )
    object.__setattr__(book, "reasons", reasons_frame([(1, "q__t2", 9.0, "Refused")]))
    data = pd.DataFrame({"id": ["a", "b"], "q__t1": [1.0, 1.0], "q__t2": [1.0, None]})
    long = to_long(data, person="id", waves=["t1", "t2"], codebook=book)
    assert long.codebook.missing_reason("q").to_dict() == {3: "Refused"}
    assert long.codebook["q"].missing_values == (9,)
    back = to_wide(long.data, person="id", wave="wave", codebook=long.codebook)
    assert back.codebook.missing_reason("q__t2").to_dict() == {1: "Refused"}


def test_polars_in_polars_out():
    data = pl.DataFrame({"id": [1, 2], "q_t1": [1, 2], "q_t2": [3, 4]})
    long = to_long(data, person="id", waves=["t1", "t2"])
    assert isinstance(long.data, pl.DataFrame)
    assert isinstance(to_wide(long.data, person="id", wave="wave").data, pl.DataFrame)


def test_the_demo_export_goes_long_with_its_codebook():
    data, book = read(str(files("socmeasures") / "demo" / "befriending_export.sav"))
    with pytest.raises(ReshapeError, match="there more than once"):
        to_long(data, person="id", waves=["t1", "t2"], codebook=book)
    data, _ = resolve_duplicates(data, person="id", rule="first")
    long = to_long(data, person="id", waves=["t1", "t2"], codebook=book)
    assert len(long.data) == 2 * len(data)
    assert long.codebook["ucla3_1"].value_labels == book["ucla3_1_t1"].value_labels
