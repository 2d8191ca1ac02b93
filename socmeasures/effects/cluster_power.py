"""What groups of people who are alike do to the standard error of a difference.

Whole clusters in either arm, groups in one arm only, and clusters that cross over in steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np


def design_effect(size: float, icc: float, cv: float = 0.0) -> float:
    """How many times more people a trial of clusters needs than one of single people.

    Parameters
    ----------
    size : float
        People *analysed* in a cluster, on average: after drop-out.
    icc : float
        Intracluster correlation.
    cv : float
        Coefficient of variation (SD over mean) of the analysed cluster sizes.

    Returns
    -------
    float
        1 + ((cv² + 1)·size − 1)·icc; 1 for clusters of one person of equal size.

    References
    ----------
    .. [1] Eldridge, Ashby & Kerry (2006). Int. J. Epidemiol. 35, 1292-1300.
       doi:10.1093/ije/dyl129

    Examples
    --------
    >>> round(design_effect(20, 0.05), 2), round(design_effect(16, 0.05), 2)  # 20 % lost
    (1.95, 1.75)
    """
    return 1 + ((cv**2 + 1) * size - 1) * icc


def effective_sample_size(n: float, size: float, icc: float, cv: float = 0.0) -> float:
    """How many single people tell as much as `n` people in clusters.

    Parameters
    ----------
    n : float
        People analysed.
    size, icc, cv : float
        As in `design_effect`.

    Returns
    -------
    float

    Examples
    --------
    >>> round(effective_sample_size(400, 20, 0.05), 1)
    205.1
    """
    return n / design_effect(size, icc, cv)


def cluster_mean_variance(
    sd: float,
    clusters: float,
    size: float,
    icc: float,
    *,
    cv: float = 0.0,
    r2_between: float = 0.0,
    r2_within: float = 0.0,
) -> float:
    """Variance of the mean of an arm made of whole clusters.

    Parameters
    ----------
    sd : float
        Standard deviation of the outcome over all people of an arm (between and within clusters).
    clusters : float
        Clusters analysed in the arm.
    size, icc, cv : float
        As in `design_effect`.
    r2_between, r2_within : float in [0, 1)
        Share of the variance between clusters, and within them, that the baseline explains.

    Returns
    -------
    float
        sd²/clusters · ((1 + cv²)·icc·(1 − R²_between) + (1 − icc)(1 − R²_within)/size), which
        without a baseline is sd²·(design effect)/(clusters·size).

    References
    ----------
    .. [1] Raudenbush (1997). Psychol. Methods 2, 173-185. Bloom, Richburg-Hayes & Black (2007).
       Educ. Eval. Policy Anal. 29, 30-59.

    Examples
    --------
    >>> round((2 * cluster_mean_variance(1, 8, 15, 0.05)) ** 0.5, 5)
    0.16833
    """
    between = (1 + cv**2) * icc * (1 - r2_between)
    within = (1 - icc) * (1 - r2_within) / size
    return sd**2 * (between + within) / clusters


def partly_nested(
    sd: float, treated: float, control: float, size: float, icc: float
) -> tuple[float, float]:
    """Standard error of a difference where only the treated arm meets in groups.

    Parameters
    ----------
    sd : float
        Standard deviation of the outcome in either arm.
    treated, control : float
        People analysed in each arm.
    size : float
        People analysed in a group.
    icc : float
        Correlation of people of one group.

    Returns
    -------
    tuple of float
        Standard error, and Welch–Satterthwaite degrees of freedom from groups − 1 in the treated
        arm and people − 1 in the control arm.

    References
    ----------
    .. [1] Roberts & Roberts (2005). Clin. Trials 2, 152-162. doi:10.1191/1740774505cn076oa

    Examples
    --------
    >>> se, df = partly_nested(1, 60, 60, 10, 0.05)
    >>> round(se, 4), round(df, 1)
    (0.2021, 13.7)
    """
    grouped = sd**2 * design_effect(size, icc) / treated
    single = sd**2 / control
    df = (grouped + single) ** 2 / (grouped**2 / (treated / size - 1) + single**2 / (control - 1))
    return sqrt(grouped + single), df


def stepped_wedge_se(
    sd: float, first_treated: Sequence[int], periods: int, size: float, icc: float
) -> float:
    """Standard error of the effect in a stepped wedge with different people in every period.

    Parameters
    ----------
    sd : float
        Standard deviation of the outcome over all people.
    first_treated : sequence of int, one a cluster
        The period, counted from 1, in which each cluster begins with the intervention;
        ``periods + 1`` for one that never does.
    periods : int
        Periods in all.
    size : float
        People analysed in each cluster and period.
    icc : float
        Correlation of two people of one cluster, the same within and between periods.

    Returns
    -------
    float

    Notes
    -----
    Random cluster means, fixed periods, variances taken as known (the closed form of [1]_). When
    people are alike more within a period than across periods, it promises too much.

    References
    ----------
    .. [1] Hussey & Hughes (2007). Contemp. Clin. Trials 28, 182-191.
       doi:10.1016/j.cct.2006.05.007

    Examples
    --------
    >>> round(stepped_wedge_se(1, (2, 2, 3, 3, 4, 4), 4, 15, 0.05), 4)
    0.1822
    """
    treated = np.arange(1, periods + 1) >= np.asarray(first_treated)[:, None]
    clusters = len(first_treated)
    cell = sd**2 * (1 - icc) / size
    cluster = sd**2 * icc
    u = treated.sum()
    w = (treated.sum(axis=0) ** 2).sum()
    v = (treated.sum(axis=1) ** 2).sum()
    below = (clusters * u - w) * cell
    below += (u**2 + clusters * periods * u - periods * w - clusters * v) * cluster
    return sqrt(clusters * cell * (cell + periods * cluster) / below)
