"""The (restricted) likelihood of a marginal model, its slope and its curvature.

With Ω the covariance of all outcomes, W = Ω⁻¹, Φ = (X'WX)⁻¹, r the generalised least-squares
residual and E_h the derivative of Ω by its h-th parameter:

−2ℓ = log|Ω| + log|X'WX| + r'Wr + (N − p) log 2π; the second term, and p, are absent from ML.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from socmeasures.models.covariances import Structure, is_positive_definite
from socmeasures.models.repeated_data import Arranged

Floats = NDArray[np.float64]
SMALLEST, LARGEST = 1e-16, 1e10  # variances in residual variances; beyond, no estimate is proper


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Point:
    """The likelihood at one covariance (all in the coordinates of `Arranged`).

    Attributes
    ----------
    value : float
        −2 log-likelihood.
    coordinates : array, shape (p,)
        Generalised least-squares solution.
    phi_root : array, shape (p, p)
        L with LL' = (X'WX)⁻¹.
    inverse : array, shape (patterns, waves, waves)
        W of each pattern, zero where a wave is missing.
    weighted : array, shape (m, waves, p + 1)
        W times the rows.
    residual : array, shape (m, waves)
        W times the residual.
    """

    sigma: Floats
    value: float
    coordinates: Floats
    phi_root: Floats
    inverse: Floats
    weighted: Floats
    residual: Floats

    @property
    def phi(self) -> Floats:
        """Covariance of the coordinates."""
        return np.asarray(self.phi_root @ self.phi_root.T)


@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """−2 log-likelihood of `data` under one structure a group."""

    data: Arranged
    structure: Structure
    reml: bool = True

    @property
    def size(self) -> int:
        """Covariance parameters in all groups."""
        return self.structure.size * self.data.n_groups

    def sigma(self, theta: Floats) -> Floats:
        """Covariances, shape (groups, waves, waves)."""
        parts = theta.reshape(self.data.n_groups, -1)
        return np.stack([self.structure.matrix(part) for part in parts])

    def at(self, theta: Floats) -> Point | None:
        """Evaluate; None where a covariance is not positive definite."""
        with np.errstate(all="ignore"):  # a step may leave the numbers a float can hold
            point = self._at(theta)
        return point if point is not None and np.isfinite(point.value) else None

    def _at(self, theta: Floats) -> Point | None:
        data = self.data
        sigma = self.sigma(theta)
        variances = np.diagonal(sigma, axis1=1, axis2=2)
        if not ((variances > SMALLEST) & (variances < LARGEST)).all():
            return None
        if not np.isfinite(sigma).all() or not all(is_positive_definite(s) for s in sigma):
            return None
        both = data.present[:, :, None] & data.present[:, None, :]
        padded = np.where(both, sigma[data.group], 0.0)
        missing = ~data.present
        padded += missing[:, :, None] * np.eye(data.waves)
        sign, log_det = np.linalg.slogdet(padded)
        try:
            inverse = np.where(both, np.linalg.inv(padded), 0.0)
        except np.linalg.LinAlgError:
            return None
        if (sign <= 0).any() or not np.isfinite(inverse).all():
            return None
        p = data.p
        weighted = inverse[data.pattern_of_row] @ data.rows
        flat = data.rows.reshape(-1, p + 1)
        cross = flat.T @ weighted.reshape(-1, p + 1)
        try:
            lower = np.linalg.cholesky((cross[:p, :p] + cross[:p, :p].T) / 2)
        except np.linalg.LinAlgError:
            return None
        lower_inverse = np.linalg.inv(lower)
        phi_root = lower_inverse.T
        half = lower_inverse @ cross[:p, p]
        coordinates = phi_root @ half
        value = float(data.people @ log_det) + float(cross[p, p] - half @ half)
        n_free = data.n
        if self.reml:
            value += 2 * float(np.log(np.diag(lower)).sum())
            n_free -= p
        return Point(
            sigma=sigma,
            value=value + n_free * float(np.log(2 * np.pi)) + self._constant(),
            coordinates=coordinates,
            phi_root=phi_root,
            inverse=inverse,
            weighted=weighted,
            residual=weighted[:, :, p] - weighted[:, :, :p] @ coordinates,
        )

    def _constant(self) -> float:
        """What rescaled waves and an orthonormal design took from −2ℓ."""
        observed = self.data.present.astype(np.float64).T @ self.data.people
        scaled = 2 * float(observed @ np.log(self.data.scale))
        return scaled - (2 * self.data.log_det_root if self.reml else 0.0)

    def gradient(self, theta: Floats, point: Point) -> tuple[Floats, Floats]:
        """Slope of −2ℓ by the parameters, and by the elements of each group's covariance."""
        data = self.data
        by_element = np.zeros((data.n_groups, data.waves, data.waves))
        np.add.at(by_element, data.group, data.people[:, None, None] * point.inverse)
        row_group = data.group[data.pattern_of_row]
        for group in range(data.n_groups):
            mine = slice(None) if data.n_groups == 1 else row_group == group
            residual = point.residual[mine]
            by_element[group] -= residual.T @ residual
            if self.reml:
                rooted = point.weighted[mine][:, :, : data.p] @ point.phi_root
                flat = rooted.transpose(1, 0, 2).reshape(data.waves, -1)
                by_element[group] -= flat @ flat.T
        parts = theta.reshape(data.n_groups, -1)
        slopes = [
            np.tensordot(self.structure.slopes(part), by_element[g], 2)
            for g, part in enumerate(parts)
        ]
        return np.concatenate(slopes), by_element

    def parts(self, theta: Floats, point: Point) -> Curvature:
        """All second-order quantities at a point; see `Curvature`."""
        data, t, p = self.data, self.data.waves, self.data.p
        k = self.structure.size
        thetas = theta.reshape(data.n_groups, -1)
        P = np.zeros((self.size, p, p))
        v = np.zeros((self.size, p))
        weight_traces, cross_traces, quadratic = (
            np.zeros((self.size, self.size)) for _ in range(3)
        )
        row_group = data.group[data.pattern_of_row]
        edges = np.flatnonzero(np.diff(data.pattern_of_row, prepend=-1))
        X = point.weighted[:, :, :p]
        rooted = X @ point.phi_root
        N = np.add.reduceat(rooted @ rooted.transpose(0, 2, 1), edges)
        outer = point.residual[:, :, None] * point.residual[:, None, :]
        R = np.add.reduceat(outer, edges)
        for group in range(data.n_groups):
            slopes = self.structure.slopes(thetas[group]).reshape(k, t * t)
            here = slice(group * k, (group + 1) * k)
            rows, kinds = row_group == group, data.group == group
            mine = X[rows].transpose(1, 2, 0).reshape(t * p, -1)
            pairs = (mine @ mine.T).reshape(t, p, t, p).transpose(0, 2, 1, 3)
            P[here] = (slopes @ pairs.reshape(t * t, p * p)).reshape(k, p, p)
            crossed = (mine @ point.residual[rows]).reshape(t, p, t)
            v[here] = slopes @ crossed.transpose(0, 2, 1).reshape(t * t, p)
            W = point.inverse[kinds].reshape(-1, t * t)
            people = data.people[kinds][:, None]
            weight_traces[here, here] = _chain(slopes, W, people * W, t)
            cross_traces[here, here] = _chain(slopes, W, N[kinds].reshape(-1, t * t), t)
            quadratic[here, here] = _chain(slopes, W, R[kinds].reshape(-1, t * t), t)
        return Curvature(
            P=(P + P.transpose(0, 2, 1)) / 2,
            v=v,
            weight_traces=weight_traces,
            cross_traces=cross_traces,
            quadratic=quadratic,
            phi_root=point.phi_root,
            reml=self.reml,
        )

    def weighted_products(self, theta: Floats, point: Point, weights: Floats) -> Floats:
        """Σ_hj weights_hj · X'W E_h W E_j W X, shape (p, p)."""
        data, t, p = self.data, self.data.waves, self.data.p
        k = self.structure.size
        thetas = theta.reshape(data.n_groups, -1)
        total = np.zeros((p, p))
        middle = np.zeros_like(point.inverse)
        for group in range(data.n_groups):
            slopes = self.structure.slopes(thetas[group]).reshape(k, t * t)
            here = slice(group * k, (group + 1) * k)
            # Σ_hj w_hj E_h[a,b] E_j[c,d], contracted with W[b,c] of each pattern
            four = (slopes.T @ weights[here, here] @ slopes).reshape(t, t, t, t)
            kinds = data.group == group
            matrix = four.transpose(1, 2, 0, 3).reshape(t * t, t * t)
            middle[kinds] = (point.inverse[kinds].reshape(-1, t * t) @ matrix).reshape(-1, t, t)
        X = point.weighted[:, :, :p]
        changed = middle[data.pattern_of_row] @ X
        total = X.reshape(-1, p).T @ changed.reshape(-1, p)
        return np.asarray((total + total.T) / 2)

    def hessian(self, theta: Floats, point: Point, *, expected: bool = False) -> Floats:
        """Information of the covariance parameters: curvature of −ℓ, or its expectation."""
        parts = self.parts(theta, point)
        if expected:
            return parts.expected
        found = parts.observed.copy()
        by_element = self.gradient(theta, point)[1]
        k = self.structure.size
        for group, part in enumerate(theta.reshape(self.data.n_groups, -1)):
            here = slice(group * k, (group + 1) * k)
            found[here, here] += self.structure.curvature(part, by_element[group]) / 2
        return found


def _chain(slopes: Floats, W: Floats, other: Floats, t: int) -> Floats:
    """Σ_patterns tr(E_h W E_j M) for every h and j."""
    k = len(slopes)
    four = (W.T @ other).reshape(t, t, t, t)  # W[b, c] · M[d, a]
    matrix = four.transpose(3, 0, 1, 2).reshape(t * t, t * t)  # (a b), (c d)
    made = slopes @ matrix @ slopes.T
    return np.asarray((made + made.T) / 2).reshape(k, k)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curvature:
    """Second-order pieces of the likelihood, as in Kenward & Roger (1997).

    Attributes
    ----------
    P : array, shape (size, p, p)
        X'W E_h W X, the negative of their P_h.
    v : array, shape (size, p)
        X'W E_h W r.
    weight_traces, cross_traces, quadratic : array, shape (size, size)
        tr(W E_h W E_j); tr(Φ Q_hj) with Q_hj = X'W E_h W E_j W X; r'W E_h W E_j W r.
    """

    P: Floats
    v: Floats
    weight_traces: Floats
    cross_traces: Floats
    quadratic: Floats
    phi_root: Floats
    reml: bool

    @property
    def _traces(self) -> Floats:
        """tr(P E_h P E_j) with P = W − WXΦX'W; tr(W E_h W E_j) for ML."""
        if not self.reml:
            return self.weight_traces
        L = self.phi_root
        rooted = (L.T @ self.P @ L).reshape(len(self.P), -1)
        return np.asarray(self.weight_traces - 2 * self.cross_traces + rooted @ rooted.T)

    @property
    def expected(self) -> Floats:
        """Expected information."""
        return np.asarray(self._traces / 2)

    @property
    def observed(self) -> Floats:
        """Curvature of −ℓ for parameters in which the covariance is linear."""
        rooted = self.v @ self.phi_root
        return np.asarray(self.quadratic - rooted @ rooted.T - self._traces / 2)
