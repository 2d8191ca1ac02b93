"""`kind = "mmrm"` and `kind = "binary"` in a design file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from socmeasures.demo.trial import WAVES, simulated_trial
from socmeasures.designs.binary import compare_risks
from socmeasures.designs.repeated import mmrm
from socmeasures.designs.study import Study
from socmeasures.errors import DesignError
from socmeasures.reports.analysis import Design, _impossible

HEAD = """
format = 1
[study]
person = "id"
wave = "wave"
waves = ["baseline", "3m", "6m", "12m"]
arm = "arm"
control = "usual care"
allocation = "individual"
better = { loneliness = "lower", lonely = "lower" }
"""
MMRM = """
[[analyses]]
kind = "mmrm"
outcome = "loneliness"
covariates = ["age"]
averages = { "over follow-up" = ["3m", "6m", "12m"] }
"""
BINARY = """
[[analyses]]
kind = "binary"
outcome = "loneliness"
wave = "12m"
at_least = 12
"""


def load(tmp_path: Path, text: str) -> Design:
    path = tmp_path / "design.toml"
    path.write_text(text, encoding="utf-8")
    return Design.load(path)


@pytest.fixture
def study() -> Study:
    return Study(
        simulated_trial(), person="id", wave="wave", waves=WAVES, arm="arm",
        control="usual care", allocation="individual",
        better={"loneliness": "lower", "lonely": "lower"},
    )  # fmt: skip


def test_the_file_gives_what_the_calls_by_hand_give(tmp_path: Path, study: Study) -> None:
    design = load(tmp_path, HEAD + MMRM + BINARY)
    repeated, binary = (part.run(study, "loneliness") for part in design.analyses)
    by_hand = mmrm(
        study, "loneliness", covariates="age", averages={"over follow-up": ["3m", "6m", "12m"]}
    )
    pd.testing.assert_frame_equal(repeated.to_frame(), by_hand.to_frame())
    pd.testing.assert_frame_equal(
        binary.to_frame(), compare_risks(study, "loneliness", wave="12m", at_least=12).to_frame()
    )
    assert [part.role for part in design.analyses] == ["primary", "secondary"]


def test_no_baseline_is_written_none(tmp_path: Path, study: Study) -> None:
    design = load(tmp_path, HEAD + MMRM + 'baseline = "none"\n')
    result = design.analyses[0].run(study, "loneliness")
    assert result.to_frame()["wave"][0] == "baseline"


def test_faults_are_reported_together(tmp_path: Path) -> None:
    with pytest.raises(DesignError) as refusal:
        load(tmp_path, HEAD.replace('control = "usual care"\n', "") + MMRM.replace('"3m"', '"9m"'))
    assert "nobody has the time point '9m'" in str(refusal.value)
    assert "'mmrm' needs [study] arm and control" in str(refusal.value)
    with pytest.raises(DesignError, match="there is no such field"):
        load(tmp_path, HEAD + MMRM + "covariate = 1\n")
    with pytest.raises(DesignError, match=r"kind must be one of .*'mmrm', 'binary'"):
        load(tmp_path, HEAD + MMRM.replace('"mmrm"', '"mixed"'))


def test_a_proper_file_has_no_faults(tmp_path: Path) -> None:
    assert _impossible(load(tmp_path, HEAD + MMRM + BINARY)) == []
