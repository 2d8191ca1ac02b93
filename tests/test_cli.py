"""Every command does its work on the demonstration's export."""

from __future__ import annotations

import os
import shutil
import subprocess
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
EXPORT = "befriending_export.sav"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose name needs quoting, with the demo export and its design."""
    folder = tmp_path / "Reports & data (2026)"
    folder.mkdir()
    shutil.copy(DEMO / EXPORT, folder)
    shutil.copy(DEMO / "design.toml", folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Callable[..., str]:
    """Run a command: what it prints, after checking its exit code."""

    def command(*argv: object, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["socmeasures", *map(str, argv)])
        with pytest.raises(SystemExit) as stop:
            main()
        said = capsys.readouterr()
        assert (stop.value.code or 0) == code, said.err
        return said.out + said.err

    return command


def test_the_catalogue_is_listed(run: Callable[..., str]) -> None:
    said = run("scale", "list")

    for scale in ("ucla20_v3", "mspss", "djg11", "lsns6"):
        assert scale in said
    assert "secondary" in said
    assert "(opt-in)" in said


def test_the_catalogue_may_be_narrowed(run: Callable[..., str]) -> None:
    said = run("scale", "list", "--construct", "LONELINESS")

    assert "ucla3" in said
    assert "gad7" not in said


def test_one_scale_is_shown_in_full(run: Callable[..., str]) -> None:
    said = run("scale", "show", "djg6")

    for words in ("yes-first", "0 to 6", "Citation:", "Licence:", "Missing answers:"):
        assert words in said


def test_match_prints_the_plan_and_saves_it(here: Path, run: Callable[..., str]) -> None:
    said = run("match", EXPORT, "-o", "my plan.toml", "--person", "id")

    plan = soc.ScoringPlan.load("my plan.toml")
    assert "Plan written to my plan.toml" in said
    assert {(p.scale, p.wave) for p in plan.scales} == {
        (scale, wave) for scale in ("ucla3", "mspss", "friendship_scale") for wave in ("t1", "t2")
    }
    assert plan.person == "id"


def test_validate_exits_with_1_when_there_is_an_error(here: Path, run: Callable[..., str]) -> None:
    said = run("validate", EXPORT, "--person", "id", "--report", "problems.html", code=1)

    assert "row 7, person P007, time point t1, column ucla3_2_t1: 7 is no answer" in said
    assert "P042" in said
    page = (here / "problems.html").read_text(encoding="utf-8")
    assert "INTERNAL" in page
    assert "http" not in page.replace("http-equiv", "")


def test_validate_exits_with_0_when_all_is_well(here: Path, run: Callable[..., str]) -> None:
    pd.DataFrame({f"mspss_{n}": [1, 4, 7] for n in range(1, 13)}).to_csv("good.csv", index=False)

    assert "No errors in 3 rows" in run("validate", "good.csv")


def test_score_writes_the_file_its_record_and_its_problems(
    here: Path, run: Callable[..., str]
) -> None:
    before = (here / EXPORT).read_bytes()

    said = run("score", EXPORT, "-o", "scored file.sav", "--invalid", "missing")

    scored, codebook = soc.read("scored file.sav")
    record = soc.ScoringRecord.from_json(Path("scored file.record.json").read_text("utf-8"))
    assert "ucla3_total at t1: 113 scored, 7 too_few_items, 1 invalid" in said
    assert scored["ucla3_total__t1"].notna().sum() == 113
    assert codebook["ucla3_total__t1"].label.endswith("(3 to 9, higher = lonelier)")
    assert codebook["ucla3_1_t1"].missing_values
    assert record.uses[0].illegal_answers == 1
    assert Path("scored file.problems.html").exists()
    assert (here / EXPORT).read_bytes() == before
    assert soc.scoring_record(scored) is not None


def test_a_plan_scores_as_the_file_alone_does(here: Path, run: Callable[..., str]) -> None:
    run("match", EXPORT, "-o", "plan.toml")
    run("score", EXPORT, "-o", "one.csv", "--invalid", "missing")
    run("score", EXPORT, "--plan", "plan.toml", "-o", "two.csv", "--invalid", "missing")

    assert Path("one.csv").read_bytes() == Path("two.csv").read_bytes()


@pytest.mark.parametrize("ending", ["sav", "zsav", "csv", "xlsx"])
def test_score_writes_what_the_ending_says(
    ending: str, here: Path, run: Callable[..., str]
) -> None:
    run("score", EXPORT, "--scale", "ucla3", "-o", f"out.{ending}", "--invalid", "missing")

    back = soc.read(f"out.{ending}")[0]
    assert back["ucla3_total__t2"].notna().sum() > 50


def test_a_missing_rule_on_the_command_line_is_recorded(
    here: Path, run: Callable[..., str]
) -> None:
    run("score", EXPORT, "--scale", "mspss", "-o", "out.csv", "--missing", "prorate:3")

    record = soc.ScoringRecord.from_json(Path("out.record.json").read_text("utf-8"))
    rule = record.uses[0].missing["total"]
    assert (rule["method"], rule["allow"], rule["overridden"]) == ("prorate", 3, True)


def test_replace_scores_a_scored_file_again(here: Path, run: Callable[..., str]) -> None:
    run("score", EXPORT, "--scale", "mspss", "-o", "once.sav")

    run("score", "once.sav", "--scale", "mspss", "-o", "twice.sav", code=1)
    run("score", "once.sav", "--scale", "mspss", "-o", "twice.sav", "--replace")

    assert soc.read("twice.sav")[0].shape == soc.read("once.sav")[0].shape


def test_analyse_runs_a_design(here: Path, run: Callable[..., str]) -> None:
    said = run("analyse", "design.toml", "-o", "the report.html")

    page = Path("the report.html").read_text(encoding="utf-8")
    assert "Report written to the report.html" in said
    assert "Befriending (a simulated example)" in page
    assert "<script" not in page


def test_analyse_takes_another_file_of_the_same_form(here: Path, run: Callable[..., str]) -> None:
    shutil.copy(EXPORT, "june.sav")

    run("analyse", "design.toml", "--data", "june.sav", "-o", "report.html")

    assert Path("report.html").exists()


# ------------------------------------------------------------------ definitions of one's own


def test_a_newcomer_s_definition_scores_without_python(here: Path, run: Callable[..., str]) -> None:
    calm_file(here, name="my scale.toml")
    answers = {f"calm_{n}_t1": [2, 4] for n in range(1, 5)} | {
        f"calm_{n}_t2": [1, 1] for n in range(1, 5)
    }
    pd.DataFrame(answers).to_csv("export.csv", index=False)

    run("scale", "check", "my scale.toml")
    run("match", "export.csv", "--scale", "my scale.toml", "-o", "plan.toml")
    run("score", "export.csv", "--plan", "plan.toml", "-o", "out.csv")

    out = soc.read("out.csv")[0]
    assert out["calm4_total__t1"].tolist() == [9, 13]
    assert out["calm4_total__t2"].tolist() == [7, 7]


def test_a_definition_that_changed_since_the_plan_is_noticed(
    here: Path, run: Callable[..., str]
) -> None:
    calm_file(here)
    pd.DataFrame({f"calm_{n}": [2, 4] for n in range(1, 5)}).to_csv("export.csv", index=False)
    run("match", "export.csv", "--scale", "calm4.toml", "-o", "plan.toml")
    calm_file(here, ("allow = 1", "allow = 2"))

    said = run("score", "export.csv", "--plan", "plan.toml", "-o", "out.csv", code=2)

    assert "calm4.toml has changed since the plan was made" in said
    assert not Path("out.csv").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("reverse = [2]", "reverse = [9]"), "reverse: item 9 is not one of the score's items"),
        (("reverse = [2]", "reverse = [3]"), "[[examples]] number 1: total should be 4"),
        (("range = [4, 16]", "range = [0, 16]"), "the items, options and method give [4, 16]"),
        (
            ('from = 4, label = "low"', 'from = 4, to = 6, label = "low"'),
            "gap between 'low' (to 6) and 'middle'",
        ),
        (("total = 16", "total = 15"), "total should be 15, the definition gives 16"),
    ],
)
def test_scale_check_catches(
    change: tuple[str, str], words: str, here: Path, run: Callable[..., str]
) -> None:
    calm_file(here, change)

    said = run("scale", "check", "calm4.toml", code=1)

    assert words in said
    assert "calm4.toml: " in said


def test_scale_check_looks_at_every_file(here: Path, run: Callable[..., str]) -> None:
    calm_file(here, ("total = 16", "total = 15"), name="wrong.toml")
    calm_file(here, name="right.toml")

    said = run("scale", "check", "wrong.toml", "right.toml", code=1)

    assert "wrong.toml: 1 fault" in said
    assert "right.toml: fine" in said


def test_scale_check_remarks_on_what_is_legal_but_thin(here: Path, run: Callable[..., str]) -> None:
    calm_file(here, ('answers = [2, 3, "NA", 2]', "answers = [2, 3, 2, 2]"))

    assert "remark: [[examples]]: none has a missing answer" in run("scale", "check", "calm4.toml")


# ------------------------------------------------------------------ the outside


def test_without_a_command_the_help_is_shown(run: Callable[..., str]) -> None:
    said = run(code=2)

    for command in ("demo", "match", "validate", "score", "analyse", "scale"):
        assert command in said


@pytest.mark.parametrize(
    "command",
    [
        ["demo"],
        ["match"],
        ["validate"],
        ["score"],
        ["analyse"],
        ["scale", "list"],
        ["scale", "show"],
        ["scale", "check"],
    ],
)
def test_every_command_has_help(command: list[str], run: Callable[..., str]) -> None:
    assert "Usage:" in run(*command, "--help")


def test_the_command_is_there_as_a_program(here: Path) -> None:
    code = "from socmeasures.cli import main; main()"
    root = Path(soc.__file__).parents[1]

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, "score", EXPORT, "-o", "out.sav"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "PYTHONPATH": str(root), "PYTHONIOENCODING": "ascii:replace"},
    )

    assert done.returncode == 1
    assert "row 7, column ucla3_2_t1: 7 is no answer" in done.stderr
    assert "Traceback" not in done.stderr
    assert not Path("out.sav").exists()
    assert Path("out.problems.html").exists()
