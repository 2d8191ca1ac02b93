"""Changes by site and by group of people: descriptive, never ranked, never compared by a test."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from socmeasures.designs.changes import change_between, main_row
from socmeasures.designs.measurements import Measurements
from socmeasures.designs.study import Study
from socmeasures.designs.study_checks import label_of
from socmeasures.effects.estimate import Estimate
from socmeasures.effects.proportions import wilson_interval
from socmeasures.errors import NobodyMeasuredTwiceError, OnePairError
from socmeasures.models.site_mean import ENOUGH_SITES, site_mean

POOLED_UNDER = 10  # people; smaller sites are pooled as "others"


def sites_of(study: Study) -> pd.Series | None:
    """The site of each person, where there are enough of them for intervals by site."""
    if study.cluster is None:
        return None
    sites = study.by_person(study.cluster).map(label_of, na_action="ignore").astype(object)
    sites = sites.fillna("site not recorded")
    return sites if sites.nunique() >= ENOUGH_SITES else None


def mean_by_site(
    study: Study, among: pd.Series, values: np.ndarray, level: float
) -> Estimate | None:
    """A mean of people with an interval by site; None with fewer than five sites, or no spread.

    `among` is True for the people of `values`, over everybody.
    """
    sites = sites_of(study)
    if sites is None or sites[among].nunique() < ENOUGH_SITES:
        return None
    found = site_mean(values, sites[among].to_numpy(), confidence=level)
    return found if np.isfinite(found.ci_low) else None


def share_by_site(study: Study, among: pd.Series, hit: np.ndarray, level: float) -> Estimate:
    """A share of people: by site where there are five or more, else Wilson's.

    Wilson's stays where nobody or everybody is counted, since sites show no spread then.
    """
    found = mean_by_site(study, among, hit.astype(float), level)
    if found is None:
        return wilson_interval(int(hit.sum()), len(hit), confidence=level)
    return replace(found, ci_low=max(found.ci_low, 0.0), ci_high=min(found.ci_high, 1.0))


def site_notes(study: Study, by_site: bool) -> list[str]:
    """Whether an interval knows of the declared sites."""
    if study.cluster is None:
        return []
    if by_site:
        return [f"Intervals allow for people of one {study.cluster!r} being alike (CR2 by site)."]
    return [
        f"People of one {study.cluster!r} may resemble each other; with fewer than five of them "
        "the intervals here take people as independent and may be too narrow."
    ]


def site_groups(sites: pd.Series) -> pd.Series:
    """Sites with at least ten people; the others together."""
    return sites.where(sites.map(sites.value_counts()) >= POOLED_UNDER, "others")


def changes_by(
    study: Study,
    measured: list[Measurements],
    waves: list[str],
    groups: pd.Series,
    level: float,
    name: str,
) -> pd.DataFrame:
    """The main rows of each group of people; a group with fewer than two pairs has only its n."""
    labels = groups.map(label_of, na_action="ignore").astype(object).fillna("not recorded")
    order = sorted(set(labels) - {"others", "not recorded"})
    order += [last for last in ("others", "not recorded") if (labels == last).any()]
    rows = []
    for one in measured:
        for later in waves[1:]:
            for label in order:
                among = labels == label
                here = {name: label}
                try:
                    change = change_between(study, one, waves[0], later, level, False, among=among)
                except (NobodyMeasuredTwiceError, OnePairError):
                    scores = one.scores.loc[among, [waves[0], later]]
                    n = int(scores.notna().all(axis=1).sum())
                    key = {"outcome": one.outcome.column, "wave": later}
                    rows.append(
                        {
                            **here,
                            **key,
                            "contrast": f"{later} - {waves[0]}",
                            "n": n,
                            "n_excluded": int(among.sum()) - n,
                        }
                    )
                    continue
                row = main_row(change)
                kept = ("outcome", "wave", "contrast", "estimate", "se", "ci_low", "ci_high", "n",
                        "n_excluded", "effect_size")  # fmt: skip
                rows.append({**here, **{k: row[k] for k in kept}})
    return pd.DataFrame(rows)
