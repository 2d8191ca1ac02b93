"""Columns → items."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import socmeasures as soc
from socmeasures.errors import (
    AmbiguousColumnsError,
    ColumnsNotFoundError,
    ItemColumnsError,
    NothingMatchedError,
)


def frame(names: list[str]) -> pd.DataFrame:
    return pd.DataFrame({name: [1, 2] for name in names})


def found(
    names: list[str], codebook: soc.Codebook | None = None, **options: Any
) -> dict[Any, list[str]]:
    plan = soc.match_scales(frame(names), codebook, **options)
    return {(p.scale, p.wave): list(p.items.values()) for p in plan.scales}


@pytest.mark.parametrize(
    ("pattern", "wave"),
    [
        ("mspss_{n}", None),
        ("mspss{n}", None),
        ("MSPSS_{n}", None),
        ("mspss_{n:02d}", None),
        ("mspss.{n}", None),
        ("mspss {n}", None),
        ("MSPSS-{n}", None),
        ("mspss_q{n}", None),
        ("mspss_item{n}", None),
        ("t1_mspss_{n}", "t1"),
        ("mspss_t1_{n}", "t1"),
        ("mspss_{n}_t1", "t1"),
        ("MSPSS{n}_T2", "t2"),
        ("pre_mspss_{n}", "pre"),
        ("mspss_pre_{n}", "pre"),
        ("mspss_{n}_follow_up", "follow_up"),
        ("w2_mspss_q{n}", "w2"),
        ("MSPSS{n:02d}_6m", "6m"),
    ],
)
def test_names_are_understood_with_or_without_a_time_point(pattern: str, wave: str | None) -> None:
    names = [pattern.format(n=n) for n in range(1, 13)]

    assert found(names) == {("mspss", wave): names}


def test_two_time_points_are_two_entries() -> None:
    names = [f"ucla3_{w}_{n}" for w in ("pre", "post") for n in (1, 2, 3)]

    assert set(found(names)) == {("ucla3", "pre"), ("ucla3", "post")}


def test_eleven_columns_are_never_the_six_item_form() -> None:
    names = [f"djg_{n}" for n in range(1, 12)]

    assert set(found(names)) == {("djg11", None)}


def test_a_longer_scale_is_not_taken_for_its_beginning() -> None:
    with pytest.raises((NothingMatchedError, AmbiguousColumnsError)):
        found([f"mspss_{n}" for n in range(1, 14)])


def test_the_three_and_the_twenty_item_scale_are_told_apart_by_their_number() -> None:
    assert set(found([f"ucla3_{n}" for n in (1, 2, 3)])) == {("ucla3", None)}
    assert ("ucla3", None) not in found([f"uclav3_{n}" for n in range(1, 21)], scales=["ucla20_v3"])


def test_six_bare_de_jong_items_are_asked_about() -> None:
    with pytest.raises(AmbiguousColumnsError, match="three item orders"):
        found([f"djg6_{n}" for n in range(1, 7)])


def test_labels_settle_the_order_of_the_six_items() -> None:
    scale = soc.load_scale("djg6")
    labels = {f"djg6_{n}": scale.item(n).label for n in scale.numbers}
    book = soc.Codebook.from_labels(
        {key: {1: "no", 2: "more or less", 3: "yes"} for key in labels}, labels=labels
    )

    assert set(found(list(labels), book)) == {("djg6", None)}


def test_naming_the_scale_is_a_witness_too() -> None:
    assert set(found([f"djg6_{n}" for n in range(1, 7)], scales="djg6")) == {("djg6", None)}


def test_labels_find_what_names_do_not_say() -> None:
    scale = soc.load_scale("ucla3")
    texts = {f"Q{7 + n}_t2": f"How often: {scale.item(n).label}?" for n in scale.numbers}
    options = {1: "Hardly ever or never", 2: "Some of the time", 3: "Often"}
    book = soc.Codebook.from_labels(dict.fromkeys(texts, options), labels=texts)

    assert found(list(texts), book) == {("ucla3", "t2"): list(texts)}


def test_a_scale_with_an_unverified_key_is_found_only_by_name() -> None:
    names = [f"ucla4_{n}" for n in range(1, 5)]

    with pytest.raises(NothingMatchedError):
        found(names)
    assert set(found(names, scales=["ucla4"])) == {("ucla4", None)}


def test_nothing_found_names_the_near_misses() -> None:
    with pytest.raises(NothingMatchedError) as refusal:
        found([f"mspss_{n}" for n in range(1, 12)])

    assert "mspss: item 12 has no column" in str(refusal.value)


def test_a_part_that_was_not_found_is_noted_beside_what_was() -> None:
    names = [f"mspss_{n}_t1" for n in range(1, 13)] + [f"mspss_{n}_t2" for n in range(1, 12)]

    plan = soc.match_scales(frame(names))

    assert [p.wave for p in plan.scales] == ["t1"]
    assert plan.notes == ("mspss at 't2': item 12 has no column",)


def test_a_part_that_was_not_found_of_a_scale_that_was_asked_for_is_refused() -> None:
    names = [f"mspss_{n}_t1" for n in range(1, 13)] + [f"mspss_{n}_t2" for n in range(1, 12)]

    with pytest.raises(ColumnsNotFoundError, match="mspss at 't2': item 12 has no column"):
        found(names, scales=["mspss"])


def test_a_scale_that_was_asked_for_and_is_not_there_is_refused() -> None:
    with pytest.raises(ColumnsNotFoundError, match="Scale 'lsns6' has 6 items"):
        found([f"mspss_{n}" for n in range(1, 13)], scales=["mspss", "lsns6"])


def test_two_columns_for_one_item_are_refused() -> None:
    with pytest.raises(AmbiguousColumnsError, match="scale 'mspss', item 3: mspss_3 and MSPSS3"):
        found([*(f"mspss_{n}" for n in range(1, 13)), "MSPSS3"])


def test_an_optional_item_may_be_absent() -> None:
    assert ("phq9", None) in found([f"phq9_{n}" for n in range(1, 10)])


def test_our_own_score_columns_are_no_items() -> None:
    data = frame([f"ucla3_{w}_{n}" for w in ("pre", "post") for n in (1, 2, 3)])
    scored = soc.score(data, soc.match_scales(data), coding="canonical")

    assert soc.match_scales(scored).scales == soc.match_scales(data).scales


def test_the_order_of_the_plan_is_that_of_the_columns() -> None:
    names = [f"mspss_{n}" for n in range(1, 13)] + [f"ucla3_{n}" for n in (1, 2, 3)]

    assert list(found(names)) == [("mspss", None), ("ucla3", None)]
    assert list(found(names[::-1])) == [("ucla3", None), ("mspss", None)]


def test_identifier_and_time_point_are_noted_and_not_taken_for_items() -> None:
    data = frame([f"mspss_{n}" for n in range(1, 13)] + ["id", "when"])

    plan = soc.match_scales(data, person="id", wave="when")

    assert (plan.person, plan.wave) == ("id", "when")


def test_an_undecided_coding_is_said_in_the_plan() -> None:
    plan = soc.match_scales(frame([f"ucla3_{n}" for n in (1, 2, 3)]))

    assert plan.scales[0].coding is None
    assert "coding undecided" in plan.scales[0].evidence
    assert "to be decided" in str(plan)


def labelled_columns(names, labels):
    data = pd.DataFrame({name: [1.0, 2.0] for name in names})
    return data, soc.Codebook.from_labels({}, labels=dict(zip(names, labels, strict=True)))


UCLA3_ASKED = ["I lack companionship", "I feel left out", "I feel isolated from others"]


def test_items_side_by_side_are_found_though_another_label_tells_of_one_too():
    names = ["a", "b", "c", "d"]
    data, book = labelled_columns(names, [*UCLA3_ASKED, "My street is isolated"])
    (planned,) = soc.match_scales(data, book, scales="ucla3").scales
    assert (planned.wave, list(planned.items.values())) == (None, ["a", "b", "c"])
    assert "in a block" in planned.evidence


def test_a_scale_that_stands_twice_by_its_labels_gets_numbered_blocks():
    names = [f"v{i}" for i in range(1, 8)]
    data, book = labelled_columns(names, [*UCLA3_ASKED, "Age", *reversed(UCLA3_ASKED)])
    first, second = soc.match_scales(data, book, scales="ucla3").scales
    assert (first.wave, second.wave) == ("1", "2")
    assert list(second.items.values()) == ["v7", "v6", "v5"]
    assert "block 2 of 2" in second.evidence


def test_blocks_whose_names_speak_of_time_keep_it():
    names = [f"q{i}_{t}" for t in ("pre", "post") for i in (7, 8, 9)]
    data, book = labelled_columns(names, [*UCLA3_ASKED, *UCLA3_ASKED])
    assert [p.wave for p in soc.match_scales(data, book, scales="ucla3").scales] == ["pre", "post"]


def test_another_label_with_half_a_word_in_common_is_not_taken_for_an_item():
    names = ["a", "x", "b", "c", "d"]
    labels = [UCLA3_ASKED[0], "Age", *UCLA3_ASKED[1:], "I miss the company of others"]
    data, book = labelled_columns(names, labels)
    assert list(soc.match_scales(data, book, scales="ucla3").scales[0].items.values()) == [
        "a", "b", "c",
    ]  # fmt: skip
    with pytest.raises(ColumnsNotFoundError):
        soc.match_scales(data.drop(columns="a"), book, scales="ucla3")


def test_columns_named_by_hand_are_taken_in_the_order_of_the_items():
    data = pd.DataFrame({c: [1, 2] for c in "pqr"})
    plan = soc.match_scales(data, scales="ucla3", items=["r", "p", "q"])
    assert plan.scales[0].items == {1: "r", 2: "p", 3: "q"}
    assert plan.scales[0].evidence.startswith("named by hand")
    assert soc.match_scales(data, scales=["ucla3"], items={1: "r", 2: "p", 3: "q"}) == plan
    with pytest.raises(ItemColumnsError, match="has 3 items, and 1 column is named: p"):
        soc.match_scales(data, scales="ucla3", items=["p"])
    with pytest.raises(ItemColumnsError, match="2 scales are named"):
        soc.match_scales(data, scales=["ucla3", "djg6"], items=["p"])
    with pytest.raises(ColumnsNotFoundError, match="no column was found for 1 of them: item 3"):
        soc.match_scales(data, scales="ucla3", items=["p", "q", "s"])


def test_how_far_a_redcap_instrument_is_filled_in_is_no_answer():
    data = pd.DataFrame({"loneliness_direct_1": [1, 2], "loneliness_direct_complete": [2, 2]})
    (planned,) = soc.match_scales(data, scales="loneliness_direct").scales
    assert planned.items == {1: "loneliness_direct_1"}
