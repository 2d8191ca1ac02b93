"""REDCap exports: raw or label CSV with the project's data dictionary.

Both kinds of export give the same frame: codes, with their words in the codebook. Missing data
codes stand in the cells like answers (-999, UNK) and become reasons. Events and repeats stay
columns; they are named in the notes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from socmeasures.errors import ColumnsNotInFileError, DictionaryError, listed, plural
from socmeasures.responses.codebook import Code, Codebook, Kind, Variable, reasons_frame
from socmeasures.responses.row_marks import row_marks
from socmeasures.responses.tables import checked_rows, decoded_rows, typed_texts

MissingCodes = Mapping[Any, str] | Sequence[Any] | str

# heads of the downloaded file, and of the same table from REDCap's API
_HEADS = {
    "name": ("variable / field name", "field_name"),
    "form": ("form name", "form_name"),
    "type": ("field type", "field_type"),
    "label": ("field label", "field_label"),
    "choices": ("choices, calculations, or slider labels", "select_choices_or_calculations"),
    "validation": (
        "text validation type or show slider number",
        "text_validation_type_or_show_slider_number",
    ),
}
_COMPLETE: Mapping[Code, str] = {0: "Incomplete", 1: "Unverified", 2: "Complete"}
_CHECKED: Mapping[Code, str] = {0: "Unchecked", 1: "Checked"}
_SYSTEM = {
    "redcap_event_name": "Event Name",
    "redcap_repeat_instrument": "Repeat Instrument",
    "redcap_repeat_instance": "Repeat Instance",
    "redcap_data_access_group": "Data Access Group",
    "redcap_survey_identifier": "Survey Identifier",
}
_INLINE = re.compile(r"</?(?:b|i|u|em|strong|span|font|a|sub|sup)\b[^>]*>", re.IGNORECASE)
_TAGS = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Expected:
    """One column an export of the project has: its name, its label, its choices."""

    name: str
    label: str
    choices: Mapping[Code, str] = field(default_factory=dict)
    is_date: bool = False
    head: str = ""  # over the column in a label export, where it is not the label


def read_redcap(
    file: Path,
    *,
    keep: bool,
    columns: list[str] | None,
    encoding: str | None,
    dictionary: Path,
    missing_codes: MissingCodes | None,
) -> tuple[pd.DataFrame, Codebook]:
    """Read one REDCap export; see `socmeasures.responses.reading.read`."""
    expected = expected_columns(dictionary)
    codes = parsed_missing_codes(missing_codes)
    table = decoded_rows(file, encoding)
    names, has_labels = _names(file, table.heading, expected)
    names = checked_rows(file, names, table.body)
    if columns is not None:
        absent = [name for name in columns if name not in names]
        if absent:
            raise ColumnsNotInFileError(file, absent, names)
    by_name = {e.name: e for e in expected}
    cells = list(zip(*(row for _, row in table.body), strict=True)) or [()] * len(names)
    has_words = _answers_are_words(
        [(by_name[n].choices, c) for n, c in zip(names, cells, strict=True) if n in by_name],
        codes,
        has_labels=has_labels,
    )
    data: dict[str, pd.Series] = {}
    variables: dict[str, Variable] = {}
    reasons: list[tuple[Any, str, Code, str]] = []
    strange: dict[str, list[str]] = {}
    for name, column in zip(names, cells, strict=True):
        if columns is not None and name not in columns:
            continue
        known = by_name.get(name, Expected(name, ""))
        made = _column(known, [c.strip() for c in column], codes, keep=keep, words=has_words)
        data[name] = made.values
        variables[name] = _variable(known, made.values, codes)
        reasons += [(row, name, code, codes[code]) for row, code in made.missing]
        if made.strange:
            strange[name] = made.strange
    order = {name: i for i, name in enumerate(names)}
    reasons.sort(key=lambda r: (r[0], order[r[1]]))
    frame = pd.DataFrame(data, index=pd.RangeIndex(len(table.body)))
    notes = [
        *table.notes,
        *_notes(frame, has_labels=has_labels, has_words=has_words, strange=strange),
    ]
    if reasons:
        fate = "left as codes" if keep else "set to missing"
        notes.append(
            f"{plural(len(reasons), 'answer')} with a missing data code: {fate}, reasons in "
            "codebook.reasons."
        )
    return frame, Codebook(
        variables=variables,
        file_name=file.name,
        file_format="csv",
        encoding=table.encoding,
        notes=tuple(notes),
        reasons=reasons_frame(reasons),
        n_rows=len(frame),
        _source=str(file.resolve()),
        _row_marks=row_marks(frame) if reasons else {},
    )


def parsed_missing_codes(given: MissingCodes | None) -> dict[Code, str]:
    """Missing data codes as `{code: words}`, also from REDCap's own `-999, Refused | UNK, …`."""
    if given is None:
        return {}
    if isinstance(given, str):
        return _choices(given)
    if isinstance(given, Mapping):
        return {_code(str(code)): str(words) for code, words in given.items()}
    return {_code(str(code)): "" for code in given}


# --- the dictionary -------------------------------------------------------------------------


def expected_columns(dictionary: Path) -> list[Expected]:
    """The columns an export has, in its order, as the data dictionary tells them.

    Raises
    ------
    DictionaryError
        The file is not a data dictionary.
    """
    table = decoded_rows(dictionary, None)
    lower = [head.strip().lower() for head in table.heading]
    places = {
        what: next((lower.index(h) for h in heads if h in lower), None)
        for what, heads in _HEADS.items()
    }
    if any(places[what] is None for what in ("name", "form", "type", "label")):
        raise DictionaryError.not_one(dictionary, table.heading)

    def cell(row: Sequence[str], what: str) -> str:
        place = places[what]
        return row[place].strip() if place is not None and place < len(row) else ""

    columns: list[Expected] = []
    forms: list[str] = []
    for place, (_, row) in enumerate(table.body):
        form = cell(row, "form")
        if forms and form != forms[-1]:
            columns.append(_complete(forms[-1]))
        if not forms or form != forms[-1]:
            forms.append(form)
        columns += _of_field(
            cell(row, "name"),
            cell(row, "type"),
            _plain(cell(row, "label")),
            cell(row, "choices"),
            cell(row, "validation"),
        )
        if place == 0:
            columns += [Expected(name, label) for name, label in _SYSTEM.items()]
        if not any(c.name == f"{form}_timestamp" for c in columns):
            columns.append(Expected(f"{form}_timestamp", "Survey Timestamp"))
    return [*columns, *(_complete(form) for form in forms[-1:])]


def _complete(form: str) -> Expected:
    words = form.replace("_", " ").capitalize()
    return Expected(f"{form}_complete", f"{words}: complete?", _COMPLETE, head="Complete?")


def _of_field(name: str, kind: str, label: str, choices: str, validation: str) -> list[Expected]:
    if not name or kind == "descriptive":
        return []
    if kind == "checkbox":
        return [
            Expected(
                f"{name}___{re.sub(r'[^a-z0-9_]', '_', str(_code_text(code)).lower())}",
                f"{label}: {words}",
                _CHECKED,
                head=f"{label} (choice={words})",
            )
            for code, words in _choices(choices).items()
        ]
    options: Mapping[Code, str] = {}
    if kind in ("radio", "dropdown"):
        options = _choices(choices)
    elif kind == "yesno":
        options = {1: "Yes", 0: "No"}
    elif kind == "truefalse":
        options = {1: "True", 0: "False"}
    is_date = kind == "text" and validation.startswith("date")
    return [Expected(name, label, options, is_date)]


def _choices(text: str) -> dict[Code, str]:
    """`1, Never | 2, Rarely` as codes and words; a comma may stand in the words."""
    found: dict[Code, str] = {}
    for choice in text.split("|"):
        code, _, words = choice.partition(",")
        if code.strip():
            found[_code(code.strip())] = _plain(words)
    return found


def _code(text: str) -> Code:
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else text


def _code_text(code: Code) -> str:
    return code if isinstance(code, str) else f"{code:g}"


def _plain(text: str) -> str:
    return " ".join(_TAGS.sub(" ", _INLINE.sub("", text)).split())


def _letters(text: str) -> str:
    """A head without spaces and case: REDCap closes up what stood in tags."""
    return "".join(_plain(text).split()).casefold()


# --- the export -----------------------------------------------------------------------------


def _names(
    file: Path, heading: Sequence[str], expected: Sequence[Expected]
) -> tuple[list[str], bool]:
    """Field names of the columns, and whether the heads were labels."""
    heads = [_plain(head) for head in heading]
    known = {e.name for e in expected}
    fields = {e.name for e in expected if not e.name.startswith("redcap_")}
    if heads and (heads[0] in fields or sum(h in fields for h in heads) > len(heads) / 2):
        return heads, False
    names: list[str] = []
    waiting = list(expected)
    for head in heads:
        seen = _letters(head)
        hit = next((e for e in waiting if seen in (_letters(e.head or e.label), e.name)), None)
        if hit is None:
            names.append(head)
        else:
            names.append(hit.name)
            waiting.remove(hit)
    if not known.intersection(names):
        raise DictionaryError.of_another_project(file, list(heading))
    return names, True


def _answers_are_words(
    columns: Sequence[tuple[Mapping[Code, str], Sequence[str]]],
    missing: Mapping[Code, str],
    *,
    has_labels: bool,
) -> bool:
    """Whether the cells hold the words of the choices; decided once for the whole export."""
    not_codes = not_words = 0
    for choices, cells in columns:
        if not choices:
            continue
        words = {_plain(w) for w in (*choices.values(), *missing.values())}
        for cell in {c.strip() for c in cells} - {""}:
            not_codes += _code(cell) not in choices and _code(cell) not in missing
            not_words += _plain(cell) not in words and _code(cell) not in missing
    return not_words < not_codes or (not_words == not_codes and has_labels)


@dataclass(frozen=True, slots=True)
class _Made:
    values: pd.Series
    missing: list[tuple[int, Code]]
    strange: list[str]


def _column(
    known: Expected,
    cells: list[str],
    missing: Mapping[Code, str],
    *,
    keep: bool,
    words: bool,
) -> _Made:
    """One column as codes; a cell that is neither code nor choice leaves the column as text."""
    code_of: dict[str, Code] = {}
    by_word = {_plain(w): code for code, w in known.choices.items()} if words else {}
    words_missing = {_plain(w): code for code, w in missing.items() if w} if words else {}
    strange: list[str] = []
    for cell in dict.fromkeys(cells):
        if not cell:
            continue
        if _code(cell) in missing:
            code_of[cell] = _code(cell)
        elif _plain(cell) in by_word:
            code_of[cell] = by_word[_plain(cell)]
        elif _plain(cell) in words_missing and _plain(cell) not in by_word:
            code_of[cell] = words_missing[_plain(cell)]
        elif known.choices and _code(cell) not in known.choices:
            strange.append(cell)
    absent = [
        (i, code_of[c]) for i, c in enumerate(cells) if c in code_of and code_of[c] in missing
    ]
    gone = {i for i, _ in absent} if not keep else set()
    if strange:
        shown = ["" if i in gone else c for i, c in enumerate(cells)]
    else:
        shown = [
            "" if i in gone else _code_text(code_of[c]) if c in code_of else c
            for i, c in enumerate(cells)
        ]
    if known.is_date and not strange:
        days = pd.to_datetime(pd.Series(shown, dtype="str"), format="mixed", errors="coerce")
        if days.notna().sum() == sum(bool(s) for s in shown):
            return _Made(days.astype("datetime64[us]"), absent, [])
    values = typed_texts(shown)
    if known.choices and pd.api.types.is_numeric_dtype(values.dtype):
        values = values.astype("float64")
    elif known.choices and not any(shown):
        values = pd.Series(np.full(len(shown), np.nan))
    return _Made(values, absent, strange)


def _variable(known: Expected, values: pd.Series, missing: Mapping[Code, str]) -> Variable:
    is_number = pd.api.types.is_numeric_dtype(values.dtype)
    is_date = pd.api.types.is_datetime64_any_dtype(values.dtype)
    kind: Kind = "numeric" if is_number else "date" if is_date else "string"
    fitting = {c: w for c, w in missing.items() if isinstance(c, str) == (kind == "string")}
    if kind == "date":
        fitting = {}
    labels = {**known.choices, **{c: w for c, w in fitting.items() if w and known.choices}}
    return Variable(
        name=known.name,
        label=known.label,
        kind=kind,
        value_labels=labels,
        missing_values=tuple(fitting),
        measure="nominal" if known.choices else "unknown",
    )


def _notes(
    data: pd.DataFrame, *, has_labels: bool, has_words: bool, strange: Mapping[str, list[str]]
) -> list[str]:
    heads = "labels" if has_labels else "field names"
    cells = "words, turned into codes by the dictionary" if has_words else "codes"
    notes = [f"A REDCap export: its headings are {heads}, its answers {cells}."]
    if "redcap_event_name" in data:
        events = data["redcap_event_name"].dropna().unique().tolist()
        notes.append(
            f"{plural(len(events), 'event')}: {listed(events, 8)}. One row a person and event: the "
            "time point is in redcap_event_name (wave=, --wave)."
        )
    instance = data.get("redcap_repeat_instance")
    if instance is not None and instance.notna().any():
        n = int(instance.notna().sum())
        are = "is a repeat" if n == 1 else "are repeats"
        notes.append(
            f"{plural(n, 'row')} {are} of a form or event (redcap_repeat_instance): a person may "
            "have several rows at one event."
        )
    for name, cells_seen in strange.items():
        notes.append(
            f"{name}: {listed([repr(c) for c in cells_seen], 3)} is no choice of the dictionary; "
            "the column stays text. If it is a missing data code of the project, pass "
            "missing_codes={…}."
        )
    return notes
