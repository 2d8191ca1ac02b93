"""Change in the same people without a mean: the Wilcoxon signed-rank test and its estimates.

Arrays in, frozen results out. Exact permutation null with ties up to 30 non-zero changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from socmeasures.effects.estimate import Estimate
from socmeasures.effects.measured import (
    Floats,
    check_choice,
    check_confidence,
    left_out,
    measured_pairs,
)
from socmeasures.errors import TooFewError

FEW = 8  # averages a pair that are looked at one by one
EXACT_UP_TO = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRank:
    """What the Wilcoxon signed-rank test found.

    Attributes
    ----------
    statistic : float
        Sum of the ranks of the positive changes (R calls it V).
    p_value : float or None
        Two-sided; None when every change is zero.
    n : int
        Pairs with both scores.
    n_zero : int
        Pairs without any change, left out of the ranking.
    hodges_lehmann : Estimate
        The typical change (pseudo-median), in the unit of the score.
    rank_biserial : float or None
        Matched-pairs rank-biserial correlation, −1 to 1; None when every change is zero.
    method : str
        How the p value was made.
    notes : tuple of str
        What was left out.
    """

    statistic: float
    p_value: float | None
    n: int
    n_zero: int
    hodges_lehmann: Estimate
    rank_biserial: float | None
    method: str
    source: str = "Wilcoxon (1945); Hodges & Lehmann (1963); Kerby (2014)"
    notes: tuple[str, ...] = ()


def wilcoxon(
    later: ArrayLike,
    earlier: ArrayLike,
    *,
    confidence: float = 0.95,
    p_method: Literal["default", "exact", "normal"] = "default",
) -> SignedRank:
    """Wilcoxon signed-rank test of later − earlier.

    Parameters
    ----------
    later, earlier : array-like, shape (n_people,)
        Scores of the same people in the same order. A pair with NaN in either is left out.
    confidence : float in (0, 1)
        Coverage of the Hodges-Lehmann interval.
    p_method : {"default", "exact", "normal"}
        The exact permutation distribution of the ranks as they are, ties included (default up
        to 30 non-zero changes), or the normal approximation with tie and continuity correction.

    Returns
    -------
    SignedRank
        Positive changes: higher later. Changes of zero are left out of the ranking and counted.

    Raises
    ------
    TooFewError
        No pair at all.

    Notes
    -----
    The Hodges-Lehmann estimate is the median of all Walsh averages of all changes, zeros
    included: leaving the zeros out would push it away from zero. Its interval inverts the
    signed-rank test and is NaN when so few pairs cannot carry the coverage asked for (fewer
    than 6 for 95 %).

    Examples
    --------
    >>> from socmeasures.effects.signed_rank import wilcoxon
    >>> test = wilcoxon([5, 7, 9, 8, 7, 9, 6], [4, 5, 8, 6, 7, 4, 3])
    >>> test.statistic, round(test.p_value, 5), test.n_zero
    (21.0, 0.03125, 1)
    """
    check_choice("p_method", p_method, ("default", "exact", "normal"))
    level = check_confidence(confidence)
    after, before, n_left_out = measured_pairs(later, earlier)
    change = after - before
    if len(change) == 0:
        raise TooFewError("The Wilcoxon signed-rank test", 0, 1, "pair")
    moved = change[~_is_zero(change, after, before)]
    n_zero = len(change) - len(moved)
    notes = left_out(n_left_out)
    if n_zero:
        notes += (f"{n_zero:,} of {len(change):,} pairs did not change; left out of the ranks.",)
    estimate = _hodges_lehmann(np.where(_is_zero(change, after, before), 0.0, change), level)
    if len(moved) == 0:
        return SignedRank(
            statistic=0.0,
            p_value=None,
            n=len(change),
            n_zero=n_zero,
            hodges_lehmann=estimate,
            rank_biserial=None,
            method="no test: nobody changed",
            notes=notes,
        )
    ranks = stats.rankdata(np.round(np.abs(moved), 10))  # 0.3 − 0.1 and 0.2 are one change
    up = float(ranks[moved > 0].sum())
    exact = p_method == "exact" or (p_method == "default" and len(moved) <= EXACT_UP_TO)
    p_value = _exact_p(ranks, up) if exact else _normal_p(ranks, up)
    return SignedRank(
        statistic=up,
        p_value=p_value,
        n=len(change),
        n_zero=n_zero,
        hodges_lehmann=estimate,
        rank_biserial=float((2 * up - ranks.sum()) / ranks.sum()),
        method=(
            "exact permutation distribution, ties included"
            if exact
            else "normal approximation with tie and continuity correction"
        ),
        notes=notes,
    )


def _is_zero(change: Floats, after: Floats, before: Floats) -> NDArray[np.bool_]:
    """No change, allowing for the last digits of scores that are means of items."""
    size = np.maximum(np.abs(after), np.abs(before))
    zero: NDArray[np.bool_] = np.abs(change) <= 1e-10 * np.maximum(size, 1e-300)
    return zero


def _exact_p(ranks: Floats, up: float) -> float:
    """Two-sided: twice the smaller tail over all 2^n signs, by adding one rank at a time."""
    doubled = np.rint(2 * ranks).astype(int)  # mid-ranks are halves
    ways = np.zeros(int(doubled.sum()) + 1)
    ways[0] = 1.0
    for rank in doubled:
        shifted = np.zeros_like(ways)
        shifted[rank:] = ways[: len(ways) - rank]
        ways = (ways + shifted) / 2
    at = int(np.rint(2 * up))
    return float(min(1.0, 2 * min(ways[: at + 1].sum(), ways[at:].sum())))


def _normal_p(ranks: Floats, up: float) -> float:
    n = len(ranks)
    _, ties = np.unique(ranks, return_counts=True)
    variance = n * (n + 1) * (2 * n + 1) / 24 - float(np.sum(ties**3 - ties)) / 48
    away = abs(up - n * (n + 1) / 4) - 0.5
    return float(2 * special.ndtr(-max(away, 0.0) / np.sqrt(variance)))


def _hodges_lehmann(change: Floats, level: float) -> Estimate:
    ordered = np.sort(change)
    n = len(ordered)
    averages = n * (n + 1) // 2
    middle = (
        kth_walsh_average(ordered, (averages + 1) // 2)
        + kth_walsh_average(ordered, averages // 2 + 1)
    ) / 2
    rank = _limit_rank(n, level)
    low = high = float("nan")
    notes: tuple[str, ...] = (f"{n} pairs are too few for an interval of this coverage.",)
    if rank >= 1:
        low = kth_walsh_average(ordered, rank)
        high = kth_walsh_average(ordered, averages + 1 - rank)
        notes = ()
    return Estimate(
        estimate=middle,
        ci_low=low,
        ci_high=high,
        n=n,
        name="typical change (Hodges-Lehmann)",
        method="median of the Walsh averages; interval by inverting the signed-rank test",
        source="Hodges & Lehmann (1963)",
        confidence=level,
        notes=notes,
    )


def _limit_rank(n: int, level: float) -> int:
    """Which Walsh average, counted from below, is the lower limit; 0 when there is none."""
    tail = (1 - level) / 2
    if n > EXACT_UP_TO:
        spread = np.sqrt(n * (n + 1) * (2 * n + 1) / 24)
        return int(np.floor(n * (n + 1) / 4 - special.ndtri(1 - tail) * spread))
    ways = np.ones(1)
    for rank in range(1, n + 1):
        longer = np.zeros(len(ways) + rank)
        longer[: len(ways)] += ways / 2
        longer[rank:] += ways / 2
        ways = longer
    return int(np.searchsorted(np.cumsum(ways), tail + 1e-12, side="right"))


def kth_walsh_average(ordered: ArrayLike, k: int) -> float:
    """The k-th smallest of (x_i + x_j)/2 over i ≤ j, without forming all n(n + 1)/2 of them.

    Parameters
    ----------
    ordered : array-like, shape (n,)
        Sorted from low to high.
    k : int
        From 1 to n(n + 1)/2.

    Returns
    -------
    float
        The average itself, not an approximation of it.

    Examples
    --------
    >>> [kth_walsh_average([0.0, 1.0, 4.0], k) for k in (1, 2, 4)]
    [0.0, 0.5, 2.0]
    """
    x = np.asarray(ordered, dtype=np.float64)
    n = len(x)
    low, high = float(x[0]) - 1.0, float(x[-1])
    n_low, n_high = 0, n * (n + 1) // 2
    places = np.arange(n)
    after, upto = np.zeros(n, np.intp), np.full(n, n)
    while n_high - n_low > FEW * n:
        middle = (low + high) / 2
        if middle in (low, high):  # ties: no limit parts them
            return _largest_average_up_to(x, high)
        partners = np.searchsorted(x, 2 * middle - x, side="right")
        count = int(np.maximum(partners - places, 0).sum())  # each pair once, i ≤ j
        if count >= k:
            high, n_high, upto = middle, count, partners
        else:
            low, n_low, after = middle, count, partners
    return _kth_between(x, after, upto, k - n_low)


def _kth_between(x: Floats, after: NDArray[np.intp], upto: NDArray[np.intp], k: int) -> float:
    """The k-th smallest average of x_i with its partners from place `after` to before `upto`."""
    first = np.maximum(after, np.arange(len(x)))
    many = np.maximum(upto - first, 0)
    one = np.repeat(np.arange(len(x)), many)
    other = np.arange(len(one)) + np.repeat(first - (np.cumsum(many) - many), many)
    averages = (x[one] + x[other]) / 2
    place = min(max(k, 1), len(averages)) - 1
    return float(np.partition(averages, place)[place])


def _largest_average_up_to(x: Floats, limit: float) -> float:
    partners = np.searchsorted(x, 2 * limit - x, side="right")
    found = partners > 0
    return float(np.max((x[found] + x[partners[found] - 1]) / 2))
