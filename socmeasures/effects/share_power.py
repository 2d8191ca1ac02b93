"""Power of a comparison of two shares, by the four formulas that papers use."""

from __future__ import annotations

from math import asin, sqrt

from scipy import special

SHARE_METHODS = ("pooled", "unpooled", "fleiss", "arcsine")


def power_of_shares(
    treated: float,
    control: float,
    n_treated: float,
    n_control: float,
    *,
    method: str = "pooled",
    alpha: float = 0.05,
    tails: int = 2,
) -> float:
    """Chance that two independent shares are found to differ.

    Parameters
    ----------
    treated, control : float in (0, 1)
        The true shares.
    n_treated, n_control : float
        People analysed in each arm.
    method : {"pooled", "unpooled", "fleiss", "arcsine"}
        Variance under no difference from the pooled share (R ``power.prop.test``); variance from
        the two shares throughout; pooled with the continuity correction of Fleiss, Tytun & Ury,
        which goes with Fisher's exact test; or Cohen's arcsine difference (R ``pwr.2p.test``).
    alpha : float
        Level of the test.
    tails : {1, 2}
        One-sided or two-sided; rejection on the wrong side is never counted.

    Returns
    -------
    float
        A probability, by the normal approximation.

    References
    ----------
    .. [1] Fleiss, Levin & Paik (2003). Statistical Methods for Rates and Proportions, 3rd ed.
    .. [2] Fleiss, Tytun & Ury (1980). Biometrics 36, 343-346. doi:10.2307/2529990
    .. [3] Cohen (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd ed.

    Examples
    --------
    >>> round(power_of_shares(0.75, 0.5, 60, 60), 4)
    0.8157
    >>> round(power_of_shares(0.75, 0.5, 60, 60, method="fleiss"), 4)
    0.7592
    """
    z = float(special.ndtri(1 - alpha / tails))
    difference = abs(treated - control)
    if method == "arcsine":
        h = abs(2 * asin(sqrt(treated)) - 2 * asin(sqrt(control)))
        return float(special.ndtr(h / sqrt(1 / n_treated + 1 / n_control) - z))
    if method == "fleiss":
        n_treated, n_control = _without_correction(difference, n_treated, n_control)
    own = share_se(treated, control, n_treated, n_control)
    null = own
    if method != "unpooled":
        pooled = (n_treated * treated + n_control * control) / (n_treated + n_control)
        null = share_se(pooled, pooled, n_treated, n_control)
    return float(special.ndtr((difference - z * null) / own))


def share_se(treated: float, control: float, n_treated: float, n_control: float) -> float:
    """Standard error of the difference between two independent shares.

    Parameters
    ----------
    treated, control : float
        The shares.
    n_treated, n_control : float
        People in each arm.

    Returns
    -------
    float

    Examples
    --------
    >>> round(share_se(0.5, 0.5, 50, 50), 3)
    0.1
    """
    return sqrt(treated * (1 - treated) / n_treated + control * (1 - control) / n_control)


def _without_correction(
    difference: float, n_treated: float, n_control: float
) -> tuple[float, float]:
    """The sizes whose corrected sizes these are: n = (n′ − a/2)²/n′, a = (1 + n₁/n₂)/difference."""
    a = (1 + n_treated / n_control) / difference
    kept = max(n_treated - a / 2, 1e-9) ** 2 / n_treated
    return kept, kept * n_control / n_treated
