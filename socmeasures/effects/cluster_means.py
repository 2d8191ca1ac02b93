"""Two arms of whole clusters compared by one mean a cluster: the t test of cluster means.

Arrays in, an `Estimate` with its cluster means out. Formulas: docs/methods.md#clusters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from socmeasures.effects.cluster_rows import (
    ClusterRows,
    as_labels,
    as_treated,
    check_pairs,
    cluster_rows,
)
from socmeasures.effects.estimate import Estimate
from socmeasures.effects.intracluster import intraclass_correlation
from socmeasures.effects.measured import (
    as_scores,
    as_table,
    check_choice,
    check_confidence,
    left_out,
)
from socmeasures.errors import (
    DesignClashError,
    FewClustersError,
    FewPairsError,
    IccRangeError,
    NoSpreadError,
    PairLengthError,
    listed,
    plural,
)

Floats = NDArray[np.float64]
Weights = Literal["equal", "minimum-variance"]
WEIGHTS: tuple[Weights, ...] = ("equal", "minimum-variance")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterMeansDifference(Estimate):
    """A difference between arms, treated − control, from one mean a cluster.

    Attributes
    ----------
    statistic : float
        Estimate ÷ standard error.
    clusters : tuple
        The clusters, in the order in which they first appear.
    means : tuple of float
        The mean of each cluster; of its residuals when there are covariates.
    sizes : tuple of int
        People with an outcome in each.
    treated : tuple of bool
        Whether the cluster is in the treated arm.
    weights : tuple of float
        How much each cluster counts, summing to 1 within an arm.
    mean_treated, mean_control : float
        Weighted means of the cluster means by arm, not adjusted for strata.
    """

    statistic: float
    clusters: tuple[Any, ...]
    means: tuple[float, ...]
    sizes: tuple[int, ...]
    treated: tuple[bool, ...]
    weights: tuple[float, ...]
    mean_treated: float
    mean_control: float


def cluster_means_difference(
    values: ArrayLike,
    clusters: Sequence[Any] | ArrayLike,
    treated: Sequence[Any] | ArrayLike,
    *,
    weights: Weights = "equal",
    icc: float | None = None,
    covariates: ArrayLike | None = None,
    cluster_level: int = 0,
    pairs: Sequence[Any] | ArrayLike | None = None,
    strata: Sequence[Any] | ArrayLike | None = None,
    confidence: float = 0.95,
) -> ClusterMeansDifference:
    """Difference between two arms of clusters by the t test of their means.

    Parameters
    ----------
    values : array-like, shape (n,)
        One score a person; NaN means not measured and is left out and counted.
    clusters : array-like, shape (n,)
        The cluster of each person.
    treated : array-like, shape (n,)
        True (or 1) for people of the treated arm; the same throughout a cluster.
    weights : {"equal", "minimum-variance"}
        Each cluster counts the same, or as m/(1 + (m − 1)·icc) of its m people.
    icc : float, optional
        For ``minimum-variance``; by default estimated within arms, at least 0.
    covariates : array-like, shape (n,) or (n, c), optional
        Two stages: the score is regressed on them without the arm, and the cluster means of the
        residuals are compared (Gail 1996; Hayes & Moulton). Covariates that never vary within a
        cluster each take one degree of freedom. People without one are left out and counted.
    cluster_level : int
        Degrees of freedom taken besides, where `values` are residuals of a model with that many
        covariates of whole clusters.
    pairs, strata : array-like, shape (n,), optional
        The matched pair, or the stratum of the allocation, of each person.
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    ClusterMeansDifference
        In the unit of the score, or a difference in shares for 0/1. With clusters − 1 − strata
        degrees of freedom (k − 2 without strata; pairs − 1 with pairs).

    Raises
    ------
    ClusterLabelError, MixedClusterError
        Somebody without a cluster; a cluster with both arms or two strata.
    FewClustersError, FewPairsError, PairError
        Fewer than two clusters in an arm; no degrees of freedom; pairs that are none.
    NoSpreadError
        All cluster means of an arm are the same.

    Notes
    -----
    Doubling everybody within the clusters changes nothing with equal weights: the clusters are
    what was allocated. Agrees with R (tests/reference/test_clusters.py).

    References
    ----------
    .. [1] Donner & Klar (2000). Design and Analysis of Cluster Randomization Trials.
    .. [2] Gail et al. (1996). Stat. Med. 15, 1069-1092.
    .. [3] Hayes & Moulton (2017). Cluster Randomised Trials, 2nd ed.

    Examples
    --------
    >>> score = [3, 4, 5, 5, 6, 7, 1, 2, 2, 3]
    >>> cluster = ["a", "a", "b", "b", "c", "c", "d", "d", "e", "e"]
    >>> found = cluster_means_difference(score, cluster, [1] * 6 + [0] * 4)
    >>> found.means, found.df
    ((3.5, 5.0, 6.5, 1.5, 2.5), 3.0)
    >>> round(found.estimate, 2), round(found.p_value, 3)
    (3.0, 0.084)
    """
    level = check_confidence(confidence)
    check_choice("weights", weights, WEIGHTS)
    if pairs is not None and strata is not None:
        raise DesignClashError(("pairs", "strata"))
    y = as_scores(values, "values")
    everybody = cluster_rows(clusters)
    if len(y) != len(everybody.code):
        raise PairLengthError(("values", "clusters"), (len(y), len(everybody.code)))
    everybody.shared(treated, "arm")
    table = None if covariates is None else _table(covariates, len(y))
    there = ~np.isnan(y) if table is None else ~np.isnan(y) & ~np.isnan(table).any(axis=1)
    rows = cluster_rows([everybody.labels[i] for i in everybody.code[there]])
    arm = as_treated(_of(rows, treated, there, "arm"))
    if min(arm.sum(), (~arm).sum()) < 2:
        raise FewClustersError(int(arm.sum()), int((~arm).sum()))
    y, spent, notes = y[there], cluster_level, left_out(int((~there).sum()), "person")
    if table is not None:
        y, used = _residuals(y, table[there], rows)
        spent += used
    lost = [label for label in everybody.labels if label not in set(rows.labels)]
    if lost:
        one = len(lost) == 1
        notes += (
            f"{plural(len(lost), 'cluster')} without any outcome {'is' if one else 'are'} lost "
            f"from the analysis: {listed([str(label) for label in lost])}.",
        )
    given, what = (pairs, "pair") if pairs is not None else (strata, "stratum")
    part = np.zeros(rows.n_clusters, dtype=np.intp)
    if given is not None:
        named = cluster_rows(_of(rows, given, there, what))
        part = named.code
        if pairs is not None:
            check_pairs(named, arm, complete=False)
    weight, used_icc = _weights(weights, icc, rows, y, arm)
    return _compare(
        rows, y, arm, part, weight,
        spent=spent,
        level=level,
        what=what if given is not None else "",
        adjusted=table is not None or cluster_level > 0,
        weighting=f", weights m/(1 + (m - 1)·{used_icc:.3g})" if weights != "equal" else "",
        notes=notes,
    )  # fmt: skip


def _compare(
    rows: ClusterRows,
    y: Floats,
    arm: NDArray[np.bool_],
    part: NDArray[np.intp],
    weight: Floats,
    *,
    spent: int,
    level: float,
    what: str,
    adjusted: bool,
    weighting: str,
    notes: tuple[str, ...],
) -> ClusterMeansDifference:
    """Weighted least squares of the cluster means on the arm within strata."""
    k, parts = rows.n_clusters, int(part.max() + 1)
    means = rows.sums(y) / rows.sizes
    df = k - 1 - parts - spent
    share = np.bincount(part, weights=weight * arm) / np.bincount(part, weights=weight)
    contrast = weight * (arm - share[part])  # the arm within its stratum
    information = float(contrast @ arm)
    if df < 1 or information <= 1e-12 * float(weight.sum()):
        raise FewPairsError(what or "covariate", k, parts if what else spent)
    estimate = float(contrast @ means) / information
    rest = means - estimate * arm
    rest = (
        rest - (np.bincount(part, weights=weight * rest) / np.bincount(part, weights=weight))[part]
    )
    variance = float(weight @ rest**2) / df
    if variance <= 1e-24 * float(weight @ means**2):
        raise NoSpreadError("A t test of cluster means", "the SD of the cluster means in both arms")
    se = float(np.sqrt(variance / information))
    half = float(special.stdtrit(df, (1 + level) / 2)) * se
    scaled = np.where(arm, weight / weight[arm].sum(), weight / weight[~arm].sum())
    within = {"": "", "pair": ", within pairs", "stratum": ", within strata"}[what]
    of = "cluster means of residuals (without the arm)" if adjusted else "cluster means"
    return ClusterMeansDifference(
        estimate=estimate,
        ci_low=estimate - half,
        ci_high=estimate + half,
        n=len(y),
        name="difference",
        method=f"t test of {k} {of}{within}{weighting}, {df} degrees of freedom",
        source="Gail et al. (1996); Hayes & Moulton (2017)" if adjusted else "Donner & Klar (2000)",
        confidence=level,
        se=se,
        df=float(df),
        p_value=float(2 * special.stdtr(df, -abs(estimate / se))),
        notes=notes,
        statistic=estimate / se,
        clusters=rows.labels,
        means=tuple(means.tolist()),
        sizes=tuple(rows.sizes.tolist()),
        treated=tuple(arm.tolist()),
        weights=tuple(scaled.tolist()),
        mean_treated=float(scaled[arm] @ means[arm]),
        mean_control=float(scaled[~arm] @ means[~arm]),
    )


def _of(
    rows: ClusterRows, given: Sequence[Any] | ArrayLike, there: NDArray[np.bool_], what: str
) -> list[Any]:
    labels = as_labels(given)
    if len(labels) != len(there):
        raise PairLengthError((what, "clusters"), (len(labels), len(there)))
    return rows.shared([labels[i] for i in np.flatnonzero(there)], what)


def _table(covariates: ArrayLike, n: int) -> Floats:
    flat = np.ndim(covariates) == 1
    table = (
        as_scores(covariates, "covariates")[:, None] if flat else as_table(covariates, "covariates")
    )
    if len(table) != n:
        raise PairLengthError(("values", "covariates"), (n, len(table)))
    return table


def _residuals(y: Floats, table: Floats, rows: ClusterRows) -> tuple[Floats, int]:
    """The score without what the covariates explain, and the degrees of freedom they take."""
    centred = table - table.mean(axis=0)
    fitted = centred @ np.linalg.lstsq(centred, y - y.mean(), rcond=None)[0]
    between = (rows.sums(table) / rows.sizes[:, None])[rows.code]
    whole = np.abs(table - between).max(axis=0) <= 1e-9 * np.abs(table).max(axis=0)
    taken = int(np.linalg.matrix_rank(centred[:, whole])) if whole.any() else 0
    return y - y.mean() - fitted, taken


def _weights(
    weights: Weights, icc: float | None, rows: ClusterRows, y: Floats, arm: NDArray[np.bool_]
) -> tuple[Floats, float]:
    sizes = rows.sizes.astype(np.float64)
    if weights == "equal":
        return np.ones(len(sizes)), float("nan")
    if icc is None:
        found = intraclass_correlation(y, rows.code, arms=arm[rows.code]).estimate
        icc = max(found, 0.0)
    largest = max(int(sizes.max()), 2)
    if not -1 / (largest - 1) < icc < 1:
        raise IccRangeError(icc, largest)
    return sizes / (1 + (sizes - 1) * icc), float(icc)
