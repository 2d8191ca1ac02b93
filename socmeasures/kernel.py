"""Blocked NumPy scoring of columns: columns in, sums, counts and fault masks out.

Knows no scale file and no frame. A column holds codes; an `ItemKey` says which codes are legal;
a `SumKey` says what each legal code is worth. Fractional, illegal and missing answers never
enter a sum: they are counted apart. Rows are taken in blocks that stay in the processor's cache,
and inside a block all arithmetic is on single bytes (why this is fast: docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 1 << 16  # rows; larger blocks leave the cache, smaller ones pay for calls

Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Codes of one item: any numeric dtype, NaN or `missing` where there is no answer."""

    values: NDArray[Any]
    missing: Flags | None = None

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True)
class ItemKey:
    """The legal codes of one item, as they stand in the column."""

    codes: tuple[int, ...]

    @property
    def low(self) -> int:
        """Smallest legal code."""
        return min(self.codes)

    @property
    def size(self) -> int:
        """Codes from the smallest to the largest legal one, both counted."""
        return max(self.codes) - min(self.codes) + 1

    @property
    def holes(self) -> tuple[int, ...]:
        """Offsets between the ends that are not legal."""
        return tuple(i for i in range(self.size) if self.low + i not in self.codes)


@dataclass(frozen=True, slots=True)
class SumKey:
    """A sum over some columns: for each its place and the worth of each legal code."""

    columns: tuple[int, ...]
    points: tuple[tuple[tuple[int, float], ...], ...]  # per column: (code, worth) pairs


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """What the columns add up to, a row each.

    `sums` and `answered` have one array per `SumKey`: points of the legal answers, and how many
    legal answers there were. `illegal` likewise counts answers outside the codes (None where no
    row has any). `faults` has, per column, the rows with an illegal answer.
    """

    sums: list[NDArray[np.float64]]
    answered: list[NDArray[np.int16]]
    illegal: list[NDArray[np.int16] | None]
    faults: list[NDArray[np.int64]] = field(default_factory=list)

    @property
    def n_faults(self) -> int:
        """Illegal answers in all columns together."""
        return sum(len(rows) for rows in self.faults)


def tally(columns: Sequence[Column], items: Sequence[ItemKey], sums: Sequence[SumKey]) -> Tally:
    """Add up legal answers row by row; count legal and illegal ones.

    Parameters
    ----------
    columns, items : sequences of equal length
        The columns and their legal codes.
    sums : sequence of SumKey
        The sums wanted; a column may be in several.

    Returns
    -------
    Tally
        Sums are of the answers that are there: what a missing answer does to a score is decided
        by the caller, not here.
    """
    n_rows = len(columns[0]) if columns else 0
    plans = [_Plan.of(key, items) for key in sums]
    out = Tally(
        sums=[np.empty(n_rows) for _ in sums],
        answered=[np.empty(n_rows, np.int16) for _ in sums],
        illegal=[None for _ in sums],
        faults=[],
    )
    found: list[list[NDArray[np.int64]]] = [[] for _ in columns]
    users = [[p for p, key in enumerate(sums) if j in key.columns] for j in range(len(columns))]
    with np.errstate(invalid="ignore"):  # NaN → integer is guarded by `whole`
        for start in range(0, n_rows, BLOCK):
            stop = min(start + BLOCK, n_rows)
            _tally_block(columns, items, plans, users, start, stop, out, found)
    none = np.empty(0, np.int64)
    out.faults.extend(np.concatenate(rows) if rows else none for rows in found)
    return out


@dataclass(frozen=True, slots=True)
class _Plan:
    """A `SumKey` made ready: byte arithmetic where points are small whole numbers."""

    base: float  # worth of the least valuable answer of any item, added back once an answer
    whole: bool
    dtype: type[np.unsignedinteger[Any]]
    worth: dict[int, NDArray[Any]]  # column → worth by offset, above `base`

    @classmethod
    def of(cls, key: SumKey, items: Sequence[ItemKey]) -> _Plan:
        base = min(worth for points in key.points for _, worth in points)
        tables = {}
        for j, points in zip(key.columns, key.points, strict=True):
            table = np.zeros(items[j].size)
            for code, worth in points:
                table[code - items[j].low] = worth - base
            tables[j] = table
        top = sum(table.max() for table in tables.values())
        whole = all((t == np.trunc(t)).all() and t.max() <= 255 for t in tables.values())
        dtype = np.uint8 if top <= 255 else np.uint16 if top <= 65535 else np.uint32
        if whole:
            tables = {j: t.astype(np.uint8) for j, t in tables.items()}
        return cls(base=base, whole=whole, dtype=dtype, worth=tables)


def _tally_block(
    columns: Sequence[Column],
    items: Sequence[ItemKey],
    plans: Sequence[_Plan],
    users: Sequence[Sequence[int]],
    start: int,
    stop: int,
    out: Tally,
    found: list[list[NDArray[np.int64]]],
) -> None:
    rows = stop - start
    totals = [np.zeros(rows, plan.dtype if plan.whole else np.float64) for plan in plans]
    counts = [np.zeros(rows, np.uint8 if len(plan.worth) < 256 else np.uint16) for plan in plans]
    for j, (column, item) in enumerate(zip(columns, items, strict=True)):
        offset, legal, n_missing = _read(column, item, start, stop)
        n_illegal = rows - n_missing - int(np.count_nonzero(legal))
        if n_illegal:
            bad = ~(legal | _missing(column, start, stop))
            found[j].append(np.flatnonzero(bad) + start)
        for p in users[j]:
            counts[p] += legal.view(np.uint8)
            totals[p] += _worth(plans[p], j, offset, legal)
            if n_illegal:
                tally_illegal = out.illegal[p]
                if tally_illegal is None:
                    tally_illegal = out.illegal[p] = np.zeros(len(out.sums[p]), np.int16)
                tally_illegal[start:stop] += bad
    for p, plan in enumerate(plans):
        out.answered[p][start:stop] = counts[p]
        into = out.sums[p][start:stop]
        np.multiply(counts[p], plan.base, out=into)
        into += totals[p]


def _read(column: Column, item: ItemKey, start: int, stop: int) -> tuple[Bytes, Flags, int]:
    """Offsets of the answers from the lowest code, which are legal, and how many are missing."""
    values = column.values[start:stop]
    low = item.low
    if values.dtype.kind == "f":
        codes = values.astype(np.int32)
        legal = np.equal(codes, values)  # whole numbers only; False for NaN and beyond int32
        n_missing = int(np.count_nonzero(np.isnan(values)))
        codes -= low
        legal &= codes.view(np.uint32) < item.size
    else:
        legal = (values >= low) & (values < low + item.size)
        codes = values.astype(np.int32) - low
        n_missing = 0
    if column.missing is not None:
        gone = column.missing[start:stop]
        legal &= ~gone
        n_missing = int(np.count_nonzero(_missing(column, start, stop)))
    offset = codes.astype(np.uint8)
    for hole in item.holes:
        legal &= offset != hole
    return offset, legal, n_missing


def _missing(column: Column, start: int, stop: int) -> Flags:
    values = column.values[start:stop]
    gone = np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), bool)
    return gone if column.missing is None else gone | column.missing[start:stop]


def _worth(plan: _Plan, j: int, offset: Bytes, legal: Flags) -> NDArray[Any]:
    """Points above the base of the legal answers of one column; 0 elsewhere."""
    table = plan.worth[j]
    if not plan.whole:
        capped = np.minimum(offset, len(table) - 1)
        return np.asarray(table[capped] * legal)
    marks = legal.view(np.uint8)
    steps = np.diff(table.astype(np.int16))
    if (steps == 1).all():
        return (offset + table[0]) * marks
    if (steps == -1).all():
        return (table[0] - offset) * marks
    worth = np.zeros(len(offset), np.uint8)
    for place in np.flatnonzero(table):
        worth += (offset == place).view(np.uint8) * table[place]
    worth *= marks
    return worth
