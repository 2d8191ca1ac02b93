"""Files as services have them, through match, validate and score unattended, or to a question.

Each once with the library and once on the command line. What a person would see is part of the
test: the question names the codings, the way on works when it is followed.
"""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from socmeasures.cli import app, main
from socmeasures.errors import CodingError, ColumnsNotFoundError, NoRowsError, NothingMatchedError
from socmeasures.responses.matching import match_scales
from socmeasures.responses.reading import read
from socmeasures.scales.catalogue import shipped_scales
from socmeasures.scales.interchange import export_scale
from socmeasures.scoring.compute import score
from socmeasures.scoring.record import scoring_record
from socmeasures.validation.report import validate

GAMING = "data/covid_gaming/study02_raw_items"
SAME_PEOPLE = (  # the same answers, as four exports
    f"{GAMING}.sav",
    "data/sav_awkward/covid2_z.zsav",
    "data/sav_awkward/covid2_v2_uncompressed.sav",  # names cut to eight signs: V1, V2 …
    f"{GAMING}.csv",
)
NO_SCALE = (  # the COPE index, the PANAS: scales that are not shipped
    "data/sav_efc/efc.sav",
    "data/sav_efc/efc.zsav",
    "data/sav_efc/efc.csv",
    "data/sav_awkward/efc_awkward.sav",
    "data/sav_awkward/efc_awkward.zsav",
    "data/scorify/neurohack_qualtrics_export.csv",
)


@pytest.fixture
def run(monkeypatch, capsys):
    """A command as a person gives it: exit code, and what is on the screen."""

    def command(*argv):
        monkeypatch.setattr("sys.argv", ["socmeasures", *map(str, argv)])
        with pytest.raises(SystemExit) as stop:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return stop.value.code or 0, said.out + said.err

    return command


@pytest.fixture
def published(shared):
    """Loneliness of each person as the authors of the study computed it."""
    return pd.read_csv(shared / "data/covid_gaming/study02_loneliness_wide_repo_scores.csv")


def unattended(path, **options):
    data, book = read(path)
    plan = match_scales(data, book)
    report = validate(data, plan, codebook=book, **options)
    assert report.ok, str(report)
    return score(data, plan, codebook=book, **options)


def waves(scored):
    return list(dict.fromkeys(use.wave for use in scoring_record(scored).uses))


# --- scored unattended -------------------------------------------------------------------------


@pytest.mark.needs("shared")
@pytest.mark.parametrize("name", SAME_PEOPLE[:3])
def test_exports_with_labels_are_scored_as_the_authors_scored_them(shared, published, name):
    scored = unattended(shared / name)
    before, during = waves(scored)
    people = scored.columns[scored.columns.str.lower().isin(["pid_scored", "pid_scor"])][0]
    both = scored.merge(published, left_on=people, right_on="pid")
    assert len(both) == len(published) == 76
    for wave, theirs in ((before, "loneliness_before"), (during, "loneliness_during")):
        ours = both[f"ucla3_total__{wave}"]
        known = both[theirs].notna() & ours.notna()
        assert known.sum() > 70
        np.testing.assert_array_equal(ours[known], both.loc[known, theirs])
    assert scored[f"djg11_total_status__{before}"].eq("scored").sum() == 147


@pytest.mark.needs("shared")
@pytest.mark.parametrize("name", SAME_PEOPLE[:3])
def test_they_go_through_the_commands_too(shared, tmp_path, run, name):
    plan, out = tmp_path / "plan.toml", tmp_path / "scored.sav"
    code, said = run("match", shared / name, "-o", plan)
    assert (code, said.count("djg11")) == (0, 2)
    code, said = run("validate", shared / name, "--plan", plan)
    assert code == 0
    assert "No errors in 155 rows" in said
    code, said = run("score", shared / name, "--plan", plan, "-o", out)
    assert code == 0
    assert "147 scored, 8 not_answered" in said
    again, book = read(out)
    assert len(again) == 155
    assert any(c.startswith("djg11_total__") for c in again.columns)
    assert len(book.reasons) == 88  # the codes of missing answers are back in their cells


@pytest.mark.parametrize(
    "scale", [s.id for s in shipped_scales() if not s.opt_in], ids=lambda s: str(s)
)
def test_a_redcap_export_of_each_scales_own_dictionary_is_scored(tmp_path, scale):
    dictionary, export = redcap_export(tmp_path, scale)
    data, book = read(export, dictionary=dictionary)
    plan = match_scales(data, book, person="record_id", wave="redcap_event_name")
    assert [p.scale for p in plan.scales] == [scale]
    report = validate(data, plan, codebook=book)
    assert report.ok, str(report)
    statuses = score(data, plan, codebook=book).filter(like="_status")
    assert statuses.iloc[:2].isin(["scored", "not_answered"]).all(axis=None)


def test_a_redcap_export_goes_through_the_commands_too(tmp_path, run):
    dictionary, export = redcap_export(tmp_path, "mspss", missing="UNK")
    given = ["--dictionary", dictionary, "--missing-codes", "UNK, Unknown"]
    named = ["--person", "record_id", "--wave", "redcap_event_name"]
    code, said = run("match", export, *given, *named, "-o", tmp_path / "plan.toml")
    assert (code, "mspss_1 … mspss_12" in said) == (0, True)
    code, said = run("validate", export, *given, "--plan", tmp_path / "plan.toml")
    assert (code, "No errors in 3 rows" in said) == (0, True)
    out = tmp_path / "scored.csv"
    code, said = run("score", export, *given, "--plan", tmp_path / "plan.toml", "-o", out)
    assert code == 0
    assert "1 answer with a missing data code" in said
    assert "mspss_total: 2 scored, 1 too_few_items" in said


def redcap_export(folder, scale, missing=""):
    """An export of three people's answers, made by the dictionary the scale itself writes."""
    text = export_scale(scale, "redcap")
    (folder / "dictionary.csv").write_text(text, encoding="utf-8")
    choices = {
        row["Variable / Field Name"]: [
            choice.split(",")[0].strip()
            for choice in row["Choices, Calculations, OR Slider Labels"].split("|")
        ]
        if row["Field Type"] == "radio"
        else ["2"]
        for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
        if row["Field Type"] in ("radio", "text") and row["Variable / Field Name"] != "record_id"
    }
    heads = ["record_id", "redcap_event_name", *choices, f"{scale}_complete"]
    rows = [
        [f"{person:03}", "before_arm_1", *(c[person % len(c)] for c in choices.values()), "2"]
        for person in range(3)
    ]
    if missing:
        rows[2][2] = missing
    lines = "\n".join(",".join(row) for row in [heads, *rows])
    (folder / "export.csv").write_text(lines + "\n", encoding="utf-8")
    return folder / "dictionary.csv", folder / "export.csv"


# --- the right question ------------------------------------------------------------------------


@pytest.mark.needs("shared")
def test_numbers_without_labels_are_asked_about_once_a_scale(shared, published):
    data, book = read(shared / SAME_PEOPLE[3])
    plan = match_scales(data, book)
    with pytest.raises(CodingError) as question:
        score(data, plan, codebook=book)
    asked = str(question.value)
    assert asked.count("is not known") == 2  # ucla3 and djg11, each for both time points
    assert "at time points 'pre' and 'dur'" in asked
    assert "yes-first: 1 = yes, 2 = more or less, 3 = no" in asked
    assert "--coding djg11=" in asked


@pytest.mark.needs("shared")
def test_the_answer_to_the_question_scores_them_like_the_labelled_export(shared, tmp_path, run):
    out = tmp_path / "scored.csv"
    file = shared / SAME_PEOPLE[3]
    code, said = run("score", file, "-o", out)
    assert (code, "is not known" in said) == (1, True)
    assert not out.exists()
    codings = "ucla3=canonical,djg11=yes-first"
    assert run("validate", file, "--coding", codings)[0] == 0
    code, said = run("score", file, "-o", out, "--coding", codings)
    assert code == 0
    assert "undecided" not in said
    labelled = unattended(shared / SAME_PEOPLE[0])
    scored, _ = read(out)
    for column in [c for c in labelled.columns if "_total__" in c and labelled[c].dtype == float]:
        np.testing.assert_array_equal(scored[column].astype(float), labelled[column])


@pytest.mark.needs("shared")
@pytest.mark.parametrize("name", NO_SCALE)
def test_files_without_a_known_scale_say_so_and_how_to_go_on(shared, tmp_path, run, name):
    data, book = read(shared / name)
    with pytest.raises(NothingMatchedError, match="No scale was recognised in"):
        match_scales(data, book)
    code, said = run("score", shared / name, "-o", tmp_path / "out.sav")
    assert code == 1
    assert "--columns Q4a,Q4b,Q4c -o plan.toml" in said
    assert "scale new" in said
    assert not list(tmp_path.iterdir())
    if "efc_awkward" in name:
        assert "weighted by wt. The weight is not used" in said
    if "qualtrics" in name:
        assert "A Qualtrics export" in said


@pytest.mark.needs("shared")
def test_an_export_in_another_language_is_scored_when_its_columns_and_words_are_told(
    shared, tmp_path, run
):
    file = shared / "data/sav_awkward/ucla3_german_cp1252.sav"
    data, book = read(file)
    assert any("windows-1252" in note for note in book.notes)
    with pytest.raises(ColumnsNotFoundError, match="--scale ucla3 --columns"):
        match_scales(data, book, scales="ucla3")
    plan, words = tmp_path / "plan.toml", tmp_path / "words.toml"
    items = "einsam1,einsam2,einsam3"
    assert run("match", file, "--scale", "ucla3", "--columns", items, "-o", plan)[0] == 0
    code, said = run("score", file, "--plan", plan, "-o", tmp_path / "scored.sav")
    assert code == 1
    assert "'Fast nie', 2 = 'Manchmal', 3 = 'Häufig'" in said
    assert "--labels words.toml" in said
    words.write_text(
        '[labels]\n"Fast nie" = "Hardly ever"\n"Manchmal" = "Some of the time"\n'
        '"Häufig" = "Often"\n',
        encoding="utf-8",
    )
    code, said = run(
        "score", file, "--plan", plan, "--labels", words, "-o", tmp_path / "scored.sav"
    )
    assert code == 0
    assert "ucla3_total: 3 scored, 3 too_few_items" in said


@pytest.mark.needs("shared")
def test_a_file_without_rows_is_refused_with_where_to_look(shared, tmp_path, run):
    file = shared / "data/sav_awkward/zero_rows.sav"
    code, said = run("score", file, "-o", tmp_path / "out.sav")
    assert (code, "look for a filter or a selection" in said) == (1, True)
    assert NoRowsError.__name__ not in said
    assert not list(tmp_path.iterdir())


def test_too_few_columns_are_counted(run, tmp_path):
    file = tmp_path / "form.csv"
    file.write_text("a,b,c\n1,2,3\n", encoding="utf-8")
    code, said = run("match", file, "--scale", "ucla3", "--columns", "a,b")
    assert (code, "has 3 items, and 2 columns are named: a, b" in said) == (2, True)
    code, said = run("match", file, "--columns", "a,b,c")
    assert (code, "no scale is named beside them" in said) == (2, True)


def test_the_records_of_both_ways_agree(tmp_path):
    _, export = redcap_export(tmp_path, "mspss")
    scored = unattended(export)
    told = CliRunner().invoke(app, ["score", str(export), "-o", str(tmp_path / "scored.csv")])
    assert told.exit_code == 0, told.output
    record = json.loads((tmp_path / "scored.record.json").read_text("utf-8"))
    assert record == json.loads(scoring_record(scored).to_json())
