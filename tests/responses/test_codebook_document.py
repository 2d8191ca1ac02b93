"""The codebook as page, table and schema; two codebooks compared."""

from __future__ import annotations

import csv
import io
import json

import pytest

from socmeasures.errors import OutputError, UnsupportedFormatError
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.codebook_comparison import compare_codebooks
from socmeasures.responses.codebook_document import (
    codebook_page,
    codebook_schema,
    codebook_table,
    write_codebook,
)
from socmeasures.responses.reading import read

BOOK = Codebook.from_labels(
    {"q1": {1: "Never", 2: "Often <b>", 9: "Refused"}},
    labels={"q1": "How often?", "age": "=HYPERLINK(1)"},
    missing={"q1": [9], "age": [(900, 999)]},
)


def test_the_page_escapes_what_the_file_says():
    page = codebook_page(BOOK)
    assert "Often &lt;b&gt;" in page
    assert "900 to 999" in page
    assert "<script" not in page


def test_the_table_has_a_row_a_code_and_no_formula():
    rows = list(csv.DictReader(io.StringIO(codebook_table(BOOK))))
    assert [(r["name"], r["code"], r["missing"]) for r in rows] == [
        ("q1", "1", "no"),
        ("q1", "2", "no"),
        ("q1", "9", "yes"),
        ("age", "900 to 999", "yes"),
    ]
    assert rows[3]["label"] == "'=HYPERLINK(1)"


def test_the_schema_has_categories_and_labelled_missing_values():
    q1, age = json.loads(codebook_schema(BOOK))["fields"]
    assert q1["type"] == "integer"
    assert q1["categories"] == [
        {"value": 1, "label": "Never"},
        {"value": 2, "label": "Often <b>"},
    ]
    assert q1["missingValues"][1] == {"value": "9", "label": "Refused"}
    assert age["socmeasures:missingRanges"] == [["900", "999"]]


@pytest.mark.parametrize("suffix", [".html", ".csv", ".json"])
def test_a_document_is_written_whole_and_never_over_the_data(tmp_path, suffix):
    assert write_codebook(BOOK, tmp_path / f"book{suffix}").read_bytes()
    (tmp_path / "data.csv").write_text("q1\n1\n", encoding="utf-8")
    _, book = read(tmp_path / "data.csv")
    with pytest.raises(OutputError):
        write_codebook(book, tmp_path / "data.csv")
    with pytest.raises(UnsupportedFormatError):
        write_codebook(BOOK, tmp_path / "book.docx")


@pytest.mark.needs("shared")
def test_every_real_codebook_can_be_a_document(shared):
    for name in ("sav_torture/demo.sav", "sav_awkward/efc_awkward.sav", "sav_efc/efc.sav"):
        _, book = read(shared / "data" / name)
        assert codebook_page(book)
        assert codebook_table(book)
        fields = json.loads(codebook_schema(book))["fields"]
        assert [f["name"] for f in fields] == list(book.variables)
        assert not len(compare_codebooks(book, book))


def test_every_kind_of_change_between_two_files_is_named():
    first = Codebook.from_labels(
        {
            "q1": {1: "Never", 2: "Often"},
            "q2": {1: "Yes", 3: "Maybe"},
            "old": {1: "a"},
            "gone": {},
        },
        labels={"q1": "How often?", "q2": "Do you?", "old": "The same question"},
        missing={"q2": [9]},
    )
    second = Codebook.from_labels(
        {"q1": {1: "Often", 2: "never!"}, "q2": {1: "No", 4: "x"}, "new": {1: "a"}, "more": {}},
        labels={"q1": "how often", "q2": "Did you?", "new": "The same question"},
        missing={"q2": [8]},
    )
    told = compare_codebooks(first, second)
    assert told[["column", "change"]].to_numpy().tolist() == [
        ["q1", "recoded"],
        ["q1", "recoded"],
        ["q2", "relabelled"],
        ["q2", "code has other words"],
        ["q2", "code only in first"],
        ["q2", "code only in second"],
        ["q2", "missing codes"],
        ["old", "renamed"],
        ["gone", "only in first"],
        ["more", "only in second"],
    ]
    assert not len(compare_codebooks(first, first))


def test_columns_of_two_time_points_are_compared_by_given_names():
    first = Codebook.from_labels({"q1_t1": {1: "Never"}})
    second = Codebook.from_labels({"q1_t2": {1: "Always"}})
    told = compare_codebooks(first, second, names={"q1_t1": "q1_t2"})
    assert told["change"].tolist() == ["code has other words"]
