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
