"""Difference between two independent groups: raw, and in standard deviations.

Arrays in, `Estimate` out; always treated − control. Formulas: docs/methods.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from socmeasures.effects import pingouin_tests
from socmeasures.effects.estimate import Estimate
from socmeasures.effects.measured import check_confidence, left_out, measured
from socmeasures.effects.noncentral import noncentrality_limits, small_sample_factor
from socmeasures.errors import NoSpreadError, TooFewError


@dataclass(frozen=True, slots=True, kw_only=True)
class _Groups:
    """Moments of two groups."""

    n_treated: int
    n_control: int
    n_left_out: int
    difference: float
    sd_treated: float
    sd_control: float

    @property
    def n(self) -> int:
        return self.n_treated + self.n_control

    @property
    def pooled_sd(self) -> float:
        within = (self.n_treated - 1) * self.sd_treated**2
        within += (self.n_control - 1) * self.sd_control**2
        return float(np.sqrt(within / (self.n - 2)))

    @property
    def average_sd(self) -> float:
        return float(np.sqrt((self.sd_treated**2 + self.sd_control**2) / 2))

    @property
    def welch_se(self) -> float:
        return float(
            np.sqrt(self.sd_treated**2 / self.n_treated + self.sd_control**2 / self.n_control)
        )

    @property
    def welch_df(self) -> float:
        a = self.sd_treated**2 / self.n_treated
        b = self.sd_control**2 / self.n_control
        return float((a + b) ** 2 / (a**2 / (self.n_treated - 1) + b**2 / (self.n_control - 1)))


def _groups(treated: ArrayLike, control: ArrayLike, what: str) -> _Groups:
    first, out_first = measured(treated, "treated")
    second, out_second = measured(control, "control")
    if min(len(first), len(second)) < 2:
        raise TooFewError(f"{what} (in each group)", min(len(first), len(second)), 2)
    return _Groups(
        n_treated=len(first),
        n_control=len(second),
        n_left_out=out_first + out_second,
        difference=float(first.mean() - second.mean()),
        sd_treated=0.0 if np.ptp(first) == 0 else float(first.std(ddof=1)),
        sd_control=0.0 if np.ptp(second) == 0 else float(second.std(ddof=1)),
    )


def difference_in_means(
    treated: ArrayLike,
    control: ArrayLike,
    *,
    equal_variances: bool = False,
    confidence: float = 0.95,
) -> Estimate:
    """Difference between two group means, treated − control, by the t test.

    Parameters
    ----------
    treated, control : array-like, shape (n_treated,), (n_control,)
        One score a person, same unit. NaN means "not measured" and is left out and counted.
    equal_variances : bool
        Student's test with a pooled SD instead of Welch's.
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    Estimate
        In the unit of the score. Positive: `treated` scores higher.

    Raises
    ------
    TooFewError
        Fewer than two measured people in a group.
    NoSpreadError
        Nobody differs from anybody within the groups.

    Notes
    -----
    Test by pingouin; agrees with R ``t.test`` (tests/reference/test_independent.py).

    Examples
    --------
    >>> from socmeasures.effects.mean_difference import difference_in_means
    >>> difference_in_means([3, 4, 5, 6, 7], [1, 2, 4, 4, 5]).n
    10
    """
    level = check_confidence(confidence)
    groups = _groups(treated, control, "A difference between two means")
    if groups.sd_treated == 0 and groups.sd_control == 0:
        raise NoSpreadError("A t test", "the SD within both groups")
    test = pingouin_tests.independent_t(
        measured(treated, "treated")[0],
        measured(control, "control")[0],
        equal_variances=equal_variances,
    )
    se = groups.welch_se
    if equal_variances:
        se = groups.pooled_sd * float(np.sqrt(1 / groups.n_treated + 1 / groups.n_control))
    half = float(special.stdtrit(test.df, (1 + level) / 2)) * se
    return Estimate(
        estimate=groups.difference,
        ci_low=groups.difference - half,
        ci_high=groups.difference + half,
        n=groups.n,
        name="mean difference",
        method="Student's t, pooled SD" if equal_variances else "Welch's t, unequal variances",
        source="Student (1908)" if equal_variances else "Welch (1947)",
        confidence=level,
        se=se,
        df=test.df,
        p_value=test.p_value,
        notes=left_out(groups.n_left_out, "person"),
    )


def cohens_d(
    treated: ArrayLike,
    control: ArrayLike,
    *,
    equal_variances: bool = True,
    confidence: float = 0.95,
) -> Estimate:
    """Difference between two group means in SD units, treated − control.

    Parameters
    ----------
    treated, control : array-like, shape (n_treated,), (n_control,)
        One score a person, same unit. NaN means "not measured" and is left out and counted.
    equal_variances : bool
        Divide by the pooled SD (default), or by the root of the mean of the two variances with
        Welch's degrees of freedom.
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    Estimate
        Unitless. Positive: `treated` scores higher. Noncentral-t interval; `se` is the
        large-sample one for meta-analysis.

    Raises
    ------
    TooFewError
        Fewer than two measured people in a group.
    NoSpreadError
        The SD to divide by is zero.

    Notes
    -----
    Agrees with R effectsize ``cohens_d`` (tests/reference/test_independent.py).

    References
    ----------
    .. [1] Cohen (1988). Statistical power analysis for the behavioral sciences, 2nd ed.
    .. [2] Cumming & Finch (2001). Educ. Psychol. Meas. 61(4), 532-574.

    Examples
    --------
    >>> import socmeasures as soc
    >>> round(soc.cohens_d([3, 4, 5, 6, 7], [1, 2, 4, 4, 5]).estimate, 3)
    1.116
    """
    return _two_group_d(
        treated, control, equal_variances=equal_variances, confidence=confidence, correct=False
    )


def hedges_g(
    treated: ArrayLike,
    control: ArrayLike,
    *,
    equal_variances: bool = True,
    confidence: float = 0.95,
) -> Estimate:
    """Difference between two group means in SD units, corrected for small samples.

    Parameters
    ----------
    treated, control : array-like, shape (n_treated,), (n_control,)
        One score a person, same unit. NaN means "not measured" and is left out and counted.
    equal_variances : bool
        As in `cohens_d`.
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    Estimate
        Unitless. Positive: `treated` scores higher. Noncentral-t interval.

    Raises
    ------
    TooFewError
        Fewer than two measured people in a group.
    NoSpreadError
        The SD to divide by is zero.

    Notes
    -----
    g = J(df)·d, J exact by the gamma function [1]_. Agrees with R effectsize ``hedges_g``.

    References
    ----------
    .. [1] Hedges (1981). J. Educ. Stat. 6(2), 107-128. doi:10.3102/10769986006002107

    Examples
    --------
    >>> import socmeasures as soc
    >>> round(soc.hedges_g([3, 4, 5, 6, 7], [1, 2, 4, 4, 5]).estimate, 3)
    1.008
    """
    return _two_group_d(
        treated, control, equal_variances=equal_variances, confidence=confidence, correct=True
    )


def _two_group_d(
    treated: ArrayLike,
    control: ArrayLike,
    *,
    equal_variances: bool,
    confidence: float,
    correct: bool,
) -> Estimate:
    level = check_confidence(confidence)
    name = "g" if correct else "d"
    groups = _groups(treated, control, f"A standardised difference ({name})")
    if equal_variances:
        sd, words, df = groups.pooled_sd, "the pooled SD", float(groups.n - 2)
        se_difference = sd * float(np.sqrt(1 / groups.n_treated + 1 / groups.n_control))
    else:
        sd, words = groups.average_sd, "the root of the mean of the two variances"
        se_difference = groups.welch_se
    if sd == 0:
        raise NoSpreadError(f"The standardised difference {name}", words)
    if not equal_variances:
        df = groups.welch_df
    factor = small_sample_factor(df) if correct else 1.0
    d = factor * groups.difference / sd
    low, high = noncentrality_limits(groups.difference / se_difference, df, level)
    rescale = factor * se_difference / sd
    sizes = 1 / groups.n_treated + 1 / groups.n_control
    return Estimate(
        estimate=d,
        ci_low=low * rescale,
        ci_high=high * rescale,
        n=groups.n,
        name=name if equal_variances else f"{name}_average_sd",
        method=f"mean difference ÷ {words}; noncentral-t limits",
        source="Hedges (1981)" if correct else "Cohen (1988); Cumming & Finch (2001)",
        confidence=level,
        se=float(np.sqrt(sizes + d**2 / (2 * groups.n))),
        df=df,
        notes=left_out(groups.n_left_out, "person"),
    )


def glass_delta(
    treated: ArrayLike, control: ArrayLike, *, correct: bool = False, confidence: float = 0.95
) -> Estimate:
    """Difference between two group means in units of the control group's SD.

    Parameters
    ----------
    treated, control : array-like, shape (n_treated,), (n_control,)
        One score a person, same unit. NaN means "not measured" and is left out and counted.
        The second is the one whose SD divides.
    correct : bool
        Multiply by Hedges' exact J(n_control − 1).
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    Estimate
        Unitless. Positive: `treated` scores higher. Noncentral-t interval with n_control − 1
        degrees of freedom, for variances that may differ.

    Raises
    ------
    TooFewError
        Fewer than two measured people in a group.
    NoSpreadError
        The control group's SD is zero.

    Notes
    -----
    Agrees with R effectsize ``glass_delta`` (tests/reference/test_independent.py).

    References
    ----------
    .. [1] Glass (1976). Educ. Res. 5(10), 3-8. doi:10.3102/0013189X005010003
    .. [2] Algina, Keselman & Penfield (2006). J. Mod. Appl. Stat. Meth. 5(1), 2-13.

    Examples
    --------
    >>> import socmeasures as soc
    >>> round(soc.glass_delta([3, 4, 5, 6, 7], [1, 2, 4, 4, 5]).estimate, 3)
    1.095
    """
    level = check_confidence(confidence)
    groups = _groups(treated, control, "Glass's delta")
    if groups.sd_control == 0:
        raise NoSpreadError("Glass's delta", "the SD of the control group")
    df = float(groups.n_control - 1)
    factor = small_sample_factor(df) if correct else 1.0
    delta = factor * groups.difference / groups.sd_control
    ratio = groups.sd_treated**2 / groups.sd_control**2
    scale = float(np.sqrt(1 / groups.n_control + ratio / groups.n_treated))
    low, high = noncentrality_limits(groups.difference / (groups.sd_control * scale), df, level)
    sizes = 1 / groups.n_treated + 1 / groups.n_control
    return Estimate(
        estimate=delta,
        ci_low=factor * low * scale,
        ci_high=factor * high * scale,
        n=groups.n,
        name="delta_corrected" if correct else "delta",
        method="mean difference ÷ the SD of the control group; noncentral-t limits",
        source="Glass (1976); Algina, Keselman & Penfield (2006)",
        confidence=level,
        se=float(np.sqrt(sizes + delta**2 / (2 * groups.n_control))),
        df=df,
        notes=left_out(groups.n_left_out, "person"),
    )
