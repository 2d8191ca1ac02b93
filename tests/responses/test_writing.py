"""Output files: whole or not at all, never over the input, the same twice."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import polars as pl
import pytest

from socmeasures.errors import OutputError, UnsupportedFormatError
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.reading import read
from socmeasures.responses.writing import check_output, write, write_csv

DATA = pd.DataFrame(
    {
        "id": ["007", "x,y", "=1+1"],
        "total": [3.0, np.nan, 5.0],
        "mean": [1.25, np.nan, 1 / 3],
        "band": pd.Categorical(["low", None, "high"], categories=["low", "high"]),
        "day": pd.to_datetime(["2020-01-02", None, "2021-03-04"]),
    },
    index=[5, 6, 7],
)
EVERY = [".sav", ".zsav", ".csv", ".xlsx", ".parquet"]


@pytest.mark.parametrize("suffix", EVERY)
def test_every_format_gives_the_numbers_back(tmp_path, suffix):
    before = DATA.copy(deep=True)
    write(DATA, tmp_path / f"out{suffix}")
    data, _ = read(tmp_path / f"out{suffix}")
    assert data["id"].tolist() == DATA["id"].tolist()
    np.testing.assert_array_equal(data["mean"].to_numpy(float), DATA["mean"].to_numpy())
    np.testing.assert_array_equal(data["total"].to_numpy(float), DATA["total"].to_numpy())
    pd.testing.assert_frame_equal(DATA, before)


@pytest.mark.parametrize("suffix", EVERY)
def test_the_same_data_written_twice_give_the_same_bytes(tmp_path, suffix, monkeypatch):
    write(DATA, tmp_path / f"one{suffix}")
    import time

    real = time.localtime
    monkeypatch.setattr(time, "localtime", lambda *a: real(1.5e9))
    write(DATA, tmp_path / f"two{suffix}")
    assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()


@pytest.mark.parametrize("suffix", EVERY)
def test_a_polars_frame_is_written_like_pandas(tmp_path, suffix):
    write(pl.DataFrame({"q": [1, None, 3], "w": ["a", None, "b"]}), tmp_path / f"out{suffix}")
    data, _ = read(tmp_path / f"out{suffix}")
    assert data["q"].isna().tolist() == [False, True, False]
    assert data["w"].tolist()[0] == "a"


def test_csv_opens_in_spreadsheets_and_writes_categories_as_words(tmp_path):
    write_csv(DATA, tmp_path / "out.csv")
    text = (tmp_path / "out.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbfid,total,mean,band,day\n")
    assert b"007,3,1.25,low,2020-01-02\n" in text


def test_a_text_that_looks_like_a_formula_is_text_in_a_workbook(tmp_path):
    book = Codebook.from_labels({"total": {3: "three"}}, labels={"id": "=cmd()"})
    write(DATA.rename(columns={"mean": "=SUM(A1)"}), tmp_path / "out.xlsx", codebook=book)
    sheets = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert sheets.sheetnames == ["data", "codebook"]
    types = {cell.value: cell.data_type for row in sheets["data"].rows for cell in row}
    assert types["=1+1"] == types["=SUM(A1)"] == "s"
    assert types[3] == "n"
    assert {c.data_type for row in sheets["codebook"].rows for c in row} <= {"s", "n", "inlineStr"}
    data, _ = read(tmp_path / "out.xlsx")
    assert data["day"].tolist()[0] == pd.Timestamp("2020-01-02")


def test_signs_a_workbook_cannot_hold_are_left_out_and_told(tmp_path):
    report = write(pd.DataFrame({"t": ["a\x01b"], "v": [np.inf]}), tmp_path / "out.xlsx")
    assert [loss.column for loss in report.lost] == ["t", "v"]


def test_odd_cells_reach_a_workbook(tmp_path):
    frame = pd.DataFrame(
        {
            "z": pd.to_datetime(["2020-01-01 10:00"]).tz_localize("Europe/Berlin"),
            "d": pd.to_timedelta(["1:30:00"]),
            "o": pd.Series([datetime.date(2020, 1, 1)], dtype=object),
            "p": pd.period_range("2020-01", periods=1, freq="M"),
            "b": [True],
        }
    )
    report = write(frame, tmp_path / "out.xlsx")
    assert [loss.what for loss in report] == ["time zone"]
    data, _ = read(tmp_path / "out.xlsx")
    assert data["z"][0] == pd.Timestamp("2020-01-01 10:00")
    assert data["p"][0] == "2020-01"


def test_a_record_travels_in_parquet(tmp_path):
    frame = DATA.copy()
    frame.attrs["socmeasures"] = '{"format": 1}'
    write(frame, tmp_path / "out.parquet")
    data, book = read(tmp_path / "out.parquet")
    assert book.record == data.attrs["socmeasures"] == '{"format": 1}'


def test_formats_without_missing_codes_say_how_many_cells_are_empty(tmp_path):
    book = Codebook.from_labels({"q": {9: "Refused"}}, missing={"q": [9]})
    write(pd.DataFrame({"q": [1.0, 9.0]}), tmp_path / "in.sav", codebook=book)
    data, book = read(tmp_path / "in.sav")
    report = write(data, tmp_path / "out.csv", codebook=book)
    assert str(report).endswith("q: 1 answer missing by a code: the cells are empty")
    assert report.to_frame()["lost"].tolist() == [True]


# --- the output path ------------------------------------------------------------------------


@pytest.fixture
def source(tmp_path) -> Path:
    path = tmp_path / "in.sav"
    write(DATA, path)
    return path


@pytest.mark.parametrize("suffix", EVERY)
def test_the_input_is_never_written_over(tmp_path, suffix):
    path = tmp_path / f"in{suffix}"
    write(DATA, path)
    before = path.read_bytes()
    data, book = read(path)
    with pytest.raises(OutputError, match=r"the file the data came from.*another name"):
        write(data, path, codebook=book)
    assert path.read_bytes() == before


def test_neither_is_it_through_a_link_or_another_spelling(source):
    before = source.read_bytes()
    data, book = read(source)
    soft, hard = source.with_name("soft.sav"), source.with_name("hard.sav")
    soft.symlink_to(source)
    hard.hardlink_to(source)
    (source.parent / "sub").mkdir()
    for path in (soft, hard, source.parent / "sub" / ".." / "in.sav"):
        with pytest.raises(OutputError, match="never written over"):
            write(data, path, codebook=book)
    assert source.read_bytes() == before


def test_an_output_without_a_folder_or_that_is_a_folder_is_refused(tmp_path):
    with pytest.raises(OutputError, match=r"the folder .*nowhere does not exist"):
        write(DATA, tmp_path / "nowhere" / "out.csv")
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(OutputError, match="this is a folder"):
        write(DATA, tmp_path / "out.csv")


def test_an_output_that_is_there_may_be_protected(source):
    with pytest.raises(OutputError, match=r"there already\. .*overwrite=True"):
        write(DATA, source, overwrite=False)
    assert not write(DATA, source)


@pytest.mark.parametrize("suffix", EVERY)
def test_an_output_open_elsewhere_is_refused_and_nothing_is_left(tmp_path, suffix, monkeypatch):
    target = tmp_path / f"out{suffix}"
    target.write_bytes(b"old")

    def locked(self, other):
        raise PermissionError(13, "in use")

    monkeypatch.setattr(Path, "replace", locked)
    with pytest.raises(OutputError, match="Close it in SPSS or Excel and run again"):
        write(DATA, target)
    assert [p.name for p in tmp_path.iterdir()] == [target.name]
    assert target.read_bytes() == b"old"


def test_an_output_that_may_not_be_written_is_refused_before_work(source, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *a: False)
    with pytest.raises(OutputError, match="cannot be written"):
        check_output(source)
    with pytest.raises(OutputError, match="cannot be written"):
        check_output(source.with_name("new.sav"))


@pytest.mark.parametrize("suffix", EVERY)
def test_a_writer_that_fails_leaves_nothing_behind(tmp_path, suffix, monkeypatch):
    import pyreadstat
    from openpyxl.workbook import Workbook

    def fail(*args, **options):
        raise RuntimeError("disk full")

    monkeypatch.setattr(pyreadstat, "write_sav", fail)
    monkeypatch.setattr(pd.DataFrame, "to_csv", fail)
    monkeypatch.setattr(pd.DataFrame, "to_parquet", fail)
    monkeypatch.setattr(Workbook, "save", fail)
    with pytest.raises(OutputError, match=r"nothing was left behind \(disk full\)"):
        write(DATA, tmp_path / f"out{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_a_path_can_be_checked_before_long_work(source):
    with pytest.raises(OutputError, match="the file the data came from"):
        check_output(source, inputs=[source])
    target = source.with_name("new.sav")
    assert check_output(target, inputs=[source]) == target.resolve()


def test_an_unknown_ending_is_refused(tmp_path):
    with pytest.raises(UnsupportedFormatError, match=r"'\.json' cannot be written; .*\.parquet"):
        write(DATA, tmp_path / "out.json")
