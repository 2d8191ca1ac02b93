"""A mean of people from several sites, with an interval that lets people of one site be alike."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from socmeasures.effects.estimate import Estimate
from socmeasures.effects.measured import check_confidence
from socmeasures.models.sandwich import cluster_covariance

ENOUGH_SITES = 5  # below this no interval by site can be relied on


def site_mean(values: ArrayLike, sites: NDArray[Any], *, confidence: float = 0.95) -> Estimate:
    """Mean with a CR2 interval by site and Satterthwaite degrees of freedom.

    Parameters
    ----------
    values : array-like, shape (n_people,)
        No missing values.
    sites : array, shape (n_people,)
        The site of each person.
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    Estimate
        The plain mean of the people; only its interval and test know of the sites.

    Raises
    ------
    TooFewSitesError
        Fewer than two sites.

    Notes
    -----
    Bell & McCaffrey (2002); Pustejovsky & Tipton (2018).

    Examples
    --------
    >>> import numpy as np
    >>> mean = site_mean([1.0, 2, 3, 2, 5, 4], np.array(["a", "a", "b", "b", "c", "c"]))
    >>> round(mean.estimate, 2), round(mean.df, 1)
    (2.83, 2.0)
    """
    level = check_confidence(confidence)
    y = np.asarray(values, dtype=np.float64)
    X = np.ones((len(y), 1))
    robust = cluster_covariance(X, y - y.mean(), sites)
    df = robust.satterthwaite_df(np.ones(1))
    se = float(np.sqrt(robust.cov[0, 0]))
    half = float(special.stdtrit(df, (1 + level) / 2)) * se if se > 0 else float("nan")
    p_value = float(2 * special.stdtr(df, -abs(y.mean()) / se)) if se > 0 else None
    return Estimate(
        estimate=float(y.mean()),
        ci_low=float(y.mean()) - half,
        ci_high=float(y.mean()) + half,
        n=len(y),
        name="mean",
        method=f"CR2 by site ({robust.clusters} sites), Satterthwaite degrees of freedom",
        source="Bell & McCaffrey (2002); Pustejovsky & Tipton (2018)",
        confidence=level,
        se=se,
        df=df,
        p_value=p_value,
    )
