"""Shares of people and their intervals.

Counts in, `Estimate` out. Formulas: docs/methods.md.
"""

from __future__ import annotations

import numpy as np
from scipy import special, stats

from socmeasures.effects.estimate import Estimate
from socmeasures.effects.measured import check_confidence
from socmeasures.errors import ScoresError, TooFewError


def wilson_interval(count: int, n: int, *, confidence: float = 0.95) -> Estimate:
    """A share with Wilson's interval.

    Parameters
    ----------
    count, n : int
        How many of how many people.
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    Estimate
        A share from 0 to 1; the interval never leaves that range.

    Raises
    ------
    TooFewError
        `n` is 0.
    ScoresError
        `count` is below 0 or above `n`.

    References
    ----------
    .. [1] Wilson (1927). J. Am. Stat. Assoc. 22, 209-212. doi:10.1080/01621459.1927.10502953

    Examples
    --------
    >>> from socmeasures.effects.proportions import wilson_interval
    >>> share = wilson_interval(7, 10)
    >>> round(share.ci_low, 4), round(share.ci_high, 4)
    (0.3968, 0.8922)
    """
    level = check_confidence(confidence)
    if n < 1:
        raise TooFewError("A share", int(n), 1)
    if not 0 <= count <= n:
        raise ScoresError("count", f"{count} of {n} people is not a share")
    z = float(special.ndtri((1 + level) / 2))
    p = count / n
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return Estimate(
        estimate=p,
        ci_low=0.0 if count == 0 else float(middle - half),
        ci_high=1.0 if count == n else float(middle + half),
        n=int(n),
        name="share",
        method="Wilson score interval",
        source="Wilson (1927)",
        confidence=level,
        se=float(np.sqrt(p * (1 - p) / n)),
    )


def sign_test(higher: int, lower: int) -> float | None:
    """Exact two-sided sign test: are rises and falls equally likely?

    Parameters
    ----------
    higher, lower : int
        People whose score rose and fell. People without a change do not count.

    Returns
    -------
    float or None
        p value; None when nobody's score changed.

    References
    ----------
    .. [1] Dixon & Mood (1946). J. Am. Stat. Assoc. 41, 557-566.

    Examples
    --------
    >>> from socmeasures.effects.proportions import sign_test
    >>> sign_test(9, 0)
    0.00390625
    """
    if higher + lower == 0:
        return None
    return float(stats.binomtest(int(higher), int(higher + lower), 0.5).pvalue)


def risk_difference(
    treated: int, n_treated: int, control: int, n_control: int, *, confidence: float = 0.95
) -> Estimate:
    """Share in one group minus share in another, with Newcombe's interval (his method 10).

    Parameters
    ----------
    treated, n_treated : int
        How many of how many people in the treated group.
    control, n_control : int
        The same for the control group.
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    Estimate
        −1 to 1. Positive: more often among the treated.

    Raises
    ------
    TooFewError
        An empty group.
    ScoresError
        A count below 0 or above its n.

    References
    ----------
    .. [1] Newcombe (1998). Stat. Med. 17, 873-890.

    Examples
    --------
    >>> difference = risk_difference(17, 21, 8, 19)
    >>> round(difference.estimate, 3), round(difference.ci_low, 3), round(difference.ci_high, 3)
    (0.388, 0.087, 0.61)
    """
    one = wilson_interval(treated, n_treated, confidence=confidence)
    other = wilson_interval(control, n_control, confidence=confidence)
    difference = one.estimate - other.estimate
    down = np.hypot(one.estimate - one.ci_low, other.ci_high - other.estimate)
    up = np.hypot(one.ci_high - one.estimate, other.estimate - other.ci_low)
    variance = sum(s.estimate * (1 - s.estimate) / s.n for s in (one, other))
    return Estimate(
        estimate=difference,
        ci_low=float(difference - down),
        ci_high=float(difference + up),
        n=one.n + other.n,
        name="risk difference",
        method="Newcombe's interval from two Wilson intervals",
        source="Newcombe (1998)",
        confidence=one.confidence,
        se=float(np.sqrt(variance)),
    )
