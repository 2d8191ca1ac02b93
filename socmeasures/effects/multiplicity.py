"""Several tests at once: adjusted p values, and simultaneous intervals of contrasts.

Arrays in, arrays and frozen results out. Which tests form a family is for the caller to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats
from scipy.optimize import brentq

from socmeasures.effects.measured import Floats, check_choice, check_confidence
from socmeasures.errors import ProbabilityError

Adjustment = Literal[
    "holm",
    "hochberg",
    "hommel",
    "bonferroni",
    "sidak",
    "holm-sidak",
    "fixed-sequence",
    "benjamini-hochberg",
    "benjamini-yekutieli",
    "none",
]


def adjust_p_values(p_values: ArrayLike, *, method: Adjustment = "holm") -> Floats:
    """p values adjusted for their number.

    Parameters
    ----------
    p_values : array-like, shape (m,)
        NaN where there is none: it stays NaN and does not count.
    method : str
        ``holm`` (default; needs no assumption), ``bonferroni``; ``hochberg``, ``hommel`` (for
        independent or positively dependent tests); ``sidak``, ``holm-sidak`` (independent);
        ``fixed-sequence`` (tested in the given order); ``benjamini-hochberg``,
        ``benjamini-yekutieli`` (false discovery rate, not the chance of any false finding).

    Returns
    -------
    array, shape (m,)
        In the order given. None of these, Holm's least of all, gives intervals.

    Raises
    ------
    ProbabilityError
        A value outside 0 to 1.

    References
    ----------
    .. [1] Holm (1979). Scand. J. Stat. 6, 65-70.
    .. [2] Hommel (1988). Biometrika 75, 383-386.

    Examples
    --------
    >>> adjust_p_values([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    check_choice("method", method, tuple(_BY_NAME))
    given = np.asarray(p_values, dtype=np.float64)
    there = ~np.isnan(given)
    outside = given[there & ~((given >= 0) & (given <= 1))]
    if len(outside):
        raise ProbabilityError(float(outside[0]))
    adjusted: Floats = np.full(given.shape, np.nan)
    if there.any():
        adjusted[there] = np.minimum(_BY_NAME[method](given[there]), 1.0)
    return adjusted


def _step_down(factor: Callable[[Floats, Floats], Floats]) -> Callable[[Floats], Floats]:
    """From the smallest p on; `factor` gets sorted p and how many are left at each."""

    def adjust(p: Floats) -> Floats:
        order = np.argsort(p, kind="stable")
        left = np.arange(len(p), 0, -1, dtype=np.float64)
        stepped = np.maximum.accumulate(factor(p[order], left))
        return _back(stepped, order)

    return adjust


def _step_up(factor: Callable[[Floats, Floats], Floats]) -> Callable[[Floats], Floats]:
    """From the largest p on; `factor` gets sorted p and each one's rank."""

    def adjust(p: Floats) -> Floats:
        order = np.argsort(p, kind="stable")
        rank = np.arange(1, len(p) + 1, dtype=np.float64)
        stepped = np.minimum.accumulate(factor(p[order], rank)[::-1])[::-1]
        return _back(stepped, order)

    return adjust


def _back(sorted_values: Floats, order: np.ndarray) -> Floats:
    values: Floats = np.empty(len(order))
    values[order] = sorted_values
    return values


def _hommel(p: Floats) -> Floats:
    m = len(p)
    order = np.argsort(p, kind="stable")
    ordered = p[order]
    best = np.full(m, float(np.min(m * ordered / np.arange(1, m + 1))))
    q = best.copy()
    for size in range(m - 1, 1, -1):
        first, last = np.arange(m - size + 1), np.arange(m - size + 1, m)
        floor = float(np.min(size * ordered[last] / np.arange(2, size + 1)))
        q[first] = np.minimum(size * ordered[first], floor)
        q[last] = q[m - size]
        best = np.maximum(best, q)
    return _back(np.maximum(best, ordered), order)


def _sidak(p: Floats, m: Floats) -> Floats:
    power: Floats = -np.expm1(m * np.log1p(-np.minimum(p, 1 - 1e-16)))
    return power


def _yekutieli(p: Floats, rank: Floats) -> Floats:
    m = len(p)
    scaled: Floats = p * m * np.sum(1 / np.arange(1, m + 1)) / rank
    return scaled


_BY_NAME: dict[str, Callable[[Floats], Floats]] = {
    "holm": _step_down(lambda p, left: p * left),
    "hochberg": _step_up(lambda p, rank: p * (len(p) - rank + 1)),
    "hommel": _hommel,
    "bonferroni": lambda p: p * len(p),
    "sidak": lambda p: _sidak(p, np.full(len(p), float(len(p)))),
    "holm-sidak": _step_down(_sidak),
    "fixed-sequence": lambda p: np.maximum.accumulate(p),
    "benjamini-hochberg": _step_up(lambda p, rank: p * len(p) / rank),
    "benjamini-yekutieli": _step_up(_yekutieli),
    "none": lambda p: p,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Simultaneous:
    """Contrasts tested together.

    Attributes
    ----------
    p_values : array, shape (m,)
        Two-sided, adjusted.
    ci_low, ci_high : array, shape (m,)
        Intervals that all hold together with the coverage asked for.
    method : str
        How they were made, in words.
    """

    p_values: Floats
    ci_low: Floats
    ci_high: Floats
    method: str


def simultaneous(
    estimates: ArrayLike,
    errors: ArrayLike,
    df: float,
    *,
    method: Literal["bonferroni", "sidak", "tukey", "scheffe", "dunnett"],
    means: int | None = None,
    correlation: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Simultaneous:
    """Adjusted p values and simultaneous intervals of several contrasts.

    Parameters
    ----------
    estimates, errors : array-like, shape (m,)
        Contrasts and their standard errors.
    df : float
        Degrees of freedom.
    method : {"bonferroni", "sidak", "tukey", "scheffe", "dunnett"}
        ``tukey``: all pairs of `means` means; ``scheffe``: any contrasts of them; ``dunnett``:
        each against one control, by the multivariate t distribution.
    means : int, optional
        How many means, for ``tukey`` and ``scheffe``.
    correlation : array-like, shape (m, m), optional
        Of the contrasts, for ``dunnett``.
    confidence : float in (0, 1)
        Joint coverage of the intervals.

    Returns
    -------
    Simultaneous

    Notes
    -----
    Agrees with R emmeans and TukeyHSD (tests/reference/test_multiplicity.py). ``dunnett``
    integrates numerically with a fixed seed; two runs give the same digits.

    References
    ----------
    .. [1] Dunnett (1955). J. Am. Stat. Assoc. 50, 1096-1121.

    Examples
    --------
    >>> both = simultaneous([4.1, 8.7], [1.9, 2.2], 68, method="bonferroni")
    >>> both.p_values.round(4).tolist()
    [0.0689, 0.0004]
    """
    check_choice("method", method, ("bonferroni", "sidak", "tukey", "scheffe", "dunnett"))
    level = check_confidence(confidence)
    b, se = np.asarray(estimates, dtype=np.float64), np.asarray(errors, dtype=np.float64)
    m, t = len(b), np.abs(b / se)
    k = 2 if means is None else means
    if method == "dunnett":
        shape = np.eye(m) if correlation is None else np.asarray(correlation, dtype=np.float64)

        def tail(value: float) -> float:
            inside = stats.multivariate_t(shape=shape, df=df).cdf(
                np.full(m, value), lower_limit=np.full(m, -value), random_state=2026
            )
            return float(1 - inside)

        p = np.array([tail(float(v)) for v in t])
        critical = float(brentq(lambda v: tail(v) - (1 - level), 0.1, 50, xtol=1e-5))
    else:
        two_sided = 2 * special.stdtr(df, -t)
        p, critical = {
            "bonferroni": lambda: (
                np.minimum(two_sided * m, 1),
                float(special.stdtrit(df, 1 - (1 - level) / (2 * m))),
            ),
            "sidak": lambda: (
                1 - (1 - two_sided) ** m,
                float(special.stdtrit(df, (1 + level ** (1 / m)) / 2)),
            ),
            "tukey": lambda: (
                stats.studentized_range.sf(t * np.sqrt(2), k, df),
                float(stats.studentized_range.ppf(level, k, df)) / float(np.sqrt(2)),
            ),
            "scheffe": lambda: (
                stats.f.sf(t**2 / (k - 1), k - 1, df),
                float(np.sqrt((k - 1) * stats.f.ppf(level, k - 1, df))),
            ),
        }[method]()
    return Simultaneous(
        p_values=p,
        ci_low=b - critical * se,
        ci_high=b + critical * se,
        method=f"{method}, {m} contrasts, {df:g} degrees of freedom",
    )
