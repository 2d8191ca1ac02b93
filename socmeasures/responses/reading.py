"""Reading any export a service has: `read(path)` gives the frame and its codebook.

This file chooses the reader by the ending, looks at the first bytes before any reader does, and
turns what goes wrong into our own errors. SPSS and Stata: `spss_stata`; tables: `tables`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from socmeasures.errors import (
    ChoiceError,
    DictionaryError,
    FileMissingError,
    NotAnSpssFileError,
    ReadError,
    UnsupportedFormatError,
    WrongFormatError,
)
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.sav_header import MAGIC

READABLE = (".sav", ".zsav", ".por", ".dta", ".csv", ".tsv", ".txt", ".xlsx", ".parquet")
SPSS = (".sav", ".zsav", ".por")
LOOK = 2048

Reader = Callable[..., tuple[pd.DataFrame, Codebook]]


def read(
    path: str | os.PathLike[str],
    *,
    user_missing: Literal["reason", "keep"] = "reason",
    columns: Sequence[str] | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    frame: Literal["pandas", "polars"] = "pandas",
    dictionary: str | os.PathLike[str] | None = None,
    missing_codes: Mapping[Any, str] | Sequence[Any] | str | None = None,
) -> tuple[Any, Codebook]:
    """Read an export: the answers as a frame, and what they mean as a codebook.

    Parameters
    ----------
    path : str or path
        A ``.sav``, ``.zsav``, ``.por``, ``.dta``, ``.csv`` (also ``.tsv``, ``.txt``), ``.xlsx``
        or ``.parquet`` file. It is never changed.
    user_missing : {"reason", "keep"}
        ``"reason"``: an answer whose code is declared missing becomes NaN (text: missing) and
        stands in ``codebook.reasons``. ``"keep"``: the codes stay in the frame; the reasons are
        listed all the same.
    columns : sequence of str, optional
        Read only these, in the order of the file.
    encoding : str, optional
        Of the letters, when the file says it wrongly or not at all, e.g. ``"windows-1252"``.
        A ``.csv`` is tried as UTF-8, then as windows-1252; `codebook.notes` say which.
    sheet : str, optional
        Of a workbook with several.
    frame : {"pandas", "polars"}
        Kind of frame. Row labels are row numbers from 0 in both.
    dictionary : str or path, optional
        The data dictionary (CSV) of the REDCap project a ``.csv`` was exported from. Raw and
        label exports then give the same frame of codes; labels and choices are in the codebook.
    missing_codes : mapping, sequence or str, optional
        REDCap's missing data codes, e.g. ``{-999: "Not asked", "UNK": "Unknown"}``, or as REDCap
        writes them: ``"-999, Not asked | UNK, Unknown"``. Needs `dictionary`.

    Returns
    -------
    frame
        One row a row of the file. SPSS numbers are float64, text is text; an empty text stays
        ``""``, as SPSS has no missing text of its own, and counts as no answer in scoring.
        Dates and datetimes are datetime64, SPSS times are durations. Codes stay codes: labels
        are in the codebook.
    codebook : Codebook
        Labels, missing codes, measures, formats, reasons, notes.

    Raises
    ------
    ReadError
        Of a kind that says what is wrong with the file: `FileMissingError`,
        `UnsupportedFormatError`, `WrongFormatError` (`NotAnSpssFileError`),
        `TruncatedFileError`, `EncodingError`, `SheetError`, `TableError`,
        `ColumnsNotInFileError`, `DictionaryError`.

    Warns
    -----
    SocmeasuresWarning
        Dates outside the calendar were set to missing (counted in the notes).

    Examples
    --------
    >>> import socmeasures as soc
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "export.csv"
    >>> _ = file.write_text("id;mood\\n1;2,5\\n2;\\n", encoding="utf-8")
    >>> data, codebook = soc.read(file)
    >>> data["mood"].tolist()
    [2.5, nan]
    >>> codebook.notes[-1]
    'A comma is read as the decimal sign in: mood.'
    """
    if user_missing not in ("reason", "keep"):
        raise ChoiceError("user_missing", user_missing, ["reason", "keep"])
    if frame not in ("pandas", "polars"):
        raise ChoiceError("frame", frame, ["pandas", "polars"])
    file = Path(path)
    suffix = checked_suffix(file)
    wanted = None if columns is None else list(columns)
    reader = _reader(suffix)
    if dictionary is not None or missing_codes is not None:
        reader = _redcap(file, suffix, dictionary, missing_codes)
    try:
        data, codebook = reader(
            file,
            suffix=suffix,
            keep=user_missing == "keep",
            columns=wanted,
            encoding=encoding,
            sheet=sheet,
        )
    except PermissionError:
        raise ReadError.not_permitted(path) from None
    if frame == "polars":
        return _polars(path, data), codebook
    return data, codebook


def _reader(suffix: str) -> Reader:
    if suffix in (*SPSS, ".dta"):
        from socmeasures.responses import spss_stata

        return spss_stata.read_labelled
    from socmeasures.responses import tables

    return tables.read_table


def _redcap(file: Path, suffix: str, dictionary: Any, missing_codes: Any) -> Reader:
    from socmeasures.responses.redcap import read_redcap

    if suffix not in (".csv", ".tsv", ".txt"):
        raise DictionaryError.not_a_csv(file)
    if dictionary is None:
        raise DictionaryError.codes_without(file)
    beside = Path(dictionary)
    if checked_suffix(beside) not in (".csv", ".tsv", ".txt"):
        raise DictionaryError.not_one(beside, [])

    def reader(file: Path, *, suffix: str, sheet: str | None, **options: Any) -> Any:  # noqa: ARG001
        return read_redcap(file, dictionary=beside, missing_codes=missing_codes, **options)

    return reader


def _polars(path: object, data: pd.DataFrame) -> Any:
    try:
        import polars
    except ImportError:
        raise UnsupportedFormatError.needs_package(path, "polars", "polars") from None
    return polars.from_pandas(data)


def checked_suffix(file: Path) -> str:
    """The ending in lower case, once the file is there, readable, not empty and what it says.

    Raises
    ------
    ReadError
        See `read`.
    """
    suffix = file.suffix.lower()
    if file.is_dir():
        raise FileMissingError(file, "this is a folder, not a file")
    if not file.exists():
        folder = file.parent
        neighbours = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
        raise FileMissingError(file, "there is no such file", neighbours)
    if suffix not in READABLE:
        raise UnsupportedFormatError(file, suffix, READABLE)
    try:
        with file.open("rb") as source:
            start = source.read(LOOK)
    except PermissionError:
        raise ReadError.not_permitted(file) from None
    if not start:
        raise FileMissingError(file, "the file is empty (0 bytes)")
    found = looks_like(start)
    if found not in _EXPECTED[suffix]:
        raise _wrong(file, suffix, found)
    return suffix


_EXPECTED = {
    ".sav": ("an SPSS file",),
    ".zsav": ("an SPSS file",),
    ".por": ("an SPSS portable file",),
    ".dta": ("a Stata file",),
    ".csv": ("text",),
    ".tsv": ("text",),
    ".txt": ("text",),
    ".xlsx": ("a workbook or zip file",),
    ".parquet": ("a parquet file",),
}
_NAMES = {
    ".sav": "an SPSS data file",
    ".zsav": "an SPSS data file",
    ".por": "an SPSS portable file",
    ".dta": "a Stata file",
    ".csv": "a table of text",
    ".tsv": "a table of text",
    ".txt": "a table of text",
    ".xlsx": "an Excel workbook (.xlsx)",
    ".parquet": "a parquet file",
}
_ENDINGS = {
    "an SPSS file": ".sav",
    "an SPSS portable file": ".por",
    "a Stata file": ".dta",
    "a parquet file": ".parquet",
    "a workbook or zip file": ".xlsx",
    "text": ".csv",
}


def _wrong(file: Path, suffix: str, found: str) -> WrongFormatError:
    hint = ""
    if found == "an encrypted SPSS file":
        hint = "Open it in SPSS with its password and save it without encryption."
    elif found == "an old or password-protected Office file":
        hint = "Open it in Excel and save it as .xlsx without a password."
    elif found in _ENDINGS:
        hint = f"If it is, rename it so that it ends in {_ENDINGS[found]}; else export it again."
    kind = NotAnSpssFileError if suffix in SPSS else WrongFormatError
    return kind(file, _NAMES[suffix], found, hint)


def looks_like(start: bytes) -> str:
    """What a file is, by its first bytes, in words."""
    signs = (
        (MAGIC[0], "an SPSS file"),
        (MAGIC[1], "an SPSS file"),
        (b"PK\x03\x04", "a workbook or zip file"),
        (b"PAR1", "a parquet file"),
        (b"\xd0\xcf\x11\xe0", "an old or password-protected Office file"),
        (b"%PDF", "a PDF document"),
        (b"<stata_dta>", "a Stata file"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"7z\xbc\xaf", "a 7-Zip archive"),
        (b"Rar!", "a RAR archive"),
    )
    for sign, name in signs:
        if start.startswith(sign):
            return name
    if b"ENCRYPTEDSAV" in start[:64]:
        return "an encrypted SPSS file"
    if b"SPSSPORT" in start or b"SPSS PORT FILE" in start:
        return "an SPSS portable file"
    head = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype", b"<html", b"<head", b"<body")):
        return "a web page (often a login page saved instead of the data)"
    if head.startswith(b"<?xml"):
        return "an XML file"
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "text"
    # versions 4 to 12 of Stata begin with release, byte order and file type
    if len(start) > 3 and 102 <= start[0] <= 115 and start[1] in (1, 2) and start[2] == 1:
        return "a Stata file"
    return "binary data of no kind known here" if b"\0" in start else "text"
