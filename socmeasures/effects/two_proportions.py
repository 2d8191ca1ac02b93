"""Two independent shares compared: score interval, ratios, number needed to treat.

Counts in, `Estimate` out; always treated against control. Formulas: docs/methods.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special
from scipy.optimize import brentq

from socmeasures.effects.estimate import Estimate
from socmeasures.effects.measured import check_confidence
from socmeasures.effects.proportions import wilson_interval
from socmeasures.errors import NoSpreadError

HALF = "0.5 was added to each of the four counts, since one of them is 0."


def risk_difference_score(
    treated: int, n_treated: int, control: int, n_control: int, *, confidence: float = 0.95
) -> Estimate:
    """Share in one group minus share in another, with Miettinen and Nurminen's score interval.

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
        −1 to 1. Positive: more often among the treated. `p_value` is that of the score test.

    Raises
    ------
    TooFewError, ScoresError
        An empty group; a count below 0 or above its n.

    Notes
    -----
    The variance under a difference δ uses the maximum-likelihood shares with that difference, in
    closed form, times N/(N − 1). Agrees with figures printed by Newcombe (1998)
    and with an independent R program (tests/reference/test_two_proportions.py).

    References
    ----------
    .. [1] Miettinen & Nurminen (1985). Stat. Med. 4, 213-226.

    Examples
    --------
    >>> difference = risk_difference_score(56, 70, 48, 80)
    >>> round(difference.ci_low, 4), round(difference.ci_high, 4)
    (0.0528, 0.3382)
    """
    level = check_confidence(confidence)
    one = wilson_interval(treated, n_treated, confidence=level).estimate
    other = wilson_interval(control, n_control, confidence=level).estimate
    difference = one - other
    z = float(special.ndtri((1 + level) / 2))

    def score(delta: float) -> float:
        se = _restricted_se(treated, n_treated, control, n_control, delta)
        return (difference - delta) / max(se, 1e-150)

    edge = 1 - 1e-12
    low = -1.0 if difference <= -edge else _root(lambda d: score(d) - z, -edge, difference, -1.0)
    high = 1.0 if difference >= edge else _root(lambda d: score(d) + z, difference, edge, 1.0)
    at_none = score(0.0) if 0 < treated + control < n_treated + n_control else 0.0
    variance = one * (1 - one) / n_treated + other * (1 - other) / n_control
    return Estimate(
        estimate=difference,
        ci_low=low,
        ci_high=high,
        n=n_treated + n_control,
        name="risk difference",
        method="Miettinen and Nurminen's score interval",
        source="Miettinen & Nurminen (1985)",
        confidence=level,
        se=float(np.sqrt(variance)),
        p_value=float(2 * special.ndtr(-abs(at_none))),
    )


def _root(function: object, low: float, high: float, end: float) -> float:
    """Where the function crosses 0; the end of the range when it does not inside."""
    at_low, at_high = function(low), function(high)  # type: ignore[operator]
    if at_low * at_high > 0:
        return end
    return float(brentq(function, low, high, xtol=1e-13))


def _restricted_se(x1: int, n1: int, x0: int, n0: int, delta: float) -> float:
    """Standard error at the likeliest shares that differ by `delta`."""
    N, C = n1 + n0, x1 + x0
    l2 = (n1 + 2 * n0) * delta - N - C
    l1 = (n0 * delta - N - 2 * x0) * delta + C
    l0 = x0 * delta * (1 - delta)
    q = l2**3 / (3 * N) ** 3 - l1 * l2 / (6 * N**2) + l0 / (2 * N)
    p = np.copysign(np.sqrt(max(l2**2 / (3 * N) ** 2 - l1 / (3 * N), 0.0)), q)
    cosine = 0.0 if p == 0 else min(1.0, max(-1.0, q / p**3))
    angle = (np.pi + np.arccos(cosine)) / 3
    r0 = min(1.0, max(0.0, 2 * p * np.cos(angle) - l2 / (3 * N)))
    r1 = min(1.0, max(0.0, r0 + delta))
    variance = (r1 * (1 - r1) / n1 + r0 * (1 - r0) / n0) * N / (N - 1)
    return float(np.sqrt(max(variance, 0.0)))


def risk_ratio(
    treated: int, n_treated: int, control: int, n_control: int, *, confidence: float = 0.95
) -> Estimate:
    """Share in one group divided by the share in another.

    Parameters
    ----------
    treated, n_treated : int
        How many of how many people in the treated group.
    control, n_control : int
        The same for the control group.
    confidence : float in (0, 1)
        Coverage of the interval, normal on the logarithm.

    Returns
    -------
    Estimate
        Above 1: more often among the treated. `se` is of the logarithm. A zero count: 0.5 is
        added to every cell, said in `notes`.

    Raises
    ------
    NoSpreadError
        Nobody, or everybody, in both groups.

    References
    ----------
    .. [1] Katz, Baptista, Azen & Pike (1978). Biometrics 34, 469-474.

    Examples
    --------
    >>> round(risk_ratio(30, 50, 18, 52).estimate, 3)
    1.733
    """
    a, b, c, d, notes = _cells(treated, n_treated, control, n_control, "A risk ratio", {0, 2})
    se = np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
    log = np.log(a / (a + b)) - np.log(c / (c + d))
    return _ratio("risk ratio", log, se, n_treated + n_control, confidence, notes, "Katz (1978)")


def odds_ratio(
    treated: int, n_treated: int, control: int, n_control: int, *, confidence: float = 0.95
) -> Estimate:
    """Odds in one group divided by the odds in another; see `risk_ratio`.

    Parameters
    ----------
    treated, n_treated : int
        How many of how many people in the treated group.
    control, n_control : int
        The same for the control group.
    confidence : float in (0, 1)
        Coverage of the interval, normal on the logarithm.

    Returns
    -------
    Estimate
        Above 1: more often among the treated. No risk ratio: it is further from 1.

    Raises
    ------
    NoSpreadError
        Nobody, or everybody, in both groups.

    References
    ----------
    .. [1] Woolf (1955). Ann. Hum. Genet. 19, 251-253.

    Examples
    --------
    >>> round(odds_ratio(30, 50, 18, 52).estimate, 3)
    2.833
    """
    a, b, c, d, notes = _cells(
        treated, n_treated, control, n_control, "An odds ratio", {0, 1, 2, 3}
    )
    se = np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    log = np.log(a / b) - np.log(c / d)
    return _ratio("odds ratio", log, se, n_treated + n_control, confidence, notes, "Woolf (1955)")


def _cells(
    x1: int, n1: int, x0: int, n0: int, what: str, needed: set[int]
) -> tuple[float, float, float, float, tuple[str, ...]]:
    for count, n in ((x1, n1), (x0, n0)):
        wilson_interval(count, n)  # refuses what is no share
    if x1 + x0 == 0 or x1 + x0 == n1 + n0:
        raise NoSpreadError(what, "the number of differing answers")
    cells = [float(x1), float(n1 - x1), float(x0), float(n0 - x0)]
    if any(cells[k] == 0 for k in needed):
        a, b, c, d = (cell + 0.5 for cell in cells)
        return a, b, c, d, (HALF,)
    a, b, c, d = cells
    return a, b, c, d, ()


def _ratio(
    name: str,
    log: float,
    se: float,
    n: int,
    confidence: float,
    notes: tuple[str, ...],
    source: str,
) -> Estimate:
    level = check_confidence(confidence)
    half = float(special.ndtri((1 + level) / 2)) * float(se)
    return Estimate(
        estimate=float(np.exp(log)),
        ci_low=float(np.exp(log - half)),
        ci_high=float(np.exp(log + half)),
        n=n,
        name=name,
        method="normal on the logarithm; se is of the logarithm",
        source=source,
        confidence=level,
        se=float(se),
        p_value=float(2 * special.ndtr(-abs(log / se))),
        notes=notes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberNeededToTreat:
    """How many must be treated for one more person to have (or not have) the event.

    Attributes
    ----------
    estimate : float
        1 / |risk difference|, unrounded; infinite when the difference is 0.
    is_benefit : bool
        Whether the difference is in the better direction.
    benefit_from, benefit_to : float
        The part of the interval that is benefit; NaN where there is none.
    harm_from, harm_to : float
        The part that is harm.
    """

    estimate: float
    is_benefit: bool
    benefit_from: float
    benefit_to: float
    harm_from: float
    harm_to: float

    def __str__(self) -> str:
        """Rounded up, as is usual: ``NNTB 4 (95 % interval NNTB 3 to 17)``-like text."""
        return f"{_rounded(self.estimate, self.is_benefit)} ({self.interval})"

    @property
    def interval(self) -> str:
        """The interval in words, through infinity where the difference may be 0."""
        spans_none = self.benefit_from == self.benefit_from and self.harm_from == self.harm_from
        if spans_none:
            return f"{_rounded(self.benefit_from, True)} to ∞ to {_rounded(self.harm_from, False)}"
        if self.benefit_from == self.benefit_from:
            return f"{_rounded(self.benefit_from, True)} to {_rounded(self.benefit_to, True)}"
        return f"{_rounded(self.harm_from, False)} to {_rounded(self.harm_to, False)}"


def _rounded(value: float, benefit: bool) -> str:
    name = "NNTB" if benefit else "NNTH"
    if not np.isfinite(value):
        return f"{name} ∞"
    return f"{name} {int(np.ceil(value - 1e-9))}"


def number_needed_to_treat(
    difference: Estimate, *, event: Literal["good", "bad"] = "good"
) -> NumberNeededToTreat:
    """Number needed to treat for one more benefit (NNTB) or harm (NNTH).

    Parameters
    ----------
    difference : Estimate
        A risk difference with its interval.
    event : {"good", "bad"}
        Whether the counted event is what the programme wants.

    Returns
    -------
    NumberNeededToTreat
        Its interval inverts that of the difference; when that holds 0 it runs through infinity.

    References
    ----------
    .. [1] Altman (1998). BMJ 317, 1309-1312.

    Examples
    --------
    >>> from socmeasures.effects.proportions import risk_difference
    >>> str(number_needed_to_treat(risk_difference(17, 21, 8, 19)))
    'NNTB 3 (NNTB 2 to NNTB 12)'
    """
    sign = 1.0 if event == "good" else -1.0
    value = sign * difference.estimate
    low, high = sorted((sign * difference.ci_low, sign * difference.ci_high))
    nan = float("nan")
    benefit = (_inverse(high), _inverse(max(low, 0.0))) if high > 0 else (nan, nan)
    harm = (_inverse(low), _inverse(min(high, 0.0))) if low < 0 else (nan, nan)
    return NumberNeededToTreat(
        estimate=_inverse(value),
        is_benefit=value >= 0,
        benefit_from=benefit[0],
        benefit_to=benefit[1],
        harm_from=harm[0],
        harm_to=harm[1],
    )


def _inverse(difference: float) -> float:
    return float("inf") if difference == 0 else 1 / abs(difference)
