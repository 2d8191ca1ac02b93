"""Answers as they come, clean or not, in every kind of frame: for tests of the engines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from hypothesis import strategies as st

ITEMS = [f"mspss_{i}" for i in range(1, 13)]
# words of the options of MSPSS and of what people write in their place
WORDS = ["Very strongly disagree", "mildly agree", "NEUTRAL", "Refused", "what?", "", "4"]
NUMBERS = [1, 2, 3, 4, 5, 6, 7, 99, -9, 0]

KINDS = (
    "float", "Int8", "Int64", "int64", "uint8", "int8[pyarrow]", "category", "numbers",
    "words", "word category", "mixed", "nothing", "bool", "Float64",
)  # fmt: skip


@st.composite
def columns(draw: Any, rows: int) -> pd.Series:
    """One item's answers as some pandas column."""
    kind = draw(st.sampled_from(KINDS))
    number = st.sampled_from(NUMBERS)
    gaps = st.one_of(number, st.none())

    def some(values: Any) -> list[Any]:
        return draw(st.lists(values, min_size=rows, max_size=rows))

    if kind == "float":
        return pd.Series(some(st.one_of(gaps, st.just(2.5), st.just(float("inf")))), dtype=float)
    if kind == "Float64":
        return pd.Series(some(st.one_of(gaps, st.just(2.5))), dtype="Float64")
    if kind in ("Int8", "Int64", "int8[pyarrow]"):
        return pd.Series(some(gaps), dtype=kind)
    if kind == "int64":
        return pd.Series(some(number), dtype=kind)
    if kind == "uint8":
        return pd.Series(some(st.sampled_from([1, 4, 7, 99, 0, 255])), dtype=kind)
    if kind == "bool":
        return pd.Series(some(st.booleans()), dtype=bool)
    if kind == "category":
        order = draw(st.permutations(NUMBERS))
        return pd.Series(pd.Categorical(some(gaps), categories=order))
    if kind == "numbers":
        return pd.Series(some(st.one_of(gaps, st.just(2.5))), dtype=object)
    word = st.one_of(st.sampled_from(WORDS), st.none())
    if kind == "words":
        return pd.Series(some(word), dtype="str")
    if kind == "word category":
        return pd.Series(pd.Categorical(some(word), categories=draw(st.permutations(WORDS))))
    if kind == "mixed":
        return pd.Series(some(st.one_of(word, gaps, st.just(2.5))), dtype=object)
    return pd.Series([None] * rows, dtype=object)


@st.composite
def answers(draw: Any, most: int = 12) -> pd.DataFrame:
    """Answers of a few people to MSPSS, each item as some kind of column; also of nobody."""
    rows = draw(st.integers(0, most))
    made = {name: draw(columns(rows)) for name in ITEMS}
    return pd.DataFrame({"id": [f"p{i}" for i in range(rows)], **made}, index=pd.RangeIndex(rows))


def as_arrow(data: pd.DataFrame) -> pa.Table:
    """The same answers as Arrow holds them; numbers and words mixed become texts, as in a file."""
    return pa.table({name: _arrow(data[name]) for name in data.columns})


def _arrow(column: pd.Series) -> Any:
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy()
        words = pa.array(column.cat.categories.tolist())
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), words)
    if column.dtype == object:
        values = [None if v is None or v != v else v for v in column]
        if any(isinstance(v, str) for v in values):
            values = [None if v is None else str(v) for v in values]
        else:
            values = [None if v is None else float(v) for v in values]
        return pa.array(values)
    return pa.Array.from_pandas(column)


def as_polars(data: pd.DataFrame) -> pl.DataFrame:
    """The same answers in polars."""
    table = as_arrow(data)
    made = {}
    for name in table.column_names:
        column = table[name]
        if pa.types.is_dictionary(column.type):
            categories = column.type.value_type
            if pa.types.is_string(categories) or pa.types.is_large_string(categories):
                order = data[name].cat.categories.tolist()
                made[name] = pl.Series(column.to_pylist(), dtype=pl.Enum(order))
            else:
                made[name] = pl.Series(column.to_pylist(), dtype=pl.Int16)
        else:
            made[name] = pl.from_arrow(column)
    return pl.DataFrame(made)


def cells(scored: Any, columns: list[str]) -> dict[str, list[Any]]:
    """Cells of some columns as plain values, None where there is none."""
    if isinstance(scored, pl.DataFrame):
        return {name: scored[name].to_list() for name in columns}
    if isinstance(scored, pa.Table):
        return {name: scored[name].to_pylist() for name in columns}
    return {
        name: [None if pd.isna(v) else v for v in scored[name].astype(object)] for name in columns
    }


def same_cells(got: Any, want: pd.DataFrame, inputs: pd.DataFrame) -> None:
    """Every column that scoring added is equal, cell by cell, also in its last digit."""
    added = [name for name in want.columns if name not in inputs.columns]
    one, two = cells(got, added), cells(want, added)
    for name in added:
        np.testing.assert_array_equal(
            np.asarray(one[name], dtype=object), np.asarray(two[name], dtype=object), name
        )
