"""Which column says when people answered: found by its name and its values, never guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd

from socmeasures import frames
from socmeasures.errors import StartError, did_you_mean, listed
from socmeasures.reports.start_talk import NONE, Talk
from socmeasures.responses.dates import as_dates

MOSTLY = 0.8  # share of its cells that must be dates
# in this order: when a form was handed in says it better than when it was opened
_NAMES = (
    re.compile(r"complet|submi|answered|filled|returned", re.I),
    re.compile(r"date|day", re.I),
    re.compile(r"time|when|start|begin", re.I),
)
_NOT = re.compile(r"birth|dob|referr|alloc|random|consent|modif|updated", re.I)


def date_of(
    columns: Sequence[str], data: Any, waves: Any, is_wide: bool, talk: Talk
) -> tuple[str | dict[str, str] | None, list[str]]:
    """When people answered.

    Returns
    -------
    date, notes
        A column, or one for each time point where a row is a person; None where it is unclear.
    """
    frame = frames.to_pandas(data)
    found = date_columns(frame, columns)
    given = talk.given.get("date")
    if given is not None:
        if given != NONE and given not in columns:
            near = did_you_mean(given, list(columns))
            raise StartError.not_a_choice("date", given, (*columns, NONE), near)
        return (None if given == NONE else given), []
    if is_wide and isinstance(waves, dict):
        marks = dates_by_mark(found, list(waves.values()))
        return ({label: marks[m] for label, m in waves.items()} if marks else None), []
    if len(found) > 1:
        return None, [unclear(found)]
    return (found[0], [f"The dates of the answers are in {found[0]!r}."]) if found else (None, [])


def date_columns(data: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """Columns that hold dates of answers; the likeliest kind of name only.

    Parameters
    ----------
    data : DataFrame
        The answers.
    columns : sequence of str
        Those that are nothing else.

    Returns
    -------
    list of str
        One, where it is clear; several of the same kind, where it is not; or none.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"Start time": ["05/01/2026"], "Completion time": ["05/01/2026"],
    ...                      "Date of birth": ["12/03/1941"], "Day": ["Monday"]})
    >>> date_columns(data, list(data))
    ['Completion time']
    """
    dated = [c for c in columns if not _NOT.search(c) and _holds_dates(data[c])]
    for name in _NAMES:
        found = [c for c in dated if name.search(c)]
        if found:
            return found
    return []


def _holds_dates(column: pd.Series) -> bool:
    given = column.dropna()
    if not len(given) or pd.api.types.is_numeric_dtype(column.dtype):
        return False
    try:
        known = as_dates(given, errors="coerce").notna()
    except (TypeError, ValueError):
        return False
    return bool(known.mean() >= MOSTLY)


def dates_by_mark(found: Sequence[str], marks: Sequence[str]) -> dict[str, str]:
    """Mark of a time point → its column of dates, for `date_t1, date_t2`; empty if unclear.

    Parameters
    ----------
    found : sequence of str
        Columns of dates.
    marks : sequence of str
        As in the names of the columns of answers.

    Returns
    -------
    dict

    Examples
    --------
    >>> dates_by_mark(["date_t1", "date_t2"], ["t1", "t2"]), dates_by_mark(["date"], ["t1", "t2"])
    ({'t1': 'date_t1', 't2': 'date_t2'}, {})
    """
    by_mark = {}
    for mark in marks:
        apart = re.compile(rf"(?:^|[_. \-]){re.escape(mark)}(?:$|[_. \-])", re.I)
        mine = [c for c in found if apart.search(c)]
        if len(mine) != 1:
            return {}
        by_mark[mark] = mine[0]
    return by_mark


def unclear(found: Sequence[str]) -> str:
    """What to tell a person who has several columns of dates."""
    return (
        f"Several columns hold dates: {listed([repr(c) for c in found])}. Which says when people "
        "answered? Run again with --date COLUMN, or add date under [study] in design.toml."
    )
