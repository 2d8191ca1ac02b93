"""Regression to the mean: the change that selection alone brings.

Numbers in, numbers out. A person selected because a score was extreme scores less extremely the
next time, whatever was done in between.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from socmeasures.effects.measured import check_choice, check_confidence, measured
from socmeasures.errors import PopulationError, ScoresError, TooFewError


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedShift:
    """What selection alone does to a mean.

    Attributes
    ----------
    expected_change : float
        Later − earlier, in points, with no effect of anything.
    expected_earlier, expected_later : float
        Means of the selected at both time points.
    z : float or None
        The cut-off in SDs from the mean before selection, where there is one.
    """

    expected_change: float
    expected_earlier: float
    expected_later: float
    z: float | None = None


def check_follow_up_correlation(r: float) -> float:
    """Pass a correlation in [0, 1] on; refuse anything else."""
    number = isinstance(r, (int, float, np.number)) and not isinstance(r, bool)
    if not number or not 0 <= r <= 1:
        raise PopulationError.correlation(r)
    return float(r)


def expected_shift(earlier_mean: float, *, mean: float, r: float) -> ExpectedShift:
    """Expected change of people selected on their earlier score, in whatever way.

    Parameters
    ----------
    earlier_mean : float
        Mean earlier score of the selected.
    mean : float
        Mean of everybody BEFORE selection.
    r : float in [0, 1]
        Correlation of two measurements as far apart as yours, in everybody.

    Returns
    -------
    ExpectedShift
        (1 − r)·(mean − earlier mean). Holds for any selection on the earlier score where the
        regression of later on earlier is a line and the mean before selection stays the same.

    Raises
    ------
    PopulationError
        `r` is outside 0 to 1.

    References
    ----------
    .. [1] Davis (1976). Am. J. Epidemiol. 104, 493-498.
    .. [2] Barnett, van der Pols & Dobson (2005). Int. J. Epidemiol. 34, 215-220.

    Examples
    --------
    >>> round(expected_shift(51.41, mean=40, r=0.7).expected_change, 3)
    -3.423
    """
    change = (1 - check_follow_up_correlation(r)) * (mean - earlier_mean)
    return ExpectedShift(
        expected_change=float(change),
        expected_earlier=float(earlier_mean),
        expected_later=float(earlier_mean + change),
    )


def expected_shift_at_cutoff(
    cutoff: float, *, mean: float, sd: float, r: float, selected: str = "at_or_above"
) -> ExpectedShift:
    """Expected change of people selected by a cut-off, scores normal before selection.

    Parameters
    ----------
    cutoff : float
        Who enters has a score at or above it (or at or below).
    mean, sd : float
        Of everybody BEFORE selection.
    r : float in [0, 1]
        As in `expected_shift`.
    selected : {"at_or_above", "at_or_below"}
        Which side of the cut-off entered.

    Returns
    -------
    ExpectedShift
        Selected above: −sd·(1 − r)·φ(z)/(1 − Φ(z)).

    Raises
    ------
    PopulationError
        `r` outside 0 to 1, `sd` not above 0.

    Examples
    --------
    >>> round(expected_shift_at_cutoff(45, mean=40, sd=10, r=0.7).expected_change, 4)
    -3.4232
    """
    check_choice("selected", selected, ("at_or_above", "at_or_below"))
    check_follow_up_correlation(r)
    if not sd > 0:
        raise PopulationError.spread("sd", sd)
    z = (cutoff - mean) / sd
    sign = 1.0 if selected == "at_or_above" else -1.0
    # φ/(1 − Φ) by logs, so that a far cut-off does not divide 0 by 0
    ratio = float(np.exp(-(z**2) / 2 - np.log(np.sqrt(2 * np.pi)) - special.log_ndtr(-sign * z)))
    shift = expected_shift(mean + sign * sd * ratio, mean=mean, r=r)
    return ExpectedShift(
        expected_change=shift.expected_change,
        expected_earlier=shift.expected_earlier,
        expected_later=shift.expected_later,
        z=float(z),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TruncatedNormal:
    """Mean and SD before selection, guessed from the selected alone."""

    mean: float
    sd: float
    n: int
    mean_se: float


def truncated_normal(
    earlier: ArrayLike, cutoff: float, *, selected: str = "at_or_above"
) -> TruncatedNormal:
    """Mean and SD before selection by maximum likelihood from the selected people alone.

    Parameters
    ----------
    earlier : array-like, shape (n_people,)
        Earlier scores of the selected.
    cutoff : float
        The cut-off they were selected by.
    selected : {"at_or_above", "at_or_below"}
        Which side entered.

    Returns
    -------
    TruncatedNormal
        Rests wholly on normality of the part nobody has seen; a last resort, and to be called so.

    Raises
    ------
    TooFewError
        Fewer than ten people.
    ScoresError
        A score on the wrong side of the cut-off, or a likelihood without a maximum.

    Examples
    --------
    >>> import numpy as np
    >>> scores = np.random.default_rng(3).normal(40, 10, 4000)
    >>> before = truncated_normal(scores[scores >= 38], 38)
    >>> abs(before.mean - 40) < 1.5
    True
    """
    check_choice("selected", selected, ("at_or_above", "at_or_below"))
    scores, _ = measured(earlier, "earlier")
    n = len(scores)
    if n < 10:
        raise TooFewError("Guessing the mean before selection", n, 10)
    sign = 1.0 if selected == "at_or_above" else -1.0
    above = sign * (scores - cutoff)
    if above.min() < 0:
        raise ScoresError(
            "earlier",
            f"{int(np.sum(above < 0))} of {n} scores lie on the other side of the cut-off "
            f"{cutoff:g}",
        )
    # in reciprocal parameters (1/sd and mean/sd) the truncated likelihood is concave
    size = float(above.std()) or 1.0
    x = above / size

    def loss(parameters: np.ndarray) -> float:
        h, tau = parameters
        if tau <= 0:
            return float("inf")
        return float(np.sum((tau * x - h) ** 2) / 2 - n * np.log(tau) + n * special.log_ndtr(h))

    best = optimize.minimize(loss, np.array([0.0, 1.0]), method="Nelder-Mead",
                             options={"xatol": 1e-9, "fatol": 1e-10, "maxiter": 4000})  # fmt: skip
    h, tau = best.x
    if not best.success or h < -8:
        raise ScoresError("earlier", "these scores do not say where the mean before selection was")
    mean, sd = cutoff + sign * size * h / tau, size / tau
    return TruncatedNormal(mean=float(mean), sd=float(sd), n=n, mean_se=_mean_se(h, tau, x, size))


def _mean_se(h: float, tau: float, x: np.ndarray, size: float) -> float:
    """From the information of (h, τ), by the delta method for size·h/τ."""
    n = len(x)
    ratio = np.exp(-(h**2) / 2 - np.log(np.sqrt(2 * np.pi)) - special.log_ndtr(h))
    information = np.array(
        [
            [n - n * ratio * (h + ratio), -float(x.sum())],
            [-float(x.sum()), float(np.sum(x**2)) + n / tau**2],
        ]
    )
    gradient = np.array([size / tau, -size * h / tau**2])
    try:
        variance = float(gradient @ np.linalg.solve(information, gradient))
    except np.linalg.LinAlgError:
        return float("nan")
    return float(np.sqrt(variance)) if variance > 0 else float("nan")


def shift_interval(
    shift: ExpectedShift,
    *,
    mean: float,
    r: float,
    mean_se: float,
    r_n: int | None,
    earlier_se: float,
    confidence: float = 0.95,
) -> tuple[float, float]:
    """Interval of an expected shift from the sizes of its sources (delta method).

    Parameters
    ----------
    shift : ExpectedShift
        From `expected_shift`.
    mean, r : float
        As there.
    mean_se : float
        Standard error of the mean before selection.
    r_n : int or None
        People `r` rests on; None takes r as known.
    earlier_se : float
        Standard error of the selected people's own earlier mean.
    confidence : float in (0, 1)
        Coverage aimed at.

    Returns
    -------
    tuple of float

    Examples
    --------
    >>> shift = expected_shift(51.4, mean=40, r=0.7)
    >>> low, high = shift_interval(shift, mean=40, r=0.7, mean_se=0.5, r_n=69, earlier_se=0.6)
    >>> low < -3.42 < high
    True
    """
    level = check_confidence(confidence)
    r_se = 0.0 if r_n is None or r_n < 4 else (1 - r**2) / np.sqrt(r_n - 1)
    gap = mean - shift.expected_earlier
    variance = (1 - r) ** 2 * (mean_se**2 + earlier_se**2) + (gap * r_se) ** 2
    half = float(special.ndtri((1 + level) / 2) * np.sqrt(variance))
    return shift.expected_change - half, shift.expected_change + half
