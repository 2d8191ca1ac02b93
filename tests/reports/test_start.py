"""What `start` finds by itself and what it asks: codings in both readings, columns of dates."""

from __future__ import annotations

import pandas as pd
import pytest

from socmeasures.demo.excel_form import form_sheets
from socmeasures.errors import AmbiguousColumnsError, CodingError, DesignError, StartError
from socmeasures.reports.analysis import Design, analyse
from socmeasures.reports.start import start
from socmeasures.reports.start_dates import date_columns
from socmeasures.reports.start_talk import MOST
from socmeasures.responses.plan import ScoringPlan
from tests.reports.funder_studies import seen

PEOPLE = 30


def wide(**more) -> pd.DataFrame:
    """Bare numbers of one scale at two times, one row a person."""
    answers = {
        f"ucla3_{i}_{t}": [1 + (i * k + k + (t == "t2")) % 3 for k in range(PEOPLE)]
        for t in ("t1", "t2")
        for i in (1, 2, 3)
    }
    return pd.DataFrame({"id": [f"P{k:02d}" for k in range(PEOPLE)], **answers, **more})


def saved(folder, data, name="answers.csv"):
    file = folder / name
    data.to_csv(file, index=False)
    return file


# ------------------------------------------------------------------ codings


def test_both_readings_are_shown_on_three_of_the_users_own_rows(tmp_path):
    file, asked = saved(tmp_path, wide()), []

    def answer(question):
        asked.append(question)
        return "often-first" if question.key == "coding ucla3" else ""

    start(file, ask=answer)
    [question] = [q for q in asked if q.key.startswith("coding")]
    rows = [line for line in question.text.splitlines() if line.startswith("  row ")]
    assert len(rows) == 3
    assert len({row.split("(")[1].split(")")[0] for row in rows}) == 3  # three kinds of answers
    assert rows[0] == "  row 1 (1, 1, 1): canonical 3, often-first 9"
    assert "1 = often, 2 = some of the time" in question.text
    assert question.found == ""  # Enter decides nothing
    plan = ScoringPlan.load(tmp_path / "plan.toml")
    assert [p.coding for p in plan.scales] == ["often-first", "often-first"]


def test_a_coding_that_nobody_states_stays_open_and_the_line_to_add_is_told(tmp_path):
    done = start(saved(tmp_path, wide()))
    told = "\n".join(done.notes)
    assert 'add: coding = "canonical" or coding = "often-first"' in told
    assert told.count("  row ") == 3
    with pytest.raises(CodingError):
        analyse(tmp_path / "design.toml")


def test_the_line_that_is_told_is_the_line_that_helps(tmp_path):
    done = start(saved(tmp_path, wide()))
    text = done.plan.read_text(encoding="utf-8")
    done.plan.write_text(
        text.replace('scale = "ucla3"', 'scale = "ucla3"\ncoding = "canonical"'), encoding="utf-8"
    )
    run = analyse(done.design)
    assert run.scored["ucla3_total__t1"].tolist()[:3] == [3, 6, 6]


def test_a_coding_may_be_stated_beforehand(tmp_path):
    file = saved(tmp_path, wide())
    start(file, answers={"coding ucla3": "canonical"})
    assert analyse(tmp_path / "design.toml").scored["ucla3_total__t1"].iloc[0] == 3
    with pytest.raises(StartError, match="'canonicle'"):
        start(file, answers={"coding ucla3": "canonicle"}, replace=True)


def test_answers_in_words_need_no_question_about_a_coding(tmp_path):
    for name, sheet in form_sheets().items():
        sheet.to_csv(tmp_path / f"{name}.csv", index=False)
    both = pd.concat([s.assign(visit=name) for name, s in form_sheets().items()], ignore_index=True)
    asked = []
    start(saved(tmp_path, both, "long.csv"), ask=lambda q: asked.append(q.key) or "")
    assert not [key for key in asked if key.startswith("coding")]


def test_no_more_than_seven_questions_even_with_a_coding_and_groups(tmp_path):
    more = {"arm": ["a", "usual care"] * (PEOPLE // 2), "site": ["x", "y"] * (PEOPLE // 2)}
    more |= {f"osss3_{i}_{t}": [1, 2, 4] * 10 for t in ("t1", "t2") for i in range(1, 4)}
    asked = []

    def answer(question):
        asked.append(question.key)
        return "canonical" if question.key.startswith("coding") else ""

    done = start(saved(tmp_path, wide(**more)), ask=answer)
    assert done.asked == len(asked) <= MOST == 7
    assert {"group", "control"} <= set(asked)


def test_a_name_that_two_forms_share_is_settled_by_naming_the_measure(tmp_path):
    names = {f"rses_{i}_{t}": [1, 2, 4] * 10 for t in ("t1", "t2") for i in range(1, 11)}
    file = saved(tmp_path, pd.DataFrame({"id": range(PEOPLE), **names}))
    with pytest.raises(AmbiguousColumnsError, match="with start: --measures ID"):
        start(file)
    done = start(file, answers={"measures": "rses", "coding rses": "canonical"})
    assert {p.scale for p in done.scoring_plan.scales} == {"rses"}


# ------------------------------------------------------------------ dates


def test_a_column_of_dates_is_found_and_the_weeks_are_shown(tmp_path):
    dates = {
        "date_t1": [f"{1 + k % 28:02d}/01/2026" for k in range(PEOPLE)],
        "date_t2": [f"{1 + k % 28:02d}/03/2026" for k in range(PEOPLE)],
        "date of birth": ["12/03/1941"] * PEOPLE,
    }
    done = start(saved(tmp_path, wide(**dates)), answers={"coding ucla3": "canonical"})
    assert Design.load(done.design).study.date == {"t1": "date_t1", "t2": "date_t2"}
    run = analyse(done.design, tmp_path / "report.html")
    page = seen(run.reports["funder"].read_text(encoding="utf-8"))
    assert "Half of the people waited 8 weeks or more" in page
    assert "Answers were given from January 2026 to March 2026" in page


def test_when_a_form_was_handed_in_goes_before_when_it_was_opened():
    data = pd.DataFrame(
        {
            "Start time": ["2026-01-05 10:00"] * 3,
            "Completion time": ["2026-01-05 10:10"] * 3,
            "Date referred": ["2025-11-01"] * 3,
            "age": [70, 71, 72],
        }
    )
    assert date_columns(data, list(data)) == ["Completion time"]


def test_two_columns_of_dates_are_named_and_none_is_taken(tmp_path):
    data = wide(visit_date=["2026-01-05"] * PEOPLE, call_date=["2026-01-06"] * PEOPLE)
    long = pd.concat(
        [
            data[["id", "visit_date", "call_date", *(f"ucla3_{i}_{t}" for i in (1, 2, 3))]]
            .rename(columns={f"ucla3_{i}_{t}": f"ucla3_{i}" for i in (1, 2, 3)})
            .assign(wave=t)
            for t in ("t1", "t2")
        ]
    )
    file = saved(tmp_path, long)
    done = start(file)
    assert any("'visit_date', 'call_date'" in note and "--date" in note for note in done.notes)
    assert Design.load(done.design).study.date is None
    start(file, answers={"date": "visit_date"}, replace=True)
    assert Design.load(done.design).study.date == "visit_date"
    start(file, answers={"date": "none"}, replace=True)
    assert Design.load(done.design).study.date is None
    with pytest.raises(StartError, match="visit_dat"):
        start(file, answers={"date": "visit_dat"}, replace=True)


def test_dates_of_a_time_point_that_is_none_are_refused(tmp_path):
    data = wide(date_t1=["2026-01-05"] * PEOPLE, date_t2=["2026-03-05"] * PEOPLE)
    done = start(saved(tmp_path, data), answers={"coding ucla3": "canonical"})
    text = done.design.read_text(encoding="utf-8")
    done.design.write_text(text.replace('date = { "t1"', 'date = { "t3"'), encoding="utf-8")
    with pytest.raises(DesignError, match=r"'t3' is no time point of \[study, waves\]"):
        analyse(done.design)
    done.design.write_text(text.replace('"date_t2"', '"date_t9"'), encoding="utf-8")
    with pytest.raises(DesignError, match="date_t9"):
        analyse(done.design)
