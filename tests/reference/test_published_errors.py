"""Errors seen in real published data and code: each would be noticed here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import socmeasures as soc
from socmeasures.errors import (
    AmbiguousColumnsError,
    CodingError,
    ResponseError,
    ScaleDefinitionError,
)
from socmeasures.scales.catalogue import shipped, shipped_scales
from socmeasures.scales.definition import parse_definition
from socmeasures.scales.model import Scale

YES_NO = {1: "yes", 2: "more or less", 3: "no"}


def definition(scale_id: str, *changes: tuple[str, str]) -> str:
    """The text of a shipped definition with pieces replaced."""
    text = (shipped() / f"{scale_id}.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def columns(scale_id: str, value: Any, rows: int = 1) -> pd.DataFrame:
    return pd.DataFrame(
        {f"{scale_id}_{n}": [value] * rows for n in soc.load_scale(scale_id).numbers}
    )


def lonely_people(scale: Scale, people: int = 108, seed: int = 11) -> pd.DataFrame:
    """Answers driven by one trait under the right key of the scale."""
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=people)
    total = scale.score("total")
    made = {}
    for n in scale.numbers:
        sign = -1 if n in total.reverse else 1
        made[f"{scale.id}_{n}"] = (
            np.digitize(sign * trait + rng.normal(0, 1, people), [-1, 0, 1]) + 1
        )
    return pd.DataFrame(made)


# ---------------------------------------------- 1: a trial forgot to reverse item 6 of UCLA v3


def trial_key() -> Scale:
    right = soc.load_scale("ucla20_v3")
    total = right.score("total")
    assert 6 in total.reverse
    wrong = total.model_copy(update={"reverse": tuple(n for n in total.reverse if n != 6)})
    return right.model_copy(update={"scores": (wrong,), "examples": ()})


def test_1_all_ones_give_47_and_44_only_under_the_trial_s_key() -> None:
    data = columns("ucla20_v3", 1)

    assert soc.score(data, "ucla20_v3")["ucla20_v3_total"].tolist() == [47]
    assert soc.score(data, trial_key())["ucla20_v3_total"].tolist() == [44]


def test_1_the_keying_check_names_item_6_under_the_trial_s_key() -> None:
    data = lonely_people(soc.load_scale("ucla20_v3"))

    wrong = soc.validate(data, trial_key()).problems
    right = soc.validate(data, "ucla20_v3").problems

    assert wrong.loc[wrong["rule"] == "keying", "item"].tolist() == [6]
    assert not (right["rule"] == "keying").any()


# ---------------------------------------------- 2: an 8 on a seven-point scale


def test_2_an_eight_on_the_mspss_is_listed_and_scores_nobody() -> None:
    data = columns("mspss", 4.0, rows=3)
    data.loc[1, "mspss_3"] = 8

    with pytest.raises(ResponseError, match="row 2, column mspss_3: 8 is no answer of this item"):
        soc.score(data, "mspss")
    out = soc.score(data, "mspss", invalid="missing")

    assert out["mspss_total"].isna().tolist() == [False, True, False]
    assert out["mspss_total_status"].tolist()[1] == "invalid"
    assert out["mspss_friends"].tolist() == [4, 4, 4]


# ---------------------------------------------- 3: the Friendship Scale has two directions


@pytest.mark.parametrize("word", ["Almost always", "Not at all"])
def test_3_one_answer_to_all_six_friendship_items_gives_twelve(word: str) -> None:
    out = soc.score(columns("friendship_scale", word), "friendship_scale")

    assert out["friendship_scale_total"].tolist() == [12]


# ---------------------------------------------- 4: 1 is often here and hardly ever there


@pytest.mark.parametrize("value", [1, 3])
def test_4_bare_codes_of_the_three_items_are_refused_with_both_directions(value: int) -> None:
    with pytest.raises(CodingError) as refusal:
        soc.score(columns("ucla3", value), "ucla3")

    assert "canonical: 1 = hardly ever or never" in str(refusal.value)
    assert "often-first: 1 = often" in str(refusal.value)


def test_4_each_country_s_labels_give_the_right_direction() -> None:
    data = columns("ucla3", 1)
    hrs = {1: "Often", 2: "Some of the time", 3: "Hardly ever or never"}
    elsa = {1: "Hardly ever or never", 2: "Some of the time", 3: "Often"}

    for labels, total in ((hrs, 9), (elsa, 3)):
        book = soc.Codebook.from_labels(dict.fromkeys(data.columns, labels))
        assert soc.score(data, "ucla3", codebook=book)["ucla3_total"].tolist() == [total]


# ---------------------------------------------- 5, 6, 8: De Jong Gierveld


def test_5_both_directions_are_read_by_label_and_refused_without() -> None:
    data = pd.DataFrame({f"djg_{n}": [1, 2, 3] for n in range(1, 12)})
    yes_first = soc.Codebook.from_labels(dict.fromkeys(data.columns, YES_NO))
    no_first = soc.Codebook.from_labels(
        {c: {1: "no", 2: "more or less", 3: "yes"} for c in data.columns}
    )

    one = soc.score(data, "djg11", codebook=yes_first)["djg11_total"].tolist()
    other = soc.score(data, "djg11", codebook=no_first)["djg11_total"].tolist()

    assert one == other[::-1] == [6, 11, 5]
    with pytest.raises(CodingError, match="yes-first"):
        soc.score(data, "djg11")


def test_5_an_emphatic_yes_belongs_to_a_form_with_more_options() -> None:
    labels = {1: "Yes!", 2: "Yes", 3: "More or less", 4: "No", 5: "No!"}
    data = columns("djg11", 2)

    with pytest.raises(CodingError, match="a form with more options"):
        soc.score(
            data, "djg11", codebook=soc.Codebook.from_labels(dict.fromkeys(data.columns, labels))
        )


def test_6_more_or_less_counts_as_lonely_in_both_directions() -> None:
    out = soc.score(columns("djg11", 2), "djg11", coding="canonical")

    assert out[["djg11_total", "djg11_emotional", "djg11_social"]].to_numpy().tolist() == [
        [11, 6, 5]
    ]


def test_8_the_six_items_come_in_three_orders_and_are_refused_on_bare_numbers() -> None:
    with pytest.raises(AmbiguousColumnsError, match="three item orders of the same form"):
        soc.match_scales(columns("djg6", 2))
    with pytest.raises(CodingError):
        soc.score(columns("djg6", 2), "djg6")


# ---------------------------------------------- 7: two Rosenberg orders


def test_7_rosenberg_codes_without_labels_are_refused() -> None:
    with pytest.raises(CodingError, match="'rses'"):
        soc.score(columns("rses", 1), "rses")


# ---------------------------------------------- 9, 10: the wrong form, an item left out


def test_9_version_1_has_another_range_and_another_key_than_version_3() -> None:
    first, third = soc.load_scale("ucla20_v1"), soc.load_scale("ucla20_v3")

    assert first.score("total").reverse == ()
    assert len(third.score("total").reverse) == 9
    assert first.definition_hash != third.definition_hash


def test_9_answers_from_nought_to_three_do_not_pass_as_version_3() -> None:
    with pytest.raises(ResponseError, match="0 is no answer of this item"):
        soc.score(columns("ucla20_v3", 0), "ucla20_v3")


def test_10_an_item_left_out_of_the_score_is_a_fault() -> None:
    every = ", ".join(str(n) for n in range(1, 21))
    without_9 = ", ".join(str(n) for n in range(1, 21) if n != 9)
    with pytest.raises(ScaleDefinitionError, match="range") as refusal:
        parse_definition(
            definition("ucla20_v3", (f"items = [{every}]", f"items = [{without_9}]")), "x.toml"
        )

    assert "reverse: item 9 is not one of the score's items" in str(refusal.value)


# ---------------------------------------------- 12: reversed before they were published


def test_12_items_that_were_reversed_before_are_named_and_not_mended() -> None:
    scale = soc.load_scale("ucla20_v3")
    data = lonely_people(scale)
    data["ucla20_v3_5"] = 5 - data["ucla20_v3_5"]

    report = soc.validate(data, scale)
    message = report.problems.loc[report.problems["rule"] == "keying", "message"]

    assert report.problems.loc[report.problems["rule"] == "keying", "item"].tolist() == [5]
    assert "Alpha is" in message.iloc[0]
    assert "Nothing was changed" in message.iloc[0]


# ---------------------------------------------- 13 to 18: codes and options


def test_13_campaign_answers_on_nought_to_ten_are_refused() -> None:
    with pytest.raises(ResponseError, match="7 is no answer"):
        soc.score(columns("cel3", 7), "cel3", coding="canonical", accept_unverified=True)


def test_14_positions_of_the_postnatal_scale_are_taken_only_when_stated() -> None:
    names = soc.load_scale("epds").coding_names

    assert names[0] == "canonical"
    assert len(names) > 1


@pytest.mark.parametrize("scale_id", ["phq9", "gad7", "hads", "ces_d", "epds", "core10"])
def test_15_one_answer_of_many_is_no_score(scale_id: str) -> None:
    scale = soc.load_scale(scale_id)
    data = pd.DataFrame({f"{scale_id}_{n}": [np.nan] for n in scale.numbers})
    data[f"{scale_id}_{scale.numbers[0]}"] = float(scale.codes(scale.numbers[0])[-1])

    out = soc.score(data, scale_id)

    assert all(np.isnan(out[f"{scale_id}_{score.id}"].iloc[0]) for score in scale.scores)


@pytest.mark.parametrize("scale_id", ["osss3", "duke_fssq"])
def test_17_options_stored_the_other_way_need_a_stated_coding(scale_id: str) -> None:
    with pytest.raises(CodingError, match="Codings it could be"):
        soc.score(columns(scale_id, 2), scale_id)


def test_18_a_fourth_option_in_a_carers_file_is_a_problem() -> None:
    carer, user = (
        soc.load_scale("ascof_social_contact_carer"),
        soc.load_scale("ascof_social_contact_user"),
    )

    assert (len(carer.codes(1)), len(user.codes(1))) == (3, 4)
    with pytest.raises(ResponseError, match="4 is no answer of this item"):
        soc.score(columns(carer.id, 4), carer, coding="canonical")


# ---------------------------------------------- 19, 20: bands and metrics


@pytest.mark.parametrize("value", [2.92, 5.08])
def test_19_no_mean_of_the_mspss_falls_between_two_bands(value: float) -> None:
    from socmeasures.scoring.bands import assign

    for score in soc.load_scale("mspss").scores:
        for bands in score.bands:
            assert (assign(bands, np.array([value])) >= 0).all()


def test_20_metric_and_range_stand_in_every_label() -> None:
    record = soc.scoring_record(soc.score(columns("mspss", 4), "mspss"))

    assert record is not None
    labels = {c.column: c.label for c in record.columns if c.role == "score"}
    assert "(1 to 7," in labels["mspss_total"]
    assert "(12 to 84," in labels["mspss_total_sum"]


# ---------------------------------------------- what peers do and we never


@pytest.mark.parametrize("scale_id", [s.id for s in shipped_scales()])
def test_nobody_who_answered_nothing_is_given_a_number(scale_id: str) -> None:
    scale = soc.load_scale(scale_id)
    data = pd.DataFrame({f"i{n}": [np.nan] for n in scale.numbers})

    out = soc.score(
        data,
        scale,
        items={n: f"i{n}" for n in scale.numbers},
        coding="canonical",
        accept_unverified=True,
    )

    assert all(np.isnan(out[f"{scale.id}_{s.id}"].iloc[0]) for s in scale.scores)


def test_a_fraction_is_never_cut_to_a_whole_answer() -> None:
    with pytest.raises(ResponseError, match=r"3\.7 is not a whole number"):
        soc.score(columns("mspss", 3.7), "mspss")


def test_a_score_does_not_depend_on_who_else_is_in_the_file() -> None:
    data = lonely_people(soc.load_scale("ucla20_v3"))
    data.iloc[0, 3] = 4

    alone = soc.score(data.head(1), "ucla20_v3")["ucla20_v3_total"].iloc[0]

    assert alone == soc.score(data, "ucla20_v3")["ucla20_v3_total"].iloc[0]


def test_the_hash_covers_how_items_are_put_together() -> None:
    scale = soc.load_scale("ucla20_v3")
    mean = scale.score("total").model_copy(update={"method": "mean"})

    assert scale.model_copy(update={"scores": (mean,)}).definition_hash != scale.definition_hash


@pytest.mark.needs("shared")
def test_social_items_left_unturned_are_named_as_a_group(shared):
    """Error 6: no single item stands out when a whole sub-scale is keyed the wrong way."""
    data, codebook = soc.read(shared / "data/covid_gaming/study02_raw_items.sav")
    plan = soc.match_scales(data, codebook, scales="djg11")
    slipped = data.copy()
    for item in (1, 4, 7, 8, 11):
        slipped[f"djg_pre_{item}"] = 4 - slipped[f"djg_pre_{item}"]

    right = soc.validate(data, plan, codebook=codebook).problems
    wrong = soc.validate(slipped, plan, codebook=codebook).problems

    assert not (right["rule"] == "keying").any()
    said = wrong.loc[wrong["rule"] == "keying", "message"].tolist()
    assert len(said) == 1
    assert "items 1, 4, 7, 8, 11 of djg11_total oppose the others" in said[0]
