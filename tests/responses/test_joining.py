"""One file a time point: who is in which, and identifiers that are nearly the same."""

from __future__ import annotations

import pandas as pd
import polars as pl
import pytest

from socmeasures.errors import JoinError
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.joining import join_waves
from socmeasures.responses.near_ids import near_pairs

BEFORE = pd.DataFrame({"id": ["AB01", "007", "C3", "D4"], "q": [1, 2, 3, 1]})
AFTER = pd.DataFrame({"id": ["ab1 ", "7", "C3", "E5"], "q": [2, 2, 2, 2], "extra": [1, 1, 1, 1]})


@pytest.mark.parametrize(
    ("own", "other", "differ"),
    [
        ("AB01", "ab01", "case"),
        ("AB01", "AB01 ", "spaces"),
        ("AB-01", "AB01", "spaces"),
        ("007", "7", "leading zeros"),
        ("AB01", "AB1", "leading zeros"),
        ("AB01", "ab1 ", "case, spaces, leading zeros"),
        ("smith82", "smyth82", "one character"),
        ("smith82", "smiht82", "one character"),
        ("smith82", "smith8", "one character"),
    ],
)
def test_ids_that_nearly_match_are_named_with_their_difference(own, other, differ):
    assert list(near_pairs([own], [other])) == [(own, other, differ)]


@pytest.mark.parametrize(("own", "other"), [("AB01", "CD77"), ("12", "13"), ("a", "b")])
def test_ids_that_are_different_are_not_listed(own, other):
    assert list(near_pairs([own], [other])) == []


def test_an_id_in_both_files_is_nobody_elses_near_match():
    assert list(near_pairs(["101", "102"], ["101", "102"])) == []


def test_nearly_matching_ids_are_listed_and_never_joined():
    joined = join_waves({"before": BEFORE, "after": AFTER}, person="id")
    assert len(joined.data) == 8
    assert joined.who.set_index("id")["time_points"].to_dict()["C3"] == 2
    assert joined.who["time_points"].sum() == 8
    assert joined.near[["first_id", "second_id"]].to_numpy().tolist() == [
        ["AB01", "ab1 "],
        ["007", "7"],
    ]
    assert "7 people: 1 at all 2 time points, 3 at before only, 3 at after only." in str(joined)


def test_confirmed_ids_are_joined():
    joined = join_waves(
        {"before": BEFORE, "after": AFTER}, person="id", same={"ab1 ": "AB01", "7": "007"}
    )
    assert int((joined.who["time_points"] == 2).sum()) == 3
    assert not len(joined.near)


def test_a_number_and_the_same_number_as_text_are_one_person():
    before = pd.DataFrame({"id": [7.0, 8.0], "q": [1, 2]})
    after = pd.DataFrame({"code": ["7", "9"], "q": [1, 2]})
    joined = join_waves({"a": before, "b": after}, person={"a": "id", "b": "code"})
    assert joined.who.set_index("id")["time_points"].to_dict() == {"7": 2, "8": 1, "9": 1}


def test_wide_has_a_column_a_time_point_and_none_that_was_never_asked():
    joined = join_waves({"before": BEFORE, "after": AFTER}, person="id", how="wide")
    assert list(joined.data.columns) == ["id", "q__before", "q__after", "extra__after"]
    assert len(joined.data) == 7


def test_people_twice_need_a_rule_and_are_counted():
    twice = pd.DataFrame({"id": ["a", "a"], "q": [None, 2]})
    with pytest.raises(JoinError, match="before: 1 person is there more than once: rows 1, 2"):
        join_waves({"before": twice, "after": BEFORE}, person="id")
    joined = join_waves({"before": twice, "after": BEFORE}, person="id", duplicates="most_complete")
    assert joined.data["q"].tolist()[0] == 2
    assert any("rule: most complete" in note for note in joined.notes)


def test_all_faults_are_told_at_once():
    bad = pd.DataFrame({"id": [None, "a"], "q": [1, 2]})
    with pytest.raises(JoinError) as caught:
        join_waves({"before": bad, "after": AFTER[["q"]]}, person="id", same={"zz": "a"})
    assert len(caught.value.faults) == 3
    assert "nobody has the identifier 'zz'" in str(caught.value)


def test_a_code_that_means_something_else_in_the_next_file_is_refused():
    books = [Codebook.from_labels({"q": {1: words}}) for words in ("Never", "Always")]
    with pytest.raises(JoinError, match="code 1 means 'Never' at before but 'Always' at after"):
        join_waves({"before": (BEFORE, books[0]), "after": (AFTER, books[1])}, person="id")


def test_codebooks_and_frame_kind_go_along():
    book = Codebook.from_labels({"q": {1: "Never"}}, labels={"q": "How often?"})
    polars = [pl.from_pandas(f) for f in (BEFORE, AFTER)]
    joined = join_waves({"before": (polars[0], book), "after": (polars[1], book)}, person="id")
    assert isinstance(joined.data, pl.DataFrame)
    assert joined.codebook["q"].label == "How often?"
    assert joined.codebook["wave"].kind == "string"
