"""The main job on a real export: the command scores it, PSPP reads what it wrote."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

import socmeasures as soc
from socmeasures.cli import app

NEW = ("ucla3_total__pre", "ucla3_total__dur", "djg11_total__pre", "djg11_total__dur")
ENTRIES = (
    "covid2_ucla3_before",
    "covid2_ucla3_during",
    "covid2_djg11_before",
    "covid2_djg11_during",
)


@pytest.fixture(scope="module")
def scored(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The real export and its scored copy, made by the command line."""
    folder = tmp_path_factory.mktemp("main job")
    source = folder / "study02.sav"
    shutil.copy(shared / "data/covid_gaming/study02_raw_items.sav", source)
    before = hashlib.sha256(source.read_bytes()).hexdigest()

    done = CliRunner().invoke(app, ["score", str(source), "-o", str(folder / "OUT.sav")])

    assert done.exit_code == 0, done.output
    assert hashlib.sha256(source.read_bytes()).hexdigest() == before
    return source, folder / "OUT.sav"


def test_the_scores_are_those_computed_from_the_raw_items(scored, oracle, close) -> None:
    data, _ = soc.read(scored[1])
    analysed = data[data["pid_scored"].notna()]
    for name, entry_id in zip(
        NEW,
        ENTRIES,
        strict=True,
    ):
        entry = oracle("scoring")[entry_id]
        wanted = entry["expected"].get("total", entry["expected"])
        assert int(analysed[name].notna().sum()) == wanted["n"]
        close(float(analysed[name].mean()), entry, "mean", wanted["mean"])
        close(float(analysed[name].std()), entry, "sd", wanted["sd"])


def test_the_record_says_how_the_codes_were_read(scored) -> None:
    record = soc.ScoringRecord.from_json(
        scored[1].with_name("OUT.record.json").read_text(encoding="utf-8")
    )

    assert {(u.scale, u.wave): u.coding for u in record.uses} == {
        ("ucla3", "pre"): "canonical (value labels)",
        ("ucla3", "dur"): "canonical (value labels)",
        ("djg11", "pre"): "yes-first (value labels)",
        ("djg11", "dur"): "yes-first (value labels)",
    }


def test_user_missing_codes_survive(scored) -> None:
    before, after = soc.read(scored[0])[1], soc.read(scored[1])[1]

    assert after["djg_dur_4"].missing_values == before["djg_dur_4"].missing_values == (9.0,)
    columns = ["row_label", "column", "code"]
    assert after.reasons[columns].equals(before.reasons[columns])
    assert len(after.reasons) == 88


@pytest.mark.needs("pspp")
def test_pspp_reads_labels_measures_and_values(scored, pspp: str, tmp_path: Path) -> None:
    syntax = tmp_path / "look.sps"
    syntax.write_text(
        f"GET FILE='{scored[1]}'.\n"
        f"DISPLAY DICTIONARY /VARIABLES={' '.join(NEW)} ucla3_total_status__pre ucla3_pre_1.\n"
        "SELECT IF NOT MISSING(pid_scored).\n"
        f"DESCRIPTIVES {' '.join(NEW)} /STATISTICS=MEAN.\n",
        encoding="utf-8",
    )

    run = subprocess.run(
        [pspp, "-o", "-", "-O", "format=csv", str(syntax)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )

    assert "three items: loneliness (3 to 9, higher = lonelier)" in run.stdout
    rows = {line.split(",")[0]: line for line in run.stdout.splitlines()}
    for name in NEW:
        assert any(
            line.startswith(f"{name},") and ",Scale," in line for line in run.stdout.splitlines()
        )
    assert ",Nominal," in rows["ucla3_total_status__pre"]
    for mean in ("5.67", "5.87", "6.78", "6.95"):
        assert f",{mean}" in run.stdout
