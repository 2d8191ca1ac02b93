"""Sandwich covariance of a marginal model over people: CR0, CR2, CR3, with Bell–McCaffrey df.

After multiplying by a root of the inverse covariance the working model has uncorrelated errors of
variance 1; a person's residuals are then inflated by (I − H)^(−1/2) for CR2 and (I − H)⁻¹ for CR3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from socmeasures.models.marginal_likelihood import Point
from socmeasures.models.repeated_data import Arranged

Floats = NDArray[np.float64]
POWERS = {"CR0": 0.0, "CR2": -0.5, "CR3": -1.0}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PersonSandwich:
    """A sandwich covariance, and what its degrees of freedom need.

    Attributes
    ----------
    covariance : array, shape (p, p)
        Of the coordinates.
    inflated : array, shape (people, waves, p)
        A_i X̃_i, with A_i the inflation of person i.
    design : array, shape (people, waves, p)
        X̃_i.
    phi : array, shape (p, p)
        Model covariance of the coordinates.
    """

    covariance: Floats
    inflated: Floats
    design: Floats
    phi: Floats

    def df(self, w: Floats) -> float:
        """Bell & McCaffrey's degrees of freedom: (Σλ)²/Σλ² of the variance estimator."""
        u = self.inflated @ (self.phi @ w)
        q = np.einsum("itp,it->ip", self.design, u)
        own = np.einsum("it,it->i", u, u)
        reach = np.einsum("ip,pq,iq->i", q, self.phi, q)
        cross = self.phi @ (q.T @ q)
        squares = float(own @ own - 2 * own @ reach + np.trace(cross @ cross))
        return float((own - reach).sum() ** 2) / squares


def person_sandwich(data: Arranged, point: Point, kind: str) -> PersonSandwich:
    """The sandwich of a fit; `data` must hold every person (not the root of many)."""
    p = data.p
    present = data.present[data.pattern_of_row]
    both = present[:, :, None] & present[:, None, :]
    padded = np.where(both, point.sigma[data.group[data.pattern_of_row]], 0.0)
    padded += (~present)[:, :, None] * np.eye(data.waves)
    lower = np.linalg.cholesky(np.linalg.inv(padded))
    rooted = lower.transpose(0, 2, 1) @ data.rows
    X = rooted[:, :, :p]
    residual = rooted[:, :, p] - X @ point.coordinates
    leverage = X @ point.phi @ X.transpose(0, 2, 1)
    values, vectors = np.linalg.eigh(np.eye(data.waves) - leverage)
    power = np.where(values > 1e-10, np.maximum(values, 1e-10) ** POWERS[kind], 0.0)
    inflate = (vectors * power[:, None, :]) @ vectors.transpose(0, 2, 1)
    inflated = inflate @ X
    scores = np.einsum("itp,it->ip", inflated, residual)
    meat = scores.T @ scores
    return PersonSandwich(
        covariance=np.asarray(point.phi @ meat @ point.phi),
        inflated=inflated,
        design=X,
        phi=point.phi,
    )
