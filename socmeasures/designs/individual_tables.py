"""Counts of people by category, with intervals, by arm and by site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from socmeasures.effects.cluster_means import cluster_means_difference
from socmeasures.effects.proportions import risk_difference, wilson_interval
from socmeasures.errors import SocmeasuresError
from socmeasures.models.site_mean import ENOUGH_SITES, site_mean

if TYPE_CHECKING:
    from socmeasures.designs.measurement_error import Chance

CROSSINGS = ("recovered", "better_only", "same", "worse_only", "worse_past")
POOLED_UNDER = 10  # people of a site; smaller ones are pooled as "others"


def category_rows(
    people: pd.DataFrame,
    names: Sequence[str],
    arms: Sequence[str],
    level: float,
    *,
    chance: Chance | None = None,
    sites: np.ndarray | None = None,
) -> pd.DataFrame:
    """A row a category for everybody, then for each arm."""
    rows = []
    for arm in ("all", *arms):
        here = np.ones(len(people), bool) if arm == "all" else (people["arm"] == arm).to_numpy()
        mine = people["category"].to_numpy()[here]
        if not len(mine):
            continue
        for name in names:
            row = {"arm": arm, **_share(mine == name, name, level)}
            if sites is not None and len(set(sites[here])) >= ENOUGH_SITES:
                row |= _site_interval(mine == name, sites[here], level)
            if chance is not None:
                expected = float(chance.share[name][here].sum())
                row |= {"expected_n": expected, "expected_share": expected / len(mine)}
            rows.append(row)
    return pd.DataFrame(rows)


def counted(status: pd.Series, names: Sequence[str], level: float) -> pd.DataFrame:
    """A row a category, everybody together."""
    values = status.to_numpy()
    return pd.DataFrame([_share(values == name, name, level) for name in names])


def _share(hit: np.ndarray, name: str, level: float) -> dict[str, Any]:
    share = wilson_interval(int(hit.sum()), len(hit), confidence=level)
    return {
        "category": name,
        "n": int(hit.sum()),
        "n_pairs": len(hit),
        "share": share.estimate,
        "ci_low": share.ci_low,
        "ci_high": share.ci_high,
        "method": share.method,
    }


def _site_interval(hit: np.ndarray, sites: np.ndarray, level: float) -> dict[str, Any]:
    """By site where that gives an interval; Wilson's stays where nobody or everybody is in."""
    mean = site_mean(hit.astype(float), sites, confidence=level)
    if not np.isfinite(mean.ci_low):
        return {}
    return {
        "ci_low": max(mean.ci_low, 0.0),
        "ci_high": min(mean.ci_high, 1.0),
        "method": mean.method,
    }


def arm_differences(
    people: pd.DataFrame,
    names: Sequence[str],
    arms: Sequence[str],
    control: str,
    level: float,
    *,
    clusters: np.ndarray | None = None,
) -> pd.DataFrame:
    """Share in each arm minus share in the control, by category.

    With `clusters`, of the people in `people`, that were allocated as wholes: the difference of
    the clusters' shares.
    """
    rows = []
    for arm in arms:
        if arm == control:
            continue
        one, other = (people.loc[people["arm"] == a, "category"] for a in (arm, control))
        if not len(one) or not len(other):
            continue
        for name in names:
            treated, against = int((one == name).sum()), int((other == name).sum())
            if clusters is None:
                e = risk_difference(treated, len(one), against, len(other), confidence=level)
            else:
                both = people["arm"].isin([arm, control]).to_numpy()
                try:
                    e = cluster_means_difference(
                        (people["category"].to_numpy()[both] == name).astype(float),
                        clusters[both],
                        people["arm"].to_numpy()[both] == arm,
                        confidence=level,
                    )
                except SocmeasuresError:  # nobody anywhere, or one cluster in an arm
                    continue
            rows.append(
                {
                    "contrast": f"{arm} - {control}",
                    "category": name,
                    "share_treated": treated / len(one),
                    "share_control": against / len(other),
                    "estimate": e.estimate,
                    "ci_low": e.ci_low,
                    "ci_high": e.ci_high,
                    "n": e.n,
                    "method": e.method,
                }
            )
    return pd.DataFrame(rows)


def crossing(people: pd.DataFrame, cutoff: float, better: str, *, recovered: bool) -> pd.Series:
    """Reliable change together with the cut-off, one word a person."""
    from socmeasures.designs.individual_words import cutoff_name

    sign = 1 if better == "higher" else -1
    ill_before = sign * people["earlier"] < sign * cutoff
    well_after = sign * people["later"] > sign * cutoff
    status = pd.Series("same", index=people.index, dtype=object)
    up, down = people["category"] == "better", people["category"] == "worse"
    status[up] = "better_only"
    status[up & ill_before & well_after] = "recovered"
    status[down] = "worse_only"
    status[down & ~ill_before & ~well_after] = "worse_past"
    return status.map(lambda name: cutoff_name(name, better, recovered))


def site_rows(people: pd.DataFrame, sites: np.ndarray, level: float) -> pd.DataFrame:
    """Better, same, worse by site; sites under ten people pooled, never ranked."""
    site = pd.Series(sites, index=people.index)
    small = site.map(site.value_counts()) < POOLED_UNDER
    site = site.where(~small, "others")
    order = sorted(set(site) - {"others"}) + (["others"] if small.any() else [])
    rows = []
    for name in order:
        mine = people.loc[site == name, "category"]
        for category in people["category"].unique():
            rows.append({"site": name, **_share((mine == category).to_numpy(), category, level)})
    return pd.DataFrame(rows)
