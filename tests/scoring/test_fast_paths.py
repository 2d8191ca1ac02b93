"""Every kind of column gives the scores of plain floats, whichever way the answers are read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import socmeasures as soc
from socmeasures.kernel import Column, ItemKey, Shifted, SumKey, tally
from socmeasures.scales.parts import NotApplicable

GAD = soc.load_scale("gad7")
WORDS = {o.code: o.label for o in GAD.options(1)}
NAMES = [f"gad7_{n}" for n in GAD.numbers]

answers_of_seven = st.lists(
    st.lists(st.sampled_from([0, 1, 2, 3, None]), min_size=7, max_size=7), max_size=12
)


def scored(frame: pd.DataFrame) -> pd.DataFrame:
    rule = {"method": "prorate", "allow": 2}
    out = soc.score(frame, "gad7", missing=rule, coding="canonical")
    return out[[c for c in out if c.startswith("gad7_total")]]


def in_kind(rows: list[list[int | None]], kind: str, order: list[int]) -> pd.DataFrame:
    """The same answers in another kind of column."""
    floats = pd.DataFrame(rows, columns=NAMES, dtype="float64")
    if kind in ("int8", "uint8", "uint16", "int64"):
        return floats.fillna(0).astype(kind)
    if kind in ("Int8", "UInt16", "Float32"):
        return floats.astype(kind)
    if kind == "object":
        return floats.astype(object).where(floats.notna(), None)
    words = floats.apply(lambda column: column.map(WORDS))
    if kind == "text":
        return words
    labels = [WORDS[code] for code in order]
    return words.astype(pd.CategoricalDtype(labels))


@settings(max_examples=40, deadline=None)
@given(
    answers_of_seven,
    st.sampled_from(
        ["int8", "uint8", "uint16", "int64", "Int8", "UInt16", "Float32", "object", "text", "words"]
    ),
    st.permutations([0, 1, 2, 3]),
)
def test_every_kind_of_column_gives_the_scores_of_floats(
    rows: list[list[int | None]], kind: str, order: list[int]
) -> None:
    if kind in ("int8", "uint8", "uint16", "int64"):
        rows = [[answer or 0 for answer in row] for row in rows]
    floats = pd.DataFrame(rows, columns=NAMES, dtype="float64")

    got, want = scored(in_kind(rows, kind, order)), scored(floats)

    pd.testing.assert_frame_equal(got, want)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(-1, 5), min_size=3, max_size=3), max_size=15),
    st.integers(-3, 4),
    st.sampled_from(["int8", "int16", "int64"]),
)
def test_places_with_a_shift_count_as_the_codes_they_stand_for(
    rows: list[list[int]], shift: int, dtype: str
) -> None:
    places = np.array(rows, dtype=dtype).reshape(-1, 3)
    codes = np.where(places < 0, np.nan, places + float(shift))
    item = ItemKey((1, 2, 4))
    key = SumKey((0, 1, 2), (((1, 1.0), (2, 2.0), (4, 4.0)),) * 3)

    got = tally([Shifted(column, shift) for column in places.T], [item] * 3, [key])
    want = tally([Column(column) for column in codes.T], [item] * 3, [key])

    assert got.sums[0].tolist() == want.sums[0].tolist()
    assert got.answered[0].tolist() == want.answered[0].tolist()
    assert [f.tolist() for f in got.faults] == [f.tolist() for f in want.faults]


def test_categories_in_the_order_of_the_options_are_scored_where_they_stand() -> None:
    places = np.array([0, 3, -1, 1], np.int8)
    shifted = Shifted(places, 0)

    assert len(shifted) == 4
    assert shifted.values[[0, 1, 3]].tolist() == [0, 3, 1]
    assert shifted.missing is not None
    assert shifted.missing.tolist() == [False, False, True, False]


@pytest.mark.parametrize(
    ("dtype", "wrong"),
    [
        (dtype, wrong)
        for dtype in ("int8", "uint8", "int16", "uint16", "int64", "uint64")
        for wrong in (-1, 99, 127, 128, 200, 255, 257, 65_535)
        if np.iinfo(dtype).min <= wrong <= np.iinfo(dtype).max
    ],
)
def test_an_integer_outside_the_codes_never_becomes_one(dtype: str, wrong: int) -> None:
    for codes in ((1, 2, 3), (0, 1, 250), (-1, 0, 1)):
        if wrong in codes:
            continue
        key: Any = SumKey((0,), (tuple((code, 1.0) for code in codes),))
        found = tally([Column(np.array([wrong], dtype))], [ItemKey(codes)], [key])
        assert found.answered[0].tolist() == [0]
        assert found.faults[0].tolist() == [0]


def test_a_gap_is_never_taken_for_an_answer_that_does_not_apply() -> None:
    scale = soc.load_scale("gad7")
    item = scale.items[0].model_copy(
        update={"not_applicable": NotApplicable(codes=(0,), counts_as="missing", flag="away")}
    )
    changed = scale.model_copy(update={"items": (item, *scale.items[1:])})
    frame = pd.DataFrame({n: pd.array([0, 1, None], "Int8") for n in NAMES})

    out = soc.score(frame, changed, coding="canonical")

    assert out["gad7_away"].tolist()[:2] == [1.0, 0.0]
    assert np.isnan(out["gad7_away"].tolist()[2])
