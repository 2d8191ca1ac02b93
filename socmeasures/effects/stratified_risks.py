"""Two shares compared within strata and put together: Mantel and Haenszel.

Counts in, frozen results out; always treated against control.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from socmeasures.effects.estimate import Estimate
from socmeasures.effects.measured import check_confidence
from socmeasures.effects.proportions import wilson_interval
from socmeasures.errors import NoSpreadError, PairLengthError


@dataclass(frozen=True, slots=True, kw_only=True)
class StratifiedRisks:
    """Mantel–Haenszel estimates over strata.

    Attributes
    ----------
    odds_ratio : Estimate
        With Robins, Breslow and Greenland's limits; `se` is of the logarithm.
    risk_difference : Estimate
        Weights n₁n₀/N; independent binomials.
    chi_squared, p_value : float
        Cochran–Mantel–Haenszel test, 1 degree of freedom, no continuity correction.
    """

    odds_ratio: Estimate
    risk_difference: Estimate
    chi_squared: float
    p_value: float


def mantel_haenszel(
    treated: ArrayLike,
    n_treated: ArrayLike,
    control: ArrayLike,
    n_control: ArrayLike,
    *,
    confidence: float = 0.95,
) -> StratifiedRisks:
    """Compare two shares within strata.

    Parameters
    ----------
    treated, n_treated, control, n_control : array-like, shape (n_strata,)
        How many of how many people in each stratum; a stratum without one of the groups says
        nothing and is left out.
    confidence : float in (0, 1)
        Coverage of the intervals.

    Returns
    -------
    StratifiedRisks

    Raises
    ------
    PairLengthError, ScoresError
        Counts that do not belong together.
    NoSpreadError
        Nobody, or everybody, has the event in one group, so there is no odds ratio.

    References
    ----------
    .. [1] Mantel & Haenszel (1959). J. Natl. Cancer Inst. 22, 719-748.
    .. [2] Robins, Breslow & Greenland (1986). Biometrics 42, 311-323.

    Examples
    --------
    >>> found = mantel_haenszel([8, 12], [20, 22], [4, 7], [19, 21])
    >>> round(found.odds_ratio.estimate, 3), round(found.risk_difference.estimate, 3)
    (2.443, 0.201)
    """
    level = check_confidence(confidence)
    a, n1, c, n0 = (np.asarray(v, float) for v in (treated, n_treated, control, n_control))
    if len({len(v) for v in (a, n1, c, n0)}) > 1:
        raise PairLengthError(("treated", "control"), (len(a), len(c)))
    there = (n1 > 0) & (n0 > 0)
    a, n1, c, n0 = a[there], n1[there], c[there], n0[there]
    for count, n in [*zip(a, n1, strict=True), *zip(c, n0, strict=True)]:
        wilson_interval(int(count), int(n))  # refuses what is no share
    b, d, N = n1 - a, n0 - c, n1 + n0
    R, S = a * d / N, b * c / N
    if R.sum() == 0 or S.sum() == 0:
        raise NoSpreadError("A stratified odds ratio", "the number of differing answers")
    P, Q = (a + d) / N, (b + c) / N
    variance = (
        np.sum(P * R) / (2 * R.sum() ** 2)
        + np.sum(P * S + Q * R) / (2 * R.sum() * S.sum())
        + np.sum(Q * S) / (2 * S.sum() ** 2)
    )
    z = float(special.ndtri((1 + level) / 2))
    log, se = float(np.log(R.sum() / S.sum())), float(np.sqrt(variance))
    events = a + c
    spread = n1 * n0 * events * (N - events) / (N**2 * (N - 1))
    chi = float(np.sum(a - n1 * events / N) ** 2 / spread.sum())
    p = float(special.chdtrc(1, chi))
    weights = n1 * n0 / N
    p1, p0 = a / n1, c / n0
    difference = float(np.sum(weights * (p1 - p0)) / weights.sum())
    error = weights**2 * (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
    se_difference = float(np.sqrt(error.sum()) / weights.sum())
    people = int(N.sum())
    return StratifiedRisks(
        odds_ratio=Estimate(
            estimate=float(np.exp(log)),
            ci_low=float(np.exp(log - z * se)),
            ci_high=float(np.exp(log + z * se)),
            n=people,
            name="odds ratio",
            method="Mantel–Haenszel, Robins–Breslow–Greenland limits; se is of the logarithm",
            source="Robins, Breslow & Greenland (1986)",
            confidence=level,
            se=se,
            p_value=p,
        ),
        risk_difference=Estimate(
            estimate=difference,
            ci_low=difference - z * se_difference,
            ci_high=difference + z * se_difference,
            n=people,
            name="risk difference",
            method="Mantel–Haenszel weights, independent binomials, normal",
            source="Mantel & Haenszel (1959)",
            confidence=level,
            se=se_difference,
            p_value=p,
        ),
        chi_squared=chi,
        p_value=p,
    )
