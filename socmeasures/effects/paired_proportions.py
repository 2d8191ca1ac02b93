"""The share of people with something, before and after in the same people.

Counts in, frozen results out. Formulas: docs/methods.md.
"""

from __future__ import annotations

import numpy as np
from scipy import special, stats

from socmeasures.effects.estimate import Estimate
from socmeasures.effects.measured import check_choice, check_confidence
from socmeasures.effects.proportions import wilson_interval
from socmeasures.errors import ScoresError, TooFewError


def paired_difference(
    both: int,
    later_only: int,
    earlier_only: int,
    neither: int,
    *,
    ci_method: str = "newcombe10",
    confidence: float = 0.95,
) -> Estimate:
    """Share later minus share earlier, in the same people, with Newcombe's interval.

    Parameters
    ----------
    both, later_only, earlier_only, neither : int
        People with it at both time points, only later, only earlier, at neither.
    ci_method : {"newcombe10", "newcombe8", "wald"}
        Newcombe's method 10 (default; a correlation with continuity correction), his method 8
        (without it), or the textbook interval, which is too narrow in small samples.
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    Estimate
        A difference of shares, −1 to 1. `p_value` is of the exact McNemar test, None when
        nobody moved.

    Raises
    ------
    TooFewError
        No people.
    ScoresError
        A count below 0.

    References
    ----------
    .. [1] Newcombe (1998). Stat. Med. 17, 2635-2650.
    .. [2] McNemar (1947). Psychometrika 12, 153-157.

    Examples
    --------
    >>> change = paired_difference(36, 12, 2, 0)  # Newcombe (1998), table II
    >>> round(change.estimate, 2), round(change.ci_low, 4), round(change.ci_high, 4)
    (0.2, 0.0569, 0.3404)
    """
    check_choice("ci_method", ci_method, ("newcombe10", "newcombe8", "wald"))
    level = check_confidence(confidence)
    counts = (both, later_only, earlier_only, neither)
    if min(counts) < 0:
        raise ScoresError("counts", f"{min(counts)} is not a number of people")
    n = sum(counts)
    if n == 0:
        raise TooFewError("A change in a share", 0, 1, "pair")
    difference = (later_only - earlier_only) / n
    moved = later_only + earlier_only
    se = float(np.sqrt(moved / n**2 - (later_only - earlier_only) ** 2 / n**3))
    if ci_method == "wald":
        half = float(special.ndtri((1 + level) / 2)) * se
        low, high = difference - half, difference + half
    else:
        low, high = _newcombe(counts, level, corrected=ci_method == "newcombe10")
    words = {
        "newcombe10": "Newcombe's method 10",
        "newcombe8": "Newcombe's method 8",
        "wald": "textbook (Wald) interval",
    }
    return Estimate(
        estimate=difference,
        ci_low=low,
        ci_high=high,
        n=n,
        name="difference in share",
        method=f"{words[ci_method]}; exact McNemar test",
        source="Newcombe (1998); McNemar (1947)",
        confidence=level,
        se=se,
        p_value=mcnemar_exact(later_only, earlier_only),
    )


def _newcombe(
    counts: tuple[int, int, int, int], level: float, *, corrected: bool
) -> tuple[float, float]:
    both, later_only, earlier_only, _ = counts
    n = sum(counts)
    later = wilson_interval(both + later_only, n, confidence=level)
    earlier = wilson_interval(both + earlier_only, n, confidence=level)
    phi = _correlation(counts, corrected=corrected)
    difference = later.estimate - earlier.estimate

    def reach(one: float, other: float) -> float:
        return float(np.sqrt(max(one**2 - 2 * phi * one * other + other**2, 0.0)))

    low = reach(later.estimate - later.ci_low, earlier.ci_high - earlier.estimate)
    high = reach(later.ci_high - later.estimate, earlier.estimate - earlier.ci_low)
    return difference - low, difference + high


def _correlation(counts: tuple[int, int, int, int], *, corrected: bool) -> float:
    """Newcombe's φ; 0 when a margin is empty. Corrected: a positive one is shrunk by n/2."""
    a, b, c, d = counts
    margins = float(a + b) * float(c + d) * float(a + c) * float(b + d)
    if margins == 0:
        return 0.0
    product = float(a * d - b * c)
    if corrected and product > 0:
        product = max(product - sum(counts) / 2, 0.0)
    return product / float(np.sqrt(margins))


def mcnemar_exact(later_only: int, earlier_only: int) -> float | None:
    """Exact two-sided McNemar test: are both directions of movement equally likely?

    Parameters
    ----------
    later_only, earlier_only : int
        People who have it only later, only earlier.

    Returns
    -------
    float or None
        p value; None when nobody moved.

    Examples
    --------
    >>> round(mcnemar_exact(15, 5), 4)
    0.0414
    """
    moved = later_only + earlier_only
    if moved == 0:
        return None
    return float(stats.binomtest(int(later_only), int(moved), 0.5).pvalue)
