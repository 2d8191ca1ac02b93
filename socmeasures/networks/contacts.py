"""`Network`: who was interviewed, whom they named, who of these know each other.

Three tables that fit together; every fault of them is reported at once. Holds no index.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from socmeasures.networks.vocabulary import FLAGS, WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

KEYS = ("person_id", "wave")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Network:
    """Named contacts of interviewed people, checked.

    Attributes
    ----------
    persons : pandas.DataFrame
        One row a person and time point: ``person_id, wave, interviewed`` and whatever else was
        recorded of them (``sex, window_days, setting, arm …``). It tells "named nobody" from
        "not interviewed".
    contacts : pandas.DataFrame
        One row a named contact, person and time point: ``person_id, wave, contact_id, relation,
        frequency, is_friend, is_confidant, would_miss, initiates, inside_service …``, as far as
        recorded; flags are nullable booleans, an unknown flag is not false.
    ties : pandas.DataFrame or None
        Who of the contacts know each other: ``person_id, wave, contact_a, contact_b, weight``.
        None: not collected. A row of weight 0 says "no tie".
    stable_ids : bool or None
        Whether ``contact_id`` means the same contact at every time point; None: nobody said.
    notes : tuple of str
        What was decided while reading.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> persons = pd.DataFrame({"person_id": [1, 2], "interviewed": [True, True]})
    >>> contacts = pd.DataFrame({"person_id": [1, 1], "contact_id": ["a", "b"],
    ...                          "relation": ["friend", "sibling"]})
    >>> network = soc.read_network(contacts, persons=persons)
    >>> len(network.persons), len(network.contacts), network.waves
    (2, 2, ('1',))
    """

    persons: pd.DataFrame
    contacts: pd.DataFrame
    ties: pd.DataFrame | None = None
    stable_ids: bool | None = None
    notes: tuple[str, ...] = ()

    @property
    def waves(self) -> tuple[str, ...]:
        """Time points in the order in which they stand in the persons table."""
        return tuple(str(w) for w in dict.fromkeys(self.persons["wave"]))

    def __str__(self) -> str:
        """How many people, time points, contacts and ties."""
        seen = int(self.persons["interviewed"].sum())
        named = self.contacts.groupby(list(KEYS), sort=False).ngroups if len(self.contacts) else 0
        ties = "not collected" if self.ties is None else f"{len(self.ties):,} rows"
        lines = [
            f"{self.persons['person_id'].nunique():,} people, {len(self.waves)} time points "
            f"({', '.join(self.waves)})",
            f"{len(self.persons):,} person rows: {seen:,} interviewed, of whom {seen - named:,} "
            "named nobody",
            f"{len(self.contacts):,} contacts; ties {ties}",
        ]
        return "\n".join([*lines, *(f"- {note}" for note in self.notes)])

    def plot(self, person: Any, wave: Any = None, **options: Any) -> Figure:
        """The picture of one person's network: rings by closeness, colours by relation.

        INTERNAL: it shows one person's contacts. Options as `socmeasures.drawing.network`.
        """
        from socmeasures.networks.picture import picture_of

        return picture_of(self, person, wave, **options)

    def plot_change(self, person: Any, earlier: Any, later: Any, **options: Any) -> Figure:
        """Two pictures side by side with kept, lost and gained contacts marked. INTERNAL."""
        from socmeasures.networks.picture import picture_of_change

        return picture_of_change(self, person, earlier, later, **options)

    def to_egor(self, wave: Any = None) -> dict[str, pd.DataFrame]:
        """The tables ``ego``, ``alter`` and ``aatie`` under the names of the R package egor.

        Parameters
        ----------
        wave : str, optional
            Which time point; needed when there is more than one, because egor has none.
        """
        from socmeasures.networks.egor import egor_tables

        return egor_tables(self, wave)


def label_of(value: Any) -> str:
    """Text of an identifier or time point: 1, 1.0 and "1" are all called 1."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def keys_of(table: pd.DataFrame) -> pd.MultiIndex:
    """Person and time point of each row, as texts that agree between tables."""
    people = [label_of(v) for v in table["person_id"].tolist()]
    return pd.MultiIndex.from_arrays([people, [label_of(v) for v in table["wave"].tolist()]])


def is_word_column(name: str) -> bool:
    """Whether a column of contacts holds words of our vocabulary."""
    return name in WORDS or name in FLAGS


def empty(columns: Mapping[str, str]) -> pd.DataFrame:
    """A table without rows whose columns have these types."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
