"""Numbers of a cluster trial besides its differences: sizes, intraclass correlation, total SD."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from socmeasures.designs.clustered_engines import ArmFit
from socmeasures.designs.clustered_people import ClusterPeople
from socmeasures.designs.standardising import Standardiser
from socmeasures.effects.intracluster import (
    IntraclassCorrelation,
    intraclass_correlation,
    intraclass_correlation_binary,
)
from socmeasures.errors import SocmeasuresError
from socmeasures.models.ols import Contrast


def clusters_table(data: ClusterPeople) -> pd.DataFrame:
    """A row a cluster, those without anybody analysed too: people in all, analysed, mean, SD."""
    scores = pd.Series(np.nan, index=data.cluster_of.index)
    scores[data.people] = data.outcome
    table = pd.DataFrame(cluster_rows(scores, data.cluster_of, data.measured.arm, data.arms))
    if data.pair_of is not None:
        pair = data.pair_of.groupby(data.cluster_of).first()
        table.insert(2, "pair", table["cluster"].map(pair))
    return table


def cluster_rows(
    scores: pd.Series,
    cluster: pd.Series,
    arm: pd.Series,
    arms: Sequence[str],
    *,
    name: str = "cluster",
    **cells: Any,
) -> list[dict[str, Any]]:
    """A row a group of people in the order of the arms: allocated, with a score, mean, SD."""
    rows = []
    for label, mine in scores.groupby(cluster, sort=False):
        seen = mine.dropna()
        rows.append(
            {
                **cells,
                name: str(label),
                "arm": arm[mine.index[0]],
                "n_allocated": len(mine),
                "n": len(seen),
                "mean": float(seen.mean()) if len(seen) else np.nan,
                "sd": float(seen.std(ddof=1)) if len(seen) > 1 else np.nan,
            }
        )
    return sorted(rows, key=lambda row: arms.index(row["arm"]))


def variance_rows(variances: Mapping[str, float]) -> pd.DataFrame:
    """The variances of a model, and each one's share of their sum."""
    total = sum(variances.values())
    return pd.DataFrame(
        [
            {"term": name, "variance": value, "share": value / total}
            for name, value in variances.items()
        ]
    )


def sizes_table(data: ClusterPeople) -> pd.DataFrame:
    """People analysed a cluster, by arm and in all: how many, mean, range, spread."""
    rows = []
    for arm in (*data.arms, "all"):
        inside = np.ones(len(data.arm), bool) if arm == "all" else data.arm == arm
        sizes = np.unique(data.cluster[inside], return_counts=True)[1]
        rows.append(
            {
                "arm": arm,
                "n_clusters": len(sizes),
                "n": int(sizes.sum()),
                "mean_size": float(sizes.mean()),
                "smallest": int(sizes.min()),
                "largest": int(sizes.max()),
                "size_cv": float(sizes.std() / sizes.mean()),
            }
        )
    return pd.DataFrame(rows)


def correlation_of(data: ClusterPeople, level: float) -> IntraclassCorrelation | None:
    """Of the outcome within arms; None where it cannot be computed."""
    how = intraclass_correlation_binary if data.is_binary else intraclass_correlation
    try:
        return how(data.outcome, data.cluster, arms=data.arm, confidence=level)
    except SocmeasuresError:
        return None


def correlation_table(
    data: ClusterPeople, icc: IntraclassCorrelation | None, fit: ArmFit
) -> pd.DataFrame:
    """The intraclass correlation within arms, and that of the model, which is adjusted."""
    rows: list[dict[str, Any]] = []
    if icc is not None:
        rows.append(
            {
                "term": "within arms, not adjusted",
                "estimate": icc.estimate,
                "ci_low": icc.ci_low,
                "ci_high": icc.ci_high,
                "design_effect": icc.design_effect,
                "n_clusters": icc.n_clusters,
                "n": icc.n,
                "method": icc.method,
            }
        )
    if np.isfinite(fit.icc):
        rows.append(
            {
                "term": "from the model, adjusted",
                "estimate": fit.icc,
                "n_clusters": data.n_clusters,
                "n": len(data.outcome),
                "method": fit.method,
            }
        )
    return pd.DataFrame(rows)


def total_sd(data: ClusterPeople) -> Standardiser:
    """√(between + within) within arms, at baseline where there is one (Hedges 2007).

    The variance is MSB/n₀ + MSW·(1 − 1/n₀), with the degrees of freedom of such a sum
    (Satterthwaite).
    """
    kind = "d_baseline_total_sd" if data.baseline else "d_outcome_total_sd"
    scores = data.measured.scores[data.baseline or data.wave].dropna()
    who = scores.index
    return total_sd_of(scores, data.cluster_of[who], data.measured.arm[who], kind)


def total_sd_of(scores: pd.Series, cluster: pd.Series, arm: pd.Series, kind: str) -> Standardiser:
    """As `total_sd`, of any scores."""
    try:
        icc = intraclass_correlation(scores.to_numpy(), cluster.to_numpy(), arms=arm.to_numpy())
    except SocmeasuresError:
        return Standardiser(sd=0.0, df=1.0, kind=kind)
    between = icc.between_ms / icc.n0
    within = icc.within_ms * (1 - 1 / icc.n0)
    variance = between + within
    df_between, df_within = icc.n_clusters - arm.nunique(), icc.n - icc.n_clusters
    spread = between**2 / df_between + within**2 / df_within
    if variance <= 0:
        return Standardiser(sd=0.0, df=1.0, kind=kind)
    return Standardiser(sd=float(np.sqrt(variance)), df=variance**2 / spread, kind=kind)


def contrast_rows(
    data: ClusterPeople,
    contrasts: Mapping[str, Contrast],
    term: str,
    method: str,
) -> dict[str, dict[str, Any]]:
    """A row of the tidy table for each arm against the control."""
    found = {}
    for arm, contrast in contrasts.items():
        both = [arm, data.control]
        inside = np.isin(data.arm, both)
        allocated = int(data.measured.arm.isin(both).sum())
        found[arm] = {
            "outcome": data.measured.outcome.column,
            "wave": data.wave,
            "contrast": f"{arm} - {data.control}",
            "term": term,
            **contrast.numbers(),
            "n": int(inside.sum()),
            "n_excluded": allocated - int(inside.sum()),
            "n_clusters": len(np.unique(data.cluster[inside])),
            "method": method,
        }
    return found
