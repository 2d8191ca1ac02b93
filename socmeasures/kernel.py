"""Blocked NumPy scoring of columns: columns in, sums, counts and fault masks out.

Knows no scale file and no frame. A column holds codes; an `ItemKey` says which codes are legal;
a `SumKey` says what each legal code is worth. Fractional, illegal and missing answers never
enter a sum: they are counted apart. Rows are taken in blocks that stay in the processor's cache,
and inside a block all arithmetic is on single bytes (why this is fast: docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 1 << 17  # answers; larger blocks leave the cache, smaller ones pay for calls

Offsets = NDArray[np.uint8] | NDArray[np.uint32]  # bytes, unless codes lie far apart
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
    groups = _groups(columns, items)
    keys, alike = tuple(items), tuple(groups)
    plans = [_plan(key, keys, alike) for key in sums]
    out = Tally(
        sums=[np.empty(n_rows) for _ in sums],
        answered=[np.empty(n_rows, np.int16) for _ in sums],
        illegal=[None for _ in sums],
        faults=[],
    )
    found: list[list[NDArray[np.int64]]] = [[] for _ in columns]
    step = max(1024, BLOCK // max(1, len(columns)))
    with np.errstate(invalid="ignore"):  # NaN → integer is guarded by `legal`
        for start in range(0, n_rows, step):
            _tally_block(
                columns, groups, plans, slice(start, min(start + step, n_rows)), out, found
            )
    none = np.empty(0, np.int64)
    out.faults.extend(np.concatenate(rows) if rows else none for rows in found)
    return out


@dataclass(frozen=True, slots=True)
class _Group:
    """Columns with the same legal codes and the same kind of number, taken together."""

    columns: tuple[int, ...]
    item: ItemKey
    dtype: np.dtype[Any]


def _groups(columns: Sequence[Column], items: Sequence[ItemKey]) -> list[_Group]:
    together: dict[tuple[ItemKey, np.dtype[Any]], list[int]] = {}
    for j, (column, item) in enumerate(zip(columns, items, strict=True)):
        together.setdefault((item, column.values.dtype), []).append(j)
    return [_Group(tuple(js), item, dtype) for (item, dtype), js in together.items()]


@dataclass(frozen=True, slots=True)
class _Part:
    """What one sum takes from one group: places in the group, by how points follow the code."""

    every: slice | list[int]
    rising: slice | list[int]  # one point more a code
    falling: slice | list[int]  # one point less a code: reversed items
    n_falling: int
    top: int  # worth above the base of the lowest code of a falling item
    other: tuple[tuple[int, NDArray[Any]], ...]  # place in the group, worth by offset


@dataclass(frozen=True, slots=True)
class _Plan:
    """A `SumKey` made ready: byte arithmetic where points are small whole numbers."""

    base: float  # worth of the least valuable answer of any item, added back once an answer
    dtype: type[Any]
    parts: tuple[_Part | None, ...]  # one for each group

    @classmethod
    def of(cls, key: SumKey, items: Sequence[ItemKey], groups: Sequence[_Group]) -> _Plan:
        base = min(worth for points in key.points for _, worth in points)
        tables: dict[int, list[float]] = {}
        for j, points in zip(key.columns, key.points, strict=True):
            low, table = items[j].low, [0.0] * items[j].size
            for code, worth in points:
                table[code - low] = worth - base
            tables[j] = table
        top = sum(max(table) for table in tables.values())
        whole = all(w.is_integer() and w <= 255 for table in tables.values() for w in table)
        dtype: type[Any] = np.float64
        if whole:
            dtype = np.uint8 if top <= 255 else np.uint16 if top <= 65535 else np.uint32
        return cls(base, dtype, tuple(cls._part(group, tables, whole) for group in groups))

    @staticmethod
    def _part(group: _Group, tables: dict[int, list[float]], whole: bool) -> _Part | None:
        places = [i for i, j in enumerate(group.columns) if j in tables]
        if not places:
            return None
        size = group.item.size
        up = [float(i) for i in range(size)]
        down = up[::-1]
        linear = whole and not group.item.holes
        rising = [i for i in places if linear and tables[group.columns[i]] == up]
        falling = [i for i in places if linear and tables[group.columns[i]] == down]
        rest = sorted({*places} - {*rising} - {*falling})
        kind = np.uint8 if whole else np.float64
        return _Part(
            every=_selection(places, len(group.columns)),
            rising=_selection(rising, len(group.columns)),
            falling=_selection(falling, len(group.columns)),
            n_falling=len(falling),
            top=size - 1,
            other=tuple((i, np.array(tables[group.columns[i]]).astype(kind)) for i in rest),
        )


@lru_cache(maxsize=1024)
def _plan(key: SumKey, items: tuple[ItemKey, ...], groups: tuple[_Group, ...]) -> _Plan:
    """Plans are made once: a scale is scored many times with the same key."""
    return _Plan.of(key, items, groups)


def _selection(places: list[int], size: int) -> slice | list[int]:
    """All places as a slice, which NumPy takes without a copy."""
    return slice(None) if len(places) == size else places


def _tally_block(
    columns: Sequence[Column],
    groups: Sequence[_Group],
    plans: Sequence[_Plan],
    rows: slice,
    out: Tally,
    found: list[list[NDArray[np.int64]]],
) -> None:
    n = rows.stop - rows.start
    totals = [np.zeros(n, plan.dtype) for plan in plans]
    counts = [np.zeros(n, np.uint16) for _ in plans]
    for g, group in enumerate(groups):
        offset, legal, bad = _read(columns, group, rows)
        if bad is not None:
            for i in np.flatnonzero(bad.any(axis=1)):
                found[group.columns[i]].append(np.flatnonzero(bad[i]) + rows.start)
        marks = legal.view(np.uint8)
        for p, plan in enumerate(plans):
            part = plan.parts[g]
            if part is not None:
                _add(part, offset, marks, totals[p], counts[p])
                if bad is not None:
                    _count_illegal(out, p, bad[part.every], rows)
    for p, plan in enumerate(plans):
        out.answered[p][rows] = counts[p]
        into = out.sums[p][rows]
        np.multiply(counts[p], plan.base, out=into)
        into += totals[p]


def _read(
    columns: Sequence[Column], group: _Group, rows: slice
) -> tuple[Offsets, Flags, Flags | None]:
    """Offsets of the legal answers from the lowest code (0 elsewhere), which are legal, which not.

    Shape (columns, rows). The third is None where no answer is illegal, as in most blocks.
    """
    shape = (len(group.columns), rows.stop - rows.start)
    values = np.empty(shape, group.dtype)
    for i, j in enumerate(group.columns):
        values[i] = columns[j].values[rows]
    low, size = group.item.low, group.item.size
    codes = values.astype(np.int32)
    if group.dtype.kind == "f":
        legal = codes == values  # whole numbers only; False for NaN and beyond int32
        codes -= low
        legal &= codes.view(np.uint32) < size
        n_empty = int(np.count_nonzero(values != values))
    else:
        legal = (values >= low) & (values < low + size)
        codes -= low
        n_empty = 0
    masks = [
        (i, mask) for i, j in enumerate(group.columns) if (mask := columns[j].missing) is not None
    ]
    for i, mask in masks:
        legal[i] &= ~mask[rows]
    offset: NDArray[Any] = codes.astype(np.uint8 if size <= 256 else np.uint32)
    for hole in group.item.holes:
        legal &= offset != hole
    offset *= legal.view(np.uint8)
    n_legal = int(np.count_nonzero(legal))
    if not masks and n_legal + n_empty == legal.size:
        return offset, legal, None
    empty = values != values
    for i, mask in masks:
        empty[i] |= mask[rows]
    bad = ~(legal | empty)
    return offset, legal, bad if bad.any() else None


def _add(
    part: _Part,
    offset: Offsets,
    marks: NDArray[np.uint8],
    total: NDArray[Any],
    count: NDArray[np.uint16],
) -> None:
    """Add the points of one group's legal answers, and how many there are."""
    count += np.add.reduce(marks[part.every], axis=0, dtype=np.uint16)
    small = total.dtype if total.dtype.kind == "u" else np.uint32
    total += np.add.reduce(offset[part.rising], axis=0, dtype=small)
    if part.n_falling:
        answered = np.add.reduce(marks[part.falling], axis=0, dtype=small)
        answered *= part.top
        answered -= np.add.reduce(offset[part.falling], axis=0, dtype=small)
        total += answered
    for i, table in part.other:
        if table.dtype != np.uint8:
            total += table[offset[i]] * marks[i]
            continue
        for place in np.flatnonzero(table):
            total += ((offset[i] == place) & marks[i].view(np.bool_)) * table[place]


def _count_illegal(out: Tally, p: int, bad: Flags, rows: slice) -> None:
    counted = out.illegal[p]
    if counted is None:
        counted = out.illegal[p] = np.zeros(len(out.sums[p]), np.int16)
    counted[rows] += np.add.reduce(bad, axis=0, dtype=np.int16)
