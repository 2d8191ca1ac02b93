"""Labelled files: what is read, what is kept, and how each bad file is refused."""

from __future__ import annotations

import contextlib
import datetime
import os
import struct
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from socmeasures.errors import (
    ChoiceError,
    ColumnsNotInFileError,
    EncodingError,
    FileMissingError,
    NotAnSpssFileError,
    ReadError,
    SocmeasuresError,
    SocmeasuresWarning,
    TruncatedFileError,
    UnsupportedFormatError,
    WrongFormatError,
)
from socmeasures.responses.reading import read
from socmeasures.responses.sav_header import read_sav_header

FRAME = pd.DataFrame(
    {
        "id": [1.0, 2.0, 3.0, 4.0],
        "q1": [1.0, 9.0, -9.0, np.nan],
        "ort": ["Köln", "Ulm", "x", ""],
    }
)


@pytest.fixture
def export(tmp_path) -> Path:
    path = tmp_path / "export.sav"
    pyreadstat.write_sav(
        FRAME,
        path,
        column_labels={"q1": "Wie oft fühlen Sie sich einsam?"},
        variable_value_labels={"q1": {1: "nie", 9: "verweigert"}, "ort": {"x": "unbekannt"}},
        missing_ranges={"q1": [9, {"lo": -np.inf, "hi": -1}], "ort": ["x"]},
        variable_measure={"q1": "ordinal"},
        variable_format={"q1": "F2.0"},
        file_label="Studie",
        note="eine Notiz",
        row_compress=True,
    )
    return path


# --- traps of the native reader, one test each ----------------------------------------------


def test_user_missing_codes_become_missing_and_their_reasons_stay(export):
    data, book = read(export)
    assert data["q1"].isna().tolist() == [False, True, True, True]
    assert data["ort"].isna().tolist() == [False, False, True, False]
    assert book.reasons.values.tolist() == [
        [1, "q1", 9.0, "verweigert"],
        [2, "q1", -9.0, ""],
        [2, "ort", "x", "unbekannt"],
    ]
    assert book["q1"].missing_values == (9.0,)
    assert book["q1"].missing_ranges == ((-np.inf, -1.0),)


def test_keep_leaves_the_codes_and_lists_the_reasons_all_the_same(export):
    data, book = read(export, user_missing="keep")
    assert data["q1"].tolist()[:3] == [1.0, 9.0, -9.0]
    assert data["ort"].tolist()[2] == "x"
    assert len(book.reasons) == 3


def test_an_empty_text_stays_an_empty_text(export):
    data, _ = read(export)
    assert data["ort"].tolist()[3] == ""
    assert data["ort"].dtype == "str"


def test_labels_are_found_by_whole_numbers_and_floats(export):
    _, book = read(export)
    assert book["q1"].value_labels[1] == book["q1"].value_labels[1.0] == "nie"
    assert book.labels("q1") == {1.0: "nie"}


def test_measure_format_label_notes_and_file_label_are_kept(export):
    _, book = read(export)
    q1 = book["q1"]
    assert (q1.measure, q1.format, q1.kind) == ("ordinal", "F2.0", "numeric")
    assert q1.label == "Wie oft fühlen Sie sich einsam?"
    assert (book.file_label, book.documents, book.file_name) == (
        "Studie",
        ("eine Notiz",),
        "export.sav",
    )
    assert str(export.parent) not in repr(book)


def test_dates_times_and_durations_come_as_such_and_those_without_a_calendar_are_missing(tmp_path):
    path = tmp_path / "dates.sav"
    frame = pd.DataFrame(
        {"d": [12_000_000_000.0, 1e13], "t": [90_061.5, np.nan], "s": [13_803_398_400.25, np.nan]}
    )
    pyreadstat.write_sav(
        frame, path, variable_format={"d": "DATE11", "t": "TIME11.2", "s": "DATETIME20"}
    )
    with pytest.warns(SocmeasuresWarning, match=r"1 date of d outside the calendar"):
        data, book = read(path)
    assert data["d"][0] == pd.Timestamp("1963-01-18 21:20:00")
    assert data["d"].isna().tolist() == [False, True]
    assert data["t"][0] == pd.Timedelta(days=1, hours=1, minutes=1, seconds=1.5)
    assert data["s"][0] == pd.Timestamp("2020-03-12 13:20:00.25")
    assert [book[n].kind for n in ("d", "t", "s")] == ["date", "time", "datetime"]


def test_a_stata_file_keeps_letters_as_reasons_and_reads_its_dates(tmp_path):
    path = tmp_path / "export.dta"
    frame = pd.DataFrame({"q": pd.Series([1, 2, "a"], dtype=object), "x": [1, 2, 3]})
    frame["d"] = [datetime.date(2020, 1, 1), datetime.date(1959, 12, 31), None]
    pyreadstat.write_dta(
        frame,
        path,
        missing_user_values={"q": ["a"]},
        variable_value_labels={"q": {1: "no", "a": "Refused"}},
    )
    data, book = read(path)
    assert data["q"].tolist()[:2] == [1.0, 2.0]
    assert np.isnan(data["q"][2])
    assert book.missing_reason("q").to_dict() == {2: "Refused"}
    assert data["d"].tolist()[:2] == [pd.Timestamp("2020-01-01"), pd.Timestamp("1959-12-31")]


@pytest.mark.needs("shared")
def test_a_portable_file_keeps_its_user_missing_codes(shared):
    data, book = read(shared / "data/sav_foreign/electric.por")
    assert len(book.missing_reason("DAYOFWK")) == 130
    assert data["DAYOFWK"].isna().sum() == 130


@pytest.mark.needs("shared")
def test_notes_name_the_encoding_the_weight_the_response_sets_and_zero_rows(shared):
    _, book = read(shared / "data/sav_awkward/efc_awkward.sav")
    assert book.weight == "wt"
    notes = " ".join(book.notes)
    assert "Letters read as UTF-8." in notes
    assert "weighted by wt. The weight is not used." in notes
    assert "Multiple-response set $services: srv1, srv2, srv3." in notes
    data, empty = read(shared / "data/sav_awkward/zero_rows.sav")
    assert len(data) == 0
    assert data.shape[1] == 6
    assert "The file has variables but no answers (0 rows)." in empty.notes


@pytest.mark.needs("shared")
def test_roles_and_attributes_that_no_writer_keeps_are_known(shared):
    _, book = read(shared / "data/sav_torture/demo.sav")
    assert book.not_kept == (
        ("role", "ucla_1", "target"),
        ("custom attribute", "ucla_1", "QuestionNumber"),
        ("file attribute", "", "Study"),
    )


def test_a_filter_variable_is_named_with_how_many_it_selects(tmp_path):
    path = tmp_path / "filtered.sav"
    pyreadstat.write_sav(pd.DataFrame({"q": [1.0, 2, 3], "filter_$": [1.0, 0, 1]}), path)
    data, book = read(path)
    assert len(data) == 3
    assert any("(filter_$): 2 of 3 rows are selected" in note for note in book.notes)


def test_labels_in_the_wrong_encoding_are_pointed_out(tmp_path):
    path = tmp_path / "garbled.sav"
    pyreadstat.write_sav(pd.DataFrame({"q": [1.0]}), path, column_labels={"q": "fÃ¼r"})
    assert any("garbled" in note and "--encoding utf-8" in note for note in read(path)[1].notes)


def test_only_the_columns_asked_for_are_read(export):
    data, book = read(export, columns=["ort", "id"])
    assert list(data.columns) == list(book.variables) == ["id", "ort"]
    with pytest.raises(ColumnsNotInFileError, match=r"1 column of columns= .*'Q1'\. Close: 'q1'"):
        read(export, columns=["id", "Q1"])


def test_a_polars_frame_has_nulls_where_pandas_has_nan(export):
    data, _ = read(export, frame="polars")
    assert data["q1"].to_list() == [1.0, None, None, None]
    assert data["ort"].to_list() == ["Köln", "Ulm", None, ""]


def test_the_file_is_not_changed(export):
    before = export.read_bytes()
    read(export)
    assert export.read_bytes() == before


# --- files that are refused -----------------------------------------------------------------


def test_a_missing_file_is_refused_with_its_neighbours(export):
    with pytest.raises(FileMissingError, match=r"no such file\. Close: 'export\.sav'"):
        read(export.parent / "exprt.sav")
    with pytest.raises(FileNotFoundError):
        read(export.parent / "nofolder" / "x.sav")


def test_a_folder_and_an_empty_file_are_refused(tmp_path):
    with pytest.raises(FileMissingError, match="this is a folder"):
        read(tmp_path)
    (tmp_path / "empty.sav").touch()
    with pytest.raises(FileMissingError, match=r"the file is empty \(0 bytes\)"):
        read(tmp_path / "empty.sav")


def test_an_unknown_ending_is_refused_with_those_that_can_be_read(tmp_path):
    (tmp_path / "x.docx").write_bytes(b"PK")
    with pytest.raises(UnsupportedFormatError, match=r"'\.docx' cannot be read; .*\.sav, \.zsav"):
        read(tmp_path / "x.docx")


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"PK\x03\x04rest", "a workbook or zip file. If it is, rename it so that it ends in .xlsx"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"id,q1\n1,2\n", "text. If it is, rename it so that it ends in .csv"),
        (b"\xd0\xcf\x11\xe0rest", "an old or password-protected Office file"),
        (b"\x1c\0\0\0\0\0\0\0ENCRYPTEDSAV\x15", "an encrypted SPSS file. Open it in SPSS with its"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\0\1\2\3\4\5", "binary data of no kind known here"),
    ],
)
def test_what_is_not_an_spss_file_is_refused_by_what_it_looks_like(tmp_path, start, words):
    path = tmp_path / "x.sav"
    path.write_bytes(start)
    with pytest.raises(
        NotAnSpssFileError, match="this is not an SPSS data file; it looks like"
    ) as e:
        read(path)
    assert words in str(e.value)


def test_an_spss_file_with_another_ending_is_named(export):
    other = export.with_suffix(".csv")
    export.rename(other)
    with pytest.raises(WrongFormatError, match=r"it looks like an SPSS file.* ends in \.sav"):
        read(other)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.5, 0.8, 0.95, 0.999])
@pytest.mark.parametrize("suffix", [".sav", ".zsav"])
def test_a_file_that_was_cut_short_is_refused(tmp_path, share, suffix):
    path = tmp_path / f"x{suffix}"
    big = pd.DataFrame({f"q{i}": np.arange(200) * 1.5 for i in range(5)})
    pyreadstat.write_sav(big, path, compress=suffix == ".zsav")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ReadError, match=r"cut short or damaged|not an SPSS") as error:
        read(path)
    assert isinstance(error.value, TruncatedFileError | NotAnSpssFileError)


@pytest.mark.needs("shared")
def test_a_wrong_encoding_is_refused_with_the_one_to_try(shared, tmp_path):
    source = shared / "data/sav_awkward/ucla3_german_cp1252.sav"
    with pytest.raises(
        EncodingError,
        match=r"not written in utf-8\. Try .*'windows-1252'\), .* --encoding windows-1252",
    ):
        read(source, encoding="utf-8")
    with pytest.raises(EncodingError, match="the encoding 'klingon' is not known"):
        read(source, encoding="klingon")
    lying = tmp_path / "lying.sav"
    lying.write_bytes(source.read_bytes().replace(b"windows-1252", b"UTF-8       "))
    with pytest.raises(EncodingError, match="--encoding windows-1252"):
        read(lying)
    data, _ = read(lying, encoding="windows-1252")
    assert data.equals(read(source)[0])


def test_a_file_one_may_not_open_is_refused(export, monkeypatch):
    real = Path.open

    def locked(self, *args, **options):
        if self.name == "export.sav":
            raise PermissionError(13, "denied")
        return real(self, *args, **options)

    monkeypatch.setattr(Path, "open", locked)
    with pytest.raises(ReadError, match="you may not open this file"):
        read(export)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may open everything")
def test_a_file_without_reading_rights_is_refused(export):
    export.chmod(0)
    with pytest.raises(ReadError, match="you may not open this file"):
        read(export)


def test_an_unknown_choice_is_refused(export):
    with pytest.raises(ChoiceError, match="user_missing='drop'"):
        read(export, user_missing="drop")
    with pytest.raises(ChoiceError, match="frame='panda'"):
        read(export, frame="panda")


@pytest.mark.parametrize("value", [0, -1, 3_000_000])
def test_labels_of_a_variable_that_is_not_there_never_reach_the_native_reader(export, value):
    whole = export.read_bytes()
    one_variable = struct.pack("<3i", 4, 1, 2)
    assert one_variable in whole
    export.write_bytes(whole.replace(one_variable, struct.pack("<3i", 4, 1, value)))
    with pytest.raises(TruncatedFileError, match="labels of a variable that is not there"):
        read(export)


def test_damaged_dictionaries_are_read_or_refused_without_another_error(export):
    whole = export.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(300):
        broken = bytearray(whole)
        for place in rng.integers(64, len(broken), size=3):
            broken[place] = rng.integers(0, 256)
        export.write_bytes(bytes(broken))
        with contextlib.suppress(SocmeasuresError):
            read_sav_header(export)


@pytest.mark.needs("shared")
def test_a_portable_file_has_no_choice_of_encoding_and_says_so(shared):
    _, book = read(shared / "data/sav_foreign/electric.por", encoding="latin-1")
    assert "encoding= has no effect" in book.notes[0]


def test_a_stata_file_is_told_by_its_first_bytes(tmp_path):
    pd.DataFrame({"q": [1.0]}).to_stata(tmp_path / "old.dta", version=114, write_index=False)
    assert read(tmp_path / "old.dta")[0]["q"].tolist() == [1.0]
    (tmp_path / "old.dta").rename(tmp_path / "old.sav")
    with pytest.raises(NotAnSpssFileError, match=r"a Stata file.* ends in \.dta"):
        read(tmp_path / "old.sav")


def test_labelled_text_codes_in_another_encoding_never_reach_the_native_reader(tmp_path):
    path = tmp_path / "x.sav"
    pyreadstat.write_sav(
        pd.DataFrame({"t": ["a"]}), path, variable_value_labels={"t": {"mq": "male", "f": "x"}}
    )
    path.write_bytes(path.read_bytes().replace(b"mq", b"m\xa9"))
    with pytest.raises(EncodingError, match=r"(?i)not written in utf-8.*--encoding windows-1252"):
        read(path)
    assert "m©" in read(path, encoding="windows-1252")[1]["t"].value_labels
