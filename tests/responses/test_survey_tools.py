"""Exports of REDCap, Qualtrics and online forms, through match, validate and score."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest

from socmeasures.errors import (
    CodingError,
    ColumnsNotInFileError,
    DictionaryError,
    NothingMatchedError,
    ScoreColumnExistsError,
    TableError,
)
from socmeasures.responses.matching import match_scales
from socmeasures.responses.reading import read
from socmeasures.responses.writing import write
from socmeasures.scales.interchange import export_scale
from socmeasures.scoring.compute import score
from socmeasures.validation.report import validate

HEADS = (
    "Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"
    '"Choices, Calculations, OR Slider Labels",Field Note,'
    "Text Validation Type OR Show Slider Number\n"
)
OFTEN = '"1, Hardly ever | 2, Some of the time | 3, Often"'
DICTIONARY = HEADS + (
    "record_id,intake,,text,Record ID,,,\n"
    "seen,intake,,text,Date seen,,,date_dmy\n"
    'help,intake,,checkbox,Which help?,"1, Befriending | 2, Lunch club, weekly | -1, None",,\n'
    "phone,intake,,yesno,Has a <b>phone</b>?,,,\n"
    f"ucla3_1,loneliness,,radio,lack companionship,{OFTEN},,\n"
    f"ucla3_2,loneliness,,radio,left out,{OFTEN},,\n"
    f"ucla3_3,loneliness,,radio,isolated,{OFTEN},,\n"
    "age,loneliness,,text,Age,,,integer\n"
)
RAW = (
    "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,seen,help___1,"
    "help___2,help____1,phone,intake_complete,ucla3_1,ucla3_2,ucla3_3,age,loneliness_complete\n"
    "001,before_arm_1,,,2026-03-12,1,0,0,1,2,1,2,3,70,2\n"
    "001,after_arm_1,,,2026-09-12,0,1,0,UNK,2,-999,2,2,UNK,2\n"
    "002,before_arm_1,loneliness,1,,0,0,1,0,0,3,3,,81,1\n"
)
LABELS = (
    "Record ID,Event Name,Repeat Instrument,Repeat Instance,Date seen,"
    'Which help? (choice=Befriending),"Which help? (choice=Lunch club, weekly)",'
    "Which help? (choice=None),Has a phone?,Complete?,lack companionship,left out,isolated,Age,"
    "Complete?\n"
    "001,before_arm_1,,,2026-03-12,Checked,Unchecked,Unchecked,Yes,Complete,Hardly ever,"
    "Some of the time,Often,70,Complete\n"
    "001,after_arm_1,,,2026-09-12,Unchecked,Checked,Unchecked,Unknown,Complete,Not asked,"
    "Some of the time,Some of the time,Unknown,Complete\n"
    "002,before_arm_1,loneliness,1,,Unchecked,Unchecked,Checked,No,Incomplete,Often,Often,,81,"
    "Unverified\n"
)
CODES = {-999: "Not asked", "UNK": "Unknown"}


@pytest.fixture
def files(tmp_path):
    def make(**texts: str):
        paths = {}
        for name, text in texts.items():
            paths[name] = tmp_path / f"{name}.csv"
            paths[name].write_text(text, encoding="utf-8")
        return paths

    return make


def test_raw_and_label_exports_of_redcap_give_the_same_frame(files):
    paths = files(raw=RAW, labels=LABELS, dictionary=DICTIONARY)
    options = {"dictionary": paths["dictionary"], "missing_codes": CODES}
    raw, raw_book = read(paths["raw"], **options)
    labels, labels_book = read(paths["labels"], **options)
    pd.testing.assert_frame_equal(raw, labels)
    pd.testing.assert_frame_equal(raw_book.reasons, labels_book.reasons)
    assert raw_book.variables == labels_book.variables
    assert raw["record_id"].tolist() == ["001", "001", "002"]
    assert raw["seen"].dt.month.tolist()[:2] == [3, 9]


def test_redcap_codes_become_reasons_and_choices_become_labels(files):
    paths = files(raw=RAW, dictionary=DICTIONARY)
    data, book = read(paths["raw"], dictionary=paths["dictionary"], missing_codes=CODES)
    assert data["ucla3_1"].isna().tolist() == [False, True, False]
    assert book.missing_reason("ucla3_1").to_dict() == {1: "Not asked"}
    assert book.missing_reason("age").to_dict() == {1: "Unknown"}
    assert book.labels("ucla3_1") == {1: "Hardly ever", 2: "Some of the time", 3: "Often"}
    assert book["help___2"].label == "Which help?: Lunch club, weekly"
    assert book.labels("loneliness_complete")[2] == "Complete"
    assert book["phone"].label == "Has a phone?"
    assert any("redcap_event_name" in note for note in book.notes)
    assert any("1 row is a repeat" in note for note in book.notes)


def test_redcap_codes_can_stay_in_the_frame(files):
    paths = files(raw=RAW, dictionary=DICTIONARY)
    data, book = read(
        paths["raw"],
        dictionary=paths["dictionary"],
        missing_codes="-999, Not asked | UNK, Unknown",
        user_missing="keep",
    )
    assert data["ucla3_1"].tolist() == [1, -999, 3]
    assert len(book.reasons) == 3
    assert score(data, "ucla3", codebook=book)["ucla3_total_n"].tolist() == [3, 2, 2]


def test_a_missing_data_code_nobody_declared_is_asked_for(files):
    paths = files(raw=RAW, dictionary=DICTIONARY)
    data, book = read(paths["raw"], dictionary=paths["dictionary"])
    asked = [note for note in book.notes if "missing_codes" in note]
    assert any(note.startswith("phone: 'UNK' is no choice") for note in asked)
    assert data["phone"].tolist() == ["1", "UNK", "0"]


def test_only_named_columns_of_a_redcap_export(files):
    paths = files(raw=RAW, dictionary=DICTIONARY)
    data, _ = read(paths["raw"], dictionary=paths["dictionary"], columns=["record_id", "age"])
    assert list(data.columns) == ["record_id", "age"]
    with pytest.raises(ColumnsNotInFileError):
        read(paths["raw"], dictionary=paths["dictionary"], columns=["aeg"])


def test_a_file_that_is_no_dictionary_is_refused(files, tmp_path):
    paths = files(raw=RAW, dictionary="a,b\n1,2\n", other=DICTIONARY.replace("ucla3", "x"))
    with pytest.raises(DictionaryError, match="not a REDCap data dictionary"):
        read(paths["raw"], dictionary=paths["dictionary"])
    with pytest.raises(DictionaryError, match="needs the REDCap data dictionary"):
        read(paths["raw"], missing_codes=CODES)
    (tmp_path / "data.csv").write_text("p,q\n1,2\n", encoding="utf-8")
    with pytest.raises(DictionaryError, match="no heading of this export"):
        read(tmp_path / "data.csv", dictionary=paths["other"])


@pytest.mark.parametrize("scale_id", ["ucla3", "mspss", "swemwbs"])
def test_an_export_made_from_a_scales_own_dictionary_is_scored_unattended(files, scale_id):
    dictionary = export_scale(scale_id, "redcap")
    rows = list(csv.DictReader(io.StringIO(dictionary.lstrip("\ufeff"))))
    radios = [r for r in rows if r["Field Type"] == "radio"]
    codes = {
        r["Variable / Field Name"]: [
            c.split(",")[0].strip() for c in r["Choices, Calculations, OR Slider Labels"].split("|")
        ]
        for r in radios
    }
    heading = ["record_id", *codes, f"{scale_id}_complete"]
    body = [[str(i), *(c[i % len(c)] for c in codes.values()), "2"] for i in range(4)]
    text = "\n".join(",".join(row) for row in [heading, *body]) + "\n"
    paths = files(raw=text, dictionary=dictionary)
    data, book = read(paths["raw"], dictionary=paths["dictionary"])
    plan = match_scales(data, book, person="record_id")
    assert [p.scale for p in plan.scales] == [scale_id]
    assert validate(data, plan, codebook=book).ok
    scored = score(data, plan, codebook=book)
    name = next(c for c in scored.columns if c.endswith("_status"))
    assert scored[name].eq("scored").all()


def test_scores_that_redcap_computed_stop_scoring_with_a_comparison(files):
    dictionary = export_scale("ucla3", "redcap")
    text = (
        "record_id,ucla3_1,ucla3_2,ucla3_3,ucla3_total,ucla3_complete\n1,1,2,3,6,2\n2,3,3,3,8,2\n"
    )
    paths = files(raw=text, dictionary=dictionary)
    data, book = read(paths["raw"], dictionary=paths["dictionary"])
    with pytest.raises(ScoreColumnExistsError, match="disagree with ours in 1 of 2"):
        score(data, match_scales(data, book), codebook=book)


@pytest.mark.needs("shared")
def test_the_qualtrics_export_of_scorify_stops_with_the_right_question(shared):
    data, book = read(shared / "data/scorify/neurohack_qualtrics_export.csv")
    assert book["PANAS_01"].label == "Interested"
    assert len(data) == 10
    with pytest.raises(NothingMatchedError, match="No scale was recognised"):
        match_scales(data, book)


def test_a_qualtrics_export_is_scored_and_its_previews_are_counted(files):
    text = (
        "Status,Finished,ResponseId,Q4_1,Q4_2,Q4_3\n"
        'Response Type,Finished,Response ID,<b>I lack companionship</b>,I feel left out,"I feel '
        'isolated from others"\n'
        '"{""ImportId"":""status""}","{""ImportId"":""finished""}","{""ImportId"":""_r""}",'
        '"{""ImportId"":""QID1""}","{""ImportId"":""QID2""}","{""ImportId"":""QID3""}"\n'
        "IP Address,True,R_1,Often,Hardly ever,Some of the time\n"
        "Survey Preview,False,R_2,Often,Often,\n"
    )
    data, book = read(files(q=text)["q"])
    assert any("1 row is a preview" in note for note in book.notes)
    assert any("1 row is not finished" in note for note in book.notes)
    plan = match_scales(data, book, scales=["ucla3"])
    scored = score(data, plan, codebook=book, invalid="missing")
    assert scored["ucla3_total"].tolist()[0] == 6


UNSEEN = (
    "Duration,ResponseId,Q4_1,Q4_2,Q4_3,Q5\n"
    "Duration,Response ID,I lack companionship,I feel left out,I feel isolated,Anything else?\n"
    '"{""ImportId"":""duration""}","{""ImportId"":""_r""}","{""ImportId"":""QID1_1""}",'
    '"{""ImportId"":""QID1_2""}","{""ImportId"":""1_QID1_3""}","{""ImportId"":""QID2_TEXT""}"\n'
    "-99,R_1,Often,Hardly ever,Some of the time,-99\n"
    "310,R_2,Often,Often,-99,thank you\n"
)


def test_questions_seen_and_not_answered_are_missing_with_that_reason(files):
    data, book = read(files(q=UNSEEN)["q"])
    assert any(
        note.startswith("2 answers in 2 columns with -99") and "set to missing" in note
        for note in book.notes
    )
    assert data["Duration"].tolist() == [-99, 310]  # no question: a number like any other
    assert data["Q4_3"].isna().tolist() == [False, True]
    assert book.missing_reason("Q4_3").to_dict() == {1: "Seen but not answered"}
    assert book["Q4_3"].missing_values == ("-99",)
    assert book["Q4_1"].missing_values == ()
    scored = score(data, match_scales(data, book), codebook=book)
    assert scored["ucla3_total_status"].tolist() == ["scored", "too_few_items"]


def test_numbers_of_a_qualtrics_export_stay_numbers_without_their_99(files, tmp_path):
    text = UNSEEN.replace("Often,Hardly ever,Some of the time", "3,1,2").replace(
        "Often,Often,-99", "3,3,-99"
    )
    data, book = read(files(q=text)["q"])
    assert data["Q4_3"].tolist()[0] == 2
    assert book["Q4_3"].missing_values == (-99,)
    assert not book.labels("Q4_3")
    scored = score(data, match_scales(data, book), codebook=book, coding="canonical")
    assert scored["ucla3_total"].tolist()[0] == 6
    write(scored, tmp_path / "back.sav", codebook=book)
    _, after = read(tmp_path / "back.sav")
    assert after["Q4_3"].is_missing_code(-99)
    assert after.missing_reason("Q4_3").to_dict() == {1: "Seen but not answered"}


def test_seen_and_not_answered_can_stay_as_codes(files):
    data, book = read(files(q=UNSEEN)["q"], user_missing="keep")
    assert data["Q4_3"].tolist() == ["Some of the time", "-99"]
    assert len(book.reasons) == 2
    scored = score(data, match_scales(data, book), codebook=book)
    assert scored["ucla3_total_n"].tolist() == [3, 2]


def test_a_qualtrics_workbook_is_read_like_its_csv(files, tmp_path):
    from_csv, _ = read(files(q=UNSEEN)["q"])
    rows = list(csv.reader(io.StringIO(UNSEEN)))
    rows[3][0] = -99
    rows[4][0] = 310
    pd.DataFrame(rows[1:], columns=rows[0]).to_excel(tmp_path / "q.xlsx", index=False)
    data, book = read(tmp_path / "q.xlsx")
    pd.testing.assert_frame_equal(data, from_csv)
    assert book.missing_reason("Q4_3").to_dict() == {1: "Seen but not answered"}


FORM = (
    '"Timestamp","Your code","How often do you feel that you lack companionship?",'
    '"How often do you feel left out?","How often do you feel isolated from others?"\n'
    '"2026/03/12","AB01","Often","Hardly ever or never","Some of the time"\n'
)


def test_whole_questions_as_heads_are_matched_by_their_words(files):
    data, book = read(files(form=FORM)["form"])
    plan = match_scales(data, book)
    assert [p.scale for p in plan.scales] == ["ucla3"]
    assert plan.scales[0].wave is None
    assert score(data, plan, codebook=book)["ucla3_total"].tolist() == [6]


def test_a_question_asked_twice_gets_two_names(files):
    heads, answers = FORM.strip().split("\n")
    both = (
        f"{heads},{','.join(heads.split(',')[2:])}\n{answers},{','.join(answers.split(',')[2:])}\n"
    )
    data, book = read(files(form=both)["form"])
    assert any("asked more than once" in note for note in book.notes)
    plan = match_scales(data, book, scales=["ucla3"])
    assert [p.wave for p in plan.scales] == [None, "2"]


def test_before_and_after_as_two_sheets_are_asked_for_by_name(tmp_path):
    rows = [line.strip('"').split('","') for line in FORM.strip().split("\n")]
    sheet = pd.DataFrame([rows[1]], columns=rows[0])
    with pd.ExcelWriter(tmp_path / "form.xlsx") as book:
        sheet.to_excel(book, sheet_name="Before", index=False)
        sheet.to_excel(book, sheet_name="After", index=False)
    data, found = read(tmp_path / "form.xlsx", sheet="After")
    assert match_scales(data, found).scales[0].scale == "ucla3"


def test_numbers_for_a_scale_whose_codes_go_both_ways_stop_with_the_codings(files):
    data, book = read(
        files(form=FORM.replace('"Often","Hardly ever or never","Some of the time"', "3,1,2"))[
            "form"
        ]
    )
    with pytest.raises(CodingError, match="coding='canonical'"):
        score(data, match_scales(data, book), codebook=book)


def test_merged_headings_of_a_sheet_are_told_of(tmp_path):
    pd.DataFrame([["AB01", 1, 2]], columns=["id", "Loneliness", None]).to_excel(
        tmp_path / "merged.xlsx", index=False
    )
    with pytest.raises(TableError, match="merged heading"):
        read(tmp_path / "merged.xlsx")


@pytest.mark.parametrize("tool", ["redcap", "qualtrics"])
def test_renumbered_rows_get_no_code_of_another_person(files, tmp_path, tool):
    if tool == "redcap":
        paths = files(raw=RAW, dictionary=DICTIONARY)
        data, book = read(paths["raw"], dictionary=paths["dictionary"], missing_codes=CODES)
    else:
        data, book = read(files(q=UNSEEN)["q"])
    assert len(book.reasons)
    moved = data.iloc[::-1].reset_index(drop=True)
    report = write(moved, tmp_path / "moved.sav", codebook=book)
    _, after = read(tmp_path / "moved.sav")
    assert not len(after.reasons)
    assert "not put back" in str(report)
