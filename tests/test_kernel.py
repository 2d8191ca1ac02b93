"""The kernel against a row-by-row reading in plain Python."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socmeasures import kernel
from socmeasures.kernel import Column, ItemKey, SumKey, tally

FLOATS = ("float64", "float32")
INTEGERS = ("int8", "int16", "int32", "int64", "uint8")


def plainly(
    columns: list[list[float | None]], keys: list[ItemKey], sums: list[SumKey]
) -> dict[str, Any]:
    """Row by row with Python numbers; None is missing."""
    rows = len(columns[0])
    out: dict[str, Any] = {"sums": [], "answered": [], "illegal": [], "faults": []}
    for key in sums:
        totals, answered, illegal = [], [], []
        for r in range(rows):
            total, n, bad = 0.0, 0, 0
            for j, points in zip(key.columns, key.points, strict=True):
                value = columns[j][r]
                if value is None or math.isnan(value):
                    continue
                if value in keys[j].codes:
                    total += dict(points)[int(value)]
                    n += 1
                else:
                    bad += 1
            totals.append(total)
            answered.append(n)
            illegal.append(bad)
        out["sums"].append(totals)
        out["answered"].append(answered)
        out["illegal"].append(illegal)
    for column, key in zip(columns, keys, strict=True):
        out["faults"].append(
            [
                r
                for r, v in enumerate(column)
                if v is not None and not math.isnan(v) and v not in key.codes
            ]
        )
    return out


def as_column(values: list[float | None], dtype: str) -> Column:
    gone = np.array([v is None for v in values])
    if dtype in FLOATS:
        numbers = np.array([np.nan if v is None else v for v in values], dtype=dtype)
        return Column(numbers)
    return Column(np.array([0 if v is None else v for v in values]).astype(dtype), gone)


@st.composite
def questionnaires(draw: st.DrawFn) -> tuple[list[Any], list[ItemKey], list[SumKey], list[str]]:
    rows = draw(st.integers(0, 12))
    columns, keys, dtypes = [], [], []
    for _ in range(draw(st.integers(1, 5))):
        dtype = draw(st.sampled_from(FLOATS + INTEGERS))
        low = 0 if dtype == "uint8" else -3
        codes = draw(st.sets(st.integers(low, 9), min_size=1, max_size=6))
        odd = [99, 1] if dtype not in FLOATS else [99, 2.5, math.nan, math.inf, -math.inf, 1e30]
        answer = st.sampled_from([*sorted(codes), *sorted(codes), None, *odd])
        columns.append(draw(st.lists(answer, min_size=rows, max_size=rows)))
        keys.append(ItemKey(tuple(sorted(codes))))
        dtypes.append(dtype)
    sums = []
    for _ in range(draw(st.integers(1, 3))):
        used = draw(st.lists(st.integers(0, len(columns) - 1), min_size=1, unique=True))
        worth = draw(st.sampled_from(("as it is", "turned", "ones", "halves")))
        points = []
        for j in used:
            codes = keys[j].codes
            table = {
                "as it is": {c: float(c) for c in codes},
                "turned": {c: float(min(codes) + max(codes) - c) for c in codes},
                "ones": {c: float(c > min(codes)) for c in codes},
                "halves": {c: c / 2 for c in codes},
            }[worth]
            points.append(tuple(table.items()))
        sums.append(SumKey(tuple(used), tuple(points)))
    return columns, keys, sums, dtypes


@settings(max_examples=150, deadline=None)
@given(questionnaires(), st.sampled_from((1, 3, 1 << 16)))
def test_the_kernel_agrees_with_plain_python_on_any_columns(
    made: tuple[list[Any], list[ItemKey], list[SumKey], list[str]], block: int
) -> None:
    columns, keys, sums, dtypes = made
    before = [as_column(c, d) for c, d in zip(columns, dtypes, strict=True)]
    copies = [c.values.copy() for c in before]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "BLOCK", block)
        got = tally(before, keys, sums)
    want = plainly(columns, keys, sums)

    for ours, theirs in zip(got.sums, want["sums"], strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    assert [a.tolist() for a in got.answered] == want["answered"]
    for ours, theirs in zip(got.illegal, want["illegal"], strict=True):
        assert (ours.tolist() if ours is not None else [0] * len(theirs)) == theirs
    assert [f.tolist() for f in got.faults] == want["faults"]
    assert got.n_faults == sum(len(f) for f in want["faults"])
    for column, copy in zip(before, copies, strict=True):
        np.testing.assert_array_equal(column.values, copy)


def one_to(n: int) -> tuple[ItemKey, SumKey]:
    codes = tuple(range(1, n + 1))
    return ItemKey(codes), SumKey((0,), (tuple((c, float(c)) for c in codes),))


@pytest.mark.parametrize(
    "value", [0.0, 6.0, 2.5, 4.9999999, 1e300, -1e300, math.inf, -math.inf, 2.0**31, -(2.0**31)]
)
def test_what_is_no_code_is_counted_and_never_summed(value: float) -> None:
    item, key = one_to(5)

    got = tally([Column(np.array([value, 3.0]))], [item], [key])

    assert got.sums[0].tolist() == [0.0, 3.0]
    assert got.answered[0].tolist() == [0, 1]
    assert got.faults[0].tolist() == [0]


@pytest.mark.parametrize("value", [2**32 + 1, -(2**32) + 1, 257, 2**31])
def test_a_large_integer_is_not_wrapped_into_a_code(value: int) -> None:
    item, key = one_to(5)

    got = tally([Column(np.array([value], np.int64))], [item], [key])

    assert got.answered[0].tolist() == [0]
    assert got.faults[0].tolist() == [0]


def test_three_hundred_items_of_255_points_do_not_overflow() -> None:
    item, _ = one_to(256)
    points = tuple((c, float(c)) for c in item.codes)
    key = SumKey(tuple(range(300)), (points,) * 300)
    turned = SumKey(key.columns, (tuple((c, float(257 - c)) for c in item.codes),) * 300)
    columns = [Column(np.array([256.0, 1.0, np.nan])) for _ in range(300)]

    got = tally(columns, [item] * 300, [key, turned])

    assert got.sums[0].tolist() == [256 * 300, 300, 0]
    assert got.sums[1].tolist() == [300, 256 * 300, 0]
    assert got.answered[0].tolist() == [300, 300, 0]


def test_codes_far_apart_are_told_from_one_another() -> None:
    item = ItemKey((1, 2, 999))
    key = SumKey((0,), (((1, 1.0), (2, 2.0), (999, 0.0)),))

    got = tally([Column(np.array([1, 2, 999, 257, 258, 231]))], [item], [key])

    assert got.sums[0].tolist() == [1, 2, 0, 0, 0, 0]
    assert got.answered[0].tolist() == [1, 1, 1, 0, 0, 0]
    assert got.faults[0].tolist() == [3, 4, 5]


def test_no_rows_give_empty_results() -> None:
    item, key = one_to(5)

    got = tally([Column(np.empty(0))], [item], [key])

    assert got.sums[0].shape == got.answered[0].shape == (0,)
    assert got.illegal == [None]
    assert got.n_faults == 0


def test_counts_are_small_integers_and_sums_are_floats() -> None:
    item, key = one_to(5)

    got = tally([Column(np.array([3.0]))], [item], [key])

    assert got.answered[0].dtype == np.int16
    assert got.sums[0].dtype == np.float64
