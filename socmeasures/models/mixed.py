"""Linear mixed models for people in groups: REML or ML, Kenward–Roger or Satterthwaite.

Arrays in, a frozen fit out. An optimum is proved, at the boundary too, or refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from socmeasures.errors import ChoiceError
from socmeasures.errors.models import GroupsError, MixedConvergenceError
from socmeasures.models.grouped_data import arrange_groups
from socmeasures.models.inference import (
    Inference,
    InferredModel,
    Limit,
    kenward_roger_covariance,
)
from socmeasures.models.mixed_groups import Groups, read_groups
from socmeasures.models.mixed_search import Solution, search
from socmeasures.models.repeated_data import model_arrays, orthonormal
from socmeasures.models.variance_components import ComponentLikelihood

Floats = NDArray[np.float64]
Variance = Literal["nonnegative", "unbounded"]
Method = Literal["reml", "ml"]
DegreesOfFreedom = Literal["kenward-roger", "satterthwaite"]
Information = Literal["expected", "observed"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MixedModel(InferredModel):
    """A fitted linear mixed model.

    Attributes
    ----------
    names : tuple of str
        One a coefficient.
    coef : array, shape (p,)
        Coefficients, in the unit of the outcome per unit of their column.
    covariance : array, shape (p, p)
        Their covariance: Kenward & Roger's, or the model's with Satterthwaite.
    variances : dict of str to float
        A variance a component, in squared units of the outcome; ``"<innermost> slope"`` and
        ``"<innermost> covariance"`` with a random slope; ``"residual"``, or
        ``"residual, <label>"`` each.
    boundary : tuple of str
        Components whose variance was estimated as exactly 0; ``"<innermost> slope"`` when the
        covariance of random intercept and slope is singular.
    icc : dict of str to float
        Correlation of two rows of one group: the shared variances over the total. With a
        random slope, where the slope's variable is 0.
    log_likelihood : float
        Restricted or full, at the optimum.
    n : int
        Rows.
    n_groups : dict of str to int
        Groups of each component.
    n_parameters : int
        Coefficients and (co)variances.
    df_method, information, variance, method : str
        As asked for.
    notes : tuple of str
        What a reader of the numbers has to know; empty when there is nothing.
    steps : int
        Newton steps that proved the optimum.
    decrement : float
        How far −2ℓ may still be from its minimum.
    """

    covariance: Floats
    variances: dict[str, float]
    boundary: tuple[str, ...]
    icc: dict[str, float]
    log_likelihood: float
    n: int
    n_groups: dict[str, int]
    n_parameters: int
    df_method: DegreesOfFreedom
    information: Information
    variance: Variance
    method: Method
    notes: tuple[str, ...]
    steps: int
    decrement: float

    @property
    def aic(self) -> float:
        """Akaike's criterion, counting coefficients and (co)variances."""
        return -2 * self.log_likelihood + 2 * self.n_parameters

    @property
    def bic(self) -> float:
        """Schwarz's criterion, counting coefficients and (co)variances, with log(rows)."""
        return -2 * self.log_likelihood + self.n_parameters * float(np.log(self.n))

    @property
    def method_words(self) -> str:
        """The model in a sentence of a methods section."""
        told = [f"{name} ({count} groups)" for name, count in self.n_groups.items()]
        slope = f" and a random slope of {list(self.n_groups)[-1]}" if self._has_slope else ""
        residual = len([name for name in self.variances if name.startswith("residual")])
        by = "" if residual == 1 else f", {residual} residual variances"
        sign = "not below 0" if self.variance == "nonnegative" else "allowed to be negative"
        df = {"kenward-roger": "Kenward–Roger", "satterthwaite": "Satterthwaite"}[self.df_method]
        return (
            f"linear mixed model with random intercepts of {', '.join(told)}{slope}{by}, by "
            f"{self.method.upper()}, variances {sign}; {df} degrees of freedom with the "
            f"{self.information} information"
        )

    @property
    def _has_slope(self) -> bool:
        return any(name.endswith(" covariance") for name in self.variances)


def fit_mixed(
    outcome: ArrayLike,
    design: ArrayLike,
    names: Sequence[str],
    *,
    groups: Mapping[str, ArrayLike],
    slope: ArrayLike | None = None,
    only_where: Mapping[str, ArrayLike] | None = None,
    residual_by: ArrayLike | None = None,
    variance: Variance = "nonnegative",
    method: Method = "reml",
    df: DegreesOfFreedom = "kenward-roger",
    information: Information | None = None,
    df_limit: Mapping[str, float] | None = None,
) -> MixedModel:
    """Fit a linear mixed model.

    Parameters
    ----------
    outcome : array-like, shape (n,)
        Outcomes that were observed; a missing one has no row.
    design : array-like, shape (n, p)
        Columns of the model, the intercept among them.
    names : sequence of str
        One a column.
    groups : mapping of str to array-like, shape (n,)
        The group of each row by component, outermost first: ``{"site": ..., "cluster": ...,
        "person": ...}``. Each has a random intercept. Every group lies in one group of the
        first component; the others need not lie in each other (cluster, cluster × wave, person).
    slope : array-like, shape (n,), optional
        A random slope over this for the last component, correlated with its intercept.
    only_where : mapping of str to array-like of bool, optional
        Rows in which a component acts, for groups in one arm only; elsewhere its labels may be
        missing.
    residual_by : array-like, shape (n,), optional
        A residual variance of its own for each value (an arm).
    variance : {"nonnegative", "unbounded"}
        Whether a variance between groups may be negative as long as every covariance matrix of
        the outcomes stays positive definite.
    method : {"reml", "ml"}
        Restricted or full maximum likelihood; Kenward–Roger is defined for REML.
    df : {"kenward-roger", "satterthwaite"}
        Degrees of freedom; Kenward–Roger also adjusts the covariance of the coefficients.
    information : {"expected", "observed"}, optional
        Of the variances. Default: expected with Kenward–Roger (R pbkrtest), observed with
        Satterthwaite (R lmerTest).
    df_limit : mapping of str to float, optional
        Degrees of freedom not to be exceeded when a component's variance is 0, instead of its
        groups minus the coefficients that cannot be estimated within groups.

    Returns
    -------
    MixedModel

    Raises
    ------
    GroupsError
        Labels missing, too few groups, one row a group, groups that are not nested, variances
        that cannot be told apart; every fault at once.
    MixedConvergenceError
        No optimum could be proved.
    CollinearError, ModelSizeError, ScoresError, ChoiceError
        A column the others determine, too few rows, a value that is no number, a choice that
        does not exist.

    Notes
    -----
    A variance of 0 leaves the model: estimates and standard errors are then those without it
    (ordinary least squares when nothing else is left), and what cannot be estimated within its
    groups has no more degrees of freedom than groups minus such coefficients. Agrees with R lme4,
    lmerTest and pbkrtest (tests/reference/test_mixed.py).

    References
    ----------
    .. [1] Kenward & Roger (1997). Biometrics 53, 983-997.
    .. [2] Halekoh & Højsgaard (2014). J. Stat. Softw. 59(9).
    .. [3] Fai & Cornelius (1996). J. Stat. Comput. Simul. 54, 363-378.
    .. [4] Roberts & Roberts (2005). Clin. Trials 2, 152-162.

    Examples
    --------
    >>> y = [5, 4, 7, 6, 3, 1, 8, 8, 6, 3, 2, 4]
    >>> arm = [0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0]
    >>> cluster = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]
    >>> fit = fit_mixed(y, [[1, a] for a in arm], ["start", "arm"], groups={"cluster": cluster})
    >>> arm = fit.coefficient("arm")
    >>> round(arm.estimate, 3), round(arm.df, 3)  # the t test of cluster means, k - 2 df
    (3.167, 4.0)
    """
    _check(variance, method, df, information)
    for name in df_limit or {}:
        if name not in groups:
            raise ChoiceError("df_limit", name, tuple(groups))
    y, X = model_arrays(outcome, design)
    n, p = X.shape
    read = read_groups(n, groups, slope, only_where, residual_by)
    data = arrange_groups(y, X, names, read.labels)
    if data.scale <= 1e-10 * float(np.abs(y).max()) or not y.any():
        raise MixedConvergenceError(read.names, True, True)
    likelihood = ComponentLikelihood(data, method == "reml")
    _refuse_absorbed(likelihood, read)
    solution = search(
        likelihood,
        read.names,
        has_slope=slope is not None,
        is_bounded=variance == "nonnegative",
    )
    chosen = information or ("expected" if df == "kenward-roger" else "observed")
    boundary = _boundary(solution, read)
    Q = orthonormal(X, names)[0]
    limits = tuple(
        read.limit(place, Q, (df_limit or {}).get(name))
        for place, name in enumerate(read.names)
        if name in boundary
    )
    inference = _inference(likelihood, solution, df, chosen, limits)
    variances = read.variances(solution.point.theta * data.scale**2)
    return MixedModel(
        names=tuple(names),
        coef=data.start + data.root @ solution.point.coordinates,
        covariance=inference.covariance,
        variances=variances,
        boundary=boundary,
        icc=read.icc(variances),
        log_likelihood=-solution.point.value / 2,
        n=n,
        n_groups=dict(zip(read.names, read.counts, strict=True)),
        n_parameters=p + likelihood.size,
        df_method=df,
        information=chosen,
        variance=variance,
        method=method,
        notes=_notes(read, variances, boundary, limits, df_limit or {}),
        steps=solution.optimum.steps,
        decrement=solution.optimum.decrement,
        inference=inference,
    )


def _check(variance: str, method: str, df: str, information: str | None) -> None:
    for name, given, offered in (
        ("variance", variance, ("nonnegative", "unbounded")),
        ("method", method, ("reml", "ml")),
        ("df", df, ("kenward-roger", "satterthwaite")),
    ):
        if given not in offered:
            raise ChoiceError(name, given, offered)
    if information not in (None, "expected", "observed"):
        raise ChoiceError("information", information, ("expected", "observed"))
    if method == "ml" and df == "kenward-roger":
        raise ChoiceError("df", "kenward-roger with method='ml'", ("satterthwaite",))


def _refuse_absorbed(likelihood: ComponentLikelihood, read: Groups) -> None:
    """Refuse variances about which the data, beside the columns of the model, say nothing."""
    labels = read.labels
    theta = np.zeros(labels.size)
    theta[: labels.components] = 0.1
    told = [*read.names]
    if labels.slope is not None:
        theta[labels.components + 1] = 0.1
        told += [f"{read.names[-1]} covariance", f"{read.names[-1]} slope"]
    theta[-len(read.residuals) :] = 1.0
    told += read.residuals
    point = likelihood.at(theta)
    if point is None:
        raise MixedConvergenceError(read.names, True, True)
    information = likelihood.slope_and_curvature(point)[1].expected
    diagonal = np.diag(information)
    size = np.sqrt(np.maximum(diagonal, 1e-300))
    alone = diagonal < 1e-10 * diagonal.max()
    values, vectors = np.linalg.eigh(information / np.outer(size, size))
    faults = [
        GroupsError.absorbed([t]) for t, is_alone in zip(told, alone, strict=True) if is_alone
    ]
    if not faults and values[0] < 1e-10:
        mixed = [t for t, v in zip(told, vectors[:, 0], strict=True) if abs(v) > 0.1]
        faults = [GroupsError.absorbed(mixed, has_slope=labels.slope is not None)]
    if faults:
        raise GroupsError(faults)


def _boundary(solution: Solution, read: Groups) -> tuple[str, ...]:
    face = solution.face
    last = len(read.names) - 1
    found = [
        name
        for place, name in enumerate(read.names)
        if not face.components[place] and (face.rank is None or place != last)
    ]
    if face.rank == 0:
        found.append(read.names[last])
    if face.rank in (0, 1):
        found.append(f"{read.names[last]} slope")
    return tuple(found)


def _inference(
    likelihood: ComponentLikelihood,
    solution: Solution,
    df: DegreesOfFreedom,
    information: Information,
    limits: tuple[Limit, ...],
) -> Inference:
    point, p = solution.point, likelihood.data.p
    parameters = solution.parameter_covariance(expected=information == "expected")
    pieces = likelihood.pieces(point)
    P = pieces.first[:, :p, :p]
    adjusted = point.phi
    if df == "kenward-roger":
        products = np.tensordot(parameters, pieces.second[:, :, :p, :p], 2)
        adjusted = kenward_roger_covariance(point.phi, P, parameters, products)
    return Inference(
        method=df,
        root=likelihood.data.root,
        phi=point.phi,
        adjusted=adjusted,
        P=P,
        parameters=parameters,
        fixed_df=None,
        sandwich=None,
        limits=limits,
    )


def _notes(
    read: Groups,
    variances: Mapping[str, float],
    boundary: tuple[str, ...],
    limits: tuple[Limit, ...],
    given: Mapping[str, float],
) -> tuple[str, ...]:
    found = []
    of = dict(zip([name for name in read.names if name in boundary], limits, strict=True))
    for name, count in zip(read.names, read.counts, strict=True):
        if name in boundary:
            why = "" if name in given else f" ({count} groups minus the coefficients between them)"
            found.append(
                f"The variance between groups of {name!r} was estimated as exactly 0: estimates "
                "and standard errors are those of the model without it. That is not evidence that "
                "the groups are alike. What cannot be estimated within those groups has at most "
                f"{of[name].df:g} degrees of freedom{why}."
            )
        elif variances[name] < -1e-12 * variances[read.residuals[0]]:  # and not by rounding
            found.append(
                f"The variance between groups of {name!r} was estimated below 0 "
                f"({variances[name]:.3g}): rows of one group resemble each other less than rows "
                "of different groups, by chance or because people in a group compete. Every "
                "covariance matrix is proper."
            )
    inner = read.names[-1]
    if f"{inner} slope" in boundary and inner not in boundary:
        found.append(
            f"The covariance of random intercept and slope of {inner!r} is singular: the slope "
            "has no variance of its own beside the intercept's. The data are too few for it."
        )
    return tuple(found)
