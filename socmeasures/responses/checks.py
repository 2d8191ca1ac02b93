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

from socmeasures import kernel
from socmeasures.errors import PROBLEM_COLUMNS
from socmeasures.responses.codebook import Variable
from socmeasures.responses.coding import Decision, Decoded
from socmeasures.scales.model import Scale


def item_keys(decision: Decision) -> list[kernel.ItemKey]:
    """Legal raw codes of each item, in the order of the decision."""
    return [kernel.ItemKey(tuple(sorted(d.meaning))) for d in decision.items.values()]


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
        Table at most this many cells (the count of all is known without a table).
    """
    tables = []
    left = limit
    for (number, decoded), rows in zip(decision.items.items(), faults, strict=True):
        if left is not None:
            rows = rows[: max(left, 0)]
            left -= len(rows)
        if len(rows):
            tables.append(
                _cells(scale, number, decoded, rows, wave, variables.get(number), persons, waves)
            )
    if not tables:
        return problems()
    table = pd.concat(tables, ignore_index=True)
    return table.sort_values("row", kind="stable", ignore_index=True)


def _cells(
    scale: Scale,
    number: int,
    decoded: Decoded,
    rows: NDArray[np.int64],
    wave: str | None,
    variable: Variable | None,
    persons: NDArray[Any] | None,
    waves: NDArray[Any] | None,
) -> pd.DataFrame:
    values = decoded.column.values[rows].astype(float)
    shown = [decoded.shown(value) for value in values]
    kinds = [_rule(value, decoded) for value in values]
    expected = _expected(scale, number, decoded)
    return pd.DataFrame(
        {
            "row": rows + 1,
            "person": None if persons is None else persons[rows],
            "wave": wave if waves is None else waves[rows],
            "column": decoded.name,
            "scale": scale.id,
            "item": number,
            "value": pd.Series(shown, dtype=object),
            "rule": kinds,
            "severity": "error",
            "message": [
                _message(value, rule, expected, variable)
                for value, rule in zip(shown, kinds, strict=True)
            ],
        },
        columns=list(PROBLEM_COLUMNS),
    )


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
