"""SPSS and Stata files through pyreadstat, with its traps disarmed.

pyreadstat is always asked for user-missing codes and raw dates: its own masking forgets the
declarations, and one date outside the calendar stops its whole conversion. Masks, reasons and
dates are made here. No other file imports pyreadstat for reading.
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyreadstat.pyreadstat import parser_entry_point

from socmeasures.errors import (
    ColumnsNotInFileError,
    EncodingError,
    ReadError,
    SocmeasuresWarning,
    TruncatedFileError,
    listed,
    plural,
)
from socmeasures.responses.codebook import (
    Codebook,
    Kind,
    Variable,
    reasons_frame,
    split_missing,
)
from socmeasures.responses.embedded_record import RECORD_KEY, split_record
from socmeasures.responses.row_marks import row_marks
from socmeasures.responses.sav_header import SavHeader, read_sav_header

FILTER = "filter_$"  # the variable in which SPSS keeps which rows are selected
SPSS_EPOCH = -12_219_379_200  # 14 October 1582 in seconds from 1970
STATA_EPOCH = -315_619_200  # 1 January 1960
FIRST, LAST = -62_135_596_800, 253_402_300_800  # years 1 to 9999, the calendar of Python

_SPSS_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("DATE", "ADATE", "EDATE", "JDATE", "SDATE"), "date"),
    **dict.fromkeys(("DATETIME", "YMDHMS"), "datetime"),
    **dict.fromkeys(("TIME", "DTIME", "MTIME"), "time"),
}


def read_labelled(
    file: Path,
    *,
    suffix: str,
    keep: bool,
    columns: list[str] | None,
    encoding: str | None,
    sheet: str | None,  # noqa: ARG001 - one signature for all readers
) -> tuple[pd.DataFrame, Codebook]:
    """Read one SPSS or Stata file; see `socmeasures.responses.reading.read`."""
    header = read_sav_header(file) if suffix in (".sav", ".zsav") else None
    parser = {".por": "por", ".dta": "dta"}.get(suffix, "sav/zsav")
    stated = (header and header.encoding) or "utf-8"
    if header is not None:
        _check_text_codes(file, header, encoding or header.letters)
    wanted = columns
    if columns is not None:
        _, listing = _native(file, parser, encoding, stated, metadataonly=True)
        absent = [name for name in columns if name not in listing.column_names]
        if absent:
            raise ColumnsNotInFileError(file, absent, listing.column_names)
        # a filter is told of whichever columns are asked for
        wanted = [n for n in listing.column_names if n in {*columns, FILTER}]
    raw, meta = _native(file, parser, encoding, stated, usecols=wanted)
    if not all(isinstance(name, str) for name in meta.column_names):
        raise TruncatedFileError(file, "it holds a variable without a name")
    variables = {
        name: _variable(name, meta, parser)
        for name in meta.column_names
        if columns is None or name in columns
    }
    data, reasons = _masked(raw, variables, keep=keep)
    data, strange = _with_dates(data, variables, stata=parser == "dta")
    documents, record = split_record(meta.notes or [])
    if record is not None:
        data.attrs[RECORD_KEY] = record
    codebook = Codebook(
        variables=variables,
        file_name=file.name,
        file_format=suffix.lstrip("."),
        encoding=meta.file_encoding or "",
        file_label=(meta.file_label or "").strip(),
        documents=documents,
        notes=(
            *_notes(raw, meta, header, encoding, parser),
            *_missing_notes(reasons, keep=keep),
            *strange,
        ),
        reasons=reasons,
        n_rows=len(data),
        mrsets=dict(getattr(meta, "mr_sets", None) or {}),
        weight=header.weight if header else None,
        not_kept=_not_kept(header, variables),
        record=record,
        _source=str(file.resolve()),
        _row_marks=row_marks(data) if len(reasons) else {},
    )
    if strange:
        warnings.warn(f"{file.name}: {' '.join(strange)}", SocmeasuresWarning, stacklevel=3)
    return data, codebook


def read_dictionary(file: Path, header: SavHeader, encoding: str | None) -> Codebook:
    """The codebook of a .sav or .zsav without its answers."""
    stated = header.encoding or "utf-8"
    _check_text_codes(file, header, encoding or header.letters)
    _, meta = _native(file, "sav/zsav", encoding, stated, metadataonly=True)
    if not all(isinstance(name, str) for name in meta.column_names):
        raise TruncatedFileError(file, "it holds a variable without a name")
    variables = {name: _variable(name, meta, "sav/zsav") for name in meta.column_names}
    documents, record = split_record(meta.notes or [])
    some = pd.DataFrame({"filter": [0]})
    return Codebook(
        variables=variables,
        file_name=file.name,
        file_format=file.suffix.lstrip(".").lower(),
        encoding=meta.file_encoding or "",
        file_label=(meta.file_label or "").strip(),
        documents=documents,
        notes=tuple(_notes(some, meta, header, encoding, "sav/zsav")),
        n_rows=header.rows,
        mrsets=dict(getattr(meta, "mr_sets", None) or {}),
        weight=header.weight,
        not_kept=_not_kept(header, variables),
        record=record,
        _source=str(file.resolve()),
    )


def read_rows(
    file: Path,
    variables: dict[str, Variable],
    *,
    start: int,
    rows: int,
    encoding: str | None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Some rows of some columns, user-missing codes set aside, and the reasons."""
    raw, _ = _native(
        file,
        "sav/zsav",
        encoding,
        "utf-8",
        usecols=list(variables),
        row_offset=start,
        row_limit=rows,
    )
    if all(v.kind == "numeric" and not v.has_missing_codes for v in variables.values()):
        return raw.set_axis(pd.RangeIndex(len(raw))), reasons_frame([])
    data, reasons = _masked(raw, variables, keep=False)
    data, _ = _with_dates(data, variables, stata=False)
    return data, reasons


def _check_text_codes(file: Path, header: SavHeader, encoding: str) -> None:
    """Refuse codes of labelled text in another encoding: the native reader crashes on them."""
    for code in header.text_codes:
        try:
            code.decode(encoding)
        except UnicodeDecodeError:
            raise EncodingError(file, encoding) from None
        except (LookupError, ValueError):
            if not code.isascii():
                raise EncodingError(file, encoding, known=False) from None


def _native(
    file: Path, parser: str, encoding: str | None, stated: str, **options: Any
) -> tuple[Any, Any]:
    """What pyreadstat reads, its failures turned into ours."""
    try:
        return cast(
            tuple[Any, Any],
            parser_entry_point(
                str(file),
                parser_format=parser,
                encoding=encoding if parser != "por" else None,
                user_missing=True,
                disable_datetime_conversion=True,
                **options,
            ),
        )
    except PermissionError:
        raise
    except UnicodeDecodeError:
        if parser == "por":
            why = "a .por must be UTF-8 to be read here; open it in SPSS and save it as .sav"
            raise ReadError.unreadable(file, why) from None
        raise EncodingError(file, encoding or stated) from None
    except Exception as fault:  # the native reader raises bare exceptions of many kinds
        why = str(fault)
        if "invalid byte sequence" in why:
            raise EncodingError(file, encoding or stated) from None
        if "character set" in why:
            raise EncodingError(file, encoding or stated, known=False) from None
        if any(sign in why for sign in ("number of rows", "read from file", "Invalid file")):
            raise TruncatedFileError(file, why[0].lower() + why[1:]) from None
        raise ReadError.unreadable(file, why) from fault


def _variable(name: str, meta: Any, parser: str) -> Variable:
    format_ = meta.original_variable_types.get(name) or ""
    is_text = meta.readstat_variable_types[name] == "string"
    spec: list[Any] = [
        entry["lo"] if entry["lo"] == entry["hi"] else (entry["lo"], entry["hi"])
        for entry in meta.missing_ranges.get(name, [])
    ]
    spec += meta.missing_user_values.get(name, [])
    codes, ranges = split_missing(spec)
    return Variable(
        name=name,
        label=meta.column_names_to_labels.get(name) or "",
        kind="string" if is_text else _kind(format_, parser),
        value_labels=dict(meta.variable_value_labels.get(name, {})),
        missing_values=codes,
        missing_ranges=ranges,
        measure=meta.variable_measure.get(name) or "unknown",
        format=format_ if format_ != "NULL" else "",
        width=meta.variable_display_width.get(name) or None,
    )


def _kind(format_: str, parser: str) -> Kind:
    if parser == "dta":
        if re.match(r"%-?t?d", format_) and not re.match(r"%-?\d", format_):
            return "date"
        return "datetime" if re.match(r"%-?t[cC]", format_) else "numeric"
    letters = re.match(r"[A-Z]*", format_.upper())
    return _SPSS_KINDS.get(letters.group() if letters else "", "numeric")


def _masked(
    raw: pd.DataFrame, variables: dict[str, Variable], *, keep: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The frame without user-missing codes (unless kept), and the reasons."""
    columns: dict[str, pd.Series] = {}
    found: list[pd.DataFrame] = []
    for place, (name, variable) in enumerate(variables.items()):
        column = raw[name].astype("str") if variable.kind == "string" else raw[name]
        mask = variable.missing_mask(column.to_numpy())
        if mask.any():
            rows = np.flatnonzero(mask)
            codes = column.to_numpy(dtype=object)[rows]
            words = [variable.value_labels.get(code, "") for code in codes]
            found.append(
                pd.DataFrame({"row_label": rows, "place": place, "column": name})
                .assign(code=pd.Series(codes, dtype=object))
                .assign(label=pd.Series(words, dtype="str"))
            )
            if not keep:
                column = column.mask(mask)
        if variable.kind != "string" and not (keep and column.dtype == object):
            column = pd.to_numeric(column)
        columns[name] = column
    data = pd.DataFrame(columns, index=pd.RangeIndex(len(raw)))
    if not found:
        return data, reasons_frame([])
    reasons = pd.concat(found).sort_values(["row_label", "place"], ignore_index=True)
    return data, reasons[["row_label", "column", "code", "label"]].astype({"column": "str"})


def _with_dates(
    data: pd.DataFrame, variables: dict[str, Variable], *, stata: bool
) -> tuple[pd.DataFrame, list[str]]:
    """Dates, datetimes and durations as such; sentences about those no calendar holds."""
    converted: dict[str, pd.Series] = {}
    strange: list[str] = []
    for name, variable in variables.items():
        if variable.kind in ("numeric", "string") or data[name].dtype == object:
            continue
        numbers = data[name].to_numpy(dtype=float)
        if variable.kind == "time":
            converted[name] = pd.Series(_microseconds(numbers).view("timedelta64[us]"))
            continue
        unit = {"date": 86_400.0, "datetime": 0.001}[variable.kind] if stata else 1.0
        seconds = numbers * unit + (STATA_EPOCH if stata else SPSS_EPOCH)
        outside = (seconds < FIRST) | (seconds >= LAST)
        if outside.any():
            strange.append(
                f"{plural(int(outside.sum()), 'date')} of {name} outside the calendar "
                "(years 1 to 9999) set to missing."
            )
        seconds[outside] = np.nan
        converted[name] = pd.Series(_microseconds(seconds).view("datetime64[us]"))
    return data.assign(**converted), strange


def _microseconds(seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Whole microseconds; the smallest int64 (NaT) where missing or too long for 64 bits."""
    result = np.full(len(seconds), np.iinfo(np.int64).min)
    known = np.abs(seconds) < 2**43
    # whole seconds apart, as microseconds since 1582 do not fit the digits of a float64
    whole = np.floor(seconds[known])
    parts = np.rint((seconds[known] - whole) * 1e6)
    result[known] = whole.astype(np.int64) * 1_000_000 + parts.astype(np.int64)
    return result


def _notes(
    data: pd.DataFrame, meta: Any, header: SavHeader | None, encoding: str | None, parser: str
) -> list[str]:
    notes = []
    if not len(data):
        notes.append("The file has variables but no answers (0 rows).")
    if parser == "por":
        if encoding is not None:
            notes.append("A .por is always read as UTF-8; encoding= has no effect on it.")
    elif meta.file_encoding or encoding:
        asked = " as asked for" if encoding else ""
        notes.append(f"Letters read as {encoding or meta.file_encoding}{asked}.")
    words = [*meta.column_names_to_labels.values(), *_all_words(meta)]
    garbled = [
        w for w in words if w and re.search("[ÃÂ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ''•–—˜™š›œžŸ]", w)
    ]
    if garbled:
        notes.append(
            f"Labels look garbled ({listed([repr(g) for g in garbled], 2)}): the file may state "
            "the wrong encoding. Try read(..., encoding='utf-8'), or --encoding utf-8."
        )
    if FILTER in data.columns:
        chosen = int((data[FILTER] == 1).sum())
        notes.append(
            f"The file holds a filter (filter_$): {chosen:,} of {plural(len(data), 'row')} are "
            "selected. All rows are read; the filter is not used."
        )
    if header and header.weight:
        notes.append(f"The file is weighted by {header.weight}. The weight is not used.")
    parted = [n for n, role in (header.roles if header else {}).items() if role == "split"]
    if parted:
        notes.append(
            f"The file is split by {listed(parted)} (role split). The split is not used: all rows "
            "are scored together."
        )
    for name, entry in (getattr(meta, "mr_sets", None) or {}).items():
        notes.append(f"Multiple-response set ${name}: {', '.join(entry['variable_list'])}.")
    return notes


def _all_words(meta: Any) -> list[str]:
    return [words for labels in meta.value_labels.values() for words in labels.values()]


def _missing_notes(reasons: pd.DataFrame, *, keep: bool) -> list[str]:
    if not len(reasons):
        return []
    columns = reasons["column"].nunique()
    fate = "left as codes" if keep else "set to missing"
    return [
        f"{plural(len(reasons), 'answer')} in {plural(columns, 'column')} with a code declared "
        f"missing: {fate}, reasons in codebook.reasons."
    ]


def _not_kept(
    header: SavHeader | None, variables: dict[str, Variable]
) -> tuple[tuple[Literal["role", "custom attribute", "file attribute"], str, str], ...]:
    if header is None:
        return ()
    return (
        *(("role", name, role) for name, role in header.roles.items() if name in variables),
        *(
            ("custom attribute", name, ", ".join(names))
            for name, names in header.attributes.items()
            if name in variables
        ),
        *(("file attribute", "", name) for name in header.file_attributes),
    )
