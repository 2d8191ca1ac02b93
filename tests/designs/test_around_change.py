"""Attrition, surveys that cannot be linked, norms, timing, records."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.designs.attrition import attrition
from socmeasures.designs.change_words import NOT_AN_EFFECT
from socmeasures.designs.norm_comparison import compare_with_norm
from socmeasures.designs.one_group import pre_post
from socmeasures.designs.published import Norm
from socmeasures.designs.study import Study
from socmeasures.designs.unlinked import NOBODYS_CHANGE, unlinked_change
from socmeasures.errors import (
    ChoiceError,
    NobodyMeasuredTwiceError,
    NormFormError,
    NormValueError,
    OutcomeNotFoundError,
    StudyError,
    TextOutcomeError,
    TimingError,
    TooFewError,
)


def _wide(n=40, seed=1):
    rng = np.random.default_rng(seed)
    before = rng.integers(3, 10, n).astype(float)
    after = np.clip(before - 1 + rng.integers(-1, 2, n), 3, 9).astype(float)
    after[before >= 8] = np.where(rng.random((before >= 8).sum()) < 0.6, np.nan, 5.0)
    return pd.DataFrame(
        {"id": range(n), "ucla3_total__pre": before, "ucla3_total__post": after,
         "age": rng.integers(60, 90, n), "gender": np.where(rng.random(n) < 0.6, "f", "m")}
    )  # fmt: skip


def _study(**more):
    return Study.from_wide(_wide(), person="id", waves=["pre", "post"], **more)


def test_leavers_are_compared_with_stayers_and_their_loss_is_bounded():
    result = attrition(_study(), "ucla3_total", characteristics=["age", "gender"])
    table = result.to_frame()
    assert table["term"].tolist()[1:] == ["age", "gender: f", "gender: m"]
    assert table.loc[0, "effect_size"] > 0.5  # the lonelier were lost
    assert any("more than a quarter of an SD" in n for n in result.notes)
    model = result.tables["what predicts leaving"].set_index("term")
    assert model.loc["score at the start", "estimate"] > 0
    bounds = result.tables["change under simple assumptions"].set_index("assumption")["estimate"]
    assert bounds["those lost did not change"] > bounds["only those who stayed"]
    assert (
        bounds["those lost came to the lowest possible score"]
        < bounds["only those who stayed"]
        < bounds["those lost came to the highest possible score"]
    )
    wide = _wide()
    lost = wide["ucla3_total__post"].isna()
    filled = wide["ucla3_total__post"].where(~lost, 9.0) - wide["ucla3_total__pre"]
    assert bounds["those lost came to the highest possible score"] == pytest.approx(filled.mean())
    assert NOT_AN_EFFECT in result.notes


def test_nobody_lost_and_everybody_lost_are_said():
    wide = pd.DataFrame({"id": range(3), "y__pre": [1.0, 2, 3], "y__post": [2.0, 3, 4]})
    result = attrition(Study.from_wide(wide, person="id", waves=["pre", "post"]), "y")
    assert "Nobody was lost." in result.summary
    assert "what predicts leaving" not in result.tables
    assert any("lowest and highest possible score are not known" in n for n in result.notes)
    gone = wide.assign(y__post=np.nan)
    with pytest.raises(NobodyMeasuredTwiceError, match="Nobody has 'y' both"):
        attrition(Study.from_wide(gone, person="id", waves=["pre", "post"]), "y")


def test_who_leaves_is_not_modelled_where_the_score_decides_it():
    wide = pd.DataFrame({"id": range(8), "y__pre": range(8), "y__post": [1.0] * 4 + [None] * 4})
    result = attrition(Study.from_wide(wide, person="id", waves=["pre", "post"]), "y")
    assert any("No model of leaving could be fitted" in n for n in result.notes)


def test_unlinked_surveys_are_two_groups_and_nobodys_change_is_known():
    wide = _wide()
    before = pd.DataFrame({"ucla3_total": wide["ucla3_total__pre"]})
    after = pd.DataFrame({"ucla3_total": wide["ucla3_total__post"]})
    result = unlinked_change(before, after, "ucla3_total", asked=(60, 60))
    assert NOBODYS_CHANGE in result.notes
    assert NOT_AN_EFFECT in result.notes
    assert result.outcome.better == "lower"
    row = result.to_frame().iloc[0]
    assert row["method"].startswith("Welch")
    assert result.tables["response"]["share"].iloc[0] == pytest.approx(40 / 60)
    assert result.n["n"].sum() == 120


def test_with_identifiers_the_linked_numbers_stand_beside():
    wide = _wide()
    before = wide[["id"]].assign(y=wide["ucla3_total__pre"])
    after = wide[["id"]].assign(y=wide["ucla3_total__post"]).sample(frac=1, random_state=1)
    result = unlinked_change(before, after, "y", person="id")
    linked = result.to_frame().set_index("term").loc["linked"]
    truth = pre_post(_study(), "ucla3_total").to_frame().iloc[0]
    assert linked["estimate"] == pytest.approx(truth["estimate"])
    assert linked["n"] == truth["n"]
    shares = unlinked_change(
        before.assign(y=(before["y"] >= 6).astype(int)), after.assign(y=(after["y"] >= 6)), "y"
    )
    assert shares.to_frame()["method"].iloc[0].startswith("Newcombe")


def test_unlinked_refuses_what_it_cannot_do():
    one = pd.DataFrame({"y": [1.0, 2, 3]})
    with pytest.raises(OutcomeNotFoundError, match="Close: 'y'"):
        unlinked_change(one, one, "Y")
    with pytest.raises(TextOutcomeError, match="holds text"):
        unlinked_change(pd.DataFrame({"y": ["a", "b"]}), pd.DataFrame({"y": ["c", "d"]}), "y")
    with pytest.raises(TooFewError, match="in each"):
        unlinked_change(one, one.head(1), "y")
    with pytest.raises(TooFewError, match="number of people asked"):
        unlinked_change(one, one, "y", asked=(2, 3))


NORM = Norm(mean=4, sd=1.5, n=1000, source="Survey", country="UK", year=2020, age="65 and over")


def test_a_norm_is_printed_with_its_year_country_age_and_n():
    result = compare_with_norm(_study(), "ucla3_total", NORM)
    row = result.to_frame().iloc[0]
    scores = _wide()["ucla3_total__pre"]
    assert row["estimate"] == pytest.approx(scores.mean() - 4)
    assert row["effect_size"] == pytest.approx((scores.mean() - 4) / 1.5)
    assert row["effect_size_ci_low"] < row["effect_size"] < row["effect_size_ci_high"]
    assert any("UK, 2020, age 65 and over, n = 1,000" in n for n in result.notes)
    assert "no effect of a programme" in result.summary
    later = compare_with_norm(_study(), "ucla3_total", NORM, wave="post")
    assert later.waves == ("post",)


def test_a_norm_agrees_with_welch_from_the_scores():
    from scipy import stats

    scores = _wide()["ucla3_total__pre"]
    row = compare_with_norm(_study(), "ucla3_total", NORM).to_frame().iloc[0]
    want = stats.ttest_ind_from_stats(
        scores.mean(), scores.std(), len(scores), 4, 1.5, 1000, equal_var=False
    )
    assert row["statistic"] == pytest.approx(want.statistic)
    assert row["p_value"] == pytest.approx(want.pvalue)


def test_norms_of_other_forms_or_without_n_are_refused():
    other = Norm(mean=40, sd=9, n=500, source="x", instrument="UCLA Loneliness Scale, version 3")
    with pytest.raises(NormFormError, match="never compared"):
        compare_with_norm(_study(), "ucla3_total", other)
    with pytest.raises(NormValueError, match="lacks n"):
        compare_with_norm(_study(), "ucla3_total", Norm(mean=4, sd=1, source="x"))
    with pytest.raises(ChoiceError, match="norm='people on Mars'"):
        compare_with_norm(_study(), "ucla3_total", "people on Mars")
    vague = compare_with_norm(_study(), "ucla3_total", Norm(mean=4, sd=1, n=9, source="x"))
    assert any("does not say its year, country, age" in n for n in vague.notes)


def _dated():
    data = pd.DataFrame(
        {"id": [1, 2, 3] * 2, "wave": ["a"] * 3 + ["b"] * 3, "y": [3, 5, 4, 2, 5, 1],
         "on": ["2026-01-05"] * 3 + ["2026-03-30", "2026-04-06", "2026-10-05"]}
    )  # fmt: skip
    return Study(data, person="id", wave="wave", waves=["a", "b"], date="on")


def test_weeks_between_and_people_outside_the_window_are_counted():
    result = pre_post(_dated(), "y", window=(10, 16))
    row = result.tables["timing"].iloc[0]
    assert (row["median_weeks"], row["min_weeks"], row["max_weeks"]) == (13, 12, 39)
    assert row["n_outside"] == 1
    assert any("1 person answered outside the window of 10 to 16 weeks" in n for n in result.notes)
    assert result.to_frame()["n"].iloc[0] == 3


def test_a_window_needs_dates_and_two_weeks():
    with pytest.raises(TimingError, match="this study has none"):
        pre_post(_study(), "ucla3_total", window=(10, 16))
    with pytest.raises(TimingError, match="is not a window"):
        pre_post(_dated(), "y", window=(16, 10))


def test_first_and_last_records_say_that_the_length_of_stay_differs():
    records = pd.DataFrame(
        {"id": [1, 1, 1, 2, 3, 3, 2], "y": [9, 7, 5, 8, 6, 7, 3],
         "on": ["2026-03-02", "2026-01-05", "2026-06-01", "2026-01-12", "2026-01-05",
                "2026-01-06", None]}
    )  # fmt: skip
    study = Study.from_records(records, person="id", date="on", min_weeks=1)
    result = pre_post(Study.from_records(records, person="id", date="on"), "y")
    assert result.to_frame()["n"].iloc[0] == 2
    assert result.to_frame()["estimate"].iloc[0] == pytest.approx(((5 - 7) + (7 - 6)) / 2)
    assert any("those who stayed long may differ" in n for n in result.notes)
    assert any("1 record without a date" in n for n in study.notes)
    assert any("2 people have one record only" in n for n in study.notes)
    with pytest.raises(StudyError, match="not a date: row 1"):
        Study.from_records(records.assign(on="soon").head(1), person="id", date="on")
