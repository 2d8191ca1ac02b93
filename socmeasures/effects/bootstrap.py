"""Bootstrap intervals (BCa) for the change in the same people.

Arrays in, `Estimate` out. Every statistic is a function of five moments, so that all resamples
are computed at once as counts times moments.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from socmeasures.effects.estimate import Estimate
from socmeasures.effects.measured import (
    Floats,
    check_choice,
    check_confidence,
    left_out,
    measured_pairs,
)
from socmeasures.errors import NoSpreadError, TooFewError

Statistic = Literal["mean change", "d_z", "d_av", "d_baseline_sd"]
STATISTICS: tuple[Statistic, ...] = ("mean change", "d_z", "d_av", "d_baseline_sd")
RESAMPLES = 10_000
_AT_ONCE = 2_000_000  # counts held in memory at a time


def bootstrap_change(
    later: ArrayLike,
    earlier: ArrayLike,
    *,
    statistic: Statistic = "mean change",
    ci_method: Literal["bca", "percentile"] = "bca",
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int | tuple[int, ...] = 0,
) -> Estimate:
    """Bootstrap interval for a mean change or a standardised change, resampling people.

    Parameters
    ----------
    later, earlier : array-like, shape (n_people,)
        Scores of the same people in the same order. A pair with NaN in either is left out.
    statistic : {"mean change", "d_z", "d_av", "d_baseline_sd"}
        What to estimate, as in `mean_change` and `paired_d`.
    ci_method : {"bca", "percentile"}
        Bias-corrected and accelerated, or plain percentiles.
    confidence : float in (0, 1)
        Coverage aimed at.
    resamples : int
        Number of resamples.
    seed : int or tuple of int
        The same seed gives the same interval.

    Returns
    -------
    Estimate
        With the seed in `method`. Below 50 people these intervals are too narrow; a note says so.

    Raises
    ------
    TooFewError
        Fewer than three pairs.
    NoSpreadError
        Everybody changed by the same amount.

    References
    ----------
    .. [1] Efron (1987). J. Am. Stat. Assoc. 82(397), 171-185. doi:10.2307/2289144

    Examples
    --------
    >>> from socmeasures.effects.bootstrap import bootstrap_change
    >>> change = bootstrap_change([5, 7, 9, 8, 7], [4, 5, 8, 6, 6], seed=1)
    >>> round(change.estimate, 1), change.ci_low < 1.4 < change.ci_high
    (1.4, True)
    """
    check_choice("statistic", statistic, STATISTICS)
    check_choice("ci_method", ci_method, ("bca", "percentile"))
    level = check_confidence(confidence)
    after, before, n_left_out = measured_pairs(later, earlier)
    n = len(after)
    if n < 3:
        raise TooFewError("A bootstrap interval", n, 3, "pair")
    if np.ptp(after - before) == 0:
        raise NoSpreadError("A bootstrap interval", "the SD of the changes")
    moments = _moments(after, before)
    estimate = float(_statistic(moments.mean(axis=0)[None, :], n, statistic)[0])
    draws = _resampled(moments, resamples, seed, statistic)
    low_tail, high_tail = (1 - level) / 2, (1 + level) / 2
    if ci_method == "bca":
        left = (moments.sum(axis=0)[None, :] - moments) / (n - 1)
        jackknife = _statistic(left, n - 1, statistic)
        low_tail, high_tail = _bca_tails(draws, estimate, jackknife, (low_tail, high_tail))
    low, high = np.quantile(draws, [low_tail, high_tail])
    notes = left_out(n_left_out)
    if n < 50:
        notes += ("With fewer than 50 pairs bootstrap intervals are usually too narrow.",)
    return Estimate(
        estimate=estimate,
        ci_low=float(low),
        ci_high=float(high),
        n=n,
        name=statistic,
        method=f"{ci_method} bootstrap, {resamples:,} resamples of people, seed {seed}",
        source="Efron (1987)",
        confidence=level,
        se=float(draws.std(ddof=1)),
        notes=notes,
    )


def _moments(after: Floats, before: Floats) -> Floats:
    """Centred first, so that the variances keep their digits."""
    x, y = after - after.mean(), before - before.mean()
    shift = np.full(len(x), after.mean() - before.mean())
    moments: Floats = np.column_stack([x, y, x * x, y * y, x * y, shift])
    return moments


def _statistic(means: Floats, n: int, statistic: Statistic) -> Floats:
    x, y, xx, yy, xy, shift = means.T
    change: Floats = x - y + shift
    if statistic == "mean change":
        return change
    inflate = n / (n - 1)
    later = np.maximum(xx - x**2, 0) * inflate
    earlier = np.maximum(yy - y**2, 0) * inflate
    variance = {
        "d_z": later + earlier - 2 * (xy - x * y) * inflate,
        "d_av": (later + earlier) / 2,
        "d_baseline_sd": earlier,
    }[statistic]
    with np.errstate(divide="ignore", invalid="ignore"):  # a resample of one person has no SD
        d: Floats = change / np.sqrt(variance)
    return d


def _resampled(
    moments: Floats, resamples: int, seed: int | tuple[int, ...], statistic: Statistic
) -> Floats:
    rng = np.random.default_rng(seed)
    n = len(moments)
    step = max(1, _AT_ONCE // n)
    parts = []
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        counts = rng.multinomial(n, np.full(n, 1 / n), size=size)
        parts.append(_statistic(counts @ moments / n, n, statistic))
    draws: Floats = np.concatenate(parts)
    return draws[np.isfinite(draws)]


def _bca_tails(
    draws: Floats, estimate: float, jackknife: Floats, tails: tuple[float, float]
) -> tuple[float, float]:
    below = (np.mean(draws < estimate) + np.mean(draws <= estimate)) / 2
    if not 0 < below < 1:
        return tails
    bias = special.ndtri(below)
    away = jackknife.mean() - jackknife
    spread = float(np.sum(away**2)) ** 1.5
    acceleration = float(np.sum(away**3)) / (6 * spread) if spread > 0 else 0.0
    z = bias + special.ndtri(np.array(tails))
    low, high = special.ndtr(bias + z / (1 - acceleration * z))
    return float(low), float(high)
