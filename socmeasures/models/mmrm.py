"""The marginal model for repeated measures: unstructured or structured covariance, REML or ML.

Arrays in, a frozen fit out. Convergence is proved (slope and curvature of the likelihood, a
positive-definite covariance) or refused; which structure to try next is for the caller to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from socmeasures.errors import ChoiceError, ConvergenceError, UnseenPairError
from socmeasures.models.covariances import Covariance, Structure, structure
from socmeasures.models.inference import InferredModel, make_inference
from socmeasures.models.marginal_likelihood import Likelihood, Point
from socmeasures.models.newton import DECREMENT, newton
from socmeasures.models.repeated_data import Arranged, arrange

Floats = NDArray[np.float64]
DegreesOfFreedom = Literal["kenward-roger", "satterthwaite", "between-within", "residual"]
Information = Literal["observed", "expected"]
ModelErrors = Literal["model", "CR0", "CR2", "CR3"]
METHODS: tuple[DegreesOfFreedom, ...] = (
    "kenward-roger",
    "satterthwaite",
    "between-within",
    "residual",
)
EDGE = 1e-9  # smallest eigenvalue of a correlation matrix that still counts as inside


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MarginalModel(InferredModel):
    """A fitted marginal model.

    Attributes
    ----------
    names : tuple of str
        One a coefficient.
    coef : array, shape (p,)
        Coefficients.
    cov : array, shape (p, p)
        Their covariance: Kenward–Roger's adjusted one, the model's, or the sandwich.
    sigma : array, shape (groups, waves, waves)
        Covariance of the outcomes.
    log_likelihood : float
        Restricted or full, at the optimum.
    aic, bic : float
        −2ℓ + 2k and −2ℓ + k log(people), k covariance parameters.
    n, n_people : int
        Outcomes and people.
    covariance, df_method, information, errors : str
        Structure, degrees of freedom, information and standard errors used.
    iterations : int
        Steps of the optimiser.
    decrement : float
        How far the optimiser thinks −2ℓ still is from its minimum.
    """

    cov: Floats
    sigma: Floats
    log_likelihood: float
    n: int
    n_people: int
    n_parameters: int
    covariance: Covariance
    df_method: DegreesOfFreedom
    information: Information
    errors: ModelErrors
    reml: bool
    iterations: int
    decrement: float

    @property
    def aic(self) -> float:
        """Akaike's criterion, counting covariance parameters."""
        return -2 * self.log_likelihood + 2 * self.n_parameters

    @property
    def bic(self) -> float:
        """Schwarz's criterion, counting covariance parameters and people."""
        return -2 * self.log_likelihood + self.n_parameters * float(np.log(self.n_people))

    @property
    def correlation(self) -> Floats:
        """Correlations of the outcomes, shape (groups, waves, waves)."""
        sd = np.sqrt(np.diagonal(self.sigma, axis1=1, axis2=2))
        return np.asarray(self.sigma / (sd[:, :, None] * sd[:, None, :]))


def fit_mmrm(
    outcome: ArrayLike,
    design: ArrayLike,
    names: Sequence[str],
    *,
    person: ArrayLike,
    wave: ArrayLike,
    group: ArrayLike | None = None,
    covariance: Covariance = "us",
    reml: bool = True,
    df: DegreesOfFreedom = "kenward-roger",
    information: Information = "observed",
    errors: ModelErrors = "model",
    wave_names: Sequence[str] | None = None,
    start: ArrayLike | None = None,
) -> MarginalModel:
    """Fit a marginal model for repeated measures.

    Parameters
    ----------
    outcome : array-like, shape (n,)
        Outcomes that were observed; a missing one has no row.
    design : array-like, shape (n, p)
        Columns of the model, the intercept among them.
    names : sequence of str
        One a column.
    person : array-like, shape (n,)
        Who; people are independent.
    wave : array-like of int, shape (n,)
        Which wave, from 0.
    group : array-like of int, optional
        From 0: people of a group share a covariance of their own (an arm).
    covariance : {"us", "toeph", "ar1h", "csh", "toep", "ar1", "cs"}
        Structure of the covariance within a person.
    reml : bool
        Restricted maximum likelihood; False: maximum likelihood.
    df : {"kenward-roger", "satterthwaite", "between-within", "residual"}
        Degrees of freedom. Kenward–Roger is the form without second derivatives of the
        covariance, which no choice of parameters can change.
    information : {"observed", "expected"}
        Of the covariance parameters, in Satterthwaite's and Kenward–Roger's formulas.
    errors : {"model", "CR0", "CR2", "CR3"}
        Standard errors by the model, or a sandwich over people. With a sandwich,
        ``df="satterthwaite"`` is Bell & McCaffrey's.
    wave_names : sequence of str, optional
        For messages.
    start : array-like, optional
        Where the optimiser starts (covariance parameters).

    Returns
    -------
    MarginalModel

    Raises
    ------
    UnseenPairError
        Two waves never seen together in anyone, so their covariance cannot be known.
    ConvergenceError
        No inner optimum was found; what was tried is said.
    CollinearError, ModelSizeError, ScoresError, ChoiceError
        A column the others determine, too few rows, a value that is no number, a choice that
        does not exist.

    Notes
    -----
    Agrees with R mmrm 0.3.18, nlme and SAS (tests/reference/test_mmrm.py).

    References
    ----------
    .. [1] Kenward & Roger (1997). Biometrics 53, 983-997.
    .. [2] Fai & Cornelius (1996). J. Stat. Comput. Simul. 54, 363-378.

    Examples
    --------
    >>> y = [5, 4, 7, 6, 3, 1, 8, 8, 6, 3]
    >>> who, when = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4], [0, 1] * 5
    >>> later = [[1, w] for w in when]
    >>> fit = fit_mmrm(y, later, ["start", "change"], person=who, wave=when)
    >>> change = fit.coefficient("change")
    >>> round(change.estimate, 3), round(change.df, 3)  # the paired t test, n - 1 df
    (-1.4, 4.0)
    """
    _check(df, information, errors)
    when = np.asarray(wave, dtype=np.int64)
    shape = structure(covariance, int(when.max()) + 1)
    data = arrange(
        outcome,
        design,
        names,
        person,
        when,
        group,
        by_wave=shape.is_heterogeneous,
        each_person=errors != "model",
    )
    labels = [str(w) for w in (wave_names or range(1, data.waves + 1))]
    _refuse_unseen(data, shape, labels)
    likelihood = Likelihood(data, shape, reml)
    theta, point, steps, decrement = _optimise(likelihood, start)
    coef = data.start + data.root @ point.coordinates
    inference = make_inference(
        likelihood, theta, point, np.asarray(design, float), person, df, information, errors
    )
    return MarginalModel(
        names=tuple(names),
        coef=coef,
        cov=inference.covariance,
        sigma=point.sigma * np.outer(data.scale, data.scale),
        log_likelihood=-point.value / 2,
        n=data.n,
        n_people=data.n_people,
        n_parameters=likelihood.size,
        covariance=covariance,
        df_method=df,
        information=information,
        errors=errors,
        reml=reml,
        iterations=steps,
        decrement=decrement,
        inference=inference,
    )


def _check(df: str, information: str, errors: str) -> None:
    if df not in METHODS:
        raise ChoiceError("df", df, METHODS)
    if information not in ("observed", "expected"):
        raise ChoiceError("information", information, ("observed", "expected"))
    if errors not in ("model", "CR0", "CR2", "CR3"):
        raise ChoiceError("errors", errors, ("model", "CR0", "CR2", "CR3"))
    if errors != "model" and df == "kenward-roger":
        raise ChoiceError("df", f"{df} with errors={errors}", METHODS[1:])


def _refuse_unseen(data: Arranged, shape: Structure, labels: list[str]) -> None:
    """Refuse what nobody's data can say anything about."""
    lag = np.abs(np.subtract.outer(np.arange(data.waves), np.arange(data.waves)))
    for group in range(data.n_groups):
        seen = data.seen_together(group)
        if shape.name == "us":
            unseen = [
                (labels[a], labels[b])
                for a in range(data.waves)
                for b in range(a, data.waves)
                if seen[a, b] == 0
            ]
        elif shape.name.startswith("toep"):
            unseen = [
                (labels[0], labels[k]) for k in range(1, data.waves) if seen[lag == k].sum() == 0
            ]
        else:
            unseen = [(labels[a], labels[a]) for a in range(data.waves) if seen[a, a] == 0]
        if unseen:
            raise UnseenPairError(shape.name, unseen)


@dataclass(frozen=True, slots=True)
class _Objective:
    """The likelihood as Newton's method needs it."""

    likelihood: Likelihood

    def at(self, x: Floats) -> Point | None:
        """Evaluate."""
        return self.likelihood.at(x)

    def slope(self, x: Floats, point: Point) -> Floats:
        """Slope of −2ℓ."""
        return self.likelihood.gradient(x, point)[0]

    def information(self, x: Floats, point: Point, *, expected: bool) -> Floats:
        """Curvature of −ℓ, or its expectation."""
        return self.likelihood.hessian(x, point, expected=expected)

    def is_inside(self, point: Point) -> bool:
        """Whether no wave is known from the others."""
        return _smallest_eigenvalue(point.sigma) > EDGE


def _optimise(likelihood: Likelihood, start: ArrayLike | None) -> tuple[Floats, Point, int, float]:
    """Scoring, then Newton, with halved steps; a quasi-Newton search when that gets stuck."""
    first = _start(likelihood) if start is None else np.asarray(start, dtype=np.float64)
    tried = []
    theta, steps = first, 0
    for attempt in ("Newton", "BFGS and Newton", "Newton from independence"):
        if attempt == "BFGS and Newton":
            theta = _bfgs(likelihood, theta)
        elif attempt == "Newton from independence":
            theta = _independent(likelihood)
        ended = newton(_Objective(likelihood), theta)
        theta, point, decrement = ended.x, ended.point, ended.decrement
        steps += ended.steps
        tried.append(attempt)
        if point is not None and ended.is_proved and decrement < DECREMENT:
            return theta, point, steps, decrement
    edge = point is not None and _smallest_eigenvalue(point.sigma) < 1e-6
    raise ConvergenceError(likelihood.structure.name, tried, edge)


def _start(likelihood: Likelihood) -> Floats:
    """Covariance of the least-squares residuals over people with both waves."""
    data = likelihood.data
    residual = data.rows[:, :, data.p]
    row_group = data.group[data.pattern_of_row]
    parts = []
    for group in range(data.n_groups):
        mine = residual[row_group == group]
        seen = data.seen_together(group)
        raw = (mine.T @ mine) / np.maximum(seen, 1)
        sd = np.sqrt(np.maximum(np.diag(raw), 1e-6))
        correlation = np.clip(raw / np.outer(sd, sd), -0.95, 0.95)
        np.fill_diagonal(correlation, 1.0)
        while np.linalg.eigvalsh(correlation)[0] < 0.02:
            correlation = 0.9 * correlation + 0.1 * np.eye(data.waves)
        parts.append(likelihood.structure.start(correlation * np.outer(sd, sd)))
    return np.concatenate(parts)


def _independent(likelihood: Likelihood) -> Floats:
    one = likelihood.structure.start(np.eye(likelihood.data.waves))
    return np.tile(one, likelihood.data.n_groups)


def _bfgs(likelihood: Likelihood, theta: Floats) -> Floats:
    """Search over Cholesky factors (us) or the parameters themselves, by the analytic slope."""
    data = likelihood.data
    t, groups = data.waves, data.n_groups
    rows, columns = np.tril_indices(t)
    free = likelihood.structure.name == "us"

    def parameters(x: Floats) -> tuple[Floats, Floats]:
        if not free:
            return x, np.empty(0)
        factors = np.zeros((groups, t, t))
        factors[:, rows, columns] = x.reshape(groups, -1)
        sigma = factors @ factors.transpose(0, 2, 1)
        return sigma[:, rows, columns].ravel(), factors

    def value(x: Floats) -> tuple[float, Floats]:
        there, factors = parameters(x)
        found = likelihood.at(there)
        if found is None:
            return 1e300, np.zeros_like(x)
        slope, by_element = likelihood.gradient(there, found)
        if not free:
            return found.value, slope
        return found.value, np.asarray(2 * (by_element @ factors)[:, rows, columns]).ravel()

    x0 = theta
    if free:
        sigma = likelihood.sigma(theta)
        x0 = np.asarray(np.linalg.cholesky(sigma)[:, rows, columns]).ravel()
    best = optimize.minimize(value, x0, jac=True, method="BFGS", options={"maxiter": 500})
    return parameters(np.asarray(best.x))[0]


def _smallest_eigenvalue(sigma: Floats) -> float:
    """Of the correlation matrices: 0 is the edge, where a wave is known from the others."""
    sd = np.sqrt(np.diagonal(sigma, axis1=1, axis2=2))
    correlation = sigma / (sd[:, :, None] * sd[:, None, :])
    return float(np.linalg.eigvalsh(correlation)[:, 0].min())
