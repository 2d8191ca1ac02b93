"""Networks from tables: long files or a workbook, a wide export, or the tables of R's egor.

Every way ends in the same three tables, put into our words and checked together.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from socmeasures import frames
from socmeasures.errors import (
    ChoiceError,
    NetworkColumnsError,
    SheetError,
    did_you_mean,
)
from socmeasures.networks.checks import refuse_faults
from socmeasures.networks.contacts import Network, label_of
from socmeasures.networks.egor import from_egor
from socmeasures.networks.vocabulary import FLAGS, RELATIONS, WORDS, flag_of, word_of
from socmeasures.networks.wide import Layout, long_tables
from socmeasures.responses.codebook import Codebook
from socmeasures.responses.reading import read

Table = Any  # a frame, or the path of a file
ONE_WAVE = "1"
SHEETS = ("persons", "contacts", "ties")


def read_network(
    contacts: Table,
    *,
    persons: Table | None = None,
    ties: Table | None = None,
    form: Literal["long", "wide", "egor"] = "long",
    columns: Mapping[str, str] | None = None,
    values: Mapping[str, Mapping[Any, Any]] | None = None,
    roles: Mapping[str, str] | None = None,
    interviewed: str | bool | None = None,
    codebook: Codebook | None = None,
    stable_ids: bool | None = None,
    person: str = "person_id",
    wave: str | None = None,
    waves: Mapping[str, str] | Sequence[str] | None = None,
    prefix: str = "c",
    fields: Mapping[str, str] | None = None,
    empty_slots: Literal["refuse", "drop"] = "refuse",
) -> Network:
    """Read named contacts: who was interviewed, whom they named, who of these know each other.

    Parameters
    ----------
    contacts : DataFrame (pandas or polars) or path
        ``form="long"``: one row a named contact, person and time point, or an .xlsx with sheets
        ``persons``, ``contacts`` (and ``ties``). ``form="wide"``: one row a person (and time
        point) with columns ``c1_rel, c1_freq, c2_rel …``. ``form="egor"``: egor's alters.
    persons : DataFrame or path
        One row a person and time point with ``interviewed``: it tells "named nobody" from "not
        interviewed". Not needed beside a wide table, which holds its persons. ``form="egor"``:
        the egos, each of whom was interviewed.
    ties : DataFrame or path, optional
        ``contact_a, contact_b`` and, if recorded, ``weight`` 0–1; 0 means no tie.
    columns : mapping of our name to yours, optional
        ``{"relation": "who_is_this"}``, in whichever table the column stands.
    values : mapping of our column to {your value: our word}, optional
        ``{"relation": {"mum's cousin": "other_relative"}, "weight": {"not at all": 0}}``; None
        marks a value as unknown.
    roles : mapping of column to relation, optional
        Yes/no columns of several roles, in order of precedence: the first "yes" is the relation,
        others go to ``relation_other``; all "no" is ``other``; all unknown stays unknown.
    interviewed : str or bool, optional
        The column that says who was interviewed, or True when every row of persons (of a wide
        table) is an interview.
    codebook : Codebook, optional
        Value labels of a frame given as `contacts`; a file brings its own.
    stable_ids : bool, optional
        Whether ``contact_id`` means the same contact at every time point.
    person, wave : str
        Columns of the identifier and the time point (long: ``wave`` by default).
    waves : mapping of name to suffix, or sequence, optional
        Wide: ``{"start": "t1", "6m": "t2"}`` for columns ``c1_rel_t1``, ``t1_c1_rel`` or
        ``c1_t1_rel``.
    prefix, fields
        Wide: letters before the number of a contact, and your endings in our words:
        ``{"rel": "relation"}``. Usual endings are known.
    empty_slots : {"refuse", "drop"}
        Wide: a contact with flags but no relation, frequency or identifier is a fault, or (where
        an export fills empty places with zeros) nobody.

    Returns
    -------
    Network
        `persons`, `contacts`, `ties`, and notes on what was decided.

    Raises
    ------
    NetworkColumnsError
        A table or column that is needed is not there.
    NetworkError
        Every fault of the rows at once: values outside the vocabulary, contacts without a person
        or of somebody not interviewed, a contact twice, more contacts than the cap, ties to
        nobody … with row, person, time point and cure.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> wide = pd.DataFrame({"id": [1, 2], "seen": ["yes", "yes"], "c1_rel": ["sister", None],
    ...                      "c1_freq": ["weekly", None], "c2_rel": ["friend", None]})
    >>> network = soc.read_network(wide, form="wide", person="id", interviewed="seen")
    >>> network.contacts[["person_id", "relation", "frequency"]].fillna("-").values.tolist()
    [[1, 'sibling', 'weekly'], [1, 'friend', '-']]
    """
    if form not in ("long", "wide", "egor"):
        raise ChoiceError("form", form, ("long", "wide", "egor"))
    notes: list[str] = []
    if form == "wide":
        layout = Layout(
            person=person,
            wave=wave,
            waves=_by_name(waves),
            prefix=prefix,
            fields=dict(fields or {}),
            interviewed=interviewed,
            empty_slots=empty_slots,
        )
        frame, book = _table(contacts, codebook)
        people, named = long_tables(_in_words(frame, book), layout, notes)
        links = None if ties is None else _in_words(*_table(ties, None))
    else:
        if persons is None and _is_workbook(contacts):
            persons, contacts, ties = _sheets(contacts)
        if persons is None:
            raise NetworkColumnsError(
                [
                    "there is no persons table: without it nobody can tell who named nobody from "
                    "who was not interviewed"
                ],
                "Give persons= with one row a person and time point and a column interviewed.",
            )
        named = _in_words(*_table(contacts, codebook))
        people = _in_words(*_table(persons, None))
        links = None if ties is None else _in_words(*_table(ties, None))
        if form == "egor":
            people, named, links = from_egor(people, named, links, notes)
            person = "person_id"
            interviewed = True if interviewed is None else interviewed
            stable_ids = False if stable_ids is None else stable_ids
    own = {person: "person_id", wave or "wave": "wave"}
    own |= {theirs: ours for ours, theirs in (columns or {}).items()}
    people, named = _renamed(people, own), _renamed(named, own)
    links = None if links is None else _renamed(links, own)
    people = _with_interviewed(people, interviewed)
    people, named, links = _with_wave(people, named, links)
    _refuse_missing(people, named, links)
    if roles:
        named = _with_roles(named, roles)
    return checked(people, named, links, values=values, stable_ids=stable_ids, notes=notes)


def checked(
    persons: pd.DataFrame,
    contacts: pd.DataFrame,
    ties: pd.DataFrame | None,
    *,
    values: Mapping[str, Mapping[Any, Any]] | None = None,
    stable_ids: bool | None = None,
    notes: Sequence[str] = (),
) -> Network:
    """Tables in our columns → our words, checked together, as a `Network`."""
    people = _coded(persons.reset_index(drop=True), values, ("sex",), ("ties_collected",))
    people["interviewed"] = _flags(people["interviewed"], (values or {}).get("interviewed"))
    named = _coded(contacts.reset_index(drop=True), values, tuple(WORDS), FLAGS)
    if "contact_id" not in named:
        named["contact_id"] = None
    named["contact_id"] = [None if _gone(v) else label_of(v) for v in named["contact_id"]]
    links = None
    if ties is not None:
        links = ties.reset_index(drop=True)
        if "weight" in links:
            said = (values or {}).get("weight", {})
            links = links.assign(weight=_looked_up(links["weight"], said))
    refuse_faults(people, named, links, stable=bool(stable_ids))
    people["interviewed"] = people["interviewed"].astype(bool)
    for table in (people, named, links):
        if table is not None:
            table["wave"] = [label_of(v) for v in table["wave"]]
    for name in [c for c in FLAGS if c in named]:
        named[name] = named[name].astype("boolean")
    if links is not None:
        for end in ("contact_a", "contact_b"):
            links[end] = [label_of(v) for v in links[end]]
        if "weight" in links:
            links["weight"] = pd.to_numeric(links["weight"])
    return Network(
        persons=people, contacts=named, ties=links, stable_ids=stable_ids, notes=tuple(notes)
    )


def _by_name(waves: Mapping[str, str] | Sequence[str] | None) -> dict[str, str]:
    """Names of time points with their suffixes."""
    if waves is None:
        return {}
    if isinstance(waves, str):
        return {waves: waves}
    return dict(waves) if isinstance(waves, Mapping) else {str(w): str(w) for w in waves}


# ------------------------------------------------------------------- tables


def _table(table: Table, codebook: Codebook | None) -> tuple[Any, Codebook | None]:
    if isinstance(table, str | os.PathLike):
        data, book = read(table)
        return data, codebook or book
    return table, codebook


def _is_workbook(table: Table) -> bool:
    return isinstance(table, str | os.PathLike) and Path(table).suffix.lower() == ".xlsx"


def _sheets(path: Table) -> tuple[Any, Any, Any]:
    """The sheets of a workbook; one without ties is fine."""
    found: dict[str, Any] = {}
    for name in SHEETS:
        try:
            found[name] = read(path, sheet=name)[0]
        except SheetError:
            if name != "ties":
                raise
    ties = found.get("ties")
    return found["persons"], found["contacts"], None if ties is None or ties.empty else ties


def _in_words(data: Any, codebook: Codebook | None) -> pd.DataFrame:
    """A pandas copy in which value labels stand in the place of codes."""
    frame = frames.to_pandas(data).reset_index(drop=True).copy()
    frame.columns = [str(c) for c in frame.columns]
    frame.attrs = {}
    for name in frame.columns if codebook is not None else ():
        variable = codebook.get(name) if codebook is not None else None
        if variable is None or not (variable.value_labels or variable.has_missing_codes):
            continue
        values = frame[name].astype(object)
        gone = variable.missing_mask(values.to_numpy())
        words = [
            None if missing or _gone(v) else variable.value_labels.get(v, v)
            for v, missing in zip(values, gone, strict=True)
        ]
        frame[name] = pd.Series(words, dtype=object)
    return frame


def _renamed(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    taken = {a: b for a, b in names.items() if a in table.columns and (a == b or b not in table)}
    return table.rename(columns=taken)


def _with_interviewed(people: pd.DataFrame, interviewed: str | bool | None) -> pd.DataFrame:
    if interviewed is True:
        return people.assign(interviewed=True)
    if isinstance(interviewed, str) and interviewed != "interviewed":
        if interviewed not in people:
            raise NetworkColumnsError(
                [f"persons: there is no column {interviewed!r} (interviewed=)."
                 f"{did_you_mean(interviewed, list(people.columns))}"]
            )  # fmt: skip
        return people.rename(columns={interviewed: "interviewed"})
    return people


def _with_wave(
    people: pd.DataFrame, named: pd.DataFrame, links: pd.DataFrame | None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame | None]:
    """One time point for all when no table has one; a table without it beside others is refused."""
    tables = {"persons": people, "contacts": named, "ties": links}
    without = [n for n, t in tables.items() if t is not None and "wave" not in t]
    there = [n for n, t in tables.items() if t is not None and "wave" in t]
    if without and there:
        raise NetworkColumnsError(
            [f"{name}: there is no column 'wave', and {there[0]} has one" for name in without],
            "Give every table its time point, or name the column: wave='…'.",
        )
    if not without:
        return people, named, links
    said = None if links is None else links.assign(wave=ONE_WAVE)
    return people.assign(wave=ONE_WAVE), named.assign(wave=ONE_WAVE), said


def _refuse_missing(people: pd.DataFrame, named: pd.DataFrame, links: pd.DataFrame | None) -> None:
    needed = {
        "persons": (people, ("person_id", "interviewed")),
        "contacts": (named, ("person_id",)),
        "ties": (links, ("person_id", "contact_a", "contact_b")),
    }
    faults = [
        f"{table}: there is no column {name!r}.{did_you_mean(name, list(frame.columns))}"
        for table, (frame, names) in needed.items()
        if frame is not None
        for name in names
        if name not in frame
    ]
    for table, (frame, _) in needed.items():
        if frame is not None and frame.columns.duplicated().any():
            twice = frame.columns[frame.columns.duplicated()][0]
            faults.append(f"{table}: the column {twice!r} stands there twice")
    if faults:
        raise NetworkColumnsError(
            faults,
            "Name them: person='…', wave='…', interviewed='…' (or interviewed=True when every "
            "row is an interview), columns={'relation': '…'}. An empty workbook with every "
            "column: socmeasures template network -o contacts.xlsx",
        )


def _with_roles(named: pd.DataFrame, roles: Mapping[str, str]) -> pd.DataFrame:
    """Yes/no columns of several roles → one relation and the others."""
    absent = [c for c in roles if c not in named]
    strange = [r for r in roles.values() if r not in RELATIONS]
    if absent or strange:
        raise NetworkColumnsError(
            [f"contacts: there is no column {c!r} (roles=)" for c in absent]
            + [f"roles: {r!r} is none of the relations" for r in strange]
        )
    said = [[flag_of(v) for v in named[column]] for column in roles]
    first: list[str | None] = []
    others: list[str | None] = []
    for answers in zip(*said, strict=True):
        yes = [role for role, a in zip(roles.values(), answers, strict=True) if a is True]
        unknown = any(a is None for a in answers)
        first.append(yes[0] if yes else None if unknown else "other")
        others.append("; ".join(yes[1:]) or None)
    return named.assign(relation=first, relation_other=others)


# ------------------------------------------------------------------- words


def _coded(
    table: pd.DataFrame,
    values: Mapping[str, Mapping[Any, Any]] | None,
    words: Sequence[str],
    flags: Sequence[str],
) -> pd.DataFrame:
    said = values or {}
    new: dict[str, Any] = {}
    for name in [c for c in words if c in table]:
        looked = _looked_up(table[name], said.get(name, {}))
        new[name] = pd.Series([word_of(name, v) for v in looked], dtype=object)
    for name in [c for c in flags if c in table]:
        new[name] = _flags(table[name], said.get(name))
    return table.assign(**new)


def _flags(column: pd.Series, said: Mapping[Any, Any] | None) -> pd.Series:
    return pd.Series([flag_of(v) for v in _looked_up(column, said or {})], dtype=object)


def _looked_up(column: pd.Series, said: Mapping[Any, Any]) -> pd.Series:
    """Cells through the caller's own words: 2, 2.0 and "2" are found alike."""
    by_label = {label_of(theirs): ours for theirs, ours in said.items()}
    cells = [None if _gone(v) else v for v in column.tolist()]
    return pd.Series(
        [v if v is None else by_label.get(label_of(v), v) for v in cells],
        dtype=object,
        index=column.index,
    )


def _gone(value: Any) -> bool:
    gone = value is None or type(value).__name__ in ("NAType", "NaTType") or value != value
    return bool(gone) or (isinstance(value, str) and not value.strip())
