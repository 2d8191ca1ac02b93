"""The traps of survey exports and of the native SPSS library, one test each.

Each was met in a real export or measured in pyreadstat 1.3.7, haven or PSPP, and loses or invents
answers somewhere else. `TRAPS` is the list; every test shows what comes out here. Files are made by
pyreadstat or by hand wherever our own writer would already have avoided the trap.
"""

from __future__ import annotations

import datetime
import json
import sys

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from socmeasures.errors import ResponseError, SocmeasuresError
from socmeasures.responses.codebook import Codebook, Variable
from socmeasures.responses.codebook_document import codebook_schema
from socmeasures.responses.matching import match_scales
from socmeasures.responses.reading import read
from socmeasures.responses.sav_blocks import SavBlocks
from socmeasures.responses.sav_writing import write_sav
from socmeasures.scoring.compute import score
from socmeasures.validation.report import validate

TRAPS = (
    # what survey tools export
    "qualtrics_puts_three_rows_above_the_answers",
    "qualtrics_writes_minus_99_for_seen_and_unanswered",
    "qualtrics_leaves_gaps_in_the_codes_of_edited_options",
    "qualtrics_spreads_a_multiple_answer_over_columns_of_one_code",
    "qualtrics_begins_names_of_loops_with_a_number",
    "redcap_has_its_labels_in_another_file",
    "redcap_stores_missing_data_codes_as_answers",
    "redcap_splits_checkboxes_into_columns_of_0_and_1",
    "redcap_repeats_people_by_event_and_instance",
    "redcap_adds_a_status_column_to_every_instrument",
    "limesurvey_replaces_letter_codes_by_the_whole_answer",
    "limesurvey_mangles_names",
    "sosci_counts_from_1_whatever_the_labels_say",
    "efs_writes_0_and_minus_77_for_not_edited",
    "archives_use_negative_codes_and_the_99_family",
    "online_forms_have_whole_questions_as_names",
    "ranges_reach_to_the_highest_number_beside_a_single_code",
    "text_may_be_declared_missing",
    "names_differ_only_in_case",
    # what pyreadstat reads
    "missing_codes_are_invisible_unless_asked_for",
    "the_dictionary_alone_loses_the_missing_codes_too",
    "labels_are_keyed_by_floats",
    "dates_and_times_come_as_objects",
    "an_impossible_date_stops_the_whole_conversion",
    "an_empty_text_is_not_missing",
    "texts_longer_than_255_bytes_are_several_variables_inside",
    "the_torture_file_has_them_all",
    # what pyreadstat writes
    "categories_become_text_without_codes",
    "durations_become_text",
    "days_become_moments",
    "whole_numbers_get_two_decimals_and_no_measure",
    "long_labels_are_cut_at_a_byte",
    "labels_of_absent_columns_are_dropped",
    "reserved_and_doubled_names_are_written",
    "illegal_names_and_declarations_raise_bare_errors",
    "a_narrow_format_hides_the_missing_code",
    "what_no_writer_keeps_is_lost_silently",
    "shared_label_sets_are_split",
)


def test_every_trap_has_one_test_in_this_order():
    here = sys.modules[__name__]
    tests = [name.removeprefix("test_") for name in vars(here) if name.startswith("test_")]
    assert tests[1:] == list(TRAPS)


OFTEN = {1.0: "Hardly ever", 2.0: "Some of the time", 3.0: "Often"}
ITEMS = ["ucla3_1", "ucla3_2", "ucla3_3"]


@pytest.fixture
def sav(tmp_path):
    """A .sav as pyreadstat writes it, read by us."""

    def make(columns, **options):
        path = tmp_path / "export.sav"
        frame = columns if isinstance(columns, pd.DataFrame) else pd.DataFrame(columns)
        pyreadstat.write_sav(frame, str(path), **options)
        return path

    return make


@pytest.fixture
def table(tmp_path):
    def make(text, name="export.csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return make


def scored(data, book, **options):
    return score(data, match_scales(data, book), codebook=book, **options)


def written(frame, folder, **options):
    report = write_sav(frame, folder / "out.sav", **options)
    return report, *read(folder / "out.sav")


# --- what survey tools export ------------------------------------------------------------------

QUALTRICS = (
    "StartDate,Finished,Q4_1,Q4_2,Q4_3\n"
    "Start Date,Finished,I lack companionship,I feel left out,I feel isolated from others\n"
    '"{""ImportId"":""startDate""}","{""ImportId"":""finished""}","{""ImportId"":""QID4_1""}",'
    '"{""ImportId"":""QID4_2""}","{""ImportId"":""QID4_3""}"\n'
    "2026-03-12,True,Often,Hardly ever,Some of the time\n"
    "2026-03-12,True,Often,Often,-99\n"
)


def test_qualtrics_puts_three_rows_above_the_answers(table):
    data, book = read(table(QUALTRICS))
    assert len(data) == 2
    assert book["Q4_1"].label == "I lack companionship"
    assert scored(data, book)["ucla3_total"].tolist()[0] == 6


def test_qualtrics_writes_minus_99_for_seen_and_unanswered(table):
    data, book = read(table(QUALTRICS))
    assert book.missing_reason("Q4_3").to_dict() == {1: "Seen but not answered"}
    assert scored(data, book)["ucla3_total_status"].tolist() == ["scored", "too_few_items"]


def test_qualtrics_leaves_gaps_in_the_codes_of_edited_options(sav):
    edited = {1.0: "Hardly ever", 4.0: "Some of the time", 7.0: "Often"}
    path = sav(
        {c: [1.0, 4.0, 7.0] for c in ITEMS}, variable_value_labels=dict.fromkeys(ITEMS, edited)
    )
    assert scored(*read(path))["ucla3_total"].tolist() == [3, 6, 9]


def test_qualtrics_spreads_a_multiple_answer_over_columns_of_one_code(sav, tmp_path):
    helps = {"Q9_1": {1.0: "Befriending"}, "Q9_2": {1.0: "Lunch club"}}
    answers = {"Q9_1": [1.0, None], "Q9_2": [None, 1.0]} | {c: [1.0, 2.0] for c in ITEMS}
    labels = helps | dict.fromkeys(ITEMS, OFTEN)
    data, book = read(sav(answers, variable_value_labels=labels))
    out = scored(data, book)
    assert out["ucla3_total"].tolist() == [3, 6]
    _, again, _ = written(out, tmp_path, codebook=book)
    assert again["Q9_1"].isna().tolist() == [False, True]


def test_qualtrics_begins_names_of_loops_with_a_number(table, tmp_path):
    names = [f"{loop}_{item}" for loop in (1, 2) for item in ITEMS]
    data, book = read(table(",".join(names) + "\n" + ",".join(["Often"] * 6) + "\n"))
    plan = match_scales(data, book)
    assert [p.wave for p in plan.scales] == ["1", "2"]
    report, again, _ = written(score(data, plan, codebook=book), tmp_path, codebook=book)
    assert list(again.columns)[:6] == [f"v{name}" for name in names]
    assert "1_ucla3_1" in {loss.column for loss in report}


DICTIONARY = (
    "Variable / Field Name,Form Name,Field Type,Field Label,"
    '"Choices, Calculations, OR Slider Labels"\n'
    "record_id,loneliness,text,Record ID,\n"
    'help,loneliness,checkbox,Which help?,"1, Befriending | 2, Lunch club"\n'
    + "".join(
        f'{c},loneliness,radio,{label},"1, Hardly ever | 2, Some of the time | 3, Often"\n'
        for c, label in zip(ITEMS, ("companionship", "left out", "isolated"), strict=True)
    )
)
REDCAP = (
    "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,help___1,help___2,"
    "ucla3_1,ucla3_2,ucla3_3,loneliness_complete\n"
    "001,before_arm_1,,,1,0,1,2,3,2\n"
    "001,after_arm_1,,,0,1,-999,UNK,2,1\n"
    "001,after_arm_1,loneliness,2,0,0,3,3,3,2\n"
)


@pytest.fixture
def redcap(table):
    table(DICTIONARY, "dictionary.csv")
    export = table(REDCAP)
    return read(
        export,
        dictionary=export.with_name("dictionary.csv"),
        missing_codes="-999, Not asked | UNK, Unknown",
    )


def test_redcap_has_its_labels_in_another_file(redcap):
    data, book = redcap
    assert data["record_id"].tolist() == ["001"] * 3  # no number: its zeros would go
    assert book.labels("ucla3_1") == OFTEN


def test_redcap_stores_missing_data_codes_as_answers(redcap):
    data, book = redcap
    assert data["ucla3_2"].dtype == float
    assert book.missing_reason("ucla3_1").to_dict() == {1: "Not asked"}
    assert book.missing_reason("ucla3_2").to_dict() == {1: "Unknown"}
    assert scored(data, book)["ucla3_total_n"].tolist() == [3, 1, 3]


def test_redcap_splits_checkboxes_into_columns_of_0_and_1(redcap):
    data, book = redcap
    assert data["help___1"].tolist() == [1, 0, 0]
    assert book["help___2"].label == "Which help?: Lunch club"
    assert book.labels("help___2") == {0: "Unchecked", 1: "Checked"}


def test_redcap_repeats_people_by_event_and_instance(redcap):
    data, book = redcap
    assert any("redcap_event_name" in note for note in book.notes)
    plan = match_scales(data, book, person="record_id", wave="redcap_event_name")
    problems = validate(data, plan, codebook=book).table
    twice = problems[problems["rule"] == "duplicate_person_wave"]
    assert twice["row"].tolist() == [2, 3]


def test_redcap_adds_a_status_column_to_every_instrument(redcap):
    data, book = redcap
    assert book.labels("loneliness_complete")[1] == "Unverified"
    assert "loneliness_complete" not in match_scales(data, book).columns()


def test_limesurvey_replaces_letter_codes_by_the_whole_answer(sav):
    answers = {c: ["Often", "hardly ever or never", ""] for c in ITEMS}
    out = scored(*read(sav(answers)))
    assert out["ucla3_total"].tolist()[:2] == [9, 3]
    assert out["ucla3_total_status"].tolist()[2] == "not_answered"


@pytest.mark.parametrize("pattern", ["ucla3_SQ00{}", "v1_ucla3_SQ00{}", "ucla3_dd_{}"])
def test_limesurvey_mangles_names(sav, pattern):
    names = [pattern.format(i) for i in (1, 2, 3)]
    path = sav({c: [2.0] for c in names}, variable_value_labels=dict.fromkeys(names, OFTEN))
    data, book = read(path)
    (planned,) = match_scales(data, book).scales
    assert list(planned.items.values()) == names
    assert planned.wave == ("v1" if pattern.startswith("v1") else None)


def test_sosci_counts_from_1_whatever_the_labels_say(sav):
    # the questionnaire shows 0, 1 and 2; the file holds 1, 2 and 3 in the other direction
    turned = {1.0: "Often", 2.0: "Some of the time", 3.0: "Hardly ever", -9.0: "Not answered"}
    path = sav(
        {c: [1.0, 3.0, -9.0] for c in ITEMS},
        variable_value_labels=dict.fromkeys(ITEMS, turned),
        missing_ranges={c: [-9.0] for c in ITEMS},
    )
    out = scored(*read(path))
    assert out["ucla3_total"].tolist()[:2] == [9, 3]
    assert np.isnan(out["ucla3_total"][2])


def test_efs_writes_0_and_minus_77_for_not_edited(sav):
    labels = OFTEN | {0.0: "not edited"}
    path = sav(
        {c: [3.0, 0.0, -77.0] for c in ITEMS}, variable_value_labels=dict.fromkeys(ITEMS, labels)
    )
    data, book = read(path)
    with pytest.raises(ResponseError, match="0 \\(labelled 'not edited', not declared as missing"):
        scored(data, book)
    out = scored(data, book, invalid="missing")
    assert out["ucla3_total"].tolist()[0] == 9
    assert out["ucla3_total"].isna().tolist() == [False, True, True]


def test_archives_use_negative_codes_and_the_99_family(sav):
    labels = OFTEN | {-9.0: "Don't know", -8.0: "Refused", -1.0: "Not applicable", 99.0: "Missing"}
    path = sav(
        {c: [2.0, -9.0, -8.0, -1.0, 99.0] for c in ITEMS},
        variable_value_labels=dict.fromkeys(ITEMS, labels),
        missing_ranges={c: [{"lo": -9.0, "hi": -1.0}, 99.0] for c in ITEMS},
    )
    data, book = read(path)
    assert scored(data, book)["ucla3_total_status"].tolist() == ["scored"] + ["not_answered"] * 4
    assert book.missing_reason("ucla3_1").tolist() == [
        "Don't know", "Refused", "Not applicable", "Missing",
    ]  # fmt: skip


def test_online_forms_have_whole_questions_as_names(table):
    heads = [
        "How often do you feel that you lack companionship?",
        "How often do you feel left out?",
        "How often do you feel isolated from others?",
    ]
    text = ",".join(f'"{h}"' for h in heads) + "\n1 - Hardly ever,2 - Some of the time,3 - Often\n"
    assert scored(*read(table(text)))["ucla3_total"].tolist() == [6]


def test_ranges_reach_to_the_highest_number_beside_a_single_code(sav, tmp_path):
    path = sav(
        {"q": [1.0, 7.0, 1e9, -1.0]}, missing_ranges={"q": [{"lo": 7.0, "hi": np.inf}, -1.0]}
    )
    data, book = read(path)
    assert data["q"].isna().tolist() == [False, True, True, True]
    assert book["q"].missing_ranges == ((7.0, np.inf),)  # not 1.797e308
    _, again, after = written(data, tmp_path, codebook=book)
    assert after["q"].missing_text() == book["q"].missing_text()
    pd.testing.assert_frame_equal(again, data)


def test_text_may_be_declared_missing(sav):
    answers = {c: ["Often", "NA", "x"] for c in ITEMS}
    path = sav(answers, missing_ranges={c: ["x"] for c in ITEMS})
    data, book = read(path)
    assert data["ucla3_1"].isna().tolist() == [False, False, True]
    assert scored(data, book)["ucla3_total_n"].tolist() == [3, 0, 0]


def test_names_differ_only_in_case(tmp_path):
    frame = pd.DataFrame({"a": [1.0], "A": [2.0]})
    pyreadstat.write_sav(frame, str(tmp_path / "raw.sav"))
    data, book = read(tmp_path / "raw.sav")
    report, again, _ = written(data, tmp_path, codebook=book)
    assert again.iloc[0].tolist() == [1, 2]
    assert len({c.lower() for c in again.columns}) == 2
    assert "SPSS does not tell names apart by case" in str(report)


# --- what pyreadstat reads ---------------------------------------------------------------------


@pytest.fixture
def coded(sav):
    return sav({"q": [1.0, 9.0]}, missing_ranges={"q": [9.0]})


def test_missing_codes_are_invisible_unless_asked_for(coded):
    theirs, meta = pyreadstat.read_sav(str(coded))
    assert theirs["q"].isna().tolist() == [False, True]
    assert meta.missing_ranges == {}  # the trap
    data, book = read(coded)
    assert data["q"].isna().tolist() == [False, True]
    assert book["q"].missing_values == (9.0,)
    assert book.reasons["code"].tolist() == [9.0]


def test_the_dictionary_alone_loses_the_missing_codes_too(coded):
    _, meta = pyreadstat.read_sav(str(coded), metadataonly=True)
    assert meta.missing_ranges == {}  # the trap
    assert SavBlocks.open(coded).codebook["q"].missing_values == (9.0,)


def test_labels_are_keyed_by_floats(sav):
    _, book = read(sav({"q": [1.0]}, variable_value_labels={"q": {1.0: "Never"}}))
    assert book["q"].value_labels[1] == "Never"
    assert '"1.0"' not in codebook_schema(book)
    assert json.loads(codebook_schema(book))["fields"][0]["categories"][0]["value"] == 1


def test_dates_and_times_come_as_objects(sav):
    day, time = datetime.date(2026, 3, 12), datetime.time(10, 1, 2)
    path = sav({"day": [day, None], "time": [time, None]})
    theirs, _ = pyreadstat.read_sav(str(path))
    assert theirs["day"].dtype == object  # the trap
    data, _ = read(path)
    assert data["day"].tolist()[0] == pd.Timestamp(2026, 3, 12)
    assert data["time"].tolist()[0] == pd.Timedelta(hours=10, minutes=1, seconds=2)
    assert data.isna().iloc[1].all()


@pytest.mark.filterwarnings("ignore::socmeasures.errors.SocmeasuresWarning")
def test_an_impossible_date_stops_the_whole_conversion(sav):
    path = sav({"day": [1.39e10, 9e14]}, variable_format={"day": "DATE11"})
    data, book = read(path)
    assert data["day"].isna().tolist() == [False, True]
    assert any("outside the calendar" in note for note in book.notes)


def test_an_empty_text_is_not_missing(sav):
    data, book = read(sav({c: ["Often", "", None] for c in ITEMS}))
    assert data["ucla3_1"].tolist() == ["Often", "", ""]
    out = scored(data, book)
    assert out["ucla3_total_status"].tolist() == ["scored", "not_answered", "not_answered"]


def test_texts_longer_than_255_bytes_are_several_variables_inside(sav, tmp_path):
    text = "x" * 900
    data, book = read(sav({"note": [text, "short"]}))
    assert list(data.columns) == ["note"]
    report, again, _ = written(data, tmp_path, codebook=book)
    assert again["note"].tolist() == [text, "short"]
    assert not report


@pytest.mark.needs("shared")
def test_the_torture_file_has_them_all(shared):
    data, book = read(shared / "data/sav_torture/demo.sav")
    assert book["ucla_1"].missing_text() == "8, 9"
    assert book["ucla_2"].missing_ranges == ((7.0, np.inf),)
    assert book["age"].missing_text() == "-1, 900 to 999"
    assert book["sex"].missing_values == ("x",)
    assert data["age"].isna().tolist() == [False, True, False]
    assert book.missing_reason("ucla_1").tolist() == ["Refused"]
    assert data["sex"].tolist() == ["f", "m", ""]
    assert data["tstamp"][0] == pd.Timestamp("2020-03-12 10:11:12")
    assert data["dur"][0] == pd.Timedelta("01:02:03")
    told = " ".join(book.notes)
    assert "weighted by id" in told
    assert "Multiple-response set $mr" in told
    assert {what for what, _, _ in book.not_kept} == {"role", "custom attribute", "file attribute"}


# --- what pyreadstat writes --------------------------------------------------------------------


def test_categories_become_text_without_codes(tmp_path):
    answers = pd.Categorical(["often", "never"], ["never", "often"], ordered=True)
    report, data, book = written(pd.DataFrame({"q": answers}), tmp_path)
    assert data["q"].tolist() == [2, 1]
    assert book.labels("q") == {1: "never", 2: "often"}
    assert book["q"].measure == "ordinal"
    assert not report


def test_durations_become_text(tmp_path):
    _, data, book = written(pd.DataFrame({"t": pd.to_timedelta(["01:00:00"])}), tmp_path)
    assert data["t"].tolist() == [pd.Timedelta(hours=1)]
    assert book["t"].kind == "time"


def test_days_become_moments(tmp_path):
    _, data, book = written(pd.DataFrame({"d": pd.to_datetime(["2026-03-12"])}), tmp_path)
    assert book["d"].format == "DATE11"  # not DATETIME20
    assert data["d"].tolist() == [pd.Timestamp("2026-03-12")]


def test_whole_numbers_get_two_decimals_and_no_measure(tmp_path):
    frame = pd.DataFrame({"n": pd.array([1, None], dtype="Int64"), "f": [0.5, 1.0]})
    _, data, book = written(frame, tmp_path)
    assert (book["n"].format, book["n"].measure) == ("F1.0", "scale")
    assert "unknown" not in {v.measure for v in book.variables.values()}
    assert data["n"].isna().tolist() == [False, True]


def test_long_labels_are_cut_at_a_byte(tmp_path):
    book = Codebook.from_labels({"q": {1: "é" * 61}}, labels={"q": "é" * 129})
    report, _, after = written(pd.DataFrame({"q": [1.0]}), tmp_path, codebook=book)
    assert after["q"].label == "é" * 128
    assert after["q"].value_labels == {1: "é" * 60}
    assert [loss.what for loss in report.lost] == ["label", "value label"]


def test_labels_of_absent_columns_are_dropped(tmp_path):
    book = Codebook.from_labels({"q": {1: "Never"}, "gone": {1: "Often"}})
    report, _, _ = written(pd.DataFrame({"q": [1.0]}), tmp_path, codebook=book)
    assert "gone" in str(report)


def test_reserved_and_doubled_names_are_written(tmp_path):
    frame = pd.DataFrame([[1.0, 2.0, 3.0, 4.0]], columns=["with", "q", "Q", "a."])
    report, data, _ = written(frame, tmp_path)
    assert list(data.columns) == ["with_", "q", "Q_2", "a"]
    assert data.iloc[0].tolist() == [1, 2, 3, 4]
    assert len(report) == 3


def test_illegal_names_and_declarations_raise_bare_errors(tmp_path):
    frame = pd.DataFrame({"my-col": [1.0], "1st": [2.0], "x" * 70: [3.0]})
    book = Codebook(
        variables={
            "my-col": Variable(name="my-col", missing_values=(-9.0, -8.0, -7.0, 99.0)),
            "1st": Variable(name="1st", value_labels={"text": "for a number"}),
        }
    )
    report, data, _ = written(frame, tmp_path, codebook=book)
    assert data.iloc[0].tolist() == [1, 2, 3]
    assert len([loss for loss in report if loss.what == "name"]) == 3
    with pytest.raises(SocmeasuresError):
        write_sav(pd.DataFrame(index=[0]), tmp_path / "none.sav")


def test_a_narrow_format_hides_the_missing_code(tmp_path):
    book = Codebook(variables={"q": Variable(name="q", missing_values=(-99.0,), format="F2.0")})
    report, _, after = written(pd.DataFrame({"q": [1.0]}), tmp_path, codebook=book)
    assert after["q"].format == "F3.0"  # F2.0 shows **
    assert [loss.what for loss in report] == ["format"]


@pytest.mark.needs("shared")
def test_what_no_writer_keeps_is_lost_silently(shared, tmp_path):
    data, book = read(shared / "data/sav_torture/demo.sav")
    report, again, after = written(data, tmp_path, codebook=book)
    pd.testing.assert_frame_equal(again, data)
    assert {loss.what for loss in report.lost} == {
        "response set", "role", "custom attribute", "file attribute",
    }  # fmt: skip
    assert after.weight == book.weight == "id"
    assert ("string width", "txt") in {(loss.what, loss.column) for loss in report}


def test_shared_label_sets_are_split(sav, tmp_path):
    labels = dict.fromkeys(ITEMS, OFTEN)
    data, book = read(sav({c: [1.0, 3.0] for c in ITEMS}, variable_value_labels=labels))
    report, _, after = written(data, tmp_path, codebook=book)
    assert not report
    assert all(after.labels(c) == book.labels(c) == OFTEN for c in ITEMS)
