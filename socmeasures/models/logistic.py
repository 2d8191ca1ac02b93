"""Logistic regression and the average risks it implies (g-computation): arrays in, a fit out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from socmeasures.errors import ModelSizeError, ScoresError, SeparationError
from socmeasures.models.repeated_data import orthonormal

Floats = NDArray[np.float64]
RiskErrors = Literal["sandwich", "delta"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogisticModel:
    """A fitted logistic regression.

    Attributes
    ----------
    coef, cov : array
        Log odds ratios and their covariance by the model.
    design, outcome, risk : array
        What it was fitted to, and each person's fitted risk.
    """

    names: tuple[str, ...]
    coef: Floats
    cov: Floats
    design: Floats
    outcome: Floats
    risk: Floats

    def standardised(
        self, designs: Sequence[ArrayLike], *, se: RiskErrors = "sandwich"
    ) -> tuple[Floats, Floats]:
        """Average risks had everybody had each of `designs`, and their covariance.

        Parameters
        ----------
        designs : sequence of arrays, shape (n, p)
            The model's columns with the arm set to each value in turn.
        se : {"sandwich", "delta"}
            ``sandwich`` counts the coefficients' and the averaging's uncertainty without
            trusting the model's variance, times n/(n − p); ``delta`` takes the covariates as
            fixed and the model as true.

        Returns
        -------
        risks, covariance : array, shape (k,), (k, k)
        """
        X = [np.asarray(d, dtype=np.float64) for d in designs]
        each = [special.expit(d @ self.coef) for d in X]
        risks = np.array([float(r.mean()) for r in each])
        slopes = np.stack(
            [(d * (r * (1 - r))[:, None]).mean(axis=0) for d, r in zip(X, each, strict=True)]
        )
        if se == "delta":
            return risks, np.asarray(slopes @ self.cov @ slopes.T)
        n, p = self.design.shape
        scores = self.design * (self.outcome - self.risk)[:, None]
        influence = n * scores @ self.cov @ slopes.T + np.column_stack(each) - risks
        return risks, np.asarray(influence.T @ influence / n**2 * n / (n - p))


def fit_logistic(outcome: ArrayLike, design: ArrayLike, names: Sequence[str]) -> LogisticModel:
    """Fit log odds(outcome) = design · coefficients by maximum likelihood.

    Parameters
    ----------
    outcome : array-like, shape (n,)
        0 or 1; no missing values.
    design : array-like, shape (n, p)
        Columns of the model, the intercept among them.
    names : sequence of str
        One a column.

    Returns
    -------
    LogisticModel

    Raises
    ------
    SeparationError
        Some combination of columns tells the outcome apart completely: there is no estimate.
    CollinearError, ModelSizeError, ScoresError
        A column the others determine; too few people; a value that is no 0 or 1.

    Notes
    -----
    Agrees with R ``glm`` (tests/reference/test_two_proportions.py).

    Examples
    --------
    >>> fit = fit_logistic([0, 1, 0, 1, 1, 0], [[1, 0], [1, 0], [1, 0], [1, 1], [1, 1], [1, 1]],
    ...                    ["start", "arm"])
    >>> round(float(fit.coef[1]), 3)  # log odds ratio of 2/3 against 1/3
    1.386
    """
    y, X = np.asarray(outcome, dtype=np.float64), np.asarray(design, dtype=np.float64)
    if not (np.isfinite(X).all() and np.isin(y, (0.0, 1.0)).all()):
        raise ScoresError("the model's data", "a value is missing, infinite, or no 0 or 1")
    n, p = X.shape
    if n <= p:
        raise ModelSizeError(n, p)
    Q, root = orthonormal(X, names)
    b = np.zeros(p)
    for _ in range(60):
        risk = special.expit(Q @ b)
        information = (Q * (risk * (1 - risk))[:, None]).T @ Q
        if np.linalg.eigvalsh(information)[0] < 1e-9:
            raise SeparationError(names)
        step = np.linalg.solve(information, Q.T @ (y - risk))
        size = float(np.abs(Q @ step).max())
        b = b + step * min(1.0, 4.0 / max(size, 1e-300))
        if size < 1e-10:
            break
    else:
        raise SeparationError(names)
    risk = special.expit(Q @ b)
    if float(np.minimum(risk, 1 - risk).max()) < 1e-6:
        raise SeparationError(names)
    information = (Q * (risk * (1 - risk))[:, None]).T @ Q
    cov = root @ np.linalg.inv(information) @ root.T
    return LogisticModel(
        names=tuple(names),
        coef=root @ b,
        cov=np.asarray(cov),
        design=X,
        outcome=y,
        risk=np.asarray(risk),
    )
