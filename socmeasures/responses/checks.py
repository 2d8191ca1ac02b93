"""Faults of answers: which row, person, time point, column and item, in plain words.

pandera is the engine: a schema is made from a scale's columns, its frame-level checks call the
kernel, and the cells at fault are tabled from the kernel's mask only when a check fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from socmeasures.errors import PROBLEM_COLUMNS
from socmeasures.responses.codebook import Variable
from socmeasures.responses.coding import Decision, Decoded
from socmeasures.scales.model import Scale


def problems(rows: Sequence[Mapping[str, Any]] = ()) -> pd.DataFrame:
    """Rows as a problems frame with its fixed columns."""
    return pd.DataFrame(list(rows)).reindex(columns=list(PROBLEM_COLUMNS))


def illegal_answers(
    scale: Scale,
    decision: Decision,
    faults: Sequence[NDArray[np.int64]],
    *,
    wave: str | None,
    variables: Mapping[int, Variable | None],
    persons: NDArray[Any] | None = None,
    waves: NDArray[Any] | None = None,
    limit: int | None = None,
) -> pd.DataFrame:
    """One row for each answer outside its item's codes.

    Parameters
    ----------
    faults : sequence of int arrays
        Rows at fault, an array for each item of the decision.
    wave : str or None
        The time point of these columns; None for long data, where `waves` may say it per row.
    limit : int, optional
        Table at most this many cells, those of the first rows (all are counted without a table).
    """
    faults = _first(faults, limit)
    kinds: list[dict[str, Any]] = []
    places: list[NDArray[np.int64]] = []
    for (number, decoded), rows in zip(decision.items.items(), faults, strict=True):
        found, which = np.unique(decoded.column.values[rows].astype(float), return_inverse=True)
        places.append(which + len(kinds))
        kinds += [_kind(scale, number, decoded, value, variables.get(number)) for value in found]
    if not kinds:
        return problems()
    at = np.concatenate(list(faults))
    order = np.argsort(at, kind="stable")[:limit]
    at, place = at[order], np.concatenate(places)[order]
    told = pd.DataFrame(kinds).astype({"value": object})
    # a few kinds of fault stand for many cells: each kind is put into words once
    cells = {name: told[name].array.take(place) for name in told.columns}
    table = {
        "row": at + 1,
        "person": None if persons is None else persons[at],
        "wave": wave if waves is None else waves[at],
        "scale": scale.id,
        "severity": "error",
        **cells,
    }
    return pd.DataFrame(table, columns=list(PROBLEM_COLUMNS))


def _first(faults: Sequence[NDArray[np.int64]], limit: int | None) -> Sequence[NDArray[np.int64]]:
    """The faults of the first rows: as many as are asked for, and others of the last such row."""
    if limit is None or sum(map(len, faults)) <= limit:
        return faults
    last = np.sort(np.concatenate(list(faults)))[:limit].max(initial=-1)
    return [rows[rows <= last] for rows in faults]


def _kind(
    scale: Scale, number: int, decoded: Decoded, value: float, variable: Variable | None
) -> dict[str, Any]:
    """One value that is no option of one item, in words."""
    shown, rule = decoded.shown(value), _rule(value, decoded)
    return {
        "column": decoded.name,
        "item": number,
        "value": shown,
        "rule": rule,
        "message": _message(shown, rule, _expected(scale, number, decoded), variable),
    }


def _rule(value: float, decoded: Decoded) -> str:
    if value in decoded.texts:
        return "unknown_label"
    return "out_of_range" if float(value).is_integer() or np.isinf(value) else "fractional"


def _message(value: Any, rule: str, expected: str, variable: Variable | None) -> str:
    if rule == "unknown_label":
        return f"the text {value!r} is none of the options ({expected})"
    if rule == "fractional":
        return f"{value!r} is not a whole number (expected {expected})"
    labels = variable.value_labels if variable is not None else {}
    if value in labels:
        return (
            f"{value} (labelled {labels[value]!r}, not declared as missing) is no answer of this "
            f"item (expected {expected})"
        )
    return f"{value} is no answer of this item (expected {expected})"


def _expected(scale: Scale, number: int, decoded: Decoded) -> str:
    if decoded.texts:
        return " / ".join(option.label for option in scale.options(number))
    codes = sorted(decoded.meaning)
    if codes == list(range(codes[0], codes[-1] + 1)) and len(codes) > 5:
        return f"{codes[0]} to {codes[-1]}"
    return ", ".join(map(str, codes[:-1])) + f" or {codes[-1]}"
