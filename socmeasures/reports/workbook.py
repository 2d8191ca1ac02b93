"""The tables of a report as a workbook: what the page shows, no number more."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font

if TYPE_CHECKING:
    from socmeasures.reports.paper import Paper, Table

_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_WHOLE = re.compile(r"−?\d{1,3}(?:,\d{3})*")
_DECIMAL = re.compile(r"[+−]?\d+\.\d")


def workbook_bytes(paper: Paper) -> bytes:
    """A sheet for each table, after one that says what the workbook is."""
    book = Workbook(write_only=True)
    front = book.create_sheet("About")
    front.column_dimensions["A"].width = 100
    for line in (paper.title, paper.dateline, "The tables of the report, as they stand in it."):
        front.append([_text(front, line)])
    taken = {"about"}
    for table in paper.tables():
        _fill(book.create_sheet(_sheet_name(table.name, taken)), table)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet_name(name: str, taken: set[str]) -> str:
    plain = _FORBIDDEN.sub(" ", name).strip()[:28] or "Table"
    chosen, n = plain, 2
    while chosen.lower() in taken:
        chosen, n = f"{plain[:25]} {n}", n + 1
    taken.add(chosen.lower())
    return chosen


def _fill(sheet: Any, table: Table) -> None:
    for letter, width in zip("ABCDEFGHIJ", (38, 20, 22, 22, 34, 14, 14, 14, 14, 14), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.append([_text(sheet, table.caption, bold=True)])
    sheet.append([_text(sheet, head, bold=True) for head in table.heads])
    for row in table.rows:
        sheet.append([_text(sheet, row[0]), *(_value(sheet, text) for text in row[1:])])
    if table.note:
        sheet.append([_text(sheet, table.note)])


def _value(sheet: Any, text: str) -> Any:
    """A plain number as one, everything else as text."""
    if _WHOLE.fullmatch(text):
        return int(text.replace(",", "").replace("−", "-"))
    if _DECIMAL.fullmatch(text):
        return float(text.replace("−", "-").replace("+", ""))
    return _text(sheet, text)


def _text(sheet: Any, text: str, *, bold: bool = False) -> Any:
    """Text stays text: a label that looks like a formula must not run."""
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", str(text))[:32_000])
    cell.data_type = "s"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if bold:
        cell.font = Font(bold=True)
    return cell
