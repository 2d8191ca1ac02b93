"""Bad input through the command line: one clear error, exit 1 or 2, nothing written, bytes kept."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import socmeasures as soc
from socmeasures.cli import main
from tests.made_up import calm_file

DEMO = Path(str(files("socmeasures"))) / "demo"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the demo export and its design, and we are in it."""
    shutil.copy(DEMO / "befriending_export.sav", tmp_path / "befriending_export.sav")
    shutil.copy(DEMO / "design.toml", tmp_path / "design.toml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def refused(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Callable[..., str]:
    """Run a command that must be refused: gives what it says, once nothing else was touched."""

    def run(*argv: object, code: int, new: tuple[str, ...] = ()) -> str:
        before = {p.name: p.read_bytes() for p in here.rglob("*") if p.is_file()}
        monkeypatch.setattr(sys, "argv", ["socmeasures", *map(str, argv)])
        capsys.readouterr()

        with pytest.raises(SystemExit) as stop:
            main()

        said = capsys.readouterr()
        after = {p.name: p.read_bytes() for p in here.rglob("*") if p.is_file()}
        assert stop.value.code == code, said.err
        assert "Traceback" not in said.err
        assert {n: b for n, b in after.items() if n not in new} == before
        assert set(after) - set(before) == set(new)
        return " ".join(re.sub(r"\s+", " ", said.err + said.out).split())

    return run


def ucla(here: Path, name: str = "data.csv", **columns: list[Any]) -> str:
    frame = {f"ucla3_{n}": [1, 2, 3] for n in (1, 2, 3)} | columns
    pd.DataFrame(frame).to_csv(here / name, index=False)
    return name


def design(here: Path, *changes: tuple[str, str]) -> str:
    text = (here / "design.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (here / "other.toml").write_text(text, encoding="utf-8")
    return "other.toml"


# ------------------------------------------------------------------ files


def test_a_missing_file_is_named_with_its_neighbour(refused: Callable[..., str]) -> None:
    said = refused("score", "befriending_exports.sav", "-o", "out.sav", code=2)

    assert "there is no such file. Close: 'befriending_export.sav'" in said


def test_a_file_that_is_no_sav(here: Path, refused: Callable[..., str]) -> None:
    (here / "fake.sav").write_text("id,q1\n1,2\n")

    said = refused("score", "fake.sav", "-o", "out.sav", code=1)

    assert "fake.sav: this is not an SPSS data file; it looks like text" in said


@pytest.mark.parametrize("size", [10, 500, 3000, 20000])
def test_a_truncated_sav(size: int, here: Path, refused: Callable[..., str]) -> None:
    (here / "cut.sav").write_bytes((here / "befriending_export.sav").read_bytes()[:size])

    said = refused("score", "cut.sav", "-o", "out.sav", code=1)

    assert "cut.sav: " in said
    assert "cut short or damaged" in said or "not an SPSS data file" in said


def test_a_wrong_encoding_says_which_to_try(here: Path, refused: Callable[..., str]) -> None:
    (here / "latin.csv").write_bytes("id,ucla3_1\nJosé,1\n".encode("latin-1"))

    said = refused("score", "latin.csv", "-o", "out.csv", "--encoding", "utf-8", code=1)

    assert "its letters are not written in utf-8" in said
    assert "--encoding windows-1252" in said


@pytest.mark.parametrize("command", ["score", "validate", "analyse"])
def test_a_file_without_rows(command: str, here: Path, refused: Callable[..., str]) -> None:
    data, codebook = soc.read("befriending_export.sav")
    soc.write_sav(data.head(0), "zero.sav", codebook=codebook)
    calls = {
        "score": ["score", "zero.sav", "-o", "out.sav"],
        "validate": ["validate", "zero.sav"],
        "analyse": ["analyse", "design.toml", "--data", "zero.sav", "-o", "report.html"],
    }

    said = refused(*calls[command], code=1)

    assert "zero.sav: the file has 45 columns but no answers (0 rows)" in said
    assert "look for a filter" in said


# ------------------------------------------------------------------ scales and columns


def test_an_unknown_scale_offers_the_nearest_ids(refused: Callable[..., str]) -> None:
    said = refused("score", "befriending_export.sav", "--scale", "mspps", "-o", "out.sav", code=2)

    assert "There is no scale 'mspps'. Close: 'mspss'" in said


def test_a_missing_item_column_offers_the_nearest(here: Path, refused: Callable[..., str]) -> None:
    pd.DataFrame({"ucla3_1": [1], "ucla_3b": [1], "ucla3_3": [1]}).to_csv("data.csv", index=False)

    said = refused("score", "data.csv", "--scale", "ucla3", "-o", "out.csv", code=1)

    assert (
        "no column was found for 1 of them: item 2 (ucla3_2 or lonely_2). Close: 2: 'ucla_3b'"
        in said
    )
    assert "--plan plan.toml" in said


def test_an_item_missing_at_one_time_point_is_not_passed_over(
    here: Path, refused: Callable[..., str]
) -> None:
    data = soc.read("befriending_export.sav")[0].drop(columns="ucla3_2_t1")
    data.to_csv("data.csv", index=False)

    said = refused(
        "score", "data.csv", "--scale", "ucla3", "--coding", "canonical", "-o", "out.csv", code=1
    )

    assert "ucla3 at 't1': item 2 has no column" in said


def test_two_columns_for_one_item(here: Path, refused: Callable[..., str]) -> None:
    said = refused("score", ucla(here, **{"UCLA3-1": [1, 2, 3]}), "-o", "out.csv", code=1)

    assert "scale 'ucla3', item 1: ucla3_1 and UCLA3-1" in said
    assert "nothing was chosen" in said


# ------------------------------------------------------------------ codings and answers


def test_answers_that_fit_only_another_coding(here: Path, refused: Callable[..., str]) -> None:
    columns: dict[str, Any] = {f"ucla3_{n}": [0, 1, 2] for n in (1, 2, 3)}

    said = refused("score", ucla(here, **columns), "-o", "out.csv", code=1)

    assert "The answers fit only 'zero-based'; nothing was applied" in said
    assert "--coding zero-based" in said


def test_answers_that_fit_another_coding_than_the_stated(
    here: Path, refused: Callable[..., str]
) -> None:
    columns: dict[str, Any] = {f"ucla3_{n}": [0, 1, 2] for n in (1, 2, 3)}
    file = ucla(here, **columns)

    said = refused(
        "score", file, "--coding", "canonical", "-o", "out.csv", code=1, new=("out.problems.html",)
    )

    assert "All answers to 'ucla3' fit the coding 'zero-based'" in said


def test_a_text_answer_no_label_explains(here: Path, refused: Callable[..., str]) -> None:
    columns: dict[str, Any] = {f"ucla3_{n}": ["Often", "Often", "Dunno"] for n in (1, 2, 3)}

    said = refused(
        "score", ucla(here, **columns), "-o", "out.csv", code=1, new=("out.problems.html",)
    )

    assert "row 3, column ucla3_1: the text 'Dunno' is none of the options" in said


def test_a_refusal_ends_with_the_command_that_goes_on_and_what_it_drops(
    here: Path, refused: Callable[..., str]
) -> None:
    said = refused(
        "score", "befriending_export.sav", "-o", "my scores & more.sav", "--person", "id",
        code=1, new=("my scores & more.problems.html",),
    )  # fmt: skip

    assert "row 7, person P007, column ucla3_2_t1: 7 is no answer of this item" in said
    assert "That treats 1 answer of 1 person as not given" in said
    assert "nothing else was written" in said
    assert (
        "socmeasures score befriending_export.sav -o 'my scores & more.sav' --person id "
        "--invalid missing"
    ) in said


# ------------------------------------------------------------------ studies


def test_a_person_twice_at_a_time_point(here: Path, refused: Callable[..., str]) -> None:
    file = design(here, ('duplicates = "most_complete"', ""))

    said = refused("analyse", file, "-o", "report.html", code=1)

    assert "P042" in said
    assert "row" in said


def test_only_one_arm(here: Path, refused: Callable[..., str]) -> None:
    data, codebook = soc.read("befriending_export.sav")
    soc.write_sav(data.assign(arm=1.0), "one.sav", codebook=codebook)

    said = refused("analyse", "design.toml", "--data", "one.sav", "-o", "report.html", code=1)

    assert "there is only one arm, 'usual care'" in said


def test_an_outcome_that_is_not_there(here: Path, refused: Callable[..., str]) -> None:
    file = design(here, ('outcome = "ucla3_total"', 'outcome = "ucla3_totl"'))

    said = refused("analyse", file, "-o", "report.html", code=1)

    assert "There is no outcome 'ucla3_totl' in this study. Close: 'ucla3_total'" in said


def test_a_time_point_nobody_has(here: Path, refused: Callable[..., str]) -> None:
    said = refused(
        "analyse", design(here, ('wave = "6 months"', 'wave = "12 months"')), "-o", "r.html", code=2
    )

    assert "nobody has the time point '12 months' (there are start, 6 months)" in said


def test_a_time_point_without_columns(here: Path, refused: Callable[..., str]) -> None:
    file = design(here, ('"6 months" = "t2"', '"6 months" = "t9"'))

    said = refused("analyse", file, "-o", "report.html", code=1)

    assert "t9" in said


def test_a_group_column_that_is_not_there(here: Path, refused: Callable[..., str]) -> None:
    said = refused("analyse", design(here, ('arm = "arm"', 'arm = "arms"')), "-o", "r.html", code=2)

    assert "there is no column 'arms' in the data. Close: 'arm'" in said


# ------------------------------------------------------------------ outputs


def test_the_input_is_never_written_over(here: Path, refused: Callable[..., str]) -> None:
    said = refused(
        "score",
        "befriending_export.sav",
        "-o",
        "befriending_export.sav",
        "--invalid",
        "missing",
        code=2,
    )
    assert "never written over. Give the output another name" in said
    for target in ("befriending_export.sav", "design.toml"):
        said = refused("analyse", "design.toml", "-o", target, code=2)
        assert "never written over" in said
    refused("match", "befriending_export.sav", "-o", "befriending_export.sav", code=2)
    refused("validate", "befriending_export.sav", "--report", "befriending_export.sav", code=2)
    refused(
        "score",
        "befriending_export.sav",
        "-o",
        "o.sav",
        "--report",
        "befriending_export.sav",
        code=2,
    )


@pytest.mark.parametrize(
    "command",
    [
        ["score", "befriending_export.sav", "-o", "no folder/out.sav"],
        ["match", "befriending_export.sav", "-o", "no folder/plan.toml"],
        ["validate", "befriending_export.sav", "--report", "no folder/page.html"],
        ["analyse", "design.toml", "-o", "no folder/report.html"],
    ],
)
def test_a_folder_that_is_not_there(command: list[str], refused: Callable[..., str]) -> None:
    assert "does not exist. Make it, or give another path" in refused(*command, code=2)


def test_a_folder_that_may_not_be_written_to(
    here: Path, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda _, mode: not mode & os.W_OK)

    said = refused("score", "befriending_export.sav", "-o", "out.sav", code=2)

    assert "this file cannot be written. Close it in SPSS or Excel" in said


def test_an_ending_nobody_writes(refused: Callable[..., str]) -> None:
    said = refused("score", "befriending_export.sav", "-o", "out.docx", code=2)

    assert "a file with the ending '.docx' cannot be written" in said


def test_a_score_column_that_is_already_there(here: Path, refused: Callable[..., str]) -> None:
    file = ucla(here, id=["a", "b", "c"], ucla3_total=[3, 6, 8])

    said = refused(
        "score", file, "--coding", "canonical", "-o", "out.csv", "--person", "id", code=1
    )

    assert "1 column that scoring would add is already in the data: ucla3_total" in said
    assert "disagree with ours in 1 of 3 places" in said
    assert "row 3, person c, ucla3_total: stored 8, ours 9" in said
    assert "--replace" in said


# ------------------------------------------------------------------ other files of ours


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not toml at all", "not valid TOML"),
        ("format = 2", "format"),
        ('[[scales]]\nscale = "ucla3"', "items: this field is needed"),
        ('[[scales]]\nscale = "ucla3"\ncodng = "x"\nitems = { 1 = "a" }', "there is no such field"),
        ('[[scales]]\nscale = "ucla3"\nitems = { 1 = "nowhere" }', "no column was found"),
        ('[[scales]]\nscale = "ucal3"\nitems = { 1 = "a" }', "There is no scale 'ucal3'"),
    ],
)
def test_a_plan_with_a_fault(
    text: str, words: str, here: Path, refused: Callable[..., str]
) -> None:
    (here / "plan.toml").write_text(text, encoding="utf-8")
    code = 1 if "nowhere" in text else 2

    said = refused(
        "score", "befriending_export.sav", "--plan", "plan.toml", "-o", "o.sav", code=code
    )

    assert words in said


def test_a_plan_and_a_design_that_are_not_there(refused: Callable[..., str]) -> None:
    assert "there is no such file" in refused(
        "score", "befriending_export.sav", "--plan", "no.toml", "-o", "out.sav", code=2
    )
    assert "there is no such file" in refused("analyse", "no.toml", "-o", "report.html", code=2)


def test_every_fault_of_a_design_is_listed(here: Path, refused: Callable[..., str]) -> None:
    file = design(here, ('person = "id"', 'persn = "id"'), ('role = "primary"', 'role = "main"'))

    said = refused("analyse", file, "-o", "report.html", code=2)

    assert "3 faults in this design" in said
    assert "persn" in said
    assert "person]: this field is needed" in said


def test_an_option_that_means_nothing(refused: Callable[..., str]) -> None:
    assert "'raise', 'missing'" in refused(
        "score", "befriending_export.sav", "-o", "o.sav", "--invalid", "drop", code=2
    )
    assert "there is no method 'median'" in refused(
        "score", "befriending_export.sav", "-o", "o.sav", "--missing", "median", code=2
    )
    assert "allow is a whole number" in refused(
        "score", "befriending_export.sav", "-o", "o.sav", "--missing", "prorate:some", code=2
    )


def test_an_unverified_key_needs_the_word_of_the_user(
    here: Path, refused: Callable[..., str]
) -> None:
    pd.DataFrame({f"ucla4_{n}": [2, 3] for n in range(1, 5)}).to_csv("four.csv", index=False)

    said = refused("score", "four.csv", "--scale", "ucla4", "-o", "out.csv", code=2)

    assert "The scoring key of 'ucla4'" in said
    assert "--accept-unverified" in said


def test_a_demonstration_into_a_file(refused: Callable[..., str]) -> None:
    assert "this is a file, and a folder is needed" in refused("demo", "-o", "design.toml", code=2)


def test_a_definition_with_faults_scores_nothing(here: Path, refused: Callable[..., str]) -> None:
    calm_file(here, ("reverse = [2]", "reverse = [7]"))
    pd.DataFrame({f"calm_{n}": [1] for n in range(1, 5)}).to_csv("calm.csv", index=False)

    said = refused("score", "calm.csv", "--scale", "calm4.toml", "-o", "out.csv", code=1)

    assert "reverse: item 7 is not one of the score's items" in said
    assert "socmeasures scale check calm4.toml" in said
