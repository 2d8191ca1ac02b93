"""Power of a test whose estimate has a known standard error, and the size that reaches it.

Numbers in, a probability out: what a design makes of people, clusters and waves into a standard
error and degrees of freedom is not known here. Formulas: docs/methods.md, "Sample size and power".
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isinf, sqrt

import numpy as np
from scipy import special
from scipy.optimize import brentq

from socmeasures.effects.noncentral import noncentral_t_cdf

ALTERNATIVES = ("two-sided", "greater", "less")
ANALYSES = ("ancova", "change", "post")

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)


def power_of_difference(
    difference: float,
    se: float,
    df: float = inf,
    *,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    both_tails: bool = True,
) -> float:
    """Chance that a t (or z) test finds a true `difference`.

    Parameters
    ----------
    difference : float
        The true difference, in the unit of `se`; its sign matters for one-sided tests only.
    se : float
        Standard error of the estimated difference, above 0.
    df : float
        Degrees of freedom, 1 or more; infinite for the normal distribution.
    alpha : float
        Level of the test.
    alternative : {"two-sided", "greater", "less"}
        Which differences the test looks for.
    both_tails : bool
        Whether a two-sided test that rejects on the wrong side counts (R pwr) or not (R
        ``power.t.test``). It matters in the fifth digit.

    Returns
    -------
    float
        A probability.

    Notes
    -----
    P(T > t) for T noncentral t with noncentrality difference/se; exact for normal outcomes.

    Examples
    --------
    >>> round(power_of_difference(0.6, (2 / 30) ** 0.5, 58), 4)  # 30 people an arm, 0.6 SD
    0.6275
    """
    shift = difference / se
    if alternative == "less":
        shift = -shift
    tails = 2 if alternative == "two-sided" else 1
    if tails == 2:
        shift = abs(shift)
    limit = _t_quantile(df, 1 - alpha / tails)
    power = _above(limit, df, shift)
    if tails == 2 and both_tails:
        power += _above(limit, df, -shift)
    return power


def power_of_equivalence(
    difference: float, margin: float, se: float, df: float = inf, *, alpha: float = 0.05
) -> float:
    """Chance that two one-sided tests place a true `difference` within ± `margin`.

    Parameters
    ----------
    difference : float
        The true difference; 0 when the two really are the same.
    margin : float
        How far from 0 still counts as the same, above 0, in the unit of `difference`.
    se : float
        Standard error of the estimated difference.
    df : float
        Degrees of freedom of `se`, 1 or more, or infinite.
    alpha : float
        Level of each of the two tests; .05 goes with a 90 % interval.

    Returns
    -------
    float
        A probability; exactly 0 where the interval is wider than the margin could ever hold.

    Notes
    -----
    The two tests share one standard error, so the joint probability is integrated over it [1]_.

    References
    ----------
    .. [1] Phillips (1990). J. Pharmacokinet. Biopharm. 18, 137-144.

    Examples
    --------
    >>> round(power_of_equivalence(0.0, 0.5, (2 / 70) ** 0.5, 138), 3)
    0.806
    """
    limit = _t_quantile(df, 1 - alpha)
    upper, lower = (margin - difference) / se, (margin + difference) / se
    if isinf(df):
        return max(0.0, float(special.ndtr(upper - limit) - special.ndtr(limit - lower)))
    # s is the estimated SD over the true one; beyond `widest` both tests cannot reject
    widest = margin / (se * limit)
    low = sqrt(special.chdtri(df, 1 - 1e-12) / df)
    high = min(sqrt(special.chdtri(df, 1e-15) / df), widest)
    if high <= low:
        return 0.0
    s = low + (high - low) / 2 * (_NODES + 1)
    log_density = (
        np.log(2)
        + (df / 2) * np.log(df / 2)
        - special.gammaln(df / 2)
        + (df - 1) * np.log(s)
        - df * s**2 / 2
    )
    inside = special.ndtr(upper - limit * s) - special.ndtr(limit * s - lower)
    return float((high - low) / 2 * np.sum(_WEIGHTS * np.exp(log_density) * inside))


def power_of_margin(
    difference: float,
    margin: float,
    se: float,
    df: float = inf,
    *,
    alpha: float = 0.05,
    both: bool = False,
) -> float:
    """Chance that a true `difference` is shown to be no worse than a margin allows.

    Parameters
    ----------
    difference : float
        The true difference; positive is better.
    margin : float
        How much worse still counts as no worse, above 0.
    se, df : float
        Standard error of the estimated difference and its degrees of freedom.
    alpha : float
        1 − confidence: the lower end of the two-sided interval lies above −margin, so the one test
        has half of it. With `both` each of the two tests has all of it.
    both : bool
        Whether the difference must not be better by the margin either (equivalence).

    Returns
    -------
    float

    Examples
    --------
    >>> round(power_of_margin(0, 0.3, (2 / 235) ** 0.5, 468), 3)
    0.901
    """
    if both:
        return power_of_equivalence(difference, margin, se, df, alpha=alpha)
    return power_of_difference(difference + margin, se, df, alpha=alpha / 2, alternative="greater")


def smallest(
    reached: Callable[[float], float], wanted: float, *, least: float, most: float = inf
) -> float | None:
    """Smallest argument, from `least`, at which a rising function reaches `wanted`.

    Parameters
    ----------
    reached : callable
        Rising, as power does with people or with the difference.
    wanted : float
        What is to be reached.
    least : float
        Where the function begins to be defined; returned when that is enough.
    most : float
        Where it ends.

    Returns
    -------
    float or None
        None when `most`, or a thousand million times `least`, is not enough.

    Examples
    --------
    >>> power = lambda n: power_of_difference(0.5, (2 / n) ** 0.5, 2 * n - 2)
    >>> round(smallest(power, 0.8, least=2), 4)
    63.7656
    """
    if reached(least) >= wanted:
        return float(least)
    low, high = float(least), min(max(2.0 * least, least + 1.0), most)
    while reached(high) < wanted:
        if high >= min(most, 1e9 * max(least, 1.0)):
            return None
        low, high = high, min(high * 2, most)
    return float(brentq(lambda x: reached(x) - wanted, low, high, xtol=1e-10, rtol=1e-12))


def bloom_multiplier(df: float, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """Smallest detectable difference in standard errors, by Bloom's sum of two t quantiles.

    Parameters
    ----------
    df : float
        Degrees of freedom of the test.
    power : float
        Chance of finding it.
    alpha : float
        Level of the two-sided test.

    Returns
    -------
    float
        Times the standard error; the exact multiple, by the noncentral t, differs by under 1 %
        from 10 degrees of freedom on.

    References
    ----------
    .. [1] Bloom (2005). Learning More from Social Experiments. Russell Sage.

    Examples
    --------
    >>> round(bloom_multiplier(14), 3)
    3.013
    """
    return _t_quantile(df, 1 - alpha / 2) + _t_quantile(df, power)


def variance_factor(
    analysis: str = "ancova", *, r: float = 0.0, baselines: int = 1, followups: int = 1
) -> float:
    """What repeated waves make of the variance of a difference between two arms.

    Parameters
    ----------
    analysis : {"ancova", "change", "post"}
        Adjusted for the mean of the baselines; mean of the follow-ups minus mean of the
        baselines; or the mean of the follow-ups alone.
    r : float in (-1, 1)
        Correlation of any two waves, the same for all pairs (compound symmetry).
    baselines, followups : int
        How many waves before and after.

    Returns
    -------
    float
        Multiplies 2σ²/n per arm. With one wave before and after ANCOVA gives 1 − r².

    References
    ----------
    .. [1] Frison & Pocock (1992). Stat. Med. 11, 1685-1704. doi:10.1002/sim.4780111304

    Examples
    --------
    >>> round(variance_factor("ancova", r=0.6, followups=3), 4)
    0.3733
    """
    after = (1 + (followups - 1) * r) / followups
    before = (1 + (baselines - 1) * r) / baselines
    if analysis == "post":
        return after
    if analysis == "change":
        return after + before - 2 * r
    return after - r**2 / before


def baseline_balance(people: float) -> float:
    """What chance differences of the arms at baseline leave of an ANCOVA's noncentrality.

    Parameters
    ----------
    people : float
        In both arms together, above 2.

    Returns
    -------
    float
        Below 1; about 1 − 1/(2·people − 4).

    Notes
    -----
    The adjusted difference has the variance σ²(1/n₁ + 1/n₂)(1 + B), where 1/(1 + B) follows a Beta
    distribution with (people − 2)/2 and 1/2 for a normal baseline; this is the mean of its root.

    Examples
    --------
    >>> round(baseline_balance(20), 4), round(baseline_balance(200), 4)
    (0.9726, 0.9975)
    """
    a = (people - 2) / 2
    log_mean = 2 * special.gammaln(a + 0.5) - special.gammaln(a) - special.gammaln(a + 1)
    return float(np.exp(log_mean))


def _t_quantile(df: float, probability: float) -> float:
    return float(special.ndtri(probability) if isinf(df) else special.stdtrit(df, probability))


def _above(limit: float, df: float, shift: float) -> float:
    if isinf(df):
        return float(special.ndtr(shift - limit))
    return 1.0 - noncentral_t_cdf(limit, df, shift)
