"""Covariances of least-squares coefficients that do not assume equal error variances.

Matrices in, a covariance out: HC0 to HC4.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from socmeasures.errors import ChoiceError

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
