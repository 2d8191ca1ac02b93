"""How well a set of items measures one thing: alpha, omega, item-rest correlations.

A table of answers in (a row a person, a column an item, all pointing the same way), frozen
results out. Complete rows are used. Knows nothing of scales, columns or codes.
Formulas and sources: docs/methods.md.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from socmeasures.effects.estimate import Estimate
from socmeasures.effects.measured import Floats, as_table, check_confidence, left_out
from socmeasures.effects.one_factor import OneFactor, has_full_rank, one_factor
from socmeasures.errors import AnswersError, NoSpreadError, TooFewError

FEWEST = 20  # complete rows below which a correlation says too little to warn anyone

ALPHA_METHOD = "Feldt's F interval with n − 1 and (n − 1)(k − 1) df, on complete rows"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Consistency:
    """Internal consistency of a set of items, on complete rows.

    Attributes
    ----------
    n, n_left_out, k : int
        Complete rows, rows with an answer missing, items.
    alpha : Estimate
        Cronbach's alpha of the sum, with Feldt's interval.
    standardised_alpha : float
        Alpha of the sum of standardised items, from the mean correlation; with two items this is
        the Spearman-Brown reliability. NaN when an item never varies.
    mean_inter_item_r : float
        Mean correlation of two items.
    factor : OneFactor or None
        One factor by maximum likelihood, with omega total. None where it cannot be fitted: two
        items, no more rows than items, an item that never varies or follows from others.
    mean, sd, sem : float
        Of the sum of the items; ``sem = sd · √(1 − alpha)``, in points (NaN when alpha is
        negative).
    item_rest_r, alpha_if_dropped : float arrays, shape (n_items,)
        Correlation of each item with the sum of the others; alpha of the others (NaN where that
        is less than two items).
    item_means, item_sds : float arrays, shape (n_items,)
        Over the complete rows.
    """

    n: int
    n_left_out: int
    k: int
    alpha: Estimate
    standardised_alpha: float
    mean_inter_item_r: float
    factor: OneFactor | None
    mean: float
    sd: float
    sem: float
    item_rest_r: Floats
    alpha_if_dropped: Floats
    item_means: Floats
    item_sds: Floats

    @property
    def omega(self) -> float:
        """Omega total; NaN where one factor could not be fitted."""
        return self.factor.omega if self.factor is not None else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """Items that surely run against the rest: places, correlations, alpha before and after.

    Attributes
    ----------
    places : tuple of int
        Columns from 0.
    item_rest_r : tuple of float
        Their correlations with the sum of the others.
    n : int
        Complete rows.
    alpha, alpha_turned : float
        As the answers are, and with these items turned round.
    """

    places: tuple[int, ...]
    item_rest_r: tuple[float, ...]
    n: int
    alpha: float
    alpha_turned: float


def internal_consistency(answers: ArrayLike, *, confidence: float = 0.95) -> Consistency:
    """Alpha, omega and item statistics of a table of answers.

    Parameters
    ----------
    answers : array-like, shape (n_people, n_items)
        Points, reversed items turned already, so that every item points the same way. A row with
        NaN in any item is left out and counted.
    confidence : float in (0, 1)
        Coverage of alpha's interval.

    Returns
    -------
    Consistency
        In the items' own points.

    Raises
    ------
    AnswersError
        No table, or fewer than two items.
    TooFewError
        Fewer than two complete rows.
    NoSpreadError
        Everybody has the same sum.

    Notes
    -----
    α = k/(k − 1) · (1 − Σ item variances / variance of the sum). Interval: 1 − (1 − α)·F with
    n − 1 and (n − 1)(k − 1) df (Feldt 1965): exact for normal, equally good items. Covariances are
    of complete rows; R psych takes every pair that is there, which gives slightly other values.
    Agrees with psych 2.2.9 on complete rows to 1e-7 (tests/reference/test_reliability.py).

    References
    ----------
    .. [1] Cronbach (1951). Psychometrika 16(3), 297-334. doi:10.1007/BF02310555
    .. [2] Feldt (1965). Psychometrika 30(3), 357-370. doi:10.1007/BF02289499

    Examples
    --------
    >>> from socmeasures.effects.reliability import internal_consistency
    >>> found = internal_consistency([[1, 2, 2], [2, 2, 3], [3, 3, 3], [1, 1, 2], [3, 2, 3]])
    >>> round(found.alpha.estimate, 3), round(found.sem, 3), found.item_rest_r.round(2)
    (0.872, 0.742, array([0.88, 0.7 , 0.87]))
    """
    level = check_confidence(confidence)
    complete, n_left_out = complete_rows(answers)
    n, k = complete.shape
    estimate = _alpha_estimate(complete, n_left_out, level)
    covariance = np.cov(complete, rowvar=False)
    varies = np.ptp(complete, axis=0) > 0
    mean_r = float("nan")
    if varies.all():
        correlation = np.asarray(np.corrcoef(complete, rowvar=False))
        mean_r = float(correlation[np.triu_indices(k, 1)].mean())
    total = complete.sum(axis=1)
    sd = float(total.std(ddof=1))
    fits = k > 2 and n > k and varies.all() and has_full_rank(covariance)
    reliability = estimate.estimate
    return Consistency(
        n=n,
        n_left_out=n_left_out,
        k=k,
        alpha=estimate,
        standardised_alpha=spearman_brown(mean_r, k),
        mean_inter_item_r=mean_r,
        factor=one_factor(covariance, n) if fits else None,
        mean=float(total.mean()),
        sd=sd,
        sem=sd * float(np.sqrt(1 - reliability)) if reliability >= 0 else float("nan"),
        item_rest_r=item_rest(complete),
        alpha_if_dropped=alpha_if_dropped(complete),
        item_means=complete.mean(axis=0),
        item_sds=complete.std(axis=0, ddof=1),
    )


def cronbach_alpha(answers: ArrayLike, *, confidence: float = 0.95) -> Estimate:
    """Cronbach's alpha of the sum of some items, with Feldt's interval.

    Parameters
    ----------
    answers : array-like, shape (n_people, n_items)
        Points, every item pointing the same way. A row with NaN in any item is left out.
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    Estimate
        Unitless; negative when the items run against each other. For 0/1 items this is KR-20.

    Raises
    ------
    AnswersError, TooFewError, NoSpreadError
        As `internal_consistency`.

    Notes
    -----
    The reliability of the sum only where the items are equally good measures of one thing; where
    not, usually a lower bound. A high alpha does not show that there is one thing behind the items.

    References
    ----------
    .. [1] Cronbach (1951). Psychometrika 16(3), 297-334. doi:10.1007/BF02310555
    .. [2] Feldt (1965). Psychometrika 30(3), 357-370. doi:10.1007/BF02289499

    Examples
    --------
    >>> from socmeasures.effects.reliability import cronbach_alpha
    >>> print(cronbach_alpha([[1, 2, 2], [2, 2, 3], [3, 3, 3], [1, 1, 2], [3, 2, 3]]))
    alpha 0.872 [0.354, 0.986] (95 % interval), n = 5
    """
    level = check_confidence(confidence)
    complete, n_left_out = complete_rows(answers)
    return _alpha_estimate(complete, n_left_out, level)


def _alpha_estimate(complete: Floats, n_left_out: int, level: float) -> Estimate:
    n, k = complete.shape
    if n < 2:
        raise TooFewError("Cronbach's alpha", n, 2, "complete row")
    value = alpha(complete)
    if np.isnan(value):
        raise NoSpreadError("Cronbach's alpha", "the SD of the sum score")
    tails = ((1 + level) / 2, (1 - level) / 2)
    low, high = 1 - (1 - value) * stats.f.ppf(tails, n - 1, (n - 1) * (k - 1))
    return Estimate(
        estimate=value,
        ci_low=float(low),
        ci_high=float(high),
        n=n,
        name="alpha",
        method=ALPHA_METHOD,
        source="Cronbach (1951); Feldt (1965)",
        confidence=level,
        notes=left_out(n_left_out, "person"),
    )


def complete_rows(answers: ArrayLike) -> tuple[Floats, int]:
    """The rows with every answer, and how many lack one; refuses fewer than two items."""
    table = as_table(answers, "answers")
    if table.shape[1] < 2:
        raise AnswersError("answers", "one item alone has no internal consistency")
    whole = ~np.isnan(table).any(axis=1)
    return table[whole], int((~whole).sum())


def alpha(complete: Floats) -> float:
    """Cronbach's alpha of complete rows; NaN when everybody has the same sum."""
    variances = complete.var(axis=0, ddof=1)
    return _alpha(float(variances.sum()), complete.sum(axis=1), complete.shape[1])


def alpha_if_dropped(complete: Floats) -> Floats:
    """Alpha without each item in turn; NaN where fewer than two are left or none differ."""
    k = complete.shape[1]
    if k < 3:
        return np.full(k, np.nan)
    variances, total = complete.var(axis=0, ddof=1), complete.sum(axis=1)
    every = float(variances.sum())
    return np.array([_alpha(every - variances[i], total - complete[:, i], k - 1) for i in range(k)])


def _alpha(item_variances: float, total: Floats, k: int) -> float:
    if np.ptp(total) == 0:
        return float("nan")
    return float(k / (k - 1) * (1 - item_variances / total.var(ddof=1)))


def item_rest(complete: Floats) -> Floats:
    """Correlation of each item with the sum of the others; NaN where either does not vary."""
    total = complete.sum(axis=1)
    out = np.full(complete.shape[1], np.nan)
    for i, item in enumerate(complete.T):
        rest = total - item
        if np.ptp(item) > 0 and np.ptp(rest) > 0:
            out[i] = np.corrcoef(item, rest)[0, 1]
    return out


def spearman_brown(reliability: float, factor: float) -> float:
    """Reliability of a measure made `factor` times as long by parts as good as the first.

    Parameters
    ----------
    reliability : float
        Of the measure as it is (or the correlation of two halves, with factor 2).
    factor : float
        Length of the new measure over that of the old.

    Returns
    -------
    float
        ``factor · r / (1 + (factor − 1) · r)``; NaN where that is not defined.

    References
    ----------
    .. [1] Spearman (1910). Br. J. Psychol. 3, 271-295. Brown (1910), the same, 296-322.

    Examples
    --------
    >>> from socmeasures.effects.reliability import spearman_brown
    >>> round(spearman_brown(0.7, 2), 4)
    0.8235
    """
    below = 1 + (factor - 1) * reliability
    return float(factor * reliability / below) if below > 0 else float("nan")


LOW = 0.6  # alpha below which a whole group keyed the wrong way is looked for
GAIN = 0.2  # gain in alpha from turning the group round that is worth a warning


@dataclass(frozen=True, slots=True, kw_only=True)
class Opposed:
    """A group of items that opposes the rest: perhaps a whole sub-scale left unreversed.

    Attributes
    ----------
    places : tuple of int
        Items of the smaller group, from 0.
    n : int
        Complete rows.
    alpha, alpha_turned : float
        Cronbach's alpha as it is, and with the group turned round.
    """

    places: tuple[int, ...]
    n: int
    alpha: float
    alpha_turned: float


def opposed_group(answers: ArrayLike) -> Opposed | None:
    """A group of items that opposes the others, where no single item can be named.

    When half the items are keyed the wrong way, every item agrees with some and opposes others, so
    no item-rest correlation is surely negative. The signs of the first principal component of the
    correlations part the two groups.

    Parameters
    ----------
    answers : array-like, shape (n_people, n_items)
        Points under the key in question; rows with NaN are left out.

    Returns
    -------
    Opposed or None
        None unless alpha is below .6 and turning the smaller group round raises it by .2 or more,
        on at least 20 complete rows of four or more items that all vary.

    Examples
    --------
    >>> import numpy as np
    >>> from socmeasures.effects.reliability import opposed_group
    >>> rng = np.random.default_rng(1)
    >>> trait = rng.normal(size=60)
    >>> items = [trait * sign + rng.normal(size=60) for sign in (1, 1, 1, -1, -1)]
    >>> opposed_group(np.column_stack(items)).places
    (3, 4)
    """
    complete, _ = complete_rows(answers)
    n, k = complete.shape
    if k < 4 or n < FEWEST or not (complete.std(axis=0) > 0).all():
        return None
    as_is = alpha(complete)
    if as_is >= LOW:
        return None
    component = np.linalg.eigh(np.corrcoef(complete, rowvar=False))[1][:, -1]
    positive, negative = np.flatnonzero(component > 0), np.flatnonzero(component < 0)
    group = negative if len(negative) <= len(positive) else positive
    if not len(group):
        return None
    turned = complete.copy()
    turned[:, group] = (
        complete[:, group].max(axis=0) + complete[:, group].min(axis=0) - (complete[:, group])
    )
    after = alpha(turned)
    if after - as_is < GAIN:
        return None
    return Opposed(places=tuple(int(i) for i in group), n=n, alpha=as_is, alpha_turned=after)


def running_against(answers: ArrayLike, *, skip: Collection[int] = ()) -> Against | None:
    """Items whose correlation with the others is surely negative: keyed the wrong way, perhaps.

    Parameters
    ----------
    answers : array-like, shape (n_people, n_items)
        Points under the key in question; rows with NaN are left out.
    skip : collection of int
        Places that were named already.

    Returns
    -------
    Against or None
        None when no item is named, with fewer than three items or 20 complete rows. An item is
        named when the upper 95 % limit of its item-rest correlation (Fisher's z) is below zero.

    Notes
    -----
    Turning an item round raises alpha exactly when its item-rest correlation is negative, so one
    rule finds both signs of a wrong key. Several items reversed wrongly can hide each other.

    Examples
    --------
    >>> import numpy as np
    >>> from socmeasures.effects.reliability import running_against
    >>> one = np.arange(30) % 5
    >>> running_against(np.column_stack([one, one, 4 - one])).places
    (2,)
    """
    complete, _ = complete_rows(answers)
    n, k = complete.shape
    if k < 3 or n < FEWEST:
        return None
    r = item_rest(complete)
    upper = np.tanh(np.arctanh(np.clip(r, -0.999999, 0.999999)) + 1.96 / (n - 3) ** 0.5)
    places = tuple(int(i) for i in np.flatnonzero(upper < 0) if int(i) not in skip)
    if not places:
        return None
    turned = complete.copy()
    for i in places:
        turned[:, i] = complete[:, i].max() + complete[:, i].min() - complete[:, i]
    return Against(
        places=places,
        item_rest_r=tuple(float(r[i]) for i in places),
        n=n,
        alpha=alpha(complete),
        alpha_turned=alpha(turned),
    )
