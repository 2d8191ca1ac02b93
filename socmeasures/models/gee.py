"""Generalised estimating equations for people in clusters: arrays in, a frozen fit out.

Fisher scoring of our own, with the covariances that hold with few clusters and with *t* instead
of z. Formulas and sources: docs/methods.md#clusters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from socmeasures.effects.cluster_rows import cluster_rows
from socmeasures.errors import (
    ChoiceError,
    ClusterDegreesError,
    ModelSizeError,
    OneClusterEachError,
    PairLengthError,
    ScoresError,
)
from socmeasures.models.gee_equations import Family, Link, solve, starts
from socmeasures.models.logistic import fit_logistic
from socmeasures.models.ols import Contrast, JointTest, t_contrast
from socmeasures.models.sandwich import inflation

Floats = NDArray[np.float64]
Working = Literal["exchangeable", "independence"]
Negative = Literal["zero", "keep"]
Correction = Literal[
    "kauermann-carroll", "mancl-derouen", "fay-graubard", "morel", "average", "none"
]
LINKS: dict[Family, tuple[Link, ...]] = {
    "gaussian": ("identity",),
    "binomial": ("logit", "identity", "log"),
}
WORKING: tuple[Working, ...] = ("exchangeable", "independence")
CORRECTIONS: dict[Correction, str] = {
    "kauermann-carroll": "Kauermann & Carroll (2001)",
    "mancl-derouen": "Mancl & DeRouen (2001)",
    "fay-graubard": "Fay & Graubard (2001), bound .75",
    "morel": "Morel, Bokossa & Neerchal (2003)",
    "average": "mean of the Kauermann-Carroll and Mancl-DeRouen standard errors (Ford & Westgate "
    "2017)",
    "none": "uncorrected sandwich (Liang & Zeger 1986), too small with few clusters",
}
FAY_GRAUBARD_BOUND = 0.75


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GeeModel:
    """Fitted estimating equations.

    Attributes
    ----------
    names : tuple of str
        One a coefficient.
    coef : array, shape (p,)
        Differences (identity), log odds ratios (logit) or log risk ratios (log) per unit.
    covariance : array, shape (p, p)
        Of the coefficients, corrected as `correction` says.
    alpha : float
        The working correlation between two people of one cluster that was used; NaN with
        independence.
    scale : float
        Mean squared Pearson residual, n − p below.
    df : float
        Clusters − coefficients of whole clusters, for every coefficient.
    n, n_clusters : int
        People and clusters.
    family, link, working, correction : str
        As asked for.
    notes : tuple of str
        What a reader must know.
    """

    names: tuple[str, ...]
    coef: Floats
    covariance: Floats
    alpha: float
    scale: float
    df: float
    n: int
    n_clusters: int
    family: Family
    link: Link
    working: Working
    correction: Correction
    notes: tuple[str, ...] = ()
    # of each cluster: D'V⁻¹D and D'V⁻¹(y − μ), without the scale, which cancels
    _gram: Floats
    _score: Floats

    def contrast(self, weights: ArrayLike, *, confidence: float = 0.95) -> Contrast:
        """Estimate a weighted sum of the coefficients, with *t* and `df` degrees of freedom.

        Parameters
        ----------
        weights : array-like, shape (p,)
            One weight a coefficient.
        confidence : float in (0, 1)
            Coverage of the interval.

        Returns
        -------
        Contrast
            On the scale of the link.
        """
        w = np.asarray(weights, dtype=np.float64)
        kinds: tuple[Correction, ...] = (self.correction,)
        if self.correction == "average":
            kinds = ("kauermann-carroll", "mancl-derouen")
        errors = [np.sqrt(max(float(w @ self._corrected(kind) @ w), 0.0)) for kind in kinds]
        return t_contrast(float(w @ self.coef), float(np.mean(errors)), self.df,
                          confidence=confidence)  # fmt: skip

    def coefficient(self, name: str, *, confidence: float = 0.95) -> Contrast:
        """One coefficient by its name."""
        return self.contrast([float(n == name) for n in self.names], confidence=confidence)

    def joint_test(self, weights: ArrayLike) -> JointTest:
        """Test that every row of `weights` (shape (q, p)) times the coefficients is 0.

        A Hotelling-type F with q and df − q + 1 degrees of freedom.
        """
        L = np.atleast_2d(np.asarray(weights, dtype=np.float64))
        q = int(np.linalg.matrix_rank(L))
        values = L @ self.coef
        left = self.df - q + 1
        wald = float(values @ np.linalg.pinv(L @ self.covariance @ L.T) @ values)
        statistic = wald * left / (self.df * q) if left > 0 else float("nan")
        return JointTest(
            statistic=statistic,
            df1=q,
            df2=left,
            p_value=float(special.fdtrc(q, left, statistic)) if left > 0 else float("nan"),
        )

    def corrected(self, correction: Correction) -> GeeModel:
        """The same fit with another covariance."""
        if correction not in CORRECTIONS:
            raise ChoiceError("correction", correction, tuple(CORRECTIONS))
        return replace(self, correction=correction, covariance=self._corrected(correction))

    @property
    def method_words(self) -> str:
        """What was done, in words."""
        like = f"exchangeable working correlation ({self.alpha:.3g})"
        if self.working == "independence":
            like = "independence as working correlation"
        return (
            f"GEE, {self.family} with {self.link} link, {like}; covariance: "
            f"{CORRECTIONS[self.correction]}; t with {self.df:g} degrees of freedom "
            f"({self.n_clusters} clusters)"
        )

    def _corrected(self, correction: Correction) -> Floats:
        bread = np.linalg.inv(self._gram.sum(axis=0))
        plain = bread @ self._score.T @ self._score @ bread
        if correction == "none":
            return np.asarray(plain)
        if correction == "morel":
            return self._morel(bread, plain)
        if correction == "average":
            first, second = self._corrected("kauermann-carroll"), self._corrected("mancl-derouen")
            middle = (first + second) / 2
            errors = (np.sqrt(np.diag(first)) + np.sqrt(np.diag(second))) / 2
            return np.asarray(middle * np.outer(errors, errors) / np.sqrt(
                np.outer(np.diag(middle), np.diag(middle))))  # fmt: skip
        if correction == "fay-graubard":
            own = np.einsum("ipq,qp->ip", self._gram, bread)
            score = self._score / np.sqrt(1 - np.minimum(own, FAY_GRAUBARD_BOUND))
        else:
            kind: Literal["CR2", "CR3"] = "CR2" if correction == "kauermann-carroll" else "CR3"
            larger = inflation(self._gram, bread, kind, people=self.n)
            score = np.einsum("ipr,ir->ip", larger, self._score)
        return np.asarray(bread @ score.T @ score @ bread)

    def _morel(self, bread: Floats, plain: Floats) -> Floats:
        p, k = len(self.coef), self.n_clusters
        lost = (self.n - 1) / (self.n - p) * k / (k - 1)
        added = p / (k - p) if k > 3 * p else 0.5
        # how many times the variance is what the working model takes it for, 1 at least
        effect = float(np.trace(np.linalg.solve(bread, plain))) / self.scale / p
        return np.asarray(lost * plain + added * max(1.0, lost * effect) * self.scale * bread)


def fit_gee(
    outcome: ArrayLike,
    design: ArrayLike,
    names: Sequence[str],
    clusters: Sequence[Any] | ArrayLike,
    *,
    family: Family = "gaussian",
    link: Link | None = None,
    working: Working = "exchangeable",
    correction: Correction = "kauermann-carroll",
    cluster_level: int | None = None,
    negative: Negative = "zero",
) -> GeeModel:
    """Fit the mean of an outcome of people in clusters by estimating equations.

    Parameters
    ----------
    outcome : array-like, shape (n,)
        Scores, or 0 and 1 for ``binomial``; none missing.
    design : array-like, shape (n, p)
        Columns of the model, the intercept among them.
    names : sequence of str
        One a column.
    clusters : array-like, shape (n,)
        The cluster of each row.
    family : {"gaussian", "binomial"}
        Constant variance, or that of a yes-or-no outcome.
    link : {"identity", "logit", "log"}, optional
        For ``binomial``: ``logit`` (odds ratio; the default), ``identity`` (difference in
        shares) or ``log`` (risk ratio). For ``gaussian`` the identity.
    working : {"exchangeable", "independence"}
        What people of one cluster are taken for; the standard errors hold either way.
    correction : str
        How the covariance makes up for few clusters: ``kauermann-carroll``, ``mancl-derouen``,
        ``fay-graubard`` (bound .75), ``morel``, ``average`` (of the standard errors of the first
        two) or ``none``.
    cluster_level : int, optional
        Coefficients of whole clusters, which the degrees of freedom leave out; by default the
        columns that never vary within a cluster are counted.
    negative : {"zero", "keep"}
        What to do when the exchangeable correlation is estimated below 0: weigh people as with
        independence, said in a note, or use it. Kept, it lets the largest clusters decide
        everything and finds effects where there are none twice as often as it should
        (docs/methods.md#clusters).

    Returns
    -------
    GeeModel

    Raises
    ------
    ScoresError, ModelSizeError, CollinearError
        A missing value or a value that is no 0 or 1; too few people; a column the others
        determine.
    SeparationError
        Some combination of columns tells the outcome apart completely.
    WorkingCorrelationError
        An exchangeable correlation of 1 or, where a negative one is kept, below −1/(m − 1) with
        m people in the largest cluster.
    EstimatingEquationsError
        No solution: fitted shares outside 0 to 1 (identity, log), or no end of the steps.
    ClusterDegreesError
        No more clusters than coefficients of whole clusters.

    Notes
    -----
    The working correlation is the moment estimate over pairs, (pairs − p) below, as statsmodels
    has it; with it (and ``negative="keep"``) the Mancl–DeRouen covariance agrees with
    statsmodels' ``bias_reduced``. With independence and the identity link Kauermann–Carroll is CR2
    and Mancl–DeRouen CR3 of R clubSandwich. No matrix as large as a cluster is made.

    References
    ----------
    .. [1] Liang & Zeger (1986). Biometrika 73, 13-22.
    .. [2] Kauermann & Carroll (2001). J. Am. Stat. Assoc. 96, 1387-1396.
    .. [3] Mancl & DeRouen (2001). Biometrics 57, 126-134.
    .. [4] Fay & Graubard (2001). Biometrics 57, 1198-1206.
    .. [5] Morel, Bokossa & Neerchal (2003). Biom. J. 45, 395-409.
    .. [6] Ford & Westgate (2017). Biom. J. 59, 478-495.

    Examples
    --------
    >>> import numpy as np
    >>> score = [3, 4, 5, 5, 6, 7, 1, 2, 2, 3, 4, 2]
    >>> cluster = np.repeat(["a", "b", "c", "d", "e", "f"], 2)
    >>> X = np.column_stack([np.ones(12), np.repeat([1, 0], 6)])
    >>> fit = fit_gee(score, X, ["intercept", "arm"], cluster)
    >>> found = fit.coefficient("arm")
    >>> round(found.estimate, 2), found.df, round(found.p_value, 3)
    (2.67, 4.0, 0.052)
    """
    shape = _chosen(family, link, working, correction)
    if negative not in ("zero", "keep"):
        raise ChoiceError("negative", negative, ("zero", "keep"))
    y, X = np.asarray(outcome, dtype=np.float64), np.asarray(design, dtype=np.float64)
    rows = cluster_rows(clusters)
    if len(rows.code) != len(y):
        raise PairLengthError(("outcome", "clusters"), (len(y), len(rows.code)))
    _check_values(y, X, family)
    order = np.argsort(rows.code, kind="stable")
    y, X, sizes = y[order], X[order], rows.sizes
    df = rows.n_clusters - (_whole(X, sizes) if cluster_level is None else cluster_level)
    if df < 1:
        raise ClusterDegreesError(rows.n_clusters, rows.n_clusters - df)
    if working == "exchangeable" and float(np.sum(sizes * (sizes - 1))) / 2 <= X.shape[1]:
        raise OneClusterEachError(rows.n_clusters, len(y))
    start = fit_logistic(y, X, names).coef if shape == "logit" else None
    lowest = -1 / max(int(sizes.max()) - 1, 1) if negative == "keep" else 0.0
    if working == "independence":
        lowest = np.nan
    state = solve(y, X, names, sizes, family, shape, lowest, start)
    notes: tuple[str, ...] = ()
    if state.estimated < 0 == state.alpha:
        notes = (
            f"The working correlation was estimated as {state.estimated:.3g}, below 0, as happens "
            "by chance when people of one cluster are hardly alike; people are weighed as if it "
            "were 0. The standard errors hold either way.",
        )
    unfinished = GeeModel(
        names=tuple(names),
        coef=state.coef,
        covariance=np.empty((0, 0)),
        alpha=state.alpha,
        scale=state.scale,
        df=float(df),
        n=len(y),
        n_clusters=rows.n_clusters,
        family=family,
        link=shape,
        working=working,
        correction=correction,
        notes=notes,
        _gram=state.gram,
        _score=state.score,
    )
    return unfinished.corrected(correction)


def _chosen(family: Family, link: Link | None, working: Working, correction: Correction) -> Link:
    if family not in LINKS:
        raise ChoiceError("family", family, tuple(LINKS))
    if working not in WORKING:
        raise ChoiceError("working", working, WORKING)
    if correction not in CORRECTIONS:
        raise ChoiceError("correction", correction, tuple(CORRECTIONS))
    if link is not None and link not in LINKS[family]:
        raise ChoiceError("link", link, LINKS[family])
    return link or LINKS[family][0]


def _check_values(y: Floats, X: Floats, family: Family) -> None:
    if not (np.isfinite(y).all() and np.isfinite(X).all()):
        raise ScoresError("the model's data", "a value is missing or infinite")
    if family == "binomial" and not np.isin(y, (0.0, 1.0)).all():
        raise ScoresError("outcome", "a yes-or-no outcome is 0 or 1, and something else was found")
    if family == "binomial" and np.ptp(y) == 0:
        raise ScoresError("outcome", f"everybody has {y[0]:g}, so there is nothing to compare")
    if len(y) <= X.shape[1]:
        raise ModelSizeError(*X.shape)


def _whole(X: Floats, sizes: NDArray[np.intp]) -> int:
    """Columns that never vary within a cluster."""
    first = np.repeat(starts(sizes), sizes)
    largest = np.maximum(np.abs(X).max(axis=0), 1e-300)
    return int(np.sum(np.abs(X - X[first]).max(axis=0) <= 1e-9 * largest))
