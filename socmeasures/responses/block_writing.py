"""Tables written block by block: .csv and .parquet that read back like the whole table.

With pyarrow numbers are written by it, which is many times faster; without it a .csv is written
by pandas, and a .parquet is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from socmeasures import frames
from socmeasures.errors import UnsupportedFormatError
from socmeasures.responses.embedded_record import RECORD_KEY
from socmeasures.responses.writing import whole_numbers

ROWS_A_TURN = 65_536  # of text at a time: a third less work than with pyarrow's 1,024


class Block(Protocol):
    """Something that takes blocks of one table in order."""

    def write(self, data: Any) -> None:
        """Take the next block, a pandas frame or an Arrow table."""

    def finish(self, record: str) -> None:
        """Take the scoring record, when all blocks are written."""


@contextmanager
def block_writer(path: Path) -> Iterator[Block]:
    """A writer for the ending of `path`, closed when the block ends."""
    if path.suffix.lower() == ".csv":
        with path.open("wb") as file:
            yield _Csv(file)
        return
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise UnsupportedFormatError.needs_package(path, "pyarrow", "polars") from None
    writer = _Parquet(path)
    try:
        yield writer
    finally:
        writer.close()


class _Csv:
    def __init__(self, file: Any) -> None:
        self.file, self.is_first = file, True

    def write(self, data: Any) -> None:
        if self.is_first:
            self.file.write(b"\xef\xbb\xbf")
        try:
            from pyarrow import csv
        except ImportError:
            text = whole_numbers(data).to_csv(
                index=False, header=self.is_first, lineterminator="\n"
            )
            self.file.write(text.encode("utf-8"))
        else:
            options = csv.WriteOptions(include_header=self.is_first, batch_size=ROWS_A_TURN)
            is_table = frames.is_arrow(data)
            text = _table_text(data) if is_table else _arrow_text(_without_attrs(data))
            csv.write_csv(text, self.file, write_options=options)
        self.is_first = False

    def finish(self, record: str) -> None:
        """A .csv has no place for the record."""


def _table_text(table: Any) -> Any:
    """An Arrow table that is written as pandas would write it: 3 and not 3.0, words of categories.

    Whole numbers stay what they are; a detour over floats would lose digits of identifiers.
    """
    from pyarrow import types

    kept = [name for name in table.column_names if types.is_integer(table.schema.field(name).type)]
    other = table.drop_columns(kept).to_pandas(ignore_metadata=True)
    made = {name: other[name] for name in other.columns}
    text = _arrow_text(pd.DataFrame(made)) if made else None
    columns = {
        name: table[name] if text is None or name in kept else text[name]
        for name in table.column_names
    }
    return type(table).from_pydict(columns)


def _without_attrs(data: pd.DataFrame) -> pd.DataFrame:
    """The block alone: pandas copies the whole record with every column that is taken."""
    plain = data.copy(deep=False)
    plain.attrs = {}
    return plain


def _arrow_text(data: pd.DataFrame) -> Any:
    """The block as an Arrow table that is written as pandas would write it."""
    import pyarrow as arrow

    columns = {}
    for name in data.columns:
        column = data[name]
        if pd.api.types.is_float_dtype(column.dtype):
            values = column.to_numpy(dtype=float, na_value=np.nan)
            gone = np.isnan(values)
            filled = np.where(gone, 0.0, values) if gone.any() else values
            largest = np.abs(filled).max(initial=0)
            kind = np.int32 if largest < 2**31 else np.int64  # short numbers are written faster
            whole = filled.astype(kind) if largest < 2**53 else None
            if whole is not None and np.array_equal(whole, filled):
                columns[name] = arrow.array(whole, mask=gone)
            else:
                columns[name] = arrow.array(values, mask=gone)
        elif pd.api.types.is_integer_dtype(column.dtype):
            columns[name] = arrow.array(column.to_numpy())
        elif isinstance(column.dtype, pd.CategoricalDtype):
            words = arrow.array(column.cat.categories.astype("str").tolist(), arrow.string())
            codes = column.cat.codes.to_numpy()
            columns[name] = words.take(arrow.array(codes, mask=codes < 0))
        else:
            gone = column.isna().tolist()
            texts = column.astype("str").tolist()
            shown = [None if g else t for g, t in zip(gone, texts, strict=True)]
            columns[name] = arrow.array(shown, type=arrow.string())
    return arrow.table(columns)


class _Parquet:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer: Any = None

    def write(self, data: Any) -> None:
        import pyarrow as arrow
        from pyarrow import parquet

        if frames.is_arrow(data):
            if self.writer is None:
                self.writer = parquet.ParquetWriter(self.path, data.schema)
            self.writer.write_table(data)
            return
        plain = _without_attrs(data)
        if self.writer is None:
            table = arrow.Table.from_pandas(plain, preserve_index=False)
            self.writer = parquet.ParquetWriter(self.path, table.schema)
        else:
            table = arrow.Table.from_pandas(plain, schema=self.writer.schema, preserve_index=False)
        self.writer.write_table(table)

    def finish(self, record: str) -> None:
        attrs = json.dumps({RECORD_KEY: record})
        self.writer.add_key_value_metadata({"PANDAS_ATTRS": attrs})

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
