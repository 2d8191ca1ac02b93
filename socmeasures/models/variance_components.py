"""The (restricted) likelihood of a mixed model, linear in its variances and covariances.

With Ω = Σ_h θ_h E_h the covariance of all rows, W = Ω⁻¹, Φ = (X'WX)⁻¹ and r the generalised
least-squares residual: −2ℓ = log|Ω| + log|X'WX| + r'Wr + (N − p) log 2π; the second term, and p,
are absent from ML. Single rows are handled by their cross-products, so the cost does not grow
with the people in a group.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from socmeasures.models.grouped_data import Grouped
from socmeasures.models.marginal_likelihood import Curvature

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComponentPoint:
    """The likelihood at one set of variances, in the coordinates of `Grouped`.

    Attributes
    ----------
    theta : array, shape (parameters,)
        Where.
    value : float
        −2 log-likelihood.
    coordinates : array, shape (p,)
        Generalised least-squares solution.
    phi_root : array, shape (p, p)
        L with LL' = (X'WX)⁻¹.
    inverses : tuple of array
        W of each pattern of each set of blocks.
    """

    theta: Floats
    value: float
    coordinates: Floats
    phi_root: Floats
    inverses: tuple[Floats, ...]

    @property
    def phi(self) -> Floats:
        """Covariance of the coordinates."""
        return np.asarray(self.phi_root @ self.phi_root.T)

    @property
    def to_residual(self) -> Floats:
        """What turns columns (design, outcome) into the residual."""
        return np.append(-self.coordinates, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pieces:
    """What slopes, curvatures and small-sample inference are made of.

    Attributes
    ----------
    traces : array, shape (parameters,)
        tr(W E_h).
    weight_traces : array, shape (parameters, parameters)
        tr(W E_h W E_j).
    first : array, shape (parameters, q, q)
        Z'W E_h W Z with Z = (X, y), q = p + 1.
    second : array, shape (parameters, parameters, q, q)
        Z'W E_h W E_j W Z.
    """

    traces: Floats
    weight_traces: Floats
    first: Floats
    second: Floats


@dataclass(frozen=True, slots=True, eq=False)
class ComponentLikelihood:
    """−2 log-likelihood of `data` by the variances and covariances."""

    data: Grouped
    reml: bool = True

    @property
    def size(self) -> int:
        """How many parameters."""
        return int(self.data.loadings.shape[1])

    def at(self, theta: Floats) -> ComponentPoint | None:
        """Evaluate; None where a covariance is not positive definite."""
        with np.errstate(all="ignore"):  # a step may leave the numbers a float can hold
            point = self._at(theta)
        return point if point is not None and np.isfinite(point.value) else None

    def _at(self, theta: Floats) -> ComponentPoint | None:
        data, p = self.data, self.data.p
        variances = data.loadings @ theta
        if not (variances > 0).all():
            return None
        log_det = float(data.counts @ np.log(variances))
        cross = np.tensordot(1 / variances, data.products, 1)
        inverses: list[Floats] = []
        for block in data.blocks:
            sigma = np.tensordot(block.slopes, theta, (1, 0))
            try:
                lower = np.linalg.cholesky(sigma)
                inverse = np.linalg.inv(sigma)
            except np.linalg.LinAlgError:
                return None
            diagonal = np.diagonal(lower, axis1=1, axis2=2)
            log_det += 2 * float(block.counts @ np.log(diagonal).sum(axis=1))
            weighted = inverse[block.pattern] @ block.rows
            flat = block.rows.reshape(-1, p + 1)
            cross = cross + flat.T @ weighted.reshape(-1, p + 1)
            inverses.append(np.asarray(inverse))
        try:
            lower = np.linalg.cholesky((cross[:p, :p] + cross[:p, :p].T) / 2)
        except np.linalg.LinAlgError:
            return None
        lower_inverse = np.linalg.inv(lower)
        half = lower_inverse @ cross[:p, p]
        value = log_det + float(cross[p, p] - half @ half) + 2 * data.n * float(np.log(data.scale))
        n_free = data.n
        if self.reml:
            value += 2 * float(np.log(np.diag(lower)).sum()) - 2 * data.log_det_root
            n_free -= p
        return ComponentPoint(
            theta=theta,
            value=value + n_free * float(np.log(2 * np.pi)),
            coordinates=lower_inverse.T @ half,
            phi_root=lower_inverse.T,
            inverses=tuple(inverses),
        )

    def gradient(self, point: ComponentPoint) -> Floats:
        """Slope of −2ℓ by the parameters."""
        return self._slope(point, *self._first(point))

    def _slope(self, point: ComponentPoint, traces: Floats, first: Floats) -> Floats:
        u = point.to_residual
        found = traces - (first @ u) @ u
        if self.reml:
            p = self.data.p
            found = found - np.tensordot(first[:, :p, :p], point.phi, 2)
        return np.asarray(found)

    def _first(self, point: ComponentPoint) -> tuple[Floats, Floats]:
        data, q = self.data, self.data.p + 1
        variances = data.loadings @ point.theta
        shares = data.loadings / variances[:, None]
        traces = data.counts @ shares
        flat = data.products.reshape(-1, q * q)
        first = (shares / variances[:, None]).T @ flat
        first = first.reshape(-1, q, q)
        for block, inverse in zip(data.blocks, point.inverses, strict=True):
            flat_slopes = block.slopes.reshape(len(inverse), self.size, -1)
            traces = (
                traces + block.counts @ (flat_slopes @ inverse.reshape(len(inverse), -1, 1))[..., 0]
            )
            weighted = inverse[block.pattern] @ block.rows
            flat = weighted.reshape(-1, q)
            for h in range(self.size):
                changed = block.slopes[block.pattern, h] @ weighted
                first[h] += flat.T @ changed.reshape(-1, q)
        return traces, first

    def pieces(self, point: ComponentPoint) -> Pieces:
        """All first- and second-order quantities at a point."""
        data, q, size = self.data, self.data.p + 1, self.size
        traces, first = self._first(point)
        variances = data.loadings @ point.theta
        shares = data.loadings / variances[:, None]
        weight_traces = (shares * data.counts[:, None]).T @ shares
        pairs = shares[:, :, None] * shares[:, None, :] / variances[:, None, None]
        flat = data.products.reshape(-1, q * q)
        second = (pairs.reshape(-1, size * size).T @ flat).reshape(size, size, q, q)
        for block, inverse in zip(data.blocks, point.inverses, strict=True):
            chained = inverse[:, None] @ block.slopes  # W E_h
            t = inverse.shape[1]
            turned = chained.transpose(0, 1, 3, 2).reshape(len(inverse), size, t * t)
            straight = chained.reshape(len(inverse), size, t * t)
            weight_traces = weight_traces + np.tensordot(
                block.counts, straight @ turned.transpose(0, 2, 1), 1
            )
            weighted = inverse[block.pattern] @ block.rows
            changed = [block.slopes[block.pattern, h] @ weighted for h in range(size)]
            for j in range(size):
                again = (inverse[block.pattern] @ changed[j]).reshape(-1, q)
                for h in range(j + 1):
                    made = changed[h].reshape(-1, q).T @ again
                    second[h, j] += made
                    if h != j:
                        second[j, h] += made.T
        return Pieces(traces=traces, weight_traces=weight_traces, first=first, second=second)

    def curvature(self, point: ComponentPoint, pieces: Pieces) -> Curvature:
        """The pieces as information of the parameters needs them."""
        p, u = self.data.p, point.to_residual
        return Curvature(
            P=pieces.first[:, :p, :p],
            v=np.asarray(pieces.first[:, :p] @ u),
            weight_traces=pieces.weight_traces,
            cross_traces=np.tensordot(pieces.second[:, :, :p, :p], point.phi, 2),
            quadratic=np.asarray((pieces.second @ u) @ u),
            phi_root=point.phi_root,
            reml=self.reml,
        )

    def slope_and_curvature(self, point: ComponentPoint) -> tuple[Floats, Curvature]:
        """Slope of −2ℓ and the information, from the same pieces."""
        pieces = self.pieces(point)
        slope = self._slope(point, pieces.traces, pieces.first)
        return slope, self.curvature(point, pieces)

    def smallest(self, point: ComponentPoint) -> float:
        """Smallest eigenvalue of any block, in residual variances by least squares."""
        found = float((self.data.loadings @ point.theta).min(initial=np.inf))
        for inverse in point.inverses:
            found = min(found, 1 / float(np.linalg.eigvalsh(inverse)[:, -1].max()))
        return found
