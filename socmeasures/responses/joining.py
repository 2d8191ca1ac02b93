"""Files of several time points joined by identifier: who is in which, and who nearly is.

Identifiers are compared letter by letter. Those that differ only in case, spaces, leading zeros
or one character are listed for a person to confirm with `same=`; they are never joined silently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Literal

import pandas as pd

from socmeasures import frames
from socmeasures.errors import ChoiceError, JoinError, did_you_mean, listed, plural
from socmeasures.responses.codebook import Codebook, Variable
from socmeasures.responses.duplicates import DuplicateRule, resolve_duplicates
from socmeasures.responses.near_ids import id_text, near_pairs
from socmeasures.responses.reshape import (
    Reason,
    derived_codebook,
    identifier_faults,
    merged,
    stacked,
    to_wide,
    word_conflicts,
)

Part = Any  # a frame, or what `read` gave: (frame, codebook)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Joined:
    """Files of several time points as one frame.

    Attributes
    ----------
    data : DataFrame
        Long (with the time point in a column) or wide, as asked for.
    codebook : Codebook or None
        What the codebooks of the parts say together.
    who : pandas.DataFrame
        One row a person: the identifier, a column of True/False for each time point, and
        ``time_points``, how many they are in.
    near : pandas.DataFrame
        Identifiers to confirm: ``first_wave, first_id, second_wave, second_id, differ``.
    notes : tuple of str
        Counts: who is in all, who in one only, rows left out by the rule for duplicates.
    """

    data: Any
    codebook: Codebook | None
    who: pd.DataFrame
    near: pd.DataFrame
    notes: tuple[str, ...]

    def __str__(self) -> str:
        """The notes, and the identifiers to confirm."""
        lines = [*self.notes]
        for row in self.near.head(20).to_dict("records"):
            lines.append(
                f"  {row['first_id']!r} ({row['first_wave']}) and {row['second_id']!r} "
                f"({row['second_wave']}) differ by {row['differ']}: the same person? "
                f"Then same={{{row['second_id']!r}: {row['first_id']!r}}}"
            )
        return "\n".join(lines)


def join_waves(
    parts: Mapping[str, Part],
    *,
    person: str | Mapping[str, str],
    how: Literal["long", "wide"] = "long",
    wave: str = "wave",
    same: Mapping[Any, Any] | None = None,
    duplicates: DuplicateRule | None = None,
) -> Joined:
    """Join one file a time point by the person's identifier.

    Parameters
    ----------
    parts : mapping of time point to frame, or to (frame, codebook)
        In order: ``{"before": soc.read("form.xlsx", sheet="Before"), "after": …}``.
    person : str, or mapping of time point to str
        Column with the identifier. Compared as text: the number 7 and the text ``"7"`` are the
        same, ``"007"`` is not.
    how : {"long", "wide"}
        One row a person and time point, or one row a person with ``{name}__{time point}``.
    wave : str
        Name of the column with the time point.
    same : mapping of identifier to identifier, optional
        Confirmed near matches: ``{"ab1 ": "AB01"}`` reads the first as the second.
    duplicates : {"first", "last", "most_complete"}, optional
        Which row of a person entered twice at a time point stays; without it they are refused.

    Returns
    -------
    Joined
        Everybody is in `data`, also who is in one file only.

    Raises
    ------
    JoinError
        All faults at once: no identifier column, identifiers missing, people twice without a
        rule, a name in `same` nobody has, codes with different words at different time points.

    Examples
    --------
    >>> import pandas as pd
    >>> from socmeasures.responses.joining import join_waves
    >>> before = pd.DataFrame({"id": ["AB01", "AB02"], "q1": [1, 2]})
    >>> after = pd.DataFrame({"id": ["ab1", "AB02"], "q1": [3, 4]})
    >>> joined = join_waves({"before": before, "after": after}, person="id")
    >>> print(joined)
    3 people: 1 at all 2 time points, 1 at before only, 1 at after only.
    1 pair of identifiers nearly the same; look at them before going on.
      'AB01' (before) and 'ab1' (after) differ by case, leading zeros: the same person? Then ...
    """
    if how not in ("long", "wide"):
        raise ChoiceError("how", how, ("long", "wide"))
    frames_of = {name: part[0] if isinstance(part, tuple) else part for name, part in parts.items()}
    books = {name: part[1] if isinstance(part, tuple) else None for name, part in parts.items()}
    key_of = {n: person if isinstance(person, str) else person.get(n, "") for n in parts}
    key = person if isinstance(person, str) else next(iter(person.values()))
    faults: list[str] = []
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    tables: dict[str, pd.DataFrame] = {}
    used: set[str] = set()
    renamed = {id_text(old): id_text(new) for old, new in (same or {}).items()}
    for name, frame in frames_of.items():
        table = frames.to_pandas(frame)
        table = table.set_axis([str(c) for c in table.columns], axis=1)
        own = key_of[name]
        if own not in table.columns:
            near = did_you_mean(own, list(table.columns))
            faults.append(f"{name}: there is no column {own!r}.{near}")
            continue
        if wave in table.columns:
            faults.append(f"{name}: there is a column {wave!r} already; give wave= another name")
        if own != key and key in table.columns:
            faults.append(f"{name}: there is a column {key!r} beside {own!r}; rename one of them")
        ids = [None if _gone(v) else id_text(v) for v in table[own].tolist()]
        used |= {i for i in ids if i in renamed}
        table = table.assign(**{own: [renamed.get(i, i) if i else i for i in ids]})
        table = table.rename(columns={own: key})
        if duplicates is not None:
            table, told = resolve_duplicates(table, person=key, rule=duplicates)
            notes += [f"{name}: {note}" for note in told]
        wrong, where = identifier_faults(table, [key])
        faults += [f"{name}: {fault}" for fault in wrong]
        rows += [{**row, "wave": name} for row in where]
        tables[name] = table
    faults += [f"same=: nobody has the identifier {i!r}" for i in renamed if i not in used]
    columns = list(dict.fromkeys(c for t in tables.values() for c in t.columns if c != key))
    if how == "long":
        for column in columns:
            faults += _conflicts(column, tables, books)
    if faults:
        raise JoinError(faults, rows)
    who = _who(tables, key)
    near = _near(tables, key)
    notes = [*_counts(who, list(tables)), *notes]
    if len(near):
        notes.append(
            f"{plural(len(near), 'pair')} of identifiers nearly the same; look at them before "
            "going on."
        )
    long, codebook = _stacked(tables, books, key, wave, columns)
    data: Any = long
    if how == "wide":
        wide = to_wide(long, person=key, wave=wave, waves=list(tables), codebook=codebook)
        data, codebook = _without_unasked(wide.data, wide.codebook, tables)
    like = next(iter(frames_of.values()))
    return Joined(
        data=frames.like(like, data), codebook=codebook, who=who, near=near, notes=tuple(notes)
    )


def _gone(value: Any) -> bool:
    return value is None or value != value or (isinstance(value, str) and not value.strip())


def _conflicts(
    column: str, tables: Mapping[str, pd.DataFrame], books: Mapping[str, Codebook | None]
) -> list[str]:
    """Words of one code that differ between the files."""
    variables: dict[str, Variable] = {}
    for name in tables:
        book = books[name]
        if book is not None and column in book:
            variables[name] = replace(book[column], name=name)
    named = {name: name for name in variables}
    return word_conflicts(column, named, Codebook(variables=variables))


def _who(tables: Mapping[str, pd.DataFrame], key: str) -> pd.DataFrame:
    people = list(dict.fromkeys(p for t in tables.values() for p in t[key].tolist()))
    seen = {name: set(t[key].tolist()) for name, t in tables.items()}
    who = pd.DataFrame({key: pd.Series(people, dtype="str")})
    for name, ids in seen.items():
        who[name] = [p in ids for p in people]
    who["time_points"] = who[list(seen)].sum(axis=1)
    return who


def _counts(who: pd.DataFrame, waves: list[str]) -> list[str]:
    total = len(who)
    parts = [f"{int((who['time_points'] == len(waves)).sum())} at all {len(waves)} time points"]
    for wave in waves:
        alone = int((who[wave] & (who["time_points"] == 1)).sum())
        if alone and len(waves) > 1:
            parts.append(f"{alone} at {wave} only")
    some = int(((who["time_points"] > 1) & (who["time_points"] < len(waves))).sum())
    if some:
        parts.append(f"{some} at some")
    return [f"{plural(total, 'person', 'people')}: {', '.join(parts)}."]


def _near(tables: Mapping[str, pd.DataFrame], key: str) -> pd.DataFrame:
    found = [
        (first, own, second, other, differ)
        for first, second in combinations(tables, 2)
        for own, other, differ in near_pairs(
            tables[first][key].tolist(), tables[second][key].tolist()
        )
    ]
    heads = ["first_wave", "first_id", "second_wave", "second_id", "differ"]
    return pd.DataFrame(found, columns=heads)


def _stacked(
    tables: Mapping[str, pd.DataFrame],
    books: Mapping[str, Codebook | None],
    key: str,
    wave: str,
    columns: list[str],
) -> tuple[pd.DataFrame, Codebook | None]:
    parts: dict[str, pd.Series] = {
        key: pd.Series([p for t in tables.values() for p in t[key].tolist()], dtype="str"),
        wave: pd.Series([n for n, t in tables.items() for _ in range(len(t))], dtype="str"),
    }
    for column in columns:
        asked = [column in t.columns for t in tables.values()]
        blocks = [
            t[column] if column in t.columns else pd.Series([None] * len(t), dtype=object)
            for t in tables.values()
        ]
        parts[column] = stacked(blocks, asked)
    long = pd.DataFrame(parts)
    known = {name: book for name, book in books.items() if book is not None}
    if not known:
        return long, None
    variables: dict[str, Variable] = {}
    for column in (key, wave, *columns):
        told = [book[column] for book in known.values() if column in book]
        if told:
            variables[column] = merged(column, told)
        elif column == wave:
            variables[column] = Variable(name=wave, label="Time point", kind="string")
    reasons: list[Reason] = []
    before = 0
    for name, table in tables.items():
        place = {label: before + i for i, label in enumerate(table.index.tolist())}
        before += len(table)
        if name in known:
            reasons += [
                (place[label], column, code, words)
                for label, column, code, words in known[name].reasons.itertuples(index=False)
                if label in place and column in variables
            ]
    first = next(iter(known.values()))
    names = listed([book.file_name for book in known.values() if book.file_name], 6)
    joined = derived_codebook(first, variables, reasons, len(long))
    notes = (f"Joined from {names or 'several files'}.",)
    return long, replace(joined, notes=notes, file_name=None, documents=())


def _without_unasked(
    wide: pd.DataFrame, codebook: Codebook | None, tables: Mapping[str, pd.DataFrame]
) -> tuple[pd.DataFrame, Codebook | None]:
    """Leave out columns of time points at which the question was not asked."""
    unasked = [
        c
        for c in wide.columns
        if "__" in c
        and c.rpartition("__")[2] in tables
        and c.rpartition("__")[0] not in tables[c.rpartition("__")[2]].columns
    ]
    kept = wide.drop(columns=unasked)
    if codebook is None:
        return kept, None
    variables = {n: v for n, v in codebook.variables.items() if n not in unasked}
    return kept, replace(codebook, variables=variables)
