"""Arrow tables in blocks of rows: .parquet, DuckDB, record batches, whatever gives such batches."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from socmeasures import frames
from socmeasures.errors import (
    ColumnsNotInFileError,
    EngineMissingError,
    PartsDifferError,
    ReadError,
    ReadOnceError,
    SourceKindError,
    TruncatedFileError,
    UnsupportedFormatError,
)
from socmeasures.responses.codebook import Codebook, Kind, Variable
from socmeasures.responses.embedded_record import RECORD_KEY

BLOCK_BYTES = 32_000_000  # of numbers held at once, were each of 8 bytes
FEWEST, MOST = 500, 131_072
AT_ONCE = 2_048  # rows of DuckDB's own parts: into fewer it cuts the whole result, row by row

Reader = Callable[[Sequence[str] | None, int], Iterator[Any]]  # columns, rows → frames


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArrowBlocks:
    """A table that comes as Arrow batches, or as frames, a block of rows at a time."""

    codebook: Codebook
    n_rows: int | None
    path: Path | None
    again: bool
    first: Any  # a frame with the columns, and rows where they cost nothing
    read: Reader
    begun: list[bool] = field(default_factory=list)

    @classmethod
    def parquet(cls, file: Path) -> ArrowBlocks:
        """A .parquet, of which only the footer is read here."""
        try:
            import pyarrow as arrow
            from pyarrow.parquet import ParquetFile
        except ImportError:
            raise UnsupportedFormatError.needs_package(file, "pyarrow", "polars") from None
        try:
            with ParquetFile(file) as opened:
                schema = opened.schema_arrow
                n_rows = opened.metadata.num_rows
                told = opened.metadata.metadata or {}
        except arrow.ArrowInvalid as fault:
            raise TruncatedFileError(file, str(fault).split(".")[0]) from None
        except arrow.ArrowException as fault:
            raise ReadError.unreadable(file, str(fault)) from None
        schema = _own_columns(schema)

        def read(columns: Sequence[str] | None, rows: int) -> Iterator[Any]:
            names = schema.names if columns is None else list(columns)
            with ParquetFile(file, pre_buffer=False) as opened:
                try:
                    for batch in opened.iter_batches(batch_size=rows, columns=names):
                        table = arrow.Table.from_batches([batch]).select(names)
                        yield table.replace_schema_metadata(schema.metadata)
                except arrow.ArrowException as fault:
                    raise ReadError.unreadable(file, str(fault)) from None

        book = Codebook(
            variables=_variables(schema),
            file_name=file.name,
            file_format="parquet",
            n_rows=n_rows,
            record=_record(told),
            _source=str(file.resolve()),
        )
        return cls(
            codebook=book,
            n_rows=n_rows,
            path=file,
            again=True,
            first=schema.empty_table(),
            read=read,
        )

    @classmethod
    def of(cls, source: Any) -> ArrowBlocks:
        """Anything in memory, or behind a query, that gives rows in batches."""
        try:
            import pyarrow as arrow
        except ImportError:
            raise EngineMissingError("pyarrow", "polars", "read record batches") from None
        if frames.is_pandas(source) or isinstance(source, arrow.RecordBatch):
            source = [source]
        if isinstance(source, arrow.RecordBatchReader):
            return cls._from(source.schema, lambda *_: iter(source), again=False)
        if hasattr(source, "to_arrow_reader") or hasattr(source, "fetch_arrow_reader"):
            return cls._from(
                source.limit(0).arrow().schema, lambda *wanted: _queried(source, *wanted)
            )
        if frames.is_lazy(source):
            schema = _of_polars(source.head(0).collect()).schema
            return cls._from(schema, lambda *wanted: _collected(source, *wanted))
        if frames.is_polars(source):
            source = _of_polars(source)
        if frames.is_arrow(source):
            return cls._from(source.schema, lambda names, _: source.select(names).to_batches())
        if hasattr(source, "to_batches") and hasattr(source, "schema"):  # data sets
            return cls._from(source.schema, lambda names, _: source.to_batches(columns=names))
        if hasattr(source, "__arrow_c_stream__"):
            schema = arrow.RecordBatchReader.from_stream(source).schema
            return cls._from(schema, lambda *_: arrow.RecordBatchReader.from_stream(source))
        if isinstance(source, Iterable) and not isinstance(source, str | bytes | dict):
            return cls._frames(source)
        raise SourceKindError(type(source).__name__)

    @classmethod
    def _from(
        cls, schema: Any, batches: Callable[[list[str], int], Iterable[Any]], *, again: bool = True
    ) -> ArrowBlocks:
        told = schema.metadata or {}
        schema = _own_columns(schema)

        def read(columns: Sequence[str] | None, rows: int) -> Iterator[Any]:
            names = schema.names if columns is None else list(columns)
            for table in _regrouped(batches(names, rows), rows):
                yield table.select(names).replace_schema_metadata(schema.metadata)

        return cls(
            codebook=Codebook(variables=_variables(schema), record=_record(told)),
            n_rows=None,
            path=None,
            again=again,
            first=schema.empty_table(),
            read=read,
        )

    @classmethod
    def _frames(cls, source: Iterable[Any]) -> ArrowBlocks:
        again = iter(source) is not source
        rest = iter(source)
        first = next(rest, None)
        if first is None:
            raise SourceKindError("iterable with no block in it")
        first = _bare(first) if frames.is_pandas(first) else _table(first)
        names = frames.names(first)
        whole = chain([first], rest)

        def read(columns: Sequence[str] | None, rows: int) -> Iterator[Any]:  # noqa: ARG001
            parts = source if again else whole
            for number, part in enumerate(parts, start=1):
                frame = _bare(part) if frames.is_pandas(part) else _table(part)
                own = frames.names(frame)
                absent = [name for name in names if name not in own]
                added = [name for name in own if name not in names]
                if absent or added:
                    raise PartsDifferError(number, absent, added)
                yield frames.select(frame, names if columns is None else list(columns))

        kinds: dict[str, Kind] = {
            name: "numeric" if frames.is_numeric(first, name) else "string" for name in names
        }
        book = Codebook(variables={n: Variable(name=n, kind=kind) for n, kind in kinds.items()})
        return cls(codebook=book, n_rows=None, path=None, again=again, first=first, read=read)

    @property
    def size(self) -> int:
        """Bytes the answers take in memory as numbers of 8 bytes."""
        return 8 * len(self.codebook) * (self.n_rows or 0)

    def head(self, rows: int) -> Any:
        """The first rows of a source that can be read again; else what is at hand."""
        if not self.again:
            return self.first
        found = next(self.read(None, max(rows, AT_ONCE)), self.first)
        return found[:rows] if frames.is_pandas(found) else found.slice(0, rows)

    def blocks(
        self, columns: Sequence[str] | None = None, *, rows: int | None = None
    ) -> Iterator[tuple[Any, Codebook]]:
        """Frames in order, at least one; `ReadOnceError` where the rows are gone."""
        known = list(self.codebook.variables)
        absent = [name for name in columns or () if name not in known]
        if absent:
            raise ColumnsNotInFileError(self.path or "the data", absent, known)
        if self.begun and not self.again:
            raise ReadOnceError.used_up()
        self.begun.append(True)
        wanted = None if columns is None else [name for name in known if name in set(columns)]
        step = rows or min(max(BLOCK_BYTES // (8 * max(len(known), 1)), FEWEST), MOST)
        n = 0
        for frame in self.read(wanted, step):
            n += 1
            yield frame, self.codebook
        if not n:
            yield frames.select(self.first, known if wanted is None else wanted), self.codebook


def _queried(relation: Any, names: Sequence[str], rows: int) -> Iterable[Any]:
    """Batches of a DuckDB relation, which is run anew each time."""
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    wanted = relation.project(", ".join(quoted))
    reader = getattr(wanted, "to_arrow_reader", None) or wanted.fetch_arrow_reader
    batches: Iterable[Any] = reader(rows)
    return batches


def _collected(lazy: Any, names: Sequence[str], rows: int) -> Iterator[Any]:
    """Batches of a LazyFrame by polars' streaming engine; whole where it has no such way yet."""
    lazy = lazy.select(names)
    if not hasattr(lazy, "collect_batches"):
        yield from _of_polars(lazy.collect()).to_batches()
        return
    for frame in lazy.collect_batches(chunk_size=rows, maintain_order=True):
        yield from _of_polars(frame).to_batches()


def _of_polars(frame: Any) -> Any:
    """A polars frame as Arrow, in types that every reader of Arrow and parquet knows."""
    from polars import CompatLevel

    return frame.to_arrow(compat_level=CompatLevel.oldest())


def _table(part: Any) -> Any:
    """A frame or batch of any kind as an Arrow table."""
    import pyarrow as arrow

    if frames.is_polars(part):
        table = _of_polars(part)
    elif isinstance(part, arrow.Table):
        table = part
    elif isinstance(part, arrow.RecordBatch):
        table = arrow.Table.from_batches([part])
    elif hasattr(part, "__arrow_c_stream__"):
        table = arrow.table(part)
    else:
        raise SourceKindError(f"iterable of {type(part).__name__}")
    return table.replace_schema_metadata(_own_columns(table.schema).metadata)


def _bare(data: pd.DataFrame) -> pd.DataFrame:
    """A pandas part without the texts that travel with it: the record is one for all parts."""
    plain = data.copy(deep=False)
    plain.attrs = {}
    plain.columns = [str(name) for name in plain.columns]
    return plain


def _regrouped(batches: Iterable[Any], rows: int) -> Iterator[Any]:
    """Tables of `rows` rows, the last one shorter, whatever the batches' sizes are."""
    import pyarrow as arrow

    held: list[Any] = []
    n = 0
    for batch in batches:
        held.append(batch)
        n += len(batch)
        if n < rows:
            continue
        table = arrow.Table.from_batches(held)
        while len(table) >= rows:
            yield table.slice(0, rows).combine_chunks()
            table = table.slice(rows)
        held, n = table.to_batches(), len(table)
    if n:
        yield arrow.Table.from_batches(held).combine_chunks()


def _own_columns(schema: Any) -> Any:
    """The schema without row labels that pandas stored, and without an earlier record."""
    told = dict(schema.metadata or {})
    told.pop(RECORD_KEY.encode(), None)
    told.pop(b"PANDAS_ATTRS", None)
    about = json.loads(told.pop(b"pandas", b"{}"))
    for name in about.get("index_columns", []):
        if isinstance(name, str) and name.startswith("__index_level_"):
            schema = schema.remove(schema.get_field_index(name))
    if about:
        about["index_columns"] = []
        about["columns"] = [c for c in about["columns"] if c["field_name"] in schema.names]
        about.pop("attributes", None)
        told[b"pandas"] = json.dumps(about).encode()
    return schema.with_metadata(told or None)


def _record(told: dict[bytes, bytes]) -> str | None:
    """The scoring record in a table's metadata, as pandas or as Arrow keeps it."""
    if RECORD_KEY.encode() in told:
        return told[RECORD_KEY.encode()].decode()
    attrs = json.loads(told.get(b"PANDAS_ATTRS", b"{}"))
    pandas_attrs = json.loads(told.get(b"pandas", b"{}")).get("attributes", {})
    for found in (attrs, pandas_attrs):
        if isinstance(found, dict) and RECORD_KEY in found:
            return str(found[RECORD_KEY])
    return None


def _variables(schema: Any) -> dict[str, Variable]:
    return {one.name: Variable(name=one.name, kind=_kind(one.type)) for one in schema}


def _kind(dtype: Any) -> Kind:
    from pyarrow import types

    if types.is_timestamp(dtype):
        return "datetime"
    if types.is_duration(dtype):
        return "time"
    numeric = (types.is_integer, types.is_floating, types.is_boolean, types.is_decimal)
    return "numeric" if any(is_it(dtype) for is_it in numeric) else "string"
