"""Who the people are at baseline, by arm: table 1, with standardised differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from socmeasures.designs.study import Study
from socmeasures.errors import ClusterAllocationError, OutcomeNotFoundError


def table_one(
    study: Study,
    columns: str | Sequence[str] = (),
    *,
    factors: Sequence[str] = (),
    p_values: bool = False,
) -> pd.DataFrame:
    """Characteristics at the first time point, in all and by arm.

    Parameters
    ----------
    study : Study
        With or without arms.
    columns : str or sequence of str
        What to show; by default every column but the study's structure.
    factors : sequence of str
        Columns of numbers that are codes, not amounts.
    p_values : bool
        Tests between arms (Welch's *t* or one-way ANOVA; chi-squared). Off by default: after a
        random allocation they test what is known to be chance.

    Returns
    -------
    DataFrame
        A row a number or a level: ``characteristic, level, arm, n, n_missing, mean, sd, median,
        q1, q3, count, share`` for ``arm`` "all" and each arm, ``smd`` (each arm against the
        control), and ``p_value`` when asked for. Value at the first time point, else the first
        recorded.

    Notes
    -----
    smd of a number: difference of means over the root mean of the two variances; of a factor:
    √((p − q)' S⁻¹ (p − q)) over all levels but one, S the mean of the two multinomial
    covariances [1]_.

    References
    ----------
    .. [1] Yang & Dalton (2012). SAS Global Forum, paper 335.

    Examples
    --------
    >>> import socmeasures as soc
    >>> from socmeasures.demo.trial import WAVES, simulated_trial
    >>> study = soc.Study(simulated_trial(), person="id", wave="wave", waves=WAVES, arm="arm",
    ...                   control="usual care", allocation="individual")
    >>> table = table_one(study, ["age", "site"])
    >>> table["characteristic"].unique().tolist()
    ['age', 'site']
    """
    if p_values and study.allocation == "cluster":
        raise ClusterAllocationError("table_one(p_values=True)", str(study.cluster))
    asked = [columns] if isinstance(columns, str) else list(columns)
    structure = {study.cluster, study.facilitator}
    wanted = asked or [c for c in study.columns if c not in structure]
    arm = study.arm_of()
    rows: list[dict[str, Any]] = []
    for name in wanted:
        if name not in study.columns:
            raise OutcomeNotFoundError(name, study.columns, what="column")
        values = _at_baseline(study, name)
        dtype = study.data[name].dtype
        number = pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype)
        if number and name not in factors:
            rows += _number(study, name, values.astype("float64"), arm, p_values)
        else:
            rows += _factor(study, name, values, arm, p_values)
    return pd.DataFrame(rows)


def _at_baseline(study: Study, name: str) -> pd.Series:
    first = study.data[study.data[study.wave] == study.baseline]
    there = first.set_index(study.person)[name].reindex(list(study.people))
    fixed = study.data.groupby(study.person)[name].nunique().max() <= 1
    return study.by_person(name) if fixed else there


def _groups(study: Study, arm: pd.Series) -> dict[str, np.ndarray]:
    found = {"all": np.ones(len(arm), dtype=bool)}
    return found | {a: (arm == a).to_numpy() for a in study.arms}


def _number(
    study: Study, name: str, values: pd.Series, arm: pd.Series, p_values: bool
) -> list[dict[str, Any]]:
    rows = []
    groups = {g: values[mask].dropna().to_numpy() for g, mask in _groups(study, arm).items()}
    sizes = {g: int(mask.sum()) for g, mask in _groups(study, arm).items()}
    p = _p_number([groups[a] for a in study.arms]) if p_values and study.arms else None
    for group, seen in groups.items():
        q1, median, q3 = np.quantile(seen, [0.25, 0.5, 0.75]) if len(seen) else [np.nan] * 3
        row = {
            "characteristic": name,
            "level": "",
            "arm": group,
            "n": len(seen),
            "n_missing": sizes[group] - len(seen),
            "mean": float(seen.mean()) if len(seen) else np.nan,
            "sd": float(seen.std(ddof=1)) if len(seen) > 1 else np.nan,
            "median": float(median),
            "q1": float(q1),
            "q3": float(q3),
            "count": np.nan,
            "share": np.nan,
            "smd": np.nan,
        }
        if study.control is not None and group not in ("all", study.control):
            row["smd"] = _smd_number(seen, groups[study.control])
        rows.append(row if p is None else {**row, "p_value": p})
    return rows


def _smd_number(one: np.ndarray, other: np.ndarray) -> float:
    if min(len(one), len(other)) < 2:
        return float("nan")
    spread = float(np.sqrt((one.var(ddof=1) + other.var(ddof=1)) / 2))
    return float(one.mean() - other.mean()) / spread if spread > 0 else float("nan")


def _p_number(groups: list[np.ndarray]) -> float:
    usable = [g for g in groups if len(g) > 1 and np.ptp(g) > 0]
    if len(usable) < max(2, len(groups)):
        return float("nan")
    if len(groups) == 2:
        return float(stats.ttest_ind(*groups, equal_var=False).pvalue)
    return float(stats.f_oneway(*groups).pvalue)


def _factor(
    study: Study, name: str, values: pd.Series, arm: pd.Series, p_values: bool
) -> list[dict[str, Any]]:
    there = values.dropna()
    if isinstance(values.dtype, pd.CategoricalDtype):
        levels = [v for v in values.cat.categories if (there == v).any()]
    else:
        levels = sorted(there.unique(), key=lambda v: (isinstance(v, str), v))
    groups = _groups(study, arm)
    counts = {
        g: np.array([int((values[mask] == v).sum()) for v in levels]) for g, mask in groups.items()
    }
    p = None
    if p_values and study.arms:
        table = np.array([counts[a] for a in study.arms])
        table = table[:, table.sum(axis=0) > 0]
        p = float("nan")
        if min(table.shape) > 1 and (table.sum(axis=1) > 0).all():
            p = float(stats.chi2_contingency(table, correction=False).pvalue)
    rows = []
    for place, level in enumerate(levels):
        for group, mask in groups.items():
            n = int(counts[group].sum())
            row = {
                "characteristic": name,
                "level": str(level),
                "arm": group,
                "n": n,
                "n_missing": int(mask.sum()) - n,
                "mean": np.nan,
                "sd": np.nan,
                "median": np.nan,
                "q1": np.nan,
                "q3": np.nan,
                "count": float(counts[group][place]),
                "share": float(counts[group][place] / n) if n else np.nan,
                "smd": np.nan,
            }
            if study.control is not None and group not in ("all", study.control) and place == 0:
                row["smd"] = _smd_factor(counts[group], counts[study.control])
            rows.append(row if p is None else {**row, "p_value": p})
    return rows


def _smd_factor(one: np.ndarray, other: np.ndarray) -> float:
    """Distance of two sets of shares; its sign only with two levels (that of the first)."""
    if one.sum() == 0 or other.sum() == 0 or len(one) < 2:
        return float("nan")
    p, q = (one / one.sum())[:-1], (other / other.sum())[:-1]
    spread = (np.diag(p) - np.outer(p, p) + np.diag(q) - np.outer(q, q)) / 2
    distance = float(np.sqrt(max(float((p - q) @ np.linalg.pinv(spread) @ (p - q)), 0.0)))
    return float(np.sign(p[0] - q[0])) * distance if len(one) == 2 else distance
