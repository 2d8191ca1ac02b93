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

from socmeasures.errors import UnsupportedFormatError
from socmeasures.responses.embedded_record import RECORD_KEY
from socmeasures.responses.writing import whole_numbers


class Block(Protocol):
    """Something that takes blocks of one table in order."""

    def write(self, data: pd.DataFrame) -> None:
        """Take the next block."""

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

    def write(self, data: pd.DataFrame) -> None:
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
            options = csv.WriteOptions(include_header=self.is_first)
            csv.write_csv(_arrow_text(data), self.file, write_options=options)
        self.is_first = False

    def finish(self, record: str) -> None:
        """A .csv has no place for the record."""


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
            whole = filled.astype(np.int64) if np.abs(filled).max(initial=0) < 2**53 else None
            if whole is not None and np.array_equal(whole, filled):
                columns[name] = arrow.array(whole, mask=gone)
            else:
                columns[name] = arrow.array(values, mask=gone)
        elif pd.api.types.is_integer_dtype(column.dtype):
            columns[name] = arrow.array(column.to_numpy())
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

    def write(self, data: pd.DataFrame) -> None:
        import pyarrow as arrow
        from pyarrow import parquet

        plain = data.copy(deep=False)
        plain.attrs = {}
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
