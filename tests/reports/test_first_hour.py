"""A new user's road: start, one correction, analyse; as the guide tells it, without Python."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from socmeasures import cli
from socmeasures.demo.excel_form import write_form
from socmeasures.demo.run import demonstration
from socmeasures.errors import DesignError, OutputError, StartError
from socmeasures.reports.analysis import Design, analyse
from socmeasures.reports.funder_words import banned_words
from socmeasures.reports.start import start
from tests.reports.funder_studies import seen, study

GUIDE = (
    Path(__file__).resolve().parents[2] / "docs" / "guide" / "09-your-first-report-in-an-hour.md"
)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a space and an ampersand, and the workbook in it."""
    folder = tmp_path / "our visits & more"
    folder.mkdir()
    monkeypatch.chdir(folder)
    write_form("visits.xlsx")
    return folder


@pytest.fixture
def run(capsys, monkeypatch):
    """`run("start", …)` gives what the command printed, and its exit code."""

    def command(*words: str) -> tuple[str, int]:
        monkeypatch.setattr(sys, "argv", ["socmeasures", *words])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return said.out + said.err, code

    return command


def _transcript(name: str) -> list[str]:
    text = GUIDE.read_text(encoding="utf-8")
    block = re.search(rf"<!-- transcript: {name} -->\n```text\n(.*?)```", text, re.DOTALL)
    return [line for line in block[1].splitlines() if line.strip()]


def test_the_guides_walk_through_is_what_happens(here, run):
    said, code = run("start", "visits.xlsx", "--yes", "--site", "Service")
    assert code == 0
    assert all(line in said for line in _transcript("start")), said
    assert "socmeasures analyse design.toml" in said

    said, code = run("analyse", "design.toml")
    assert code == 1
    assert all(line in said for line in [*_transcript("refused"), *_transcript("help")]), said
    assert sorted(p.name for p in here.iterdir()) == ["design.toml", "plan.toml", "visits.xlsx"]

    design = here / "design.toml"
    text = design.read_text(encoding="utf-8")
    correction = re.search(r"```toml\n(same.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    design.write_text(text.replace("[data]\n", f"[data]\n{correction[1]}"), encoding="utf-8")
    said, code = run("analyse", "design.toml")
    assert code == 0, said
    assert all(line in said for line in _transcript("done")), said

    page = seen((here / "report.html").read_text(encoding="utf-8"))
    assert "64 people started." in page
    assert banned_words(page) == []
    assert {"report.docx", "charts", "tables.xlsx"} <= {p.name for p in here.iterdir()}
    assert "INTERNAL" not in page


def test_at_most_seven_questions_are_asked(here):
    asked = []
    done = start("visits.xlsx", ask=lambda q: asked.append(q) or "")
    assert done.asked == len(asked) <= 7
    assert [q.key for q in asked] == ["when", "person", "labels", "measures", "group", "site"]
    assert all(q.text for q in asked)


def test_a_run_that_was_stopped_goes_on_where_it_was(here):
    def stop(question):
        if question.key == "labels":
            raise KeyboardInterrupt
        return ""

    with pytest.raises(KeyboardInterrupt):
        start("visits.xlsx", ask=stop)
    asked = []
    start("visits.xlsx", ask=lambda q: asked.append(q.key) or "")
    assert asked[0] == "labels"
    assert not (here / "design.start.json").exists()


def test_files_that_are_there_are_not_written_over(here):
    start("visits.xlsx")
    with pytest.raises(OutputError):
        start("visits.xlsx")
    start("visits.xlsx", replace=True)


def test_an_answer_that_cannot_be_is_refused_with_the_nearest(here):
    with pytest.raises(StartError, match="person: 'Id' is not one of"):
        start("visits.xlsx", answers={"person": "Id"})
    with pytest.raises(StartError, match="one name for each"):
        start("visits.xlsx", answers={"labels": "before"})


def test_start_takes_a_semicolon_csv_with_a_mark_in_two_shapes(tmp_path):
    sheets = pd.DataFrame(
        {
            "id": range(30),
            **{f"ucla3_{i}_{t}": [1 + (i + k) % 3 for k in range(30)]
               for t in ("t1", "t2") for i in (1, 2, 3)},
        }
    )  # fmt: skip
    file = tmp_path / "wide.csv"
    sheets.to_csv(file, sep=";", index=False, encoding="utf-8-sig")
    done = start(file)
    design = Design.load(done.design)
    assert dict(design.study.waves) == {"t1": "t1", "t2": "t2"}

    long = pd.concat(
        [
            sheets[["id", *(f"ucla3_{i}_{t}" for i in (1, 2, 3))]]
            .rename(columns={f"ucla3_{i}_{t}": f"ucla3_{i}" for i in (1, 2, 3)})
            .assign(visit=t)
            for t in ("t1", "t2")
        ]
    )
    other = tmp_path / "long"
    other.mkdir()
    long.to_csv(other / "long.csv", sep=";", index=False, encoding="utf-8-sig")
    done = start(other / "long.csv")
    design = Design.load(done.design)
    assert (design.study.wave, design.study.waves) == ("visit", ("t1", "t2"))


def test_every_absent_column_of_a_design_is_named_at_once(here):
    start("visits.xlsx", answers={"site": "Service"})
    path = here / "design.toml"
    text = path.read_text(encoding="utf-8")
    text = text.replace('by_service = "Service"', 'by_service = "Servise"\ngroups = ["age"]')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DesignError) as refusal:
        analyse(path, here / "report.html")
    assert "'Servise'" in str(refusal.value)
    assert "'age'" in str(refusal.value)
    assert not (here / "report.html").exists()


# ------------------------------------------------------------------ the record and privacy


@pytest.fixture
def analysed(here):
    start("visits.xlsx", same={"vis-211": "VIS-211"}, answers={"site": "Service"})
    return analyse(here / "design.toml", here / "report.html", invalid="missing")


def test_the_record_has_names_and_fingerprints_and_no_path(analysed, here):
    text = analysed.record.read_text(encoding="utf-8")
    record = json.loads(text)
    assert record["files"]["data"]["name"] == "visits.xlsx"
    assert all(len(f["sha256"]) == 64 for f in record["files"].values())
    assert record["made_with"]["numpy"]
    assert str(here) not in text
    assert "VIS-" not in text


def test_the_same_design_gives_the_same_numbers(analysed, here):
    first = json.loads(analysed.record.read_text(encoding="utf-8"))["results"]
    again = analyse(here / "design.toml", here / "again.html", invalid="missing")
    assert json.loads(again.record.read_text(encoding="utf-8"))["results"] == first


def test_both_audiences_get_their_page(analysed, here):
    assert sorted(analysed.reports) == ["funder", "internal"]
    assert analysed.reports["internal"].name == "report_INTERNAL.html"


def test_nothing_opens_a_connection(tmp_path, monkeypatch, here):
    def refused(*_args, **_options):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket.socket, "connect_ex", refused)
    monkeypatch.setattr(socket, "create_connection", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    demonstration(tmp_path / "demo")
    start("visits.xlsx", answers={"site": "Service"})
    analyse(here / "design.toml", here / "report.html", invalid="missing")


def test_risk_answers_go_into_an_internal_list_only(tmp_path):
    columns = {f"phq9_{i}_{t}": [0, 1] * 15 for t in ("t1", "t2") for i in range(1, 10)}
    data = pd.DataFrame({"id": [f"Zebra{k}" for k in range(30)], **columns})
    data["phq9_9_t2"] = 0
    file = tmp_path / "mood.csv"
    data.to_csv(file, index=False)
    start(file)
    done = analyse(tmp_path / "design.toml", tmp_path / "report.html")
    found = done.reports["risk list, INTERNAL"]
    sheet = load_workbook(found).active
    assert str(sheet["A1"].value).startswith("INTERNAL")
    assert sheet.max_row == 3 + 15
    page = seen(done.reports["funder"].read_text(encoding="utf-8"))
    assert "risk" not in page.lower()
    assert "Zebra" not in page


def test_codes_stand_in_the_place_of_identifiers(tmp_path, run, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = pd.DataFrame({"id": ["Zebra1", "Zebra2"], **{f"ucla3_{i}": [1, 2] for i in (1, 2, 3)}})
    data.to_csv("answers.csv", index=False)
    words = ("score", "answers.csv", "--scale", "ucla3", "--coding", "canonical",
             "--person", "id", "--pseudonymise", "ids.key")  # fmt: skip
    said, code = run(*words, "-o", "one.csv")
    assert code == 0, said
    run(*words, "-o", "two.csv")
    one, two = (Path(f).read_text(encoding="utf-8-sig") for f in ("one.csv", "two.csv"))
    assert one == two
    assert "Zebra" not in one
    assert "Zebra" not in Path("ids.key").read_text(encoding="utf-8")


def test_a_console_of_an_old_windows_shows_everything(here):
    code = "from socmeasures.cli import main; main()"
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code, "start", "visits.xlsx", "--yes"],
        capture_output=True, timeout=120, check=False,
        env={**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONPATH": root},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "socmeasures analyse" in done.stdout.decode("cp1252")


def test_the_period_comes_from_the_dates_where_there_are_any():
    from socmeasures.reports.design_report import _period

    assert _period(study(20)) == "Answers were given from January 2026 to March 2026"
