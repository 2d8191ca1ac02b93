"""The same people measured again without a change: agreement, retest correlation, error.

Arrays in, frozen results out. Formulas and sources: docs/methods.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from socmeasures.effects.estimate import Estimate
from socmeasures.effects.measured import (
    Floats,
    as_table,
    check_choice,
    check_confidence,
    left_out,
    measured_pairs,
)
from socmeasures.effects.reliability import spearman_brown
from socmeasures.errors import AnswersError, NoSpreadError, TooFewError

Agreement = Literal["agreement", "consistency", "one-way"]
Unit = Literal["single", "average"]
KINDS: tuple[Agreement, ...] = ("agreement", "consistency", "one-way")
UNITS: tuple[Unit, ...] = ("single", "average")
NAMES = {"agreement": "ICC(A,{})", "consistency": "ICC(C,{})", "one-way": "ICC({})"}

NINETY_FIVE = 1.96  # as Bland & Altman and de Vet et al. print it


def icc(
    scores: ArrayLike,
    *,
    kind: Agreement = "agreement",
    unit: Unit = "single",
    confidence: float = 0.95,
) -> Estimate:
    """Intraclass correlation of repeated scores (or of raters), with its F interval.

    Parameters
    ----------
    scores : array-like, shape (n_people, n_times)
        A row a person, a column a time point or rater. A row with NaN is left out and counted.
    kind : {"agreement", "consistency", "one-way"}
        Whether a shift of everybody between the times counts as error (agreement), or not
        (consistency); one-way where the columns are in no order.
    unit : {"single", "average"}
        Reliability of one score, or of the mean of all.
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    Estimate
        Unitless, 1 at most; below 0 when people differ less than their own scores do. The p value
        is that of the F test that people do not differ.

    Raises
    ------
    AnswersError
        No table, or a single column.
    TooFewError
        Fewer than two complete rows.
    NoSpreadError
        All scores are the same.

    Notes
    -----
    Mean squares of the two-way layout; names and intervals of McGraw & Wong (1996), of Shrout &
    Fleiss for the mean of all times. Agrees with psych 2.2.9 (tests/reference/test_reliability.py).

    References
    ----------
    .. [1] McGraw & Wong (1996). Psychol. Methods 1(1), 30-46. doi:10.1037/1082-989X.1.1.30
    .. [2] Shrout & Fleiss (1979). Psychol. Bull. 86(2), 420-428. doi:10.1037/0033-2909.86.2.420

    Examples
    --------
    >>> from socmeasures.effects.retest import icc
    >>> judges = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9],
    ...           [6, 2, 4, 7]]
    >>> print(icc(judges, kind="consistency"))
    ICC(C,1) 0.715 [0.342, 0.946] (95 % interval), n = 6
    """
    check_choice("kind", kind, KINDS)
    check_choice("unit", unit, UNITS)
    level = check_confidence(confidence)
    table = as_table(scores, "scores")
    if table.shape[1] < 2:
        raise AnswersError("scores", "there is one column")
    complete = table[~np.isnan(table).any(axis=1)]
    layout = _Layout.of(complete)
    single = _SINGLE[kind](layout, level)
    value, low, high = (
        single if unit == "single" else tuple(spearman_brown(v, layout.k) for v in single)
    )
    error, df_error = layout.error, layout.df_error
    if kind == "one-way":
        error, df_error = layout.within, layout.n * (layout.k - 1)
    f = layout.people / error if error > 0 else float("inf")
    notes = left_out(len(table) - layout.n, "person")
    if error == 0:
        notes += ("The times agree exactly, so there is no error to make an interval from.",)
    return Estimate(
        estimate=value,
        ci_low=low,
        ci_high=high,
        n=layout.n,
        name=NAMES[kind].format(1 if unit == "single" else "k"),
        method=f"{kind}, {unit} score, F interval, {layout.k} scores a person",
        source="McGraw & Wong (1996); Shrout & Fleiss (1979)",
        confidence=level,
        p_value=float(stats.f.sf(f, layout.n - 1, df_error)),
        notes=notes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Mean squares of complete scores: between people, between times, the rest, within people."""

    n: int
    k: int
    people: float
    times: float
    error: float
    within: float

    @property
    def df_error(self) -> int:
        return (self.n - 1) * (self.k - 1)

    @classmethod
    def of(cls, complete: Floats) -> _Layout:
        n, k = complete.shape
        if n < 2:
            raise TooFewError("The intraclass correlation", n, 2)
        if np.ptp(complete) == 0:
            raise NoSpreadError("The intraclass correlation", "the SD of all scores")
        centred = complete - complete.mean()
        person, time = centred.mean(axis=1), centred.mean(axis=0)
        rest = centred - person[:, None] - time
        within = centred - person[:, None]
        none = 1e-14 * float((centred**2).sum())  # what rounding leaves of an exact fit

        def square(total: float, df: int) -> float:
            return total / df if total > none else 0.0

        return cls(
            n=n,
            k=k,
            people=square(k * float((person**2).sum()), n - 1),
            times=square(n * float((time**2).sum()), k - 1),
            error=square(float((rest**2).sum()), (n - 1) * (k - 1)),
            within=square(float((within**2).sum()), n * (k - 1)),
        )


def _one_way(m: _Layout, level: float) -> tuple[float, float, float]:
    return _by_ratio(m.people, m.within, m.k, (m.n - 1, m.n * (m.k - 1)), level)


def _consistency(m: _Layout, level: float) -> tuple[float, float, float]:
    return _by_ratio(m.people, m.error, m.k, (m.n - 1, m.df_error), level)


def _by_ratio(
    people: float, error: float, k: int, df: tuple[int, int], level: float
) -> tuple[float, float, float]:
    """(F − 1)/(F + k − 1) at F and at F divided and multiplied by its critical values."""
    if error == 0:
        return 1.0, 1.0, 1.0
    f, tail = people / error, (1 + level) / 2
    low, high = f / stats.f.ppf(tail, *df), f * stats.f.ppf(tail, df[1], df[0])
    value, below, above = ((x - 1) / (x + k - 1) for x in (f, float(low), float(high)))
    return value, below, above


def _agreement(m: _Layout, level: float) -> tuple[float, float, float]:
    n, k = m.n, m.k
    value = (m.people - m.error) / (m.people + (k - 1) * m.error + k * (m.times - m.error) / n)
    if m.error == 0 and m.times == 0:
        return 1.0, 1.0, 1.0
    a = k * value / (n * (1 - value))
    b = 1 + k * value * (n - 1) / (n * (1 - value))
    of_times, of_error = (a * m.times) ** 2 / (k - 1), (b * m.error) ** 2 / m.df_error
    df = (a * m.times + b * m.error) ** 2 / (of_times + of_error)
    tail = (1 + level) / 2
    below, above = float(stats.f.ppf(tail, n - 1, df)), float(stats.f.ppf(tail, df, n - 1))
    rest = k * m.times + (k * n - k - n) * m.error
    low = n * (m.people - below * m.error) / (below * rest + n * m.people)
    high = n * (above * m.people - m.error) / (rest + n * above * m.people)
    return value, low, high


_SINGLE = {"agreement": _agreement, "consistency": _consistency, "one-way": _one_way}


def retest_correlation(
    first: ArrayLike, second: ArrayLike, *, confidence: float = 0.95
) -> Estimate:
    """Correlation of the same people's scores at two times, with Fisher's z interval.

    Parameters
    ----------
    first, second : array-like, shape (n_people,)
        Scores of the same people in the same order. A pair with NaN in either is left out.
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    Estimate
        Unitless. A shift of everybody does not lower it (the ICC of agreement it does). Its
        p value is that of the t test of no correlation.

    Raises
    ------
    PairLengthError, ScoresError
        The arrays cannot be the same people, or hold no numbers.
    TooFewError
        Fewer than four pairs.
    NoSpreadError
        Everybody has the same score at one of the times.

    References
    ----------
    .. [1] Fisher (1921). Metron 1, 3-32.

    Examples
    --------
    >>> from socmeasures.effects.retest import retest_correlation
    >>> print(retest_correlation([3, 5, 4, 8, 7, 6], [4, 5, 3, 9, 6, 6]))
    r 0.902 [0.338, 0.989] (95 % interval), n = 6
    """
    level = check_confidence(confidence)
    again, once, n_left_out = measured_pairs(second, first)
    n = len(once)
    if n < 4:
        raise TooFewError("A retest correlation with its interval", n, 4, "pair")
    for values, name in ((once, "first"), (again, "second")):
        if np.ptp(values) == 0:
            raise NoSpreadError("A retest correlation", f"the SD of the {name} scores")
    r = float(np.clip(np.corrcoef(once, again)[0, 1], -1.0, 1.0))
    low = high = r
    p = 0.0
    if abs(r) < 1:
        half = special.ndtri((1 + level) / 2) / np.sqrt(n - 3)
        low, high = np.tanh(np.arctanh(r) - half), np.tanh(np.arctanh(r) + half)
        p = 2 * float(stats.t.sf(abs(r) * np.sqrt((n - 2) / (1 - r**2)), n - 2))
    return Estimate(
        estimate=r,
        ci_low=float(low),
        ci_high=float(high),
        n=n,
        name="r",
        method="Pearson correlation, Fisher's z interval",
        source="Fisher (1921)",
        confidence=level,
        p_value=p,
        notes=left_out(n_left_out),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementError:
    """How far one score may be off, from people measured twice without a change.

    Attributes
    ----------
    n : int
        Pairs.
    mean_difference, sd_difference : float
        Of second − first, in score points.
    sem : float
        Standard error of measurement: ``sd_difference / √2``. A shift of everybody is no error.
    sem_agreement : float
        The same with a shift between the times counted as error.
    smallest_detectable_change : float
        ``1.96 · √2 · sem``: a change one person's scores can show by error alone in 5 of 100.
    limits_of_agreement : tuple of float
        ``mean_difference ± 1.96 · sd_difference``.
    """

    n: int
    mean_difference: float
    sd_difference: float
    sem: float
    sem_agreement: float
    smallest_detectable_change: float
    limits_of_agreement: tuple[float, float]


def measurement_error(first: ArrayLike, second: ArrayLike) -> MeasurementError:
    """Standard error of measurement and smallest detectable change from a retest.

    Parameters
    ----------
    first, second : array-like, shape (n_people,)
        Scores of the same people in the same order, at two times between which nothing should
        have changed. A pair with NaN in either is left out.

    Returns
    -------
    MeasurementError
        In score points.

    Raises
    ------
    TooFewError
        Fewer than two pairs.

    References
    ----------
    .. [1] Bland & Altman (1986). Lancet 327, 307-310. doi:10.1016/S0140-6736(86)90837-8
    .. [2] de Vet et al. (2006). J. Clin. Epidemiol. 59(10), 1033-1039.

    Examples
    --------
    >>> from socmeasures.effects.retest import measurement_error
    >>> found = measurement_error([3, 5, 4, 8, 7, 6], [4, 5, 3, 9, 6, 6])
    >>> round(found.sem, 3), round(found.smallest_detectable_change, 3)
    (0.632, 1.753)
    """
    again, once, _ = measured_pairs(second, first)
    n = len(once)
    if n < 2:
        raise TooFewError("The standard error of measurement", n, 2, "pair")
    difference = again - once
    mean, sd = float(difference.mean()), float(difference.std(ddof=1))
    sem = sd / 2**0.5
    # variance of the times, from their mean square less the error's, never below zero
    times = max(mean**2 / 2 - sem**2 / n, 0.0)
    return MeasurementError(
        n=n,
        mean_difference=mean,
        sd_difference=sd,
        sem=sem,
        sem_agreement=(times + sem**2) ** 0.5,
        smallest_detectable_change=NINETY_FIVE * 2**0.5 * sem,
        limits_of_agreement=(mean - NINETY_FIVE * sd, mean + NINETY_FIVE * sd),
    )
