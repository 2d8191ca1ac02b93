"""Several contrasts tested at once with a cluster-robust covariance: the HTZ test."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from socmeasures.models.ols import JointTest
from socmeasures.models.sandwich import ClusterRobust

Floats = NDArray[np.float64]


def hotelling_test(coef: Floats, robust: ClusterRobust, weights: ArrayLike) -> JointTest:
    """Test that several weighted sums of coefficients are all zero, with few clusters.

    Parameters
    ----------
    coef : array, shape (p,)
        The coefficients.
    robust : ClusterRobust
        Their covariance, by `cluster_covariance`.
    weights : array-like, shape (q, p)
        One weighted sum a row, none determined by the others.

    Returns
    -------
    JointTest
        F with q and η − q + 1 degrees of freedom; NaN when that leaves none.

    Notes
    -----
    Hotelling's T² with the degrees of freedom η of the covariance (HTZ). Agrees with R
    clubSandwich ``Wald_test`` (tests/reference/test_clusters.py).

    References
    ----------
    .. [1] Pustejovsky & Tipton (2018). J. Bus. Econ. Stat. 36, 672-683.

    Examples
    --------
    >>> from socmeasures.models.sandwich import cluster_covariance
    >>> y = np.array([1.0, 2, 3, 2, 5, 4, 2, 2])
    >>> X = np.column_stack([np.ones(8), np.arange(8) % 2])
    >>> coef = np.linalg.lstsq(X, y, rcond=None)[0]
    >>> robust = cluster_covariance(X, y - X @ coef, np.repeat([1, 2, 3, 4], 2))
    >>> found = hotelling_test(coef, robust, [[0, 1]])
    >>> found.df1, round(found.df2, 1), round(found.p_value, 2)
    (1, 3.0, 0.64)
    """
    L = np.atleast_2d(np.asarray(weights, dtype=np.float64))
    q, values = len(L), L @ coef
    eta = robust.hotelling_df(L)
    left = eta - q + 1
    covariance = L @ robust.cov @ L.T
    statistic = float("nan")  # where the clusters are too few to know how all of them vary
    if left > 0 and np.linalg.matrix_rank(covariance, hermitian=True) == q:
        statistic = float(values @ np.linalg.solve(covariance, values)) * left / (eta * q)
    return JointTest(
        statistic=statistic,
        df1=q,
        df2=left,
        p_value=float(special.fdtrc(q, left, statistic)),
    )
