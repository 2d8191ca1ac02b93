"""The `[data]` part of a design: which file or sheets, and what their words and names mean."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from socmeasures.errors import DesignError, did_you_mean, listed
from socmeasures.frames import names, to_pandas
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.duplicates import DuplicateRule
from socmeasures.responses.joining import Joined, join_waves
from socmeasures.responses.reading import read
from socmeasures.responses.reading_map import CLOSE, translate_answers
from socmeasures.scales.catalogue import load_scale, shipped_ids

ANSWERED = "date_of_answers"


class DataPart(BaseModel):
    """Which file, and which plan (None: the scales are recognised)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str | None = None
    plan: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    sheets: dict[str, str] = Field(default_factory=dict)  # time point -> sheet of a workbook
    same: dict[str, str] = Field(default_factory=dict)  # an identifier -> the one it means
    words: dict[str, str] = Field(default_factory=dict)  # words of the file -> of the scale


def read_data(
    part: DataPart,
    file: Path,
    *,
    person: str,
    wave: str | None,
    duplicates: DuplicateRule | None = None,
    fixed: Iterable[str] = (),
) -> tuple[Any, Codebook, tuple[str, ...]]:
    """The answers of a design, one frame whatever the number of sheets.

    Parameters
    ----------
    part : DataPart
    file : Path
        The data, which may be others than `part.file`.
    person, wave : str
        Columns with the identifier and the time point; sheets get the latter.
    duplicates : {"first", "last", "most_complete"}, optional
        For people who are in one sheet twice.
    fixed : iterable of str
        Columns that hold for a person (group, site), asked in one sheet only perhaps: they are
        copied to the person's other rows.

    Returns
    -------
    data, codebook, notes
    """
    if not part.sheets:
        data, codebook = read(file, encoding=part.encoding, sheet=part.sheet)
        return data, _with_words(data, codebook, part), ()
    joined = joined_sheets(part, file, person=person, wave=wave or "wave", duplicates=duplicates)
    data = to_pandas(joined.data)
    codebook = joined.codebook if joined.codebook is not None else Codebook.from_labels({})
    for column in fixed:
        if column in data.columns and data[column].isna().any():
            known = data.dropna(subset=[column]).drop_duplicates(person)
            told = data[person].map(known.set_index(person)[column])
            data[column] = data[column].where(data[column].notna(), told)
    return data, _with_words(data, codebook, part), joined.notes


def joined_sheets(
    part: DataPart,
    file: Path,
    *,
    person: str,
    wave: str = "wave",
    duplicates: DuplicateRule | None = None,
) -> Joined:
    """The sheets of a workbook joined by identifier; near matches are listed, never joined."""
    parts = {
        name: read(file, encoding=part.encoding, sheet=sheet) for name, sheet in part.sheets.items()
    }
    for data, _ in parts.values():
        if person not in names(data):
            raise DesignError.absent_column("study, person", person, names(data))
    return join_waves(
        parts, person=person, how="long", wave=wave, same=part.same, duplicates=duplicates
    )


def _with_words(data: Any, codebook: Codebook, part: DataPart) -> Codebook:
    return translate_answers(data, codebook, part.words) if part.words else codebook


def date_names(date: str | Mapping[str, str] | None) -> tuple[str, ...]:
    """The columns of dates that a design names."""
    if date is None:
        return ()
    return (date,) if isinstance(date, str) else tuple(date.values())


def with_dates(
    data: Any, date: str | Mapping[str, str] | None, waves: Any
) -> tuple[Any, str | None]:
    """A column of dates for each time point, named as one row a person is read.

    Parameters
    ----------
    data : DataFrame
    date : str or mapping of time point to column, optional
    waves : mapping of time point to ending, or other
        As the design says it; a mapping stands for data with one row a person.

    Returns
    -------
    data, date
        The name of the one column of dates that the study has then.

    Raises
    ------
    DesignError
        A column for each time point, where there is a row for each already; or for a time point
        that is none.
    """
    if date is None or isinstance(date, str):
        return data, date
    if not isinstance(waves, Mapping):
        raise DesignError(
            "the design",
            ["[study, date]: a column for each time point is for data with one row a person; "
             "here each row has its own date: name that one column"],
        )  # fmt: skip
    unknown = [label for label in date if label not in waves]
    if unknown:
        near = did_you_mean(unknown[0], list(waves))
        raise DesignError(
            "the design",
            [f"[study, date]: {listed([repr(u) for u in unknown])} is no time point of "
             f"[study, waves].{near}"],
        )  # fmt: skip
    named = {column: f"{ANSWERED}__{waves[label]}" for label, column in date.items()}
    return data.rename(columns=named), ANSWERED


def proposed_words(problems: Any) -> dict[str, str]:
    """Words that are none of the options but nearly one: what a design could say they mean.

    Parameters
    ----------
    problems : frame or list of mappings
        As a refusal to score carries them: ``scale, value, rule``.

    Returns
    -------
    dict of str to str
        Proposals for a person to agree to; nothing is applied.
    """
    rows = problems.to_dict("records") if hasattr(problems, "to_dict") else list(problems or ())
    found: dict[str, str] = {}
    for row in rows:
        value, scale = row.get("value"), row.get("scale")
        if not isinstance(value, str) or scale not in shipped_ids() or value in found:
            continue
        options = load_scale(str(scale)).responses.options
        wordings = {w.casefold(): o.label for o in options for w in (o.label, *o.also)}
        near = get_close_matches(value.strip().casefold(), list(wordings), n=1, cutoff=CLOSE)
        if near:
            found[value] = wordings[near[0]]
    return found


def sha256(path: Path) -> str:
    """Fingerprint of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
