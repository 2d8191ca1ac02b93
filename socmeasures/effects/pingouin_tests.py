"""The only door to pingouin: its tests of two independent groups, where they are right.

Not taken from pingouin: its paired effect sizes and intervals, which use the wrong standard
error and drop the sign, and its 95 % intervals of means, which it rounds to two decimals
(docs/methods.md). Loading it takes over a second, so it is loaded when
a test is asked for, and its dependencies' warnings under pandas 3 stay here.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

from socmeasures.effects.measured import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class TTest:
    """A t test of two groups, treated − control."""

    statistic: float
    df: float
    p_value: float


def independent_t(treated: Floats, control: Floats, *, equal_variances: bool) -> TTest:
    """Student's or Welch's t test (``pingouin.ttest``).

    Examples
    --------
    >>> import numpy as np
    >>> treated, control = np.array([3.0, 4, 5]), np.array([1.0, 2, 3])
    >>> test = independent_t(treated, control, equal_variances=True)
    >>> round(test.statistic, 3), test.df
    (2.449, 4.0)
    """
    with warnings.catch_warnings():
        # pingouin and seaborn warn under pandas 3.1 at import and call; nothing in it is the user's
        warnings.simplefilter("ignore")
        import pingouin

        row = pingouin.ttest(treated, control, correction=not equal_variances).iloc[0]
    return TTest(
        statistic=float(row["T"]),
        df=float(row["dof"]),
        p_value=float(row["p_val"]),
    )


def mann_whitney_p(treated: Floats, control: Floats, *, continuity: bool = True) -> float:
    """Two-sided p of the Mann-Whitney test by the normal approximation (``pingouin.mwu``).

    Examples
    --------
    >>> import numpy as np
    >>> round(mann_whitney_p(np.array([3.0, 4, 5]), np.array([1.0, 2, 3])), 4)
    0.1212
    """
    with warnings.catch_warnings():
        # as above
        warnings.simplefilter("ignore")
        import pingouin

        row = pingouin.mwu(treated, control, method="asymptotic", use_continuity=continuity).iloc[0]
    return float(row["p_val"])
