"""Commands on large files, folders, codebooks, corrections, and exports of survey tools."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from socmeasures.cli import app
from socmeasures.responses.reading import read
from socmeasures.responses.writing import write
from socmeasures.scales.interchange import export_scale

DEMO = str(files("socmeasures") / "demo" / "befriending_export.sav")
WORDS = pd.DataFrame(
    {
        "id": ["a", "b"],
        "surname": ["Ash", "Birch"],
        **{f"ucla3_{i}": ["Oft", "Nie"] for i in (1, 2, 3)},
    }
)


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture
def plan(tmp_path):
    assert run("match", DEMO, "--person", "id", "-o", tmp_path / "plan.toml").exit_code == 0
    return tmp_path / "plan.toml"


def test_blocks_give_the_table_of_the_whole_file(tmp_path, plan):
    for how in ("--stream", "--whole"):
        done = run(
            "score", DEMO, "--plan", plan, "--invalid", "missing", how,
            "-o", tmp_path / f"out{how}.csv",
        )  # fmt: skip
        assert done.exit_code == 0, done.output
    pd.testing.assert_frame_equal(
        read(tmp_path / "out--stream.csv")[0], read(tmp_path / "out--whole.csv")[0]
    )
    first, second = (
        json.loads((tmp_path / f"out{how}.record.json").read_text("utf-8"))
        for how in ("--stream", "--whole")
    )
    assert first == second


def test_a_folder_is_scored_and_a_bad_file_gives_exit_code_1(tmp_path, plan):
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "a.sav").write_bytes(Path(DEMO).read_bytes())
    (folder / "b.sav").write_bytes(b"$FL2")
    done = run("score", folder, "--plan", plan, "--invalid", "missing", "-o", tmp_path / "out")
    assert done.exit_code == 1
    assert "b.sav: not scored" in done.output
    assert (tmp_path / "out" / "a.scored.csv").is_file()


def test_columns_of_personal_data_are_pointed_out_and_left_out_when_asked(tmp_path):
    data = WORDS.replace({"Oft": "often", "Nie": "hardly ever"})
    data.to_csv(tmp_path / "in.csv", index=False)
    told = run("score", tmp_path / "in.csv", "--person", "id", "-o", tmp_path / "out.csv")
    assert "surname (name)" in told.output
    assert "surname" in read(tmp_path / "out.csv")[0]
    gone = run(
        "score", tmp_path / "in.csv", "--person", "id", "--drop-identifiers",
        "-o", tmp_path / "out.csv",
    )  # fmt: skip
    assert gone.exit_code == 0
    assert "surname" not in read(tmp_path / "out.csv")[0]


def test_words_of_another_language_are_read_by_a_table(tmp_path):
    WORDS.to_csv(tmp_path / "in.csv", index=False)
    (tmp_path / "words.toml").write_text(
        '[labels]\nOft = "often"\nNie = "hardly ever"\n', encoding="utf-8"
    )
    done = run(
        "score", tmp_path / "in.csv", "--labels", tmp_path / "words.toml",
        "-o", tmp_path / "out.csv",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert read(tmp_path / "out.csv")[0]["ucla3_total"].tolist() == [9, 3]


def test_corrections_are_proposed_then_applied(tmp_path):
    WORDS.replace({"Oft": "often", "Nie": "oftn"}).to_csv(tmp_path / "in.csv", index=False)
    assert run("fix", tmp_path / "in.csv", "-o", tmp_path / "fixes.toml").exit_code == 0
    text = (tmp_path / "fixes.toml").read_text("utf-8").replace("apply = false", "apply = true")
    (tmp_path / "fixes.toml").write_text(text, encoding="utf-8")
    done = run(
        "fix", tmp_path / "in.csv", "--apply", tmp_path / "fixes.toml", "-o", tmp_path / "out.csv"
    )
    assert "3 cells corrected" in done.output
    assert read(tmp_path / "out.csv")[0]["ucla3_1"].tolist() == ["often", "often"]


@pytest.mark.parametrize("ending", [".html", ".csv", ".json"])
def test_a_codebook_is_written(tmp_path, ending):
    assert run("codebook", DEMO, "-o", tmp_path / f"book{ending}").exit_code == 0
    assert (tmp_path / f"book{ending}").stat().st_size > 1000


def test_two_codebooks_are_compared(tmp_path):
    data, _ = read(DEMO)
    data.drop(columns="site").to_csv(tmp_path / "later.csv", index=False)
    told = run("codebook", DEMO, "--compare", tmp_path / "later.csv")
    assert "site: only in first" in told.output


def test_the_problems_can_be_a_workbook(tmp_path):
    done = run("validate", DEMO, "--report", tmp_path / "problems_INTERNAL.xlsx")
    assert done.exit_code == 1
    sheet = pd.read_excel(tmp_path / "problems_INTERNAL.xlsx", sheet_name="One by one")
    assert len(sheet)


def test_a_redcap_export_is_scored_with_its_dictionary(tmp_path):
    export_scale("mspss", "redcap", tmp_path / "d.csv")
    rows = {"record_id": ["1", "2"], **{f"mspss_{i}": ["7", "UNK"] for i in range(1, 13)}}
    pd.DataFrame(rows).to_csv(tmp_path / "r.csv", index=False)
    done = run(
        "score", tmp_path / "r.csv", "--dictionary", tmp_path / "d.csv",
        "--missing-codes", "UNK, Unknown", "-o", tmp_path / "out.csv",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "1 scored, 1 not_answered" in done.output


def test_an_analysis_points_out_personal_data_and_that_no_report_shows_it(tmp_path):
    data, book = read(DEMO)
    write(data.assign(surname="Ash"), tmp_path / "export.sav", codebook=book)
    design = (files("socmeasures") / "demo" / "design.toml").read_text("utf-8")
    (tmp_path / "design.toml").write_text(
        design.replace("befriending_export.sav", "export.sav"), encoding="utf-8"
    )
    done = run("analyse", tmp_path / "design.toml", "--invalid", "missing")
    assert done.exit_code == 0, done.output
    assert "surname (name). No report shows them." in done.output
    assert "Ash" not in (tmp_path / "report.html").read_text("utf-8")


def test_a_page_of_problems_points_out_the_personal_data_it_shows(tmp_path):
    words = WORDS.rename(columns={"id": "email"}).replace({"Oft": "Often", "Nie": "Never"})
    words.to_csv(tmp_path / "data.csv", index=False)
    asked = ["validate", tmp_path / "data.csv", "--scale", "ucla3", "--person", "email"]
    assert "personal data" not in run(*asked).output
    done = run(*asked, "--report", tmp_path / "problems.html")
    assert "email (e-mail address). The report shows them." in done.output
    assert "surname" not in done.output


def test_a_folder_says_which_files_hold_personal_data(tmp_path):
    (tmp_path / "in").mkdir()
    WORDS.replace({"Oft": "Often", "Nie": "Never"}).to_csv(tmp_path / "in" / "a.csv", index=False)
    done = run("score", tmp_path / "in", "-o", tmp_path / "out")
    assert "looks like personal data, in the output: surname (name)" in done.output
    record = json.loads((tmp_path / "out" / "scores.record.json").read_text("utf-8"))
    assert record["files"]["a.csv"]["looks_like_personal_data"] == {"surname": "name"}
    done = run("score", tmp_path / "in", "-o", tmp_path / "out", "--drop-identifiers")
    assert "looks like personal data, left out: surname (name)" in done.output


def test_corrections_point_out_personal_data(tmp_path):
    WORDS.replace({"Oft": "Ofen", "Nie": "Never"}).to_csv(tmp_path / "data.csv", index=False)
    data, fixes = tmp_path / "data.csv", tmp_path / "fixes.toml"
    assert run("fix", data, "-o", fixes).exit_code == 0
    done = run("fix", data, "--apply", fixes, "-o", tmp_path / "new.csv")
    assert "surname (name). They are in the output like in the input." in done.output


def test_with_a_plan_only_its_columns_are_read_for_checking(tmp_path, monkeypatch):
    import socmeasures as soc

    data, book = read(DEMO)
    write(data.assign(**{"filter_$": 1.0}), tmp_path / "export.sav", codebook=book)
    plan = tmp_path / "plan.toml"
    assert run("match", DEMO, "--person", "id", "-o", plan).exit_code == 0
    asked = []

    def spied(path, *, columns=None, **options):
        asked.append(columns)
        return read(path, columns=columns, **options)

    monkeypatch.setattr(soc, "read", spied)
    with_plan = run("validate", tmp_path / "export.sav", "--plan", plan)
    assert asked[0] is not None
    assert len(asked) == 1
    assert "site" not in asked[0]
    assert "121 of 121 rows are selected" in with_plan.output  # a filter is told of all the same
    without = run("validate", tmp_path / "export.sav", "--person", "id")
    assert asked[1] is None
    assert with_plan.exit_code == without.exit_code == 1
    assert with_plan.output.split("errors in")[1] == without.output.split("errors in")[1]


def test_a_column_that_is_gone_is_reported_when_checking(tmp_path):
    plan = tmp_path / "plan.toml"
    assert run("match", DEMO, "-o", plan).exit_code == 0
    data, _ = read(DEMO)
    renamed = data.rename(columns={"ucla3_1_t1": "ucla3_1_base"})
    write(renamed, tmp_path / "next.sav", codebook=None)
    done = run("validate", tmp_path / "next.sav", "--plan", plan)
    assert done.exit_code == 1
    assert "the plan's column 'ucla3_1_t1' is not in this file" in done.output


def test_codings_are_given_by_scale(tmp_path):
    names = [f"ucla3_{i}" for i in (1, 2, 3)] + [f"djg11_{i}" for i in range(1, 12)]
    pd.DataFrame({n: [1, 2, 3] for n in names}).to_csv(tmp_path / "data.csv", index=False)
    given = ["score", tmp_path / "data.csv", "-o", tmp_path / "out.csv", "--coding"]
    done = run(*given, "ucla3=often-first,djg11=yes-first")
    assert done.exit_code == 0, done.output
    out, _ = read(tmp_path / "out.csv")
    assert out["ucla3_total"].tolist() == [9, 6, 3]
    assert run(*given, "ucla3=often-first,mspss=canonical").exit_code != 0


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".sav"])
def test_files_are_scored_and_checked_in_blocks_when_asked_to(tmp_path, suffix):
    data = pd.DataFrame({"id": range(40), **{f"mspss_{i}": [4.0] * 39 + [9] for i in range(1, 13)}})
    write(data, tmp_path / f"a{suffix}")
    source = str(tmp_path / f"a{suffix}")

    checked = CliRunner().invoke(app, ["validate", source, "--stream", "--person", "id"])
    refused = CliRunner().invoke(app, ["score", source, "--stream", "-o", f"{tmp_path}/no.csv"])
    scored = CliRunner().invoke(
        app,
        ["score", source, "--stream", "--invalid", "missing", "-o", f"{tmp_path}/out.parquet"],
    )

    assert checked.exit_code == 1
    assert "12 errors in 1 of 40 rows" in checked.output
    assert refused.exit_code == 1
    assert not (tmp_path / "no.csv").exists()
    assert scored.exit_code == 0, scored.output
    assert "mspss_total: 39 scored, 1 invalid" in scored.output
    assert (tmp_path / "out.record.json").exists()
