"""Logistic regression by maximum likelihood: arrays in, a frozen fit out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from socmeasures.errors import CollinearError, ModelSizeError, ScoresError, SeparationError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Logistic:
    """A fitted logistic model.

    Attributes
    ----------
    names : tuple of str
        One a coefficient.
    coef, cov : array, shape (p,), (p, p)
        Log odds ratios and their large-sample covariance.
    fitted : array, shape (n,)
        Probabilities.
    log_likelihood : float
        At its maximum.
    """

    names: tuple[str, ...]
    coef: Floats
    cov: Floats
    fitted: Floats
    log_likelihood: float

    def coefficient(self, name: str, confidence: float = 0.95) -> dict[str, float]:
        """Estimate, standard error, z, p value and limits of one log odds ratio."""
        at = self.names.index(name)
        b, se = float(self.coef[at]), float(np.sqrt(self.cov[at, at]))
        half = float(special.ndtri((1 + confidence) / 2)) * se
        return {
            "estimate": b,
            "se": se,
            "statistic": b / se,
            "p_value": float(2 * special.ndtr(-abs(b) / se)),
            "ci_low": b - half,
            "ci_high": b + half,
        }


def logistic(outcome: ArrayLike, design: ArrayLike, names: Sequence[str]) -> Logistic:
    """Fit log odds of outcome = design · coefficients.

    Parameters
    ----------
    outcome : array-like, shape (n,)
        0 or 1, no missing values.
    design : array-like, shape (n, p)
        Columns of the model, the intercept among them.
    names : sequence of str
        One a column.

    Returns
    -------
    Logistic

    Raises
    ------
    ScoresError
        A value that is not 0 or 1, or missing.
    ModelSizeError, CollinearError
        Too few rows, or a column the others determine.
    SeparationError
        A column tells the two outcomes apart without error, so its coefficient has no limit.

    Notes
    -----
    Newton's method; agrees with R ``glm`` to 1e-6 (tests/reference).

    Examples
    --------
    >>> X = [[1, 0], [1, 1], [1, 2], [1, 3], [1, 4], [1, 5]]
    >>> fit = logistic([0, 0, 1, 0, 1, 1], X, ["start", "slope"])
    >>> fit.coefficient("slope")["estimate"] > 0
    True
    """
    y, X = np.asarray(outcome, dtype=np.float64), np.asarray(design, dtype=np.float64)
    if not np.isin(y, (0.0, 1.0)).all() or not np.isfinite(X).all():
        raise ScoresError("the model's data", "a value is missing, or the outcome is not 0 or 1")
    n, p = X.shape
    if n <= p:
        raise ModelSizeError(n, p)
    scale = np.abs(X).max(axis=0)
    Z = X / np.where(scale > 0, scale, 1.0)
    if np.linalg.matrix_rank(Z) < p:
        ranks = [0, *(np.linalg.matrix_rank(Z[:, : at + 1]) for at in range(p))]
        guilty = [name for at, name in enumerate(names) if ranks[at + 1] == ranks[at]]
        raise CollinearError(guilty)
    b = np.zeros(p)
    for _ in range(60):
        mu = special.expit(Z @ b)
        information = (Z * (mu * (1 - mu))[:, None]).T @ Z
        try:
            step = np.linalg.solve(information, Z.T @ (y - mu))
        except np.linalg.LinAlgError:
            raise SeparationError(names) from None
        largest = float(np.abs(step).max())
        b = b + step * min(1.0, 5.0 / largest if largest > 0 else 1.0)
        if np.abs(Z @ b).max() > 30:
            raise SeparationError(names)
        if largest < 1e-10:
            break
    mu = special.expit(Z @ b)
    inverse = np.linalg.inv((Z * (mu * (1 - mu))[:, None]).T @ Z)
    return Logistic(
        names=tuple(names),
        coef=b / scale,
        cov=inverse / np.outer(scale, scale),
        fitted=mu,
        log_likelihood=float(np.sum(special.xlogy(y, mu) + special.xlog1py(1 - y, -mu))),
    )
