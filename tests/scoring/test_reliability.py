"""`item_statistics`: a scale's items and its reliability in the user's own sample."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from socmeasures.effects.reliability import cronbach_alpha
from socmeasures.errors import (
    ChoiceError,
    CodingError,
    ConfidenceError,
    PlanError,
    ResponseError,
    UnverifiedScaleError,
)
from socmeasures.responses.plan import PlannedScale, ScoringPlan
from socmeasures.scoring.compute import score
from socmeasures.scoring.reliability import item_statistics
from socmeasures.validation.report import validate
from tests.made_up import calm

CALM = ["calm_1", "calm_2", "calm_3", "calm_4"]  # item 2 is reversed; codes 1 to 4


def answers(n=60, seed=4):
    """Answers to the calm scale, item 2 running the other way as it should."""
    rng = np.random.default_rng(seed)
    one = rng.normal(size=(n, 1))
    table = np.clip(np.round(2.5 + one + 0.6 * rng.normal(size=(n, 4))), 1, 4)
    table[:, 1] = 5 - table[:, 1]
    return pd.DataFrame(table, columns=CALM)


def scored_otherwise(**changes):
    """The calm scale with its score changed."""
    scale = calm()
    return scale.model_copy(update={"scores": (scale.scores[0].model_copy(update=changes),)})


def whole(found, term):
    return found.whole.set_index("term").loc[term]


def notes(found):
    return " ".join(found.notes)


# ------------------------------------------------------------------------- the tables


def test_items_are_counted_in_the_direction_of_the_score():
    data = pd.DataFrame([[4, 1, 4, 3], [1, 4, 1, 1], [3, 1, 3, np.nan]], columns=CALM, dtype=float)
    found = item_statistics(data, calm())
    second, fourth = found.items.iloc[1], found.items.iloc[3]
    assert second["mean"] == pytest.approx((4 + 1 + 4) / 3)
    assert (second["floor_share"], second["ceiling_share"]) == pytest.approx((1 / 3, 2 / 3))
    assert (fourth["n"], fourth["missing"], fourth["mean"]) == (2, 1, 2.0)
    assert found.items["label"][0] == "restful mornings"


def test_the_columns_of_both_tables_are_as_documented():
    found = item_statistics(answers(), calm())
    assert found.items.columns.tolist() == [
        *("item", "label", "n", "missing", "mean", "sd", "floor_share", "ceiling_share"),
        *("item_rest_r", "alpha_if_dropped"),
    ]
    assert found.whole.columns.tolist() == [
        *("outcome", "term", "estimate", "ci_low", "ci_high", "n", "n_excluded", "method")
    ]
    assert found.whole["outcome"].unique().tolist() == ["calm4_total"]
    assert found.to_frame() is not found.whole


def test_alpha_is_that_of_the_turned_answers():
    data = answers()
    turned = data.assign(calm_2=5 - data["calm_2"])
    found = item_statistics(data, calm())
    assert found.alpha.estimate == cronbach_alpha(turned).estimate
    assert whole(found, "alpha")["ci_high"] == found.alpha.ci_high
    assert found.omega == whole(found, "omega_total")["estimate"]
    assert 0.5 < found.omega < 1


def test_mean_sd_and_error_are_in_the_metric_of_the_score():
    data = answers()
    scale = scored_otherwise(method="mean", range=(1.0, 4.0), bands=())
    found = item_statistics(data, scale)
    scores = score(data, scale)["calm4_total"]
    assert whole(found, "mean")["estimate"] == pytest.approx(scores.mean())
    assert whole(found, "sd")["estimate"] == pytest.approx(scores.std())
    assert whole(found, "sem")["estimate"] == pytest.approx(
        scores.std() * np.sqrt(1 - found.alpha.estimate)
    )


def test_an_asked_score_is_taken_and_total_otherwise():
    rng = np.random.default_rng(1)
    data = pd.DataFrame(rng.integers(1, 8, (30, 12)), columns=[f"mspss_{i}" for i in range(1, 13)])
    assert item_statistics(data, "mspss").score == "total"
    family = item_statistics(data, "mspss", score="family")
    assert family.items["item"].tolist() == [3, 4, 8, 11]
    assert family.consistency.k == 4


def test_a_polars_frame_and_columns_by_another_name_give_the_same():
    data = answers()
    other = pl.DataFrame({f"q{i}": data[name].to_numpy() for i, name in enumerate(CALM, 1)})
    found = item_statistics(other, calm(), items={i: f"q{i}" for i in range(1, 5)})
    pd.testing.assert_frame_equal(found.whole, item_statistics(data, calm()).whole)


def test_a_named_coding_gives_what_canonical_codes_give():
    data = answers()
    found = item_statistics(5 - data, calm(), coding="always-first")
    pd.testing.assert_frame_equal(found.items, item_statistics(data, calm()).items)


def test_nothing_is_changed_in_the_data():
    data = answers()
    before = data.copy()
    item_statistics(data, calm())
    pd.testing.assert_frame_equal(data, before)


# ------------------------------------------------------------------------- the notes


def test_rows_left_out_are_counted_by_reason():
    data = answers()
    data.iloc[0, 2] = np.nan
    data.iloc[1:3] = np.nan
    found = item_statistics(data, calm())
    assert found.notes[0] == (
        "Reliability is over the 57 rows with every answer of 60; left out: 1 with an answer "
        "missing and 2 without any answer."
    )
    assert "every pair of answers" in found.notes[1]
    assert whole(found, "alpha")[["n", "n_excluded"]].tolist() == [57, 3]


def test_an_item_keyed_the_wrong_way_is_named_in_the_words_of_validation():
    data = answers()
    data["calm_3"] = 5 - data["calm_3"]
    told = [n for n in item_statistics(data, calm()).notes if n.startswith("Keying")]
    warned = validate(data, calm()).table.query("rule == 'keying'")
    assert len(told) == len(warned) == 1
    assert told[0] == f"Keying: {warned['message'].iloc[0]}."
    assert "item 3 (quiet evenings) runs against the other items" in told[0]
    assert "Nothing was changed" in told[0]


def test_an_item_that_hardly_belongs_is_named():
    data = answers(n=200)
    data["calm_4"] = np.random.default_rng(8).integers(1, 5, 200)
    found = item_statistics(data, calm())
    assert "Hardly related to the other items (item-rest r below 0.20): 4 (sound sleep" in notes(
        found
    )
    assert "Keying" not in notes(found)


def test_a_right_key_gives_no_keying_note():
    assert "runs against" not in notes(item_statistics(answers(), calm()))


def test_with_few_rows_it_says_that_keying_was_not_checked():
    assert "that takes 20 rows" in notes(item_statistics(answers(n=12), calm()))


def test_what_alpha_assumes_is_always_said():
    assert "only where all items measure one thing" in notes(item_statistics(answers(), calm()))


def test_two_items_speak_of_spearman_and_brown():
    two = scored_otherwise(items=(1, 2), range=(2.0, 8.0), bands=())
    found = item_statistics(answers(), two)
    assert "Spearman-Brown" in notes(found)
    assert np.isnan(found.omega)
    r = -np.corrcoef(answers()["calm_1"], answers()["calm_2"])[0, 1]
    assert whole(found, "standardised_alpha")["estimate"] == pytest.approx(2 * r / (1 + r))


def test_one_item_has_statistics_but_no_reliability():
    data = pd.DataFrame({"loneliness_direct_1": [1, 2, 5, 4]})
    found = item_statistics(data, "loneliness_direct", score="frequency", coding="canonical")
    assert found.consistency is None
    assert found.alpha is None
    assert np.isnan(found.omega)
    assert "One item alone has no internal consistency" in notes(found)
    assert found.items["mean"].tolist() == [3.0]
    assert "alpha" not in found.whole["term"].tolist()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([[1, 2, 3, np.nan]] * 5, "fewer than two rows have every answer"),
        ([[1, 4, 1, 1]] * 5, "every complete row has the same sum"),
        ([[np.nan] * 4] * 3, "3 without any answer"),
    ],
)
def test_where_nothing_can_be_computed_the_reason_stands_in_its_place(rows, words):
    found = item_statistics(pd.DataFrame(rows, columns=CALM, dtype=float), calm())
    assert found.consistency is None
    assert words in notes(found)
    assert words in str(found)


def test_a_frame_without_rows_gives_an_empty_answer():
    found = item_statistics(pd.DataFrame({c: pd.Series(dtype=float) for c in CALM}), calm())
    assert found.items["n"].tolist() == [0, 0, 0, 0]
    assert found.consistency is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.assign(calm_4=3.0), "No omega: nobody differs on item 4."),
        (
            lambda d: d.assign(calm_4=d["calm_1"]),
            "No omega: one item can be computed exactly from the others.",
        ),
        (lambda d: d.head(4), "No omega: 4 complete rows are too few for 4 items."),
    ],
)
def test_without_omega_the_reason_is_said(change, words):
    found = item_statistics(change(answers()), calm())
    assert words in found.notes
    assert np.isnan(found.omega)


def test_a_poor_fit_of_one_factor_is_said():
    rng = np.random.default_rng(3)
    pairs = rng.integers(1, 5, (300, 2))
    data = pd.DataFrame(
        np.column_stack([pairs[:, 0], 5 - pairs[:, 0], pairs[:, 1], pairs[:, 1]]), columns=CALM
    )
    noisy = data.where(rng.random(data.shape) > 0.3, rng.integers(1, 5, data.shape))
    assert "One factor fits poorly" in notes(item_statistics(noisy, calm()))


def test_a_heywood_case_is_said():
    from socmeasures.effects.reliability import internal_consistency
    from socmeasures.scoring.reliability_words import omega_notes

    rng = np.random.default_rng(0)
    one = rng.normal(size=(200, 1))
    table = one + np.array([0.1, 1.5, 1.5, 1.5]) * rng.normal(size=(200, 4))
    table[:, 0] = table[:, 1:].mean(axis=1) + 0.3 * one[:, 0]
    found = internal_consistency(table)
    assert found.factor.improper
    assert any("Heywood" in note for note in omega_notes(calm().scores[0], found))


def test_zero_one_items_are_said_to_give_kr20():
    rng = np.random.default_rng(2)
    data = pd.DataFrame(rng.integers(1, 4, (40, 11)), columns=[f"djg11_{i}" for i in range(1, 12)])
    assert "KR-20" in notes(item_statistics(data, "djg11", coding="canonical"))


def test_a_score_that_counts_things_is_not_judged_by_alpha():
    rng = np.random.default_rng(2)
    data = pd.DataFrame(
        rng.integers(0, 2, (40, 13)), columns=[f"sni_cohen_{i}" for i in range(1, 14)]
    )
    data["sni_cohen_1"] += 1
    found = item_statistics(data, "sni_cohen", score="roles", accept_unverified=True)
    assert "a low alpha is no fault" in notes(found)


def test_the_coding_is_said():
    assert "Coding: assumed canonical." in item_statistics(answers(), calm()).notes
    assert (
        "Coding: always-first (stated)."
        in item_statistics(5 - answers(), calm(), coding="always-first").notes
    )


# ------------------------------------------------------------------------- refusals


def test_illegal_answers_are_refused_with_all_of_them_listed():
    data = answers()
    data.iloc[2, 0] = 9
    with pytest.raises(ResponseError, match="row 3, column calm_1: 9") as refusal:
        item_statistics(data, calm())
    assert len(refusal.value.problems) == 1
    found = item_statistics(data, calm(), invalid="missing")
    assert "1 answer outside the options counted as not given." in found.notes
    assert found.items["missing"][0] == 1


def test_bare_codes_with_two_directions_in_use_are_refused():
    data = pd.DataFrame({f"ucla3_{i}": [1, 2, 3] for i in range(1, 4)})
    with pytest.raises(CodingError):
        item_statistics(data, "ucla3")


def test_an_unverified_key_needs_the_callers_word():
    data = pd.DataFrame({f"cel3_{i}": [0, 1, 2, 3] for i in range(1, 4)})
    with pytest.raises(UnverifiedScaleError, match="cel3"):
        item_statistics(data, "cel3", coding="canonical")
    found = item_statistics(data, "cel3", coding="canonical", accept_unverified=True)
    assert "The key is unverified" in notes(found)


@pytest.mark.parametrize(
    ("choice", "error", "words"),
    [
        ({"score": "sum"}, ChoiceError, "score='sum' is not on offer"),
        ({"invalid": "drop"}, ChoiceError, "invalid='drop' is not on offer"),
        ({"confidence": 95}, ConfidenceError, "confidence=95"),
    ],
)
def test_a_choice_that_is_not_on_offer_is_refused(choice, error, words):
    with pytest.raises(error, match=words):
        item_statistics(answers(), calm(), **choice)


def test_a_plan_with_several_time_points_is_refused_with_the_way_on():
    planned = [
        PlannedScale(scale="ucla3", items={1: "a", 2: "b", 3: "c"}, wave=wave)
        for wave in ("x", "y")
    ]
    with pytest.raises(PlanError, match="give the scale by its id"):
        item_statistics(pd.DataFrame({"a": [1]}), ScoringPlan(scales=tuple(planned)))


# ------------------------------------------------------------------------- shown


def test_it_is_shown_as_text_and_as_escaped_html():
    scale = calm(('name = "Calm scale"', 'name = "Calm <scale>"'))
    found = item_statistics(answers(), scale)
    assert "item_rest_r" in str(found)
    assert "Calm &lt;scale&gt;" in found._repr_html_()
    assert "<scale>" not in found._repr_html_()


def test_the_methods_sentence_names_methods_and_instrument():
    said = item_statistics(answers(), calm(), confidence=0.9).methods
    for words in (
        "Cronbach 1951",
        "90 % interval after Feldt (1965)",
        "Jöreskog 1967",
        "Calm scale",
    ):
        assert words in said
