"""Ties among a person's contacts: distinct pairs over possible pairs, and why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from socmeasures.networks.contacts import Network, keys_of

Floats = NDArray[np.float64]
DENSITY_STATUS = ("scored", "fewer_than_2_contacts", "ties_not_collected", "not_interviewed")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Density:
    """Of each person at each time point: ties, density, weighted density, and a reason.

    Attributes
    ----------
    ties : array, shape (n,)
        Distinct pairs with a weight above 0; NaN where ties were not collected.
    plain, weighted : array, shape (n,)
        Ties, and the sum of weights, over n(n − 1)/2; NaN where that is 0, ties were not
        collected, or (weighted) no weights were recorded.
    status : array of str, shape (n,)
        One of `DENSITY_STATUS`.
    """

    ties: Floats
    plain: Floats
    weighted: Floats
    status: NDArray[Any]


def densities(network: Network, counted: pd.DataFrame, size: Floats) -> Density:
    """Density among the contacts that count.

    A pair named twice (A–B and B–A) is one tie, a row of weight 0 is none, and ties of contacts
    that were set aside do not count.
    """
    persons, ties = network.persons, network.ties
    n = len(persons)
    collected = _collected(persons, ties)
    number: Floats = np.zeros(n)
    weight: Floats = np.zeros(n)
    if ties is not None and len(ties):
        pairs = _distinct(ties, counted)
        places = keys_of(persons).get_indexer(keys_of(pairs))
        number = np.asarray(np.bincount(places, minlength=n), dtype=np.float64)
        weights = pairs["weight"].to_numpy(float)
        weight = np.asarray(np.bincount(places, weights=weights, minlength=n), np.float64)
    possible = size * (size - 1) / 2
    defined = collected & (possible > 0)
    weighed = ties is not None and "weight" in ties
    with np.errstate(divide="ignore", invalid="ignore"):
        plain = np.where(defined, number / possible, np.nan)
        weighted = np.where(defined & weighed, weight / possible, np.nan)
    status = np.where(possible > 0, DENSITY_STATUS[0], DENSITY_STATUS[1])
    return Density(
        ties=np.where(collected, number, np.nan),
        plain=plain,
        weighted=weighted,
        status=np.where(collected, status, DENSITY_STATUS[2]),
    )


def _collected(persons: pd.DataFrame, ties: pd.DataFrame | None) -> NDArray[np.bool_]:
    """Whether ties were asked for: as persons say, else at time points that have any row."""
    if ties is None:
        return np.zeros(len(persons), dtype=bool)
    asked = persons["wave"].isin(set(ties["wave"])).to_numpy(bool)
    if "ties_collected" in persons:
        said = persons["ties_collected"].astype("boolean").fillna(False)
        return np.asarray(said.to_numpy(bool))
    return np.asarray(asked)


def _distinct(ties: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    """One row a pair of contacts that count, with a weight above 0."""
    weights = ties["weight"] if "weight" in ties else pd.Series(1.0, index=ties.index)
    links = ties.assign(weight=weights.astype(float))
    links = links[links["weight"] > 0]
    there = set(zip(keys_of(counted), counted["contact_id"], strict=True))
    keys = list(keys_of(links))
    ends = list(zip(links["contact_a"], links["contact_b"], strict=True))
    both = [(key, a) in there and (key, b) in there for key, (a, b) in zip(keys, ends, strict=True)]
    links = links.assign(__low=[min(pair) for pair in ends], __high=[max(pair) for pair in ends])[
        both
    ]
    return links.drop_duplicates(["person_id", "wave", "__low", "__high"])
