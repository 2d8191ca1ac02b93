"""Bootstrap intervals (BCa) for the change in the same people.

Arrays in, `Estimate` out. Every statistic is a function of a few moments, so that all
resamples of all outcomes are computed at once as counts times moments.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from socmeasures.effects.estimate import Estimate
from socmeasures.effects.measured import (
    Floats,
    as_table,
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
    after, before, n_left_out = measured_pairs(later, earlier)
    found = bootstrap_changes(
        after[:, None],
        before[:, None],
        statistics=(statistic,),
        ci_method=ci_method,
        confidence=confidence,
        resamples=resamples,
        seed=seed,
    )[0][0]
    return replace(found, notes=(*left_out(n_left_out), *found.notes))


def bootstrap_changes(
    later: ArrayLike,
    earlier: ArrayLike,
    *,
    statistics: tuple[Statistic, ...] = STATISTICS,
    ci_method: Literal["bca", "percentile"] = "bca",
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int | tuple[int, ...] = 0,
) -> list[list[Estimate]]:
    """Bootstrap intervals for several outcomes of the same people at once.

    Parameters
    ----------
    later, earlier : array-like, shape (n_people, n_outcomes)
        No missing scores: outcomes with other people missing are resampled by themselves.
    statistics, ci_method, confidence, resamples, seed
        As in `bootstrap_change`. The people drawn hang on `seed` and on the number of people
        alone, so that an outcome has the same interval alone and among others.

    Returns
    -------
    list of list of Estimate
        One list an outcome, one estimate a statistic.

    Raises
    ------
    TooFewError
        Fewer than three people.
    NoSpreadError
        Everybody changed by the same amount in an outcome.

    Examples
    --------
    >>> from socmeasures.effects.bootstrap import bootstrap_changes
    >>> later, earlier = [[5, 2], [7, 4], [9, 3], [8, 5]], [[4, 3], [5, 3], [8, 4], [6, 2]]
    >>> [round(row[0].estimate, 2) for row in bootstrap_changes(later, earlier)]
    [1.5, 0.5]
    """
    for statistic in statistics:
        check_choice("statistic", statistic, STATISTICS)
    check_choice("ci_method", ci_method, ("bca", "percentile"))
    level = check_confidence(confidence)
    after, before = as_table(later, "later"), as_table(earlier, "earlier")
    n, outcomes = after.shape
    if n < 3:
        raise TooFewError("A bootstrap interval", n, 3, "pair")
    if not changes_differ(after, before).all():
        raise NoSpreadError("A bootstrap interval", "the SD of the changes")
    moments = _moments(after, before)
    draws = _resampled_means(moments.reshape(n, -1), resamples, seed)
    draws = draws.reshape(len(draws), len(MOMENTS), outcomes)
    left = (moments.sum(axis=0)[None] - moments) / (n - 1)
    tails = ((1 - level) / 2, (1 + level) / 2)
    notes: tuple[str, ...] = ()
    if n < 50:
        notes = ("With fewer than 50 pairs bootstrap intervals are usually too narrow.",)
    found: list[list[Estimate]] = [[] for _ in range(outcomes)]
    for statistic in statistics:
        observed = _statistic(moments.mean(axis=0)[None], n, statistic)[0]
        values = _statistic(draws, n, statistic)
        jackknife = _statistic(left, n - 1, statistic) if ci_method == "bca" else None
        for place in range(outcomes):
            mine = values[:, place]
            mine = mine[np.isfinite(mine)]
            ends = tails
            if jackknife is not None:
                ends = bca_tails(mine, float(observed[place]), jackknife[:, place], tails)
            low, high = _quantiles(mine, ends)
            found[place].append(
                Estimate(
                    estimate=float(observed[place]),
                    ci_low=low,
                    ci_high=high,
                    n=n,
                    name=statistic,
                    method=f"{ci_method} bootstrap, {resamples:,} resamples of people, seed {seed}",
                    source="Efron (1987)",
                    confidence=level,
                    se=float(mine.std(ddof=1)),
                    notes=notes,
                )
            )
    return found


MOMENTS = ("later", "earlier", "later²", "earlier²", "later × earlier", "shift")


def changes_differ(later: Floats, earlier: Floats) -> np.ndarray:
    """Whether people changed by different amounts, for each outcome (last digits apart)."""
    change = later - earlier
    size = np.maximum(np.abs(later).max(axis=0), np.abs(earlier).max(axis=0))
    return np.asarray(np.ptp(change, axis=0) > 1e-10 * size)


def _moments(after: Floats, before: Floats) -> Floats:
    """Shape (people, moments, outcomes); centred first, so that variances keep their digits."""
    x, y = after - after.mean(axis=0), before - before.mean(axis=0)
    shift = np.broadcast_to(after.mean(axis=0) - before.mean(axis=0), x.shape)
    moments: Floats = np.stack([x, y, x * x, y * y, x * y, shift], axis=1)
    return moments


def _statistic(means: Floats, n: int, statistic: Statistic) -> Floats:
    """From means of moments, shape (samples, moments, outcomes), to (samples, outcomes)."""
    x, y, xx, yy, xy, shift = (means[:, k] for k in range(len(MOMENTS)))
    change: Floats = x - y + shift
    if statistic == "mean change":
        return change
    inflate = n / (n - 1)
    if statistic == "d_z":
        variance = (xx - x**2 + yy - y**2 - 2 * (xy - x * y)) * inflate
    elif statistic == "d_av":
        variance = (np.maximum(xx - x**2, 0) + np.maximum(yy - y**2, 0)) * inflate / 2
    else:
        variance = np.maximum(yy - y**2, 0) * inflate
    with np.errstate(divide="ignore", invalid="ignore"):  # a resample of one person has no SD
        d: Floats = change / np.sqrt(variance)
    return d


def _resampled_means(moments: Floats, resamples: int, seed: int | tuple[int, ...]) -> Floats:
    """Means of every column over people drawn with replacement, a row a resample."""
    rng = np.random.default_rng(seed)
    n = len(moments)
    step = max(1, _AT_ONCE // n)
    parts = []
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        drawn = rng.integers(0, n, size=(size, n), dtype=np.int64)
        drawn += np.arange(size, dtype=np.int64)[:, None] * n
        counts = np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n)
        parts.append(counts.astype(np.float64) @ moments / n)
    means: Floats = np.concatenate(parts)
    return means


def _quantiles(draws: Floats, ends: tuple[float, float]) -> tuple[float, float]:
    """Two quantiles, without sorting everything."""
    last = len(draws) - 1
    places = [end * last for end in ends]
    around = sorted({int(p) for p in places} | {min(int(p) + 1, last) for p in places})
    parted = np.partition(draws, around)
    low, high = (
        parted[int(p)] + (p - int(p)) * (parted[min(int(p) + 1, last)] - parted[int(p)])
        for p in places
    )
    return float(low), float(high)


def bca_tails(
    draws: Floats, estimate: float, jackknife: Floats, tails: tuple[float, float]
) -> tuple[float, float]:
    """Tails of the resampled values that correct for bias and skewness (Efron 1987)."""
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
