"""Change in the same people: mean change and the four standardised mean changes.

Arrays in, `Estimate` out; `later` and `earlier` hold the same people in the same order.
Formulas and coverage: docs/methods.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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
from socmeasures.effects.noncentral import noncentrality_limits, small_sample_factor
from socmeasures.errors import NoSpreadError, TooFewError

Kind = Literal["z", "av", "rm", "baseline"]
KINDS: tuple[Kind, ...] = ("z", "av", "rm", "baseline")
NAMES = {"z": "d_z", "av": "d_av", "rm": "d_rm", "baseline": "d_baseline_sd"}
CORRECTED_NAMES = {"z": "g_z", "av": "g_av", "rm": "g_rm", "baseline": "g_baseline_sd"}

UNITS = {
    "z": "the SD of the changes",
    "av": "the root of the mean of the two variances",
    "rm": "the SD of the changes, rescaled by √(2(1 − r))",
    "baseline": "the SD of the earlier scores",
}

SOURCES = {
    "z": "Cumming & Finch (2001); Hedges (1981) for the correction",
    "av": "Algina & Keselman (2003)",
    "rm": "Goulet-Pelletier & Cousineau (2018)",
    "baseline": "Becker (1988); limits after Algina & Keselman (2003)",
}

TEXTBOOK_SOURCES = {
    "z": "Borenstein & Hedges (2019)",
    "av": "Algina & Keselman (2003)",
    "rm": "Cooper, Hedges & Valentine (2009), 12.21",
    "baseline": "Becker (1988)",
}

# how far the textbook intervals fall below 95 % in simulation (docs/methods.md)
TEXTBOOK_NOTES = {
    "z": "The textbook normal interval is for comparison with other programs; the default, by "
    "the noncentral t distribution, is exact for normal scores.",
    "av": "The textbook normal interval ignores how uncertain the SDs are: simulated coverage of "
    "a nominal 95 % falls to 83 % (n = 12, r = .7, d = 1) and 69 % (r = .9).",
    "rm": "The textbook normal interval falls short: simulated coverage of a nominal 95 % is "
    "90 % (n = 12, r = .7, d = 1) and 76 % (r = .9).",
    "baseline": "The textbook normal interval takes the two SDs as equal and n as large; it is "
    "for comparison with other programs.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pairs:
    """Moments of the measured pairs."""

    n: int
    n_left_out: int
    mean_change: float
    sd_change: float
    sd_earlier: float
    sd_later: float
    r: float = field(default=float("nan"))

    @property
    def t(self) -> float:
        return self.mean_change / (self.sd_change / float(np.sqrt(self.n)))


def _moments(later: ArrayLike, earlier: ArrayLike, what: str) -> _Pairs:
    after, before, n_left_out = measured_pairs(later, earlier)
    if len(after) < 2:
        raise TooFewError(what, len(after), 2, "pair")
    change = after - before
    sd_after, sd_before = _sd(after), _sd(before)
    r = float("nan")
    if sd_after > 0 and sd_before > 0:
        covariance = float(np.sum((after - after.mean()) * (before - before.mean())))
        r = covariance / ((len(after) - 1) * sd_after * sd_before)
    return _Pairs(
        n=len(after),
        n_left_out=n_left_out,
        mean_change=float(change.mean()),
        sd_change=_sd(change),
        sd_earlier=sd_before,
        sd_later=sd_after,
        r=r,
    )


def _sd(values: Floats) -> float:
    """Sample SD; exactly 0 for equal values, whatever rounding does to their mean."""
    spread = float(values.std(ddof=1))
    return 0.0 if spread <= 1e-13 * float(np.abs(values).max(initial=0.0)) else spread


def mean_change(later: ArrayLike, earlier: ArrayLike, *, confidence: float = 0.95) -> Estimate:
    """Mean of later − earlier with its t interval and the paired t test.

    Parameters
    ----------
    later, earlier : array-like, shape (n_people,)
        Scores of the same people in the same order. A pair with NaN in either is left out and
        counted in `notes`.
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    Estimate
        In the unit of the score. Positive: higher later. When everybody changed by the same
        amount there is no interval (NaN) and no p value.

    Raises
    ------
    TooFewError
        Fewer than two pairs.

    Notes
    -----
    Student (1908). Agrees with R ``t.test(paired = TRUE)`` (tests/reference/test_paired.py).

    Examples
    --------
    >>> from socmeasures.effects.paired import mean_change
    >>> change = mean_change([5, 7, 9, 8], [4, 5, 8, 6])
    >>> change.estimate, change.n
    (1.5, 4)
    """
    level = check_confidence(confidence)
    pairs = _moments(later, earlier, "A mean change")
    df = float(pairs.n - 1)
    se = pairs.sd_change / np.sqrt(pairs.n)
    half = float(special.stdtrit(df, (1 + level) / 2)) * se
    notes = left_out(pairs.n_left_out)
    p_value = None
    if se == 0:
        half = float("nan")  # an interval of width 0 would claim a certainty nobody has
        notes += ("Everybody changed by the same amount: no spread, so no interval and no test.",)
    else:
        p_value = float(2 * special.stdtr(df, -abs(pairs.t)))
    return Estimate(
        estimate=pairs.mean_change,
        ci_low=pairs.mean_change - half,
        ci_high=pairs.mean_change + half,
        n=pairs.n,
        name="mean change",
        method="paired t interval",
        source="Student (1908)",
        confidence=level,
        se=float(se),
        df=df,
        p_value=p_value,
        notes=notes,
    )


def paired_d(
    later: ArrayLike,
    earlier: ArrayLike,
    *,
    kind: Kind = "z",
    correct: bool = False,
    confidence: float = 0.95,
    ci_method: Literal["default", "normal", "bonett"] = "default",
) -> Estimate:
    """Standardised mean change of the same people.

    Parameters
    ----------
    later, earlier : array-like, shape (n_people,)
        Scores of the same people in the same order. A pair with NaN in either is left out and
        counted in `notes`.
    kind : {"z", "av", "rm", "baseline"}
        What the mean change is divided by: the SD of the changes (``z``; for power
        calculations, it grows with the correlation of the two scores), the root of the mean of
        the two variances (``av``), the SD of the changes rescaled by √(2(1 − r)) (``rm``), or
        the SD of the earlier scores (``baseline``; the one to report).
    correct : bool
        Multiply by Hedges' exact J(ν), which gives g; ν = n − 1 for ``z`` and ``baseline``,
        2(n − 1)/(1 + r²) for ``av`` and ``rm``.
    confidence : float in (0, 1)
        Coverage of the interval.
    ci_method : {"default", "normal", "bonett"}
        ``normal`` gives the textbook standard errors and normal intervals, for comparison with
        other programs; a note says how far they fall short. ``bonett``, for ``baseline`` only:
        the textbook interval that lets the two SDs differ (Bonett 2008; metafor's SMCRH).

    Returns
    -------
    Estimate
        Unitless. Positive: higher later. `se` is the large-sample standard error, for
        meta-analysis; the interval is not made from it unless ``ci_method="normal"``.

    Raises
    ------
    TooFewError
        Fewer than two pairs.
    NoSpreadError
        The SD to divide by, or the SD of the changes, is zero.

    Notes
    -----
    Default limits: noncentral t (``z``); the noncentral-t limits of the paired t times
    s_D/(√n·s) (``av``, ``baseline``) [1]_; noncentral t of d_av·√(n/(2(1 − r))) with
    ν = 2(n − 1)/(1 + r²) (``rm``, which takes the two SDs as equal) [2]_.
    Simulated coverage stands in docs/methods.md.

    References
    ----------
    .. [1] Algina & Keselman (2003). Educ. Psychol. Meas. 63(4), 537-553.
       doi:10.1177/0013164403256358
    .. [2] Goulet-Pelletier & Cousineau (2018). Quant. Meth. Psych. 14(4), 242-265.
       doi:10.20982/tqmp.14.4.p242

    Examples
    --------
    >>> import socmeasures as soc
    >>> d = soc.paired_d([5, 7, 9, 8], [4, 5, 8, 6], kind="baseline")
    >>> round(d.estimate, 3), d.n
    (0.878, 4)
    """
    check_choice("kind", kind, KINDS)
    possible = ("default", "normal", "bonett") if kind == "baseline" else ("default", "normal")
    check_choice("ci_method", ci_method, possible)
    level = check_confidence(confidence)
    pairs = _moments(later, earlier, f"The standardised change {NAMES[kind]}")
    unit = _unit(pairs, kind)
    d = pairs.mean_change / unit
    factor = small_sample_factor(_correction_df(pairs, kind)) if correct else 1.0
    notes = left_out(pairs.n_left_out)
    if ci_method != "default":
        se = _textbook_se(pairs, kind, d * factor)
        if ci_method == "bonett":
            spread = pairs.sd_change**2 / pairs.sd_earlier**2
            se = factor * float(np.sqrt((spread + (d * factor) ** 2 / 2) / (pairs.n - 1)))
        half = float(special.ndtri((1 + level) / 2)) * se
        low, high = d * factor - half, d * factor + half
        method, source = "textbook standard error, normal interval", TEXTBOOK_SOURCES[kind]
        notes += (TEXTBOOK_NOTES[kind],)
    else:
        low, high = (factor * limit for limit in _limits(pairs, kind, unit, level))
        se = factor * _large_sample_se(pairs, kind, d)
        method, source = _method(kind), SOURCES[kind]
    return Estimate(
        estimate=float(d * factor),
        ci_low=float(low),
        ci_high=float(high),
        n=pairs.n,
        name=(CORRECTED_NAMES if correct else NAMES)[kind],
        method=f"mean change ÷ {UNITS[kind]}; {method}",
        source=source,
        confidence=level,
        se=float(se),
        df=float(pairs.n - 1),
        notes=notes,
    )


def _unit(pairs: _Pairs, kind: Kind) -> float:
    """Divide by this; refuses a zero."""
    what = f"The standardised change {NAMES[kind]}"
    if pairs.sd_change == 0:
        raise NoSpreadError(what, "the SD of the changes")
    if kind == "z":
        return pairs.sd_change
    if kind == "baseline":
        if pairs.sd_earlier == 0:
            raise NoSpreadError(what, "the SD of the earlier scores")
        return pairs.sd_earlier
    if kind == "av":
        return float(np.sqrt((pairs.sd_earlier**2 + pairs.sd_later**2) / 2))
    if np.isnan(pairs.r):
        raise NoSpreadError(what, "the SD of one of the two scores")
    if pairs.r >= 1 - 1e-12:
        raise NoSpreadError(what, "1 − r, the correlation being 1,")
    return pairs.sd_change / float(np.sqrt(2 * (1 - pairs.r)))


def _limits(pairs: _Pairs, kind: Kind, unit: float, level: float) -> tuple[float, float]:
    if kind == "rm":  # with the two SDs taken as equal, as d_rm itself takes them
        t_scale = float(np.sqrt(2 * (1 - pairs.r) / pairs.n))
        statistic = pairs.mean_change / _unit(pairs, "av") / t_scale
        low, high = noncentrality_limits(statistic, _correction_df(pairs, kind), level)
        return low * t_scale, high * t_scale
    low, high = noncentrality_limits(pairs.t, float(pairs.n - 1), level)
    rescale = pairs.sd_change / (float(np.sqrt(pairs.n)) * unit)
    return low * rescale, high * rescale


def _correction_df(pairs: _Pairs, kind: Kind) -> float:
    """n − 1 and 2n − 2 both miss for `av` and `rm`: their SD pools two correlated variances."""
    if kind in ("z", "baseline") or np.isnan(pairs.r):
        return float(pairs.n - 1)
    return float(2 * (pairs.n - 1) / (1 + pairs.r**2))


def _textbook_se(pairs: _Pairs, kind: Kind, d: float) -> float:
    n, slack = pairs.n, 2 * (1 - pairs.r)
    if kind == "z":
        return float(np.sqrt(1 / n + d**2 / (2 * n)))
    if kind == "av":
        return float(pairs.sd_change / np.sqrt(n) / _unit(pairs, "av"))
    if np.isnan(slack):
        raise NoSpreadError("The textbook standard error", "the SD of one of the two scores")
    if kind == "rm":
        return float(np.sqrt((1 / n + d**2 / (2 * n)) * slack))
    return float(np.sqrt(slack / n + d**2 / (2 * n)))


def _large_sample_se(pairs: _Pairs, kind: Kind, d: float) -> float:
    """Delta method: variance of the mean change in these units, plus that of the SD."""
    mean_part = pairs.sd_change**2 / (pairs.n * _unit(pairs, kind) ** 2)
    return float(np.sqrt(mean_part + d**2 / (2 * _correction_df(pairs, kind))))


def _method(kind: Kind) -> str:
    return {
        "z": "noncentral-t limits",
        "av": "noncentral-t limits of the paired t, rescaled",
        "rm": "noncentral-t limits with ν = 2(n − 1)/(1 + r²)",
        "baseline": "noncentral-t limits of the paired t, rescaled",
    }[kind]
