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
