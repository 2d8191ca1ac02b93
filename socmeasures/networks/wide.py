"""One row a person with `c1_rel, c1_freq, c2_rel …` → the tables of persons and contacts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from socmeasures.errors import NetworkColumnsError, NetworkError, did_you_mean, listed, plural
from socmeasures.networks.vocabulary import FLAGS, WORDS

ENDINGS: Mapping[str, str] = {
    "rel": "relation", "relation": "relation", "role": "relation",
    "freq": "frequency", "frequency": "frequency",
    "id": "contact_id", "cid": "contact_id", "contact_id": "contact_id",
    "friend": "is_friend", "fr": "is_friend",
    "conf": "is_confidant", "confidant": "is_confidant", "confide": "is_confidant",
    "miss": "would_miss", "missed": "would_miss",
    "init": "initiates", "initiates": "initiates",
    "inside": "inside_service", "service": "inside_service",
    "sex": "sex", "gender": "sex", "mode": "mode", "neg": "is_negative",
    "emo": "support_emotional", "prac": "support_practical",
    "comp": "support_companionship", "info": "support_information",
}  # fmt: skip
PERSON_FIELDS = (
    "interviewed",
    "interview_date",
    "window_days",
    "n_refused_to_name",
    "setting",
    "nomination_cap",
    "ties_collected",
)
_TELLING = ("relation", "frequency", "contact_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a wide table is to be read."""

    person: str
    wave: str | None
    waves: Mapping[str, str]  # name → suffix; empty without time points in column names
    prefix: str
    fields: Mapping[str, str]
    interviewed: str | bool | None
    empty_slots: str

    def field(self, ending: str) -> str | None:
        """Our column for an ending: the caller's word, a usual one, or our own name."""
        said = {k.lower(): v for k, v in self.fields.items()}
        if ending in said:
            return said[ending]
        if ending in ENDINGS:
            return ENDINGS[ending]
        return ending if ending in (*WORDS, *FLAGS) else None


def long_tables(
    wide: pd.DataFrame, layout: Layout, notes: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Persons and contacts; the number of a place is no identifier of a contact."""
    slots, strange = _slots(wide, layout)
    _refuse(wide, layout, slots, strange)
    order = sorted({number for number, _, _ in slots})
    people: list[pd.DataFrame] = []
    parts: list[pd.DataFrame] = []
    for name, suffix in (layout.waves or {"": ""}).items():
        rows = _person_rows(wide, layout, name, suffix)
        people.append(rows)
        for number in order:
            here = {f: c for (n, f, s), c in slots.items() if n == number and s == suffix.lower()}
            if here:
                part = wide[list(here.values())].set_axis(list(here), axis=1)
                keys = [c for c in ("person_id", "wave") if c in rows]
                parts.append(part.assign(__slot=number, **{k: rows[k] for k in keys}))
    contacts = _given(pd.concat(parts, ignore_index=False), layout, notes)
    persons = pd.concat(people, ignore_index=True)
    if layout.waves:
        notes.append(f"Time points from column names: {', '.join(layout.waves)}.")
    return persons, contacts


def _slots(wide: pd.DataFrame, layout: Layout) -> tuple[dict[tuple[int, str, str], str], list[str]]:
    """(number, our field, suffix) → column; and columns that look like contacts but say nothing."""
    prefix = re.escape(layout.prefix.lower())
    suffixes = [s.lower() for s in layout.waves.values()]
    mark = "|".join(sorted(map(re.escape, suffixes), key=len, reverse=True))
    shapes = [rf"{prefix}(?P<n>\d+)_(?P<field>\w+?)"]
    if suffixes:
        shapes = [
            rf"{prefix}(?P<n>\d+)_(?P<field>\w+?)_{{1,2}}(?P<wave>{mark})",
            rf"(?P<wave>{mark})_{{1,2}}{prefix}(?P<n>\d+)_(?P<field>\w+?)",
            rf"{prefix}(?P<n>\d+)_(?P<wave>{mark})_(?P<field>\w+?)",
        ]
    found: dict[tuple[int, str, str], str] = {}
    strange: list[str] = []
    for column in wide.columns:
        for shape in shapes:
            match = re.fullmatch(shape, str(column).lower())
            if match is None:
                continue
            field = layout.field(match["field"])
            wave = match["wave"] if suffixes else ""
            key = (int(match["n"]), field or "", wave)
            if field is None:
                strange.append(str(column))
            elif key in found:
                strange.append(f"{column} (stands for the same as {found[key]})")
            else:
                found[key] = str(column)
            break
    return found, strange


def _refuse(
    wide: pd.DataFrame,
    layout: Layout,
    slots: Mapping[tuple[int, str, str], str],
    strange: list[str],
) -> None:
    faults = []
    columns = [str(c) for c in wide.columns]
    if layout.person not in columns:
        close = did_you_mean(layout.person, columns)
        faults.append(f"there is no column {layout.person!r} (person=).{close}")
    if layout.wave is not None and layout.wave not in columns:
        close = did_you_mean(layout.wave, columns)
        faults.append(f"there is no column {layout.wave!r} (wave=).{close}")
    if not slots:
        faults.append(
            f"no columns of contacts such as {layout.prefix}1_rel were found among "
            f"{listed(columns, 8)}"
        )
    for name, suffix in layout.waves.items():
        if slots and not any(s == suffix.lower() for _, _, s in slots):
            faults.append(f"no contact column belongs to the time point {name!r} ({suffix!r})")
    if strange:
        faults.append(f"what these columns hold is not known: {listed(strange, 8)}")
    if layout.interviewed is None and not any(
        c.lower().startswith("interviewed") or c.lower().endswith("interviewed") for c in columns
    ):
        faults.append(
            "nothing says who was interviewed: an empty row may be somebody who named nobody or "
            "somebody who was not asked"
        )  # fmt: skip
    if faults:
        raise NetworkColumnsError(
            faults,
            "Say it: person='…', prefix='…', fields={'rel': 'relation', …}, "
            "waves={'start': 't1', …}, interviewed='column' (or interviewed=True when every row "
            "is an interview). Leave out other columns first where they look like contacts.",
        )


def _person_rows(wide: pd.DataFrame, layout: Layout, name: str, suffix: str) -> pd.DataFrame:
    """What is known of the person: columns with the suffix of this time point, or with none."""
    rows = pd.DataFrame({"person_id": wide[layout.person]})
    if layout.wave is not None:
        rows["wave"] = wide[layout.wave]
    elif layout.waves:
        rows["wave"] = name
    asked = [layout.interviewed] if isinstance(layout.interviewed, str) else []
    marks = [s.lower() for s in layout.waves.values()]
    taken = re.compile(rf"{re.escape(layout.prefix.lower())}\d+_\w+")
    for column in map(str, wide.columns):
        low = column.lower()
        stem, mark = _split(low, marks)
        if column in (layout.person, layout.wave) or taken.search(low):
            continue
        if mark not in ("", suffix.lower()):
            continue
        own = stem if stem in (*PERSON_FIELDS, "sex") else column if not mark else stem
        if stem in [a.lower() for a in asked] or low in [a.lower() for a in asked]:
            own = str(layout.interviewed)
        rows[own] = wide[column]
    return rows


def _split(column: str, marks: list[str]) -> tuple[str, str]:
    for mark in sorted(marks, key=len, reverse=True):
        behind = re.fullmatch(rf"(\w+?)_{{1,2}}{re.escape(mark)}", column)
        before = re.fullmatch(rf"{re.escape(mark)}_{{1,2}}(\w+)", column)
        if behind or before:
            return (behind or before)[1], mark  # type: ignore[index]  # one of them is a match
    return column, ""


def _given(contacts: pd.DataFrame, layout: Layout, notes: list[str]) -> pd.DataFrame:
    """Places that hold somebody; a place with flags alone is refused or dropped, as asked."""
    answers = contacts.drop(columns=["person_id", "wave", "__slot"], errors="ignore")
    there = answers.notna() & (answers.astype(object) != "")
    telling = [c for c in _TELLING if c in answers]
    named = there[telling].any(axis=1)
    doubtful = there.any(axis=1) & ~named
    if doubtful.any() and layout.empty_slots == "refuse":
        raise NetworkError(
            [_doubtful(contacts, place, layout) for place in doubtful.to_numpy().nonzero()[0]]
        )
    if doubtful.any():
        notes.append(
            f"{plural(int(doubtful.sum()), 'place')} with answers but neither relation, frequency "
            "nor identifier taken as nobody (empty_slots='drop')."
        )
    kept = contacts[named].rename_axis("__row").reset_index()
    order = ["__row", "wave", "__slot"] if "wave" in kept and layout.waves else ["__row", "__slot"]
    if "wave" in order:
        places = {w: i for i, w in enumerate(layout.waves)}
        kept = kept.assign(__wave=kept["wave"].map(places))
        order = ["__wave", "__row", "__slot"]
    kept = kept.sort_values(order, kind="stable", ignore_index=True)
    return kept.drop(columns=["__row", "__slot", "__wave"], errors="ignore")


def _doubtful(contacts: pd.DataFrame, place: int, layout: Layout) -> dict[str, Any]:
    row = contacts.iloc[place]
    return {
        "row": int(contacts.index[place]) + 1,
        "person": row["person_id"],
        "wave": row.get("wave"),
        "column": f"{layout.prefix}{row['__slot']}_…",
        "scale": "sns",
        "rule": "empty_slot",
        "severity": "error",
        "message": (
            "this place has answers but no relation, frequency or identifier; complete it, or "
            "pass empty_slots='drop' if empty places were filled with zeros"
        ),
    }
