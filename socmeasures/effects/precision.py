"""How wide an interval will be: of a mean, and of Cronbach's alpha."""

from __future__ import annotations

from math import isinf, sqrt

from scipy import special


def mean_half_width(
    sd: float, n: float, *, confidence: float = 0.95, df: float | None = None
) -> float:
    """Half the width of the interval of a mean.

    Parameters
    ----------
    sd : float
        Standard deviation of the score.
    n : float
        People, above 1.
    confidence : float in (0, 1)
        Coverage of the interval.
    df : float or None
        n − 1 by default; infinite for the normal distribution.

    Returns
    -------
    float
        In points of the score, at the expected SD: half of all samples give a wider one.

    Examples
    --------
    >>> round(mean_half_width(10, 99), 3), round(mean_half_width(10, 98), 3)
    (1.994, 2.005)
    """
    df = n - 1 if df is None else df
    above = (1 + confidence) / 2
    t = special.ndtri(above) if isinf(df) else special.stdtrit(df, above)
    return float(t * sd / sqrt(n))


def alpha_limits(
    alpha: float, n: float, items: int, *, confidence: float = 0.95
) -> tuple[float, float]:
    """Feldt's interval that an alpha would have.

    Parameters
    ----------
    alpha : float
        Cronbach's alpha, below 1.
    n : float
        People who answered everything, above 1.
    items : int
        Items of the scale, two or more.
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    tuple of float

    References
    ----------
    .. [1] Feldt (1965). Psychometrika 30(3), 357-370. doi:10.1007/BF02289499

    Examples
    --------
    >>> low, high = alpha_limits(0.85, 100, 20)
    >>> round(low, 3), round(high, 3)
    (0.804, 0.89)
    """
    people, answers = n - 1, (n - 1) * (items - 1)
    tail = (1 - confidence) / 2
    low = 1 - (1 - alpha) * special.fdtri(people, answers, 1 - tail)
    high = 1 - (1 - alpha) * special.fdtri(people, answers, tail)
    return float(low), float(high)
