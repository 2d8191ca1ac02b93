"""Models of counts with a log link: arrays in, a frozen fit out, with robust standard errors.

Poisson and negative binomial (variance μ + αμ²) by maximum likelihood through statsmodels' GLM;
the dispersion by its profile likelihood. Knows nothing of arms, waves or frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import statsmodels.api as sm
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from socmeasures.errors import CollinearError, ModelSizeError, ScoresError
from socmeasures.models.ols import Contrast

Floats = NDArray[np.float64]
Family = Literal["poisson", "negative-binomial"]
_FLAT = 1e-4  # a dispersion below this is none: the likelihood no longer tells it from 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CountModel:
    """A fitted model of counts.

    Attributes
    ----------
    names : tuple of str
        One a coefficient.
    coef : array, shape (p,)
        Natural logarithms of rate ratios.
    cov : array, shape (p, p)
        Robust (sandwich) covariance, by person where `groups` were given.
    cov_model : array, shape (p, p)
        Covariance that trusts the model (expected information, dispersion taken as known).
    df : float
        n − p, or groups − 1.
    alpha : float
        Dispersion; 0 for a Poisson model.
    log_likelihood : float
        At the maximum.
    pearson : float
        Pearson's χ² over n − p; about 1 where the variance is as the model says.
    family : {"poisson", "negative-binomial"}
        What was fitted in the end: without overdispersion a negative binomial is a Poisson model.
    """

    names: tuple[str, ...]
    coef: Floats
    cov: Floats
    cov_model: Floats
    df: float
    alpha: float
    log_likelihood: float
    pearson: float
    family: Family
    n: int

    def coefficient(self, name: str, *, confidence: float = 0.95) -> Contrast:
        """A coefficient (log rate ratio) with its robust t interval."""
        place = self.names.index(name)
        se = float(np.sqrt(self.cov[place, place]))
        estimate = float(self.coef[place])
        half = float(special.stdtrit(self.df, (1 + confidence) / 2)) * se
        statistic = estimate / se if se > 0 else float("nan")
        p_value = 2 * float(special.stdtr(self.df, -abs(statistic)))
        return Contrast(
            estimate=estimate,
            se=se,
            df=self.df,
            statistic=statistic,
            p_value=p_value,
            ci_low=estimate - half,
            ci_high=estimate + half,
        )


def count_model(
    outcome: ArrayLike,
    design: ArrayLike,
    names: Sequence[str],
    *,
    family: Family = "negative-binomial",
    groups: ArrayLike | None = None,
) -> CountModel:
    """Fit a model of counts.

    Parameters
    ----------
    outcome : array-like, shape (n,)
        Whole numbers from 0.
    design : array-like, shape (n, p)
        Columns of the model, the intercept among them.
    names : sequence of str
        Names of the columns.
    family : {"negative-binomial", "poisson"}
        Without overdispersion the first ends as the second, which `CountModel.family` says.
    groups : array-like, shape (n,), optional
        Rows of one person: their residuals are added up before they are squared.

    Returns
    -------
    CountModel
        Robust covariance with the small-sample factor n/(n − p), or G/(G − 1)·(N − 1)/(N − p).

    Raises
    ------
    ScoresError
        A value that is no count.
    ModelSizeError, CollinearError
        More columns than rows carry, or columns that say the same thing.

    Notes
    -----
    Coefficients, dispersion, log-likelihood and model-based standard errors agree with R
    ``glm`` and ``MASS::glm.nb`` (tests/designs/test_counts.py).

    References
    ----------
    .. [1] Lawless (1987). Can. J. Stat. 15(3), 209-225.
    .. [2] White (1982). Econometrica 50(1), 1-25.

    Examples
    --------
    >>> import numpy as np
    >>> from socmeasures.models.counts import count_model
    >>> design = np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1]])
    >>> fit = count_model([1, 2, 3, 2, 4, 6], design, ["one", "arm"], family="poisson")
    >>> round(float(np.exp(fit.coef[1])), 6)
    2.0
    """
    y = np.asarray(outcome, dtype=np.float64)
    x = np.asarray(design, dtype=np.float64)
    if np.any(~np.isfinite(y)) or np.any(y < 0) or np.any(y != np.floor(y)):
        raise ScoresError("outcome", "there are values that are no whole numbers from 0")
    n, p = x.shape
    if n <= p:
        raise ModelSizeError(n, p)
    if np.linalg.matrix_rank(x) < p:
        raise CollinearError(_superfluous(x, names))
    alpha = _dispersion(y, x) if family == "negative-binomial" else 0.0
    fit = _fit(y, x, alpha)
    mu = np.asarray(fit.fittedvalues, dtype=np.float64)
    weight = 1 / (1 + alpha * mu)
    bread: Floats = np.asarray(np.linalg.inv(x.T @ (x * (mu * weight)[:, None])), np.float64)
    scores = x * ((y - mu) * weight)[:, None]
    factor, df = n / (n - p), float(n - p)
    if groups is not None:
        labels = np.unique(np.asarray(groups), return_inverse=True)[1]
        many = int(labels.max()) + 1
        summed = np.zeros((many, p))
        np.add.at(summed, labels, scores)
        scores, df = summed, float(many - 1)
        factor = many / (many - 1) * (n - 1) / (n - p)
    cov = factor * bread @ (scores.T @ scores) @ bread
    return CountModel(
        names=tuple(names),
        coef=np.asarray(fit.params, dtype=np.float64),
        cov=cov,
        cov_model=bread,
        df=df,
        alpha=alpha,
        log_likelihood=float(fit.llf),
        pearson=float(np.sum((y - mu) ** 2 * weight / mu)) / (n - p),
        family="negative-binomial" if alpha > 0 else "poisson",
        n=n,
    )


def _fit(y: Floats, x: Floats, alpha: float) -> Any:
    family = sm.families.NegativeBinomial(alpha=alpha) if alpha > 0 else sm.families.Poisson()
    return sm.GLM(y, x, family=family).fit(tol=1e-12, maxiter=200)


def _dispersion(y: Floats, x: Floats) -> float:
    """α that maximises the profile likelihood; 0 where the Poisson model is as likely."""

    def loss(log_alpha: float) -> float:
        return -float(_fit(y, x, float(np.exp(log_alpha))).llf)

    found = optimize.minimize_scalar(
        loss, bounds=(np.log(_FLAT), 6.0), method="bounded", options={"xatol": 1e-9}
    )
    alpha = float(np.exp(found.x))
    none = -float(found.fun) <= float(_fit(y, x, 0.0).llf) + 1e-6
    return 0.0 if none or alpha < 2 * _FLAT else alpha


def _superfluous(x: Floats, names: Sequence[str]) -> list[str]:
    """Columns that those before them already determine."""
    found, rank = [], 0
    for place in range(x.shape[1]):
        now = int(np.linalg.matrix_rank(x[:, : place + 1]))
        if now == rank:
            found.append(str(names[place]))
        rank = now
    return found
