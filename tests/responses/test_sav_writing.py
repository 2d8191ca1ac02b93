"""What SPSS gets: every trap of the native writer is a test, and PSPP reads the result."""

from __future__ import annotations

import datetime
import json
import subprocess

import numpy as np
import pandas as pd
import pytest

from socmeasures.errors import OutputError, RecordError, UnsupportedFormatError
from socmeasures.responses.codebook import Codebook, Variable
from socmeasures.responses.embedded_record import record_lines, split_record
from socmeasures.responses.reading import read
from socmeasures.responses.sav_names import legal_names, note_lines
from socmeasures.responses.sav_writing import write_sav

RECORD = {
    "format": 1,
    "library_version": "0.1",
    "uses": [
        {"scale": "ucla3", "wave": "pre", "form": "3  items – é", "evidence": "unverified"},
        {"scale": "djg6", "wave": None, "evidence": "published", "items": {"1": "a b"}},
    ],
    "columns": [
        {"column": "ucla3_total__pre", "scale": "ucla3", "wave": "pre", "label": "UCLA-3 total"},
        {"column": "djg6_total", "scale": "djg6", "role": "score", "label": "Loneliness"},
        {"column": "djg6_total_n", "scale": "djg6", "role": "n", "label": "valid answers"},
        {
            "column": "djg6_total_status",
            "scale": "djg6",
            "role": "status",
            "label": "how scored",
            "categories": ["scored", "prorated", "not_answered"],
        },
        {
            "column": "djg6_total_band",
            "scale": "djg6",
            "role": "band",
            "label": "band",
            "categories": ["low", "high"],
        },
    ],
}


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out.sav"


def written(frame, out, **options):
    report = write_sav(frame, out, **options)
    return report, *read(out)


def whats(report):
    return [(loss.what, loss.column) for loss in report]


# --- values ---------------------------------------------------------------------------------


def test_categories_become_numbers_with_labels_in_their_order(out):
    frame = pd.DataFrame({"c": pd.Categorical(["b", None, "a"], ["b", "a", "c"], ordered=True)})
    report, data, book = written(frame, out)
    assert data["c"].tolist()[::2] == [1.0, 2.0]
    assert book["c"].value_labels == {1: "b", 2: "a", 3: "c"}
    assert book["c"].measure == "ordinal"
    assert not report


def test_categories_take_the_codes_the_codebook_has_for_their_words(out):
    book = Codebook.from_labels({"q": {0: "no", 5: "yes", 9: "Refused"}}, missing={"q": [9]})
    frame = pd.DataFrame({"q": pd.Categorical(["yes", "no"])})
    _, data, again = written(frame, out, codebook=book)
    assert data["q"].tolist() == [5, 0]
    assert again["q"].missing_values == (9.0,)
    assert write_sav(frame.astype("str"), out, codebook=book).rows == ()


def test_recoded_categories_lose_the_old_codes_and_this_is_told(out):
    book = Codebook.from_labels({"q": {0: "no", 1: "Refused"}}, missing={"q": [1]})
    report, data, again = written(
        pd.DataFrame({"q": pd.Categorical(["low", "high"])}), out, codebook=book
    )
    assert data["q"].tolist() == [2, 1]
    assert again["q"].value_labels == {1: "high", 2: "low"}
    assert again["q"].missing_values == ()
    assert whats(report) == [("missing codes", "q")]


def test_text_categories_of_a_text_variable_stay_text(out):
    book = Codebook.from_labels({"sex": {"f": "Female"}})
    _, data, again = written(pd.DataFrame({"sex": pd.Categorical(["f", "m"])}), out, codebook=book)
    assert data["sex"].tolist() == ["f", "m"]
    assert again["sex"].value_labels == {"f": "Female"}


def test_nullable_and_boolean_columns_are_numbers(out):
    frame = pd.DataFrame(
        {
            "i": pd.array([1, None, 3], dtype="Int64"),
            "b": pd.array([True, None, False], dtype="boolean"),
            "o": pd.Series([True, None, False], dtype=object),
            "f": pd.array([1.5, None, 2], dtype="Float64"),
            "m": pd.Series([1, 2.5, None], dtype=object),
            "n": pd.Categorical([3, 1, 3]),
        }
    )
    report, data, book = written(frame, out)
    assert data["i"].tolist()[::2] == [1, 3]
    assert data["b"].tolist()[::2] == data["o"].tolist()[::2] == [1, 0]
    assert book["b"].value_labels == {0: "no", 1: "yes"}
    assert data["n"].tolist() == [3, 1, 3]
    assert (book["i"].format, book["f"].format) == ("F1.0", "F8.2")
    assert (book["i"].measure, book["b"].measure) == ("scale", "nominal")
    assert not report


def test_dates_times_and_durations_get_their_formats(out):
    frame = pd.DataFrame(
        {
            "day": pd.to_datetime(["2020-02-29", None]),
            "moment": pd.to_datetime(["2020-02-29 10:11:12.5", None]),
            "date": pd.Series([datetime.date(1999, 5, 5), None], dtype=object),
            "time": pd.Series([datetime.time(10, 1, 2), None], dtype=object),
            "long": pd.to_timedelta(["100:00:00", None]),
        }
    )
    report, data, book = written(frame, out)
    formats = [book[name].format for name in frame]
    assert formats == ["DATE11", "DATETIME20", "DATE11", "TIME8", "TIME9"]
    assert data["day"].equals(frame["day"].astype("datetime64[us]"))
    assert data["moment"][0] == pd.Timestamp("2020-02-29 10:11:12.5")
    assert data["date"][0] == pd.Timestamp("1999-05-05")
    assert data["time"][0] == pd.Timedelta(hours=10, minutes=1, seconds=2)
    assert data["long"][0] == pd.Timedelta(hours=100)
    assert not report


def test_what_spss_has_no_type_for_is_changed_or_left_out_and_told(out):
    frame = pd.DataFrame(
        {
            "big": [2**60, 1],
            "inf": [np.inf, 1.0],
            "tz": pd.to_datetime(["2020-01-01 10:00", None]).tz_localize("Europe/Berlin"),
            "period": pd.period_range("2020-01", periods=2, freq="M"),
            "mixed": pd.Series([1, "a"], dtype=object),
            "nul": ["a\0b", "x" * 40_000],
        }
    )
    report, data, _ = written(frame, out)
    assert data["big"].tolist() == ["1152921504606846976", "1"]
    assert np.isnan(data["inf"][0])
    assert data["tz"][0] == pd.Timestamp("2020-01-01 10:00")
    assert data["period"].tolist() == ["2020-01", "2020-02"]
    assert data["mixed"].tolist() == ["1", "a"]
    assert data["nul"][0] == "ab"
    assert len(data["nul"][1]) == 32_767
    assert sorted({column for _, column in whats(report)}) == sorted(frame.columns)


# --- names and labels -----------------------------------------------------------------------


def test_names_become_legal_and_unique_in_any_case():
    names, losses = legal_names(
        ["with", "A", "a", "a_2", "1st", "my-col", "x.", "", "_u", "ö" * 40, "q1", "TO", "ok$#@."]
    )
    assert names == [
        "with_", "A", "a_3", "a_2", "v1st", "my_col", "x", "v", "v_u", "ö" * 32, "q1", "TO_",
        "ok$#@",
    ]  # fmt: skip
    assert len(losses) == 10
    assert losses[1].detail == "written as a_3, because SPSS does not tell names apart by case"


def test_names_of_a_written_file_are_told_and_found_in_the_record(out):
    record = json.loads(json.dumps(RECORD))
    report, data, book = written(pd.DataFrame({"a b": [1], "djg6_total": [2]}), out, record=record)
    assert list(data.columns) == ["a_b", "djg6_total"]
    assert whats(report) == [("name", "a b")]
    assert json.loads(book.record)["uses"][1]["items"] == {"1": "a_b"}


def test_long_labels_are_cut_between_characters_and_told(out):
    book = Codebook.from_labels({"q": {1: "ü" * 61}}, labels={"q": "ü" * 129})
    report, _, again = written(pd.DataFrame({"q": [1.0]}), out, codebook=book)
    assert again["q"].label == "ü" * 128
    assert again["q"].value_labels == {1: "ü" * 60}
    assert whats(report) == [("label", "q"), ("value label", "q")]
    fits = Codebook.from_labels({"q": {1: "x" * 120}}, labels={"q": "x" * 256})
    assert not write_sav(pd.DataFrame({"q": [1.0]}), out, codebook=fits)


def test_long_notes_are_wrapped():
    lines = note_lines(["short", "word " * 40, "é" * 100])
    assert lines[0] == "short"
    assert max(len(line.encode()) for line in lines) <= 80
    assert "".join(lines[-3:]) == "é" * 100


# --- missing codes --------------------------------------------------------------------------


@pytest.fixture
def export(tmp_path):
    """Ten people; q has codes 9 and -99, t the text code x."""
    book = Codebook.from_labels(
        {"q": {1: "Never", 9: "Refused"}}, missing={"q": [9, (-99, -97)], "t": ["x"]}
    )
    frame = pd.DataFrame(
        {
            "id": np.arange(10.0) * 7 + 100,
            "q": [1, 9, 2, -99, 3, 1, 9, 2, 3, 1.0],
            "t": ["a", "x", "c", "d", "e", "f", "g", "h", "i", "x"],
        }
    )
    path = tmp_path / "export.sav"
    write_sav(frame, path, codebook=book)
    return path


def codes_of(book, column):
    found = book.reasons[book.reasons["column"] == column]
    return dict(zip(found["row_label"], found["code"], strict=True))


def test_codes_return_to_their_rows(export, out):
    data, book = read(export)
    report, again, after = written(data, out, codebook=book)
    assert not report
    assert again.equals(data)
    assert codes_of(after, "q") == {1: 9.0, 3: -99.0, 6: 9.0}
    assert codes_of(after, "t") == {1: "x", 9: "x"}


def test_codes_follow_their_rows_through_a_sort_and_a_filter(export, out):
    data, book = read(export)
    chosen = data.sort_values("id", ascending=False).query("id > 110")
    report, again, after = written(chosen, out, codebook=book)
    labels = {again["id"][row]: code for row, code in codes_of(after, "q").items()}
    assert labels == {121.0: -99.0, 142.0: 9.0}
    assert str(report).count("their rows are gone or renumbered") == 2
    assert "1 of 3 codes not put back" in str(report)


@pytest.mark.parametrize("how", ["filter", "sort", "duplicate", "text index"])
def test_renumbered_rows_get_no_code_of_another_person(export, out, how):
    data, book = read(export)
    if how == "filter":
        data = data[data["id"] != 100].reset_index(drop=True)
    elif how == "sort":
        data = data.sort_values("t", ascending=False, ignore_index=True)
    elif how == "duplicate":
        data = pd.concat([data, data])
    else:
        data = data.set_index(data["t"] + "!")
    report, _, after = written(data, out, codebook=book)
    assert len(after.reasons) == 0
    assert "3 of 3 codes not put back: their rows are gone or renumbered" in str(report)


def test_one_edited_row_does_not_cost_the_others_their_codes(export, out):
    data, book = read(export)
    data.loc[3, ["id", "t"]] = [999.0, "new"]
    _, _, after = written(data, out, codebook=book)
    assert codes_of(after, "q") == {1: 9.0, 6: 9.0}


def test_a_recoded_column_does_not_cost_the_rows_their_codes(export, out):
    data, book = read(export)
    _, _, after = written(data.assign(q=data["q"] * 2, new=data["id"]), out, codebook=book)
    assert codes_of(after, "q") == {1: 9.0, 3: -99.0, 6: 9.0}


def test_an_answer_filled_in_since_is_kept_and_told(export, out):
    data, book = read(export)
    data.loc[1, "q"] = 4.0
    report, again, after = written(data, out, codebook=book)
    assert again["q"][1] == 4.0
    assert codes_of(after, "q") == {3: -99.0, 6: 9.0}
    assert "1 of 3 codes not put back: a value stands there now" in str(report)


def test_kept_codes_and_polars_frames_come_back_the_same(export, out):
    kept = read(export, user_missing="keep")
    polar = read(export, frame="polars")
    for data, book in (kept, polar):
        report, _, after = written(data, out, codebook=book)
        assert not report
        assert after.reasons.equals(kept[1].reasons)


def test_codes_no_longer_declared_are_left_blank_and_told(export, out):
    data, book = read(export)
    changed = book.with_variable(name="q", missing_values=(), missing_ranges=((-99.0, -97.0),))
    report, again, after = written(data, out, codebook=changed)
    assert codes_of(after, "q") == {3: -99.0}
    assert np.isnan(again["q"][1])
    assert "2 of 3 codes not put back: not declared missing any more" in str(report)


@pytest.mark.parametrize(
    "spec",
    [
        [8, 9, 99],
        [(-99, -1)],
        [(7, np.inf)],
        [(-np.inf, -1), 99],
        [(97, 99), -1],
    ],
)
def test_every_declaration_spss_knows_is_kept(out, spec):
    book = Codebook.from_labels({}, missing={"q": spec})
    report, _, again = written(pd.DataFrame({"q": [1.0, 2.0]}), out, codebook=book)
    assert not report
    assert again["q"].missing_text() == book["q"].missing_text()


def test_more_codes_become_a_range_where_no_answer_lies_inside(out):
    book = Codebook.from_labels({"q": {1: "a"}}, missing={"q": [-9, -8, -7, -6, 99]})
    frame = pd.DataFrame({"q": [1.0, -9.0, -6.0, 99.0]})
    report, data, again = written(frame, out, codebook=book)
    assert again["q"].missing_ranges == ((-9.0, -6.0),)
    assert again["q"].missing_values == (99.0,)
    assert data["q"].tolist()[0] == 1
    assert data["q"].isna().sum() == 3
    assert whats(report) == [("missing codes", "q")]
    assert not report.lost


def test_codes_that_cannot_be_declared_never_pass_as_answers(out):
    book = Codebook.from_labels({}, missing={"q": [0, 10, 20, 30]})
    frame = pd.DataFrame({"q": [5.0, 15.0, 25.0, 0.0, 10.0, 20.0, 30.0]})
    report, data, again = written(frame, out, codebook=book)
    assert data["q"].dropna().tolist() == [5, 15, 25]
    assert again["q"].missing_values == (0.0, 10.0, 20.0)
    assert "1 cell left blank" in str(report)


def test_text_codes_longer_than_spss_allows_are_left_blank_and_told(out):
    book = Codebook.from_labels({}, missing={"t": ["no answer", "-"]})
    report, data, again = written(
        pd.DataFrame({"t": ["no answer", "-", "fine"]}), out, codebook=book
    )
    assert data["t"].tolist()[0] == ""
    assert again["t"].missing_values == ("-",)
    assert "'no answer' cannot be declared" in str(report)


def test_formats_fit_the_longest_code(out):
    book = Codebook(
        variables={
            "q": Variable(name="q", missing_values=(-99.0,), format="F1.0"),
            "n": Variable(name="n", format="%8.0g"),
        }
    )
    report, _, again = written(pd.DataFrame({"q": [1.0], "n": [123456.0]}), out, codebook=book)
    assert again["q"].format == "F3.0"
    assert again["n"].format == "F6.0"
    assert whats(report) == [("format", "q")]


def test_a_column_that_changed_its_type_loses_its_codes_and_this_is_told(out):
    book = Codebook.from_labels({"q": {1: "a"}, "t": {"x": "b"}})
    report, _, _ = written(pd.DataFrame({"q": ["other"], "t": [1.0]}), out, codebook=book)
    assert [loss.detail for loss in report] == [
        "the column now holds text, its codes were numbers",
        "the column now holds numbers, its codes were text",
    ]


# --- scores and their record ----------------------------------------------------------------


@pytest.fixture
def scored():
    return pd.DataFrame(
        {
            "ucla3_total__pre": [3.0, np.nan],
            "djg6_total": [1.5, np.nan],
            "djg6_total_n": np.array([6, 0], dtype="int16"),
            "djg6_total_status": pd.Categorical(["scored", "not_answered"]),
            "djg6_total_band": ["high", None],
        }
    )


def test_score_columns_are_labelled_and_typed_by_the_record(out, scored):
    report, data, book = written(scored, out, record=RECORD)
    assert not report
    assert book["ucla3_total__pre"].label == "UNVERIFIED KEY: UCLA-3 total"
    assert book["djg6_total"].label == "Loneliness"
    assert [book[c].format for c in scored.columns[:3]] == ["F8.0", "F8.2", "F3.0"]
    assert [book[c].measure for c in scored] == ["scale"] * 3 + ["nominal", "ordinal"]
    assert data["djg6_total_status"].tolist() == [1, 3]
    assert book["djg6_total_status"].value_labels == {
        1: "scored", 2: "prorated", 3: "not_answered",
    }  # fmt: skip
    assert book["djg6_total_band"].value_labels == {1: "low", 2: "high"}
    assert data["djg6_total_band"].tolist()[0] == 2


def test_the_record_is_found_again_and_survives_another_round(out, scored, tmp_path):
    scored.attrs["socmeasures"] = json.dumps(RECORD)
    _, data, book = written(scored, out)
    assert json.loads(book.record) == json.loads(data.attrs["socmeasures"]) == RECORD
    assert book.documents == ()
    report = write_sav(data, tmp_path / "again.sav", codebook=book)
    _, again = read(tmp_path / "again.sav")
    assert not report
    assert json.loads(again.record) == RECORD
    assert again["djg6_total_status"] == book["djg6_total_status"]


@pytest.mark.parametrize("n", range(60, 90))
def test_a_record_of_any_length_survives_lines_of_80_bytes(n):
    record = {"a": "x" * n + "  y " + " " * n + "é"}
    lines = record_lines(record)
    stored = [line.rstrip() for line in ["a note", *lines, "   (Entered 01 Jan 2026)"]]
    documents, found = split_record(stored)
    assert json.loads(found) == record
    assert documents == ("a note", "   (Entered 01 Jan 2026)")
    assert max(map(len, lines)) <= 80


def test_a_damaged_record_is_no_record():
    lines = record_lines(RECORD)
    assert split_record([*lines[:2], lines[-1]]) == ((), None)
    with pytest.raises(RecordError):
        record_lines("{")


# --- the file -------------------------------------------------------------------------------


def test_a_frame_without_rows_is_written_and_one_without_columns_refused(out):
    _, data, _ = written(pd.DataFrame({"q": [1.0], "t": ["a"]}).iloc[:0], out)
    assert data.shape == (0, 2)
    with pytest.raises(OutputError, match="the data have no columns"):
        write_sav(pd.DataFrame(index=[1, 2]), out)
    with pytest.raises(UnsupportedFormatError):
        write_sav(pd.DataFrame({"q": [1]}), out.with_suffix(".por"))


def test_compression_is_a_choice(tmp_path):
    frame = pd.DataFrame({f"q{i}": np.ones(500) for i in range(20)})
    sizes = {}
    for name, compress in (("a.sav", None), ("b.sav", False), ("c.zsav", None)):
        write_sav(frame, tmp_path / name, compress=compress)
        sizes[name] = (tmp_path / name).stat().st_size
        assert read(tmp_path / name)[0].equals(frame)
    assert sizes["b.sav"] > sizes["a.sav"] > sizes["c.zsav"]


def test_columns_left_out_and_a_lost_weight_are_told(out):
    book = Codebook(variables={"q": Variable(name="q"), "w": Variable(name="w")}, weight="w")
    report = write_sav(pd.DataFrame({"q": [1.0]}), out, codebook=book)
    assert whats(report) == [("weight", "w"), ("column", "")]


# --- PSPP reads it --------------------------------------------------------------------------


def ask_pspp(pspp, folder, syntax):
    script = folder / "ask.sps"
    script.write_text(syntax, encoding="utf-8")
    answer = subprocess.run(
        [pspp, "-o", "-", "-O", "format=csv", script.name],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


@pytest.mark.needs("pspp")
def test_pspp_reads_names_labels_measures_formats_and_missing_codes(pspp, tmp_path, scored):
    book = Codebook.from_labels(
        {"q": {1: "Never", -99: "Refused"}},
        labels={"q": "How often, “really”?"},
        missing={"q": [-99, (900, np.inf)]},
    )
    frame = scored.assign(q=[1.0, -99.0], **{"with": ["ä", ""], "d": pd.Timestamp("2020-02-29")})
    write_sav(frame, tmp_path / "out.sav", codebook=book, record=RECORD)
    answer = ask_pspp(pspp, tmp_path, "GET FILE='out.sav'.\nDISPLAY DICTIONARY.\nLIST.\n")
    assert "djg6_total_status,4,how scored,Nominal" in answer
    shown = "Input,8,Right"
    question = '"How often, “really”?"'
    assert f"q,6,{question},Nominal,{shown},F3.0,F3.0,900 THRU HIGHEST; -99" in answer
    assert f"d,8,,Scale,{shown},DATE11,DATE11" in answer
    assert "-99[a],Refused" in answer
    assert "3,1.50,6,1,2,1,ä,29-FEB-2020" in answer
    assert "0,3,.,-99,,29-FEB-2020" in answer


@pytest.mark.needs("pspp", "shared")
@pytest.mark.parametrize("suffix", [".sav", ".zsav"])
@pytest.mark.parametrize(
    "name",
    ["sav_torture/demo.sav", "sav_awkward/efc_awkward.sav", "sav_foreign/mval_bug.sav"],
)
def test_pspp_reads_from_our_file_what_it_reads_from_the_original(
    pspp, shared, tmp_path, name, suffix
):
    source = shared / "data" / name
    data, book = read(source)
    write_sav(data, tmp_path / f"ours{suffix}", codebook=book)
    (tmp_path / "theirs.sav").write_bytes(source.read_bytes())
    ask = "GET FILE='{}'.\nDISPLAY DICTIONARY.\nLIST.\nSHOW WEIGHT.\n"
    theirs = ask_pspp(pspp, tmp_path, ask.format("theirs.sav")).splitlines()
    ours = ask_pspp(pspp, tmp_path, ask.format(f"ours{suffix}")).splitlines()
    # the width of text, and a format too narrow for its codes, are the differences we report
    changed = {loss.column for loss in write_sav(data, tmp_path / "x.sav", codebook=book)}
    changed |= {book[column].label for column in changed if column}

    for our_line, their_line in zip(ours, theirs, strict=True):
        if their_line.split(",")[0] not in changed and "*" not in their_line:
            assert our_line == their_line


@pytest.mark.needs("pspp")
def test_pspp_computes_from_our_file_without_the_missing_codes(pspp, tmp_path):
    book = Codebook.from_labels({}, missing={"q": [99]})
    write_sav(pd.DataFrame({"q": [1.0, 3.0, 99.0]}), tmp_path / "out.sav", codebook=book)
    answer = ask_pspp(pspp, tmp_path, "GET FILE='out.sav'.\nDESCRIPTIVES q /STATISTICS=MEAN.\n")
    assert "q,2,2.00" in answer


def test_a_label_whose_text_code_would_be_cut_is_left_out_and_told(tmp_path):
    data = pd.DataFrame({"q": pd.Series([None, None], dtype=object)})
    variable = Variable(name="q", kind="string", value_labels={"0𐀀𐀀": "long", "a": "short"})

    losses = write_sav(data, tmp_path / "q.sav", codebook=Codebook(variables={"q": variable}))
    _, again = read(tmp_path / "q.sav")

    assert again["q"].value_labels == {"a": "short"}
    assert "longer than the text" in str(losses)
