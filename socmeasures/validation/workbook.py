"""The validation report as a workbook: a summary, by kind, by column, by person, one by one."""

from __future__ import annotations

import os
from typing import Any

import pandas as pd

from socmeasures.responses.atomic import replacing
from socmeasures.validation.page import CURES
from socmeasures.validation.report import ValidationReport

MOST = 1_000_000  # rows a sheet can take, with a margin for the heading
HEADS = {"wave": "time point", "rule": "kind", "message": "what is wrong"}
_WIDE = {"what is wrong": 60, "what to do": 60, "summary": 100}


def write_report_workbook(report: ValidationReport, path: str | os.PathLike[str]) -> None:
    """Write a validation report as .xlsx, for people who work in a spreadsheet.

    Parameters
    ----------
    report : ValidationReport
        From `soc.validate`.
    path : str or path
        Written whole or not at all. With identifiers in it the summary says INTERNAL.

    Raises
    ------
    OutputError
        The file cannot be written there.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc, tempfile, pathlib
    >>> from socmeasures.validation.workbook import write_report_workbook
    >>> answers = pd.DataFrame({"ucla3_1": [1, 7], "ucla3_2": [2, 3], "ucla3_3": [1, 2]})
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "problems.xlsx"
    >>> write_report_workbook(soc.validate(answers, "ucla3", coding="canonical"), file)
    >>> pd.read_excel(file, sheet_name="One by one")["value"].tolist()
    [7]
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for title, content in report_sheets(report).items():
        _fill(book.create_sheet(title), content)
    with replacing(path) as part:
        book.save(part)


def report_sheets(report: ValidationReport) -> dict[str, pd.DataFrame]:
    """The sheets of the workbook as frames, in order."""
    table = report.table
    lines = [report.title or "Problems in the data", report.summary, *report.hints]
    lines += [report.sampling] if report.sampling else []
    if report.named and len(table):
        lines.insert(1, "INTERNAL: this workbook holds identifiers of people.")
    if len(table) > MOST:
        lines.append(f"The first {MOST:,} of {len(table):,} problems are in this workbook.")
    sheets = {"Summary": pd.DataFrame({"summary": lines})}
    if not len(table):
        return sheets
    counts = {"problems": ("message", "size"), "rows": ("row", "nunique")}
    by_kind = table.groupby(["rule", "severity"], sort=False).agg(**counts).reset_index()
    by_kind["what to do"] = by_kind["rule"].map(CURES).fillna("")
    sheets["By kind"] = by_kind.rename(columns=HEADS)
    columns = table[table["column"].notna()].groupby(["column", "rule"], sort=False)
    sheets["By column"] = columns.agg(**counts).reset_index().rename(columns=HEADS)
    who = "person" if report.named else "row"
    people = table[table[who].notna()].groupby(who, sort=False)
    sheets[f"By {who}"] = (
        people.agg(
            problems=("message", "size"),
            errors=("severity", lambda s: int((s == "error").sum())),
            columns=("column", lambda s: ", ".join(dict.fromkeys(s.dropna().astype(str)))),
        )
        .reset_index()
        .sort_values("errors", ascending=False, kind="stable")
    )
    cells = table.head(MOST).copy()
    cells["what to do"] = cells["rule"].map(CURES).fillna("")
    sheets["One by one"] = cells.dropna(axis=1, how="all").rename(columns=HEADS)
    return sheets


def _fill(sheet: Any, content: pd.DataFrame) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet.freeze_panes = "A2"
    for place, name in enumerate(content.columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = _WIDE.get(str(name), 16)
    heads = []
    for name in content.columns:
        cell = WriteOnlyCell(sheet, str(name))
        cell.font = Font(bold=True)
        heads.append(cell)
    sheet.append(heads)
    for values in content.astype(object).itertuples(index=False):
        sheet.append([_cell(sheet, value) for value in values])


def _cell(sheet: Any, value: Any) -> Any:
    """Text stays text: a value that looks like a formula must not run."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if value is None or value is pd.NA or value != value:
        return None
    if isinstance(value, bool | int | float):
        return value
    if hasattr(value, "item"):
        return value.item()
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", str(value))[:32_000])
    cell.data_type = "s"
    return cell
