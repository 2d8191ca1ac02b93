"""Is a change or a difference small enough not to matter? Two one-sided tests.

An estimate with its standard error in, a frozen result out.
"""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike
from scipy import special

from socmeasures.effects.estimate import Estimate
from socmeasures.effects.mean_difference import difference_in_means
from socmeasures.effects.paired import mean_change
from socmeasures.errors import MarginError, NoSpreadError


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalence:
    """Two one-sided tests of an estimate against two bounds.

    Attributes
    ----------
    estimate, se, df : float
        What is tested.
    low, high : float
        The bounds, in the same unit, set before the data were seen.
    t_lower, p_lower : float
        Test that the truth is above `low`.
    t_upper, p_upper : float
        Test that the truth is below `high`.
    p_value : float
        The larger of the two.
    ci_low, ci_high : float
        The 1 − 2·alpha interval (90 % for alpha .05), which lies within the bounds exactly when
        equivalence is shown.
    equivalent : bool
        Whether it is. False does not show a difference either.
    n : int
        People or pairs.
    alpha : float
        Level of each test.
    """

    estimate: float
    se: float
    df: float
    low: float
    high: float
    t_lower: float
    p_lower: float
    t_upper: float
    p_upper: float
    p_value: float
    ci_low: float
    ci_high: float
    equivalent: bool
    n: int
    alpha: float
    source: str = "Schuirmann (1987); Lakens (2017)"


def equivalence(estimate: Estimate, *, low: float, high: float, alpha: float = 0.05) -> Equivalence:
    """Two one-sided t tests of an estimate with a standard error and degrees of freedom.

    Parameters
    ----------
    estimate : Estimate
        With `se` and `df`: a mean change, a difference, an adjusted difference.
    low, high : float
        Bounds below and above 0, on the scale of the estimate, set before the data were seen.
    alpha : float
        Level of each test.

    Returns
    -------
    Equivalence

    Raises
    ------
    MarginError
        The bounds do not enclose 0.
    NoSpreadError
        The estimate has no standard error.

    References
    ----------
    .. [1] Schuirmann (1987). J. Pharmacokinet. Biopharm. 15, 657-680.

    Examples
    --------
    >>> from socmeasures.effects.paired import mean_change
    >>> same = equivalence(mean_change([5, 7, 9, 8], [5, 6, 9, 9]), low=-2, high=2)
    >>> same.equivalent
    True
    """
    if not (low < 0 < high):
        raise MarginError(low, high)
    se, df = estimate.se, estimate.df
    if not se or df is None:
        raise NoSpreadError("A test of equivalence", "the standard error")
    t_lower, t_upper = (estimate.estimate - low) / se, (estimate.estimate - high) / se
    p_lower, p_upper = float(special.stdtr(df, -t_lower)), float(special.stdtr(df, t_upper))
    half = float(special.stdtrit(df, 1 - alpha)) * se
    p_value = max(p_lower, p_upper)
    return Equivalence(
        estimate=estimate.estimate,
        se=se,
        df=df,
        low=low,
        high=high,
        t_lower=t_lower,
        p_lower=p_lower,
        t_upper=t_upper,
        p_upper=p_upper,
        p_value=p_value,
        ci_low=estimate.estimate - half,
        ci_high=estimate.estimate + half,
        equivalent=p_value < alpha,
        n=estimate.n,
        alpha=alpha,
    )


def equivalent_change(
    later: ArrayLike, earlier: ArrayLike, *, low: float, high: float, alpha: float = 0.05
) -> Equivalence:
    """Is the mean change of the same people within bounds?

    Parameters
    ----------
    later, earlier : array-like, shape (n_people,)
        Scores of the same people in the same order; a pair with NaN in either is left out.
    low, high : float
        Bounds in points of the score.
    alpha : float
        Level of each test.

    Returns
    -------
    Equivalence

    Examples
    --------
    >>> equivalent_change([5, 7, 9, 8], [5, 6, 9, 9], low=-0.5, high=0.5).equivalent
    False
    """
    return equivalence(mean_change(later, earlier), low=low, high=high, alpha=alpha)


def equivalent_means(
    treated: ArrayLike,
    control: ArrayLike,
    *,
    low: float,
    high: float,
    equal_variances: bool = False,
    alpha: float = 0.05,
) -> Equivalence:
    """Is the difference between two group means within bounds?

    Parameters
    ----------
    treated, control : array-like, shape (n_treated,), (n_control,)
        One score a person; NaN is left out.
    low, high : float
        Bounds in points of the score.
    equal_variances : bool
        Student's test instead of Welch's.
    alpha : float
        Level of each test.

    Returns
    -------
    Equivalence

    Examples
    --------
    >>> equivalent_means([5, 6, 7, 6], [6, 5, 6, 7], low=-3, high=3).equivalent
    True
    """
    difference = difference_in_means(treated, control, equal_variances=equal_variances)
    return equivalence(difference, low=low, high=high, alpha=alpha)
