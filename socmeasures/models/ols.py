"""Least squares: arrays in, a frozen fit out, with contrasts by the t distribution.

Knows nothing of arms, waves or frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from socmeasures.errors import ChoiceError, CollinearError, ModelSizeError, ScoresError
from socmeasures.models.sandwich import ROBUST, Robust, heteroscedastic_covariance

Floats = NDArray[np.float64]
StandardErrors = Literal["classical"] | Robust


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """A weighted sum of coefficients with its t interval and two-sided p value."""

    estimate: float
    se: float
    df: float
    statistic: float
    p_value: float
    ci_low: float
    ci_high: float

    def numbers(self) -> dict[str, float]:
        """Its fields by name, as columns of a tidy table."""
        return asdict(self)


def t_contrast(estimate: float, se: float, df: float, *, confidence: float = 0.95) -> Contrast:
    """A `Contrast` by the t distribution.

    Parameters
    ----------
    estimate, se, df : float
        A weighted sum of coefficients, its standard error and degrees of freedom.
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    Contrast
        Its statistic and p value are NaN where the standard error is 0.

    Examples
    --------
    >>> found = t_contrast(2.0, 1.0, 10)
    >>> round(found.p_value, 3), round(found.ci_low, 2)
    (0.073, -0.23)
    """
    half = float(special.stdtrit(df, (1 + confidence) / 2)) * se
    t = estimate / se if se > 0 else float("nan")
    return Contrast(
        estimate=estimate,
        se=se,
        df=df,
        statistic=t,
        p_value=float(2 * special.stdtr(df, -abs(t))),
        ci_low=estimate - half,
        ci_high=estimate + half,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class JointTest:
    """An F test that several weighted sums of coefficients are all zero."""

    statistic: float
    df1: int
    df2: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeastSquares:
    """A fitted linear model.

    Attributes
    ----------
    names : tuple of str
        One a coefficient.
    coef : array, shape (p,)
        Coefficients, in the unit of the outcome per unit of their column.
    cov : array, shape (p, p)
        Their covariance, classical or robust as `se` says.
    df : float
        Residual degrees of freedom, n − p.
    sigma : float
        Residual standard deviation.
    residuals, leverage : array, shape (n,)
        Outcome minus fitted value; diagonal of the hat matrix.
    r_squared, log_likelihood : float
        Share of variance explained; Gaussian log-likelihood at its maximum.
    se : str
        ``classical`` or ``HC0`` … ``HC4``.
    """

    names: tuple[str, ...]
    coef: Floats
    cov: Floats
    df: float
    sigma: float
    residuals: Floats
    leverage: Floats
    r_squared: float
    log_likelihood: float
    se: StandardErrors

    @property
    def n(self) -> int:
        """Rows the model was fitted to."""
        return len(self.residuals)

    def contrast(self, weights: ArrayLike, *, confidence: float = 0.95) -> Contrast:
        """Estimate a weighted sum of the coefficients.

        Parameters
        ----------
        weights : array-like, shape (p,)
            One weight a coefficient.
        confidence : float in (0, 1)
            Coverage of the interval.

        Returns
        -------
        Contrast
            With n − p degrees of freedom, robust covariance or not.
        """
        w = np.asarray(weights, dtype=np.float64)
        se = float(np.sqrt(max(float(w @ self.cov @ w), 0.0)))
        return t_contrast(float(w @ self.coef), se, self.df, confidence=confidence)

    def coefficient(self, name: str, *, confidence: float = 0.95) -> Contrast:
        """One coefficient by its name."""
        return self.contrast(
            np.array([n == name for n in self.names], dtype=np.float64), confidence=confidence
        )

    def joint_test(self, weights: ArrayLike) -> JointTest:
        """Wald F test that every row of `weights` (shape (q, p)) times the coefficients is 0."""
        L = np.atleast_2d(np.asarray(weights, dtype=np.float64))
        values = L @ self.coef
        q = int(np.linalg.matrix_rank(L))
        middle = np.linalg.pinv(L @ self.cov @ L.T)
        statistic = float(values @ middle @ values) / q
        return JointTest(
            statistic=statistic,
            df1=q,
            df2=self.df,
            p_value=float(special.fdtrc(q, self.df, statistic)),
        )


def least_squares(
    outcome: ArrayLike, design: ArrayLike, names: Sequence[str], *, se: StandardErrors = "classical"
) -> LeastSquares:
    """Fit outcome = design · coefficients + error by least squares.

    Parameters
    ----------
    outcome : array-like, shape (n,)
        No missing values: leave such rows out (and count them) before.
    design : array-like, shape (n, p)
        Columns of the model, the intercept among them.
    names : sequence of str
        One a column.
    se : {"classical", "HC0", "HC1", "HC2", "HC3", "HC4"}
        Covariance of the coefficients.

    Returns
    -------
    LeastSquares

    Raises
    ------
    ScoresError
        A missing or infinite value.
    ModelSizeError
        No more rows than columns.
    CollinearError
        A column the others determine; it is named.

    Notes
    -----
    Agrees with R ``lm`` and sandwich to 1e-7 (tests/reference/test_ancova.py).

    Examples
    --------
    >>> fit = least_squares([1, 2, 4, 5], [[1, 0], [1, 1], [1, 2], [1, 3]], ["start", "slope"])
    >>> round(fit.coefficient("slope").estimate, 3), fit.df
    (1.4, 2.0)
    """
    if se != "classical" and se not in ROBUST:
        raise ChoiceError("se", se, ("classical", *ROBUST))
    y, X = np.asarray(outcome, dtype=np.float64), np.asarray(design, dtype=np.float64)
    if not (np.isfinite(y).all() and np.isfinite(X).all()):
        raise ScoresError("the model's data", "a value is missing or infinite")
    n, p = X.shape
    if n <= p:
        raise ModelSizeError(n, p)
    scale = np.linalg.norm(X, axis=0)
    _refuse_collinear(X, scale, names)
    Q, R = np.linalg.qr(X / scale)
    coef = np.linalg.solve(R, Q.T @ y) / scale
    root = np.linalg.inv(R) / scale[:, None]
    bread = root @ root.T
    residuals = y - X @ coef
    leverage = np.sum(Q**2, axis=1)
    rss = float(residuals @ residuals)
    total = float(np.sum((y - y.mean()) ** 2))
    sigma2 = rss / (n - p)
    cov = sigma2 * bread
    if se != "classical":
        cov = heteroscedastic_covariance(X, residuals, leverage, bread, se)
    return LeastSquares(
        names=tuple(names),
        coef=coef,
        cov=cov,
        df=float(n - p),
        sigma=float(np.sqrt(sigma2)),
        residuals=residuals,
        leverage=leverage,
        r_squared=1 - rss / total if total > 0 else float("nan"),
        log_likelihood=-n / 2 * (np.log(2 * np.pi * rss / n) + 1) if rss > 0 else float("inf"),
        se=se,
    )


def _refuse_collinear(X: Floats, scale: Floats, names: Sequence[str]) -> None:
    """Take the columns in order; name each that those before it already determine."""
    basis: list[Floats] = []
    guilty: list[str] = []
    for column, size, name in zip(X.T, scale, names, strict=True):
        left = column / size if size > 0 else column
        for _ in range(2):  # twice: Gram-Schmidt once loses digits
            for vector in basis:
                left = left - (vector @ left) * vector
        length = float(np.linalg.norm(left))
        if length < 1e-9:
            guilty.append(name)
        else:
            basis.append(left / length)
    if guilty:
        raise CollinearError(guilty)
