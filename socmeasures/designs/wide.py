"""One row a person → one row a person and time point, by the `__suffix` of column names."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from socmeasures.designs.study_checks import (
    missing_column,
    person_faults,
    refuse_repeated_columns,
    twice_fault,
)
from socmeasures.errors import StudyError, did_you_mean, listed


def long_from_wide(
    wide: pd.DataFrame, person: str, suffixes: Mapping[str, str]
) -> tuple[pd.DataFrame, str, np.ndarray]:
    """The long frame, the name of its time-point column, and the row each line came from."""
    refuse_repeated_columns(wide)
    columns = [str(c) for c in wide.columns]
    rows_from = np.arange(1, len(wide) + 1)
    faults: list[str] = []
    rows: list[dict[str, object]] = []
    if person not in columns:
        faults.append(missing_column(person, "person", columns))
    else:
        faults += person_faults(wide, person, rows_from, rows)
        faults += twice_fault(wide, person, None, rows_from, rows)
    found = {wave: _of_suffix(columns, suffix, suffixes) for wave, suffix in suffixes.items()}
    endings = sorted({c.rsplit("__", 1)[1] for c in columns if "__" in c})
    for wave, suffix in suffixes.items():
        if not found[wave]:
            faults.append(
                f"time point {wave!r}: no column ends in '__{suffix}'."
                f"{did_you_mean(suffix, endings)} Endings here: {listed(endings, 12) or 'none'}."
            )
    if faults:
        raise StudyError(faults, rows)
    timed = {column for names in found.values() for column in names.values()}
    fixed = [c for c in columns if c not in timed]
    bases = list(dict.fromkeys(base for names in found.values() for base in names))
    clash = [base for base in bases if base in fixed]
    if clash:
        raise StudyError(
            [
                f"columns {listed(clash)} stand both with and without a time point; rename or "
                "drop the ones without."
            ]
        )
    wave_column = next(n for n in ("wave", "time_point", "wave_of_study") if n not in columns)
    parts = {c: pd.concat([wide[c]] * len(found), ignore_index=True) for c in fixed}
    for base in bases:
        parts[base] = _stacked(wide, [names.get(base) for names in found.values()])
    parts[wave_column] = pd.Series(np.repeat(list(found), len(wide)), dtype=object)
    return pd.DataFrame(parts), wave_column, np.tile(rows_from, len(found))


def _of_suffix(columns: list[str], suffix: str, suffixes: Mapping[str, str]) -> dict[str, str]:
    """Name without suffix → column, for one suffix; a longer suffix that also fits wins."""
    longer = [s for s in suffixes.values() if len(s) > len(suffix)]
    return {
        c.removesuffix(f"__{suffix}"): c
        for c in columns
        if c.endswith(f"__{suffix}") and not any(c.endswith(f"__{s}") for s in longer)
    }


def _stacked(wide: pd.DataFrame, columns: list[str | None]) -> pd.Series:
    there = [wide[c] for c in columns if c is not None]
    values = [v for part in columns for v in (wide[part] if part else [None] * len(wide))]
    first = there[0].dtype
    if isinstance(first, pd.CategoricalDtype) and all(part.dtype == first for part in there):
        return pd.Series(pd.Categorical(values, dtype=first))  # the order of answers is kept
    if all(pd.api.types.is_numeric_dtype(part.dtype) for part in there):
        numbers = [
            wide[c].astype("float64").to_numpy() if c else np.full(len(wide), np.nan)
            for c in columns
        ]
        return pd.Series(np.concatenate(numbers))
    return pd.Series(values, dtype=object)
