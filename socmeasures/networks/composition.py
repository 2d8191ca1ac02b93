"""How varied contacts are: shares, Blau, IQV, entropy, E–I, from codes of categories.

Arrays in, arrays out; a row is a person at a time point. What is undefined is NaN, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from socmeasures.errors import ChoiceError
from socmeasures.networks.contacts import Network, keys_of, label_of

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Diversity:
    """Of each person at each time point: how contacts spread over categories.

    Attributes
    ----------
    counts : array, shape (n, k)
        Contacts in each declared category.
    known : array, shape (n,)
        Contacts whose category is known.
    blau, iqv, entropy2 : array, shape (n,)
        1 − Σp²; blau·k/(k−1) with k the declared categories; −Σp·log2 p in bits. NaN when
        nobody's category is known.
    """

    counts: Floats
    known: Floats
    blau: Floats
    iqv: Floats
    entropy2: Floats


def diversity(places: Places, codes: Places, n: int, k: int) -> Diversity:
    """Spread of contacts over `k` declared categories.

    Parameters
    ----------
    places : int array, shape (n_contacts,)
        Row of the person and time point each contact belongs to.
    codes : int array, shape (n_contacts,)
        Category of each contact from 0; −1 where it is unknown or in none.
    n, k : int
        Rows, and declared categories.

    Examples
    --------
    >>> import numpy as np
    >>> from socmeasures.networks.composition import diversity
    >>> spread = diversity(np.zeros(8, int), np.array([0, 0, 1, 2, 2, 2, 2, 2]), 1, 3)
    >>> round(float(spread.blau[0]), 6), round(float(spread.entropy2[0]), 6)
    (0.53125, 1.298795)
    """
    there = codes >= 0
    flat = np.bincount(places[there] * k + codes[there], minlength=n * k)
    counts = flat.reshape(n, k).astype(np.float64)
    known = counts.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = counts / known[:, None]
        blau = 1 - np.sum(shares**2, axis=1)
        bits = np.where(shares > 0, -shares * np.log2(np.where(shares > 0, shares, 1.0)), 0.0)
    entropy = np.where(known > 0, bits.sum(axis=1), np.nan)
    iqv = blau * k / (k - 1) if k > 1 else np.full(n, np.nan)
    return Diversity(counts=counts, known=known, blau=blau, iqv=iqv, entropy2=entropy)


def external_internal(places: Places, same: Floats, n: int) -> tuple[Floats, Floats]:
    """(E − I)/(E + I) and its denominator; `same` is 1, 0 or NaN for each contact."""
    there = (~np.isnan(same)).astype(np.float64)
    known = np.asarray(np.bincount(places, weights=there, minlength=n), np.float64)
    internal = np.bincount(places, weights=(same == 1).astype(np.float64), minlength=n)
    with np.errstate(divide="ignore", invalid="ignore"):
        index = (known - 2 * internal) / known
    return index, known


def network_composition(
    network: Network, attribute: str, *, categories: Any = None
) -> pd.DataFrame:
    """Composition by any recorded attribute of the contacts: country, distance, age …

    Parameters
    ----------
    network : Network
        As `read_network` gives it.
    attribute : str
        A column of the contacts. Text gives shares and diversity, numbers mean and SD.
    categories : sequence, optional
        The categories that could have been named; their number is the k of the IQV. By default
        those met anywhere in the table, which is told in the column ``k``.

    Returns
    -------
    pandas.DataFrame
        One row a row of `network.persons`: ``person_id, wave, known`` (contacts with the
        attribute known) and for text ``n_categories, k, blau, iqv, entropy2``, a ``share_…`` for
        each category, and ``ei`` against the person's own value where persons have a column of
        that name; for numbers ``mean, sd``. Missing where nothing is known or the person was
        not interviewed.

    Raises
    ------
    ChoiceError
        No such column, or a category that was not declared.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> persons = pd.DataFrame({"person_id": [1], "interviewed": [True]})
    >>> contacts = pd.DataFrame({"person_id": [1, 1], "contact_id": ["a", "b"],
    ...                          "town": ["here", "there"]})
    >>> found = soc.network_composition(soc.read_network(contacts, persons=persons), "town")
    >>> found[["known", "blau"]].values.tolist()
    [[2.0, 0.5]]
    """
    contacts, persons = network.contacts, network.persons
    if attribute not in contacts:
        raise ChoiceError("attribute", attribute, list(contacts.columns))
    rows = keys_of(persons)
    places = rows.get_indexer(keys_of(contacts)).astype(np.int64)
    n = len(persons)
    out = persons[["person_id", "wave"]].copy()
    values = contacts[attribute]
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
        grouped = pd.Series(numbers).groupby(places)
        new = {
            "known": grouped.count().reindex(range(n), fill_value=0).to_numpy(float),
            "mean": grouped.mean().reindex(range(n)).to_numpy(float),
            "sd": grouped.std().reindex(range(n)).to_numpy(float),
        }
    else:
        new = _by_category(persons, values, attribute, places, categories)
    seen = persons["interviewed"].to_numpy(bool)
    for name, column in new.items():
        out[name] = np.where(seen, column, np.nan)
    return out


def _by_category(
    persons: pd.DataFrame, values: pd.Series, attribute: str, places: Places, categories: Any
) -> dict[str, Any]:
    n = len(persons)
    cells = [None if pd.isna(v) else label_of(v) for v in values.tolist()]
    met = sorted({c for c in cells if c is not None})
    declared = met if categories is None else [label_of(c) for c in categories]
    strange = [c for c in met if c not in declared]
    if strange:
        raise ChoiceError(f"category of {attribute!r}", strange[0], declared)
    code_of = {c: i for i, c in enumerate(declared)}
    codes = np.array([-1 if c is None else code_of[c] for c in cells], dtype=np.int64)
    k = len(declared)
    spread = diversity(places, codes, n, max(k, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = spread.counts / spread.known[:, None]
    new: dict[str, Any] = {
        "known": spread.known,
        "n_categories": np.where(spread.known > 0, (spread.counts > 0).sum(axis=1), np.nan),
        "k": np.full(n, float(k)),
        "blau": spread.blau,
        "iqv": spread.iqv,
        "entropy2": spread.entropy2,
    }
    new |= {f"share_{c}": shares[:, i] for i, c in enumerate(declared)}
    if attribute in persons:
        own = [None if pd.isna(v) else label_of(v) for v in persons[attribute].tolist()]
        same = np.array(
            [
                np.nan if c is None or own[p] is None else float(c == own[p])
                for c, p in zip(cells, places.tolist(), strict=True)
            ],
            dtype=float,
        )
        new["ei"], new["ei_known"] = external_internal(places, same, n)
    return new
