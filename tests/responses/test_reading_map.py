"""How every distinct answer is read; words of other languages; next month's export."""

from __future__ import annotations

import pandas as pd
import pytest

from socmeasures.errors import ColumnsNotInFileError, LabelMapError
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.matching import match_scales
from socmeasures.responses.reading import read
from socmeasures.responses.reading_map import (
    load_label_map,
    plan_changes,
    reading_table,
    translate_answers,
)
from socmeasures.scoring.compute import score

ANSWERS = [
    "3 - Often",
    "OFTEN",
    "<b>often</b>",
    "Oftn",
    "some of the time",
    "Don't know",
    "2",
    None,
]


def told(answers, book=None, coding=None):
    data = pd.DataFrame({f"ucla3_{i}": answers for i in (1, 2, 3)})
    plan = match_scales(data, book)
    if coding:
        planned = tuple(p.model_copy(update={"coding": coding}) for p in plan.scales)
        plan = plan.model_copy(update={"scales": planned})
    table = reading_table(data, plan, book)
    return table[table["item"] == 1].set_index("answer")


def test_every_distinct_answer_has_a_row_that_says_how_it_is_read():
    table = told(ANSWERS, coding="canonical")
    assert table["n"].sum() == 7
    assert table.loc["3 - Often", "read_as"] == 3
    assert table.loc["OFTEN", "how"] == "same words"
    assert table.loc["<b>often</b>", "read_as"] == 3
    assert table.loc["2", "how"] == "stated coding"
    assert table.loc["Don't know", "how"] == "no answer"


def test_a_near_miss_is_proposed_and_not_applied():
    table = told(ANSWERS, coding="canonical")
    assert table.loc["Oftn", "proposal"] == "often"
    assert table.loc["Oftn", "how"] == "not understood"
    assert table.loc["Oftn", "read_as"] is pd.NA


def test_an_undecided_coding_is_said():
    assert set(told([1, 2])["how"]) == {"coding undecided"}


def test_the_words_of_the_codebook_and_its_missing_codes():
    labels = {1: "hardly ever", 2: "some of the time", 3: "often", 9: "Refused"}
    book = Codebook.from_labels(
        {f"ucla3_{i}": labels for i in (1, 2, 3)}, missing={f"ucla3_{i}": [9] for i in (1, 2, 3)}
    )
    table = told([1, 3, 9], book)
    assert table["how"].to_dict() == {
        1: "value label",
        3: "value label",
        9: "declared missing",
    }


@pytest.mark.needs("shared")
def test_codes_taken_out_on_reading_are_counted(shared):
    data, book = read(shared / "data/covid_gaming/study02_raw_items.sav")
    plan = match_scales(data, book, scales=["djg11"]) if "djg11" in str(data.columns) else None
    plan = plan or match_scales(data, book)
    table = reading_table(data, plan, book)
    taken = table[(table["how"] == "declared missing")]["n"].sum()
    columns = set(table["column"])
    assert taken == int(book.reasons["column"].isin(columns).sum())


def test_german_words_are_understood_by_a_map(tmp_path):
    file = tmp_path / "words.toml"
    file.write_text(
        '[labels]\n"Nie oder selten" = "hardly ever"\n"Manchmal" = "some of the time"\n'
        '"Oft" = "often"\n',
        encoding="utf-8",
    )
    labels = load_label_map(file)
    data = pd.DataFrame({f"ucla3_{i}": ["nie oder selten", "OFT", " Manchmal"] for i in (1, 2, 3)})
    book = translate_answers(data, Codebook.from_labels({}), labels)
    assert score(data, "ucla3", codebook=book)["ucla3_total"].tolist() == [3, 9, 6]
    coded = pd.DataFrame({f"ucla3_{i}": [1, 3] for i in (1, 2, 3)})
    german = Codebook.from_labels(
        {f"ucla3_{i}": {1: "Oft", 2: "Manchmal", 3: "Nie oder selten"} for i in (1, 2, 3)}
    )
    scored = score(coded, "ucla3", codebook=translate_answers(coded, german, labels))
    assert scored["ucla3_total"].tolist() == [9, 3]


@pytest.mark.parametrize("text", ["labels = 3", "[words]\na = 'b'", "[labels]\na = 1", "[lab"])
def test_a_table_of_words_with_faults_is_refused(tmp_path, text):
    file = tmp_path / "words.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(LabelMapError, match=r"words\.toml"):
        load_label_map(file)


def test_only_the_columns_of_a_plan_are_read(tmp_path):
    data = pd.DataFrame({"id": ["a"], **{f"ucla3_{i}": [1] for i in (1, 2, 3)}, "more": [1]})
    data.to_csv(tmp_path / "a.csv", index=False)
    plan = match_scales(data, person="id")
    read_back, _ = read(tmp_path / "a.csv", columns=plan.columns())
    assert list(read_back.columns) == ["id", "ucla3_1", "ucla3_2", "ucla3_3"]
    data.drop(columns="ucla3_2").to_csv(tmp_path / "b.csv", index=False)
    with pytest.raises(ColumnsNotInFileError, match="'ucla3_2'"):
        read(tmp_path / "b.csv", columns=plan.columns())


def test_a_renamed_column_is_found_by_its_label_and_a_moved_one_is_told():
    old = pd.DataFrame({f"ucla3_{i}": [1] for i in (1, 2, 3)})
    plan = match_scales(old)
    new = old.rename(columns={"ucla3_2": "v17"})[["ucla3_3", "v17", "ucla3_1"]]
    book = Codebook.from_labels({}, labels={"v17": "How often do you feel left out?"})
    changes = plan_changes(plan, new, book)
    assert changes[["column", "change", "candidate", "evidence"]].to_numpy().tolist() == [
        ["ucla3_2", "absent", "v17", "label"]
    ]
    moved = plan_changes(plan, old[["ucla3_3", "ucla3_2", "ucla3_1"]])
    assert moved["change"].tolist() == ["moved"]
    assert not len(plan_changes(plan, old))
