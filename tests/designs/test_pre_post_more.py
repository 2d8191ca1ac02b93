"""Shares, ordered answers, families, equivalence, sites and groups in `pre_post`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.designs.change_words import NOT_AN_EFFECT
from socmeasures.designs.one_group import pre_post
from socmeasures.designs.study import Study
from socmeasures.errors import FamilyError, MarginError, NobodyMeasuredTwiceError, StudyError


def _wide(columns, **more):
    data = pd.DataFrame(columns)
    return Study.from_wide(
        data.assign(id=range(len(data))), person="id", waves=["pre", "post"], **more
    )


def _lonely():
    """Newcombe (1998): 36 both, 12 only later, 2 only earlier."""
    return _wide({"y__pre": [1] * 36 + [0] * 12 + [1] * 2, "y__post": [1] * 48 + [0] * 2})


def test_an_outcome_of_0_and_1_has_newcombes_interval_and_mcnemars_test():
    result = pre_post(_lonely(), "y")
    row = result.to_frame().iloc[0]
    assert row["term"] == "change in share"
    assert row["estimate"] == pytest.approx(0.2)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((0.0569, 0.3404), abs=1e-4)
    assert row["p_value"] == pytest.approx(0.012939453125)
    ways = result.tables["transitions"].set_index(["from", "to"])["n"].to_dict()
    assert ways == {("no", "yes"): 12, ("yes", "no"): 2, ("yes", "yes"): 36}
    assert "standardised change" not in result.tables
    assert "a difference of 20 in 100" in result.summary
    assert "Newcombe" in result.methods


def test_nobody_moving_gives_no_test():
    result = pre_post(_wide({"y__pre": [1, 0, 1], "y__post": [1, 0, 1]}), "y")
    assert np.isnan(result.to_frame().loc[0, "p_value"])
    assert result.to_frame().loc[0, "estimate"] == 0


def _often():
    levels = ["never", "sometimes", "often"]
    before = pd.Categorical(["often", "often", "sometimes", "never", None], levels, ordered=True)
    after = pd.Categorical(["never", "sometimes", "often", "never", "often"], levels, ordered=True)
    return _wide({"y__pre": before, "y__post": after}, better={"y": "lower"})


def test_an_ordered_answer_is_shown_whole_and_never_averaged():
    result = pre_post(_often(), "y")
    row = result.to_frame().iloc[0]
    assert row["term"] == "share higher minus share lower"
    assert row["estimate"] == pytest.approx((1 - 2) / 4)
    answers = result.tables["answers before and after"].set_index("category")
    assert answers["n_earlier"].to_dict() == {"never": 1, "sometimes": 1, "often": 2}
    assert answers["n_later"].to_dict() == {"never": 2, "sometimes": 1, "often": 1}
    assert result.descriptives["mean"].isna().all()
    assert result.tables["transitions"]["n"].sum() == 4
    assert "1 gave a higher answer later, 1 the same and 2 a lower one" in result.summary


def test_a_numbered_answer_is_ordered_when_it_is_named():
    study = _wide({"y__pre": [1, 2, 3, 3], "y__post": [1, 1, 2, 4]})
    assert pre_post(study, "y").to_frame().loc[0, "term"] == "mean change"
    named = pre_post(study, "y", ordered="y")
    assert named.to_frame().loc[0, "estimate"] == pytest.approx((1 - 2) / 4)
    assert named.tables["answers before and after"]["category"].tolist() == ["1", "2", "3", "4"]


def _three(n=20, seed=3):
    rng = np.random.default_rng(seed)
    columns = {}
    for name, shift in (("a", 1.0), ("b", 0.6), ("c", 0.1)):
        before = rng.normal(size=n)
        columns |= {f"{name}__pre": before, f"{name}__post": before + shift + rng.normal(size=n)}
    return columns


def test_p_values_are_adjusted_within_declared_families_only():
    study = _wide(_three())
    plain = pre_post(study, ["a", "b", "c"]).to_frame()
    assert "p_value_adjusted" not in plain
    result = pre_post(study, ["a", "b", "c"], primary="a", secondary=["b", "c"])
    table = result.to_frame().set_index("outcome")
    assert table.loc["a", ["adjustment", "family"]].tolist() == ["none", "primary"]
    assert table.loc["a", "p_value_adjusted"] == table.loc["a", "p_value"]
    assert table.loc["b", "adjustment"] == "holm"
    smaller = table.loc[["b", "c"], "p_value"].min()
    assert table.loc[["b", "c"], "p_value_adjusted"].min() == pytest.approx(2 * smaller)
    assert any("the intervals are not adjusted" in n for n in result.notes)
    some = pre_post(study, ["a", "b"], primary="a")
    assert some.to_frame()["family"].tolist() == ["primary", "exploratory"]
    assert np.isnan(some.to_frame().loc[1, "p_value_adjusted"])


def test_a_family_names_outcomes_that_are_there_once():
    study = _wide(_three())
    with pytest.raises(FamilyError, match="not among the outcomes"):
        pre_post(study, ["a"], primary="b")
    with pytest.raises(FamilyError, match="primary and as secondary"):
        pre_post(study, ["a"], primary="a", secondary="a")


def test_equivalence_is_tested_within_bounds_set_beforehand():
    study = _wide(_three())
    table = pre_post(study, ["a", "c"], within={"c": (-2, 2)}).tables["equivalence"]
    assert table["outcome"].tolist() == ["c"]
    assert bool(table.loc[0, "equivalent"])
    with pytest.raises(MarginError, match="do not enclose 0"):
        pre_post(study, "a", within={"a": (1, 2)})
    with pytest.raises(FamilyError, match="not among"):
        pre_post(study, "a", within={"z": (-1, 1)})


def _sites(k=6, each=12, seed=5):
    rng = np.random.default_rng(seed)
    site = np.repeat([f"s{i}" for i in range(k)], each)
    before = rng.normal(10, 3, k * each)
    change = -1 + np.repeat(rng.normal(0, 1.5, k), each) + rng.normal(0, 1, k * each)
    return {"y__pre": before, "y__post": before + change, "site": site}


def test_five_sites_or_more_give_intervals_by_site_and_the_change_of_each():
    result = pre_post(_wide(_sites(), cluster="site", allocation="individual"), "y")
    alone = pre_post(_wide(_sites()), "y").to_frame().iloc[0]
    row = result.to_frame().iloc[0]
    assert row["estimate"] == pytest.approx(alone["estimate"])
    assert row["ci_high"] - row["ci_low"] > 1.5 * (alone["ci_high"] - alone["ci_low"])
    assert row["df"] == pytest.approx(5, abs=0.01)  # equal sites: sites − 1
    assert result.tables["by site"]["site"].tolist() == [f"s{i}" for i in range(6)]
    assert result.tables["by site"]["n"].sum() == 72
    assert any("not ranked" in n for n in result.notes)
    columns = _sites()
    columns["site"] = np.where(np.arange(72) >= 66, "tiny", columns["site"])
    small = pre_post(_wide(columns, cluster="site", allocation="individual"), "y")
    assert "others" in set(small.tables["by site"]["site"])


def test_groups_are_described_and_not_compared():
    rng = np.random.default_rng(1)
    columns = {**_three(), "age_band": np.where(rng.random(20) < 0.5, "60-74", "75+")}
    columns["age_band"] = np.where(np.arange(20) == 0, "90+", columns["age_band"])
    result = pre_post(_wide(columns), "a", by="age_band")
    table = result.tables["by age_band"].set_index("age_band")
    assert table["n"].sum() == 20
    assert np.isnan(table.loc["90+", "estimate"])
    assert "p_value" not in table
    assert any("no difference between its groups was tested" in n for n in result.notes)


def test_the_sentence_stands_whatever_is_asked_for():
    for result in (
        pre_post(_lonely(), "y"),
        pre_post(_often(), "y"),
        pre_post(_wide(_sites(), cluster="site", allocation="individual"), "y", bootstrap=True),
    ):
        assert result.notes[0] == NOT_AN_EFFECT
        assert result.summary.endswith(NOT_AN_EFFECT)


def test_dropping_out_of_order_and_twice_in_a_wave_are_refused():
    long = pd.DataFrame({"id": [1, 1, 1], "wave": ["a", "a", "b"], "y": [1, 2, 3]})
    with pytest.raises(StudyError, match="there more than once at a time point"):
        Study(long, person="id", wave="wave", waves=["a", "b"])
    with pytest.raises(NobodyMeasuredTwiceError, match="can be computed"):
        pre_post(_wide({"y__pre": [1.0, None], "y__post": [None, 1.0]}), "y")


def test_the_twelve_people_of_whom_two_miss_a_wave_each():
    """Rows absent: 4.99 with its interval, whatever the order of the rows (DABEST gives 4.92)."""
    rng = np.random.default_rng(12)
    before = np.array([3.0, 9, 14, 21, 6, 17, 11, 25, 2, 19, 8, 13])
    noise = rng.normal(0, 0.03, 12)
    both = [i for i in range(12) if i not in (3, 8)]
    noise -= noise[both].mean()
    rows = [(i, "pre", before[i]) for i in range(12) if i != 3]
    rows += [(i, "post", before[i] + 4.99 + noise[i]) for i in range(12) if i != 8]
    for seed in range(4):
        data = pd.DataFrame(rows, columns=["id", "wave", "y"]).sample(frac=1, random_state=seed)
        row = pre_post(Study(data, person="id", wave="wave", waves=["pre", "post"]), "y")
        found = row.to_frame().iloc[0]
        assert found["estimate"] == pytest.approx(4.99, abs=1e-9)
        assert 4.95 < found["ci_low"] < 4.99 < found["ci_high"] < 5.03
        assert (found["n"], found["n_excluded"]) == (10, 2)
