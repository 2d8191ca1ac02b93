"""The only file that speaks narwhals: the user's frame in, the same kind out.

Everything else sees columns as NumPy arrays and gives new columns as NumPy arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
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

    codes: NDArray[Any]  # place in `distinct`, whole numbers, -1 where missing
    distinct: tuple[Any, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """A new column of labels: `codes` place in `labels`, -1 where there is none."""

    codes: NDArray[np.int8]
    labels: tuple[str, ...]
    ordered: bool = False


NewColumn = NDArray[Any] | Labelled


_ELSEWHERE = {
    "dask": "Score a Dask frame with soc.score_dask(frame, plan).",
    "pyspark": "Score a Spark frame with soc.score_spark(frame, plan).",
    "duckdb": "Score a DuckDB relation with soc.score_stream(relation, plan, 'scored.parquet').",
    "_duckdb": "Score a DuckDB relation with soc.score_stream(relation, plan, 'scored.parquet').",
}


def _narwhal(data: Any) -> Any:
    import narwhals as nw

    try:
        return nw.from_native(data, eager_only=True)
    except TypeError:
        hint = _ELSEWHERE.get(_package(data), "")
        raise FrameKindError(type(data).__name__, hint) from None


def _package(data: Any) -> str:
    return type(data).__module__.split(".")[0]


def is_pandas(data: Any) -> bool:
    """True for a pandas frame, without importing pandas."""
    return _package(data) == "pandas"


def is_polars(data: Any) -> bool:
    """True for a polars DataFrame or LazyFrame, without importing polars."""
    return _package(data) == "polars"


def is_lazy(data: Any) -> bool:
    """True for a polars LazyFrame: its rows are there when it is collected."""
    return is_polars(data) and type(data).__name__ == "LazyFrame"


def is_arrow(data: Any) -> bool:
    """True for a pyarrow Table, without importing pyarrow."""
    return _package(data) == "pyarrow" and type(data).__name__ == "Table"


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

    if is_arrow(data):
        return data.to_pandas(ignore_metadata=True)
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
        stored = _stored(data, name)
        if stored is not None:
            return Numbers(stored)
        try:
            series = data[name]
        except KeyError:
            series = data[_own_name(data, name)]
        return _pandas_column(series)
    series = _narwhal(data)[name]
    if series.dtype.is_numeric() or str(series.dtype) == "Boolean":
        return _numbers(series)
    if is_polars(data):
        return _polars_words(data[name])
    if is_arrow(data):
        return _arrow_words(data[name])
    return _words(np.asarray(series.to_list(), dtype=object))


def _stored(data: Any, name: str) -> NDArray[Any] | None:
    """A NumPy column of numbers as pandas stores it; None for others.

    Without the Series around it, which for small data costs more than the scoring. Where a later
    pandas has no such way, the column is read as any other.
    """
    stored = getattr(data, "_get_column_array", None)
    if stored is None or name not in data.columns:
        return None
    place = data.columns.get_loc(name)
    values = stored(place) if isinstance(place, int) else None
    return values if type(values) is np.ndarray and values.dtype.kind in "iuf" else None


def is_numeric(data: Any, name: str) -> bool:
    """Whether a column's kind says that it holds numbers, before any of its values is seen."""
    if is_pandas(data):
        dtype = data[_own_name(data, name)].dtype
        dtype = getattr(getattr(dtype, "categories", None), "dtype", dtype)
        return getattr(dtype, "kind", "O") in "iufb"
    series = _narwhal(data)[name]
    return bool(series.dtype.is_numeric() or str(series.dtype) == "Boolean")


def _numbers(series: Any) -> Numbers:
    import narwhals as nw

    if series.dtype.is_decimal():
        series = series.cast(nw.Float64)
    if not series.null_count():
        values = series.to_numpy()
        return Numbers(values.astype(np.uint8) if values.dtype.kind == "b" else values)
    missing = series.is_null().to_numpy()
    if series.dtype.is_integer():
        return Numbers(series.fill_null(0).to_numpy(), missing)
    return Numbers(series.cast(nw.Float64).fill_null(float("nan")).to_numpy())


def _polars_words(series: Any) -> Numbers | Words:
    import polars

    kind = type(series.dtype).__name__
    if kind == "Enum":
        codes = series.to_physical()
        return _coded(codes, series.dtype.categories.to_list())
    if kind not in ("String", "Categorical"):
        return _words(np.asarray(series.to_list(), dtype=object))
    texts = series.cast(polars.String)
    distinct = texts.drop_nulls().unique(maintain_order=True)
    return _coded(texts.cast(polars.Enum(distinct)).to_physical(), distinct.to_list())


def _coded(places: Any, distinct: list[Any]) -> Numbers | Words:
    if not distinct:
        return Numbers(np.full(len(places), np.nan))
    filled = places.cast(int).fill_null(-1)
    return Words(filled.to_numpy(), tuple(distinct))


def _arrow_words(column: Any) -> Numbers | Words:
    import pyarrow
    from pyarrow import types

    kind = column.type
    if types.is_dictionary(kind):
        column = column.unify_dictionaries()
    elif types.is_string(kind) or types.is_large_string(kind):
        column = column.dictionary_encode()
    else:
        return _words(np.asarray(column.to_pylist(), dtype=object))
    whole = column.combine_chunks()
    if isinstance(whole, pyarrow.ChunkedArray):  # no rows, no chunk
        return Numbers(np.full(len(whole), np.nan))
    missing = whole.is_null().to_numpy(zero_copy_only=False)
    codes = whole.indices.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    distinct = whole.dictionary.to_pylist()
    if all(isinstance(value, int | float) for value in distinct):
        table = np.asarray([*map(float, distinct), np.nan])
        return Numbers(table[np.where(missing, len(distinct), codes)])
    return Words(np.where(missing, -1, codes), tuple(distinct))


def _pandas_column(series: Any) -> Numbers | Words:
    values = series.values  # of NumPy's own dtypes an array without a copy
    if type(values) is np.ndarray and values.dtype.kind in "iuf":
        return Numbers(values)
    dtype = series.dtype
    kind = getattr(dtype, "kind", "O")
    if str(dtype) == "category":
        codes = series.array.codes  # `series.cat.codes` would be a copy
        categories = series.cat.categories
        if getattr(categories.dtype, "kind", "O") in "iuf":
            return Numbers(_from_category_codes(codes, categories.to_numpy()), codes < 0)
        return Words(codes, tuple(categories))
    if kind == "f":
        return Numbers(series.to_numpy(dtype="float64", na_value=np.nan))
    if kind in "iub":
        missing = series.isna().to_numpy()
        own = np.uint8 if kind == "b" else getattr(dtype, "numpy_dtype", dtype)
        values = series.to_numpy(dtype=own, na_value=0)
        return Numbers(values, missing if missing.any() else None)
    if _is_text(dtype):
        return _factorized(series)
    return _words(series.to_numpy(dtype=object, na_value=None))


def _is_text(dtype: Any) -> bool:
    """Whether a pandas column can hold nothing but texts."""
    return str(dtype).startswith(("str", "large_string"))


def _factorized(series: Any) -> Numbers | Words:
    codes, distinct = series.factorize()
    if not len(distinct):
        return Numbers(np.full(len(series), np.nan))
    return Words(codes.astype(np.int64, copy=False), tuple(distinct.tolist()))


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
        try:
            codes[i] = distinct.setdefault((type(value) is str, value), len(distinct))
        except TypeError:  # lists and the like
            codes[i] = distinct.setdefault((True, str(value)), len(distinct))
    found = tuple(value for _, value in distinct)
    if all(isinstance(v, int | float | np.number | np.bool_) for v in found):
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
        columns = dict(enumerate(map(_pandas_new, new.values())))
        added = pd.DataFrame(columns, index=data.index, copy=False)
        added.columns = _index(tuple(new))
        out = pd.concat([kept, added], axis=1)
        out.attrs = {**data.attrs, **(attrs or {})}
        return out
    narwhal = _narwhal(data)
    if gone:
        narwhal = narwhal.drop([c for c in narwhal.columns if c in gone])
    if is_arrow(data):
        return carrying(_arrow_with(narwhal.to_native(), new), attrs or {})
    if is_polars(data):
        out = narwhal.to_native().with_columns(_polars_new(n, v) for n, v in new.items())
    else:
        out = narwhal.with_columns(*_native_new(narwhal, new)).to_native()
    return carrying(out, {**getattr(data, "attrs", {}), **(attrs or {})})


def carrying(data: Any, told: Mapping[str, Any]) -> Any:
    """The frame with texts that travel with it, where its kind allows."""
    if not told:
        return data
    if is_arrow(data):
        known = data.schema.metadata or {}
        return data.replace_schema_metadata({**known, **told})
    try:
        data.attrs = dict(told)
    except AttributeError:  # kinds that allow no attribute take the record by `record=`
        return data
    return data


def carried(data: Any, key: str) -> str | None:
    """A text that travels with a frame of any kind, also with the lazy ones."""
    package = _package(data)
    if package == "pyarrow":
        schema = getattr(data, "schema", None)
        text = (getattr(schema, "metadata", None) or {}).get(key.encode())
        return None if text is None else text.decode()
    if package == "pyspark":
        fields = getattr(getattr(data, "schema", None), "fields", ())
        return next((f.metadata[key] for f in fields if key in f.metadata), None)
    attrs = getattr(data._meta if package == "dask" else data, "attrs", None)
    return attrs.get(key) if isinstance(attrs, dict) else None


def _pandas_new(values: NewColumn) -> Any:
    if not isinstance(values, Labelled):
        return values
    import pandas as pd

    return pd.Categorical.from_codes(values.codes, dtype=_category(values.labels, values.ordered))


@lru_cache(maxsize=256)
def _index(names: tuple[str, ...]) -> Any:
    """Names of new columns as pandas keeps them; those of a scale come again with every frame."""
    import pandas as pd

    return pd.Index(names)


@cache
def _category(labels: tuple[str, ...], ordered: bool) -> Any:
    """The dtype of a labelled column; made once, since pandas checks its labels each time."""
    import pandas as pd

    return pd.CategoricalDtype(list(labels), ordered=ordered)


def _polars_new(name: str, values: NewColumn) -> Any:
    import polars

    if isinstance(values, Labelled):
        labels = polars.Series(name, list(values.labels), dtype=polars.Enum(list(values.labels)))
        codes = polars.Series(values.codes.astype(np.int64))
        return labels.gather(codes.set(codes < 0, None).cast(polars.UInt32))
    if values.dtype.kind == "O":
        return polars.Series(name, values.tolist(), dtype=polars.String)
    series = polars.Series(name, values)
    return series.fill_nan(None) if values.dtype.kind == "f" else series


def _arrow_with(table: Any, new: Mapping[str, NewColumn]) -> Any:
    import pyarrow

    for name, values in new.items():
        if isinstance(values, Labelled):
            codes = pyarrow.array(values.codes, mask=values.codes < 0)
            labels = pyarrow.array(values.labels, pyarrow.string())
            made = pyarrow.DictionaryArray.from_arrays(codes, labels, ordered=values.ordered)
        elif values.dtype.kind == "O":
            made = pyarrow.array(values.tolist(), pyarrow.string())
        else:
            made = pyarrow.array(values, from_pandas=True)  # NaN is null
        table = table.append_column(name, made)
    return table


def _native_new(narwhal: Any, new: Mapping[str, NewColumn]) -> Sequence[Any]:
    import narwhals as nw

    backend = narwhal.implementation
    columns: list[Any] = []
    for name, values in new.items():
        if isinstance(values, Labelled):
            words = [None if code < 0 else values.labels[code] for code in values.codes.tolist()]
            columns.append(nw.new_series(name, words, nw.String, backend=backend))
        elif values.dtype.kind == "O":
            columns.append(nw.new_series(name, values.tolist(), nw.String, backend=backend))
        elif values.dtype.kind == "f":
            series = nw.new_series(name, values, nw.Float64, backend=backend)
            columns.append(nw.when(~series.is_nan()).then(series).alias(name))
        else:
            columns.append(nw.new_series(name, values, backend=backend))
    return columns
