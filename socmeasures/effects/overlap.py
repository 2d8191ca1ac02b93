"""How far two groups, or two time points, overlap: U3 and the paired chance of scoring higher.

Arrays in, `Estimate` out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import special
from scipy.optimize import brentq

from socmeasures.effects.estimate import Estimate
from socmeasures.effects.mean_difference import cohens_d
from socmeasures.effects.measured import check_confidence, left_out, measured_pairs
from socmeasures.effects.signed_rank import wilcoxon
from socmeasures.errors import TooFewError


def cohens_u3(treated: ArrayLike, control: ArrayLike, *, confidence: float = 0.95) -> Estimate:
    """Share of the control group below the mean of the treated, both taken as normal.

    Parameters
    ----------
    treated, control : array-like, shape (n_treated,), (n_control,)
        One score a person; NaN is left out and counted. Independent groups only: for the same
        people before and after give the shares higher, same and lower.
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    Estimate
        Φ(d) with the limits of d carried through; 0.5 is no difference.

    References
    ----------
    .. [1] Cohen (1988). Statistical power analysis for the behavioral sciences, 2nd ed., 21-23.

    Examples
    --------
    >>> round(cohens_u3([3, 4, 5, 6, 7], [1, 2, 4, 4, 5]).estimate, 3)
    0.868
    """
    d = cohens_d(treated, control, confidence=confidence)
    low, middle, high = (float(special.ndtr(v)) for v in (d.ci_low, d.estimate, d.ci_high))
    return replace(
        d,
        estimate=middle,
        ci_low=low,
        ci_high=high,
        se=None,
        name="U3",
        method="normal distribution function of d and of its noncentral-t limits",
        source="Cohen (1988)",
    )


def paired_superiority(
    later: ArrayLike, earlier: ArrayLike, *, confidence: float = 0.95
) -> Estimate:
    """Chance that a person's own later score is the higher one, equal scores counted half.

    Parameters
    ----------
    later, earlier : array-like, shape (n_people,)
        Scores of the same people in the same order; a pair with NaN in either is left out.
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    Estimate
        0 to 1; 0.5 is as many up as down. Not the number for independent groups.

    Raises
    ------
    TooFewError
        No pair.

    Notes
    -----
    Half of 1 + (share higher − share lower), with Tango's score interval for that difference.

    References
    ----------
    .. [1] Tango (1998). Stat. Med. 17, 891-908.

    Examples
    --------
    >>> paired_superiority([5, 7, 9, 8, 4], [4, 5, 8, 8, 6]).estimate
    0.7
    """
    level = check_confidence(confidence)
    after, before, n_left_out = measured_pairs(later, earlier)
    if len(after) == 0:
        raise TooFewError("A chance of scoring higher", 0, 1, "pair")
    size = np.maximum(np.abs(after), np.abs(before))
    moved = np.abs(after - before) > 1e-10 * size
    higher, lower = int(np.sum(moved & (after > before))), int(np.sum(moved & (after < before)))
    low, high = tango_interval(higher, lower, len(after), level)
    return Estimate(
        estimate=(1 + (higher - lower) / len(after)) / 2,
        ci_low=(1 + low) / 2,
        ci_high=(1 + high) / 2,
        n=len(after),
        name="paired probability of superiority",
        method="share higher + half the share same; Tango's score interval",
        source="Tango (1998)",
        confidence=level,
        notes=left_out(n_left_out),
    )


def tango_interval(higher: int, lower: int, n: int, confidence: float) -> tuple[float, float]:
    """Score interval of (higher − lower)/n, for people who rose, fell, or did neither.

    Examples
    --------
    >>> low, high = tango_interval(12, 2, 50, 0.95)
    >>> round(low, 4), round(high, 4)
    (0.0611, 0.3447)
    """
    z = float(special.ndtri((1 + confidence) / 2))
    difference = (higher - lower) / n

    def score(delta: float) -> float:
        b = -higher - lower + (2 * n - higher + lower) * delta
        root = max(b**2 + 8 * n * lower * delta * (1 - delta), 0.0)
        q = max((float(np.sqrt(root)) - b) / (4 * n), 0.0)
        variance = n * (2 * q + delta * (1 - delta))
        top = higher - lower - n * delta
        if variance <= 0:
            return float(np.sign(top)) * 1e9  # the limit is at this end
        return float(top / np.sqrt(variance))

    low = -1.0 if difference <= -1 else _crossing(lambda d: score(d) - z, -1 + 1e-12, difference)
    high = 1.0 if difference >= 1 else _crossing(lambda d: score(d) + z, difference, 1 - 1e-12)
    return low, high


def _crossing(function: Callable[[float], float], low: float, high: float) -> float:
    at_low, at_high = function(low), function(high)
    if np.sign(at_low) == np.sign(at_high):
        return low if abs(at_low) < abs(at_high) else high
    return float(brentq(function, low, high, xtol=1e-12))


def matched_rank_biserial(
    later: ArrayLike, earlier: ArrayLike, *, confidence: float = 0.95
) -> Estimate:
    """Matched-pairs rank-biserial correlation: rank sum up minus rank sum down, as a share.

    Parameters
    ----------
    later, earlier : array-like, shape (n_people,)
        Scores of the same people in the same order; a pair with NaN in either is left out.
    confidence : float in (0, 1)
        Coverage aimed at.

    Returns
    -------
    Estimate
        −1 to 1; positive: higher later. NaN when nobody changed. `p_value` is the Wilcoxon
        test's.

    Notes
    -----
    The interval is Fisher's z with the variance under no change, as R effectsize prints it; it
    is approximate, and a note says so.

    References
    ----------
    .. [1] Kerby (2014). Compr. Psychol. 3, 11.IT.3.1. doi:10.2466/11.IT.3.1

    Examples
    --------
    >>> round(matched_rank_biserial([5, 7, 9, 8, 4, 3], [4, 5, 8, 6, 6, 2]).estimate, 3)
    0.524
    """
    test = wilcoxon(later, earlier, confidence=confidence)
    r = float("nan") if test.rank_biserial is None else test.rank_biserial
    n = test.n - test.n_zero
    low = high = float("nan")
    if n and abs(r) < 1:
        ranks = n * (n + 1) / 2
        se = float(np.sqrt(n * (n + 1) * (2 * n + 1) / 6)) / ranks
        half = float(special.ndtri((1 + confidence) / 2)) * se
        low, high = float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half))
    return Estimate(
        estimate=r,
        ci_low=low,
        ci_high=high,
        n=test.n,
        name="matched rank-biserial r",
        method="Fisher's z, variance under no change",
        source=test.source,
        confidence=confidence,
        p_value=test.p_value,
        notes=(*test.notes, "The interval takes the variance under no change: approximate."),
    )
