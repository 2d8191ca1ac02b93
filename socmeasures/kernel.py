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

BLOCK = 1 << 20  # answers; larger blocks leave the cache, smaller ones pay for calls
ROWS = 1 << 15  # rows of a block at most: a column's part is read several times, from the cache
TAKEN = 1 << 15  # answers of short columns taken together, so that calls do not cost more than work

Offsets = NDArray[np.uint8] | NDArray[np.uint32]  # bytes, unless codes lie far apart
Flags = NDArray[np.bool_]
Rows = slice | NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Codes of one item: any numeric dtype, NaN or `missing` where there is no answer."""

    values: NDArray[Any]
    missing: Flags | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Kind of number of the codes."""
        return self.values.dtype

    def part(self, rows: Rows) -> tuple[NDArray[Any], Flags | None]:
        """Codes and gaps of some rows."""
        return self.values[rows], None if self.missing is None else self.missing[rows]


@dataclass(frozen=True, slots=True, eq=False)
class Shifted:
    """Codes of one item as places (categories) plus a shift; a place below zero is no answer.

    Codes are worked out a part at a time, so that scoring categories costs no memory.
    """

    places: NDArray[Any]  # signed
    shift: int

    def __len__(self) -> int:
        return len(self.places)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Kind of number of the codes."""
        return self.places.dtype

    @property
    def values(self) -> NDArray[Any]:
        """All codes; what stands in a gap means nothing."""
        return self.part(slice(None))[0]

    @property
    def missing(self) -> Flags | None:
        """All gaps."""
        return self.part(slice(None))[1]

    def part(self, rows: Rows) -> tuple[NDArray[Any], Flags | None]:
        """Codes and gaps of some rows."""
        places = self.places[rows]
        missing = places < 0
        return places + places.dtype.type(self.shift), missing if missing.any() else None


AnyColumn = Column | Shifted


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


def tally(columns: Sequence[AnyColumn], items: Sequence[ItemKey], sums: Sequence[SumKey]) -> Tally:
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
    step = min(ROWS, max(1024, BLOCK // max(1, len(columns))))
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
    codes: np.dtype[Any]  # smallest whole numbers that hold every legal code
    exact: bool  # no value of `dtype` is turned into a legal code that it is not


def _groups(columns: Sequence[AnyColumn], items: Sequence[ItemKey]) -> list[_Group]:
    together: dict[tuple[ItemKey, np.dtype[Any]], list[int]] = {}
    for j, (column, item) in enumerate(zip(columns, items, strict=True)):
        together.setdefault((item, column.dtype), []).append(j)
    return [_group(tuple(js), item, dtype) for (item, dtype), js in together.items()]


@lru_cache(maxsize=1024)
def _group(columns: tuple[int, ...], item: ItemKey, dtype: np.dtype[Any]) -> _Group:
    low, high = min(item.codes), max(item.codes)
    codes = np.result_type(np.min_scalar_type(low), np.min_scalar_type(high))
    wraps_apart = dtype.kind == "i" and dtype.itemsize == codes.itemsize and high <= _top(dtype)
    exact = dtype.kind in "iu" and (np.can_cast(dtype, codes) or wraps_apart)
    return _Group(columns, item, dtype, codes, exact)


def _top(dtype: np.dtype[Any]) -> int:
    return int(np.iinfo(dtype).max)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one sum takes from one group: places in the group, by how points follow the code."""

    places: tuple[int, ...]
    every: slice | list[int]  # the same places, to take them from an array
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
            places=tuple(places),
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
    """Places next to each other as a slice, which NumPy takes without a copy."""
    if len(places) == size:
        return slice(None)
    together = bool(places) and places[-1] - places[0] + 1 == len(places)
    return slice(places[0], places[-1] + 1) if together else places


def _tally_block(
    columns: Sequence[AnyColumn],
    groups: Sequence[_Group],
    plans: Sequence[_Plan],
    rows: slice,
    out: Tally,
    found: list[list[NDArray[np.int64]]],
) -> None:
    n = rows.stop - rows.start
    totals = [np.zeros(n, plan.dtype) for plan in plans]
    counts = [np.zeros(n, np.uint8 if len(columns) <= 255 else np.uint16) for _ in plans]
    for g, group in enumerate(groups):
        offset, legal, bad = _read(columns, group, rows)
        for i, places in bad.items():
            found[group.columns[i]].append(places + rows.start)
        marks = legal.view(np.uint8)
        for p, plan in enumerate(plans):
            part = plan.parts[g]
            if part is not None:
                _add(part, offset, marks, totals[p], counts[p])
                if bad:
                    _count_illegal(out, p, [bad[i] for i in part.places if i in bad], rows)
    for p, plan in enumerate(plans):
        out.answered[p][rows] = counts[p]
        into = out.sums[p][rows]
        np.multiply(counts[p], plan.base, out=into)
        into += totals[p]


def _read(
    columns: Sequence[AnyColumn], group: _Group, rows: slice
) -> tuple[Offsets, Flags, dict[int, NDArray[np.int64]]]:
    """Offsets of the legal answers from the lowest code (0 elsewhere), which are legal, which not.

    The first two of shape (columns, rows); the third has the rows of illegal answers by the
    column's place in the group, for columns that have any.
    """
    k, n = len(group.columns), rows.stop - rows.start
    codes, legal = np.empty((k, n), group.codes), np.empty((k, n), np.bool_)
    low, size = group.item.low, group.item.size
    n_empty, gaps = 0, list[Flags | None]()
    width = min(k, max(1, TAKEN // n))
    back = np.empty((width, n), group.dtype)
    for start in range(0, k, width):
        some = slice(start, start + width)
        parts = [columns[j].part(rows) for j in group.columns[some]]
        gaps += [missing for _, missing in parts]
        values = _together([values for values, _ in parts])
        codes[some] = values
        if group.exact:
            continue
        if group.dtype.kind == "f":  # whole numbers only; False for NaN and what does not fit
            whole = back[: len(values)]
            whole[:] = codes[some]
            np.equal(values, whole, out=legal[some])
            n_empty += int(np.count_nonzero(values != values))
        else:
            np.logical_and(values >= low, values < low + size, out=legal[some])
    wrapped: NDArray[Any] = codes.view(f"u{group.codes.itemsize}")
    wrapped -= low % 2 ** (8 * group.codes.itemsize)  # codes below the lowest become large offsets
    if group.exact:
        np.less(wrapped, size, out=legal)
    else:
        legal &= wrapped < size
    offset: NDArray[Any] = wrapped.astype(np.uint8 if size <= 256 else np.uint32, copy=False)
    for hole in group.item.holes:
        legal &= offset != hole
    unsure = False  # a gap may be NaN and marked missing, too
    for i, missing in enumerate(gaps):
        if missing is not None:
            unsure |= group.dtype.kind == "f"
            n_empty += int(np.count_nonzero(missing))
            legal[i] &= ~missing
    bad: dict[int, NDArray[np.int64]] = {}
    if unsure or int(np.count_nonzero(legal)) + n_empty < legal.size:
        found = ((i, _illegal(columns[j], rows, legal[i])) for i, j in enumerate(group.columns))
        bad = {i: places for i, places in found if len(places)}
    offset *= legal.view(np.uint8)
    return offset, legal, bad


def _together(values: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Columns as one array of shape (columns, rows); a single one is not copied."""
    if len(values) == 1:
        return np.ascontiguousarray(values[0])[np.newaxis]
    table = np.empty((len(values), len(values[0])), values[0].dtype)
    for i, column in enumerate(values):
        table[i] = column
    return table


def _illegal(column: AnyColumn, rows: slice, legal: Flags) -> NDArray[np.int64]:
    """Places of answers that are there and not legal."""
    values, missing = column.part(rows)
    rest = ~legal if missing is None else ~(legal | missing)
    return np.flatnonzero(rest & (values == values)) if rest.any() else np.flatnonzero(rest)


def _add(
    part: _Part,
    offset: Offsets,
    marks: NDArray[np.uint8],
    total: NDArray[Any],
    count: NDArray[Any],
) -> None:
    """Add the points of one group's legal answers, and how many there are."""
    count += np.add.reduce(marks[part.every], axis=0, dtype=count.dtype)
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


def _count_illegal(out: Tally, p: int, bad: Sequence[NDArray[np.int64]], rows: slice) -> None:
    if not bad:
        return
    counted = out.illegal[p]
    if counted is None:
        counted = out.illegal[p] = np.zeros(len(out.sums[p]), np.int16)
    for places in bad:
        counted[rows][places] += 1
