"""Small-sample inference for marginal models: Satterthwaite, Kenward–Roger, between–within.

Everything is computed in the model's own coordinates (orthonormal design, rescaled waves), in
which weights of coefficients become `weights @ root`.

Sources: Kenward & Roger (1997) Biometrics 53, 983-997; Fai & Cornelius (1996) J. Stat. Comput.
Simul. 54, 363-378; Bell & McCaffrey (2002) Surv. Methodol. 28, 169-181.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from socmeasures.errors import ChoiceError, SmallSampleError
from socmeasures.models.marginal_likelihood import Likelihood, Point
from socmeasures.models.ols import Contrast, JointTest, t_contrast
from socmeasures.models.person_sandwich import PersonSandwich, person_sandwich

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Limit:
    """Degrees of freedom that a sum not estimable within groups may not exceed.

    Attributes
    ----------
    within : array, shape (r, p)
        Orthonormal rows: the sums of coordinates that can be estimated within groups.
    df : float
        Groups minus the coefficients that cannot.
    """

    within: Floats
    df: float

    def of(self, w: Floats) -> float:
        """The limit of one sum of the coordinates; infinite where there is none."""
        left = w - self.within.T @ (self.within @ w)
        return self.df if np.linalg.norm(left) > 1e-7 * np.linalg.norm(w) else float("inf")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inference:
    """Covariance and degrees of freedom of weighted sums of coefficients.

    Attributes
    ----------
    root : array, shape (p, p)
        From coordinates to coefficients.
    phi : array, shape (p, p)
        Model covariance of the coordinates.
    adjusted : array, shape (p, p)
        The covariance that standard errors use.
    P : array, shape (k, p, p)
        X'W E_h W X of each covariance parameter.
    parameters : array, shape (k, k)
        Covariance of the covariance parameters.
    fixed_df : array, shape (p,) or None
        Degrees of freedom a coefficient, for between–within and residual.
    sandwich : PersonSandwich or None
        For Bell & McCaffrey's degrees of freedom.
    limits : tuple of Limit
        Degrees of freedom that sums of the coordinates may not exceed.
    """

    method: str
    root: Floats
    phi: Floats
    adjusted: Floats
    P: Floats
    parameters: Floats
    fixed_df: Floats | None
    sandwich: PersonSandwich | None
    limits: tuple[Limit, ...] = ()

    @property
    def covariance(self) -> Floats:
        """Covariance of the coefficients."""
        return np.asarray(self.root @ self.adjusted @ self.root.T)

    def contrast(self, coef: Floats, weights: Floats, confidence: float) -> Contrast:
        """One weighted sum with its t interval."""
        w = weights @ self.root
        estimate = float(weights @ coef)
        variance = float(w @ self.adjusted @ w)
        if variance <= 0 < float(w @ self.phi @ w) and self.method == "kenward-roger":
            raise SmallSampleError(1)
        se = float(np.sqrt(max(variance, 0.0)))
        df = self.df(weights)
        return t_contrast(estimate, se, df, confidence=confidence)

    def df(self, weights: Floats) -> float:
        """Degrees of freedom of one weighted sum."""
        if self.fixed_df is not None:
            return float(self.fixed_df[np.abs(weights) > 0].min(initial=np.inf))
        return self._limited(weights @ self.root)

    def _limited(self, w: Floats) -> float:
        return min([self._df(w), *(limit.of(w) for limit in self.limits)])

    def _df(self, w: Floats) -> float:
        if self.sandwich is not None:
            return self.sandwich.df(w)
        half = self.phi @ w
        slope = np.einsum("hij,i,j->h", self.P, half, half)
        variance = float(w @ half)
        return 2 * variance**2 / float(slope @ self.parameters @ slope)

    def joint_test(self, coef: Floats, weights: Floats) -> JointTest:
        """F test of several weighted sums."""
        weights = _independent_rows(weights)
        q = len(weights)
        if q == 1:
            one = self.contrast(coef, weights[0], 0.95)
            return JointTest(statistic=one.statistic**2, df1=1, df2=one.df, p_value=one.p_value)
        L = weights @ self.root
        values = weights @ coef
        wald = float(values @ np.linalg.solve(L @ self.adjusted @ L.T, values)) / q
        factor = 1.0
        if self.fixed_df is not None:
            df2 = float(self.fixed_df[np.abs(weights).max(axis=0) > 0].min())
        elif self.method == "kenward-roger":
            factor, df2 = self._kenward_roger(L)
        else:
            df2 = self._fai_cornelius(L)
        df2 = min([df2, *(limit.of(w) for limit in self.limits for w in L)])
        statistic = factor * wald
        return JointTest(
            statistic=statistic,
            df1=q,
            df2=df2,
            p_value=float(special.fdtrc(q, df2, statistic)),
        )

    def _fai_cornelius(self, L: Floats) -> float:
        """Degrees of freedom of an F test from those of its orthogonal parts."""
        q = len(L)
        vectors = np.linalg.eigh(L @ self.adjusted @ L.T)[1]
        each = np.array([self._df(w) for w in vectors.T @ L])
        if np.ptp(each) < 1e-8 * each.max():
            return float(each.mean())
        above = each[each > 2]
        expected = float(np.sum(above / (above - 2)))
        return 2 * expected / (expected - q) if expected > q else 2.0

    def _kenward_roger(self, L: Floats) -> tuple[float, float]:
        """Factor and denominator degrees of freedom of Kenward & Roger's F."""
        q = len(L)
        middle = L.T @ np.linalg.solve(L @ self.phi @ L.T, L)
        each = (middle @ self.phi) @ self.P @ self.phi  # Θ Φ P_h Φ
        traces = np.einsum("hii->h", each)
        A1 = float(traces @ self.parameters @ traces)
        flat, turned = each.reshape(len(each), -1), each.transpose(0, 2, 1).reshape(len(each), -1)
        A2 = float(np.sum(self.parameters * (flat @ turned.T)))
        B = (A1 + 6 * A2) / (2 * q)
        g = ((q + 1) * A1 - (q + 4) * A2) / ((q + 2) * A2)
        d = 3 * q + 2 * (1 - g)
        c1, c2, c3 = g / d, (q - g) / d, (q + 2 - g) / d
        expected = 1 / (1 - A2 / q)
        variance = 2 / q * (1 + c1 * B) / ((1 - c2 * B) ** 2 * (1 - c3 * B))
        rho = variance / (2 * expected**2)
        m = 4 + (q + 2) / (q * rho - 1)
        factor = m / (expected * (m - 2))
        if not (m > 0 and factor > 0):
            raise SmallSampleError(q)
        return factor, m


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InferredModel:
    """A fitted model whose contrasts have degrees of freedom of their own.

    Attributes
    ----------
    names : tuple of str
        One a coefficient.
    coef : array, shape (p,)
        Coefficients, in the unit of the outcome per unit of their column.
    inference : Inference
        Their covariance and degrees of freedom.
    """

    names: tuple[str, ...]
    coef: Floats
    inference: Inference

    def contrast(self, weights: ArrayLike, *, confidence: float = 0.95) -> Contrast:
        """Estimate a weighted sum of the coefficients.

        Parameters
        ----------
        weights : array-like, shape (p,)
            One weight a coefficient.
        confidence : float in (0, 1)
            Coverage of the interval.

        Returns
        -------
        Contrast
            With the degrees of freedom of the model's method.
        """
        return self.inference.contrast(self.coef, np.asarray(weights, float), confidence)

    def coefficient(self, name: str, *, confidence: float = 0.95) -> Contrast:
        """One coefficient by its name."""
        if name not in self.names:
            raise ChoiceError("name", name, self.names)
        return self.contrast([float(n == name) for n in self.names], confidence=confidence)

    def joint_test(self, weights: ArrayLike) -> JointTest:
        """F test that every row of `weights` (shape (q, p)) times the coefficients is 0."""
        return self.inference.joint_test(self.coef, np.atleast_2d(np.asarray(weights, float)))


def make_inference(
    likelihood: Likelihood,
    theta: Floats,
    point: Point,
    design: Floats,
    person: ArrayLike,
    df: str,
    information: str,
    errors: str,
) -> Inference:
    """Whatever the degrees of freedom and standard errors asked for need."""
    parts = likelihood.parts(theta, point)
    curvature = likelihood.hessian(theta, point, expected=information == "expected")
    parameters: Floats = np.asarray(np.linalg.inv(curvature))
    adjusted = point.phi
    sandwich = None
    if errors != "model":
        sandwich = person_sandwich(likelihood.data, point, errors)
        adjusted = sandwich.covariance
    elif df == "kenward-roger":
        products = likelihood.weighted_products(theta, point, parameters)
        adjusted = kenward_roger_covariance(point.phi, parts.P, parameters, products)
    fixed: Callable[[], Floats] | None = {
        "between-within": lambda: between_within(design, person),
        "residual": lambda: np.full(design.shape[1], float(len(design) - design.shape[1])),
    }.get(df)
    return Inference(
        method=df,
        root=likelihood.data.root,
        phi=point.phi,
        adjusted=adjusted,
        P=parts.P,
        parameters=parameters,
        fixed_df=None if fixed is None else fixed(),
        sandwich=sandwich,
    )


def kenward_roger_covariance(
    phi: Floats, P: Floats, parameters: Floats, products: Floats
) -> Floats:
    """Kenward & Roger's covariance: Φ + 2Φ Σ_hj W_hj (Q_hj − P_h Φ P_j) Φ.

    Parameters
    ----------
    phi : array, shape (p, p)
        Φ, the model's covariance.
    P : array, shape (k, p, p)
        X'W E_h W X of each covariance parameter.
    parameters : array, shape (k, k)
        W_hj, covariance of the covariance parameters.
    products : array, shape (p, p)
        Σ_hj W_hj Q_hj with Q_hj = X'W E_h W E_j W X.

    Returns
    -------
    array, shape (p, p)
    """
    p = len(phi)
    flat = P.reshape(len(P), -1)
    combined = (parameters @ flat).reshape(P.shape)  # Σ_j W_hj P_j
    left = P.transpose(1, 0, 2).reshape(p, -1)
    middle = left @ (phi @ combined).reshape(-1, p)  # Σ_h P_h Φ Σ_j W_hj P_j
    correction = products - (middle + middle.T) / 2
    return np.asarray(phi + 2 * phi @ correction @ phi)


def between_within(design: Floats, person: ArrayLike) -> Floats:
    """Degrees of freedom a coefficient: of people, or of outcomes within people.

    Parameters
    ----------
    design : array, shape (n, p)
        Columns of the model.
    person : array-like, shape (n,)
        Who.

    Returns
    -------
    array, shape (p,)
        A column that never varies within a person has (people − such columns); any other, and
        the intercept where there are others, has (outcomes − people − those columns). A
        contrast takes the smallest of the coefficients it involves.

    References
    ----------
    .. [1] Schluchter & Elashoff (1990). J. Stat. Comput. Simul. 37, 69-87.
    """
    who = np.unique(np.asarray(person), return_inverse=True)[1]
    order = np.argsort(who, kind="stable")
    edges = np.flatnonzero(np.diff(who[order], prepend=-1))
    high = np.maximum.reduceat(design[order], edges)
    low = np.minimum.reduceat(design[order], edges)
    is_between = (high == low).all(axis=0)
    is_constant = np.ptp(design, axis=0) == 0
    people, n = len(edges), len(design)
    n_within = int((~is_between).sum())
    of_people = float(people - int(is_between.sum()))
    of_outcomes = float(n - people - n_within)
    found = np.where(is_between, of_people, of_outcomes)
    if n_within:
        found[is_constant] = of_outcomes
    return found


def _independent_rows(weights: Floats) -> Floats:
    """Rows that span the same sums, none of them redundant."""
    rank = int(np.linalg.matrix_rank(weights))
    if rank == len(weights):
        return weights
    return np.asarray(np.linalg.svd(weights, full_matrices=False)[2][:rank])
