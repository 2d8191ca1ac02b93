"""Bootstrap of one coefficient of a linear model, resampling people within groups.

Arrays in, `Estimate` out. A resample is a weight for each person, so that all of them are solved
at once from sums of weights times products.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from socmeasures.effects.bootstrap import RESAMPLES, bca_tails
from socmeasures.effects.estimate import Estimate
from socmeasures.effects.measured import check_confidence
from socmeasures.errors import ModelSizeError, NoSpreadError

Floats = NDArray[np.float64]
_AT_ONCE = 1_000_000


def bootstrap_coefficient(
    outcome: ArrayLike,
    design: ArrayLike,
    place: int,
    *,
    strata: ArrayLike | None = None,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int | tuple[int, ...] = 0,
    name: str = "difference in means",
) -> Estimate:
    """BCa interval for one coefficient of a least-squares model.

    Parameters
    ----------
    outcome : array-like, shape (n,)
        One value a person.
    design : array-like, shape (n, p)
        Columns of the model.
    place : int
        Which coefficient.
    strata : array-like, shape (n,), optional
        People are drawn within these (arms), so that every resample has all of them.
    confidence, resamples, seed
        As in `bootstrap_change`.
    name : str
        What the estimate is called.

    Returns
    -------
    Estimate
        In the unit of the outcome, with the seed in `method`.

    Raises
    ------
    ModelSizeError
        No more people than columns.
    NoSpreadError
        Every resample gives the same value.

    References
    ----------
    .. [1] Efron (1987). J. Am. Stat. Assoc. 82(397), 171-185. doi:10.2307/2289144

    Examples
    --------
    >>> import numpy as np
    >>> from socmeasures.models.bootstrap_ols import bootstrap_coefficient
    >>> arm = np.repeat([0.0, 1.0], 10)
    >>> found = bootstrap_coefficient(np.r_[np.arange(10), np.arange(10) + 2.0],
    ...                               np.column_stack([np.ones(20), arm]), 1, strata=arm)
    >>> round(found.estimate, 6), found.ci_low < 2 < found.ci_high
    (2.0, True)
    """
    level = check_confidence(confidence)
    y, x = np.asarray(outcome, np.float64), np.asarray(design, np.float64)
    n, p = x.shape
    if n <= p + 1:
        raise ModelSizeError(n, p)
    products = np.concatenate(
        [(x[:, :, None] * x[:, None, :]).reshape(n, p * p), x * y[:, None]], axis=1
    )
    estimate = float(_solved(np.ones((1, n)), products, p, place)[0])
    labels = np.zeros(n, int) if strata is None else np.unique(strata, return_inverse=True)[1]
    rng = np.random.default_rng(seed)
    draws = []
    step = max(1, _AT_ONCE // n)
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        weights = np.zeros((size, n))
        for label in range(labels.max() + 1):
            mine = np.flatnonzero(labels == label)
            weights[:, mine] = rng.multinomial(len(mine), np.full(len(mine), 1 / len(mine)), size)
        draws.append(_solved(weights, products, p, place))
    values = np.concatenate(draws)
    values = values[np.isfinite(values)]
    if len(values) < 2 or np.ptp(values) == 0:
        raise NoSpreadError("A bootstrap interval", "the spread of the resamples")
    jackknife = _solved(np.ones((n, n)) - np.eye(n), products, p, place)
    tails = ((1 - level) / 2, (1 + level) / 2)
    if np.isfinite(jackknife).all():
        tails = bca_tails(values, estimate, jackknife, tails)
    low, high = np.quantile(values, list(tails))
    return Estimate(
        estimate=estimate,
        ci_low=float(low),
        ci_high=float(high),
        n=n,
        name=name,
        method=f"bca bootstrap, {resamples:,} resamples of people within groups, seed {seed}",
        source="Efron (1987)",
        confidence=level,
        se=float(values.std(ddof=1)),
    )


def _solved(weights: Floats, products: Floats, p: int, place: int) -> Floats:
    """The coefficient under each row of weights; NaN where it cannot be told."""
    sums = weights @ products
    left = sums[:, : p * p].reshape(-1, p, p)
    right = sums[:, p * p :]
    out = np.full(len(weights), np.nan)
    scale = np.sqrt(np.einsum("rii->ri", left))
    fine = (scale > 0).all(axis=1)
    # on the scale of correlations, so that one bound tells a singular resample
    unit = left[fine] / (scale[fine][:, :, None] * scale[fine][:, None, :])
    solvable = np.abs(np.linalg.det(unit)) > 1e-12
    rows = np.flatnonzero(fine)[solvable]
    out[rows] = np.linalg.solve(left[rows], right[rows][:, :, None])[:, place, 0]
    return out
