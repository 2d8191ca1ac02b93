"""Covariances of least-squares coefficients that do not assume equal error variances.

Matrices in, a covariance out: HC0 to HC4 for single rows, CR0 to CR3 for clusters of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from socmeasures.effects.cluster_rows import cluster_rows
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


Clustered = Literal["CR0", "CR1", "CR1S", "CR2", "CR3"]
CLUSTERED: tuple[Clustered, ...] = ("CR0", "CR1", "CR1S", "CR2", "CR3")
Working = Literal["equal", "inverse-weights"] | Sequence[Floats]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClusterRobust:
    """Cluster-robust covariance of (weighted) least-squares coefficients.

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
    # Of each cluster, with E = X'WA and the working covariance P: E P E', and E X beside E P W X.
    # All that inference needs of it, so that nothing kept here grows with the people of a cluster.
    _own: Floats
    _moved: Floats
    _bread: Floats
    _between: Floats

    def satterthwaite_df(self, weights: Floats) -> float:
        """Degrees of freedom of a contrast under the working model.

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
        own, moved = self._pulls(np.atleast_2d(np.asarray(weights, dtype=np.float64)))
        total = self._expected(own, moved)[0, 0]
        bottom = self._crossed(own, moved, (0, 0), (0, 0))
        return float(total**2 / bottom) if bottom > 0 else float("nan")

    def hotelling_df(self, weights: Floats) -> float:
        """Degrees of freedom of the covariance of several contrasts together.

        Parameters
        ----------
        weights : array, shape (q, p)
            One contrast a row, none determined by the others.

        Returns
        -------
        float
            η of the approximate Hotelling T² test: q(q + 1) over the summed variances of the
            standardised covariance (Pustejovsky & Tipton 2018).
        """
        C = np.atleast_2d(np.asarray(weights, dtype=np.float64))
        q = len(C)
        values, vectors = np.linalg.eigh(self._expected(*self._pulls(C)))
        own, moved = self._pulls((vectors / np.sqrt(values)) @ vectors.T @ C)
        spread = sum(
            self._crossed(own, moved, (s, s), (t, t)) + self._crossed(own, moved, (s, t), (t, s))
            for s in range(q)
            for t in range(q)
        )
        return q * (q + 1) / spread

    # The working covariance of cluster i's pull on contrast s with j's on t is
    # own[s, t, i] (when i = j) + moved[s, i] · between · moved[t, j]: the cluster's errors, and
    # what all of them did to the fit. Sums of its products over i and j need no k × k matrix.

    def _pulls(self, C: Floats) -> tuple[Floats, Floats]:
        w = C @ self._bread
        own = np.einsum("sp,ipr,tr->sti", w, self._own, w)
        return own, np.einsum("sp,ipr->sir", w, self._moved)

    def _diagonal(self, moved: Floats, s: int, t: int) -> Floats:
        return np.asarray(np.einsum("ir,ru,iu->i", moved[s], self._between, moved[t]))

    def _expected(self, own: Floats, moved: Floats) -> Floats:
        drift = np.einsum("sir,ru,tiu->st", moved, self._between, moved)
        return np.asarray(own.sum(axis=2) + drift)

    def _crossed(
        self, own: Floats, moved: Floats, first: tuple[int, int], second: tuple[int, int]
    ) -> float:
        (a, b), (c, d) = first, second
        alone = own[a, b] @ own[c, d]
        alone += own[a, b] @ self._diagonal(moved, c, d) + own[c, d] @ self._diagonal(moved, a, b)
        left = moved[c].T @ moved[a] @ self._between
        return float(alone + np.sum(left * (self._between @ moved[d].T @ moved[b])))


def cluster_covariance(
    X: Floats,
    residuals: Floats,
    clusters: NDArray[Any],
    *,
    kind: Clustered = "CR2",
    weights: Floats | None = None,
    working: Working = "equal",
) -> ClusterRobust:
    """Sandwich covariance that lets people of one cluster resemble each other.

    Parameters
    ----------
    X : array, shape (n, p)
        Design matrix. Of a logistic model: risk·(1 − risk) times its columns.
    residuals : array, shape (n,)
        Outcome minus fitted value.
    clusters : array, shape (n,)
        The cluster of each row.
    kind : {"CR0", "CR1", "CR1S", "CR2", "CR3"}
        Residuals as they are; squares times k/(k − 1); times k(n − 1)/((k − 1)(n − p)); residuals
        inflated so that the covariance is unbiased under the working model (Bell & McCaffrey);
        times (I − H_jj)⁻¹, close to the jackknife.
    weights : array, shape (n,), optional
        Those of the fit; 1/(risk·(1 − risk)) for a logistic model.
    working : {"equal", "inverse-weights"} or sequence of arrays
        What CR2 and the degrees of freedom take the errors for: independent and alike (as R
        clubSandwich for ``lm``); independent with variance 1/weight (a logistic model, known
        variances); or the covariance of each cluster, in the order in which the clusters first
        appear, as a mixed model estimated it. The fit is then by its inverse.

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
    With equal errors, and for all kinds but CR2, everything is done on p × p matrices, however
    large the clusters; CR2 with another working model needs an eigendecomposition of the size of
    each cluster. Agrees with R clubSandwich (tests/reference/test_clusters.py).

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
    rows = cluster_rows(clusters)
    if rows.n_clusters < 2:
        raise TooFewSitesError(rows.n_clusters)
    order = np.argsort(rows.code, kind="stable")
    parts = np.split(order, np.cumsum(rows.sizes)[:-1])
    design = [X[part] for part in parts]
    covariances = _working_covariances(weights, working, parts)
    pulled = [_weighted(x, None if weights is None else weights[part], P)
              for x, part, P in zip(design, parts, covariances, strict=True)]  # fmt: skip
    gram = np.stack([x.T @ wx for x, (wx, _) in zip(design, pulled, strict=True)])
    middle = np.stack([wx.T @ pwx for wx, pwx in pulled])
    bread: Floats = np.asarray(np.linalg.inv(gram.sum(axis=0)), dtype=np.float64)
    spread = bread @ middle.sum(axis=0) @ bread
    if kind == "CR2" and (weights is not None or working != "equal"):
        reached = [
            wx.T @ _unbiased(x, pwx, P, bread, spread)
            for x, (wx, pwx), P in zip(design, pulled, covariances, strict=True)
        ]
        score = np.stack([E @ residuals[part] for E, part in zip(reached, parts, strict=True)])
        own = np.stack([E @ _times(P, E.T) for E, P in zip(reached, covariances, strict=True)])
        direct = np.stack([E @ x for E, x in zip(reached, design, strict=True)])
        turned = np.stack([E @ pwx for E, (_, pwx) in zip(reached, pulled, strict=True)])
    else:
        inflate = inflation(gram, bread, kind, people=len(X))
        raw = np.stack([wx.T @ residuals[part]
                        for (wx, _), part in zip(pulled, parts, strict=True)])  # fmt: skip
        score = np.einsum("ipr,ir->ip", inflate, raw)
        own = inflate @ middle @ inflate.transpose(0, 2, 1)
        direct, turned = inflate @ gram, inflate @ middle
    return ClusterRobust(
        cov=bread @ score.T @ score @ bread,
        kind=kind,
        clusters=len(parts),
        _own=own,
        _moved=np.concatenate([direct, turned], axis=2),
        _bread=bread,
        _between=np.block([[spread, -bread], [-bread, np.zeros_like(bread)]]),
    )


def inflation(gram: Floats, bread: Floats, kind: Clustered, *, people: int) -> Floats:
    """For each cluster the p × p matrix that turns its score into an inflated one.

    Parameters
    ----------
    gram : array, shape (k, p, p)
        X'WX of each cluster.
    bread : array, shape (p, p)
        The inverse of their sum.
    kind : str
        One of `CLUSTERED`; CR2 gives (I − G·bread)^−½, which is Kauermann & Carroll's correction
        for any working covariance W⁻¹, and CR3 its square, Mancl & DeRouen's.
    people : int
        Rows in all, for CR1S.

    Returns
    -------
    array, shape (k, p, p)
    """
    k, p = gram.shape[:2]
    if kind not in ("CR2", "CR3"):
        squared = {"CR0": 1.0, "CR1": k / (k - 1)}.get(
            kind, k * (people - 1) / ((k - 1) * (people - p))
        )
        return np.broadcast_to(np.eye(p) * np.sqrt(squared), gram.shape)
    lower = np.linalg.cholesky(bread)
    values, vectors = np.linalg.eigh(np.eye(p) - lower.T @ gram @ lower)
    # a cluster that alone determines a coefficient says nothing about how clusters vary
    powers = np.where(values > 1e-10, np.maximum(values, 1e-10) ** POWERS[kind], 0.0)
    symmetric = (vectors * powers[:, None, :]) @ vectors.transpose(0, 2, 1)
    return np.asarray(np.linalg.inv(lower).T @ symmetric @ lower.T)


POWERS = {"CR2": -0.5, "CR3": -1.0}


def _working_covariances(
    weights: Floats | None, working: Working, parts: list[NDArray[np.intp]]
) -> list[Floats]:
    """Variances (one dimension) or the covariance (two) of each cluster's rows."""
    if not isinstance(working, str):
        return [np.asarray(block, dtype=np.float64) for block in working]
    if working == "equal" or weights is None:
        return [np.ones(len(part)) for part in parts]
    return [1 / weights[part] for part in parts]


def _weighted(X: Floats, weights: Floats | None, P: Floats) -> tuple[Floats, Floats]:
    """W X and P W X of one cluster."""
    if P.ndim == 2:
        return np.asarray(np.linalg.solve(P, X), dtype=np.float64), X
    pulled = X if weights is None else X * weights[:, None]
    return pulled, pulled * P[:, None]


def _times(P: Floats, X: Floats) -> Floats:
    return P @ X if P.ndim == 2 else X * P[:, None]


def _unbiased(X: Floats, PWX: Floats, P: Floats, bread: Floats, spread: Floats) -> Floats:
    """The matrix that gives one cluster's residuals the working covariance again."""
    drift = X @ bread @ PWX.T
    left = (P if P.ndim == 2 else np.diag(P)) - drift - drift.T + X @ spread @ X.T
    upper = np.linalg.cholesky(P).T if P.ndim == 2 else np.diag(np.sqrt(P))
    values, vectors = np.linalg.eigh(upper @ left @ upper.T)
    floor = 1e-10 * max(float(values.max()), 1e-300)
    powers = np.where(values > floor, np.maximum(values, floor) ** -0.5, 0.0)
    return np.asarray(upper.T @ (vectors * powers) @ vectors.T @ upper)
