"""Tables without labels: what is guessed, what is said, what is refused."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from socmeasures.errors import (
    ColumnsNotInFileError,
    EncodingError,
    FileMissingError,
    SheetError,
    TableError,
    TruncatedFileError,
    WrongFormatError,
)
from socmeasures.responses.reading import read


@pytest.fixture
def csv_file(tmp_path):
    def make(text: str, encoding: str = "utf-8", name: str = "export.csv"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return make


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_from_the_heading(csv_file, delimiter):
    text = 'id,"How often, if at all?",q2\n1,2,3\n2,,4\n'.replace('"How often, if at all?"', "q1")
    data, book = read(csv_file(text.replace(",", delimiter)))
    assert list(data.columns) == ["id", "q1", "q2"]
    assert data["q2"].tolist() == [3, 4]
    assert "fields separated by" in book.notes[0]


def test_a_question_with_commas_as_heading_does_not_mislead(csv_file):
    data, _ = read(csv_file('id;"Lonely, sad; or low?";x\n1;2;3\n'))
    assert list(data.columns) == ["id", "Lonely, sad; or low?", "x"]


def test_decimal_commas_are_read_with_semicolons_and_said(csv_file):
    data, book = read(csv_file("id;mood;note\n1;2,5;a\n2;3;b,c\n"))
    assert data["mood"].tolist() == [2.5, 3.0]
    assert data["note"].tolist() == ["a", "b,c"]
    assert "A comma is read as the decimal sign in: mood." in book.notes


def test_encodings_are_tried_in_turn_and_the_one_in_force_is_said(csv_file):
    utf8 = read(csv_file("\ufeffort\nKöln\n"))
    latin = read(csv_file("ort\nKöln\n", "windows-1252"))
    wide = read(csv_file("ort\tq\nKöln\t1\n", "utf-16"))
    for data, _ in (utf8, latin, wide):
        assert data["ort"].tolist() == ["Köln"]
    assert [book.encoding for _, book in (utf8, latin, wide)] == ["utf-8", "windows-1252", "utf-16"]
    assert "Letters read as windows-1252" in latin[1].notes[0]


def test_a_wrong_encoding_is_refused_with_the_one_to_try(csv_file):
    path = csv_file("ort\nKöln\n", "windows-1252")
    with pytest.raises(EncodingError, match=r"not written in utf-8\. .*--encoding windows-1252"):
        read(path, encoding="utf-8")
    with pytest.raises(EncodingError, match="'utf-9' is not known"):
        read(path, encoding="utf-9")


def test_identifiers_with_leading_zeros_or_many_digits_stay_text(csv_file):
    data, _ = read(csv_file("id,phone,n\n007,4915112345678901234,1\n012,1,2\n"))
    assert data["id"].tolist() == ["007", "012"]
    assert data["phone"].tolist()[0] == "4915112345678901234"
    assert data["n"].dtype == "int64"


def test_none_is_an_answer_and_na_is_not(csv_file):
    data, _ = read(csv_file("a,b\nNone,1\nNA,NA\n"))
    assert data["a"].tolist()[0] == "None"
    assert data["a"].isna().tolist() == [False, True]
    assert np.isnan(data["b"][1])


def test_text_among_numbers_keeps_the_column_text(csv_file):
    data, _ = read(csv_file("q\n1\nrefused\n\n2.0\n"))
    assert data["q"].tolist() == ["1", "refused", "2.0"]


def test_rows_of_another_length_are_all_listed(csv_file):
    with pytest.raises(TableError, match="2 faults") as error:
        read(csv_file("a,b\n1,2\n1\n1,2,3\n"))
    assert "row 2 (line 3): 1 fields; the heading has 2" in str(error.value)
    assert error.value.problems["row"].tolist() == [2, 3]


def test_duplicated_and_missing_headings_are_refused_together(csv_file):
    with pytest.raises(TableError) as error:
        read(csv_file("a,a,,d\n1,2,3,4\n"))
    assert "'a' stands over 2 columns" in str(error.value)
    assert "column 3 has answers but no heading" in str(error.value)


def test_row_names_of_other_programs_get_a_name_and_empty_last_rows_none(csv_file):
    data, _ = read(csv_file(",q\n1,5\n2,\n,\n,\n"))
    assert list(data.columns) == ["unnamed_1", "q"]
    assert len(data) == 2


def test_a_qualtrics_export_gives_its_questions_as_labels(csv_file):
    heads = 'ResponseId,Q1\nResponse ID,"How, are you?"\n'
    third = '"{""ImportId"":""_r""}","{""ImportId"":""Q""}"\n'
    data, book = read(csv_file(heads + third + "R_1,4\n"))
    assert data["Q1"].tolist() == [4]
    assert book["Q1"].label == "How, are you?"


@pytest.mark.needs("shared")
def test_a_real_qualtrics_export_is_read(shared):
    folder = shared / "data/scorify"
    exports = [p for p in folder.glob("*.csv") if "ImportId" in p.read_text("utf-8-sig")]
    assert exports
    for path in exports:
        data, book = read(path)
        assert len(data)
        assert any("Qualtrics" in note for note in book.notes)


def test_a_heading_alone_is_a_table_without_rows(csv_file):
    data, book = read(csv_file("a,b\n"))
    assert data.shape == (0, 2)
    assert "The file has headings but no answers (0 rows)." in book.notes


def test_binary_data_is_no_table(csv_file, tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n\0\0\1")
    with pytest.raises(WrongFormatError, match="not a table of text"):
        read(path)


# --- workbooks ------------------------------------------------------------------------------


@pytest.fixture
def workbook(tmp_path):
    import openpyxl

    def make(**sheets):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        book.save(tmp_path / "x.xlsx")
        return tmp_path / "x.xlsx"

    return make


ROWS = [
    ["id", "q1", "when", "word"],
    ["1", 2, datetime.datetime(2020, 1, 2), "a"],
    ["2", None, None, 3.0],
]


def test_the_only_sheet_is_read_with_numbers_dates_and_text(workbook):
    data, book = read(workbook(Answers=ROWS))
    assert data["id"].tolist() == [1, 2]
    assert data["q1"].tolist()[0] == 2
    assert data["q1"].isna().tolist() == [False, True]
    assert data["when"][0] == pd.Timestamp("2020-01-02")
    assert data["word"].tolist() == ["a", "3"]
    assert book["when"].kind == "datetime"


def test_several_sheets_ask_for_one(workbook):
    path = workbook(pre=ROWS, post=ROWS)
    with pytest.raises(
        SheetError, match=r"2 sheets; its sheets are 'pre', 'post'\..*--sheet \"pre\""
    ):
        read(path)
    with pytest.raises(SheetError, match=r"no sheet 'Pre'; .* Close: 'pre'"):
        read(path, sheet="Pre")
    assert len(read(path, sheet="post")[0]) == 2


def test_a_codebook_sheet_is_not_taken_for_data(workbook):
    data, book = read(workbook(data=ROWS, codebook=[["name"], ["q1"]]))
    assert len(data) == 2
    assert "The sheet 'codebook' is not data." in book.notes[0]


def test_merged_headings_and_empty_sheets_are_refused(workbook):
    with pytest.raises(TableError, match="column 2 has answers but no heading"):
        read(workbook(data=[["a", None], [1, 2]]))
    with pytest.raises(TableError, match="sheet 'data' is empty"):
        read(workbook(data=[]))


def test_what_is_no_workbook_is_refused(tmp_path, workbook):
    path = workbook(data=ROWS)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TruncatedFileError):
        read(path)
    path.write_bytes(b"\xd0\xcf\x11\xe0 old")
    with pytest.raises(WrongFormatError, match=r"save it as \.xlsx without a password"):
        read(path)
    path.write_bytes(b"")
    with pytest.raises(FileMissingError):
        read(path)


def test_a_damaged_parquet_file_is_refused(tmp_path):
    path = tmp_path / "x.parquet"
    pd.DataFrame({"a": [1]}).to_parquet(path)
    assert read(path)[0]["a"].tolist() == [1]
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(TruncatedFileError):
        read(path)


def test_columns_asked_for_are_picked_in_the_order_of_the_file(csv_file):
    path = csv_file("a,b,c\n1,2,3\n")
    assert list(read(path, columns=["c", "a"])[0].columns) == ["a", "c"]
    with pytest.raises(ColumnsNotInFileError, match=r"'B'\. Close: 'b'"):
        read(path, columns=["B"])


def test_a_table_of_blank_lines_has_no_heading(csv_file):
    with pytest.raises(TableError, match="no row of headings"):
        read(csv_file("\n\n"))
