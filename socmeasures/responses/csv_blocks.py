"""A .csv (also .tsv, .txt) in blocks of rows, read as `soc.read` reads the whole of it.

Read once to find out what each column is, since one word at the end makes a text of it; then
again, block by block.
"""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from socmeasures.errors import ColumnsNotInFileError, EncodingError, TableError, WholeOnlyError
from socmeasures.responses.codebook import Codebook, Variable
from socmeasures.responses.layouts import recognised
from socmeasures.responses.tables import (
    SNIFFED,
    TextKind,
    column_names,
    comma_note,
    delimiter_of,
    encodings,
    no_heading,
    reading_note,
    records,
    wrong_width,
)

BLOCK_BYTES = 16_000_000  # of numbers held at once; as text they take several times as much
FEWEST, MOST = 500, 65_536
FIRST = 200  # rows in which the layout of a survey tool is recognised
MOST_FAULTS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CsvBlocks:
    """A table of text that is read a block of rows at a time."""

    path: Path
    codebook: Codebook
    n_rows: int
    letters: str
    delimiter: str
    kinds: tuple[TextKind, ...]

    @property
    def again(self) -> bool:
        """A file can be read as often as one likes."""
        return True

    @property
    def size(self) -> int:
        """Bytes the answers take in memory at least."""
        return 8 * len(self.codebook) * self.n_rows

    @classmethod
    def open(cls, file: Path, *, encoding: str | None = None) -> CsvBlocks:
        """Read all rows once, for the kinds of the columns and the faults of the table."""
        letters = _letters(file, encoding)
        with file.open(encoding=letters, newline="") as lines:
            delimiter = delimiter_of("".join(islice(lines, SNIFFED + 1)))
        rows = _rows(file, letters, delimiter)
        heading = next(rows, None)
        if heading is None:
            raise no_heading(file)
        first = list(islice(rows, FIRST))
        layout = recognised(heading[1], [row for _, row in first])
        if layout.answers_from:
            raise WholeOnlyError(file, "a Qualtrics export is understood from all of its rows")
        notes = [reading_note(letters.removesuffix("-sig"), delimiter, asked=encoding is not None)]
        notes += layout.notes
        width = len(layout.heading)
        kinds = tuple(TextKind(decimal_comma=delimiter != ",") for _ in range(width))
        filled: set[int] = set()
        faults: list[tuple[int | None, str]] = []
        n = 0
        for block in _blocks_of(rows, first, MOST):
            for number, (line, row) in enumerate(block, start=n + 1):
                if len(row) != width and len(faults) < MOST_FAULTS:
                    faults.append(wrong_width(number, line, len(row), width))
            n += len(block)
            if faults:
                continue
            for place, cells in enumerate(zip(*(row for _, row in block), strict=True)):
                kinds[place].see(cells)
                if any(cell.strip() for cell in cells):
                    filled.add(place)
        names = column_names(file, layout.heading, lambda place: place in filled)
        if faults:
            raise TableError(file, faults)
        commas = [name for name, kind in zip(names, kinds, strict=True) if kind.has_comma]
        if commas:
            notes.append(comma_note(commas))
        if not n:
            notes.append("The file has headings but no answers (0 rows).")
        variables = {
            name: Variable(
                name=name,
                label=layout.labels.get(name, ""),
                kind="numeric" if kind.is_number else "string",
            )
            for name, kind in zip(names, kinds, strict=True)
        }
        book = Codebook(
            variables=variables,
            file_name=file.name,
            file_format=file.suffix.lower().lstrip("."),
            encoding=letters.removesuffix("-sig"),
            notes=tuple(notes),
            n_rows=n,
            _source=str(file.resolve()),
        )
        return cls(
            path=file,
            codebook=book,
            n_rows=n,
            letters=letters,
            delimiter=delimiter,
            kinds=kinds,
        )

    def head(self, rows: int) -> pd.DataFrame:
        """The first rows."""
        return next(iter(self.blocks(rows=rows)))[0]

    def blocks(
        self, columns: Sequence[str] | None = None, *, rows: int | None = None
    ) -> Iterator[tuple[pd.DataFrame, Codebook]]:
        """Blocks in order; row labels are row numbers of the file."""
        names = list(self.codebook.variables)
        absent = [name for name in columns or () if name not in names]
        if absent:
            raise ColumnsNotInFileError(self.path, absent, names)
        wanted = [name for name in names if columns is None or name in set(columns)]
        book = replace(self.codebook, variables={n: self.codebook[n] for n in wanted})
        step = rows or min(max(BLOCK_BYTES // (8 * max(len(names), 1)), FEWEST), MOST)
        lines = islice(_rows(self.path, self.letters, self.delimiter), 1, None)
        start = 0
        for block in _blocks_of(lines, [], step):
            cells: list[Any] = list(zip(*(row for _, row in block), strict=True))
            index = pd.RangeIndex(start, start + len(block))
            made = {
                name: self.kinds[place].series(cells[place]).set_axis(index)
                for place, name in enumerate(names)
                if name in book
            }
            yield pd.DataFrame(made, index=index), book
            start += len(block)
        if not start:
            none = {name: self.kinds[names.index(name)].series([]) for name in wanted}
            yield pd.DataFrame(none), book


def _letters(file: Path, asked: str | None) -> str:
    """The first encoding in which the whole file can be read."""
    with file.open("rb") as source:
        candidates = encodings(source.read(2), asked)
    for candidate in candidates:
        try:
            decoder: Any = getincrementaldecoder(candidate)()
            with file.open("rb") as source:
                while part := source.read(1 << 20):
                    decoder.decode(part)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        except LookupError:
            raise EncodingError(file, candidate, known=False) from None
        return candidate
    raise EncodingError(file, asked or " or ".join(candidates))


def _rows(file: Path, letters: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    with file.open(encoding=letters, newline="") as lines:
        yield from records(file, lines, delimiter)


def _blocks_of(
    rows: Iterator[tuple[int, list[str]]], first: list[tuple[int, list[str]]], step: int
) -> Iterator[list[tuple[int, list[str]]]]:
    """Rows in lists of at most `step`, after those that were taken already."""
    block = first or list(islice(rows, step))
    while block:
        yield block
        block = list(islice(rows, step))
