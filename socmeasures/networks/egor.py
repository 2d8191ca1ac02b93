"""The tables of the R package egor: ego, alter, aatie, under its names, in and out.

Names and shapes only (egor 1.25); no code of it. egor has no time points, and its identifiers of
alters mean nothing from one interview to the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from socmeasures.errors import NetworkColumnsError, WaveNotFoundError, did_you_mean
from socmeasures.networks.contacts import label_of

if TYPE_CHECKING:
    from socmeasures.networks.contacts import Network

_NAMES = {
    ".egoid": "person_id",
    ".altid": "contact_id",
    ".srcid": "contact_a",
    ".tgtid": "contact_b",
}


def from_egor(
    egos: pd.DataFrame, alters: pd.DataFrame, aaties: pd.DataFrame | None, notes: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame | None]:
    """egor's three tables under our names."""
    tables = {"ego": egos, "alter": alters, "aatie": aaties}
    needed = {
        "ego": (".egoID",),
        "alter": (".egoID", ".altID"),
        "aatie": (".egoID", ".srcID", ".tgtID"),
    }
    faults = []
    for name, table in tables.items():
        there = [] if table is None else [str(c) for c in table.columns]
        low = {c.lower() for c in there}
        faults += [
            f"{name}: there is no column {column!r}.{did_you_mean(column, there)}"
            for column in needed[name]
            if table is not None and column.lower() not in low
        ]
    if faults:
        raise NetworkColumnsError(faults, "These are the names of egor's tables as R writes them.")
    notes.append("Every row of egor's ego table was taken as an interview.")
    named = [None if t is None else _named(t) for t in tables.values()]
    people, contacts, links = named
    return people, contacts, links


def _named(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename(columns={c: _NAMES.get(str(c).lower(), c) for c in table.columns})


def egor_tables(network: Network, wave: Any = None) -> dict[str, pd.DataFrame]:
    """One time point of a network as ``ego``, ``alter`` and ``aatie``.

    People who were not interviewed are left out: egor would take them for people without
    contacts. Rows of weight 0 are left out of ``aatie``, where every row is a tie.
    """
    waves = network.waves
    if wave is None and len(waves) > 1:
        raise WaveNotFoundError(
            wave, waves, "egor knows no time points: say which one, to_egor(wave=…)."
        )
    chosen = waves[0] if wave is None and waves else label_of(wave)
    if waves and chosen not in waves:
        raise WaveNotFoundError(wave, waves)
    seen = network.persons[network.persons["interviewed"]]
    ego = _at(seen, chosen).drop(columns=["interviewed"]).rename(columns={"person_id": ".egoID"})
    alter = _at(network.contacts, chosen)
    if alter["contact_id"].isna().any():
        running = (alter.groupby("person_id", sort=False).cumcount() + 1).astype(str)
        alter = alter.assign(
            contact_id=alter["contact_id"].where(alter["contact_id"].notna(), running)
        )
    alter = alter.rename(columns={"contact_id": ".altID", "person_id": ".egoID"})
    first = [".altID", ".egoID"]
    out = {
        "ego": ego.reset_index(drop=True),
        "alter": alter[[*first, *(c for c in alter if c not in first)]].reset_index(drop=True),
    }
    if network.ties is not None:
        ties = _at(network.ties, chosen)
        if "weight" in ties:
            ties = ties[ties["weight"] > 0]
        names = {"person_id": ".egoID", "contact_a": ".srcID", "contact_b": ".tgtID"}
        out["aatie"] = ties.rename(columns=names).reset_index(drop=True)
    return out


def _at(table: pd.DataFrame, wave: str) -> pd.DataFrame:
    return table[table["wave"] == wave].drop(columns=["wave"])
