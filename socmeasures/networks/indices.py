"""From named contacts to numbers: one row a person and time point, indices `sns_*`.

The Social Network Schedule has no total and none is made. A count is over contacts whose answer
is known to be yes; every share has its own denominator (`…_known`). Undefined is missing, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from socmeasures import frames
from socmeasures.errors import ChoiceError, NetworkColumnsError, NetworkIndexError, listed
from socmeasures.networks.composition import diversity, external_internal
from socmeasures.networks.contacts import Network, keys_of
from socmeasures.networks.density import DENSITY_STATUS, densities
from socmeasures.networks.index_words import describe_columns, refuse_index
from socmeasures.networks.reading import read_network
from socmeasures.networks.settings import Settings, month_or_shorter, settings_for
from socmeasures.networks.vocabulary import FREQUENCIES, KIN, RELATIONS, SUPPORT, WEEKLY, Frame
from socmeasures.scoring.record import ATTRS_KEY, ScoringRecord

Floats = NDArray[np.float64]
SIZE_STATUS = ("scored", "not_interviewed")


def score_network(
    contacts: Any,
    *,
    persons: Any = None,
    ties: Any = None,
    frame: str | Mapping[str, str] = "full",
    overlap: Literal["role", "friend_first"] = "role",
    cap: int | None = None,
    exclude: Sequence[str] = (),
    less_than_monthly: Literal["leave_out", "count"] = "leave_out",
    window_days: int | None = None,
    support: Sequence[str] | None = None,
    rates: Mapping[str, float] | None = None,
    indices: Sequence[str] | None = None,
) -> Any:
    """Indices of each person's network: size, friends, confidants, diversity, density …

    Parameters
    ----------
    contacts : Network or DataFrame
        What `read_network` gave, or the contacts table (then `persons`, and `ties` if collected,
        are read with it as `read_network` does).
    persons, ties : DataFrame, optional
        Beside a contacts table.
    frame : {"full", "prism3", "catty"} or mapping of relation to group
        Groups for diversity: kin / friend / peer / professional / other; kin / friend / other;
        relatives / friends / acquaintances / neighbours / professionals; or your own.
    overlap : {"role", "friend_first"}
        The group of somebody called a friend: that of their relation, or friends'. Kin who are
        called friends follow the same rule; ``sns_n_kin`` always counts by relation.
    cap : int, optional
        Count at most this many contacts a person, in the order of the table ("everyone at the
        centre" is no network); how many were cut is in ``sns_n_capped``.
    exclude : sequence of relations
        Left out before anything is counted, e.g. ``("professional", "shop_or_service")``.
    less_than_monthly : {"leave_out", "count"}
        Contacts seen less than monthly do not meet a window of a month or shorter; they are left
        out and counted in ``sns_n_below_window``.
    window_days : int, optional
        The window all interviews are taken to have, where persons have none or several.
    support : sequence of str, optional
        Columns of support functions, for multiplexity; the ``support_*`` columns by default.
    rates : mapping of frequency to contacts a week, optional
        For ``sns_contacts_per_week``; none is published, so none is built in.
    indices : sequence of str, optional
        Only these, with or without ``sns_``.

    Returns
    -------
    DataFrame
        The persons table with columns ``sns_…`` (float; NaN where undefined), a row a person and
        time point in the order of `persons`; pandas or polars as `persons` was. Size 0 (named
        nobody): counts 0, shares and diversity missing. Not interviewed: everything missing
        (``sns_size_status``). `soc.scoring_record` names every column, frame, window and rule.

    Raises
    ------
    NetworkIndexError
        A total, contacts a week without rates, a network type, or interviews with different
        windows: refused with the reason.
    NetworkError, NetworkColumnsError, ChoiceError
        As `read_network`; a frame, relation or index that is not there.

    Notes
    -----
    Indices and their evidence: instruments by Dunn et al. (1990) [1]_ and later users; groups
    ``prism3`` as described for Becker et al. (1998). Density is distinct ties over possible
    pairs, so that A–B and B–A are one and rows of weight 0 none.

    References
    ----------
    .. [1] Dunn, O'Driscoll, Dayson, Wills & Leff (1990). Br. J. Psychiatry 157, 842-848.

    Examples
    --------
    >>> import pandas as pd, socmeasures as soc
    >>> persons = pd.DataFrame({"person_id": ["a", "b", "c"], "interviewed": [1, 1, 0]})
    >>> contacts = pd.DataFrame({"person_id": ["a", "a"], "relation": ["sibling", "friend"],
    ...                          "is_friend": ["no", None]})
    >>> scored = soc.score_network(contacts, persons=persons)
    >>> scored[["sns_size", "sns_n_friends", "sns_prop_friends"]].values.tolist()
    [[2.0, 0.0, 0.0], [0.0, 0.0, nan], [nan, nan, nan]]
    """
    for asked in indices or ():
        refuse_index(asked, rates=rates)
    if isinstance(contacts, Network):
        network, kind = contacts, contacts.persons
    else:
        network = read_network(contacts, persons=persons, ties=ties)
        kind = persons if persons is not None and not isinstance(persons, str) else network.persons
    settings = settings_for(
        network.persons,
        frame=frame,
        overlap=overlap,
        cap=cap,
        exclude=exclude,
        less_than_monthly=less_than_monthly,
        window_days=window_days,
        rates=rates,
        support=_functions(network.contacts, support),
    )
    table = _table(network, settings)
    new = _indices(network, table, settings)
    scored = network.persons.drop(columns=[c for c in new if c in network.persons])
    scored = pd.concat([scored, pd.DataFrame(new, index=scored.index)], axis=1)
    if indices is not None:
        scored = scored[[*network.persons.columns, *_asked(indices, new)]]
    record = describe_columns(
        [c for c in scored.columns if c in new],
        settings,
        size=np.asarray(new["sns_size"], float),
        split="inside_service" in network.contacts,
    )
    out = frames.like(kind, scored)
    if frames.is_pandas(out):
        earlier = getattr(kind, "attrs", {}).get(ATTRS_KEY)
        if earlier is not None:
            record = ScoringRecord.from_json(earlier).merged(record)
        out.attrs = {ATTRS_KEY: record.to_json()}
    return out


def _functions(contacts: pd.DataFrame, support: Sequence[str] | None) -> tuple[str, ...]:
    if support is None:
        return tuple(c for c in SUPPORT if c in contacts)
    absent = [c for c in support if c not in contacts]
    if absent:
        raise NetworkColumnsError(
            [f"contacts: there is no column {c!r} (support=)" for c in absent]
        )
    return tuple(support)


def _asked(indices: Sequence[str], new: Mapping[str, Any]) -> list[str]:
    names = [i if i.startswith("sns_") else f"sns_{i}" for i in indices]
    for name in [n for n in names if n not in new]:
        raise ChoiceError("index", name, list(new))
    return list(dict.fromkeys(names))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Counted:
    """Contacts that count, and what was set aside of each person."""

    rows: pd.DataFrame
    places: NDArray[np.int64]
    waves: NDArray[np.int64]  # number of the time point of each person row
    n: int
    below_window: Floats
    capped: Floats


def _table(network: Network, settings: Settings) -> _Counted:
    rows = network.contacts
    n = len(network.persons)
    places = keys_of(network.persons).get_indexer(keys_of(rows)).astype(np.int64)
    keep = np.ones(len(rows), dtype=bool)
    if settings.exclude and "relation" in rows:
        keep &= ~rows["relation"].isin(settings.exclude).to_numpy()
    outside = np.zeros(len(rows), dtype=bool)
    if "in_window" in rows:
        outside |= (rows["in_window"] == False).fillna(False).to_numpy(bool)  # noqa: E712 - nullable
    if "frequency" in rows and month_or_shorter(settings):
        outside |= (rows["frequency"] == "less").to_numpy(bool)
    below = np.bincount(places[keep & outside], minlength=n).astype(float)
    keep &= ~outside
    capped = np.zeros(n)
    if settings.cap is not None:
        kept = np.flatnonzero(keep)
        nth = pd.Series(places[kept]).groupby(places[kept]).cumcount().to_numpy()
        over = kept[nth >= settings.cap]
        capped = np.bincount(places[over], minlength=n).astype(float)
        keep[over] = False
    return _Counted(
        rows=rows[keep],
        places=places[keep],
        waves=pd.factorize(network.persons["wave"])[0].astype(np.int64),
        n=n,
        below_window=below,
        capped=capped,
    )


def _indices(network: Network, table: _Counted, settings: Settings) -> dict[str, Any]:
    size = np.bincount(table.places, minlength=table.n).astype(float)
    new: dict[str, Any] = {"sns_size": size, "sns_n_below_window": table.below_window}
    new["sns_n_capped"] = table.capped
    new |= _by_relation(table, size)
    new |= _by_flag(table, size)
    new |= _by_frequency(table, size, settings)
    new |= _places_met(table, size)
    new |= _by_group(table, size, settings.frame, settings.overlap)
    new |= _multiplexity(table, settings.support)
    seen = network.persons["interviewed"].to_numpy(bool)
    density = densities(network, table.rows, size)
    new |= {"sns_density": density.plain, "sns_density_weighted": density.weighted}
    new["sns_n_ties"] = density.ties
    new["sns_ei_sex"], new["sns_ei_sex_known"] = _ei(network, table)
    for name, values in new.items():
        new[name] = np.where(seen, values, np.nan)
    words = np.where(seen, density.status, "not_interviewed")
    new["sns_density_status"] = pd.Categorical(words, categories=list(DENSITY_STATUS))
    status = np.where(seen, *SIZE_STATUS)
    new["sns_size_status"] = pd.Categorical(status, categories=list(SIZE_STATUS))
    return new


# ------------------------------------------------------------------- pieces


def _sum(table: _Counted, mask: NDArray[np.bool_]) -> Floats:
    counted = np.bincount(table.places, weights=mask.astype(float), minlength=table.n)
    return np.asarray(counted, dtype=np.float64)


def _count(
    table: _Counted, size: Floats, yes: NDArray[np.bool_], known: NDArray[np.bool_], column: str
) -> tuple[Floats, Floats]:
    """Contacts known to be so, and contacts of whom it is known; nothing known is missing."""
    counted, of = _sum(table, yes), _sum(table, known)
    unknown = ((of == 0) & (size > 0)) | ~_collected(table, known, column)
    return np.where(unknown, np.nan, counted), of


def _collected(table: _Counted, known: NDArray[np.bool_], column: str) -> NDArray[np.bool_]:
    """Whether something was asked at a time point: else who named nobody has no 0 of it either."""
    if column not in table.rows:
        return np.zeros(table.n, dtype=bool)
    at = table.waves[table.places]
    many = int(table.waves.max(initial=0)) + 1
    named, told = np.bincount(at, minlength=many), np.bincount(at[known], minlength=many)
    return np.asarray(((named == 0) | (told > 0))[table.waves])


def _share(count: Floats, of: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(of > 0, count / of, np.nan)


def _flag(table: _Counted, name: str) -> Floats:
    """1, 0 or NaN for each contact; all NaN where the column was not collected."""
    if name not in table.rows:
        return np.full(len(table.rows), np.nan)
    return np.asarray(table.rows[name].to_numpy(dtype=float, na_value=np.nan))


def _words(table: _Counted, name: str) -> NDArray[Any]:
    """Words of a column, None where unknown or not collected."""
    if name not in table.rows:
        return np.full(len(table.rows), None, dtype=object)
    words = table.rows[name].to_numpy(dtype=object)
    return np.array([None if w == "unknown" or pd.isna(w) else w for w in words], dtype=object)


def _by_relation(table: _Counted, size: Floats) -> dict[str, Any]:
    relation = _words(table, "relation")
    known = np.array([r is not None for r in relation], dtype=bool)
    kin = np.isin(relation.astype(str), KIN)
    new: dict[str, Any] = {}
    new["sns_n_kin"], of = _count(table, size, kin, known, "relation")
    new["sns_n_nonkin"], _ = _count(table, size, known & ~kin, known, "relation")
    for name in RELATIONS[:-1]:
        new[f"sns_n_{name}"], _ = _count(table, size, relation == name, known, "relation")
    new["sns_prop_kin"] = _share(new["sns_n_kin"], of)
    new["sns_prop_professional"] = _share(new["sns_n_professional"], of)
    new["sns_relation_known"] = of
    new["sns_prop_kin_known"] = new["sns_prop_professional_known"] = of
    pairs = pd.DataFrame({"place": table.places[known], "relation": relation[known]})
    kinds = pairs.drop_duplicates()["place"].value_counts().reindex(range(table.n), fill_value=0)
    none = ((of == 0) & (size > 0)) | ~_collected(table, known, "relation")
    new["sns_n_relation_types"] = np.where(none, np.nan, kinds.to_numpy(float))
    return new


def _by_flag(table: _Counted, size: Floats) -> dict[str, Any]:
    new: dict[str, Any] = {}
    flags = (
        ("friends", "is_friend"),
        ("confidants", "is_confidant"),
        ("missed", "would_miss"),
        ("negative", "is_negative"),
    )
    for name, column in flags:
        flag = _flag(table, column)
        counted, of = _count(table, size, flag == 1, ~np.isnan(flag), column)
        new[f"sns_n_{name}"], new[f"sns_n_{name}_known"] = counted, of
    new["sns_prop_friends"] = _share(new["sns_n_friends"], new["sns_n_friends_known"])
    new["sns_prop_friends_known"] = new["sns_n_friends_known"]
    starts = _words(table, "initiates")
    known = np.array([s is not None for s in starts], dtype=bool)
    active = np.isin(starts.astype(str), ("self", "both"))
    new["sns_n_active"], new["sns_n_active_known"] = _count(table, size, active, known, "initiates")
    confidant = _flag(table, "is_confidant")
    new["sns_any_confidant"] = _any(table, size, confidant, "is_confidant")
    return new


def _any(table: _Counted, size: Floats, flag: Floats, column: str) -> Floats:
    """1 when one is known to be so, 0 when all are known not to be, else missing."""
    known = ~np.isnan(flag)
    yes, of = _sum(table, flag == 1), _sum(table, known)
    none = (of == size) & _collected(table, known, column)
    return np.where(yes > 0, 1.0, np.where(none, 0.0, np.nan))


def _by_frequency(table: _Counted, size: Floats, settings: Settings) -> dict[str, Any]:
    often = _words(table, "frequency")
    known = np.array([f is not None for f in often], dtype=bool)
    new: dict[str, Any] = {}
    weekly = np.isin(often.astype(str), WEEKLY)
    new["sns_n_weekly_plus"], of = _count(table, size, weekly, known, "frequency")
    new["sns_n_daily"], _ = _count(table, size, often == "daily", known, "frequency")
    new["sns_frequency_known"] = of
    if settings.rates is not None:
        unrated = sorted({str(f) for f in often[known]} - set(settings.rates))
        if unrated:
            raise NetworkIndexError(
                "contacts_per_week",
                f"rates= gives no number for {listed(unrated)}",
                f"Give one for each of {', '.join(FREQUENCIES[:-1])} that occurs.",
            )
        rate = np.array([settings.rates.get(str(f), 0.0) for f in often], dtype=float)
        total = np.bincount(table.places, weights=rate, minlength=table.n)
        new["sns_contacts_per_week"] = np.where(of < size, np.nan, total)
    return new


def _places_met(table: _Counted, size: Floats) -> dict[str, Any]:
    """Inside and outside the evaluated service, always apart."""
    inside, confidant = _flag(table, "inside_service"), _flag(table, "is_confidant")
    known = ~np.isnan(inside)
    new: dict[str, Any] = {}
    new["sns_n_inside"], of = _count(table, size, inside == 1, known, "inside_service")
    new["sns_n_outside"], _ = _count(table, size, inside == 0, known, "inside_service")
    new["sns_prop_outside"] = _share(new["sns_n_outside"], of)
    new["sns_inside_known"] = new["sns_prop_outside_known"] = of
    # one answer can settle it: not a confidant, or met inside
    both = np.where(
        (confidant == 0) | (inside == 1),
        0.0,
        np.where((confidant == 1) & (inside == 0), 1.0, np.nan),
    )
    counted, settled = _count(table, size, both == 1, ~np.isnan(both), "inside_service")
    new["sns_n_outside_confidants"] = counted
    new["sns_n_outside_confidants_known"] = settled
    new["sns_any_outside_confidant"] = _any(table, size, both, "inside_service")
    return new


def _by_group(table: _Counted, size: Floats, frame: Frame, overlap: str) -> dict[str, Any]:
    code_of = {group: i for i, group in enumerate(frame.categories)}
    relation = _words(table, "relation")
    codes = np.array([code_of.get(frame.groups.get(r, ""), -1) for r in relation], dtype=np.int64)
    if overlap == "friend_first" and frame.friends is not None:
        codes[_flag(table, "is_friend") == 1] = code_of[frame.friends]
    spread = diversity(table.places, codes, table.n, len(code_of))
    none = ((spread.known == 0) & (size > 0)) | ~_collected(table, codes >= 0, "relation")
    new: dict[str, Any] = {
        f"sns_n_group_{group}": np.where(none, np.nan, spread.counts[:, i])
        for group, i in code_of.items()
    }
    types = (spread.counts > 0).sum(axis=1).astype(float)
    new["sns_n_relation_groups"] = np.where(none, np.nan, types)
    new["sns_n_ungrouped"] = size - spread.known
    new |= {"sns_blau": spread.blau, "sns_iqv": spread.iqv, "sns_entropy2": spread.entropy2}
    return new


def _multiplexity(table: _Counted, functions: tuple[str, ...]) -> dict[str, Any]:
    flags = [_flag(table, name) for name in functions]
    given = np.column_stack(flags) if flags else np.full((len(table.rows), 1), np.nan)
    whole = ~np.isnan(given).any(axis=1)
    number = np.where(whole, np.nansum(given, axis=1), 0.0)
    of = _sum(table, whole)
    summed = np.bincount(table.places, weights=number, minlength=table.n)
    total = np.asarray(summed, dtype=np.float64)
    several = _sum(table, whole & (number >= 2))
    return {
        "sns_multiplexity_mean": _share(total, of),
        "sns_prop_multiplex": _share(several, of),
        "sns_multiplexity_known": of,
    }


def _ei(network: Network, table: _Counted) -> tuple[Floats, Floats]:
    """E–I by sex: from same_sex, else from the person's own sex."""
    same = _flag(table, "same_sex")
    if "sex" in network.persons and "sex" in table.rows:
        own = network.persons["sex"].to_numpy(dtype=object)[table.places]
        theirs = _words(table, "sex")
        for i, (mine, other) in enumerate(zip(own, theirs, strict=True)):
            if np.isnan(same[i]) and other is not None and mine not in (None, "unknown"):
                same[i] = np.nan if pd.isna(mine) else float(mine == other)
    return external_internal(table.places, same, table.n)
