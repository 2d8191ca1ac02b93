"""The comparison of arms of clusters by each engine: the people in, contrasts and means out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from socmeasures.designs.adjustment import mean_points
from socmeasures.designs.clustered_people import ClusterPeople
from socmeasures.designs.study_checks import label_of
from socmeasures.effects.cluster_means import (
    ClusterMeansDifference,
    Weights,
    cluster_means_difference,
)
from socmeasures.effects.permutation import allocation_test
from socmeasures.errors import ClusterTrialError, listed, plural
from socmeasures.models.hotelling import hotelling_test
from socmeasures.models.logistic import fit_logistic
from socmeasures.models.ols import Contrast, JointTest, least_squares, t_contrast
from socmeasures.models.sandwich import cluster_covariance

Engine = Literal["mixed", "gee", "cluster-means", "cr2", "permutation"]
ENGINES: tuple[Engine, ...] = ("mixed", "gee", "cluster-means", "cr2", "permutation")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArmFit:
    """What an engine found.

    Attributes
    ----------
    contrasts : dict of arm to Contrast
        Each arm minus the control.
    covariance : array or None
        Of the contrasts, where the engine fits all arms together.
    means : pandas.DataFrame
        Adjusted means, a row an arm.
    coefficients : pandas.DataFrame
        Of the model; empty where there is none.
    method : str
        For the column ``method``.
    sentence : str
        For the paragraph of the paper.
    notes : tuple of str
        What a reader must know.
    icc : float
        The model's own intraclass correlation; NaN where it has none.
    variances : dict of str to float
        The model's variances.
    boundary : bool
        The variance between clusters was estimated as 0.
    joint : JointTest or None
        That no arm differs from the control, where there are several.
    """

    contrasts: dict[str, Contrast]
    covariance: np.ndarray | None
    means: pd.DataFrame
    coefficients: pd.DataFrame
    method: str
    sentence: str
    notes: tuple[str, ...] = ()
    icc: float = float("nan")
    variances: dict[str, float] | None = None
    boundary: bool = False
    joint: JointTest | None = None


Estimator = Callable[[np.ndarray], Contrast]


def by_model(
    data: ClusterPeople,
    columns: dict[str, np.ndarray],
    estimate: Estimator,
    covariance: np.ndarray,
    joint_test: Callable[[np.ndarray], JointTest],
    *,
    weights: str,
    **words: Any,
) -> ArmFit:
    """Contrasts, adjusted means and coefficients of a model of people."""
    names = list(columns)
    places = [names.index(f"arm: {arm}") for arm in data.treated]
    unit = np.eye(len(names))
    points = mean_points(columns, data.people, data.arms, [*data.covariates, *data.strata], weights)
    means = {arm: estimate(np.array(point)) for arm, point in points.items()}
    return ArmFit(
        contrasts={a: estimate(unit[p]) for a, p in zip(data.treated, places, strict=True)},
        covariance=covariance[np.ix_(places, places)],
        means=pd.DataFrame([_mean_row(data, arm, mean) for arm, mean in means.items()]),
        coefficients=coefficient_table(names, [estimate(row) for row in unit]),
        joint=joint_test(unit[places]) if len(places) > 1 else None,
        **words,
    )


def coefficient_table(names: list[str], found: list[Contrast]) -> pd.DataFrame:
    """A row a coefficient of a model."""
    return pd.DataFrame(
        [{"term": name, **one.numbers()} for name, one in zip(names, found, strict=True)]
    )


def _mean_row(data: ClusterPeople, arm: str, mean: Contrast) -> dict[str, Any]:
    inside = data.arm == arm
    return {
        "wave": data.wave,
        "arm": arm,
        "mean": mean.estimate,
        "se": mean.se,
        "df": mean.df,
        "ci_low": mean.ci_low,
        "ci_high": mean.ci_high,
        "n": int(inside.sum()),
        "n_clusters": len(np.unique(data.cluster[inside])),
    }


def cr2(data: ClusterPeople, *, weights: str, level: float) -> ArmFit:
    """Least squares with CR2 standard errors and Satterthwaite degrees of freedom."""
    columns = data.columns()
    X = np.column_stack(list(columns.values()))
    fit = least_squares(data.outcome, X, list(columns))
    robust = cluster_covariance(X, fit.residuals, data.cluster)

    def estimate(w: np.ndarray) -> Contrast:
        se = float(np.sqrt(max(float(w @ robust.cov @ w), 0.0)))
        df = robust.satterthwaite_df(w)
        return t_contrast(float(w @ fit.coef), se, df, confidence=level)

    return by_model(
        data, columns, estimate, robust.cov,
        lambda rows: hotelling_test(fit.coef, robust, rows), weights=weights,
        method=f"least squares, CR2 by cluster ({data.n_clusters}), Satterthwaite df",
        sentence="The {outcome} was regressed on {terms} by least squares, with standard errors "
        "that let people of one cluster be alike (CR2) and Satterthwaite degrees of freedom (Bell "
        "& McCaffrey 2002; Pustejovsky & Tipton 2018).",
    )  # fmt: skip


def residuals(data: ClusterPeople) -> tuple[np.ndarray, int]:
    """The outcome without what people's covariates explain, the arm left out (Gail 1996).

    Also how many of those covariates are the same for everybody of a cluster.
    """
    table = data.people_columns()
    if not table:
        return data.outcome, 0
    X = np.column_stack([np.ones(len(data.outcome)), *table.values()])
    names = ["intercept", *table]
    if data.is_binary:
        fit = fit_logistic(data.outcome, X, names)
        return data.outcome - fit.risk, data.cluster_level(table)
    return least_squares(data.outcome, X, names).residuals, data.cluster_level(table)


def cluster_means(data: ClusterPeople, *, weighting: Weights, level: float) -> ArmFit:
    """The t test of cluster means, of residuals where there are covariates."""
    values, shared = residuals(data)
    found: dict[str, ClusterMeansDifference] = {}
    for arm in data.treated:
        inside, given = _two_arms(data, arm)
        found[arm] = cluster_means_difference(
            values[inside], data.cluster[inside], data.arm[inside] == arm,
            weights=weighting, cluster_level=shared, confidence=level, **given,
        )  # fmt: skip
    adjusted = bool(data.people_columns())
    return ArmFit(
        contrasts={
            arm: Contrast(
                estimate=one.estimate,
                se=float(one.se or 0.0),
                df=float(one.df or 0.0),
                statistic=one.statistic,
                p_value=float(one.p_value if one.p_value is not None else np.nan),
                ci_low=one.ci_low,
                ci_high=one.ci_high,
            )
            for arm, one in found.items()
        },
        covariance=None,
        means=means_of_clusters(data, values, level),
        coefficients=pd.DataFrame(),
        method="; ".join(dict.fromkeys(_named(one.method, adjusted) for one in found.values())),
        sentence="The {outcome} was compared by a t test of one mean a cluster"
        + (
            " of the residuals of a regression on {adjusters} without the arm (Gail et al. 1996)"
            if adjusted
            else " (Donner & Klar 2000)"
        )
        + _within(data)
        + (
            "; clusters weigh the same, whatever their size."
            if weighting == "equal"
            else "; clusters of m people weigh m/(1 + (m − 1)·ICC)."
        ),
    )


def _named(method: str, adjusted: bool) -> str:
    """Cluster means of residuals by that name."""
    return method.replace("cluster means", "cluster means of residuals", 1) if adjusted else method


def permutation(data: ClusterPeople, *, schemes: Any, seed: int, level: float) -> ArmFit:
    """The permutation test of cluster means over the allocations that could have been drawn."""
    values, _ = residuals(data)
    means = _means(values, data.cluster)
    found = {}
    for arm in data.treated:
        inside, given = _two_arms(data, arm)
        there = np.unique(data.cluster[inside])
        first = np.unique(data.cluster, return_index=True)[1][there]
        whole = {name: value for name, value in given.items() if value is not None}
        position = np.flatnonzero(inside)
        at = np.searchsorted(position, first)
        if schemes is None:
            design = {name: value[at] for name, value in whole.items()}
        else:
            design = {"schemes": _scheme_table(data, schemes, there)}
        found[arm] = allocation_test(
            means[there], data.cluster_arm[there] == arm, **design, confidence=level, seed=seed
        )
    nan = float("nan")
    return ArmFit(
        contrasts={
            arm: Contrast(
                estimate=one.estimate, se=nan, df=nan, statistic=nan, p_value=one.p_value,
                ci_low=one.ci_low, ci_high=one.ci_high,
            )
            for arm, one in found.items()
        },
        covariance=None,
        means=means_of_clusters(data, values, level),
        coefficients=pd.DataFrame(),
        method="; ".join(dict.fromkeys(one.method for one in found.values())),
        sentence="The {outcome} was compared by a permutation test of cluster means"
        + (
            " of the residuals of a regression on {adjusters} without the arm"
            if data.people_columns()
            else ""
        )
        + f" over the allocations that the design could have produced{_within(data)} (Gail et al. "
        "1996); intervals by inversion of the test"
        + ("." if all(one.exact for one in found.values()) else f", seed {seed}."),
        notes=tuple(
            dict.fromkeys(
                note
                for one in found.values()
                for note in (
                    *one.notes,
                    f"The smallest p this allocation of {one.n_treated} and "
                    f"{one.n_clusters - one.n_treated} clusters could give is "
                    f"{one.smallest_p:.2g}.",
                )
            )
        ),
    )  # fmt: skip


def _scheme_table(data: ClusterPeople, schemes: Any, there: np.ndarray) -> np.ndarray:
    """The allocations of constrained randomisation, their columns in the order of `there`."""
    names = [data.clusters[place] for place in there]
    if not isinstance(schemes, pd.DataFrame):
        raise ClusterTrialError(
            [
                "schemes= is no DataFrame: give a row for each allocation that could have been "
                "drawn and a column for each cluster by its name, 1 for the treated arm."
            ]
        )
    known = {label_of(column): column for column in schemes.columns}
    absent = [name for name in names if name not in known]
    if absent:
        raise ClusterTrialError(
            [
                f"schemes= has no column for {plural(len(absent), 'cluster')}: {listed(absent)}. "
                f"Its columns: {listed(list(known), 8)}. Name each by its cluster."
            ]
        )
    return np.asarray(schemes[[known[name] for name in names]])


def _two_arms(data: ClusterPeople, arm: str) -> tuple[np.ndarray, dict[str, Any]]:
    """Who is in one of two arms; the pairs or strata they were allocated in."""
    inside = np.isin(data.arm, [arm, data.control])
    pair, stratum = data.pair, data.stratum
    if pair is not None:
        return inside, {"pairs": pair[inside]}
    return inside, {"strata": None if stratum is None else stratum[inside]}


def _within(data: ClusterPeople) -> str:
    if data.pair_of is not None:
        return ", within matched pairs"
    return ", within strata" if data.strata else ""


def _means(values: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    return np.asarray(np.bincount(cluster, weights=values) / np.bincount(cluster))


def means_of_clusters(data: ClusterPeople, values: np.ndarray, level: float) -> pd.DataFrame:
    """The unweighted mean of the cluster means in each arm, by its own spread."""
    shift = float(data.outcome.mean() - values.mean())
    means = _means(values, data.cluster) + shift
    rows = []
    for arm in data.arms:
        mine = means[data.cluster_arm == arm]
        se = float(mine.std(ddof=1) / np.sqrt(len(mine)))
        mean = t_contrast(float(mine.mean()), se, len(mine) - 1.0, confidence=level)
        rows.append(_mean_row(data, arm, mean))
    return pd.DataFrame(rows)
