"""A whole analysis as a file."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import socmeasures as soc
from socmeasures.errors import DesignError, NoRowsError, OutputError, StudyError
from tests.made_up import calm_file

DEMO = Path(str(files("socmeasures"))) / "demo"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    shutil.copy(DEMO / "befriending_export.sav", tmp_path)
    shutil.copy(DEMO / "design.toml", tmp_path)
    return tmp_path


def changed(here: Path, *changes: tuple[str, str]) -> Path:
    text = (here / "design.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path = here / "changed.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(here: Path, *changes: tuple[str, str]) -> str:
    with pytest.raises(DesignError) as refusal:
        soc.Design.load(changed(here, *changes))
    return str(refusal.value)


def test_the_design_gives_what_the_calls_by_hand_give(here: Path) -> None:
    run = soc.analyse(here / "design.toml")
    study = run.study

    by_hand = soc.ancova(study, "ucla3_total", wave="6 months")
    pd.testing.assert_frame_equal(run.results[-1].to_frame(), by_hand.to_frame())
    assert run.report is None
    assert not run.validation.ok


def test_the_same_design_gives_the_same_numbers(here: Path) -> None:
    one, two = soc.analyse(here / "design.toml"), soc.analyse(here / "design.toml")

    for a, b in zip(one.results, two.results, strict=True):
        pd.testing.assert_frame_equal(a.to_frame(), b.to_frame())


def test_each_step_is_told_as_it_begins(here: Path) -> None:
    told: list[str] = []

    soc.analyse(here / "design.toml", here / "report.html", step=told.append)

    assert told[:4] == ["reading the data", "finding the scales", "checking the answers", "scoring"]
    assert told[-1] == "writing the report"


def test_people_entered_twice_are_counted_in_the_notes(here: Path) -> None:
    notes = soc.analyse(here / "design.toml").results[0].notes

    assert any("1 row of 1 person entered more than once was left out" in note for note in notes)
    assert any("Declared as a secondary analysis" in note for note in notes)


def test_people_entered_twice_are_refused_without_a_rule(here: Path) -> None:
    with pytest.raises(StudyError, match="P042"):
        soc.analyse(changed(here, ('duplicates = "most_complete"', "")))


def test_the_report_may_lie_elsewhere_and_the_data_are_found_beside_the_design(
    here: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere & far")
    monkeypatch.chdir(elsewhere)

    run = soc.analyse(here / "design.toml", "report.html")

    assert run.report is not None
    assert (elsewhere / "report.html").exists()


def test_long_data_are_analysed_by_their_wave_column(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    data = pd.DataFrame({f"calm_{n}": rng.integers(1, 5, 40) for n in range(1, 5)})
    data.insert(0, "id", [f"p{i // 2}" for i in range(40)])
    data.insert(1, "when", ["pre", "post"] * 20)
    data.to_csv(tmp_path / "long.csv", index=False)
    scale = calm_file(tmp_path)
    (tmp_path / "long.toml").write_text(
        f"""
[data]
file = "long.csv"
[scoring]
scales = ['{scale}']
[study]
person = "id"
wave = "when"
waves = ["pre", "post"]
[[analyses]]
kind = "pre_post"
outcome = "calm4_total"
""",
        encoding="utf-8",
    )

    run = soc.analyse(tmp_path / "long.toml")

    row = run.results[0].to_frame().iloc[0]
    scored = soc.score(data, scale)["calm4_total"].to_numpy()
    assert row["estimate"] == pytest.approx((scored[1::2] - scored[::2]).mean())
    assert row["n"] == 20


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("[study]", "[studies]"), "study]: this field is needed"),
        (('kind = "ancova"', 'kind = "anova"'), "kind must be one of"),
        (('wave = "6 months"\n', ""), "wave]: this field is needed"),
        (('wave = "6 months"', 'wave = "9 months"'), "nobody has the time point '9 months'"),
        (('arm = "arm"\n', ""), "names an arm, but no arm column is given"),
        (('control = "usual care"\n', ""), "'ancova' needs [study] arm and control"),
        (
            ('allocation = "individual"', 'cluster = "site"'),
            'with a cluster say "individual" or "cluster"',
        ),
        (
            ('waves = { start = "t1", "6 months" = "t2" }', 'waves = ["start", "6 months"]'),
            "the time points stand in the column names",
        ),
        (
            ('waves = { start = "t1", "6 months" = "t2" }', 'waves = { "6 months" = "t2" }'),
            "name two time points or more",
        ),
        (('duplicates = "most_complete"', 'duplicates = "best"'), "duplicates"),
        (("format = 1", "format = 2"), "format"),
    ],
)
def test_a_design_that_cannot_be_is_refused_before_anything_is_read(
    change: tuple[str, str], words: str, here: Path
) -> None:
    assert words in refused(here, change)


def test_faults_are_told_all_at_once(here: Path) -> None:
    said = refused(
        here, ('control = "usual care"\n', ""), ('wave = "6 months"', 'wave = "9 months"')
    )

    assert "2 faults in this design" in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('person = "id"', 'person = "ids"'), "no column 'ids' in the data. Close: 'id'"),
        (('arm = "arm"', 'arm = "arms"'), "no column 'arms' in the data. Close: 'arm'"),
        (
            ('strata = ["site"]', 'strata = ["sites"]'),
            "no column 'sites' in the data. Close: 'site'",
        ),
        (
            (
                'waves = { start = "t1", "6 months" = "t2" }',
                'waves = ["start", "6 months"]\nwave = "when"',
            ),
            "no column 'when' in the data",
        ),
        (('file = "befriending_export.sav"', ""), "no data file is named"),
    ],
)
def test_a_design_that_does_not_fit_the_data_is_refused(
    change: tuple[str, str], words: str, here: Path
) -> None:
    with pytest.raises(DesignError) as refusal:
        soc.analyse(changed(here, change))

    assert words in str(refusal.value)


@pytest.mark.parametrize("target", ["design.toml", "befriending_export.sav"])
def test_what_the_analysis_rests_on_is_never_written_over(target: str, here: Path) -> None:
    before = (here / target).read_bytes()

    with pytest.raises(OutputError, match="never written over"):
        soc.analyse(here / "design.toml", here / target)

    assert (here / target).read_bytes() == before


def test_a_file_without_rows_is_refused(here: Path) -> None:
    data, codebook = soc.read(here / "befriending_export.sav")
    soc.write_sav(data.head(0), here / "zero.sav", codebook=codebook)

    with pytest.raises(NoRowsError, match="nothing to analyse"):
        soc.analyse(here / "design.toml", here / "report.html", data=here / "zero.sav")

    assert not (here / "report.html").exists()


@pytest.mark.parametrize("given", [str, Path])
def test_a_design_may_be_given_as_an_object_too(given: Any, here: Path) -> None:
    design = soc.Design.load(given(here / "design.toml"))

    run = soc.analyse(design, data=here / "befriending_export.sav")

    assert len(run.results) >= 2
