"""Every shipped definition: complete, consistent, and proved by its golden vectors."""

from __future__ import annotations

import copy
import itertools
import tomllib
from pathlib import Path
from typing import Any

import pytest
from plain_scorer import (
    NA,
    SCALES,
    band,
    canonical,
    definition_files,
    item_codes,
    limits,
    one_score,
    read,
    risk_flags,
    score_person,
)

from socmeasures.scales import lint
from socmeasures.scales.definition import read_definition
from socmeasures.scales.model import Scale

FILES = definition_files()
IDS = [path.stem for path in FILES]
STUDENT = [2, 3, 1, 4, 2, 2, 3, 2, 4, 3, 1, 2, 4, 3, 2, 3, 1, 4, 2, 3]

OPT_IN = {
    "cel3",
    "ess_loneliness",
    "hrs11",
    "hse7",
    "loneliness_direct_child",
    "loneliness_direct_child5",
    "lsns18",
    "mmos_ss8",
    "mssi21_reconstructed",
    "msss",
    "rg_uk",
    "ucla3_child",
    "ucla4",
    "ucla6",
}
STATED = {
    "asher_lsdq",
    "cel3",
    "djg11",
    "djg6",
    "duke_fssq",
    "hrs11",
    "loneliness_direct",
    "osss3",
    "rses",
    "ucla3",
    "ucla3_child",
}


def score_of(raw: dict[str, Any], score_id: str) -> dict[str, Any]:
    return next(score for score in raw["scores"] if score["id"] == score_id)


def total(raw: dict[str, Any], answers: list[Any], coding: str = "canonical") -> float | str:
    return score_person(raw, answers, coding)["total"]


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_definition_is_complete_and_its_golden_vectors_hold(path: Path) -> None:
    raw = read(path.stem)
    scale = read_definition(path)

    assert scale.id == path.stem
    assert scale.citation.strip()
    assert scale.licence.note.strip()
    assert scale.evidence_note.strip()
    assert all(len(item.label.split()) <= 6 for item in scale.items)
    first = [scale.item(n).names[0] for n in scale.numbers]
    assert first == [f"{scale.id}_{n}" for n in scale.numbers]
    used = {n for score in scale.scores for n in score.items}
    used |= {n for item in scale.derived for n in item.derived.items}
    assert used | {i.number for i in scale.items if i.optional} == {i.number for i in scale.items}
    for score in scale.scores:
        assert score.higher.strip()
        assert score.missing.source.strip()
        assert scale.derived_range(score) == pytest.approx(score.range)
        assert all(b.source.strip() and b.population.strip() for b in score.bands)
        assert not any(b.default and b.evidence == "unverified" for b in score.bands)
    assert all(norm.source.strip() and norm.population.strip() for norm in scale.norms)
    assert lint.warnings(scale) == (
        ["evidence: unverified, so the scale is used only with the caller's word"]
        if scale.opt_in
        else []
    )

    assert len(raw["examples"]) >= 3
    assert any(NA in example["expected"].values() for example in raw["examples"])
    for example in raw["examples"]:
        got = score_person(raw, example["answers"], example.get("coding", "canonical"))
        for score_id, want in example["expected"].items():
            if want == NA:
                assert got[score_id] == NA, (example["answers"], score_id)
            else:
                assert got[score_id] == pytest.approx(want, rel=0, abs=1e-9), score_id


@pytest.mark.parametrize("scale_id", IDS)
def test_the_library_and_plain_arithmetic_agree_on_every_point_and_range(scale_id: str) -> None:
    raw, scale = read(scale_id), Scale.model_validate(read(scale_id))
    for of_file, score in zip(raw["scores"], scale.scores, strict=True):
        assert scale.sum_limits(score) == pytest.approx(limits(raw, of_file))
        for number in score.items:
            alone = dict.fromkeys(scale.numbers, NA)
            for code, points in scale.points(score, number).items():
                only = {**of_file, "items": [number], "method": "sum", "scale_by": 1}
                assert one_score(raw, only, {**alone, number: code}) == pytest.approx(points)


@pytest.mark.parametrize("scale_id", IDS)
def test_every_coding_reaches_the_codes_it_speaks_of(scale_id: str) -> None:
    scale = Scale.model_validate(read(scale_id))
    for coding in scale.codings:
        for number in coding.items or scale.numbers:
            back = scale.raw_to_canonical(number, coding.name)
            shared = scale.item(number).options is None
            assert not shared or sorted(back.values()) == list(scale.codes(number)), coding.name


@pytest.mark.parametrize("scale_id", IDS)
def test_every_reachable_score_of_a_banded_scale_lies_in_a_band(scale_id: str) -> None:
    for score in read(scale_id)["scores"]:
        for bands in score.get("bands", []):
            first, *rest = bands["cuts"]
            starts = [cut.get("from", cut.get("above")) for cut in bands["cuts"]]
            assert first["from"] == score["range"][0]
            assert starts == sorted(starts)
            assert starts[-1] <= score["range"][1]
            assert all(("from" in cut) != ("above" in cut) for cut in rest)


def test_there_are_at_least_forty_definitions_and_the_unverified_ones_are_opt_in() -> None:
    scales = [Scale.model_validate(read(scale_id)) for scale_id in IDS]
    assert len(scales) >= 40
    assert {scale.id for scale in scales if scale.opt_in} == OPT_IN
    assert {s.id for s in scales if s.responses.bare_codes == "stated"} == STATED
    assert not any(scale.licence.items_text for scale in scales)


def test_forms_of_one_family_say_how_they_differ() -> None:
    scales = [Scale.model_validate(read(scale_id)) for scale_id in IDS]
    for scale in scales:
        assert not scale.family or scale.differs, scale.id
    for one, other in itertools.combinations(scales, 2):
        assert not one.differs or one.differs != other.differs


def test_excluded_names_give_a_reason_and_hide_no_shipped_scale() -> None:
    entries = tomllib.loads((SCALES / "_excluded.toml").read_text(encoding="utf-8"))["excluded"]
    names = [name for entry in entries for name in (entry["id"], *entry.get("names", []))]
    families = {read(scale_id).get("family") for scale_id in IDS}
    assert len(names) == len(set(names))
    assert not set(names) & (set(IDS) | families)
    assert all(entry["reason"].endswith(".") and entry["instead"] for entry in entries)
    assert {"sdq", "promis", "eq5d", "scope", "ucla10"} <= set(names)


def test_the_version_check_tells_the_ucla_versions_apart() -> None:
    assert total(read("ucla20_v3"), STUDENT) == 50
    assert total(read("ucla20_v2"), STUDENT) == 47
    nothing = copy.deepcopy(read("ucla20_v3"))
    nothing["scores"][0]["reverse"] = []
    assert total(nothing, STUDENT) == 51


def test_error_1_forgetting_item_6_would_give_44_where_the_definition_gives_47() -> None:
    raw = read("ucla20_v3")
    assert total(raw, [1] * 20) == 47
    forgotten = copy.deepcopy(raw)
    forgotten["scores"][0]["reverse"].remove(6)
    assert total(forgotten, [1] * 20) == 44
    assert total(forgotten, STUDENT) == 49


@pytest.mark.parametrize("answer", [0, 4])
def test_error_3_one_answer_to_all_friendship_items_gives_12_at_either_end(answer: int) -> None:
    assert total(read("friendship_scale"), [answer] * 6) == 12


def test_error_10_an_unscored_item_changes_the_derived_range() -> None:
    raw = read("ucla20_v2")
    assert raw["scores"][0]["items"] == list(range(1, 21))
    raw["scores"][0]["items"].remove(9)
    raw["scores"][0]["reverse"].remove(9)
    scale = Scale.model_validate(raw)
    assert scale.derived_range(scale.score("total")) == (19, 76)
    found = " ".join(lint.faults(scale))
    assert "range" in found


def test_error_11_reversing_the_other_items_keeps_the_range_and_turns_the_direction() -> None:
    raw = read("ucla20_v3")
    positive = raw["scores"][0]["reverse"]
    loneliest = [1 if n in positive else 4 for n in range(1, 21)]
    wrong = copy.deepcopy(raw)
    wrong["scores"][0]["reverse"] = [n for n in range(1, 21) if n not in positive]
    assert limits(wrong, wrong["scores"][0]) == limits(raw, raw["scores"][0])
    assert raw["scores"][0]["higher"] == "lonelier"
    assert total(raw, loneliest) == 80
    assert total(wrong, loneliest) == 20


def test_error_18_users_have_four_options_and_carers_three() -> None:
    user, carer = read("ascof_social_contact_user"), read("ascof_social_contact_carer")
    assert score_person(user, [4]) == {"as_much": 0, "isolated": 1}
    assert score_person(carer, [3]) == {"as_much": 0, "isolated": 1}
    assert score_person(user, [3]) == {"as_much": 0, "isolated": 0}
    assert 4 not in item_codes(carer, 1)


@pytest.mark.parametrize(
    ("total_sum", "label"),
    [(35, "low support"), (36, "moderate support"), (60, "moderate support"), (61, "high support")],
)
def test_error_19_every_mspss_mean_lies_in_a_band(total_sum: int, label: str) -> None:
    raw = read("mspss")
    assert band(score_of(raw, "total"), "zimet_mean", total_sum / 12) == label
    assert band(score_of(raw, "total_sum"), "sum_12_35", total_sum) == label


def test_error_19_the_three_sum_sets_of_the_mspss_are_named_and_off() -> None:
    sets = score_of(read("mspss"), "total_sum")["bands"]
    assert [bands["set"] for bands in sets] == ["sum_12_35", "sum_36", "sum_48"]
    assert not any(bands.get("default") for bands in sets)


def test_the_two_rosenberg_orders_give_one_person_one_score_only_when_matched_by_label() -> None:
    raw = read("rses")
    order_b = {7: 2, 3: 2, 9: 0, 4: 3, 5: 0, 10: 3, 1: 3, 8: 2, 6: 1, 2: 1}
    assert total(raw, [order_b[n] for n in range(1, 11)]) == 24
    assert total(raw, list(order_b.values())) == 16


@pytest.mark.parametrize(
    ("scale_id", "answers", "coding", "flag"),
    [
        ("phq9", [0] * 9 + [NA], "canonical", 0),
        ("phq9", [3] * 9 + [NA], "canonical", 1),
        ("phq9", [2, 1, 2, 0, 1, 2, 0, 0, 1, NA], "canonical", 1),
        ("phq9", [1, 1, 3, 3, 3, 3, 3, 3, 0, NA], "canonical", 0),
        ("phq9", [1, NA, 3, 3, 3, 3, 3, 3, 1, NA], "canonical", 1),
        ("core10", [2, 1, 0, 0, 4, 1, 2, 3, 0, 1], "canonical", 1),
        ("core10", [0] * 10, "canonical", 0),
        ("epds", [0] * 10, "canonical", 0),
        ("epds", [3] * 10, "canonical", 1),
        ("epds", [0, 1, 2, 1, 3, 2, 0, 1, 0, 1], "canonical", 1),
        ("epds", [0] * 10, "position", 1),
    ],
)
def test_a_safety_item_is_flagged_whatever_the_total(
    scale_id: str, answers: list[Any], coding: str, flag: int
) -> None:
    assert risk_flags(read(scale_id), answers, coding) == [flag]


def test_only_safety_items_are_flagged() -> None:
    flagged = {i: [r["item"] for r in read(i).get("risks", [])] for i in IDS}
    assert {i: items for i, items in flagged.items() if items} == {
        "phq9": [9],
        "epds": [10],
        "core10": [6],
    }


def test_core10_prorates_to_190_ninths_when_one_missing_answer_is_allowed() -> None:
    raw = read("core10")
    answers = [2, 1, 0, 0, 4, 1, 2, 3, 0, NA]
    assert total(raw, answers) == NA
    raw["scores"][0]["missing"] = {"method": "prorate", "allow": 1, "source": "by request"}
    assert total(raw, answers) == pytest.approx(190 / 9, abs=1e-9)


def test_the_swemwbs_table_rises_strictly_over_its_29_sums() -> None:
    for raw, score_id in ((read("swemwbs"), "metric"), (read("wemwbs"), "swemwbs_metric")):
        table = {int(k): v for k, v in score_of(raw, score_id)["table"].items()}
        values = [table[k] for k in sorted(table)]
        assert sorted(table) == list(range(7, 36))
        assert len(values) == 29
        assert all(a < b for a, b in itertools.pairwise(values))
        assert (table[7], table[24], table[35]) == (7.0, 21.54, 35.0)


@pytest.mark.parametrize(
    ("scale_id", "answers"),
    [
        ("ess_loneliness", [8]),
        ("mspss", [8] + [1] * 11),
        ("ascof_social_contact_carer", [4]),
        ("essi", [1, 1, 1, 1, 1, 1, 1]),
        ("cel3", [7, 1, 1]),
        ("osss3", [5, 1, 1]),
    ],
)
def test_a_code_outside_the_item_options_is_no_answer(scale_id: str, answers: list[int]) -> None:
    with pytest.raises(AssertionError, match="is no code"):
        canonical(read(scale_id), answers, "canonical")
