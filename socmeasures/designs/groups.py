"""Changes by site and by group of people: descriptive, never ranked, never compared by a test."""

from __future__ import annotations

import pandas as pd

from socmeasures.designs.changes import change_between, main_row
from socmeasures.designs.measurements import Measurements
from socmeasures.designs.study import Study
from socmeasures.designs.study_checks import label_of
from socmeasures.errors import NobodyMeasuredTwiceError, OnePairError
from socmeasures.models.site_mean import ENOUGH_SITES

POOLED_UNDER = 10  # people; smaller sites are pooled as "others"


def sites_of(study: Study) -> pd.Series | None:
    """The site of each person, where there are enough of them for intervals by site."""
    if study.cluster is None:
        return None
    sites = study.by_person(study.cluster).map(label_of, na_action="ignore").astype(object)
    sites = sites.fillna("site not recorded")
    return sites if sites.nunique() >= ENOUGH_SITES else None


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
