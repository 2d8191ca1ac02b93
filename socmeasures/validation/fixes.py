"""Suggested corrections as a TOML file: proposed, applied when a person says so, undone.

A correction names a column, the value that stands there and what it should become. Nothing is
applied without `apply = true`, and every cell that was changed is in the record.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from socmeasures import frames
from socmeasures.errors import FixError, did_you_mean
from socmeasures.responses.atomic import replacing
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.plan import ScoringPlan
from socmeasures.responses.reading_map import reading_table

# codes that services commonly use for "no answer"; proposed, never assumed
USUAL_MISSING = frozenset({-1, -7, -8, -9, -66, -77, -88, -99, -999, 9, 77, 88, 98, 99, 999})

Value = str | int | float


class Fix(BaseModel):
    """One correction: every cell of `column` that holds `value` becomes `becomes`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    value: Value
    becomes: Value | None = None  # None empties the cell
    apply: bool = False
    rows: tuple[int, ...] = ()  # data rows from 1; all rows when there are none
    n: int | None = None  # cells at the time of the proposal, for the reader
    why: str = ""


class Fixes(BaseModel):
    """A list of corrections, as `fixes.toml` holds it.

    Examples
    --------
    >>> from socmeasures.validation.fixes import Fix, Fixes
    >>> print(Fixes(fixes=(Fix(column="q1", value="Oftn", becomes="often"),)).to_toml())
    # Proposed corrections. Set apply = true where you agree; nothing else is changed.
    # Without a line "becomes" the cell is emptied.
    format = 1
    <BLANKLINE>
    [[fixes]]
    column = "q1"
    value = "Oftn"
    becomes = "often"
    apply = false
    <BLANKLINE>
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    fixes: tuple[Fix, ...] = ()

    def to_toml(self) -> str:
        """The list as TOML text."""
        lines = [
            "# Proposed corrections. Set apply = true where you agree; nothing else is changed.",
            '# Without a line "becomes" the cell is emptied.',
            "format = 1",
        ]
        for fix in self.fixes:
            lines += [
                "",
                "[[fixes]]",
                f"column = {_toml(fix.column)}",
                f"value = {_toml(fix.value)}",
            ]
            if fix.becomes is not None:
                lines.append(f"becomes = {_toml(fix.becomes)}")
            lines.append(f"apply = {'true' if fix.apply else 'false'}")
            if fix.rows:
                lines.append(f"rows = {list(fix.rows)}")
            if fix.n is not None:
                lines.append(f"n = {fix.n}")
            if fix.why:
                lines.append(f"why = {_toml(fix.why)}")
        return "\n".join(lines) + "\n"

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the list, to be read and decided by a person."""
        with replacing(path) as part:
            part.write_text(self.to_toml(), encoding="utf-8")
        return Path(path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Fixes:
        """Read a list; every fault at once."""
        file = Path(path)
        if not file.is_file():
            raise FixError(file.name, ["there is no such file"])
        try:
            return cls.model_validate(tomllib.loads(file.read_text(encoding="utf-8-sig")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            raise FixError(file.name, [f"not valid TOML: {fault}"]) from None
        except ValidationError as fault:
            faults = [
                f"{', '.join(str(step) for step in error['loc'])}: {error['msg']}"
                for error in fault.errors()
            ]
            raise FixError(file.name, faults) from None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Corrected:
    """Corrected data and what was done.

    Attributes
    ----------
    data : DataFrame (the kind that came in)
        Rows, row labels and order of columns as they were.
    record : str
        JSON: every changed cell with its row, column, old and new value. `undo_fixes` needs it.
    changed : pandas.DataFrame
        The same as a table: ``row, column, before, after``.
    """

    data: Any
    record: str
    changed: pd.DataFrame


def suggest_fixes(data: Any, plan: ScoringPlan, codebook: Codebook | None = None) -> Fixes:
    """Propose corrections for answers that are not understood.

    Parameters
    ----------
    data : DataFrame (pandas or polars)
        The answers.
    plan : ScoringPlan
        Which columns are which items.
    codebook : Codebook, optional
        As for `soc.validate`.

    Returns
    -------
    Fixes
        One entry a column and value, all with ``apply = false``: a near miss of an option's
        words becomes those words; a number that services commonly use for "no answer" empties
        the cell. Values nothing can be said about are not in it.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> from socmeasures.validation.fixes import suggest_fixes
    >>> data = pd.DataFrame({f"ucla3_{i}": ["often", "Oftn"] for i in (1, 2, 3)})
    >>> [(f.column, f.value, f.becomes) for f in suggest_fixes(data, soc.match_scales(data)).fixes]
    [('ucla3_1', 'Oftn', 'often'), ('ucla3_2', 'Oftn', 'often'), ('ucla3_3', 'Oftn', 'often')]
    """
    table = reading_table(data, plan, codebook)
    proposals: list[Fix] = []
    for row in table[table["how"].isin(["not understood", "coding undecided"])].to_dict("records"):
        number = _number(row["answer"])
        if row["proposal"]:
            becomes, why = row["proposal"], "nearly the words of an option"
        elif number is not None and number in USUAL_MISSING:
            becomes, why = None, "often a code for no answer"
        else:
            continue
        proposals.append(
            Fix(column=row["column"], value=row["answer"], becomes=becomes, n=row["n"], why=why)
        )
    return Fixes(fixes=tuple(proposals))


def apply_fixes(data: Any, fixes: Fixes, *, codebook: Codebook | None = None) -> Corrected:
    """Apply the corrections a person agreed to (``apply = true``).

    Parameters
    ----------
    data : DataFrame (pandas or polars)
        Not changed.
    fixes : Fixes
        As read from `fixes.toml`.
    codebook : Codebook, optional
        A correction of a code that reading already set to missing is then no fault.

    Returns
    -------
    Corrected
        The corrected frame, and the record `undo_fixes` takes.

    Raises
    ------
    FixError
        All faults at once: a column or a value that is not there, a text for a column of
        numbers, two corrections of the same cells.

    Examples
    --------
    >>> import pandas as pd
    >>> from socmeasures.validation.fixes import Fix, Fixes, apply_fixes, undo_fixes
    >>> data = pd.DataFrame({"q1": ["often", "Oftn"]})
    >>> fixes = Fixes(fixes=(Fix(column="q1", value="Oftn", becomes="often", apply=True),))
    >>> done = apply_fixes(data, fixes)
    >>> done.data["q1"].tolist(), undo_fixes(done.data, done.record)["q1"].tolist()
    (['often', 'often'], ['often', 'Oftn'])
    """
    agreed = [fix for fix in fixes.fixes if fix.apply]
    columns = frames.names(data)
    values: dict[str, list[Any]] = {}
    faults: list[str] = []
    cells: list[dict[str, Any]] = []
    touched: set[tuple[str, int]] = set()
    for fix in agreed:
        if fix.column not in columns:
            near = did_you_mean(fix.column, columns)
            faults.append(f"there is no column {fix.column!r}.{near}")
            continue
        before = values.setdefault(fix.column, _values(data, fix.column))
        places = [
            i
            for i, value in enumerate(before)
            if _same(value, fix.value) and (not fix.rows or i + 1 in fix.rows)
        ]
        gone = codebook is not None and fix.becomes is None and _taken_out(codebook, fix)
        if not places and not gone:
            where = f" in rows {list(fix.rows)}" if fix.rows else ""
            faults.append(f"column {fix.column!r} does not hold {fix.value!r}{where}")
        is_number = not isinstance(frames.column(data, fix.column), frames.Words)
        if is_number and isinstance(fix.becomes, str):
            faults.append(f"column {fix.column!r} holds numbers; {fix.becomes!r} is a text")
        for place in places:
            if (fix.column, place) in touched:
                faults.append(f"row {place + 1} of {fix.column!r} is corrected twice")
            touched.add((fix.column, place))
            cells.append(
                {
                    "row": place + 1,
                    "column": fix.column,
                    "before": _plain(before[place]),
                    "after": fix.becomes,
                }
            )
    if faults:
        raise FixError("the corrections", faults)
    kinds = {c: _dtype(data, c) for c in dict.fromkeys(cell["column"] for cell in cells)}
    record = {
        "format": 1,
        "what": "corrections",
        "rows": frames.n_rows(data),
        "dtypes": kinds,
        "fixes": [fix.model_dump(exclude_none=True) for fix in agreed],
        "cells": cells,
    }
    after = _with(data, cells, "after", {})
    table = pd.DataFrame(cells, columns=["row", "column", "before", "after"])
    return Corrected(data=after, record=json.dumps(record, ensure_ascii=False), changed=table)


def undo_fixes(data: Any, record: str) -> Any:
    """Take corrections back, cell by cell.

    Parameters
    ----------
    data : DataFrame (pandas or polars)
        What `apply_fixes` gave, also with columns added since. Not changed.
    record : str
        Its record.

    Returns
    -------
    DataFrame
        The values that stood there before.

    Raises
    ------
    FixError
        The record is none, or the cells no longer hold what was put there (rows were sorted or
        filtered since).

    Examples
    --------
    >>> import pandas as pd
    >>> from socmeasures.validation.fixes import Fix, Fixes, apply_fixes, undo_fixes
    >>> fixes = Fixes(fixes=(Fix(column="q1", value="Oftn", becomes="often", apply=True),))
    >>> done = apply_fixes(pd.DataFrame({"q1": ["Oftn"]}), fixes)
    >>> undo_fixes(done.data, done.record)["q1"].tolist()
    ['Oftn']
    """
    try:
        told = json.loads(record)
        cells, rows = told["cells"], int(told["rows"])
        kinds = dict(told["dtypes"])
    except (ValueError, KeyError, TypeError):
        raise FixError("the record", ["this is no record of corrections"]) from None
    faults = []
    if frames.n_rows(data) != rows:
        faults.append(f"the data had {rows:,} rows and have {frames.n_rows(data):,} now")
    columns = frames.names(data)
    faults += [f"there is no column {c!r}" for c in kinds if c not in columns]
    if not faults:
        held = {column: _values(data, column) for column in kinds}
        faults += [
            f"row {cell['row']} of {cell['column']!r} no longer holds {cell['after']!r}"
            for cell in cells
            if not _same(held[cell["column"]][cell["row"] - 1], cell["after"])
        ]
    if faults:
        raise FixError("the record", faults)
    return _with(data, cells, "before", kinds)


def _with(
    data: Any, cells: Sequence[Mapping[str, Any]], field: str, kinds: Mapping[str, str]
) -> Any:
    """The frame with one field of the cells put in place."""
    new: dict[str, frames.NewColumn] = {}
    for column in dict.fromkeys(cell["column"] for cell in cells):
        values = _values(data, column)
        for cell in cells:
            if cell["column"] == column:
                values[cell["row"] - 1] = cell[field]
        is_number = all(v is None or isinstance(v, int | float) for v in values)
        if is_number and any(v is not None for v in values):
            numbers = np.array([np.nan if v is None else float(v) for v in values])
            whole = kinds.get(column, "").lower().startswith("int") and not np.isnan(numbers).any()
            new[column] = numbers.astype(np.int64) if whole else numbers
        else:
            new[column] = np.array([None if v is None else str(v) for v in values], dtype=object)
    if not new:
        return frames.select(data, frames.names(data))
    order = frames.names(data)
    out = frames.select(frames.attach(data, new, drop=list(new)), order)
    if frames.is_pandas(out):
        texts = [c for c in new if str(data[c].dtype) == "str" or kinds.get(c) == "str"]
        out = out.astype(dict.fromkeys(texts, "str")) if texts else out
    return out


def _values(data: Any, column: str) -> list[Any]:
    series = frames.to_pandas(frames.select(data, [column])).iloc[:, 0]
    return [None if v is None or v is pd.NA or v != v else v for v in series.tolist()]


def _dtype(data: Any, column: str) -> str:
    return str(frames.to_pandas(frames.select(data, [column])).iloc[:, 0].dtype)


def _same(value: Any, wanted: Any) -> bool:
    if value is None or wanted is None:
        return value is None and wanted is None
    if isinstance(value, str) != isinstance(wanted, str):
        return False
    return bool(value == wanted or (isinstance(value, str) and value.strip() == wanted.strip()))


def _taken_out(codebook: Codebook, fix: Fix) -> bool:
    told = codebook.reasons
    return bool(((told["column"] == fix.column) & (told["code"] == fix.value)).any())


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _toml(value: Value) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)
