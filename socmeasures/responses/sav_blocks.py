"""A .sav or .zsav in blocks of rows: its dictionary first, then the answers, a part at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from socmeasures.errors import ColumnsNotInFileError
from socmeasures.responses.codebook import Codebook, reasons_frame
from socmeasures.responses.reading import checked_suffix
from socmeasures.responses.sav_header import read_sav_header
from socmeasures.responses.spss_stata import read_dictionary, read_rows

BLOCK_BYTES = 16_000_000  # of numbers held at once; the reader needs about three times as much
FEWEST, MOST = 500, 65_536


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SavBlocks:
    """An SPSS file that is read a block of rows at a time.

    Attributes
    ----------
    codebook : Codebook
        Of the whole file; without reasons, which come with the blocks.
    n_rows : int or None
        Rows the file says it has.
    size : int
        Bytes the answers take in memory at least (8 a cell).
    """

    path: Path
    codebook: Codebook
    n_rows: int | None
    encoding: str | None

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, encoding: str | None = None) -> SavBlocks:
        """Read the dictionary; refuses what `soc.read` refuses."""
        file = Path(path)
        checked_suffix(file)
        header = read_sav_header(file)
        return cls(
            path=file,
            codebook=read_dictionary(file, header, encoding),
            n_rows=header.rows,
            encoding=encoding,
        )

    @property
    def again(self) -> bool:
        """A file can be read as often as one likes."""
        return True

    def head(self, rows: int) -> pd.DataFrame:
        """The first rows."""
        return next(iter(self.blocks(rows=rows)))[0]

    @property
    def size(self) -> int:
        """Bytes the answers take in memory at least."""
        return 8 * len(self.codebook) * (self.n_rows or 0)

    def block_rows(self, columns: int) -> int:
        """Rows of a block with this many columns."""
        return min(max(BLOCK_BYTES // (8 * max(columns, 1)), FEWEST), MOST)

    def blocks(
        self, columns: Sequence[str] | None = None, *, rows: int | None = None
    ) -> Iterator[tuple[pd.DataFrame, Codebook]]:
        """Blocks in order; row labels are row numbers of the file, reasons those of the block."""
        wanted = None if columns is None else [c for c in self.codebook.variables if c in columns]
        if columns is not None:
            absent = [c for c in columns if c not in self.codebook]
            if absent:
                raise ColumnsNotInFileError(self.path, absent, list(self.codebook.variables))
        step = rows or self.block_rows(len(wanted if wanted is not None else self.codebook))
        names = self.codebook.variables if wanted is None else wanted
        variables = {n: self.codebook.variables[n] for n in names}
        start = 0
        while True:
            data, reasons = read_rows(
                self.path, variables, start=start, rows=step, encoding=self.encoding
            )
            if len(data) or start == 0:
                data.index = pd.RangeIndex(start, start + len(data))
                book = replace(
                    self.codebook,
                    variables=variables,
                    reasons=reasons.assign(row_label=reasons["row_label"] + start)
                    if len(reasons)
                    else reasons_frame([]),
                )
                yield data, book
            start += len(data)
            if len(data) < step or (self.n_rows is not None and start >= self.n_rows):
                return
