"""`soc.score`: what it adds, what it refuses, and in which words."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import socmeasures as soc
from socmeasures.errors import (
    AmbiguousColumnsError,
    ChoiceError,
    CodingError,
    ColumnsNotFoundError,
    PlanError,
    ResponseError,
    ScoreColumnExistsError,
    UnknownScaleError,
    UnverifiedScaleError,
)
from tests.made_up import calm, calm_file

UCLA = pd.DataFrame(
    {"id": ["a", "b", "c"], "ucla3_1": [1, 3, 2], "ucla3_2": [1, 3, 2], "ucla3_3": [2, 3, 1]}
)
OFTEN_FIRST = {1: "Often", 2: "Some of the time", 3: "Hardly ever or never"}


def book(labels: dict[int, str], **more: Any) -> soc.Codebook:
    return soc.Codebook.from_labels({f"ucla3_{n}": labels for n in (1, 2, 3)}, **more)


def mspss(rows: list[list[float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[f"mspss_{n}" for n in range(1, 13)])


def coding_of(scored: pd.DataFrame) -> str:
    record = soc.scoring_record(scored)
    assert record is not None
    return record.uses[0].coding


# ------------------------------------------------------------------ what is added


def test_a_score_comes_with_its_count_its_status_and_its_band() -> None:
    data = pd.DataFrame({f"calm_{n}": [2.0, 4.0] for n in range(1, 5)})

    out = soc.score(data, calm())

    assert list(out.columns[4:]) == [
        "calm4_total",
        "calm4_total_n",
        "calm4_total_status",
        "calm4_total_band",
    ]
    assert out["calm4_total"].tolist() == [9.0, 13.0]
    assert out["calm4_total_n"].dtype == np.int16
    assert out["calm4_total_status"].dtype == "category"
    assert out["calm4_total_band"].tolist() == ["middle", "high"]


def test_the_reversed_item_is_counted_from_the_other_end() -> None:
    data = pd.DataFrame({"calm_1": [1, 1], "calm_2": [1, 4], "calm_3": [1, 1], "calm_4": [1, 1]})

    assert soc.score(data, calm())["calm4_total"].tolist() == [7.0, 4.0]


def test_the_input_is_not_changed() -> None:
    before = copy.deepcopy(UCLA)

    soc.score(UCLA, "ucla3", coding="canonical")

    pd.testing.assert_frame_equal(UCLA, before)


def test_items_may_be_named_by_the_caller() -> None:
    data = UCLA.rename(columns={"ucla3_1": "Q4a", "ucla3_2": "Q4b", "ucla3_3": "Q4c"})

    out = soc.score(data, "ucla3", items={1: "Q4a", 2: "Q4b", 3: "Q4c"}, coding="canonical")

    assert out["ucla3_total"].tolist() == [4.0, 9.0, 5.0]


def test_items_are_found_by_the_scale_s_usual_names() -> None:
    data = pd.DataFrame({f"djgls{n}": [3] for n in range(1, 7)})

    assert soc.score(data, "djg6", coding="canonical")["djg6_total"].tolist() == [3.0]


def test_a_plan_with_time_points_puts_the_suffix_last() -> None:
    data = pd.DataFrame({f"ucla3_{w}_{n}": [n] for w in ("pre", "post") for n in (1, 2, 3)})
    plan = soc.match_scales(data)

    out = soc.score(data, plan, coding="canonical")

    added = [c for c in out.columns if c not in data.columns]
    assert added == [
        "ucla3_total__pre",
        "ucla3_total_n__pre",
        "ucla3_total_status__pre",
        "ucla3_total__post",
        "ucla3_total_n__post",
        "ucla3_total_status__post",
    ]


def test_a_definition_of_one_s_own_scores_by_its_file_name(tmp_path: Path) -> None:
    path = calm_file(tmp_path)
    data = pd.DataFrame({f"calm_{n}": [3] for n in range(1, 5)})

    for given in (path, str(path), soc.load_scale(path)):
        assert soc.score(data, given)["calm4_total"].tolist() == [11.0]


def test_a_key_replaces_the_definition(tmp_path: Path) -> None:
    path = calm_file(
        tmp_path,
        ("reverse = [2]", "reverse = []"),
        ('form = "four items"', 'form = "four items"\nkey = "our own"'),
        ("answers = [1, 4, 1, 1]", "answers = [1, 1, 1, 1]"),
        ("answers = [4, 1, 4, 4]", "answers = [4, 4, 4, 4]"),
        ("answers = [2, 3, ", "answers = [2, 2, "),
    )
    data = pd.DataFrame({f"calm_{n}": [3] for n in range(1, 5)})

    out = soc.score(data, "calm4", key=path)

    record = soc.scoring_record(out)
    assert out["calm4_total"].tolist() == [12.0]
    assert record is not None
    assert record.uses[0].key == "our own"
    assert "key: our own" in record.columns[0].label


def test_a_safety_item_is_flagged_whatever_the_total() -> None:
    data = pd.DataFrame({f"phq9_{n}": [0.0, 0.0, np.nan] for n in range(1, 10)})
    data.loc[1, "phq9_9"] = 1

    out = soc.score(data, "phq9")

    assert out["phq9_risk"].tolist()[:2] == [0.0, 1.0]
    assert np.isnan(out["phq9_risk"].iloc[2])


# ------------------------------------------------------------------ codings


def test_a_stated_coding_comes_before_everything() -> None:
    out = soc.score(UCLA, "ucla3", coding="often-first")

    assert out["ucla3_total"].tolist() == [8.0, 3.0, 7.0]
    assert coding_of(out) == "often-first (stated)"


def test_value_labels_decide_the_direction() -> None:
    out = soc.score(UCLA, "ucla3", codebook=book(OFTEN_FIRST))

    assert out["ucla3_total"].tolist() == [8.0, 3.0, 7.0]
    assert coding_of(out) == "often-first (value labels)"


@pytest.mark.parametrize(
    "word", ["HARDLY EVER, or never!", "1 - hardly  ever or never", "Hardly ever"]
)
def test_labels_match_whatever_their_case_spaces_and_punctuation(word: str) -> None:
    labels = {1: word, 2: "some of the time.", 3: "<b>Often</b>"}

    assert coding_of(soc.score(UCLA, "ucla3", codebook=book(labels))) == "canonical (value labels)"


def test_codes_without_labels_are_canonical_where_the_definition_allows_it() -> None:
    out = soc.score(mspss([[4] * 12]), "mspss")

    assert coding_of(out) == "assumed canonical"


def test_the_record_says_assumed_by_way_of_a_plan_too() -> None:
    data = mspss([[4] * 12])

    assert coding_of(soc.score(data, soc.match_scales(data))) == "assumed canonical"


def test_codes_without_labels_are_refused_where_both_directions_are_in_use() -> None:
    with pytest.raises(CodingError) as refusal:
        soc.score(UCLA, "ucla3")

    words = str(refusal.value)
    assert "The coding of scale 'ucla3' is not known" in words
    assert "canonical: 1 = hardly ever or never, 2 = some of the time, 3 = often" in words
    assert "often-first: 1 = often" in words
    assert "--coding canonical" in words


def test_values_propose_a_coding_and_never_decide_it() -> None:
    data = UCLA.drop(columns="id") - 1

    with pytest.raises(CodingError, match="The answers fit only 'zero-based'; nothing was applied"):
        soc.score(data, "ucla3")


def test_answers_that_fit_only_another_coding_are_proposed_it() -> None:
    scale = calm(
        (
            '"always-first"\nmap = { 1 = 4, 2 = 3, 3 = 2, 4 = 1 }',
            '"from zero"\nmap = { 0 = 1, 1 = 2, 2 = 3, 3 = 4 }',
        )
    )
    data = pd.DataFrame({f"calm_{n}": [0, 1, 2, 3] for n in range(1, 5)})

    with pytest.raises(ResponseError, match=r"fit the coding 'from zero'.*nothing was changed"):
        soc.score(data, scale)
    assert soc.score(data, scale, coding="from zero")["calm4_total"].tolist() == [7, 9, 11, 13]


def test_a_coding_the_scale_does_not_know_is_refused_with_its_names() -> None:
    with pytest.raises(ChoiceError, match="'canonical', 'often-first', 'zero-based'"):
        soc.score(UCLA, "ucla3", coding="backwards")


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        (
            {1: "Never", 2: "Hardly ever", 3: "Some of the time", 4: "Often"},
            "give 2 codes (1, 2) for the one option",
        ),
        (
            {1: "Never", 2: "Rarely", 3: "Sometimes", 4: "Often"},
            "code 2 of ucla3_1 is labelled 'Rarely'",
        ),
        ({1: "Yes", 2: "No"}, "are not among the scale's options"),
    ],
)
def test_labels_of_another_form_are_not_read_as_this_one(labels: dict[int, str], why: str) -> None:
    with pytest.raises(CodingError, match=re.escape(why)):
        soc.score(UCLA, "ucla3", codebook=book(labels))


def test_a_stated_coding_against_the_labels_is_noted() -> None:
    out = soc.score(UCLA, "ucla3", codebook=book(OFTEN_FIRST), coding="canonical")

    record = soc.scoring_record(out)
    assert out["ucla3_total"].tolist() == [4.0, 9.0, 5.0]
    assert record is not None
    assert "say otherwise than the stated coding" in record.uses[0].notes[0]


# ------------------------------------------------------------------ illegal answers


def test_every_illegal_answer_is_listed_before_anything_is_scored() -> None:
    data = UCLA.assign(ucla3_1=[1, 7, 2], ucla3_3=[2, 3, 2.5])

    with pytest.raises(ResponseError) as refusal:
        soc.score(data, "ucla3", coding="canonical", person="id")

    words = str(refusal.value)
    assert words.startswith("2 answers do not fit scale 'ucla3'.")
    assert (
        "row 2, person b, column ucla3_1: 7 is no answer of this item (expected 1, 2 or 3)" in words
    )
    assert "row 3, person c, column ucla3_3: 2.5 is not a whole number" in words
    assert "2 answers of 2 people as not given" in words
    assert 'invalid="missing"' in words
    assert "--invalid missing" in words
    assert refusal.value.problems["rule"].tolist() == ["out_of_range", "fractional"]


def test_a_person_is_named_only_when_the_caller_named_the_column() -> None:
    with pytest.raises(ResponseError) as refusal:
        soc.score(UCLA.assign(ucla3_1=[1, 7, 2]), "ucla3", coding="canonical")

    assert "person" not in str(refusal.value)
    assert "1 answer of 1 row as not given" in str(refusal.value)


def test_more_than_five_offenders_are_counted_and_all_are_in_the_problems() -> None:
    data = mspss([[9] * 12])

    with pytest.raises(ResponseError, match=r"7 more in error.problems") as refusal:
        soc.score(data, "mspss")

    assert len(refusal.value.problems) == 12


@pytest.mark.parametrize("value", [99999999, 1e300, np.inf])
def test_a_number_is_never_called_a_text(value: float) -> None:
    data = UCLA.assign(ucla3_1=[value, 1, 1])

    with pytest.raises(ResponseError) as refusal:
        soc.score(data, "ucla3", coding="canonical")

    assert refusal.value.problems["rule"].tolist() == ["out_of_range"]
    assert len(str(refusal.value)) < 600


def test_a_text_no_label_explains_is_shown_as_it_stands() -> None:
    data = pd.DataFrame(
        {"ucla3_1": ["Often", "Dunno"], "ucla3_2": ["Often", "often "], "ucla3_3": ["Often", ""]}
    )

    with pytest.raises(ResponseError) as refusal:
        soc.score(data, "ucla3")

    assert (
        "the text 'Dunno' is none of the options (hardly ever or never / some of the time"
        in str(refusal.value)
    )
    assert refusal.value.problems["rule"].tolist() == ["unknown_label"]


def test_illegal_answers_set_aside_are_counted_in_the_record() -> None:
    out = soc.score(UCLA.assign(ucla3_1=[1, 7, 2]), "ucla3", coding="canonical", invalid="missing")

    record = soc.scoring_record(out)
    assert out["ucla3_total_status"].tolist() == ["scored", "invalid", "scored"]
    assert np.isnan(out["ucla3_total"].iloc[1])
    assert out["ucla3_total_n"].tolist() == [3, 2, 3]
    assert record is not None
    assert record.uses[0].illegal_answers == 1
    assert record.uses[0].invalid == "missing"
    assert record.uses[0].counts["total"] == {"scored": 2, "invalid": 1}


def test_a_code_the_codebook_declares_missing_is_no_answer_even_when_the_frame_keeps_it() -> None:
    labels = {1: "Hardly ever or never", 2: "Some of the time", 3: "Often", 99: "No answer"}
    codebook = book(labels, missing={f"ucla3_{n}": [99] for n in (1, 2, 3)})

    out = soc.score(UCLA.assign(ucla3_1=[1, 99, 2]), "ucla3", codebook=codebook)

    assert out["ucla3_total_status"].tolist() == ["scored", "too_few_items", "scored"]
    assert soc.validate(UCLA.assign(ucla3_1=[1, 99, 2]), "ucla3", codebook=codebook).ok


def test_a_choice_for_invalid_that_is_none_is_refused() -> None:
    with pytest.raises(ChoiceError, match="Choose one of: 'raise', 'missing'"):
        soc.score(UCLA, "ucla3", coding="canonical", invalid="drop")  # type: ignore[arg-type]


# ------------------------------------------------------------------ columns and plans


def test_a_missing_column_is_named_with_the_nearest() -> None:
    data = UCLA.rename(columns={"ucla3_2": "ucla_3_2b"})

    with pytest.raises(ColumnsNotFoundError) as refusal:
        soc.score(data, "ucla3", coding="canonical")

    assert "no column was found for 1 of them: item 2 (ucla3_2 or lonely_2)" in str(refusal.value)
    assert "Close: 2: 'ucla_3_2b'" in str(refusal.value)
    assert refusal.value.problems["rule"].tolist() == ["missing_column"]


def test_one_column_for_two_items_is_refused() -> None:
    with pytest.raises(AmbiguousColumnsError, match="'ucla3_1' is given for items 1, 2"):
        soc.score(UCLA, "ucla3", items={1: "ucla3_1", 2: "ucla3_1", 3: "ucla3_3"})


def test_two_columns_of_one_name_are_refused() -> None:
    data = pd.concat([UCLA, UCLA[["ucla3_1"]]], axis=1)

    with pytest.raises(AmbiguousColumnsError, match="item 1: ucla3_1 and ucla3_1"):
        soc.score(data, "ucla3", coding="canonical")


def test_an_item_number_the_scale_does_not_have_is_refused() -> None:
    with pytest.raises(ChoiceError, match="item number for scale 'ucla3'=4"):
        soc.score(UCLA, "ucla3", items={1: "ucla3_1", 2: "ucla3_2", 3: "ucla3_3", 4: "id"})


def test_columns_with_time_points_are_not_taken_for_a_plain_scale() -> None:
    data = UCLA.rename(columns=lambda c: f"{c}_t1")

    with pytest.raises(ColumnsNotFoundError, match="found at the time points 't1'"):
        soc.score(data, "ucla3", coding="canonical")


@pytest.mark.parametrize("idle", [{"items": {1: "a"}}, {"key": "my.toml"}])
def test_what_a_plan_already_says_cannot_be_said_again(idle: dict[str, Any]) -> None:
    data = mspss([[4] * 12])

    with pytest.raises(PlanError, match="cannot be given beside a plan"):
        soc.score(data, soc.match_scales(data), **idle)


def test_a_plan_with_an_item_too_many_is_refused() -> None:
    items = {n: f"mspss_{n}" for n in range(1, 13)}
    plan = soc.ScoringPlan.model_validate(
        {"scales": [{"scale": "mspss", "items": {**items, 13: "mspss_1"}}]}
    )

    with pytest.raises(PlanError, match="'mspss' has 12 items and no item 13"):
        soc.score(mspss([[4] * 12]), plan)


def test_a_plan_that_would_write_one_score_twice_is_refused() -> None:
    one = {"scale": "mspss", "items": {n: f"mspss_{n}" for n in range(1, 13)}}
    plan = soc.ScoringPlan.model_validate({"scales": [one, one]})

    with pytest.raises(PlanError, match="'mspss' stands there more than once"):
        soc.score(mspss([[4] * 12]), plan)


def test_an_unknown_scale_offers_the_nearest_ids() -> None:
    with pytest.raises(UnknownScaleError, match="Close: 'mspss'"):
        soc.score(UCLA, "mspps")


def test_an_unverified_key_needs_the_caller_s_word() -> None:
    data = pd.DataFrame({f"ucla4_{n}": [2, 3] for n in range(1, 5)})

    with pytest.raises(UnverifiedScaleError, match="accept_unverified=True"):
        soc.score(data, "ucla4")

    out = soc.score(data, "ucla4", accept_unverified=True)
    record = soc.scoring_record(out)
    assert record is not None
    assert record.uses[0].evidence == "unverified"
    assert "key unverified" in record.columns[0].label


# ------------------------------------------------------------------ columns already there


def test_a_score_column_that_is_there_is_refused_and_disagreements_are_listed_by_person() -> None:
    data = UCLA.assign(ucla3_total=[4.0, 6.0, np.nan])

    with pytest.raises(ScoreColumnExistsError) as refusal:
        soc.score(data, "ucla3", coding="canonical", person="id")

    words = str(refusal.value)
    assert "1 column that scoring would add is already in the data: ucla3_total" in words
    assert "disagree with ours in 1 of 2 places" in words
    assert "row 2, person b, ucla3_total: stored 6, ours 9" in words
    assert "--replace" in words
    assert refusal.value.problems["person"].tolist() == ["b"]


def test_replace_puts_ours_in_the_place_of_what_was_there() -> None:
    data = UCLA.assign(ucla3_total=[4.0, 6.0, np.nan])

    out = soc.score(data, "ucla3", coding="canonical", replace=True)

    assert out["ucla3_total"].tolist() == [4.0, 9.0, 5.0]
    assert list(out.columns).count("ucla3_total") == 1


def test_scoring_a_second_scale_merges_the_record() -> None:
    data = pd.concat([UCLA, mspss([[4] * 12] * 3)], axis=1)

    out = soc.score(soc.score(data, "ucla3", coding="canonical"), "mspss")
    again = soc.score(out, "mspss", missing={"method": "prorate", "allow": 2}, replace=True)

    first, second = soc.scoring_record(out), soc.scoring_record(again)
    assert first is not None
    assert second is not None
    assert [use.scale for use in first.uses] == ["ucla3", "mspss"]
    assert [use.scale for use in second.uses] == ["ucla3", "mspss"]
    assert second.uses[1].missing["total"]["overridden"]
    assert len(second.columns) == len(first.columns)


def test_a_column_to_name_rows_by_must_be_there() -> None:
    with pytest.raises(ChoiceError, match="column='who' is not on offer"):
        soc.score(UCLA, "ucla3", coding="canonical", person="who")
