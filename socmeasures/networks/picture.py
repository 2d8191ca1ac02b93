"""One person's contacts as arrays for `drawing.network`: whose ring, which colour, which ties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from socmeasures.drawing.network import contact_rings, contact_rings_change
from socmeasures.errors import ChoiceError, TurnoverError
from socmeasures.networks.contacts import Network, label_of
from socmeasures.networks.vocabulary import FRAMES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_CLOSENESS = {
    "daily": 0, "several_weekly": 1, "weekly": 1, "fortnightly": 2, "monthly": 2, "less": 3,
}  # fmt: skip
RINGS = ("daily", "weekly", "monthly", "less or unknown")


def picture_of(network: Network, person: Any, wave: Any = None, **options: Any) -> Figure:
    """The rings of one person at one time point."""
    chosen = _wave(network, wave)
    rows = _rows(network, person, chosen)
    names = _names(rows)
    return contact_rings(
        names,
        groups=_groups(rows),
        rings=_rings(rows),
        ring_labels=RINGS,
        ties=_ties(network, person, chosen, names, rows),
        title=options.pop("title", f"Network of {label_of(person)} at {chosen}"),
        **options,
    )


def picture_of_change(
    network: Network, person: Any, earlier: Any, later: Any, **options: Any
) -> Figure:
    """The rings before and after, with kept, lost and gained contacts marked."""
    first, second = _wave(network, earlier), _wave(network, later)
    both = [_rows(network, person, w) for w in (first, second)]
    if any(rows["contact_id"].isna().any() for rows in both) or network.stable_ids is False:
        raise TurnoverError(
            "a picture of kept, lost and gained contacts needs identifiers that stay the same"
        )
    return contact_rings_change(
        tuple(_names(rows) for rows in both),  # type: ignore[arg-type]  # two of them
        groups=tuple(_groups(rows) for rows in both),  # type: ignore[arg-type]
        rings=tuple(_rings(rows) for rows in both),  # type: ignore[arg-type]
        ring_labels=RINGS,
        labels=(first, second),
        title=options.pop("title", f"Network of {label_of(person)}"),
        **options,
    )


def _wave(network: Network, wave: Any) -> str:
    known = network.waves
    if wave is None and len(known) == 1:
        return known[0]
    if wave is None or label_of(wave) not in known:
        raise ChoiceError("wave", wave, known)
    return label_of(wave)


def _rows(network: Network, person: Any, wave: str) -> pd.DataFrame:
    persons = network.persons
    mine = [label_of(v) == label_of(person) for v in persons["person_id"].tolist()]
    there = persons[mine]
    if there.empty:
        known = list(dict.fromkeys(label_of(v) for v in persons["person_id"].tolist()))
        raise ChoiceError("person", person, known)
    if not there.loc[there["wave"] == wave, "interviewed"].any():
        interviewed = there.loc[there["interviewed"], "wave"].tolist()
        raise ChoiceError(f"time point of person {label_of(person)}", wave, interviewed)
    contacts = network.contacts
    named = [label_of(v) == label_of(person) for v in contacts["person_id"].tolist()]
    return contacts[pd.Series(named, index=contacts.index, dtype=bool) & (contacts["wave"] == wave)]


def _names(rows: pd.DataFrame) -> list[str]:
    return [
        f"{place}" if pd.isna(v) else str(v)
        for place, v in enumerate(rows["contact_id"].tolist(), start=1)
    ]


def _groups(rows: pd.DataFrame) -> list[str]:
    groups = FRAMES["full"].groups
    relation = rows["relation"].tolist() if "relation" in rows else [None] * len(rows)
    return [groups.get(r, "unknown") if isinstance(r, str) else "unknown" for r in relation]


def _rings(rows: pd.DataFrame) -> list[int]:
    often = rows["frequency"].tolist() if "frequency" in rows else [None] * len(rows)
    return [_CLOSENESS.get(f, 3) if isinstance(f, str) else 3 for f in often]


def _ties(
    network: Network, person: Any, wave: str, names: list[str], rows: pd.DataFrame
) -> list[tuple[int, int]]:
    if network.ties is None:
        return []
    ties = network.ties[network.ties["wave"] == wave]
    if "weight" in ties:
        ties = ties[ties["weight"] > 0]
    mine = ties[[label_of(v) == label_of(person) for v in ties["person_id"].tolist()]]
    place = {name: i for i, name in enumerate(names)}
    pairs = zip(mine["contact_a"], mine["contact_b"], strict=True)
    found = {tuple(sorted((place[a], place[b]))) for a, b in pairs if a in place and b in place}
    return sorted((a, b) for a, b in found if len(rows))
