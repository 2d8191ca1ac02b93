"""Covariances of least-squares coefficients that do not assume equal error variances.

Matrices in, a covariance out: HC0 to HC4 for single rows, CR0 to CR3 for clusters of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from socmeasures.errors import ChoiceError, TooFewSitesError

Floats = NDArray[np.float64]
Robust = Literal["HC0", "HC1", "HC2", "HC3", "HC4"]
ROBUST: tuple[Robust, ...] = ("HC0", "HC1", "HC2", "HC3", "HC4")


def heteroscedastic_covariance(
    X: Floats, residuals: Floats, leverage: Floats, bread: Floats, kind: Robust
) -> Floats:
    """Sandwich covariance of least-squares coefficients.

    Parameters
    ----------
    X : array, shape (n, p)
        Design matrix.
    residuals, leverage : array, shape (n,)
        Of the fit; leverage is the diagonal of the hat matrix.
    bread : array, shape (p, p)
        (X'X)⁻¹.
    kind : {"HC0", "HC1", "HC2", "HC3", "HC4"}
        How squared residuals are inflated: not; by n/(n − p); by 1/(1 − h); by 1/(1 − h)²; by
        1/(1 − h)^min(4, nh/p).

    Returns
    -------
    array, shape (p, p)
        Covariance of the coefficients. A person with leverage 1 is fitted exactly and adds
        nothing to it.

    Notes
    -----
    Agrees with R sandwich ``vcovHC`` (tests/reference/test_ancova.py).

    References
    ----------
    .. [1] MacKinnon & White (1985). J. Econometrics 29, 305-325.
    .. [2] Cribari-Neto (2004). Comput. Stat. Data Anal. 45, 215-233 (HC4).
    """
    if kind not in ROBUST:
        raise ChoiceError("se", kind, ROBUST)
    n, p = X.shape
    slack = 1 - leverage
    fitted_exactly = slack < 1e-10
    slack = np.where(fitted_exactly, 1.0, slack)
    squares = np.where(fitted_exactly, 0.0, residuals**2)
    if kind == "HC1":
        squares = squares * n / (n - p)
    elif kind == "HC2":
        squares = squares / slack
    elif kind == "HC3":
        squares = squares / slack**2
    elif kind == "HC4":
        squares = squares / slack ** np.minimum(4, n * leverage / p)
    meat = (X * squares[:, None]).T @ X
    covariance: Floats = bread @ meat @ bread
    return covariance


Clustered = Literal["CR0", "CR1", "CR2", "CR3"]
CLUSTERED: tuple[Clustered, ...] = ("CR0", "CR1", "CR2", "CR3")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClusterRobust:
    """Cluster-robust covariance of least-squares coefficients.

    Attributes
    ----------
    cov : array, shape (p, p)
        Covariance of the coefficients.
    kind : str
        How residuals were inflated.
    clusters : int
        How many clusters.
    """

    cov: Floats
    kind: Clustered
    clusters: int
    _X: Floats
    _groups: tuple[NDArray[np.intp], ...]
    _adjust: tuple[Floats, ...]
    _bread: Floats

    def satterthwaite_df(self, weights: Floats) -> float:
        """Degrees of freedom of a contrast, with independent errors as working model.

        Parameters
        ----------
        weights : array, shape (p,)
            The contrast.

        Returns
        -------
        float
            Bell & McCaffrey (2002), as Pustejovsky & Tipton (2018) write it; NaN when the
            contrast has no variance.
        """
        w = self._bread @ np.asarray(weights, dtype=np.float64)
        # q_j = (I − H)'_j A_j X_j w: the variance is the sum of (q_j · errors)²
        columns = []
        for rows, adjust in zip(self._groups, self._adjust, strict=True):
            reach = adjust @ (self._X[rows] @ w)
            q = -self._X @ (self._bread @ (self._X[rows].T @ reach))
            q[rows] += reach
            columns.append(q)
        Q = np.column_stack(columns)
        products = Q.T @ Q
        bottom = float(np.sum(products**2))
        return float(np.trace(products) ** 2 / bottom) if bottom > 0 else float("nan")


def cluster_covariance(
    X: Floats, residuals: Floats, clusters: NDArray[Any], *, kind: Clustered = "CR2"
) -> ClusterRobust:
    """Sandwich covariance that lets people of one cluster resemble each other.

    Parameters
    ----------
    X : array, shape (n, p)
        Design matrix.
    residuals : array, shape (n,)
        Of the least-squares fit.
    clusters : array, shape (n,)
        The cluster of each row.
    kind : {"CR0", "CR1", "CR2", "CR3"}
        Residuals as they are; times k/(k − 1); times (I − H_jj)^−½ within a cluster, unbiased
        when errors are independent; times (I − H_jj)⁻¹.

    Returns
    -------
    ClusterRobust

    Raises
    ------
    ChoiceError
        An unknown kind.
    TooFewSitesError
        Fewer than two clusters.

    Notes
    -----
    Agrees with R clubSandwich (tests/reference/test_clusters.py).

    References
    ----------
    .. [1] Bell & McCaffrey (2002). Surv. Methodol. 28, 169-181.
    .. [2] Pustejovsky & Tipton (2018). J. Bus. Econ. Stat. 36, 672-683.

    Examples
    --------
    >>> import numpy as np
    >>> change = np.array([1.0, 2, 3, 2, 5, 4])
    >>> X = np.ones((6, 1))
    >>> robust = cluster_covariance(X, change - change.mean(), np.array([1, 1, 2, 2, 3, 3]))
    >>> round(robust.satterthwaite_df(np.ones(1)), 2)
    2.0
    """
    if kind not in CLUSTERED:
        raise ChoiceError("kind", kind, CLUSTERED)
    labels = list(dict.fromkeys(np.asarray(clusters).tolist()))
    if len(labels) < 2:
        raise TooFewSitesError(len(labels))
    groups = tuple(np.flatnonzero(np.asarray(clusters) == label) for label in labels)
    bread: Floats = np.asarray(np.linalg.inv(X.T @ X), dtype=np.float64)
    adjust = tuple(_cluster_adjustment(X[rows], bread, kind, len(groups)) for rows in groups)
    meat = np.zeros_like(bread)
    for rows, matrix in zip(groups, adjust, strict=True):
        pull = X[rows].T @ (matrix @ residuals[rows])
        meat += np.outer(pull, pull)
    return ClusterRobust(
        cov=bread @ meat @ bread,
        kind=kind,
        clusters=len(groups),
        _X=X,
        _groups=groups,
        _adjust=adjust,
        _bread=bread,
    )


def _cluster_adjustment(X: Floats, bread: Floats, kind: Clustered, k: int) -> Floats:
    n = len(X)
    if kind == "CR0":
        return np.eye(n)
    if kind == "CR1":
        return np.eye(n) * float(np.sqrt(k / (k - 1)))
    values, vectors = np.linalg.eigh(np.eye(n) - X @ bread @ X.T)
    power = -0.5 if kind == "CR2" else -1.0
    inflated = np.where(values > 1e-10, np.maximum(values, 1e-10) ** power, 0.0)
    return np.asarray((vectors * inflated) @ vectors.T, dtype=np.float64)
