"""Data that come in blocks of rows: one face for files, queries and record batches.

`open_blocks` finds the source: .sav and .zsav (`sav_blocks`), .csv (`csv_blocks`), .parquet and
everything that gives Arrow batches (`arrow_blocks`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from socmeasures.errors import UnsupportedFormatError
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.reading import checked_suffix

BLOCKED = (".sav", ".zsav", ".parquet", ".csv", ".tsv", ".txt")


class Blocks(Protocol):
    """A table that is read a block of rows at a time.

    Attributes
    ----------
    codebook : Codebook
        Of the whole source; reasons of missing answers come with the blocks.
    n_rows : int or None
        Rows, where the source says how many it has.
    size : int
        Bytes the whole table takes in memory at least; 0 where nobody knows.
    path : Path or None
        The file.
    again : bool
        Whether the rows can be read more than once.
    """

    @property
    def codebook(self) -> Codebook: ...  # noqa: D102

    @property
    def n_rows(self) -> int | None: ...  # noqa: D102

    @property
    def size(self) -> int: ...  # noqa: D102

    @property
    def path(self) -> Path | None: ...  # noqa: D102

    @property
    def again(self) -> bool: ...  # noqa: D102

    def head(self, rows: int) -> Any:
        """The first rows, which still come with the first block."""

    def blocks(
        self, columns: Sequence[str] | None = None, *, rows: int | None = None
    ) -> Iterator[tuple[Any, Codebook]]:
        """Frames in order, at least one, each with the codebook of its rows."""


def open_blocks(source: Any, *, encoding: str | None = None) -> Blocks:
    """The source as blocks; refuses what nobody can read in parts.

    Parameters
    ----------
    source : path, DuckDB relation, Arrow reader, table or dataset, LazyFrame, iterable of frames
        Blocks that were opened before are given back as they are.
    encoding : str, optional
        Of a file's letters, as for `soc.read`.

    Raises
    ------
    ReadError
        What `soc.read` refuses, and files that can only be read whole.
    SourceKindError
        No source of rows.
    """
    if hasattr(source, "blocks") and hasattr(source, "again"):  # opened already
        opened: Blocks = source
        return opened
    if not isinstance(source, str | os.PathLike):
        from socmeasures.responses.arrow_blocks import ArrowBlocks

        return ArrowBlocks.of(source)
    file = Path(source)
    suffix = checked_suffix(file)
    if suffix in (".sav", ".zsav"):
        from socmeasures.responses.sav_blocks import SavBlocks

        return SavBlocks.open(file, encoding=encoding)
    if suffix == ".parquet":
        from socmeasures.responses.arrow_blocks import ArrowBlocks

        return ArrowBlocks.parquet(file)
    if suffix in (".csv", ".tsv", ".txt"):
        from socmeasures.responses.csv_blocks import CsvBlocks

        return CsvBlocks.open(file, encoding=encoding)
    raise UnsupportedFormatError(file, suffix, BLOCKED, doing="read in blocks")
