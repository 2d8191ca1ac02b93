"""The faults a cluster trial can have, all found before any is reported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from socmeasures.designs.study import Study
from socmeasures.designs.study_checks import label_of
from socmeasures.errors import SHOWN, ClusterTrialError, OutcomeNotFoundError, listed, plural

Rows = list[dict[str, Any]]


def check_clusters(study: Study, pairs: str | None) -> None:
    """Refuse clusters, pairs and strata that do not fit an allocation of whole clusters."""
    rows: Rows = []
    cluster = labels(study, str(study.cluster))
    arm = study.arm_of()
    faults = _missing(study, str(study.cluster), cluster, "cluster", rows)
    faults += _both_arms(study, cluster, arm, rows)
    if not faults:
        faults += _too_few(cluster, arm, study.arms)
        faults += [f for name in study.strata for f in _changing(study, name, cluster, rows)]
        if pairs is not None:
            faults += _pair_faults(study, pairs, cluster, arm, rows)
    if faults:
        raise ClusterTrialError(faults, rows)


def check_groups(study: Study) -> str:
    """The one arm that has facilitators; refuses facilitators of both arms, or of none."""
    name = str(study.facilitator)
    leader = labels(study, name)
    arm = study.arm_of()
    served = leader.notna()
    rows: Rows = []
    faults: list[str] = []
    where = [a for a in study.arms if (served & (arm == a)).any()]
    shared = _in_both(leader[served], arm[served])
    if shared:
        faults.append(_shared_fault(study, name, shared, leader, arm, rows))
    elif len(where) > 1:
        faults.append(
            f"{name!r} names facilitators in {listed(where)}: this model is for groups in one arm "
            "only. If facilitators, not people, were the unit of each arm, analyse them as "
            f"clusters: Study(..., cluster={name!r}, allocation='cluster')."
        )
    elif not where:
        faults.append(f"nobody has a facilitator in {name!r}. Leave facilitator= out.")
    elif leader[served].nunique() < 2:
        faults.append(
            f"{where[0]} has one facilitator ({leader[served].iloc[0]}): what that person does "
            "cannot be told apart from what the programme does. Compare the people with ancova "
            "and say that one facilitator served them all."
        )
    elif leader[served].value_counts().max() < 2:
        faults.append(
            f"every facilitator in {name!r} served one person, so there are no groups. Leave "
            "facilitator= out and use ancova."
        )
    if faults:
        raise ClusterTrialError(faults, rows)
    return where[0]


def labels(study: Study, column: str) -> pd.Series:
    """The group of each person as text; missing where nobody recorded it."""
    if column not in study.data.columns:
        raise OutcomeNotFoundError(column, study.columns, what="column")
    values = study.by_person(column).map(label_of, na_action="ignore").astype(object)
    return values.where(values.map(lambda v: not (isinstance(v, str) and not v.strip())))


def _missing(study: Study, column: str, values: pd.Series, word: str, rows: Rows) -> list[str]:
    lacking = list(values.index[values.isna()])
    if not lacking:
        return []
    found = _rows_of(study, lacking, column, None, f"no {word} recorded")
    rows += found
    return [
        f"{plural(len(lacking), 'person has', 'people have')} no {word} in {column!r}: "
        f"{listed([label_of(p) for p in lacking])} (row "
        f"{listed(list(dict.fromkeys(r['row'] for r in found)))}). Fill it in, or leave "
        "them out of the study and say so."
    ]


def _both_arms(study: Study, cluster: pd.Series, arm: pd.Series, rows: Rows) -> list[str]:
    mixed = _in_both(cluster, arm)
    if not mixed:
        return []
    told = []
    for name in mixed:
        inside = cluster == name
        told.append(f"{name}: {_by_arm(arm[inside], study.arms)}")
        for person in cluster.index[inside]:
            message = f"cluster {name} has people of both arms; this person is in {arm[person]}"
            rows += _rows_of(study, [person], str(study.cluster), name, message)
    more = f" … {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    return [
        f"{plural(len(mixed), 'cluster has', 'clusters have')} people of more than one arm "
        f"({study.cluster!r}): {'; '.join(told[:SHOWN])}{more}. A cluster that was allocated as a "
        "whole lies in one arm: correct the arm or the cluster of these people; if people were "
        "allocated within clusters, say allocation='individual' and use ancova."
    ]


def _too_few(cluster: pd.Series, arm: pd.Series, arms: Sequence[str]) -> list[str]:
    counts = {a: cluster[arm == a].nunique() for a in arms}
    if min(counts.values()) >= 2:
        return []
    return [too_few_words(counts)]


def too_few_words(counts: dict[str, int]) -> str:
    """One cluster in an arm: nothing to tell its own peculiarity from the programme by."""
    told = ", ".join(f"{a} {n}" for a, n in counts.items())
    return (
        f"an arm has fewer than 2 clusters ({told}): what is peculiar to that cluster cannot be "
        "told apart from what the programme does, however many people are in it. Describe the "
        "clusters one by one (pre_post), and do not compare the arms."
    )


def _changing(study: Study, name: str, cluster: pd.Series, rows: Rows) -> list[str]:
    stratum = labels(study, name)
    several = stratum.groupby(cluster, sort=False).nunique()
    wrong = list(several.index[several > 1])
    if not wrong:
        return []
    for one in wrong:
        people = list(cluster.index[cluster == one])
        message = f"the stratum {name!r} differs within cluster {one}"
        rows += _rows_of(study, people, name, one, message)
    return [
        f"the stratum {name!r} differs within {plural(len(wrong), 'cluster')} ({listed(wrong)}). "
        "Whole clusters were allocated, so a stratum belongs to clusters: correct it, or give it "
        "as covariates= instead."
    ]


def _pair_faults(
    study: Study, pairs: str, cluster: pd.Series, arm: pd.Series, rows: Rows
) -> list[str]:
    pair = labels(study, pairs)
    faults = _missing(study, pairs, pair, "pair", rows)
    several = pair.groupby(cluster, sort=False).nunique()
    in_two = list(several.index[several > 1])
    if in_two:
        faults.append(
            f"{plural(len(in_two), 'cluster is', 'clusters are')} in more than one pair "
            f"({pairs!r}): {listed(in_two)}. A cluster belongs to one pair."
        )
    if faults:
        return faults
    told = []
    for name in dict.fromkeys(pair):
        inside = pair == name
        counts = {a: cluster[inside & (arm == a)].nunique() for a in study.arms}
        if any(n != 1 for n in counts.values()):
            told.append(f"{name}: " + ", ".join(f"{a} {n}" for a, n in counts.items()))
            message = f"pair {name} is not one cluster of each arm"
            rows += _rows_of(study, list(pair.index[inside]), pairs, name, message)
    if told:
        more = f" … {len(told) - SHOWN} more" if len(told) > SHOWN else ""
        faults.append(
            f"{plural(len(told), 'pair is', 'pairs are')} not one cluster of each arm "
            f"({pairs!r}): {'; '.join(told[:SHOWN])}{more}. Correct the pairs; larger matched sets "
            "are strata: Study(..., strata=[...])."
        )
    return faults


def _shared_fault(
    study: Study,
    column: str,
    shared: list[str],
    leader: pd.Series,
    arm: pd.Series,
    rows: Rows,
) -> str:
    told = []
    for name in shared:
        mine = leader == name
        told.append(f"{name}: {_by_arm(arm[mine], study.arms)}")
        for person in leader.index[mine]:
            message = f"facilitator {name} serves people of both arms; this one is in {arm[person]}"
            rows += _rows_of(study, [person], column, name, message)
    more = f" … {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    return (
        f"{plural(len(shared), 'facilitator serves', 'facilitators serve')} people of more than "
        f"one arm ({column!r}): {'; '.join(told[:SHOWN])}{more}. A facilitator of this model "
        "serves one arm: correct these rows, or, if facilitators did serve both arms, declare "
        f"them as sites, Study(..., cluster={column!r}, allocation='individual'), and use ancova."
    )


def _in_both(group: pd.Series, arm: pd.Series) -> list[str]:
    arms = arm.groupby(group, sort=False).nunique()
    return [str(name) for name in arms.index[arms > 1]]


def _by_arm(arm: pd.Series, arms: Sequence[str]) -> str:
    return ", ".join(
        f"{a} {plural(int((arm == a).sum()), 'person', 'people')}" for a in arms if (arm == a).any()
    )


def _rows_of(
    study: Study, people: Sequence[Any], column: str, value: str | None, message: str
) -> Rows:
    here = study.data[study.person].isin(list(people)).to_numpy()
    return [
        {
            "row": int(row),
            "person": person,
            "wave": wave,
            "column": column,
            "value": value,
            "rule": "study",
            "severity": "error",
            "message": message,
        }
        for row, person, wave in zip(
            np.asarray(study.row_numbers)[here],
            study.data.loc[here, study.person],
            study.data.loc[here, study.wave],
            strict=True,
        )
    ]
