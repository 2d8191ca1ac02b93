"""Power of an analysis of variance with several arms, and of a correlation."""

from __future__ import annotations

from collections.abc import Sequence
from math import atanh, sqrt

import numpy as np
from scipy import special

CORRELATION_METHODS = ("t", "fisher")


def power_of_anova(f: float, n_per_arm: float, arms: int, *, alpha: float = 0.05) -> float:
    """Chance that an F test over several equal arms finds any difference.

    Parameters
    ----------
    f : float
        Cohen's f: SD of the true arm means over the SD within arms.
    n_per_arm : float
        People analysed in each arm; above 1.
    arms : int
        Two or more.
    alpha : float
        Level of the test.

    Returns
    -------
    float
        A probability. It says nothing about which arms differ.

    References
    ----------
    .. [1] Cohen (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd ed., ch. 8.

    Examples
    --------
    >>> round(power_of_anova(0.25, 52.3966, 3), 3)
    0.8
    """
    between, within = arms - 1.0, arms * (n_per_arm - 1.0)
    limit = special.fdtri(between, within, 1 - alpha)
    return float(1 - special.ncfdtr(between, within, arms * n_per_arm * f**2, limit))


def f_of_means(means: Sequence[float], sd: float) -> float:
    """Cohen's f of arm means.

    Parameters
    ----------
    means : sequence of float
        The true mean of each arm, arms of equal size.
    sd : float
        Standard deviation within arms.

    Returns
    -------
    float

    Examples
    --------
    >>> round(f_of_means([10, 12, 14], 8), 3)
    0.204
    """
    return float(np.std(np.asarray(means, dtype=float)) / sd)


def power_of_correlation(
    correlation: float, n: float, *, method: str = "t", alpha: float = 0.05, tails: int = 2
) -> float:
    """Chance that a true correlation is found to differ from 0.

    Parameters
    ----------
    correlation : float in (-1, 1), not 0
        The true correlation; its sign does not matter.
    n : float
        People with both scores; above 3.
    method : {"t", "fisher"}
        The t test, its power by Fisher's z with the bias of z taken in (R ``pwr.r.test``); or
        Fisher's z throughout.
    alpha : float
        Level of the test.
    tails : {1, 2}
        One-sided or two-sided.

    Returns
    -------
    float

    References
    ----------
    .. [1] Cohen (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd ed., p. 546.

    Examples
    --------
    >>> round(power_of_correlation(0.3, 84.07364), 3)
    0.8
    """
    r = abs(correlation)
    if method == "fisher":
        return float(special.ndtr(atanh(r) * sqrt(n - 3) - special.ndtri(1 - alpha / tails)))
    t = special.stdtrit(n - 2, 1 - alpha / tails)
    limit = atanh(sqrt(t**2 / (t**2 + n - 2)))
    biased = atanh(r) + r / (2 * (n - 1))
    power = special.ndtr((biased - limit) * sqrt(n - 3))
    if tails == 2:
        power += special.ndtr((-biased - limit) * sqrt(n - 3))
    return float(power)
