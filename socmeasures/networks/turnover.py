"""Which contacts were kept, lost and gained between two time points, and what changed."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from socmeasures.errors import TurnoverError, WaveNotFoundError
from socmeasures.networks.checks import two_people_of_one_id
from socmeasures.networks.contacts import Network, label_of

NOTES = (
    "A contact who is 'lost' may have been forgotten: the lists say whom people named, not whom "
    "they still know.",
    "People tend to name fewer contacts when the same long interview is repeated (not verified "
    "from a source); fewer names need not mean fewer contacts.",
)
COUNTS = ("sns_kept", "sns_lost", "sns_gained")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkTurnover:
    """Kept, lost and gained contacts of each person between two time points.

    Attributes
    ----------
    people : pandas.DataFrame
        One row a person: ``person_id``; ``sns_kept, sns_lost, sns_gained`` (contacts);
        ``sns_jaccard`` kept/(kept + lost + gained) and ``sns_turnover`` (lost + gained) over all
        named at both times (0 to 1; missing when nobody was named at either);
        ``sns_became_confidant, sns_ceased_confidant, sns_moved_outside, sns_moved_inside`` among
        the kept, with ``sns_confidant_known, sns_inside_known`` kept contacts of whom it is known
        at both times. Everything is missing for people not interviewed at both. INTERNAL.
    contacts : pandas.DataFrame
        One row a contact: ``person_id, contact_id, change`` (kept, lost, gained). INTERNAL.
    summary : pandas.DataFrame
        One row an index: ``index, n, median, q1, q3, mean, total``.
    waves : tuple of str
        The earlier and the later time point.
    notes : tuple of str
        What "lost" does not mean, and who could not be compared.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> persons = pd.DataFrame({"person_id": [1, 1], "wave": ["a", "b"], "interviewed": True})
    >>> contacts = pd.DataFrame({"person_id": [1, 1], "wave": ["a", "b"],
    ...                          "contact_id": ["Jo", "Kim"]})
    >>> soc.network_turnover(soc.read_network(contacts, persons=persons)).waves
    ('a', 'b')
    """

    people: pd.DataFrame
    contacts: pd.DataFrame
    summary: pd.DataFrame
    waves: tuple[str, str]
    notes: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """The table of people."""
        return self.people.copy()

    def __str__(self) -> str:
        """The summary and the notes."""
        head = f"Contacts named at {self.waves[0]} and at {self.waves[1]}"
        shown = self.summary.to_string(index=False, float_format=lambda v: f"{v:.3g}")
        return "\n".join([head, "=" * len(head), shown, *(f"- {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        table = self.summary.to_html(index=False, float_format=lambda v: f"{v:.3g}", border=0)
        return f"<h3>Contacts kept, lost and gained</h3>{table}<ul>{notes}</ul>"


def network_turnover(
    network: Network, earlier: Any = None, later: Any = None, *, stable_ids: bool | None = None
) -> NetworkTurnover:
    """Kept, lost and gained contacts between two time points, by stable identifiers.

    Parameters
    ----------
    network : Network
        With ``contact_id`` on every contact of both time points.
    earlier, later : str
        Time points; the first and the second by default.
    stable_ids : bool, optional
        The caller's word that ``contact_id`` means the same contact at both; taken from the
        network when not given.

    Returns
    -------
    NetworkTurnover
        A row a person, a row a contact, a summary, and notes that belong to every reading of it.

    Raises
    ------
    TurnoverError
        Identifiers are missing, number the places of a list, stand for two people, or were said
        not to be stable. Nothing is guessed from names or relations.
    WaveNotFoundError
        A time point that is not there.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> persons = pd.DataFrame({"person_id": [1, 1], "wave": ["a", "b"], "interviewed": True})
    >>> contacts = pd.DataFrame({"person_id": [1, 1, 1], "wave": ["a", "a", "b"],
    ...                          "contact_id": ["Jo", "Kim", "Kim"]})
    >>> turnover = soc.network_turnover(soc.read_network(contacts, persons=persons))
    >>> turnover.people[["sns_kept", "sns_lost", "sns_gained", "sns_jaccard"]].values.tolist()
    [[1.0, 1.0, 0.0, 0.5]]
    """
    waves = _two_waves(network, earlier, later)
    named = network.contacts[network.contacts["wave"].isin(waves)]
    _refuse_unstable(network, named, waves, stable_ids)
    at = {w: _by_person(named, w) for w in waves}
    seen = {w: _interviewed(network.persons, w) for w in waves}
    rows, listed = [], []
    for label, person in _people(network.persons, waves).items():
        both = all(label in seen[w] for w in waves)
        before, after = (at[w].get(label, {}) for w in waves)
        rows.append({"person_id": person, **(_turnover(before, after) if both else {})})
        if both:
            listed += [
                {"person_id": person, "contact_id": c, "change": _change(c, before, after)}
                for c in dict.fromkeys([*before, *after])
            ]
    people = pd.DataFrame(rows).reindex(columns=["person_id", *_COLUMNS])
    people[list(_COLUMNS)] = people[list(_COLUMNS)].astype("float64")
    n_out = int(people["sns_kept"].isna().sum())
    notes = list(NOTES)
    if n_out:
        notes.append(
            f"{n_out:,} of {len(people):,} people were not interviewed at both time points: "
            "everything is missing for them."
        )
    return NetworkTurnover(
        people=people,
        contacts=pd.DataFrame(listed, columns=["person_id", "contact_id", "change"]),
        summary=_summary(people),
        waves=waves,
        notes=tuple(notes),
    )


_COLUMNS = (
    *COUNTS,
    "sns_jaccard",
    "sns_turnover",
    "sns_became_confidant",
    "sns_ceased_confidant",
    "sns_confidant_known",
    "sns_moved_outside",
    "sns_moved_inside",
    "sns_inside_known",
)


def _two_waves(network: Network, earlier: Any, later: Any) -> tuple[str, str]:
    known = network.waves
    if len(known) < 2:
        raise WaveNotFoundError(later, known, "Turnover needs two time points; there is one.")
    first = known[0] if earlier is None else label_of(earlier)
    if first not in known:
        raise WaveNotFoundError(earlier, known)
    after = known[known.index(first) + 1 :]
    second = (after[0] if after else first) if later is None else label_of(later)
    if second not in known:
        raise WaveNotFoundError(later, known)
    if known.index(second) <= known.index(first):
        raise WaveNotFoundError(
            later, known, f"{second!r} does not come after {first!r}; turnover looks forward."
        )
    return first, second


def _refuse_unstable(
    network: Network, named: pd.DataFrame, waves: tuple[str, str], said: bool | None
) -> None:
    stable = network.stable_ids if said is None else said
    if stable is False:
        raise TurnoverError(
            "the identifiers of contacts were said not to be stable (stable_ids=False)"
        )
    without = named[named["contact_id"].isna()]
    if len(without):
        raise TurnoverError(
            f"{len(without):,} of {len(named):,} contacts have no contact_id",
            [
                {
                    "row": int(index) + 1,
                    "person": row["person_id"],
                    "wave": row["wave"],
                    "column": "contacts.contact_id",
                    "scale": "sns",
                    "rule": "missing_id",
                    "severity": "error",
                    "message": "this contact has no identifier; give it one that stays the same",
                }
                for index, row in without.iterrows()
            ],
        )
    two = [{k: v for k, v in r.items() if k != "table"} for r in two_people_of_one_id(named)]
    if two:
        raise TurnoverError(f"{len(two)} identifiers stand for two people", two)
    if stable is None and len(named) and _are_places(named):
        raise TurnoverError(
            "every list numbers its contacts 1, 2, 3 …, so the identifier may be the place in "
            f"the list at {waves[0]} and another person at {waves[1]}; if it is the same contact, "
            "say so with stable_ids=True"
        )


def _are_places(named: pd.DataFrame) -> bool:
    """Whether in every list the identifiers are exactly the running numbers of its places."""
    place = (named.groupby(["person_id", "wave"], sort=False).cumcount() + 1).astype(str)
    return bool((named["contact_id"].astype(str) == place).all())


def _by_person(named: pd.DataFrame, wave: str) -> dict[str, dict[str, Mapping[str, Any]]]:
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in named[named["wave"] == wave].to_dict("records"):
        found.setdefault(label_of(row["person_id"]), {})[row["contact_id"]] = row
    return found


def _interviewed(persons: pd.DataFrame, wave: str) -> set[str]:
    there = persons[(persons["wave"] == wave) & persons["interviewed"]]
    return {label_of(v) for v in there["person_id"].tolist()}


def _people(persons: pd.DataFrame, waves: tuple[str, str]) -> dict[str, Any]:
    there = persons.loc[persons["wave"].isin(waves), "person_id"].tolist()
    found: dict[str, Any] = {}
    for person in there:
        found.setdefault(label_of(person), person)
    return found


def _change(contact: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    if contact in before:
        return "kept" if contact in after else "lost"
    return "gained"


def _turnover(
    before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]
) -> dict[str, float]:
    kept = [c for c in before if c in after]
    lost, gained = len(before) - len(kept), len(after) - len(kept)
    ever = len(kept) + lost + gained
    confidant = _moves(kept, before, after, "is_confidant")
    inside = _moves(kept, before, after, "inside_service")
    return {
        "sns_kept": len(kept),
        "sns_lost": lost,
        "sns_gained": gained,
        "sns_jaccard": len(kept) / ever if ever else np.nan,
        "sns_turnover": (lost + gained) / (len(before) + len(after)) if ever else np.nan,
        "sns_became_confidant": confidant[0],
        "sns_ceased_confidant": confidant[1],
        "sns_confidant_known": confidant[2],
        "sns_moved_inside": inside[0],
        "sns_moved_outside": inside[1],
        "sns_inside_known": inside[2],
    }


def _moves(
    kept: list[str],
    before: Mapping[str, Mapping[str, Any]],
    after: Mapping[str, Mapping[str, Any]],
    flag: str,
) -> tuple[float, float, float]:
    """Kept contacts that became and that ceased to be so, and of how many it is known twice."""
    pairs = [(before[c].get(flag), after[c].get(flag)) for c in kept]
    known = [(bool(a), bool(b)) for a, b in pairs if not _gone(a) and not _gone(b)]
    if kept and not known:
        return float("nan"), float("nan"), 0.0
    became = sum(not a and b for a, b in known)
    ceased = sum(a and not b for a, b in known)
    return float(became), float(ceased), float(len(known))


def _gone(value: Any) -> bool:
    return value is None or bool(pd.isna(value))


def _summary(people: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for name in [c for c in _COLUMNS if not c.endswith("_known")]:
        values = people[name].dropna()
        q1, median, q3 = values.quantile([0.25, 0.5, 0.75]) if len(values) else [np.nan] * 3
        rows.append(
            {
                "index": name,
                "n": len(values),
                "median": median,
                "q1": q1,
                "q3": q3,
                "mean": values.mean() if len(values) else np.nan,
                "total": np.nan if name in ("sns_jaccard", "sns_turnover") else values.sum(),
            }
        )
    return pd.DataFrame(rows)
