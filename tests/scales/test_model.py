"""What follows from a definition by arithmetic."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

import socmeasures as soc
from tests.made_up import calm


def test_a_scale_is_frozen() -> None:
    with pytest.raises(ValidationError):
        calm().name = "other"  # type: ignore[misc]


def test_reversal_is_the_two_ends_less_the_code() -> None:
    scale = calm()

    assert scale.points(scale.score("total"), 2) == {1: 4, 2: 3, 3: 2, 4: 1}
    assert scale.points(scale.score("total"), 1) == {1: 1, 2: 2, 3: 3, 4: 4}


def test_reversing_twice_changes_nothing() -> None:
    scale = calm()
    once = scale.points(scale.score("total"), 2)

    assert {code: once[int(once[code])] for code in once} == {c: c for c in (1, 2, 3, 4)}


def test_a_coding_maps_what_a_file_holds_to_the_canonical_codes() -> None:
    assert calm().raw_to_canonical(1, "always-first") == {1: 4, 2: 3, 3: 2, 4: 1}
    assert calm().raw_to_canonical(1) == {1: 1, 2: 2, 3: 3, 4: 4}
    assert calm().coding_names == ("canonical", "always-first")


def test_dichotomised_items_are_counted_before_they_are_summed() -> None:
    scale = soc.load_scale("djg6")
    total = scale.score("total")

    assert scale.points(total, 1) == {1: 0, 2: 1, 3: 1}
    assert scale.points(total, 4) == {1: 1, 2: 1, 3: 0}
    assert scale.sum_limits(total) == (0, 6)


@pytest.mark.parametrize(
    ("method", "scale_by", "limits", "step"),
    [
        ("sum", 1, (4, 16), 1),
        ("mean", 1, (1, 4), 0.25),
        ("pomp", 1, (0, 100), 100 / 12),
        ("sum", 2, (8, 32), 2),
    ],
)
def test_range_and_step_follow_from_the_method(
    method: str, scale_by: int, limits: tuple[float, float], step: float
) -> None:
    scale = calm()
    score = scale.score("total").model_copy(update={"method": method, "scale_by": scale_by})

    assert scale.derived_range(score) == limits
    assert scale.step(score) == pytest.approx(step)


def test_a_definition_serialises_and_comes_back() -> None:
    scale = soc.load_scale("mspss")

    assert type(scale).model_validate_json(scale.model_dump_json(by_alias=True)) == scale


def test_a_changed_copy_scores_by_its_own_key_and_has_its_own_hash() -> None:
    scale = calm()
    total = scale.score("total")
    assert scale.points(total, 2)[1] == 4
    changed = total.model_copy(update={"reverse": ()})

    copy = scale.model_copy(update={"scores": (changed,)})

    assert copy.points(copy.score("total"), 2)[1] == 1
    assert scale.points(changed, 2)[1] == 1
    assert scale.points(total, 2)[1] == 4
    assert copy.definition_hash != scale.definition_hash
