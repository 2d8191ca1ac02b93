"""When people answered: weeks between two time points, and who is outside a declared window."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from socmeasures.designs.study import Study
from socmeasures.errors import TimingError, plural
from socmeasures.responses.dates import as_dates

LONGEST_RATIO = 2.0  # the longest gap over the shortest, from which the spread is pointed out


def weeks_between(study: Study, earlier: str, later: str) -> pd.Series:
    """Weeks between two answers of each person, NaN where a date is missing.

    Parameters
    ----------
    study : Study
        With ``date=``.
    earlier, later : str
        Time points.

    Returns
    -------
    pandas.Series
        Index are the study's people.

    Raises
    ------
    TimingError
        The study has no dates.

    Examples
    --------
    >>> import pandas as pd
    >>> from socmeasures.designs.study import Study
    >>> data = pd.DataFrame({"id": [1, 1], "wave": ["a", "b"], "y": [3, 2],
    ...                      "on": ["2026-01-05", "2026-03-16"]})
    >>> study = Study(data, person="id", wave="wave", waves=["a", "b"], date="on")
    >>> weeks_between(study, "a", "b").tolist()
    [10.0]
    """
    if study.date is None:
        raise TimingError.no_dates()
    dates = as_dates(study.data[study.date])
    days = {}
    for wave in (earlier, later):
        here = (study.data[study.wave] == wave).to_numpy()
        mine = dates[here].to_numpy(dtype="datetime64[ns]")
        index = study.data[study.person][here]
        days[wave] = pd.Series(mine, index=index).reindex(list(study.people))
    return (days[later] - days[earlier]).dt.total_seconds() / (7 * 24 * 3600)


def timing_row(
    weeks: pd.Series, people: pd.Index, window: tuple[float, float] | None
) -> dict[str, Any]:
    """Median and range of weeks among `people`, and how many are outside the window."""
    mine = weeks.reindex(people)
    known = mine.dropna().to_numpy()
    row: dict[str, Any] = {
        "n": len(people),
        "n_dated": len(known),
        "median_weeks": float(np.median(known)) if len(known) else np.nan,
        "min_weeks": float(known.min()) if len(known) else np.nan,
        "max_weeks": float(known.max()) if len(known) else np.nan,
    }
    if window is not None:
        outside = (known < window[0]) | (known > window[1])
        row |= {
            "window_low": window[0],
            "window_high": window[1],
            "n_outside": int(outside.sum()),
        }
    return row


def check_window(window: Any) -> tuple[float, float] | None:
    """A pair of weeks, the smaller first; None stays None."""
    if window is None:
        return None
    try:
        low, high = (float(v) for v in window)
    except (TypeError, ValueError):
        raise TimingError.bad_window(window) from None
    if not 0 <= low < high:
        raise TimingError.bad_window(window)
    return low, high


def timing_notes(row: dict[str, Any], contrast: str) -> list[str]:
    """What a reader must know of the time between."""
    if not row["n_dated"]:
        return [f"{contrast}: no dates are known, so the time between is not."]
    notes = [
        f"{contrast}: {row['median_weeks']:.0f} weeks between the answers (median; "
        f"{row['min_weeks']:.0f} to {row['max_weeks']:.0f}) in {row['n_dated']} of {row['n']} "
        "people with dates."
    ]
    if row.get("n_outside"):
        notes.append(
            f"{contrast}: {plural(row['n_outside'], 'person', 'people')} answered outside the "
            f"window of {row['window_low']:g} to {row['window_high']:g} weeks; they are in the "
            "numbers."
        )
    if row["min_weeks"] <= 0 or row["max_weeks"] / row["min_weeks"] >= LONGEST_RATIO:
        notes.append(
            f"{contrast}: the time between the answers differs much from person to person."
        )
    return notes
