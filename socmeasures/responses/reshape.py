"""Wide ↔ long: one row a person, or one row a person and time point, with identifiers checked.

Nothing is aggregated, filled or dropped on the way: what cannot be placed is refused with its
rows. Labels and reasons for missing move with their answers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from socmeasures import frames
from socmeasures.errors import ReshapeError, did_you_mean, listed, plural
from socmeasures.responses.codebook import Code, Codebook, Variable, code_text, reasons_frame
from socmeasures.responses.coding import normalised

Reason = tuple[Any, str, Code, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reshaped:
    """Data in their new shape, with the codebook that belongs to it.

    Attributes
    ----------
    data : DataFrame (the kind that came in)
        Row labels are 0, 1, 2 …
    codebook : Codebook or None
        Names, labels and reasons moved along; None when none was given.
    notes : tuple of str
        What a reader must know: questions asked at some time points only, people who have none.
    """

    data: Any
    codebook: Codebook | None
    notes: tuple[str, ...] = ()


def to_long(
    data: Any,
    *,
    person: str,
    waves: Mapping[str, str] | Sequence[str],
    wave: str = "wave",
    codebook: Codebook | None = None,
) -> Reshaped:
    """One row a person → one row a person and time point.

    Parameters
    ----------
    data : DataFrame (pandas or polars)
        One row a person. Not changed.
    person : str
        Column with the person's identifier: once each, never missing.
    waves : mapping of time point to mark, or sequence of marks
        How column names say when: ``{"before": "t1", "after": "t2"}`` finds ``t1_q3``, ``q3_t1``
        and ``q3__t1``. In order.
    wave : str
        Name of the new column.
    codebook : Codebook, optional
        Goes along.

    Returns
    -------
    Reshaped
        Time points stand below each other, people in their old order within each. Columns
        without a mark (arm, age, site) are repeated at every time point. A question that was
        asked at some time points only is missing at the others, and is told of.

    Raises
    ------
    ReshapeError
        All faults at once: an identifier missing or there twice, a time point without columns,
        two columns for one question at one time point, a name that stands both with and without
        a mark, codes with different words at different time points.

    Examples
    --------
    >>> import pandas as pd
    >>> from socmeasures.responses.reshape import to_long
    >>> wide = pd.DataFrame({"id": [1, 2], "t1_q1": [3, 4], "t2_q1": [5, None]})
    >>> to_long(wide, person="id", waves=["t1", "t2"]).data
       id   q1 wave
    0   1  3.0   t1
    1   2  4.0   t1
    2   1  5.0   t2
    3   2  NaN   t2
    """
    table = frames.to_pandas(data)
    columns = [str(c) for c in table.columns]
    marks = dict(waves) if isinstance(waves, Mapping) else {w: w for w in waves}
    faults, rows = identifier_faults(table, [person])
    by_wave = {w: _marked(columns, m, person, marks.values()) for w, m in marks.items()}
    for name, found in by_wave.items():
        if not found:
            faults.append(f"time point {name!r}: no column has {marks[name]!r} in its name")
        bases = Counter(found.values())
        for base in [b for b, n in bases.items() if n > 1]:
            both = [c for c, b in found.items() if b == base]
            faults.append(f"time point {name!r}: {' and '.join(both)} are both {base!r}")
    timed = {c for found in by_wave.values() for c in found}
    fixed = [c for c in columns if c not in timed]
    bases_all = list(dict.fromkeys(b for found in by_wave.values() for b in found.values()))
    clash = [b for b in bases_all if b in fixed]
    if clash:
        faults.append(f"{listed(clash)}: stands both with and without a time point in its name")
    if wave in columns:
        faults.append(f"there is a column {wave!r} already; give wave= another name")
    sources = {base: _columns_of(base, by_wave) for base in bases_all}
    faults += [f for base, named in sources.items() for f in word_conflicts(base, named, codebook)]
    if faults:
        raise ReshapeError(faults, rows)
    notes = [
        f"{base} was asked at {listed([w for w in marks if w in named])} only; it is missing at "
        "the other time points."
        for base, named in sources.items()
        if len(named) < len(marks)
    ]
    parts = {c: pd.concat([table[c]] * len(marks), ignore_index=True) for c in fixed}
    for base, named in sources.items():
        blocks = [
            table[named[w]] if w in named else pd.Series([None] * len(table), dtype=object)
            for w in marks
        ]
        parts[base] = stacked(blocks, [w in named for w in marks])
    parts[wave] = pd.Series(np.repeat(list(marks), len(table)), dtype="str")
    long = pd.DataFrame(parts)
    long.attrs = {}
    return Reshaped(
        data=frames.like(data, long),
        codebook=_long_codebook(codebook, table, fixed, sources, list(marks), wave),
        notes=tuple(notes),
    )


def to_wide(
    data: Any,
    *,
    person: str,
    wave: str,
    waves: Sequence[Any] | None = None,
    fixed: Sequence[str] = (),
    codebook: Codebook | None = None,
) -> Reshaped:
    """One row a person and time point → one row a person.

    Parameters
    ----------
    data : DataFrame (pandas or polars)
        One row a person and time point. Not changed.
    person, wave : str
        Columns that identify a row: together once each, never missing.
    waves : sequence, optional
        The time points to keep, in order; default: as they first occur.
    fixed : sequence of str
        Columns that hold for the person (arm, site): they stay one column, and may not vary.
    codebook : Codebook, optional
        Goes along.

    Returns
    -------
    Reshaped
        A row a person in the order they first occur; columns ``{name}__{time point}``.

    Raises
    ------
    ReshapeError
        All faults at once: a person twice at a time point, an identifier or time point missing,
        a time point nobody has, a fixed column that varies within a person (with the people).

    Examples
    --------
    >>> import pandas as pd
    >>> from socmeasures.responses.reshape import to_wide
    >>> long = pd.DataFrame({"id": [1, 1, 2], "wave": ["t1", "t2", "t1"], "q1": [3, 5, 4]})
    >>> to_wide(long, person="id", wave="wave").data
       id  q1__t1  q1__t2
    0   1       3     5.0
    1   2       4     NaN
    """
    table = frames.to_pandas(data)
    table = table.set_axis([str(c) for c in table.columns], axis=1)
    faults, rows = identifier_faults(table, [person, wave])
    known = [c for c in fixed if c in table.columns]
    faults += [
        f"there is no column {c!r} (fixed=).{did_you_mean(c, list(table.columns))}"
        for c in fixed
        if c not in table.columns
    ]
    if faults and any(n not in table.columns for n in (person, wave)):
        raise ReshapeError(faults, rows)
    present = list(dict.fromkeys(table[wave].dropna().tolist()))
    chosen = present if waves is None else list(waves)
    faults += [f"time point {w!r}: nobody has it" for w in chosen if w not in present]
    for name in known:
        faults += _varying(table, person, name, rows)
    if faults:
        raise ReshapeError(faults, rows)
    kept = table[table[wave].isin(chosen)]
    notes = []
    if len(kept) < len(table):
        left = len(table) - len(kept)
        notes.append(f"{plural(left, 'row')} of other time points set aside.")
    people = kept[person].drop_duplicates().tolist()
    place = {p: i for i, p in enumerate(people)}
    wide = pd.DataFrame({person: pd.Series(people, dtype=table[person].dtype)})
    for name in known:
        told = kept[kept[name].notna()].drop_duplicates(person).set_index(person)[name]
        wide[name] = told.reindex(people).to_numpy()
    asked = [c for c in table.columns if c not in (person, wave, *known)]
    moved: dict[str, pd.Series] = {}
    at: dict[Any, tuple[int, Any]] = {}
    for w in chosen:
        rows_here = kept[kept[wave] == w]
        spots = [place[p] for p in rows_here[person].tolist()]
        at |= dict(zip(rows_here.index.tolist(), [(s, w) for s in spots], strict=True))
        for name in asked:
            column = rows_here[name].set_axis(spots)
            moved[f"{name}__{w}"] = column.reindex(range(len(people)))
    ordered = {f"{n}__{w}": moved[f"{n}__{w}"] for n in asked for w in chosen}
    wide = pd.concat([wide, pd.DataFrame(ordered, index=wide.index)], axis=1)
    return Reshaped(
        data=frames.like(data, wide),
        codebook=_wide_codebook(codebook, wide, asked, chosen, [person, *known], at),
        notes=tuple(notes),
    )


# --- identifiers ----------------------------------------------------------------------------


def identifier_faults(
    table: pd.DataFrame, keys: Sequence[str]
) -> tuple[list[str], list[dict[str, Any]]]:
    """What is wrong with the columns that identify rows, and the rows at fault."""
    columns = [str(c) for c in table.columns]
    twice = [c for c, n in Counter(columns).items() if n > 1]
    faults = [f"column name {c!r} is there more than once" for c in twice]
    absent = [k for k in keys if k not in columns]
    faults += [f"there is no column {k!r}.{did_you_mean(k, columns)}" for k in absent]
    if faults:
        return faults, []
    rows: list[dict[str, Any]] = []
    for key in keys:
        gone = np.flatnonzero(table[key].isna() | (table[key].astype(str).str.strip() == ""))
        if len(gone):
            faults.append(f"{key!r} is missing in {plural(len(gone), 'row')}: {_rows(gone)}")
            rows += [_row(i, None, key, f"{key} is missing") for i in gone.tolist()]
    known = table[list(keys)].notna().all(axis=1).to_numpy()
    repeated = table.duplicated(list(keys), keep=False).to_numpy() & known
    if repeated.any():
        places = np.flatnonzero(repeated)
        people = table[keys[0]].to_numpy()[places]
        at = "" if len(keys) == 1 else " at one time point"
        n = len(set(people.tolist()))
        faults.append(
            f"{plural(n, 'person is', 'people are')} there more than once{at}: {_rows(places)}; "
            f"keep one row each by a rule: resolve_duplicates(data, …)"
        )
        rows += [
            {**_row(i, p, keys[0], "there more than once"), "rule": "duplicate_person_wave"}
            for i, p in zip(places.tolist(), people.tolist(), strict=True)
        ]
    return faults, rows


def _rows(places: Any) -> str:
    return "rows " + listed([int(p) + 1 for p in places])


def _row(place: int, person: Any, column: str, message: str) -> dict[str, Any]:
    return {
        "row": place + 1,
        "person": person,
        "column": column,
        "rule": "identifier",
        "severity": "error",
        "message": message,
    }


def _varying(table: pd.DataFrame, person: str, name: str, rows: list[dict[str, Any]]) -> list[str]:
    told = table[[person, name]].dropna().drop_duplicates()
    several = told[told[person].duplicated(keep=False)]
    if not len(several):
        return []
    places = np.flatnonzero(table[person].isin(several[person]).to_numpy())
    rows += [
        _row(i, table[person].iloc[i], name, f"{name} differs between time points")
        for i in places.tolist()
    ]
    n = several[person].nunique()
    return [
        f"{name!r} differs between time points for {plural(n, 'person', 'people')}: {_rows(places)}"
    ]


# --- names and blocks -----------------------------------------------------------------------


def _marked(columns: Sequence[str], mark: str, person: str, marks: Any) -> dict[str, str]:
    """Column → its name without the time point; the mark stands first, last or between `_`."""
    parted = re.compile(rf"(?:^|(?<=[_.\- ])){re.escape(mark)}(?:[_.\- ]+|$)", re.IGNORECASE)
    longer = [m for m in marks if len(m) > len(mark) and mark.lower() in m.lower()]
    found = {}
    for column in columns:
        if column == person or any(m.lower() in column.lower() for m in longer):
            continue
        hits = list(parted.finditer(column))
        if len(hits) != 1:
            continue
        base = (column[: hits[0].start()] + column[hits[0].end() :]).strip("_.- ")
        if base:
            found[column] = base
    return found


def _columns_of(base: str, by_wave: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {w: c for w, found in by_wave.items() for c, b in found.items() if b == base}


def stacked(blocks: Sequence[pd.Series], asked: Sequence[bool]) -> pd.Series:
    """Blocks below each other, of one type where the asked ones share it."""
    there = [b for b, is_asked in zip(blocks, asked, strict=True) if is_asked]
    if all(pd.api.types.is_numeric_dtype(b.dtype) for b in there):
        whole = all(asked) and len({b.dtype for b in there}) == 1
        kind = there[0].dtype if whole else "float64"
        parts = [
            b.astype(kind) if is_asked else pd.Series(np.full(len(b), np.nan))
            for b, is_asked in zip(blocks, asked, strict=True)
        ]
        return pd.concat(parts, ignore_index=True)
    if len({str(b.dtype) for b in there}) == 1:
        kind = there[0].dtype
        if str(kind) != "category":
            return pd.concat(
                [
                    b if a else pd.Series([None] * len(b), dtype=kind)
                    for b, a in zip(blocks, asked, strict=True)
                ],
                ignore_index=True,
            )
    return pd.Series([v for b in blocks for v in b.tolist()], dtype=object)


def word_conflicts(base: str, named: Mapping[str, str], codebook: Codebook | None) -> list[str]:
    """Codes of one question that have different words at different time points."""
    if codebook is None:
        return []
    words: dict[Code, dict[str, str]] = {}
    for wave, column in named.items():
        variable = codebook.get(column)
        for code, label in (variable.value_labels if variable else {}).items():
            words.setdefault(code, {})[wave] = label
    return [
        f"{base!r}: code {code_text(code)} means "
        + " but ".join(f"{label!r} at {wave}" for wave, label in told.items())
        for code, told in words.items()
        if len({normalised(label) for label in told.values()}) > 1
    ]


# --- codebooks ------------------------------------------------------------------------------


def _long_codebook(
    codebook: Codebook | None,
    table: pd.DataFrame,
    fixed: Sequence[str],
    sources: Mapping[str, Mapping[str, str]],
    waves: Sequence[str],
    wave: str,
) -> Codebook | None:
    if codebook is None:
        return None
    variables = {c: codebook.variables[c] for c in fixed if c in codebook}
    for base, named in sources.items():
        known = [codebook.variables[c] for c in named.values() if c in codebook]
        if known:
            variables[base] = merged(base, known)
    variables[wave] = Variable(name=wave, label="Time point", kind="string")
    place = {label: i for i, label in enumerate(table.index.tolist())}
    block = {c: (base, waves.index(w)) for base, named in sources.items() for w, c in named.items()}
    reasons: list[Reason] = []
    for label, column, code, words in codebook.reasons.itertuples(index=False):
        if label not in place:
            continue
        if column in block:
            base, nth = block[column]
            reasons.append((nth * len(table) + place[label], base, code, words))
        elif column in variables:
            reasons += [
                (nth * len(table) + place[label], column, code, words) for nth in range(len(waves))
            ]
    return derived_codebook(codebook, variables, reasons, len(table) * len(waves))


def _wide_codebook(
    codebook: Codebook | None,
    wide: pd.DataFrame,
    asked: Sequence[str],
    waves: Sequence[Any],
    kept: Sequence[str],
    at: Mapping[Any, tuple[int, Any]],
) -> Codebook | None:
    if codebook is None:
        return None
    variables: dict[str, Variable] = {}
    for name in kept:
        if name in codebook:
            variables[name] = codebook.variables[name]
    for name in asked:
        if name in codebook:
            for w in waves:
                new = f"{name}__{w}"
                variables[new] = replace(codebook.variables[name], name=new)
    reasons: list[Reason] = []
    for label, column, code, words in codebook.reasons.itertuples(index=False):
        if label in at and column in asked:
            row, w = at[label]
            reasons.append((row, f"{column}__{w}", code, words))
    return derived_codebook(codebook, variables, reasons, len(wide))


def merged(name: str, known: Sequence[Variable]) -> Variable:
    """One variable from those of several time points; labels and missing codes of all."""
    labels = {code: words for v in reversed(known) for code, words in v.value_labels.items()}
    return replace(
        known[0],
        name=name,
        value_labels={**dict(known[0].value_labels), **labels},
        missing_values=tuple(dict.fromkeys(c for v in known for c in v.missing_values)),
        missing_ranges=tuple(dict.fromkeys(r for v in known for r in v.missing_ranges)),
    )


def derived_codebook(
    codebook: Codebook, variables: Mapping[str, Variable], reasons: Sequence[Reason], n_rows: int
) -> Codebook:
    """A codebook of data made from a file's: no checksums, as no row stands where it stood."""
    order = {name: i for i, name in enumerate(variables)}
    told = sorted(reasons, key=lambda r: (r[0], order.get(r[1], len(order))))
    return replace(
        codebook,
        variables=dict(variables),
        reasons=reasons_frame(told),
        n_rows=n_rows,
        mrsets={},
        weight=codebook.weight if codebook.weight in variables else None,
        not_kept=(),
        record=None,
        _row_marks={},
    )
