"""Which of two groups scores higher: probability of superiority and its relatives.

Arrays in, `Estimate` out; treated against control. For ordered or skewed scores.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special
from scipy.optimize import brentq

from socmeasures.effects import pingouin_tests
from socmeasures.effects.estimate import Estimate
from socmeasures.effects.measured import (
    Floats,
    check_choice,
    check_confidence,
    left_out,
    measured,
)
from socmeasures.errors import TooFewError

CiMethod = Literal["default", "normal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Overlap:
    """P(treated > control) + ½ P(equal), and what its interval needs."""

    treated: Floats
    control: Floats
    n_left_out: int
    share: float
    variance: float
    df: float

    @property
    def n(self) -> int:
        return len(self.treated) + len(self.control)


def probability_of_superiority(
    treated: ArrayLike, control: ArrayLike, *, confidence: float = 0.95
) -> Estimate:
    """Chance that a person from `treated` scores higher than one from `control`.

    Parameters
    ----------
    treated, control : array-like, shape (n_treated,), (n_control,)
        One score a person. NaN means "not measured" and is left out and counted.
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    Estimate
        From 0 to 1; 0.5 is no difference; equal scores count half. `p_value` is of the
        Brunner-Munzel test, None when the groups do not overlap.

    Raises
    ------
    TooFewError
        Fewer than two measured people in a group.

    Notes
    -----
    Interval on the logit scale with the Brunner-Munzel variance and t degrees of freedom [1]_;
    for groups that do not overlap Newcombe's method 5 [2]_.

    References
    ----------
    .. [1] Brunner & Munzel (2000). Biom. J. 42(1), 17-25.
    .. [2] Newcombe (2006). Stat. Med. 25(4), 559-573. doi:10.1002/sim.2324

    Examples
    --------
    >>> import socmeasures as soc
    >>> soc.probability_of_superiority([3, 4, 5, 6, 7], [1, 2, 4, 4, 5]).estimate
    0.78
    """
    level = check_confidence(confidence)
    overlap = _overlap(treated, control, "A probability of superiority")
    low, high, method = _share_interval(overlap, level)
    p_value = None
    if overlap.variance > 0:
        t = (overlap.share - 0.5) / np.sqrt(overlap.variance)
        p_value = float(2 * special.stdtr(overlap.df, -abs(t)))
    return Estimate(
        estimate=overlap.share,
        ci_low=low,
        ci_high=high,
        n=overlap.n,
        name="probability of superiority",
        method=method,
        source="Brunner & Munzel (2000)",
        confidence=level,
        se=float(np.sqrt(overlap.variance)),
        df=overlap.df,
        p_value=p_value,
        notes=left_out(overlap.n_left_out, "person"),
    )


def cliffs_delta(
    treated: ArrayLike,
    control: ArrayLike,
    *,
    confidence: float = 0.95,
    ci_method: CiMethod = "default",
) -> Estimate:
    """Share of pairs where `treated` is higher minus the share where it is lower.

    Parameters
    ----------
    treated, control : array-like, shape (n_treated,), (n_control,)
        One score a person. NaN means "not measured" and is left out and counted.
    confidence : float in (0, 1)
        Coverage of the interval.
    ci_method : {"default", "normal"}
        The interval of `probability_of_superiority`, rescaled; or ``normal``: Fisher's z with
        the variance under equal distributions, as R effectsize prints it.

    Returns
    -------
    Estimate
        From −1 to 1; 2·(probability of superiority) − 1. `p_value` is of the Mann-Whitney test
        (normal approximation, tie and continuity corrected).

    Raises
    ------
    TooFewError
        Fewer than two measured people in a group.

    References
    ----------
    .. [1] Cliff (1993). Psychol. Bull. 114(3), 494-509. doi:10.1037/0033-2909.114.3.494

    Examples
    --------
    >>> import socmeasures as soc
    >>> round(soc.cliffs_delta([3, 4, 5, 6, 7], [1, 2, 4, 4, 5]).estimate, 2)
    0.56
    """
    return _delta(treated, control, "Cliff's delta", "Cliff (1993)", confidence, ci_method)


def rank_biserial(
    treated: ArrayLike,
    control: ArrayLike,
    *,
    confidence: float = 0.95,
    ci_method: CiMethod = "default",
) -> Estimate:
    """Rank-biserial correlation of two independent groups: the same number as Cliff's delta.

    Parameters
    ----------
    treated, control : array-like, shape (n_treated,), (n_control,)
        One score a person. NaN means "not measured" and is left out and counted.
    confidence : float in (0, 1)
        Coverage of the interval.
    ci_method : {"default", "normal"}
        As in `cliffs_delta`.

    Returns
    -------
    Estimate
        From −1 to 1. Positive: `treated` scores higher.

    Raises
    ------
    TooFewError
        Fewer than two measured people in a group.

    Notes
    -----
    For the same people before and after see `wilcoxon`.

    References
    ----------
    .. [1] Kerby (2014). Compr. Psychol. 3, 11.IT.3.1. doi:10.2466/11.IT.3.1

    Examples
    --------
    >>> import socmeasures as soc
    >>> round(soc.rank_biserial([3, 4, 5, 6, 7], [1, 2, 4, 4, 5]).estimate, 2)
    0.56
    """
    return _delta(treated, control, "rank-biserial r", "Kerby (2014)", confidence, ci_method)


def _delta(
    treated: ArrayLike,
    control: ArrayLike,
    name: str,
    source: str,
    confidence: float,
    ci_method: CiMethod,
) -> Estimate:
    check_choice("ci_method", ci_method, ("default", "normal"))
    level = check_confidence(confidence)
    overlap = _overlap(treated, control, name)
    delta = 2 * overlap.share - 1
    notes = left_out(overlap.n_left_out, "person")
    if ci_method == "normal":
        low, high = _fisher_interval(delta, len(overlap.treated), len(overlap.control), level)
        method = "Fisher's z, variance under equal distributions"
        notes += (
            "The textbook interval takes the two distributions as equal in shape and spread; "
            "it is for comparison with other programs.",
        )
    else:
        share_low, share_high, method = _share_interval(overlap, level)
        low, high = 2 * share_low - 1, 2 * share_high - 1
    everybody = np.concatenate([overlap.treated, overlap.control])
    p_value = None
    if np.ptp(everybody) > 0:
        p_value = pingouin_tests.mann_whitney_p(overlap.treated, overlap.control)
    return Estimate(
        estimate=delta,
        ci_low=low,
        ci_high=high,
        n=overlap.n,
        name=name,
        method=method,
        source=source,
        confidence=level,
        se=float(2 * np.sqrt(overlap.variance)),
        df=overlap.df,
        p_value=p_value,
        notes=notes,
    )


def _overlap(treated: ArrayLike, control: ArrayLike, what: str) -> _Overlap:
    first, out_first = measured(treated, "treated")
    second, out_second = measured(control, "control")
    if min(len(first), len(second)) < 2:
        raise TooFewError(f"{what} (in each group)", min(len(first), len(second)), 2)
    beats = _share_below(first, second)  # of control, for each treated person
    beaten = 1 - _share_below(second, first)
    a = float(beats.var(ddof=1)) / len(first)
    b = float(beaten.var(ddof=1)) / len(second)
    df = float("nan")
    if a + b > 0:
        df = (a + b) ** 2 / (a**2 / (len(first) - 1) + b**2 / (len(second) - 1))
    return _Overlap(
        treated=first,
        control=second,
        n_left_out=out_first + out_second,
        share=float(beats.mean()),
        variance=a + b,
        df=df,
    )


def _share_below(values: Floats, others: Floats) -> Floats:
    """For each value, the share of `others` below it, equal ones counted half."""
    ordered = np.sort(others)
    below = np.searchsorted(ordered, values, side="left")
    up_to = np.searchsorted(ordered, values, side="right")
    share: Floats = (below + up_to) / (2 * len(ordered))
    return share


def _share_interval(overlap: _Overlap, level: float) -> tuple[float, float, str]:
    share = overlap.share
    if overlap.variance == 0 or share in (0.0, 1.0):
        low, high = _newcombe(share, len(overlap.treated), len(overlap.control), level)
        return low, high, "Newcombe's method 5 (the scores give no spread to use)"
    se = np.sqrt(overlap.variance) / (share * (1 - share))
    half = float(special.stdtrit(overlap.df, (1 + level) / 2)) * se
    middle = special.logit(share)
    return (
        float(special.expit(middle - half)),
        float(special.expit(middle + half)),
        "logit interval with the Brunner-Munzel variance, t",
    )


def _newcombe(share: float, n_treated: int, n_control: int, level: float) -> tuple[float, float]:
    z = float(special.ndtri((1 + level) / 2))
    size = (n_treated + n_control) / 2 - 1

    def excess(p: float) -> float:
        spread = 1 + size * ((1 - p) / (2 - p) + p / (1 + p))
        return (p - share) ** 2 - z**2 * p * (1 - p) * spread / (n_treated * n_control)

    inside = min(max(share, 1e-9), 1 - 1e-9)  # at 0 and 1 the share itself is a root
    low = 0.0 if share == 0 else float(brentq(excess, 1e-12, inside))
    high = 1.0 if share == 1 else float(brentq(excess, inside, 1 - 1e-12))
    return low, high


def _fisher_interval(
    delta: float, n_treated: int, n_control: int, level: float
) -> tuple[float, float]:
    if abs(delta) >= 1:
        return float("nan"), float("nan")
    se = np.sqrt((n_treated + n_control + 1) / (3 * n_treated * n_control))
    half = float(special.ndtri((1 + level) / 2)) * se
    return float(np.tanh(np.arctanh(delta) - half)), float(np.tanh(np.arctanh(delta) + half))
