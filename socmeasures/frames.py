"""The only file that speaks narwhals: the user's frame in, the same kind out.

Everything else sees columns as NumPy arrays and gives new columns as NumPy arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from socmeasures.errors import FrameKindError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """A column of numbers; `missing` marks gaps that are not NaN."""

    values: NDArray[Any]
    missing: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """A column of texts (or of texts and numbers mixed): distinct values and their places."""

    codes: NDArray[np.int64]  # place in `distinct`, -1 where missing
    distinct: tuple[Any, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """A new column of labels: `codes` place in `labels`, -1 where there is none."""

    codes: NDArray[np.int8]
    labels: tuple[str, ...]
    ordered: bool = False


NewColumn = NDArray[Any] | Labelled


def _narwhal(data: Any) -> Any:
    import narwhals as nw

    try:
        return nw.from_native(data, eager_only=True)
    except TypeError:
        raise FrameKindError(type(data).__name__) from None


def is_pandas(data: Any) -> bool:
    """True for a pandas frame, without importing pandas."""
    return type(data).__module__.split(".")[0] == "pandas"


def names(data: Any) -> list[str]:
    """Column names, as text."""
    if is_pandas(data):
        return [str(name) for name in data.columns.tolist()]
    return list(_narwhal(data).columns)


def _own_name(data: Any, name: str) -> Any:
    """The name as the pandas frame itself has it: columns may be numbered instead of named."""
    if name in data.columns:
        return name
    return next((own for own in data.columns if str(own) == name), name)


def n_rows(data: Any) -> int:
    """Return the number of rows."""
    return len(data) if is_pandas(data) else len(_narwhal(data))


def row_labels(data: Any) -> NDArray[Any]:
    """Row labels of a pandas frame, else 0, 1, 2 …"""
    return np.asarray(data.index) if is_pandas(data) else np.arange(n_rows(data))


def to_pandas(data: Any) -> pd.DataFrame:
    """The frame as pandas (itself when it is one already)."""
    if is_pandas(data):
        return data
    import pandas as pd

    narwhal = _narwhal(data)
    return pd.DataFrame({name: _to_pandas_column(narwhal[name]) for name in narwhal.columns})


def _to_pandas_column(series: Any) -> Any:
    """One column through plain Python values where pyarrow is not there to help."""
    try:
        return series.to_pandas()
    except ImportError:
        import pandas as pd

        return pd.Series(series.to_list())


def select(data: Any, columns: Sequence[str]) -> Any:
    """The frame with these columns in this order."""
    if is_pandas(data):
        out = data[[_own_name(data, name) for name in columns]]
        out.attrs = dict(data.attrs)
        return out
    return _narwhal(data).select(list(columns)).to_native()


def like(data: Any, table: pd.DataFrame) -> Any:
    """A pandas table as the kind of frame the caller works with."""
    if is_pandas(data):
        return table
    import narwhals as nw

    columns = {str(name): _plain_values(table[name].tolist()) for name in table.columns}
    return nw.from_dict(columns, backend=_narwhal(data).implementation).to_native()


def _plain_values(values: list[Any]) -> list[Any]:
    """Plain Python values of one type, as typed frames need them; mixed values become text."""
    plain = [None if _gone(value) else value for value in values]
    mixed = len({type(value) for value in plain if value is not None}) > 1
    return [None if v is None else str(v) for v in plain] if mixed else plain


def _gone(value: Any) -> bool:
    """None, NaN, NaT and NA alike."""
    return value is None or type(value).__name__ in ("NAType", "NaTType") or value != value


def column(data: Any, name: str) -> Numbers | Words:
    """One column as numbers or as words, whatever its dtype."""
    if is_pandas(data):
        try:
            series = data[name]
        except KeyError:
            series = data[_own_name(data, name)]
        return _pandas_column(series)
    series = _narwhal(data)[name]
    if series.dtype.is_numeric() or str(series.dtype) == "Boolean":
        return _numbers(series)
    values = np.asarray(series.to_list(), dtype=object)
    return _words(values)


def _numbers(series: Any) -> Numbers:
    import narwhals as nw

    if not series.null_count():
        values = series.to_numpy()
        return Numbers(values.astype(np.uint8) if values.dtype.kind == "b" else values)
    missing = series.is_null().to_numpy()
    if series.dtype.is_integer():
        return Numbers(series.fill_null(0).to_numpy(), missing)
    return Numbers(series.cast(nw.Float64).fill_null(float("nan")).to_numpy())


def _pandas_column(series: Any) -> Numbers | Words:
    values = series.values  # of NumPy's own dtypes an array without a copy
    if type(values) is np.ndarray and values.dtype.kind in "iuf":
        return Numbers(values)
    dtype = series.dtype
    kind = getattr(dtype, "kind", "O")
    if kind == "b":
        kind = "u"
    if hasattr(series, "cat") and str(dtype) == "category":
        codes = series.cat.codes.to_numpy()
        categories = series.cat.categories
        if getattr(categories.dtype, "kind", "O") in "iuf":
            return Numbers(_from_category_codes(codes, categories.to_numpy()), codes < 0)
        return Words(codes.astype(np.int64), tuple(categories))
    if kind in "iuf" and str(dtype) != "object":
        missing = series.isna().to_numpy()
        if kind == "f":
            return Numbers(series.to_numpy(dtype="float64", na_value=np.nan))
        values = series.to_numpy(dtype="int64", na_value=0)
        return Numbers(values, missing if missing.any() else None)
    return _words(series.to_numpy(dtype=object, na_value=None))


def _from_category_codes(codes: NDArray[Any], categories: NDArray[Any]) -> NDArray[Any]:
    """Values of a numeric category column; whatever stands at -1 is marked missing beside it."""
    if len(categories) == 0:
        return np.zeros(len(codes))
    small = categories.astype(np.int16) if _fits_int16(categories) else categories
    return np.asarray(small.take(codes, mode="clip"))


def _fits_int16(values: NDArray[Any]) -> bool:
    return bool(values.dtype.kind in "iu" and values.min() >= -(2**15) and values.max() < 2**15)


def _words(values: NDArray[Any]) -> Numbers | Words:
    """Object values: numbers if every value is one, else words with their distinct values."""
    distinct: dict[Any, int] = {}
    codes = np.empty(len(values), np.int64)
    for i, value in enumerate(values.tolist()):
        if _gone(value):
            codes[i] = -1
            continue
        key = (type(value) is str, value)
        codes[i] = distinct.setdefault(key, len(distinct))
    found = tuple(value for _, value in distinct)
    if all(isinstance(v, int | float | np.number) and not isinstance(v, bool) for v in found):
        table = np.asarray([*map(float, found), np.nan])
        return Numbers(table[codes])
    return Words(codes, found)


def attach(
    data: Any,
    new: Mapping[str, NewColumn],
    *,
    drop: Iterable[str] = (),
    attrs: Mapping[str, Any] | None = None,
) -> Any:
    """The frame with new columns at its end, rows and row labels as they were.

    The caller's frame is not touched. `attrs` are added to those of a pandas frame, or set on
    the frame that is given back where its kind allows.
    """
    gone = set(drop)
    if is_pandas(data):
        import pandas as pd

        kept = data.drop(columns=[c for c in data.columns if str(c) in gone]) if gone else data
        columns = {name: _pandas_new(values) for name, values in new.items()}
        added = pd.DataFrame(columns, index=data.index, copy=False)
        out = pd.concat([kept, added], axis=1)
        out.attrs = {**data.attrs, **(attrs or {})}
        return out
    narwhal = _narwhal(data)
    narwhal = narwhal.drop([c for c in narwhal.columns if c in gone])
    out = narwhal.with_columns(*_native_new(narwhal, new)).to_native()
    if attrs:
        try:
            out.attrs = {**getattr(data, "attrs", {}), **attrs}
        except AttributeError:  # kinds that allow no attribute take the record by `record=`
            return out
    return out


def _pandas_new(values: NewColumn) -> Any:
    if not isinstance(values, Labelled):
        return values
    import pandas as pd

    return pd.Categorical.from_codes(values.codes, dtype=_category(values.labels, values.ordered))


@cache
def _category(labels: tuple[str, ...], ordered: bool) -> Any:
    """The dtype of a labelled column; made once, since pandas checks its labels each time."""
    import pandas as pd

    return pd.CategoricalDtype(list(labels), ordered=ordered)


def _native_new(narwhal: Any, new: Mapping[str, NewColumn]) -> Sequence[Any]:
    import narwhals as nw

    backend = narwhal.implementation
    columns: list[Any] = []
    for name, values in new.items():
        if isinstance(values, Labelled):
            words = [None if code < 0 else values.labels[code] for code in values.codes.tolist()]
            dtype = nw.Enum(list(values.labels)) if backend.is_polars() else None
            columns.append(nw.new_series(name, words, dtype or nw.String, backend=backend))
        elif values.dtype.kind == "O":
            columns.append(nw.new_series(name, values.tolist(), nw.String, backend=backend))
        elif values.dtype.kind == "f":
            series = nw.new_series(name, values, nw.Float64, backend=backend)
            columns.append(nw.when(~series.is_nan()).then(series).alias(name))
        else:
            columns.append(nw.new_series(name, values, backend=backend))
    return columns
