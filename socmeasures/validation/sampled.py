"""Evenly spaced rows of a large data set, for signs that a part shows as surely as the whole."""

from __future__ import annotations

from dataclasses import replace

from socmeasures.kernel import Column
from socmeasures.responses.coding import Decision

ENOUGH = 20_000  # rows; a correlation is then known to about 0.014


def sampling_told(n_rows: int, most: int = ENOUGH) -> str:
    """Say that only a part of the rows was looked at for signs of wrong keying, when it was."""
    if n_rows <= most:
        return ""
    n = -(-n_rows // -(-n_rows // most))
    return (
        f"Whether items run against their scale is judged on {n:,} of {n_rows:,} rows, evenly "
        "spaced; everything else is checked in every row."
    )


def sampled(decision: Decision, most: int = ENOUGH) -> Decision:
    """The decision on at most `most` rows, evenly spaced; itself where it has no more."""
    n = max((len(d.column) for d in decision.items.values()), default=0)
    if n <= most:
        return decision
    step = -(-n // most)
    items = {}
    for number, decoded in decision.items.items():
        gone = decoded.column.missing
        column = Column(
            decoded.column.values[::step].copy(), None if gone is None else gone[::step].copy()
        )
        items[number] = replace(decoded, column=column)
    return replace(decision, items=items)
