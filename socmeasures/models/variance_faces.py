"""Where the variances of a mixed model may lie, and the edges of that space.

No variance is negative and the covariance of random intercept and slope is positive semidefinite;
a face is the part of the space where some of them are 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """Which variances are free; the others are 0.

    Attributes
    ----------
    components : tuple of bool
        One a component; the innermost is False where it has a slope.
    rank : int or None
        Of the covariance of random intercept and slope: 2, 1 or 0. None without a slope.
    residuals : int
        How many residual variances; always free.
    """

    components: tuple[bool, ...]
    rank: int | None
    residuals: int

    @property
    def size(self) -> int:
        """How many parameters the likelihood has."""
        return len(self.components) + (0 if self.rank is None else 2) + self.residuals

    @property
    def intercepts(self) -> int:
        """Components that have a random intercept only."""
        return len(self.components) - (0 if self.rank is None else 1)

    @property
    def free(self) -> NDArray[np.intp]:
        """Places of the parameters that move along a line."""
        last = len(self.components) - 1
        mask = [*self.components]
        if self.rank is not None:
            mask[last] = self.rank == 2
            mask += [self.rank == 2] * 2
        return np.flatnonzero([*mask, *[True] * self.residuals])

    @property
    def slope_places(self) -> slice:
        """Where the covariance of intercept and slope stands (11, 12, 22)."""
        last = len(self.components) - 1
        return slice(last, last + 3)

    def theta(self, x: Floats) -> Floats:
        """The parameters of the likelihood."""
        found = np.zeros(self.size)
        free = self.free
        found[free] = x[: len(free)]
        if self.rank == 1:
            a, b = x[len(free) :]
            found[self.slope_places] = a * a, a * b, b * b
        return found

    def start(self, theta: Floats) -> Floats:
        """The free parameters that come nearest."""
        x = theta[self.free]
        if self.rank == 1:
            one, both, two = theta[self.slope_places]
            values, vectors = np.linalg.eigh([[one, both], [both, two]])
            x = np.append(x, np.sqrt(max(values[1], 0.0)) * vectors[:, 1])
        return np.asarray(x)

    def tangent(self, x: Floats) -> Floats:
        """Derivative of `theta`, shape (parameters, free)."""
        free = self.free
        found = np.zeros((self.size, len(x)))
        found[free, np.arange(len(free))] = 1.0
        if self.rank == 1:
            a, b = x[len(free) :]
            found[self.slope_places, len(free) :] = [[2 * a, 0], [b, a], [0, 2 * b]]
        return found

    def bend(self, x: Floats, slope: Floats) -> Floats:
        """Σ_h slope_h times the second derivative of θ_h."""
        found = np.zeros((len(x), len(x)))
        if self.rank == 1:
            one, both, two = slope[self.slope_places]
            found[-2:, -2:] = [[2 * one, both], [both, 2 * two]]
        return found


def is_allowed(theta: Floats, face: Face) -> bool:
    """No negative variance, a positive-semidefinite covariance of intercept and slope."""
    simple = face.intercepts
    if (theta[:simple] < 0).any():
        return False
    if face.rank is None:
        return True
    one, both, two = theta[simple : simple + 3]
    return bool(one >= 0 and two >= 0 and one * two - both * both >= -1e-14 * one * two)


def nearest_allowed(theta: Floats, full: Face) -> Floats:
    """Negative variances, and negative eigenvalues of intercept and slope, become 0."""
    found = theta.copy()
    simple = full.intercepts
    found[:simple] = np.maximum(found[:simple], 0.0)
    if full.rank is not None:
        one, both, two = found[full.slope_places]
        values, vectors = np.linalg.eigh([[one, both], [both, two]])
        G = (vectors * np.maximum(values, 0.0)) @ vectors.T
        found[full.slope_places] = G[0, 0], G[0, 1], G[1, 1]
    return found
