"""What the benchmarks tell; no time is asserted here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import socmeasures as soc
from benchmarks import page, run, scoring, validation
from benchmarks.measuring import Growth, Outcome, in_turn, ratio_of


def faster(ratio: float) -> Outcome:
    return Outcome(what="score", of="naive / ours", goal=10.0, ratio=ratio, ours=0.1, other=1.0)


def test_a_goal_is_met_from_its_own_side() -> None:
    slower = Outcome(what="check", of="ours / scoring", goal=2.5, at_least=False, ratio=2.4)

    assert faster(10.0).met
    assert not faster(9.9).met
    assert slower.met
    assert "MISSED" in str(faster(9.9))
    assert "≤ 2.5" in str(slower)


def test_a_small_run_fails_only_at_three_times_the_goal() -> None:
    assert run.lenient(faster(3.4)).met
    assert not run.lenient(faster(3.2)).met


def test_the_power_of_a_line_is_that_of_its_larger_sizes() -> None:
    line = Growth("rows", "score", [1, 10, 100, 1000], [1, 1, 2, 200])

    assert line.slope == pytest.approx(2.0)


def test_ratios_are_taken_round_by_round() -> None:
    taken = in_turn({"one": lambda: None, "other": lambda: None}, rounds=3)

    assert [len(times) for times in taken.values()] == [3, 3]
    assert ratio_of({"a": [1, 2, 3], "b": [1, 1, 1]}, "a", "b") == 2


@pytest.mark.parametrize("kind", ["float64", "int8", "category", "text"])
def test_the_recipe_and_the_library_give_the_same_scores(kind: str) -> None:
    data = scoring.in_columns_of(scoring.answers(200), kind)
    words = kind in ("category", "text")

    scoring.same_scores(data, scoring.naive_words if words else scoring.naive)


def test_fourteen_scales_on_two_hundred_columns_agree() -> None:
    data = scoring.many_answers(100)

    assert data.shape == (100, 200)
    scoring.same_many(data, scoring.plan_of())


def test_the_other_recipe_scores_who_answered_everything() -> None:
    data = scoring.answers(200)

    theirs, ours = scoring.biopsykit_way(data), scoring.ours(data)

    complete = data.notna().all(axis=1)
    total = f"{scoring.SCALE}_total"
    np.testing.assert_allclose(theirs.loc[complete, total], ours.loc[complete, total])
    assert theirs.loc[~complete, total].isna().all()


def test_every_fault_that_is_put_in_is_found() -> None:
    faulty = validation.with_faults(scoring.answers(500), share=0.05)

    table = soc.validate(faulty, scoring.SCALE).table

    assert (table["rule"] == "out_of_range").sum() == (faulty == 7.0).to_numpy().sum()


def test_the_page_keeps_its_words_and_takes_new_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "performance.md"
    copy.write_text(page.PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(page, "PAGE", copy)
    monkeypatch.setattr(page, "PICTURES", tmp_path)
    lines = [Growth("rows", "score", [100, 1000, 10_000, 100_000], [1, 2, 3, 4])]

    page.write([faster(9.0), faster(12.0)], lines)
    page.write([faster(9.0), faster(12.0)], lines)

    text = copy.read_text(encoding="utf-8")
    assert text.count("| score | naive / ours | ≥ 10 | 9 | **missed** |") == 1
    assert text.count("Measured on ") == 1
    assert "## Why it is fast" in text
    assert {p.name for p in tmp_path.glob("*.svg")} == {"goals.svg", "growth.svg"}
