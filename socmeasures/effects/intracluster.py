"""How alike people of one cluster are: intraclass correlations, cluster sizes, design effects.

Arrays in, `IntraclassCorrelation` out. Formulas and sources: docs/methods.md#clusters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from socmeasures.effects.cluster_rows import ClusterRows, as_labels, cluster_rows
from socmeasures.effects.measured import as_scores, check_confidence, left_out
from socmeasures.errors import NoSpreadError, OneClusterEachError, PairLengthError, ScoresError

Floats = NDArray[np.float64]
RARE = 0.2  # share below which the interval of a yes-or-no outcome is too short
ENOUGH_TO_PLAN = 20  # clusters; with fewer the interval says next to nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class IntraclassCorrelation:
    """The correlation between two people of one cluster, and the sizes it comes from.

    Attributes
    ----------
    estimate, ci_low, ci_high : float
        May be negative: people of one cluster less alike than others. Unrounded, not set to 0.
    n_clusters, n, n_left_out : int
        Clusters and people with an outcome; people without one.
    mean_size, smallest, largest, cv : float
        People a cluster, and the coefficient of variation of that (population SD ÷ mean).
    n0 : float
        The size that unequal clusters count as in the analysis of variance.
    between_ms, within_ms : float
        Mean squares between clusters (within arms) and within clusters.
    design_effect : float
        1 + ((cv² + 1)·mean_size − 1)·estimate: how many times the variance of a mean is what it
        would be with as many people chosen one by one.
    method, source : str
        In words; where from.
    notes : tuple of str
        What a reader must know.
    """

    estimate: float
    ci_low: float
    ci_high: float
    confidence: float
    n_clusters: int
    n: int
    n_left_out: int
    mean_size: float
    smallest: int
    largest: int
    cv: float
    n0: float
    between_ms: float
    within_ms: float
    design_effect: float
    method: str
    source: str
    notes: tuple[str, ...] = ()


def design_effect(icc: float, mean_size: float, *, cv: float = 0.0) -> float:
    """How many times the variance grows because whole clusters are allocated.

    Parameters
    ----------
    icc : float
        Intraclass correlation.
    mean_size : float
        People analysed a cluster.
    cv : float
        Coefficient of variation of the cluster sizes.

    Returns
    -------
    float
        1 + ((cv² + 1)·mean_size − 1)·icc (Eldridge, Ashby & Kerry 2006).

    Examples
    --------
    >>> round(design_effect(0.05, 16), 2)
    1.75
    """
    return 1 + ((cv**2 + 1) * mean_size - 1) * icc


def intraclass_correlation(
    values: ArrayLike,
    clusters: Sequence[Any] | ArrayLike,
    *,
    arms: Sequence[Any] | ArrayLike | None = None,
    confidence: float = 0.95,
) -> IntraclassCorrelation:
    """Intraclass correlation of a score by the analysis of variance, with Searle's interval.

    Parameters
    ----------
    values : array-like, shape (n,)
        One score a person; NaN means not measured and is left out and counted.
    clusters : array-like, shape (n,)
        The cluster of each person.
    arms : array-like, shape (n,), optional
        The arm (or arm and stratum) of each person, the same throughout a cluster: the
        correlation is then within arms, which is the one a trial reports.
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    IntraclassCorrelation
        (MSB − MSW) / (MSB + (n0 − 1)·MSW), never set to 0.

    Raises
    ------
    ClusterLabelError, MixedClusterError
        Somebody without a cluster; a cluster with people of several arms.
    OneClusterEachError
        No degrees of freedom between or within clusters.

    Notes
    -----
    Interval: (F/F_u − 1)/(F/F_u + n0 − 1) with F = MSB/MSW and the quantiles F_u of F; exact for
    clusters of one size, approximate otherwise (Ukoumunne 2002). Agrees with R
    (tests/reference/test_clusters.py).

    References
    ----------
    .. [1] Searle (1971). Linear Models. New York: Wiley.
    .. [2] Ukoumunne (2002). Stat. Med. 21, 3757-3774.

    Examples
    --------
    >>> icc = intraclass_correlation([1, 2, 3, 2, 5, 4], ["a", "a", "b", "b", "c", "c"])
    >>> round(icc.estimate, 3), round(icc.ci_low, 3), round(icc.ci_high, 3)
    (0.806, -0.264, 0.995)
    """
    level = check_confidence(confidence)
    y, rows, arm, lost = _measured_rows(values, clusters, arms)
    parts = _analysis_of_variance(y, rows, arm)
    estimate = parts.estimate
    low, high = parts.searle(level)
    return IntraclassCorrelation(
        estimate=estimate,
        ci_low=low,
        ci_high=high,
        confidence=level,
        **_sizes(rows.sizes, estimate),
        n_left_out=lost,
        n0=parts.n0,
        between_ms=parts.between,
        within_ms=parts.within,
        method=f"analysis of variance{' within arms' if arms is not None else ''}, Searle's "
        "interval by the F distribution",
        source="Searle (1971); Ukoumunne (2002)",
        notes=_notes(estimate, rows.n_clusters, lost),
    )


def intraclass_correlation_binary(
    values: ArrayLike,
    clusters: Sequence[Any] | ArrayLike,
    *,
    arms: Sequence[Any] | ArrayLike | None = None,
    confidence: float = 0.95,
) -> IntraclassCorrelation:
    """Intraclass correlation of a yes-or-no outcome by the estimator of Fleiss and Cuzick.

    Parameters
    ----------
    values : array-like, shape (n,)
        0 or 1 a person; NaN means not measured and is left out and counted.
    clusters, arms, confidence
        As for `intraclass_correlation`.

    Returns
    -------
    IntraclassCorrelation
        1 − Σ mᵢpᵢ(1 − pᵢ) / Σ_arms (N − k)·p(1 − p), with mᵢ people and share pᵢ in a cluster,
        and N people, k clusters and share p in an arm.

    Raises
    ------
    ClusterLabelError, MixedClusterError, OneClusterEachError
        As for `intraclass_correlation`.
    ScoresError, NoSpreadError
        Something other than 0 and 1; everybody of every arm with the same answer.

    Notes
    -----
    The interval is Searle's for the 0/1 scores: it held the truth in 94 to 95 % of simulated data
    sets when 40 % had the event, and in 79 to 96 % when 10 % had (docs/methods.md#clusters).

    References
    ----------
    .. [1] Fleiss & Cuzick (1979). Appl. Psychol. Meas. 3, 537-542.
    .. [2] Ridout, Demétrio & Firth (1999). Biometrics 55, 137-148.

    Examples
    --------
    >>> yes = [1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 1]
    >>> icc = intraclass_correlation_binary(yes, ["a"] * 3 + ["b"] * 3 + ["c"] * 3 + ["d"] * 3)
    >>> round(icc.estimate, 2)
    0.31
    """
    level = check_confidence(confidence)
    y, rows, arm, lost = _measured_rows(values, clusters, arms)
    if not np.isin(y, (0.0, 1.0)).all():
        raise ScoresError("values", "a yes-or-no outcome is 0 or 1, and something else was found")
    parts = _analysis_of_variance(y, rows, arm)
    sizes, events = rows.sizes.astype(np.float64), rows.sums(y)
    people, clusters_ = np.bincount(arm, weights=sizes), np.bincount(arm)
    share = np.bincount(arm, weights=events) / people
    expected = float(np.sum((people - clusters_) * share * (1 - share)))
    estimate = 1 - float(np.sum(events * (1 - events / sizes))) / expected
    low, high = parts.searle(level)
    notes = _notes(estimate, rows.n_clusters, lost)
    rarer = float(min(y.mean(), 1 - y.mean()))
    if rarer < RARE:
        which = "have" if y.mean() < 0.5 else "lack"
        notes += (
            f"Only {rarer * 100:.0f} % {which} the outcome: the interval then holds the truth less "
            "often than it says (79 to 96 of 100 in simulations at 10 %).",
        )
    return IntraclassCorrelation(
        estimate=estimate,
        ci_low=min(low, estimate),
        ci_high=max(high, estimate),
        confidence=level,
        **_sizes(rows.sizes, estimate),
        n_left_out=lost,
        n0=parts.n0,
        between_ms=parts.between,
        within_ms=parts.within,
        method=f"Fleiss-Cuzick{' within arms' if arms is not None else ''}, Searle's interval by "
        "the F distribution from the 0/1 scores",
        source="Fleiss & Cuzick (1979); Ridout, Demétrio & Firth (1999)",
        notes=notes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _MeanSquares:
    """Mean squares between clusters (within arms) and within clusters."""

    between: float
    within: float
    df_between: int
    df_within: int
    n0: float

    @property
    def estimate(self) -> float:
        return (self.between - self.within) / (self.between + (self.n0 - 1) * self.within)

    def searle(self, level: float) -> tuple[float, float]:
        """Limits from the quantiles of F."""
        if self.within == 0:
            return self.estimate, self.estimate
        ratio = self.between / self.within
        tails = special.fdtri(self.df_between, self.df_within, [(1 + level) / 2, (1 - level) / 2])
        low, high = ((ratio / t - 1) / (ratio / t + self.n0 - 1) for t in tails)
        return float(low), float(high)


def _analysis_of_variance(y: Floats, rows: ClusterRows, arm: NDArray[np.intp]) -> _MeanSquares:
    k, n, sizes = rows.n_clusters, len(y), rows.sizes
    df_between, df_within = k - int(arm.max() + 1), n - k
    if df_between < 1 or df_within < 1:
        raise OneClusterEachError(k, n)
    means = rows.sums(y) / sizes
    arm_sizes = np.bincount(arm, weights=sizes)
    arm_means = np.bincount(arm, weights=sizes * means) / arm_sizes
    within = float(np.sum((y - means[rows.code]) ** 2)) / df_within
    between = float(np.sum(sizes * (means - arm_means[arm]) ** 2)) / df_between
    if within + between <= 1e-24 * float(np.mean(y**2)):
        raise NoSpreadError("An intraclass correlation", "the SD within the arms")
    squares = np.bincount(arm, weights=sizes.astype(np.float64) ** 2)
    n0 = float(n - np.sum(squares / arm_sizes)) / df_between
    return _MeanSquares(
        between=between, within=within, df_between=df_between, df_within=df_within, n0=n0
    )


def _measured_rows(
    values: ArrayLike, clusters: Sequence[Any] | ArrayLike, arms: Sequence[Any] | ArrayLike | None
) -> tuple[Floats, ClusterRows, NDArray[np.intp], int]:
    """People with a score, their clusters, the arm of each cluster, and how many were left out."""
    y = as_scores(values, "values")
    everybody = cluster_rows(clusters)
    if len(y) != len(everybody.code):
        raise PairLengthError(("values", "clusters"), (len(y), len(everybody.code)))
    if arms is not None:
        everybody.shared(arms, "arm")
    there = np.flatnonzero(~np.isnan(y))
    if len(there) == 0:
        raise OneClusterEachError(0, 0)
    labels = [everybody.labels[i] for i in everybody.code[there]]
    rows = cluster_rows(labels)
    arm = np.zeros(rows.n_clusters, dtype=np.intp)
    if arms is not None:
        given = as_labels(arms)
        arm = cluster_rows(rows.shared([given[i] for i in there], "arm")).code
    return y[there], rows, arm, len(y) - len(there)


def _sizes(sizes: NDArray[np.intp], estimate: float) -> dict[str, Any]:
    mean = float(sizes.mean())
    cv = float(sizes.std()) / mean
    return {
        "n_clusters": len(sizes),
        "n": int(sizes.sum()),
        "mean_size": mean,
        "smallest": int(sizes.min()),
        "largest": int(sizes.max()),
        "cv": cv,
        "design_effect": design_effect(estimate, mean, cv=cv),
    }


def _notes(estimate: float, clusters: int, lost: int) -> tuple[str, ...]:
    notes = left_out(lost, "person")
    if estimate < 0:
        notes += (
            "The intraclass correlation is negative: in these data people of one cluster differ "
            "more than people of different clusters, as happens by chance when it is near 0.",
        )
    if clusters < ENOUGH_TO_PLAN:
        notes += (
            f"From {clusters} clusters an intraclass correlation is too uncertain to plan another "
            "study with: use several published ones beside it.",
        )
    return notes
