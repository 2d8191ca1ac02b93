"""Every script in examples/ runs from start to end and leaves what it says it writes."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
WRITES = {
    "01_score_an_export.py": {"problems_INTERNAL.html", "scored.sav", "scored.record.json"},
    "02_before_and_after.py": {"report.html", "change.png"},
    "03_two_groups.py": {"report.html", "report.record.json"},
    "04_networks.py": {
        "contacts.sav",
        "networks.sav",
        "network_INTERNAL.png",
        "change_INTERNAL.png",
    },
    "05_who_changed.py": {
        "reliable_change_INTERNAL.png",
        "better_worse.png",
        "people_INTERNAL.png",
    },
    "08_cluster_trial.py": {"agencies.png", "flow.svg", "clusters.html"},
    "09_volunteers.py": {"volunteers.png"},
    "06_trial.py": {"flow.svg", "trajectories.svg", "tipping.svg", "trial.html"},
    "07_how_many_people.py": {"power.svg", "power_agencies.svg", "protocol.txt"},
}


def scripts() -> list[Path]:
    return sorted(EXAMPLES.glob("*.py"))


@pytest.mark.parametrize("script", scripts(), ids=lambda path: path.name)
def test_an_example_runs_and_writes_its_files(script, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    runpy.run_path(str(script))

    assert WRITES[script.name] == {path.name for path in tmp_path.iterdir()}
    assert capsys.readouterr().out


@pytest.mark.parametrize("script", scripts(), ids=lambda path: path.name)
def test_an_example_is_made_of_cells(script):
    assert script.read_text(encoding="utf-8").startswith("# %% [markdown]\n")
