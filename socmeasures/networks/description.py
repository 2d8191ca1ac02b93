"""Describing networks of many people, one person's profile, and putting studies together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from socmeasures import frames
from socmeasures.errors import ChoiceError, NetworkPoolError, RecordError
from socmeasures.networks.contacts import label_of
from socmeasures.networks.index_words import SCALE
from socmeasures.scoring.record import ATTRS_KEY, ScoringRecord, scoring_record

SHOWN = (
    "sns_size",
    "sns_n_kin",
    "sns_n_friends",
    "sns_n_confidants",
    "sns_n_weekly_plus",
    "sns_n_outside",
    "sns_n_outside_confidants",
    "sns_n_professional",
    "sns_prop_friends",
    "sns_prop_outside",
    "sns_density",
)


def describe_networks(
    scored: Any, *, indices: Sequence[str] | None = None, by: str | Sequence[str] = ()
) -> pd.DataFrame:
    """Medians, quartiles and shares of zeros, because network sizes are skewed counts.

    Parameters
    ----------
    scored : DataFrame
        What `score_network` gave.
    indices : sequence of str, optional
        Columns to describe; the usual ones by default.
    by : str or sequence of str
        Further columns to split by (arm, setting), besides the time point.

    Returns
    -------
    pandas.DataFrame
        One row a time point, group and index: ``index, wave, …, n`` (people with a value),
        ``n_missing, median, q1, q3, zero_share, min, max, mean``. Means of shares are means of
        ratios: they need not add up to 100 %.

    Raises
    ------
    ChoiceError
        A column that is not there.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> persons = pd.DataFrame({"person_id": [1, 2], "interviewed": [True, True]})
    >>> contacts = pd.DataFrame({"person_id": [1, 1], "relation": ["friend", "parent"]})
    >>> scored = soc.score_network(contacts, persons=persons)
    >>> soc.describe_networks(scored, indices=["sns_size"])[["median", "zero_share"]].values
    array([[1. , 0.5]])
    """
    table = frames.to_pandas(scored)
    groups = ["wave", *([by] if isinstance(by, str) else by)]
    chosen = list(indices) if indices is not None else [c for c in SHOWN if c in table]
    for name in [*groups, *chosen]:
        if name not in table:
            raise ChoiceError("column", name, list(table.columns))
    rows = []
    for key, part in table.groupby(groups, sort=False, dropna=False):
        at = dict(zip(groups, key if isinstance(key, tuple) else (key,), strict=True))
        for name in chosen:
            values = part[name].dropna().to_numpy(dtype=float)
            if len(values) or indices is not None:
                rows.append({"index": name, **at, **_spread(values, len(part))})
    return pd.DataFrame(rows)


def _spread(values: np.ndarray, people: int) -> dict[str, float]:
    n = len(values)
    low, q1, median, q3, high = (
        np.quantile(values, [0, 0.25, 0.5, 0.75, 1]) if n else np.full(5, np.nan)
    )
    return {
        "n": n,
        "n_missing": people - n,
        "median": median,
        "q1": q1,
        "q3": q3,
        "zero_share": float(np.mean(values == 0)) if n else np.nan,
        "min": low,
        "max": high,
        "mean": float(values.mean()) if n else np.nan,
    }


def describe_profile(scored: Any, person: Any, wave: Any = None) -> pd.DataFrame:
    """One person's network in a few numbers; never a published "type".

    Parameters
    ----------
    scored : DataFrame
        What `score_network` gave.
    person, wave
        Whose, and when (all time points by default).

    Returns
    -------
    pandas.DataFrame
        One row an index and time point: ``wave, about, index, value``; `about` is size, who,
        how often, where, ties. INTERNAL.

    Raises
    ------
    ChoiceError
        A person or time point that is not there.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> persons = pd.DataFrame({"person_id": [1], "interviewed": [True]})
    >>> contacts = pd.DataFrame({"person_id": [1], "relation": ["friend"]})
    >>> profile = soc.describe_profile(soc.score_network(contacts, persons=persons), 1)
    >>> profile.loc[profile["index"] == "sns_size", "value"].tolist()
    [1.0]
    """
    table = frames.to_pandas(scored)
    people = [label_of(v) for v in table["person_id"].tolist()]
    if label_of(person) not in people:
        raise ChoiceError("person", person, list(dict.fromkeys(people)))
    mine = table[[p == label_of(person) for p in people]]
    if wave is not None:
        known = mine["wave"].tolist()
        if label_of(wave) not in known:
            raise ChoiceError("wave", wave, known)
        mine = mine[mine["wave"] == label_of(wave)]
    parts = {
        "size": ["sns_size"],
        "who": [c for c in table if c.startswith("sns_n_group_")]
        + ["sns_n_friends", "sns_n_confidants", "sns_iqv"],
        "how often": ["sns_n_daily", "sns_n_weekly_plus", "sns_n_active"],
        "where": ["sns_n_inside", "sns_n_outside", "sns_prop_outside"],
        "ties": ["sns_density"],
    }
    return pd.DataFrame(
        [
            {"wave": row["wave"], "about": about, "index": name, "value": row[name]}
            for row in mine.to_dict("records")
            for about, names in parts.items()
            for name in names
            if name in row
        ]
    )


def pool_networks(studies: Mapping[str, Any]) -> pd.DataFrame:
    """Put scored networks of several studies together, if they were made in the same way.

    Parameters
    ----------
    studies : mapping of name to DataFrame
        Each as `score_network` gave it, with its record.

    Returns
    -------
    pandas.DataFrame
        All rows, with a column ``study`` in front.

    Raises
    ------
    NetworkPoolError
        Frame, window, cap, overlap or the relations left out differ; they are listed by study.
    RecordError
        A frame that lost its record: how it was scored is not known.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> persons = pd.DataFrame({"person_id": [1], "interviewed": [True]})
    >>> contacts = pd.DataFrame({"person_id": [1], "relation": ["friend"]})
    >>> one = soc.score_network(contacts, persons=persons)
    >>> soc.pool_networks({"A": one, "B": one})["study"].tolist()
    ['A', 'B']
    """
    records: dict[str, ScoringRecord] = {}
    for name, scored in studies.items():
        record = scoring_record(scored)
        if record is None or not record.uses_of(SCALE):
            raise RecordError(f"the network {name!r} carries no record of how it was scored")
        records[str(name)] = record
    uses = {name: record.uses_of(SCALE)[-1] for name, record in records.items()}
    if len({use.definition_hash for use in uses.values()}) > 1:
        parts = {n: dict(p.split(": ", 1) for p in u.form.split("; ")) for n, u in uses.items()}
        first = next(iter(parts.values()))
        differing = {
            what: {name: own.get(what, "") for name, own in parts.items()}
            for what in first
            if len({own.get(what) for own in parts.values()}) > 1
        }
        hashes = {name: use.definition_hash[:12] for name, use in uses.items()}
        raise NetworkPoolError(differing or {"groups, support functions or rates": hashes})
    pooled = pd.concat(
        [frames.to_pandas(s).assign(study=str(name)) for name, s in studies.items()],
        ignore_index=True,
    )
    pooled.insert(0, "study", pooled.pop("study"))
    merged = next(iter(records.values()))
    pooled.attrs = {ATTRS_KEY: merged.to_json()}
    return pooled
