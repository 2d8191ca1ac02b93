"""The faults a study can have, all found before any is reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from socmeasures.errors import SHOWN, StudyError, did_you_mean, listed, plural
from socmeasures.responses.dates import as_dates

Rows = list[dict[str, Any]]
ALLOCATIONS = ("individual", "cluster")
DIRECTIONS = ("lower", "higher", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What the caller says the columns are."""

    person: str
    wave: str
    waves: tuple[str, ...]  # as they stand in the data
    wave_names: tuple[str, ...]  # as they are called in results
    arm: str | None
    control: str | None
    cluster: str | None
    facilitator: str | None
    strata: tuple[str, ...]
    allocation: str | None
    date: str | None
    allocated_on: str | None
    better: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Checked:
    """A study without faults."""

    data: pd.DataFrame
    row_numbers: np.ndarray
    people: tuple[Any, ...]
    arms: tuple[str, ...]
    notes: tuple[str, ...]


def label_of(value: Any) -> str:
    """Text of a time point or an arm: 1.0 and 1 are both called 1."""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def check_study(data: pd.DataFrame, about: Description, row_numbers: Any) -> Checked:
    """Find every fault; give the rows of the named time points, sorted out."""
    refuse_repeated_columns(data)
    numbers = np.arange(1, len(data) + 1) if row_numbers is None else np.asarray(row_numbers)
    faults = _column_faults(data, about)
    rows: Rows = []
    faults += _option_faults(about)
    if {about.person, about.wave} <= set(data.columns):
        labels = data[about.wave].astype(object).map(label_of, na_action="ignore")
        faults += _wave_faults(labels, about)
        named = labels.isin(about.waves).to_numpy()
        kept, kept_numbers = data[named].reset_index(drop=True), numbers[named]
        kept[about.wave] = (
            labels[named].map(dict(zip(about.waves, about.wave_names, strict=True))).to_numpy()
        )
        faults += person_faults(kept, about.person, kept_numbers, rows)
        faults += twice_fault(kept, about.person, about.wave, kept_numbers, rows)
        faults += _group_faults(kept, about, kept_numbers, rows)
        faults += _date_faults(kept, about)
    if faults:
        raise StudyError(faults, rows)
    return Checked(
        data=kept,
        row_numbers=kept_numbers,
        people=_sorted(kept[about.person].unique()),
        arms=_arms(kept, about),
        notes=(*_set_aside(labels, named), *_late_baselines(kept, about)),
    )


def missing_column(name: str, role: str, columns: Sequence[str]) -> str:
    """A column the caller named that is not there."""
    return (
        f"there is no column {name!r} ({role}).{did_you_mean(name, columns)} "
        f"Columns: {listed(list(columns), 8)}."
    )


def refuse_repeated_columns(data: pd.DataFrame) -> None:
    """Two columns of one name: which is meant cannot be known."""
    twice = sorted({str(c) for c in data.columns[data.columns.duplicated()]})
    if twice:
        raise StudyError([f"these column names stand twice: {listed(twice)}. Rename one of each."])


def _column_faults(data: pd.DataFrame, about: Description) -> list[str]:
    columns = [str(c) for c in data.columns]
    asked = {
        "person": about.person,
        "wave": about.wave,
        "arm": about.arm,
        "cluster": about.cluster,
        "facilitator": about.facilitator,
        "date": about.date,
        "allocated_on": about.allocated_on,
    }
    roles = [(name, role) for role, name in asked.items() if name is not None]
    roles += [(name, "strata") for name in about.strata]
    return [missing_column(name, role, columns) for name, role in roles if name not in columns]


def _option_faults(about: Description) -> list[str]:
    faults = []
    if not about.waves:
        faults.append("waves is empty: name at least one time point.")
    for name, labels in (("waves", about.waves), ("names of waves", about.wave_names)):
        if len(set(labels)) < len(labels):
            faults.append(f"{name} holds a time point twice: {', '.join(labels)}.")
    if about.control is not None and about.arm is None:
        faults.append(f"control={about.control!r} is given without arm=: name the arm column too.")
    if about.allocation is not None and about.allocation not in ALLOCATIONS:
        faults.append(
            f"allocation={about.allocation!r} is not known: 'individual' (each person was "
            "allocated) or 'cluster' (whole sites or classes were)."
        )
    if about.cluster is not None and about.allocation is None:
        faults.append(
            f"cluster={about.cluster!r} is given without allocation=: say 'individual' (each "
            "person was allocated to an arm) or 'cluster' (whole sites or classes were)."
        )
    if about.allocation == "cluster" and about.cluster is None:
        faults.append("allocation='cluster' is given without cluster=: name the cluster column.")
    wrong = [f"{k!r}: {v!r}" for k, v in about.better.items() if v not in DIRECTIONS]
    if wrong:
        faults.append(f"better= knows 'lower', 'higher' and 'none'; given {listed(wrong)}.")
    return faults


def _wave_faults(labels: pd.Series, about: Description) -> list[str]:
    there = _sorted(labels.dropna().unique())
    return [
        f"nobody has the time point {wave!r}: no row has it in {about.wave!r}."
        f"{did_you_mean(wave, there)} Values there: {listed(there, 8) or 'none'}."
        for wave in about.waves
        if wave not in there
    ]


def person_faults(data: pd.DataFrame, person: str, numbers: np.ndarray, rows: Rows) -> list[str]:
    """Rows without an identifier."""
    empty = data[person].isna() | (data[person].astype(str).str.strip() == "")
    lacking = numbers[empty.to_numpy()]
    rows += [
        _problem(row=int(row), column=person, message="no person identifier") for row in lacking
    ]
    if not len(lacking):
        return []
    return [
        f"{plural(len(lacking), 'row')} without a person identifier in {person!r}: "
        f"row {listed([int(n) for n in lacking])}. Fill it in or leave those rows out."
    ]


def twice_fault(
    data: pd.DataFrame, person: str, wave: str | None, numbers: np.ndarray, rows: Rows
) -> list[str]:
    """A person more than once at a time point (or, without `wave`, in one row a person)."""
    keys = [person] if wave is None else [person, wave]
    usable = data[person].notna()
    twice = data.duplicated(keys, keep=False) & usable
    if not twice.any():
        return []
    cases = []
    for key, group in data[twice].assign(__row=numbers[twice.to_numpy()]).groupby(keys, sort=False):
        at = "" if wave is None else f" at {key[1]}"
        where = [int(n) for n in group["__row"]]
        cases.append(f"person {label_of(key[0])}{at}: rows {', '.join(map(str, where))}")
        rows += [
            _problem(
                row=row,
                person=key[0],
                wave=None if wave is None else key[1],
                column=person,
                rule="duplicate_person_wave",
                message=f"person {label_of(key[0])} is there {len(where)} times{at}",
            )
            for row in where
        ]
    place = "in one row a person" if wave is None else "at a time point"
    return [
        f"{plural(len(cases), 'person is', 'people are')} there more than once {place}: "
        f"{'; '.join(cases[:SHOWN])}{_rest(len(cases))}. Keep the right row of each."
    ]


def _group_faults(
    data: pd.DataFrame, about: Description, numbers: np.ndarray, rows: Rows
) -> list[str]:
    faults: list[str] = []
    for column, word in ((about.arm, "arm"), (about.cluster, "cluster")):
        if column is not None and column in data.columns:
            faults += _in_two(data, about.person, column, word, numbers, rows)
    if about.arm is None or about.arm not in data.columns:
        return faults
    nowhere = _nobody_knows(data, about.person, about.arm)
    if nowhere:
        rows += [_problem(person=p, column=about.arm, message="no arm recorded") for p in nowhere]
        faults.append(
            f"{plural(len(nowhere), 'person has', 'people have')} no arm in {about.arm!r}: "
            f"{listed([label_of(p) for p in nowhere])}. Fill it in, or leave them out and say so."
        )
    arms = _arms(data, about)
    if about.control is not None:
        if about.control not in arms:
            faults.append(
                f"control={about.control!r} is no arm in {about.arm!r}."
                f"{did_you_mean(about.control, arms)} Arms: {listed(arms, 8)}."
            )
        elif len(arms) == 1:
            faults.append(
                f"there is only one arm, {arms[0]!r}, so there is nothing to compare the control "
                "with. Leave arm= and control= out for one group before and after."
            )
    return faults


def _in_two(
    data: pd.DataFrame, person: str, column: str, word: str, numbers: np.ndarray, rows: Rows
) -> list[str]:
    known = data[column].notna() & data[person].notna()
    labelled = pd.DataFrame(
        {
            "person": data.loc[known, person],
            "label": data.loc[known, column].map(label_of).astype(object),
            "row": numbers[known.to_numpy()],
        }
    )
    seen = labelled.groupby("person", sort=False)["label"].nunique()
    movers = list(seen.index[seen > 1])
    if not movers:
        return []
    cases = []
    for mover in movers:
        mine = labelled[labelled["person"] == mover]
        cases.append(f"person {label_of(mover)}: {' and '.join(dict.fromkeys(mine['label']))}")
        rows += [
            _problem(
                row=int(row), person=mover, column=column, value=label, message=f"in two {word}s"
            )
            for row, label in zip(mine["row"], mine["label"], strict=True)
        ]
    return [
        f"{plural(len(movers), 'person is', 'people are')} in more than one {word} ({column!r}): "
        f"{'; '.join(cases[:SHOWN])}{_rest(len(cases))}. A person belongs to the {word} first "
        "allocated, at every time point."
    ]


def _nobody_knows(data: pd.DataFrame, person: str, column: str) -> list[Any]:
    known = set(data.loc[data[column].notna(), person])
    return [p for p in _sorted(data[person].dropna().unique()) if p not in known]


def _date_faults(data: pd.DataFrame, about: Description) -> list[str]:
    if about.date is None or about.date not in data.columns:
        return []
    try:
        dates = as_dates(data[about.date])
    except (ValueError, TypeError):
        return [f"{about.date!r} holds something that is not a date."]
    if about.allocated_on in data.columns:
        try:
            as_dates(data[about.allocated_on])
        except (ValueError, TypeError):
            return [f"{about.allocated_on!r} holds something that is not a date."]
    middle = dates.groupby(data[about.wave]).median().reindex(list(about.wave_names)).dropna()
    return [
        f"time points out of order: {later!r} comes after {earlier!r} in waves=, but its dates "
        f"({middle[later].date()}) lie before ({middle[earlier].date()}, medians)."
        for earlier, later in pairwise(middle.index)
        if middle[later] < middle[earlier]
    ]


def _late_baselines(data: pd.DataFrame, about: Description) -> tuple[str, ...]:
    """People whose first answers came after they were allocated: counted, never left out."""
    if about.date is None or about.allocated_on is None:
        return ()
    first = data[data[about.wave] == about.wave_names[0]]
    late = as_dates(first[about.date]) - as_dates(first[about.allocated_on])
    late = late[late > pd.Timedelta(0)]
    if not len(late):
        return ()
    return (
        f"{plural(len(late), 'person', 'people')} answered at {about.wave_names[0]!r} after they "
        f"were allocated (by up to {plural(late.max().days, 'day')}): knowing the arm may have "
        "changed these answers, and adjusting for them can hide part of a difference.",
    )


def _arms(data: pd.DataFrame, about: Description) -> tuple[str, ...]:
    if about.arm is None:
        return ()
    labels = _sorted({label_of(v) for v in data[about.arm].dropna()})
    others = [a for a in labels if a != about.control]
    return (*others, *([about.control] if about.control in labels else []))


def _set_aside(labels: pd.Series, named: np.ndarray) -> tuple[str, ...]:
    other = labels[~named]
    notes = []
    if other.isna().any():
        notes.append(f"{plural(int(other.isna().sum()), 'row')} without a time point set aside.")
    for wave, n in other.dropna().value_counts().sort_index().items():
        notes.append(f"{plural(int(n), 'row')} of time point {wave!r} set aside: not in waves=.")
    return tuple(notes)


def _sorted(values: Any) -> tuple[Any, ...]:
    """Sorted if they can be compared, else by their text; so that row order never matters."""
    plain = [v.item() if isinstance(v, np.generic) else v for v in values if not pd.isna(v)]
    try:
        return tuple(sorted(plain))
    except TypeError:
        return tuple(sorted(plain, key=lambda v: (type(v).__name__, str(v))))


def _rest(n: int) -> str:
    return f" … {n - SHOWN} more" if n > SHOWN else ""


def _problem(**cells: Any) -> dict[str, Any]:
    return {"rule": "study", "severity": "error", **cells}
