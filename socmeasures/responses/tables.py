"""Tables without labels: .csv (and .tsv, .txt), .xlsx and .parquet, typed column by column.

What had to be guessed (encoding, delimiter, decimal comma) is said in the codebook's notes.
Text is turned into numbers only when every answer of a column is a number.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from socmeasures.errors import (
    ColumnsNotInFileError,
    EncodingError,
    ReadError,
    SheetError,
    TableError,
    TruncatedFileError,
    UnsupportedFormatError,
    WrongFormatError,
    listed,
)
from socmeasures.responses.codebook import Code, Codebook, Kind, Variable, reasons_frame
from socmeasures.responses.embedded_record import RECORD_KEY
from socmeasures.responses.layouts import (
    UNSEEN,
    UNSEEN_WORDS,
    recognised,
    set_aside_unseen,
    unseen_note,
)
from socmeasures.responses.row_marks import row_marks

CODEBOOK_SHEET = "codebook"
# how R, SPSS and spreadsheets write "nothing"; words such as None or N/A may be answers
ABSENT = frozenset({"", "NA", "NaN", "nan", "#NULL!", "#N/A"})
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
SNIFFED = 50  # rows in which the delimiter is judged
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_COMMA_NUMBER = re.compile(r"[-+]?\d+,\d+")
_PADDED = re.compile(r"[-+]?0\d+")
LONGEST_INTEGER = 15  # digits a float64 keeps


def read_table(
    file: Path,
    *,
    suffix: str,
    keep: bool,
    columns: list[str] | None,
    encoding: str | None,
    sheet: str | None,
) -> tuple[pd.DataFrame, Codebook]:
    """Read one table; see `socmeasures.responses.reading.read`."""
    if suffix == ".parquet":
        table = Table(_parquet(file))
    elif suffix == ".xlsx":
        table = _workbook(file, sheet, keep=keep)
    else:
        table = _delimited(file, encoding, keep=keep)
    data, notes = table.data, table.notes
    if columns is not None:
        known = [str(name) for name in data.columns]
        absent = [name for name in columns if name not in known]
        if absent:
            raise ColumnsNotInFileError(file, absent, known)
        data = data[[name for name in known if name in set(columns)]]
    if not len(data):
        notes.append("The file has headings but no answers (0 rows).")
    variables = {
        str(name): Variable(
            name=str(name), label=table.labels.get(str(name), ""), kind=_kind(data[name])
        )
        for name in data.columns
    }
    reasons = _unseen_reasons(table, variables)
    return data, Codebook(
        variables=variables,
        file_name=file.name,
        file_format=suffix.lstrip("."),
        encoding=table.encoding,
        notes=tuple(notes),
        reasons=reasons,
        n_rows=len(data),
        record=data.attrs.get(RECORD_KEY),
        _source=str(file.resolve()),
        _row_marks=row_marks(data) if len(reasons) else {},
    )


def _unseen_reasons(table: Table, variables: dict[str, Variable]) -> pd.DataFrame:
    """Why answers are missing; the columns of `variables` learn of the code."""
    rows: list[tuple[Any, str, Code, str]] = []
    for row, name in table.unseen:
        if name not in variables:
            continue
        variable = variables[name]
        code: Code = UNSEEN if variable.kind == "string" else float(UNSEEN)
        rows.append((row, name, code, UNSEEN_WORDS))
        if not variable.has_missing_codes:
            variables[name] = replace(
                variable, missing_values=(code,), value_labels={code: UNSEEN_WORDS}
            )
    return reasons_frame(rows)


def _kind(column: pd.Series) -> Kind:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return "datetime"
    if pd.api.types.is_timedelta64_dtype(column.dtype):
        return "time"
    return "numeric" if pd.api.types.is_numeric_dtype(column.dtype) else "string"


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was read: the answers, and what its heads and rows told."""

    data: pd.DataFrame
    labels: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    encoding: str = ""
    unseen: list[tuple[int, str]] = field(default_factory=list)  # row and column of each -99


# --- text ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rows:
    """A table of text as it stands in the file; rows with the line they end on."""

    heading: list[str]
    body: list[tuple[int, list[str]]]
    delimiter: str
    encoding: str
    notes: list[str]


def decoded_rows(file: Path, encoding: str | None) -> Rows:
    """The cells of a table of text, with what had to be guessed to read them."""
    text, used = _decoded(file, encoding)
    delimiter = delimiter_of(text)
    notes = [reading_note(used, delimiter, asked=encoding is not None)]
    rows = list(records(file, io.StringIO(text, newline=""), delimiter))
    if not rows:
        raise no_heading(file)
    return Rows(rows[0][1], rows[1:], delimiter, used, notes)


def reading_note(used: str, delimiter: str, *, asked: bool) -> str:
    """How the letters and fields of a table of text were read."""
    said = " as asked for" if asked else ""
    return f"Letters read as {used}{said}; fields separated by {DELIMITERS[delimiter]}."


def comma_note(columns: Sequence[str]) -> str:
    """Which columns have a comma as decimal sign."""
    return f"A comma is read as the decimal sign in: {listed(list(columns), 10)}."


def no_heading(file: Path) -> TableError:
    """The refusal of a table with nothing in it."""
    return TableError(file, [(None, "there is no row of headings")])


def _delimited(file: Path, encoding: str | None, *, keep: bool) -> Table:
    rows = decoded_rows(file, encoding)
    notes = rows.notes
    layout = recognised(rows.heading, [row for _, row in rows.body])
    notes += layout.notes
    body = rows.body[layout.answers_from :]
    names = checked_rows(file, layout.heading, body)
    answers, unseen = set_aside_unseen([row for _, row in body], layout.questions, keep=keep)
    notes += [unseen_note(unseen, keep=keep)] if unseen else []
    cells = list(zip(*answers, strict=True)) or [()] * len(names)
    columns: dict[str, pd.Series] = {}
    commas: list[str] = []
    for name, column in zip(names, cells, strict=True):
        columns[name], has_comma = _typed(column, decimal_comma=rows.delimiter != ",")
        if has_comma:
            commas.append(name)
    if commas:
        notes.append(comma_note(commas))
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(body)))
    told = [(row, names[place]) for row, place in unseen]
    return Table(frame, layout.labels, notes, rows.encoding, told)


def _decoded(file: Path, encoding: str | None) -> tuple[str, str]:
    raw = file.read_bytes()
    candidates = encodings(raw, encoding)
    for candidate in candidates:
        try:
            return raw.decode(candidate), candidate.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
        except LookupError:
            raise EncodingError(file, candidate, known=False) from None
    raise EncodingError(file, encoding or " or ".join(candidates))


def encodings(start: bytes, asked: str | None) -> list[str]:
    """Encodings to try for a file that begins like this, in order."""
    if asked:
        return [asked]
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ["utf-16"]
    return ["utf-8-sig", "windows-1252"]


def delimiter_of(text: str) -> str:
    """The sign that cuts the heading, and most rows after it, into the most fields."""
    start = "".join(text.splitlines(keepends=True)[: SNIFFED + 1])

    def quality(delimiter: str) -> tuple[float, int]:
        rows = [r for r in csv.reader(io.StringIO(start), delimiter=delimiter) if r]
        width = len(rows[0]) if rows else 0
        if width < 2:
            return (0.0, 0)
        return (sum(len(row) == width for row in rows) / len(rows), width)

    return max(DELIMITERS, key=quality)


def records(file: Path, lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line they end on; blank lines, and empty rows at the end, are none."""
    reader = csv.reader(lines, delimiter=delimiter)
    empty: list[tuple[int, list[str]]] = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield from empty
                empty = []
                yield reader.line_num, row
            elif row:
                empty.append((reader.line_num, row))
    except csv.Error as fault:
        raise TableError(file, [(None, f"line {reader.line_num}: {fault}")]) from None


def checked_rows(
    file: Path, heading: Sequence[str], body: Sequence[tuple[int, list[str]]]
) -> list[str]:
    """The names of the columns, once every row has as many fields as the heading."""
    names = column_names(
        file, heading, lambda i: any(row[i].strip() for _, row in body if i < len(row))
    )
    faults: list[tuple[int | None, str]] = [
        wrong_width(number, line, len(row), len(names))
        for number, (line, row) in enumerate(body, start=1)
        if len(row) != len(names)
    ]
    if faults:
        raise TableError(file, faults)
    return names


def wrong_width(number: int, line: int, fields: int, expected: int) -> tuple[int, str]:
    """The fault of a row that has more or fewer fields than the heading."""
    return number, f"row {number} (line {line}): {fields} fields; the heading has {expected}"


def column_names(file: Path, heading: Sequence[str], is_filled: Any) -> list[str]:
    """Names of the columns; refuses double ones and answers without a heading."""
    names = [cell.strip() for cell in heading]
    # R and pandas leave the heading of row names empty
    if names and not names[0]:
        names[0] = "unnamed_1"
    faults: list[tuple[int | None, str]] = [
        (None, f"heading: {name!r} stands over {n} columns")
        for name, n in Counter(name for name in names if name).items()
        if n > 1
    ]
    for place, name in enumerate(names):
        if not name and is_filled(place):
            faults.append(
                (
                    None,
                    f"heading: column {place + 1} has answers but no heading (a merged heading, "
                    "perhaps: give each column its own)",
                )
            )
    if faults:
        raise TableError(file, faults)
    return [name or f"unnamed_{place}" for place, name in enumerate(names, start=1)]


def typed_texts(cells: Sequence[str]) -> pd.Series:
    """A column of texts as numbers when every answer is one."""
    return _typed(cells, decimal_comma=False)[0]


def _typed(cells: Sequence[str], *, decimal_comma: bool) -> tuple[pd.Series, bool]:
    """A column as numbers when every answer is one; and whether commas were decimal signs."""
    kind = TextKind(decimal_comma=decimal_comma)
    kind.see(cells)
    return kind.series(cells), kind.has_comma


@dataclass(slots=True)
class TextKind:
    """What a column of texts is, found out from all its cells, also a part at a time.

    Numbers with leading zeros, or with more digits than a float64 keeps, are identifiers.
    """

    decimal_comma: bool
    plain: bool = True  # every answer is a number as it stands
    comma: bool = True  # every answer is one once its comma is a point
    any_comma: bool = False
    any_answer: bool = False
    any_gap: bool = False
    any_fraction: bool = False

    def see(self, cells: Sequence[str]) -> None:
        """Take some cells into account."""
        found = {cell.strip() for cell in set(cells)}
        answers = found - ABSENT
        self.any_gap |= len(answers) < len(found)
        self.any_answer |= bool(answers)
        if not (self.plain or self.comma):
            return
        self.plain = self.plain and all(map(_is_number, answers))
        self.any_fraction |= any(map(_has_fraction, answers))
        if self.decimal_comma:
            self.any_comma |= any(_COMMA_NUMBER.fullmatch(a) for a in answers)
            self.comma = self.comma and all(
                "." not in a and _is_number(a.replace(",", ".")) for a in answers
            )

    @property
    def is_number(self) -> bool:
        """Whether every answer seen is a number."""
        return self.comma if self.any_comma else self.plain

    @property
    def has_comma(self) -> bool:
        """Whether commas are decimal signs in it."""
        return self.any_comma and self.is_number

    def series(self, cells: Sequence[str]) -> pd.Series:
        """Some cells of the column as what it is."""
        stripped = [cell.strip() for cell in cells]
        if not self.is_number:
            texts = [None if s in ABSENT else cell for cell, s in zip(cells, stripped, strict=True)]
            return pd.Series(texts, dtype="str")
        values = {
            text: float(text.replace(",", ".")) for text in set(stripped) if text not in ABSENT
        }
        column = pd.Series([values.get(s, np.nan) for s in stripped], dtype="float64")
        whole = self.any_answer and not (self.any_gap or self.any_fraction)
        return column.astype("int64") if whole else column


def _is_number(text: str) -> bool:
    return bool(
        _NUMBER.fullmatch(text)
        and not _PADDED.fullmatch(text)
        and len(text.lstrip("+-").split(".")[0]) <= LONGEST_INTEGER
    )


def _has_fraction(text: str) -> bool:
    return any(sign in text for sign in ".,eE")


# --- workbooks and parquet ----------------------------------------------------------------


def _workbook(file: Path, sheet: str | None, *, keep: bool) -> Table:
    import openpyxl

    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except BadZipFile:
        raise TruncatedFileError(file, "it is not a whole workbook") from None
    except (KeyError, ValueError, OSError) as fault:
        if isinstance(fault, PermissionError):
            raise
        raise WrongFormatError(file, "an Excel workbook (.xlsx)", "another zip file") from None
    try:
        name, notes = _sheet(file, book.sheetnames, sheet)
        rows = [list(row) for row in book[name].iter_rows(values_only=True)]
    finally:
        book.close()
    filled = [i for i, row in enumerate(rows) if any(cell is not None for cell in row)]
    if not filled:
        raise TableError(file, [(None, f"sheet {name!r} is empty")])
    rows = rows[filled[0] : filled[-1] + 1]
    width = max(i + 1 for row in rows for i, cell in enumerate(row) if cell is not None)
    rows = [(row + [None] * width)[:width] for row in rows]
    heading = ["" if cell is None else str(cell) for cell in rows[0]]
    layout = recognised(heading, rows[1:])
    body, unseen = set_aside_unseen(rows[1 + layout.answers_from :], layout.questions, keep=keep)
    notes += [*layout.notes, *([unseen_note(unseen, keep=keep)] if unseen else [])]
    names = column_names(file, layout.heading, lambda i: any(row[i] is not None for row in body))
    columns = {n: _cells([row[i] for row in body]) for i, n in enumerate(names)}
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(body)))
    return Table(frame, layout.labels, notes, unseen=[(row, names[i]) for row, i in unseen])


def _sheet(file: Path, sheets: list[str], asked: str | None) -> tuple[str, list[str]]:
    if asked is not None:
        if asked not in sheets:
            raise SheetError(file, asked, sheets)
        return asked, [f"Sheet {asked!r} of {len(sheets)}."]
    data_sheets = [s for s in sheets if s.lower() != CODEBOOK_SHEET] or sheets
    if len(data_sheets) > 1:
        raise SheetError(file, None, data_sheets)
    left_out = " The sheet 'codebook' is not data." if len(sheets) > 1 else ""
    return data_sheets[0], [f"Sheet {data_sheets[0]!r}.{left_out}"]


def _cells(values: Sequence[Any]) -> pd.Series:
    """One column of a sheet; a column of numbers written as text becomes numbers."""
    present = [v for v in values if v is not None]
    if present and all(isinstance(v, str) for v in present):
        return _typed(["" if v is None else v for v in values], decimal_comma=False)[0]
    if any(isinstance(v, str) for v in present):
        texts = [None if v is None or str(v).strip() in ABSENT else v for v in values]
        return _typed(
            ["" if v is None else v if isinstance(v, str) else _cell_text(v) for v in texts],
            decimal_comma=False,
        )[0]
    return pd.Series(values).infer_objects()


def _cell_text(value: Any) -> str:
    """A cell as the sheet shows it: a whole number has no `.0`."""
    is_whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if is_whole else str(value)


def _parquet(file: Path) -> pd.DataFrame:
    try:
        import pyarrow as arrow
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise UnsupportedFormatError.needs_package(file, "pyarrow", "polars") from None
    try:
        data = pd.read_parquet(file, engine="pyarrow")
        if RECORD_KEY not in data.attrs:
            # a table written block by block has its record in the metadata of the file
            told = ParquetFile(file).metadata.metadata or {}
            attrs = json.loads(told.get(b"PANDAS_ATTRS", b"{}"))
            if isinstance(attrs, dict) and RECORD_KEY in attrs:
                data.attrs[RECORD_KEY] = attrs[RECORD_KEY]
        return data
    except arrow.ArrowInvalid as fault:
        raise TruncatedFileError(file, str(fault).split(".")[0]) from None
    except arrow.ArrowException as fault:
        raise ReadError.unreadable(file, str(fault)) from None
