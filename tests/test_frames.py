"""Every kind of frame comes in, and the same kind goes out."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import socmeasures as soc
from socmeasures import frames
from socmeasures.errors import FrameKindError

ANSWERS = {1: [1, 3, None, 2], 2: [2, 3, 1, None], 3: [1, 2, 1, None]}
TOTALS = [4.0, 8.0, None, None]
WORDS = {1: "Hardly ever or never", 2: "Some of the time", 3: "Often", None: None}


def series(kind: str, codes: list[int | None]) -> pd.Series:
    words = [WORDS[c] for c in codes]
    texts = [None if c is None else str(c) for c in codes]
    made = {
        "float64": lambda: pd.Series(codes, dtype="float64"),
        "float32": lambda: pd.Series(codes, dtype="float32"),
        "Int8": lambda: pd.Series(codes, dtype="Int8"),
        "Int64": lambda: pd.Series(codes, dtype="Int64"),
        "Float64": lambda: pd.Series(codes, dtype="Float64"),
        "int64[pyarrow]": lambda: pd.Series(codes, dtype="int64[pyarrow]"),
        "double[pyarrow]": lambda: pd.Series(codes, dtype="double[pyarrow]"),
        "object of numbers": lambda: pd.Series(codes, dtype=object),
        "numbers as text": lambda: pd.Series(texts, dtype="str"),
        "numbers as string[pyarrow]": lambda: pd.Series(texts, dtype="string[pyarrow]"),
        "category of numbers": lambda: pd.Series(pd.Categorical(codes, categories=[3, 1, 2])),
        "words": lambda: pd.Series(words, dtype="str"),
        "words as objects": lambda: pd.Series(words, dtype=object),
        "category of words": lambda: pd.Series(
            pd.Categorical(words, categories=["Often", WORDS[1], WORDS[2]])
        ),
        "numbers and words": lambda: pd.Series(
            [codes[0], words[1], codes[2], words[3]], dtype=object
        ),
    }
    return made[kind]()


KINDS = (
    "float64",
    "float32",
    "Int8",
    "Int64",
    "Float64",
    "int64[pyarrow]",
    "double[pyarrow]",
    "object of numbers",
    "numbers as text",
    "numbers as string[pyarrow]",
    "category of numbers",
    "words",
    "words as objects",
    "category of words",
    "numbers and words",
)


@pytest.mark.parametrize("kind", KINDS)
def test_every_pandas_column_gives_the_same_scores(kind: str) -> None:
    data = pd.DataFrame({f"ucla3_{n}": series(kind, codes) for n, codes in ANSWERS.items()})
    before = copy.deepcopy(data)

    scored = soc.score(data, "ucla3", coding="canonical")

    assert scored["ucla3_total"].isna().tolist() == [False, False, True, True]
    assert scored["ucla3_total"].head(2).tolist() == [4.0, 8.0]
    assert scored["ucla3_total_n"].tolist() == [3, 3, 2, 1]
    pd.testing.assert_frame_equal(data, before)
    pd.testing.assert_frame_equal(scored[list(data.columns)], before)


POLARS = {
    "integers with nulls": lambda c: pl.Series(c, dtype=pl.Int64),
    "small integers": lambda c: pl.Series(c, dtype=pl.Int8),
    "unsigned": lambda c: pl.Series(c, dtype=pl.UInt8),
    "floats": lambda c: pl.Series(c, dtype=pl.Float64),
    "floats with NaN": lambda c: pl.Series(
        [float("nan") if x is None else x for x in c], dtype=pl.Float64
    ),
    "words": lambda c: pl.Series([WORDS[x] for x in c]),
    "categories": lambda c: pl.Series([WORDS[x] for x in c], dtype=pl.Categorical),
    "enum": lambda c: pl.Series(
        [WORDS[x] for x in c], dtype=pl.Enum([w for w in WORDS.values() if w])
    ),
    "numbers as text": lambda c: pl.Series([None if x is None else str(x) for x in c]),
}


@pytest.mark.parametrize("kind", POLARS)
def test_every_polars_column_gives_the_same_scores(kind: str) -> None:
    data = pl.DataFrame({f"ucla3_{n}": POLARS[kind](codes) for n, codes in ANSWERS.items()})
    before = data.clone()

    scored = soc.score(data, "ucla3", coding="canonical")

    assert isinstance(scored, pl.DataFrame)
    assert scored["ucla3_total"].to_list() == TOTALS
    assert scored["ucla3_total_n"].to_list() == [3, 3, 2, 1]
    assert scored["ucla3_total_status"].to_list() == [
        "scored",
        "scored",
        "too_few_items",
        "too_few_items",
    ]
    assert isinstance(scored["ucla3_total_status"].dtype, pl.Enum)
    assert data.equals(before)


def test_zero_and_one_as_true_and_false_are_numbers() -> None:
    data = pd.DataFrame({f"ucla3_{n}": pd.Series([True, False]) for n in (1, 2, 3)})
    nullable = data.astype("boolean")
    nullable.iloc[1, 0] = pd.NA

    assert soc.score(data, "ucla3", coding="zero-based")["ucla3_total"].tolist() == [6.0, 3.0]
    assert soc.score(nullable, "ucla3", coding="zero-based")["ucla3_total_n"].tolist() == [3, 2]


@pytest.mark.parametrize(
    "index",
    [
        pd.Index([7, 7, 3, 3]),
        pd.Index(list("dbca")),
        pd.MultiIndex.from_product([["x", "y"], [1, 2]]),
        pd.DatetimeIndex(["2024-01-02"] * 4),
    ],
)
def test_rows_keep_their_order_and_their_labels(index: pd.Index) -> None:
    data = pd.DataFrame({f"ucla3_{n}": codes for n, codes in ANSWERS.items()}, index=index)

    scored = soc.score(data, "ucla3", coding="canonical")

    assert scored.index.equals(index)
    assert scored["ucla3_total"].head(2).tolist() == [4.0, 8.0]


def test_what_the_frame_carries_is_kept_and_the_caller_s_is_not_touched() -> None:
    data = pd.DataFrame({f"ucla3_{n}": codes for n, codes in ANSWERS.items()})
    data.attrs["project"] = "befriending"

    scored = soc.score(data, "ucla3", coding="canonical")

    assert scored.attrs["project"] == "befriending"
    assert "socmeasures" in scored.attrs
    assert data.attrs == {"project": "befriending"}


def test_columns_may_be_numbered_instead_of_named() -> None:
    data = pd.DataFrame(np.array([[1, 2, 3], [3, 3, 3]]))

    scored = soc.score(data, "ucla3", items={1: 0, 2: 1, 3: 2}, coding="canonical")  # type: ignore[dict-item]

    assert scored["ucla3_total"].tolist() == [6.0, 9.0]


@pytest.mark.parametrize("empty", [pd.DataFrame, pl.DataFrame])
def test_a_frame_without_rows_is_fine(empty: Any) -> None:
    data = empty({f"ucla3_{n}": [] for n in (1, 2, 3)})

    scored = soc.score(data, "ucla3", coding="canonical")

    assert type(scored) is empty
    assert len(scored) == 0
    assert "ucla3_total_status" in scored.columns
    assert soc.validate(data, "ucla3", coding="canonical").ok


def test_something_that_is_no_frame_is_refused() -> None:
    with pytest.raises(FrameKindError, match="The data are a list; a pandas or polars DataFrame"):
        soc.score([[1, 2, 3]], "ucla3")


def test_the_problems_come_as_the_caller_s_kind_of_frame() -> None:
    data = pl.DataFrame({"ucla3_1": [1, 7], "ucla3_2": [2, 2], "ucla3_3": [1, 1]})

    problems = soc.validate(data, "ucla3", coding="canonical").problems

    assert isinstance(problems, pl.DataFrame)
    assert problems["row"].to_list() == [2]


def test_a_record_travels_with_a_polars_frame_too() -> None:
    data = pl.DataFrame({"ucla3_1": [1], "ucla3_2": [2], "ucla3_3": [1]})

    record = soc.scoring_record(soc.score(data, "ucla3", coding="canonical"))

    assert record is not None
    assert record.uses[0].scale == "ucla3"


def test_a_gap_in_a_numeric_category_is_missing_and_not_its_last_category() -> None:
    column = frames.column(pd.DataFrame({"a": pd.Categorical([2, None], categories=[9, 2])}), "a")

    assert isinstance(column, frames.Numbers)
    assert column.missing is not None
    assert column.missing.tolist() == [False, True]
    assert column.values[0] == 2


def test_attached_columns_stand_last_in_the_order_given() -> None:
    data = pd.DataFrame({"a": [1, 2]})

    out = frames.attach(
        data, {"z": np.array([1.0, 2.0]), "y": frames.Labelled(np.array([0, -1], np.int8), ("no",))}
    )

    assert list(out.columns) == ["a", "z", "y"]
    assert out["y"].isna().tolist() == [False, True]
