"""`write_sav`: the frame and its codebook as SPSS reads them, and a report of what is not kept.

Columns are converted in `sav_columns`, names mended in `sav_names`; here the file is put
together, the codes of missing answers return to their rows, and what the native writer cannot
write is patched (the weight, the date of creation) or told.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyreadstat

from socmeasures.errors import OutputError, UnsupportedFormatError, listed, plural
from socmeasures.responses.codebook import Codebook, Variable
from socmeasures.responses.embedded_record import RECORD_KEY, record_json, record_lines
from socmeasures.responses.losses import Loss, LossReport
from socmeasures.responses.row_marks import rows_in_place
from socmeasures.responses.sav_columns import (
    SavColumn,
    declared_missing,
    print_format,
    sav_column,
)
from socmeasures.responses.sav_header import (
    CREATED_OFFSET,
    WEIGHT_OFFSET,
    read_sav_header,
)
from socmeasures.responses.sav_names import FILE_LABEL_BYTES, fitted, legal_names, note_lines
from socmeasures.responses.writing import as_pandas, whole_file

CREATED = b"01 Jan 7000:00:00"  # not the moment of writing: same data, same bytes


def write_sav(
    frame: Any,
    path: str | os.PathLike[str],
    *,
    codebook: Codebook | None = None,
    record: object = None,
    overwrite: bool = True,
    compress: bool | None = None,
) -> LossReport:
    """Write data for SPSS with labels, measures, formats and missing codes.

    Parameters
    ----------
    frame : pandas or polars DataFrame
        The data; the index is not written. Categories become numbers with value labels, dates
        and durations SPSS dates and times.
    path : str or path
        A ``.sav`` or ``.zsav``.
    codebook : Codebook, optional
        What `read` gave. Its labels, measures, formats, notes and weight are written, missing
        codes are declared, and the codes return to the answers they were read from, by row
        label. Rows that were renumbered since get no code: they are in the report.
    record : ScoringRecord, optional
        How scores came about; default: what travels in `frame.attrs`, else the codebook's. It
        labels the score columns and is kept in the notes of the file; `read` finds it again.
        A score by an unverified key says so in its label.
    overwrite : bool
        Whether a file that is there may be replaced. The file that was read never is.
    compress : bool, optional
        For ``.sav``: False writes without SPSS's simple compression. A ``.zsav`` is always
        compressed.

    Returns
    -------
    LossReport
        Everything the file does not keep or holds otherwise; false when nothing.

    Raises
    ------
    OutputError
        The output is the input, its folder is missing, it cannot be written, or the frame has
        no columns. Nothing is left behind.
    UnsupportedFormatError
        Another ending.

    Notes
    -----
    The same data give the same bytes: the date of creation inside the file is fixed at
    1 January 1970.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "out.sav"
    >>> book = soc.Codebook.from_labels({"q1": {1: "Never", 9: "Refused"}}, missing={"q1": [9]})
    >>> bool(soc.write_sav(pd.DataFrame({"q1": [1, 9]}), file, codebook=book))
    False
    >>> data, again = soc.read(file)
    >>> data["q1"].tolist(), again.missing_reason("q1").tolist()
    ([1.0, nan], ['Refused'])
    """
    suffix = Path(path).suffix.lower()
    if suffix not in (".sav", ".zsav"):
        raise UnsupportedFormatError(path, suffix, (".sav", ".zsav"), doing="written")
    data = as_pandas(frame)
    if not data.shape[1]:
        raise OutputError.no_columns(path)
    if record is None:
        record = data.attrs.get(RECORD_KEY) or (codebook.record if codebook else None)
    scores = _score_columns(record)
    names, losses = legal_names(list(data.columns))
    columns: dict[str, SavColumn] = {}
    missing: dict[str, list[Any]] = {}
    places = _places(data, codebook)
    reasons = dict(list(codebook.reasons.groupby("column"))) if codebook else {}
    for place, name in enumerate(names):
        original = str(data.columns[place])
        variable = codebook.get(original) if codebook else None
        made = sav_column(data.iloc[:, place], original, variable, scores.get(original), losses)
        if original in reasons:
            _put_back(made, original, reasons[original], places, losses)
        declared = declared_missing(made, original, losses)
        if declared:
            missing[name] = declared
        made.format = print_format(made)
        if variable is not None and variable.format.startswith("F"):
            losses += _format_change(original, variable.format, made.format)
        columns[name] = made
    written = dict(zip(map(str, data.columns), names, strict=True))
    if codebook is not None:
        losses += _not_kept(codebook, written, columns)
    with whole_file(path, codebook=codebook, overwrite=overwrite) as part:
        _write(part, columns, written, missing, codebook, record, losses, suffix, compress)
        _patch(part, written, codebook)
    return LossReport(rows=tuple(losses))


def _write(
    part: Path,
    columns: Mapping[str, SavColumn],
    written: Mapping[str, str],
    missing: dict[str, list[Any]],
    codebook: Codebook | None,
    record: object,
    losses: list[Loss],
    suffix: str,
    compress: bool | None,
) -> None:
    notes = note_lines(codebook.documents) if codebook else []
    if record is not None:
        notes += record_lines(_renamed(record, written))
    pyreadstat.write_sav(
        pd.DataFrame({name: made.values for name, made in columns.items()}),
        str(part),
        file_label=fitted(
            codebook.file_label if codebook else "", FILE_LABEL_BYTES, "file label", "", losses
        ),
        column_labels={name: made.label for name, made in columns.items() if made.label},
        compress=suffix == ".zsav",
        row_compress=suffix == ".sav" and compress is not False,
        note=notes or None,
        variable_value_labels={
            name: made.value_labels for name, made in columns.items() if made.value_labels
        },
        missing_ranges=missing,
        variable_display_width={n: made.width for n, made in columns.items() if made.width},
        variable_measure={name: made.measure for name, made in columns.items()},
        variable_format={name: made.format for name, made in columns.items() if made.format},
    )


def _score_columns(record: object) -> dict[str, dict[str, Any]]:
    """Entries of the scoring record by column, each with the evidence grade of its key."""
    if record is None:
        return {}
    content = json.loads(record_json(record))
    evidence = {(use["scale"], use.get("wave")): use["evidence"] for use in content["uses"]}
    return {
        entry["column"]: {
            **entry,
            "evidence": evidence.get((entry["scale"], entry.get("wave")), ""),
        }
        for entry in content["columns"]
    }


def _renamed(record: object, written: Mapping[str, str]) -> dict[str, Any]:
    """The record with the names its columns have in the file."""
    content: dict[str, Any] = json.loads(record_json(record))
    for entry in content.get("columns", []):
        entry["column"] = written.get(entry["column"], entry["column"])
    for use in content.get("uses", []):
        if "items" in use:
            use["items"] = {n: written.get(column, column) for n, column in use["items"].items()}
    return content


# --- codes of missing answers ---------------------------------------------------------------


def _places(data: pd.DataFrame, codebook: Codebook | None) -> npt.NDArray[np.int64]:
    """For each row of the file its place in the frame, -1 where it is gone or renumbered."""
    if codebook is None or not codebook.n_rows:
        return np.full(0, -1)
    places = np.full(codebook.n_rows, -1)
    in_place = rows_in_place(data, codebook._row_marks, codebook.n_rows)
    if in_place.any():
        labels = np.flatnonzero(in_place)
        places[labels] = data.index.get_indexer(labels)
    return places


def _put_back(
    made: SavColumn,
    name: str,
    reasons: pd.DataFrame,
    places: npt.NDArray[np.int64],
    losses: list[Loss],
) -> None:
    """The codes of missing answers in their cells again; what cannot return is told."""
    declared = Variable(
        name=name, missing_values=made.missing_values, missing_ranges=made.missing_ranges
    )
    known = declared.missing_mask(reasons["code"].to_numpy())
    labels = reasons["row_label"].to_numpy()
    at = places[labels] if len(places) else np.full(len(labels), -1)
    fits = known & (at >= 0)
    codes = reasons["code"].to_numpy()[fits].astype(made.values.dtype)
    made.values = made.values.copy()
    empty = made.is_empty()[at[fits]]
    made.values[at[fits][empty]] = codes[empty]
    why_not = {
        "not declared missing any more": int((~known).sum()),
        "their rows are gone or renumbered": int((known & (at < 0)).sum()),
        "a value stands there now": int((made.values[at[fits]] != codes).sum()),
    }
    for why, n in why_not.items():
        if n:
            detail = f"{n:,} of {plural(len(reasons), 'code')} not put back: {why}"
            losses.append(Loss(what="missing code", column=name, detail=detail))


# --- what only the file had -----------------------------------------------------------------


def _not_kept(
    codebook: Codebook, written: Mapping[str, str], columns: Mapping[str, SavColumn]
) -> list[Loss]:
    losses = [
        Loss(what="response set", column="", detail=f"${name}: {', '.join(e['variable_list'])}")
        for name, e in codebook.mrsets.items()
    ]
    losses += [
        Loss(what=what, column=column, detail=detail)
        for what, column, detail in codebook.not_kept
        if not column or column in written
    ]
    if codebook.weight is not None and codebook.weight not in written:
        detail = f"the file was weighted by {codebook.weight}, which is not in the data"
        losses.append(Loss(what="weight", column=codebook.weight, detail=detail))
    absent = [name for name in codebook.variables if name not in written]
    if absent:
        detail = f"{plural(len(absent), 'column')} of the file not in the data: {listed(absent)}"
        losses.append(Loss(what="column", column="", detail=detail))
    for name, variable in codebook.variables.items():
        made = columns.get(written.get(name, ""))
        if made is None or not made.is_text or not variable.format.startswith("A"):
            continue
        texts = [*made.values, *map(str, made.value_labels)]
        width = max([len(text.encode("utf-8")) for text in texts] + [1])
        if f"A{width}" != variable.format:
            detail = f"{variable.format} in the file, as wide as its longest text now (A{width})"
            losses.append(Loss(what="string width", column=name, detail=detail, lost=False))
    return losses


def _format_change(name: str, before: str, after: str) -> list[Loss]:
    if before == after or not after:
        return []
    detail = f"{before} is too narrow for the values and codes: {after}"
    return [Loss(what="format", column=name, detail=detail, lost=False)]


def _patch(part: Path, written: Mapping[str, str], codebook: Codebook | None) -> None:
    """Fix the date of creation, and restore the weight, which the native writer leaves out."""
    positions = read_sav_header(part).positions
    weight = written.get(codebook.weight, "") if codebook and codebook.weight else ""
    with part.open("r+b") as file:
        file.seek(CREATED_OFFSET)
        file.write(CREATED)
        if weight in positions:
            file.seek(WEIGHT_OFFSET)
            file.write(struct.pack("<i", positions[weight]))
