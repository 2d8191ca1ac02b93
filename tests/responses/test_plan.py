"""The scoring plan: read, saved, corrected, loaded."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from pydantic import ValidationError

import socmeasures as soc
from socmeasures.errors import PlanError
from tests.made_up import calm_file

PLAN = soc.ScoringPlan.model_validate(
    {
        "data": {"person": "id", "wave": "when"},
        "scales": [
            {
                "scale": "ucla3",
                "wave": "pre",
                "items": {1: 'a "quoted" name', 2: "tab\there", 3: "ü & ½ \\ path"},
                "coding": "often-first",
                "missing": {"method": "prorate", "allow": 1},
                "evidence": "column names; value labels",
            },
            {
                "scale": "mspss",
                "items": {n: f"m{n}" for n in range(1, 13)},
                "accept_unverified": True,
            },
        ],
        "notes": ["lsns6: item 2 has no column"],
    }
)


def test_a_plan_comes_back_from_its_file(tmp_path: Path) -> None:
    assert soc.ScoringPlan.load(PLAN.save(tmp_path / "my plan.toml")) == PLAN


def test_the_table_shows_what_is_planned_and_what_is_not() -> None:
    words = str(PLAN)

    assert words.splitlines()[0].split()[:3] == ["scale", "time", "point"]
    assert "often-first" in words
    assert "to be decided" in words
    assert words.endswith("Not in the plan: lsns6: item 2 has no column.")


def test_a_frame_has_a_row_for_each_item() -> None:
    table = PLAN.to_frame()

    assert len(table) == 15
    assert list(table.columns) == ["scale", "wave", "item", "column", "coding", "evidence"]


def test_the_columns_a_plan_needs_are_named_once() -> None:
    assert PLAN.columns()[:3] == ["id", "when", 'a "quoted" name']
    assert len(PLAN.columns()) == 17


def test_a_plan_is_frozen() -> None:
    with pytest.raises(ValidationError):
        PLAN.scales = ()  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[scales]", "not valid TOML"),
        ("format = 2", "format"),
        ("colour = 1", "colour: there is no such field"),
        ('[[scales]]\nscale = "ucla3"', "items: this field is needed"),
        ('[[scales]]\nscale = "ucla3"\nitems = { one = "a" }', "one"),
    ],
)
def test_a_faulty_file_is_refused(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(PlanError, match="in this plan") as refusal:
        soc.ScoringPlan.load(path)
    assert words in str(refusal.value)


def test_all_faults_of_a_plan_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text('colour = 1\n[[scales]]\nscale = "a"\n[[scales]]\nitems = {}', encoding="utf-8")

    with pytest.raises(PlanError, match="3 faults in this plan"):
        soc.ScoringPlan.load(path)


def test_a_definition_of_one_s_own_is_remembered_with_its_hash(tmp_path: Path) -> None:
    path = calm_file(tmp_path)
    data = pd.DataFrame({f"calm_{n}": [2] for n in range(1, 5)})

    plan = soc.match_scales(data, scales=[path])  # type: ignore[list-item]
    calm_file(tmp_path, ("allow = 1", "allow = 2"))

    assert plan.scales[0].scale == str(path)
    assert len(plan.scales[0].sha256 or "") == 64
    with pytest.raises(PlanError, match="has changed since the plan was made"):
        soc.score(data, plan)
