"""Writing .xlsx: the data, and a sheet that explains them.

A text that looks like a formula is written as text: opened in a spreadsheet it must not run.
"""

from __future__ import annotations

import datetime
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from socmeasures.errors import OutputError
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.losses import Loss, LossReport
from socmeasures.responses.tables import CODEBOOK_SHEET
from socmeasures.responses.writing import as_pandas, blank_codes, whole_file, whole_numbers

MOST_ROWS, MOST_COLUMNS, MOST_LETTERS = 1_048_576, 16_384, 32_767
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_STAMP = datetime.datetime(1980, 1, 1)  # the earliest a zip file can hold


def write_xlsx(
    frame: Any,
    path: str | os.PathLike[str],
    *,
    codebook: Codebook | None = None,
    overwrite: bool = True,
) -> LossReport:
    """Write a workbook with a sheet `data` and, with a codebook, a sheet `codebook`.

    The same data written twice give the same bytes. Parameters, returns and errors as
    `socmeasures.write`.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "out.xlsx"
    >>> _ = soc.write_xlsx(pd.DataFrame({"note": ["=1+1"]}), file)
    >>> soc.read(file)[0]["note"].tolist()
    ['=1+1']
    """
    data = as_pandas(frame)
    if len(data) + 1 > MOST_ROWS:
        raise OutputError.too_large(path, f"the data have {len(data):,} rows", MOST_ROWS - 1)
    if data.shape[1] > MOST_COLUMNS:
        raise OutputError.too_large(path, f"the data have {data.shape[1]:,} columns", MOST_COLUMNS)
    losses = blank_codes(data, codebook)
    with whole_file(path, codebook=codebook, overwrite=overwrite) as part:
        _write_book(part, data, codebook, losses)
        _without_dates(part)
    return LossReport(rows=tuple(losses))


def _write_book(
    part: Path, data: pd.DataFrame, codebook: Codebook | None, losses: list[Loss]
) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheets = {"data": whole_numbers(data)}
    if codebook is not None:
        sheets[CODEBOOK_SHEET] = codebook.to_frame()
    try:
        for title, content in sheets.items():
            sheet = book.create_sheet(title)
            sheet.freeze_panes = "A2"
            for row in _rows(sheet, content, losses):
                sheet.append(row)
        book.save(part)
    finally:
        # after a failure the half-written sheets are still open
        for sheet in book.worksheets:
            if not sheet.closed:
                sheet.close()


def _rows(sheet: Any, content: pd.DataFrame, losses: list[Loss]) -> Iterator[list[Any]]:
    names = [str(name) for name in content.columns]
    yield [_text_cell(sheet, name, name, losses) for name in names]
    columns = [content.iloc[:, place].astype(object) for place in range(len(names))]
    columns = [column.where(column.notna(), None) for column in columns]
    for values in zip(*columns, strict=True):
        yield [
            _text_cell(sheet, value, name, losses)
            if isinstance(value, str)
            else _plain_cell(value, name, losses)
            for value, name in zip(values, names, strict=True)
        ]


def _text_cell(sheet: Any, text: str, name: str, losses: list[Loss]) -> Any:
    from openpyxl.cell import WriteOnlyCell

    clean = _ILLEGAL.sub("", text)[:MOST_LETTERS]
    if clean != text:
        detail = "control characters left out, and text cut to 32,767 letters"
        losses.append(Loss(what="text", column=name, detail=detail))
    cell = WriteOnlyCell(sheet, clean)
    cell.data_type = "s"
    return cell


def _plain_cell(value: Any, name: str, losses: list[Loss]) -> Any:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        losses.append(Loss(what="value", column=name, detail="an infinite value is left blank"))
        return None
    if isinstance(value, pd.Timestamp):
        if value.tzinfo is not None:
            losses.append(Loss(what="time zone", column=name, detail="clock times are kept"))
        return value.tz_localize(None).to_pydatetime()
    if isinstance(value, pd.Timedelta):
        return value.to_pytimedelta()
    known = (float, datetime.date, datetime.time, datetime.timedelta)
    return value if isinstance(value, known) else str(value)


def _without_dates(part: Path) -> None:
    """The same workbook without the moment it was made: the same data give the same bytes."""
    with zipfile.ZipFile(part) as book:
        entries = [(name, book.read(name)) for name in book.namelist()]
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in entries:
            if name == "docProps/core.xml":
                content = re.sub(
                    rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", _STAMP.strftime("%FT%TZ").encode(), content
                )
            entry = zipfile.ZipInfo(name, _STAMP.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            book.writestr(entry, content)
