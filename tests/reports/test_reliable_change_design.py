"""`kind = "reliable_change"` in a design file."""

from __future__ import annotations

import pandas as pd
import pytest

from socmeasures.errors import DesignError
from socmeasures.reports.analysis import Design, analyse

DESIGN = """
format = 1
[data]
file = "answers.csv"
[study]
person = "id"
waves = { before = "t1", after = "t2" }
[[analyses]]
kind = "reliable_change"
outcome = "ucla3_total"
reliability = { value = 0.73, kind = "test-retest", source = "made up", sd = 1.9 }
cutoff = 5.5
cutoff_source = "made up"
population = { mean = 5.0, sd = 1.9, source = "made up" }
"""


@pytest.fixture
def folder(tmp_path):
    items = {
        f"ucla3_{k}_{t}": [3, 3, 2, 1] if t == "t1" else [1, 3, 2, 3]
        for t in ("t1", "t2")
        for k in (1, 2, 3)
    }
    pd.DataFrame({"id": list("abcd"), **items}).to_csv(tmp_path / "answers.csv", index=False)
    return tmp_path


def test_a_design_counts_who_changed(folder):
    text = DESIGN.replace("[study]", '[scoring]\ncoding = "canonical"\n[study]')
    (folder / "design.toml").write_text(text, encoding="utf-8")
    run = analyse(folder / "design.toml", folder / "report.html")
    result = run.results[0]
    assert result.kind == "reliable_change"
    assert result.to_frame().set_index("category")["n"].to_dict() == {
        "better": 1,
        "no reliable change": 2,
        "worse": 1,
    }
    assert "cut-off" in result.tables
    assert any("falling back towards the mean 5" in n for n in result.notes)
    assert (folder / "report.html").exists()


def test_a_reliability_without_its_kind_is_a_fault(folder):
    path = folder / "design.toml"
    path.write_text(DESIGN.replace('kind = "test-retest", ', ""), encoding="utf-8")
    with pytest.raises(DesignError, match="reliability, kind"):
        Design.load(path)
