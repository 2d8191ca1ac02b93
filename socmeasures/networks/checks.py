"""Faults of the three tables: cells outside the vocabulary, and rows that do not fit together.

pandera is the engine for each table; what it finds is told with row, person, time point and cure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from socmeasures.errors import NetworkError, did_you_mean, listed
from socmeasures.networks.contacts import keys_of, label_of
from socmeasures.networks.vocabulary import FLAGS, WORDS
from socmeasures.responses.quiet_pandera import pa

Rows = list[dict[str, Any]]
_TRUTH = (True, False)


def network_schemas() -> dict[str, pa.DataFrameSchema]:
    """pandera schemas of the three tables, for your own pipelines.

    Returns
    -------
    dict of str to pandera.pandas.DataFrameSchema
        ``persons``, ``contacts``, ``ties``. Cells hold the words of this library (``True`` and
        ``False`` for flags); columns nobody recorded may be absent, and further ones may stand
        beside them. How the tables fit together is checked by `read_network`.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> schemas = soc.network_schemas()
    >>> persons = pd.DataFrame({"person_id": ["a"], "wave": ["1"], "interviewed": [True]})
    >>> schemas["persons"].validate(persons).shape
    (1, 3)
    """

    def word(name: str) -> pa.Column:
        return pa.Column(object, pa.Check.isin(list(WORDS[name])), nullable=True, required=False,
                         coerce=True)  # fmt: skip

    def flag() -> pa.Column:
        return pa.Column(object, pa.Check.isin(list(_TRUTH)), nullable=True, required=False,
                         coerce=True)  # fmt: skip

    def number(low: float, high: float = np.inf) -> pa.Column:
        def inside(values: pd.Series) -> pd.Series:
            numbers = pd.to_numeric(values, errors="coerce")
            return values.isna() | ((numbers >= low) & (numbers <= high))

        return pa.Column(object, pa.Check(inside, ignore_na=False), nullable=True, required=False,
                         coerce=True)  # fmt: skip

    def named() -> pa.Column:
        return pa.Column(object, nullable=False, required=True, coerce=True)

    keys = {"person_id": named(), "wave": named()}
    return {
        "persons": pa.DataFrameSchema(
            {
                **keys,
                "interviewed": pa.Column(
                    object, pa.Check.isin(list(_TRUTH)), nullable=False, coerce=True
                ),
                "window_days": number(1),
                "n_refused_to_name": number(0),
                "nomination_cap": number(1),
                "ties_collected": flag(),
                "sex": word("sex"),
            }
        ),
        "contacts": pa.DataFrameSchema(
            {
                **keys,
                "contact_id": pa.Column(object, nullable=True, required=False, coerce=True),
                **{name: word(name) for name in WORDS},
                **{name: flag() for name in FLAGS},
            }
        ),
        "ties": pa.DataFrameSchema(
            {**keys, "contact_a": named(), "contact_b": named(), "weight": number(0, 1)}
        ),
    }


def refuse_faults(
    persons: pd.DataFrame, contacts: pd.DataFrame, ties: pd.DataFrame | None, *, stable: bool
) -> None:
    """Every fault of the tables at once, or nothing."""
    tables = {"persons": persons, "contacts": contacts, "ties": ties}
    schemas = network_schemas()
    rows: Rows = []
    for name, table in tables.items():
        if table is not None:
            rows += list(_cell_faults(name, table, schemas[name]))
    bad = {(row["table"], row["row"]) for row in rows if row["rule"] == "missing_id"}
    whole = {
        name: None
        if table is None
        else table[np.array([(name, i + 1) not in bad for i in range(len(table))], dtype=bool)]
        for name, table in tables.items()
    }
    rows += list(_person_faults(whole["persons"]))
    rows += list(_contact_faults(whole["persons"], whole["contacts"], stable))
    if whole["ties"] is not None:
        rows += list(_tie_faults(whole["contacts"], whole["ties"]))
    if rows:
        raise NetworkError([{k: v for k, v in row.items() if k != "table"} for row in rows])


def _fault(
    table: str, frame: pd.DataFrame, place: int, column: str, rule: str, message: str
) -> dict[str, Any]:
    """One problem; `place` is the position in a table whose index keeps the row numbers."""
    return {
        "table": table,
        "row": int(frame.index[place]) + 1,
        "person": frame["person_id"].iloc[place] if "person_id" in frame else None,
        "wave": frame["wave"].iloc[place] if "wave" in frame else None,
        "column": f"{table}.{column}" if column else table,
        "scale": "sns",
        "value": frame[column].iloc[place] if column in frame else None,
        "rule": rule,
        "severity": "error",
        "message": message,
    }


def _cell_faults(
    name: str, table: pd.DataFrame, schema: pa.DataFrameSchema
) -> Iterator[dict[str, Any]]:
    try:
        schema.validate(table, lazy=True)
    except pa.errors.SchemaErrors as faults:
        cases = faults.failure_cases
        seen: set[tuple[str, int]] = set()
        for column, index in zip(cases["column"], cases["index"], strict=True):
            if column is None or index is None or pd.isna(index) or (column, index) in seen:
                continue
            seen.add((str(column), int(index)))
        for column, index in sorted(seen, key=lambda case: (case[1], case[0])):
            value = table[column].loc[index]
            rule, message = _told(column, value)
            yield _fault(name, table, int(table.index.get_loc(index)), column, rule, message)


def _told(column: str, value: Any) -> tuple[str, str]:
    if column in ("person_id", "wave", "contact_a", "contact_b"):
        return "missing_id", f"{column} is empty; write who or when this row is about"
    if column == "interviewed":
        shown = "is empty" if pd.isna(value) else f"is {value!r}"
        return "interviewed", (
            f"interviewed {shown}; write true for an interview (also when nobody was named), "
            "false for none"
        )
    if column in FLAGS or column == "ties_collected":
        return "unknown_value", (
            f"{value!r} is neither yes nor no; give yes, no or nothing, or say what it means: "
            f"values={{{column!r}: {{{value!r}: True}}}}"
        )
    if column in WORDS:
        words = list(WORDS[column])
        return "unknown_value", (
            f"{value!r} is none of {', '.join(words)}.{did_you_mean(str(value), words)} Correct "
            f"it, or say what it means: values={{{column!r}: {{{value!r}: {words[0]!r}}}}}"
        )
    if column == "weight":
        return "weight", (
            f"{value!r} is no weight from 0 (no tie) to 1; say what it means: "
            f"values={{'weight': {{{value!r}: 1}}}}"
        )
    low = "1 or more" if column in ("window_days", "nomination_cap") else "0 or more"
    return "number", f"{value!r} is no number of {low}; correct it, or leave it empty"


def _person_faults(persons: pd.DataFrame) -> Iterator[dict[str, Any]]:
    keys = keys_of(persons)
    first: dict[Any, int] = {}
    for place, key in enumerate(keys):
        if key in first:
            yield _fault(
                "persons", persons, place, "", "duplicate_person_wave",
                f"this person and time point stand in row {first[key]} too; keep one of them",
            )  # fmt: skip
        first.setdefault(key, int(persons.index[place]) + 1)


def _contact_faults(
    persons: pd.DataFrame, contacts: pd.DataFrame, stable: bool
) -> Iterator[dict[str, Any]]:
    interviewed = dict(zip(keys_of(persons), persons["interviewed"], strict=True))
    keys = list(keys_of(contacts))
    seen: dict[Any, int] = {}
    named = contacts["contact_id"].tolist() if "contact_id" in contacts else [None] * len(contacts)
    for place, (key, contact) in enumerate(zip(keys, named, strict=True)):
        if key not in interviewed:
            yield _fault(
                "contacts", contacts, place, "", "no_person",
                "there is no row for this person and time point in the persons table; add it "
                "(interviewed true), or correct the identifier",
            )  # fmt: skip
        elif interviewed[key] is False:
            yield _fault(
                "contacts", contacts, place, "", "not_interviewed",
                "this contact belongs to an interview that did not take place (interviewed is "
                "false); correct the one or the other",
            )  # fmt: skip
        if contact is None or pd.isna(contact):
            continue
        whole = (*key, label_of(contact))
        if whole in seen:
            yield _fault(
                "contacts", contacts, place, "contact_id", "duplicate_contact",
                f"contact {contact!r} stands in row {seen[whole]} too; keep one row a contact, "
                "with further roles in relation_other",
            )  # fmt: skip
        seen.setdefault(whole, int(contacts.index[place]) + 1)
    yield from _over_the_cap(persons, keys)
    if stable:
        yield from two_people_of_one_id(contacts)


def _over_the_cap(persons: pd.DataFrame, keys: list[Any]) -> Iterator[dict[str, Any]]:
    if "nomination_cap" not in persons:
        return
    counts = pd.Series(keys, dtype=object).value_counts()
    caps = pd.to_numeric(persons["nomination_cap"], errors="coerce").tolist()
    for place, (key, cap) in enumerate(zip(keys_of(persons), caps, strict=True)):
        if cap == cap and counts.get(key, 0) > cap:
            yield _fault(
                "persons", persons, place, "nomination_cap", "over_cap",
                f"{counts[key]} contacts are listed and the interview took at most {cap:g}; "
                "correct the cap, or look for contacts entered twice",
            )  # fmt: skip


def two_people_of_one_id(contacts: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """One identifier, two sexes: not the same contact at both time points."""
    if not {"contact_id", "sex"} <= set(contacts.columns):
        return
    seen: dict[Any, tuple[str, int]] = {}
    people = [label_of(v) for v in contacts["person_id"].tolist()]
    named = zip(people, contacts["contact_id"], contacts["sex"], strict=True)
    for place, (person, contact, sex) in enumerate(named):
        if contact is None or pd.isna(contact) or sex not in ("female", "male"):
            continue
        before = seen.setdefault((person, label_of(contact)), (sex, int(contacts.index[place]) + 1))
        if before[0] != sex:
            yield _fault(
                "contacts", contacts, place, "contact_id", "unstable_id",
                f"contact {contact!r} is {sex} here and {before[0]} in row {before[1]}: the "
                "identifier stands for two people, or the sex is a slip",
            )  # fmt: skip


def _tie_faults(contacts: pd.DataFrame, ties: pd.DataFrame) -> Iterator[dict[str, Any]]:
    named: dict[Any, set[str]] = {}
    ids = contacts["contact_id"].tolist() if "contact_id" in contacts else []
    for key, contact in zip(keys_of(contacts), ids, strict=False):
        if contact is not None and not pd.isna(contact):
            named.setdefault(key, set()).add(label_of(contact))
    weights = pd.to_numeric(ties["weight"], errors="coerce") if "weight" in ties else None
    pairs: dict[Any, tuple[float, int]] = {}
    ends = zip(keys_of(ties), ties["contact_a"], ties["contact_b"], strict=True)
    for place, (key, first, second) in enumerate(ends):
        a, b = label_of(first), label_of(second)
        known = named.get(key, set())
        for column, end in (("contact_a", a), ("contact_b", b)):
            if end not in known:
                names = listed(sorted(known)) or "nobody"
                yield _fault(
                    "ties", ties, place, column, "tie_to_nobody",
                    f"{end!r} is no contact of this person at this time point (named: {names}); "
                    "correct the identifier or leave the tie out",
                )  # fmt: skip
        if a == b:
            yield _fault(
                "ties", ties, place, "contact_b", "self_tie",
                f"a tie of {a!r} with itself; name two different contacts",
            )  # fmt: skip
        if weights is None:
            continue
        weight = float(weights.iloc[place])
        if weight != weight:
            if pd.isna(ties["weight"].iloc[place]):
                yield _fault(
                    "ties", ties, place, "weight", "weight",
                    "the weight is empty; write 1 for a tie, 0 for none, or leave the row out",
                )  # fmt: skip
            continue
        pair = (*key, *sorted((a, b)))
        before = pairs.get(pair)
        if before is not None and min(before[0], weight) > 0 and before[0] != weight:
            yield _fault(
                "ties", ties, place, "weight", "two_weights",
                f"this tie has weight {weight:g} here and {before[0]:g} in row {before[1]}; A-B "
                "and B-A are one tie, so give one weight",
            )  # fmt: skip
        if before is None or before[0] == 0:
            pairs[pair] = (weight, int(ties.index[place]) + 1)
