"""Routine records, as many a person as there are → each person's first and last."""

from __future__ import annotations

import numpy as np
import pandas as pd

from socmeasures.designs.study_checks import missing_column, refuse_repeated_columns
from socmeasures.errors import StudyError, listed, plural
from socmeasures.responses.dates import as_dates

FIRST, LAST = "first record", "last record"
LENGTH_OF_STAY = (
    "First and last records of routine data lie differently far apart for different people, and "
    "those who stayed long may differ from those who left soon: the change is also one of who "
    "stayed."
)


def first_and_last(
    data: pd.DataFrame, *, person: str, date: str, min_weeks: float
) -> tuple[pd.DataFrame, str, np.ndarray, tuple[str, ...]]:
    """The long frame, its time-point column, the rows it came from, and what was set aside."""
    refuse_repeated_columns(data)
    columns = [str(c) for c in data.columns]
    faults = [
        missing_column(name, role, columns)
        for name, role in ((person, "person"), (date, "date"))
        if name not in columns
    ]
    if faults:
        raise StudyError(faults)
    when = as_dates(data[date], errors="coerce")
    wrong = when.isna() & data[date].notna()
    if wrong.any():
        rows = [int(n) + 1 for n in np.flatnonzero(wrong.to_numpy())]
        raise StudyError([f"{date!r} holds something that is not a date: row {listed(rows)}."])
    usable = (when.notna() & data[person].notna()).to_numpy()
    order = np.flatnonzero(usable)
    order = order[np.argsort(when.to_numpy()[order], kind="stable")]
    kept = pd.DataFrame(
        {"row": order, "person": data[person].to_numpy()[order], "when": when.to_numpy()[order]}
    )
    grouped = kept.groupby("person", sort=False)
    first, last = grouped.head(1), grouped.tail(1)
    started = first.set_index("person")["when"].reindex(last["person"]).to_numpy()
    weeks = (last["when"].to_numpy() - started) / np.timedelta64(7, "D")
    late = last[(weeks > 0) & (weeks >= min_weeks)]
    places = np.concatenate([first["row"].to_numpy(), late["row"].to_numpy()])
    wave = next(n for n in ("wave", "time_point", "wave_of_study") if n not in columns)
    long = data.iloc[places].reset_index(drop=True)
    long[wave] = np.repeat([FIRST, LAST], [len(first), len(late)])
    notes = [LENGTH_OF_STAY]
    undated, between = int((~usable).sum()), len(order) - len(places)
    alone = len(first) - len(late)
    if alone:
        near = f" (or none at least {min_weeks:g} weeks after the first)" if min_weeks else ""
        have = "has" if alone == 1 else "have"
        notes.append(f"{plural(alone, 'person', 'people')} {have} one record only{near}.")
    if undated:
        notes.append(f"{plural(undated, 'record')} without a date or an identifier set aside.")
    if between > 0:
        notes.append(f"{plural(between, 'record')} between the first and the last not used.")
    return long, wave, places + 1, tuple(notes)
