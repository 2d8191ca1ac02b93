"""The codebook as a document: a page (HTML), a table (CSV), a Frictionless Table Schema (JSON)."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

from socmeasures.drawing.html import escaped, table
from socmeasures.errors import UnsupportedFormatError
from socmeasures.responses.codebook import Code, Codebook, Variable, code_text
from socmeasures.responses.writing import whole_file

WRITTEN = (".html", ".csv", ".json")
PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"
_TYPES = {
    "numeric": "number",
    "string": "string",
    "date": "date",
    "datetime": "datetime",
    "time": "duration",
}
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;color:#1b1b1b;background:#fff;margin:0}"
    "main{max-width:75rem;margin:2rem auto;padding:0 1rem}h1{font-size:1.6rem}"
    "table{border-collapse:collapse;width:100%}caption{text-align:left;color:#555}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #ddd;"
    "overflow-wrap:anywhere}th{border-bottom:2px solid #333}"
    "@media print{main{margin:0;max-width:none}tr{break-inside:avoid}@page{size:A4;margin:15mm}}"
)
_HEADS = {
    "value_labels": "codes and words",
    "missing": "codes for no answer",
    "n_user_missing": "answers with such a code",
    "kind": "holds",
}


def write_codebook(codebook: Codebook, path: str | os.PathLike[str]) -> Path:
    """Write what the columns mean, as a page, a table or a schema by the ending.

    Parameters
    ----------
    codebook : Codebook
        As `soc.read` gives it.
    path : str or path
        ``.html`` to read and print, ``.csv`` one row a code, ``.json`` a Frictionless Table
        Schema (version 2) that other tools read. Written whole or not at all.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    UnsupportedFormatError
        Another ending.
    OutputError
        The file cannot be written there, or is the one the codebook came from.

    Examples
    --------
    >>> import socmeasures as soc, tempfile, pathlib
    >>> from socmeasures.responses.codebook_document import write_codebook
    >>> book = soc.Codebook.from_labels({"q1": {1: "Never", 9: "Refused"}}, missing={"q1": [9]})
    >>> file = write_codebook(book, pathlib.Path(tempfile.mkdtemp()) / "codebook.csv")
    >>> print(file.read_text(encoding="utf-8-sig"))
    name,label,kind,measure,format,code,words,missing
    q1,,numeric,unknown,,1,Never,no
    q1,,numeric,unknown,,9,Refused,yes
    <BLANKLINE>
    """
    writers = {".html": codebook_page, ".csv": codebook_table, ".json": codebook_schema}
    suffix = Path(path).suffix.lower()
    if suffix not in writers:
        raise UnsupportedFormatError(path, suffix, WRITTEN, doing="written")
    text = writers[suffix](codebook)
    with whole_file(path, codebook=codebook) as part:
        encoding = "utf-8-sig" if suffix == ".csv" else "utf-8"
        part.write_text(text, encoding=encoding, newline="")
    return Path(path)


def codebook_page(codebook: Codebook) -> str:
    """The codebook as one self-contained page."""
    title = f"Codebook: {codebook.file_name}" if codebook.file_name else "Codebook"
    told = [codebook.file_label, *codebook.documents, *codebook.notes]
    notes = "".join(f"<li>{escaped(note)}</li>" for note in told if note)
    frame = codebook.to_frame().drop(columns=["format"])
    parts = [
        f"<p>{escaped(str(codebook).splitlines()[0])}</p>",
        f"<ul>{notes}</ul>" if notes else "",
        table(frame, caption="One row a column of the file", headings=_HEADS),
    ]
    return (
        "<!doctype html>\n<html lang='en-GB'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{escaped(title)}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{escaped(title)}</h1>{''.join(parts)}</main></body></html>\n"
    )


def codebook_table(codebook: Codebook) -> str:
    """The codebook as CSV, a row a code; a column without words has one row."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    heads = ["name", "label", "kind", "measure", "format", "code", "words", "missing"]
    writer.writerow(heads)
    for variable in codebook.variables.values():
        base = [_cell(v) for v in (variable.name, variable.label, variable.kind)]
        base += [variable.measure, variable.format]
        codes: list[tuple[str, str, str]] = [
            (code_text(code), words, "yes" if variable.is_missing_code(code) else "no")
            for code, words in variable.value_labels.items()
        ]
        named = set(variable.value_labels)
        codes += [(code_text(c), "", "yes") for c in variable.missing_values if c not in named]
        codes += [
            (f"{code_text(low)} to {code_text(high)}", "", "yes")
            for low, high in variable.missing_ranges
        ]
        for code, words, missing in codes or [("", "", "")]:
            writer.writerow([*base, _cell(code), _cell(words), missing])
    return out.getvalue()


def _cell(text: str) -> str:
    """Text that a spreadsheet would run as a formula gets an apostrophe; numbers stay."""
    runs = text.startswith(("=", "@", "\t", "\r")) or (
        text.startswith(("+", "-")) and not text[1:].replace(".", "", 1).split(" ")[0].isdigit()
    )
    return f"'{text}" if runs else text


def codebook_schema(codebook: Codebook) -> str:
    """The codebook as a Frictionless Table Schema (version 2), as JSON text."""
    content = {
        "$schema": PROFILE,
        "title": codebook.file_label or codebook.file_name or "codebook",
        "fields": [_field(v) for v in codebook.variables.values()],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _field(variable: Variable) -> dict[str, Any]:
    field: dict[str, Any] = {"name": variable.name, "type": _TYPES[variable.kind]}
    if variable.label:
        field["title"] = variable.label
    answers = {
        code: words
        for code, words in variable.value_labels.items()
        if not variable.is_missing_code(code)
    }
    if answers:
        whole = all(isinstance(c, int | float) and float(c).is_integer() for c in answers)
        if whole:
            field["type"] = "integer"
        if whole or variable.kind == "string":
            field["categories"] = [
                {"value": _value(code), "label": words} for code, words in answers.items()
            ]
            field["categoriesOrdered"] = variable.measure == "ordinal"
    missing = [
        {"value": code_text(c), "label": variable.value_labels.get(c, "")}
        for c in variable.missing_values
    ]
    # a range of missing codes has no word in the standard; its labelled codes have
    missing += [
        {"value": code_text(c), "label": words}
        for c, words in variable.value_labels.items()
        if c not in variable.missing_values and variable.is_missing_code(c)
    ]
    if missing:
        field["missingValues"] = [{"value": "", "label": ""}, *missing]
    if variable.missing_ranges:
        field["socmeasures:missingRanges"] = [
            [code_text(low), code_text(high)] for low, high in variable.missing_ranges
        ]
    return field


def _value(code: Code) -> int | str:
    return code if isinstance(code, str) else int(code)
