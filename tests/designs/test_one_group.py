from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.designs.change_words import NOT_AN_EFFECT
from socmeasures.designs.one_group import pre_post
from socmeasures.designs.study import Study
from socmeasures.effects.paired import mean_change
from socmeasures.errors import (
    ChoiceError,
    NobodyMeasuredTwiceError,
    OnePairError,
    OutcomeNotFoundError,
    TextOutcomeError,
    WaveNotFoundError,
)


def _twelve_people():
    """Two people miss one time point each, their rows absent; the true change is about 5."""
    rng = np.random.default_rng(12)
    before = np.array([3.0, 9, 14, 21, 6, 17, 11, 25, 2, 19, 8, 13])
    after = before + 4.99 + rng.normal(0, 0.03, 12)
    rows = [(i, "pre", v) for i, v in enumerate(before) if i != 3]
    rows += [(i, "post", v) for i, v in enumerate(after) if i != 8]
    both = [i for i in range(12) if i not in (3, 8)]
    return pd.DataFrame(rows, columns=["id", "wave", "y"]), mean_change(after[both], before[both])


def _long(**more):
    data, _ = _twelve_people()
    return Study(data, **{"person": "id", "wave": "wave", "waves": ["pre", "post"], **more})


def _wide(columns, waves=("pre", "post"), **more):
    data = pd.DataFrame(columns)
    return Study.from_wide(data.assign(id=range(len(data))), person="id", waves=waves, **more)


def test_people_are_paired_by_identifier_whatever_the_order_of_rows():
    data, truth = _twelve_people()
    first = None
    for seed in range(5):
        shuffled = data.sample(frac=1, random_state=seed)
        study = Study(shuffled, person="id", wave="wave", waves=["pre", "post"])
        row = pre_post(study, "y").to_frame().iloc[0]
        assert row.estimate == pytest.approx(truth.estimate)
        assert row.estimate == pytest.approx(4.99, abs=0.03)
        assert (row.ci_low, row.ci_high) == pytest.approx((truth.ci_low, truth.ci_high))
        assert row.ci_high - row.ci_low < 0.1
        assert (row.n, row.n_excluded) == (10, 2)
        first = row if first is None else first
        assert row.equals(first)


def test_everybody_is_counted_in_or_out_with_a_reason():
    n = pre_post(_long(), "y").n
    assert n["n"].sum() == 12
    assert n.set_index("reason")["n"].to_dict() == {
        "": 10,
        "post: no row at this time point": 1,
        "pre: no row at this time point": 1,
    }


def test_the_sentence_is_always_there():
    result = pre_post(_long(better={"y": "higher"}), "y")
    assert NOT_AN_EFFECT in result.notes
    assert result.summary.endswith(NOT_AN_EFFECT)
    assert "10 of 12 people" in result.summary
    assert "higher is better" in result.summary


def test_better_and_worse_are_said_only_when_the_direction_is_known():
    shares = pre_post(_long(), "y").tables["higher, same, lower"]
    assert "meaning" not in shares
    known = pre_post(_long(better={"y": "lower"}), "y").tables["higher, same, lower"]
    assert dict(zip(known["direction"], known["meaning"], strict=True))["higher"] == "worse"
    assert known["n"].sum() == known["n_pairs"].iloc[0] == 10


def test_each_later_time_point_is_compared_with_the_first():
    study = _wide(
        {"y__a": [1.0, 2, 3, 5], "y__b": [2.0, 4, 3, 7], "y__c": [4.0, None, 5, 9]},
        waves=["a", "b", "c"],
    )
    result = pre_post(study, "y")
    assert result.to_frame()["contrast"].tolist() == ["b - a", "c - a"]
    assert result.to_frame()["n"].tolist() == [4, 3]
    assert any("not adjusted" in note for note in result.notes)
    assert pre_post(study, "y", waves=["b", "c"]).to_frame()["contrast"].tolist() == ["c - b"]


def test_adding_an_outcome_changes_no_other():
    study = _wide(
        {"y__pre": [1.0, 2, 3, 5], "y__post": [2.0, 4, 3, 7],
         "z__pre": [1.0, 3, 2, 2], "z__post": [0.0, 1, 2, 1]}
    )  # fmt: skip
    alone = pre_post(study, "y", bootstrap=True)
    both = pre_post(study, ["z", "y"], bootstrap=True)
    assert both.to_frame()["outcome"].tolist() == ["z", "y"]
    assert [o.column for o in both.outcomes] == ["z", "y"]
    mine = both.tables["bootstrap"].query("outcome == 'y'").reset_index(drop=True)
    pd.testing.assert_frame_equal(mine, alone.tables["bootstrap"])
    assert {"outcome", "person", "arm", "wave", "value"} == set(both.scores.columns)


def test_arms_are_pooled_and_that_is_said():
    study = _wide(
        {"y__pre": [1.0, 2, 3, 5], "y__post": [2.0, 4, 3, 7], "arm": list("xxyy")},
        arm="arm", control="y",
    )  # fmt: skip
    result = pre_post(study, "y")
    assert result.to_frame().loc[0, "n"] == 4
    assert result.descriptives["n"].tolist() == [4, 4]
    assert any("pooled here" in note and "ancova" in note for note in result.notes)


def test_floor_and_ceiling_are_told_when_they_bind():
    study = _wide({"ucla3_total__pre": [3, 3, 5, 9, 6], "ucla3_total__post": [3, 3, 3, 4, 5]})
    result = pre_post(study, "ucla3_total")
    before = result.descriptives.set_index("wave").loc["pre"]
    assert (before["floor_share"], before["ceiling_share"]) == (0.4, 0.2)
    assert any("40 % have the lowest possible score at pre" in note for note in result.notes)
    assert "Hughes" in result.methods
    assert "evidence grade" in result.methods


def test_nobody_measured_twice_is_refused():
    data = pd.DataFrame({"id": [1, 2], "wave": ["pre", "post"], "y": [1, 2]})
    study = Study(data, person="id", wave="wave", waves=["pre", "post"])
    with pytest.raises(NobodyMeasuredTwiceError, match="pre 1 person; post 1 person"):
        pre_post(study, "y")


def test_one_pair_is_refused():
    with pytest.raises(OnePairError, match="one change has no spread"):
        pre_post(_wide({"y__pre": [1.0, 2], "y__post": [2.0, None]}), "y")


def test_a_wave_that_cannot_be_compared_is_said_beside_those_that_can():
    study = _wide(
        {"y__a": [1.0, 2, 3], "y__b": [2.0, 4, 3], "y__c": [4.0, None, None]}, waves=["a", "b", "c"]
    )
    result = pre_post(study, "y")
    assert result.to_frame()["contrast"].tolist() == ["b - a"]
    assert any("Only 1 person" in note for note in result.notes)


def test_the_same_change_in_everybody_gives_the_change_alone():
    result = pre_post(_wide({"y__pre": [1.0, 2, 3], "y__post": [2.0, 3, 4]}), "y")
    row = result.to_frame().iloc[0]
    assert row.estimate == 1
    assert np.isnan([row.ci_low, row.p_value, row.effect_size]).all()
    assert any("no interval and no test" in note for note in result.notes)


def test_all_tied_pairs_give_no_rank_test():
    result = pre_post(_wide({"y__pre": [1.0, 2, 3], "y__post": [1.0, 2, 3]}), "y")
    assert np.isnan(result.tables["rank test"].loc[0, "p_value"])
    assert np.isnan(result.tables["higher, same, lower"].loc[0, "sign_test_p"])
    assert "did not change" in result.summary


def test_no_spread_at_the_start_leaves_out_the_headline_and_says_why():
    result = pre_post(_wide({"y__pre": [2.0, 2, 2], "y__post": [1.0, 2, 4]}), "y")
    assert np.isnan(result.to_frame().loc[0, "effect_size"])
    assert any("SD of the earlier scores is 0" in note for note in result.notes)
    assert np.isfinite(result.to_frame().loc[0, "ci_low"])


def test_text_unknown_columns_and_wrong_time_points_are_refused():
    study = _wide({"y__pre": ["a", "b"], "y__post": ["c", "d"]})
    with pytest.raises(TextOutcomeError, match="holds text"):
        pre_post(study, "y")
    with pytest.raises(OutcomeNotFoundError, match="Close: 'y'"):
        pre_post(study, "Y")
    with pytest.raises(ChoiceError, match=r"outcome=\[\]"):
        pre_post(study, [])
    with pytest.raises(WaveNotFoundError, match="out of order: post, pre"):
        pre_post(study, "y", waves=["post", "pre"])
    with pytest.raises(WaveNotFoundError, match="needs two time points"):
        pre_post(study, "y", waves=["pre"])


def test_a_declared_cluster_is_noted():
    study = _wide(
        {"y__pre": [1.0, 2, 3, 5], "y__post": [2.0, 4, 3, 7], "site": list("xxyy")},
        cluster="site", allocation="cluster",
    )  # fmt: skip
    notes = pre_post(study, "y").notes
    assert any("'site' may resemble each other" in note for note in notes)


def test_adding_a_constant_moves_nothing_and_the_result_prints():
    low = _wide({"y__pre": [1.0, 2, 3, 5], "y__post": [2.0, 4, 3, 7]})
    high = _wide({"y__pre": [11.0, 12, 13, 15], "y__post": [12.0, 14, 13, 17]})
    pd.testing.assert_frame_equal(pre_post(low, "y").to_frame(), pre_post(high, "y").to_frame())
    result = pre_post(low, "y", correct=True)
    assert result.to_frame().loc[0, "effect_size_type"] == "g_baseline_sd"
    assert "Change in y" in str(result)
    assert "<table" in result._repr_html_()
